package jobs

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"uratori/internal/control"
	"uratori/tests/house"
)

// shimOf is the pid of the process that keeps a running task, and the program
// that it runs.
func (y *yard) shimOf(id int64) (pid int, program string) {
	y.t.Helper()
	raw, err := os.ReadFile("/proc/" + strconv.Itoa(y.task(id).PID) + "/stat")
	if err != nil {
		y.t.Fatal(err)
	}
	words := strings.Fields(string(raw[strings.LastIndexByte(string(raw), ')')+1:])) // its state, its parent
	if pid, err = strconv.Atoi(words[1]); err != nil {
		y.t.Fatal(err)
	}
	if program, err = os.Readlink("/proc/" + words[1] + "/exe"); err != nil {
		y.t.Fatal(err)
	}
	return pid, program
}

func (y *yard) laidOut() string {
	y.t.Helper()
	found, err := filepath.Glob(filepath.Join(y.Home.Run(), "shim-*"))
	if err != nil || len(found) != 1 {
		y.t.Fatalf("%v, %v", found, err)
	}
	return found[0]
}

func TestKeeper_IsTheSmallProgram_AndSmall(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	id := y.enqueue(control.Enqueue{Command: []string{"/bin/sh", "-c", untilGo}, Retries: new(int)})
	y.until(id, "running")
	pid, program := y.shimOf(id)
	if small := y.laidOut(); program != small {
		t.Errorf("it is kept by %s, and not by %s", program, small)
	}
	if r := y.Run("doctor"); !strings.Contains(r.Out, "each job is kept by a small program, "+program) {
		t.Errorf("%+v", r)
	}
	const most = 12 << 10 // KiB
	house.Until(t, "that it is small", func() bool {
		status, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(status)) {
			if size, ok := strings.CutPrefix(line, "VmRSS:"); ok {
				kb, err := strconv.Atoi(strings.Fields(size)[0])
				return err == nil && kb > 0 && kb <= most
			}
		}
		return false
	})
	y.write("go", "")
	if d := y.ended(id); d.ExitCode == nil || *d.ExitCode != 3 {
		t.Errorf("%+v", d.Task)
	}
}

// Somebody may clean up, or put something of their own there: a job that runs does
// not mind, the next daemon lays out what belongs there, and what was put there
// is never run.
func TestKeeper_ItsFileIsReplaced_JobsGoOn_AndTheNextDaemonMakesItAnew(t *testing.T) {
	t.Parallel()
	y := newYard(t, "URATORI_RUNNER_SLOTS=3", "URATORI_MONITOR_DAEMON_CHECK=1h")
	job := control.Enqueue{Command: []string{"/bin/sh", "-c", untilGo}, Retries: new(int)}
	ids := []int64{y.enqueue(job)}
	y.until(ids[0], "running")
	small, ran := y.laidOut(), filepath.Join(y.work, "ran")
	want, err := os.ReadFile(small)
	if err != nil {
		t.Fatal(err)
	}
	impostor := func() {
		t.Helper()
		if err := os.Remove(small); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(small, []byte("#!/bin/sh\ntouch "+ran+"\n"), 0o500); err != nil { //nolint:gosec // it is to be executable
			t.Fatal(err)
		}
	}
	impostor()
	ids = append(ids, y.enqueue(job)) // under the daemon that has laid it out
	y.until(ids[1], "running")
	y.Kill(y.Status())
	ids = append(ids, y.enqueue(job)) // under another
	y.until(ids[2], "running")
	if got, err := os.ReadFile(y.laidOut()); err != nil || string(got) != string(want) {
		t.Errorf("it was not made anew: %v", err)
	}
	if there(ran) {
		t.Error("the impostor was run")
	}
	y.write("go", "")
	for _, id := range ids {
		if d := y.ended(id); d.ExitCode == nil || *d.ExitCode != 3 || d.Attempt != 1 {
			t.Errorf("%+v", d.Task)
		}
	}
}
