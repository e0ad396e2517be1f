package notify

import (
	"context"
	"errors"
	"fmt"
	"time"

	"uratori/internal/store"
)

// How far a receipt has come. Open ones are asked for.
const (
	traceOpen         = "open"
	traceAcknowledged = "acknowledged"
	traceExpired      = "expired" // nobody acknowledged, and it does not ring any more
	traceLost         = "lost"    // the service does not know it any more
	traceCancelled    = "cancelled"
)

// opened is a receipt that is waited for.
type opened struct {
	id       int64
	receipt  string
	accepted time.Time
	settled  bool // what it tells of is over
	Message
}

// follow asks for open receipts until somebody acknowledges or nobody can, one
// after the other. What is over is asked for at once, and has rung enough.
func (w *worker) follow(ctx, life context.Context, t Tracer) error {
	failures := 0 // in a row
	asked := int64(0)
	// First the pause: nobody acknowledges in the moment of sending.
	var pause *time.Timer
	defer func() {
		if pause != nil {
			pause.Stop()
		}
	}()
	for ctx.Err() == nil {
		open, err := w.openReceipts(ctx)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			return err
		case len(open) == 0:
			select {
			case <-ctx.Done():
			case <-w.receipt:
			}
			continue
		}
		o := turn(open, asked)
		if !o.settled {
			if pause == nil {
				pause = time.NewTimer(max(receiptPause/time.Duration(len(open)), patience))
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-w.receipt: // there is another, or one is over
				continue
			case <-pause.C:
				pause = nil
			}
			asked = o.id
		}
		after, answered, err := w.trace(ctx, life, t, o)
		switch {
		case err != nil:
			return err
		case answered:
			failures = 0
			continue
		}
		failures++
		if !sleep(ctx, max(after, grow(receiptPause, 2, longestPostponed, failures))) {
			return ctx.Err()
		}
	}
	return ctx.Err()
}

// turn is the receipt to ask for: one that is over, or the one after that which
// was asked for last.
func turn(open []opened, asked int64) opened {
	next := open[0]
	for _, o := range open {
		if o.settled {
			return o
		}
		if next.id <= asked && o.id > asked {
			next = o
		}
	}
	return next
}

func (w *worker) openReceipts(ctx context.Context) (open []opened, err error) {
	rows, err := w.b.o.DB.Reader().QueryContext(ctx, `SELECT m.id, d.receipt, d.ended, m.settled, m.ticket, m.task FROM notify_deliveries d JOIN notify_messages m ON m.id = d.message
		WHERE d.channel = ? AND d.trace = 'open' ORDER BY d.message`, w.channel.Name())
	if err != nil {
		return nil, fmt.Errorf("look for open receipts: %w", w.b.o.DB.Explain(err))
	}
	defer func() { _ = rows.Close() }() // rows.Err tells
	for rows.Next() {
		var o opened
		var ended string
		if err := rows.Scan(&o.id, &o.receipt, &ended, &o.settled, &o.Ticket, &o.Task); err != nil {
			return nil, fmt.Errorf("look for open receipts: %w", w.b.o.DB.Explain(err))
		}
		if _, can := w.channel.(Silencer); !can {
			o.settled = false
		}
		if o.accepted, err = parseStamp(ended); err != nil {
			return nil, fmt.Errorf("message %d: %w", o.id, err)
		}
		open = append(open, o)
	}
	return open, w.b.o.DB.Explain(rows.Err())
}

// trace asks once, has what is over and not acknowledged ring no more, and stores what there is to store. Without an answer it
// returns how long the service wants to be left alone, where it says.
func (w *worker) trace(ctx, life context.Context, t Tracer, o opened) (after time.Duration, answered bool, err error) {
	now := w.b.o.Now()
	bounded, cancel := context.WithTimeout(ctx, requestLimit)
	defer cancel()
	traced, err := w.askReceipt(bounded, t, o.receipt)
	failure, failed := errors.AsType[*Failure](err)
	switch {
	case ctx.Err() != nil:
		return 0, true, nil
	case err == nil && !traced.Acknowledged.IsZero():
		device := w.b.blot.text(traced.Device)
		return 0, true, w.close(life, o, traceAcknowledged, stamp(traced.Acknowledged), device,
			acknowledgedEntry{Message: o.id, Channel: w.channel.Name(), Receipt: o.receipt, At: stamp(traced.Acknowledged), Device: device})
	case err == nil && traced.Expired:
		return 0, true, w.close(life, o, traceExpired, nil, "", acknowledgedEntry{Message: o.id, Channel: w.channel.Name(), Receipt: o.receipt})
	case err == nil && !o.settled:
		return 0, true, nil
	case err == nil:
		if err = w.silence(bounded, o.receipt); err == nil {
			return 0, true, w.close(life, o, traceCancelled, nil, "", acknowledgedEntry{Message: o.id, Channel: w.channel.Name(), Receipt: o.receipt})
		}
		if ctx.Err() != nil {
			return 0, true, nil
		}
		failure, failed = errors.AsType[*Failure](err)
	}
	reason := w.b.blot.plain(err).Error()
	if failed {
		reason = w.b.blot.text(failure.Reason.Error())
		after = min(failure.After, longestHold)
	}
	if failed && failure.Outcome == Refused || now.Sub(o.accepted) > receiptLife {
		return 0, true, w.close(life, o, traceLost, nil, "", acknowledgedEntry{Message: o.id, Channel: w.channel.Name(), Receipt: o.receipt, Reason: reason})
	}
	w.b.o.Log.Warn("a receipt cannot be followed", "channel", w.channel.Name(), "message", o.id, "error", reason)
	return after, false, nil
}

// silence makes an error of a panic.
func (w *worker) silence(ctx context.Context, receipt string) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v", v)
		}
	}()
	s, ok := w.channel.(Silencer)
	if !ok {
		return fmt.Errorf("%s cannot silence anything", w.channel.Name())
	}
	return s.Silence(ctx, receipt)
}

// askReceipt makes an error of a panic.
func (w *worker) askReceipt(ctx context.Context, t Tracer, receipt string) (traced Traced, err error) {
	defer func() {
		if v := recover(); v != nil {
			traced, err = Traced{}, fmt.Errorf("panic: %v", v)
		}
	}()
	return t.Trace(ctx, receipt)
}

// close stores how a receipt ended, with the evidence.
func (w *worker) close(life context.Context, o opened, trace string, at any, device string, e acknowledgedEntry) error {
	event := map[string]string{traceAcknowledged: "acknowledged", traceExpired: "expired", traceLost: "receipt_lost", traceCancelled: "cancelled"}[trace]
	return w.b.keep(life, fmt.Sprintf("store what became of the receipt of message %d", o.id), func(tx *store.Tx) error {
		if err := move(tx, o.id, w.channel.Name(), StateAccepted, `trace = ?, acknowledged = ?, device = ?`, trace, at, device); err != nil {
			return err
		}
		return w.b.testify(tx, &o.Message, event, e)
	})
}
