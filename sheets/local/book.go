package local

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"

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
	rows                      []kept // in their order
}

// row is a row that holds something or is held by metadata; of blank rows
// nothing is kept. Rows move with inserts, deletes and moves; a sort moves
// cells between them.
type row struct {
	id, ord int64
	skip    int    // how many blank rows stand before it
	cells   []cell // from the first to the last in use
}

// kept is a row and where it stands in the grid.
type kept struct {
	at int
	*row
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

// shown is the text that people see: FORMATTED_VALUE.
func (c cell) shown(locale entry.Locale) string {
	if c.dress == nil && c.Kind == entry.Text { // nearly all
		return c.Text
	}
	return entry.Show(c.Value, c.format(), locale)
}

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
