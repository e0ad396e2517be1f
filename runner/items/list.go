package items

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"uratori/internal/fault"
)

// WriteList keeps paths in a file, one a line, and returns when it is on the
// disk. Whoever reads it meanwhile sees the old list or the new one, whole.
// There may be one writer at a time.
func WriteList(file string, paths []string) error {
	if err := writeList(file, paths); err != nil {
		return fault.New(fault.Failed, "items.unwritable", "path", shown(file)).Wrap(reasonOf(err))
	}
	return nil
}

func writeList(file string, paths []string) (err error) {
	return replace(file, func(w *bufio.Writer) error {
		for _, path := range paths {
			if !clean(path) {
				return fmt.Errorf("%q cannot be a line of a list", path) // Expand lets none through
			}
			w.WriteString(path) //nolint:errcheck // a bufio.Writer keeps its first error for Flush
			w.WriteByte('\n')   //nolint:errcheck // as above
		}
		return nil
	})
}

// replace puts a new file in the place of file, durably.
func replace(file string, write func(*bufio.Writer) error) (err error) {
	part := file + ".part"
	f, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	if err := errors.Join(write(w), w.Flush(), f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(part))
	}
	if err := os.Rename(part, file); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(file))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// ReadList reads what [WriteList] wrote. Whoever changed the file by hand gets
// a fault for what no list can hold.
func ReadList(file string) ([]string, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, fault.New(fault.Failed, "items.unreadable", "path", shown(file)).Wrap(reasonOf(err))
	}
	text := string(raw)
	if text != "" && !strings.HasSuffix(text, "\n") {
		return nil, fault.New(fault.Failed, "items.unreadable", "path", shown(file)).Wrap(io.ErrUnexpectedEOF)
	}
	var paths []string
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if !clean(line) || !filepath.IsAbs(line) {
			return nil, fault.New(fault.Failed, "items.unreadable", "path", shown(file)).Wrap(fmt.Errorf("line %d: %w", len(paths)+1, fs.ErrInvalid))
		}
		paths = append(paths, line)
	}
	return paths, nil
}

func pathsOf(list []Item) []string {
	paths := make([]string, len(list))
	for i, it := range list {
		paths[i] = it.Path
	}
	return paths
}
