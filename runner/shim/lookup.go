package shim

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// defaultPath is searched where the job's environment has no PATH, as execvp
// does.
const defaultPath = "/bin:/usr/bin"

// lookup finds the program of the spec as the job's own shell would: in the
// PATH of its environment, and relative to its working directory.
func (s Spec) lookup() (string, *Failure) {
	name := s.Argv[0]
	if strings.Contains(name, "/") {
		if !filepath.IsAbs(name) {
			name = s.Cwd + "/" + name // not cleaned: a link before .. counts
		}
		return name, runnable(name)
	}
	path, ok := s.getenv("PATH")
	if !ok {
		path = defaultPath
	}
	denied := (*Failure)(nil)
	for _, dir := range filepath.SplitList(path) {
		if dir == "" {
			dir = "."
		}
		if !filepath.IsAbs(dir) {
			dir = s.Cwd + "/" + dir
		}
		program := dir + "/" + name
		failure := runnable(program)
		if failure == nil {
			return program, nil
		}
		if failure.Code == NotExecutable && denied == nil {
			denied = failure
		}
	}
	if denied != nil {
		return "", denied
	}
	return "", &Failure{NotFound, "no " + name + " in PATH " + path}
}

// runnable is nil for a file that may be executed, as far as can be told
// before.
func runnable(program string) *Failure {
	info, err := os.Stat(program)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return &Failure{NotExecutable, err.Error()}
	case err != nil:
		return &Failure{NotFound, err.Error()}
	case info.IsDir():
		return &Failure{NotExecutable, program + " is a folder"}
	}
	if err := unix.Faccessat(unix.AT_FDCWD, program, unix.X_OK, unix.AT_EACCESS); err != nil {
		return &Failure{NotExecutable, (&fs.PathError{Op: "execute", Path: program, Err: err}).Error()}
	}
	return nil
}

// enterable is nil for a working directory in which the job can be started.
func (s Spec) enterable() *Failure {
	info, err := os.Stat(s.Cwd)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &Failure{NoCwd, err.Error()}
	case err != nil:
		return &Failure{CwdDenied, err.Error()}
	case !info.IsDir():
		return &Failure{CwdDenied, s.Cwd + " is no folder"}
	}
	if err := unix.Faccessat(unix.AT_FDCWD, s.Cwd, unix.X_OK, unix.AT_EACCESS); err != nil {
		return &Failure{CwdDenied, (&fs.PathError{Op: "enter", Path: s.Cwd, Err: err}).Error()}
	}
	return nil
}

// refused tells what the kernel's answer to fork and exec of program means.
func refused(program string, err error) *Failure {
	code := NotStarted
	switch {
	case errors.Is(err, syscall.ENOENT), errors.Is(err, syscall.ENOTDIR):
		code = NotFound
		if runnable(program) == nil {
			code = NoInterpreter
		}
	case errors.Is(err, syscall.ELIBBAD), errors.Is(err, syscall.EISDIR):
		code = NoInterpreter
	case errors.Is(err, syscall.EACCES), errors.Is(err, syscall.EPERM):
		code = NotExecutable
	case errors.Is(err, syscall.ENOEXEC):
		code = BadFormat
	case errors.Is(err, syscall.E2BIG):
		code = TooBig
	case errors.Is(err, syscall.EAGAIN):
		code = NoProcesses
	case errors.Is(err, syscall.ENOMEM):
		code = NoMemory
	}
	return &Failure{code, (&fs.PathError{Op: "execute", Path: program, Err: err}).Error()}
}
