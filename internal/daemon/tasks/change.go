package tasks

import (
	"context"
	"net/http"
	"time"

	"uratori/internal/control"
	"uratori/internal/daemon"
	"uratori/internal/fault"
	"uratori/runner"
)

const (
	// killWait is how long a kill is waited for beyond its grace: the kernel
	// may take its time with a process that holds a GPU.
	killWait  = 20 * time.Second
	mostGrace = 10 * time.Minute
)

func (d *desk) kill(r *http.Request) (any, error) {
	var a control.Kill
	if err := daemon.Decode(r, &a); err != nil {
		return nil, err
	}
	grace := d.house.Config.Runner.Grace
	if a.GraceMS != nil {
		grace = duration(*a.GraceMS)
	}
	if grace < 0 || grace > mostGrace {
		return nil, fault.New(fault.Invalid, "task.out_of_range", "what", "grace_ms", "value", *a.GraceMS, "low", 0, "high", mostGrace.Milliseconds())
	}
	by := a.By
	if by == "" {
		by = "uratori kill"
	}
	// It goes on when whoever asked has gone: the wish is stored.
	ctx, cancel := context.WithTimeout(r.Context(), grace+killWait)
	defer cancel()
	s, err := d.runner.Kill(ctx, a.Task, grace, by)
	if err != nil {
		return nil, err
	}
	t, err := d.runner.Task(r.Context(), a.Task)
	if err != nil {
		return nil, err
	}
	return d.killed(s, t), nil
}

func (d *desk) execute(r *http.Request) (any, error) {
	t, err := d.runner.Execute(r.Context())
	if err != nil {
		return nil, err
	}
	return d.sight(r.Context(), t)
}

func (d *desk) retry(r *http.Request) (any, error) {
	var a control.Retry
	if err := daemon.Decode(r, &a); err != nil {
		return nil, err
	}
	t, err := d.runner.Retry(r.Context(), a.Task, a.FromStart)
	if err != nil {
		return nil, err
	}
	return d.enqueued(r.Context(), t)
}

func (d *desk) hold(r *http.Request) (any, error) {
	var a control.Hold
	if err := daemon.Decode(r, &a); err != nil {
		return nil, err
	}
	page := control.TaskPage{Tasks: []control.Task{}, Dashboard: d.link("")}
	if a.Task == 0 {
		if err := d.runner.HoldQueue(r.Context(), a.Hold); err != nil {
			return nil, err
		}
	} else {
		ctx, cancel := context.WithTimeout(r.Context(), killWait)
		defer cancel()
		t, err := d.runner.Hold(ctx, a.Task, a.Hold)
		if err != nil {
			return nil, err
		}
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

func (d *desk) edit(r *http.Request) (any, error) {
	var a control.EditTask
	if err := daemon.Decode(r, &a); err != nil {
		return nil, err
	}
	e := runner.Edit{Name: a.Name, Command: a.Command, Priority: a.Priority, Retries: a.Retries, After: a.After, NotBefore: a.NotBefore}
	if a.TimeoutMS != nil {
		limit := duration(*a.TimeoutMS)
		e.Timeout = &limit
	}
	t, err := d.runner.Edit(r.Context(), a.Task, e)
	if err != nil {
		return nil, err
	}
	return d.sight(r.Context(), t)
}

func (d *desk) beat(r *http.Request) (any, error) {
	var a control.Beat
	if err := daemon.Decode(r, &a); err != nil {
		return nil, err
	}
	t, err := d.runner.Beat(r.Context(), a.Task)
	if err != nil {
		return nil, err
	}
	return d.sight(r.Context(), t)
}

func (d *desk) cleanup(r *http.Request) (any, error) {
	var a control.Cleanup
	if err := daemon.Decode(r, &a); err != nil {
		return nil, err
	}
	const most = 100 * 365
	if a.Days < 0 || a.Days > most {
		return nil, fault.New(fault.Invalid, "task.out_of_range", "what", "days", "value", a.Days, "low", 0, "high", most)
	}
	list, err := d.runner.Cleanup(r.Context(), d.house.Now().AddDate(0, 0, -a.Days), a.DryRun)
	if err != nil {
		return nil, err
	}
	answer := control.Cleaned{Tasks: []control.CleanedTask{}, Kept: []control.CleanedTask{}, DryRun: a.DryRun}
	for _, c := range list {
		line := control.CleanedTask{Task: c.Task, Ticket: c.Ticket, Bytes: c.Bytes}
		if c.Kept != nil {
			line.Reason, line.Problem = c.Kept.Error(), control.Encode(c.Kept)
			answer.Kept = append(answer.Kept, line)
			continue
		}
		answer.Tasks = append(answer.Tasks, line)
		answer.Bytes += c.Bytes
	}
	return answer, nil
}
