package faults

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"uratori/internal/ledger"
	"uratori/tests/house"
)

// A script that holds a lock or a pipe and runs a command must not find that
// the daemon, which the command happened to start, holds it for ever.
func TestBackgroundDaemon_KeepsNothingOfItsStarter(t *testing.T) {
	t.Parallel()
	h := house.New(t, program)
	dir := t.TempDir()
	mine, err := os.Create(filepath.Join(dir, "mine"))
	if err != nil {
		t.Fatal(err)
	}
	defer mine.Close() //nolint:errcheck // empty
	cmd := h.Command("status")
	cmd.Dir = dir
	cmd.ExtraFiles = []*os.File{mine, mine, mine, mine, mine, mine, mine} // 3 to 9
	if r := house.Finish(t, cmd); r.Code != 0 {
		t.Fatalf("%+v", r)
	}
	proc := filepath.Join("/proc", strconv.Itoa(h.Status().Daemon.PID))
	fds, err := os.ReadDir(filepath.Join(proc, "fd"))
	if err != nil {
		t.Fatal(err)
	}
	for _, fd := range fds {
		if file, err := os.Readlink(filepath.Join(proc, "fd", fd.Name())); err == nil && file == mine.Name() {
			t.Errorf("descriptor %s of the daemon is a file of its starter", fd.Name())
		}
	}
	if cwd, err := os.Readlink(filepath.Join(proc, "cwd")); err != nil || cwd != "/" {
		t.Errorf("the daemon stands in %s, %v", cwd, err)
	}
}

// A command that a systemd unit runs starts a daemon which is not the unit's:
// it must not report to the unit's supervisor.
func TestBackgroundDaemon_DoesNotSpeakForTheUnitOfItsStarter(t *testing.T) {
	t.Parallel()
	h := house.New(t, program)
	dir, err := os.MkdirTemp("", "sd-") // short: an address must fit into 107 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	socket := filepath.Join(dir, "notify")
	l, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // the test ends
	h.Env = []string{"NOTIFY_SOCKET=" + socket, "WATCHDOG_USEC=100000"}
	h.Status()
	h.Must("down") // whatever it had to say has been said
	if err := l.SetReadDeadline(time.Now().Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 1024)
	if n, err := l.Read(buf); err == nil {
		t.Errorf("the unit heard %q", buf[:n])
	}
}

// Who asked for the end of the terminal to be ignored is obeyed.
func TestNohup_TheForegroundDaemonOutlivesItsTerminal(t *testing.T) {
	t.Parallel()
	h := house.New(t, program)
	cmd := h.Command("up")
	cmd.Path, cmd.Args = "/bin/sh", []string{"sh", "-c", `trap "" HUP; exec "$0" up`, program}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	pid := untilAnswers(t, h)
	if err := cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	// A signal that counts is handled within the time of these.
	for range 20 {
		if now := h.Status().Daemon.PID; now != pid {
			t.Fatalf("SIGHUP ended daemon %d, %d answers", pid, now)
		}
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	if n := len(h.Entries("daemon.stopped")); n != 1 {
		t.Errorf("%d ends", n)
	}
}

// untilAnswers waits for a foreground daemon; no command that would start
// another is run before.
func untilAnswers(t *testing.T, h *house.House) int {
	t.Helper()
	house.Until(t, "the socket", func() bool { _, err := os.Stat(h.Home.Socket()); return err == nil })
	return h.Status().Daemon.PID
}

// Whoever interrupts the command that starts the daemon interrupts the
// command alone.
func TestStart_InterruptedCommand_LeavesAGoodDaemonOrNone(t *testing.T) {
	t.Parallel()
	h := house.New(t, program)
	for i := range 12 {
		cmd := h.Command("status")
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		select {
		case <-t.Context().Done():
		case <-time.After(time.Duration(i) * 5 * time.Millisecond):
		}
		signal := []syscall.Signal{syscall.SIGINT, syscall.SIGKILL}[i%2]
		_ = syscall.Kill(-cmd.Process.Pid, signal) // it may have ended
		_ = cmd.Wait()                             // however it ended
		s := h.Status()
		// One that came second, because the command's own was there already, may
		// still be on its way out.
		house.Until(t, "no daemon but the one that answers", func() bool {
			return slices.Equal(h.Daemons(), []string{strconv.Itoa(s.Daemon.PID)})
		})
		h.Must("down")
	}
	if r := h.Verify(); r.Verdict != ledger.Verified {
		t.Errorf("%+v", r)
	}
}

// A daemon killed while it makes its tables leaves a home that the next one
// can use.
func TestKill9_DuringTheFirstStart_TheNextOneSucceeds(t *testing.T) {
	t.Parallel()
	for i := range 15 {
		h := house.New(t, program)
		cmd := h.Command("up")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		select {
		case <-t.Context().Done():
		case <-time.After(time.Duration(i) * 4 * time.Millisecond):
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // killed
		h.Status()
		if r := h.Verify(); r.Verdict != ledger.Verified {
			t.Errorf("%+v", r)
		}
		h.Must("doctor")
		h.Must("down")
	}
}

// A second signal, or the same one again, changes nothing about an orderly end.
func TestSignals_Repeated_TheEndStaysOrderly(t *testing.T) {
	t.Parallel()
	h := house.New(t, program)
	cmd := h.Command("up")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	untilAnswers(t, h)
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for done := false; !done; {
		select {
		case err := <-ended:
			if _, killed := err.(*exec.ExitError); killed { //nolint:errorlint // not wrapped
				t.Errorf("it ended with %v", err)
			}
			done = true
		default:
			_ = cmd.Process.Signal(syscall.SIGTERM) // it may have ended
		}
	}
	if stopped := h.Entries("daemon.stopped"); len(stopped) != 1 || !strings.Contains(string(stopped[0].Data), `"reason":"signal"`) {
		t.Errorf("%v", stopped)
	}
}
