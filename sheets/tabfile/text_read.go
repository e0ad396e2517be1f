package tabfile

import (
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"

	"uratori/internal/fault"
)

// textRows reads CSV and TSV with encoding/csv, and gives back the empty
// lines that it swallows: they are rows.
type textRows struct {
	src    *decoded
	meter  *meter
	parser *csv.Reader
	row    int // number of the row that was read last
	line   int // the line that it ended on
}

func openText(src io.ReadSeeker, file string, comma rune, asked Encoding) (*textRows, error) {
	encoding, err := detect(src, file, asked)
	if err != nil {
		return nil, err
	}
	t := &textRows{src: decode(src, file, encoding)}
	t.meter = &meter{src: t.src}
	t.parser = csv.NewReader(t.meter)
	t.parser.Comma = comma
	t.parser.FieldsPerRecord = -1
	return t, nil
}

func (t *textRows) next() (int, []string, error) {
	t.meter.left = maxRowBytes
	cells, err := t.parser.Read()
	if err != nil {
		return 0, nil, t.explain(err)
	}
	start, _ := t.parser.FieldPos(0)
	t.row += start - t.line
	t.line = start
	for _, cell := range cells {
		t.line += strings.Count(cell, "\n")
	}
	if t.src.lines == 0 && slices.ContainsFunc(cells, func(c string) bool { return strings.Contains(c, "\r") }) {
		return 0, nil, fault.New(fault.Invalid, "tabfile.cr_lines", "file", t.src.file)
	}
	return t.row, cells, nil
}

// explain tells why the parser stopped. What stopped its input comes before
// what it thought of the row that was cut off by that.
func (t *textRows) explain(err error) error {
	if t.src.err != nil && !errors.Is(t.src.err, io.EOF) {
		return t.src.err
	}
	if errors.Is(err, errTooLong) {
		return fault.New(fault.Invalid, "tabfile.row_too_long", "file", t.src.file, "line", t.line+1, "mib", maxRowBytes>>20)
	}
	broken, ok := errors.AsType[*csv.ParseError](err)
	switch {
	case !ok:
		return err
	case errors.Is(broken, csv.ErrBareQuote):
		return fault.New(fault.Invalid, "tabfile.stray_quote", "file", t.src.file, "line", broken.Line, "byte", broken.Column)
	default:
		return fault.New(fault.Invalid, "tabfile.broken_quote", "file", t.src.file, "start", broken.StartLine, "line", broken.Line)
	}
}

var errTooLong = errors.New("longer than allowed")

// meter stops what has no end.
type meter struct {
	src  io.Reader
	left int
}

func (m *meter) Read(p []byte) (int, error) {
	if m.left <= 0 {
		return 0, errTooLong
	}
	n, err := m.src.Read(p)
	m.left -= n
	return n, err
}
