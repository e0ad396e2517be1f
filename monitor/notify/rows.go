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
// none: the most urgent first, then the oldest. None below least is taken.
func (b *Outbox) next(ctx context.Context, channel string, least Priority, now time.Time) (*delivery, error) {
	d := &delivery{}
	var at string
	err := b.o.DB.Reader().QueryRowContext(ctx, `SELECT m.id, m.at, d.doubts, d.streak, m.fingerprint, m.priority, m.title, m.body, m.url, m.url_title, m.attachment, m.ticket, m.task
		FROM notify_deliveries d JOIN notify_messages m ON m.id = d.message
		WHERE d.channel = ? AND d.state = 'waiting' AND d.priority >= ? AND (d.due <= ? OR d.due > ?)
		ORDER BY d.priority DESC, d.message LIMIT 1`,
		channel, int(least), stamp(now), stamp(now.Add(2*longestHold))). // a later time was noted by a clock that went wrong
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

// outlook is what a channel has before it.
type outlook struct {
	due   time.Time // of the next one that may be sent at any time; zero for none
	quiet bool      // others wait for the end of quiet hours
}

func (b *Outbox) outlook(ctx context.Context, channel string, least Priority) (o outlook, err error) {
	var due sql.NullString
	var below int
	err = b.o.DB.Reader().QueryRowContext(ctx, `SELECT min(CASE WHEN priority >= ? THEN due END), count(CASE WHEN priority < ? THEN 1 END)
		FROM notify_deliveries WHERE channel = ? AND state = 'waiting'`, int(least), int(least), channel).Scan(&due, &below)
	if err == nil {
		o.due, err = parseStamp(due.String)
	}
	if err != nil {
		return o, fmt.Errorf("look for what waits for %s: %w", channel, b.o.DB.Explain(err))
	}
	o.quiet = below > 0
	return o, nil
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
