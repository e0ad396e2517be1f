package local

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"uratori/factcheck/gate"
	"uratori/internal/fault"
)

// list finds what a pattern names that is no folder, in the order of the
// names. A glob means what it means in a shell: a name that begins with a dot
// is matched by a dot alone, and no folder is entered through a link that the
// pattern does not name. What Python and Node leave behind beside the files
// that they are run on (__pycache__, node_modules) is entered only by name. A
// folder that cannot be read is an error, since something may be in it.
func (t *tree) list(ctx context.Context, p gate.Pattern) ([]place, error) {
	return t.find(ctx, p, false)
}

// find is list, or its like for folders.
func (t *tree) find(ctx context.Context, p gate.Pattern, folders bool) ([]place, error) {
	if literal, ok := p.Literal(); ok {
		at := place{p.Workspace, literal}
		_, err := t.stat(at)
		if gone(err) {
			return nil, nil
		}
		if err != nil {
			return nil, unlooked(at, err)
		}
		return []place{at}, nil
	}
	base, rest := doublestar.SplitPattern(p.Glob)
	w := walker{tree: t, workspace: p.Workspace, glob: p.Glob, depth: depthOf(rest), hidden: hidden(p.Glob), folders: folders}
	for _, name := range []string{"__pycache__", "node_modules"} {
		if !strings.Contains(p.Glob, name) {
			w.skip = append(w.skip, name)
		}
	}
	if err := w.walk(ctx, unescaped(base), 1); err != nil {
		return nil, err
	}
	return w.found, nil
}

// unescaped is the folder that a pattern without signs means.
func unescaped(base string) string {
	literal, _ := gate.Pattern{Glob: base}.Literal()
	if literal == "" {
		return "."
	}
	return literal
}

// depthOf is how many folders deep a pattern can reach, 0 for any number.
func depthOf(pattern string) int {
	braces := 0
	for _, r := range pattern {
		switch r {
		case '{':
			braces++
		case '}':
			braces--
		case '/':
			if braces > 0 {
				return 0
			}
		}
	}
	if strings.Contains(pattern, "**") {
		return 0
	}
	return 1 + strings.Count(pattern, "/")
}

// hidden tells whether a pattern asks for names that begin with a dot.
func hidden(pattern string) bool {
	return strings.HasPrefix(pattern, ".") && pattern != "." || strings.Contains(pattern, "/.") || strings.Contains(pattern, "{.") ||
		strings.Contains(pattern, ",.") || strings.Contains(pattern, `\.`)
}

type walker struct {
	tree      *tree
	workspace bool
	glob      string
	depth     int // 0: any
	hidden    bool
	skip      []string
	folders   bool // are looked for, and files are not
	found     []place
}

func (w *walker) walk(ctx context.Context, folder string, level int) error {
	at := place{w.workspace, folder}
	entries, err := w.tree.entries(ctx, at)
	if err != nil {
		return err
	}
	for _, e := range entries {
		name := e.Name()
		if strings.HasPrefix(name, ".") && !w.hidden {
			continue
		}
		file := path.Join(folder, name)
		matched, err := doublestar.Match(w.glob, file)
		if err != nil {
			return err
		}
		if matched && e.IsDir() == w.folders {
			w.found = append(w.found, place{w.workspace, file})
		}
		if e.IsDir() {
			if (w.depth == 0 || level < w.depth) && !slices.Contains(w.skip, name) {
				if err := w.walk(ctx, file, level+1); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// entries lists a folder, sorted; none where there is no such folder.
func (t *tree) entries(ctx context.Context, at place) (entries []fs.DirEntry, err error) {
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	err = t.reach(at, func(root *os.Root, path string) error {
		entries, err = fs.ReadDir(root.FS(), path)
		return err
	})
	if gone(err) {
		return nil, nil
	}
	if err != nil {
		return nil, unlooked(at, err)
	}
	return entries, nil
}

// unlooked tells that a place could not be looked at.
func unlooked(at place, err error) error {
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return err
	}
	return fault.New(fault.Unavailable, "local.unreadable", "path", shown(at.String())).Wrap(bare(err))
}

// bare is the reason of an error of the disk: the sentence round it names the
// path already.
func bare(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}
