package monitor

import (
	"strconv"
	"strings"
	"time"

	"uratori/internal/fault"
	"uratori/monitor/notify"
)

// For how many looks each must hold, and hold off: short spells of all of these
// are how healthy programs work. A look is taken every 5 seconds by default.
const (
	busyHold   = 60 // 5 minutes
	zombieHold = 12 // 1 minute
	stuckHold  = 24 // 2 minutes
	quietRest  = 12
)

// taskState is what the judge remembers of an attempt.
type taskState struct {
	life    time.Time     // the last sign of life that was seen
	quiet   time.Duration // since then, as far as somebody looked
	looked  time.Time
	warned  int // steps of the ladder
	stopped bool
	long    bool
	leak    leak
}

func taskSubject(task int64) string { return "task/" + strconv.FormatInt(task, 10) }

func taskOf(subject string) (int64, bool) {
	text, ok := strings.CutPrefix(subject, "task/")
	n, err := strconv.ParseInt(text, 10, 64)
	return n, ok && err == nil
}

// about fills in what a finding says of its task.
func about(t Job, kind string, level notify.Priority, what Words) Finding {
	return Finding{
		Kind: kind, Subject: taskSubject(t.Task), Content: strconv.Itoa(t.Attempt), Level: level, What: what, Ticket: t.Ticket, Task: t.Task,
		Name: t.Name, Attempt: t.Attempt, Attempts: t.Attempts, Item: t.Done, Items: t.Total,
	}
}

func (j *judge) task(r *ruling, s Sample, t TaskSample) {
	a := attempt{t.Task, t.Attempt}
	st := j.tasks[a]
	if st == nil {
		st = &taskState{life: t.Started, looked: s.At}
		if last := latest(t.Life, t.Started); !t.Held {
			// What passed while nobody watched counts: the job was silent
			// then, too.
			st.life, st.quiet = last, max(s.At.Sub(last), 0)
		}
		j.tasks[a] = st
	}
	j.silence(r, s, t, st)
	if t.Held {
		return
	}
	share := t.CPU / float64(max(s.Machine.Processors, 1))
	const easier = 10 // percent below the limit it is over
	limit := float64(j.set.CPU)
	if t.CPU >= 0 {
		j.watch(r, s.At, share >= limit, share < limit-easier, busyHold, quietRest,
			about(t.Job, "cpu_busy", notify.Low, say("monitor.cpu_busy", "percent", j.set.CPU)))
	}
	j.watch(r, s.At, t.Zombies > 0, t.Zombies == 0, zombieHold, quietRest, about(t.Job, "zombies", notify.Low, say("monitor.zombies", "count", t.Zombies)))
	f := about(t.Job, "stuck", notify.High, say("monitor.stuck", "count", t.Stuck))
	f.ToDo = say("monitor.stuck.todo")
	j.watch(r, s.At, t.Stuck > 0, t.Stuck == 0, stuckHold, quietRest, f)

	if j.set.Timeout > 0 && !st.long && s.At.Sub(t.Started) >= j.set.Timeout {
		st.long = true
		f := about(t.Job, "long", notify.Normal, say("monitor.long", "limit", span(j.set.Timeout)))
		f.Since, f.ToDo = t.Started, say("monitor.long.todo", "task", t.Task)
		r.found = append(r.found, f)
	}
	st.leak.see(j.set.Interval, t.Started, s.At, t.Memory)
	if grown, over := st.leak.growth(); j.set.MemoryGrowth > 0 && grown >= j.set.MemoryGrowth {
		f := about(t.Job, "leak", notify.Normal, say("monitor.leak", "bytes", size(grown), "span", span(over)))
		f.ToDo = say("monitor.leak.todo")
		r.found = append(r.found, f)
	}
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// silence is the ladder: a warning, a second one, then the attempt is stopped
// and goes on from where it was. Each step counts from the last sign of life.
func (j *judge) silence(r *ruling, s Sample, t TaskSample, st *taskState) {
	step := min(max(s.At.Sub(st.looked), 0), j.step())
	st.looked = s.At
	if life := latest(t.Life, t.Started); life.After(st.life) {
		st.life, st.quiet = life, 0
		if st.warned > 0 {
			st.warned = 0
			r.over = append(r.over, key{taskSubject(t.Task), "stalled"})
			r.stall = append(r.stall, stalling{t.Task, false})
		}
		return
	}
	if t.Held || st.stopped {
		return
	}
	st.quiet += step
	warn, alert, kill := j.ladder(t.Job)
	finding := func(level notify.Priority, done Words) Finding {
		f := about(t.Job, "stalled", level, say("monitor.stalled", "span", span(st.quiet)))
		f.Since, f.Done = st.life, done
		return f
	}
	switch {
	case st.quiet >= kill:
		st.stopped, st.warned = true, 3
		r.stop = append(r.stop, stopping{
			job: t.Job, finding: finding(notify.Critical, Words{}),
			cause: Cause{Reason: fault.New(fault.Failed, "monitor.stalled", "span", span(st.quiet))},
		})
	case st.quiet >= alert && st.warned < 2:
		st.warned = 2
		r.found = append(r.found, finding(notify.High, say("monitor.stalled.soon", "span", span(kill-st.quiet))))
	case st.quiet >= warn && st.warned < 1:
		st.warned = 1
		r.found = append(r.found, finding(notify.Normal, Words{}))
		r.stall = append(r.stall, stalling{t.Task, true})
	}
}

// ladder is the steps of one task: one that sets the last of them for itself
// has the others in proportion.
func (j *judge) ladder(t Job) (warn, alert, kill time.Duration) {
	warn, alert, kill = j.set.StallWarn, j.set.StallAlert, j.set.StallKill
	if t.StallKill > 0 && kill > 0 {
		scale := float64(t.StallKill) / float64(kill)
		warn, alert, kill = time.Duration(float64(warn)*scale), time.Duration(float64(alert)*scale), t.StallKill
	}
	return warn, alert, kill
}
