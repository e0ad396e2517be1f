// Package doorstep is what the small program at the door (cmd/front) tells the large
// one that it becomes: where it lies itself, for what is written down for later,
// and the key and the time of a line that the daemon was asked for already, so
// that it is not done twice.
//
// Both travel as variables of the environment, which anybody can set and every
// child inherits. So each holds for what it was said to alone: the path for the
// very file that was started, the order for the very process.
package doorstep

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"uratori/internal/control/line"
)

// The variables.
const (
	Path  = "URATORI_FRONT"
	Order = "URATORI_FRONT_ORDER"
)

// Is tells whether a variable is one of them.
func Is(variable string) bool {
	name, _, _ := strings.Cut(variable, "=")
	return name == Path || name == Order
}

// OfFront is the variable by which the program in file is told that front started it.
func OfFront(front string, file os.FileInfo) (string, error) {
	device, inode, err := identity(file)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s=%d:%d:%s", Path, device, inode, front), nil
}

// Front is the path by which this program, which lies in file, is to be called
// later. ok is false where no front has started this very file, or where what lies
// at that path now can be no program.
func Front(getenv func(string) string, file os.FileInfo) (path string, ok bool) {
	words := strings.SplitN(getenv(Path), ":", 3)
	device, inode, err := identity(file)
	if err != nil || len(words) != 3 || words[0] != strconv.FormatUint(device, 10) || words[1] != strconv.FormatUint(inode, 10) {
		return "", false
	}
	path = words[2]
	if !filepath.IsAbs(path) || filepath.Clean(path) != path {
		return "", false
	}
	info, err := os.Stat(path)
	return path, err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o111 != 0
}

func identity(file os.FileInfo) (device, inode uint64, err error) {
	s, ok := file.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0, fmt.Errorf("%s: nothing tells which file it is", file.Name())
	}
	return uint64(s.Dev), s.Ino, nil //nolint:unconvert // on some machines it is narrower
}

// OfOrder is the variable by which the process pid learns the key and the time of
// its command.
func OfOrder(pid int, key string, at time.Time) string {
	return fmt.Sprintf("%s=%d:%s:%d", Order, pid, key, at.UnixNano())
}

// longAgo is how old an order can be that is still being tried.
const longAgo = time.Minute

// TakeOrder is the key and the time of the command of the process pid. ok is false
// where it was told none, or where they can be none.
func TakeOrder(value string, pid int, now time.Time) (key string, at time.Time, ok bool) {
	words := strings.Split(value, ":")
	if len(words) != 3 || words[0] != strconv.Itoa(pid) || !line.IsKey(words[1]) {
		return "", time.Time{}, false
	}
	nanos, err := strconv.ParseInt(words[2], 10, 64)
	at = time.Unix(0, nanos)
	if err != nil || now.Sub(at).Abs() > longAgo {
		return "", time.Time{}, false
	}
	return words[1], at, true
}
