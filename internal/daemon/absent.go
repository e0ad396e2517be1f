package daemon

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"uratori/internal/config"
	"uratori/internal/daemon/custody"
)

// Absence is a daemon that has gone without a word.
type Absence struct {
	home config.Home
	gone holder
}

// Missed is [custody.Missed], and which daemon it is that is missed.
func Missed(home config.Home) (Absence, bool) {
	if !custody.Missed(string(home)) {
		return Absence{}, false
	}
	gone, err := readHolder(home)
	if errors.Is(err, fs.ErrNotExist) {
		return Absence{}, false // another came and left in order meanwhile
	}
	return Absence{home, gone}, true
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
