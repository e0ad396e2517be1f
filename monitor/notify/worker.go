package notify

import (
	"context"
	"sync"
	"time"
)

// worker sends the messages of one channel, one at a time.
type worker struct {
	b       *Outbox
	channel Channel
	wake    chan struct{} // a message was stored
	receipt chan struct{} // a receipt was stored

	mu       sync.Mutex
	free     time.Time     // when the service may be asked again; zero for now
	hold     time.Duration // the pause that ends then
	refusals int           // in a row
	asked    bool          // a request was made since the start
	problem  error         // of the last request, nil after an acceptance
	quota    *Quota
}

func newWorker(b *Outbox, c Channel) *worker {
	return &worker{b: b, channel: c, wake: make(chan struct{}, 1), receipt: make(chan struct{}, 1)}
}

// stir has the worker look for messages.
func (w *worker) stir() { signal(w.wake) }

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // one is there already
	}
}

func (w *worker) run(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for ctx.Err() == nil {
		d, wait, err := w.look(ctx)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			return err
		case d != nil:
			if err := w.deliver(ctx, d); err != nil {
				return err
			}
			continue
		}
		var due <-chan time.Time
		if wait > 0 {
			timer.Reset(min(wait, watch))
			due = timer.C
		}
		select {
		case <-ctx.Done():
		case <-w.wake:
		case <-due:
		}
	}
	return ctx.Err()
}

// look finds the message whose turn it is, or how long there is none to send;
// 0 is until another is stored.
func (w *worker) look(ctx context.Context) (*delivery, time.Duration, error) {
	now := w.b.o.Now()
	held := w.held(now)
	least := Low
	end, quiet := w.b.o.Quiet.Until(now.In(w.b.o.Zone))
	if quiet {
		least = High
	}
	if held == 0 {
		d, err := w.b.next(ctx, w.channel.Name(), least, now)
		if d != nil || err != nil {
			return d, 0, err
		}
	}
	o, err := w.b.outlook(ctx, w.channel.Name(), least)
	if err != nil {
		return nil, 0, err
	}
	var wait time.Duration
	if !o.due.IsZero() {
		wait = max(o.due.Sub(now), held, time.Millisecond)
	}
	if o.quiet && quiet {
		if left := max(end.Sub(now), held); wait == 0 || left < wait {
			wait = left
		}
	}
	return nil, wait, nil
}

// held is how long the service is left alone from now on.
func (w *worker) held(now time.Time) time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	left := w.free.Sub(now)
	if w.free.IsZero() || left <= 0 || left > w.hold { // longer than it ever was: the clock was put back
		w.free = time.Time{}
		return 0
	}
	return left
}

// release ends a pause, because a person says so.
func (w *worker) release() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.free = time.Time{}
}

// note remembers how the service is.
func (w *worker) note(now time.Time, quota *Quota, f *Failure) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked = true
	if quota != nil {
		w.quota = quota
	}
	if f == nil {
		w.free, w.refusals, w.problem = time.Time{}, 0, nil
		return
	}
	w.problem = f.Reason
	w.hold = max(patience, min(f.After, longestHold))
	if f.Outcome == Refused {
		w.refusals++
		w.hold = max(w.hold, grow(patience, 2, longestRefused, w.refusals))
	}
	w.free = now.Round(0).Add(w.hold) // by the clock on the wall, which goes on while the machine sleeps
}
