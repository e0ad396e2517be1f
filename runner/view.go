package runner

import (
	"context"
	"time"

	"uratori/internal/fault"
)

// Query says which tasks are wanted.
type Query struct {
	Ticket string
	State  State
	Before int64 // only tasks of a lower number
	Limit  int   // at most so many; 0 is [UsualPage]
}

// The bounds of a list.
const (
	UsualPage = 50
	mostPage  = 500
)

// List reads tasks, newest first.
func (r *Runner) List(ctx context.Context, q Query) ([]Task, error) {
	if q.Limit == 0 {
		q.Limit = UsualPage
	}
	if q.Limit < 0 || q.Limit > mostPage || q.Before < 0 {
		return nil, fault.New(fault.Invalid, "task.out_of_range", "what", "limit", "value", q.Limit, "low", 1, "high", mostPage)
	}
	if _, known := moves[q.State]; q.State != "" && !known {
		return nil, fault.New(fault.Invalid, "task.bad_state", "state", q.State)
	}
	where, args := `WHERE 1`, []any{}
	if q.Ticket != "" {
		where, args = where+` AND t.ticket = ?`, append(args, q.Ticket)
	}
	if q.State != "" {
		where, args = where+` AND t.state = ?`, append(args, q.State)
	}
	if q.Before > 0 {
		where, args = where+` AND t.id < ?`, append(args, q.Before)
	}
	return r.tasks(ctx, where+` ORDER BY t.id DESC LIMIT ?`, append(args, q.Limit)...)
}

// Overview is the queue at a glance.
type Overview struct {
	Paused  bool
	Slots   int
	Running int
	Queued  int
	Tasks   []Task // that run, that wait, and that ended last
}

// Overview reads what runs, what comes next and what ended last, so many of
// the latter two at most.
func (r *Runner) Overview(ctx context.Context, most int) (Overview, error) {
	o := Overview{Slots: r.Limits.Slots}
	var err error
	if o.Paused, err = r.Paused(ctx); err != nil {
		return o, err
	}
	err = r.DB.Reader().QueryRowContext(ctx, `SELECT
		(SELECT count(*) FROM runner_tasks WHERE state IN ('starting', 'running', 'stalled')),
		(SELECT count(*) FROM runner_tasks WHERE state = 'queued')`).Scan(&o.Running, &o.Queued)
	if err != nil {
		return o, r.DB.Explain(err)
	}
	for _, part := range []string{
		`WHERE t.state IN ('starting', 'running', 'stalled') ORDER BY t.id LIMIT ?`,
		`WHERE t.state = 'queued' ORDER BY t.priority DESC, t.id LIMIT ?`,
		`WHERE t.state IN ('succeeded', 'failed', 'killed') ORDER BY t.changed DESC, t.id DESC LIMIT ?`,
	} {
		list, err := r.tasks(ctx, part, most)
		if err != nil {
			return o, err
		}
		o.Tasks = append(o.Tasks, list...)
	}
	return o, nil
}

// Sight is a task with what can be seen of its last attempt.
type Sight struct {
	Task
	Position int     // in the queue, 1 is next; 0 when it does not wait
	Last     Attempt // its Number is 0 before the first
	Progress Progress
	Activity time.Time // the last sign of life, zero when there was none
}

// Look is a task as it is now.
func (r *Runner) Look(ctx context.Context, t Task) (Sight, error) {
	s := Sight{Task: t}
	var err error
	if s.Position, err = r.position(ctx, t); err != nil || t.Attempt == 0 {
		return s, err
	}
	if s.Last, err = r.attempt(ctx, t.ID, t.Attempt); err != nil {
		return s, err
	}
	s.Progress = Progress{Done: s.Last.Done, Total: s.Last.Total}
	s.Activity = s.Last.Ended
	r.mu.Lock()
	c := r.custody[t.ID]
	r.mu.Unlock()
	if c != nil && t.State.Active() {
		c.look(ctx)
		s.Progress, s.Activity = c.watch.reading(r.Now())
	}
	return s, nil
}

// Wait returns the task once it has ended for good, or as it is when ctx ends.
func (r *Runner) Wait(ctx context.Context, id int64) (Task, error) {
	for {
		news := r.News()
		// News of every task come by, so only what matters is read.
		var state State
		err := r.DB.Reader().QueryRowContext(context.WithoutCancel(ctx), `SELECT state FROM runner_tasks WHERE id = ?`, id).Scan(&state)
		if err != nil || state.Final() || ctx.Err() != nil {
			return r.Task(context.WithoutCancel(ctx), id) // which knows what to say when there is none
		}
		select {
		case <-news:
		case <-ctx.Done():
		}
	}
}

// Beat notes that the job of a task says that it lives.
func (r *Runner) Beat(ctx context.Context, id int64) (Task, error) {
	t, err := r.Task(ctx, id)
	if err != nil {
		return t, err
	}
	r.mu.Lock()
	c := r.custody[id]
	r.mu.Unlock()
	if c == nil || !t.State.Active() {
		return t, fault.New(fault.Conflict, "task.not_running", "task", id, "state", t.State)
	}
	c.watch.beat(r.Now())
	return t, nil
}
