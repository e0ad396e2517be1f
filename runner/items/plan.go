package items

import (
	"context"
	"os"
	"path/filepath"
	"syscall"

	"uratori/internal/fault"
)

// Plan is what a task makes of its items. It is made when the task is queued,
// and again whenever it is needed, of what was kept: cwd, [Plan.Paths] and the
// templates.
type Plan struct {
	Cwd     string   `json:"cwd"`               // absolute
	Outputs []string `json:"outputs,omitempty"` // templates
	Items   []Item   `json:"items"`
}

// NewPlan gives the items that were found their outputs. It refuses with a
// fault what would lose work or could not be told apart: an unknown
// placeholder, two outputs in one place, an output in the place of an input.
// Links and file systems that ignore case are looked through for that.
func NewPlan(cwd string, found []Item, outputs []string) (*Plan, error) {
	paths := make([]string, len(found))
	for i, it := range found {
		paths[i] = it.Path
	}
	p, err := Recall(cwd, paths, outputs)
	if err != nil {
		return nil, err
	}
	return p, p.check()
}

// Recall makes the plan anew of what was kept of it. No disk is asked, so it
// is the same plan whatever has happened to the files.
func Recall(cwd string, paths, outputs []string) (*Plan, error) {
	templates := make([]template, len(outputs))
	for i, text := range outputs {
		t, err := parseTemplate(text)
		if err != nil {
			return nil, err
		}
		templates[i] = t
	}
	p := &Plan{Cwd: cwd, Outputs: outputs, Items: make([]Item, len(paths))}
	for i, path := range paths {
		it := Item{Index: i + 1, Path: path}
		v := valuesOf(cwd, it, len(paths))
		for _, t := range templates {
			output, err := t.fill(cwd, v)
			if err != nil {
				return nil, err
			}
			it.Outputs = append(it.Outputs, output)
		}
		p.Items[i] = it
	}
	return p, nil
}

// Paths are the inputs, in order.
func (p *Plan) Paths() []string {
	paths := make([]string, len(p.Items))
	for i, it := range p.Items {
		paths[i] = it.Path
	}
	return paths
}

// MakeFolders makes the folders that the outputs go into. Commands seldom do
// it themselves.
func MakeFolders(ctx context.Context, list []Item) error {
	made := map[string]bool{}
	for _, it := range list {
		for _, output := range it.Outputs {
			dir := filepath.Dir(output)
			if made[dir] {
				continue
			}
			if err := context.Cause(ctx); err != nil {
				return err
			}
			if err := makeFolder(dir); err != nil {
				return fault.New(fault.Failed, "items.no_folder", "folder", shown(dir)).Wrap(reasonOf(err))
			}
			made[dir] = true
		}
	}
	return nil
}

// makeFolder gives a new folder the rights that it would have from the command
// of a task: the daemon keeps its own files to itself, and these are not its
// own.
func makeFolder(dir string) error {
	const rights = 0o755
	info, err := os.Stat(dir)
	if err == nil && !info.IsDir() {
		return syscall.ENOTDIR
	}
	if err == nil || !gone(err) {
		return err
	}
	if err := makeFolder(filepath.Dir(dir)); err != nil {
		return err
	}
	if err := os.Mkdir(dir, rights); err != nil {
		if info, now := os.Stat(dir); now == nil && info.IsDir() {
			return nil // somebody else was quicker
		}
		return err
	}
	return os.Chmod(dir, rights)
}
