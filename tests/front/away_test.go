package front

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"uratori/internal/control/line"
	"uratori/tests/house"
)

func TestNoDaemon_TheLineStartsOne_AndIsDoneOnce(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.Must("enqueue", "--name", "first", "--hold", "--", "true")
	if n := h.named("first"); n != 1 {
		t.Errorf("%d tasks", n)
	}
	isWhole(t, h.layOut())
}

// A daemon of another build speaks to nobody's front: what is said to it, it is
// told by the large program of the build that was called.
func TestDaemonOfAnotherBuild_IsAskedAsByTheLargeProgram(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	other := *h.House
	other.Program = filepath.Join(t.TempDir(), "uratori")
	must(t, house.Build(other.Program, "2.0.0-test"))
	other.Must("up", "--background")
	h.whole("pause")
	h.whole("enqueue", "--", "true")
	for _, args := range [][]string{{"enqueue", "--json", "--", "true"}, {"beat", "1"}, {"status", "1", "--json"}} {
		if ours, theirs := h.both("", nil, args...); ours != theirs {
			t.Errorf("%q\n%+v\n%+v", args, ours, theirs)
		}
	}
	isWhole(t, h.layOut())
}

// The answer of a daemon that was killed is lost, wherever it was; the line is done
// once for all that.
func TestDaemonIsKilled_InTheMiddleOfALine_ItIsOneTask(t *testing.T) {
	t.Parallel()
	h := started(t)
	const rounds = 12
	for i := range rounds {
		name := fmt.Sprintf("round-%d", i)
		s := h.Status()
		cmd := h.Command("enqueue", "--name", name, "--delay", "1d", "--", "true")
		var told strings.Builder
		cmd.Stdout, cmd.Stderr = &told, &told
		must(t, cmd.Start())
		// From before the front has connected until after it has its answer.
		select {
		case <-t.Context().Done():
		case <-time.After(time.Duration(i) * 700 * time.Microsecond):
		}
		h.Kill(s)
		if err := cmd.Wait(); err != nil {
			t.Errorf("round %d: %v\n%s", i, err, &told)
		}
		if n := h.named(name); n != 1 {
			t.Errorf("round %d: %d tasks\n%s", i, n, &told)
		}
	}
}

// The daemon stored the task and was killed before it could say so.
func TestAnswerIsLost_AfterTheTaskIsStored_TheRepeatIsTheSameTask(t *testing.T) {
	t.Parallel()
	h := started(t)
	key, now := line.NewKey(), time.Now()
	l := h.line("enqueue", "--name", "stored", "--delay", "1d", "--", "true")
	l.Key, l.At = key, now
	first := h.post(l)
	if first.Code != 200 {
		t.Fatalf("%+v", first)
	}
	h.Kill(h.Status())
	repeat := func(pid string) house.Result {
		cmd := h.Command()
		script := fmt.Sprintf(`URATORI_FRONT_ORDER=%s:%s:%d exec "$0" enqueue --name stored --delay 1d -- true`, pid, key, now.UnixNano())
		cmd.Path, cmd.Args, cmd.Dir = "/bin/sh", []string{"sh", "-c", script, whole}, l.Folder.Path
		return house.Finish(t, cmd)
	}
	if r := repeat("$$"); r.Code != 0 || !strings.HasPrefix(r.Out, "#1 ") || h.named("stored") != 1 {
		t.Errorf("%+v, %d tasks", r, h.named("stored"))
	}
	// What was said to another process is nothing to this one.
	if r := repeat("1"); r.Code != 0 || h.named("stored") != 2 {
		t.Errorf("%+v, %d tasks", r, h.named("stored"))
	}
}

// Somebody who presses Ctrl-C while a daemon does not answer gets their prompt back.
func TestInterrupt_WhileTheDaemonIsStuck_EndsByTheSignal(t *testing.T) {
	t.Parallel()
	h := started(t)
	s := h.Status()
	must(t, syscall.Kill(s.Daemon.PID, syscall.SIGSTOP))
	defer syscall.Kill(s.Daemon.PID, syscall.SIGCONT) //nolint:errcheck // it may have ended
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		cmd := h.Command("enqueue", "--", "true")
		must(t, cmd.Start())
		house.Until(t, "that it waits for an answer", func() bool { return waits(cmd) })
		must(t, cmd.Process.Signal(signal))
		_ = cmd.Wait() // how it ended is looked at
		w, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
		if !ok || !w.Signaled() || w.Signal() != signal {
			t.Errorf("%v: %v", signal, cmd.ProcessState)
		}
	}
	if found := h.laid(); len(found) > 0 {
		t.Errorf("the large program was needed: %v", found)
	}
}

// waits tells whether a process catches SIGINT and sleeps, which is so from the
// moment on at which the front has sent its line.
func waits(cmd *exec.Cmd) bool {
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", cmd.Process.Pid))
	if err != nil {
		return false
	}
	for _, f := range files {
		if to, err := os.Readlink(f); err == nil && strings.HasPrefix(to, "socket:") {
			return true
		}
	}
	return false
}

// A line that a daemon which only just still lives has not begun is done by the
// next; nobody hears of it.
func TestDaemonLeaves_WhileLinesCome_NoneIsLostAndNoneIsDoneTwice(t *testing.T) {
	t.Parallel()
	h := started(t)
	const lines = 20
	results := make([]house.Result, lines)
	done := make(chan int, lines)
	for i := range lines {
		go func() {
			results[i] = h.Run("enqueue", "--name", fmt.Sprintf("line-%d-", i), "--hold", "--", "true")
			done <- i
		}()
		if i == lines/2 {
			h.whole("down")
		}
	}
	for range lines {
		<-done
	}
	for i, r := range results {
		if n := h.named(fmt.Sprintf("line-%d-", i)); r.Code != 0 || n != 1 {
			t.Errorf("%d tasks: %+v", n, r)
		}
	}
}
