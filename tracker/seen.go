package tracker

import (
	"context"
	"fmt"

	"uratori/internal/store"
)

// What a reader has seen of a cell is what the reader was last shown of it, or
// wrote there. A reader who has seen nothing believes what any reader on this
// side saw last, and where none has, what the last look saw.

// base is the SHA-256 of what a reader has seen of the cells of a ticket, by
// the cell's name.
func (t *Tracker) base(ctx context.Context, ticket, reader string) (map[string]string, error) {
	// The last one counts: the latest, or the reader's own.
	return t.seen(ctx, ticket, `SELECT field, lower(hex(sha256)) FROM tracker_seen WHERE book = ? AND ticket = ? ORDER BY reader = ?, at`, reader)
}

func (t *Tracker) seen(ctx context.Context, ticket, query, reader string) (map[string]string, error) {
	rows, err := t.o.DB.Reader().QueryContext(ctx, query, t.o.Book, ticket, reader)
	if err != nil {
		return nil, fmt.Errorf("find what was seen of %s: %w", ticket, t.o.DB.Explain(err))
	}
	defer func() { _ = rows.Close() }() // rows.Err tells
	seen := map[string]string{}
	for rows.Next() {
		var field, hash string
		if err := rows.Scan(&field, &hash); err != nil {
			return nil, err
		}
		seen[field] = hash
	}
	return seen, t.o.DB.Explain(rows.Err())
}

// show remembers what a reader is about to be shown. Nothing is written when
// the reader has seen it before.
func (t *Tracker) show(ctx context.Context, reader string, tickets ...Ticket) error {
	type sight struct{ ticket, field, text string }
	var fresh []sight
	for _, k := range tickets {
		seen, err := t.seen(ctx, k.ID, `SELECT field, lower(hex(sha256)) FROM tracker_seen WHERE book = ? AND ticket = ? AND reader = ?`, reader)
		if err != nil {
			return err
		}
		for _, f := range k.Fields {
			if seen[f.Name] != sum(f.Text) {
				fresh = append(fresh, sight{k.ID, f.Name, f.Text})
			}
		}
	}
	if fresh == nil {
		return nil
	}
	at := stamp(t.o.Now())
	return t.o.DB.Write(ctx, func(tx *store.Tx) error {
		for _, s := range fresh {
			if err := t.saw(tx, s.ticket, s.field, reader, s.text, at); err != nil {
				return err
			}
		}
		return nil
	})
}

func (t *Tracker) saw(tx *store.Tx, ticket, field, reader, text, at string) error {
	_, err := tx.Exec(`INSERT INTO tracker_seen (book, ticket, field, reader, sha256, at) VALUES (?, ?, ?, ?, unhex(?), ?)
		ON CONFLICT (book, ticket, field, reader) DO UPDATE SET sha256 = excluded.sha256, at = excluded.at`,
		t.o.Book, ticket, field, reader, sum(text), at)
	return err
}

// toldOf remembers what an answer that says no has shown, for a reader who has
// seen nothing else. Whoever has is held to that until they read again: to be
// refused once is no leave to write over it.
func (t *Tracker) toldOf(tx *store.Tx, ticket, field, reader, text, at string) error {
	_, err := tx.Exec(`INSERT INTO tracker_seen (book, ticket, field, reader, sha256, at) VALUES (?, ?, ?, ?, unhex(?), ?)
		ON CONFLICT (book, ticket, field, reader) DO NOTHING`,
		t.o.Book, ticket, field, reader, sum(text), at)
	return err
}
