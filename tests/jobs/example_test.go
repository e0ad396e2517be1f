package jobs

import (
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"uratori/internal/control"
	"uratori/tests/house"
)

const pages = 30

// python is Debian's: another one that may be first in PATH lacks OpenCV.
const python = "/usr/bin/python3"

// The example of the repository, which knows nothing of uratori, is killed in
// the middle in every way, goes on by itself, and makes what an undisturbed run
// makes, to the byte.
func TestExample_KilledInEveryWay_EndsAsIfNothingHadHappened(t *testing.T) {
	t.Parallel()
	if out, err := exec.CommandContext(t.Context(), python, "-c", "import cv2, tqdm").CombinedOutput(); err != nil {
		t.Fatalf("the example needs Debian's python3-opencv and python3-tqdm: run scripts/setup\n%s", out)
	}
	folder := t.TempDir()
	script, err := filepath.Abs("../../examples/extract")
	if err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), python, filepath.Join(script, "pictures.py"), "--out", filepath.Join(folder, "pages"), "--count", fmt.Sprint(pages)).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	command := func(out string) control.Enqueue {
		return control.Enqueue{
			Name: "extract", Cwd: folder, Items: []string{"pages/*.png"}, Outputs: []string{out + "/{stem}.png"},
			Command: []string{python, filepath.Join(script, "extract.py"), "--list", "{list}", "--out", out, "--workers", "1"},
		}
	}
	undisturbed := newYard(t)
	undisturbed.work = folder
	if d := undisturbed.ended(undisturbed.enqueue(command("whole"))); d.State != "succeeded" || d.Attempt != 1 {
		t.Fatalf("%+v", d.Task)
	}
	want := digests(t, filepath.Join(folder, "whole"))
	for name, harm := range map[string]func(y *yard, d control.TaskDetail, shim int){
		"the job":               func(_ *yard, d control.TaskDetail, _ int) { end(d.PID) },
		"the shim":              func(_ *yard, _ control.TaskDetail, shim int) { end(shim) },
		"the daemon":            func(y *yard, _ control.TaskDetail, _ int) { y.Kill(y.Status()) },
		"the shim and the job":  func(_ *yard, d control.TaskDetail, shim int) { end(shim); end(d.PID) },
		"the daemon and both":   func(y *yard, d control.TaskDetail, shim int) { y.Kill(y.Status()); end(shim); end(d.PID) },
		"TERM, as the kernel's": func(_ *yard, d control.TaskDetail, _ int) { _ = syscall.Kill(d.PID, syscall.SIGTERM) },
	} {
		t.Run(name, func(t *testing.T) {
			y := newYard(t)
			y.work = folder
			out := "after " + name
			id := y.enqueue(command(out))
			y.untilOutputs(filepath.Join(folder, out), pages/4)
			d := y.task(id)
			shim := 0
			for _, run := range y.runs() {
				shim = run.Shim.PID
			}
			harm(y, d, shim)
			after := y.ended(id)
			if after.State != "succeeded" || name != "the daemon" && after.Attempt != 2 || name == "the daemon" && after.Attempt != 1 {
				t.Errorf("%+v\n%+v", after.Task, after.Runs)
			}
			if got := digests(t, filepath.Join(folder, out)); got != want {
				t.Errorf("other outputs:\n%s\n%s", got, want)
			}
			if torn, err := filepath.Glob(filepath.Join(folder, out, ".*.part")); err != nil || len(torn) > 1 {
				t.Errorf("left behind: %v, %v", torn, err)
			}
		})
	}
}

func end(pid int) { _ = syscall.Kill(pid, syscall.SIGKILL) } // it may have ended by itself

func (y *yard) untilOutputs(folder string, n int) {
	y.t.Helper()
	house.Until(y.t, "some outputs", func() bool {
		there, err := filepath.Glob(filepath.Join(folder, "*.png"))
		return err == nil && len(there) >= n
	})
}

func digests(t *testing.T, folder string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.png"))
	if err != nil || len(files) != pages {
		t.Errorf("%d outputs in %s, %v", len(files), folder, err)
	}
	var list strings.Builder
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&list, "%x  %s\n", sha256.Sum256(raw), filepath.Base(file))
	}
	return list.String()
}

// A kill is answered after a look: everything that the job has started is gone,
// whatever it did to get away.
func TestKill_OfEscapeArtists_LeavesNobody(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	script := `
(setsid sh -c 'trap "" TERM; sleep 31000' &)
(setsid env -i /bin/sleep 31001 &)
nohup sh -c 'exec </dev/null >/dev/null 2>&1; while :; do sleep 1; done' &
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do (sleep 31002 &); done
trap '' TERM HUP INT
echo ready
while :; do sleep 1; done`
	id := y.enqueue(control.Enqueue{Command: []string{"/bin/bash", "-c", script}, Environ: append(os.Environ(), "MARK=escape-"+filepath.Base(y.work))})
	y.until(id, "running")
	house.Until(t, "everybody is there", func() bool { return len(sleepers(t, escapes...)) >= 21 })
	r := y.Run("kill", "--grace", "300ms", "--json", fmt.Sprint(id))
	if r.Code != 0 || !strings.Contains(r.Out, `"verdict":"verified"`) || !strings.Contains(r.Out, `"survivors":[]`) {
		t.Errorf("%+v", r)
	}
	if left := sleepers(t, escapes...); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	if d := y.task(id); d.State != "killed" {
		t.Errorf("%+v", d.Task)
	}
}

// escapes are for how long the processes of the escape test sleep.
var escapes = []string{"31000", "31001", "31002"}

// sleepers are processes that sleep for so long: found by what they are called
// with and not by anything of ours.
func sleepers(t *testing.T, long ...string) (pids []string) {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		line, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		if slices.ContainsFunc(long, func(s string) bool { return strings.Contains(string(line), "sleep\x00"+s) }) {
			pids = append(pids, filepath.Base(filepath.Dir(file)))
		}
	}
	return pids
}

// Pushing in a hundred thousand items takes a file, not a command line.
func TestItems_AHundredThousand_AreGivenInAFile(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	const n = 100_000
	folder := filepath.Join(y.work, "in")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("p%06d.txt", i)), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	began := time.Now()
	id := y.enqueue(control.Enqueue{Command: []string{"/bin/sh", "-c", `wc -l < "$URATORI_ITEMS"`}, Items: []string{"in/*.txt"}})
	t.Logf("queued in %s", time.Since(began))
	if d := y.ended(id); d.State != "succeeded" {
		t.Errorf("%+v", d.Task)
	}
	if out := y.Must("logs", fmt.Sprint(id)); strings.TrimSpace(out) != fmt.Sprint(n) {
		t.Errorf("%q", out)
	}
	r := y.Run("enqueue", "--cwd", y.work, "--items", "in/*.txt", "--", "/bin/echo", "{items}")
	if r.Code != 2 || !strings.Contains(r.Err, "{list}") {
		t.Errorf("%+v", r)
	}
}
