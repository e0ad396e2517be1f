package process

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// pollEvery is how often a process is looked at where there are no pidfds.
const pollEvery = 10 * time.Millisecond

// Exited waits for the end of exactly this process, which need not be a child
// of the caller; it returns nil at once when it is gone already. A zombie has
// ended. The error is that of ctx, or tells that the process could not be
// looked at.
func (id ID) Exited(ctx context.Context) error {
	h, err := id.open()
	if errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	if err != nil {
		return err
	}
	if h.fd == none {
		return h.poll(ctx)
	}
	// Only what does not block is given to Go's poller, in which waiting holds
	// no thread.
	if err := unix.SetNonblock(h.fd, true); err != nil {
		h.close()
		return fmt.Errorf("wait for process %d: %w", id.PID, err)
	}
	pidfd := os.NewFile(uintptr(h.fd), "pidfd")
	defer pidfd.Close() //nolint:errcheck // nothing is written
	return h.await(ctx, pidfd)
}

func (h handle) await(ctx context.Context, pidfd *os.File) error {
	if err := pidfd.SetReadDeadline(time.Time{}); err != nil {
		return h.poll(ctx) // the poller does not take it
	}
	conn, err := pidfd.SyscallConn()
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = pidfd.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	var done bool
	var polled error
	err = conn.Read(func(uintptr) bool {
		done, polled = h.ended()
		return done || polled != nil
	})
	if done {
		return nil
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return context.Cause(ctx)
	}
	return errors.Join(err, polled)
}

func (h handle) poll(ctx context.Context) error {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		if done, err := h.ended(); err != nil || done {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
}
