package tracker

import (
	"context"
	"slices"

	"uratori/internal/fault"
)

// mostLooks is how often the table may change between two looks at it before
// it is said that it does not hold still.
const mostLooks = 5

// Fresh reads cells of tickets now, after recording what people changed since
// the last look, so that whatever it finds is explained by what is recorded.
func (t *Tracker) Fresh(ctx context.Context, want map[string][]string) (map[string]Seen, error) {
	var found map[string]Seen // the loop's, until it has answered
	err := t.do(ctx, func(ctx context.Context) (err error) {
		for range mostLooks {
			if _, err := t.sync(ctx); err != nil {
				return err
			}
			var held bool
			if found, held, err = t.fresh(ctx, want); err != nil || held {
				return err
			}
			t.mu.Lock()
			t.version = -1 // look again
			t.mu.Unlock()
		}
		return fault.New(fault.Unavailable, "sheets.moving", "tab", t.o.Book)
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}

// fresh reads cells exactly; held tells that they are as the mirror has them.
func (t *Tracker) fresh(ctx context.Context, want map[string][]string) (found map[string]Seen, held bool, err error) {
	var names, ids []string
	at := map[string]int{} // where the mirror has what was asked for
	for id, fields := range want {
		ids = append(ids, id)
		for _, name := range fields {
			i := t.mirror.meant(name)
			if _, had := at[name]; i >= 0 && !had {
				names, at[name] = append(names, name), i
			}
		}
	}
	slices.Sort(names)
	slices.Sort(ids)
	found, held = map[string]Seen{}, true
	for part := range slices.Chunk(ids, mostWrites) {
		bounded, cancel := context.WithTimeout(ctx, t.lookLimit())
		reading, err := t.o.Sheet.Read(bounded, names, part...)
		cancel()
		if err != nil {
			return nil, false, t.trouble(ctx, err)
		}
		for _, id := range part {
			f := reading.Rows[id]
			s := Seen{At: reading.At, Row: f.Row, Err: f.Err, Cells: map[string]Actual{}}
			for name, c := range f.Cells {
				s.Cells[name] = Actual{c.Text, c.Holds(c.Text)}
				// The mirror has a number as people see it, which a text cannot
				// be told from there.
				if r := t.mirror.rows[id]; r != nil && r.text(at[name]) != c.Text && c.Holds(c.Text) && !t.opening(id) {
					held = false
				}
			}
			if f.Err == nil && t.mirror.rows[id] == nil && !t.opening(id) {
				held = false
			}
			found[id] = s
		}
	}
	return found, held, nil
}

// opening tells that a ticket has writes without a verdict, whose texts are
// not in the mirror yet.
func (t *Tracker) opening(id string) bool { return t.pending(id) > 0 }
