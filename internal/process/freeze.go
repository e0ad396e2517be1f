package process

import (
	"context"
	"errors"
	"os"
	"slices"
	"syscall"
	"time"
)

// Freeze stops the whole tree (SIGSTOP): it returns when everybody was seen to
// be stopped. Whoever is in the kernel meanwhile (state D) counts as stopped,
// since it will be before it runs another instruction of its own: it may wait
// for a child to exec that was stopped before it could (vfork), for ever.
func (t *Tree) Freeze(ctx context.Context) error {
	return t.bring(ctx, syscall.SIGSTOP, func(p Process, told bool) bool {
		return p.stopped() || told && p.State == 'D'
	})
}

// Thaw lets the whole tree go on (SIGCONT), also those that had stopped by
// themselves.
func (t *Tree) Thaw(ctx context.Context) error {
	return t.bring(ctx, syscall.SIGCONT, func(p Process, told bool) bool { return told && p.State != 'T' })
}

// bring sends sig to all who are not there yet, until everybody is.
func (t *Tree) bring(ctx context.Context, sig syscall.Signal, there func(p Process, told bool) bool) error {
	pause := time.NewTicker(firstPause)
	defer pause.Stop()
	told := map[ID]bool{}
	for still := stillness(0); ; {
		c, err := t.look()
		if err != nil {
			return err
		}
		members, all := c.members, true
		if sig == syscall.SIGCONT {
			slices.Reverse(members) // a parent that goes on finds its children going on
		}
		for _, p := range members {
			if there(p, told[p.ID]) {
				continue
			}
			all = false
			if err := p.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
				return err
			}
			told[p.ID] = true
		}
		if still.saw(c, all) {
			return nil
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-pause.C:
		}
	}
}
