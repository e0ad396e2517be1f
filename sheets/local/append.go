package local

import (
	"google.golang.org/api/sheets/v4"

	"uratori/sheets/a1"
)

func (s *Server) appendValues(c *call, id, name string) (object, error) {
	err := c.accept(sheets.AppendValuesResponse{}, "valueInputOption", "insertDataOption", "includeValuesInResponse", "responseValueRenderOption", "responseDateTimeRenderOption")
	if err != nil {
		return nil, err
	}
	given, err := c.decodeValues(name)
	if err != nil {
		return nil, err
	}
	insert, err := oneOf("insertDataOption", c.query.Get("insertDataOption"), "OVERWRITE", "INSERT_ROWS")
	if err != nil {
		return nil, err
	}
	reply := object{{"spreadsheetId", id}}
	_, err = s.write(c.r.Context(), id, func(d *draft) error {
		in, err := s.queryInput(c, d)
		if err != nil {
			return err
		}
		t, a, err := d.resolve(name)
		if err == nil {
			a, err = readable(t, a)
		}
		if err != nil {
			return err
		}
		at := a1.Cell(a.StartRow, a.StartColumn)
		if table, ok := t.table(a); ok {
			reply.put("tableRange", a1.Name(t.title, table))
			at = a1.Cell(table.EndRow, table.StartColumn)
		}
		w, err := in.append(d, t, at, given, insert == "INSERT_ROWS")
		if err == nil {
			reply.put("updates", in.reply(w, id))
		}
		return err
	})
	return reply, err
}

// append writes values at a cell, for which the grid grows if it must.
func (in input) append(d *draft, t *tab, at a1.Area, given valueRange, insert bool) (written, error) {
	height, width := len(given.Values), 0
	for _, line := range given.Values {
		width = max(width, len(line))
	}
	if given.MajorDimension == "COLUMNS" {
		height, width = width, height
	}
	t = d.edit(t)
	rows := t.rowCount
	if insert && at.StartRow < rows {
		rows += height
	}
	if err := d.grow(t, max(rows, at.StartRow+height), max(t.columnCount, at.StartColumn+width)); err != nil {
		return written{}, err
	}
	if insert {
		t.insertRows(at.StartRow, height)
	}
	return in.put(d, t, at, given)
}

// table is the block of cells round the last value within an area, the way
// Sheets finds the table that values are appended to: it ends where a whole
// row and column beside it are blank.
func (t *tab) table(a a1.Area) (a1.Area, bool) {
	rows := t.used(a)
	if rows.EndRow == rows.StartRow {
		return a, false
	}
	last := rows.EndRow - 1
	end := lastValue(t.cells(last), a.StartColumn, a.EndColumn)
	block := a1.Area{StartRow: last, EndRow: last + 1, StartColumn: end - 1, EndColumn: end}
	for grown := true; grown; {
		grown = false
		for block.StartRow > 0 && t.holds(block.StartRow-1, block.StartColumn-1, block.EndColumn+1) {
			block.StartRow--
			grown = true
		}
		for t.holds(block.EndRow, block.StartColumn-1, block.EndColumn+1) {
			block.EndRow++
			grown = true
		}
		left, right := false, false
		for row := max(0, block.StartRow-1); row < block.EndRow+1; row++ {
			left = left || t.holds(row, block.StartColumn-1, block.StartColumn)
			right = right || t.holds(row, block.EndColumn, block.EndColumn+1)
		}
		if left {
			block.StartColumn--
		}
		if right {
			block.EndColumn++
		}
		grown = grown || left || right
	}
	return block, true
}
