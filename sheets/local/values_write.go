package local

import (
	"errors"

	"google.golang.org/api/sheets/v4"

	"uratori/sheets/a1"
	"uratori/sheets/local/entry"
)

// input is how values are written and what is answered of them.
type input struct {
	entered bool // as if typed in, not as they are
	include bool // the written values in the answer
	render  render
	year    int
}

func (s *Server) inputOf(b *draft, how string, include bool, rendering, dates string) (in input, err error) {
	if how == "" {
		return in, invalid("'valueInputOption' is required but not specified")
	}
	if how, err = oneOf("valueInputOption", how, "RAW", "USER_ENTERED"); err != nil {
		return in, err
	}
	in = input{entered: how == "USER_ENTERED", include: include, year: s.year()}
	in.render, err = renderOf("response", rendering, dates, "", b.language())
	return in, err
}

// value is a cell's next content; skip leaves it as it is.
func (in input) value(given any, has cell) (c cell, skip bool, err error) {
	c = has
	switch v := given.(type) {
	case nil:
		return c, true, nil
	case bool:
		c.Value = entry.Value{Kind: entry.Bool}
		if v {
			c.Number = 1
		}
	case float64:
		c.Value = entry.Value{Kind: entry.Number, Number: v + 0} // -0 is 0
	case string:
		if tooLong(v) {
			return c, false, cellTooLong()
		}
		switch {
		case v == "":
			c.Value = entry.Value{}
		case in.entered:
			value, format := entry.Enter(v, in.render.locale, in.year, has.format())
			c = cell{Value: value}.wear(format, has.note())
		default:
			c.Value = entry.Value{Kind: entry.Text, Text: v}
		}
	default:
		return c, false, notACell
	}
	return c, false, nil
}

// notACell is a value that is neither a string, a number, a boolean nor null.
var notACell = invalid("not a cell")

// kindOf is Google's name for what is not a cell.
func kindOf(given any) string {
	if _, ok := given.([]any); ok {
		return "list_value"
	}
	return "struct_value"
}

// written is what one range became.
type written struct {
	t             *tab
	area          a1.Area
	matched       a1.Area // by a data filter, which then is what is shown
	rows, columns map[int]bool
	cells         int
}

// put writes values into an area, which a single cell only begins.
func (in input) put(d *draft, t *tab, a a1.Area, v valueRange) (w written, err error) {
	columns, err := oneOf("majorDimension", v.MajorDimension, "ROWS", "COLUMNS", "DIMENSION_UNSPECIFIED")
	if err != nil {
		return w, err
	}
	height, width := len(v.Values), 0
	for _, line := range v.Values {
		width = max(width, len(line))
	}
	if columns == "COLUMNS" {
		height, width = width, height
	}
	single := a == a1.Cell(a.StartRow, a.StartColumn)
	if a.StartRow >= t.rowCount || a.StartColumn >= t.columnCount {
		return w, beyondGrid(t, a)
	}
	limit := t.clip(a)
	if single {
		limit.EndRow, limit.EndColumn = t.rowCount, t.columnCount
	}
	switch {
	case a.StartRow+height > t.rowCount || a.StartColumn+width > t.columnCount:
		return w, beyondGrid(t, a1.Area{StartRow: a.StartRow, EndRow: a.StartRow + height, StartColumn: a.StartColumn, EndColumn: a.StartColumn + width})
	case a.StartRow+height > limit.EndRow:
		return w, invalid("Requested writing within range [%s], but tried writing to row [%d]", a1.Name(t.title, limit), limit.EndRow+1)
	case a.StartColumn+width > limit.EndColumn:
		return w, invalid("Requested writing within range [%s], but tried writing to column [%s]", a1.Name(t.title, limit), a1.Column(limit.EndColumn))
	}
	w = written{t: d.edit(t), rows: map[int]bool{}, columns: map[int]bool{}, area: a1.Area{
		StartRow: a.StartRow, EndRow: a.StartRow + max(height, 1),
		StartColumn: a.StartColumn, EndColumn: a.StartColumn + max(width, 1),
	}}
	for i, line := range v.Values {
		for j, given := range line {
			row, column := a.StartRow+i, a.StartColumn+j
			if columns == "COLUMNS" {
				row, column = a.StartRow+j, a.StartColumn+i
			}
			next, skip, err := in.value(given, w.t.cell(row, column))
			if p, ok := errors.AsType[*problem](err); ok && p == notACell {
				return w, invalid("Invalid values[%d][%d]: %s", i, j, kindOf(given))
			}
			if err != nil {
				return w, err
			}
			if skip {
				continue
			}
			d.set(w.t, row, column, next)
			w.rows[row], w.columns[column] = true, true
			w.cells++
		}
	}
	return w, nil
}

// reply tells what was written; data holds the values when asked for.
func (in input) reply(w written, id string) object {
	var o object
	o.put("spreadsheetId", id)
	o.put("updatedRange", a1.Name(w.t.title, w.area))
	o.put("updatedRows", len(w.rows))
	o.put("updatedColumns", len(w.columns))
	o.put("updatedCells", w.cells)
	if in.include {
		shown := w.area
		if w.matched != (a1.Area{}) {
			shown = w.matched
		}
		o.put("updatedData", in.render.valueRange(w.t, shown))
	}
	return o
}

func (s *Server) updateValues(c *call, id, name string) (object, error) {
	err := c.accept(sheets.UpdateValuesResponse{}, "valueInputOption", "includeValuesInResponse", "responseValueRenderOption", "responseDateTimeRenderOption")
	if err != nil {
		return nil, err
	}
	given, err := c.decodeValues(name)
	if err != nil {
		return nil, err
	}
	var reply object
	_, err = s.write(c.r.Context(), id, func(d *draft) error {
		in, err := s.queryInput(c, d)
		if err != nil {
			return err
		}
		t, a, err := d.resolve(name)
		if err != nil {
			return err
		}
		w, err := in.put(d, t, a, given)
		if err == nil {
			reply = in.reply(w, id)
		}
		return err
	})
	return reply, err
}

// decodeValues reads the body that goes with the range of the path.
func (c *call) decodeValues(name string) (given valueRange, err error) {
	if err := c.decodeData(&given, &sheets.ValueRange{}); err != nil {
		return given, err
	}
	if given.Range != "" && given.Range != name {
		return given, invalid("Request range[%.200s] does not match value's range[%.200s]", name, given.Range)
	}
	return given, nil
}

// queryInput reads the input options of the query.
func (s *Server) queryInput(c *call, d *draft) (input, error) {
	include, err := c.flag("includeValuesInResponse")
	if err != nil {
		return input{}, err
	}
	return s.inputOf(d, c.query.Get("valueInputOption"), include, c.query.Get("responseValueRenderOption"), c.query.Get("responseDateTimeRenderOption"))
}

// batchInput is the options that stand in the body of both batch updates.
type batchInput struct {
	ValueInputOption             string `json:"valueInputOption"`
	IncludeValuesInResponse      bool   `json:"includeValuesInResponse"`
	ResponseValueRenderOption    string `json:"responseValueRenderOption"`
	ResponseDateTimeRenderOption string `json:"responseDateTimeRenderOption"`
}

func (s *Server) batchUpdateValues(c *call, id string) (object, error) {
	if err := c.accept(sheets.BatchUpdateValuesResponse{}); err != nil {
		return nil, err
	}
	var ask struct {
		batchInput `json:",inline"`
		Data       []valueRange `json:"data"`
	}
	if err := c.decode(&ask, &sheets.BatchUpdateValuesRequest{}); err != nil {
		return nil, err
	}
	var reply object
	_, err := s.write(c.r.Context(), id, func(d *draft) error {
		in, err := s.inputOf(d, ask.ValueInputOption, ask.IncludeValuesInResponse, ask.ResponseValueRenderOption, ask.ResponseDateTimeRenderOption)
		if err != nil {
			return err
		}
		var all []written
		for _, v := range ask.Data {
			t, a, err := d.resolve(v.Range)
			if err != nil {
				return err
			}
			w, err := in.put(d, t, a, v)
			if err != nil {
				return err
			}
			all = append(all, w)
		}
		reply = totals(id, all)
		var each array
		for _, w := range all {
			each = append(each, in.reply(w, id))
		}
		reply.put("responses", each)
		return nil
	})
	return reply, err
}

// totals sums what several ranges became.
func totals(id string, all []written) object {
	type side struct {
		tab   int64
		index int
	}
	rows, columns, tabs, cells := map[side]bool{}, map[side]bool{}, map[int64]bool{}, 0
	for _, w := range all {
		cells += w.cells
		if w.cells > 0 {
			tabs[w.t.key] = true
		}
		for i := range w.rows {
			rows[side{w.t.key, i}] = true
		}
		for i := range w.columns {
			columns[side{w.t.key, i}] = true
		}
	}
	o := object{{"spreadsheetId", id}}
	o.put("totalUpdatedRows", len(rows))
	o.put("totalUpdatedColumns", len(columns))
	o.put("totalUpdatedCells", cells)
	o.put("totalUpdatedSheets", len(tabs))
	return o
}

func (s *Server) batchUpdateValuesByFilter(c *call, id string) (object, error) {
	if err := c.accept(sheets.BatchUpdateValuesByDataFilterResponse{}); err != nil {
		return nil, err
	}
	var ask struct {
		batchInput `json:",inline"`
		Data       []struct {
			DataFilter     dataFilter `json:"dataFilter"`
			MajorDimension string     `json:"majorDimension"`
			Values         [][]any    `json:"values"`
		} `json:"data"`
	}
	if err := c.decode(&ask, &sheets.BatchUpdateValuesByDataFilterRequest{}); err != nil {
		return nil, err
	}
	var reply object
	_, err := s.write(c.r.Context(), id, func(d *draft) error {
		in, err := s.inputOf(d, ask.ValueInputOption, ask.IncludeValuesInResponse, ask.ResponseValueRenderOption, ask.ResponseDateTimeRenderOption)
		if err != nil {
			return err
		}
		var all []written
		var filters []dataFilter
		for _, data := range ask.Data {
			places, err := d.find([]dataFilter{data.DataFilter})
			if err != nil {
				return err
			}
			for _, p := range places {
				w, err := in.put(d, p.t, p.Area, valueRange{MajorDimension: data.MajorDimension, Values: data.Values})
				if err != nil {
					return err
				}
				w.matched = p.Area
				all, filters = append(all, w), append(filters, p.filter)
			}
		}
		reply = totals(id, all)
		var each array
		for i, w := range all {
			each = append(each, append(in.reply(w, ""), member{"dataFilter", filters[i].reply()}))
		}
		reply.put("responses", each)
		return nil
	})
	return reply, err
}
