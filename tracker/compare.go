package tracker

import (
	"maps"
	"slices"
	"sort"

	"uratori/sheets"
)

// difference is how the table is other than the mirror.
type difference struct {
	events  []Event // without numbers and times
	put     []*row  // new or changed
	drop    []string
	moved   []Event
	columns []column // the new ones, nil when they are as they were
	order   []*row   // all rows; nil when only some were looked at
}

func (d difference) empty() bool {
	return len(d.events)+len(d.put)+len(d.drop)+len(d.moved) == 0 && d.columns == nil
}

// ours tells that a text in a cell is a write's of this side whose verdict is
// still to come, and so is no person's edit.
type ours func(id, name, text string) bool

// whole compares the mirror with a look at the whole table. Rows of tickets
// that skip names are left out: they are being made.
func (m *mirror) whole(v *sheets.View, columns []column, mine ours, skip map[string]bool) (d difference) {
	first := m.at.IsZero()
	at := m.align(columns)
	if !slices.Equal(columns, m.columns) {
		d.columns = columns
	}
	seen := map[string]*row{}
	for r := range v.Rows() {
		if twin := seen[r.Key]; twin != nil {
			twin.twins = append(twin.twins, r.Number)
			continue
		}
		old := m.rows[r.Key]
		if old == nil && skip[r.Key] {
			continue
		}
		fresh, events := compareRow(old, r, columns, at, mine)
		if fresh == old {
			fresh = &row{id: old.id, place: old.place, texts: old.texts}
		} else {
			if !first {
				d.events = append(d.events, events...)
			}
			d.put = append(d.put, fresh)
		}
		fresh.number, fresh.kinds = r.Number, r.Kinds()
		if old != nil && !maps.Equal(old.kinds, fresh.kinds) && !slices.Contains(d.put[max(0, len(d.put)-1):], fresh) {
			d.put = append(d.put, fresh) // it reads the same, and is another kind of thing
		}
		seen[r.Key] = fresh
		d.order = append(d.order, fresh)
	}
	for _, old := range m.order {
		if seen[old.id] == nil {
			d.drop = append(d.drop, old.id)
			d.events = append(d.events, Event{Kind: Deleted, Ticket: old.id, From: old.number, Old: content(old, m.columns)})
		}
	}
	if d.columns != nil {
		d.put = d.order // the texts stand in another order now
	}
	d.arrange(m)
	if d.order == nil {
		d.order = []*row{}
	}
	return d
}

// some compares the mirror with the rows of a look at some tickets.
func (m *mirror) some(v *sheets.View, columns []column, mine ours, ids []string) (d difference) {
	if !slices.Equal(columns, m.columns) {
		return d // the next look at the whole table compares in full
	}
	at := m.align(columns)
	for _, id := range ids {
		r, err := v.Find(id)
		old := m.rows[id]
		if err != nil || old == nil || r.Texts() == nil {
			continue // rows that come or go are seen by a look at the whole table
		}
		if fresh, events := compareRow(old, r, columns, at, mine); fresh != old {
			fresh.number, fresh.kinds = r.Number, r.Kinds()
			d.put, d.events = append(d.put, fresh), append(d.events, events...)
		}
	}
	return d
}

// align is where each of columns stands in the mirror, -1 for a new one.
func (m *mirror) align(columns []column) []int {
	at := make([]int, len(columns))
	for i, c := range columns {
		at[i] = -1
		if c.Name != "" {
			at[i] = m.column(c.Name)
		}
	}
	return at
}

// compareRow is old itself when nothing is other than it was.
func compareRow(old *row, r sheets.Row, columns []column, at []int, mine ours) (*row, []Event) {
	texts := r.Texts()
	if old == nil {
		fresh := &row{id: r.Key, texts: texts}
		return fresh, []Event{{Kind: Created, Ticket: r.Key, Row: r.Number, New: content(fresh, columns)}}
	}
	var events []Event
	var kept []string // texts, where some are not to be believed yet
	same := true
	for i, c := range columns {
		text := ""
		if i < len(texts) {
			text = texts[i]
		}
		if at[i] < 0 {
			same = same && c.Name == ""
			continue // a new column is not an edit of every row
		}
		was := old.text(at[i])
		if at[i] != i {
			same = false
		}
		if text == was {
			continue
		}
		if mine(r.Key, c.Name, text) {
			if kept == nil {
				kept = slices.Clone(texts)
			}
			for len(kept) <= i {
				kept = append(kept, "")
			}
			kept[i] = was
			continue
		}
		same = false
		events = append(events, Event{Kind: Edited, Ticket: r.Key, Column: c.Header, Row: r.Number, Old: &was, New: &text})
	}
	if same && len(events) == 0 {
		return old, nil
	}
	fresh := &row{id: old.id, place: old.place, texts: texts}
	if kept != nil {
		fresh.texts = kept
	}
	return fresh, events
}

// arrange gives rows their places: those that stand in the order in which they
// stood keep theirs, the fewest others have moved.
func (d *difference) arrange(m *mirror) {
	var known []*row
	for _, r := range d.order {
		if m.rows[r.id] != nil {
			known = append(known, r)
		}
	}
	stay := map[*row]bool{}
	for _, i := range longestRise(known) {
		stay[known[i]] = true
	}
	changed := map[*row]bool{}
	for _, r := range d.put {
		changed[r] = true
	}
	for i := 0; i < len(d.order); {
		if stay[d.order[i]] {
			i++
			continue
		}
		end := i
		for end < len(d.order) && !stay[d.order[end]] {
			end++
		}
		low, step := 0.0, 1.0
		if i > 0 {
			low = d.order[i-1].place
		}
		if end < len(d.order) {
			step = (d.order[end].place - low) / float64(end-i+1)
		}
		for ; i < end; i++ {
			r := d.order[i]
			if old := m.rows[r.id]; old != nil {
				d.moved = append(d.moved, Event{Kind: Moved, Ticket: r.id, Row: r.number, From: old.number})
			}
			r.place = low + step
			if low = r.place; !changed[r] {
				d.put, changed[r] = append(d.put, r), true
			}
		}
	}
	if rises(d.order) {
		return
	}
	for i, r := range d.order { // no numbers are left between two places
		if r.place = float64(i + 1); !changed[r] {
			d.put = append(d.put, r)
		}
	}
}

func rises(rows []*row) bool {
	for i := 1; i < len(rows); i++ {
		if rows[i].place <= rows[i-1].place {
			return false
		}
	}
	return len(rows) == 0 || rows[0].place > 0
}

// longestRise is a longest series of rows whose places rise, by their index.
func longestRise(rows []*row) []int {
	var ends []int // ends[n]: the row with the lowest place that ends a series of n+1
	before := make([]int, len(rows))
	for i, r := range rows {
		n := sort.Search(len(ends), func(n int) bool { return rows[ends[n]].place >= r.place })
		if before[i] = -1; n > 0 {
			before[i] = ends[n-1]
		}
		if n == len(ends) {
			ends = append(ends, i)
		} else {
			ends[n] = i
		}
	}
	if len(ends) == 0 {
		return nil
	}
	series := make([]int, len(ends))
	for i, at := len(ends)-1, ends[len(ends)-1]; i >= 0; i, at = i-1, before[at] {
		series[i] = at
	}
	return series
}
