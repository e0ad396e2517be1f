package tracker

import (
	"context"
	"slices"

	"uratori/internal/ledger"
	"uratori/sheets"
)

// What the planted faults do in place of what is right. Only a program that was
// built with the tag ever gets here.

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

// believe takes the answer to a write for the truth. It is a planted fault.
func (t *Tracker) believe(ctx context.Context, order []step) error {
	t.mu.Lock()
	columns := t.mirror.columns
	t.mu.Unlock()
	var done []outcome
	for _, s := range order {
		for _, w := range s.writes {
			if w.hit == nil {
				continue
			}
			o := outcome{w: w, result: Result{Write: w.id, Ticket: w.ticket, Row: w.hit.Row, Verdict: ledger.Verified, ReadAt: t.o.Now()}}
			for _, c := range w.cells {
				o.result.Cells = append(o.result.Cells, CellResult{Field: c.Name, Column: headerOf(columns, c.Name), Text: c.Text, Verdict: ledger.Verified})
			}
			done = append(done, o)
		}
	}
	return t.settle(ctx, done)
}
