package tabfile

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"uratori/internal/fault"
)

// sheetRows reads one tab of a workbook.
type sheetRows struct {
	part     *part
	shared   *sharedTexts
	numbers  *numbers
	row      int // number of the row that was read last
	formulas int
	buffer   []byte
}

func openSheet(src io.ReaderAt, size int64, file, name string) (*sheetRows, error) {
	b, err := openBook(src, size, file)
	if err != nil {
		return nil, err
	}
	t, err := b.tab(name)
	if err != nil {
		return nil, err
	}
	s := &sheetRows{}
	if s.shared, err = b.sharedTexts(maxSharedText); err != nil {
		return nil, err
	}
	if s.numbers, err = b.numbers(); err != nil {
		return nil, err
	}
	if s.part, err = b.open(t.part, maxRowsPart); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *sheetRows) next() (int, []string, error) {
	for {
		token, err := s.part.next()
		if err != nil {
			return 0, nil, err
		}
		e, ok := token.(xml.StartElement)
		if !ok || e.Name.Local != "row" {
			continue
		}
		if s.row, err = after(s.row, attr(e, "r"), maxExcelRows); err != nil {
			return 0, nil, s.part.damaged(fmt.Errorf("row %q after row %d", attr(e, "r"), s.row))
		}
		cells, err := s.cells()
		return s.row, cells, err
	}
}

// cells reads the cells of the row that was just started.
func (s *sheetRows) cells() ([]string, error) {
	cells := []string{}
	for end := s.part.depth - 1; s.part.depth > end; {
		token, err := s.part.next()
		if err != nil {
			return nil, err
		}
		e, ok := token.(xml.StartElement)
		if !ok || e.Name.Local != "c" {
			continue
		}
		column, err := s.column(len(cells), attr(e, "r"))
		if err != nil {
			return nil, err
		}
		value, err := s.cell(e, column)
		if err != nil {
			return nil, err
		}
		for len(cells) < column-1 {
			cells = append(cells, "")
		}
		cells = append(cells, value)
	}
	return cells, nil
}

// column is the column of the cell called ref, which comes after the last
// one. A cell without a name is the next one.
func (s *sheetRows) column(last int, ref string) (int, error) {
	letters := strings.TrimRight(ref, "0123456789")
	column, ok := last+1, ref == ""
	if row, err := strconv.Atoi(ref[len(letters):]); err == nil && row == s.row {
		column, ok = columnNumber(letters), true
	}
	if !ok || column <= last || column > maxExcelColumns {
		return 0, s.part.damaged(fmt.Errorf("cell %q in row %d after column %s", ref, s.row, columnName(last)))
	}
	return column, nil
}

// after is the number that text says, or the next one if it says none. It
// has to be higher than last.
func after(last int, text string, limit int) (int, error) {
	n := last + 1
	if text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil {
			return last, err
		}
	}
	if n <= last || n > limit {
		return last, strconv.ErrRange
	}
	return n, nil
}

// columnNumber is the column of its letters, 0 if they name none.
func columnNumber(letters string) int {
	n := 0
	for _, c := range []byte(letters) {
		if c < 'A' || c > 'Z' || n > maxExcelColumns {
			return 0
		}
		n = n*26 + int(c-'A') + 1
	}
	return n
}

// cell is the text of the cell that was just started.
func (s *sheetRows) cell(c xml.StartElement, column int) (string, error) {
	out, valued, calculated := s.buffer[:0], false, false
	for end := s.part.depth - 1; s.part.depth > end; {
		token, err := s.part.next()
		if err != nil {
			return "", err
		}
		e, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		switch e.Name.Local {
		case "v":
			valued = true
			out, err = s.part.text(out)
		case "is":
			valued = true
			out, err = s.part.richText(out)
		case "f":
			calculated = true
			err = s.part.skip()
		default:
			err = s.part.skip()
		}
		if err != nil {
			return "", err
		}
	}
	s.buffer = out
	if calculated {
		s.formulas++
		if !valued {
			return "", fault.New(fault.Invalid, "tabfile.not_calculated", "file", s.part.book.file, "row", s.row, "column", columnName(column))
		}
	}
	if len(out) == 0 {
		return "", nil
	}
	value, err := s.value(attr(c, "t"), attr(c, "s"), string(out))
	if err != nil {
		return "", s.part.damaged(fmt.Errorf("cell %s%d: %w", columnName(column), s.row, err))
	}
	return value, nil
}

// value is what a person sees of a cell of this kind that holds v.
func (s *sheetRows) value(kind, style, v string) (string, error) {
	switch kind {
	case "s":
		return s.shared.at(v)
	case "str", "inlineStr":
		return unescaped(v), nil
	case "b":
		if isTrue(v) {
			return "TRUE", nil
		}
		return "FALSE", nil
	case "e":
		return v, nil
	case "d":
		return s.numbers.date(v, style)
	case "n", "":
		return s.numbers.number(v, style)
	default:
		return "", fmt.Errorf("kind %q", kind)
	}
}

const maxSharedText = 256 << 20 // bytes that are held at most

// sharedTexts are the texts that cells refer to by their number, end to end.
type sharedTexts struct {
	text []byte
	ends []int
}

func (b *book) sharedTexts(limit int) (*sharedTexts, error) {
	s := &sharedTexts{}
	if b.parts[b.strings] == nil {
		return s, nil
	}
	p, err := b.open(b.strings, maxRowsPart)
	if err != nil {
		return nil, err
	}
	defer func() { _ = p.src.Close() }()
	for {
		token, err := p.next()
		switch {
		case errors.Is(err, io.EOF):
			return s, nil
		case err != nil:
			return nil, err
		}
		if e, ok := token.(xml.StartElement); ok && e.Name.Local == "si" {
			if s.text, err = p.richText(s.text); err != nil {
				return nil, err
			}
			s.ends = append(s.ends, len(s.text))
			if len(s.text) > limit || len(s.ends) > maxCells {
				return nil, fault.New(fault.Invalid, "tabfile.unpacks_too_big", "file", b.file, "part", b.strings, "mib", limit>>20)
			}
		}
	}
}

func (s *sharedTexts) at(number string) (string, error) {
	i, err := strconv.Atoi(strings.TrimSpace(number))
	if err != nil || i < 0 || i >= len(s.ends) {
		return "", fmt.Errorf("text %q of %d", number, len(s.ends))
	}
	start := 0
	if i > 0 {
		start = s.ends[i-1]
	}
	return unescaped(string(s.text[start:s.ends[i]])), nil
}
