package notify

import (
	"context"
	"fmt"
	"strings"
	"time"

	"uratori/internal/store"
)

// Record is a message with what became of it.
type Record struct {
	Message
	ID         int64
	At         time.Time // when it was posted
	Suppressed int       // repeats that were not sent
	Deliveries []Delivery
}

// Delivery is how far a message has come on a channel.
type Delivery struct {
	Channel string
	State   State
	Tries   int
	Doubts  int       // tries that may have been accepted without our knowing
	Next    time.Time // when it is tried again; zero unless it waits
	Ended   time.Time // when it was accepted or refused
	Request string    // the service's id of the request that was accepted
	Reason  error     // why it was not accepted, last; nil for none

	Receipt      string // empty where nobody has to acknowledge
	Trace        string // "open", "acknowledged", "expired" or "lost"
	Acknowledged time.Time
	Device       string
}

// Query chooses messages of the history.
type Query struct {
	Before int64 // an id; 0 begins with the newest
	Limit  int   // 1 to 500; 0 is 50
	Ticket string
	State  State // messages with a delivery in this state; empty for any
}

// Page is a part of the history, the newest first.
type Page struct {
	Records []Record
	Next    int64 // for Before of the next page; 0 when there is none
}

const usualPage, mostPage = 50, 500

// History lists messages.
func (b *Outbox) History(ctx context.Context, q Query) (Page, error) {
	limit := min(q.Limit, mostPage)
	if limit <= 0 {
		limit = usualPage
	}
	var where []string
	var args []any
	if q.Before > 0 {
		where, args = append(where, "m.id < ?"), append(args, q.Before)
	}
	if q.Ticket != "" {
		where, args = append(where, "m.ticket = ?"), append(args, q.Ticket)
	}
	if q.State != "" {
		where, args = append(where, "EXISTS (SELECT 1 FROM notify_deliveries d WHERE d.message = m.id AND d.state = ?)"), append(args, string(q.State))
	}
	text := ""
	if len(where) > 0 {
		text = "WHERE " + strings.Join(where, " AND ")
	}
	records, err := b.records(ctx, text+" ORDER BY m.id DESC LIMIT ?", append(args, limit+1)...)
	if err != nil {
		return Page{}, err
	}
	p := Page{Records: records}
	if len(records) > limit {
		p.Records = records[:limit]
		p.Next = p.Records[limit-1].ID
	}
	return p, nil
}

// Get is one message. The error is [ErrUnknown] when there is none.
func (b *Outbox) Get(ctx context.Context, id int64) (Record, error) {
	records, err := b.records(ctx, "WHERE m.id = ?", id)
	if err != nil {
		return Record{}, err
	}
	if len(records) == 0 {
		return Record{}, fmt.Errorf("message %d: %w", id, ErrUnknown)
	}
	return records[0], nil
}

func (b *Outbox) records(ctx context.Context, rest string, args ...any) ([]Record, error) {
	records, err := b.messages(ctx, rest, args...)
	for i := range records {
		if err == nil {
			records[i].Deliveries, err = b.deliveries(ctx, records[i].ID)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("read the history of messages: %w", b.o.DB.Explain(err))
	}
	return records, nil
}

func (b *Outbox) messages(ctx context.Context, rest string, args ...any) (records []Record, err error) {
	rows, err := b.o.DB.Reader().QueryContext(ctx, `SELECT m.id, m.at, m.fingerprint, m.priority, m.title, m.body, m.url, m.url_title, m.attachment, m.ticket, m.task,
		coalesce((SELECT sum(s.count) FROM notify_suppressed s WHERE s.message = m.id), 0) FROM notify_messages m `+rest, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // rows.Err tells
	for rows.Next() {
		var r Record
		var at string
		if err := rows.Scan(&r.ID, &at, &r.Fingerprint, &r.Priority, &r.Title, &r.Body, &r.URL, &r.URLTitle, &r.Attachment, &r.Ticket, &r.Task, &r.Suppressed); err != nil {
			return nil, err
		}
		if r.At, err = parseStamp(at); err != nil {
			return nil, fmt.Errorf("message %d: %w", r.ID, err)
		}
		records = append(records, r)
	}
	return records, rows.Err()
}

func (b *Outbox) deliveries(ctx context.Context, id int64) (list []Delivery, err error) {
	rows, err := b.o.DB.Reader().QueryContext(ctx, `SELECT channel, state, tries, doubts, due, coalesce(ended, ''), request, reason, receipt, trace, coalesce(acknowledged, ''), device
		FROM notify_deliveries WHERE message = ? ORDER BY channel`, id)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // rows.Err tells
	for rows.Next() {
		var d Delivery
		var due, ended, reason, acknowledged string
		if err := rows.Scan(&d.Channel, &d.State, &d.Tries, &d.Doubts, &due, &ended, &d.Request, &reason, &d.Receipt, &d.Trace, &acknowledged, &d.Device); err != nil {
			return nil, err
		}
		d.Reason = decodeReason(reason)
		if d.State != StateWaiting {
			due = ""
		}
		for _, t := range []struct {
			text string
			into *time.Time
		}{{due, &d.Next}, {ended, &d.Ended}, {acknowledged, &d.Acknowledged}} {
			if *t.into, err = parseStamp(t.text); err != nil {
				return nil, fmt.Errorf("message %d: %w", id, err)
			}
		}
		list = append(list, d)
	}
	return list, rows.Err()
}

// Retry has messages sent now that were refused, or that wait for another try:
// one, or all when id is 0. It returns how many deliveries that are.
func (b *Outbox) Retry(ctx context.Context, id int64) (n int, err error) {
	err = b.o.DB.Write(ctx, func(tx *store.Tx) error {
		n = 0
		for _, w := range b.workers {
			done, err := tx.Exec(`UPDATE notify_deliveries SET state = 'waiting', due = ?, streak = 0, ended = NULL
				WHERE channel = ? AND (? = 0 OR message = ?) AND (state = 'failed' OR state = 'waiting' AND tries > 0)`,
				stamp(b.o.Now()), w.channel.Name(), id, id)
			if err != nil {
				return err
			}
			changed, err := done.RowsAffected()
			if err != nil {
				return err
			}
			n += int(changed)
			tx.OnCommit(func() { w.release(); w.stir() })
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("send messages again: %w", b.o.DB.Explain(err))
	}
	return n, nil
}
