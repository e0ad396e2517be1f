package workspace

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"

	"uratori/internal/fault"
)

// draft is a document that lies in its folder with all of its text, on the
// disk, under a name that nobody looks for.
type draft struct {
	document
	part string // "" once it is gone
}

// draw writes drafts into folder, which lies at path, and has the disk keep
// them and what stands in the folders above, all at once: a disk that several
// ask at the same time mostly turns once for all of them.
func draw(folder *os.Root, path string, documents []document, above []*os.File) (drafts []draft, err error) {
	var files []*os.File
	for _, d := range documents {
		part := "." + d.name + "." + rand.Text() + ".part"
		f, failed := folder.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
		if failed == nil {
			drafts, files = append(drafts, draft{d, part}), append(files, f)
			_, failed = f.WriteString(d.text)
		}
		if failed != nil {
			err = explain(filepath.Join(path, d.name), failed)
			break
		}
	}
	if err == nil {
		if failed := keep(append(above, files...)...); failed != nil {
			err = explain(path, failed)
		}
	}
	for _, f := range files {
		if failed := f.Close(); failed != nil && err == nil {
			err = explain(path, failed)
		}
	}
	return drafts, err
}

// put gives a draft its name in folder, which lies at path, unless something
// of that name is there, and tells whether it did.
func (d *draft) put(folder *os.Root, path string, link func(from, to string) error) (bool, error) {
	err := link(d.part, d.name)
	if errors.Is(err, syscall.EPERM) || errors.Is(err, errors.ErrUnsupported) { // FAT knows no hard links
		err = create(folder, d.name, d.text)
	}
	removed := d.discard(folder)
	if errors.Is(err, fs.ErrExist) {
		there, err := has(folder, path, d.name)
		if err == nil && !there { // came and went
			err = fault.New(fault.Conflict, "workspace.moved", "path", filepath.Join(path, d.name))
		}
		return false, errors.Join(err, removed)
	}
	return err == nil, errors.Join(err, removed)
}

func (d *draft) discard(folder *os.Root) error {
	if d.part == "" {
		return nil
	}
	part := d.part
	d.part = ""
	return folder.Remove(part)
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

// keep returns when what was written to files, or what stands in them where
// they are folders, is on the disk.
func keep(files ...*os.File) error {
	failed := make([]error, len(files))
	var all sync.WaitGroup
	for i, f := range files {
		all.Go(func() {
			err := f.Sync()
			if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) { // some network disks keep folders by themselves
				err = nil
			}
			failed[i] = err
		})
	}
	all.Wait()
	return errors.Join(failed...)
}
