package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"uratori/internal/fault"
	"uratori/sheets/a1"
	"uratori/sheets/local/entry"
)

// What moving a table in or out can end with.
var (
	ErrNoTab     = fault.New(fault.NotFound, "sheet.no_tab")
	ErrTabInUse  = fault.New(fault.Conflict, "sheet.tab_in_use")
	ErrTooLarge  = fault.New(fault.Invalid, "sheet.too_large")
	ErrBadTitle  = fault.New(fault.Invalid, "sheet.bad_title")
	ErrLongCell  = fault.New(fault.Invalid, "sheet.long_cell")
	ErrNoContent = fault.New(fault.Invalid, "sheet.no_content")
)

// Size is the extent of a table.
type Size struct {
	Rows    int `json:"rows"`
	Columns int `json:"columns"`
}

// Import makes a tab of the spreadsheet [Book] hold the rows that next yields
// until io.EOF, all as text, in one transaction. The tab is made if it is not
// there; content that it has is only ever replaced when replace says so.
func (s *Server) Import(ctx context.Context, title string, replace bool, next func() ([]string, error)) (size Size, err error) {
	lines, size, err := readAll(next)
	if err != nil {
		return size, err
	}
	_, err = s.write(ctx, Book, func(d *draft) error {
		t, err := d.tabFor(title, lines[0], replace)
		if err != nil {
			return err
		}
		if d.grow(t, max(t.rowCount, size.Rows), max(t.columnCount, size.Columns)) != nil {
			return fault.New(fault.Invalid, "sheet.too_large", "rows", size.Rows, "columns", size.Columns, "cells", mostCells)
		}
		for i, cells := range lines {
			if cells = trim(cells); len(cells) > 0 {
				d.editRow(t, i).cells = cells
			}
		}
		return nil
	})
	return size, err
}

// readAll takes all rows in before anything is changed.
func readAll(next func() ([]string, error)) (lines [][]cell, size Size, err error) {
	for {
		texts, err := next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, size, err
		}
		cells := make([]cell, len(texts))
		for i, text := range texts {
			if tooLong(text) {
				return nil, size, fault.New(fault.Invalid, "sheet.long_cell", "cell", a1.Cell(len(lines), i).String(), "characters", longest)
			}
			if text != "" {
				cells[i].Value = entry.Value{Kind: entry.Text, Text: text}
			}
		}
		lines = append(lines, cells)
		size.Columns = max(size.Columns, len(texts))
		if len(lines)*size.Columns > mostCells {
			return nil, size, fault.New(fault.Invalid, "sheet.too_large", "rows", len(lines), "columns", size.Columns, "cells", mostCells)
		}
	}
	size.Rows = len(lines)
	if size.Columns == 0 {
		return nil, size, ErrNoContent
	}
	return lines, size, nil
}

// tabFor is a tab without rows in use, ready to be filled. One that holds
// nothing but the header that will be written may be taken as it is.
func (d *draft) tabFor(title string, header []cell, replace bool) (*tab, error) {
	t := d.tabByTitle(title)
	if t == nil {
		if title == "" || d.checkTitle(title, nil) != nil {
			return nil, badTitle(title)
		}
		return d.addSheet(sheetProperties{Title: title})
	}
	t = d.edit(t)
	if area := t.used(t.whole()); area.EndRow > 0 && !replace &&
		(area.EndRow > 1 || !slices.Equal(t.cells(0), trim(slices.Clone(header)))) {
		return nil, fault.New(fault.Conflict, "sheet.tab_in_use", "title", t.title, "rows", area.EndRow)
	}
	rows, frozen := t.rowCount, t.frozenRows
	d.deleteRows(t, 0, rows)
	t.rowCount, t.frozenRows = rows, frozen
	return t, nil
}

func badTitle(title string) error {
	return fault.New(fault.Invalid, "sheet.bad_title", "title", fmt.Sprintf("%.100q", title))
}

// Export yields the rows of a tab of the spreadsheet [Book] as people see
// them, of one moment. Formulas are their text.
func (s *Server) Export(ctx context.Context, title string, yield func([]string) error) error {
	b, locale, err := s.read(ctx, Book)
	if err != nil {
		return err
	}
	t := b.tabByTitle(title)
	if t == nil {
		return fault.New(fault.NotFound, "sheet.no_tab", "title", fmt.Sprintf("%.100q", title))
	}
	for row := range t.used(t.whole()).EndRow {
		cells := t.cells(row)
		texts := make([]string, lastValue(cells, 0, len(cells)))
		for column := range texts {
			texts[column] = cells[column].shown(locale)
		}
		if err := yield(texts); err != nil {
			return err
		}
	}
	return nil
}
