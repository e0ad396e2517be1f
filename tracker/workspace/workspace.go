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
	"crypto/rand"
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
func Make(ctx context.Context, r Request) (Made, error) {
	made := Made{Path: r.Place.Path()}
	if r.Place.id == "" {
		return made, errors.New("make a workspace: the place is empty; take one from Site.Place")
	}
	documents, err := documents(r)
	if err != nil {
		return made, err
	}
	folder, err := r.Place.open(ctx)
	if err != nil {
		return made, err
	}
	defer folder.Close() //nolint:errcheck // what was written is synced before
	for _, d := range documents {
		if err := ctx.Err(); err != nil {
			return made, r.Place.stopped(ctx)
		}
		created, err := put(folder, made.Path, d, folder.Link)
		if err != nil {
			return made, explain(filepath.Join(made.Path, d.name), err)
		}
		if created {
			made.Created = append(made.Created, d.name)
		} else {
			made.Kept = append(made.Kept, d.name)
		}
	}
	if err := syncFolder(folder); err != nil {
		return made, explain(made.Path, err)
	}
	here, err := os.Stat(made.Path)
	if err != nil || !is(folder, here) {
		return made, fault.New(fault.Conflict, "workspace.moved", "path", made.Path)
	}
	return made, nil
}

// open makes the folder and the way to it, and opens it.
func (p Place) open(ctx context.Context) (*os.Root, error) {
	if err := ctx.Err(); err != nil {
		return nil, p.stopped(ctx)
	}
	if p.named {
		if err := p.Judge(); err != nil {
			return nil, err
		}
	} else if _, err := os.Stat(p.home); within(p.root, p.home) && errors.Is(err, fs.ErrNotExist) { // whoever makes a home makes it private
		return nil, fault.New(fault.NotFound, "workspace.no_parent", "path", p.Path(), "parent", p.home)
	} else if err := makeAll(p.root); err != nil {
		return nil, explain(p.root, err)
	}
	folder, err := os.OpenRoot(p.root)
	if err != nil {
		if info, look := os.Stat(p.root); look == nil && !info.IsDir() {
			err = syscall.ENOTDIR // which OpenRoot says in words of its own
		}
		return nil, explain(p.root, err)
	}
	path := p.root
	for element := range strings.SplitSeq(p.below, "/") {
		path = filepath.Join(path, element)
		if err = ctx.Err(); err != nil {
			err = p.stopped(ctx)
		} else {
			folder, err = enter(folder, element, path)
		}
		if err != nil {
			return nil, errors.Join(err, folder.Close())
		}
	}
	return folder, nil
}

// enter makes the folder name in parent, unless it is there, and returns it in
// place of parent, which is closed. After an error parent is returned.
func enter(parent *os.Root, name, path string) (*os.Root, error) {
	if err := parent.Mkdir(name, folderMode); err != nil && !errors.Is(err, fs.ErrExist) {
		return parent, explain(path, err)
	}
	// Without asking who made it: another may have, and not come to this yet.
	if err := syncFolder(parent); err != nil {
		return parent, explain(path, err)
	}
	info, err := parent.Lstat(name)
	if err != nil {
		return parent, explain(path, err)
	}
	switch {
	case info.Mode()&fs.ModeSymlink != 0:
		return parent, fault.New(fault.Conflict, "workspace.link", "path", path)
	case !info.IsDir():
		return parent, fault.New(fault.Conflict, "workspace.not_folder", "path", path)
	}
	folder, err := parent.OpenRoot(name)
	if err != nil {
		return parent, explain(path, err)
	}
	if !is(folder, info) { // a link took its place since
		return parent, errors.Join(fault.New(fault.Conflict, "workspace.moved", "path", path), folder.Close())
	}
	return folder, parent.Close()
}

func is(folder *os.Root, info fs.FileInfo) bool {
	self, err := folder.Stat(".")
	return err == nil && os.SameFile(self, info)
}

// Judge refuses a named folder whose parent is missing, which is more likely
// a slip than a wish, one that links lead into the uratori home, and one in
// whose place a file or a link stands.
func (p Place) Judge() error {
	if !p.named {
		return nil
	}
	parent, err := filepath.EvalSymlinks(p.root)
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

// put writes d into folder, which lies at path, unless something of its name
// is there, and tells whether it did.
func put(folder *os.Root, path string, d document, link func(from, to string) error) (bool, error) {
	if there, err := has(folder, path, d.name); there || err != nil {
		return false, err
	}
	// Under a name of its own first, so that nobody finds half of it.
	part := "." + d.name + "." + rand.Text() + ".part"
	if err := create(folder, part, d.text); err != nil {
		return false, err
	}
	err := link(part, d.name)
	if errors.Is(err, syscall.EPERM) || errors.Is(err, errors.ErrUnsupported) { // FAT knows no hard links
		err = create(folder, d.name, d.text)
	}
	removed := folder.Remove(part)
	if errors.Is(err, fs.ErrExist) {
		there, err := has(folder, path, d.name)
		if err == nil && !there { // came and went
			err = fault.New(fault.Conflict, "workspace.moved", "path", filepath.Join(path, d.name))
		}
		return false, errors.Join(err, removed)
	}
	return err == nil, errors.Join(err, removed)
}

// has tells whether name is a file in folder. Anything else of that name is an
// error, and so is a link that leads out of folder or nowhere.
func has(folder *os.Root, path, name string) (bool, error) {
	if _, err := folder.Lstat(name); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
		return false, err
	}
	if info, err := folder.Stat(name); err != nil || !info.Mode().IsRegular() {
		return false, fault.New(fault.Conflict, "workspace.not_file", "path", filepath.Join(path, name))
	}
	return true, nil
}

func create(folder *os.Root, name, text string) error {
	f, err := folder.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, folder.Remove(name))
	}
	return nil
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
	return errors.Join(syncFolder(parent), parent.Close())
}

func syncFolder(folder *os.Root) error {
	f, err := folder.Open(".")
	if err != nil {
		return err
	}
	err = f.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) { // some network disks keep folders by themselves
		err = nil
	}
	return errors.Join(err, f.Close())
}
