package monitor

import "time"

// gauge is one value held against a limit: it must be over for a time before
// it counts, and under an easier limit for a time before it is over. The zero
// gauge is ready.
type gauge struct {
	open  bool
	since time.Time // of the state that does not count yet; zero for none
	last  time.Time // of the last look
	run   time.Duration
}

// verdict is what one look changes.
type verdict int

const (
	nothing verdict = iota
	opens
	closes
)

// see takes in a look. bad and good are the two limits; between them nothing
// changes. Time in which nobody looked does not count: most bounds what one
// look can add.
func (g *gauge) see(now time.Time, bad, good bool, hold, rest, most time.Duration) verdict {
	step := min(max(now.Sub(g.last), 0), most)
	if g.last.IsZero() {
		step = 0
	}
	g.last = now
	moving := bad && !g.open || good && g.open
	if !moving {
		g.since, g.run = time.Time{}, 0
		return nothing
	}
	if g.since.IsZero() {
		g.since, g.run = now, 0
	} else {
		g.run += step
	}
	wait := hold
	if g.open {
		wait = rest
	}
	if g.run < wait {
		return nothing
	}
	g.open = !g.open
	g.since, g.run = time.Time{}, 0
	if g.open {
		return opens
	}
	return closes
}
