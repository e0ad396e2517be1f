package tracker

import (
	"context"
	"errors"
	"slices"

	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/sheets"
)

// plan is what is to be done about a batch after a look.
type plan struct {
	done  []outcome // there is nothing to send
	check []*write  // the table seems to hold it: to be read exactly
	steps []step
}

// decide says what to do about one write.
func (t *Tracker) decide(ctx context.Context, v *sheets.View, w *write, p *plan) error {
	columns := columnsOf(v, t.o.Columns)
	if err := t.resolve(w, columns); err != nil {
		p.done = append(p.done, refuse(w, columns, err))
		return nil
	}
	r, err := v.Find(w.ticket)
	switch {
	case errors.Is(err, sheets.ErrAmbiguous) && w.kind == create && w.sent():
		return t.parted(ctx, v, w, columns, p)
	case w.kind == restore:
		return t.decideRestore(ctx, v, w, columns, p)
	case errors.Is(err, sheets.ErrAmbiguous) && w.sent():
		o := refuse(w, columns, fault.New(fault.Failed, "tracker.on_two_rows", "ticket", w.ticket).Wrap(err))
		o.failed, o.result.Verdict = nil, ledger.Unverifiable
		for i := range o.result.Cells {
			o.result.Cells[i].Verdict = ledger.Unverifiable
		}
		p.done = append(p.done, o)
	case err != nil && w.kind == create && errors.Is(err, sheets.ErrNotFound):
		t.decideNew(v, w, columns, err, p)
	case err != nil:
		p.done = append(p.done, refuse(w, columns, err))
	case w.kind == create:
		t.decideCreate(v, r, w, columns, p)
	default:
		t.decideUpdate(v, r, w, columns, p)
	}
	return nil
}

// resolve finds the columns of a write in the table.
func (t *Tracker) resolve(w *write, columns []column) error {
	var cells []cell
	for _, c := range w.cells {
		asked := c.Asked
		if asked == "" {
			asked = c.Name
		}
		name := canonical(asked, columns, t.o.Columns)
		switch at := columnAt(columns, name); {
		case name == sheets.Key || name == Approval && w.kind != restore: // a person's word is put back too
			return fault.New(fault.Invalid, "tracker.reserved", "column", brief(c.Name))
		case at >= 0:
			c.Name = name
			cells = append(cells, c)
		case !c.Spare:
			return noColumn(c.Name, columns)
		}
	}
	slices.SortStableFunc(cells, func(a, b cell) int { return columnAt(columns, a.Name) - columnAt(columns, b.Name) })
	t.mu.Lock()
	defer t.mu.Unlock()
	w.cells = cells
	return nil
}

// decideNew is about a draft whose id no row has.
func (t *Tracker) decideNew(v *sheets.View, w *write, columns []column, notFound error, p *plan) {
	if looksAlike(notFound) && !w.sent() {
		p.done = append(p.done, refuse(w, columns, fault.New(fault.Conflict, "tracker.looks_alike", "ticket", w.ticket).Wrap(notFound)))
		return
	}
	if w.hit != nil {
		// The answer showed it, and now it is not there.
		o := refuse(w, columns, notFound)
		o.failed = nil
		p.done = append(p.done, o)
		return
	}
	insert := sheets.Insert{Key: w.ticket, Cells: map[string]string{}}
	w.before = map[string]string{}
	for _, c := range w.cells {
		insert.Cells[c.Name] = c.Text
		w.before[c.Name] = ""
	}
	p.steps = append(p.steps, step{writes: []*write{w}, insert: &insert})
}

// decideCreate is about a draft whose id a row has.
func (t *Tracker) decideCreate(v *sheets.View, r sheets.Row, w *write, columns []column, p *plan) {
	texts, equal := t.textsOf(v, r, w), true
	for _, c := range w.cells {
		equal = equal && texts[c.Name] == c.Text
	}
	switch {
	case w.made && (!equal || w.exact):
		w.before = texts
		addChange(p, r, w)
	case !equal && w.free && w.hit == nil && w.sent() && !t.anyOfOurs(w, texts):
		gone := *w // its copy may still arrive
		t.late = append(t.late, lateWrite{&gone, t.o.Now().Add(lateLimit)})
		t.mu.Lock()
		w.ticket, w.tries = "", 0 // somebody else's; the next look gives another id
		t.mu.Unlock()
	case equal && !w.exact, w.sent():
		w.mixed = w.hit == nil && !equal
		p.check = append(p.check, w)
	default:
		o := refuse(w, columns, fault.New(fault.Conflict, "tracker.exists", "ticket", w.ticket, "row", r.Number))
		o.result.Row = r.Number
		for i, c := range w.cells {
			if text := texts[c.Name]; text != c.Text {
				o.result.Cells[i].Actual = &text
			}
		}
		p.done = append(p.done, o)
	}
}

// anyOfOurs tells that a row holds a text that only this draft would bring.
func (t *Tracker) anyOfOurs(w *write, texts map[string]string) bool {
	return slices.ContainsFunc(w.cells, func(c cell) bool {
		return c.Text != "" && texts[c.Name] == c.Text && (c.Name != Status || c.Text != Filed)
	})
}

// decideUpdate compares the row with what the caller had seen.
func (t *Tracker) decideUpdate(v *sheets.View, r sheets.Row, w *write, columns []column, p *plan) {
	texts := t.textsOf(v, r, w)
	if planted.matchByNumber {
		w.before = texts
		addChange(p, r, w)
		return
	}
	equal, unseen := true, false
	for _, c := range w.cells {
		if texts[c.Name] != c.Text {
			equal = false
			unseen = unseen || !c.expects(texts[c.Name])
		}
	}
	switch {
	case equal && !w.exact, w.hit != nil:
		p.check = append(p.check, w)
	case unseen && w.sent():
		w.mixed = true
		p.check = append(p.check, w)
	case unseen:
		p.done = append(p.done, conflict(w, r, texts, columns))
	default:
		w.before = texts
		addChange(p, r, w)
	}
}

// conflict ends a write that would have covered what its caller has not seen.
func conflict(w *write, r sheets.Row, texts map[string]string, columns []column) outcome {
	reason := fault.New(fault.Conflict, "tracker.conflict", "ticket", w.ticket)
	o := refuse(w, columns, reason)
	o.failed, o.result.Conflict, o.result.Row = nil, true, r.Number
	for i, c := range w.cells {
		cell := &o.result.Cells[i]
		text := texts[c.Name]
		switch {
		case text == c.Text:
			cell.Verdict, cell.Reason = ledger.Unverifiable, fault.New(fault.Conflict, "tracker.held_back")
		case c.expects(text):
			cell.Actual, cell.Reason = &text, fault.New(fault.Conflict, "tracker.held_back")
		default:
			cell.Actual, cell.Conflict = &text, true
		}
	}
	return o
}

func (t *Tracker) textsOf(v *sheets.View, r sheets.Row, w *write) map[string]string {
	texts := map[string]string{}
	for _, c := range w.cells {
		if t.trusted { // a look would see what the mirror shows
			texts[c.Name], _ = t.mirror.text(w.ticket, c.Name)
			continue
		}
		text, err := v.Text(r, c.Name)
		if err == nil {
			texts[c.Name] = text
		}
	}
	return texts
}

// addChange adds the cells of a write to what is sent to its row.
func addChange(p *plan, r sheets.Row, w *write) {
	i := slices.IndexFunc(p.steps, func(s step) bool { return s.change != nil && s.change.Row.Number == r.Number })
	if i < 0 {
		i = len(p.steps)
		p.steps = append(p.steps, step{change: &sheets.Change{Row: r, Cells: map[string]string{}, Kinds: map[string]sheets.Kind{}}})
	}
	s := &p.steps[i]
	for _, c := range w.cells {
		if _, clash := s.change.Cells[c.Name]; clash {
			return // its turn comes after the other's verdict
		}
	}
	for _, c := range w.cells {
		s.change.Cells[c.Name] = c.Text
		if c.Kind != "" {
			s.change.Kinds[c.Name] = c.Kind
		}
	}
	s.writes = append(s.writes, w)
}
