package control

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// longestAddress is what fits into sun_path with its closing NUL (unix(7)).
const longestAddress = 107

// reach calls use with an address of the socket file that fits into the
// kernel's limit whatever the length of its path: through an open descriptor
// of its folder where the path itself is too long.
func reach(path string, use func(address string) error) (err error) {
	if len(path) <= longestAddress {
		return use(path)
	}
	dir, err := os.OpenFile(filepath.Dir(path), unix.O_PATH|unix.O_DIRECTORY, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, dir.Close()) }()
	return use(filepath.Join("/proc/self/fd", strconv.Itoa(int(dir.Fd())), filepath.Base(path)))
}

// Listen opens the daemon's socket. The caller holds the lock of the home, so
// a file that is there belongs to nobody and is replaced.
func Listen(path string) (*net.UnixListener, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("remove the socket that was left behind: %w", err)
	}
	var l *net.UnixListener
	err := reach(path, func(address string) (err error) {
		l, err = net.ListenUnix("unix", &net.UnixAddr{Name: address, Net: "unix"})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", path, err)
	}
	// The path is removed by whoever holds the lock, never by a listener
	// that may have been replaced meanwhile.
	l.SetUnlinkOnClose(false)
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("make %s private: %w", path, err), l.Close())
	}
	return l, nil
}

// dial connects to the daemon's socket. The error is [ErrNotRunning] when
// nobody listens there.
func dial(ctx context.Context, path string) (net.Conn, error) {
	var conn net.Conn
	err := reach(path, func(address string) (err error) {
		var d net.Dialer
		conn, err = d.DialContext(ctx, "unix", address)
		return err
	})
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ENOTDIR) {
		return nil, ErrNotRunning
	}
	return conn, err
}
