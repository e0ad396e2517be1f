package faults

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"uratori/internal/ledger"
	"uratori/tests/house"
)

// Whatever somebody tidies away in run/ while the daemon runs, it is the same
// daemon that is reachable again.
func TestRunFolder_TidiedAway_TheSameDaemonIsReachableAgain(t *testing.T) {
	t.Parallel()
	for name, tidy := range map[string]func(h *house.House) error{
		"socket removed": func(h *house.House) error { return os.Remove(h.Home.Socket()) },
		"socket moved":   func(h *house.House) error { return os.Rename(h.Home.Socket(), h.Home.Socket()+".old") },
		"socket replaced": func(h *house.House) error {
			part := h.Home.Socket() + ".part"
			if err := os.WriteFile(part, []byte("a file"), 0o600); err != nil {
				return err
			}
			return os.Rename(part, h.Home.Socket())
		},
		"daemon.json removed": func(h *house.House) error { return os.Remove(filepath.Join(h.Home.Run(), "daemon.json")) },
		"run moved away":      func(h *house.House) error { return os.Rename(h.Home.Run(), string(h.Home)+".run") },
		"run replaced": func(h *house.House) error {
			if err := os.Rename(h.Home.Run(), string(h.Home)+".run"); err != nil {
				return err
			}
			return os.Mkdir(h.Home.Run(), 0o700)
		},
		"run opened to others": func(h *house.House) error { return os.Chmod(h.Home.Run(), 0o755) }, //nolint:gosec // that is what went wrong
		"logs removed":         func(h *house.House) error { return os.RemoveAll(h.Home.Logs()) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := house.New(t, program)
			first := h.Status()
			for range 2 { // it holds again and again
				if err := tidy(h); err != nil {
					t.Fatal(err)
				}
				if again := h.Status(); again.Daemon.ID != first.Daemon.ID {
					t.Errorf("daemon %v after %v", again.Daemon.ID, first.Daemon.ID)
				}
				if err := os.RemoveAll(string(h.Home) + ".run"); err != nil {
					t.Fatal(err)
				}
				house.Until(t, "the socket and who holds the home", func() bool {
					_, err := os.Stat(filepath.Join(h.Home.Run(), "daemon.json"))
					_, err2 := os.Stat(h.Home.Socket())
					return err2 == nil && (err == nil || name == "daemon.json removed")
				})
				if name == "daemon.json removed" || name == "logs removed" {
					return // nobody needs it for that
				}
			}
			if n := len(h.Entries("daemon.started")); n != 1 {
				t.Errorf("%d starts", n)
			}
			if r := h.Run("up"); r.Code != 4 {
				t.Errorf("up: %+v", r)
			}
		})
	}
}

// A home that is moved while its daemon runs takes the data along, and the
// next command there finds all of it.
func TestHomeMoved_NothingIsLost(t *testing.T) {
	t.Parallel()
	h := house.New(t, program)
	old := h.Status()
	h.Must("backup", filepath.Join(t.TempDir(), "b.db"))
	there := house.At(t, program, string(h.Home)+" moved")
	if err := os.Rename(string(h.Home), string(there.Home)); err != nil {
		t.Fatal(err)
	}
	house.Until(t, "the end of the old daemon", func() bool {
		alive, err := old.Daemon.Alive()
		return err == nil && !alive
	})
	if r := there.Run("ledger", "verify", "--known", old.Ledger.Head.String()); r.Code != 0 {
		t.Errorf("%+v", r)
	}
	if n := len(there.Entries("store.backed_up")); n != 1 {
		t.Errorf("%d backups are recorded", n)
	}
	if _, err := os.Stat(string(h.Home)); err == nil {
		t.Error("the old daemon made its home anew")
	}
}

// Two names of one home are one home.
func TestHomeByASymbolicLink_IsTheSameHome(t *testing.T) {
	t.Parallel()
	h := house.New(t, program)
	s := h.Status()
	link := house.At(t, program, filepath.Join(t.TempDir(), "link"))
	if err := os.Symlink(string(h.Home), string(link.Home)); err != nil {
		t.Fatal(err)
	}
	if again := link.Status(); again.Daemon.ID != s.Daemon.ID {
		t.Errorf("%+v", again.Daemon)
	}
	link.Must("down")
	link.Must("status")
	if r := h.Verify(); r.Verdict != ledger.Verified {
		t.Errorf("%+v", r)
	}
	h.Must("down")
}

// What stands where a folder or file of the home should be is named.
func TestHome_SomethingElseInTheWay_IsNamed(t *testing.T) {
	t.Parallel()
	for name, way := range map[string]func(h *house.House) (string, error){
		"home is a file": func(h *house.House) (string, error) { return string(h.Home), os.WriteFile(string(h.Home), nil, 0o600) },
		"run is a file": func(h *house.House) (string, error) {
			return h.Home.Run(), under(h, func() error { return os.WriteFile(h.Home.Run(), nil, 0o600) })
		},
		"run leads elsewhere": func(h *house.House) (string, error) {
			return h.Home.Run(), under(h, func() error { return os.Symlink(os.TempDir(), h.Home.Run()) })
		},
		"logs is a file": func(h *house.House) (string, error) {
			return h.Home.Logs(), under(h, func() error { return os.WriteFile(h.Home.Logs(), nil, 0o600) })
		},
		"store is a folder": func(h *house.House) (string, error) {
			return h.Home.Database(), under(h, func() error { return os.Mkdir(h.Home.Database(), 0o700) })
		},
		"store is a dangling link": func(h *house.House) (string, error) {
			return h.Home.Database(), under(h, func() error { return os.Symlink("/no/such/folder/x.db", h.Home.Database()) })
		},
	} {
		h := house.New(t, program)
		what, err := way(h)
		if err != nil {
			t.Fatal(err)
		}
		r := h.Run("status")
		if r.Code != 1 || !strings.Contains(r.Err, what) {
			t.Errorf("%s: %+v", name, r)
		}
		if r := h.Run("status", "--json"); r.Code != 1 {
			t.Errorf("%s: %+v", name, r)
		} else {
			house.FaultIn(t, r.Out)
		}
		if r := h.Run("doctor"); r.Code != 1 {
			t.Errorf("%s: doctor: %+v", name, r)
		}
	}
}

func under(h *house.House, do func() error) error {
	if err := os.MkdirAll(string(h.Home), 0o700); err != nil {
		return err
	}
	return do()
}
