package shim

import (
	"bytes"
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
	lock *os.File // run.json; nil while it is not locked
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
	lock, err := f.OpenFile(runFile, os.O_RDWR|os.O_CREATE, 0o600)
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

// Lay makes dir, which no attempt has had yet, and the files that a shim will
// open there, all of them empty. That changes nothing but how long a start takes,
// and need not be done.
func Lay(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := openFolder(dir)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // nothing was written
	for _, name := range []string{runFile, exitFile + part, stdoutFile, stderrFile} {
		file, err := f.OpenFile(name, os.O_WRONLY|os.O_CREATE, 0o600)
		if err != nil {
			return err
		}
		if err := file.Close(); err != nil {
			return err
		}
	}
	return nil
}

// record is the length of run.json: blanks fill it up. What is written in
// place of a beginning has its length and its space.
const record = 1024

// begin writes into run.json, which is locked, that the job is about to be
// started, and by whom. It is given its length first: a loss of power may take
// the words, but then leaves a file that is not empty.
func (f *folder) begin(run Run) error {
	if err := f.lock.Truncate(record); err != nil {
		return err
	}
	return f.tell(run)
}

// tell writes who runs the attempt. That replaces no file by another: file
// systems look at each name that was given up lately when they make a new one,
// and jobs may follow each other by the hundred.
func (f *folder) tell(run Run) error {
	raw, err := json.Marshal(run)
	if err != nil {
		return err
	}
	if missing := record - 1 - len(raw); missing > 0 {
		raw = append(raw, bytes.Repeat([]byte{' '}, missing)...)
	}
	_, err = f.lock.WriteAt(append(raw, '\n'), 0)
	return err
}

// begun is who runs the attempt, nil when nobody has begun. Whoever holds no
// lock may find it while it is written, and half of it is a beginning, too.
func (f *folder) begun() (*Run, error) {
	raw, err := f.ReadFile(runFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
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
	for _, name := range []string{voidFile, exitFile} {
		if there, err := f.has(name); err != nil || there {
			return name, err
		}
	}
	if info, err := f.lock.Stat(); err != nil || info.Size() > 0 {
		return runFile, err
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

// room is what is reserved; the file has a quarter of it.
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

// fill gives the file its content and its name, so that both survive a loss of
// power. After an error it may be called again.
func (r *reserved) fill(v any) error {
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
	if err := r.file.Sync(); err != nil {
		return err
	}
	if err := r.folder.Rename(r.name+part, r.name); err != nil {
		return err
	}
	return r.folder.sync()
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
