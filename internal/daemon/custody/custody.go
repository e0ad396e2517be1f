// Package custody tells whether the daemon of a home is at its post. It knows
// the two signs of that and imports next to nothing, so that the small program
// that keeps jobs can ask as well as the daemon.
package custody

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// File is what a daemon writes about itself when it has taken a home, and takes
// away when it leaves in order.
func File(home string) string { return filepath.Join(home, "run", "daemon.json") }

// Missed tells whether the daemon of a home was killed or has crashed, and
// nobody has taken its place. One that was told to stop is not missed: it has
// taken its file away, while it still had the lock. Of a home that cannot be
// looked at nobody is missed.
func Missed(home string) bool {
	dir, err := os.Open(home)
	if err != nil {
		return false
	}
	defer dir.Close() //nolint:errcheck // gives the lock back, if it was had
	if unix.Flock(int(dir.Fd()), unix.LOCK_SH|unix.LOCK_NB) != nil {
		return false
	}
	_, err = os.Lstat(File(home))
	return !errors.Is(err, fs.ErrNotExist) // whatever the file says, it is there
}
