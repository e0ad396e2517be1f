package monitor

import (
	"time"

	"uratori/monitor/notify"
)

// judge holds samples against the rules. It decides, and does nothing. Not for
// concurrent use.
//
// What it thinks is open is what the store says is open: [judge.restore] tells
// it at the start, and again after a decision that could not be stored.
type judge struct {
	set      Settings
	gauges   map[key]*gauge
	tasks    map[attempt]*taskState
	subjects map[string]int             // tasks of which something may be open: for so many looks they have not run
	climbed  map[string]notify.Priority // the open ladders of an earlier daemon, by task
	cards    map[string]*card           // by UUID
}

// key names an incident that may be open.
type key struct{ subject, kind string }

// ruling is what a sample leads to.
type ruling struct {
	found []Finding
	lasts []key // it is still there
	over  []key
	gone  []string // tasks that do not run: whatever was seen of them is over
	stall []stalling
	stop  []stopping
}

// stalling moves a task to stalled, or back.
type stalling struct {
	task int64
	on   bool
}

// stopping ends an attempt by force. That it is ended, and why, is told by
// whoever reads the ledger: there it stands before anything is done.
type stopping struct {
	job   Job
	cause Cause
}

func newJudge(s Settings) *judge {
	j := &judge{set: s, tasks: map[attempt]*taskState{}, cards: map[string]*card{}}
	j.restore(nil)
	return j
}

// restore has it judge from what is open.
func (j *judge) restore(open map[key]notify.Priority) {
	j.gauges, j.subjects, j.climbed = map[key]*gauge{}, map[string]int{}, map[string]notify.Priority{}
	for k, level := range open {
		if _, task := taskOf(k.subject); task {
			j.subjects[k.subject] = 0
			if k.kind == kindStalled {
				j.climbed[k.subject] = level
			}
		}
		j.gauges[k] = &gauge{open: true, level: level}
	}
	for a, st := range j.tasks {
		subject := taskSubject(a.task)
		j.subjects[subject] = 0
		st.warned = rung(j.climbed[subject])
		st.long = false
	}
}

// goneAfter is for how many looks a task must not run before what was seen of
// it is over. A daemon that has just started takes tasks up one by one.
const goneAfter = 3

// look judges one sample.
func (j *judge) look(s Sample) ruling {
	var r ruling
	alive := map[attempt]bool{}
	for _, t := range s.Tasks {
		alive[attempt{t.Task, t.Attempt}] = true
		j.subjects[taskSubject(t.Task)] = 0
	}
	for a := range j.tasks {
		if !alive[a] {
			delete(j.tasks, a)
			j.drop(taskSubject(a.task)) // with its attempt they were over
		}
	}
	runs := map[string]bool{}
	for _, t := range s.Tasks {
		runs[taskSubject(t.Task)] = true
		j.task(&r, s, t)
	}
	for subject := range j.subjects {
		if runs[subject] {
			continue
		}
		if j.subjects[subject]++; j.subjects[subject] < goneAfter {
			continue
		}
		delete(j.subjects, subject)
		delete(j.climbed, subject)
		j.drop(subject)
		r.gone = append(r.gone, subject)
	}
	j.machine(&r, s)
	j.gpus(&r, s)
	j.logs(&r, s)
	j.own(&r, s)
	return r
}

// drop forgets the gauges of a task.
func (j *judge) drop(subject string) {
	for k := range j.gauges {
		if k.subject == subject {
			delete(j.gauges, k)
		}
	}
}

// step is how much time one look may stand for.
func (j *judge) step() time.Duration { return 3 * j.set.Interval }

// looks is the time that so many looks span.
func (j *judge) looks(n int) time.Duration { return time.Duration(n) * j.set.Interval }

// noteEvery is how often it is noted that something lasts, in looks: a minute.
const noteEvery = 12

// watch is a rule with two limits for one subject.
func (j *judge) watch(r *ruling, at time.Time, bad, good bool, hold, rest int, f Finding) {
	k := key{f.Subject, f.Kind}
	g := j.gauges[k]
	if g == nil {
		g = &gauge{}
		j.gauges[k] = g
	}
	switch g.see(at, bad, good, f.Level, limits{hold: j.looks(hold), rest: j.looks(rest), most: j.step(), note: j.looks(noteEvery)}) {
	case opens, rises:
		if f.Since.IsZero() {
			f.Since = g.began
		}
		r.found = append(r.found, f)
	case lasts:
		r.lasts = append(r.lasts, k)
	case closes:
		r.over = append(r.over, k)
	case nothing:
	}
}
