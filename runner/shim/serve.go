package shim

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"syscall"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/sys/unix"

	"uratori/internal/process"
)

// Serve is the whole life of a shim process. With a dir it serves that attempt
// and returns; without, it serves those whose folders it reads from in, one
// after another, until in ends. What happens it says on out.
//
// It survives the death of whoever is at the other ends, and the closing of
// any terminal. Only SIGKILL ends it while the job's first process runs;
// SIGTERM does when that has ended, or when there is none. While nobody listens
// and the job runs, sentry looks after the daemon.
func Serve(dir string, in, out *os.File, sentry Sentry) error {
	if dir != "" {
		var err error
		if dir, err = filepath.Abs(dir); err != nil {
			return err
		}
	}
	s := server{out: out, sentry: sentry, commands: make(chan command), term: make(chan os.Signal, 1)}
	var err error
	if s.self, err = process.Self(); err != nil {
		return err
	}
	s.groups.self = s.self
	defer s.groups.close()
	if err := s.settle(); err != nil {
		return err
	}
	if in, err = patient(in); err != nil {
		return err
	}
	go s.listen(in) // ends with in, or with the process
	if dir != "" {
		return s.attempt(dir)
	}
	calm := time.NewTimer(settled)
	defer calm.Stop()
	for {
		select {
		case <-calm.C:
			slim()
		case c, ok := <-s.commands:
			if !ok {
				return nil
			}
			if c.Attempt == "" {
				continue // a release that crossed our being idle
			}
			if err := s.attempt(string(c.Attempt)); err != nil {
				return err
			}
			if s.gone {
				return nil
			}
			s.groups.rest()
			calm.Reset(settled)
		case <-s.term:
			return nil
		}
	}
}

type server struct {
	self     process.ID
	out      *os.File
	sentry   Sentry
	commands chan command // closed when nobody can say anything any more
	term     chan os.Signal
	gone     bool // the shim must not take another attempt
	groups   groups
}

// settle makes this process independent of whoever started it.
func (s *server) settle() error {
	// Signals that a process handles are reset in its children; those that
	// it ignores would stay ignored in the job. So all that would end or stop
	// the shim are handled, by letting them lie. With SIGPIPE among them, a
	// broken pipe is an error and no death.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGPIPE, syscall.SIGALRM,
		syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGTSTP, syscall.SIGTTIN, syscall.SIGTTOU)
	signal.Notify(s.term, syscall.SIGTERM)
	if err := closeInherited(); err != nil {
		return err
	}
	_, _ = unix.Setsid() // it fails where it is the leader of a session already
	unix.Umask(0o077)
	if err := os.Chdir("/"); err != nil {
		return err
	}
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("become the sub-reaper: %w", err)
	}
	// A shim waits. It needs one thread to run on, and never collects garbage
	// unless somebody hands it a huge spec.
	runtime.GOMAXPROCS(1)
	debug.SetGCPercent(-1)
	const heap = 8 << 20
	debug.SetMemoryLimit(heap)
	return nil
}

// closeInherited closes descriptors that whoever started the shim has left
// open: nobody's lock or pipe is to be held for as long as a job runs. What is
// closed at exec has been opened here since.
func closeInherited() error {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return fmt.Errorf("list the open files: %w", err)
	}
	for _, entry := range entries {
		fd, err := strconv.Atoi(entry.Name())
		if err != nil || fd <= 2 {
			continue
		}
		flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
		if err == nil && flags&unix.FD_CLOEXEC == 0 {
			_ = unix.Close(fd)
		}
	}
	return nil
}

// patient is a pipe that holds no thread while it is read from: who waits in
// the kernel has to be missed before the only other thread goes on, and that takes
// longer than a job may last. Anything but a pipe is what it was.
func patient(in *os.File) (*os.File, error) {
	var st unix.Stat_t
	if err := unix.Fstat(int(in.Fd()), &st); err != nil || st.Mode&unix.S_IFMT != unix.S_IFIFO {
		return in, nil //nolint:nilerr // reading tells what is wrong with it
	}
	fd, err := unix.FcntlInt(in.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err == nil {
		err = unix.SetNonblock(fd, true)
	}
	if err != nil {
		return nil, fmt.Errorf("prepare to listen: %w", err)
	}
	return os.NewFile(uintptr(fd), in.Name()), nil
}

func (s *server) listen(in *os.File) {
	defer close(s.commands)
	lines := jsontext.NewDecoder(in)
	for {
		var c command
		if err := json.UnmarshalDecode(lines, &c); err != nil {
			return // the end, or half a line of somebody who was killed
		}
		s.commands <- c
	}
}

// say tells the daemon, if it is there.
func (s *server) say(e event) {
	line, err := json.Marshal(e)
	if err == nil {
		_, err = s.out.Write(append(line, '\n'))
	}
	if err != nil && !errors.Is(err, syscall.EPIPE) {
		complain("say "+string(e.Event), err)
	}
}

// complain says on stderr what nobody else can be told.
func complain(what string, err error) {
	fmt.Fprintf(os.Stderr, "uratori shim %d: %s: %v\n", os.Getpid(), what, err)
}
