package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"uratori/internal/fault"
)

// tty is the terminal that a person sits at, whatever stdin and stdout are.
type tty struct{ file *os.File }

// openTTY opens it. A process without one, such as an agent's shell or a
// script, is told where to go.
func openTTY() (*tty, error) {
	f, err := os.OpenFile("/dev/tty", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, fault.New(fault.Invalid, "cli.approve.no_terminal").Wrap(err)
	}
	return &tty{f}, nil
}

func (t *tty) close() { _ = t.file.Close() } // nothing is left to be written

// secret asks for a line that is not shown while it is typed, and ends when
// ctx does. The caller overwrites the line.
func (t *tty) secret(ctx context.Context, prompt string) (line []byte, err error) {
	before, err := t.state()
	if err != nil {
		return nil, fault.New(fault.Invalid, "cli.approve.no_terminal").Wrap(err)
	}
	quiet := *before
	quiet.Lflag &^= unix.ECHO
	quiet.Lflag |= unix.ICANON | unix.ISIG
	quiet.Iflag |= unix.ICRNL
	quiet.Cc[unix.VSUSP] = 0 // a shell that takes over shall not be left without its echo
	// What was typed before the question is no answer to it.
	if err := t.set(unix.TCSETSF, &quiet); err != nil {
		return nil, fmt.Errorf("turn the echo of the terminal off: %w", err)
	}
	defer func() {
		err = errors.Join(err, t.set(unix.TCSETS, before))
		_, _ = io.WriteString(t.file, "\n") // the one that was typed was not shown either
	}()
	if _, err := io.WriteString(t.file, visible(prompt)+" "); err != nil {
		return nil, fmt.Errorf("write to the terminal: %w", err)
	}
	if err := t.file.SetReadDeadline(time.Time{}); err != nil {
		return nil, fmt.Errorf("wait for the terminal: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { _ = t.file.SetReadDeadline(time.Unix(1, 0)) }) // it was possible a moment ago
	defer stop()
	// A terminal gives a line of at most so many bytes at once.
	const longest = 4096
	typed := make([]byte, longest)
	defer clear(typed)
	n, err := t.file.Read(typed)
	switch {
	case ctx.Err() != nil:
		return nil, fault.New(fault.Failed, "cli.approve.nothing").Wrap(ctx.Err())
	case errors.Is(err, io.EOF):
		return nil, nil // Ctrl-D
	case err != nil:
		return nil, fmt.Errorf("read from the terminal: %w", err)
	}
	return bytes.Clone(bytes.TrimRight(typed[:n], "\r\n")), nil
}

func (t *tty) state() (state *unix.Termios, err error) {
	err = t.do(func(fd int) (err error) {
		state, err = unix.IoctlGetTermios(fd, unix.TCGETS)
		return err
	})
	return state, err
}

func (t *tty) set(how uint, state *unix.Termios) error {
	return t.do(func(fd int) error { return unix.IoctlSetTermios(fd, how, state) })
}

// do keeps the descriptor as it is; Fd would have reads wait without end.
func (t *tty) do(f func(fd int) error) error {
	raw, err := t.file.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	if err := raw.Control(func(fd uintptr) { failed = f(int(fd)) }); err != nil {
		return err
	}
	return failed
}
