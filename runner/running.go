package runner

import (
	"context"
	"slices"
	"time"

	"uratori/internal/fault"
	"uratori/internal/store"
)

// AtWork is an attempt at work, for those who watch over tasks.
type AtWork struct {
	Task     Task
	Attempt  Attempt
	Progress Progress
	Life     time.Time // the last sign of life, zero when there was none
	Token    string    // the entry of the environment by which its processes are known
}

// AtWork lists the attempts at work whose processes are there, by task.
func (r *Runner) AtWork(ctx context.Context) []AtWork {
	r.mu.Lock()
	var all []*custody
	for _, c := range r.custody {
		all = append(all, c)
	}
	r.mu.Unlock()
	var list []AtWork
	for _, c := range all {
		t, a := c.snapshot()
		if a.Run == nil {
			continue
		}
		c.look(ctx)
		w := AtWork{Task: t, Attempt: a, Token: tokenName + "=" + a.token}
		w.Progress, w.Life = c.watch.reading(r.Now())
		list = append(list, w)
	}
	slices.SortFunc(list, func(a, b AtWork) int { return int(a.Task.ID - b.Task.ID) })
	return list
}

// Stall says that a running task shows no sign of life, or shows one again.
func (r *Runner) Stall(ctx context.Context, id int64, on bool) error {
	e := stir
	if on {
		e = stall
	}
	var t Task
	err := r.DB.Write(ctx, func(tx *store.Tx) (err error) {
		if t, err = r.taskIn(tx, id); err != nil {
			return err
		}
		next, err := t.State.after(e)
		if err != nil {
			return fault.New(fault.Conflict, "task.not_running", "task", id, "state", t.State).Wrap(err)
		}
		t.State, t.Changed = next, r.Now()
		if _, err := tx.Exec(`UPDATE runner_tasks SET state = ?, changed = ? WHERE id = ?`, t.State, millis(t.Changed), id); err != nil {
			return err
		}
		kind := "task.stirring"
		if on {
			kind = "task.stalled"
		}
		_, err = r.Ledger.Append(tx, kind, subject(id), map[string]any{"attempt": t.Attempt})
		return err
	})
	if err != nil {
		return err
	}
	r.mu.Lock()
	c := r.custody[id]
	r.mu.Unlock()
	if c != nil {
		c.mu.Lock()
		c.task.State = t.State
		c.mu.Unlock()
	}
	r.changed()
	return nil
}
