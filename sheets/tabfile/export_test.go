package tabfile

import (
	"bytes"
	"errors"
	"io"
)

// ReadBytes reads a table that is no file, as fuzzing wants it.
func ReadBytes(name string, src *bytes.Reader, opts ReadOptions) ([][]string, error) {
	format, err := formatOf(name, opts.Format)
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
