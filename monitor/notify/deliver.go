package notify

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"uratori/internal/fault"
	"uratori/internal/store"
)

// deliver makes one request for d, between two transactions: the first says
// that it is being sent, the second what came of it.
func (w *worker) deliver(ctx, life context.Context, d *delivery) error {
	name := w.channel.Name()
	var tries int
	err := w.b.o.DB.Write(ctx, func(tx *store.Tx) error {
		if err := move(tx, d.id, name, StateWaiting, `state = 'sending', tries = tries + 1, streak = streak + 1`); err != nil {
			return err
		}
		return tx.Get(`SELECT tries FROM notify_deliveries WHERE message = ? AND channel = ?`, []any{d.id, name}, &tries)
	})
	if err != nil {
		return fmt.Errorf("store that message %d is being sent: %w", d.id, w.b.o.DB.Explain(err))
	}
	accepted, failure := w.request(ctx, d)
	now := w.b.o.Now()
	rest := w.note(now, accepted.Quota, failure)
	if failure == nil {
		return w.accept(life, d, accepted, tries, now)
	}
	w.b.o.Log.Warn("a message was not accepted", "channel", name, "message", d.id, "outcome", string(failure.Outcome), "error", failure.Reason)
	return w.fail(life, d, failure, tries, now, rest)
}

// request asks the channel, and lets the request finish when ctx ends.
func (w *worker) request(ctx context.Context, d *delivery) (Accepted, *Failure) {
	limit := requestLimit
	if d.Attachment != "" {
		limit = pictureLimit
	}
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
	var all sync.WaitGroup
	defer all.Wait()
	defer cancel()
	all.Go(func() {
		select {
		case <-ctx.Done():
			if sleep(bounded, parting) {
				cancel()
			}
		case <-bounded.Done():
		}
	})
	a, err := w.attempt(bounded, Parcel{Message: d.Message, ID: d.id, At: d.at, Repeat: d.repeat(), Foot: w.b.foot(d)})
	if err == nil {
		a.Request, a.Receipt = w.b.blot.text(a.Request), w.b.blot.text(a.Receipt)
		return a, nil
	}
	f, ok := errors.AsType[*Failure](err)
	if !ok {
		f = &Failure{Outcome: Unanswered, Reason: fault.New(fault.Unavailable, "notify.no_answer", "channel", w.channel.Name()).Wrap(err)}
	}
	return a, &Failure{Outcome: f.Outcome, After: f.After, Reason: w.b.blot.fault(f.Reason)}
}

// attempt makes an error of a panic: one channel's fault is not another's.
func (w *worker) attempt(ctx context.Context, p Parcel) (a Accepted, err error) {
	defer func() {
		if v := recover(); v != nil {
			w.b.o.Log.Error("a channel panicked", "channel", w.channel.Name(), "panic", w.b.blot.text(fmt.Sprint(v)), "stack", w.b.blot.r.Replace(string(debug.Stack())))
			a, err = Accepted{}, fmt.Errorf("panic: %v", v)
		}
	}()
	return w.channel.Deliver(ctx, p)
}

// foot is the last line of a message: the number that finds it in the history,
// and that is the same on a message and its repeat.
func (b *Outbox) foot(d *delivery) string {
	if d.repeat() {
		return b.o.Lang.Say("notify.foot_repeat", "id", d.id)
	}
	return b.o.Lang.Say("notify.foot", "id", d.id)
}

func (w *worker) accept(life context.Context, d *delivery, a Accepted, tries int, now time.Time) error {
	name := w.channel.Name()
	return w.b.keep(life, fmt.Sprintf("store that %s accepted message %d", name, d.id), func(tx *store.Tx) error {
		trace := ""
		if a.Receipt != "" {
			trace = traceOpen
			tx.OnCommit(func() { signal(w.receipt) })
		}
		if err := move(tx, d.id, name, StateSending, `state = 'accepted', ended = ?, last = '', reason = '', request = ?, receipt = ?, trace = ?`,
			stamp(now), a.Request, a.Receipt, trace); err != nil {
			return err
		}
		// The service is back: what was postponed does not hold up another start.
		if _, err := tx.Exec(`UPDATE notify_deliveries SET due = ? WHERE channel = ? AND state = 'waiting' AND last = ? AND due > ?`,
			stamp(now), name, string(Postponed), stamp(now)); err != nil {
			return err
		}
		return w.b.testify(tx, &d.Message, "accepted", acceptedEntry{
			Message: d.id, Channel: name, Fingerprint: w.b.blot.r.Replace(d.Fingerprint), Priority: d.Priority, Title: w.b.blot.text(d.Title), Posted: stamp(d.at),
			Request: a.Request, Receipt: a.Receipt, Tries: tries, Doubts: d.doubts,
		})
	})
}

func (w *worker) fail(life context.Context, d *delivery, f *Failure, tries int, now time.Time, rest time.Duration) error {
	name := w.channel.Name()
	doubts := d.doubts
	if f.Outcome == Doubtful || f.Outcome == Unanswered {
		doubts++
	}
	if f.Outcome != Postponed { // which rests as long as the channel does
		rest = f.pause(d.streak+1, w.b.o.Jitter)
	}
	due := now.Add(rest)
	return w.b.keep(life, fmt.Sprintf("store that %s did not accept message %d", name, d.id), func(tx *store.Tx) error {
		state, ended := StateWaiting, any(nil)
		if f.Outcome == Refused {
			state, ended = StateFailed, stamp(now)
		}
		if err := move(tx, d.id, name, StateSending, `state = ?, due = ?, tried = ?, ended = ?, doubts = ?, last = ?, reason = ?`,
			string(state), stamp(due), stamp(now), ended, doubts, string(f.Outcome), encodeReason(f.Reason)); err != nil {
			return err
		}
		switch f.Outcome {
		case Refused:
			return w.b.testify(tx, &d.Message, "failed", failedEntry{
				Message: d.id, Channel: name, Fingerprint: w.b.blot.r.Replace(d.Fingerprint), Priority: d.Priority, Title: w.b.blot.text(d.Title), Posted: stamp(d.at),
				Tries: tries, Doubts: doubts, Reason: w.b.blot.text(f.Reason.Error()),
			})
		case Unanswered:
			return w.b.testify(tx, &d.Message, "unanswered", unansweredEntry{d.id, name, tries, w.b.blot.text(f.Reason.Error())})
		}
		return nil
	})
}
