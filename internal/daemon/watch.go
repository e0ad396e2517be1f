package daemon

import (
	"errors"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// watch tells when something is removed from folders, or they themselves are
// moved away. The kernel says so by
// itself: a daemon at rest need not wake up to look.
type watch struct {
	news   chan struct{} // has a value after a removal; several may be one
	file   *os.File
	reader sync.WaitGroup
}

// watchFolders watches until close. The first news comes at once: what was
// removed before the watch began must be seen too. It fails where inotify is
// used up or missing.
func watchFolders(dirs ...string) (*watch, error) {
	fd, err := unix.InotifyInit1(unix.IN_NONBLOCK | unix.IN_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("inotify_init1", err)
	}
	w := &watch{news: make(chan struct{}, 1), file: os.NewFile(uintptr(fd), "inotify")}
	for _, dir := range dirs {
		if _, err := unix.InotifyAddWatch(fd, dir, unix.IN_DELETE|unix.IN_MOVED_FROM|unix.IN_DELETE_SELF|unix.IN_MOVE_SELF); err != nil {
			return nil, errors.Join(os.NewSyscallError("inotify_add_watch", err), w.file.Close())
		}
	}
	w.news <- struct{}{}
	w.reader.Go(w.read)
	return w, nil
}

func (w *watch) read() {
	buf := make([]byte, 4096)
	for {
		// What was removed does not matter: whoever is told looks for himself.
		if _, err := w.file.Read(buf); err != nil {
			return
		}
		select {
		case w.news <- struct{}{}:
		default:
		}
	}
}

func (w *watch) close() error {
	err := w.file.Close()
	w.reader.Wait()
	return err
}
