package runner

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"uratori/internal/fault"
	"uratori/internal/process"
	"uratori/internal/store"
	"uratori/runner/shim"
)

// custody is one attempt at work and the goroutine that conducts it.
type custody struct {
	runner *Runner
	fresh  bool // to be started; otherwise taken up
	// environ is the environment of whoever asked, as JSON, for what is to be started.
	environ string
	asks    chan ask
	done    chan struct{} // closed when the conductor has let go
	tree    *process.Tree // the conductor's
	watch   *watch
	there   time.Time // when it was heard that its process is there, until that is recorded
	next    *custody  // has its slot from the verdict on
	ahead   *upcoming // who waits behind it

	mu      sync.Mutex
	task    Task // whoever watches moves its state, too
	attempt Attempt
	handle  *shim.Attempt
}

// ask is what others want of an attempt: its end, or that it is held.
type ask struct {
	outcome Outcome // how it is to end; empty for a hold
	reason  error   // why, for people
	grace   time.Duration
	answer  chan<- Stopped // has room for one word; may be nil

	hold bool
	held chan<- error // has room for one word
}

// take gives an attempt to a conductor. The loop calls it, and a conductor for
// the attempt that has its slot.
func (r *Runner) take(ctx context.Context, c, before *custody) {
	c.asks, c.done, c.tree = make(chan ask, 8), make(chan struct{}), r.tree(c.attempt)
	c.watch = &watch{total: c.task.Total}
	r.mu.Lock()
	if before != nil {
		delete(r.custody, before.task.ID)
	}
	r.custody[c.task.ID] = c
	r.mu.Unlock()
	r.work.Go(func() {
		defer close(c.done)
		err := c.guarded(ctx)
		if ctx.Err() != nil {
			return // the attempt goes on; the next daemon takes it up
		}
		if err != nil {
			// Kept in custody, so that its slot and its GPUs are not given
			// away: the loop ends, and takes everything up anew.
			select {
			case r.broken <- fmt.Errorf("task %d, attempt %d: %w", c.task.ID, c.attempt.Number, err):
			default: // it is ending already
			}
			return
		}
		if c.next != nil {
			r.take(ctx, c.next, c)
		} else {
			r.mu.Lock()
			delete(r.custody, c.task.ID)
			r.mu.Unlock()
		}
		r.changed()
		if c.next == nil || r.free() > 0 {
			r.nudge() // its end may be what others have waited for
		}
	})
}

// guarded turns a panic of the conductor into an error of the loop, whose
// guard tells people.
func (c *custody) guarded(ctx context.Context) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	return c.conduct(ctx)
}

// conduct is the life of an attempt, from its start, or from where an earlier
// daemon left it, to its verdict. It returns nil when the verdict is stored.
func (c *custody) conduct(ctx context.Context) error {
	var end result
	var err error
	if c.fresh {
		end, err = c.launch(ctx)
	} else {
		end, err = c.adopt(ctx)
	}
	if err == nil && end.outcome == "" {
		end, err = c.attend(ctx)
	}
	if err != nil {
		return err
	}
	return c.conclude(ctx, end)
}

// result is how an attempt ended, before anybody has looked at its outputs.
// An empty outcome is an attempt that runs.
type result struct {
	outcome Outcome
	reason  error
	exit    *shim.Exit
	clean   bool // nothing ever ran, so nobody can be left
	stopped Stopped
	answers []chan<- Stopped // who waits for the verdict
}

// launch starts the attempt. Reasons why it cannot run are results; an error
// is a fault of ours.
func (c *custody) launch(ctx context.Context) (result, error) {
	r := c.runner
	spec, wrong, err := r.prepare(ctx, c.task, c.attempt, c.environ)
	switch {
	case err != nil:
		return result{}, err
	case wrong != nil:
		return *wrong, nil
	}
	c.environ = ""
	c.layAhead()
	handle, err := r.Pool.Start(ctx, c.attempt.Folder, spec)
	if failed, ok := errors.AsType[*shim.StartError](err); ok {
		return notStarted(c.task, failed), nil
	}
	if ctx.Err() != nil {
		return result{}, ctx.Err()
	}
	if err != nil {
		// Whether the job was started is not known: its folder is.
		r.Log.Warn("a shim did not answer", "task", c.task.ID, "attempt", c.attempt.Number, "error", err)
		return c.adopt(ctx)
	}
	c.runs(handle)
	return result{}, nil
}

// notStarted tells why a command could not be run. Where the machine was short
// of something, it may be better next time.
func notStarted(t Task, e *shim.StartError) result {
	end := result{outcome: Unstarted, exit: &e.Exit}
	about := []any{"program", t.Spec.Command[0], "cwd", t.Spec.Cwd}
	end.reason = fault.New(fault.Failed, "task.not_started."+e.Code, about...).Wrap(errors.New(e.Detail))
	switch e.Code {
	case shim.NoShim:
		end.outcome, end.exit = Interrupted, nil
	case shim.NoProcesses, shim.NoMemory, shim.NoFolder:
		end.outcome = Broke
	}
	return end
}

// adopt takes up what the folder of the attempt tells.
func (c *custody) adopt(ctx context.Context) (result, error) {
	found, err := shim.Inspect(c.attempt.Folder)
	if err != nil {
		return result{}, err
	}
	if found.Run != nil {
		c.mu.Lock()
		c.attempt.Run = found.Run
		c.mu.Unlock()
		c.found(*found.Run)
	}
	switch {
	case found.State == shim.NeverStarted:
		return interrupted(fault.New(fault.Failed, "task.never_started")), nil
	case found.State == shim.Finished && found.Exit.Failure != nil:
		t, _ := c.snapshot()
		return notStarted(t, found.Exit.StartError()), nil
	case found.State == shim.Finished:
		return ended(*found.Exit), nil
	case found.State == shim.Lost && !found.Alive:
		return interrupted(keeperLost()), nil
	}
	handle, err := shim.Adopt(ctx, c.attempt.Folder)
	if err != nil {
		return result{}, err
	}
	c.runs(handle)
	return result{}, nil
}

func interrupted(reason error) result { return result{outcome: Interrupted, reason: reason} }

// keeperLost is the reason of an attempt whose shim is gone.
func keeperLost() error { return fault.New(fault.Failed, "task.keeper_lost") }

// ended judges how the job's own process ended.
func ended(exit shim.Exit) result {
	switch {
	case exit.Code != nil && *exit.Code == 0:
		return result{outcome: Done, exit: &exit}
	case exit.Code != nil:
		return result{outcome: Broke, exit: &exit, reason: fault.New(fault.Failed, "task.exit_status", "code", *exit.Code)}
	default:
		return result{outcome: Broke, exit: &exit, reason: fault.New(fault.Failed, "task.exit_signal", "signal", exit.Signal)}
	}
}

// brief is for how long the start of a process is not recorded by itself: one
// that has ended by then is recorded with its end, in one commit.
const brief = 10 * time.Millisecond

// runs notes that the job's process is there.
func (c *custody) runs(handle *shim.Attempt) {
	run := handle.Run()
	c.mu.Lock()
	c.handle, c.attempt.Run = handle, &run
	c.mu.Unlock()
	c.found(run)
}

// found notes who runs the attempt.
func (c *custody) found(run shim.Run) {
	c.tree = c.runner.tree(c.attempt)
	if t, _ := c.snapshot(); t.State == Starting && run.Child.PID != 0 && c.there.IsZero() {
		c.there = c.runner.Now()
	}
}

// recordRan records that the process is there, if that has not been done.
func (c *custody) recordRan(ctx context.Context) error {
	if c.there.IsZero() {
		return nil
	}
	r := c.runner
	t, a := c.snapshot()
	err := r.DB.Write(ctx, func(tx *store.Tx) (err error) {
		if t, err = r.taskIn(tx, t.ID); err != nil {
			return err
		}
		if err := r.ran(tx, &t, a, c.there); err != nil {
			return err
		}
		run, err := storedRun(a, c.there)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE runner_attempts SET state = ?, ran = ?, run = ? WHERE task = ? AND number = ?`,
			t.State, millis(t.Changed), run, a.Task, a.Number); err != nil {
			return err
		}
		_, err = tx.Exec(`UPDATE runner_tasks SET state = ?, changed = ? WHERE id = ?`, t.State, millis(t.Changed), t.ID)
		return err
	})
	if err != nil {
		return err
	}
	c.there = time.Time{}
	c.mu.Lock()
	c.task = t
	c.mu.Unlock()
	r.changed()
	return nil
}

// attend waits for the end of the attempt, and brings it about when asked.
func (c *custody) attend(ctx context.Context) (result, error) {
	r := c.runner
	waiting, cancel := context.WithCancel(ctx)
	var waiter sync.WaitGroup
	defer waiter.Wait()
	defer cancel()
	type waited struct {
		exit shim.Exit
		err  error
	}
	over := make(chan waited, 1)
	waiter.Go(func() {
		exit, err := c.handle.Wait(waiting)
		over <- waited{exit, err}
	})
	look := time.NewTicker(r.Limits.Look)
	defer look.Stop()
	lasts := time.NewTimer(brief)
	defer lasts.Stop()
	clock := newClock(c.task.Spec.Timeout, c.attempt.Started, r.Now())
	defer clock.stop()
	if c.task.Held {
		clock.hold()
	}
	var wanted *result     // how it is being ended
	var repeat *time.Timer // tries again to end what would not end
	var again <-chan time.Time
	for {
		var a ask
		select {
		case <-ctx.Done():
			return result{}, ctx.Err()
		case w := <-over:
			end := result{}
			switch {
			case w.err == nil:
				end = ended(w.exit)
			case errors.Is(w.err, shim.ErrLost):
				end = interrupted(keeperLost())
			default:
				return result{}, w.err
			}
			if wanted != nil {
				wanted.exit = end.exit
				return *wanted, nil
			}
			return end, nil
		case <-lasts.C:
			if err := c.recordRan(ctx); err != nil {
				return result{}, err
			}
			continue
		case <-look.C:
			c.look(ctx)
			continue
		case <-clock.due():
			a = ask{outcome: TimedOut, grace: r.Limits.Grace, reason: fault.New(fault.Failed, "task.timed_out", "limit", c.task.Spec.Timeout)}
		case <-again:
			a = ask{outcome: wanted.outcome, grace: r.Limits.Grace, reason: wanted.reason}
		case a = <-c.asks:
		}
		if err := c.recordRan(ctx); err != nil {
			return result{}, err
		}
		if a.outcome == "" {
			a.held <- c.hold(ctx, a.hold, clock)
			continue
		}
		if wanted == nil || a.outcome == Ended {
			wanted = &result{outcome: a.outcome, reason: a.reason, answers: answersOf(wanted)}
		}
		stopped, err := c.stop(ctx, a.grace)
		if err != nil {
			return result{}, err
		}
		wanted.stopped = stopped
		if a.answer != nil {
			wanted.answers = append(wanted.answers, a.answer)
		}
		if len(stopped.Survivors) == 0 {
			continue // its shim tells in a moment how it ended
		}
		// What cannot be ended keeps its slot and its GPU.
		wanted.answer(stopped)
		if repeat != nil {
			repeat.Stop()
		}
		repeat = time.NewTimer(r.Limits.Backoff)
		again = repeat.C
	}
}

func answersOf(before *result) []chan<- Stopped {
	if before == nil {
		return nil
	}
	return before.answers
}

// answer tells everybody who waits.
func (e *result) answer(s Stopped) {
	for _, to := range e.answers {
		to <- s // has room for one
	}
	e.answers = nil
}

// snapshot is the attempt as it is now.
func (c *custody) snapshot() (Task, Attempt) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.task, c.attempt
}
