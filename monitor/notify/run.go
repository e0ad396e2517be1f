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

// Run sends what is stored, until ctx ends; then it waits a few seconds for
// requests in hand. Messages that a daemon before this one was sending when it
// died are sent again, marked. Run wakes when a message is stored or one comes
// due, and sleeps while nothing waits.
//
// An error is one of the store, or a panic: the loop's guard reports it and
// starts Run again.
func (b *Outbox) Run(ctx context.Context) error {
	if err := b.takeUp(ctx); err != nil {
		return err
	}
	life := ctx
	ctx, cancel := context.WithCancelCause(life)
	defer cancel(nil)
	var all sync.WaitGroup
	start := func(run func() error) {
		all.Go(func() { cancel(guarded(run)) })
	}
	for _, w := range b.workers {
		start(func() error { return w.run(ctx, life) })
		if t, ok := w.channel.(Tracer); ok {
			start(func() error { return w.follow(ctx, life, t) })
		}
	}
	<-ctx.Done()
	all.Wait()
	for _, w := range b.workers {
		if c, ok := w.channel.(interface{ CloseIdleConnections() }); ok {
			c.CloseIdleConnections()
		}
	}
	return context.Cause(ctx)
}

// guarded turns a panic into an error: one here would end the whole process.
func guarded(run func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic while sending messages: %v\n%s", v, debug.Stack())
		}
	}()
	return run()
}

var errCutOff = fault.New(fault.Unavailable, "notify.cut_off")

// takeUp takes back what was being sent when the process ended, or when the
// store could not keep the outcome.
func (b *Outbox) takeUp(ctx context.Context) error {
	err := b.o.DB.Write(ctx, func(tx *store.Tx) error {
		cut, err := sending(tx)
		if err != nil {
			return err
		}
		for _, c := range cut {
			if b.worker(c.channel) == nil {
				continue // when its channel is there again
			}
			reason := encodeReason(errCutOff)
			if err := move(tx, c.id, c.channel, StateSending, `state = 'waiting', due = ?, doubts = doubts + 1, last = ?, reason = ?`,
				stamp(b.o.Now()), string(Unanswered), reason); err != nil {
				return err
			}
			if err := b.testify(tx, &c.Message, "unanswered", unansweredEntry{c.id, c.channel, c.tries, errCutOff.Error()}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("take up the messages that were being sent: %w", b.o.DB.Explain(err))
	}
	return nil
}

type cutOff struct {
	delivery
	channel string
	tries   int
}

func sending(tx *store.Tx) (cut []cutOff, err error) {
	rows, err := tx.Query(`SELECT m.id, d.channel, d.tries, m.ticket, m.task FROM notify_deliveries d JOIN notify_messages m ON m.id = d.message WHERE d.state = 'sending'`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // rows.Err tells
	for rows.Next() {
		var c cutOff
		if err := rows.Scan(&c.id, &c.channel, &c.tries, &c.Ticket, &c.Task); err != nil {
			return nil, err
		}
		cut = append(cut, c)
	}
	return cut, rows.Err()
}

// keep stores an outcome. It does not give up while life lasts, even when the
// rest of Run has failed: what is not stored is sent again.
func (b *Outbox) keep(life context.Context, what string, change func(*store.Tx) error) error {
	const first, longest = time.Second, time.Minute
	for n := 1; ; n++ {
		err := b.o.DB.Write(context.WithoutCancel(life), change)
		if err == nil {
			return nil
		}
		err = fmt.Errorf("%s: %w", what, b.o.DB.Explain(err))
		if life.Err() != nil || errors.Is(err, store.ErrClosed) || errors.Is(err, errMoved) {
			return err
		}
		b.o.Log.Error("the outcome of a message cannot be stored", "error", err)
		if !sleep(life, grow(first, 2, longest, n)) {
			return err
		}
	}
}

// sleep tells whether d passed before ctx ended.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
