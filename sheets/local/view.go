package local

import (
	"context"
	"fmt"

	"uratori/internal/fault"
	"uratori/sheets/a1"
	"uratori/sheets/local/edit"
	"uratori/sheets/local/entry"
)

// largestPage bounds a page of a tab, in bytes of its texts. A row that is
// larger is sent alone.
const largestPage = 4 << 20

// Page is a part of a tab of the spreadsheet [Book], and the number of changes
// (see [Server.Changes]) before it was looked at.
func (s *Server) Page(ctx context.Context, q edit.Query) (p edit.Page, changes int64, err error) {
	changes = s.Changes()
	b, locale, err := s.read(ctx, Book)
	if err != nil {
		return p, 0, err
	}
	t, err := b.tabOf(q)
	if err != nil {
		return p, 0, err
	}
	if q.From < 1 || q.To-q.From >= edit.MostRows {
		return p, 0, fault.New(fault.Invalid, "sheet.bad_page", "from", q.From, "to", q.To, "most", edit.MostRows)
	}
	p = edit.Page{Tab: t.id, From: q.From, Tabs: []edit.Tab{}, Header: t.texts(0, locale), Rows: [][]edit.Value{}}
	for _, one := range b.tabs {
		used := one.usedColumns(one.used(one.whole()))
		p.Tabs = append(p.Tabs, edit.Tab{
			ID: one.id, Title: one.title, Rows: one.rowCount, Columns: one.columnCount, UsedRows: used.EndRow, UsedColumns: used.EndColumn,
			Frozen: one.frozenRows, Hidden: one.hidden,
		})
	}
	size := 0
	for row := q.From - 1; row < min(q.To, t.rowCount); row++ {
		values := t.values(row, locale)
		for _, v := range values {
			size += len(v.Text) + len(v.Note)
		}
		if size > largestPage && len(p.Rows) > 0 {
			break
		}
		p.Rows = append(p.Rows, values)
	}
	return p, changes, nil
}

func (b *book) tabOf(q edit.Query) (t *tab, err error) {
	switch {
	case q.Tab != nil:
		if t = b.tabByID(*q.Tab); t == nil {
			return nil, fault.New(fault.NotFound, "sheet.no_tab", "title", fmt.Sprintf("#%d", *q.Tab))
		}
	case q.Title != "":
		if t = b.tabByTitle(q.Title); t == nil {
			return nil, fault.New(fault.NotFound, "sheet.no_tab", "title", fmt.Sprintf("%.100q", q.Title))
		}
	default:
		t = b.firstVisible()
	}
	return t, nil
}

// values are the cells of a row of the grid, up to the last in use.
func (t *tab) values(row int, locale entry.Locale) []edit.Value {
	cells := t.cells(row)
	values := make([]edit.Value, len(cells))
	for i, c := range cells {
		values[i] = c.value(locale)
	}
	return values
}

// texts are a row as people see it, up to its last value.
func (t *tab) texts(row int, locale entry.Locale) []string {
	cells := t.cells(row)
	texts := make([]string, lastValue(cells, 0, len(cells)))
	for i := range texts {
		texts[i] = cells[i].text(locale)
	}
	return texts
}

// text is what an editor shows of a cell: a formula is its text.
func (c cell) text(locale entry.Locale) string {
	if c.Kind == entry.Text || c.Kind == entry.Formula {
		return c.Text
	}
	return c.shown(locale)
}

func (c cell) value(locale entry.Locale) edit.Value {
	v := edit.Value{Text: c.text(locale), Type: c.format().Type, Pattern: c.format().Pattern, Note: c.note()}
	switch c.Kind {
	case entry.Number:
		v.Kind, v.Number = edit.Number, c.Number
	case entry.Bool:
		v.Kind, v.Number = edit.Bool, c.Number
	case entry.Formula:
		v.Kind = edit.Formula
	case entry.Text, entry.Empty:
	}
	return v
}

// cellOf is the cell that holds a value from somebody outside. has is what it
// takes the place of.
func cellOf(v edit.Value, has cell, where a1.Area) (c cell, err error) {
	bad := func() error { return fault.New(fault.Invalid, "sheet.bad_value", "cell", where.String()) }
	if tooLong(v.Text) || tooLong(v.Note) {
		return c, fault.New(fault.Invalid, "sheet.long_cell", "cell", where.String(), "characters", longest)
	}
	switch v.Kind {
	case edit.Text:
		if v.Text != "" {
			c.Value = entry.Value{Kind: entry.Text, Text: v.Text}
		}
	case edit.Number:
		c.Value = entry.Value{Kind: entry.Number, Number: v.Number + 0} // -0 is 0
	case edit.Bool:
		if v.Number != 0 && v.Number != 1 {
			return c, bad()
		}
		c.Value = entry.Value{Kind: entry.Bool, Number: v.Number}
	case edit.Formula:
		if len(v.Text) == 0 || v.Text[0] != '=' {
			return c, bad()
		}
		c.Value = entry.Value{Kind: entry.Formula, Text: v.Text}
	default:
		return c, bad()
	}
	if v.Plain() {
		c.dress = has.dress
		return c, nil
	}
	format := entry.Format{Type: v.Type, Pattern: v.Pattern}
	if format != (entry.Format{}) && entry.Supported(format) != nil {
		return c, bad()
	}
	return c.wear(format, v.Note), nil
}
