package tabfile

import (
	"bytes"
	"errors"
	"io"
)

// The limits, for tests that go up to them.
const (
	MaxColumns  = maxColumns
	MaxRowBytes = maxRowBytes
)

// ReadBytes reads a table that is no file, as fuzzing wants it.
func ReadBytes(name string, src *bytes.Reader, opts ReadOptions) ([][]string, error) {
	format, err := FormatOf(name)
	if err != nil {
		return nil, err
	}
	r, err := newReader(src, src.Size(), name, format, opts)
	if err != nil {
		return nil, err
	}
	var rows [][]string
	for {
		row, err := r.Next()
		switch {
		case errors.Is(err, io.EOF):
			return rows, nil
		case err != nil:
			return rows, err
		}
		rows = append(rows, row)
	}
}

// WriteBytes writes a table that becomes no file.
func WriteBytes(name string, rows [][]string, opts WriteOptions) ([]byte, error) {
	format, err := formatOf(name, opts.Format)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	to, err := newSink(&out, name, format, opts)
	if err != nil {
		return nil, err
	}
	for i, row := range rows {
		if err := to.write(i+1, row); err != nil {
			return nil, err
		}
	}
	err = to.finish()
	return out.Bytes(), err
}

// HoldTexts reads the shared texts of a workbook within limit bytes.
func HoldTexts(src *bytes.Reader, limit int) error {
	b, err := openBook(src, src.Size(), "a.xlsx")
	if err != nil {
		return err
	}
	_, err = b.sharedTexts(limit)
	return err
}
