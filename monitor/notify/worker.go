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

	mu sync.Mutex
	// A service that failed is left alone for a short while by everything. What
	// was tried already rests longer; a new message may find out that the
	// service is back.
	hard, soft hold
	inRow      int // failures of the same outcome
	outcome    Outcome
	asked      bool  // a request was made since the start
	problem    error // of the last request, nil after an acceptance
	quota      *Quota
}

// hold is a pause, by the clock on the wall, which goes on while the machine
// sleeps.
type hold struct {
	until time.Time
	span  time.Duration
}

func holdFor(now time.Time, span time.Duration) hold {
	return hold{now.Round(0).Add(span), span}
}

// left is how much of the pause is to come at now.
func (h hold) left(now time.Time) time.Duration {
	left := h.until.Sub(now)
	if left < 0 || left > h.span { // more than it ever was: the clock was put back
		return 0
	}
	return left
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

// run sends until ctx ends; what came of it is stored as long as life lasts.
func (w *worker) run(ctx, life context.Context) error {
	if err := w.rememberHold(ctx); err != nil {
		return err
	}
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
			if err := w.deliver(ctx, life, d); err != nil {
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

// rememberHold takes up the pause that a daemon before this one kept.
func (w *worker) rememberHold(ctx context.Context) error {
	now := w.b.o.Now()
	until, err := w.b.postponed(ctx, w.channel.Name(), now)
	if err != nil || until.IsZero() {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if span := until.Sub(now); span > 0 && span <= longestHold {
		w.soft = hold{until, span}
	}
	return nil
}

// look finds the message whose turn it is, or how long there is none to send;
// 0 is until another is stored.
func (w *worker) look(ctx context.Context) (*delivery, time.Duration, error) {
	now := w.b.o.Now()
	w.mu.Lock()
	hard, soft := w.hard.left(now), w.soft.left(now)
	w.mu.Unlock()
	least := Low
	end, quiet := w.b.o.Quiet.Until(now.In(w.b.o.Zone))
	if quiet {
		least = High
	}
	if hard == 0 {
		d, err := w.b.next(ctx, w.channel.Name(), least, now, soft > 0)
		if d != nil || err != nil {
			return d, 0, err
		}
	}
	o, err := w.b.outlook(ctx, w.channel.Name(), least)
	if err != nil {
		return nil, 0, err
	}
	var wait time.Duration
	sooner := func(d time.Duration) {
		if d = max(d, hard, time.Millisecond); wait == 0 || d < wait {
			wait = d
		}
	}
	if o.fresh {
		sooner(0)
	}
	if o.postponed {
		sooner(soft)
	}
	if !o.due.IsZero() {
		sooner(max(soft, o.due.Sub(now)))
	}
	if o.below && quiet {
		sooner(end.Sub(now))
	}
	return nil, wait, nil
}

// release ends all pauses, because a person says so.
func (w *worker) release() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hard, w.soft = hold{}, hold{}
}

// note remembers how the service is, and returns how long a postponed message
// rests.
func (w *worker) note(now time.Time, quota *Quota, f *Failure) time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked = true
	if quota != nil {
		w.quota = quota
	}
	if f == nil {
		w.hard, w.soft, w.inRow, w.outcome, w.problem = hold{}, hold{}, 0, "", nil
		return 0
	}
	w.problem = f.Reason
	if w.inRow++; w.outcome != f.Outcome {
		w.inRow, w.outcome = 1, f.Outcome
	}
	span := max(patience, min(f.After, longestHold))
	if f.Outcome == Refused {
		span = max(span, grow(patience, 2, longestRefused, w.inRow))
	}
	w.hard = holdFor(now, span)
	if f.Outcome != Postponed {
		w.soft = hold{}
		return span
	}
	w.soft = holdFor(now, f.pause(w.inRow, w.b.o.Jitter))
	return w.soft.span
}
