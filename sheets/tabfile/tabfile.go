// Package tabfile reads and writes a table as a file: CSV, TSV and XLSX.
//
// A table arrives to the letter or not at all. A byte that its encoding does
// not know, a quote that is never closed, a workbook that is cut short, a
// formula that was never calculated: each is a fault that names the file, the
// place and the way out, and never a U+FFFD, a blank or a shorter table. What
// is changed on the way is this and no more:
//
//   - A line break inside a cell is LF: CRLF, and CRCRLF, become LF when they
//     are read.
//   - Empty cells at the end of a row and empty rows at the end of a table
//     are not there. Empty rows in between are.
//   - The numbers, dates and formulas of a workbook come as the text that a
//     person sees in Excel.
//
// Text stays text. Nothing is put before a cell that starts with =, +, - or @:
// in a workbook such a cell is a string and no formula, and a CSV says what
// the table says.
//
// Rows stream both ways, so that memory does not grow with the table. The one
// exception is the format's own: a workbook may keep the texts of all cells
// apart from the rows, and they are held while it is read.
package tabfile

import (
	"path/filepath"
	"strings"
	"unicode/utf8"

	"uratori/internal/fault"
)

// Format is a kind of file.
type Format string

// The formats.
const (
	CSV  Format = "csv"  // comma separated
	TSV  Format = "tsv"  // tab separated, quoted as CSV is
	XLSX Format = "xlsx" // an Excel workbook, of which one tab is the table
)

// FormatOf is the format that the name of a file tells.
func FormatOf(path string) (Format, error) {
	switch ext := strings.ToLower(filepath.Ext(path)); ext {
	case ".csv", ".tsv", ".xlsx":
		return Format(ext[1:]), nil
	case ".xls":
		return "", fault.New(fault.Invalid, "tabfile.old_excel", "file", path)
	default:
		return "", fault.New(fault.Invalid, "tabfile.unknown_format", "file", path)
	}
}

func formatOf(path string, asked Format) (Format, error) {
	switch asked {
	case CSV, TSV, XLSX:
		return asked, nil
	case "":
		return FormatOf(path)
	default:
		return "", fault.New(fault.Invalid, "tabfile.no_such_format", "format", string(asked))
	}
}

func (f Format) comma() rune {
	if f == TSV {
		return '\t'
	}
	return ','
}

// What a table may hold at most. The first three are what Google Sheets takes
// in; the last keeps a quote that is never closed from eating the memory.
const (
	maxCellUnits = 50_000     // UTF-16 units in a cell
	maxColumns   = 18_278     // A to ZZZ
	maxCells     = 10_000_000 // cells of a table; an empty row counts as one
	maxRowBytes  = 8 << 20    // bytes of a row in a CSV
)

// limits counts what passes and refuses the first thing that no reader of
// this package would take back.
type limits struct {
	file  string
	cells int
}

// pass checks the cells of row, which is counted from 1; skipped empty rows
// went before it.
func (l *limits) pass(row, skipped int, cells []string) error {
	if len(cells) > maxColumns {
		return fault.New(fault.Invalid, "tabfile.too_wide", "file", l.file, "row", row, "columns", len(cells), "limit", maxColumns)
	}
	if l.cells += skipped + max(1, len(cells)); l.cells > maxCells {
		return fault.New(fault.Invalid, "tabfile.too_many_cells", "file", l.file, "row", row, "limit", maxCells)
	}
	for i, cell := range cells {
		if strings.IndexByte(cell, 0) >= 0 {
			return fault.New(fault.Invalid, "tabfile.nul", "file", l.file, "row", row, "column", columnName(i+1))
		}
		if units := unitsOf(cell, maxCellUnits); units > maxCellUnits {
			return fault.New(fault.Invalid, "tabfile.cell_too_long",
				"file", l.file, "row", row, "column", columnName(i+1), "length", units, "limit", maxCellUnits)
		}
	}
	return nil
}

// unitsOf is the length of s in UTF-16 units. A text that cannot be longer
// than limit is not counted: its bytes are as good an answer.
func unitsOf(s string, limit int) int {
	if len(s) <= limit {
		return len(s)
	}
	units := utf8.RuneCountInString(s)
	for _, r := range s {
		if r > 0xFFFF {
			units++
		}
	}
	return units
}

// columnName is the letters of a column counted from 1: A, Z, AA.
func columnName(n int) string {
	name := ""
	for ; n > 0; n = (n - 1) / 26 {
		name = string(rune('A'+(n-1)%26)) + name
	}
	return name
}

// trimmed is cells without the empty ones at its end.
func trimmed(cells []string) []string {
	for len(cells) > 0 && cells[len(cells)-1] == "" {
		cells = cells[:len(cells)-1]
	}
	return cells
}
