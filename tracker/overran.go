package tracker

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"uratori/internal/store"
	"uratori/sheets"
)

// overrun is a cell that somebody wrote between the look and the write that
// covered it, of which the caller had not seen anything.
type overrun struct {
	w      *write
	cell   cell
	row    int
	looked string // what the look saw
	held   string // what the look that is at hand saw; another where a change is recalled
	stood  sheets.Cell
}

// overrunEntry is what the ledger keeps of it.
type overrunEntry struct {
	Write  int64  `json:"write"`
	Ticket string `json:"ticket"`
	Column string `json:"column"`
	Row    int    `json:"row"`
	Wrote  string `json:"wrote"`
	Stood  string `json:"stood"` // what is put back
}

// overruns are the cells that writes covered, though their callers had not
// seen what stood there by then. A look cannot know it, the picture does.
func (t *Tracker) overruns(order []step, hits []sheets.Hit) (found []overrun) {
	for i, s := range order {
		if s.change == nil || !hits[i].Placed() {
			continue
		}
		for _, w := range s.writes {
			if w.ticket == "" {
				continue // of rows without an id nobody can say which one it was
			}
			for _, c := range w.cells {
				at := slices.IndexFunc(hits[i].Cells, func(h sheets.CellHit) bool { return h.Column == c.Name })
				if at < 0 || hits[i].Cells[at].Covered == nil {
					continue
				}
				stood, looked := hits[i].Cells[at].Covered, w.before[c.Name]
				if w.kind == restore {
					looked = c.Wrong
				}
				allowed := stood.Says(looked) || stood.Text == c.Text || w.kind != restore && c.expects(stood.Text)
				if !allowed && !t.strays[stood.Text] {
					found = append(found, overrun{w, c, hits[i].Row, looked, s.held(stood.Text, c.Text), stood.Cell})
				}
			}
		}
	}
	return found
}

// makeGood files the writes that put back what was overrun, and takes note of
// what people wrote there. The writes stay open, as such that were sent and
// that nobody can call arrived: their verdict comes when all is put back.
func (t *Tracker) makeGood(ctx context.Context, v *sheets.View, found []overrun) error {
	if len(found) == 0 {
		return nil
	}
	var backs, sent []*write
	var events []Event
	latest := map[string]*row{}
	for _, o := range found {
		back := t.restoringExactly(o.w.ticket, o.cell.Name, o.stood, o.cell.Text)
		t.likeOf(v, back, o.held, o.stood.Text)
		if _, err := v.Find(o.w.ticket); errors.Is(err, sheets.ErrAmbiguous) {
			back.cells[0].Twin = true // what is wrong there may well be right in the other
		}
		backs = append(backs, back)
		if !slices.Contains(sent, o.w) {
			sent = append(sent, o.w)
		}
		old := latest[o.w.ticket]
		if old == nil {
			old = t.mirror.rows[o.w.ticket]
		}
		if old == nil || old.text(t.mirror.column(o.cell.Name)) == o.stood.Text {
			continue
		}
		was, now := old.text(t.mirror.column(o.cell.Name)), o.stood.Text
		latest[o.w.ticket] = t.mirror.with(old, old.place, o.w.ticket, o.row, map[string]string{o.cell.Name: now})
		events = append(events, Event{
			Kind: Edited, Ticket: o.w.ticket, Column: headerOf(t.mirror.columns, o.cell.Name), Row: o.row, Old: &was, New: &now,
		})
	}
	looked := stamp(t.o.Now())
	err := t.o.DB.Write(ctx, func(tx *store.Tx) error {
		for _, o := range found {
			e := overrunEntry{o.w.id, o.w.ticket, headerOf(t.mirror.columns, o.cell.Name), o.row, o.cell.Text, o.stood.Text}
			if _, err := t.o.Ledger.Append(tx, "tracker.overran", subject(o.w.ticket), e); err != nil {
				return err
			}
		}
		for i := range events {
			if err := t.recordEvent(tx, &events[i], looked); err != nil {
				return err
			}
		}
		for _, r := range latest {
			if err := t.keepRow(tx, r); err != nil {
				return err
			}
		}
		for _, w := range backs {
			if err := t.add(tx, w); err != nil {
				return err
			}
		}
		for _, w := range sent {
			if _, err := tx.Exec(`UPDATE tracker_writes SET tries = tries + 1 WHERE id = ?`, w.id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("store what was covered unseen: %w", t.o.DB.Explain(err))
	}
	for _, o := range found {
		t.o.Log.Warn("a person wrote into a cell just as it was written to: their text is put back", "ticket", o.w.ticket, "row", o.row)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, w := range sent {
		w.hit, w.overran = nil, true
		w.tries++
	}
	for _, r := range latest {
		t.mirror.put(r)
	}
	t.note(events)
	t.open = append(backs, t.open...) // before anything else
	t.nudge()
	return nil
}
