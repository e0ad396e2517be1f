package tabfile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"

	"uratori/internal/fault"
)

// ReadOptions says how to read a file. The zero value finds everything out.
type ReadOptions struct {
	Encoding Encoding // CSV and TSV: "" detects; names such as "cp932" and "sjis" are known
	Sheet    string   // XLSX: the tab, in any case of letters, hidden or not; "" is the first visible one
}

// Reader hands out a table row by row. It is not for concurrent use.
type Reader struct {
	file   io.Closer
	rows   source
	limits limits

	row  int // rows that were handed out
	held struct {
		row   int // its number, from 1
		cells []string
	}
	err error
}

// source is a file as its format tells it: rows with their numbers, which
// rise, and whose gaps are empty rows.
type source interface {
	next() (row int, cells []string, err error)
}

// Open opens the table at path. The caller closes the reader.
//
// Without an encoding a CSV is read to its end here, so that one with a byte
// that is neither UTF-8 nor Shift_JIS is refused before its first row. All
// other faults of the contents come from [Reader.Next].
func Open(path string, opts ReadOptions) (*Reader, error) {
	format, err := FormatOf(path)
	if err != nil {
		return nil, err
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, unopened(path, err)
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fault.New(fault.Invalid, "tabfile.not_a_file", "file", path)
	}
	if err != nil {
		return nil, errors.Join(unopened(path, err), file.Close())
	}
	r, err := newReader(file, info.Size(), path, format, opts)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	r.file = file
	return r, nil
}

// unopened is err as a fault about the file at path.
func unopened(path string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fault.New(fault.NotFound, "tabfile.no_file", "file", path)
	case fault.KindOf(err) == fault.Invalid:
		return err
	default:
		return fault.New(fault.Failed, "tabfile.unreadable", "file", path).Wrap(err)
	}
}

// seekable is what the formats want of a file.
type seekable interface {
	io.ReadSeeker
	io.ReaderAt
}

func newReader(src seekable, size int64, name string, format Format, opts ReadOptions) (*Reader, error) {
	asked, err := encodingOf(opts.Encoding)
	if err != nil {
		return nil, err
	}
	if format == XLSX && asked != "" {
		return nil, fault.New(fault.Invalid, "tabfile.no_encoding_here", "file", name)
	}
	if format != XLSX && opts.Sheet != "" {
		return nil, fault.New(fault.Invalid, "tabfile.no_tabs_here", "file", name)
	}
	r := &Reader{limits: limits{file: name}}
	if format == XLSX {
		r.rows, err = openSheet(src, size, name, opts.Sheet)
	} else {
		r.rows, err = openText(src, name, format.comma(), asked)
	}
	if err != nil {
		return nil, err
	}
	return r, nil
}

// Next is the next row, without empty cells at its end: an empty row is an
// empty slice, and rows may differ in length. The slice is the caller's.
// After the last row that has a cell it is [io.EOF]. After an error it is
// that error again.
func (r *Reader) Next() ([]string, error) {
	if r.held.cells == nil {
		if err := r.advance(); err != nil {
			return nil, err
		}
	}
	r.row++
	if r.row < r.held.row {
		return []string{}, nil
	}
	cells := r.held.cells
	r.held.cells = nil
	return cells, nil
}

// advance holds the next row that is not empty.
func (r *Reader) advance() error {
	for r.err == nil {
		row, cells, err := r.rows.next()
		if err != nil {
			r.err = err
			break
		}
		if cells = trimmed(cells); len(cells) == 0 {
			continue
		}
		for i := range cells {
			cells[i] = unifyBreaks(cells[i])
		}
		if r.err = r.limits.pass(row, row-r.row-1, cells); r.err == nil {
			r.held.row, r.held.cells = row, cells
			return nil
		}
	}
	return r.err
}

// Encoding is the encoding of a CSV or TSV, and "" of a workbook.
func (r *Reader) Encoding() Encoding {
	if t, ok := r.rows.(*textRows); ok {
		return t.src.encoding
	}
	return ""
}

// Formulas is how many formulas were read as their values up to now.
func (r *Reader) Formulas() int {
	if s, ok := r.rows.(*sheetRows); ok {
		return s.formulas
	}
	return 0
}

// Close closes the file.
func (r *Reader) Close() error { return r.file.Close() }

// unifyBreaks makes the line breaks of a cell LF, also those that were made
// CRLF twice over. A CR alone is text.
func unifyBreaks(s string) string {
	if !strings.Contains(s, "\r\n") {
		return s
	}
	var out strings.Builder
	for line := range strings.SplitAfterSeq(s, "\n") {
		if text, ended := strings.CutSuffix(line, "\n"); ended {
			line = strings.TrimRight(text, "\r") + "\n"
		}
		out.WriteString(line)
	}
	return out.String()
}
