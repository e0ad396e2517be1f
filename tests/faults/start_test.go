package faults

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"uratori/internal/control"
	"uratori/internal/ledger"
	"uratori/internal/process"
	"uratori/tests/house"
)

// together runs the same command many times at once.
func together(h *house.House, args ...string) []house.Result {
	results := make([]house.Result, crowd)
	var all sync.WaitGroup
	for i := range results {
		all.Go(func() { results[i] = h.Run(args...) })
	}
	all.Wait()
	return results
}

func onePID(t *testing.T, results []house.Result) int {
	t.Helper()
	pids := map[int]bool{}
	for _, r := range results {
		var s control.Status
		if err := json.Unmarshal([]byte(r.Out), &s); r.Code != 0 || err != nil {
			t.Errorf("status %d: %s%s", r.Code, r.Out, r.Err)
		}
		pids[s.Daemon.PID] = true
	}
	if len(pids) != 1 {
		t.Errorf("answers of %v", pids)
	}
	for pid := range pids {
		return pid
	}
	return 0
}

func TestStart_FiftyCommandsAtOnce_OneDaemon(t *testing.T) {
	t.Parallel()
	h := house.New(t, program)
	onePID(t, together(h, "status", "--json"))
	if n := len(h.Entries("daemon.started")); n != 1 {
		t.Errorf("%d starts", n)
	}
	if pids := h.Daemons(); len(pids) != 1 {
		t.Errorf("daemons %v", pids)
	}
	h.Kill(h.Status())
	onePID(t, together(h, "status", "--json"))
	if n := len(h.Entries("daemon.started")); n != 2 {
		t.Errorf("%d starts after the kill", n)
	}
	if pids := h.Daemons(); len(pids) != 1 {
		t.Errorf("daemons %v after the kill", pids)
	}
}

func TestStart_FiftyDaemonsAtOnce_OneWins(t *testing.T) {
	t.Parallel()
	h := house.New(t, program)
	cmds := make([]*exec.Cmd, crowd)
	ended := make(chan int, crowd)
	var all sync.WaitGroup
	for i := range cmds {
		cmds[i] = h.Command("up")
		if err := cmds[i].Start(); err != nil {
			t.Fatal(err)
		}
		all.Go(func() {
			_ = cmds[i].Wait() // the status is looked at
			ended <- cmds[i].ProcessState.ExitCode()
		})
	}
	for range crowd - 1 {
		if code := <-ended; code != 4 {
			t.Errorf("a second daemon ended with %d", code)
		}
	}
	if n := len(h.Entries("daemon.started")); n != 1 {
		t.Errorf("%d starts", n)
	}
	h.Must("down")
	all.Wait()
	if code := <-ended; code != 0 {
		t.Errorf("the one daemon ended with %d", code)
	}
}

func TestKill9_AnyMoment_TheNextCommandTakesOver(t *testing.T) {
	t.Parallel()
	h := house.New(t, program)
	const kills = 20
	s := h.Status()
	for range kills {
		select {
		case <-time.After(time.Duration(rand.Int64N(int64(20 * time.Millisecond)))): //nolint:gosec // moments, not secrets
		case <-t.Context().Done():
		}
		h.Kill(s)
		next := h.Status()
		if next.Daemon.PID == s.Daemon.PID || next.Ledger.Entries <= s.Ledger.Entries {
			t.Fatalf("%+v after %+v", next, s)
		}
		if r := h.Run("ledger", "verify", "--known", s.Ledger.Head.String()); r.Code != 0 {
			t.Fatalf("%+v", r)
		}
		s = next
	}
	started := h.Entries("daemon.started")
	if len(started) != kills+1 {
		t.Errorf("%d starts", len(started))
	}
	for i, e := range started {
		if want := `"before":"crashed"`; i > 0 && !strings.Contains(string(e.Data), want) {
			t.Errorf("entry %d: %s", e.Seq, e.Data)
		}
	}
	house.Until(t, "the examination after the last crash", func() bool {
		found := h.Entries("store.examined")
		return len(found) > 0 && found[len(found)-1].Seq > started[kills].Seq &&
			strings.Contains(string(found[len(found)-1].Data), `"verdict":"verified"`)
	})
}

func TestStart_WhatAnotherLeftBehind_IsReplaced(t *testing.T) {
	t.Parallel()
	me, err := process.Self()
	if err != nil {
		t.Fatal(err)
	}
	foreign, err := json.Marshal(me)
	if err != nil {
		t.Fatal(err)
	}
	for name, leave := range map[string]func(run string) error{
		"stale lock file":           func(run string) error { return os.WriteFile(filepath.Join(run, "start.lock"), []byte("1"), 0o600) },
		"pid of a living foreigner": func(run string) error { return os.WriteFile(filepath.Join(run, "daemon.json"), foreign, 0o600) },
		"broken daemon.json":        func(run string) error { return os.WriteFile(filepath.Join(run, "daemon.json"), []byte("{"), 0o600) },
		"socket as a file":          func(run string) error { return os.WriteFile(filepath.Join(run, "daemon.sock"), nil, 0o600) },
		"socket as a folder":        func(run string) error { return os.Mkdir(filepath.Join(run, "daemon.sock"), 0o700) },
		"socket as a dangling link": func(run string) error { return os.Symlink("/nowhere", filepath.Join(run, "daemon.sock")) },
		"dead socket": func(run string) error {
			fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
			if err != nil {
				return err
			}
			defer syscall.Close(fd) //nolint:errcheck // the file stays, as is wanted
			return syscall.Bind(fd, &syscall.SockaddrUnix{Name: filepath.Join(run, "daemon.sock")})
		},
	} {
		h := house.New(t, program)
		if err := h.Home.Create(); err != nil {
			t.Fatal(err)
		}
		if err := leave(h.Home.Run()); err != nil {
			t.Fatal(err)
		}
		if r := h.Run("status"); r.Code != 0 {
			t.Errorf("%s: %+v", name, r)
		}
	}
	h := house.New(t, program)
	if err := os.MkdirAll(filepath.Join(h.Home.Socket(), "full"), 0o700); err != nil {
		t.Fatal(err)
	}
	if r := h.Run("status"); r.Code != 1 || !strings.Contains(r.Err, h.Home.Socket()) {
		t.Errorf("a full folder as socket: %+v", r)
	}
}

func TestRunFolderDeleted_NoSecondDaemonStarts_TheFirstIsReachableAgain(t *testing.T) {
	t.Parallel()
	h := house.New(t, program)
	first := h.Status()
	if err := os.RemoveAll(h.Home.Run()); err != nil {
		t.Fatal(err)
	}
	if again := h.Status(); again.Daemon.ID != first.Daemon.ID {
		t.Errorf("daemon %v after %v", again.Daemon.ID, first.Daemon.ID)
	}
	if n := len(h.Entries("daemon.started")); n != 1 {
		t.Errorf("%d starts", n)
	}
	if r := h.Run("up"); r.Code != 4 || !strings.Contains(r.Err, "already running") {
		t.Errorf("up: %+v", r)
	}
}

func TestHomeDeleted_TheOldDaemonEnds_TheNewOneKeepsItsSocket(t *testing.T) {
	t.Parallel()
	h := house.New(t, program)
	old := h.Status()
	if err := os.RemoveAll(string(h.Home)); err != nil {
		t.Fatal(err)
	}
	next := h.Status()
	if next.Daemon.PID == old.Daemon.PID {
		t.Fatal("the old daemon answers for a home that is gone")
	}
	house.Until(t, "the end of the old daemon", func() bool {
		alive, err := old.Daemon.Alive()
		return err == nil && !alive
	})
	if now := h.Status(); now.Daemon.ID != next.Daemon.ID {
		t.Errorf("daemon %v after %v", now.Daemon.ID, next.Daemon.ID)
	}
}

func TestStoreDeletedUnderTheDaemon_NothingMoreIsAcknowledged(t *testing.T) {
	t.Parallel()
	h := house.New(t, program)
	h.Status()
	aside := h.Home.Database() + ".aside"
	if err := os.Rename(h.Home.Database(), aside); err != nil {
		t.Fatal(err)
	}
	r := h.Run("backup", filepath.Join(t.TempDir(), "b.db"))
	if r.Code == 0 || !strings.Contains(r.Err, "deleted or replaced") {
		t.Errorf("backup: %+v", r)
	}
	// A loop that was just about to write may tell of the same.
	problems := h.Status().Problems
	if len(problems) == 0 || problems[0].Code != "store.replaced" {
		t.Errorf("problems %+v", problems)
	}
	for _, p := range problems {
		if p.Code != "store.replaced" && (p.Code != "problem.loop_failed" || !strings.Contains(p.Message, "deleted or replaced")) {
			t.Errorf("a problem %+v", p)
		}
	}
	if r := h.Run("doctor"); r.Code != 1 {
		t.Errorf("doctor: %+v", r)
	}
	h.Must("down")
	if err := os.Rename(aside, h.Home.Database()); err != nil {
		t.Fatal(err)
	}
	if r := h.Verify(); r.Verdict != ledger.Verified {
		t.Errorf("put back: %+v", r)
	}
}

func TestHome_AnyName(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"日本語 の 家", `q?a#b%41&c;"'`, strings.Repeat("long/", 60) + "home", strings.Repeat("あ", 80)} {
		h := house.At(t, program, filepath.Join(t.TempDir(), name))
		s := h.Status()
		if s.Daemon.Home != string(h.Home) {
			t.Errorf("%s", s.Daemon.Home)
		}
		if r := h.Verify(); r.Verdict != ledger.Verified {
			t.Errorf("%s: %+v", name, r)
		}
		h.Must("backup", filepath.Join(string(h.Home), "b.db"))
		h.Must("down")
	}
}
