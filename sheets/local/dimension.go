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
		Length    int32  `json:"length"`
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
		return nil, d.grow(t, t.rowCount+int(r.Length), t.columnCount)
	case "COLUMNS":
		return nil, d.grow(t, t.rowCount, t.columnCount+int(r.Length))
	}
	return nil, invalid("Invalid dimension: %.50q", r.Dimension)
}

func insertDimension(d *draft, raw jsontext.Value) (object, error) {
	r, err := parse[struct {
		Range             dimensionRange `json:"range"`
		InheritFromBefore bool           `json:"inheritFromBefore"`
	}](raw, &sheets.InsertDimensionRequest{})
	if err != nil {
		return nil, err
	}
	if r.Range.EndIndex == nil {
		return nil, invalid("range: endIndex is required")
	}
	t, rows, start, end, err := r.Range.span(&d.book, "range")
	if err != nil {
		return nil, err
	}
	if r.InheritFromBefore && start == 0 {
		return nil, invalid("inheritFromBefore cannot be true when inserting at the start")
	}
	t = d.edit(t)
	n := end - start
	limit, grownRows, grownColumns := t.columnCount, t.rowCount, t.columnCount+n
	if rows {
		limit, grownRows, grownColumns = t.rowCount, t.rowCount+n, t.columnCount
	}
	if start > limit {
		return nil, invalid("range: startIndex %d is beyond the grid of %d", start, limit)
	}
	if err := d.grow(t, grownRows, grownColumns); err != nil {
		return nil, err
	}
	if rows {
		if start < t.frozenRows {
			t.frozenRows += n
		}
		t.insertRows(start, n)
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
	t, rows, start, end, err := r.Range.span(&d.book, "range")
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
	if t.frozenRows > 0 && t.frozenRows == t.rowCount || t.frozenColumns > 0 && t.frozenColumns == t.columnCount {
		return nil, invalid("Sorry, it is not possible to delete all non-frozen %s.", what)
	}
	return nil, nil
}

// deleteRange takes whole rows or columns out of a grid that keeps its size.
func deleteRange(d *draft, raw jsontext.Value) (object, error) {
	r, err := parse[struct {
		Range          gridRange `json:"range"`
		ShiftDimension string    `json:"shiftDimension"`
	}](raw, &sheets.DeleteRangeRequest{})
	if err != nil {
		return nil, err
	}
	t, a, err := r.Range.area(&d.book)
	if err == nil {
		a, err = readable(t, a)
	}
	if err != nil {
		return nil, err
	}
	t = d.edit(t)
	rows, columns := t.rowCount, t.columnCount
	switch {
	case r.ShiftDimension == "ROWS" && a.StartColumn == 0 && a.EndColumn == columns:
		d.deleteRows(t, a.StartRow, a.EndRow)
	case r.ShiftDimension == "COLUMNS" && a.StartRow == 0 && a.EndRow == rows:
		d.deleteColumns(t, a.StartColumn, a.EndColumn)
	default:
		return nil, unsupported("deleteRange but of whole rows (shiftDimension ROWS) or columns (COLUMNS)")
	}
	t.rowCount, t.columnCount = rows, columns
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
		DestinationIndex int32          `json:"destinationIndex"`
	}](raw, &sheets.MoveDimensionRequest{})
	if err != nil {
		return nil, err
	}
	t, rows, start, end, err := r.Source.span(&d.book, "source")
	if err != nil {
		return nil, err
	}
	limit := t.columnCount
	if rows {
		limit = t.rowCount
	}
	to := int(r.DestinationIndex)
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
	place := func(column int) int { return moved(column, start, end, to) }
	d.columns(t, func(cells []cell) []cell {
		next := make([]cell, t.columnCount)
		for was, c := range cells {
			next[place(was)] = c
		}
		return next
	}, func(column int) (int, bool) { return place(column), true })
	return nil, nil
}
