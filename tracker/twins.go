package tracker

import (
	"context"
	"errors"
	"slices"

	"uratori/internal/fault"
	"uratori/sheets"
)

// parted ends the case of an id on two rows of which one is a draft of ours.
func (t *Tracker) parted(ctx context.Context, v *sheets.View, w *write, columns []column, p *plan) error {
	_, twice := v.Find(w.ticket)
	if !v.Whole {
		t.mu.Lock()
		w.tries = max(w.tries, 1) // look at all of it
		t.mu.Unlock()
		return nil
	}
	mine, others := twins(v, w.ticket, w.cells, columns)
	if len(mine) == 0 {
		p.done = append(p.done, refuse(w, columns, twice))
		return nil
	}
	out, err := t.takeOut(ctx, v, mine[len(mine)-1], columns)
	if err != nil {
		return err
	}
	if !out || len(mine) > 1 || len(others) == 0 {
		return nil // the next look sees what is left
	}
	if !w.free {
		p.done = append(p.done, refuse(w, columns, fault.New(fault.Conflict, "tracker.exists", "ticket", w.ticket, "row", others[0].Number)))
		return nil
	}
	gone := *w // another copy may still arrive
	t.late = append(t.late, lateWrite{&gone, t.o.Now().Add(lateLimit)})
	t.mu.Lock()
	w.hit, w.tries = nil, 0 // it gets another id
	t.mu.Unlock()
	return nil
}

// twins are the rows of an id: those that hold what a draft wrote and nothing
// else, and the others.
func twins(v *sheets.View, id string, cells []cell, columns []column) (mine, others []sheets.Row) {
	for r := range v.Rows() {
		if r.Key != id {
			continue
		}
		same := true
		for i, c := range columns {
			text, want := textAt(r, i), ""
			if c.Name == sheets.Key {
				want = id
			}
			for _, cell := range cells {
				if cell.Name == c.Name {
					want = cell.Text
				}
			}
			same = same && text == want
		}
		if same {
			mine = append(mine, r)
		} else {
			others = append(others, r)
		}
	}
	return mine, others
}

// findTwins looks for drafts that arrived a second time after their verdict:
// a request whose answer was lost may be carried out late.
func (t *Tracker) findTwins(ctx context.Context) error {
	for _, l := range t.late {
		if l.kind != create || t.o.Now().After(l.until) {
			continue
		}
		if r := t.mirror.rows[l.ticket]; r == nil || r.twins == nil {
			continue
		}
		v, err := t.o.Sheet.Whole(ctx)
		if err != nil {
			return t.trouble(ctx, err)
		}
		columns := columnsOf(v, t.o.Columns)
		mine, others := twins(v, l.ticket, l.cells, columns)
		if len(mine) == 0 || len(mine)+len(others) < 2 {
			continue
		}
		if _, err := t.takeOut(ctx, v, mine[len(mine)-1], columns); err != nil {
			return err
		}
	}
	return nil
}

// takeOut deletes a row that a request of ours made, and tells whether it is
// gone. When rows moved just then and others were hit, those are put back.
func (t *Tracker) takeOut(ctx context.Context, v *sheets.View, r sheets.Row, columns []column) (out bool, err error) {
	ctx = context.WithoutCancel(ctx) // what a deletion hits must be known, whoever has asked
	e := incidentEntry{Ticket: r.Key, Found: r.Key, Row: r.Number, Texts: rowTexts(r, columns)}
	if _, err := t.o.Ledger.Record(ctx, "tracker.removing", subject(r.Key), e); err != nil {
		return false, err
	}
	t.removed = true
	sign := t.noteOfDeletion(r)
	d, err := t.o.Sheet.Delete(ctx, v, r, sign)
	if errors.Is(err, sheets.ErrUnknown) {
		if taken, failed := t.o.Sheet.RecallDeleted(ctx, v, r.Number, sign); failed == nil && taken != nil {
			d, err = sheets.Deleted{Taken: taken, Hit: taken.Is(r)}, nil
		}
	}
	if err != nil {
		return false, t.trouble(ctx, err)
	}
	if d.Hit || slices.ContainsFunc(d.Gone, func(g sheets.Row) bool { return g.Number == r.Number }) {
		_, err = t.o.Ledger.Record(ctx, "tracker.removed", subject(r.Key), e)
		return true, err // others that are gone were taken out by people
	}
	if d.Taken != nil {
		return false, t.giveBack(ctx, v, r, *d.Taken, columns)
	}
	var backs []*write
	var entries []incidentEntry
	for _, gone := range d.Gone {
		back, err := t.bringingBack(ctx, v, gone, columns)
		if err != nil {
			return false, err
		}
		backs = append(backs, back)
		entries = append(entries, incidentEntry{Ticket: gone.Key, Found: gone.Key, Row: gone.Number, Texts: rowTexts(gone, columns)})
	}
	return false, t.fileRestores(ctx, backs, entries)
}

// giveBack makes a row anew that was taken out in the place of another, as it
// was in that moment. A row without an id is kept in the ledger alone: there is
// nothing by which it could be told from others afterwards.
func (t *Tracker) giveBack(ctx context.Context, v *sheets.View, meant sheets.Row, taken sheets.Taken, columns []column) error {
	e := incidentEntry{Ticket: meant.Key, Found: taken.Key, Row: meant.Number, Texts: map[string]string{}}
	w := &write{kind: restore, free: true, ticket: taken.Key, at: t.o.Now(), told: make(chan struct{})}
	for i, c := range columns {
		if i >= len(taken.Cells) || taken.Cells[i].Kind == sheets.Empty {
			continue
		}
		if c.Header != "" {
			e.Texts[c.Header] = taken.Cells[i].Text
		}
		if c.Name != "" && c.Name != sheets.Key {
			w.cells = append(w.cells, cell{Name: c.Name, Text: taken.Cells[i].Text, Kind: taken.Cells[i].Kind, Spare: true})
		}
	}
	if taken.Key == "" {
		return t.fileRestores(ctx, nil, []incidentEntry{e})
	}
	besideOthers(v, w, columns)
	return t.fileRestores(ctx, []*write{w}, []incidentEntry{e})
}

// bringingBack is a write that makes a row anew which was taken out by
// accident.
func (t *Tracker) bringingBack(ctx context.Context, v *sheets.View, gone sheets.Row, columns []column) (*write, error) {
	w := &write{kind: restore, free: true, ticket: gone.Key, at: t.o.Now(), told: make(chan struct{})}
	for i, c := range columns {
		text := textAt(gone, i)
		if text == "" || c.Name == "" || c.Name == sheets.Key {
			continue
		}
		back, err := t.restoring(ctx, gone.Key, c.Name, text, gone.Kind(i), "")
		if err != nil {
			return nil, err
		}
		w.cells = append(w.cells, back.cells...)
	}
	besideOthers(v, w, columns)
	return w, nil
}

// besideOthers notes in a write that makes a row anew that others have its id,
// as a look saw: that they are there does not tell that it is.
func besideOthers(v *sheets.View, w *write, columns []column) {
	if _, others := twins(v, w.ticket, w.cells, columns); len(others) > 0 && len(w.cells) > 0 {
		w.cells[0].Twin = true
	}
}

// draftIn tells whether the one row of an id is a draft of ours that stands
// where somebody else's row was taken out by accident.
func (t *Tracker) draftIn(v *sheets.View, id string, columns []column) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	ours := func(w *write) bool {
		if w.kind != create || w.ticket != id {
			return false
		}
		mine, others := twins(v, id, w.cells, columns)
		return len(mine) > 0 && len(others) == 0
	}
	return slices.ContainsFunc(t.open, ours) || slices.ContainsFunc(t.late, func(l lateWrite) bool { return ours(l.write) })
}

func rowTexts(r sheets.Row, columns []column) map[string]string {
	texts := map[string]string{}
	for i, c := range columns {
		if text := textAt(r, i); text != "" && c.Header != "" {
			texts[c.Header] = text
		}
	}
	return texts
}
