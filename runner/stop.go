package runner

import (
	"context"
	"time"

	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/internal/process"
	"uratori/internal/store"
)

// Stopped is what a look has found after an attempt was ended.
type Stopped struct {
	Task      int64
	State     State
	Ended     []process.Ended    // in the order in which they went
	Survivors []process.Survivor // nobody: a look found none
	GPUFreed  *bool              // nil where it used none, or nobody could look
	Reason    error              // why the verdict is not verified; may be nil
	Took      time.Duration
}

// Verdict tells whether it is true that nothing of the task is left.
func (s Stopped) Verdict() ledger.Verdict {
	for _, left := range s.Survivors {
		if left.Reason != process.Uninterruptible {
			return ledger.Refuted
		}
	}
	switch {
	case len(s.Survivors) > 0, s.Reason != nil && s.GPUFreed == nil:
		return ledger.Unverifiable
	case s.GPUFreed != nil && !*s.GPUFreed:
		return ledger.Refuted
	}
	return ledger.Verified
}

// Kill ends a task for good and looks that nothing of it is left: all
// processes get TERM, and KILL when grace is over. It returns when the task is
// killed, or with those that could not be ended; they are tried again until
// they are gone. by says who wanted it.
func (r *Runner) Kill(ctx context.Context, id int64, grace time.Duration, by string) (Stopped, error) {
	began := time.Now()
	s, err := r.finish(ctx, id, ask{outcome: Ended, grace: grace, reason: fault.New(fault.Failed, "task.killed_by", "by", by)}, by)
	s.Took = time.Since(began)
	return s, err
}

// Stop ends the running attempt of a task, which then goes on as after any
// other failure of that kind. It is for those who watch over tasks.
func (r *Runner) Stop(ctx context.Context, id int64, outcome Outcome, reason error) (Stopped, error) {
	began := time.Now()
	s, err := r.finish(ctx, id, ask{outcome: outcome, grace: r.Limits.Grace, reason: reason}, "uratori")
	s.Took = time.Since(began)
	return s, err
}

type endingEntry struct {
	Attempt int     `json:"attempt"`
	Of      int     `json:"of"` // the last attempt that may start by itself
	Wish    Outcome `json:"wish"`
	Ticket  string  `json:"ticket,omitempty"`
	Name    string  `json:"name"`
	Why     *why    `json:"why,omitempty"` // the reason in any language
	Reason  string  `json:"reason,omitempty"`
	By      string  `json:"by,omitempty"`
	Done    int     `json:"done,omitzero"`
	Total   int     `json:"total,omitzero"`
}

func (r *Runner) finish(ctx context.Context, id int64, a ask, by string) (Stopped, error) {
	var t Task
	done := r.doneOf(id)
	err := r.DB.Write(ctx, func(tx *store.Tx) (err error) {
		if t, err = r.taskIn(tx, id); err != nil {
			return err
		}
		switch {
		case t.State == Queued && a.outcome == Ended:
			return r.settleTask(tx, &t, verdict{outcome: Ended, event: kill, reason: a.reason})
		case !t.State.Active():
			return nil
		}
		// Kept, so that a daemon that comes after this one goes on with it.
		if _, err := tx.Exec(`UPDATE runner_tasks SET wish = ? WHERE id = ? AND wish <> ?`, a.outcome, id, Ended); err != nil {
			return err
		}
		entry := endingEntry{
			Attempt: t.Attempt, Of: t.Budget, Wish: a.outcome, Ticket: t.Ticket, Name: t.Name, Why: whyOf(a.reason), By: by, Done: done, Total: t.Total,
		}
		if a.reason != nil {
			entry.Reason = a.reason.Error()
		}
		_, err = r.Ledger.Append(tx, "task.ending", subject(id), entry)
		return err
	})
	if err != nil {
		return Stopped{}, err
	}
	r.changed()
	if !t.State.Active() {
		return r.lookAfter(ctx, t)
	}
	answer := make(chan Stopped, 1)
	a.answer = answer
	c, err := r.custodian(ctx, id)
	if err != nil {
		return Stopped{}, err
	}
	if c != nil {
		select {
		case c.asks <- a:
		case <-c.done:
		case <-ctx.Done():
			return Stopped{}, unknownYet(id, ctx.Err())
		}
		select {
		case s := <-answer:
			return s, nil
		case <-c.done:
		case <-ctx.Done():
			return Stopped{}, unknownYet(id, ctx.Err())
		}
		select {
		case s := <-answer:
			return s, nil
		default: // it had ended before it could be asked
		}
	}
	if t, err = r.Task(ctx, id); err != nil {
		return Stopped{}, err
	}
	return r.lookAfter(ctx, t)
}

// doneOf is how many items the running attempt of a task has finished, as far
// as was looked.
func (r *Runner) doneOf(id int64) int {
	r.mu.Lock()
	c := r.custody[id]
	r.mu.Unlock()
	if c == nil {
		return 0
	}
	p, _ := c.watch.reading(r.Now())
	return p.Done
}

func unknownYet(id int64, err error) error {
	return fault.New(fault.Unavailable, "task.not_ended_yet", "task", id).Wrap(err)
}

// custodian is whoever conducts the running attempt of a task. It waits for
// one that is about to begin; nil when the task no longer runs.
func (r *Runner) custodian(ctx context.Context, id int64) (*custody, error) {
	for {
		news := r.News()
		r.mu.Lock()
		c := r.custody[id]
		r.mu.Unlock()
		if c != nil {
			return c, nil
		}
		t, err := r.Task(ctx, id)
		if err != nil || !t.State.Active() {
			return nil, err
		}
		select {
		case <-news:
		case <-ctx.Done():
			return nil, unknownYet(id, ctx.Err())
		}
	}
}

// lookAfter looks whether anything of a task that does not run is left.
func (r *Runner) lookAfter(ctx context.Context, t Task) (Stopped, error) {
	s := Stopped{Task: t.ID, State: t.State}
	if t.Attempt == 0 {
		return s, nil
	}
	a, err := r.attempt(ctx, t.ID, t.Attempt)
	if err != nil {
		return s, err
	}
	tree := r.tree(a)
	tree.Root = process.ID{} // its shim has been let go, and may have another's job below it
	left, err := tree.Members()
	if err != nil {
		return s, fault.New(fault.Unavailable, "task.not_looked", "task", t.ID).Wrap(err)
	}
	for _, p := range left {
		s.Survivors = append(s.Survivors, process.Survivor{Process: p, Reason: process.StillThere})
	}
	return s, nil
}

// stop ends all processes of the attempt and looks that they are gone.
func (c *custody) stop(ctx context.Context, grace time.Duration) (Stopped, error) {
	r := c.runner
	c.tree.Outside = r.outside(c)
	end, err := c.tree.End(ctx, grace)
	if err != nil {
		return Stopped{}, err
	}
	t, a := c.snapshot()
	s := Stopped{Task: t.ID, State: t.State, Ended: end.Ended, Survivors: end.Survivors, Took: end.Took}
	if len(a.GPUs) > 0 {
		s.GPUFreed, s.Reason = r.gpuFreed(ctx, s)
	}
	if a.Run != nil && a.Run.Group != "" && len(s.Survivors) == 0 {
		_ = process.RemoveGroup(a.Run.Group) // its shim does, where it lives
	}
	if len(s.Survivors) > 0 {
		s.Reason = fault.New(fault.Failed, "task.survivors", "task", t.ID, "pids", pids(s.Survivors))
		r.Log.Error("a task could not be ended", "task", t.ID, "survivors", pids(s.Survivors))
		_, err = r.Ledger.Record(ctx, "task.survivors", subject(t.ID), map[string]any{"attempt": a.Number, "survivors": s.Survivors, "ticket": t.Ticket, "name": t.Name})
	}
	return s, err
}

// gpuFreed looks whether the processes that were ended still hold memory of a
// GPU: a driver can keep it for as long as one of them cannot die.
func (r *Runner) gpuFreed(ctx context.Context, s Stopped) (*bool, error) {
	var list []int
	for _, p := range s.Ended {
		list = append(list, p.PID)
	}
	for _, p := range s.Survivors {
		list = append(list, p.PID)
	}
	holding, err := r.GPUs.Holding(ctx, list)
	if err != nil {
		return nil, fault.New(fault.Unavailable, "task.gpu_not_looked").Wrap(err)
	}
	freed := len(holding) == 0
	if !freed {
		return &freed, fault.New(fault.Failed, "task.gpu_held", "pids", holding)
	}
	return &freed, nil
}

// outside are processes that belong to no job, though a job may have started
// the daemon and so be their ancestor: the daemon, and the shims of others.
func (r *Runner) outside(c *custody) []process.ID {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := []process.ID{r.Self}
	for _, other := range r.custody {
		if other == c {
			continue
		}
		if _, a := other.snapshot(); a.Run != nil {
			list = append(list, a.Run.Shim)
		}
	}
	return list
}

func pids(list []process.Survivor) []int {
	out := make([]int, len(list))
	for i, p := range list {
		out[i] = p.PID
	}
	return out
}
