package tracker

import (
	"context"
	"fmt"
	"slices"
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
func (t *Tracker) wentAstray(ctx context.Context, v *sheets.View, strays []stray) error {
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
				if c.Covered != nil {
					t.likeOf(v, back, s.step.held(c.Covered.Text, c.Sent), c.Covered.Text)
				}
				back.cells[0].Twin = s.hit.Loose && s.isElsewhere(v, c)
				backs = append(backs, back)
			}
		}
	}
	return t.fileRestores(ctx, backs, entries)
}

// isElsewhere tells that what was written may be right in another row without an
// id, being short. A look that came after it does not tell which is which.
func (s stray) isElsewhere(v *sheets.View, c sheets.CellHit) bool {
	if utf8.RuneCountInString(c.Sent) >= telling {
		return false
	}
	if s.step.since {
		return true
	}
	for r := range v.Loose() {
		if text, err := v.Text(r, c.Column); err != nil || text == c.Sent {
			return true
		}
	}
	return false
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
	case s.hit.Found == "" && (!s.hit.Loose || c.Covered == nil):
		return nil, e, nil // where it is now is to be looked for
	case s.step.insert != nil:
		nothing := ""
		e.Before = &nothing // the row is new
		if s.hit.Found == s.hit.Key && slices.ContainsFunc(s.hit.Cells, func(o sheets.CellHit) bool { return o.Column == name }) {
			return nil, e, nil // the draft itself will write there
		}
	case c.Covered != nil:
	case e.Before == nil && t.mirror.rows[s.hit.Found] != nil && t.mirror.rows[s.hit.Found].twins != nil:
		return nil, e, nil // which of several rows it was nobody can say
	case e.Before == nil || t.trusted:
		if text, ok := t.mirror.text(s.hit.Found, name); ok {
			e.Before, kind = &text, t.mirror.kind(s.hit.Found, name)
		}
	}
	if e.Before == nil || *e.Before == c.Sent {
		return nil, e, nil
	}
	before := *e.Before
	for _, w := range t.opened() { // that was an accident itself
		if w.kind == restore && w.ticket == s.hit.Found && !w.free && !w.among() && w.cells[0].Name == name && w.cells[0].Wrong == before {
			before, kind = w.cells[0].Text, w.cells[0].Kind
		}
	}
	if c.Covered != nil && before == c.Covered.Text {
		return t.restoringExactly(s.hit.Found, name, c.Covered.Cell, c.Sent), e, nil
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

// noteStray remembers what stood somewhere by accident, and is never to be put
// back. A short text may well be right elsewhere: every new ticket has the same
// status.
func (t *Tracker) noteStray(w *write) {
	for _, c := range w.cells {
		if utf8.RuneCountInString(c.Wrong) >= telling {
			t.strays[c.Wrong] = true
		}
	}
}
