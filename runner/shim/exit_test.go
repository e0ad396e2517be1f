package shim

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestExit_EveryCode_AndManySignals_AreToldAsTheyWere(t *testing.T) {
	t.Parallel()
	p := newPool(t)
	for code := range 256 {
		if exit := run(t, p, sh(t, fmt.Sprintf("exit %d", code))); exit.String() != fmt.Sprintf("code %d", code) || exit.Others {
			t.Errorf("exit %d: %+v", code, exit)
		}
	}
	for _, name := range []string{"HUP", "INT", "QUIT", "ABRT", "KILL", "SEGV", "PIPE", "ALRM", "TERM", "USR1", "USR2", "XCPU"} {
		if exit := run(t, p, sh(t, "kill -"+name+" $$")); exit.String() != "SIG"+name || exit.Code != nil {
			t.Errorf("%s: %+v", name, exit)
		}
	}
}

func TestExit_IsOnTheDisk_WhenItIsTold(t *testing.T) {
	t.Parallel()
	p := newPool(t)
	a := begin(t, p, sh(t, `echo out; echo err >&2; exit 7`))
	exit := wait(t, a)
	found, err := Inspect(a.dir)
	if err != nil || found.State != Finished || found.Exit.String() != "code 7" {
		t.Fatalf("%+v, %v", found, err)
	}
	if exit.Stdout.Bytes != 4 || exit.Stderr.Bytes != 4 || a.output(t) != "out\n" {
		t.Errorf("%+v", exit)
	}
	if exit.EndedAt.Before(exit.StartedAt) || time.Since(exit.EndedAt) > time.Minute {
		t.Errorf("from %v to %v", exit.StartedAt, exit.EndedAt)
	}
	if _, err := os.Stat(filepath.Join(a.dir, exitFile+part)); !os.IsNotExist(err) {
		t.Errorf("%v", err)
	}
}

func TestExit_UsageOfAllProcesses_IsSummedUp(t *testing.T) {
	t.Parallel()
	p := newPool(t)
	const spins = `for i in 1 2 3; do sh -c 'i=0; while [ $i -lt 100000 ]; do i=$((i + 1)); done' & done; wait`
	if exit := run(t, p, sh(t, spins)); exit.Usage.UserMS < 20 || exit.Usage.MaxRSSBytes != 0 {
		t.Errorf("small ones: %+v", exit.Usage)
	}
	const mb = 100
	large := fmt.Sprintf(`x=$(head -c %d000000 /dev/zero | tr '\0' x); exit 0`, mb)
	if exit := run(t, p, sh(t, large)); exit.Usage.MaxRSSBytes < mb<<20*9/10 || exit.Usage.MaxRSSBytes > 5*mb<<20 {
		t.Errorf("a large one: %+v", exit.Usage)
	}
}

func TestExit_ProcessesThatAreLeft_AreTold_AndReleaseLeavesThem(t *testing.T) {
	t.Parallel()
	p := newPool(t)
	s := sh(t, `(setsid sh -c 'echo $$ >$DIR/part; mv $DIR/part $DIR/pid; exec sleep 1000' &); while [ ! -e $DIR/pid ]; do sleep 0.01; done; exit 3`)
	a := begin(t, p, s)
	exit := wait(t, a)
	if !exit.Others || exit.String() != "code 3" {
		t.Errorf("%+v", exit)
	}
	must(t, a.Release(t.Context()))
	must(t, a.run.Shim.Exited(t.Context()))
	if _, err := os.Stat(fmt.Sprintf("/proc/%d", sign(t, s, "pid"))); err != nil {
		t.Error(err)
	}
}

func TestExit_ProcessesThatAreLeft_AreReaped_AndTheShimIsUsedAgain(t *testing.T) {
	t.Parallel()
	p := newPool(t)
	s := sh(t, `(sleep 1000 & echo $! >$DIR/pid); exit 3`)
	a := begin(t, p, s)
	wait(t, a)
	a.sweep(t)
	must(t, a.Release(t.Context()))
	b := begin(t, p, sh(t, "exit 4"))
	if b.run.Shim != a.run.Shim {
		t.Error("another shim serves")
	}
	if exit := wait(t, b); exit.String() != "code 4" {
		t.Errorf("%+v", exit)
	}
}

func TestOutput_IsCompleteAndInOrder(t *testing.T) {
	t.Parallel()
	p := newPool(t)
	const lines = 20000
	a := begin(t, p, sh(t, fmt.Sprintf(`i=0; while [ $i -lt %d ]; do echo $i; i=$((i + 1)); done`, lines)))
	exit := wait(t, a)
	var want strings.Builder
	for i := range lines {
		fmt.Fprintln(&want, i)
	}
	if a.output(t) != want.String() || exit.Stdout.Bytes != int64(want.Len()) {
		t.Errorf("%d bytes of %d", exit.Stdout.Bytes, want.Len())
	}
}

// Whoever hears of the end can have the shim for the next attempt at once.
func TestExit_NothingIsLeft_TheShimIsFreeWhenTheEndIsTold(t *testing.T) {
	t.Parallel()
	p := newPool(t)
	var shim int
	for n := range 30 {
		a := begin(t, p, sh(t, "exit 3"))
		if exit := wait(t, a); exit.String() != "code 3" || !a.Rested() {
			t.Fatalf("%d: %+v, rested: %v", n, exit, a.Rested())
		}
		must(t, a.Release(t.Context()))
		if n > 0 && a.run.Shim.PID != shim {
			t.Errorf("%d: shim %d came after %d", n, a.run.Shim.PID, shim)
		}
		shim = a.run.Shim.PID
	}
}
