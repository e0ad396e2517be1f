package shim

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"uratori/internal/process"
)

// The daemon is killed with -9 at any moment. The next one finds each attempt
// as it was: never started, and then without a trace of its job, or run
// exactly once, with the status that it really had.
func TestDaemonKilled_AtAnyMoment_EveryAttemptIsAccountedFor(t *testing.T) {
	t.Parallel()
	seen := map[State]int{}
	for round := range 25 {
		base := t.TempDir()
		daemon := exec.CommandContext(t.Context(), os.Args[0], "daemon", base, `echo $N >>marks; sleep 0.02; echo end; exit $((N % 250))`)
		daemon.Stderr = os.Stderr
		out, err := daemon.StdoutPipe()
		must(t, err)
		must(t, daemon.Start())
		// Not before it has started something, in most rounds.
		if round > 3 {
			_, err = fmt.Fscanln(out, new(int))
			must(t, err)
		}
		pause(t, time.Duration(rand.IntN(60_000))*time.Microsecond) //nolint:gosec // any will do
		must(t, daemon.Process.Kill())
		_ = daemon.Wait()
		for n := 1; ; n++ {
			dir := filepath.Join(base, strconv.Itoa(n))
			if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
				break
			}
			found, err := Inspect(dir)
			must(t, err)
			seen[found.State]++
			want := fmt.Sprintf("code %d", n%250)
			switch found.State {
			case NeverStarted:
				if marks(t, base, n) != 0 {
					t.Fatalf("attempt %d was never started, and ran", n)
				}
				continue
			case Running:
				a, err := Adopt(t.Context(), dir)
				must(t, err)
				if exit := wait(t, a); exit.String() != want {
					t.Fatalf("attempt %d: %+v", n, exit)
				}
				must(t, a.Release(t.Context()))
				must(t, a.run.Shim.Exited(t.Context()))
			case Finished:
				if found.Exit.String() != want {
					t.Fatalf("attempt %d: %+v", n, found.Exit)
				}
			case Lost:
				t.Fatalf("attempt %d is lost", n)
			}
			if marks(t, base, n) != 1 {
				t.Fatalf("attempt %d ran %d times", n, marks(t, base, n))
			}
			if text, err := os.ReadFile(filepath.Join(dir, stdoutFile)); err != nil || string(text) != "end\n" {
				t.Fatalf("attempt %d: %q, %v", n, text, err)
			}
		}
	}
	t.Logf("%v", seen)
}

// marks counts how often the job of attempt n ran.
func marks(t *testing.T, base string, n int) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(base, "marks"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	count := 0
	for line := range strings.Lines(string(text)) {
		if strings.TrimSpace(line) == strconv.Itoa(n) {
			count++
		}
	}
	return count
}

// The shim is killed with -9 at any moment of a start. What the folder then
// tells is true.
func TestShimKilled_AtAnyMomentOfAStart_TheFolderTellsTheTruth(t *testing.T) {
	t.Parallel()
	p := newPool(t)
	seen := map[State]int{}
	for n := range 100 {
		run(t, p, sh(t, "exit 0")) // from now on the spare answers at once
		mark := filepath.Join(t.TempDir(), "mark")
		s := sh(t, "echo x >>"+mark+"; exit 3")
		dir := filepath.Join(t.TempDir(), "1")
		must(t, writeSpec(dir, s))
		k, err := p.take()
		must(t, err)
		pid := k.pid
		must(t, k.tell(command{Attempt: text(dir)}))
		pause(t, time.Duration(rand.IntN(6000))*time.Microsecond) //nolint:gosec // any will do
		must(t, syscall.Kill(pid, syscall.SIGKILL))
		<-k.gone
		// Between fork and exec the job has a copy of the lock.
		var found Found
		eventually(t, "the dead hold a lock", func() bool {
			found = got(Inspect(dir))
			return found.State != Running
		})
		seen[found.State]++
		tree := process.Tree{Token: "URATORI_TOKEN=" + s.Token}
		if found.Run != nil {
			tree.Root, tree.Main = found.Run.Shim, found.Run.Child
		}
		// Whatever it had started is let end.
		eventually(t, "the job does not end", func() bool { return len(got(tree.Members())) == 0 })
		text, err := os.ReadFile(mark)
		ran := err == nil
		switch {
		case ran && string(text) != "x\n":
			t.Fatalf("round %d: it ran %q", n, text)
		case found.State == NeverStarted && ran:
			t.Fatalf("round %d: never started, and it ran", n)
		case found.State == Finished && (!ran || found.Exit.String() != "code 3"):
			t.Fatalf("round %d: %+v, ran %v", n, found.Exit, ran)
		}
	}
	t.Logf("%v", seen)
}

func TestShimKilled_WhileTheJobRuns_WaitTellsWhenItHasEnded(t *testing.T) {
	t.Parallel()
	p := newPool(t)
	for _, adopted := range []bool{false, true} {
		s := sh(t, `echo $$ >$DIR/pid; while [ ! -e $DIR/go ]; do sleep 0.01; done; exit 3`)
		a := begin(t, p, s)
		sign(t, s, "pid")
		must(t, a.run.Shim.Signal(syscall.SIGKILL))
		must(t, a.run.Shim.Exited(t.Context()))
		found, err := Inspect(a.dir)
		if err != nil || found.State != Lost || !found.Alive || *found.Run != a.run {
			t.Fatalf("%+v, %v", found, err)
		}
		if adopted {
			a, err = Adopt(t.Context(), a.dir)
			must(t, err)
		}
		tree := process.Tree{Root: a.run.Shim, Main: a.run.Child}
		if members := got(tree.Members()); len(members) == 0 || members[0].ID != a.run.Child {
			t.Errorf("%+v", members)
		}
		result := make(chan error, 1)
		go func() {
			_, err := a.Wait(t.Context())
			result <- err
		}()
		select {
		case err := <-result:
			t.Fatalf("the job runs: %v", err)
		case <-time.After(50 * time.Millisecond):
		}
		must(t, os.WriteFile(filepath.Join(s.Cwd, "go"), nil, 0o600))
		if err := <-result; !errors.Is(err, ErrLost) {
			t.Errorf("%v", err)
		}
		must(t, a.Release(t.Context()))
	}
}

func TestSpareKilled_TheNextStartTakesAnother(t *testing.T) {
	t.Parallel()
	p := newPool(t)
	for _, waited := range []bool{true, false} {
		must(t, p.Warm())
		k := p.kept()
		must(t, syscall.Kill(k.pid, syscall.SIGKILL))
		if waited {
			<-k.gone
		}
		if exit := run(t, p, sh(t, "exit 3")); exit.String() != "code 3" {
			t.Errorf("%+v", exit)
		}
	}
}

// kept is the spare.
func (p *Pool) kept() *keeper {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.spare
}

// Signals of a terminal, of a clumsy user, and of a broken pipe.
func TestShim_Signals_EndNothingWhileTheJobRuns(t *testing.T) {
	t.Parallel()
	p := newPool(t)
	s := sh(t, `echo $$ >$DIR/pid; while [ ! -e $DIR/go ]; do sleep 0.01; done; exit 3`)
	a := begin(t, p, s)
	sign(t, s, "pid")
	for _, sig := range []syscall.Signal{
		syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM, syscall.SIGPIPE, syscall.SIGUSR1, syscall.SIGUSR2,
		syscall.SIGALRM, syscall.SIGTSTP, syscall.SIGTTIN, syscall.SIGTTOU,
	} {
		must(t, a.run.Shim.Signal(sig))
	}
	must(t, os.WriteFile(filepath.Join(s.Cwd, "go"), nil, 0o600))
	if exit := wait(t, a); exit.String() != "code 3" {
		t.Errorf("%+v", exit)
	}
	must(t, a.Release(t.Context()))
}

// A shim that a person has started at a terminal, which is closed then.
func TestShim_ClosedTerminal_TheJobGoesOn(t *testing.T) {
	t.Parallel()
	master, terminal := pty(t)
	s := sh(t, `echo $$ >$DIR/pid; while [ ! -e $DIR/go ]; do sleep 0.01; done; exit 3`)
	dir := t.TempDir()
	must(t, writeSpec(dir, s))
	cmd := exec.CommandContext(t.Context(), os.Args[0], "shim", dir)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = terminal, terminal, terminal
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	must(t, cmd.Start())
	must(t, terminal.Close())
	sign(t, s, "pid")
	must(t, master.Close()) // SIGHUP to the session and its foreground
	must(t, os.WriteFile(filepath.Join(s.Cwd, "go"), nil, 0o600))
	must(t, cmd.Wait())
	found, err := Inspect(dir)
	if err != nil || found.State != Finished || found.Exit.String() != "code 3" {
		t.Errorf("%+v, %v", found, err)
	}
}

func pty(t *testing.T) (master, terminal *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	must(t, err)
	must(t, unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0))
	n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	must(t, err)
	terminal, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	must(t, err)
	return master, terminal
}

// The way without a daemon: what is left of the job keeps the shim, until
// somebody sends SIGTERM.
func TestShim_OfOneAttempt_LeavesWhenItIsTold(t *testing.T) {
	t.Parallel()
	s := sh(t, `(sleep 1000 & echo $! >$DIR/pid); exit 3`)
	dir := t.TempDir()
	must(t, writeSpec(dir, s))
	cmd := exec.CommandContext(t.Context(), os.Args[0], "shim", dir)
	var out bytes.Buffer
	cmd.Stdout = &out
	must(t, cmd.Start())
	pid := sign(t, s, "pid")
	eventually(t, "no exit.json", func() bool { return got(Inspect(dir)).State == Finished })
	stray := got(process.Of(pid))
	alive, err := got(process.Of(cmd.Process.Pid)).Alive()
	if err != nil || !alive {
		t.Fatalf("the shim has gone, %v", err)
	}
	must(t, cmd.Process.Signal(syscall.SIGTERM))
	must(t, cmd.Wait())
	if !got(stray.Alive()) {
		t.Error("the shim has ended what was left")
	}
	must(t, stray.Signal(syscall.SIGKILL))
	for _, want := range []string{`"event":"started"`, `"event":"exited"`, `"event":"left"`} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %s in %s", want, out.String())
		}
	}
}

func TestPool_Closed_RunningJobsGoOn_AndAreFound(t *testing.T) {
	t.Parallel()
	p := newPool(t)
	s := sh(t, `echo $$ >$DIR/pid; while [ ! -e $DIR/go ]; do sleep 0.01; done; exit 3`)
	a := begin(t, p, s)
	sign(t, s, "pid")
	must(t, p.Close(t.Context()))
	if found := got(Inspect(a.dir)); found.State != Running {
		t.Fatalf("%+v", found)
	}
	b, err := Adopt(t.Context(), a.dir)
	must(t, err)
	results := make(chan string, 2)
	for _, a := range []*Attempt{a, b} {
		go func() {
			exit, err := a.Wait(t.Context())
			results <- fmt.Sprint(exit, err)
		}()
	}
	must(t, os.WriteFile(filepath.Join(s.Cwd, "go"), nil, 0o600))
	for range 2 {
		if got := <-results; got != "code 3 <nil>" {
			t.Error(got)
		}
	}
	must(t, b.Release(t.Context()))
	must(t, a.run.Shim.Exited(t.Context()))
	if _, err := p.Start(t.Context(), filepath.Join(t.TempDir(), "1"), s); err == nil {
		t.Error("a closed pool starts something")
	}
}

func TestPool_UnusedSpare_Ends(t *testing.T) {
	t.Parallel()
	o := poolOptions()
	o.Idle = 50 * time.Millisecond
	p := NewPool(o)
	must(t, p.Warm())
	if k := p.kept(); k != nil {
		<-k.gone
	}
	if exit := run(t, p, sh(t, "exit 3")); exit.String() != "code 3" {
		t.Errorf("%+v", exit)
	}
	must(t, p.Close(t.Context()))
}

func TestRelease_BeforeTheEnd_IsAnError(t *testing.T) {
	t.Parallel()
	p := newPool(t)
	a := begin(t, p, sh(t, "sleep 1000"))
	if err := a.Release(t.Context()); err == nil {
		t.Error("it was released")
	}
}
