package process

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// Signal sends sig to exactly this process: it is looked at after a pidfd has
// pinned it, so nobody who got its pid in between is hit. The error wraps
// [os.ErrProcessDone] when it is gone or a zombie, and [syscall.EPERM] when it
// is another user's.
func (id ID) Signal(sig syscall.Signal) error {
	h, err := id.open()
	if err != nil {
		return err
	}
	defer h.close()
	return h.signal(sig)
}

// handle is a process that keeps its pid for as long as the handle is open.
type handle struct {
	id ID
	fd int // none where there are no pidfds
}

const none = -1

// open wraps [os.ErrProcessDone] when the process is gone or a zombie.
func (id ID) open() (handle, error) {
	fd, err := unix.PidfdOpen(id.PID, 0)
	switch {
	case errors.Is(err, unix.ESRCH), errors.Is(err, unix.EINVAL): // EINVAL: a thread has the number now, or it never was one
		return handle{}, fmt.Errorf("open process %d: %w", id.PID, os.ErrProcessDone)
	case errors.Is(err, unix.ENOSYS), errors.Is(err, unix.EPERM):
		fd = none // a kernel before 5.3, or a sandbox that forbids what it does not know
	case err != nil:
		return handle{}, fmt.Errorf("open process %d: %w", id.PID, err)
	}
	h := handle{id, fd}
	alive, err := id.Alive()
	if err == nil && !alive {
		err = fmt.Errorf("open process %d: %w", id.PID, os.ErrProcessDone)
	}
	if err != nil {
		h.close()
		return handle{}, err
	}
	return h, nil
}

func (h handle) close() {
	if h.fd != none {
		_ = unix.Close(h.fd)
	}
}

func (h handle) signal(sig syscall.Signal) error {
	err := error(unix.ENOSYS)
	if h.fd != none {
		err = unix.PidfdSendSignal(h.fd, sig, nil, 0)
	}
	if errors.Is(err, unix.ENOSYS) {
		// Within microseconds after the look the pid does not change hands in practice.
		err = unix.Kill(h.id.PID, sig)
	}
	if errors.Is(err, unix.ESRCH) {
		err = os.ErrProcessDone
	}
	if err != nil {
		return fmt.Errorf("signal process %d: %w", h.id.PID, err)
	}
	return nil
}

// ended tells whether the process is gone or a zombie.
func (h handle) ended() (bool, error) {
	if h.fd == none {
		alive, err := h.id.Alive()
		return !alive, err
	}
	for {
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(h.fd), Events: unix.POLLIN}}, 0) //nolint:gosec // a descriptor is small
		if !errors.Is(err, unix.EINTR) {
			return n > 0, err
		}
	}
}
