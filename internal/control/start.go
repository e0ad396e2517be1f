package control

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/go-json-experiment/json"
	"golang.org/x/sys/unix"

	"uratori/internal/config"
	"uratori/internal/fault"
)

// ErrStart is the fault of a daemon that could not be started.
var ErrStart = fault.New(fault.Failed, "control.start_failed")

// poll is how often a command looks again for a daemon that another command
// is starting; a start takes a few of these.
const poll = 5 * time.Millisecond

// Starter connects to the daemon of a home and starts one in the background
// when there is none.
type Starter struct {
	Home    config.Home
	Build   Build
	Program string // what to run as `PROGRAM up …`, usually /proc/self/exe
}

// Connect returns a client of the running daemon. Of many callers at the same
// time one starts it and the others wait for it.
func (s Starter) Connect(ctx context.Context) (*Client, error) {
	c, err := Dial(ctx, s.Home, s.Build)
	if !errors.Is(err, ErrNotRunning) {
		return c, err
	}
	if err := s.Home.Create(); err != nil {
		return nil, err
	}
	lock, err := os.OpenFile(filepath.Join(s.Home.Run(), "start.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, s.Home.Explain(err)
	}
	defer lock.Close() //nolint:errcheck // gives the lock back, holds no data
	for {
		err := unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			return s.start(ctx)
		}
		if !errors.Is(err, unix.EWOULDBLOCK) {
			return nil, fault.New(fault.Failed, "control.start_failed", "home", s.Home).Wrap(err)
		}
		select {
		case <-ctx.Done():
			return nil, fault.New(fault.Unavailable, "control.gave_up").Wrap(ctx.Err())
		case <-time.After(poll):
		}
		if c, err := Dial(ctx, s.Home, s.Build); !errors.Is(err, ErrNotRunning) {
			return c, err
		}
	}
}

// start is called with the start lock held.
func (s Starter) start(ctx context.Context) (*Client, error) {
	if c, err := Dial(ctx, s.Home, s.Build); !errors.Is(err, ErrNotRunning) {
		return c, err // somebody else's start ended just before
	}
	// A middle process starts the daemon and ends, so that the daemon is
	// nobody's child: a long-lived parent would keep it as a zombie.
	cmd := exec.CommandContext(ctx, s.Program, "up", "--detach")
	cmd.Args[0] = "uratori"
	cmd.Env = append(slices.DeleteFunc(os.Environ(), OfJob), "URATORI_HOME="+string(s.Home))
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	runErr := cmd.Run()
	var answer Started
	if err := json.Unmarshal(out.Bytes(), &answer); err != nil {
		return nil, fault.New(fault.Failed, "control.start_failed", "home", s.Home).
			Wrap(errors.Join(runErr, errors.New(lastLines(errs.String()))))
	}
	if err := answer.Error.Decode(); err != nil {
		// It may have failed because one came back that could not be
		// reached before.
		if c, err := Dial(ctx, s.Home, s.Build); err == nil {
			return c, nil
		}
		return nil, fault.New(fault.KindOf(err), "control.start_failed", "home", s.Home).Wrap(err)
	}
	return Dial(ctx, s.Home, s.Build)
}

// OfJob tells whether a variable is one of those by which the processes of a job
// are known. A daemon that a job has started is none of them, and neither are
// that daemon's shims.
func OfJob(variable string) bool {
	name, _, _ := strings.Cut(variable, "=")
	switch name {
	case "URATORI_TOKEN", "URATORI_TASK", "URATORI_ATTEMPT", "URATORI_CHECKPOINT", "URATORI_ITEMS", "URATORI_PROGRESS", "TRACKER_ID", "TRACKER_WORKSPACE":
		return true
	}
	return false
}

// Started is what a daemon says through its ready pipe, once: that it answers
// on its socket, or why it could not start.
type Started struct {
	PID   int    `json:"pid"`
	Error *Fault `json:"error,omitempty"`
}

// ReadyFD is the descriptor of the ready pipe in the daemon.
const ReadyFD = 3

// Detach runs program as a daemon in a session of its own, with output as its
// stdout and stderr, and waits until it answers or has failed.
func Detach(ctx context.Context, program string, output *os.File) (Started, error) {
	if err := keepToOurselves(); err != nil {
		return Started{}, err
	}
	ready, tell, err := os.Pipe()
	if err != nil {
		return Started{}, err
	}
	defer ready.Close()                                                   //nolint:errcheck // only read from
	cmd := exec.Command(program, "up", "--ready-fd", fmt.Sprint(ReadyFD)) //nolint:noctx // it must outlive every context here
	cmd.Args[0] = "uratori"
	cmd.Dir = "/" // no folder of a person is held open
	// It is no service of whatever service it may be started from.
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "NOTIFY_SOCKET=") || strings.HasPrefix(v, "WATCHDOG_")
	})
	cmd.Stdout, cmd.Stderr = output, output
	cmd.ExtraFiles = []*os.File{tell}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := errors.Join(cmd.Start(), tell.Close()); err != nil {
		return Started{}, err
	}
	stop := context.AfterFunc(ctx, func() { ready.Close() }) //nolint:errcheck // ends the read below
	defer stop()
	raw, err := io.ReadAll(ready)
	var answer Started
	if err := errors.Join(err, json.Unmarshal(raw, &answer)); err != nil {
		return Started{}, fmt.Errorf("the daemon (pid %d) ended or hung before it was ready: %w", cmd.Process.Pid, err)
	}
	return answer, nil
}

// keepToOurselves has the files that this process inherited end with it: a
// daemon that holds the lock or the pipe of some script would hold it for
// ever.
func keepToOurselves() error {
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return fmt.Errorf("list the open files: %w", err)
	}
	const stderr = 2
	for _, f := range files {
		if fd, err := strconv.Atoi(f.Name()); err == nil && fd > stderr {
			unix.CloseOnExec(fd)
		}
	}
	return nil
}

// lastLines keeps an error message readable when a program has died with a
// long trace.
func lastLines(s string) string {
	const longest = 2000
	if len(s) > longest {
		s = "…" + s[len(s)-longest:]
	}
	return s
}
