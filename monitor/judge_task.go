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

// Kinds of which more than one place speaks.
const (
	kindStalled  = "stalled"
	kindGPUError = "gpu_error"
)

// taskState is what the judge remembers of an attempt.
type taskState struct {
	life    time.Time     // the last sign of life that was seen
	quiet   time.Duration // since then, as far as somebody looked
	age     time.Duration // likewise, since its start
	looked  time.Time
	warned  int // steps of the ladder
	stopped bool
	long    bool
	leak    leak
	on      map[string]bool // the GPUs whose memory it was seen to hold
}

func taskSubject(task int64) string { return "task/" + strconv.FormatInt(task, 10) }

func taskOf(subject string) (int64, bool) {
	text, ok := strings.CutPrefix(subject, "task/")
	n, err := strconv.ParseInt(text, 10, 64)
	return n, ok && err == nil
}

// round tells the runs of a task apart that a person asked for. Attempts of one
// round are the same task going on: what was told of one need not be told again
// of the next. budget is the last attempt that may start by itself.
func round(budget int) string { return strconv.Itoa(budget) }

// about fills in what a finding says of its task.
func about(t Job, kind string, level notify.Priority, what Words) Finding {
	return Finding{
		Kind: kind, Subject: taskSubject(t.Task), Content: round(t.Attempts), Level: level, What: what, Ticket: t.Ticket, Task: t.Task,
		Name: t.Name, Attempt: t.Attempt, Attempts: t.Attempts, Item: t.Done, Items: t.Total,
	}
}

// begin is the state of an attempt that is seen for the first time.
func (j *judge) begin(s Sample, t TaskSample) *taskState {
	st := &taskState{life: sign(t.Job), looked: s.At, age: max(s.At.Sub(t.Started), 0), on: map[string]bool{}}
	if !t.Held {
		// What passed while nobody watched counts, for the job was silent then,
		// too. But the clock may have been set meanwhile: nothing is stopped for
		// time that nobody has seen pass.
		_, alert, _ := j.ladder(t.Job)
		st.quiet = min(max(s.At.Sub(st.life), 0), alert)
	}
	subject := taskSubject(t.Task)
	if st.warned = rung(j.climbed[subject]); t.Stalled {
		st.warned = max(st.warned, 1)
	}
	delete(j.climbed, subject)
	return st
}

func (j *judge) task(r *ruling, s Sample, t TaskSample) {
	a := attempt{t.Task, t.Attempt}
	st := j.tasks[a]
	if st == nil {
		st = j.begin(s, t)
		j.tasks[a] = st
	}
	step := min(max(s.At.Sub(st.looked), 0), j.step())
	st.looked = s.At
	j.silence(r, t, st, step)
	if t.Held {
		return
	}
	st.age += step
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

	// A task with a limit of its own is ended by the runner at that limit.
	if j.set.Timeout > 0 && t.Timeout == 0 && !st.long && st.age >= j.set.Timeout {
		st.long = true
		f := about(t.Job, "long", notify.Normal, say("monitor.long", "limit", span(j.set.Timeout)))
		f.Since, f.ToDo = t.Started, say("monitor.long.todo", "task", t.Task)
		r.found = append(r.found, f)
	}
	if !st.leak.see(j.set.Interval, st.age, step, t.Memory) || j.set.MemoryGrowth == 0 {
		return
	}
	if grown, over := st.leak.growth(); grown >= j.set.MemoryGrowth {
		f := about(t.Job, "leak", notify.Normal, say("monitor.leak", "bytes", size(grown), "span", span(over)))
		f.Since, f.ToDo = s.At.Add(-over), say("monitor.leak.todo")
		r.found = append(r.found, f)
	}
}

// sign is the last sign of life of a job; its start is the first.
func sign(t Job) time.Time {
	if t.Life.IsZero() {
		return t.Started
	}
	return t.Life
}

// rung is how many steps of the ladder were told at a level.
func rung(level notify.Priority) int { return max(int(level-notify.Low), 0) }

// silence is the ladder: a warning, a second one, then the attempt is stopped
// and goes on from where it was. Each step counts from the last sign of life.
func (j *judge) silence(r *ruling, t TaskSample, st *taskState, step time.Duration) {
	warn, alert, kill := j.ladder(t.Job)
	// Another sign is a sign, whatever its date: a clock can be set back.
	life := sign(t.Job)
	if moved := !life.Equal(st.life); moved || st.warned > 0 && st.quiet < warn {
		if moved {
			st.life, st.quiet = life, 0
		}
		if st.warned > 0 {
			st.warned = 0
			r.over = append(r.over, key{taskSubject(t.Task), kindStalled})
			j.mark(r, t, false)
		}
		return
	}
	if t.Held || st.stopped {
		return
	}
	st.quiet += step
	finding := func(level notify.Priority, done Words) Finding {
		f := about(t.Job, kindStalled, level, say("monitor.stalled", "span", span(st.quiet)))
		f.Since, f.Done = st.life, done
		return f
	}
	switch {
	case st.quiet >= kill:
		st.stopped, st.warned = true, 3
		r.stop = append(r.stop, stopping{t.Job, Cause{
			Reason: fault.New(fault.Failed, "monitor.stalled", "span", span(st.quiet)), Since: st.life,
		}})
	case st.quiet >= alert && st.warned < 2:
		st.warned = 2
		r.found = append(r.found, finding(notify.High, say("monitor.stalled.soon", "span", span(kill-st.quiet))))
		j.mark(r, t, true)
	case st.quiet >= warn && st.warned < 1:
		st.warned = 1
		r.found = append(r.found, finding(notify.Normal, Words{}))
		j.mark(r, t, true)
	}
}

// mark has the state of a task say what is so.
func (j *judge) mark(r *ruling, t TaskSample, on bool) {
	if t.Stalled != on {
		r.stall = append(r.stall, stalling{t.Task, on})
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
