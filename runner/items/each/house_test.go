package each

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"uratori/runner/items"
)

// TestMain is `uratori each FOLDER` when a test started this program again.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "each" {
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
		defer stop()
		job, err := Read(os.Args[2])
		if err != nil {
			panic(err)
		}
		os.Exit(Run(ctx, job, os.Stdout, os.Stderr, time.Now))
	}
	goleak.VerifyTestMain(m)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// world is a task with one run per item, on a disk of its own.
type world struct {
	t    testing.TB
	dir  string
	job  Job
	plan *items.Plan
}

// newWorld has so many inputs of an hour ago, and runs the shell script for
// each: $1 is the input, $2 the first output, $3 the base of its name.
func newWorld(t testing.TB, n int, script string, outputs ...string) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir()}
	ago := time.Now().Add(-time.Hour)
	for i := range n {
		path := filepath.Join(w.dir, "in", fmt.Sprintf("p%d.txt", i+1))
		must(t, os.MkdirAll(filepath.Dir(path), 0o700))
		must(t, os.WriteFile(path, []byte("input"), 0o600))
		must(t, os.Chtimes(path, ago, ago))
	}
	found, err := items.Expand(t.Context(), w.dir, []string{"in/*.txt"})
	must(t, err)
	w.plan, err = items.NewPlan(w.dir, found, outputs)
	must(t, err)
	argv := []string{"/bin/sh", "-euc", script, "sh", "{item}", "{out}", "{stem}"}
	if len(outputs) == 0 {
		argv[5] = "none"
	}
	must(t, w.plan.CheckCommand(argv, nil, true))
	must(t, os.Mkdir(filepath.Join(w.dir, "checkpoint"), 0o700))
	w.job = Job{
		Argv: argv, Cwd: w.dir, Jobs: 1, Total: n, Checkpoint: filepath.Join(w.dir, "checkpoint"),
		Progress: filepath.Join(w.dir, "progress"), Items: w.plan.Items,
	}
	return w
}

func (w *world) path(name string) string { return filepath.Join(w.dir, name) }

func (w *world) read(name string) string {
	w.t.Helper()
	content, err := os.ReadFile(w.path(name))
	if err != nil && !os.IsNotExist(err) {
		w.t.Fatal(err)
	}
	return string(content)
}

// lines are those of a file that the script appends to, sorted.
func (w *world) lines(name string) []string {
	w.t.Helper()
	return slices.Sorted(slices.Values(strings.Fields(w.read(name))))
}

// look asks which items are done, as the runner does.
func (w *world) look() items.Result {
	w.t.Helper()
	log, err := items.ReadLog(w.job.Checkpoint)
	must(w.t, err)
	r, err := items.Judge{Workers: 2, Now: time.Now}.Remaining(w.t.Context(), w.plan.Items, items.Terms{Log: log, Since: w.job.Since})
	must(w.t, err)
	return r
}

// run works the job off in this process; what it said lies in the files out
// and err.
func (w *world) run(ctx context.Context) int {
	w.t.Helper()
	stdout, err := os.Create(w.path("out.log"))
	must(w.t, err)
	stderr, err := os.Create(w.path("err.log"))
	must(w.t, err)
	status := Run(ctx, w.job, stdout, stderr, time.Now)
	must(w.t, stdout.Close())
	must(w.t, stderr.Close())
	return status
}

// start works what remains off in a process of its own, in a session of its
// own, so that all of it can be killed at once.
func (w *world) start() *exec.Cmd {
	w.t.Helper()
	w.job.Items = w.look().Remaining
	folder, err := os.MkdirTemp(w.dir, "attempt-")
	must(w.t, err)
	must(w.t, Write(folder, w.job))
	cmd := exec.CommandContext(w.t.Context(), os.Args[0], "each", folder)
	out, err := os.Create(filepath.Join(folder, "out"))
	must(w.t, err)
	w.t.Cleanup(func() { out.Close() }) //nolint:errcheck // only a test
	cmd.Stdout, cmd.Stderr, cmd.Dir = out, out, w.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	must(w.t, cmd.Start())
	return cmd
}

// until waits for a condition.
func until(t testing.TB, what string, condition func() bool) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for !condition() {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain until %s", what)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

func picture(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	must(t, png.Encode(&b, image.NewGray(image.Rect(0, 0, 9, 9))))
	return b.Bytes()
}
