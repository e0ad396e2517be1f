package demo

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"uratori/internal/process"
)

// trace is a process that has to do with the demo.
type trace struct {
	process.ID
	line string // with what it was called
}

// mark makes what every process of a demo bears in its environment, and nobody
// else does: a shell that a person has opened in the demo's folder is theirs.
func mark() string { return "DEMO_OF_URATORI=" + rand.Text() }

// traces are the processes that bear a mark in their environment or their
// arguments. One that is not this user's cannot be looked at, and is not of
// the demo.
func traces(mark string) ([]trace, error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, err
	}
	var found []trace
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || pid == os.Getpid() {
			continue
		}
		id, err := process.Of(pid)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		folder := filepath.Join("/proc", e.Name())
		line, err1 := os.ReadFile(filepath.Join(folder, "cmdline"))
		environ, err2 := os.ReadFile(filepath.Join(folder, "environ"))
		if errors.Is(err1, fs.ErrPermission) || errors.Is(err2, fs.ErrPermission) {
			continue
		}
		// Looked at last: one that has ended meanwhile had nothing to show.
		if alive, err := id.Alive(); err != nil || !alive {
			continue
		}
		if bytes.Contains(line, []byte(mark)) || bytes.Contains(environ, []byte(mark)) {
			found = append(found, trace{ID: id, line: strings.TrimSpace(strings.ReplaceAll(string(line), "\x00", " "))})
		}
	}
	return found, nil
}

// sweep kills every process that bears a mark until a look finds none. Each is
// seen to its end: one that is dying has no arguments any more to be found by.
func sweep(ctx context.Context, mark string) error {
	return until(ctx, func() (bool, error) {
		found, err := traces(mark)
		if err != nil {
			return false, err
		}
		for _, t := range found {
			if err := t.Signal(syscall.SIGKILL); err != nil && !errors.Is(err, os.ErrProcessDone) {
				return false, err
			}
			if err := t.Exited(ctx); err != nil {
				return false, err
			}
		}
		return len(found) == 0, nil
	})
}
