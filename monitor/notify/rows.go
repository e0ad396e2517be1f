package notify

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"

	"uratori/internal/fault"
	"uratori/internal/store"
)

// State is how far a message has come on a channel.
type State string

// The states.
const (
	StateWaiting  State = "waiting"
	StateSending  State = "sending"
	StateAccepted State = "accepted"
	StateFailed   State = "failed"
)

// delivery is a message on a channel, as the worker of the channel sees it.
type delivery struct {
	id     int64
	at     time.Time
	doubts int
	streak int
	Message
}

// repeat tells whether the message may be on somebody's phone already.
func (d *delivery) repeat() bool { return d.doubts > 0 }

// next is the delivery of a channel whose turn it is at now, nil when there is
// none: the most urgent first, then the oldest. None below least is taken, and
// none that was tried before when fresh. What was postponed rests no longer than
// its channel does, so that the most urgent message is the one that finds the
// service back.
func (b *Outbox) next(ctx context.Context, channel string, least Priority, now time.Time, fresh bool) (*delivery, error) {
	d := &delivery{}
	var at string
	err := b.o.DB.Reader().QueryRowContext(ctx, `SELECT m.id, m.at, d.doubts, d.streak, m.fingerprint, m.priority, m.title, m.body, m.url, m.url_title, m.attachment, m.ticket, m.task
		FROM notify_deliveries d JOIN notify_messages m ON m.id = d.message
		WHERE d.channel = ? AND d.state = 'waiting' AND d.priority >= ?
			AND (d.streak = 0 OR NOT ? AND (d.last = 'postponed' OR d.due <= ? OR d.due > ? OR d.tried > ?))
		ORDER BY d.priority DESC, d.message LIMIT 1`,
		// No pause is that long, and no try was made in time to come: it was noted by
		// a clock that went wrong.
		channel, int(least), fresh, stamp(now), stamp(now.Add(longestHold)), stamp(now.Add(slack))).
		Scan(&d.id, &at, &d.doubts, &d.streak, &d.Fingerprint, &d.Priority, &d.Title, &d.Body, &d.URL, &d.URLTitle, &d.Attachment, &d.Ticket, &d.Task)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err == nil {
		d.at, err = parseStamp(at)
	}
	if err != nil {
		return nil, fmt.Errorf("look for the next message for %s: %w", channel, b.o.DB.Explain(err))
	}
	return d, nil
}

// slack is by how much a clock may be put back without anything being made of
// it.
const slack = time.Second

// outlook is what a channel has before it.
type outlook struct {
	fresh     bool      // there are messages that were not tried yet
	postponed bool      // and some that rest as long as the channel does
	due       time.Time // of the first of the others; zero for none
	below     bool      // there are some below the least priority
}

func (b *Outbox) outlook(ctx context.Context, channel string, least Priority) (o outlook, err error) {
	var due string
	err = b.o.DB.Reader().QueryRowContext(ctx, `SELECT
			coalesce(max(priority >= ?1 AND streak = 0), 0), coalesce(max(priority >= ?1 AND streak > 0 AND last = 'postponed'), 0),
			coalesce(min(CASE WHEN priority >= ?1 AND streak > 0 AND last <> 'postponed' THEN due END), ''), coalesce(max(priority < ?1), 0)
		FROM notify_deliveries WHERE channel = ?2 AND state = 'waiting'`, int(least), channel).Scan(&o.fresh, &o.postponed, &due, &o.below)
	if err == nil {
		o.due, err = parseStamp(due)
	}
	if err != nil {
		return o, fmt.Errorf("look for what waits for %s: %w", channel, b.o.DB.Explain(err))
	}
	return o, nil
}

// postponed is until when the channel was to be left alone, zero for not at
// all.
func (b *Outbox) postponed(ctx context.Context, channel string, now time.Time) (until time.Time, err error) {
	var due string
	err = b.o.DB.Reader().QueryRowContext(ctx, `SELECT coalesce(max(due), '') FROM notify_deliveries WHERE channel = ? AND state = 'waiting' AND last = 'postponed' AND tried <= ?`, channel, stamp(now.Add(slack))).Scan(&due)
	if err == nil {
		until, err = parseStamp(due)
	}
	if err != nil {
		return until, fmt.Errorf("look how long to leave %s alone: %w", channel, b.o.DB.Explain(err))
	}
	return until, nil
}

var errMoved = errors.New("the delivery is not in the state that it was left in")

// move changes one delivery, which must be in the state from.
func move(tx *store.Tx, id int64, channel string, from State, set string, args ...any) error {
	done, err := tx.Exec(`UPDATE notify_deliveries SET `+set+` WHERE message = ? AND channel = ? AND state = ?`, append(args, id, channel, string(from))...)
	if err != nil {
		return fmt.Errorf("message %d on %s: %w", id, channel, err)
	}
	n, err := done.RowsAffected()
	if err == nil && n != 1 {
		err = errMoved
	}
	if err != nil {
		return fmt.Errorf("message %d on %s: %w", id, channel, err)
	}
	return nil
}

// encodeReason is an error as it is kept, so that it reads in either language.
func encodeReason(err error) string {
	if err == nil {
		return ""
	}
	raw, failed := json.Marshal(fault.Encode(err))
	if failed != nil {
		return "" // texts of ours are clean; a reason is no reason to stop
	}
	return string(raw)
}

func decodeReason(s string) error {
	if s == "" {
		return nil
	}
	var w fault.Wire
	if err := json.Unmarshal([]byte(s), &w); err != nil {
		return fmt.Errorf("a reason that cannot be read: %w", err)
	}
	return w.Decode()
}
