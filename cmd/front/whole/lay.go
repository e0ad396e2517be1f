package whole

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Lay lays the program out in cache, whatever bears its name there, and opens it.
// Of several that do it at a time the last one's file stays, and all are the same.
func (p Program) Lay(cache string, now time.Time) (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(cache), folderMode); err != nil {
		return nil, err
	}
	own := filepath.Join(cache, p.folder())
	for _, dir := range []string{cache, own} {
		if err := os.Mkdir(dir, folderMode); err != nil && !errors.Is(err, os.ErrExist) {
			return nil, err
		}
	}
	if err := p.write(cache); err != nil {
		return nil, fmt.Errorf("lay the large program out: %w", err)
	}
	tidy(cache, p.folder(), now)
	return p.Find(cache)
}

// write puts the program where it belongs, whole or not at all.
func (p Program) write(cache string) (err error) {
	dir, err := openFolder(unix.AT_FDCWD, cache)
	if err != nil {
		return err
	}
	defer dir.Close() //nolint:errcheck // only looked at
	own, err := openFolder(int(dir.Fd()), p.folder())
	if err != nil {
		return err
	}
	defer own.Close() //nolint:errcheck // only looked at
	at, part := int(own.Fd()), partPrefix+rand.Text()
	fd, err := unix.Openat(at, part, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = unix.Unlinkat(at, part, 0) // it may have its name already
		}
	}()
	file := os.NewFile(uintptr(fd), part)
	err = p.unpack(file)
	if err = errors.Join(err, file.Chmod(mode), file.Sync(), file.Close()); err != nil {
		return err
	}
	if err := unix.Renameat(at, part, at, name); err != nil {
		return err
	}
	return syncFolder(at)
}

// syncFolder makes a new name last.
func syncFolder(at int) error {
	fd, err := unix.Openat(at, ".", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	return errors.Join(unix.Fsync(fd), unix.Close(fd))
}

const (
	// lately is how long ago something counts as in use.
	lately = time.Hour
	// noted is how exactly it is known when a program was used.
	noted = 10 * time.Minute
	// kept is how many programs of other builds stay. Somebody may use two in turn.
	kept = 2
)

// touch notes that a program is used, by the time of its folder.
func touch(own *os.File) {
	info, err := own.Stat()
	if err == nil && time.Since(info.ModTime()) > noted {
		now := time.Now()
		_ = os.Chtimes(fmt.Sprintf("/proc/self/fd/%d", own.Fd()), now, now)
	}
}

// tidy takes away what other builds have laid out, but for the two that were used
// last and whatever was used lately, and what was not laid out to its end. What
// still runs of them does not need its name. It is done as well as it goes.
func tidy(cache, own string, now time.Time) {
	root, err := os.OpenRoot(cache) // nothing outside is touched, whatever links there are
	if err != nil {
		return
	}
	defer root.Close() //nolint:errcheck // nothing was written through it
	type other struct {
		name string
		used time.Time
	}
	var others []other
	for _, name := range names(root, ".") {
		info, err := root.Lstat(name)
		switch {
		case err != nil || !info.IsDir() || !isFolder(name):
		case name == own:
			for _, part := range names(root, name) {
				path := filepath.Join(name, part)
				if info, err := root.Lstat(path); err == nil && strings.HasPrefix(part, partPrefix) && now.Sub(info.ModTime()) > lately {
					_ = root.Remove(path)
				}
			}
		default:
			others = append(others, other{name, info.ModTime()})
		}
	}
	slices.SortFunc(others, func(a, b other) int { return b.used.Compare(a.used) })
	for i, o := range others {
		if i >= kept && now.Sub(o.used) > lately {
			_ = root.RemoveAll(o.name)
		}
	}
}

// isFolder tells the name of a program's folder from what somebody else has there.
func isFolder(name string) bool {
	return len(name) == shown && strings.Trim(name, "0123456789abcdef") == ""
}

func names(root *os.Root, dir string) []string {
	f, err := root.Open(dir)
	if err != nil {
		return nil
	}
	defer f.Close() //nolint:errcheck // only read from
	list, err := f.Readdirnames(-1)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil
	}
	return list
}
