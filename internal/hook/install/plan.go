package install

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"unicode"
	"unicode/utf8"

	"uratori/internal/fault"
)

// Kind is what becomes of a file.
type Kind string

// What can become of a file.
const (
	Created   Kind = "created"
	Changed   Kind = "changed"
	Unchanged Kind = "unchanged"
	Removed   Kind = "removed"
)

// Change is what becomes of one file.
type Change struct {
	File   string // relative to the project
	Kind   Kind
	Before []byte // nil where there is no file
	After  []byte // nil where there is none any more
	Backup string // where Before is kept, relative to the project; empty for none

	at       string // where the file is, when links lead there
	restored bool   // After is the backup
}

// backupEnd is what the name of a backup ends with.
const backupEnd = ".uratori-backup"

// longestFile is in bytes, and far more than settings have.
const longestFile = 4 << 20

// Plan is what is to be done in a project.
type Plan struct {
	Folder  string // of the project, absolute and without links
	Changes []Change
}

// Check tells whether an entry can be written as it is.
func (e Entry) Check() error {
	for _, word := range []string{e.Program, e.Home} {
		if !utf8.ValidString(word) || strings.ContainsFunc(word, unicode.IsControl) {
			return fault.New(fault.Invalid, "install.bad_path")
		}
	}
	return nil
}

// Install plans to put us into the settings of the project in folder.
func Install(folder string, e Entry) (Plan, error) {
	if err := e.Check(); err != nil {
		return Plan{}, err
	}
	return plan(folder, func(name string, before, _ []byte) ([]byte, bool, error) {
		after, err := installed(name, before, e)
		return after, false, err
	})
}

// Uninstall plans to take us out of them. A file that is as we have made it of
// what was there before becomes that again, to the byte.
func Uninstall(folder string) (Plan, error) {
	return plan(folder, func(name string, before, backup []byte) ([]byte, bool, error) {
		if before == nil {
			return nil, false, nil
		}
		after, err := uninstalled(name, before)
		switch {
		case err != nil || bytes.Equal(after, before):
			return after, false, err
		case backup == nil:
			return emptied(after), false, nil
		}
		// A backup without us that says the same as what is there without us
		// says it in its owner's own bytes.
		if rest, err := uninstalled(name, backup); err == nil && bytes.Equal(rest, backup) && says(after) == says(backup) {
			return backup, true, nil
		}
		return emptied(after), false, nil
	})
}

// emptied is nil for a document that says nothing any more.
func emptied(raw []byte) []byte {
	if d, err := read(raw); err == nil && d.root.kind == '{' && len(d.root.members) == 0 {
		return nil
	}
	return raw
}

// says is what a document says, whatever its blanks: empty objects and lists,
// which we may have left or taken away, say nothing.
func says(raw []byte) string {
	d, err := read(raw)
	if err != nil {
		return string(raw)
	}
	return d.say(d.root)
}

func (d *document) say(n node) string {
	if n.kind != '{' && n.kind != '[' {
		return string(d.raw[n.from:n.to])
	}
	var b strings.Builder
	for _, m := range n.members {
		if text := d.say(m.node); text != "" {
			b.WriteString(strconv.Quote(m.name) + ":" + text + ",")
		}
	}
	if b.Len() == 0 {
		return ""
	}
	return n.kind.String() + b.String() + "}"
}

func installed(name string, before []byte, e Entry) ([]byte, error) {
	return edited(name, before, func(d *document) error {
		if name == ServersFile {
			return addServer(d, e)
		}
		return addHooks(d, e)
	})
}

func uninstalled(name string, before []byte) ([]byte, error) {
	return edited(name, before, func(d *document) error {
		if name == ServersFile {
			return removeServer(d)
		}
		return removeHooks(d)
	})
}

// edited is a document after a change. One that is not JSON is left alone.
func edited(name string, before []byte, change func(*document) error) ([]byte, error) {
	if before == nil {
		before = []byte("{}\n")
	}
	d, err := read(before)
	if err != nil {
		return nil, fault.New(fault.Invalid, "install.no_json", "file", name).Wrap(err)
	}
	if err := change(d); err != nil {
		return nil, err
	}
	return d.raw, nil
}

func plan(folder string, after func(name string, before, backup []byte) ([]byte, bool, error)) (p Plan, err error) {
	if p.Folder, err = filepath.Abs(folder); err == nil {
		p.Folder, err = filepath.EvalSymlinks(p.Folder)
	}
	if err != nil {
		return p, fault.New(fault.Invalid, "install.no_folder", "folder", folder).Wrap(bare(err))
	}
	root, err := os.OpenRoot(p.Folder)
	if err != nil {
		return p, fault.New(fault.Invalid, "install.no_folder", "folder", folder).Wrap(bare(err))
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	for _, name := range []string{ServersFile, SettingsFile} {
		c := Change{File: name}
		if c.at, err = leadsTo(p.Folder, name); err != nil {
			return p, err
		}
		if c.Before, err = content(root, name, c.at); err != nil {
			return p, err
		}
		backup, err := content(root, name+backupEnd, c.at+backupEnd)
		if err != nil {
			backup = nil // whatever lies there is no backup of ours
		}
		if c.After, c.restored, err = after(name, c.Before, backup); err != nil {
			return p, err
		}
		switch {
		case c.Before == nil && c.After == nil, c.Before != nil && c.After != nil && bytes.Equal(c.Before, c.After):
			c.Kind = Unchanged
		case c.Before == nil:
			c.Kind = Created
		case c.After == nil:
			c.Kind = Removed
		default:
			c.Kind = Changed
		}
		if c.Kind == Changed && !c.restored {
			c.Backup = name + backupEnd
		}
		p.Changes = append(p.Changes, c)
	}
	return p, nil
}

// Nothing tells whether all is as it should be.
func (p Plan) Nothing() bool {
	for _, c := range p.Changes {
		if c.Kind != Unchanged {
			return false
		}
	}
	return true
}

// leadsTo is where a file of the project is, relative to its folder, when links
// lead there. One that leads out of the project is refused.
func leadsTo(folder, name string) (string, error) {
	outside := fault.New(fault.Invalid, "install.outside", "file", name)
	const mostLinks = 40 // as the kernel allows
	at := filepath.Join(folder, name)
	for range mostLinks {
		real, rest, link, err := known(at)
		if err != nil {
			return "", fault.New(fault.Failed, "install.unreadable", "file", name).Wrap(bare(err))
		}
		at = filepath.Join(real, rest)
		if link == "" {
			below, err := filepath.Rel(folder, at)
			if err != nil || below == ".." || strings.HasPrefix(below, "../") {
				return "", outside
			}
			return filepath.ToSlash(below), nil
		}
		at = filepath.Join(link, rest)
	}
	return "", outside
}

// known is the part of a path that is there, without links, and the rest of it.
// A link to what is not there is what follows it.
func known(file string) (real, rest, link string, err error) {
	for dir := file; ; dir = filepath.Dir(dir) {
		if real, err = filepath.EvalSymlinks(dir); err == nil {
			return real, rest, "", nil
		}
		if !errors.Is(err, fs.ErrNotExist) || dir == filepath.Dir(dir) {
			return "", "", "", err
		}
		if to, err := os.Readlink(dir); err == nil {
			if !filepath.IsAbs(to) {
				to = filepath.Join(filepath.Dir(dir), to)
			}
			return "", rest, to, nil
		}
		rest = filepath.Join(filepath.Base(dir), rest)
	}
}

// content reads a file, nil when there is none. A pipe in that place must not
// hang us.
func content(root *os.Root, name, at string) (raw []byte, err error) {
	f, err := root.OpenFile(at, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	wrong := fault.New(fault.Failed, "install.unreadable", "file", name)
	if err != nil {
		return nil, wrong.Wrap(bare(err))
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, wrong.Wrap(bare(err))
	case !info.Mode().IsRegular():
		return nil, fault.New(fault.Invalid, "install.no_file", "file", name)
	case info.Size() > longestFile:
		return nil, fault.New(fault.Invalid, "install.too_long", "file", name, "bytes", longestFile)
	}
	raw, err = io.ReadAll(io.LimitReader(f, longestFile+1))
	if err != nil {
		return nil, wrong.Wrap(bare(err))
	}
	if raw == nil {
		raw = []byte{}
	}
	return raw, nil
}

// bare is an error without the path, which the sentence round it names.
func bare(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	if e, ok := errors.AsType[*os.LinkError](err); ok {
		return e.Err
	}
	return err
}

// Apply does it. A file that has changed since it was planned is left alone.
func (p Plan) Apply() (err error) {
	root, err := os.OpenRoot(p.Folder)
	if err != nil {
		return fault.New(fault.Failed, "install.no_folder", "folder", p.Folder).Wrap(bare(err))
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	for _, c := range p.Changes {
		if c.Kind == Unchanged {
			continue
		}
		if err := c.apply(root); err != nil {
			return err
		}
	}
	return nil
}

func (c Change) apply(root *os.Root) error {
	failed := fault.New(fault.Failed, "install.unwritten", "file", c.File)
	mode := fs.FileMode(0o644)
	if info, err := root.Stat(c.at); err == nil {
		mode = info.Mode().Perm()
	}
	now, err := content(root, c.File, c.at)
	if err != nil {
		return err
	}
	if (now == nil) != (c.Before == nil) || !bytes.Equal(now, c.Before) {
		return fault.New(fault.Conflict, "install.changed", "file", c.File)
	}
	if dir := path.Dir(c.at); dir != "." {
		if err := root.MkdirAll(dir, 0o755); err != nil {
			return failed.Wrap(bare(err))
		}
	}
	if c.Backup != "" {
		if err := put(root, c.at+backupEnd, c.Before, mode); err != nil {
			return failed.Wrap(bare(err))
		}
	}
	if c.After != nil {
		err = put(root, c.at, c.After, mode)
	} else {
		err = root.Remove(c.at)
	}
	if err != nil {
		return failed.Wrap(bare(err))
	}
	if c.restored {
		_ = root.Remove(c.at + backupEnd) // it says nothing that is not there now
	}
	if dir := path.Dir(c.at); c.Kind == Removed && dir != "." {
		_ = root.Remove(dir) // which fails while anything is in it
	}
	return nil
}

// put writes a file whole or not at all.
func put(root *os.Root, at string, raw []byte, mode fs.FileMode) (err error) {
	temporary := at + ".uratori-new"
	_ = root.Remove(temporary) // of a run that was cut short
	f, err := root.OpenFile(temporary, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(raw)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = root.Rename(temporary, at)
	}
	if err != nil {
		_ = root.Remove(temporary) // the failure before it is what matters
	}
	return err
}
