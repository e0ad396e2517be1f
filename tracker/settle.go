package tracker

import (
	"context"
	"fmt"
	"slices"

	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/internal/store"
)

// verdictEntry is what the ledger keeps of a verdict.
type verdictEntry struct {
	Write    int64          `json:"write"`
	Intent   int64          `json:"intent"` // entry of the ledger
	Book     string         `json:"book"`
	Kind     kind           `json:"kind"`
	Ticket   string         `json:"ticket"`
	Verdict  ledger.Verdict `json:"verdict"`
	Conflict bool           `json:"conflict,omitzero"`
	Refused  bool           `json:"refused,omitzero"` // the request was wrong, or the table did not take it
	Row      int            `json:"row,omitzero"`
	ReadAt   string         `json:"read_at,omitempty"` // when the table was read back
	Tries    int            `json:"tries,omitzero"`    // how often it was sent without an answer before
	Cells    []cellEntry    `json:"cells"`
	Reason   string         `json:"reason,omitempty"`
}

type cellEntry struct {
	Field    string         `json:"field"`
	Column   string         `json:"column"`
	Verdict  ledger.Verdict `json:"verdict"`
	SHA256   string         `json:"sha256"` // of what was to be written
	Place    string         `json:"place,omitempty"`
	Shown    string         `json:"shown,omitempty"` // SHA-256 of what the answer to the write showed there
	Found    string         `json:"found,omitempty"` // SHA-256 of Actual
	Actual   *string        `json:"actual,omitzero"` // what is there; left out where that is too much
	Conflict bool           `json:"conflict,omitzero"`
	Edited   bool           `json:"edited,omitzero"`
	Reason   string         `json:"reason,omitempty"`
}

func (t *Tracker) entryOf(o outcome) verdictEntry {
	r := o.result
	e := verdictEntry{
		Write: o.w.id, Intent: o.w.intent, Book: t.o.Book, Kind: o.w.kind, Ticket: o.w.ticket, Verdict: r.Verdict, Conflict: r.Conflict, Refused: o.failed != nil,
		Row: r.Row, Tries: o.w.tries, Cells: []cellEntry{},
	}
	if !r.ReadAt.IsZero() {
		e.ReadAt = stamp(r.ReadAt)
	}
	if r.Reason != nil {
		e.Reason = r.Reason.Error()
	}
	size := 0
	for _, c := range r.Cells {
		cell := cellEntry{
			Field: brief(c.Field), Column: brief(c.Column), Verdict: c.Verdict, SHA256: sum(c.Text), Conflict: c.Conflict, Edited: c.Edited,
		}
		if c.Actual != nil {
			cell.Found = sum(*c.Actual)
			if size += len(*c.Actual); size <= mostContent {
				cell.Actual = c.Actual
			}
		}
		if c.Reason != nil {
			cell.Reason = c.Reason.Error()
		}
		if o.w.hit != nil {
			for _, h := range o.w.hit.Cells {
				if h.Column == c.Field {
					cell.Place, cell.Shown = h.Place, sum(h.After.Text)
				}
			}
		}
		e.Cells = append(e.Cells, cell)
	}
	return e
}

// known is what a verdict says of the table, so that it is no person's edit
// when a look finds it.
func (o outcome) known() map[string]string {
	texts := map[string]string{}
	for _, c := range o.result.Cells {
		switch {
		case c.Verdict == ledger.Verified:
			texts[c.Field] = c.Text
		case c.Verdict == ledger.Refuted && o.w.hit != nil && c.Actual != nil && !c.Conflict:
			texts[c.Field] = *c.Actual
		case c.Verdict == ledger.Unverifiable && o.w.sent() && o.result.Conflict:
			texts[c.Field] = c.Text // held back beside a conflict, and there
		}
	}
	return texts
}

// settle stores verdicts and tells them to whoever waits.
func (t *Tracker) settle(ctx context.Context, done []outcome) error {
	for part := range slices.Chunk(done, mostWrites) {
		at := stamp(t.o.Now())
		rows, latest, last := make([]*row, len(part)), map[string]*row{}, t.mirror.last()
		for i, o := range part {
			texts := o.known()
			if len(texts) == 0 || o.w.ticket == "" {
				continue
			}
			old := latest[o.w.ticket]
			if old == nil {
				old = t.mirror.rows[o.w.ticket]
			}
			switch {
			case old == nil && o.w.kind != create:
				continue // the next look tells where it comes from
			case old == nil:
				last++
			case o.w.kind == restore && len(old.twins) > 0 && o.result.Row != old.number:
				continue // it was another row of the id
			}
			rows[i] = t.mirror.with(old, last, o.w.ticket, o.result.Row, texts)
			latest[o.w.ticket] = rows[i]
		}
		err := t.o.DB.Write(ctx, func(tx *store.Tx) error {
			for i, o := range part {
				if err := t.storeVerdict(tx, o, rows[i], at); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("store the verdicts: %w", t.o.DB.Explain(err))
		}
		t.mu.Lock()
		for i, o := range part {
			if rows[i] != nil {
				t.mirror.put(rows[i])
			}
			if n, _, ok := t.number(o.w.ticket); ok && o.w.kind == create && rows[i] != nil {
				t.last = max(t.last, n)
			}
			o.w.result, o.w.failed = &o.result, o.failed
			if o.w.kind == create && o.w.awaits == 0 && o.result.Verdict == ledger.Verified && t.o.Filed != nil {
				t.o.Filed(o.w.filed(o.result.Row))
			}
			o.w.tell()
			t.unseen(o)
			if o.w.tries > 0 {
				t.late = append(t.late, lateWrite{o.w, t.o.Now().Add(lateLimit)})
			}
		}
		t.open = slices.DeleteFunc(t.open, func(w *write) bool { return w.result != nil })
		t.mu.Unlock()
	}
	return nil
}

func (t *Tracker) storeVerdict(tx *store.Tx, o outcome, r *row, at string) error {
	e, err := t.o.Ledger.Append(tx, "tracker.judged", subject(o.w.ticket), t.entryOf(o))
	if err != nil {
		return err
	}
	result, err := encode(keep(o))
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE tracker_writes SET verdict = ?, result = ?, claims = ? WHERE id = ?`, e.Seq, result, !refusedOutright(o.failed), o.w.id); err != nil {
		return err
	}
	if r != nil {
		if err := t.keepRow(tx, r); err != nil {
			return err
		}
	}
	if o.w.kind == restore {
		return nil
	}
	for _, c := range o.result.Cells {
		switch {
		case c.Verdict == ledger.Verified:
			if err := t.saw(tx, o.w.ticket, c.Field, o.w.reader, c.Text, at); err != nil {
				return err
			}
		case c.Actual != nil:
			if err := t.toldOf(tx, o.w.ticket, c.Field, o.w.reader, *c.Actual, at); err != nil {
				return err
			}
		}
	}
	return nil
}

// unseen has writes that came before this one's verdict, from callers who had
// seen nothing of the cell, believe what stood there before it. The caller
// holds mu.
func (t *Tracker) unseen(o outcome) {
	for _, w := range t.open {
		if w == o.w || w.ticket != o.w.ticket {
			continue
		}
		for i, c := range w.cells {
			if before, ok := o.w.before[c.Name]; ok && c.Base == nil && o.result.Verdict == ledger.Verified {
				hash := sum(before)
				w.cells[i].Base = &hash
			}
		}
	}
}

// filed is what a draft has become.
func (w *write) filed(number int) Ticket {
	k := Ticket{ID: w.ticket, Row: number}
	for _, c := range w.cells {
		k.Fields = append(k.Fields, Field{Name: c.Name, Text: c.Text})
	}
	return k
}

// countTry stores that writes were sent and that nobody knows what became of
// them.
func (t *Tracker) countTry(ctx context.Context, steps []step) error {
	err := t.o.DB.Write(ctx, func(tx *store.Tx) error {
		for _, s := range steps {
			for _, w := range s.writes {
				if _, err := tx.Exec(`UPDATE tracker_writes SET tries = tries + 1 WHERE id = ?`, w.id); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("store that writes may have been applied: %w", t.o.DB.Explain(err))
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, s := range steps {
		for _, w := range s.writes {
			w.tries++
			w.reason = fault.New(fault.Unavailable, "tracker.waiting")
		}
	}
	return nil
}
