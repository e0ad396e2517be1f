package runner

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/go-json-experiment/json"

	"uratori/internal/fault"
	"uratori/internal/store"
)

// Retry queues a task that has ended once more, with as many automatic
// resumes as at first. It goes on where it was; fromStart gives it an empty
// checkpoint, and no output of before counts. Nothing of the user's is
// removed: the old checkpoint stays beside the new one, where it is put when the
// next attempt begins. Until then it is where it was, whatever fails or crashes.
func (r *Runner) Retry(ctx context.Context, id int64, fromStart bool) (Task, error) {
	t, err := r.Task(ctx, id)
	if err != nil {
		return t, err
	}
	if t.State.Active() {
		return t, fault.New(fault.Conflict, "task.still_runs", "task", id, "state", t.State)
	}
	err = r.DB.Write(ctx, func(tx *store.Tx) (err error) {
		if t, err = r.taskIn(tx, id); err != nil {
			return err
		}
		if t.State != Queued {
			next, err := t.State.after(again)
			if err != nil {
				return fault.New(fault.Conflict, "task.still_runs", "task", id, "state", t.State).Wrap(err)
			}
			t.State = next
		}
		t.Changed, t.Budget = r.Now(), t.Attempt+1+t.Retries
		if fromStart {
			t.Since, t.aside = t.Changed, t.Attempt
		}
		if _, err := tx.Exec(`UPDATE runner_tasks SET state = ?, held = 0, not_before = 0, budget = ?, since = ?, aside = ?, changed = ?, reason = '' WHERE id = ?`,
			t.State, t.Budget, millis(t.Since), t.aside, millis(t.Changed), id); err != nil {
			return err
		}
		_, err = r.Ledger.Append(tx, "task.again", subject(id), map[string]any{"attempt": t.Attempt, "from_start": fromStart})
		return err
	})
	if err != nil {
		return t, err
	}
	r.changed()
	r.nudge()
	return r.Task(ctx, id)
}

// putAside takes the checkpoint away that an attempt which is about to begin must
// not find. It is wanted by the store until it is done, so it is done once however
// often that is tried.
func (r *Runner) putAside(ctx context.Context, t Task) error {
	if t.aside == 0 {
		return nil
	}
	old := fmt.Sprintf("%s.%d", r.checkpoint(t.ID), t.aside)
	_, err := os.Lstat(old)
	if errors.Is(err, fs.ErrNotExist) {
		err = os.Rename(r.checkpoint(t.ID), old)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("put the checkpoint of task %d aside: %w", t.ID, err)
	}
	return r.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE runner_tasks SET aside = 0 WHERE id = ? AND aside = ?`, t.ID, t.aside)
		return err
	})
}

// Edit changes a task that waits; nil leaves a value as it is.
type Edit struct {
	Name      *string
	Command   []string
	Priority  *int
	Retries   *int
	Timeout   *time.Duration
	After     *[]int64
	NotBefore *time.Time
}

// Edit changes a task that waits.
func (r *Runner) Edit(ctx context.Context, id int64, e Edit) (Task, error) {
	err := r.DB.Write(ctx, func(tx *store.Tx) error {
		t, err := r.taskIn(tx, id)
		if err != nil {
			return err
		}
		if t.State != Queued {
			return fault.New(fault.Conflict, "task.not_queued", "task", id, "state", t.State)
		}
		if err := e.apply(&t); err != nil {
			return err
		}
		if e.Command != nil && t.Total > 0 {
			list, err := r.itemList(ctx, t)
			if err != nil {
				return err
			}
			if err := fits(t.Spec, list, nil); err != nil {
				return err
			}
		}
		if e.After != nil {
			if _, err := tx.Exec(`DELETE FROM runner_after WHERE task = ?`, id); err != nil {
				return err
			}
			if err := need(tx, id, *e.After); err != nil {
				return err
			}
			if err := circle(tx, id); err != nil {
				return err
			}
		}
		spec, err := json.Marshal(t.Spec, json.Deterministic(true))
		if err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE runner_tasks SET name = ?, priority = ?, retries = ?, budget = ?, not_before = ?, spec = ?, changed = ? WHERE id = ?`,
			t.Name, t.Priority, t.Retries, t.Attempt+1+t.Retries, millis(t.NotBefore), string(spec), millis(r.Now()), id); err != nil {
			return err
		}
		entry := map[string]any{"name": t.Name, "command": bounded(t.Spec.Command), "priority": t.Priority, "retries": t.Retries}
		if e.After != nil {
			entry["after"] = *e.After
		}
		_, err = r.Ledger.Append(tx, "task.edited", subject(id), entry)
		return err
	})
	if err != nil {
		return Task{}, err
	}
	r.changed()
	r.nudge()
	return r.Task(ctx, id)
}

func (e Edit) apply(t *Task) error {
	if e.Name != nil {
		t.Name = *e.Name
	}
	if e.Command != nil {
		t.Spec.Command = e.Command
	}
	if e.Priority != nil {
		t.Priority = *e.Priority
	}
	if e.Retries != nil {
		t.Retries = *e.Retries
	}
	if e.Timeout != nil {
		t.Spec.Timeout = *e.Timeout
	}
	if e.NotBefore != nil {
		t.NotBefore = *e.NotBefore
	}
	if err := errors.Join(checkName(t.Name), checkCommand(t.Spec.Command)); err != nil {
		return err
	}
	after := len(t.WaitsFor)
	if e.After != nil {
		after = len(*e.After)
	}
	return checkNumbers(t.Retries, t.Priority, t.Spec, after)
}

// circle refuses tasks that would wait for each other for ever.
func circle(tx *store.Tx, id int64) error {
	var round int
	err := tx.Get(`WITH RECURSIVE chain (task) AS (
			SELECT needs FROM runner_after WHERE task = ?
			UNION SELECT a.needs FROM runner_after a JOIN chain c ON a.task = c.task)
		SELECT count(*) FROM chain WHERE task = ?`, []any{id, id}, &round)
	if err == nil && round > 0 {
		err = fault.New(fault.Invalid, "task.circle", "task", id)
	}
	return err
}
