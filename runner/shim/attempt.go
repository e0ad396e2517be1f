package shim

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"syscall"
)

// ErrLost is the end of an attempt whose shim died before it could write how
// the job ended.
var ErrLost = errors.New("the shim died: how the job ended is not known")

// errNotOver is a release that came too early.
var errNotOver = errors.New("release the shim: the attempt is not over")

// Attempt is an attempt that was started, seen from the daemon.
type Attempt struct {
	dir    string
	run    Run
	pool   *Pool
	keeper *keeper // nil when an earlier daemon started it

	ended    chan struct{} // closed when exit is set
	rested   chan struct{} // closed when no process of it is left
	mu       sync.Mutex
	exit     *Exit
	released bool
}

// Run tells who runs it.
func (a *Attempt) Run() Run { return a.run }

// Wait returns when the job's first process has ended and exit.json is
// written; Exit.Unsaved tells that it could not be. The error is [ErrLost] when that
// process has ended, but after its shim. It may be called any number of times.
func (a *Attempt) Wait(ctx context.Context) (Exit, error) {
	if a.keeper != nil {
		select {
		case <-a.ended:
		case <-a.keeper.gone:
		case <-ctx.Done():
			return Exit{}, context.Cause(ctx)
		}
	}
	if exit := a.told(); exit != nil {
		return *exit, nil
	}
	return a.watch(ctx) // the shim has died, or is alone
}

// told is the exit that was heard of.
func (a *Attempt) told() *Exit {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.exit
}

func (a *Attempt) over(e Exit) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.exit == nil {
		a.exit = &e
		close(a.ended)
	}
}

func (a *Attempt) rest() {
	a.mu.Lock()
	defer a.mu.Unlock()
	select {
	case <-a.rested:
	default:
		close(a.rested)
	}
}

// Rested tells whether no process of the job is left, and the shim is idle: then
// Release gives it back at once.
func (a *Attempt) Rested() bool {
	select {
	case <-a.rested:
		return true
	default:
		return false
	}
}

// Release gives the shim away when the daemon has ended what it wanted to end
// of the job: back to the pool, or to its end. Processes that are still left
// lose their sub-reaper. It is called once, after Wait.
func (a *Attempt) Release(ctx context.Context) error {
	a.mu.Lock()
	again := a.released
	a.released = true
	a.mu.Unlock()
	if again {
		return nil
	}
	if a.keeper == nil {
		return a.dismiss(ctx)
	}
	select {
	case <-a.rested:
		a.pool.giveBack(a.keeper)
		return nil
	case <-a.keeper.gone:
		return a.dismiss(ctx)
	default:
	}
	if a.told() == nil {
		return errNotOver
	}
	if err := a.keeper.tell(command{Release: true}); err != nil {
		a.keeper.hangUp() // it is dying
	}
	select {
	case <-a.rested:
		a.pool.giveBack(a.keeper)
		return nil
	case <-a.keeper.gone:
		return a.dismiss(ctx)
	case <-ctx.Done():
		a.keeper.leaveAlone()
		return fmt.Errorf("release the shim: %w", context.Cause(ctx))
	}
}

// dismiss has a shim leave that nobody can talk to.
func (a *Attempt) dismiss(ctx context.Context) error {
	err := a.run.Shim.Signal(syscall.SIGTERM)
	if err == nil {
		err = a.run.Shim.Exited(ctx)
	}
	if errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	return err
}
