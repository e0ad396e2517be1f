package local

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"

	"uratori/factcheck/gate"
	"uratori/internal/fault"
	"uratori/internal/process"
)

const (
	// mostOutput is how much of each stream of a command is kept and looked at.
	mostOutput = 8 << 20
	// endGrace is how long the processes of a command that is over may take to
	// end by themselves.
	endGrace = 2 * time.Second
	// lastWords is how long their last output is waited for.
	lastWords = 2 * time.Second
)

// ran is what the run of a command has shown.
type ran struct {
	began, ended   time.Time
	status         int    // -1 when a signal ended it
	signal         string // "" when none did
	late           bool   // it was ended because its time was over
	stdout, stderr *capped
	left           []process.Survivor // that could not be ended
}

// run runs a command now: in a session of its own, with nothing on stdin, and
// whatever it has started is ended with it. The error is that it could not be
// run, or that ctx ended for another reason than the time of the command.
func (s *session) run(ctx context.Context, c *gate.Command, dir string) (r *ran, err error) {
	program, err := s.lookPath(c.Exec[0], dir)
	if err != nil {
		return nil, err
	}
	var secret [16]byte
	if _, err := io.ReadFull(s.random(), secret[:]); err != nil {
		return nil, fmt.Errorf("make a token: %w", err)
	}
	token := "URATORI_CHECK=" + hex.EncodeToString(secret[:])
	r = &ran{stdout: &capped{}, stderr: &capped{}, began: s.o.Now()}
	cmd := &exec.Cmd{Path: program, Args: c.Exec, Dir: dir, Env: s.commandEnvironment(c, token), SysProcAttr: &syscall.SysProcAttr{Setsid: true}}
	var readers sync.WaitGroup
	var ends []*os.File
	defer func() {
		// Who has survived may hold the other end for ever.
		for _, end := range ends {
			_ = end.SetReadDeadline(time.Now().Add(lastWords))
		}
		readers.Wait()
		for _, end := range ends {
			_ = end.Close()
		}
	}()
	var writers []*os.File
	for _, stream := range []struct {
		into *capped
		at   *io.Writer
	}{{r.stdout, &cmd.Stdout}, {r.stderr, &cmd.Stderr}} {
		read, write, err := os.Pipe()
		if err != nil {
			for _, w := range writers {
				_ = w.Close()
			}
			return nil, fmt.Errorf("run %s: %w", c.Name, err)
		}
		*stream.at = write
		writers, ends = append(writers, write), append(ends, read)
		readers.Go(func() { stream.into.drain(read) })
	}
	err = cmd.Start()
	for _, w := range writers {
		_ = w.Close()
	}
	if err != nil {
		return nil, fault.New(fault.Unavailable, "local.not_run", "program", shown(c.Exec[0])).Wrap(bare(err))
	}
	return r, s.await(ctx, cmd, r, token)
}

// await waits for a command and ends what is left of it.
func (s *session) await(ctx context.Context, cmd *exec.Cmd, r *ran, token string) error {
	tree := &process.Tree{Token: token}
	if id, err := process.Of(cmd.Process.Pid); err == nil {
		tree.Main = id
	}
	over := make(chan struct{})
	go func() {
		defer close(over)
		_ = cmd.Wait() // how it ended is in its state
	}()
	select {
	case <-over:
	case <-ctx.Done():
	}
	end, err := tree.End(context.WithoutCancel(ctx), endGrace)
	r.left = end.Survivors
	if err != nil {
		return fmt.Errorf("end what a command has left behind: %w", err)
	}
	select {
	case <-over:
	case <-time.After(lastWords):
		// Nobody may end it, as after sudo. It is reaped when it goes; what it
		// does until then is not waited for.
		return fault.New(fault.Unavailable, "local.survivors", "pid", cmd.Process.Pid, "name", shown(cmd.Args[0]), "count", max(1, len(r.left)))
	}
	r.ended = s.o.Now()
	r.status = cmd.ProcessState.ExitCode()
	if state, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && state.Signaled() {
		r.signal = state.Signal().String()
	}
	if cause := context.Cause(ctx); cause != nil {
		if !errors.Is(cause, errLimit) {
			return cause
		}
		r.late = true
	}
	return nil
}

// lookPath finds a program as a shell in dir would, with the path that the
// command gets.
func (s *session) lookPath(name, dir string) (string, error) {
	if filepath.IsAbs(name) {
		return name, nil
	}
	if filepath.Base(name) != name {
		return filepath.Join(dir, name), nil
	}
	for _, entry := range s.environment() {
		const variable = "PATH="
		if len(entry) < len(variable) || entry[:len(variable)] != variable {
			continue
		}
		for _, folder := range filepath.SplitList(entry[len(variable):]) {
			if !filepath.IsAbs(folder) {
				continue
			}
			file := filepath.Join(folder, name)
			if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
				return file, nil
			}
		}
	}
	return "", fault.New(fault.Unavailable, "local.no_program", "program", shown(name))
}

// environment is what commands get when nothing else is said.
func (s *session) environment() []string {
	if s.o.Env == nil {
		return []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
	}
	return s.o.Env
}

func (s *session) commandEnvironment(c *gate.Command, token string) []string {
	env := slices.Clone(s.environment())
	env = append(env, "TRACKER_ID="+c.Scope.Ticket, "TRACKER_WORKSPACE="+c.Scope.Workspace)
	for _, name := range slices.Sorted(maps.Keys(c.Env)) {
		env = append(env, name+"="+c.Env[name])
	}
	return append(env, token)
}

func (s *session) random() io.Reader {
	if s.o.Random == nil {
		return rand.Reader
	}
	return s.o.Random
}

// capped keeps the beginning of a stream.
type capped struct {
	data []byte
	lost bool // there was more
}

// drain reads to the end, so that nobody waits for it, whatever comes.
func (c *capped) drain(from *os.File) {
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		keep := min(n, mostOutput-len(c.data))
		c.data = append(c.data, buf[:keep]...)
		c.lost = c.lost || keep < n
		if errors.Is(err, os.ErrDeadlineExceeded) {
			c.lost = true // what would have come is not known
		}
		if err != nil {
			return
		}
	}
}
