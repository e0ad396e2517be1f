package tracker

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"

	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/sheets"
)

// restoring is a write that puts a text back. One that begins as a formula does
// was one, unless it was us who wrote it.
func (t *Tracker) restoring(ctx context.Context, ticket, name, before string, kind sheets.Kind, wrong string) (*write, error) {
	if strings.HasPrefix(before, "=") {
		kind = sheets.Formula
		written, err := queryWrites(ctx, t.o.DB, `WHERE book = ? AND ticket = ?`, t.o.Book, ticket)
		if err != nil {
			return nil, err
		}
		for _, w := range written {
			if slices.ContainsFunc(w.cells, func(c cell) bool { return c.Text == before && c.Kind != sheets.Formula }) {
				kind = sheets.Text
			}
		}
	}
	return &write{
		kind: restore, ticket: ticket, at: t.o.Now(), told: make(chan struct{}),
		cells: []cell{{Name: name, Text: before, Kind: kind, Wrong: wrong}},
	}, nil
}

// restoringExactly is a write that puts back what a picture showed.
func (t *Tracker) restoringExactly(ticket, name string, before sheets.Cell, wrong string) *write {
	return &write{
		kind: restore, ticket: ticket, at: t.o.Now(), told: make(chan struct{}),
		cells: []cell{{Name: name, Text: before.Text, Kind: before.Kind, Wrong: wrong}},
	}
}

// restoringAmong is a write that puts back what one of several rows held: of
// those of an id, or without any. rows are those before.
func (t *Tracker) restoringAmong(rows iter.Seq[sheets.Row], ticket, name, wrong string) *write {
	at := t.mirror.column(name)
	c := cell{Name: name, Wrong: wrong, Among: true}
	for r := range rows {
		if text := textAt(r, at); text != "" && text != wrong && !t.strays[text] {
			c.Others = append(c.Others, text)
		}
	}
	return &write{kind: restore, ticket: ticket, at: t.o.Now(), told: make(chan struct{}), cells: []cell{c}}
}

func textAt(r sheets.Row, at int) string {
	if texts := r.Texts(); at >= 0 && at < len(texts) {
		return texts[at]
	}
	return ""
}

// decideRestore puts a text back where the accident still shows.
func (t *Tracker) decideRestore(ctx context.Context, v *sheets.View, w *write, columns []column, p *plan) error {
	if w.free {
		t.decideReturn(v, w, columns, p)
		return nil
	}
	c := w.cells[0]
	at := columnAt(columns, c.Name)
	rows, there := slices.Collect(rowsOf(v, w.ticket)), []sheets.Row{}
	for _, r := range rows {
		if textAt(r, at) == c.Wrong {
			there = append(there, r)
		}
	}
	if len(rows) > 1 && !c.Among && !c.Twin && w.ticket != "" && !t.strays[c.Wrong] {
		// From now on: what is wrong in the one may be right in the other.
		if err := t.markTwin(ctx, w); err != nil {
			return err
		}
		c = w.cells[0]
	}
	known := false // which of several it was
	if w.ticket == "" && !c.Among {
		there, known = t.looseOne(there, c, columns), true
	} else if r, ok := likest(rows, c, columns); ok && (len(rows) > 1 || c.Twin) {
		known = true
		there = slices.DeleteFunc(there, func(o sheets.Row) bool { return o.Number != r.Number })
	}
	switch {
	case w.hit != nil && len(rows) > 1 && w.tookAway(c) && holdsAll(v, w):
		p.done = append(p.done, putBack(v, w, columns)) // the other rows of the id are not concerned
	case c.Twin && !known && w.hit == nil && (len(rows) < 2 || len(there) > 1):
		p.done = append(p.done, refuse(w, columns, fault.New(fault.Failed, "tracker.cannot_put_back")))
	case len(there) > 0 && c.Among:
		text, ok := t.missing(c, rowsOf(v, w.ticket), there[0], at)
		if !ok {
			p.done = append(p.done, refuse(w, columns, fault.New(fault.Failed, "tracker.cannot_put_back")))
			return nil
		}
		t.mu.Lock()
		w.cells[0].Text = text
		t.mu.Unlock()
		addChange(p, there[0], w)
	case len(there) > 0:
		w.before = map[string]string{c.Name: c.Wrong}
		addChange(p, there[0], w)
	case w.hit != nil && (len(rows) != 1 || c.Among || w.ticket == "") && holdsAll(v, w):
		// We wrote it, the accident shows nowhere any more, and it is there.
		p.done = append(p.done, putBack(v, w, columns))
	case len(rows) == 1 && !c.Among && w.ticket != "" && textAt(rows[0], at) == c.Text && !w.exact:
		p.check = append(p.check, w)
	default:
		p.done = append(p.done, refuse(w, columns, fault.New(fault.Conflict, "tracker.changed_since", "ticket", w.ticket)))
	}
	return nil
}

// looseOne is the row without an id that an accident shows in: none where it may
// be one of several that are not all to hold the same again, or where others may
// well hold the same text.
func (t *Tracker) looseOne(there []sheets.Row, c cell, columns []column) []sheets.Row {
	if len(there) == 1 && !c.Twin {
		return there
	}
	if r, ok := likest(there, c, columns); ok {
		return []sheets.Row{r}
	}
	if len(there) == 0 || t.alike(c) < len(there) {
		return nil
	}
	return there[:1]
}

// alike counts the accidents with one text in rows without an id that are all
// put right in the same way, 0 where one of them is not.
func (t *Tracker) alike(c cell) (n int) {
	for _, w := range t.opened() {
		if w.kind != restore || w.ticket != "" || w.cells[0].Name != c.Name || w.cells[0].Wrong != c.Wrong {
			continue
		}
		if o := w.cells[0]; o.Among || o.Twin || o.Text != c.Text || o.Kind != c.Kind {
			return 0
		}
		n++
	}
	return n
}

// tookAway tells that a restore covered the very text that it was to take away.
func (w *write) tookAway(c cell) bool {
	return slices.ContainsFunc(w.hit.Cells, func(h sheets.CellHit) bool {
		return h.Column == c.Name && h.Placed && h.Covered != nil && h.Covered.Says(c.Wrong)
	})
}

// putBack ends a write whose texts the look has shown.
func putBack(v *sheets.View, w *write, columns []column) outcome {
	o := outcome{w: w, result: Result{Write: w.id, Ticket: w.ticket, Verdict: ledger.Verified, ReadAt: v.At}}
	for _, c := range w.cells {
		o.result.Cells = append(o.result.Cells, CellResult{Field: c.Name, Column: headerOf(columns, c.Name), Text: c.Text, Verdict: ledger.Verified})
	}
	return o
}

// holdsAll tells that a row of the ticket holds every text of a write.
func holdsAll(v *sheets.View, w *write) bool {
	for r := range rowsOf(v, w.ticket) {
		all := true
		for _, c := range w.cells {
			text, err := v.Text(r, c.Name)
			all = all && err == nil && text == c.Text
		}
		if all {
			return true
		}
	}
	return false
}

// decideReturn makes a row anew that is still missing. A draft of ours under
// the same id does not count: it was to go, and will.
func (t *Tracker) decideReturn(v *sheets.View, w *write, columns []column, p *plan) {
	_, err := v.Find(w.ticket)
	beside := false // others that have the id, and is not there itself
	if len(w.cells) > 0 && w.cells[0].Twin {
		mine, others := twins(v, w.ticket, w.cells, columns)
		beside = len(mine) == 0 && len(others) > 0 && w.hit == nil
	}
	switch {
	case beside:
		t.makeAnew(w, true, p)
	case errors.Is(err, sheets.ErrAmbiguous) && w.sent() && holdsAll(v, w):
		p.done = append(p.done, putBack(v, w, columns)) // beside a draft that is still to go
	case err == nil && w.sent() && !t.draftIn(v, w.ticket, columns):
		p.check = append(p.check, w)
	case w.hit == nil && (errors.Is(err, sheets.ErrNotFound) || err == nil && t.draftIn(v, w.ticket, columns)):
		t.makeAnew(w, err == nil, p)
	default:
		p.done = append(p.done, refuse(w, columns, fault.New(fault.Conflict, "tracker.changed_since", "ticket", w.ticket)))
	}
}

// makeAnew plans a row that was taken out; twin tells that others have its id.
func (t *Tracker) makeAnew(w *write, twin bool, p *plan) {
	insert := sheets.Insert{Key: w.ticket, Cells: map[string]string{}, Kinds: map[string]sheets.Kind{}, Twin: twin}
	for _, c := range w.cells {
		insert.Cells[c.Name] = c.Text
		if c.Kind != "" {
			insert.Kinds[c.Name] = c.Kind
		}
	}
	p.steps = append(p.steps, step{writes: []*write{w}, insert: &insert})
}

// rowsOf are the rows of an id, or those that have none.
func rowsOf(v *sheets.View, id string) iter.Seq[sheets.Row] {
	if id == "" {
		return v.Loose()
	}
	return func(yield func(sheets.Row) bool) {
		for r := range v.Rows() {
			if r.Key == id && !yield(r) {
				return
			}
		}
	}
}

// missing is the text that rows held before one of them was covered, and do
// not hold now. Not ok when it may be one of several.
func (t *Tracker) missing(c cell, rows iter.Seq[sheets.Row], covered sheets.Row, at int) (string, bool) {
	left := map[string]int{}
	for r := range rows {
		if r.Number != covered.Number {
			left[textAt(r, at)]++
		}
	}
	var gone []string
	for _, text := range c.Others {
		if left[text]--; left[text] < 0 && !t.strays[text] {
			gone = append(gone, text)
		}
	}
	switch len(gone) {
	case 0:
		return "", true
	case 1:
		return gone[0], true
	}
	return "", false
}
