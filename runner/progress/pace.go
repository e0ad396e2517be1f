package progress

import (
	"cmp"
	"slices"
	"time"
)

// window is how many of the last items the estimate rests on.
const window = 20

// jitter is how far back a count may step without having begun anew: workers
// that run at the same time do not report in order.
const jitter = 64

// pace is how fast something gets on, by the caller's clock. The first step
// that is seen is left out: it holds the loading of the model, or began before
// anybody looked. Steps that are seen at the same time are one.
type pace struct {
	Begun  bool      `json:"begun"` // something was seen
	Peak   float64   `json:"peak"`
	Since  time.Time `json:"since"` // when the peak was seen first
	Warm   bool      `json:"warm"`  // the first step is over
	Open   bool      `json:"open"`  // the last step ended at Since and may still grow
	Steps  []step    `json:"steps,omitempty"`
	Origin float64   `json:"origin"` // what was seen first
}

// step is a rise by so many units, and how long it took.
type step struct {
	Units float64       `json:"units"`
	Took  time.Duration `json:"took"`
}

// reach notes that something is at n. It tells whether that is further than
// ever, or a new beginning.
func (p *pace) reach(at time.Time, n float64) bool {
	switch {
	case !p.Begun:
		*p = pace{Begun: true, Peak: n, Since: at, Origin: n}
		return n > 0
	case n < p.Peak/2 || n < p.Peak-jitter:
		*p = pace{Begun: true, Peak: n, Since: at, Origin: n}
		return true
	case n <= p.Peak:
		return false
	}
	units, took := n-p.Peak, at.Sub(p.Since)
	p.Peak, p.Since = n, at
	switch {
	case took == 0 && p.Open:
		p.Steps[len(p.Steps)-1].Units += units
	case took == 0: // more of the first step, or of one that is not counted
	case !p.Warm || took < 0: // the clock was put back: nobody knows how long it took
		p.Warm, p.Open = true, false
	default:
		p.Steps = append(p.Steps, step{units, took})
		p.Steps = slices.Delete(p.Steps, 0, max(0, len(p.Steps)-window))
		p.Open = true
	}
	return true
}

// median is how many seconds one unit takes: of the last units as many as the
// window holds.
func (p *pace) median() (each float64, ok bool) {
	type weighed struct{ each, weight float64 }
	var all []weighed
	room := float64(window)
	for _, s := range slices.Backward(p.Steps) {
		if room <= 0 {
			break
		}
		weight := min(s.Units, room)
		room -= weight
		all = append(all, weighed{s.Took.Seconds() / s.Units, weight})
	}
	slices.SortFunc(all, func(a, b weighed) int { return cmp.Compare(a.each, b.each) })
	half, sum := (window-room)/2, 0.0
	for i, w := range all {
		sum += w.weight
		switch {
		case sum == half && i+1 < len(all):
			return (w.each + all[i+1].each) / 2, true
		case sum >= half || i+1 == len(all):
			return w.each, true
		}
	}
	return 0, false
}

// slope is how many seconds one unit takes on the whole. Percentages are
// rounded, so that single steps of them tell little.
func (p *pace) slope() (each float64, ok bool) {
	var units, took float64
	for _, s := range p.Steps {
		units += s.Units
		took += s.Took.Seconds()
	}
	if units <= 0 {
		return 0, false
	}
	return took / units, true
}

// left is how many seconds so many more units take, counted from now: the time
// that has gone into the next step already is taken off. It is 0 when nothing
// is left and above 0 otherwise.
func (p *pace) left(now time.Time, units, each float64) float64 {
	if units <= 0 {
		return 0
	}
	each = max(each, time.Nanosecond.Seconds())
	step := each
	if len(p.Steps) > 0 {
		step *= p.Steps[len(p.Steps)-1].Units
	}
	spent := min(max(now.Sub(p.Since).Seconds(), 0), step)
	return max(units*each-spent, min(each, 1))
}
