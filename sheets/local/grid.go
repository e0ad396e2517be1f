package local

import (
	"slices"

	"uratori/sheets/a1"
	"uratori/sheets/local/entry"
)

// mostCells is how large the grids of a book may be together.
const mostCells = 10_000_000

// cellCount is the size of all grids, used or not.
func (b *book) cellCount() (n int) {
	for _, t := range b.tabs {
		n += t.rowCount * t.columnCount
	}
	return n
}

// grow gives a tab's grid a size, at which the book must not be too large.
func (b *book) grow(t *tab, rows, columns int) error {
	if columns > a1.MaxColumns {
		return invalid("This action would increase the number of columns above the limit of %d columns.", a1.MaxColumns)
	}
	if rows > mostCells || b.cellCount()-t.rowCount*t.columnCount+rows*columns > mostCells {
		return tooManyCells()
	}
	t.rowCount, t.columnCount = rows, columns
	return nil
}

// find is the place among the kept rows of a row of the grid, or where it
// would be.
func (t *tab) find(row int) (i int, ok bool) {
	if row < len(t.rows) && t.rows[row].at == row { // no blank one before it
		return row, true
	}
	return slices.BinarySearchFunc(t.rows, row, func(r kept, at int) int { return r.at - at })
}

// between are the kept rows among those of the grid.
func (t *tab) between(start, end int) []kept {
	i, _ := t.find(start)
	j, _ := t.find(end)
	return t.rows[i:j]
}

// cells are those of a row of the grid, from the first to the last in use.
func (t *tab) cells(row int) []cell {
	if i, ok := t.find(row); ok {
		return t.rows[i].cells
	}
	return nil
}

// cell is what is at a place of the grid, the zero cell where nothing is.
func (t *tab) cell(row, column int) cell {
	if cells := t.cells(row); column < len(cells) {
		return cells[column]
	}
	return cell{}
}

// clip cuts an area to the grid and closes its open ends.
func (t *tab) clip(a a1.Area) a1.Area {
	end := func(end, limit int) int {
		if end == a1.Open || end > limit {
			return limit
		}
		return end
	}
	a.EndRow, a.EndColumn = end(a.EndRow, t.rowCount), end(a.EndColumn, t.columnCount)
	a.StartRow, a.StartColumn = min(a.StartRow, a.EndRow), min(a.StartColumn, a.EndColumn)
	return a
}

// fits tells whether an area ends within the grid.
func (t *tab) fits(a a1.Area) bool { return a.EndRow <= t.rowCount && a.EndColumn <= t.columnCount }

// whole is the area of the grid.
func (t *tab) whole() a1.Area { return t.clip(a1.Whole()) }

// lastValue is the end of the values among cells between two columns.
func lastValue(cells []cell, start, end int) int {
	for end = min(end, len(cells)); end > start && cells[end-1].Kind == entry.Empty; end-- {
	}
	return max(start, end)
}

// used cuts a clipped area's rows behind the last that holds a value.
func (t *tab) used(a a1.Area) a1.Area {
	rows := t.between(a.StartRow, a.EndRow)
	a.EndRow = a.StartRow
	for i := len(rows) - 1; i >= 0; i-- {
		if lastValue(rows[i].cells, a.StartColumn, a.EndColumn) > a.StartColumn {
			a.EndRow = rows[i].at + 1
			break
		}
	}
	return a
}

// usedColumns cuts a used area's columns behind the last that holds a value.
func (t *tab) usedColumns(a a1.Area) a1.Area {
	end := a.StartColumn
	for _, r := range t.between(a.StartRow, a.EndRow) {
		end = max(end, lastValue(r.cells, a.StartColumn, a.EndColumn))
	}
	a.EndColumn = end
	return a
}

// holds tells whether one of a row's cells between two columns holds a value.
func (t *tab) holds(row, start, end int) bool {
	start = max(0, start)
	return lastValue(t.cells(row), start, end) > start
}
