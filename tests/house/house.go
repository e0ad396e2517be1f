// Package house runs the built binary for whole-system tests, each in a home
// of its own, and sees to it that no daemon is left.
package house

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"uratori/internal/config"
	"uratori/internal/control"
	"uratori/internal/ledger"
)

// Build makes uratori at path as it is shipped, but for its version, and with
// the build tags that are named.
func Build(path, version string, tags ...string) error {
	return BuildPackage(path, "./cmd/uratori", version, tags...)
}

// BuildPackage is Build for a program of another package.
func BuildPackage(path, pkg, version string, tags ...string) error {
	root, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output() //nolint:noctx // a few milliseconds
	if err != nil {
		return fmt.Errorf("find the module: %w", err)
	}
	cmd := exec.Command(filepath.Join(strings.TrimSpace(string(root)), "scripts", "build"), path, pkg) //nolint:noctx // go test has its own limit
	cmd.Env = append(os.Environ(), "VERSION="+version, "COMMIT=", "TAGS="+strings.Join(tags, ","))
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w\n%s", pkg, err, out)
	}
	return nil
}

// BuildFront makes uratori at path as people install it: the small program with the
// large one inside, and the large one at whole.
func BuildFront(path, whole, version string) error {
	root, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output() //nolint:noctx // a few milliseconds
	if err != nil {
		return fmt.Errorf("find the module: %w", err)
	}
	cmd := exec.Command(filepath.Join(strings.TrimSpace(string(root)), "scripts", "build"), path, "./cmd/front") //nolint:noctx // go test has its own limit
	cmd.Env = append(os.Environ(), "VERSION="+version, "COMMIT=", "TAGS=", "WHOLE="+whole, "FAST=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build the front: %w\n%s", err, out)
	}
	return nil
}

// Main builds the binary into a folder that is removed after the tests, and
// runs them. It returns the exit status.
func Main(m *testing.M, program *string) int {
	dir, err := os.MkdirTemp("", "uratori-test-")
	if err == nil {
		defer os.RemoveAll(dir) //nolint:errcheck // the system's to clean up then
		*program = filepath.Join(dir, "uratori")
		err = Build(*program, "1.0.0-test")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// House is one home and the binary that serves it.
type House struct {
	Home    config.Home
	Program string
	Env     []string // more variables, K=V
	t       testing.TB
}

// New makes an empty home below the test's folder.
func New(t testing.TB, program string) *House {
	t.Helper()
	return At(t, program, filepath.Join(t.TempDir(), "home"))
}

// At is New for a home of the test's choice.
func At(t testing.TB, program, home string) *House {
	t.Helper()
	h := &House{Home: config.Home(home), Program: program, t: t}
	t.Cleanup(h.clear)
	return h
}

// For is the same home for another test, which ends before the one that made it.
func (h *House) For(t testing.TB) *House {
	other := *h
	other.t = t
	return &other
}

// clear ends whatever daemon is left, by force when it must.
func (h *House) clear() {
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	for ctx.Err() == nil {
		c, err := control.Dial(ctx, h.Home, control.Build{})
		switch {
		case err == nil:
			_, _ = c.Stop(ctx) // one that is stopping already may hang up on us
			c.Close()
		case errors.Is(err, control.ErrNotRunning) && len(h.Daemons()) == 0:
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(2 * time.Millisecond):
		}
	}
	for _, pid := range h.Daemons() {
		h.t.Errorf("daemon %s does not end: killed", pid)
		if n, err := strconv.Atoi(pid); err == nil {
			_ = syscall.Kill(n, syscall.SIGKILL) // it may have ended just now
		}
	}
}

// Result is what a command did.
type Result struct {
	Out, Err string
	Code     int
}

// Command prepares a command in this home. Its language is English and its
// pages have a port of their own.
func (h *House) Command(args ...string) *exec.Cmd {
	cmd := exec.CommandContext(h.t.Context(), h.Program, args...)
	cmd.Env = append(os.Environ(), "URATORI_HOME="+string(h.Home), "URATORI_LANG=en", "URATORI_SERVER_LISTEN=127.0.0.1:0")
	cmd.Env = append(cmd.Env, h.Env...)
	return cmd
}

// Run runs a command to its end.
func (h *House) Run(args ...string) Result {
	h.t.Helper()
	return Finish(h.t, h.Command(args...))
}

// Finish runs a prepared command to its end.
func Finish(t testing.TB, cmd *exec.Cmd) Result {
	t.Helper()
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited {
		t.Errorf("%v: %v", cmd.Args, err)
	}
	return Result{Out: out.String(), Err: errs.String(), Code: cmd.ProcessState.ExitCode()}
}

// Must runs a command that must end with status 0 and returns its output.
func (h *House) Must(args ...string) string {
	h.t.Helper()
	r := h.Run(args...)
	if r.Code != 0 {
		h.t.Fatalf("uratori %v: status %d\n%s%s", args, r.Code, r.Out, r.Err)
	}
	return r.Out
}

// Status asks `uratori status --json`, which starts a daemon.
func (h *House) Status() control.Status {
	h.t.Helper()
	var s control.Status
	if err := json.Unmarshal([]byte(h.Must("status", "--json")), &s); err != nil {
		h.t.Fatal(err)
	}
	return s
}

// Settled is Status after the daemon's first look at the sheet. A fresh daemon
// records that look in the ledger by itself; from then on nothing is added
// unless somebody asks for it, so that before and after can be compared.
func (h *House) Settled() control.Status {
	h.t.Helper()
	var s control.Status
	Until(h.t, "the first look at the sheet", func() bool {
		s = h.Status()
		return s.Tracker.LastSync != nil
	})
	return s
}

// Verify asks `uratori ledger verify --json`.
func (h *House) Verify() ledger.Report {
	h.t.Helper()
	r := h.Run("ledger", "verify", "--json")
	var report ledger.Report
	if err := json.Unmarshal([]byte(r.Out), &report); err != nil {
		h.t.Fatalf("%v: %+v", err, r)
	}
	return report
}

// Entries exports the ledger's entries of a kind.
func (h *House) Entries(kind string) []ledger.Entry {
	h.t.Helper()
	var found []ledger.Entry
	for line := range strings.Lines(h.Must("ledger", "export")) {
		var e ledger.Entry
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			h.t.Fatal(err)
		}
		if e.Kind == kind {
			found = append(found, e)
		}
	}
	return found
}

// Kill ends a process with SIGKILL and waits until it is gone.
func (h *House) Kill(s control.Status) {
	h.t.Helper()
	if err := syscall.Kill(s.Daemon.PID, syscall.SIGKILL); err != nil {
		h.t.Fatal(err)
	}
	Until(h.t, "the end of the killed daemon", func() bool {
		alive, err := s.Daemon.Alive()
		return err == nil && !alive
	})
}

// Daemons lists the pids of daemons of this home, by their environment. A
// program that a daemon is just starting looks like the daemon until it runs:
// it is that daemon's child, as no daemon is another's.
func (h *House) Daemons() []string {
	h.t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		h.t.Fatal(err)
	}
	parents := map[string]string{}
	for _, file := range files {
		pid := filepath.Base(filepath.Dir(file))
		environ, err := os.ReadFile(file)
		line, err2 := os.ReadFile(filepath.Join("/proc", pid, "cmdline"))
		stat, err3 := os.ReadFile(filepath.Join("/proc", pid, "stat"))
		if errors.Join(err, err2, err3) != nil {
			continue // it has just ended
		}
		variables := strings.Split(string(environ), "\x00")
		home := ""
		for _, v := range variables {
			if value, ok := strings.CutPrefix(v, "URATORI_HOME="); ok {
				home = value
			}
		}
		if home == string(h.Home) && strings.HasPrefix(string(line), "uratori\x00up\x00--ready-fd") {
			words := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:])) // its state, its parent
			parents[pid] = words[1]
		}
	}
	var pids []string
	for pid, parent := range parents {
		if _, child := parents[parent]; !child {
			pids = append(pids, pid)
		}
	}
	return pids
}

// Until looks again and again, at most half a minute.
func Until(t testing.TB, what string, there func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !there(); {
		if time.Now().After(deadline) {
			t.Fatalf("not seen in time: %s", what)
		}
		select {
		case <-t.Context().Done():
			t.Fatalf("given up: %s", what)
		case <-time.After(2 * time.Millisecond):
		}
	}
}
