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
	if c.Kind == entry.Empty {
		return jsontext.String("")
	}
	if r.option == "FORMATTED_VALUE" || r.dates == "FORMATTED_STRING" && c.isDate() {
		return jsontext.String(c.shown(r.locale))
	}
	return plainToken(c.Value)
}

func (c cell) isDate() bool {
	f := c.format().Type
	return c.Kind == entry.Number && (f == "DATE" || f == "TIME" || f == "DATE_TIME")
}

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
	return func(e *out, _ mask) error {
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

func (r render) row(e *out, t *tab, a a1.Area, row int) error {
	cells := t.cells(row)
	return r.line(e, a.StartColumn, lastValue(cells, a.StartColumn, a.EndColumn), func(i int) cell { return cells[i] })
}

func (r render) column(e *out, t *tab, a a1.Area, column int) error {
	a.StartColumn, a.EndColumn = column, column+1
	return r.line(e, a.StartRow, t.used(a).EndRow, func(i int) cell { return t.cell(i, column) })
}

func (r render) line(e *out, start, end int, at func(int) cell) error {
	if err := e.WriteToken(jsontext.BeginArray); err != nil {
		return err
	}
	for i := start; i < end; i++ {
		if err := e.WriteToken(r.token(at(i))); err != nil {
			return err
		}
	}
	return e.WriteToken(jsontext.EndArray)
}

// Sizes that Sheets gives a row and a column that nobody resized, in pixels.
const rowPixels, columnPixels = 21, 100

// gridData answers with the cells of clipped areas of a tab.
func (b *book) gridData(t *tab, areas []a1.Area) (all array) {
	rowNotes, columnNotes := map[int]array{}, map[int]array{}
	where := b.whereRows()
	for _, m := range b.metadata {
		switch {
		case m.tab != t.key:
		case m.row != 0:
			rowNotes[where[m.row]] = append(rowNotes[where[m.row]], b.metadataReply(m, where))
		case m.column >= 0:
			columnNotes[m.column] = append(columnNotes[m.column], b.metadataReply(m, where))
		}
	}
	for _, a := range areas {
		var o object
		o.put("startRow", a.StartRow)
		o.put("startColumn", a.StartColumn)
		end := a.StartRow
		for _, r := range t.between(a.StartRow, a.EndRow) {
			if len(r.cells) > a.StartColumn {
				end = r.at + 1
			}
		}
		if end > a.StartRow {
			o = append(o, member{"rowData", rowData(t, a, end, b.language())})
		}
		all = append(all, append(o, member{"rowMetadata", dimensions(a.StartRow, a.EndRow, rowPixels, rowNotes)},
			member{"columnMetadata", dimensions(a.StartColumn, a.EndColumn, columnPixels, columnNotes)}))
	}
	return all
}

// dimensions answers with the properties of rows or columns.
func dimensions(start, end, pixels int, notes map[int]array) stream {
	return func(e *out, m mask) error {
		if err := e.WriteToken(jsontext.BeginArray); err != nil {
			return err
		}
		for i := start; i < end; i++ {
			o := object{{"pixelSize", pixels}}
			o.put("developerMetadata", notes[i])
			if err := writeObject(e, o, m); err != nil {
				return err
			}
		}
		return e.WriteToken(jsontext.EndArray)
	}
}

func rowData(t *tab, a a1.Area, end int, locale entry.Locale) stream {
	return func(e *out, m mask) error {
		if err := e.WriteToken(jsontext.BeginArray); err != nil {
			return err
		}
		for row := a.StartRow; row < end; row++ {
			var values array
			cells := t.cells(row)
			for column := a.StartColumn; column < min(a.EndColumn, len(cells)); column++ {
				values = append(values, cellData(cells[column], locale))
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
		if c.Kind == entry.Formula {
			effective = object{{"errorValue", object{{"type", "ERROR"}, {"message", "The embedded sheet does not compute formulas."}}}}
		}
		o = object{{"userEnteredValue", extended(c.Value)}, {"effectiveValue", effective}, {"formattedValue", c.shown(locale)}}
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
