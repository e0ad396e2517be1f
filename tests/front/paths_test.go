package front

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/go-json-experiment/json"

	"uratori/internal/control"
	"uratori/tests/house"
)

// What is written down for later names what people have installed, never the
// cache, which anybody may empty.
func TestPaths_ThatAreWrittenDown_AreThoseOfTheFront(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	if out := h.Must("up", "--systemd"); !strings.Contains(out, "\nExecStart=\""+front+"\" up\n") || strings.Contains(out, h.cache) {
		t.Error(out)
	}
	project := t.TempDir()
	if out := h.Must("install", "claude", "--project", project, "--dry-run", "--json"); !strings.Contains(out, `"program":"`+front+`"`) || strings.Contains(out, h.cache) {
		t.Error(out)
	}
	h.Env = append(h.Env, "PATH="+filepath.Dir(front)+":"+os.Getenv("PATH"))
	if out := h.Must("install", "claude", "--project", project, "--dry-run", "--json"); !strings.Contains(out, `"program":"uratori"`) {
		t.Error(out)
	}
	// What another program was told, or what somebody has made up, is no path.
	for _, lie := range []string{"URATORI_FRONT=" + front, "URATORI_FRONT=1:2:" + front, "URATORI_FRONT=::", "URATORI_FRONT=0:0:../uratori"} {
		other := *h.House
		other.Program, other.Env = whole, append(other.Env, lie)
		if out := other.Must("up", "--systemd"); !strings.Contains(out, whole) {
			t.Errorf("%s:\n%s", lie, out)
		}
	}
}

func TestFactcheck_IsTheSameFileUnderItsOtherName(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.Must("ticket", "create", "--summary", "抽出", "--detail", "詳細")
	other := *h.House
	other.Program = filepath.Join(filepath.Dir(front), "factcheck")
	ours, theirs := other.Must("INTG-001"), h.Must("factcheck", "INTG-001")
	clock := regexp.MustCompile(`[0-9:]{8}`)
	if clock.ReplaceAllString(ours, "") != clock.ReplaceAllString(theirs, "") || !strings.Contains(ours, "INTG-001: verified") {
		t.Errorf("%s\n%s", ours, theirs)
	}
	if r := other.Run("enqueue", "--", "true"); r.Code != 2 { // no ticket of that name
		t.Errorf("%+v", r)
	}
}

// The front is gone once the large program runs: it has the same number, files and
// words, and its signals and its status are its own.
func TestProcess_IsTheLargeProgram_WithItsWordsFilesAndSignals(t *testing.T) {
	t.Parallel()
	h := started(t)
	cmd := h.Command("status", "--watch", "--interval", "60s")
	cmd.Args[0] = "uratori"
	must(t, cmd.Start())
	proc := fmt.Sprintf("/proc/%d/", cmd.Process.Pid)
	var name []byte
	house.Until(t, "that it is the large program", func() bool {
		exe, err := os.Readlink(proc + "exe")
		name, _ = os.ReadFile(proc + "comm")
		return err == nil && strings.HasPrefix(exe, h.cache) && string(name) == "uratori\n"
	})
	words, err := os.ReadFile(proc + "cmdline")
	if err != nil || string(words) != "uratori\x00status\x00--watch\x00--interval\x0060s\x00" {
		t.Errorf("%q, %v", words, err)
	}
	files, err := filepath.Glob(proc + "fd/*")
	must(t, err)
	for _, f := range files {
		if to, err := os.Readlink(f); err == nil && strings.Contains(to, "/cache/uratori/") {
			t.Errorf("%s is still %s", f, to)
		}
	}
	must(t, cmd.Process.Signal(syscall.SIGTERM))
	_ = cmd.Wait() // how it ended is looked at
	if w, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || !w.Exited() {
		t.Errorf("it has its own end: %v", cmd.ProcessState)
	}
	// Words from stdin arrive, and the status is the command's.
	in := h.Command("ticket", "create", "--summary", "標準入力", "--detail-file", "-")
	in.Stdin = strings.NewReader("一行\n二行\n")
	if r := house.Finish(t, in); r.Code != 0 || !strings.Contains(h.whole("ticket", "show", "INTG-001"), "二行") {
		t.Errorf("%+v", r)
	}
	if r := h.Run("ticket", "show", "INTG-999"); r.Code != 1 {
		t.Errorf("%+v", r)
	}
}

// A job knows nothing of how uratori was started, and neither do the runs of its
// items.
func TestJobs_InheritNothingOfTheFront(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.Must("up", "--background")
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "a.txt"), nil, 0o600))
	script := `env >"$0.env"; cp "$0.env" "$0.txt"`
	h.Must("enqueue", "--cwd", dir, "--retries", "0", "--", "sh", "-c", script, "one")
	h.Must("enqueue", "--cwd", dir, "--retries", "0", "--items", "a.txt", "--out", "each.txt", "--each", "1", "--", "sh", "-c", script, "each", "{item}")
	h.Must("wait", "1")
	h.Must("wait", "2")
	for _, name := range []string{"one.env", "each.env"} {
		raw, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !strings.Contains(string(raw), "URATORI_TASK=") || strings.Contains(string(raw), "URATORI_FRONT") {
			t.Errorf("%s: %s, %v", name, raw, err)
		}
	}
}

// The daemon is an open file: the cache may go. Killed, it is brought back by the
// keeper of a job, which is kept all the while; and runs per item are still done, by
// the front.
func TestCacheIsDeleted_WhileADaemonRuns_ItGoesOn_AndComesBackAfterAKill(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.Env = append(h.Env, "URATORI_MONITOR_DAEMON_CHECK=1s")
	h.Must("up", "--background")
	dir := t.TempDir()
	h.Must("enqueue", "--cwd", dir, "--retries", "0", "--", "sh", "-c", "until test -e go; do sleep 0.05; done; exit 7")
	house.Until(t, "that the job runs", func() bool { return strings.Contains(h.Must("status", "1", "--json"), `"state":"running"`) })
	must(t, os.RemoveAll(h.cache))
	before := h.Status()
	if found := h.laid(); len(found) > 0 {
		t.Errorf("a line needed the large program: %v", found)
	}
	h.Kill(before)
	house.Until(t, "that the daemon is back", func() bool { return len(h.Daemons()) == 1 })
	if found := h.laid(); len(found) > 0 {
		t.Errorf("the keeper needed the cache: %v", found)
	}
	var after control.Status
	house.Until(t, "its answer", func() bool {
		r := h.Run("status", "--json")
		return r.Code == 0 && json.Unmarshal([]byte(r.Out), &after) == nil
	})
	if after.Daemon.PID == before.Daemon.PID {
		t.Errorf("%+v", after.Daemon)
	}
	must(t, os.WriteFile(filepath.Join(dir, "go"), nil, 0o600))
	if r := h.Run("wait", "1"); r.Code != 1 || !strings.Contains(r.Out+r.Err, "7") {
		t.Errorf("%+v", r)
	}
	must(t, os.RemoveAll(h.cache))
	must(t, os.WriteFile(filepath.Join(dir, "a.txt"), nil, 0o600))
	h.Must("enqueue", "--cwd", dir, "--retries", "0", "--items", "a.txt", "--out", "b.txt", "--each", "1", "--", "sh", "-c", "echo x >b.txt", "sh", "{item}")
	h.Must("wait", "2")
	if out := h.Must("up", "--systemd"); !strings.Contains(out, front) {
		t.Error(out)
	}
}
