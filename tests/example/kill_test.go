package example

import (
	"errors"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"uratori/tests/house"
)

// A program that writes beside and renames leaves no torn output, however
// often and by whatever it is ended, and what is there need not be done again.
func TestExtract_EndedAgainAndAgain_LeavesNoTornOutputAndIsTheSameInTheEnd(t *testing.T) {
	t.Parallel()
	for _, way := range []struct {
		signal syscall.Signal
		group  int // 1 for the program alone, -1 for all its processes
	}{
		{syscall.SIGTERM, 1},
		{syscall.SIGKILL, -1},
	} {
		t.Run(way.signal.String(), func(t *testing.T) {
			t.Parallel()
			out := t.TempDir()
			for done := 0; ; {
				left := without(t, out)
				if done = pages - len(left); done > pages/2 {
					break
				}
				cmd := program("extract.py", "--list", list(t, left), "--workers", "2", "--out", out)
				start(t, cmd)
				house.Until(t, "four more outputs", func() bool { return pages-len(without(t, out)) >= done+4 })
				if err := syscall.Kill(way.group*cmd.Process.Pid, way.signal); err != nil {
					t.Error(err)
				}
				_ = cmd.Wait() // how it ended is looked at
				if s, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || s.Signal() != way.signal {
					t.Errorf("ended with %v", cmd.ProcessState)
				}
				house.Until(t, "the end of all processes", func() bool {
					return errors.Is(syscall.Kill(-cmd.Process.Pid, 0), syscall.ESRCH)
				})
				whole(t, out)
			}
			succeeds(t, program("extract.py", "--list", list(t, without(t, out)), "--workers", "2", "--out", out))
			same(t, outputs(t, out), inputs())
		})
	}
}

// start starts a prepared program. A test that fails leaves nothing of it.
func start(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if cmd.ProcessState == nil { // nobody waited for it, so the number is still its own
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
			_ = cmd.Wait()
		}
	})
}

// without lists the pages that have no output yet.
func without(t *testing.T, out string) []string {
	t.Helper()
	var left []string
	for _, path := range inputs() {
		if _, err := os.Stat(filepath.Join(out, filepath.Base(path))); err != nil {
			left = append(left, path)
		}
	}
	return left
}

// whole fails unless every output is that of the undisturbed run. What was
// being written may be there under a hidden name.
func whole(t *testing.T, out string) {
	t.Helper()
	want := outputs(t, gallery.out)
	for file, data := range outputs(t, out) {
		part := strings.HasPrefix(file, ".") && strings.HasSuffix(file, ".part")
		if !part && data != want[file] {
			t.Errorf("%s is torn", file)
		}
	}
}

// The planted fault: half a picture under the final name, as many a program
// leaves it. It is not to be told by its name, but by decoding it.
func TestExtractInPlace_EndedWhileItWrites_LeavesHalfAPictureThatDoesNotDecode(t *testing.T) {
	t.Parallel()
	want := outputs(t, gallery.out)[name(1)]
	for _, workers := range []string{"1", "2"} {
		t.Run(workers, func(t *testing.T) {
			t.Parallel()
			out := t.TempDir()
			output := filepath.Join(out, name(1))
			cmd := program("extract.py", inputs()[0], "--in-place", "--seconds", "600", "--workers", workers, "--out", out)
			start(t, cmd)
			house.Until(t, "half a picture", func() bool {
				info, err := os.Stat(output)
				return err == nil && info.Size() == int64(len(want)/2)
			})
			if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Error(err)
			}
			_ = cmd.Wait() // ended by the signal
			file, err := os.Open(output)
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close() //nolint:errcheck // only read
			if _, err := png.Decode(file); err == nil {
				t.Error("half a picture decodes")
			}
			if got := outputs(t, out); len(got) != 1 || got[name(1)] != want[:len(want)/2] {
				t.Error("what is there is not the first half of the picture")
			}

			started := time.Now()
			succeeds(t, program("extract.py", inputs()[0], "--in-place", "--seconds", "1.5", "--out", out))
			if took := time.Since(started); took < 1500*time.Millisecond {
				t.Errorf("--seconds 1.5 took %v", took)
			}
			same(t, outputs(t, out), inputs()[:1])
		})
	}
}
