// Package front tests uratori as it is installed: the small program at the door
// and the large one inside it, as real processes.
package front

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"uratori/tests/house"
)

// The front, and the large program that is in it, by itself.
var front, whole string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "uratori-front-")
	if err == nil {
		defer os.RemoveAll(dir) //nolint:errcheck // the system's to clean up then
		front, whole = filepath.Join(dir, "front", "uratori"), filepath.Join(dir, "whole", "uratori")
		err = os.Mkdir(filepath.Dir(whole), 0o700)
	}
	if err == nil {
		err = house.BuildFront(front, whole, "1.0.0-test")
	}
	if err == nil {
		err = os.Symlink("uratori", filepath.Join(filepath.Dir(front), "factcheck"))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// hall is a home, and a cache of its own in which the large program is laid out.
type hall struct {
	*house.House
	cache string
	t     *testing.T
}

func newHall(t *testing.T) *hall {
	t.Helper()
	h := &hall{House: house.New(t, front), cache: filepath.Join(t.TempDir(), "cache"), t: t}
	h.Env = []string{"XDG_CACHE_HOME=" + h.cache}
	return h
}

// started is a hall whose daemon runs, started by the large program alone, so that
// nothing is laid out yet.
func started(t *testing.T) *hall {
	t.Helper()
	h := newHall(t)
	h.whole("up", "--background")
	return h
}

// whole runs the large program, which must succeed.
func (h *hall) whole(args ...string) string {
	h.t.Helper()
	other := *h.House
	other.Program = whole
	return other.Must(args...)
}

// laid are the programs that are laid out, and whatever else lies beside them.
func (h *hall) laid() []string {
	h.t.Helper()
	found, err := filepath.Glob(filepath.Join(h.cache, "uratori", "*", "*"))
	must(h.t, err)
	return found
}

// layOut has the large program laid out and tells where.
func (h *hall) layOut() string {
	h.t.Helper()
	h.Must("version")
	found := h.laid()
	if len(found) != 1 {
		h.t.Fatalf("laid out: %v", found)
	}
	return found[0]
}

// isWhole compares a file with the large program.
func isWhole(t *testing.T, file string) {
	t.Helper()
	have, err := os.ReadFile(file)
	want, wrong := os.ReadFile(whole)
	if err != nil || wrong != nil {
		t.Fatal(err, wrong)
	}
	info, err := os.Lstat(file)
	if err != nil || !info.Mode().IsRegular() || info.Mode().Perm() != 0o500 || !bytes.Equal(have, want) {
		t.Errorf("%s is not the large program: %v, %v, %d bytes", file, err, info.Mode(), len(have))
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// named are the tasks that bear a name, by the large program's word.
func (h *hall) named(name string) int {
	h.t.Helper()
	return strings.Count(h.whole("status", "--all", "--json"), `"name":"`+name+`"`)
}
