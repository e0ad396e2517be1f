package shim

import (
	"context"
	"errors"
	"sync"
	"time"

	"uratori/internal/process"
)

// ErrNeverStarted is the answer to who adopts what is not there.
var ErrNeverStarted = errors.New("the attempt was never started")

const (
	// shortPoll and longPoll bound how often a folder is looked at in which
	// something is about to be written.
	shortPoll = time.Millisecond
	longPoll  = 100 * time.Millisecond
)

// Adopt takes over an attempt that an earlier daemon has started. One that is
// just being started is waited for. Of an attempt that is lost, Wait returns
// when its first process has ended, too.
func Adopt(ctx context.Context, dir string) (*Attempt, error) {
	poll := poller{}
	for {
		found, err := Inspect(dir)
		if err != nil {
			return nil, err
		}
		if found.State == NeverStarted {
			return nil, ErrNeverStarted
		}
		starting := found.State == Running && (found.Run == nil || found.Run.Child == (process.ID{}))
		if !starting {
			a := &Attempt{dir: dir}
			if found.Run != nil {
				a.run = *found.Run
			}
			return a, nil
		}
		if err := poll.pause(ctx); err != nil {
			return nil, err
		}
	}
}

// watch waits for the end of an attempt from outside: by its folder and its
// processes.
func (a *Attempt) watch(ctx context.Context) (Exit, error) {
	poll := poller{}
	for {
		found, err := Inspect(a.dir)
		if err != nil {
			return Exit{}, err
		}
		switch found.State {
		case Finished:
			return *found.Exit, nil
		case Lost, NeverStarted: // the latter when its folder was removed
			if a.run.Child.PID != 0 {
				if err := a.run.Child.Exited(ctx); err != nil {
					return Exit{}, err
				}
			}
			return Exit{}, ErrLost
		case Running:
		}
		alive, err := a.run.Child.Alive()
		if err != nil {
			return Exit{}, err
		}
		if alive {
			err = either(ctx, a.run.Child, a.run.Shim)
		} else {
			err = poll.pause(ctx) // exit.json is about to be there
		}
		if err != nil {
			return Exit{}, err
		}
	}
}

// either waits for the end of one of two processes.
func either(ctx context.Context, one, other process.ID) error {
	ctx, cancel := context.WithCancelCause(ctx)
	var waiters sync.WaitGroup
	results := make(chan error, 2)
	for _, id := range []process.ID{one, other} {
		waiters.Go(func() { results <- id.Exited(ctx) })
	}
	err := <-results
	cancel(nil)
	waiters.Wait()
	return err
}

// poller pauses, ever longer.
type poller struct{ last time.Duration }

func (p *poller) pause(ctx context.Context) error {
	p.last = min(max(p.last*3/2, shortPoll), longPoll)
	timer := time.NewTimer(p.last)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
