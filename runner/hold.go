package runner

import (
	"cmp"
	"context"
	"errors"
	"time"

	"uratori/internal/fault"
	"uratori/internal/store"
)

// Hold has a task wait where it is, or go on. A running one is stopped with
// all its processes, and looked at.
func (r *Runner) Hold(ctx context.Context, id int64, hold bool) (Task, error) {
	var t Task
	err := r.DB.Write(ctx, func(tx *store.Tx) (err error) {
		if t, err = r.taskIn(tx, id); err != nil || t.State != Queued {
			return err
		}
		return r.recordHold(tx, &t, hold)
	})
	if err != nil {
		return t, err
	}
	if t.State.Final() {
		return t, fault.New(fault.Conflict, "task.has_ended", "task", id, "state", t.State)
	}
	if t.State.Active() {
		c, err := r.custodian(ctx, id)
		if err != nil {
			return t, err
		}
		if c == nil {
			return r.Task(ctx, id)
		}
		held := make(chan error, 1)
		select {
		case c.asks <- ask{hold: hold, held: held}:
		case <-c.done:
			return r.Task(ctx, id)
		case <-ctx.Done():
			return t, unknownYet(id, ctx.Err())
		}
		select {
		case err = <-held:
		case <-c.done:
		case <-ctx.Done():
			err = unknownYet(id, ctx.Err())
		}
		if err != nil {
			return t, err
		}
	}
	r.changed()
	r.nudge()
	return r.Task(ctx, id)
}

// usualHold is how long it may take until all of a tree are stopped, or go on:
// each process is told, and looked at. A tree that makes new ones faster than that
// is never at rest.
const usualHold = 10 * time.Second

// hold stops or continues the whole tree. The conductor calls it. What was done by
// halves, or could not be recorded, is taken back: a part of a job that stands
// still while it is said to run would be taken for hung.
func (c *custody) hold(ctx context.Context, hold bool, clock *clock) error {
	r := c.runner
	c.tree.Outside = r.outside(c)
	t, _ := c.snapshot()
	was := t.Held
	err := c.move(ctx, hold, cmp.Or(r.Limits.Hold, usualHold))
	if err == nil {
		err = r.DB.Write(ctx, func(tx *store.Tx) error { return r.recordHold(tx, &t, hold) })
	}
	if err != nil && was == hold {
		return c.heldByHalves(err)
	}
	if err != nil {
		// Also when the daemon is ending: nobody else knows of it.
		if back := c.move(context.WithoutCancel(ctx), was, usualHold); back != nil {
			return c.heldByHalves(errors.Join(err, back))
		}
	}
	switch {
	case err != nil && hold:
		return fault.New(fault.Failed, "task.not_held", "task", c.task.ID).Wrap(err)
	case err != nil:
		return fault.New(fault.Failed, "task.not_released", "task", c.task.ID).Wrap(err)
	case hold:
		clock.hold()
	default:
		clock.run()
	}
	c.mu.Lock()
	c.task.Held = hold
	c.mu.Unlock()
	return nil
}

// move stops or continues the whole tree, and has seen it so when it returns nil.
func (c *custody) move(ctx context.Context, hold bool, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if hold {
		return c.tree.Freeze(ctx)
	}
	return c.tree.Thaw(ctx)
}

// heldByHalves tells which processes of a tree stand still, where neither all of
// them nor none could be brought to.
func (c *custody) heldByHalves(why error) error {
	members, err := c.tree.Members()
	if err != nil {
		return fault.New(fault.Failed, "task.held_unseen", "task", c.task.ID).Wrap(errors.Join(why, err))
	}
	var still []int
	for _, p := range members {
		if p.State == 'T' {
			still = append(still, p.PID)
		}
	}
	return fault.New(fault.Failed, "task.held_in_part", "task", c.task.ID, "still", still, "count", len(still), "of", len(members)).Wrap(why)
}

func (r *Runner) recordHold(tx *store.Tx, t *Task, hold bool) error {
	if t.Held == hold {
		return nil
	}
	kind := "task.released"
	if hold {
		kind = "task.held"
	}
	t.Held, t.Changed = hold, r.Now()
	if _, err := tx.Exec(`UPDATE runner_tasks SET held = ?, changed = ? WHERE id = ?`, hold, millis(t.Changed), t.ID); err != nil {
		return err
	}
	_, err := r.Ledger.Append(tx, kind, subject(t.ID), map[string]any{"state": t.State})
	return err
}

// HoldQueue keeps tasks from starting, or lets them. Those that run go on.
func (r *Runner) HoldQueue(ctx context.Context, hold bool) error {
	err := r.DB.Write(ctx, func(tx *store.Tx) error {
		var paused bool
		if err := tx.Get(`SELECT paused FROM runner_queue`, nil, &paused); err != nil || paused == hold {
			return err
		}
		if _, err := tx.Exec(`UPDATE runner_queue SET paused = ?`, hold); err != nil {
			return err
		}
		kind := "queue.resumed"
		if hold {
			kind = "queue.paused"
		}
		_, err := r.Ledger.Append(tx, kind, "queue", map[string]any{})
		return err
	})
	if err == nil {
		r.changed()
		r.nudge()
	}
	return err
}
