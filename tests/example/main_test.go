// Package example runs the extraction of examples/extract as people run theirs.
// It has to keep what it promises alone, before anything is proved by running
// it under uratori: a test of resuming is worth nothing on a program whose
// outputs differ from run to run.
package example

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

const (
	python = "/usr/bin/python3" // Debian's, the one that python3-opencv belongs to
	pages  = 36
)

// gallery is what all tests share and none changes: the pages, where the
// figures are on them, and what one undisturbed extraction makes of them.
var gallery struct{ programs, pages, truth, out string }

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "uratori-example-")
	if err == nil {
		defer os.RemoveAll(dir) //nolint:errcheck // the system's to clean up then
		err = hang(dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// hang draws the pages and extracts them once.
func hang(dir string) error {
	programs, err := filepath.Abs("../../examples/extract")
	if err != nil {
		return err
	}
	gallery.programs = programs
	gallery.pages, gallery.truth, gallery.out = filepath.Join(dir, "pages"), filepath.Join(dir, "truth"), filepath.Join(dir, "out")
	if out, err := command("-c", "import cv2, numpy, tqdm").CombinedOutput(); err != nil {
		return fmt.Errorf("%s has no OpenCV or no tqdm: run scripts/setup\n%w\n%s", python, err, out)
	}
	draw := program("pictures.py", "--count", strconv.Itoa(pages), "--out", gallery.pages, "--truth", gallery.truth)
	if out, err := draw.CombinedOutput(); err != nil {
		return fmt.Errorf("draw the pages: %w\n%s", err, out)
	}
	extract := program("extract.py", append(inputs(), "--workers", "2", "--out", gallery.out)...)
	if out, err := extract.CombinedOutput(); err != nil {
		return fmt.Errorf("extract: %w\n%s", err, out)
	}
	return nil
}

// command prepares a run of Python. It leads a process group, so that a test
// can ask whether anything of it is left.
func command(args ...string) *exec.Cmd {
	cmd := exec.Command(python, append([]string{"-B"}, args...)...) //nolint:noctx // go test has its own limit, and a context would end the first process only
	cmd.Env = append(os.Environ(), "PYTHONNOUSERSITE=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return cmd
}

// program prepares a run of one of the example's programs.
func program(name string, args ...string) *exec.Cmd {
	return command(append([]string{filepath.Join(gallery.programs, name)}, args...)...)
}

// name is the file name of page n, counted from 1, and of its output.
func name(n int) string { return fmt.Sprintf("p%03d.png", n) }

// inputs are the paths of all pages.
func inputs() []string {
	var paths []string
	for n := range pages {
		paths = append(paths, filepath.Join(gallery.pages, name(n+1)))
	}
	return paths
}

// list writes a file for --list.
func list(t *testing.T, paths []string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "list")
	if err := os.WriteFile(file, []byte(strings.Join(paths, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// result runs a prepared program to its end; it returns its status and stderr.
func result(t *testing.T, cmd *exec.Cmd) (status int, stderr string) {
	t.Helper()
	var errs bytes.Buffer
	cmd.Stderr = &errs
	if err := cmd.Run(); cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), errs.String()
}

// succeeds runs a prepared program that must end with status 0.
func succeeds(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	status, stderr := result(t, cmd)
	if status != 0 {
		t.Fatalf("%v: status %d\n%s", cmd.Args, status, stderr)
	}
	return stderr
}

// outputs reads everything in a folder, by name.
func outputs(t *testing.T, dir string) map[string]string {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, f := range files {
		data, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			if os.IsNotExist(err) {
				continue // it has just got its final name
			}
			t.Fatal(err)
		}
		found[f.Name()] = string(data)
	}
	return found
}

// same fails unless the outputs are those of the undisturbed run for these
// pages, and there are no other files.
func same(t *testing.T, got map[string]string, paths []string) {
	t.Helper()
	want := outputs(t, gallery.out)
	for _, path := range paths {
		switch data, ok := got[filepath.Base(path)]; {
		case !ok:
			t.Errorf("no output for %s", filepath.Base(path))
		case data != want[filepath.Base(path)]:
			t.Errorf("%s differs from that of the undisturbed run", filepath.Base(path))
		}
	}
	if len(got) != len(paths) {
		t.Errorf("%d files for %d pages", len(got), len(paths))
	}
}
