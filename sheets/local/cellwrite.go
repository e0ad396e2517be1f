package local

import (
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"google.golang.org/api/sheets/v4"

	"uratori/sheets/a1"
	"uratori/sheets/local/entry"
)

// parts says which parts of a cell a request writes.
type parts struct{ value, format, note bool }

func partsOf(fields string) (p parts, err error) {
	m, err := requestMask(fields, sheets.CellData{})
	if err != nil {
		return p, err
	}
	for name, sub := range m {
		switch {
		case name == "*":
			p = parts{true, true, true}
		case name == "userEnteredValue" && sub == nil:
			p.value = true
		case name == "note":
			p.note = true
		case name == "userEnteredFormat":
			for inner, deep := range sub {
				if inner != "numberFormat" && inner != "*" || deep != nil {
					return p, unsupported("the cell format " + inner)
				}
			}
			p.format = true
		default:
			return p, unsupported("the cell field " + name)
		}
	}
	return p, nil
}

// next is a cell after a request gave it parts; a nil given clears them.
func (p parts) next(has cell, given cellValue) (cell, error) {
	c := has
	if p.value {
		v, err := given.value()
		if err != nil {
			return c, err
		}
		c.Value = v
	}
	format, note := has.format(), has.note()
	if p.format {
		format = entry.Format{}
		if f := given.UserEnteredFormat; f != nil && f.NumberFormat != nil {
			format = entry.Format{Type: f.NumberFormat.Type, Pattern: f.NumberFormat.Pattern}
			if err := entry.Supported(format); err != nil {
				return c, unsupported(fmt.Sprintf("the number format %.100q %.100q: %v", format.Type, format.Pattern, err))
			}
		}
	}
	if p.note {
		if tooLong(given.Note) {
			return c, cellTooLong()
		}
		note = given.Note
	}
	return c.wear(format, note), nil
}

func (given cellValue) value() (v entry.Value, err error) {
	x := given.UserEnteredValue
	if x == nil {
		return v, nil
	}
	set := 0
	if x.StringValue != nil {
		set++
		if tooLong(*x.StringValue) {
			return v, cellTooLong()
		}
		if *x.StringValue != "" {
			v = entry.Value{Kind: entry.Text, Text: *x.StringValue}
		}
	}
	if x.FormulaValue != nil {
		set++
		if !strings.HasPrefix(*x.FormulaValue, "=") || tooLong(*x.FormulaValue) {
			return v, invalid("formulaValue must begin with '=' and hold at most %d characters", longest)
		}
		v = entry.Value{Kind: entry.Formula, Text: *x.FormulaValue}
	}
	if x.NumberValue != nil {
		set++
		v = entry.Value{Kind: entry.Number, Number: *x.NumberValue + 0} // -0 is 0
	}
	if x.BoolValue != nil {
		set++
		v = entry.Value{Kind: entry.Bool}
		if *x.BoolValue {
			v.Number = 1
		}
	}
	if set > 1 {
		return v, invalid("userEnteredValue: more than one kind of value is set")
	}
	return v, nil
}

func updateCells(d *draft, raw jsontext.Value) (object, error) {
	r, err := parse[struct {
		Rows   []cellRow  `json:"rows"`
		Fields string     `json:"fields"`
		Range  *gridRange `json:"range"`
		Start  *struct {
			SheetID     int32 `json:"sheetId"`
			RowIndex    int32 `json:"rowIndex"`
			ColumnIndex int32 `json:"columnIndex"`
		} `json:"start"`
	}](raw, &sheets.UpdateCellsRequest{})
	if err != nil {
		return nil, err
	}
	p, err := partsOf(r.Fields)
	if err != nil {
		return nil, err
	}
	if (r.Range == nil) == (r.Start == nil) {
		return nil, invalid("exactly one of range and start must be set")
	}
	if r.Start != nil {
		t := d.tabByID(r.Start.SheetID)
		if t == nil {
			return nil, noGrid(r.Start.SheetID)
		}
		if r.Start.RowIndex < 0 || r.Start.ColumnIndex < 0 {
			return nil, invalid("start must not be negative")
		}
		return nil, d.fill(t, int(r.Start.RowIndex), int(r.Start.ColumnIndex), r.Rows, p)
	}
	t, a, err := r.Range.area(&d.book)
	if err != nil {
		return nil, err
	}
	if a.StartRow >= t.rowCount || a.StartColumn >= t.columnCount || !t.fits(a) {
		return nil, beyondGrid(t, a)
	}
	a = t.clip(a)
	for i, row := range r.Rows {
		if i >= a.EndRow-a.StartRow {
			return nil, invalid("Attempting to write row: %d, beyond the last requested row of: %d", a.StartRow+i, a.EndRow-1)
		}
		if len(row.Values) > a.EndColumn-a.StartColumn {
			return nil, invalid("Attempting to write column: %d, beyond the last requested column of: %d", a.StartColumn+len(row.Values)-1, a.EndColumn-1)
		}
	}
	if err := d.fill(t, a.StartRow, a.StartColumn, r.Rows, p); err != nil {
		return nil, err
	}
	return nil, d.clearRest(d.tabByKey(t.key), a, r.Rows, p)
}

// fill writes rows of cells from a place on.
func (d *draft) fill(t *tab, row, column int, rows []cellRow, p parts) error {
	t = d.edit(t)
	for i, line := range rows {
		if len(line.Values) == 0 {
			continue
		}
		if row+i >= t.rowCount || column+len(line.Values) > t.columnCount {
			return beyondGrid(t, a1.Area{StartRow: row + i, EndRow: row + i + 1, StartColumn: column, EndColumn: column + len(line.Values)})
		}
		for j, given := range line.Values {
			c, err := p.next(t.cell(row+i, column+j), given)
			if err != nil {
				return err
			}
			d.set(t, row+i, column+j, c)
		}
	}
	return nil
}

// clearRest takes the parts from the cells of an area that no row gave.
func (d *draft) clearRest(t *tab, a a1.Area, rows []cellRow, p parts) error {
	for _, r := range t.between(a.StartRow, a.EndRow) {
		start := a.StartColumn
		if i := r.at - a.StartRow; i < len(rows) {
			start += len(rows[i].Values)
		}
		for column := min(a.EndColumn, len(r.cells)) - 1; column >= start; column-- {
			c, err := p.next(t.cell(r.at, column), cellValue{})
			if err != nil {
				return err
			}
			d.set(t, r.at, column, c)
		}
	}
	return nil
}

func appendCells(d *draft, raw jsontext.Value) (object, error) {
	r, err := parse[struct {
		SheetID int32     `json:"sheetId"`
		Rows    []cellRow `json:"rows"`
		Fields  string    `json:"fields"`
	}](raw, &sheets.AppendCellsRequest{})
	if err != nil {
		return nil, err
	}
	p, err := partsOf(r.Fields)
	if err != nil {
		return nil, err
	}
	t := d.tabByID(r.SheetID)
	if t == nil {
		return nil, noGrid(r.SheetID)
	}
	t = d.edit(t)
	at, width := t.used(t.whole()).EndRow, 0
	for _, row := range r.Rows {
		width = max(width, len(row.Values))
	}
	if err := d.grow(t, max(t.rowCount, at+len(r.Rows)), max(t.columnCount, width)); err != nil {
		return nil, err
	}
	return nil, d.fill(t, at, 0, r.Rows, p)
}
