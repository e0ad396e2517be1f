package tracker

import (
	"context"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"

	"uratori/internal/store"
	"uratori/sheets"
)

// editEntry is what the ledger keeps of what people did.
type editEntry struct {
	Book   string  `json:"book"`
	Ticket string  `json:"ticket"`
	Column string  `json:"column,omitempty"`
	Row    int     `json:"row,omitzero"`
	From   int     `json:"from,omitzero"`
	Old    *string `json:"old,omitzero"`
	New    *string `json:"new,omitzero"`
	Looked string  `json:"looked"` // when; the edit is no later than this
}

// tableEntry is what the ledger keeps of the table as a whole.
type tableEntry struct {
	Book    string   `json:"book"`
	Columns []column `json:"columns,omitempty"`
	Rows    int      `json:"rows"`
	Moved   []string `json:"moved,omitempty"` // the first of them
	Count   int      `json:"count,omitzero"`
	Looked  string   `json:"looked"`
}

// mostMoves is how many rows move before it is the table that was sorted.
const mostMoves = 20

// record stores a difference with its events, all or nothing, and returns the
// events numbered.
func (t *Tracker) record(ctx context.Context, v *sheets.View, d difference) ([]Event, error) {
	if d.empty() {
		return nil, nil
	}
	first, looked := t.mirror.at.IsZero(), stamp(v.At)
	events := d.events
	if len(d.moved) <= mostMoves {
		events = append(events, d.moved...)
	}
	highest := t.highestOf(d.put)
	err := t.o.DB.Write(ctx, func(tx *store.Tx) error {
		if err := t.recordTable(tx, d, first, looked); err != nil {
			return err
		}
		for i := range events {
			if err := t.recordEvent(tx, &events[i], looked); err != nil {
				return err
			}
		}
		for _, r := range d.put {
			if err := t.keepRow(tx, r); err != nil {
				return err
			}
		}
		_, err := tx.Exec(`UPDATE tracker_tables SET highest = ? WHERE book = ? AND highest < ?`, highest, t.o.Book, highest)
		return err
	})
	return events, err
}

// highestOf is the highest number of an id with our prefix among rows.
func (t *Tracker) highestOf(rows []*row) (highest int) {
	for _, r := range rows {
		if n, _, ok := t.number(r.id); ok {
			highest = max(highest, n)
		}
	}
	return highest
}

// recordTable stores what is not about one row.
func (t *Tracker) recordTable(tx *store.Tx, d difference, first bool, looked string) error {
	e := tableEntry{Book: t.o.Book, Columns: briefColumns(d.columns), Rows: len(d.order), Looked: looked}
	if d.columns != nil {
		name := "tracker.columns"
		if first {
			name = "tracker.first_look"
		}
		if _, err := t.o.Ledger.Append(tx, name, "tracker", e); err != nil {
			return err
		}
		columns, err := json.Marshal(d.columns)
		if err != nil {
			return fmt.Errorf("encode the columns: %w", err)
		}
		if _, err := tx.Exec(`INSERT INTO tracker_tables (book, columns, at) VALUES (?, ?, ?)
			ON CONFLICT (book) DO UPDATE SET columns = excluded.columns, at = excluded.at`, t.o.Book, string(columns), looked); err != nil {
			return err
		}
	}
	if n := len(d.moved); n > mostMoves && !first {
		e.Columns, e.Count = nil, n
		for _, m := range d.moved[:mostMoves] {
			e.Moved = append(e.Moved, m.Ticket)
		}
		if _, err := t.o.Ledger.Append(tx, "tracker.sorted", "tracker", e); err != nil {
			return err
		}
	}
	for _, id := range d.drop {
		if _, err := tx.Exec(`DELETE FROM tracker_rows WHERE book = ? AND ticket = ?`, t.o.Book, id); err != nil {
			return err
		}
	}
	return nil
}

func briefColumns(columns []column) (some []column) {
	const most = 1000
	for _, c := range columns[:min(len(columns), most)] {
		some = append(some, column{brief(c.Name), brief(c.Header)})
	}
	return some
}

func (t *Tracker) recordEvent(tx *store.Tx, e *Event, looked string) error {
	entry, err := t.o.Ledger.Append(tx, "tracker."+string(e.Kind), subject(e.Ticket), editEntry{
		t.o.Book, e.Ticket, e.Column, e.Row, e.From, e.Old, e.New, looked,
	})
	if err != nil {
		return err
	}
	e.Seq = entry.Seq
	e.At, err = time.Parse(timeFormat, entry.At)
	return err
}

func (t *Tracker) keepRow(tx *store.Tx, r *row) error {
	texts, err := json.Marshal(r.texts)
	if err != nil {
		return fmt.Errorf("encode the row of %s: %w", r.id, err)
	}
	kinds := ""
	if len(r.kinds) > 0 {
		if kinds, err = encode(r.kinds); err != nil {
			return fmt.Errorf("encode the row of %s: %w", r.id, err)
		}
	}
	_, err = tx.Exec(`INSERT INTO tracker_rows (book, ticket, place, texts, kinds) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (book, ticket) DO UPDATE SET place = excluded.place, texts = excluded.texts, kinds = excluded.kinds`,
		t.o.Book, r.id, r.place, string(texts), kinds)
	return err
}

// loadMirror is what was last seen, and the highest number of an id, ever.
func loadMirror(ctx context.Context, db *store.DB, book string) (m mirror, highest int, err error) {
	m.rows = map[string]*row{}
	var columns, at string
	err = db.Reader().QueryRowContext(ctx, `SELECT columns, at, highest FROM tracker_tables WHERE book = ?`, book).Scan(&columns, &at, &highest)
	if noRows(err) {
		return m, 0, nil
	}
	if err != nil {
		return m, 0, err
	}
	if err := json.Unmarshal([]byte(columns), &m.columns); err != nil {
		return m, 0, err
	}
	if m.at, err = time.Parse(timeFormat, at); err != nil {
		return m, 0, err
	}
	rows, err := db.Reader().QueryContext(ctx, `SELECT ticket, place, texts, kinds FROM tracker_rows WHERE book = ? ORDER BY place`, book)
	if err != nil {
		return m, 0, err
	}
	defer func() { _ = rows.Close() }() // rows.Err tells
	for rows.Next() {
		r := &row{}
		var texts, kinds string
		if err := rows.Scan(&r.id, &r.place, &texts, &kinds); err != nil {
			return m, 0, err
		}
		if err := json.Unmarshal([]byte(texts), &r.texts); err != nil {
			return m, 0, fmt.Errorf("row of %s: %w", r.id, err)
		}
		if kinds != "" {
			if err := json.Unmarshal([]byte(kinds), &r.kinds); err != nil {
				return m, 0, fmt.Errorf("row of %s: %w", r.id, err)
			}
		}
		m.rows[r.id] = r
		m.order = append(m.order, r)
	}
	return m, highest, rows.Err()
}
