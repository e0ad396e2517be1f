package monitor

import (
	"time"
)

// judge holds samples against the rules. It decides, and does nothing. Not for
// concurrent use.
type judge struct {
	set    Settings
	gauges map[key]*gauge
	tasks  map[attempt]*taskState
	ecc    map[string]uint64 // uncorrected errors of a GPU at the look before
	last   time.Time
}

// key names an incident that may be open.
type key struct{ subject, kind string }

// ruling is what a sample leads to.
type ruling struct {
	found []Finding
	over  []key
	stall []stalling
	stop  []stopping
}

// stalling moves a task to stalled, or back.
type stalling struct {
	task int64
	on   bool
}

// stopping ends an attempt by force. finding is told once it is known what
// became of it.
type stopping struct {
	job     Job
	cause   Cause
	finding Finding
}

func newJudge(s Settings) *judge {
	return &judge{set: s, gauges: map[key]*gauge{}, tasks: map[attempt]*taskState{}, ecc: map[string]uint64{}}
}

// look judges one sample.
func (j *judge) look(s Sample) ruling {
	var r ruling
	alive := map[attempt]bool{}
	for _, t := range s.Tasks {
		alive[attempt{t.Task, t.Attempt}] = true
		j.task(&r, s, t)
	}
	for a := range j.tasks {
		if !alive[a] {
			delete(j.tasks, a) // its incidents end with the task's own entry
		}
	}
	for k := range j.gauges {
		if task, ok := taskOf(k.subject); ok && !runs(s, task) {
			delete(j.gauges, k)
		}
	}
	j.machine(&r, s)
	j.gpus(&r, s)
	j.logs(&r, s)
	j.own(&r, s)
	j.last = s.At
	return r
}

func runs(s Sample, task int64) bool {
	for _, t := range s.Tasks {
		if t.Task == task {
			return true
		}
	}
	return false
}

// step is how much time one look may stand for. A machine that slept, or a
// clock that was set, has not watched anything in between.
func (j *judge) step() time.Duration { return 3 * j.set.Interval }

// looks is the time that so many looks span.
func (j *judge) looks(n int) time.Duration { return time.Duration(n) * j.set.Interval }

// watch is a rule with two limits for one subject.
func (j *judge) watch(r *ruling, at time.Time, bad, good bool, hold, rest int, f Finding) {
	k := key{f.Subject, f.Kind}
	g := j.gauges[k]
	if g == nil {
		g = &gauge{}
		j.gauges[k] = g
	}
	switch g.see(at, bad, good, j.looks(hold), j.looks(rest), j.step()) {
	case opens:
		r.found = append(r.found, f)
	case closes:
		r.over = append(r.over, k)
	case nothing:
		if g.open && bad {
			r.found = append(r.found, f) // counted, and told only when it got worse
		}
	}
}
