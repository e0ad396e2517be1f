package local

import (
	"maps"
	"slices"

	"uratori/sheets/a1"
	"uratori/sheets/local/entry"
)

// draft is a book that is being changed: a copy that shares with its base all
// that is not touched, and knows what must be stored. Thrown away, it leaves
// nothing behind, which is what makes a batch all or nothing.
type draft struct {
	book
	base        *book
	own         map[int64]bool // tabs that are copies of this draft's
	changed     map[int64]placed
	dropped     map[int64]bool
	newMetadata bool
	number      func() int64 // the next number of a row or tab
}

// placed is a row and the tab it stands on.
type placed struct {
	tab int64
	row *row
}

// gap is the room between two neighbours' ords at first.
const gap = 1 << 32

func (b *book) draft(number func() int64) *draft {
	d := &draft{book: *b, base: b, own: map[int64]bool{}, changed: map[int64]placed{}, dropped: map[int64]bool{}, number: number}
	d.tabs = slices.Clone(b.tabs)
	return d
}

// edit is the draft's own copy of a tab.
func (d *draft) edit(t *tab) *tab {
	if d.own[t.key] {
		return d.tabByKey(t.key)
	}
	mine := *t
	mine.rows = slices.Clone(t.rows)
	d.tabs[slices.Index(d.tabs, t)] = &mine
	d.own[t.key] = true
	return &mine
}

// editMetadata makes the list of metadata the draft's own.
func (d *draft) editMetadata() {
	if !d.newMetadata {
		d.metadata = slices.Clone(d.metadata)
		d.newMetadata = true
	}
}

// editRow is the draft's own copy of a row within the grid, made if the tab
// does not reach so far.
func (d *draft) editRow(t *tab, index int) *row {
	if n := index + 1 - len(t.rows); n > 0 {
		d.insertRows(t, len(t.rows), n)
	}
	r := t.rows[index]
	if _, mine := d.changed[r.id]; !mine {
		r = &row{r.id, r.ord, slices.Clone(r.cells)}
		t.rows[index] = r
		d.changed[r.id] = placed{t.key, r}
	}
	return r
}

// set puts a cell at a place of the grid. The tab is the draft's own.
func (d *draft) set(t *tab, rowIndex, column int, c cell) {
	if c.isBlank() && (rowIndex >= len(t.rows) || column >= len(t.rows[rowIndex].cells)) {
		return
	}
	r := d.editRow(t, rowIndex)
	if n := column + 1 - len(r.cells); n > 0 {
		r.cells = append(r.cells, make([]cell, n)...)
	}
	r.cells[column] = c
	for n := len(r.cells); n > 0 && r.cells[n-1].isBlank(); n-- {
		r.cells = r.cells[:n-1]
	}
}

// setValue replaces a cell's value and leaves the rest of it.
func (d *draft) setValue(t *tab, rowIndex, column int, v entry.Value) {
	c := t.at(rowIndex, column)
	c.Value = v
	d.set(t, rowIndex, column, c)
}

// insertRows puts n blank rows among the rows in use; the grid stays.
func (d *draft) insertRows(t *tab, index, n int) {
	before, step := int64(0), int64(gap)
	if index > 0 {
		before = t.rows[index-1].ord
	}
	crowded := false
	if index < len(t.rows) {
		step = (t.rows[index].ord - before) / int64(n+1)
		crowded = step == 0
	}
	fresh := make([]*row, n)
	for i := range fresh {
		fresh[i] = &row{id: d.number(), ord: before + step*int64(i+1)}
		d.changed[fresh[i].id] = placed{t.key, fresh[i]}
	}
	t.rows = slices.Insert(t.rows, index, fresh...)
	if crowded {
		for i := range t.rows {
			d.editRow(t, i).ord = int64(i+1) * gap
		}
	}
}

// deleteRows takes rows of the grid out, in use or not.
func (d *draft) deleteRows(t *tab, start, end int) {
	t.rowCount -= end - start
	t.frozenRows = shrink(t.frozenRows, start, end)
	end = min(end, len(t.rows))
	if start >= end {
		return
	}
	for _, r := range t.rows[start:end] {
		delete(d.changed, r.id)
		d.dropped[r.id] = true
		d.dropMetadata(func(m *metadata) bool { return m.row == r.id })
	}
	t.rows = slices.Delete(t.rows, start, end)
}

func (d *draft) dropMetadata(match func(*metadata) bool) {
	if slices.ContainsFunc(d.metadata, match) {
		d.editMetadata()
		d.metadata = slices.DeleteFunc(d.metadata, match)
	}
}

// columns rewrites each row's cells and each column's metadata.
func (d *draft) columns(t *tab, cells func([]cell) []cell, moved func(column int) (to int, kept bool)) {
	for i, r := range t.rows {
		if len(r.cells) > 0 {
			mine := d.editRow(t, i)
			mine.cells = trim(cells(mine.cells))
		}
	}
	d.dropMetadata(func(m *metadata) bool {
		if m.tab != t.key || m.column < 0 {
			return false
		}
		_, kept := moved(m.column)
		return !kept
	})
	for i, m := range d.metadata {
		if m.tab != t.key || m.column < 0 {
			continue
		}
		if to, _ := moved(m.column); to != m.column {
			d.editMetadata()
			other := *m
			other.column = to
			d.metadata[i] = &other
		}
	}
}

func trim(cells []cell) []cell {
	for n := len(cells); n > 0 && cells[n-1].isBlank(); n-- {
		cells = cells[:n-1]
	}
	return cells
}

// shrink is how many of the first n remain when start to end go.
func shrink(n, start, end int) int { return n - max(0, min(n, end)-min(n, start)) }

// dropTab takes a tab out of the book.
func (d *draft) dropTab(t *tab) {
	for _, r := range t.rows {
		delete(d.changed, r.id)
	}
	delete(d.own, t.key)
	d.tabs = slices.DeleteFunc(d.tabs, func(other *tab) bool { return other.key == t.key })
	d.dropMetadata(func(m *metadata) bool { return m.tab == t.key })
}

// finish forgets the rows behind the last in use and returns the book.
func (d *draft) finish() *book {
	var fixed map[int64]bool
	for key := range maps.Keys(d.own) {
		t := d.tabByKey(key)
		for n := len(t.rows); n > 0 && len(t.rows[n-1].cells) == 0; n-- {
			if fixed == nil {
				fixed = map[int64]bool{}
				for _, m := range d.metadata {
					fixed[m.row] = true
				}
			}
			r := t.rows[n-1]
			if fixed[r.id] {
				break
			}
			delete(d.changed, r.id)
			d.dropped[r.id] = true
			t.rows = t.rows[:n-1]
		}
	}
	b := d.book
	return &b
}

// fits tells whether an area lies within the grid.
func (t *tab) fits(a a1.Area) bool { return a.EndRow <= t.rowCount && a.EndColumn <= t.columnCount }
