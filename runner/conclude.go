package runner

import (
	"cmp"
	"context"
	"errors"
	"math"
	"time"

	"github.com/go-json-experiment/json"

	"uratori/internal/fault"
	"uratori/internal/store"
	"uratori/runner/shim"
)

// verdict is how an attempt ended, and what becomes of its task.
type verdict struct {
	outcome Outcome
	event   event
	reason  error
	exit    *shim.Exit
	stopped Stopped
	done    int
	told    int // of how many, by the job's own words
	picture string
	cut     time.Time // the last write of an attempt that was cut off
	made    *made
	next    time.Time // when it tries again
	there   time.Time // when its process was there, where that is recorded with its end
}

// wanted has the attempt end as somebody wished. How it did end by itself is
// told where that is the same.
func (v *verdict) wanted(wish Outcome) {
	if v.outcome != wish {
		v.outcome, v.reason = wish, fault.New(fault.Failed, "task.was_ended", "wish", wish)
	}
}

// conclude looks that nobody of the attempt is left and that its outputs are
// there, stores the verdict and tells whoever waits. It returns nil when the
// verdict is durable.
func (c *custody) conclude(ctx context.Context, end result) error {
	r := c.runner
	stopped, err := c.sweep(ctx, &end)
	if err != nil {
		return err
	}
	v := verdict{outcome: end.outcome, reason: end.reason, exit: end.exit, stopped: stopped}
	v.done, v.told = c.counted(ctx)
	t, a := c.snapshot()
	judged := t.Total > 0
	if judged {
		// Its outputs are judged by when it ran, and by how it was to end.
		if err := c.recordRan(ctx); err != nil {
			return err
		}
		if wish, err := r.wish(ctx, t.ID); err != nil {
			return err
		} else if wish != "" {
			v.wanted(wish)
		}
	}
	if r.Suspect != nil && v.outcome == Broke && v.exit != nil {
		if reason := r.Suspect(c.attempt); reason != nil {
			v.outcome, v.reason = GPUFailed, reason
		}
	}
	if v.cutOff() && !end.clean {
		if v.cut, err = r.cut(ctx, t); err != nil {
			return err
		}
	}
	if err := c.judge(ctx, &v); err != nil {
		return err
	}
	err = c.settle(ctx, &t, a, v)
	if err != nil {
		return err
	}
	c.mu.Lock()
	c.task = t
	c.mu.Unlock()
	stopped.State = t.State
	end.answer(stopped)
	if c.handle != nil {
		if err := c.handle.Release(ctx); err != nil {
			r.Log.Warn("a shim could not be let go", "task", t.ID, "error", err)
		}
	}
	return nil
}

// settle stores a verdict, and begins with the next task in the same commit
// where that can have the slot at once.
func (c *custody) settle(ctx context.Context, t *Task, a Attempt, v verdict) error {
	r := c.runner
	handOver := r.full() && (c.handle == nil || c.handle.Rested())
	for {
		c.next = nil
		var wrong error
		err := r.DB.Write(ctx, func(tx *store.Tx) (err error) {
			if *t, err = r.taskIn(tx, t.ID); err != nil {
				return err
			}
			if v.there = c.there; !v.there.IsZero() {
				if err := r.ran(tx, t, a, v.there); err != nil {
					return err
				}
			}
			// Asked for while it was looked at the outputs, or not looked up before.
			if wish := Outcome(t.Wish); wish == Ended || wish != "" && t.Total == 0 {
				v.wanted(wish)
			}
			v.event, v.next = r.policy(*t, v.outcome)
			if err := r.record(tx, t, a, v); err != nil || !handOver {
				return err
			}
			c.next, wrong = r.claim(tx)
			return wrong
		})
		if wrong == nil {
			return err
		}
		// What is wrong with the next task is no matter of this one. The loop
		// finds it, too.
		r.Log.Warn("the next task could not be begun", "error", wrong)
		handOver = false
	}
}

// counted is how many items of how many the attempt itself has told of, for
// tasks whose outputs nobody can look at.
func (c *custody) counted(ctx context.Context) (done, of int) {
	c.look(ctx)
	if err := c.watch.finish(c.runner.Now()); err != nil {
		c.runner.Log.Warn("the last words of a task could not be read", "task", c.task.ID, "error", err)
	}
	p, _ := c.watch.reading(c.runner.Now())
	return p.Done, p.Total
}

// record stores a verdict.
func (r *Runner) record(tx *store.Tx, t *Task, a Attempt, v verdict) error {
	if a.Number > 0 {
		if err := r.recordAttempt(tx, a, v); err != nil {
			return err
		}
	}
	return r.settleTask(tx, t, v)
}

func (r *Runner) recordAttempt(tx *store.Tx, a Attempt, v verdict) error {
	exit, err := storedExit(v.exit)
	if err != nil {
		return err
	}
	reason, err := writeReason(v.reason)
	if err != nil {
		return err
	}
	run, err := storedRun(a, v.there)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`UPDATE runner_attempts SET state = ?, ended = ?, exit = ?, reason = ?, done = ?, total = ?, cut = ?,
		ran = max(ran, ?), run = coalesce(?, run) WHERE task = ? AND number = ?`,
		v.outcome, millis(r.Now()), exit, reason, v.done, cmp.Or(a.Total, v.told), nanos(v.cut), millis(v.there), run, a.Task, a.Number)
	return err
}

// storedRun is who runs an attempt, nil where that was not seen.
func storedRun(a Attempt, seen time.Time) (any, error) {
	if seen.IsZero() {
		return nil, nil //nolint:nilnil // a NULL
	}
	raw, err := json.Marshal(a.Run)
	return string(raw), err
}

func storedExit(e *shim.Exit) (string, error) {
	if e == nil {
		return "", nil
	}
	raw, err := json.Marshal(e)
	return string(raw), err
}

type endedEntry struct {
	Attempt   int     `json:"attempt,omitzero"`
	Outcome   Outcome `json:"outcome"`
	State     State   `json:"state"`       // of the task, from now on
	Of        int     `json:"of,omitzero"` // the last attempt that may start by itself
	Ticket    string  `json:"ticket,omitempty"`
	Name      string  `json:"name"`
	Why       *why    `json:"why,omitempty"`     // the reason in any language
	Picture   string  `json:"picture,omitempty"` // the last image that it made
	ExitCode  *int    `json:"exit_code"`
	Signal    string  `json:"signal,omitempty"`
	Reason    string  `json:"reason,omitempty"`
	Done      int     `json:"done,omitzero"`
	Total     int     `json:"total,omitzero"`
	Outputs   *made   `json:"outputs,omitempty"`
	Ended     any     `json:"ended,omitempty"` // processes that were ended
	CPUMS     int64   `json:"cpu_ms,omitzero"`
	MaxRSS    int64   `json:"max_rss_bytes,omitzero"`
	NotBefore string  `json:"not_before,omitempty"` // of the next attempt
}

// why is the sentence of a reason.
type why struct {
	Key    string            `json:"key"`
	Values map[string]string `json:"values,omitempty"`
}

func whyOf(reason error) *why {
	if f, ok := errors.AsType[*fault.Error](reason); ok {
		return &why{f.Key, f.Values}
	}
	return nil
}

// settleTask moves the task on.
func (r *Runner) settleTask(tx *store.Tx, t *Task, v verdict) error {
	next, err := t.State.after(v.event)
	if err != nil {
		return err
	}
	reason, err := writeReason(v.reason)
	if err != nil {
		return err
	}
	t.State, t.Changed, t.NotBefore, t.Reason, t.Held, t.Wish = next, r.Now(), v.next, v.reason, false, ""
	entry := endedEntry{
		Attempt: t.Attempt, Outcome: v.outcome, State: next, Of: t.Budget, Ticket: t.Ticket, Name: t.Name, Why: whyOf(v.reason),
		Done: v.done, Total: t.Total, Outputs: v.made, Picture: v.picture,
	}
	if v.event == kill && v.exit == nil && v.stopped.Task == 0 {
		entry.Attempt = 0 // it never ran
	}
	if v.exit != nil {
		t.ExitCode, t.Signal = v.exit.Code, v.exit.Signal
		entry.CPUMS, entry.MaxRSS = v.exit.Usage.UserMS+v.exit.Usage.SystemMS, v.exit.Usage.MaxRSSBytes
	}
	if len(v.stopped.Ended) > 0 {
		entry.Ended = v.stopped.Ended
	}
	entry.ExitCode, entry.Signal = t.ExitCode, t.Signal
	if v.reason != nil {
		entry.Reason = v.reason.Error()
	}
	if !v.next.IsZero() {
		entry.NotBefore = v.next.UTC().Format(time.RFC3339)
	}
	if _, err := tx.Exec(`UPDATE runner_tasks SET state = ?, changed = ?, not_before = ?, reason = ?, exit_code = ?, signal = ?, held = 0, wish = '' WHERE id = ?`,
		t.State, millis(t.Changed), millis(t.NotBefore), reason, t.ExitCode, t.Signal, t.ID); err != nil {
		return err
	}
	_, err = r.Ledger.Append(tx, "task.ended", subject(t.ID), entry)
	return err
}

// policy decides what becomes of a task after an attempt: what may go better
// next time is tried again, later with each attempt.
func (r *Runner) policy(t Task, o Outcome) (event, time.Time) {
	switch {
	case o == Done:
		return succeed, time.Time{}
	case o == Ended:
		return kill, time.Time{}
	case !o.resumable() || t.Attempt >= t.Budget:
		return fail, time.Time{}
	}
	before := t.Budget - 1 - t.Retries // attempts before somebody asked last
	const longest = 24 * time.Hour
	wait := min(float64(longest), float64(r.Limits.Backoff)*math.Pow(2, float64(max(t.Attempt-before-1, 0))))
	const spread = 0.2 // so that what failed together does not come back together
	wait *= 1 + spread*(2*r.Jitter()-1)
	return resume, r.Now().Add(time.Duration(wait))
}

// ran moves a task whose process is there, and tells that in the ledger. The
// rows are the caller's.
func (r *Runner) ran(tx *store.Tx, t *Task, a Attempt, seen time.Time) error {
	next, err := t.State.after(ran)
	if err != nil {
		return err
	}
	t.State, t.Changed = next, seen
	_, err = r.Ledger.Append(tx, "task.running", subject(t.ID), map[string]any{"attempt": a.Number, "shim": a.Run.Shim, "process": a.Run.Child})
	return err
}

// wish is how a running task is to be ended, empty while nobody wants that.
func (r *Runner) wish(ctx context.Context, id int64) (Outcome, error) {
	var wish Outcome
	err := r.DB.Reader().QueryRowContext(ctx, `SELECT wish FROM runner_tasks WHERE id = ?`, id).Scan(&wish)
	return wish, r.DB.Explain(err)
}

// sweep ends whatever the job has left behind, and tries for as long as it
// takes: what is left keeps the slot and the GPUs.
func (c *custody) sweep(ctx context.Context, end *result) (Stopped, error) {
	if end.clean || end.exit != nil && !end.exit.Others {
		return end.stopped, nil
	}
	if end.stopped.Task != 0 && len(end.stopped.Survivors) == 0 {
		return end.stopped, nil // looked at after it was ended
	}
	for {
		stopped, err := c.stop(ctx, c.runner.Limits.Grace)
		if err != nil || len(stopped.Survivors) == 0 {
			return stopped, err
		}
		end.answer(stopped)
		select {
		case <-ctx.Done():
			return stopped, ctx.Err()
		case a := <-c.asks:
			if a.held != nil {
				a.held <- fault.New(fault.Conflict, "task.is_ending", "task", c.task.ID)
			}
			if a.answer != nil {
				end.answers = append(end.answers, a.answer)
			}
		case <-time.After(c.runner.Limits.Backoff):
		}
	}
}

var errNoWork = errors.New("there is nothing to do")
