package front

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"uratori/tests/house"
)

// nowhere looks that no file of the home holds a text.
func (h *hall) nowhere(text string) {
	h.t.Helper()
	err := filepath.WalkDir(string(h.Home), func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		raw, err := os.ReadFile(path)
		if strings.Contains(string(raw), text) {
			h.t.Errorf("%s holds it", path)
		}
		return err
	})
	must(h.t, err)
}

func TestCache_WhatIsLaidOut_IsTheLargeProgram_OnceAndForItsOwnerAlone(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	file := h.layOut()
	isWhole(t, file)
	before, err := os.Stat(file)
	must(t, err)
	if file = h.layOut(); len(h.laid()) != 1 {
		t.Errorf("%v", h.laid())
	}
	if after, err := os.Stat(file); err != nil || !os.SameFile(before, after) {
		t.Errorf("it was laid out again: %v", err)
	}
	for _, dir := range []string{filepath.Dir(file), filepath.Dir(filepath.Dir(file))} {
		if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("%s: %v, %v", dir, info.Mode(), err)
		}
	}
}

func TestCache_ManyAtOnce_AllRun_AndLeaveOneFile(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	const many = 6
	var all sync.WaitGroup
	for range many {
		all.Go(func() {
			if r := h.Run("version"); r.Code != 0 || !strings.Contains(r.Out, "1.0.0-test") {
				t.Errorf("%+v", r)
			}
		})
	}
	all.Wait()
	isWhole(t, h.layOut())
}

func TestCache_KilledInTheMiddle_TheNextOneRuns_AndWhatWasLeftIsTakenAway(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	var parts []string
	for range 50 {
		cmd := h.Command("version")
		must(t, cmd.Start())
		house.Until(t, "the beginning of a file", func() bool { return len(h.laid()) > 0 })
		_ = cmd.Process.Kill() // it may be through
		_ = cmd.Wait()
		if parts = h.laid(); len(parts) > 0 && strings.HasPrefix(filepath.Base(parts[0]), ".part-") {
			break
		}
		must(t, os.RemoveAll(h.cache)) // it was through
		parts = nil
	}
	if len(parts) != 1 {
		t.Fatalf("none was killed in time: %v", parts)
	}
	old := time.Now().Add(-2 * time.Hour)
	must(t, os.Chtimes(parts[0], old, old))
	isWhole(t, h.layOut())
}

// What bears the name of the program and is not as it was made is never run.
func TestCache_SomethingElseOfThatName_IsReplacedAndNeverRun(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(whole)
	must(t, err)
	h := newHall(t)
	file := h.layOut()
	bad := []byte("#!/bin/sh\ntouch \"$0.ran\"\n")
	put := func(content []byte, mode os.FileMode) func(string) error {
		return func(path string) error {
			return errors.Join(os.Remove(path), os.WriteFile(path, content, 0o600), os.Chmod(path, mode))
		}
	}
	for name, spoil := range map[string]func(path string) error{
		"a script":       put(bad, 0o500),
		"half of it":     put(raw[:len(raw)/2], 0o500),
		"one byte more":  put(append(raw[:len(raw):len(raw)], 'x'), 0o500),
		"nothing":        put(nil, 0o500),
		"open to others": put(raw, 0o577),
		"gone":           os.Remove,
		"a link to a script": func(path string) error {
			return errors.Join(put(bad, 0o500)(path), os.Rename(path, path+"-real"), os.Symlink(path+"-real", path))
		},
		"a link to nowhere": func(path string) error { return errors.Join(os.Remove(path), os.Symlink("nowhere", path)) },
		"a pipe":            func(path string) error { return errors.Join(os.Remove(path), syscall.Mkfifo(path, 0o500)) },
		"somebody else's": func(path string) error {
			if os.Geteuid() != 0 {
				return os.Remove(path) // only root can play this
			}
			return os.Chown(path, 65534, 65534)
		},
	} {
		t.Run(name, func(t *testing.T) {
			must(t, spoil(file))
			if out := h.Must("version"); !strings.Contains(out, "1.0.0-test") {
				t.Errorf("%q", out)
			}
			isWhole(t, file)
			must(t, os.RemoveAll(file+"-real"))
			if ran, err := filepath.Glob(filepath.Join(filepath.Dir(file), "*.ran")); err != nil || len(ran) > 0 {
				t.Errorf("it was run: %v, %v", ran, err)
			}
		})
	}
}

// Whoever works as this user can put another program of the same length there, as
// they can change whatever this user has. It gets no passphrase.
func TestCache_AnotherProgramOfTheSameLength_IsNotWhatApproves(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	file := h.layOut()
	length, err := os.Stat(file)
	must(t, err)
	parrot, err := os.ReadFile("/bin/echo")
	must(t, err)
	must(t, os.Remove(file))
	must(t, os.WriteFile(file, append(parrot, make([]byte, int(length.Size())-len(parrot))...), 0o500)) //nolint:gosec // as it was laid out
	if out := h.Must("version"); out != "version\n" {
		t.Fatalf("the test is none: %s", out)
	}
	for _, args := range [][]string{{"approve", "INTG-001"}, {"--json", "approve", "INTG-001"}, {"approve", "--set-passphrase"}} {
		if r := h.Run(args...); r.Code == 0 || strings.HasPrefix(r.Out, strings.Join(args, " ")) {
			t.Errorf("%q: %+v", args, r)
		}
	}
}

// Folders that others could write to, or that lead elsewhere, are not used, nor
// mended: the program runs from memory.
func TestCache_FoldersThatAreNotOursAlone_AreLeftAlone(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(h *hall, own, root string) error{
		"its own is open": func(_ *hall, own, _ string) error { return os.Chmod(own, 0o777) },   //nolint:gosec // that is the fault
		"the cache's is":  func(_ *hall, _, root string) error { return os.Chmod(root, 0o770) }, //nolint:gosec // as above
		"its own is moved": func(_ *hall, own, _ string) error {
			return errors.Join(os.Rename(own, own+"-real"), os.Symlink(own+"-real", own))
		},
		"a file is there": func(_ *hall, own, _ string) error {
			return errors.Join(os.RemoveAll(own), os.WriteFile(own, nil, 0o600))
		},
		"a folder is its": func(_ *hall, own, _ string) error {
			return errors.Join(os.Remove(own+"/uratori"), os.MkdirAll(own+"/uratori/x", 0o700))
		},
		"the cache is one": func(h *hall, _, root string) error {
			return errors.Join(os.RemoveAll(root), os.WriteFile(root, nil, 0o600))
		},
		"all is elsewhere": func(h *hall, _, root string) error {
			return errors.Join(os.Rename(root, root+"-real"), os.Symlink(root+"-real", root))
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHall(t)
			own := filepath.Dir(h.layOut())
			must(t, spoil(h, own, filepath.Dir(own)))
			if out := h.Must("version"); !strings.Contains(out, "1.0.0-test") {
				t.Errorf("%q", out)
			}
			for _, f := range h.laid() {
				if strings.HasPrefix(filepath.Base(f), ".part-") {
					t.Errorf("left behind: %s", f)
				}
			}
		})
	}
}

// inside runs a script in a mount namespace of its own, in which $DISK is a folder
// to mount things on and uratori is the front.
func inside(t *testing.T, script string) house.Result {
	t.Helper()
	disk := t.TempDir()
	cmd := exec.CommandContext(t.Context(), "unshare", "-rm", "bash", "-euc", script)
	cmd.Env = append(os.Environ(), "DISK="+disk, "URATORI_HOME="+filepath.Join(t.TempDir(), "home"), "URATORI_LANG=en", "XDG_CACHE_HOME="+disk+"/cache",
		"URATORI_SERVER_LISTEN=127.0.0.1:0", "PATH="+filepath.Dir(front)+":"+os.Getenv("PATH"))
	return house.Finish(t, cmd)
}

func TestCache_DiskThatIsFullOrReadOnlyOrExecutesNothing_TheProgramRunsFromMemory(t *testing.T) {
	t.Parallel()
	for name, mount := range map[string]string{
		"full":      "mount -t tmpfs -o size=1m none $DISK",
		"read-only": "mount -t tmpfs -o ro none $DISK",
		"noexec":    "mount -t tmpfs -o noexec none $DISK",
		"nowhere":   "unset HOME XDG_CACHE_HOME",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := inside(t, mount+`
				uratori version
				uratori enqueue --cwd / --retries 0 -- sh -c 'exit 7'
				uratori wait 1 || echo "ended $?"
				tr '\0' ' ' </proc/$(uratori status --json | grep -o '"pid":[0-9]*' | head -1 | cut -d: -f2)/cmdline; echo
				uratori down
				find "$DISK" -name '.part*' -o -name uratori -type f | sed 's/^/left /'`)
			if r.Code != 0 || !strings.Contains(r.Out, "1.0.0-test") || !strings.Contains(r.Out, "ended 1") || !strings.Contains(r.Out, "uratori up --ready-fd") {
				t.Errorf("%+v", r)
			}
			if strings.Contains(r.Out, "left ") != (name == "noexec") {
				t.Errorf("%s", r.Out)
			}
		})
	}
}

// Programs of other builds stay while they are in use.
func TestCache_ProgramsOfOtherBuilds_AreTakenAwayOnceNobodyUsesThem(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	root := filepath.Join(h.cache, "uratori")
	plant := func(digit string, age time.Duration) string {
		dir := filepath.Join(root, strings.Repeat(digit, 32))
		must(t, os.MkdirAll(dir, 0o700))
		must(t, os.WriteFile(filepath.Join(dir, "uratori"), []byte("old"), 0o500)) //nolint:gosec // as it was laid out
		at := time.Now().Add(-age)
		must(t, os.Chtimes(dir, at, at))
		return dir
	}
	now, day, week, month := plant("a", 0), plant("b", 24*time.Hour), plant("c", 7*24*time.Hour), plant("d", 30*24*time.Hour)
	mine, outside := filepath.Join(root, "notes"), filepath.Join(t.TempDir(), "photos")
	must(t, os.MkdirAll(mine, 0o700))
	must(t, os.MkdirAll(outside, 0o700))
	link := filepath.Join(root, strings.Repeat("e", 32))
	must(t, os.Symlink(outside, link))
	h.Must("version")
	for dir, stays := range map[string]bool{now: true, day: true, week: false, month: false, mine: true, outside: true, link: true} {
		if _, err := os.Lstat(dir); (err == nil) != stays {
			t.Errorf("%s: %v", dir, err)
		}
	}
}
