package local

import (
	"github.com/go-json-experiment/json/jsontext"

	"uratori/sheets/a1"
	"uratori/sheets/local/entry"
)

// render is how values are asked for.
type render struct {
	option  string // FORMATTED_VALUE, UNFORMATTED_VALUE or FORMULA
	dates   string // SERIAL_NUMBER or FORMATTED_STRING
	columns bool   // majorDimension=COLUMNS
	locale  entry.Locale
}

// token is a cell as the values API gives it.
func (r render) token(c cell) jsontext.Token {
	v := c.Value
	switch {
	case v.Kind == entry.Empty:
		return jsontext.String("")
	case v.Kind == entry.Text || v.Kind == entry.Formula: // never computed
		return jsontext.String(v.Text)
	case r.option == "FORMATTED_VALUE" || r.dates == "FORMATTED_STRING" && isDate(c.format()):
		return jsontext.String(entry.Show(v, c.format(), r.locale))
	}
	return plainToken(v)
}

func isDate(f entry.Format) bool { return f.Type == "DATE" || f.Type == "TIME" || f.Type == "DATE_TIME" }

// valueRange answers with the values of a clipped area, trailing blanks cut.
func (r render) valueRange(t *tab, a a1.Area) object {
	o := object{{"range", a1.Name(t.title, a)}, {"majorDimension", "ROWS"}}
	area := t.used(a)
	if r.columns {
		o[1].value = "COLUMNS"
		area = t.usedColumns(area)
	}
	if area.EndRow > area.StartRow {
		o = append(o, member{"values", r.matrix(t, area)})
	}
	return o
}

func (r render) matrix(t *tab, a a1.Area) stream {
	return func(e *jsontext.Encoder, _ mask) error {
		if err := e.WriteToken(jsontext.BeginArray); err != nil {
			return err
		}
		line := r.row
		start, end := a.StartRow, a.EndRow
		if r.columns {
			line, start, end = r.column, a.StartColumn, a.EndColumn
		}
		for i := start; i < end; i++ {
			if err := line(e, t, a, i); err != nil {
				return err
			}
		}
		return e.WriteToken(jsontext.EndArray)
	}
}

func (r render) row(e *jsontext.Encoder, t *tab, a a1.Area, row int) error {
	if err := e.WriteToken(jsontext.BeginArray); err != nil {
		return err
	}
	end := t.lastColumn(row, a.StartColumn, a.EndColumn)
	for column := a.StartColumn; column < end; column++ {
		if err := e.WriteToken(r.token(t.at(row, column))); err != nil {
			return err
		}
	}
	return e.WriteToken(jsontext.EndArray)
}

func (r render) column(e *jsontext.Encoder, t *tab, a a1.Area, column int) error {
	if err := e.WriteToken(jsontext.BeginArray); err != nil {
		return err
	}
	end := a.EndRow
	for ; end > a.StartRow && t.at(end-1, column).Kind == entry.Empty; end-- {
	}
	for row := a.StartRow; row < end; row++ {
		if err := e.WriteToken(r.token(t.at(row, column))); err != nil {
			return err
		}
	}
	return e.WriteToken(jsontext.EndArray)
}

// Sizes that Sheets gives a row and a column that nobody resized, in pixels.
const rowPixels, columnPixels = 21, 100

// gridData answers with the cells of a clipped area.
func gridData(t *tab, a a1.Area, locale entry.Locale) object {
	var o object
	o.put("startRow", a.StartRow)
	o.put("startColumn", a.StartColumn)
	rows := a
	for rows.EndRow = max(a.StartRow, min(a.EndRow, len(t.rows))); rows.EndRow > rows.StartRow; rows.EndRow-- {
		if dressedEnd(t, rows.EndRow-1, a) > a.StartColumn {
			break
		}
	}
	if rows.EndRow > rows.StartRow {
		o = append(o, member{"rowData", rowData(t, rows, locale)})
	}
	return append(o, member{"rowMetadata", sizes(a.EndRow-a.StartRow, rowPixels)},
		member{"columnMetadata", sizes(a.EndColumn-a.StartColumn, columnPixels)})
}

func sizes(n, pixels int) stream {
	return func(e *jsontext.Encoder, m mask) error {
		if err := e.WriteToken(jsontext.BeginArray); err != nil {
			return err
		}
		for range n {
			if err := writeObject(e, object{{"pixelSize", pixels}}, m); err != nil {
				return err
			}
		}
		return e.WriteToken(jsontext.EndArray)
	}
}

// dressedEnd is the end of the cells of a row that hold or wear something.
func dressedEnd(t *tab, row int, a a1.Area) int {
	return max(a.StartColumn, min(a.EndColumn, len(t.rows[row].cells)))
}

func rowData(t *tab, a a1.Area, locale entry.Locale) stream {
	return func(e *jsontext.Encoder, m mask) error {
		if err := e.WriteToken(jsontext.BeginArray); err != nil {
			return err
		}
		for row := a.StartRow; row < a.EndRow; row++ {
			var values array
			for column := a.StartColumn; column < dressedEnd(t, row, a); column++ {
				values = append(values, cellData(t.at(row, column), locale))
			}
			var o object
			o.put("values", values)
			if err := writeObject(e, o, m); err != nil {
				return err
			}
		}
		return e.WriteToken(jsontext.EndArray)
	}
}

func cellData(c cell, locale entry.Locale) (o object) {
	if c.Kind != entry.Empty {
		effective := extended(c.Value)
		shown := c.Text
		switch c.Kind {
		case entry.Formula:
			effective = object{{"errorValue", object{{"type", "ERROR"}, {"message", "The embedded sheet does not compute formulas."}}}}
		case entry.Number, entry.Bool:
			shown = entry.Show(c.Value, c.format(), locale)
		case entry.Text, entry.Empty:
		}
		o = object{{"userEnteredValue", extended(c.Value)}, {"effectiveValue", effective}, {"formattedValue", shown}}
	}
	if c.dress == nil {
		return o
	}
	if f := c.format(); f != (entry.Format{}) {
		var number object
		number.put("type", f.Type)
		number.put("pattern", f.Pattern)
		o.put("userEnteredFormat", object{{"numberFormat", number}})
		o.put("effectiveFormat", object{{"numberFormat", number}})
	}
	o.put("note", c.note())
	return o
}

// extended is a value as the grid API gives it.
func extended(v entry.Value) object {
	switch v.Kind {
	case entry.Text:
		return object{{"stringValue", v.Text}}
	case entry.Number:
		return object{{"numberValue", v.Number}}
	case entry.Bool:
		return object{{"boolValue", v.Number != 0}}
	case entry.Formula:
		return object{{"formulaValue", v.Text}}
	case entry.Empty:
	}
	return object{}
}
