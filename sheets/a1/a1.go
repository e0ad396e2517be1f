// Package a1 reads and writes A1 notation, the way in which Sheets names
// cells: 'Tab name'!A1:B2, A:C, 2:5, A5:A. Client and embedded server share
// it, so that both mean the same cells. R1C1 notation is not understood.
package a1

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Open is the end of a side that has none: A2:A ends where the tab does.
const Open = -1

// Largest indices that Sheets can address, exclusive.
const (
	MaxRows    = 10_000_000
	MaxColumns = 18_278 // ZZZ
)

// Area is a rectangle of cells, zero-based, its ends exclusive or [Open].
type Area struct {
	StartRow, EndRow       int
	StartColumn, EndColumn int
}

// Whole is every cell of a tab.
func Whole() Area { return Area{EndRow: Open, EndColumn: Open} }

// Cell is the area of one cell.
func Cell(row, column int) Area { return Area{row, row + 1, column, column + 1} }

// ErrSyntax is what no A1 notation looks like.
var ErrSyntax = errors.New("not in A1 notation")

// Split separates the tab's name, unquoted, from the cells. A text without
// "!" is all cells when it reads as such, and a tab's name otherwise; found
// tells whether a tab was named.
func Split(s string) (tab, cells string, found bool, err error) {
	if strings.HasPrefix(s, "'") {
		for i := 1; i < len(s); i++ {
			if s[i] != '\'' {
				continue
			}
			if strings.HasPrefix(s[i:], "''") {
				i++
				continue
			}
			tab = strings.ReplaceAll(s[1:i], "''", "'")
			switch rest := s[i+1:]; {
			case rest == "":
				return tab, "", true, nil
			case rest[0] == '!' && len(rest) > 1:
				return tab, rest[1:], true, nil
			}
			break
		}
		return "", "", false, fmt.Errorf("%q: %w", s, ErrSyntax)
	}
	if i := strings.LastIndexByte(s, '!'); i >= 0 {
		if i == 0 || i == len(s)-1 {
			return "", "", false, fmt.Errorf("%q: %w", s, ErrSyntax)
		}
		return s[:i], s[i+1:], true, nil
	}
	if _, err := ParseCells(s); err == nil {
		return "", s, false, nil
	}
	return s, "", s != "", nil
}

var corner = regexp.MustCompile(`^\$?([A-Za-z]{1,3})?(?:\$?([0-9]{1,8}))?$`)

// ParseCells reads the part after the tab's name. Corners in any order are
// brought to top left and bottom right; an empty text is the whole tab.
func ParseCells(s string) (Area, error) {
	if s == "" {
		return Whole(), nil
	}
	first, second, isRange := strings.Cut(s, ":")
	row, column, err := parseCorner(first)
	if err != nil {
		return Area{}, fmt.Errorf("%q: %w", s, err)
	}
	if !isRange {
		if row == Open || column == Open {
			return Area{}, fmt.Errorf("%q: %w", s, ErrSyntax)
		}
		return Cell(row, column), nil
	}
	endRow, endColumn, err := parseCorner(second)
	if err != nil {
		return Area{}, fmt.Errorf("%q: %w", s, err)
	}
	a := Area{EndRow: Open, EndColumn: Open}
	a.StartRow, a.EndRow = side(row, endRow)
	a.StartColumn, a.EndColumn = side(column, endColumn)
	if (column == Open) != (endColumn == Open) && (row == Open || endRow == Open) {
		return Area{}, fmt.Errorf("%q: %w", s, ErrSyntax) // A:5 names nothing
	}
	return a, nil
}

// side makes start and exclusive end of two inclusive ends, either of which
// may be missing.
func side(a, b int) (start, end int) {
	switch {
	case a == Open && b == Open:
		return 0, Open
	case b == Open:
		return a, Open
	case a == Open:
		return b, Open
	}
	return min(a, b), max(a, b) + 1
}

func parseCorner(s string) (row, column int, err error) {
	m := corner.FindStringSubmatch(s)
	if m == nil || m[1] == "" && m[2] == "" {
		return 0, 0, ErrSyntax
	}
	row, column = Open, Open
	if m[1] != "" {
		column = 0
		for _, letter := range strings.ToUpper(m[1]) {
			column = column*26 + int(letter-'A') + 1
		}
		column--
	}
	if m[2] != "" {
		n, err := strconv.Atoi(m[2])
		if err != nil || n < 1 || n > MaxRows {
			return 0, 0, ErrSyntax
		}
		row = n - 1
	}
	return row, column, nil
}

// Column is the letters of a zero-based column: 0 is A, 26 is AA.
func Column(index int) string {
	var letters []byte
	for n := index + 1; n > 0; n = (n - 1) / 26 {
		letters = append([]byte{byte('A' + (n-1)%26)}, letters...)
	}
	return string(letters)
}

// String is the notation of the cells, "" for a whole tab.
func (a Area) String() string {
	if a == Whole() {
		return ""
	}
	row := func(i int) string { return strconv.Itoa(i + 1) }
	switch {
	case a.EndRow == Open && a.EndColumn == Open && a.StartColumn == 0:
		return row(a.StartRow) + ":" + row(MaxRows-1)
	case a.EndRow == Open && a.StartRow == 0:
		return Column(a.StartColumn) + ":" + Column(last(a.EndColumn, MaxColumns))
	case a.EndRow == Open:
		return Column(a.StartColumn) + row(a.StartRow) + ":" + Column(last(a.EndColumn, MaxColumns))
	case a.EndColumn == Open && a.StartColumn == 0:
		return row(a.StartRow) + ":" + row(a.EndRow-1)
	case a.EndColumn == Open:
		return Column(a.StartColumn) + row(a.StartRow) + ":" + row(a.EndRow-1)
	case a.EndRow == a.StartRow+1 && a.EndColumn == a.StartColumn+1:
		return Column(a.StartColumn) + row(a.StartRow)
	}
	return Column(a.StartColumn) + row(a.StartRow) + ":" + Column(a.EndColumn-1) + row(a.EndRow-1)
}

func last(end, limit int) int {
	if end == Open {
		return limit - 1
	}
	return end - 1
}

var plainTab = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// Name is the full notation of cells on a tab, the tab quoted where it must be.
func Name(tab string, a Area) string {
	_, err := ParseCells(tab)
	if err == nil || !plainTab.MatchString(tab) || r1c1.MatchString(tab) {
		tab = "'" + strings.ReplaceAll(tab, "'", "''") + "'"
	}
	if cells := a.String(); cells != "" {
		return tab + "!" + cells
	}
	return tab
}

var r1c1 = regexp.MustCompile(`^(?i:r[0-9]*c[0-9]*)$`)
