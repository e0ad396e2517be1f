package daemon

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"

	"uratori/internal/config"
)

// Absence is a daemon that has gone without a word.
type Absence struct {
	home config.Home
	gone holder
}

// Missed tells whether the daemon of a home was killed or has crashed, and
// nobody has taken its place. One that was told to stop is not missed: it has
// taken its file away, while it still had the lock.
func Missed(home config.Home) (Absence, bool) {
	dir, err := os.Open(string(home))
	if err != nil {
		return Absence{}, false
	}
	defer dir.Close() //nolint:errcheck // gives the lock back, if it was had
	if unix.Flock(int(dir.Fd()), unix.LOCK_SH|unix.LOCK_NB) != nil {
		return Absence{}, false
	}
	gone, err := readHolder(home)
	if errors.Is(err, fs.ErrNotExist) {
		return Absence{}, false
	}
	return Absence{home, gone}, true // whatever the file says, it is there
}

// Tell has f tell people of the absence. Of many who miss the same daemon one
// does; when it fails, another may.
func (a Absence) Tell(f func() error) error {
	told := filepath.Join(a.home.Run(), toldPrefix+strconv.Itoa(a.gone.PID)+"-"+strconv.FormatUint(a.gone.Start, 10))
	file, err := os.OpenFile(told, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err == nil {
		err = file.Close()
	}
	if err = errors.Join(err, f()); err != nil {
		_ = os.Remove(told)
	}
	return err
}

const toldPrefix = "missed-"

// forgetAbsences takes the notes of [Absence.Tell] away: whoever they were
// about has a successor.
func forgetAbsences(home config.Home) error {
	notes, err := filepath.Glob(filepath.Join(home.Run(), toldPrefix+"*"))
	for _, note := range notes {
		err = errors.Join(err, os.Remove(note))
	}
	return err
}
