package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"golang.org/x/sys/unix"

	"uratori/internal/config"
	"uratori/internal/control"
	"uratori/internal/daemon"
	"uratori/internal/daemon/work"
	"uratori/internal/store"
	"uratori/tracker/approval"
)

// asChild names the variable that makes this test binary the command line, so
// that it can have a terminal of its own.
const asChild = "URATORI_TEST_COMMAND_LINE"

func TestCommandLine_AsAProcessOfItsOwn(t *testing.T) {
	line := os.Getenv(asChild)
	if line == "" {
		t.Skip("only as the child of another test")
	}
	os.Args = append([]string{program}, strings.Split(line, "\x1f")...)
	if err := os.Unsetenv(asChild); err != nil {
		t.Fatal(err)
	}
	os.Exit(Main(program, control.Build{Version: "test"}))
}

//nolint:gosec // it is looked for where it must not be
const passphrase = "planted: 合言葉はガラスの山 4711"

// bureau is a daemon in this process that keeps approvals, and a person.
type bureau struct {
	t      *testing.T
	home   config.Home
	keeper *approval.Keeper
}

func newBureau(t *testing.T) *bureau {
	t.Helper()
	b := &bureau{t: t, home: config.Home(filepath.Join(t.TempDir(), "home"))}
	if err := b.home.Create(); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(b.home, []string{"URATORI_SERVER_LISTEN=127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	asker := daemon.Part{
		Schema: store.Schema{Name: "test", FS: fstest.MapFS{"00001_t.sql": {Data: []byte("-- +goose Up\nCREATE TABLE t (x INTEGER);\n")}}},
		Open: func(_ context.Context, h daemon.House) (daemon.Tenant, error) {
			var err error
			b.keeper, err = approval.New(approval.Options{DB: h.DB, Ledger: h.Ledger, Life: time.Hour, Now: h.Now})
			return daemon.Tenant{}, err
		},
	}
	var bench work.Bench
	log, file := daemon.OpenLog(c, nil, false)
	ctx, cancel := context.WithCancel(context.Background())
	ready, done := make(chan struct{}), make(chan error, 1)
	go func() {
		done <- daemon.Run(ctx, daemon.Options{Config: c, Log: log, Now: time.Now, Parts: []daemon.Part{bench.Approvals(), asker}, Ready: func() { close(ready) }})
	}()
	t.Cleanup(func() {
		cancel()
		if err := errors.Join(<-done, file.Close()); err != nil {
			t.Error(err)
		}
	})
	select {
	case <-ready:
	case err := <-done:
		done <- nil
		t.Fatal(err)
	}
	return b
}

func (b *bureau) ask(ticket, step string, parts ...approval.Part) approval.Subject {
	b.t.Helper()
	if len(parts) == 0 {
		parts = []approval.Part{{Kind: "definition", Name: "uratori.workflow.yaml", SHA256: digestOf([]byte(ticket + step))}}
	}
	s := approval.Subject{Ticket: ticket, Step: step, Digest: approval.Digest(parts)}
	if _, err := b.keeper.Ask(b.t.Context(), approval.Request{Subject: s, Parts: parts, Name: "SOW・計画の承認", NameEN: "Approval of the plan", Note: "please\nlook"}); err != nil {
		b.t.Fatal(err)
	}
	return s
}

func (b *bureau) state(s approval.Subject) approval.State {
	b.t.Helper()
	standing, err := b.keeper.Standing(b.t.Context(), s)
	if err != nil {
		b.t.Fatal(err)
	}
	return standing.State
}

func (b *bureau) set(text string) {
	b.t.Helper()
	if err := b.keeper.SetPassphrase(b.t.Context(), nil, []byte(text)); err != nil {
		b.t.Fatal(err)
	}
}

// seat is a person's side of a terminal, and what runs at it.
type seat struct {
	t      *testing.T
	master *os.File
	slave  *os.File
	cmd    *exec.Cmd
	mu     sync.Mutex
	screen bytes.Buffer
	done   chan struct{}
}

// sit starts a command at a terminal of its own.
func (b *bureau) sit(args ...string) *seat {
	b.t.Helper()
	s := &seat{t: b.t, done: make(chan struct{})}
	s.master, s.slave = openTerminal(b.t)
	s.cmd = b.command(args...)
	s.cmd.Stdin, s.cmd.Stdout, s.cmd.Stderr = s.slave, s.slave, s.slave
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	go func() {
		defer close(s.done)
		buffer := make([]byte, 4096)
		for {
			n, err := s.master.Read(buffer)
			s.mu.Lock()
			s.screen.Write(buffer[:n])
			s.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	if err := s.cmd.Start(); err != nil {
		b.t.Fatal(err)
	}
	return s
}

func (b *bureau) command(args ...string) *exec.Cmd {
	cmd := exec.CommandContext(b.t.Context(), "/proc/self/exe", "-test.run=^TestCommandLine_AsAProcessOfItsOwn$")
	cmd.Env = []string{
		asChild + "=" + strings.Join(args, "\x1f"), "URATORI_HOME=" + string(b.home), "URATORI_LANG=en", "PATH=" + os.Getenv("PATH"), "HOME=" + b.t.TempDir(), "NO_COLOR=1",
	}
	return cmd
}

func (s *seat) shown() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.screen.String()
}

// sees waits for words on the screen, and gives all of it.
func (s *seat) sees(words string) string {
	s.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; {
		shown := s.shown()
		if strings.Contains(shown, words) {
			return shown
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("no %q on the screen:\n%s", words, shown)
		}
		time.Sleep(time.Millisecond)
	}
}

func (s *seat) types(keys string) {
	s.t.Helper()
	if _, err := s.master.WriteString(keys); err != nil {
		s.t.Fatal(err)
	}
}

// ends waits for the program, and wants its status and the echo as it was.
func (s *seat) ends(code int) string {
	s.t.Helper()
	err := s.cmd.Wait()
	if got := s.cmd.ProcessState.ExitCode(); got != code {
		s.t.Fatalf("status %d (%v), want %d:\n%s", got, err, code, s.shown())
	}
	state, err := unix.IoctlGetTermios(int(s.slave.Fd()), unix.TCGETS)
	if err != nil || state.Lflag&unix.ECHO == 0 || state.Cc[unix.VSUSP] == 0 {
		s.t.Errorf("the terminal is not as it was: %v %v", state, err)
	}
	if err := s.slave.Close(); err != nil {
		s.t.Error(err)
	}
	<-s.done
	return s.shown()
}

func TestApprove_APersonAtATerminal_AndThePassphraseIsNowhere(t *testing.T) {
	b := newBureau(t)
	s := b.sit("approve", "--set-passphrase")
	s.sees("New passphrase:")
	s.types(passphrase + "\n")
	s.sees("once more:")
	s.types(passphrase + "\n")
	all := s.ends(0)

	file := filepath.Join(t.TempDir(), "SOW_INTG-088.md")
	text := "# 目的\n" + strings.Repeat("line\n", 20) + "\x1b[2J"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	asked := b.ask("INTG-088", "plan-approval", approval.Part{Kind: "file", Name: file, SHA256: digestOf([]byte(text))}, approval.Part{Kind: "commit", Name: "HEAD", SHA256: digestOf(nil)})
	s = b.sit("approve", "INTG-088")
	shown := s.sees("Passphrase to APPROVE INTG-088, Approval of the plan")
	for _, words := range []string{file, digestOf([]byte(text)), digestOf(nil), asked.Digest, "│ # 目的", "more lines", "│ please", "│ look"} {
		if !strings.Contains(shown, words) {
			t.Errorf("no %q:\n%s", words, shown)
		}
	}
	cmdline, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", s.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	s.types("wrong \x7f" + "\n") // a key is taken back
	all += s.ends(1)
	if b.state(asked) != approval.Requested {
		t.Error("a wrong passphrase has approved")
	}
	s = b.sit("approve", "INTG-088")
	s.sees("Passphrase to APPROVE")
	s.types(passphrase + "\n")
	all += s.ends(0)
	if b.state(asked) != approval.Approved {
		t.Error("the right one has not")
	}
	// Typed on a machine that does not compose its kana.
	asked = b.ask("INTG-088", "completion-approval")
	s = b.sit("approve")
	s.sees("Passphrase to APPROVE")
	s.types(strings.ReplaceAll(passphrase, "ガ", "\u30ab\u3099") + "\n")
	all += s.ends(0)
	if b.state(asked) != approval.Approved {
		t.Error("composed kana are another passphrase")
	}

	if strings.Contains(all, "planted") || strings.Contains(string(cmdline), "planted") {
		t.Errorf("it was shown:\n%s", all)
	}
	b.isNowhere("planted: ", "ガラスの山")
}

// isNowhere looks through every file of the home.
func (b *bureau) isNowhere(words ...string) {
	b.t.Helper()
	files := 0
	err := filepath.WalkDir(string(b.home), func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		raw, err := os.ReadFile(path)
		files++
		for _, w := range words {
			if bytes.Contains(raw, []byte(w)) {
				b.t.Errorf("%s has the passphrase", path)
			}
		}
		return err
	})
	if err != nil || files < 3 {
		b.t.Errorf("%d files: %v", files, err)
	}
}

func TestApprove_WithoutATerminal_IsRefusedAndSaysWhatToDo(t *testing.T) {
	b := newBureau(t)
	b.set(passphrase)
	asked := b.ask("INTG-088", "plan-approval")
	for _, args := range [][]string{{"approve", "INTG-088"}, {"approve", "--set-passphrase"}, {"approve", "INTG-088", "--json"}, {"approve", "INTG-088", "--reject", "--reason", "no"}} {
		cmd := b.command(args...)
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
		cmd.Stdin = strings.NewReader(passphrase + "\n")
		out, err := cmd.CombinedOutput()
		if cmd.ProcessState.ExitCode() != 2 || !strings.Contains(string(out), "terminal of your own") {
			t.Errorf("%v: %v %s", args, err, out)
		}
	}
	if b.state(asked) != approval.Requested {
		t.Error("something was answered")
	}
	// Looking needs none.
	cmd := b.command("approve", "--list")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "INTG-088  Approval of the plan (plan-approval)") || !strings.Contains(string(out), "code "+asked.Digest[:8]) {
		t.Errorf("%v %s", err, out)
	}
}

func TestApprove_Reject_NeedsAReason_AndSaysSoToTheAgent(t *testing.T) {
	b := newBureau(t)
	b.set(passphrase)
	asked := b.ask("INTG-088", "plan-approval")
	s := b.sit("approve", "INTG-088", "--reject", "--reason", "図 3 がない")
	s.sees("Passphrase to REJECT")
	s.types(passphrase + "\r")
	s.ends(0)
	standing, err := b.keeper.Standing(t.Context(), asked)
	if err != nil || standing.State != approval.Rejected || standing.Reason != "図 3 がない" || standing.Channel != approval.Terminal || standing.Approver != approver() {
		t.Errorf("%+v %v", standing, err)
	}
}

func TestApprove_NothingTyped_OrGivenUp_AnswersNothing(t *testing.T) {
	b := newBureau(t)
	b.set(passphrase)
	asked := b.ask("INTG-088", "plan-approval")
	for name, keys := range map[string]string{"return": "\n", "end of file": "\x04", "interrupt": "\x03", "interrupt behind half of it": passphrase[:9] + "\x03"} {
		s := b.sit("approve", "INTG-088")
		s.sees("Passphrase to APPROVE")
		s.types(keys)
		if all := s.ends(1); !strings.Contains(all, "nothing was answered") {
			t.Errorf("%s: %s", name, all)
		}
	}
	for name, keys := range map[string]string{"escape": passphrase + "\x1b[A\n", "no UTF-8": passphrase + "\xff\n", "long": strings.Repeat("x", 2000) + "\n"} {
		s := b.sit("approve", "INTG-088")
		s.sees("Passphrase to APPROVE")
		s.types(keys)
		if all := s.ends(2); strings.Contains(all, "planted") {
			t.Errorf("%s: %s", name, all)
		}
	}
	if b.state(asked) != approval.Requested {
		t.Error("something was answered")
	}
}

func TestApprove_JSON_HasTheAnswerAloneOnStdout(t *testing.T) {
	b := newBureau(t)
	b.set(passphrase)
	b.ask("INTG-088", "plan-approval")
	s := b.sit("approve", "INTG-088", "--json")
	s.sees("Passphrase to APPROVE")
	s.types(passphrase + "\n")
	if all := s.ends(0); !strings.Contains(all, `{"state":"approved","digest":"`) {
		t.Error(all)
	}
}

func TestApprove_FileThatHasChangedSinceItWasAskedFor_IsSaid(t *testing.T) {
	b := newBureau(t)
	b.set(passphrase)
	file := filepath.Join(t.TempDir(), "plan.md")
	b.ask("INTG-088", "plan-approval", approval.Part{Kind: "file", Name: file, SHA256: digestOf([]byte("as asked"))})
	if err := os.WriteFile(file, []byte("something else"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := b.sit("approve", "INTG-088")
	shown := s.sees("Passphrase to APPROVE")
	if !strings.Contains(shown, "has changed since it was asked for") || strings.Contains(shown, "something else") {
		t.Error(shown)
	}
	s.types("\n")
	s.ends(1)
}

func TestApprove_WhichQuestion(t *testing.T) {
	b := newBureau(t)
	s := b.sit("approve")
	if all := s.ends(1); !strings.Contains(all, "nothing waits") {
		t.Error(all)
	}
	b.ask("INTG-088", "plan-approval")
	s = b.sit("approve")
	if all := s.ends(1); !strings.Contains(all, "--set-passphrase") {
		t.Error(all)
	}
	b.set(passphrase)
	second := b.ask("INTG-089", "plan-approval")
	s = b.sit("approve")
	if all := s.ends(2); !strings.Contains(all, "2 questions wait") || !strings.Contains(all, "INTG-089  Approval") {
		t.Error(all)
	}
	s = b.sit("approve", "INTG-090")
	s.ends(1)
	s = b.sit("approve", "INTG-089", "--step", "setup")
	s.ends(1)
	// Somebody else answers while this person reads.
	s = b.sit("approve", "INTG-089")
	s.sees("Passphrase to APPROVE")
	if _, err := b.keeper.Decide(t.Context(), approval.Decision{Subject: second, Passphrase: []byte(passphrase), Approver: "another", Channel: approval.Web}); err != nil {
		t.Fatal(err)
	}
	s.types(passphrase + "\n")
	if all := s.ends(1); !strings.Contains(all, "another has already answered") {
		t.Error(all)
	}
	for range 5 {
		_, _ = b.keeper.Decide(t.Context(), approval.Decision{Subject: b.ask("INTG-088", "plan-approval"), Passphrase: []byte("wrong passphrase"), Approver: "x", Channel: approval.Web}) // the lock-out is what is looked at
	}
	s = b.sit("approve", "INTG-088")
	if all := s.ends(1); !strings.Contains(all, "nobody can answer before") {
		t.Error(all)
	}
	s = b.sit("approve", "--set-passphrase")
	if all := s.ends(1); !strings.Contains(all, "nobody can answer before") {
		t.Error(all)
	}
}

func TestApprove_SetPassphrase_OldOneAndTwiceTheNew(t *testing.T) {
	b := newBureau(t)
	for _, c := range []struct {
		typed []string
		code  int
		words string
	}{
		{[]string{"short"}, 2, "guessed too soon"},
		{[]string{passphrase, passphrase + "x"}, 2, "two passphrases"},
		{[]string{passphrase, passphrase}, 0, "is set"},
		{[]string{"wrong passphrase", "another one altogether", "another one altogether"}, 1, "not the passphrase"},
		{[]string{passphrase, "another one altogether", "another one altogether"}, 0, "is set"},
	} {
		s := b.sit("approve", "--set-passphrase")
		prompts := []string{"New passphrase:", "once more:"}
		if set, _, err := b.keeper.Passphrase(t.Context()); err != nil {
			t.Fatal(err)
		} else if set {
			prompts = append([]string{"Passphrase so far:"}, prompts...)
		}
		for i, text := range c.typed {
			s.sees(prompts[i])
			s.types(text + "\n")
		}
		if all := s.ends(c.code); !strings.Contains(all, c.words) || strings.Contains(all, "altogether") {
			t.Errorf("%v: %s", c.typed, all)
		}
	}
}

func TestApprove_FlagsThatSayTwoThings(t *testing.T) {
	d := newDesk(t)
	for line, words := range map[string]string{
		"--set-passphrase|--list":       "stands alone",
		"INTG-1|--set-passphrase":       "stands alone",
		"--list|--reject":               "stands alone",
		"INTG-1|--reject":               "needs a reason",
		"INTG-1|--reject|--reason= ":    "needs a reason",
		"INTG-1|--reason|no":            "add --reject",
		"INTG-1|INTG-2":                 "",
		"INTG-1|--passphrase|secret":    "--passphrase",
		"INTG-1|--reject|--reason|\xff": "UTF-8",
	} {
		args := append([]string{"approve"}, strings.Split(line, "|")...)
		d.must(d.run(args...), 2, words)
	}
}
