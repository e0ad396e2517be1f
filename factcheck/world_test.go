package factcheck

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/tracker"
)

// world is a sheet with people, a side that writes to it, and what that side
// has recorded. It is the tracker of the tests.
type world struct {
	now     time.Time
	seq     int64
	writes  int64
	headers []string
	rows    map[string]map[string]tracker.Actual // by ticket and header
	twins   map[string]bool
	known   map[string]map[string]string // what the last look saw
	written map[SheetCell]tracker.Written
	events  []tracker.Event

	problem error            // of every look
	broken  map[string]error // what is known of a ticket cannot be read
	between func()           // what happens between the recording and the reading of a look
	looks   int
}

func newWorld(tickets ...string) *world {
	w := &world{
		now: time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC), headers: []string{"ID", "概要", "詳細"},
		rows: map[string]map[string]tracker.Actual{}, twins: map[string]bool{}, known: map[string]map[string]string{},
		written: map[SheetCell]tracker.Written{}, broken: map[string]error{}, between: func() {},
	}
	for _, t := range tickets {
		w.rows[t] = map[string]tracker.Actual{}
	}
	w.sync()
	w.events = nil // the first look finds what was there before
	return w
}

func (w *world) tick() time.Time { w.now = w.now.Add(time.Second); return w.now }

func (w *world) entry() int64 { w.seq++; return w.seq }

// write is a write of ours as it should be.
func (w *world) write(cell SheetCell, text string) {
	w.submit(cell, text, func(r *tracker.Written) {
		w.sync()
		if w.rows[cell.Ticket] == nil {
			w.rows[cell.Ticket], w.known[cell.Ticket] = map[string]tracker.Actual{}, map[string]string{}
		}
		w.rows[cell.Ticket][cell.Column] = tracker.Actual{Text: text, IsText: true}
		w.known[cell.Ticket][cell.Column] = text
		r.Verdict, r.Pending, r.ReadAt = ledger.Verified, false, w.tick()
		r.Evidence = append(r.Evidence, w.entry())
	})
}

// submit is a write of ours that becomes what then makes of it.
func (w *world) submit(cell SheetCell, text string, then func(*tracker.Written)) {
	w.writes++
	r := tracker.Written{
		Write: w.writes, Field: cell.Column, Column: cell.Column, Text: text, At: w.tick(),
		Verdict: ledger.Unverifiable, Pending: true, Evidence: []int64{w.entry()},
	}
	then(&r)
	w.written[cell] = r
}

// refuse ends a write that did not get where it should.
func (w *world) refuse(r *tracker.Written) {
	r.Verdict, r.Pending, r.ReadAt, r.Reason = ledger.Refuted, false, w.tick(), errors.New("something else was read back")
	r.Evidence = append(r.Evidence, w.entry())
}

// put changes a cell behind our back. It is a person's edit once a look has
// seen it.
func (w *world) put(cell SheetCell, a tracker.Actual) {
	if row := w.rows[cell.Ticket]; row != nil {
		row[cell.Column] = a
	}
}

// haunt changes a cell so that no look sees an edit.
func (w *world) haunt(cell SheetCell, a tracker.Actual) {
	w.sync()
	w.put(cell, a)
	if known := w.known[cell.Ticket]; known != nil {
		known[cell.Column] = a.Text
	}
}

func (w *world) sync() {
	for ticket, row := range w.rows {
		known, old := w.known[ticket]
		if !old {
			w.note(tracker.Event{Kind: tracker.Created, Ticket: ticket})
			known = map[string]string{}
			w.known[ticket] = known
		}
		for _, column := range w.headers[1:] {
			was, is := known[column], row[column].Text
			if known[column] = is; old && was != is {
				w.note(tracker.Event{Kind: tracker.Edited, Ticket: ticket, Column: column, Old: &was, New: &is})
			}
		}
	}
	for ticket := range w.known {
		if w.rows[ticket] == nil {
			delete(w.known, ticket)
			w.note(tracker.Event{Kind: tracker.Deleted, Ticket: ticket})
		}
	}
}

func (w *world) note(e tracker.Event) {
	e.Seq, e.At = w.entry(), w.tick()
	w.events = append(w.events, e)
}

func (w *world) Written(_ context.Context, ticket string) (found []tracker.Written, err error) {
	for cell, r := range w.written {
		if cell.Ticket == ticket {
			found = append(found, r)
		}
	}
	slices.SortFunc(found, func(a, b tracker.Written) int {
		return slices.Index(w.headers, a.Column) - slices.Index(w.headers, b.Column)
	})
	return found, w.broken[ticket]
}

func (w *world) WrittenTickets(context.Context) (tickets []string, err error) {
	for cell := range w.written {
		if !slices.Contains(tickets, cell.Ticket) {
			tickets = append(tickets, cell.Ticket)
		}
	}
	return tickets, nil
}

func (w *world) Fresh(_ context.Context, want map[string][]string) (map[string]tracker.Seen, error) {
	w.looks++
	if w.problem != nil {
		return nil, w.problem
	}
	for _, columns := range want {
		for _, c := range columns {
			if !slices.Contains(w.headers, c) {
				return nil, fault.New(fault.Failed, "sheets.no_column", "column", c, "have", "…")
			}
		}
	}
	w.sync()
	w.between()
	seen := map[string]tracker.Seen{}
	at := w.tick()
	for ticket, columns := range want {
		s := tracker.Seen{At: at, Row: 7, Cells: map[string]tracker.Actual{}}
		switch row := w.rows[ticket]; {
		case row == nil:
			s = tracker.Seen{At: at, Err: fault.New(fault.NotFound, "sheets.not_found", "key", ticket)}
		case w.twins[ticket]:
			s = tracker.Seen{At: at, Err: fault.New(fault.Failed, "sheets.ambiguous", "key", ticket, "rows", "7, 9")}
		default:
			for _, c := range columns {
				a, there := row[c]
				s.Cells[c] = tracker.Actual{Text: a.Text, IsText: a.IsText || !there}
			}
		}
		seen[ticket] = s
	}
	return seen, nil
}

func (w *world) Edits(_ context.Context, ticket string) (found []tracker.Event, err error) {
	for _, e := range w.events {
		if e.Ticket == ticket {
			found = append(found, e)
		}
	}
	return found, nil
}

// cell is what stands in a cell now.
func (w *world) cell(c SheetCell) tracker.Actual {
	a, there := w.rows[c.Ticket][c.Column]
	a.IsText = a.IsText || !there
	return a
}

func (w *world) clone() *world {
	c := *w
	c.written, c.twins, c.rows = maps.Clone(w.written), maps.Clone(w.twins), map[string]map[string]tracker.Actual{}
	for ticket, row := range w.rows {
		c.rows[ticket] = maps.Clone(row)
	}
	return &c
}

func text(s string) tracker.Actual { return tracker.Actual{Text: s, IsText: true} }

var (
	_ Tracker  = (*tracker.Tracker)(nil)
	_ Source   = (*SheetCells)(nil)
	_ Checker  = (*SheetCells)(nil)
	_ Register = (*SheetCells)(nil)
	_ Recorder = (*ledger.Ledger)(nil)
)
