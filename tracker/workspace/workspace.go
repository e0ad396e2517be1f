// Package workspace gives each ticket a folder of its own, which begins with
// a statement of work and an implementation plan.
//
// People and agents work in that folder, so what this package promises is
// about what it leaves alone:
//
//   - Nothing is made outside of the folder that [Site.Place] told, by ".." or
//     by a link, not even when somebody swaps a folder for a link meanwhile.
//   - What is there stays as it is, whoever made it. A file that [Make] made is
//     there with all of its text, or not at all.
//   - What [Make] reports as made is on the disk, at the path that it reports.
//   - The texts of a ticket are data: they stand in the files to the letter.
//
// Folders get mode 0755 and files 0644, less the umask: work products are for
// the user's other tools too. What lies in the uratori home is private by the
// mode of the home.
package workspace

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"uratori/internal/fault"
	"uratori/internal/phrase"
)

const (
	folderMode = 0o755
	fileMode   = 0o644
)

// Request is a ticket that wants its folder.
type Request struct {
	Place     Place
	Summary   string
	Detail    string
	Templates string      // folder with SOW.md and IMPLEMENTATION_PLAN.md; those it lacks, or all when empty, are our own
	Lang      phrase.Lang // of our own templates
	Now       time.Time   // {date} is its day where it is
}

// Made is what [Make] found and did. The names are those of files in Path.
type Made struct {
	Path    string
	Created []string
	Kept    []string // were there before, or were made by another at the same moment
}

// Make makes the folder of a ticket and the files it begins with, where they
// are not there yet; it can be repeated, and by several at once. Faulty
// templates are found before anything is made. After another error, Made
// tells what was made so far, and that stays.
func Make(ctx context.Context, r Request) (made Made, err error) {
	made.Path = r.Place.Path()
	if r.Place.id == "" {
		return made, errors.New("make a workspace: the place is empty; take one from Site.Place")
	}
	documents, err := documents(r)
	if err != nil {
		return made, err
	}
	folder, above, err := r.Place.open(ctx)
	defer func() {
		for _, f := range above {
			_ = f.Close() // only synced
		}
	}()
	if err != nil {
		return made, err
	}
	defer folder.Close() //nolint:errcheck // what was written is synced before
	var wanted []document
	for _, d := range documents {
		there, err := has(folder, made.Path, d.name)
		switch {
		case err != nil:
			return made, explain(filepath.Join(made.Path, d.name), err)
		case there:
			made.Kept = append(made.Kept, d.name)
		default:
			wanted = append(wanted, d)
		}
	}
	drafts, err := draw(folder, made.Path, wanted, above)
	defer func() {
		for i := range drafts {
			err = errors.Join(err, drafts[i].discard(folder))
		}
	}()
	if err != nil {
		return made, err
	}
	for i := range drafts {
		if err := ctx.Err(); err != nil {
			return made, r.Place.stopped(ctx)
		}
		d := &drafts[i]
		created, err := d.put(folder, made.Path, folder.Link)
		if err != nil {
			return made, explain(filepath.Join(made.Path, d.name), err)
		}
		if created {
			made.Created = append(made.Created, d.name)
		} else {
			made.Kept = append(made.Kept, d.name)
		}
	}
	if err := keepFolder(folder); err != nil {
		return made, explain(made.Path, err)
	}
	here, err := os.Stat(made.Path)
	if err != nil || !is(folder, here) {
		return made, fault.New(fault.Conflict, "workspace.moved", "path", made.Path)
	}
	return made, nil
}

// open makes the folder and the way to it, and opens it. above are the folders
// on the way, which the disk is still to keep and the caller to close.
func (p Place) open(ctx context.Context) (folder *os.Root, above []*os.File, err error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, p.stopped(ctx)
	}
	if err := p.Judge(); err != nil {
		return nil, nil, err
	}
	if p.from != name { // whose root is there, as Judge saw
		if _, err := os.Stat(p.home); within(p.root, p.home) && errors.Is(err, fs.ErrNotExist) { // whoever makes a home makes it private
			return nil, nil, fault.New(fault.NotFound, "workspace.no_parent", "path", p.Path(), "parent", p.home)
		}
		if err := makeAll(p.root); err != nil {
			return nil, nil, explain(p.root, err)
		}
	}
	if folder, err = os.OpenRoot(p.root); err != nil {
		if info, look := os.Stat(p.root); look == nil && !info.IsDir() {
			err = syscall.ENOTDIR // which OpenRoot says in words of its own
		}
		return nil, nil, explain(p.root, err)
	}
	path := p.root
	for element := range strings.SplitSeq(p.below, "/") {
		path = filepath.Join(path, element)
		if err = ctx.Err(); err != nil {
			err = p.stopped(ctx)
		} else {
			var parent *os.File
			if folder, parent, err = enter(folder, element, path); parent != nil {
				above = append(above, parent)
			}
		}
		if err != nil {
			return nil, above, errors.Join(err, folder.Close())
		}
	}
	return folder, above, nil
}

// enter makes the folder name in parent, unless it is there, and returns it in
// place of parent, which is closed. After an error parent is returned. above is
// parent as a file, which the disk is still to keep, whoever made the folder:
// another may have, and not come to this yet.
func enter(parent *os.Root, name, path string) (folder *os.Root, above *os.File, err error) {
	if err := parent.Mkdir(name, folderMode); err != nil && !errors.Is(err, fs.ErrExist) {
		return parent, nil, explain(path, err)
	}
	if above, err = parent.Open("."); err != nil {
		return parent, nil, explain(path, err)
	}
	info, err := parent.Lstat(name)
	if err != nil {
		return parent, above, explain(path, err)
	}
	switch {
	case info.Mode()&fs.ModeSymlink != 0:
		return parent, above, fault.New(fault.Conflict, "workspace.link", "path", path)
	case !info.IsDir():
		return parent, above, fault.New(fault.Conflict, "workspace.not_folder", "path", path)
	}
	folder, err = parent.OpenRoot(name)
	if err != nil {
		return parent, above, explain(path, err)
	}
	if !is(folder, info) { // a link took its place since
		return parent, above, errors.Join(fault.New(fault.Conflict, "workspace.moved", "path", path), folder.Close())
	}
	return folder, above, parent.Close()
}

func is(folder *os.Root, info fs.FileInfo) bool {
	self, err := folder.Stat(".")
	return err == nil && os.SameFile(self, info)
}

// Judge refuses a folder that was chosen: a named one whose parent is missing,
// which is more likely a slip than a wish, one that links lead into the uratori
// home, and one in whose place a file or a link stands.
func (p Place) Judge() error {
	if p.from == settings {
		return nil
	}
	parent, err := p.above()
	if errors.Is(err, fs.ErrNotExist) {
		return fault.New(fault.NotFound, "workspace.no_parent", "path", p.Path(), "parent", p.root)
	}
	if err != nil {
		return explain(p.root, err)
	}
	path := filepath.Join(parent, p.below)
	if intrudes(path, resolved(p.home), resolved(p.shelf)) {
		return fault.New(fault.Invalid, "workspace.in_home", "path", p.Path(), "home", p.home)
	}
	return p.vacant()
}

// above is root without links. Of a template's, what is missing is made later
// and has none.
func (p Place) above() (string, error) {
	root, missing := p.root, ""
	for {
		real, err := filepath.EvalSymlinks(root)
		if p.from == template && errors.Is(err, fs.ErrNotExist) && root != "/" {
			root, missing = filepath.Dir(root), filepath.Join(filepath.Base(root), missing)
			continue
		}
		return filepath.Join(real, missing), err
	}
}

// vacant refuses a folder in whose place something else stands. Nothing there
// is no error.
func (p Place) vacant() error {
	info, err := os.Lstat(p.Path())
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return explain(p.Path(), err)
	case info.Mode()&fs.ModeSymlink != 0:
		return fault.New(fault.Conflict, "workspace.link", "path", p.Path())
	case !info.IsDir():
		return fault.New(fault.Conflict, "workspace.not_folder", "path", p.Path())
	}
	return nil
}

// resolved is path without links, or path where that cannot be told.
func resolved(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return path
}

func (p Place) stopped(ctx context.Context) error {
	return fmt.Errorf("make the folder %s: %w; repeat to finish it", p.Path(), context.Cause(ctx))
}

// makeAll is os.MkdirAll that lasts. What is there is judged when it is opened.
func makeAll(path string) error {
	err := os.Mkdir(path, folderMode)
	if errors.Is(err, fs.ErrNotExist) && path != "/" {
		if err := makeAll(filepath.Dir(path)); err != nil {
			return err
		}
		err = os.Mkdir(path, folderMode)
	}
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	parent, err := os.OpenRoot(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(keepFolder(parent), parent.Close())
}

// keepFolder returns when what stands in a folder is on the disk.
func keepFolder(folder *os.Root) error {
	f, err := folder.Open(".")
	if err != nil {
		return err
	}
	return errors.Join(keep(f), f.Close())
}
