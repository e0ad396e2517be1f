package items

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"uratori/internal/fault"
)

// check refuses outputs that would be written over each other or over an
// input. The disk is asked once per folder.
func (p *Plan) check() error {
	if len(p.Outputs) == 0 {
		return nil
	}
	real := realPaths{folders: map[string]*folder{}}
	inputs := make(map[string]Item, len(p.Items)) // by their real paths
	for _, it := range p.Items {
		inputs[it.Path] = it
		inputs[real.of(it.Path)] = it
	}
	makers := map[string]Item{}    // by the real paths of outputs
	anyCase := map[string]string{} // the output with that name in small letters
	var order []string
	for _, it := range p.Items {
		for _, output := range it.Outputs {
			place := real.of(output)
			if input, ok := inputs[place]; ok {
				return overInput(output, it, input)
			}
			small := strings.ToLower(place)
			if other, ok := anyCase[small]; ok && (other == place || real.caseless(filepath.Dir(place))) {
				return overOutput(output, it, makers[other])
			}
			anyCase[small], makers[place] = place, it
			order = append(order, place)
		}
	}
	return checkFolders(order, makers, inputs)
}

func overInput(output string, it, input Item) error {
	return fault.New(fault.Invalid, "items.output_is_input", "output", shown(output), "item", shown(it.Path), "input", shown(input.Path))
}

func overOutput(output string, it, other Item) error {
	if it.Index == other.Index {
		return fault.New(fault.Invalid, "items.same_template", "output", shown(output), "item", shown(it.Path))
	}
	return fault.New(fault.Invalid, "items.same_output", "output", shown(output), "item", shown(other.Path), "other", shown(it.Path))
}

// checkFolders refuses an output that must be a folder too, for another one to
// lie in it, and one that lies in an input.
func checkFolders(outputs []string, makers, inputs map[string]Item) error {
	looked := map[string]bool{}
	for _, output := range outputs {
		for dir := filepath.Dir(output); dir != "/" && !looked[dir]; dir = filepath.Dir(dir) {
			looked[dir] = true
			_, made := makers[dir]
			if _, given := inputs[dir]; made || given {
				return fault.New(fault.Invalid, "items.output_in_file", "output", shown(output), "item", shown(makers[output].Path), "file", shown(dir))
			}
		}
	}
	return nil
}

// realPaths finds the file that a path leads to, be it there or not.
type realPaths struct{ folders map[string]*folder }

type folder struct {
	real     string          // without links
	links    map[string]bool // the names in it that are links
	ignoring *bool           // whether it ignores case; nil: not looked yet
}

func (r realPaths) of(path string) string {
	dir := r.folder(filepath.Dir(path))
	name := filepath.Base(path)
	if dir.links[name] {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			return real
		}
	}
	return filepath.Join(dir.real, name)
}

func (r realPaths) folder(path string) *folder {
	if f, ok := r.folders[path]; ok {
		return f
	}
	f := &folder{real: path, links: map[string]bool{}}
	r.folders[path] = f
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		if path != "/" {
			f.real = filepath.Join(r.folder(filepath.Dir(path)).real, filepath.Base(path))
		}
		return f
	}
	f.real = real
	// What cannot be read is judged by its name alone.
	entries, _ := os.ReadDir(real)
	for _, e := range entries {
		if e.Type()&fs.ModeSymlink != 0 {
			f.links[e.Name()] = true
		}
	}
	return f
}

// caseless tells whether a folder takes names that differ in case for one, as
// folders of Windows do; of one that is not there, whether the nearest above
// does.
func (r realPaths) caseless(dir string) bool {
	f := r.folder(dir)
	if f.ignoring == nil {
		ignoring := ignoresCase(dir)
		f.ignoring = &ignoring
	}
	return *f.ignoring
}

func ignoresCase(dir string) bool {
	for {
		entries, err := os.ReadDir(dir)
		if err == nil {
			for _, e := range entries {
				if other := swapCase(e.Name()); other != e.Name() {
					return sameFile(filepath.Join(dir, e.Name()), filepath.Join(dir, other))
				}
			}
		}
		if dir == "/" {
			return false
		}
		// An empty folder: its own name stands in the one above.
		if other := swapCase(filepath.Base(dir)); other != filepath.Base(dir) && err == nil {
			return sameFile(dir, filepath.Join(filepath.Dir(dir), other))
		}
		dir = filepath.Dir(dir)
	}
}

func swapCase(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsUpper(r) {
			return unicode.ToLower(r)
		}
		return unicode.ToUpper(r)
	}, s)
}

func sameFile(a, b string) bool {
	x, errX := os.Lstat(a)
	y, errY := os.Lstat(b)
	return errX == nil && errY == nil && os.SameFile(x, y)
}
