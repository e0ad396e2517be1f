package tracker

import (
	"context"
	"fmt"
	"slices"

	"uratori/internal/fault"
	"uratori/internal/store"
	"uratori/sheets"
)

// stray is a write that hit another row, or another column, than it meant:
// people moved them between the look and the write.
type stray struct {
	step step
	hit  sheets.Hit
}

// incidentEntry is what the ledger keeps of an accident.
type incidentEntry struct {
	Writes []int64           `json:"writes"`
	Ticket string            `json:"ticket"` // that was meant
	Found  string            `json:"found"`  // whose row was hit; empty where that has no id
	Row    int               `json:"row"`
	Column string            `json:"column,omitempty"`
	Wrote  string            `json:"wrote"`
	Before *string           `json:"before,omitzero"` // what is put back; absent when nobody knows
	Texts  map[string]string `json:"texts,omitempty"` // of a row that was taken out
}

// wentAstray records where writes went and files the writes that put things
// back. The writes themselves stay open.
func (t *Tracker) wentAstray(ctx context.Context, strays []stray) error {
	if len(strays) == 0 {
		return nil
	}
	var backs []*write
	var entries []incidentEntry
	for _, s := range strays {
		for _, w := range s.step.writes {
			w.hit = nil
			w.made = w.made || s.step.insert != nil && s.hit.Found == s.hit.Key
		}
		for _, c := range s.hit.Cells {
			if c.Placed || c.Column == sheets.Key {
				continue
			}
			back, e := t.putBack(s, c)
			entries = append(entries, e)
			if back != nil {
				backs = append(backs, back)
			}
		}
	}
	return t.fileRestores(ctx, backs, entries)
}

// putBack is the write that undoes a stray cell, nil when nothing can be done.
func (t *Tracker) putBack(s stray, c sheets.CellHit) (*write, incidentEntry) {
	e := incidentEntry{Ticket: s.hit.Key, Found: s.hit.Found, Row: s.hit.Row, Column: c.Header, Wrote: c.Sent, Before: c.Before}
	for _, w := range s.step.writes {
		e.Writes = append(e.Writes, w.id)
	}
	name := canonical(c.Header, t.mirror.columns, t.o.Columns)
	if s.step.insert != nil {
		nothing := ""
		e.Before = &nothing // the row is new
		if s.hit.Found == s.hit.Key && slices.ContainsFunc(s.hit.Cells, func(o sheets.CellHit) bool { return o.Column == name }) {
			return nil, e // the draft itself will write there
		}
	}
	if text, ok := t.mirror.text(s.hit.Found, name); ok && e.Before == nil {
		e.Before = &text
	}
	if e.Before == nil || s.hit.Found == "" || name == "" || *e.Before == c.Sent {
		return nil, e
	}
	return t.restoring(s.hit.Found, name, *e.Before, c.Sent), e
}

func (t *Tracker) restoring(ticket, name, before, wrong string) *write {
	return &write{
		kind: restore, ticket: ticket, at: t.o.Now(), told: make(chan struct{}),
		cells: []cell{{Name: name, Text: before, Wrong: wrong}},
	}
}

// fileRestores stores accidents and what puts them right, in one.
func (t *Tracker) fileRestores(ctx context.Context, backs []*write, entries []incidentEntry) error {
	err := t.o.DB.Write(ctx, func(tx *store.Tx) error {
		for _, e := range entries {
			if _, err := t.o.Ledger.Append(tx, "tracker.astray", subject(e.Ticket), e); err != nil {
				return err
			}
		}
		for _, w := range backs {
			if err := t.add(tx, w); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("store that writes went astray: %w", t.o.DB.Explain(err))
	}
	for _, e := range entries {
		t.o.Log.Warn("a write went astray: rows or columns were moved just then", "ticket", e.Ticket, "found", e.Found, "row", e.Row)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.open = append(backs, t.open...) // before anything else
	t.nudge()
	return nil
}

// findStrays looks where writes went whose answer was lost. A text that no
// cell of the column held before, and that now stands in one row that is not
// the ticket's, was put there by the write.
func (t *Tracker) findStrays(ctx context.Context, v *sheets.View, writes []*write) error {
	if !v.Whole {
		return nil
	}
	var backs []*write
	var entries []incidentEntry
	for _, w := range writes {
		if w.kind != update || w.tries == 0 || w.hit != nil {
			continue
		}
		for _, c := range w.cells {
			r, before, ok := t.strayRow(v, w.ticket, c)
			if !ok || t.restores(r.Key, c.Name) {
				continue
			}
			backs = append(backs, t.restoring(r.Key, c.Name, before, c.Text))
			entries = append(entries, incidentEntry{
				Writes: []int64{w.id}, Ticket: w.ticket, Found: r.Key, Row: r.Number,
				Column: headerOf(t.mirror.columns, c.Name), Wrote: c.Text, Before: &before,
			})
		}
	}
	if backs == nil {
		return nil
	}
	return t.fileRestores(ctx, backs, entries)
}

func (t *Tracker) strayRow(v *sheets.View, ticket string, c cell) (found sheets.Row, before string, ok bool) {
	at := t.mirror.column(c.Name)
	if at < 0 || c.Text == "" {
		return found, "", false
	}
	for r := range v.Rows() {
		text, err := v.Text(r, c.Name)
		if err != nil || text != c.Text {
			continue
		}
		was, known := t.mirror.text(r.Key, c.Name)
		if r.Key == ticket || !known || was == c.Text || ok {
			return found, "", false // it arrived, or it cannot be told whose it is
		}
		found, before, ok = r, was, true
	}
	for _, r := range t.mirror.order {
		if r.text(at) == c.Text {
			return found, "", false
		}
	}
	return found, before, ok
}

func (t *Tracker) restores(ticket, name string) bool {
	return slices.ContainsFunc(t.opened(), func(w *write) bool {
		return w.kind == restore && w.ticket == ticket && w.cells[0].Name == name
	})
}

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
	if err := t.takeOut(ctx, v, mine[len(mine)-1], columns); err != nil {
		return err
	}
	if len(mine) > 1 || len(others) == 0 {
		return nil // the next look sees what is left
	}
	if !w.free {
		p.done = append(p.done, refuse(w, columns, fault.New(fault.Conflict, "tracker.exists", "ticket", w.ticket, "row", others[0].Number)))
		return nil
	}
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
			text := ""
			if i < len(r.Texts()) {
				text = r.Texts()[i]
			}
			want := ""
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
	for _, r := range t.mirror.order {
		if r.twins == nil {
			continue
		}
		made, err := queryWrites(ctx, t.o.DB, `WHERE book = ? AND ticket = ? AND kind = 'create' AND tries > 0 AND result IS NOT NULL`, t.o.Book, r.id)
		if err != nil {
			return err
		}
		for _, w := range made {
			v, err := t.o.Sheet.Whole(ctx)
			if err != nil {
				return t.trouble(ctx, err)
			}
			columns := columnsOf(v, t.o.Columns)
			mine, others := twins(v, r.id, w.cells, columns)
			if len(mine) == 0 || len(mine)+len(others) < 2 {
				continue
			}
			if err := t.takeOut(ctx, v, mine[len(mine)-1], columns); err != nil {
				return err
			}
		}
	}
	return nil
}

// takeOut deletes a row that a late request made. When rows moved just then
// and another was hit, that one is put back.
func (t *Tracker) takeOut(ctx context.Context, v *sheets.View, r sheets.Row, columns []column) error {
	e := incidentEntry{Ticket: r.Key, Found: r.Key, Row: r.Number, Texts: rowTexts(r, columns)}
	if _, err := t.o.Ledger.Record(ctx, "tracker.removing", subject(r.Key), e); err != nil {
		return err
	}
	d, err := t.o.Sheet.Delete(ctx, v, r)
	if err != nil {
		return t.trouble(ctx, err)
	}
	if d.Hit {
		_, err = t.o.Ledger.Record(ctx, "tracker.removed", subject(r.Key), e)
		return err
	}
	for _, gone := range d.Gone {
		if err := t.bringBack(ctx, gone, columns); err != nil {
			return err
		}
	}
	return nil
}

// bringBack makes a row anew that was taken out by accident.
func (t *Tracker) bringBack(ctx context.Context, gone sheets.Row, columns []column) error {
	e := incidentEntry{Ticket: gone.Key, Found: gone.Key, Row: gone.Number, Texts: rowTexts(gone, columns)}
	if _, err := t.o.Ledger.Record(ctx, "tracker.lost", subject(gone.Key), e); err != nil {
		return err
	}
	v, err := t.o.Sheet.Whole(ctx)
	if err != nil {
		return t.trouble(ctx, err)
	}
	if _, err := v.Find(gone.Key); err == nil {
		return nil // it was a person who moved it
	}
	cells := map[string]string{}
	for i, c := range columns {
		if text := gone.Texts(); i < len(text) && text[i] != "" && c.Name != "" && c.Name != sheets.Key {
			cells[c.Name] = text[i]
		}
	}
	if _, err := t.o.Sheet.Write(ctx, v, sheets.Batch{Inserts: []sheets.Insert{{Key: gone.Key, Cells: cells}}}); err != nil {
		return t.trouble(ctx, err)
	}
	_, err = t.o.Ledger.Record(ctx, "tracker.brought_back", subject(gone.Key), e)
	return err
}

func rowTexts(r sheets.Row, columns []column) map[string]string {
	texts := map[string]string{}
	for i, c := range columns {
		if text := r.Texts(); i < len(text) && text[i] != "" && c.Header != "" {
			texts[c.Header] = text[i]
		}
	}
	return texts
}

// appendBlindly sends what may have arrived once more. It is a planted fault.
func (t *Tracker) appendBlindly(ctx context.Context, v *sheets.View, steps []step) bool {
	inserts := slices.DeleteFunc(slices.Clone(steps), func(s step) bool { return s.insert == nil })
	if len(inserts) == 0 {
		return false
	}
	b, order := batchOf(inserts)
	hits, err := t.o.Sheet.Write(ctx, v, b)
	if err != nil {
		return false
	}
	for i, s := range order {
		for _, w := range s.writes {
			w.hit = &hits[i]
		}
	}
	return t.believe(ctx, order) == nil
}
