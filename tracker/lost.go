package tracker

import (
	"context"
	"slices"
	"time"
	"unicode/utf8"

	"uratori/sheets"
)

// lateWrite is a write with a verdict of which another copy may still be under
// way.
type lateWrite struct {
	*write
	until time.Time
}

// lateLimit is longer than Google works at a request.
const lateLimit = 4 * time.Minute

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
	if last := t.mirror.rows[w.ticket]; len(last.twins) > 0 || last.number == 0 {
		// The look before may have shown the text in another row of the id; whether
		// there was one is not known of a look before the start.
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
