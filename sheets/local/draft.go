package local

import (
	"cmp"
	"math"
	"slices"

	"uratori/internal/store"
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
	number      func() int64          // the next number of a row or tab
	also        func(*store.Tx) error // stored with it; nil for nothing
}

// placed is a row and the tab it stands on.
type placed struct {
	tab int64
	row *row
}

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

// editRow is the draft's own copy of a row of the grid, kept from now on.
func (d *draft) editRow(t *tab, at int) *row {
	i, ok := t.find(at)
	if !ok {
		fresh := &row{id: d.number()}
		d.changed[fresh.id] = placed{t.key, fresh}
		t.rows = slices.Insert(t.rows, i, kept{at, fresh})
	}
	return d.ownRow(t, i)
}

// ownRow is the draft's own copy of a kept row.
func (d *draft) ownRow(t *tab, i int) *row {
	r := t.rows[i].row
	if _, mine := d.changed[r.id]; !mine {
		r = &row{r.id, r.ord, r.skip, slices.Clone(r.cells)}
		t.rows[i].row = r
		d.changed[r.id] = placed{t.key, r}
	}
	return r
}

// set puts a cell at a place of the grid. The tab is the draft's own.
func (d *draft) set(t *tab, row, column int, c cell) {
	if c.isBlank() && t.cell(row, column).isBlank() {
		return
	}
	r := d.editRow(t, row)
	if n := column + 1 - len(r.cells); n > 0 {
		r.cells = append(r.cells, make([]cell, n)...)
	}
	r.cells[column] = c
	r.cells = trim(r.cells)
}

// setValue replaces a cell's value and leaves the rest of it.
func (d *draft) setValue(t *tab, row, column int, v entry.Value) {
	c := t.cell(row, column)
	c.Value = v
	d.set(t, row, column, c)
}

func trim(cells []cell) []cell {
	for n := len(cells); n > 0 && cells[n-1].isBlank(); n-- {
		cells = cells[:n-1]
	}
	return cells
}

// insertRows moves the rows from a place on down by n.
func (t *tab) insertRows(at, n int) {
	i, _ := t.find(at)
	for ; i < len(t.rows); i++ {
		t.rows[i].at += n
	}
}

// deleteRows takes rows out of the grid and moves those behind them up.
func (d *draft) deleteRows(t *tab, start, end int) {
	t.rowCount -= end - start
	t.frozenRows = shrink(t.frozenRows, start, end)
	i, _ := t.find(start)
	j, _ := t.find(end)
	gone := map[int64]bool{}
	for _, r := range t.rows[i:j] {
		gone[r.id] = true
		d.drop(r.id)
	}
	d.dropMetadata(func(m *metadata) bool { return gone[m.row] })
	t.rows = slices.Delete(t.rows, i, j)
	for ; i < len(t.rows); i++ {
		t.rows[i].at -= end - start
	}
}

func (d *draft) drop(row int64) {
	delete(d.changed, row)
	d.dropped[row] = true
}

// moveRows puts the rows from start to end before the one at to.
func (d *draft) moveRows(t *tab, start, end, to int) {
	for i := range t.rows {
		was := t.rows[i].at
		t.rows[i].at = moved(was, start, end, to)
		if was >= start && was < end {
			d.ownRow(t, i).ord = 0 // it needs another
		}
	}
	slices.SortFunc(t.rows, func(x, y kept) int { return cmp.Compare(x.at, y.at) })
}

// moved is where a thing is after those from start to end went before to.
func moved(at, start, end, to int) int {
	switch {
	case at >= start && at < end && to > start:
		return at + to - end
	case at >= start && at < end:
		return at + to - start
	case at >= end && at < to:
		return at - (end - start)
	case at >= to && at < start:
		return at + end - start
	}
	return at
}

func (d *draft) dropMetadata(match func(*metadata) bool) {
	if slices.ContainsFunc(d.metadata, match) {
		d.editMetadata()
		d.metadata = slices.DeleteFunc(d.metadata, match)
	}
}

// columns rewrites each row's cells and each column's metadata.
func (d *draft) columns(t *tab, cells func([]cell) []cell, moved func(column int) (to int, kept bool)) {
	for i := range t.rows {
		if len(t.rows[i].cells) > 0 {
			mine := d.ownRow(t, i)
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

// finish brings the rows into the form in which they are stored and returns
// the book.
func (d *draft) finish() *book {
	held := map[int64]bool{}
	for _, m := range d.metadata {
		held[m.row] = true
	}
	for key := range d.own {
		t := d.tabByKey(key)
		t.rows = slices.DeleteFunc(t.rows, func(r kept) bool {
			blank := len(r.cells) == 0 && !held[r.id]
			if blank {
				d.drop(r.id)
			}
			return blank
		})
		d.orderRows(t)
		last := -1
		for i, r := range t.rows {
			if skip := r.at - last - 1; skip != r.skip {
				d.ownRow(t, i).skip = skip
			}
			last = r.at
		}
	}
	b := d.book
	return &b
}

// gap is the room between two neighbours' ords at first.
const gap = 1 << 32

// orderRows gives the rows without an ord one between their neighbours', and
// where there is no room, all rows new ones.
func (d *draft) orderRows(t *tab) {
	before := int64(0)
	for i := 0; i < len(t.rows); {
		if t.rows[i].ord != 0 {
			before = t.rows[i].ord
			i++
			continue
		}
		end := i
		for end < len(t.rows) && t.rows[end].ord == 0 {
			end++
		}
		after := int64(math.MaxInt64)
		if end < len(t.rows) {
			after = t.rows[end].ord
		}
		step := min((after-before)/int64(end-i+1), gap)
		if step == 0 {
			for i := range t.rows {
				d.ownRow(t, i).ord = int64(i+1) * gap
			}
			return
		}
		for ; i < end; i++ {
			before += step
			t.rows[i].ord = before // the draft's own: it had none
		}
	}
}
