// Package slim is the small program that keeps jobs (cmd/shim), inside the
// large one. A keeper lives for as long as its job, and what is delivered is one
// file: so the small program is embedded where uratori is built by
// scripts/build, and the daemon lays it out in its home when it starts.
//
// What is started is never a name but an open file whose content was compared,
// so that it does not matter what becomes of the name. Where it cannot be had,
// because the build has none in it, or because nothing can be executed
// in the home, the large program keeps jobs itself.
package slim

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"uratori/runner/shim"
)

// ErrNone is the error of a build without the small program.
var ErrNone = errors.New("this build has no small program in it")

// prefix begins the names of the files; what follows is the digest.
const prefix = "shim-"

// Program is the small program, laid out and open.
type Program struct {
	path string
	file *os.File
}

// Path is where it was laid out, for people.
func (p *Program) Path() string { return p.path }

// Exec is what this process must start to start it.
func (p *Program) Exec() string { return "/proc/self/fd/" + strconv.Itoa(int(p.file.Fd())) }

// Close lets it go; what was started of it runs on.
func (p *Program) Close() error { return p.file.Close() }

// Lay gives the small program of this build, which it lays out in dir unless
// it is there, and takes away those of other builds: what still runs of them
// does not need its name. The error is [ErrNone], or tells why it cannot be run
// from there.
func Lay(ctx context.Context, dir string) (*Program, error) {
	program, digest := embedded()
	if program == "" {
		return nil, ErrNone
	}
	return lay(ctx, dir, program, strings.TrimSpace(digest))
}

func lay(ctx context.Context, dir, program, digest string) (*Program, error) {
	const shown = 16
	if len(digest) != hex.EncodedLen(sha256.Size) {
		return nil, fmt.Errorf("the digest %q of the small program is none", digest)
	}
	path := filepath.Join(dir, prefix+digest[:shown])
	file, err := open(path, digest)
	if err != nil {
		// It is not there, or something else is.
		if err := write(path, program); err != nil {
			return nil, err
		}
		if file, err = open(path, digest); err != nil {
			return nil, err
		}
	}
	p := &Program{path, file}
	if err := p.try(ctx); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	tidy(dir, path)
	return p, nil
}

// open gives the file only when it is, to the byte, what it should be, and
// nobody else may write to it.
func open(path, digest string) (_ *os.File, err error) {
	// Not waiting for a pipe's other end, nor taking a terminal.
	file, err := os.OpenFile(path, os.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, file.Close())
		}
	}()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !info.Mode().IsRegular() || !ok || int(owner.Uid) != os.Geteuid() || info.Mode().Perm() != mode {
		return nil, fmt.Errorf("%s is not as it was made", path)
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return nil, err
	}
	if hex.EncodeToString(sum.Sum(nil)) != digest {
		return nil, fmt.Errorf("%s is another program", path)
	}
	return file, nil
}

// mode lets its owner read and execute it, and change it only on purpose.
const mode = 0o500

// write puts the program where path says, whole or not at all.
func write(path, program string) (err error) {
	part, err := os.CreateTemp(filepath.Dir(path), prefix+"*.part")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(part.Name()) // it may have its name already
		}
	}()
	_, err = io.WriteString(part, program)
	err = errors.Join(err, part.Chmod(mode), part.Sync(), part.Close())
	if err != nil {
		return fmt.Errorf("lay the small program out: %w", err)
	}
	return os.Rename(part.Name(), path)
}

const (
	// tryLimit bounds how long a daemon that starts waits for an answer that takes
	// two milliseconds.
	tryLimit = 10 * time.Second
	tryAgain = time.Millisecond
)

// try has the program answer, which it cannot do where nothing can be executed.
func (p *Program) try(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, tryLimit)
	defer cancel()
	for {
		cmd := exec.CommandContext(ctx, p.Exec(), "--answer")
		cmd.Env, cmd.Dir = []string{}, "/"
		answer, err := cmd.Output()
		switch {
		case errors.Is(err, syscall.ETXTBSY) && ctx.Err() == nil:
			// Another process that was just being started has our writing end
			// until it runs.
			select {
			case <-ctx.Done():
			case <-time.After(tryAgain):
			}
		case err != nil:
			return fmt.Errorf("run %s: %w", p.path, err)
		case string(bytes.TrimSpace(answer)) != shim.Answer:
			return fmt.Errorf("run %s: it says %.100q", p.path, answer)
		default:
			return nil
		}
	}
}

// tidy takes away what other builds have laid out. It is done as well as it
// goes.
func tidy(dir, keep string) {
	old, err := filepath.Glob(filepath.Join(dir, prefix+"*"))
	if err != nil {
		return
	}
	for _, path := range old {
		if path != keep {
			_ = os.Remove(path)
		}
	}
}
