package process

import (
	"context"
	"errors"
	"os"
	"slices"
	"syscall"
	"time"
)

// Freeze stops the whole tree (SIGSTOP), until two scans in a row find
// everybody stopped, and returns who is. One in state D stops when its driver
// comes back; it is waited for as long as ctx allows.
func (t *Tree) Freeze(ctx context.Context) ([]Process, error) {
	return t.bring(ctx, syscall.SIGSTOP, Process.stopped)
}

// Thaw lets the whole tree go on (SIGCONT), also those that had stopped by
// themselves, and returns who does.
func (t *Tree) Thaw(ctx context.Context) ([]Process, error) {
	return t.bring(ctx, syscall.SIGCONT, func(p Process) bool { return p.State != 'T' })
}

func (t *Tree) bring(ctx context.Context, sig syscall.Signal, there func(Process) bool) ([]Process, error) {
	pause := time.NewTicker(firstPause)
	defer pause.Stop()
	for calm := 0; ; {
		members, err := t.Members()
		if err != nil {
			return nil, err
		}
		if sig == syscall.SIGCONT {
			slices.Reverse(members) // a parent that goes on finds its children going on
		}
		moving := false
		for _, p := range members {
			if there(p) {
				continue
			}
			moving = true
			if err := p.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
				return nil, err
			}
		}
		if moving {
			calm = 0
		} else if calm++; calm == 2 {
			byAge(members)
			return members, nil
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-pause.C:
		}
	}
}
