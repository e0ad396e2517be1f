package daemon

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/go-json-experiment/json"
	"golang.org/x/sys/unix"

	"uratori/internal/config"
	"uratori/internal/control"
	"uratori/internal/daemon/custody"
	"uratori/internal/fault"
	"uratori/internal/process"
)

// ErrRunning is the fault of a second daemon for one home.
var ErrRunning = fault.New(fault.Conflict, "daemon.running")

const (
	// handover is how long a new daemon waits for one that holds the home
	// but does not answer: it is starting or stopping. A stop takes at most
	// [stopGrace].
	handover = stopGrace + 5*time.Second
	// lockPoll is how often it looks; a stop takes many of these.
	lockPoll = 10 * time.Millisecond
)

// lock is the custody of a home. The kernel's lock is on the home folder
// itself, so that deleting run/ lets no second daemon in; run/daemon.json
// beside it only tells people and programs who holds it, and is never
// trusted alone.
type lock struct{ dir *os.File }

// holder is what run/daemon.json says.
type holder struct {
	process.ID
	control.Build
	StartedAt time.Time `json:"started_at"`
}

func acquire(ctx context.Context, home config.Home, me holder) (*lock, error) {
	dir, err := os.Open(string(home))
	if err != nil {
		return nil, fmt.Errorf("open the home folder: %w", err)
	}
	l := &lock{dir: dir}
	if err := l.wait(ctx, home, me.Build); err != nil {
		return nil, errors.Join(err, dir.Close())
	}
	if err := writeHolder(home, me); err != nil {
		return nil, errors.Join(home.Explain(err), dir.Close())
	}
	return l, nil
}

func (l *lock) wait(ctx context.Context, home config.Home, build control.Build) error {
	ctx, cancel := context.WithTimeout(ctx, handover)
	defer cancel()
	for {
		err := unix.Flock(int(l.dir.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			return nil
		}
		if !errors.Is(err, unix.EWOULDBLOCK) {
			return fault.New(fault.Failed, "daemon.no_lock", "home", home).Wrap(err)
		}
		other, err := control.Dial(ctx, home, build)
		if err == nil {
			other.Close()
			return running(home)
		}
		select {
		case <-ctx.Done():
			return errors.Join(running(home), ctx.Err())
		case <-time.After(lockPoll):
		}
	}
}

// running names the daemon that holds home, as far as its file can be
// trusted.
func running(home config.Home) error {
	h, err := readHolder(home)
	if err == nil {
		var alive bool
		if alive, err = h.Alive(); err == nil && alive {
			return fault.New(fault.Conflict, "daemon.running", "home", home, "pid", h.PID,
				"version", h.Version, "since", h.StartedAt.Local().Format(time.DateTime))
		}
	}
	return fault.New(fault.Conflict, "daemon.held", "home", home)
}

func holderFile(home config.Home) string { return custody.File(string(home)) }

func readHolder(home config.Home) (holder, error) {
	raw, err := os.ReadFile(holderFile(home))
	if err != nil {
		return holder{}, err
	}
	var h holder
	err = json.Unmarshal(raw, &h)
	return h, err
}

func writeHolder(home config.Home, h holder) error { return writeWhole(holderFile(home), h) }

// writeWhole replaces file by v as JSON: a reader sees the old or the new one.
// It is not synced; what is written here is checked against the world anyway.
func writeWhole(file string, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	part := file + ".part"
	err = os.WriteFile(part, append(raw, '\n'), 0o600)
	if err == nil {
		err = os.Rename(part, file)
	}
	if err != nil {
		return errors.Join(err, os.Remove(part))
	}
	return nil
}

// holds tells whether the path of the home still leads to the folder that is
// locked. When the folder was deleted or moved away, another daemon may
// rightly be at work at that path.
func (l *lock) holds(home config.Home) bool {
	mine, err := l.dir.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(string(home))
	return err == nil && os.SameFile(mine, there)
}

// release gives the home back. The kernel does so too when the process dies.
func (l *lock) release(home config.Home) error {
	if !l.holds(home) {
		return l.dir.Close()
	}
	err := os.Remove(holderFile(home))
	if errors.Is(err, fs.ErrNotExist) {
		err = nil // somebody has tidied run/ up
	}
	return errors.Join(err, l.dir.Close())
}
