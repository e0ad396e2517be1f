package notify

import (
	"database/sql"
	"errors"
	"fmt"

	"uratori/internal/store"
)

// Posted is what became of a message at once.
type Posted struct {
	ID int64 // of the message, or of the one that told the same before
	// Suppressed says that it was told already, and is counted only.
	Suppressed bool
}

// Post stores a message inside tx, the transaction that records why people are
// to be told: both are there afterwards, or neither. Sending begins when tx is
// durable.
//
// A fingerprint that was told already is counted only. It passes when the
// message escalates to a priority above those that were told, or when every
// channel has refused what was posted before: then that message is sent again
// with the new text.
//
// An error is the caller's mistake (no fingerprint, no priority) or the
// store's.
func (b *Outbox) Post(tx *store.Tx, m Message) (Posted, error) {
	m, err := m.checked()
	if err != nil {
		return Posted{}, err
	}
	var id int64
	var told Priority
	err = tx.Get(`SELECT id, priority FROM notify_messages WHERE fingerprint = ? ORDER BY priority DESC LIMIT 1`, []any{m.Fingerprint}, &id, &told)
	switch {
	case errors.Is(err, sql.ErrNoRows), err == nil && m.Escalates && m.Priority > told:
		id, err = b.insert(tx, m)
		return Posted{ID: id}, err
	case err != nil:
		return Posted{}, fmt.Errorf("look for message %.80q: %w", m.Title, err)
	}
	known, err := b.toldOrWaiting(tx, m.Fingerprint)
	if err != nil {
		return Posted{}, err
	}
	if _, err := tx.Exec(`UPDATE notify_messages SET settled = 0 WHERE id = ? AND settled = 1`, id); err != nil { // it is back
		return Posted{}, fmt.Errorf("take message %d for unsettled: %w", id, err)
	}
	if known || len(b.workers) == 0 {
		return Posted{ID: id, Suppressed: true}, b.suppress(tx, id, m.Priority)
	}
	return Posted{ID: id}, b.revive(tx, id, max(told, m.Priority), m)
}

// Again counts inside tx that what a message tells of was found once more, and
// was not told once more. An error is the store's, or [ErrUnknown].
func (b *Outbox) Again(tx *store.Tx, id int64) error {
	var p Priority
	err := tx.Get(`SELECT priority FROM notify_messages WHERE id = ?`, []any{id}, &p)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return fmt.Errorf("message %d: %w", id, ErrUnknown)
	case err != nil:
		return fmt.Errorf("look for message %d: %w", id, err)
	}
	return b.suppress(tx, id, p)
}

// Settle says inside tx that what a message tells of is over. It is sent all
// the same when it was not yet; but one that rings until somebody acknowledges
// is made to ring no more, as soon as the service can be reached. One that is
// not there is settled.
func (b *Outbox) Settle(tx *store.Tx, id int64) error {
	if _, err := tx.Exec(`UPDATE notify_messages SET settled = 1 WHERE id = ? AND settled = 0`, id); err != nil {
		return fmt.Errorf("settle message %d: %w", id, err)
	}
	tx.OnCommit(func() {
		for _, w := range b.workers {
			signal(w.receipt)
		}
	})
	return nil
}

func (b *Outbox) insert(tx *store.Tx, m Message) (int64, error) {
	done, err := tx.Exec(`INSERT INTO notify_messages (fingerprint, priority, title, body, url, url_title, attachment, ticket, task, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		m.Fingerprint, int(m.Priority), m.Title, m.Body, m.URL, m.URLTitle, m.Attachment, m.Ticket, m.Task, stamp(b.o.Now()))
	if err != nil {
		return 0, fmt.Errorf("store message %.80q: %w", m.Title, err)
	}
	id, err := done.LastInsertId()
	if err != nil {
		return 0, fmt.Errorf("store message %.80q: %w", m.Title, err)
	}
	return id, b.enlist(tx, id, m.Priority)
}

// enlist has every channel send a message, but for those that have it or are
// about to.
func (b *Outbox) enlist(tx *store.Tx, id int64, p Priority) error {
	for _, w := range b.workers {
		_, err := tx.Exec(`INSERT INTO notify_deliveries (message, channel, priority, state, due) VALUES (?, ?, ?, 'waiting', ?)
			ON CONFLICT (message, channel) DO UPDATE SET state = 'waiting', priority = excluded.priority, due = excluded.due, streak = 0, ended = NULL WHERE state = 'failed'`,
			id, w.channel.Name(), int(p), stamp(b.o.Now()))
		if err != nil {
			return fmt.Errorf("store message %d for %s: %w", id, w.channel.Name(), err)
		}
		tx.OnCommit(w.stir)
	}
	return nil
}

// toldOrWaiting tells whether a channel has accepted the fingerprint, or one of
// ours still will.
func (b *Outbox) toldOrWaiting(tx *store.Tx, fingerprint string) (known bool, err error) {
	rows, err := tx.Query(`SELECT d.channel, d.state FROM notify_deliveries d JOIN notify_messages m ON m.id = d.message WHERE m.fingerprint = ?`, fingerprint)
	if err != nil {
		return false, fmt.Errorf("look for who was told: %w", err)
	}
	defer func() { _ = rows.Close() }() // rows.Err tells
	for rows.Next() {
		var channel string
		var state State
		if err := rows.Scan(&channel, &state); err != nil {
			return false, fmt.Errorf("look for who was told: %w", err)
		}
		known = known || state == StateAccepted || state != StateFailed && b.worker(channel) != nil
	}
	return known, rows.Err()
}

func (b *Outbox) worker(channel string) *worker {
	for _, w := range b.workers {
		if w.channel.Name() == channel {
			return w
		}
	}
	return nil
}

func (b *Outbox) suppress(tx *store.Tx, id int64, p Priority) error {
	const minute = len("2006-01-02T15:04")
	_, err := tx.Exec(`INSERT INTO notify_suppressed (message, priority, minute, count) VALUES (?, ?, ?, 1)
		ON CONFLICT (message, priority, minute) DO UPDATE SET count = count + 1`, id, int(p), stamp(b.o.Now())[:minute])
	if err != nil {
		return fmt.Errorf("count a repeat of message %d: %w", id, err)
	}
	return nil
}

// revive sends a message again that nobody took.
func (b *Outbox) revive(tx *store.Tx, id int64, p Priority, m Message) error {
	_, err := tx.Exec(`UPDATE notify_messages SET priority = ?, title = ?, body = ?, url = ?, url_title = ?, attachment = ?, ticket = ?, task = ?, at = ? WHERE id = ?`,
		int(p), m.Title, m.Body, m.URL, m.URLTitle, m.Attachment, m.Ticket, m.Task, stamp(b.o.Now()), id)
	if err != nil {
		return fmt.Errorf("store message %d anew: %w", id, err)
	}
	return b.enlist(tx, id, p)
}
