package process

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestSelf_IsAlive(t *testing.T) {
	id, err := Self()
	if err != nil {
		t.Fatal(err)
	}
	if id.PID != os.Getpid() || id.Boot == "" || id.Start == 0 {
		t.Fatalf("incomplete identity %+v", id)
	}
	if alive, err := id.Alive(); err != nil || !alive {
		t.Fatalf("Alive() = %v, %v", alive, err)
	}
}

func TestAlive_SamePidOfAnotherBootOrStart_IsNotThatProcess(t *testing.T) {
	id, err := Self()
	if err != nil {
		t.Fatal(err)
	}
	for name, other := range map[string]ID{
		"start": {PID: id.PID, Start: id.Start + 1, Boot: id.Boot},
		"boot":  {PID: id.PID, Start: id.Start, Boot: "another"},
	} {
		if alive, err := other.Alive(); err != nil || alive {
			t.Errorf("%s: Alive() = %v, %v", name, alive, err)
		}
	}
}

func TestAlive_EndedProcess_IsNot(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), "cat")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	id, err := Of(cmd.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
	// Nobody has waited for it yet, so it stays as a zombie.
	for deadline := time.Now().Add(10 * time.Second); ; {
		alive, err := id.Alive()
		if err != nil {
			t.Fatal(err)
		}
		if !alive {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the zombie counts as alive")
		}
		runtime.Gosched()
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if alive, err := id.Alive(); err != nil || alive {
		t.Fatalf("Alive() = %v, %v", alive, err)
	}
}

func TestParse_HostileNames(t *testing.T) {
	tail := " S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 1 18 4242 20"
	for _, name := range []string{"cat", "a b", "x) R 9 9", ")(", "1 (2) 3", "日本"} {
		p, err := parse("7 (" + name + ")" + tail)
		want := Process{ID: ID{PID: 7, Start: 4242}, Parent: 1, Group: 2, Session: 3, Name: name, State: 'S', Threads: 1, Ticks: 11 + 12}
		if err != nil || p != want {
			t.Errorf("%q: %+v, %v", name, p, err)
		}
	}
	for _, bad := range []string{"", "7 (cat", "7 )cat(" + tail, "(cat)" + tail, "7 (cat) S 1 2", "7 (cat)" + strings.Replace(tail, "4242", "-1", 1)} {
		if _, err := parse(bad); err == nil {
			t.Errorf("%q: no error", bad)
		}
	}
}

// While other threads of a killed process are ending, its main thread is a
// zombie already, but its files and sockets are still open.
func TestParse_ZombieHasEnded_ButNotWhileOtherThreadsAreThere(t *testing.T) {
	for _, tc := range []struct {
		state, threads string
		want           bool
	}{{"Z", "1", true}, {"Z", "7", false}, {"X", "0", true}, {"R", "1", false}, {"D", "3", false}} {
		p, err := parse("7 (x) " + tc.state + " 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 " + tc.threads + " 18 4242 20")
		if err != nil || p.Ended != tc.want {
			t.Errorf("%s with %s threads: %v, %v", tc.state, tc.threads, p.Ended, err)
		}
	}
}

// Where the kernel hides the processes of other users, one's own are seen and
// can be ended all the same.
func TestAll_WhereOthersAreHidden_ListsTheRest(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	words := []string{"unshare", "-m", "sh", "-euc", `mount -t proc -o hidepid=1 proc /proc; echo mounted; exec "$0" helper hidden`, self}
	if os.Geteuid() != 0 { // only root can hide them
		words = append([]string{"sudo", "-n"}, words...)
	}
	cmd := exec.CommandContext(t.Context(), words[0], words[1:]...)
	text, err := cmd.CombinedOutput()
	if !bytes.HasPrefix(text, []byte("mounted")) {
		t.Fatalf("this test needs root, or sudo without a password, and the right to mount: %v\n%s", err, text)
	}
	if err != nil {
		t.Errorf("%v\n%s", err, text)
	}
}

func TestBeside_IsWhoOfFinds(t *testing.T) {
	t.Parallel()
	me, err := Self()
	if err != nil {
		t.Fatal(err)
	}
	want, err := Of(os.Getppid())
	if err != nil {
		t.Fatal(err)
	}
	if found, err := me.Beside(want.PID); err != nil || found != want {
		t.Errorf("%+v instead of %+v, %v", found, want, err)
	}
	if found, err := me.Beside(1 << 30); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%+v, %v", found, err)
	}
}
