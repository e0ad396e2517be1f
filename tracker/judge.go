package tracker

import (
	"context"
	"errors"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/sheets"
)

// readBack reads what was written, independently of the answer to the write,
// and judges.
// alone tells that nobody else has changed the table since the look.
func (t *Tracker) readBack(ctx context.Context, v *sheets.View, hits []sheets.Hit, order []step, alone bool) error {
	var astray []stray
	for i, s := range order {
		for _, w := range s.writes {
			w.hit = &hits[i]
		}
		if !hits[i].Placed() && !planted.matchByNumber {
			astray = append(astray, stray{s, hits[i]})
		}
	}
	if err := t.wentAstray(ctx, v, astray); err != nil {
		return err
	}
	if !planted.matchByNumber {
		if err := t.makeGood(ctx, v, t.overruns(order, hits)); err != nil {
			return err
		}
	}
	if planted.skipReadBack || planted.matchByNumber {
		return t.believe(ctx, order)
	}
	var writes []*write
	inserted := false
	for _, s := range order {
		inserted = inserted || s.insert != nil
		for _, w := range s.writes {
			if w.hit != nil && !w.among() && w.ticket != "" {
				writes = append(writes, w) // of the others a look tells
			}
		}
	}
	placed := slices.DeleteFunc(slices.Clone(hits), func(h sheets.Hit) bool { return !h.Placed() || h.Key == "" })
	if len(placed) == 0 {
		return nil
	}
	version := t.tableVersion()
	if inserted && !alone {
		// Whether the new ids are the only ones is seen by looking for them.
		return t.check(ctx, writes)
	}
	bounded, cancel := context.WithTimeout(ctx, t.lookLimit())
	defer cancel()
	reading, err := t.o.Sheet.Again(bounded, v, placed)
	if err != nil {
		return t.trouble(ctx, err)
	}
	if inserted && t.tableVersion() != version {
		return t.check(ctx, writes)
	}
	return t.judgeAll(ctx, writes, reading)
}

// check reads the cells of writes wherever their rows are, and judges.
func (t *Tracker) check(ctx context.Context, writes []*write) error {
	var names, ids []string
	for _, w := range writes {
		if !slices.Contains(ids[max(0, len(ids)-1):], w.ticket) {
			ids = append(ids, w.ticket)
		}
		for _, c := range w.cells {
			if !slices.Contains(names, c.Name) {
				names = append(names, c.Name)
			}
		}
	}
	slices.Sort(ids)
	bounded, cancel := context.WithTimeout(ctx, t.lookLimit())
	defer cancel()
	reading, err := t.o.Sheet.Read(bounded, names, slices.Compact(ids)...)
	if err != nil {
		return t.trouble(ctx, err)
	}
	return t.judgeAll(ctx, writes, reading)
}

func (t *Tracker) judgeAll(ctx context.Context, writes []*write, reading *sheets.Reading) error {
	t.mu.Lock()
	m := t.mirror
	t.mu.Unlock()
	var done []outcome
	for _, w := range writes {
		found, ok := reading.Rows[w.ticket]
		if !ok {
			continue
		}
		o, ok := judge(w, found, m.columns)
		if !ok {
			continue // the next look says more
		}
		o.result.ReadAt = reading.At
		done = append(done, o)
	}
	return t.settle(ctx, done)
}

// judge compares what was read with what was to be written. It is not ok when
// only another look can tell.
func judge(w *write, found sheets.Found, columns []column) (outcome, bool) {
	if found.Err != nil {
		if w.hit == nil || errors.Is(found.Err, sheets.ErrAmbiguous) {
			return outcome{}, false
		}
		o := refuse(w, columns, found.Err)
		o.failed = nil // it was sent, and the answer showed it
		return o, true
	}
	o := outcome{w: w, result: Result{Write: w.id, Ticket: w.ticket, Row: found.Row}}
	for _, c := range w.cells {
		actual, ok := found.Cells[c.Name]
		if !ok {
			return outcome{}, false
		}
		cell := CellResult{Field: c.Name, Column: headerOf(columns, c.Name), Text: c.Text, Verdict: ledger.Verified}
		switch {
		case c.isHeld(actual):
		case w.mixed:
			cell.Verdict, cell.Actual = ledger.Refuted, &actual.Text
			o.result.Reason = fault.New(fault.Conflict, "tracker.overtaken", "ticket", w.ticket)
			if w.overran {
				o.result.Reason = fault.New(fault.Conflict, "tracker.same_moment", "ticket", w.ticket)
			}
		case w.kind == restore && w.hit != nil && actual.Text == c.Wrong:
			w.hit, w.rest = nil, true // it is still there
			return outcome{}, false
		case w.hit == nil:
			w.exact = true // it looked right, and is not
			return outcome{}, false
		case w.showed(c) && edited(c.Text, w.before[c.Name], actual):
			cell.Edited, cell.Actual = true, &actual.Text
		default:
			cell.Verdict, cell.Actual = ledger.Refuted, &actual.Text
			if actual.Text == c.Text {
				cell.Reason = fault.New(fault.Failed, "tracker.not_text", "kind", string(actual.Kind))
			}
		}
		o.result.Cells = append(o.result.Cells, cell)
	}
	o.result.Verdict = verdictOf(o.result.Cells)
	return o, true
}

// showed tells that the answer to the write showed the text in its place.
func (w *write) showed(c cell) bool {
	return slices.ContainsFunc(w.hit.Cells, func(h sheets.CellHit) bool {
		return h.Column == c.Name && h.Placed && h.After.Holds(c.Text)
	})
}

// edited tells a person's edit from a text that did not arrive, or not whole:
// what stood there before, a part of ours, or ours in another form may be
// either, and is not taken for an edit.
func edited(ours, before string, actual sheets.Cell) bool {
	now := actual.Text
	plain := func(s string) string { return strings.Join(strings.Fields(norm.NFKC.String(s)), "") }
	return now != before && now != ours && !strings.HasPrefix(ours, now) && !strings.HasSuffix(ours, now) && plain(now) != plain(ours)
}
