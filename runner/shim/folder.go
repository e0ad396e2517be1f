package shim

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/go-json-experiment/json"
	"golang.org/x/sys/unix"
)

// Files in the folder of an attempt.
const (
	specFile   = "spec.json"
	lockFile   = "lock"
	runFile    = "run.json"
	exitFile   = "exit.json"
	voidFile   = "void"
	stdoutFile = "stdout"
	stderrFile = "stderr"
)

// part is the suffix of a file that is not whole yet.
const part = ".part"

var errBusy = errors.New("the attempt is locked by its shim")

// folder is an open attempt: it stays the same one when it is moved.
type folder struct {
	*os.Root
	lock *os.File // nil while it is not locked
}

func openFolder(dir string) (*folder, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	return &folder{Root: root}, nil
}

// acquire locks the attempt or fails with errBusy. The lock ends with
// [folder.Close], or with the process: no child inherits it.
func (f *folder) acquire() error {
	lock, err := f.OpenFile(lockFile, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	err = unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		err = errBusy
	}
	if err != nil {
		return errors.Join(err, lock.Close())
	}
	f.lock = lock
	return nil
}

// begin writes into the lock, which is held, that the job is about to be
// started, and by whom. It is no file of its own, since that would be replaced
// a moment later: file systems look at each name that was given up lately when
// they make a new one, and jobs may follow each other by the hundred.
func (f *folder) begin(run Run) error {
	raw, err := json.Marshal(run)
	if err != nil {
		return err
	}
	_, err = f.lock.WriteAt(append(raw, '\n'), 0)
	return err
}

// begun is what begin has written, nil when it has not. The lock is held. Half
// a word is one, too.
func (f *folder) begun() (*Run, error) {
	raw, err := f.ReadFile(lockFile)
	if err != nil || len(raw) == 0 {
		return nil, err
	}
	run := new(Run)
	if json.Unmarshal(raw, run) != nil {
		return &Run{}, nil
	}
	return run, nil
}

// touched is a sign, under the lock, that a shim has had the attempt or that
// none may any more; it is empty where there is none.
func (f *folder) touched() (sign string, err error) {
	for _, name := range []string{voidFile, runFile, exitFile} {
		if there, err := f.has(name); err != nil || there {
			return name, err
		}
	}
	run, err := f.begun()
	if err != nil || run != nil {
		return "its beginning", err
	}
	return "", nil
}

func (f *folder) Close() error {
	err := f.Root.Close()
	if f.lock != nil {
		err = errors.Join(err, f.lock.Close())
	}
	return err
}

func (f *folder) has(name string) (bool, error) {
	_, err := f.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// read decodes a file; fs.ErrNotExist when there is none.
func (f *folder) read(name string, into any) error {
	raw, err := f.ReadFile(name)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// reserved is a file that has its space on the disk before it has its content:
// a disk that fills up meanwhile cannot keep it from being written.
type reserved struct {
	folder *folder
	name   string
	file   *os.File
}

// room is reserved for each; the files have a quarter of it.
const room = 4096

func (f *folder) reserve(name string) (*reserved, error) {
	file, err := f.OpenFile(name+part, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	err = unix.Fallocate(int(file.Fd()), 0, 0, room)
	if errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.ENOSYS) {
		if _, err = file.WriteAt(make([]byte, room), 0); err == nil {
			err = file.Sync() // some file systems find out only now
		}
	}
	if err != nil {
		return nil, errors.Join(&fs.PathError{Op: "reserve", Path: name, Err: err}, file.Close())
	}
	return &reserved{folder: f, name: name, file: file}, nil
}

// fill gives the file its content and its name. A durable one survives a loss
// of power as well. After an error it may be called again.
func (r *reserved) fill(v any, durable bool) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	raw = append(raw, '\n')
	if _, err := r.file.WriteAt(raw, 0); err != nil {
		return err
	}
	if err := r.file.Truncate(int64(len(raw))); err != nil {
		return err
	}
	if durable {
		if err := r.file.Sync(); err != nil {
			return err
		}
	}
	if err := r.folder.Rename(r.name+part, r.name); err != nil {
		return err
	}
	if durable {
		return r.folder.sync()
	}
	return nil
}

func (r *reserved) close() { _ = r.file.Close() }

// sync makes the names in the folder durable.
func (f *folder) sync() error {
	dir, err := f.Open(".")
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
