package shim

import (
	"errors"
	"io/fs"
)

// State is what became of an attempt, as far as its folder and the kernel
// tell.
type State string

// The states.
const (
	// NeverStarted never will be, either: it is void, or has no folder.
	NeverStarted State = "never_started"
	// Running has a shim that holds the lock. It may be about to start the
	// job.
	Running State = "running"
	// Finished has exit.json. Processes of the job may be left; see
	// Exit.Others.
	Finished State = "finished"
	// Lost has neither a shim nor exit.json: how the job ends, or ended,
	// cannot be known.
	Lost State = "lost"
)

// Found is what [Inspect] found.
type Found struct {
	State State
	Run   *Run  // who runs it, or ran it; nil when no shim came to write that
	Exit  *Exit // when Finished
	// Alive tells of a Lost attempt that the job's first process lives on.
	Alive bool
}

// Inspect tells what became of the attempt in dir. One that was not started is
// made void under its lock, so that no shim that hears of it later starts it.
// It must not be asked about an attempt that is being started. In the instant
// between fork and exec a job has a copy of its shim's lock: when the shim is
// killed just then, the attempt counts as Running until that is over, which
// [Adopt] waits for.
func Inspect(dir string) (Found, error) {
	f, err := openFolder(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return Found{State: NeverStarted}, nil
	}
	if err != nil {
		return Found{}, err
	}
	defer f.Close() //nolint:errcheck // what is written has been checked
	switch err := f.acquire(); {
	case errors.Is(err, errBusy):
		return f.held()
	case err != nil:
		return Found{}, err
	}
	return f.free()
}

// held looks at an attempt whose lock somebody holds.
func (f *folder) held() (Found, error) {
	found := Found{State: Running}
	var err error
	if found.Run, err = f.begun(); err != nil {
		return Found{}, err
	}
	if found.Exit, err = optional[Exit](f, exitFile); err != nil {
		return Found{}, err
	}
	if found.Exit != nil {
		found.State = Finished
	}
	return found, nil
}

// free looks at an attempt under its lock: nobody changes anything.
func (f *folder) free() (Found, error) {
	found := Found{State: Finished}
	var err error
	if found.Run, err = f.begun(); err != nil {
		return Found{}, err
	}
	began := found.Run != nil
	if found.Exit, err = optional[Exit](f, exitFile); err != nil {
		return Found{}, err
	}
	if found.Exit != nil || began && f.salvage(&found) {
		return found, nil
	}
	if !began {
		found.State = NeverStarted
		return found, f.void()
	}
	found.State = Lost
	if found.Run != nil && found.Run.Child.PID != 0 {
		found.Alive, err = found.Run.Child.Alive()
	}
	return found, err
}

// salvage takes an exit that the shim has written whole, but died before it
// could give it its name.
func (f *folder) salvage(found *Found) bool {
	exit, err := optional[Exit](f, exitFile+part)
	if err != nil || exit == nil || exit.EndedAt.IsZero() {
		return false
	}
	if f.Rename(exitFile+part, exitFile) != nil || f.sync() != nil {
		return false
	}
	found.Exit = exit
	return true
}

func (f *folder) void() error {
	there, err := f.has(voidFile)
	if err != nil || there {
		return err
	}
	if err := f.WriteFile(voidFile, nil, 0o600); err != nil {
		return err
	}
	return f.sync()
}

// optional is nil when there is no such file.
func optional[T any](f *folder, name string) (*T, error) {
	v := new(T)
	err := f.read(name, v)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return v, nil
}
