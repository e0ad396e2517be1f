package tasks

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/runner"
)

const (
	// shown is how many tasks of a kind the status tells.
	shown = 20
	// mostWait bounds a request that waits for a task.
	mostWait = 10 * time.Minute
	// statusLimit keeps a status from waiting for a busy disk.
	statusLimit = 5 * time.Second
)

func (d *desk) list(r *http.Request) (any, error) {
	q := r.URL.Query()
	id, err := number(q.Get("task"))
	if err != nil {
		return nil, err
	}
	before, err := number(q.Get("before"))
	if err != nil {
		return nil, err
	}
	limit, err := number(q.Get("limit"))
	if err != nil {
		return nil, err
	}
	page := control.TaskPage{Tasks: []control.Task{}, Dashboard: d.link(q.Get("ticket"))}
	var tasks []runner.Task
	if id > 0 {
		t, err := d.runner.Task(r.Context(), id)
		if err != nil {
			return nil, err
		}
		tasks = []runner.Task{t}
	} else {
		tasks, err = d.runner.List(r.Context(), runner.Query{Ticket: q.Get("ticket"), State: runner.State(q.Get("state")), Before: before, Limit: int(limit)})
		if err != nil {
			return nil, err
		}
		if len(tasks) == cmp.Or(int(limit), runner.UsualPage) {
			page.Next = tasks[len(tasks)-1].ID
		}
	}
	for _, t := range tasks {
		seen, err := d.sight(r.Context(), t)
		if err != nil {
			return nil, err
		}
		page.Tasks = append(page.Tasks, seen)
	}
	o, err := d.runner.Overview(r.Context(), 0)
	page.Queue = queueOf(o)
	return page, err
}

func number(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, fault.New(fault.Invalid, "daemon.bad_request").Wrap(err)
	}
	return n, nil
}

func (d *desk) show(r *http.Request) (any, error) {
	t, err := d.named(r)
	if err != nil {
		return nil, err
	}
	seen, err := d.sight(r.Context(), t)
	if err != nil {
		return nil, err
	}
	answer := control.TaskDetail{Task: seen, Runs: []control.Attempt{}}
	attempts, err := d.runner.Attempts(r.Context(), t.ID)
	for _, a := range attempts {
		answer.Runs = append(answer.Runs, attemptOf(a))
	}
	return answer, err
}

func (d *desk) named(r *http.Request) (runner.Task, error) {
	id, err := number(r.URL.Query().Get("task"))
	if err != nil {
		return runner.Task{}, err
	}
	return d.runner.Task(r.Context(), id)
}

func (d *desk) wait(r *http.Request) (any, error) {
	t, err := d.named(r)
	if err != nil {
		return nil, err
	}
	ms, err := number(r.URL.Query().Get("ms"))
	if err != nil {
		return nil, err
	}
	if ms < 0 || ms > mostWait.Milliseconds() {
		return nil, fault.New(fault.Invalid, "tickets.bad_wait", "ms", ms, "most", mostWait.Milliseconds())
	}
	ctx, cancel := context.WithTimeout(r.Context(), time.Duration(ms)*time.Millisecond)
	defer cancel()
	if t, err = d.runner.Wait(ctx, t.ID); err != nil {
		return nil, err
	}
	return d.sight(r.Context(), t)
}

func (d *desk) statistics(r *http.Request) (any, error) {
	s, err := d.runner.Statistics(r.Context())
	if err != nil {
		return nil, err
	}
	answer := control.TaskStatistics{
		States: map[string]int{}, Attempts: s.Attempts, Retries: s.Retries, WaitedMS: s.Waited.Milliseconds(), RanMS: s.Ran.Milliseconds(),
		Last: s.Last, DiskBytes: s.Bytes, TaskFolder: d.runner.Folder,
	}
	for state, n := range s.States {
		answer.States[string(state)] = n
	}
	return answer, nil
}

func (d *desk) status(s *control.Status) {
	ctx, cancel := context.WithTimeout(context.Background(), statusLimit)
	defer cancel()
	o, err := d.runner.Overview(ctx, shown)
	for _, t := range o.Tasks {
		seen, wrong := d.sight(ctx, t)
		err = errors.Join(err, wrong)
		s.Tasks = append(s.Tasks, seen)
	}
	if err != nil {
		s.Problems = append(s.Problems, control.NewProblem("problem.tasks", "error", err))
	}
	s.Queue = queueOf(o)
}
