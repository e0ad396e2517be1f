package tracker

import (
	"context"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

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
		if s.hit.Found == "" && s.step.insert == nil {
			if err := t.countTry(ctx, []step{s.step}); err != nil {
				return err
			}
		}
		for _, w := range s.step.writes {
			w.hit, w.strayed = nil, true
			w.made = w.made || s.step.insert != nil && s.hit.Found == s.hit.Key
		}
		for _, c := range s.hit.Cells {
			if c.Placed || c.Column == sheets.Key {
				continue
			}
			back, e, err := t.putBack(ctx, s, c)
			if err != nil {
				return err
			}
			entries = append(entries, e)
			if back != nil {
				backs = append(backs, back)
			}
		}
	}
	return t.fileRestores(ctx, backs, entries)
}

// putBack is the write that undoes a stray cell, nil when nothing can be done.
func (t *Tracker) putBack(ctx context.Context, s stray, c sheets.CellHit) (*write, incidentEntry, error) {
	e := incidentEntry{Ticket: s.hit.Key, Found: s.hit.Found, Row: s.hit.Row, Column: c.Header, Wrote: c.Sent, Before: c.Before}
	for _, w := range s.step.writes {
		e.Writes = append(e.Writes, w.id)
	}
	name := canonical(c.Header, t.mirror.columns, t.o.Columns)
	kind := c.Kind
	switch {
	case name == "":
		return nil, e, nil
	case s.step.insert != nil:
		nothing := ""
		e.Before = &nothing // the row is new
		if s.hit.Found == s.hit.Key && slices.ContainsFunc(s.hit.Cells, func(o sheets.CellHit) bool { return o.Column == name }) {
			return nil, e, nil // the draft itself will write there
		}
	case s.hit.Found == "":
		return nil, e, nil // where it is now is to be looked for
	case e.Before == nil && t.mirror.rows[s.hit.Found] != nil && t.mirror.rows[s.hit.Found].twins != nil:
		return nil, e, nil // which of several rows it was nobody can say
	case e.Before == nil || t.trusted:
		if text, ok := t.mirror.text(s.hit.Found, name); ok {
			e.Before, kind = &text, t.mirror.kind(s.hit.Found, name)
		}
	}
	if e.Before == nil || s.hit.Found == "" || *e.Before == c.Sent {
		return nil, e, nil
	}
	before := *e.Before
	for _, w := range t.opened() { // that was an accident itself
		if w.kind == restore && w.ticket == s.hit.Found && !w.free && w.cells[0].Name == name && w.cells[0].Wrong == before {
			before, kind = w.cells[0].Text, w.cells[0].Kind
		}
	}
	back, err := t.restoring(ctx, s.hit.Found, name, before, kind, c.Sent)
	return back, e, err
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
	for _, w := range backs {
		t.noteStray(w)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.open = append(backs, t.open...) // before anything else
	t.nudge()
	return nil
}

// lateWrite is a write with a verdict of which another copy may still be under
// way.
type lateWrite struct {
	*write
	until time.Time
}

// lateLimit is longer than Google works at a request.
const lateLimit = 4 * time.Minute

// noteStray remembers what stood somewhere by accident, and is never to be put
// back.
func (t *Tracker) noteStray(w *write) {
	for _, c := range w.cells {
		if c.Wrong != "" {
			t.strays[c.Wrong] = true
		}
	}
}

// findStrays looks where writes went whose answer was lost. A text that no
// cell of the column held before, and that now stands in one row that is not
// the ticket's, was put there by the write.
func (t *Tracker) findStrays(ctx context.Context, v *sheets.View, writes []*write) error {
	if !v.Whole {
		return nil
	}
	var suspects []*write
	for _, w := range writes {
		if w.kind != create && w.tries > 0 && w.hit == nil && (w.ticket != "" || w.strayed) {
			suspects = append(suspects, w)
		}
	}
	now := t.o.Now()
	t.late = slices.DeleteFunc(t.late, func(l lateWrite) bool { return now.After(l.until) })
	for _, l := range t.late {
		if l.kind != create {
			suspects = append(suspects, l.write)
		}
	}
	var backs []*write
	var entries []incidentEntry
	for _, w := range suspects {
		for _, c := range w.cells {
			r, before, ok := t.strayRow(v, w, c)
			if !ok && w.result != nil {
				r, before, ok = t.cameBack(v, w, c)
			}
			if !ok || t.restores(r.Key, c) {
				continue
			}
			e := incidentEntry{
				Writes: []int64{w.id}, Ticket: w.ticket, Found: r.Key, Row: r.Number,
				Column: headerOf(t.mirror.columns, c.Name), Wrote: c.Text,
			}
			back := t.restoringAmong(slices.Values(t.mirror.loose), "", c.Name, c.Text)
			if r.Key != "" {
				var err error
				if back, err = t.restoring(ctx, r.Key, c.Name, before, t.mirror.kind(r.Key, c.Name), c.Text); err != nil {
					return err
				}
				e.Before = &before
			}
			backs, entries = append(backs, back), append(entries, e)
		}
	}
	if backs == nil {
		return nil
	}
	return t.fileRestores(ctx, backs, entries)
}

// telling is how long a text is that nobody else will have written just then,
// in characters.
const telling = 12

// mayStray tells that a write may have hit another row: it was seen to, or the
// ticket is not where the write was aimed. Rows may move there and back again,
// but of a short text nobody could say then whose it is.
func (t *Tracker) mayStray(v *sheets.View, w *write, c cell) bool {
	if w.strayed || utf8.RuneCountInString(c.Text) >= telling {
		return true
	}
	r, err := v.Find(w.ticket)
	if err != nil {
		return true
	}
	if w.aimed > 0 {
		return r.Number != w.aimed
	}
	rank := 0 // a daemon before this one aimed it
	for o := range v.Rows() {
		if o.Key == w.ticket {
			break
		}
		rank++
	}
	return slices.IndexFunc(t.mirror.order, func(o *row) bool { return o.id == w.ticket }) != rank
}

// strayRow is the one row that a write may have hit in place of its own.
func (t *Tracker) strayRow(v *sheets.View, w *write, c cell) (found sheets.Row, before string, ok bool) {
	at := t.mirror.column(c.Name)
	if at < 0 || c.Text == "" || !t.mayStray(v, w, c) {
		return found, "", false
	}
	for r := range v.Rows() {
		text, err := v.Text(r, c.Name)
		if err != nil || text != c.Text {
			continue
		}
		if r.Key == w.ticket {
			if w.result == nil {
				return found, "", false // it arrived
			}
			continue // another copy may be elsewhere
		}
		was, known := t.mirror.text(r.Key, c.Name)
		if !known || was == c.Text || ok {
			return found, "", false // it cannot be told whose it is
		}
		found, before, ok = r, was, true
	}
	for r := range v.Loose() {
		text, err := v.Text(r, c.Name)
		if err != nil || text != c.Text {
			continue
		}
		if ok {
			return found, "", false
		}
		found, ok = r, true
	}
	for _, r := range t.mirror.order {
		if r.id != w.ticket && r.text(at) == c.Text {
			return found, "", false
		}
	}
	for _, r := range t.mirror.loose {
		if textAt(r, at) == c.Text {
			return found, "", false
		}
	}
	return found, before, ok
}

// cameBack tells that a ticket holds again what a write with a verdict once
// wrote there, so shortly after that it is another copy of the request.
func (t *Tracker) cameBack(v *sheets.View, w *write, c cell) (r sheets.Row, before string, ok bool) {
	before, known := t.mirror.text(w.ticket, c.Name)
	r, err := v.Find(w.ticket)
	if !known || err != nil || before == c.Text || c.Text == "" {
		return r, "", false
	}
	text, err := v.Text(r, c.Name)
	return r, before, err == nil && text == c.Text
}

func (t *Tracker) restores(ticket string, c cell) bool {
	return slices.ContainsFunc(t.opened(), func(w *write) bool {
		return w.kind == restore && w.ticket == ticket && w.cells[0].Name == c.Name && w.cells[0].Wrong == c.Text
	})
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
