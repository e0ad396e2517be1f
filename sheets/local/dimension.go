package local

import (
	"slices"

	"github.com/go-json-experiment/json/jsontext"
	"google.golang.org/api/sheets/v4"
)

func appendDimension(d *draft, raw jsontext.Value) (object, error) {
	r, err := parse[struct {
		SheetID   int32  `json:"sheetId"`
		Dimension string `json:"dimension"`
		Length    int    `json:"length"`
	}](raw, &sheets.AppendDimensionRequest{})
	if err != nil {
		return nil, err
	}
	t := d.tabByID(r.SheetID)
	if t == nil {
		return nil, noGrid(r.SheetID)
	}
	if r.Length <= 0 || r.Length > mostCells {
		return nil, invalid("length must be between 1 and %d", mostCells)
	}
	t = d.edit(t)
	switch r.Dimension {
	case "ROWS":
		t.rowCount += r.Length
	case "COLUMNS":
		t.columnCount += r.Length
	default:
		return nil, invalid("Invalid dimension: %.50q", r.Dimension)
	}
	return nil, nil
}

func insertDimension(d *draft, raw jsontext.Value) (object, error) {
	r, err := parse[struct {
		Range             dimensionRange `json:"range"`
		InheritFromBefore bool           `json:"inheritFromBefore"`
	}](raw, &sheets.InsertDimensionRequest{})
	if err != nil {
		return nil, err
	}
	if r.Range.EndIndex == nil || r.Range.StartIndex == nil {
		return nil, invalid("range: startIndex and endIndex are required")
	}
	t, rows, start, end, err := r.Range.span(&d.book)
	if err != nil {
		return nil, err
	}
	if r.InheritFromBefore && start == 0 {
		return nil, invalid("inheritFromBefore cannot be true when inserting at the start")
	}
	t = d.edit(t)
	n := end - start
	limit := t.columnCount
	if rows {
		limit = t.rowCount
	}
	if start > limit {
		return nil, invalid("range: startIndex %d is beyond the grid of %d", start, limit)
	}
	grown := *t
	if rows {
		grown.rowCount += n
	} else {
		grown.columnCount += n
	}
	if n > mostCells || d.cellCount()-t.rowCount*t.columnCount+grown.rowCount*grown.columnCount > mostCells {
		return nil, tooManyCells()
	}
	t.rowCount, t.columnCount = grown.rowCount, grown.columnCount
	if rows {
		if start < t.frozenRows {
			t.frozenRows += n
		}
		if start < len(t.rows) {
			d.insertRows(t, start, n)
		}
		return nil, nil
	}
	if start < t.frozenColumns {
		t.frozenColumns += n
	}
	d.columns(t, func(cells []cell) []cell {
		if start >= len(cells) {
			return cells
		}
		return slices.Insert(cells, start, make([]cell, n)...)
	}, func(column int) (int, bool) {
		if column >= start {
			column += n
		}
		return column, true
	})
	return nil, nil
}

func deleteDimension(d *draft, raw jsontext.Value) (object, error) {
	r, err := parse[struct {
		Range dimensionRange `json:"range"`
	}](raw, &sheets.DeleteDimensionRequest{})
	if err != nil {
		return nil, err
	}
	t, rows, start, end, err := r.Range.span(&d.book)
	if err != nil {
		return nil, err
	}
	limit, what := t.columnCount, "columns"
	if rows {
		limit, what = t.rowCount, "rows"
	}
	switch {
	case start >= limit:
		return nil, invalid("Cannot delete a dimension that doesn't exist. Tried to delete %s: [%d-%d], sheet has [%d].", what, start, end, limit)
	case start == 0 && end >= limit:
		return nil, invalid("Sorry, it is not possible to delete all the %s on the sheet.", what)
	}
	t = d.edit(t)
	end = min(end, limit)
	if rows {
		d.deleteRows(t, start, end)
	} else {
		d.deleteColumns(t, start, end)
	}
	return nil, nil
}

// deleteColumns takes columns of the grid out.
func (d *draft) deleteColumns(t *tab, start, end int) {
	t.columnCount -= end - start
	t.frozenColumns = shrink(t.frozenColumns, start, end)
	d.columns(t, func(cells []cell) []cell {
		if start >= len(cells) {
			return cells
		}
		return slices.Delete(cells, start, min(end, len(cells)))
	}, func(column int) (int, bool) {
		if column >= end {
			return column - (end - start), true
		}
		return column, column < start
	})
}

func moveDimension(d *draft, raw jsontext.Value) (object, error) {
	r, err := parse[struct {
		Source           dimensionRange `json:"source"`
		DestinationIndex int            `json:"destinationIndex"`
	}](raw, &sheets.MoveDimensionRequest{})
	if err != nil {
		return nil, err
	}
	t, rows, start, end, err := r.Source.span(&d.book)
	if err != nil {
		return nil, err
	}
	limit := t.columnCount
	if rows {
		limit = t.rowCount
	}
	to := r.DestinationIndex
	if end > limit || to < 0 || to > limit {
		return nil, invalid("source and destinationIndex must lie within the grid of %d", limit)
	}
	if to > start && to < end {
		return nil, invalid("destinationIndex must not lie within the source")
	}
	t = d.edit(t)
	if rows {
		d.moveRows(t, start, end, to)
		return nil, nil
	}
	order := moved(t.columnCount, start, end, to)
	place := make([]int, len(order))
	for now, was := range order {
		place[was] = now
	}
	d.columns(t, func(cells []cell) []cell {
		next := make([]cell, t.columnCount)
		for was, c := range cells {
			next[place[was]] = c
		}
		return next
	}, func(column int) (int, bool) { return place[column], true })
	return nil, nil
}

// moved is the order of n things after start to end went before to.
func moved(n, start, end, to int) []int {
	order := make([]int, 0, n)
	for i := range n {
		if i < start || i >= end {
			order = append(order, i)
		}
	}
	if to >= end {
		to -= end - start
	}
	block := make([]int, 0, end-start)
	for i := start; i < end; i++ {
		block = append(block, i)
	}
	return slices.Insert(order, to, block...)
}

// moveRows moves rows of the grid; those of them that are not in use are made
// first where rows in use will stand behind them.
func (d *draft) moveRows(t *tab, start, end, to int) {
	last := max(end, to)
	if min(start, to) >= len(t.rows) {
		return
	}
	if n := last - len(t.rows); n > 0 {
		d.insertRows(t, len(t.rows), n)
	}
	order := moved(last, start, end, to)
	low := min(start, to)
	// The places stay and the rows change them: each takes the ord of where it comes to stand.
	ords := make([]int64, last)
	for i := range last {
		ords[i] = t.rows[i].ord
		d.editRow(t, i)
	}
	was := slices.Clone(t.rows[:last])
	for i := low; i < last; i++ {
		t.rows[i] = was[order[i]]
		t.rows[i].ord = ords[i]
	}
}
