package tracker

import (
	"context"
	"errors"
	"slices"

	"uratori/internal/fault"
	"uratori/sheets"
)

// Written are the last writes to each cell of a ticket, in the order of the
// columns. A write that was refused before anything was sent counts: somebody
// may believe in it.
func (t *Tracker) Written(ctx context.Context, id string) ([]Written, error) {
	// Of each cell, as it was called and meant, the last: a ticket may have been
	// written to thousands of times.
	writes, err := queryWrites(ctx, t.o.DB, `WHERE id IN (SELECT max(w.id) FROM tracker_writes w, json_each(w.cells) c
		WHERE w.book = ? AND w.ticket = ? AND w.kind <> 'restore' AND w.claims GROUP BY c.value ->> '$.name', c.value ->> '$.spare') ORDER BY id DESC`, t.o.Book, id)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	columns := t.mirror.columns
	t.mu.Unlock()
	var found []Written
	seen := map[string]bool{}
	for _, w := range writes {
		before := len(found)
		for _, c := range w.cells {
			name := canonical(c.Name, columns, t.o.Columns)
			if seen[name] || c.Spare && columnAt(columns, name) < 0 {
				continue
			}
			one := Written{
				Write: w.id, Field: name, Column: headerOf(columns, name), Text: c.Text, At: w.at, Evidence: []int64{w.intent},
			}
			if w.result == nil {
				r := w.unanswered(columns, nil)
				if open := t.find(w.id); open != nil {
					t.mu.Lock()
					r = open.unanswered(columns, t.problem)
					t.mu.Unlock()
				}
				one.Pending, one.Verdict, one.Reason = true, r.Verdict, r.Reason
			} else {
				one.Evidence = append(one.Evidence, w.verdict)
				one.judged(w.result, c.Name)
			}
			seen[name] = true
			found = append(found, one)
		}
		if len(found) == before {
			continue // later writes have taken all of its cells
		}
		if err := t.proven(ctx, w); err != nil {
			return nil, err
		}
	}
	place := func(w Written) int {
		if at := columnAt(columns, w.Field); at >= 0 {
			return at
		}
		return len(columns) // the table has it no more
	}
	slices.SortStableFunc(found, func(a, b Written) int { return place(a) - place(b) })
	return found, nil
}

// refusedOutright tells requests that were wrong in themselves.
func refusedOutright(err error) bool {
	return err != nil && (fault.KindOf(err) == fault.Invalid || errors.Is(err, ErrExists) || errors.Is(err, errLooksAlike) || errors.Is(err, sheets.ErrNotFound))
}

var errLooksAlike = fault.New(fault.Conflict, "tracker.looks_alike")

func (w *Written) judged(r *Result, name string) {
	w.Verdict, w.Conflict, w.Reason, w.ReadAt = r.Verdict, r.Conflict, r.Reason, r.ReadAt
	for _, c := range r.Cells {
		if c.Field == name || c.Field == w.Field {
			w.Column = c.Column // it may be called something else now
			w.Verdict, w.Conflict, w.Reason = c.Verdict, c.Conflict, c.Reason
			if w.Reason == nil {
				w.Reason = r.Reason
			}
		}
	}
}

// WrittenTickets are the tickets that this side ever wrote to.
func (t *Tracker) WrittenTickets(ctx context.Context) (ids []string, err error) {
	rows, err := t.o.DB.Reader().QueryContext(ctx, `SELECT DISTINCT ticket FROM tracker_writes
		WHERE book = ? AND kind <> 'restore' AND ticket <> '' AND claims ORDER BY ticket`, t.o.Book)
	if err != nil {
		return nil, t.o.DB.Explain(err)
	}
	defer func() { _ = rows.Close() }() // rows.Err tells
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, t.o.DB.Explain(rows.Err())
}
