package tracker

import (
	"context"
	"fmt"
	"slices"

	"github.com/go-json-experiment/json"

	"uratori/internal/store"
	"uratori/sheets"
)

// Of several rows with one id a write may have covered a cell of the wrong one.
// Which it was is told by what else stood in it: people copy a row with its
// id, but they write other things beside it.

// fingerprint is what stands in a row, as the first bytes of the SHA-256 of each
// text by its column's name. Empty cells, the id and the column but are left out.
func fingerprint(r sheets.Row, columns []column, but string) map[string]string {
	return prints(r.Texts(), columns, but)
}

func prints(texts []string, columns []column, but string) map[string]string {
	found := map[string]string{}
	for i, c := range columns[:min(len(columns), len(texts))] {
		if texts[i] != "" && c.Name != "" && c.Name != sheets.Key && c.Name != but {
			found[c.Name] = sum(texts[i])[:printLength]
		}
	}
	return found
}

// printLength is in hexadecimal digits: two texts of one table are not taken for
// each other.
const printLength = 16

// likeOf notes in a write that puts a text back how its row is told from others
// with the same id: of those that v saw it is the one that held a text there.
// stood is what the accident covered.
func (t *Tracker) likeOf(v *sheets.View, back *write, held, stood string) {
	if !v.Whole {
		return // nothing but its id is known of most rows
	}
	c := &back.cells[0]
	columns := columnsOf(v, t.o.Columns)
	rows := slices.Collect(rowsOf(v, back.ticket))
	at, all := columnAt(columns, c.Name), rows
	rows = slices.DeleteFunc(slices.Clone(rows), func(r sheets.Row) bool { return textAt(r, at) != held })
	if known := t.mirror.rows[back.ticket]; held != stood && len(rows) > 1 && known != nil && known.text(t.mirror.column(c.Name)) != stood {
		// v is later than the accident, and the text is right in others; the row
		// that was known before it held another one, and so is none of these.
		other := cell{Name: c.Name, Like: prints(known.texts, t.mirror.columns, c.Name)}
		if r, ok := likest(all, other, columns); ok {
			rows = slices.DeleteFunc(rows, func(o sheets.Row) bool { return o.Number == r.Number })
		}
	}
	if len(rows) == 1 {
		c.Like = fingerprint(rows[0], columns, c.Name)
	}
}

// likest is the row that a write is about which puts something back, by what
// else stands in it. Not ok where nothing is known of that row, where two are
// as much like it, or the only one that is left is not.
func likest(rows []sheets.Row, c cell, columns []column) (best sheets.Row, ok bool) {
	if c.Like == nil {
		return best, false
	}
	highest, single := 0, len(rows) == 1
	for i, r := range rows {
		alike, other := 0, 0
		now := fingerprint(r, columns, c.Name)
		for name, print := range now {
			if c.Like[name] == print {
				alike++
			} else {
				other++
			}
		}
		for name := range c.Like {
			if now[name] == "" {
				other++
			}
		}
		if single {
			return r, alike > 0 && alike >= other
		}
		switch score := 2*alike - other; {
		case i == 0 || score > highest:
			best, highest, ok = r, score, true
		case score == highest:
			ok = false
		}
	}
	return best, ok
}

// markTwin stores that a write which puts something back is about one of several
// rows, for a daemon that comes after this one.
func (t *Tracker) markTwin(ctx context.Context, w *write) error {
	cells := slices.Clone(w.cells)
	cells[0].Twin = true
	raw, err := json.Marshal(cells)
	if err != nil {
		return fmt.Errorf("encode a write of %s: %w", w.ticket, err)
	}
	err = t.o.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE tracker_writes SET cells = ? WHERE id = ?`, string(raw), w.id)
		return err
	})
	if err != nil {
		return fmt.Errorf("store that an id is on several rows: %w", t.o.DB.Explain(err))
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	w.cells = cells
	return nil
}
