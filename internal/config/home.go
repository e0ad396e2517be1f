package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"uratori/internal/config/homes"
	"uratori/internal/fault"
)

// Home is the absolute path of the folder that holds everything of one
// uratori: settings, store, socket, logs, tasks.
type Home string

// FindHome is $URATORI_HOME, else uratori in the XDG data home.
func FindHome(getenv func(string) string) (Home, error) { return FindHomeFrom(getenv, os.Getwd) }

// FindHomeFrom is FindHome for somebody who stands in the folder that here tells.
func FindHomeFrom(getenv func(string) string, here func() (string, error)) (Home, error) {
	dir, err := homes.Find(getenv, here)
	if err != nil {
		return "", fault.New(fault.Invalid, "config.no_home").Wrap(err)
	}
	if dir == "" {
		return "", fault.New(fault.Invalid, "config.no_home")
	}
	return Home(dir), nil
}

// The places in a home.
func (h Home) Config() string   { return h.join("config.toml") }
func (h Home) Database() string { return h.join("uratori.db") }
func (h Home) Run() string      { return h.join("run") }
func (h Home) Socket() string   { return homes.Socket(string(h)) }
func (h Home) Logs() string     { return h.join("logs") }
func (h Home) Tasks() string    { return h.join("tasks") }

func (h Home) join(names ...string) string {
	return filepath.Join(append([]string{string(h)}, names...)...)
}

// Create makes the folders of the home for its owner alone. One that is there
// keeps its rights, but for run/, whose privacy protects the socket.
func (h Home) Create() error {
	if h == "/" {
		// run/ there belongs to the system.
		return fault.New(fault.Invalid, "config.home_root")
	}
	for _, dir := range []string{string(h), h.Run(), h.Logs()} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return h.Explain(err)
		}
	}
	info, err := os.Lstat(h.Run())
	if err != nil {
		return h.Explain(err)
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !info.IsDir() || !ok || int(owner.Uid) != os.Geteuid() {
		return fault.New(fault.Failed, "config.run_not_ours", "run", h.Run())
	}
	if info.Mode().Perm() != 0o700 {
		return h.Explain(os.Chmod(h.Run(), 0o700)) //nolint:gosec // a folder needs its x
	}
	return nil
}

// Explain turns an error of a file in the home into the fault that a person
// can act on.
func (h Home) Explain(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.EROFS):
		return fault.New(fault.Failed, "config.home_read_only", "home", h).Wrap(err)
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fault.New(fault.Failed, "config.home_full", "home", h).Wrap(err)
	case errors.Is(err, fs.ErrPermission):
		return fault.New(fault.Failed, "config.home_no_access", "home", h).Wrap(err)
	}
	return fault.New(fault.Failed, "config.home_unusable", "home", h).Wrap(err)
}
