package local

import (
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"uratori/sheets/a1"
	"uratori/sheets/local/entry"
)

// book is a spreadsheet as it was after some write. It never changes once it
// is published, so that a reader needs no lock and an answer shows one moment.
type book struct {
	id, title, locale, timeZone string
	tabs                        []*tab // in their order
	metadata                    []*metadata
}

type tab struct {
	key                       int64 // of the store
	id                        int32 // sheetId
	title                     string
	rowCount, columnCount     int // of the grid
	frozenRows, frozenColumns int
	hidden                    bool
	rows                      []*row // from the first to the last in use
}

// row is a row that has or had content. Rows move with inserts, deletes and
// moves; a sort moves cells between them.
type row struct {
	id, ord int64
	cells   []cell // from the first to the last in use
}

type cell struct {
	entry.Value
	dress *dress // nil for nearly all
}

// dress is what a cell may wear beside its value.
type dress struct {
	format entry.Format
	note   string
}

func (c cell) isBlank() bool { return c.Kind == entry.Empty && c.dress == nil }

func (c cell) format() entry.Format {
	if c.dress == nil {
		return entry.Format{}
	}
	return c.dress.format
}

func (c cell) note() string {
	if c.dress == nil {
		return ""
	}
	return c.dress.note
}

// wear returns c with another format and note.
func (c cell) wear(format entry.Format, note string) cell {
	c.dress = nil
	if format != (entry.Format{}) || note != "" {
		c.dress = &dress{format, note}
	}
	return c
}

// metadata is a note for programs, fixed to the book, a tab, a row or a column.
type metadata struct {
	id                     int32
	key, value, visibility string
	tab                    int64 // key; 0: the whole book
	row                    int64 // id; 0: not a row
	column                 int   // -1: not a column
}

func (b *book) tabByID(id int32) *tab {
	for _, t := range b.tabs {
		if t.id == id {
			return t
		}
	}
	return nil
}

func (b *book) tabByTitle(title string) *tab {
	for _, t := range b.tabs {
		if t.title == title {
			return t
		}
	}
	for _, t := range b.tabs { // Sheets does not tell Tracker and tracker apart
		if strings.EqualFold(t.title, title) {
			return t
		}
	}
	return nil
}

func (b *book) tabByKey(key int64) *tab {
	for _, t := range b.tabs {
		if t.key == key {
			return t
		}
	}
	return nil
}

// cellCount is the size of all grids, used or not.
func (b *book) cellCount() (n int) {
	for _, t := range b.tabs {
		n += t.rowCount * t.columnCount
	}
	return n
}

// at is the cell at a place of the grid, the zero cell where nothing is.
func (t *tab) at(row, column int) cell {
	if row >= len(t.rows) || column >= len(t.rows[row].cells) {
		return cell{}
	}
	return t.rows[row].cells[column]
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

// lastColumn is the end of the values of a row between two columns.
func (t *tab) lastColumn(row, start, end int) int {
	if row >= len(t.rows) {
		return start
	}
	cells := t.rows[row].cells
	for end = min(end, len(cells)); end > start && cells[end-1].Kind == entry.Empty; end-- {
	}
	return max(start, end)
}

// used cuts a clipped area's rows behind the last that holds a value.
func (t *tab) used(a a1.Area) a1.Area {
	for a.EndRow = max(a.StartRow, min(a.EndRow, len(t.rows))); a.EndRow > a.StartRow; a.EndRow-- {
		if t.lastColumn(a.EndRow-1, a.StartColumn, a.EndColumn) > a.StartColumn {
			break
		}
	}
	return a
}

// usedColumns cuts a used area's columns behind the last that holds a value.
func (t *tab) usedColumns(a a1.Area) a1.Area {
	end := a.StartColumn
	for r := a.StartRow; r < a.EndRow; r++ {
		end = max(end, t.lastColumn(r, a.StartColumn, a.EndColumn))
	}
	a.EndColumn = end
	return a
}

func (t *tab) rowIndex(id int64) int {
	return slices.IndexFunc(t.rows, func(r *row) bool { return r.id == id })
}

// longest is how many UTF-16 units a cell holds.
const longest = 50_000

func tooLong(s string) bool {
	if len(s) <= longest {
		return false
	}
	if utf8.RuneCountInString(s) > longest {
		return true
	}
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n > longest
}

// The locales that a spreadsheet may have.
const japanese, english = "ja_JP", "en_US"

func (b *book) language() entry.Locale {
	if b.locale == english {
		return entry.English
	}
	return entry.Japanese
}
