// Package demo runs the demo of the built binary, as a new user does, and looks
// whether it is what it says and whether anything of it is left.
package demo

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"uratori/internal/process"
	"uratori/monitor/notify/notifytest"
	"uratori/tests/house"
)

var program string // set once, by TestMain

func TestMain(m *testing.M) { os.Exit(house.Main(m, &program)) }

// show is one run of the demo.
type show struct {
	t    *testing.T
	cmd  *exec.Cmd
	tmp  string
	errs bytes.Buffer

	mu  sync.Mutex
	out strings.Builder
}

func (s *show) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out.Write(p)
}

func (s *show) said() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out.String()
}

// begin starts the demo for a user whose own home must not be touched.
func begin(t *testing.T, environ []string, args ...string) *show {
	t.Helper()
	s := &show{t: t, tmp: t.TempDir()}
	s.cmd = exec.CommandContext(t.Context(), program, append([]string{"demo"}, args...)...)
	s.cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + filepath.Join(s.tmp, "user"), "TMPDIR=" + filepath.Join(s.tmp, "t"), "LC_ALL=C.UTF-8"}
	s.cmd.Env = append(s.cmd.Env, environ...)
	s.cmd.Stdout, s.cmd.Stderr = s, &s.errs
	// As Ctrl-C comes: to the process, and not by a context of ours.
	s.cmd.Cancel = func() error { return s.cmd.Process.Signal(os.Interrupt) }
	for _, folder := range []string{"user", "t"} {
		if err := os.Mkdir(filepath.Join(s.tmp, folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if s.cmd.ProcessState == nil {
			_ = s.cmd.Process.Signal(os.Interrupt) // it tidies up
			_ = s.cmd.Wait()
		}
	})
	return s
}

// until waits until the demo has said something.
func (s *show) until(words string) {
	s.t.Helper()
	for deadline := time.Now().Add(8 * time.Minute); !strings.Contains(s.said(), words); {
		if time.Now().After(deadline) {
			s.t.Fatalf("%q was not said:\n%s%s", words, s.said(), s.errs.String())
		}
		<-time.After(2 * time.Millisecond)
	}
}

// end waits for the end of the demo, which leaves nothing behind.
func (s *show) end(status int) {
	s.t.Helper()
	_ = s.cmd.Wait() // the status is looked at
	if got := s.cmd.ProcessState.ExitCode(); got != status {
		s.t.Errorf("status %d, want %d:\n%s%s", got, status, s.said(), s.errs.String())
	}
	for _, folder := range []string{"user", "t"} {
		left, err := os.ReadDir(filepath.Join(s.tmp, folder))
		if err != nil || len(left) > 0 {
			s.t.Errorf("left in %s: %v %v", folder, left, err)
		}
	}
	if left := s.processes(); len(left) > 0 {
		s.t.Errorf("left running: %q", left)
	}
}

// processes are those in whose environment or arguments the test's folder
// stands, or that work in it.
func (s *show) processes() (found []string) {
	s.t.Helper()
	all, err := process.All()
	if err != nil {
		s.t.Fatal(err)
	}
	for _, p := range all {
		if p.PID == os.Getpid() || p.Ended {
			continue
		}
		folder := filepath.Join("/proc", strconv.Itoa(p.PID))
		line, _ := os.ReadFile(filepath.Join(folder, "cmdline")) // one that has just ended has nothing
		environ, _ := os.ReadFile(filepath.Join(folder, "environ"))
		cwd, _ := os.Readlink(filepath.Join(folder, "cwd"))
		if bytes.Contains(line, []byte(s.tmp)) || bytes.Contains(environ, []byte(s.tmp)) || strings.HasPrefix(cwd, s.tmp) {
			found = append(found, string(line))
		}
	}
	return found
}

const claims = 20

func TestDemo_InJapanese_ProvesEachClaim_AndLeavesNothing(t *testing.T) {
	began := time.Now()
	s := begin(t, []string{"URATORI_LANG=ja"})
	s.end(0)
	t.Logf("%.1f s", time.Since(began).Seconds())
	said := s.said()
	_, table, ok := strings.Cut(said, "\n\n   主張")
	if !ok || strings.Count(table, "✔") != claims || strings.Count(table, "検証済み") != claims || !strings.Contains(table, "20 件中 20 件の主張が成り立ちました") {
		t.Errorf("the table is not as it should be:\n%s", said)
	}
	if n := len(regexp.MustCompile(`台帳 #\d+`).FindAllString(table, -1)); n < claims-4 {
		t.Errorf("%d claims name an entry of the ledger", n)
	}
	for _, bad := range []string{"✘", "成り立ちませんでした", "示せませんでした", "{count}", "%!", " demo."} {
		if strings.Contains(said, bad) {
			t.Errorf("%q was said:\n%s", bad, said)
		}
	}
	for _, want := range []string{
		"[11/11]", "30/30", "factcheck INTG-088", "12 件中、不一致 1 件", "拒否: ", "競合", "kill -9", "✉ INTG-088 convert", "out/p031.png: 不一致", "代役",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("%q was not said:\n%s", want, said)
		}
	}
}

// With keys of Pushover the messages go where they say. With --keep the
// dashboard is there until somebody ends it.
func TestDemo_Kept_InEnglish_ShowsTheDashboard_AndRingsThePhoneOfTheUser(t *testing.T) {
	phone := notifytest.New(time.Now)
	base, stop, err := phone.Listen(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	}()
	s := begin(t, []string{"PUSHOVER_TOKEN=" + notifytest.Token, "PUSHOVER_USER=" + notifytest.User, "URATORI_NOTIFY_PUSHOVER_ENDPOINT=" + base}, "--keep")
	s.until("Ctrl-C ends it")
	page := regexp.MustCompile(`http://127\.0\.0\.1:\d+/tracker/INTG-088\n`).FindString(s.said()[strings.Index(s.said(), "The dashboard is open"):])
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, strings.TrimSpace(page), nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close() // all of it was read
	if err != nil || answer.StatusCode != http.StatusOK || !bytes.Contains(body, []byte("INTG-088")) {
		t.Errorf("%s %v", answer.Status, err)
	}
	if len(s.processes()) == 0 {
		t.Error("this test would see no process that is left")
	}
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	s.end(0)
	if !strings.Contains(s.said(), "19 of 19 claims held") || !strings.Contains(s.said(), "to your phone") || strings.Contains(s.said(), "✘") {
		t.Error(s.said())
	}
	about := 0
	for _, m := range phone.Messages() {
		if strings.HasPrefix(m.Title, "INTG-088 convert:") {
			about++
		}
	}
	if about != 2 {
		t.Errorf("%d messages about the job that fails: %+v", about, phone.Messages())
	}
}

// The worst moment: the daemon is dead, and a job runs that nobody but its shim
// keeps, which would start another daemon.
func TestDemo_BrokenOffWhileNoDaemonRuns_LeavesNothing(t *testing.T) {
	s := begin(t, nil)
	s.until("no other is started")
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	s.end(3)
	if !strings.Contains(s.errs.String(), "broken off") {
		t.Error(s.errs.String())
	}
}

func TestDemo_WithoutOpenCV_SaysWhatToInstall_AndStartsNothing(t *testing.T) {
	modules := t.TempDir()
	if err := os.WriteFile(filepath.Join(modules, "cv2.py"), []byte("raise ImportError('planted')\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := begin(t, []string{"PYTHONPATH=" + modules, "PYTHONDONTWRITEBYTECODE=1"})
	s.end(3)
	if !strings.Contains(s.errs.String(), "apt install --no-install-recommends python3-opencv python3-tqdm") || s.said() != "" {
		t.Errorf("%q %q", s.said(), s.errs.String())
	}
}
