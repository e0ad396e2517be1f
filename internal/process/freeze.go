package process

import (
	"context"
	"errors"
	"os"
	"slices"
	"syscall"
	"time"
)

// Freeze stops the whole tree (SIGSTOP): it returns when two scans in a row
// have found everybody stopped. A process that is busy in a driver stops when
// that comes back; it is waited for as long as ctx allows.
func (t *Tree) Freeze(ctx context.Context) error {
	return t.bring(ctx, syscall.SIGSTOP, Process.stopped)
}

// Thaw lets the whole tree go on (SIGCONT), also those that had stopped by
// themselves.
func (t *Tree) Thaw(ctx context.Context) error {
	return t.bring(ctx, syscall.SIGCONT, func(p Process) bool { return p.State != 'T' })
}

// bring sends sig to all who are not there yet, until two scans in a row find
// that everybody is.
func (t *Tree) bring(ctx context.Context, sig syscall.Signal, there func(Process) bool) error {
	pause := time.NewTicker(firstPause)
	defer pause.Stop()
	for calm := 0; ; {
		members, err := t.Members()
		if err != nil {
			return err
		}
		if sig == syscall.SIGCONT {
			slices.Reverse(members) // a parent that goes on finds its children going on
		}
		calm++
		for _, p := range members {
			if there(p) {
				continue
			}
			calm = 0
			if err := p.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
				return err
			}
		}
		if calm == 2 {
			return nil
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-pause.C:
		}
	}
}
