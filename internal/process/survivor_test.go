package process

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
)

// A job that has become another user's, as with sudo, when uratori is not
// root's.
func TestEnd_ProcessOfAnotherUser_IsReportedAsNotPermitted(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("only root can have a process of another user")
	}
	j := start(t, `echo $$ >$DIR/pid; exec sleep 1000`)
	j.sign("pid")
	tree, err := json.Marshal(j.Tree)
	must(t, err)
	out, err := exec.CommandContext(t.Context(), os.Args[0], "helper", "nobody", string(tree)).CombinedOutput()
	must(t, err)
	var end Ending
	must(t, json.Unmarshal(out, &end))
	if len(end.Survivors) != 1 || end.Survivors[0].ID != j.Main || end.Survivors[0].Reason != NotPermitted || len(end.Ended) != 0 {
		t.Errorf("%+v", end)
	}
	if !got(j.Main.Alive()) {
		t.Error("it is gone")
	}
	if end.Took > 30*time.Second {
		t.Errorf("took %v of a minute's grace, though nothing could be done", end.Took)
	}
}

// A frozen control group is as deaf as a driver that hangs.
func TestEnd_UninterruptibleProcess_IsReported_AndEndsWhenItCan(t *testing.T) {
	t.Parallel()
	group := filepath.Join("/sys/fs/cgroup/freezer", "uratori-test-"+strconv.Itoa(os.Getpid()))
	if err := os.Mkdir(group, 0o700); err != nil {
		t.Skip("no control group can be frozen here:", err)
	}
	set := func(file, value string) {
		t.Helper()
		must(t, os.WriteFile(filepath.Join(group, file), []byte(value), 0o600))
	}
	t.Cleanup(func() { eventually(t, "the group stays", func() bool { return os.Remove(group) == nil }) })
	j := start(t, `sleep 1000 & echo $$ >$DIR/pid; exec sleep 1000`)
	pid := j.sign("pid")
	set("tasks", strconv.Itoa(pid))
	set("freezer.state", "FROZEN")
	t.Cleanup(func() { set("freezer.state", "THAWED") })
	eventually(t, "it does not freeze", func() bool { return got(look(pid)).State == 'D' })

	e := newEnder(&j.Tree)
	defer e.close()
	e.patience = 300 * time.Millisecond
	must(t, e.run(t.Context(), time.Second)) // in which the other one goes by SIGTERM alone
	end := e.ending()
	if len(end.Survivors) != 1 || end.Survivors[0].ID != j.Main || end.Survivors[0].Reason != Uninterruptible {
		t.Errorf("%+v", end)
	}
	if len(end.Ended) != 1 || end.Ended[0].Signal != "SIGTERM" {
		t.Errorf("%+v", end.Ended)
	}
	set("freezer.state", "THAWED")
	j.mustEnd(0)
}

// Somebody who was born while the tree was looked at is met twice, and is one
// member all the same: no descriptor of it is lost.
func TestChase_MeetsOneThatIsKnown_Once(t *testing.T) {
	e := newEnder(&start(t, "sleep 60").Tree)
	defer e.close()
	c, err := e.look()
	if err != nil || len(c.members) == 0 {
		t.Fatal(c, err)
	}
	known := e.targets[c.members[0].ID]
	c.last = known.PID - 1
	if err := e.chase(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if e.targets[known.ID] != known {
		t.Error("it was opened anew")
	}
}
