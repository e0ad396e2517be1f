package faults

import (
	"bytes"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"uratori/tests/house"
)

func TestSignals_EndTheForegroundDaemonInOrder(t *testing.T) {
	t.Parallel()
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP} {
		h := house.New(t, program)
		cmd := h.Command("up")
		var words bytes.Buffer
		cmd.Stderr = &words
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		house.Until(t, "the socket", func() bool { _, err := os.Stat(h.Home.Socket()); return err == nil })
		h.Status()
		if err := cmd.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("%v: %v\n%s", signal, err, words.String())
		}
		if stopped := h.Entries("daemon.stopped"); len(stopped) != 1 || !strings.Contains(string(stopped[0].Data), `"reason":"signal"`) {
			t.Errorf("%v: %v", signal, stopped)
		}
		if !strings.Contains(words.String(), "daemon started") || !strings.Contains(words.String(), "daemon stopping") {
			t.Errorf("%v: the log on the terminal:\n%s", signal, words.String())
		}
	}
}

func TestFrozenDaemon_CommandsGiveUpAndClaimNothing(t *testing.T) {
	t.Parallel()
	h := house.New(t, program)
	s := h.Status()
	if err := syscall.Kill(s.Daemon.PID, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	// A signal is sent to a process and reaches its threads one by one.
	house.Until(t, "every thread of the daemon stopped", func() bool {
		tasks, err := filepath.Glob(filepath.Join("/proc", strconv.Itoa(s.Daemon.PID), "task/*/stat"))
		return err == nil && len(tasks) > 0 && !slices.ContainsFunc(tasks, func(task string) bool {
			stat, err := os.ReadFile(task)
			return err != nil || !bytes.Contains(stat, []byte(") T "))
		})
	})
	var all sync.WaitGroup
	for _, args := range [][]string{{"status"}, {"down"}} {
		all.Go(func() {
			if r := h.Run(args...); r.Code != 3 || !strings.Contains(r.Err, "did not answer in time; nothing is known") {
				t.Errorf("%v: %+v", args, r)
			}
		})
	}
	all.Wait()
	if err := syscall.Kill(s.Daemon.PID, syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
}

func TestSystemd_IsToldReadyAliveAndStopping(t *testing.T) {
	t.Parallel()
	h := house.New(t, program)
	// A folder of short name: the address must fit into 107 bytes.
	dir, err := os.MkdirTemp("", "sd-")
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
	if err := l.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	cmd := h.Command("up")
	cmd.Env = append(cmd.Env, "NOTIFY_SOCKET="+socket, "WATCHDOG_USEC=200000")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	heard := map[string]int{}
	listen := func(until func() bool) {
		t.Helper()
		buf := make([]byte, 1024)
		for !until() {
			n, err := l.Read(buf)
			if err != nil {
				t.Fatalf("heard %v: %v", heard, err)
			}
			heard[string(buf[:n])]++
		}
	}
	listen(func() bool { return heard["READY=1"] == 1 && heard["WATCHDOG=1"] >= 5 })
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	listen(func() bool { return heard["STOPPING=1"] == 1 })
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

func TestSecrets_ReachNothingThatStays(t *testing.T) {
	t.Parallel()
	const secret = "s3cr3t-value-that-must-not-stay"
	h := house.New(t, program)
	h.Env = []string{"PUSHOVER_TOKEN=" + secret, "PUSHOVER_USER=" + secret + "2"}
	s := h.Status()
	h.Must("backup", filepath.Join(string(h.Home), "b.db"))
	cmdline, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(s.Daemon.PID), "cmdline"))
	if err != nil {
		t.Fatal(err)
	}
	said := string(cmdline) + h.Must("config", "show") + h.Must("config", "show", "--json") + h.Must("ledger", "export") + h.Must("doctor", "--json")
	h.Must("down")
	err = filepath.WalkDir(string(h.Home), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		said += string(raw)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(said, secret) {
		t.Error("the secret is somewhere")
	}
}

func TestDashboardPort_TakenThenFree_IsServedInTheEnd(t *testing.T) {
	t.Parallel()
	var lc net.ListenConfig
	taken, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h := house.New(t, program)
	h.Env = []string{"URATORI_SERVER_LISTEN=" + taken.Addr().String()}
	if s := h.Status(); s.Dashboard != "" || len(s.Problems) != 1 {
		t.Errorf("%+v", s)
	}
	if r := h.Run("doctor"); r.Code != 1 || !strings.Contains(r.Out, "dashboard is not served") {
		t.Errorf("%+v", r)
	}
	if err := taken.Close(); err != nil {
		t.Fatal(err)
	}
	house.Until(t, "the page", func() bool { s := h.Status(); return s.Dashboard != "" && len(s.Problems) == 0 })
}

func TestSocket_StrangersDoNotBringItDown(t *testing.T) {
	t.Parallel()
	h := house.New(t, program)
	s := h.Status()
	for path, want := range map[string]fs.FileMode{h.Home.Run(): 0o700, h.Home.Socket(): 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
	var all sync.WaitGroup
	for i := range 300 {
		all.Go(func() {
			conn, err := (&net.Dialer{}).DialContext(t.Context(), "unix", h.Home.Socket())
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close() //nolint:errcheck // a rude stranger
			words := []string{
				"", "GET / HTTP/1.1\r\nHost", "\x00\xff\x00\xff\r\n\r\n", "POST /v1/backup HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n\r\n{",
				"GET /v1/status HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("y", 2<<20) + "\r\n\r\n",
			}
			_, _ = io.WriteString(conn, words[i%len(words)]) // it may hang up on us
		})
	}
	all.Wait()
	if again := h.Status(); again.Daemon.ID != s.Daemon.ID || len(again.Problems) != 0 {
		t.Errorf("%+v", again)
	}
}
