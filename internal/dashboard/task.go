package dashboard

import (
	"context"
	"fmt"
	"strings"

	"uratori/internal/control"
)

// taskView is a task as a page shows it.
type taskView struct {
	control.Task
	Runs    []control.Attempt
	RunsErr error
	Here    bool     // the page is of this task alone
	Glimpse *glimpse // of one that has begun; nil: not looked at
	door
}

// viewTasks adds the attempts of each task. Those of one that has not moved
// since the last look are not asked for again.
func viewTasks(ctx context.Context, d Daemon, tasks []control.Task, before []taskView, door door) []taskView {
	known := make(map[int64]taskView, len(before))
	for _, t := range before {
		known[t.Task.Task] = t
	}
	list := make([]taskView, 0, len(tasks))
	for i, t := range tasks {
		one := taskView{Task: t, door: door}
		if old, ok := known[t.Task]; ok && old.RunsErr == nil && old.Attempt == t.Attempt && old.State == t.State && !one.Active() {
			one.Runs = old.Runs
		} else if t.Attempt > 0 {
			detail, err := d.Task(ctx, t.Task)
			one.Runs, one.RunsErr = detail.Runs, err
		}
		one.glimpse(ctx, d, known[t.Task], i < glimpsed)
		list = append(list, one)
	}
	return list
}

// glimpsed are the newest tasks of a ticket whose logs and outputs are shown a
// little of, beside those that run.
const glimpsed = 3

// glimpse looks at what the task prints and makes. Of one that has not moved it
// is what was seen before.
func (t *taskView) glimpse(ctx context.Context, d Daemon, before taskView, newest bool) {
	switch {
	case t.Attempt == 0 || !newest && !t.Active():
	case before.Glimpse != nil && !t.Active() && before.Attempt == t.Attempt && before.State == t.State:
		t.Glimpse = before.Glimpse
	default:
		t.Glimpse = glimpseOf(ctx, d, t.Task.Task)
	}
}

// Active tells whether an attempt is at work.
func (t taskView) Active() bool {
	return t.State == "running" || t.State == "starting" || t.State == "stalled"
}

// Killable tells whether there is something to end.
func (t taskView) Killable() bool { return t.Active() || t.State == "queued" }

// Retryable tells whether it has ended and may be queued once more.
func (t taskView) Retryable() bool {
	return t.State == "failed" || t.State == "killed" || t.State == "succeeded"
}

// Bar is how full the bar is, out of 100; below 0 where nobody knows.
func (t taskView) Bar() float64 {
	p := t.Progress
	switch {
	case p == nil:
		return -1
	case p.Total > 0:
		return min(100*float64(p.Done)/float64(p.Total), 100)
	case p.Percent != nil:
		return min(max(*p.Percent, 0), 100)
	}
	return -1
}

// Far is how far it is: "17 / 30".
func (t taskView) Far() string {
	p := t.Progress
	switch {
	case p == nil:
		return ""
	case p.Total > 0:
		return fmt.Sprintf("%d / %d", p.Done, p.Total)
	case p.Percent != nil:
		return fmt.Sprintf("%.0f %%", *p.Percent)
	case p.Done > 0:
		return fmt.Sprint(p.Done)
	}
	return ""
}

// Line is the command as people read it; it cannot be pasted into a shell.
func (t taskView) Line() string { return strings.Join(t.Command, " ") }

// Path is where its ticket is shown.
func (t taskView) Path() string { return ticketPath(t.Ticket) }
