package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"uratori/internal/config"
	"uratori/internal/control"
	"uratori/internal/fault"
)

// absence is how long a command waits for a daemon that has gone to come back.
// Jobs go on without it, and their keepers start one after a minute.
const absence = 2 * time.Minute

// patient asks, and asks again when the daemon went away and came back. It is
// started once: when somebody stops it, it stays stopped. From until on, unless
// that is zero, it is not waited for.
func (a *app) patient(ctx context.Context, until time.Time, ask func(context.Context, *control.Client) error) error {
	home, err := config.FindHome(a.getenv)
	if err != nil {
		return err
	}
	c, err := a.connect(ctx)
	if err != nil {
		return err
	}
	var gone time.Time
	for {
		if err == nil {
			began := time.Now()
			err = ask(ctx, c)
			c.Close()
			if err == nil || ctx.Err() != nil || fault.KindOf(err) != fault.Unavailable {
				return err
			}
			if time.Since(began) > time.Second {
				gone = time.Time{} // it was there all this time
			}
		}
		switch {
		case errors.Is(err, control.ErrOtherVersion):
			return err
		case gone.IsZero():
			gone = time.Now()
			a.aside("cli.task.daemon_gone")
		case time.Since(gone) > absence, !until.IsZero() && time.Now().After(until):
			return err
		}
		const pace = 200 * time.Millisecond
		wait(ctx, pace, nil)
		if ctx.Err() != nil {
			return err
		}
		c, err = control.Dial(ctx, home, a.build)
	}
}

// aside tells something that is not part of the output, and of which --json
// says nothing.
func (a *app) aside(key string, pairs ...any) {
	if !a.json {
		fmt.Fprintln(a.err, "uratori: "+inline(a.lang.Say(key, pairs...)))
	}
}

// turn is how long the daemon is asked to wait for the end of a task at once.
const turn = time.Minute

// awaited waits for the end of a task, or for limit unless that is 0, and
// gives the task as it was seen last.
func (a *app) awaited(ctx context.Context, task int64, limit time.Duration) (t control.Task, err error) {
	var over time.Time
	if limit > 0 {
		over = time.Now().Add(limit)
	}
	err = a.patient(ctx, over, func(ctx context.Context, c *control.Client) error {
		for {
			d := turn
			if limit > 0 {
				d = max(0, min(d, time.Until(over)))
			}
			limited, cancel := context.WithTimeout(ctx, d+answerLimit)
			t, err = c.WaitTask(limited, task, d)
			cancel()
			if err != nil || final(t.State) || limit > 0 && !time.Now().Before(over) {
				return err
			}
		}
	})
	return t, err
}

// follower shows the output of a task, attempt after attempt.
type follower struct {
	*app
	task   int64
	next   int  // the attempt to show next; 0 is the last that there is
	only   bool // no attempt after it
	tail   int  // so many lines at the end of what there is already; 0 is all
	since  time.Duration
	stream string // "" for both
	show   func(control.LogChunk) error

	first   int               // the attempt that was shown first, of which only the end may be asked for
	reached map[stretch]int64 // up to where it was shown
	told    int               // the attempt that is being shown
	idle    string            // what was told last of a task that does not run
	last    control.Task
}

// stretch is one stream of one attempt.
type stretch struct {
	attempt int
	stream  string
}

// quickest and slowest are how often a task that does not run yet is looked at,
// and patience is when it is told that it does not.
const (
	quickest = 10 * time.Millisecond
	patience = 100 * time.Millisecond
	slowest  = time.Second
)

// follow shows all attempts until the task has ended, and leaves it in last.
// After a loss of the daemon it goes on where it was.
func (f *follower) follow(ctx context.Context, c *control.Client) error {
	for pace := quickest; ; pace = min(2*pace, slowest) {
		if err := f.look(ctx, c); err != nil {
			return err
		}
		if f.next == 0 {
			f.next = max(1, f.last.Attempt)
		}
		if f.last.Attempt >= f.next {
			if err := f.attempt(ctx, c); err != nil {
				return err
			}
			if err := f.look(ctx, c); err != nil {
				return err
			}
			if f.last.Attempt > f.next || !active(f.last.State) {
				if f.only {
					return nil
				}
				f.next, pace = f.next+1, quickest
				continue
			}
		} else if final(f.last.State) {
			return nil
		} else if pace > patience {
			f.tellIdle()
		}
		if !wait(ctx, pace, nil) {
			return ctx.Err()
		}
	}
}

func (f *follower) look(ctx context.Context, c *control.Client) error {
	ctx, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	t, err := c.Task(ctx, f.task)
	if err == nil {
		f.last = t.Task
	}
	return err
}

// attempt shows one to its end.
func (f *follower) attempt(ctx context.Context, c *control.Client) error {
	if f.told != 0 && f.told != f.next {
		f.aside("cli.logs.attempt", "task", called(f.task), "attempt", f.next, "attempts", max(f.last.Attempts, f.next))
	}
	f.told = f.next
	f.first = cmp.Or(f.first, f.next)
	q := control.TaskLogs{Task: f.task, Attempt: f.next, Stream: f.stream, Follow: true, From: map[string]int64{}}
	if f.next == f.first {
		q.Lines, q.Since = f.tail, f.since
	}
	for at, reached := range f.reached {
		if at.attempt == f.next {
			q.From[at.stream] = reached
		}
	}
	return c.Logs(ctx, q, f.take)
}

// take shows what of a chunk was not shown yet.
func (f *follower) take(chunk control.LogChunk) error {
	if f.reached == nil {
		f.reached = map[stretch]int64{}
	}
	at := stretch{chunk.Attempt, chunk.Stream}
	if reached := f.reached[at]; chunk.Offset < reached {
		known := min(reached-chunk.Offset, int64(len(chunk.Data)))
		chunk.Data, chunk.Offset, chunk.Gap = chunk.Data[known:], chunk.Offset+known, 0
	}
	f.reached[at] = max(f.reached[at], chunk.Offset+int64(len(chunk.Data)))
	if len(chunk.Data) == 0 && chunk.Gap == 0 {
		return nil
	}
	return f.show(chunk)
}

// tellIdle says once why nothing is shown.
func (f *follower) tellIdle() {
	t := f.last
	if text := f.joined(f.state(t), f.pauses(t), f.why(t)); text != f.idle {
		f.idle = text
		f.aside("cli.logs.idle", "task", called(t.Task), "state", text)
	}
}
