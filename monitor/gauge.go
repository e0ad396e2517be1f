package monitor

import (
	"time"

	"uratori/monitor/notify"
)

// gauge is one value held against a limit: it must be over for a time before
// it counts, and under an easier limit for a time before it is over. The zero
// gauge is ready.
//
// Time is what somebody looked at: a machine that slept and a clock that was
// set have not shown anything.
type gauge struct {
	open  bool
	level notify.Priority // that it was found with; what is open can rise
	last  time.Time       // of the last look
	turn  bool            // the state that does not count yet was there at the last look
	run   time.Duration   // for so long it has been
	since time.Duration   // since it was found last, as far as somebody looked
	began time.Time       // of the look from which on it is bad; zero where nobody of this daemon saw that
}

// verdict is what one look changes.
type verdict int

const (
	nothing verdict = iota
	opens
	rises // to a higher level
	lasts // it is still there, which is noted now and then
	closes
)

// limits are the times of a rule.
type limits struct {
	hold, rest time.Duration // how long it must be bad, and good
	most       time.Duration // what one look can stand for
	note       time.Duration // how often it is noted that it lasts
}

// see takes in a look. bad and good are the two limits; between them nothing
// changes.
func (g *gauge) see(now time.Time, bad, good bool, level notify.Priority, l limits) verdict {
	step := time.Duration(0)
	if !g.last.IsZero() {
		step = min(max(now.Sub(g.last), 0), l.most)
	}
	g.last = now
	g.since += step
	turns := bad && !g.open || good && g.open
	switch {
	case bad && !g.open && !g.turn, g.began.After(now): // or the clock was set back
		g.began = now
	case !bad && !g.open:
		g.began = time.Time{}
	}
	if turns && g.turn {
		g.run += step
	} else {
		g.run = 0
	}
	g.turn = turns
	wait := l.hold
	if g.open {
		wait = l.rest
	}
	switch {
	case turns && g.run >= wait:
		g.open = !g.open
		g.turn, g.run = false, 0
		if !g.open {
			g.level = 0
			return closes
		}
		g.level, g.since = level, 0
		return opens
	case !g.open || !bad:
		return nothing
	case level > g.level:
		g.level, g.since = level, 0
		return rises
	case g.since >= l.note:
		g.since = 0
		return lasts
	}
	return nothing
}
