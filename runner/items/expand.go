package items

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"unicode"
	"unicode/utf8"

	"github.com/bmatcuk/doublestar/v4"

	"uratori/internal/fault"
)

// Expand finds the files that patterns name: paths and globs (*, ?, [a-z],
// {a,b}, **), absolute or relative to the absolute folder cwd. They come in
// natural order (p2 before p10), each once, without outputs.
//
// A glob means what it means in a shell: a name that begins with a dot is
// matched by a dot alone, and ** enters no folder through a link. Folders,
// pipes and devices that a glob matches are skipped. What is there under the
// very name that was given is that file, even if its name looks like a glob.
// A ".." is taken out of the text, so cwd should have no links in it.
//
// An input that would be passed over in silence is a fault instead: a pattern
// without a file, a folder that cannot be read, a link that leads nowhere, a
// name that no list can hold, more than [Most].
func Expand(ctx context.Context, cwd string, patterns []string) ([]Item, error) {
	f := finder{ctx: ctx, cwd: cwd, found: map[string]bool{}}
	for _, pattern := range patterns {
		if err := f.find(pattern); err != nil {
			return nil, err
		}
	}
	paths := make([]string, 0, len(f.found))
	for path := range f.found {
		paths = append(paths, path)
	}
	slices.SortFunc(paths, natural)
	found := make([]Item, len(paths))
	for i, path := range paths {
		found[i] = Item{Index: i + 1, Path: path}
	}
	return found, nil
}

// longestPath is PATH_MAX without its NUL, in bytes.
const longestPath = 4095

type finder struct {
	ctx     context.Context // of the one call that a finder lives for
	cwd     string
	found   map[string]bool
	files   int // of the pattern in hand, those found before too
	folders int // of the pattern in hand, which were skipped
}

func (f *finder) find(pattern string) error {
	if pattern == "" || !clean(pattern) || len(pattern) > longestPath {
		return fault.New(fault.Invalid, "items.bad_pattern", "pattern", shown(pattern))
	}
	f.files, f.folders = 0, 0
	if f.plain(pattern) {
		return f.findPlain(pattern)
	}
	if !doublestar.ValidatePattern(pattern) {
		return fault.New(fault.Invalid, "items.bad_pattern", "pattern", shown(pattern))
	}
	simple, ok := alternatives(pattern)
	if !ok {
		return fault.New(fault.Invalid, "items.many_alternatives", "pattern", shown(pattern), "most", mostAlternatives)
	}
	for _, one := range simple {
		dir := f.cwd
		if filepath.IsAbs(one) {
			dir = "/"
		}
		rest := segments(one)
		if slices.ContainsFunc(rest, func(s string) bool { return !doublestar.ValidatePattern(s) }) {
			return fault.New(fault.Invalid, "items.bad_pattern", "pattern", shown(pattern)) // a separator in brackets
		}
		if strings.HasSuffix(one, "/") || len(rest) == 0 {
			continue // asks for folders
		}
		if err := f.walk(dir, nil, rest); err != nil {
			return err
		}
	}
	switch {
	case f.files > 0:
		return nil
	case f.folders > 0:
		return fault.New(fault.Invalid, "items.only_folders", "pattern", shown(pattern))
	}
	return fault.New(fault.NotFound, "items.no_match", "pattern", shown(pattern), "folder", f.cwd)
}

// plain tells whether pattern is the name of one file.
func (f *finder) plain(pattern string) bool {
	if !strings.ContainsAny(pattern, `*?[{\`) {
		return true
	}
	if _, err := os.Lstat(f.absolute(pattern)); err != nil {
		return false
	}
	// A file called *.png is no reason to leave the other pictures out.
	itself, err := doublestar.Match(pattern, pattern)
	return err != nil || !itself
}

func (f *finder) absolute(path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(f.cwd, path)
}

func (f *finder) findPlain(pattern string) error {
	path := f.absolute(pattern)
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && isLink(path):
		return fault.New(fault.NotFound, "items.dangling", "path", shown(path))
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return fault.New(fault.NotFound, "items.no_file", "path", shown(path))
	case err != nil:
		return fault.New(fault.Unavailable, "items.unreadable", "path", shown(path)).Wrap(reasonOf(err))
	case info.IsDir():
		return fault.New(fault.Invalid, "items.is_folder", "path", shown(path))
	case !info.Mode().IsRegular():
		return fault.New(fault.Invalid, "items.not_file", "path", shown(path))
	}
	return f.add(path)
}

// walk follows the segments of a pattern from dir on. entries are those of
// dir, nil when they have not been read.
func (f *finder) walk(dir string, entries []fs.DirEntry, rest []string) error {
	segment, last := rest[0], len(rest) == 1
	if !strings.ContainsAny(segment, `*?[\`) { // also "..", which no folder lists
		path := filepath.Join(dir, segment)
		if !last {
			return f.walk(path, nil, rest[1:])
		}
		info, err := os.Lstat(path)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
			return nil
		}
		if err != nil {
			return fault.New(fault.Unavailable, "items.unreadable", "path", shown(path)).Wrap(reasonOf(err))
		}
		return f.take(path, info.Mode())
	}
	if entries == nil {
		var err error
		if entries, err = f.list(dir); err != nil {
			return err
		}
	}
	if segment == "**" {
		below := rest[1:]
		if last {
			below = []string{"*"} // ** alone means every file, however deep
		}
		if err := f.walk(dir, entries, below); err != nil {
			return err
		}
		for _, e := range entries {
			if e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
				if err := f.walk(filepath.Join(dir, e.Name()), nil, rest); err != nil {
					return err
				}
			}
		}
		return nil
	}
	hidden := strings.HasPrefix(segment, ".") || strings.HasPrefix(segment, `\.`)
	for _, e := range entries {
		name := e.Name()
		if strings.HasPrefix(name, ".") && !hidden {
			continue
		}
		if matched, err := doublestar.Match(segment, name); err != nil || !matched {
			continue // the pattern was found valid before
		}
		path := filepath.Join(dir, name)
		var err error
		if last {
			err = f.take(path, e.Type())
		} else if leadsToFolder(path, e) {
			err = f.walk(path, nil, rest[1:])
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (f *finder) list(dir string) ([]fs.DirEntry, error) {
	if err := context.Cause(f.ctx); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return nil, nil
	case err != nil:
		return nil, fault.New(fault.Unavailable, "items.unreadable", "path", shown(dir)).Wrap(reasonOf(err))
	case entries == nil:
		entries = []fs.DirEntry{}
	}
	return entries, nil
}

// take adds what a glob matched, if it is a file.
func (f *finder) take(path string, mode fs.FileMode) error {
	if mode&fs.ModeSymlink != 0 {
		info, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) {
			return fault.New(fault.NotFound, "items.dangling", "path", shown(path))
		}
		if err != nil {
			return fault.New(fault.Unavailable, "items.unreadable", "path", shown(path)).Wrap(reasonOf(err))
		}
		mode = info.Mode()
	}
	if mode.IsDir() {
		f.folders++
	}
	if !mode.IsRegular() {
		return nil
	}
	return f.add(path)
}

func (f *finder) add(path string) error {
	if !clean(path) {
		return fault.New(fault.Invalid, "items.bad_name", "path", shown(path))
	}
	f.files++
	f.found[path] = true
	if len(f.found) > Most {
		return fault.New(fault.Invalid, "items.too_many", "most", Most)
	}
	return nil
}

func leadsToFolder(path string, e fs.DirEntry) bool {
	if e.Type()&fs.ModeSymlink == 0 {
		return e.IsDir()
	}
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func isLink(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode()&fs.ModeSymlink != 0
}

// clean tells whether s can stand in a list of one path a line, whoever reads
// it: Python takes several other characters for the end of a line too.
func clean(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || r == '\u2028' || r == '\u2029'
	})
}

// reasonOf is the bare reason of an error of the disk: the sentence round it
// names the path already.
func reasonOf(err error) error {
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		return errno
	}
	return err
}

// shown makes s fit for a sentence.
func shown(s string) string {
	const most = 300 // characters
	if len(s) > 4*most || utf8.RuneCountInString(s) > most {
		r := []rune(s[:min(len(s), 4*most)])
		s = string(r[:min(len(r), most)]) + "…"
	}
	if !clean(s) {
		return strconv.QuoteToASCII(s)
	}
	return s
}
