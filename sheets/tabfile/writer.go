package tabfile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"unicode/utf8"

	"uratori/internal/fault"
)

// WriteOptions says how to write a file.
type WriteOptions struct {
	Format Format // "" goes by the name of the file
	// Encoding of a CSV or TSV. "" is [UTF8Mark]: Excel in Japan takes a CSV
	// without a mark for Shift_JIS when it is double-clicked, and everything
	// else that reads UTF-8 passes over the mark.
	Encoding  Encoding
	CRLF      bool   // CSV and TSV: rows end with CRLF instead of LF; breaks inside cells stay LF
	Sheet     string // XLSX: the name of the tab, "" is Sheet1
	Overwrite bool   // an existing file is replaced
}

// Writer writes a table row by row into a new file, which stands at its place
// whole after Close and does not before. It is not for concurrent use.
type Writer struct {
	target    string
	overwrite bool
	temp      *os.File
	rows      sink
	limits    limits
	row       int
	err       error // what Write and Close return from now on
}

// sink is a table as its format tells it.
type sink interface {
	write(row int, cells []string) error
	finish() error
}

// Create begins a table that will stand at path. The caller ends it with
// [Writer.Close] or [Writer.Discard].
//
// A new file is for its owner only (0600), as the table may be; one that is
// replaced keeps its permissions. A symbolic link is followed.
func Create(path string, opts WriteOptions) (*Writer, error) {
	format, err := formatOf(path, opts.Format)
	if err != nil {
		return nil, err
	}
	w := &Writer{target: path, overwrite: opts.Overwrite, limits: limits{file: path}}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		w.target = real
	}
	mode, err := w.checkTarget()
	if err != nil {
		return nil, err
	}
	w.temp, err = os.CreateTemp(filepath.Dir(w.target), "."+filepath.Base(w.target)+".*.part")
	if err != nil {
		return nil, w.failed(err)
	}
	if mode != 0 {
		err = w.temp.Chmod(mode)
	}
	if err == nil {
		w.rows, err = newSink(w.temp, path, format, opts)
	}
	if err != nil {
		return nil, w.stop(err)
	}
	return w, nil
}

func newSink(to io.Writer, file string, format Format, opts WriteOptions) (sink, error) {
	encoding, err := encodingOf(opts.Encoding)
	switch {
	case err != nil:
		return nil, err
	case format == XLSX && encoding != "":
		return nil, fault.New(fault.Invalid, "tabfile.no_encoding_here", "file", file)
	case format != XLSX && opts.Sheet != "":
		return nil, fault.New(fault.Invalid, "tabfile.no_tabs_here", "file", file)
	case format == XLSX:
		return createBook(to, file, opts.Sheet)
	case encoding == "":
		encoding = UTF8Mark
	}
	return createText(to, file, format.comma(), encoding, opts.CRLF), nil
}

// checkTarget tells whether the target may be written, and the permissions of
// the one that is there.
func (w *Writer) checkTarget() (fs.FileMode, error) {
	info, err := os.Lstat(w.target)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return 0, nil
	case err != nil:
		return 0, w.failed(err)
	case !info.Mode().IsRegular():
		return 0, fault.New(fault.Invalid, "tabfile.not_a_file", "file", w.target)
	case !w.overwrite:
		return 0, fault.New(fault.Conflict, "tabfile.exists", "file", w.target)
	}
	return info.Mode().Perm(), nil
}

// Write adds a row. A cell that the format or the encoding cannot hold is a
// fault with its row and column, and the end of this file: nothing appears.
func (w *Writer) Write(cells []string) error {
	if w.err != nil {
		return w.err
	}
	w.row++
	cells = trimmed(cells)
	if err := w.check(cells); err != nil {
		return w.stop(err)
	}
	if err := w.rows.write(w.row, cells); err != nil {
		return w.stop(err)
	}
	return nil
}

func (w *Writer) check(cells []string) error {
	for i, cell := range cells {
		if !utf8.ValidString(cell) {
			return fault.New(fault.Invalid, "tabfile.not_text", "file", w.limits.file, "row", w.row, "column", columnName(i+1))
		}
	}
	return w.limits.pass(w.row, 0, cells)
}

// Close finishes the file and puts it at its place, durably. After an error
// there is no new file, and what stood there before still does.
func (w *Writer) Close() error {
	if w.err != nil {
		return w.err
	}
	err := w.rows.finish()
	if err == nil {
		err = w.temp.Sync()
	}
	if err == nil {
		err = w.place()
	}
	if err != nil {
		return w.stop(err)
	}
	w.err = os.ErrClosed
	if err := errors.Join(w.temp.Close(), syncFolder(filepath.Dir(w.target))); err != nil {
		return fault.New(fault.Failed, "tabfile.unplaced", "file", w.target).Wrap(err)
	}
	return nil
}

// place gives the finished file its name. A link, unlike a rename, refuses a
// file that appeared in the meantime; where there are no links, looking once
// more is as good as it gets.
func (w *Writer) place() error {
	if !w.overwrite {
		err := os.Link(w.temp.Name(), w.target)
		if err == nil {
			return os.Remove(w.temp.Name())
		}
		if _, err := w.checkTarget(); err != nil {
			return err
		}
	}
	return os.Rename(w.temp.Name(), w.target)
}

func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// Discard gives the file up, if it was not closed already: nothing appears.
// It is made to be deferred.
func (w *Writer) Discard() {
	if w.err == nil {
		_ = w.stop(os.ErrClosed)
	}
}

// stop takes away what was written so far, because of err.
func (w *Writer) stop(err error) error {
	if fault.KindOf(err) == fault.Failed {
		err = w.failed(err)
	}
	w.err = err
	_ = w.temp.Close()
	_ = os.Remove(w.temp.Name())
	return w.err
}

func (w *Writer) failed(err error) error {
	return fault.New(fault.Failed, "tabfile.unwritable", "file", w.target).Wrap(err)
}
