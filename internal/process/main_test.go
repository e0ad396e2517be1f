package process

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/go-json-experiment/json"
	"go.uber.org/goleak"
	"golang.org/x/sys/unix"
)

// This test binary is also the processes that the tests need: called as
// "helper NAME …" it is one of these.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "helper" {
		if err := helper(os.Args[2], os.Args[3:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

func helper(name string, args []string) error {
	switch name {
	case "keeper":
		return keeper(args)
	case "masked":
		return masked(args[0])
	case "group":
		return group(args[0])
	case "nobody":
		return nobody(args[0])
	case "hidden":
		return hidden()
	}
	return fmt.Errorf("no helper %q", name)
}

// keeper is a sub-reaper, as a shim is: it starts a job in a session of its
// own, says its pid, and reaps until it is killed.
func keeper(job []string) error {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return err
	}
	path, err := exec.LookPath(job[0])
	if err != nil {
		return err
	}
	pid, err := syscall.ForkExec(path, job, &syscall.ProcAttr{
		Env: os.Environ(), Files: []uintptr{0, 2, 2}, Sys: &syscall.SysProcAttr{Setsid: true},
	})
	if err != nil {
		return err
	}
	id, err := Of(pid) // it is not reaped yet
	if err != nil {
		return err
	}
	fmt.Println(id.PID, id.Start)
	go func() {
		_, _ = os.Stdin.Read(make([]byte, 1))
		_ = syscall.Kill(-pid, syscall.SIGKILL) // the test is over, or has crashed
		os.Exit(0)
	}()
	for {
		if _, err := syscall.Wait4(-1, nil, 0, nil); errors.Is(err, syscall.ECHILD) {
			select {}
		}
	}
}

// group leaves the process group of its job, but not the session.
func group(sign string) error {
	if err := syscall.Setpgid(0, 0); err != nil {
		return err
	}
	return stay(sign)
}

// stay writes the pid and sleeps.
func stay(sign string) error {
	part := sign + ".part"
	if err := os.WriteFile(part, []byte(strconv.Itoa(os.Getpid())), 0o600); err != nil {
		return err
	}
	if err := os.Rename(part, sign); err != nil {
		return err
	}
	for {
		time.Sleep(time.Hour) // until it is killed; the runtime calls a lone select a deadlock
	}
}

// nobody ends a tree as a user who may not.
func nobody(tree string) error {
	var t Tree
	if err := json.Unmarshal([]byte(tree), &t); err != nil {
		return err
	}
	const uid = 65534
	if err := syscall.Setuid(uid); err != nil {
		return err
	}
	end, err := t.End(context.Background(), time.Minute)
	return errors.Join(err, json.MarshalWrite(os.Stdout, end))
}

// masked overwrites its name, its arguments and its environment in memory, as
// some servers do to change their title, and ignores SIGTERM.
func masked(sign string) error {
	sign = strings.Clone(sign) // out of what is overwritten
	signal.Ignore(syscall.SIGTERM)
	maps, err := os.ReadFile("/proc/self/stat")
	if err != nil {
		return err
	}
	fields := bytes.Fields(maps[bytes.LastIndexByte(maps, ')')+1:])
	for _, at := range []int{45, 47} { // arg_start, arg_end, env_start, env_end are fields 48 to 51
		begin, err := strconv.ParseUint(string(fields[at]), 10, 64)
		if err != nil {
			return err
		}
		end, err := strconv.ParseUint(string(fields[at+1]), 10, 64)
		if err != nil {
			return err
		}
		clear(unsafe.Slice((*byte)(unsafe.Add(unsafe.Pointer(nil), begin)), end-begin)) //nolint:gosec // that is what it does
	}
	if err := os.WriteFile("/proc/self/comm", []byte("kworker/0:1"), 0); err != nil {
		return err
	}
	return stay(sign)
}

// job is a keeper and the job below it.
type job struct {
	Tree
	t      *testing.T
	keeper *exec.Cmd
	dir    string
}

// start runs a job below a keeper: "sh -c script", in which $DIR is a folder
// for signs of life, and $HELPER this binary.
func start(t *testing.T, script string) *job {
	t.Helper()
	j := &job{t: t, dir: t.TempDir(), Tree: Tree{Token: "URATORI_TEST=" + rand.Text()}}
	j.keeper = exec.CommandContext(t.Context(), os.Args[0], "helper", "keeper", "sh", "-c", script)
	j.keeper.Env = append(os.Environ(), j.Token, "DIR="+j.dir, "HELPER="+os.Args[0])
	j.keeper.Stderr = os.Stderr
	in, err := j.keeper.StdinPipe()
	must(t, err)
	out, err := j.keeper.StdoutPipe()
	must(t, err)
	must(t, j.keeper.Start())
	t.Cleanup(func() {
		if end, err := j.End(context.Background(), 0); err != nil || len(end.Survivors) > 0 {
			t.Errorf("left behind: %+v, %v", end.Survivors, err)
		}
		_ = in.Close()
		_ = j.keeper.Process.Kill()
		_ = j.keeper.Wait()
	})
	j.Root = got(Of(j.keeper.Process.Pid))
	j.Main.Boot = j.Root.Boot
	if _, err := fmt.Fscan(out, &j.Main.PID, &j.Main.Start); err != nil {
		t.Fatal(err)
	}
	return j
}

// killKeeper leaves the job an orphan.
func (j *job) killKeeper() {
	j.t.Helper()
	must(j.t, j.keeper.Process.Kill())
	_ = j.keeper.Wait()
}

// sign waits for a file that the job writes into its folder, whole, and returns the
// pid in it.
func (j *job) sign(name string) int {
	j.t.Helper()
	var pid int
	eventually(j.t, "no sign of "+name, func() bool {
		text, err := os.ReadFile(filepath.Join(j.dir, name))
		if err != nil {
			return false
		}
		pid, err = strconv.Atoi(strings.TrimSpace(string(text)))
		return err == nil
	})
	return pid
}

func (j *job) member(pid int) bool {
	j.t.Helper()
	for _, p := range got(j.Members()) {
		if p.PID == pid {
			return true
		}
	}
	return false
}

func eventually(t *testing.T, what string, f func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !f(); {
		if time.Now().After(deadline) {
			t.Fatal(what)
		}
		time.Sleep(time.Millisecond) // between two looks
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// got is v, of a call that must not fail.
func got[V any](v V, err error) V {
	if err != nil {
		panic(err)
	}
	return v
}

// hidden lists the processes as somebody from whom those of others are hidden.
func hidden() error {
	const somebody = 65534
	if err := errors.Join(syscall.Setgroups(nil), syscall.Setgid(somebody), syscall.Setuid(somebody)); err != nil {
		return err
	}
	if _, err := os.ReadFile("/proc/1/stat"); !errors.Is(err, os.ErrPermission) {
		return fmt.Errorf("nothing is hidden: %w", err)
	}
	all, err := All()
	if err != nil {
		return err
	}
	me, err := Self()
	if err != nil {
		return err
	}
	found := false
	for _, p := range all {
		found = found || p.ID == me
	}
	tree := Tree{Token: "KEY=nobody carries this"}
	members, err := tree.Members()
	if err != nil || !found || len(members) != 0 {
		return fmt.Errorf("found %v, %v, %w", found, members, err)
	}
	return nil
}
