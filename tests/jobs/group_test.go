package jobs

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/go-json-experiment/json"

	"uratori/internal/control"
	"uratori/internal/process"
	"uratori/runner/shim"
	"uratori/tests/house"
)

// A process that empties its environment, leaves its session and loses its
// keeper before anybody has looked is in the control group still, where a job
// can have one.
func TestKill_OfWhoHasLostEverythingButItsGroup_LeavesNobody(t *testing.T) {
	t.Parallel()
	y := newYard(t, "URATORI_MONITOR_INTERVAL=1h") // nobody looks
	if y.withoutGroups() {
		return
	}
	script := `(setsid env -i /bin/sh -c 'echo $$ >hidden; exec /bin/sleep 31003' &)
until test -s hidden; do sleep 0.01; done; echo >ready; exec sleep 31003`
	id := y.enqueue(control.Enqueue{Command: []string{"/bin/sh", "-c", script}, Retries: new(int)})
	house.Until(t, "both are there", func() bool { _, err := os.Stat(filepath.Join(y.work, "ready")); return err == nil })
	run := y.attempt(id)
	if run.Group == "" {
		t.Fatal("the job has no group")
	}
	if err := syscall.Kill(run.Shim.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if r := y.Run("kill", "--grace", "300ms", "--json", fmt.Sprint(id)); r.Code != 0 && !strings.Contains(r.Err+r.Out, "ended") {
		t.Errorf("%+v", r)
	}
	y.ended(id)
	if left := sleepers(t, "31003"); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	house.Until(t, "the group is removed", func() bool { return !y.exists(run.Group) })
}

// Groups of jobs that have ended are removed, and a job that ends by itself
// leaves none either.
func TestGroups_OfEndedJobs_AreRemoved(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	if y.withoutGroups() {
		return
	}
	var groups []string
	for range 5 {
		id := y.enqueue(control.Enqueue{Command: []string{"/bin/sh", "-c", "sleep 0.1"}, Retries: new(int)})
		y.ended(id)
		groups = append(groups, y.attempt(id).Group)
	}
	for _, group := range groups {
		house.Until(t, "a group is removed", func() bool { return !y.exists(group) })
	}
}

// withoutGroups looks, without a daemon's help, whether this machine lets a process
// be started in a group of its own. Where it does not, as in a container whose
// groups can only be read, a job runs without one, and that is what is tested.
func (y *yard) withoutGroups() bool {
	y.t.Helper()
	if grouped(y.t) {
		return false
	}
	id := y.enqueue(control.Enqueue{Command: []string{"/bin/true"}, Retries: new(int)})
	if d := y.ended(id); d.State != "succeeded" || y.attempt(id).Group != "" {
		y.t.Errorf("%+v in %+v", d.Task, y.attempt(id))
	}
	return true
}

func grouped(t *testing.T) bool {
	t.Helper()
	self, err := process.Self()
	if err != nil {
		t.Fatal(err)
	}
	ground, err := process.FindGround()
	if err != nil {
		return false
	}
	group, err := ground.Make(process.GroupName(self, int(tries.Add(1))))
	if err != nil {
		return false
	}
	cmd := exec.CommandContext(t.Context(), "/bin/true")
	cmd.SysProcAttr = &syscall.SysProcAttr{UseCgroupFD: true, CgroupFD: group.FD()}
	runs := cmd.Run() == nil
	if err := errors.Join(group.Close(), group.Remove()); err != nil {
		t.Error(err)
	}
	return runs
}

// tries numbers the groups that tests make.
var tries atomic.Int64

// attempt is who runs the first attempt of a task, as its folder tells.
func (y *yard) attempt(id int64) (run shim.Run) {
	y.t.Helper()
	raw, err := os.ReadFile(filepath.Join(string(y.Home), "tasks", fmt.Sprint(id), "1", "run.json"))
	if err == nil {
		err = json.Unmarshal(raw, &run)
	}
	if err != nil {
		y.t.Fatal(err)
	}
	return run
}

// exists tells whether there is a control group of that path.
func (y *yard) exists(group string) bool {
	y.t.Helper()
	mounts, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		y.t.Fatal(err)
	}
	for line := range strings.Lines(string(mounts)) {
		const point, kind = 1, 2
		if f := strings.Fields(line); len(f) > kind && f[kind] == "cgroup2" {
			if _, err := os.Stat(filepath.Join(f[point], group)); err == nil {
				return true
			}
		}
	}
	return false
}

// A keeper that is killed leaves the group that it had ready for its next job; the
// next keeper removes it.
func TestGroups_OfAKeeperThatWasKilled_AreRemovedByTheNext(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	if y.withoutGroups() {
		return
	}
	id := y.enqueue(control.Enqueue{Command: []string{"/bin/true"}, Retries: new(int)})
	y.ended(id)
	first := y.attempt(id)
	spare := strings.TrimSuffix(first.Group, "-1") + "-2"
	house.Until(t, "a group is ready", func() bool { return y.exists(spare) })
	if err := syscall.Kill(first.Shim.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	house.Until(t, "the keeper is gone", func() bool { alive, err := first.Shim.Alive(); return err == nil && !alive })
	y.ended(y.enqueue(control.Enqueue{Command: []string{"/bin/true"}, Retries: new(int)}))
	house.Until(t, "its group is removed", func() bool { return !y.exists(spare) })
}
