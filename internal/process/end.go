package process

import (
	"context"
	"errors"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// firstPause and lastPause bound the time between two scans while members
	// are waited for. The end of all that are known is noticed at once.
	firstPause = 5 * time.Millisecond
	lastPause  = 250 * time.Millisecond
	// usualPatience is how long after SIGKILL nothing may happen. A process
	// with much memory, or with a GPU to give back, takes seconds to go.
	usualPatience = 10 * time.Second
	// longest bounds the chase after members that go on making new ones.
	longest = time.Minute
)

// End ends the whole tree: SIGTERM to all, then, when grace is over, SIGKILL,
// until it is certain that nobody is left, or nothing more can be done. It
// returns as soon as everybody is gone. Who is born after SIGTERM by a process
// that has got it and lives is left in peace until grace is over, or its
// parent is gone: it may be what saves the work. When ctx ends before that,
// the Ending tells how far it came and the error is that of ctx; another call
// may go on.
func (t *Tree) End(ctx context.Context, grace time.Duration) (Ending, error) {
	e := newEnder(t)
	defer e.close()
	err := e.run(ctx, grace)
	return e.ending(), err
}

// ender ends one tree once.
type ender struct {
	tree     *Tree
	patience time.Duration
	began    time.Time
	targets  map[ID]*target
	ended    []Ended
}

func newEnder(t *Tree) *ender {
	return &ender{tree: t, patience: usualPatience, began: time.Now(), targets: map[ID]*target{}, ended: []Ended{}}
}

func (e *ender) run(ctx context.Context, grace time.Duration) error {
	done, err := e.ask(ctx, e.began.Add(grace))
	if err != nil || done {
		return err
	}
	return e.force(ctx)
}

// target is a member that was found and is not known to be gone.
type target struct {
	Process // as it was last seen
	handle  handle
	last    syscall.Signal // 0: none yet
	denied  bool
}

// ask sends SIGTERM to everybody once and waits until deadline. done means
// that nobody is left.
func (e *ender) ask(ctx context.Context, deadline time.Time) (done bool, err error) {
	pause := firstPause
	first := true
	for still := stillness(0); time.Now().Before(deadline); first = false {
		c, err := e.look()
		if err != nil {
			return false, err
		}
		if still.saw(c, len(c.members) == 0) {
			return true, nil
		}
		c.settle()
		for _, p := range c.members {
			if first || !e.wasTold(c.all[p.Parent]) {
				e.tell(e.targets[p.ID], syscall.SIGTERM)
			}
		}
		if e.nothingHelps() {
			return false, nil
		}
		if err := e.wait(ctx, min(pause, time.Until(deadline))); err != nil {
			return false, err
		}
		pause = min(2*pause, lastPause)
	}
	return false, nil
}

// force sends SIGKILL to everybody, again and again.
func (e *ender) force(ctx context.Context) error {
	began := time.Now()
	progress := began
	pause := firstPause
	for still := stillness(0); ; {
		before, ended := len(e.targets), len(e.ended)
		c, err := e.look()
		if err != nil {
			return err
		}
		if still.saw(c, len(c.members) == 0) {
			return nil
		}
		c.settle()
		if len(e.targets) != before || len(e.ended) != ended {
			progress, pause = time.Now(), firstPause
		}
		for _, p := range c.members {
			e.tell(e.targets[p.ID], syscall.SIGKILL)
		}
		if err := e.chase(ctx, c); err != nil {
			return err
		}
		if e.nothingHelps() || time.Since(progress) > e.patience || time.Since(began) > longest {
			if len(e.targets) == 0 {
				return errUnsettled
			}
			return nil
		}
		if err := e.wait(ctx, pause); err != nil {
			return err
		}
		pause = min(2*pause, lastPause)
	}
}

// chase kills whoever is born while others are being killed, for a while. A
// process that goes on by forking and ending is gone whenever a scan comes to
// it; here it is met a moment after its birth.
func (e *ender) chase(ctx context.Context, c *census) error {
	const quiet, longest = 2 * time.Millisecond, 100 * time.Millisecond
	began := time.Now()
	for last := began; time.Since(last) < quiet && time.Since(began) < longest && ctx.Err() == nil; {
		born, err := c.born()
		if err != nil {
			return err
		}
		for _, p := range born {
			if e.targets[p.ID] != nil {
				continue // the scan has met it
			}
			h, err := p.open()
			if err != nil {
				continue // gone, or it is a thread
			}
			t := &target{Process: p, handle: h}
			e.targets[p.ID] = t
			e.tell(t, syscall.SIGKILL)
			last = time.Now()
		}
	}
	return nil
}

// look scans, and notes who is new and who is gone.
func (e *ender) look() (*census, error) {
	c, err := e.tree.look()
	if err != nil {
		return nil, err
	}
	living := make(map[ID]bool, len(c.members))
	for _, p := range c.members {
		living[p.ID] = true
		e.meet(p)
	}
	for id := range e.targets {
		if !living[id] {
			e.farewell(id)
		}
	}
	return c, nil
}

// meet makes a target of a member, or brings the one that it is up to date.
func (e *ender) meet(p Process) {
	if t, ok := e.targets[p.ID]; ok {
		t.Process = p
		return
	}
	h, err := p.open()
	if err != nil {
		h = handle{p.ID, none} // gone, or no descriptor is left: the next scan tells
	}
	e.targets[p.ID] = &target{Process: p, handle: h}
}

func (e *ender) farewell(id ID) {
	t := e.targets[id]
	delete(e.targets, id)
	t.handle.close()
	e.ended = append(e.ended, Ended{ID: id, Name: t.Name, Signal: signalName(t.last)})
}

// wasTold tells whether p lives, as far as is known, and has got SIGTERM.
func (e *ender) wasTold(p Process) bool {
	t, ok := e.targets[p.ID]
	return ok && t.last == syscall.SIGTERM
}

// tell sends sig to t unless it has had it. One that is stopped could not act
// on SIGTERM, so it is made to go on.
func (e *ender) tell(t *target, sig syscall.Signal) {
	if t.last != sig {
		err := t.handle.signal(sig)
		if err == nil {
			t.last = sig
		}
		t.denied = errors.Is(err, os.ErrPermission)
	}
	if sig == syscall.SIGTERM && t.stopped() && !t.denied {
		_ = t.handle.signal(syscall.SIGCONT) // if it is gone, the next scan tells
	}
}

// nothingHelps tells whether all who are left may not be signalled.
func (e *ender) nothingHelps() bool {
	for _, t := range e.targets {
		if !t.denied {
			return false
		}
	}
	return len(e.targets) > 0
}

// wait returns when all targets are gone, or after d.
func (e *ender) wait(ctx context.Context, d time.Duration) error {
	deadline := time.Now().Add(d)
	for {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		var fds []unix.PollFd
		for id, t := range e.targets {
			done, err := t.handle.ended()
			if err != nil {
				return err
			}
			if done {
				e.farewell(id)
			} else if t.handle.fd != none {
				fds = append(fds, unix.PollFd{Fd: int32(t.handle.fd), Events: unix.POLLIN}) //nolint:gosec // a descriptor is small
			}
		}
		left := time.Until(deadline)
		if len(e.targets) == 0 || left <= 0 {
			return nil
		}
		// Short, so that the end of ctx is noticed, and of those without a
		// descriptor.
		const longestPoll = 20 * time.Millisecond
		ms := max(1, min(left, longestPoll).Milliseconds())
		if _, err := unix.Poll(fds, int(ms)); err != nil && !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

func (e *ender) ending() Ending {
	end := Ending{Ended: e.ended, Survivors: []Survivor{}, Took: time.Since(e.began)}
	var left []Process
	for _, t := range e.targets {
		left = append(left, t.Process)
	}
	byAge(left)
	for _, p := range left {
		end.Survivors = append(end.Survivors, Survivor{p, e.reason(p)})
	}
	return end
}

func (e *ender) reason(p Process) Reason {
	switch {
	case e.targets[p.ID].denied:
		return NotPermitted
	case p.State == 'D':
		return Uninterruptible
	default:
		return StillThere
	}
}

func (e *ender) close() {
	for _, t := range e.targets {
		t.handle.close()
	}
}

func signalName(sig syscall.Signal) string {
	if sig == 0 {
		return ""
	}
	return unix.SignalName(sig)
}
