package daemon

import (
	"context"
	"fmt"
	"runtime/debug"
	"strconv"
	"sync"
	"time"

	"uratori/internal/control"
	"uratori/internal/ledger"
)

// usualPatience is how long doctor waits for its checks: the whole chain of a
// large ledger is walked in that time, and a person still waits for it.
const usualPatience = time.Minute

// Inspection is one question of `uratori doctor`.
type Inspection struct {
	Name string // of its check, also where it does not answer
	// Look answers it from what is there now. It ought to end with ctx; one that
	// does not, as a look at a disk that hangs, is told as unanswered.
	Look func(ctx context.Context) control.Check
}

// inspector has inspections made, all at the same time, and waits for none of
// them for longer than its patience. One that was not back by then is not begun
// again beside itself, however often somebody asks.
type inspector struct {
	patience time.Duration
	now      func() time.Time
	panicked func(name string, value any, stack []byte) control.Check

	mu    sync.Mutex
	going map[*inspecting]struct{}
}

type inspecting struct {
	name    string
	began   time.Time
	overdue bool          // nobody waits for it any more
	done    chan struct{} // closed when it is back
	found   control.Check // once it is
}

// look makes all of them. The checks come in their order.
func (i *inspector) look(ctx context.Context, all []Inspection) []control.Check {
	ctx, cancel := context.WithTimeout(ctx, i.patience)
	defer cancel()
	waits := make([]func() control.Check, len(all))
	for n, one := range all {
		waits[n] = i.begin(ctx, one)
	}
	checks := make([]control.Check, 0, len(all))
	for _, wait := range waits {
		checks = append(checks, wait())
	}
	return checks
}

// begin has one made and gives what waits for it.
func (i *inspector) begin(ctx context.Context, one Inspection) (wait func() control.Check) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for before := range i.going {
		if before.name == one.Name && before.overdue {
			since := before.began.Local().Format(time.DateTime)
			return func() control.Check {
				return check(one.Name, ledger.Unverifiable, "doctor.still_unanswered", "since", since)
			}
		}
	}
	own := &inspecting{name: one.Name, began: i.now(), done: make(chan struct{})}
	if i.going == nil {
		i.going = map[*inspecting]struct{}{}
	}
	i.going[own] = struct{}{}
	go func() {
		defer i.back(own)
		defer func() {
			if v := recover(); v != nil {
				own.found = i.panicked(one.Name, v, debug.Stack())
			}
		}()
		own.found = one.Look(ctx)
	}()
	return func() control.Check { return i.await(ctx, own) }
}

func (i *inspector) back(own *inspecting) {
	i.mu.Lock()
	defer i.mu.Unlock()
	delete(i.going, own)
	close(own.done)
}

func (i *inspector) await(ctx context.Context, own *inspecting) control.Check {
	select {
	case <-own.done:
	case <-ctx.Done():
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	select {
	case <-own.done:
		// What it says after its time is that it had to stop.
		if ctx.Err() == nil || own.found.Verdict != ledger.Unverifiable {
			return own.found
		}
	default:
		own.overdue = true
	}
	return check(own.name, ledger.Unverifiable, "doctor.unanswered", "seconds", strconv.FormatFloat(i.patience.Seconds(), 'g', -1, 64))
}

// stop waits for what is still being looked at, until ctx ends, and names what is
// not back by then.
func (i *inspector) stop(ctx context.Context) (hung []string) {
	i.mu.Lock()
	var left []*inspecting
	for one := range i.going {
		left = append(left, one)
	}
	i.mu.Unlock()
	for _, one := range left {
		select {
		case <-one.done:
		case <-ctx.Done():
			hung = append(hung, "doctor "+one.name)
		}
	}
	return hung
}

// checkPanicked tells a check that failed itself, which says nothing about what it
// was to look at.
func (d *daemon) checkPanicked(name string, value any, stack []byte) control.Check {
	text := d.clean(fmt.Sprint(value))
	d.Log.Error("a check of doctor panicked", "check", name, "error", text, "stack", d.clean(string(stack)))
	return check(name, ledger.Unverifiable, "doctor.check_failed", "error", text)
}
