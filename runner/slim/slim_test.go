package slim

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"uratori/runner/shim"
)

// This test binary is also the small program.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "--answer" {
		fmt.Println(shim.Answer)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// ourselves is this test's program and its digest.
var ourselves = sync.OnceValues(func() (program, digest string) {
	raw, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		panic(err)
	}
	return string(raw), digestOf(string(raw))
})

func digestOf(program string) string {
	sum := sha256.Sum256([]byte(program))
	return hex.EncodeToString(sum[:])
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func layOurselves(t *testing.T, dir string) *Program {
	t.Helper()
	program, digest := ourselves()
	p, err := lay(t.Context(), dir, program, digest)
	must(t, err)
	t.Cleanup(func() { must(t, p.Close()) })
	return p
}

func answer(t *testing.T, p *Program) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), p.Exec(), "--answer").Output()
	if err != nil || strings.TrimSpace(string(out)) != shim.Answer {
		t.Errorf("%q, %v", out, err)
	}
}

func inode(t *testing.T, path string) uint64 {
	t.Helper()
	var s syscall.Stat_t
	must(t, syscall.Lstat(path, &s))
	return s.Ino
}

func TestLay_Twice_IsTheSameFile_AndThoseOfOtherBuildsAreGone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"shim-0123456789abcdef", "shim-17.part", "daemon.json"} {
		must(t, os.WriteFile(filepath.Join(dir, name), []byte("old"), 0o600))
	}
	first := layOurselves(t, dir)
	answer(t, first)
	before := inode(t, first.Path())
	second := layOurselves(t, dir)
	answer(t, second)
	if first.Path() != second.Path() || inode(t, second.Path()) != before {
		t.Error("it was laid out again")
	}
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(left) != 2 || filepath.Base(left[0]) != "daemon.json" {
		t.Errorf("%v, %v", left, err)
	}
}

// What bears the name is never believed.
func TestLay_SomethingElseOfThatName_IsReplacedAndNeverRun(t *testing.T) {
	t.Parallel()
	program, digest := ourselves()
	bad := []byte("#!/bin/sh\ntouch \"$0.ran\"\necho " + shim.Answer + "\n")
	longer := []byte(program + "x")
	changed := []byte(program)
	changed[len(changed)/2] ^= 1
	for name, put := range map[string]func(path string) error{
		"another program": func(path string) error { return os.WriteFile(path, bad, 0o500) },                              //nolint:gosec // it is to be executed
		"one byte more":   func(path string) error { return os.WriteFile(path, longer, 0o500) },                           //nolint:gosec // as above
		"one bit changed": func(path string) error { return os.WriteFile(path, changed, 0o500) },                          //nolint:gosec // as above
		"half of it":      func(path string) error { return os.WriteFile(path, []byte(program[:len(program)/2]), 0o500) }, //nolint:gosec // as above
		"nothing":         func(path string) error { return os.WriteFile(path, nil, 0o500) },                              //nolint:gosec // as above
		"open to others": func(path string) error {
			return errors.Join(os.WriteFile(path, []byte(program), 0o500), os.Chmod(path, 0o777)) //nolint:gosec // that is the fault
		},
		"a link to the same":    func(path string) error { return os.Symlink("/proc/self/exe", path) },
		"a link to another":     func(path string) error { return os.Symlink("/bin/sh", path) },
		"a pipe nobody writes":  func(path string) error { return syscall.Mkfifo(path, 0o500) },
		"a link that leads off": func(path string) error { return os.Symlink("nowhere", path) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			must(t, put(filepath.Join(dir, prefix+digest[:16])))
			p := layOurselves(t, dir)
			answer(t, p)
			raw, err := os.ReadFile(p.Path())
			info, wrong := os.Lstat(p.Path())
			must(t, errors.Join(err, wrong))
			if string(raw) != program || info.Mode() != mode {
				t.Errorf("%s, %d bytes", info.Mode(), len(raw))
			}
		})
	}
}

// The name is for people: what is started is the file that was looked at.
func TestProgram_ItsNameIsGivenToAnother_OrTakenAway_TheSameIsStarted(t *testing.T) {
	t.Parallel()
	p := layOurselves(t, t.TempDir())
	must(t, os.Remove(p.Path()))
	answer(t, p)
	must(t, os.WriteFile(p.Path(), []byte("#!/bin/sh\necho no\n"), 0o500)) //nolint:gosec // it is to be executed
	answer(t, p)
}

func TestLay_CannotBeHad_IsAnErrorThatLeavesNothing(t *testing.T) {
	t.Parallel()
	program, digest := ourselves()
	silent, err := os.ReadFile("/bin/true")
	must(t, err)
	for name, c := range map[string]struct {
		program, digest string
		put             func(path string) error
	}{
		"no program":               {"not a program", digestOf("not a program"), nil},
		"says nothing":             {string(silent), digestOf(string(silent)), nil},
		"another digest":           {program, digestOf("another"), nil},
		"no digest":                {program, "", nil},
		"a folder is in its place": {program, digest, func(path string) error { return os.MkdirAll(filepath.Join(path, "x"), 0o700) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if c.put != nil {
				must(t, c.put(filepath.Join(dir, prefix+c.digest[:16])))
			}
			if p, err := lay(t.Context(), dir, c.program, c.digest); err == nil {
				t.Errorf("laid out at %s", p.Path())
			}
			parts, err := filepath.Glob(filepath.Join(dir, "*.part"))
			if err != nil || len(parts) > 0 {
				t.Errorf("%v, %v", parts, err)
			}
		})
	}
	if _, err := lay(t.Context(), filepath.Join(t.TempDir(), "none"), program, digest); err == nil {
		t.Error("laid out in a folder that is not there")
	}
}

func TestLay_BuiltByGoAlone_SaysThatThereIsNone(t *testing.T) {
	t.Parallel()
	if program, _ := embedded(); program != "" {
		t.Skip("built with the small program")
	}
	if _, err := Lay(t.Context(), t.TempDir()); !errors.Is(err, ErrNone) {
		t.Error(err)
	}
}
