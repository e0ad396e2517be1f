package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/internal/phrase"
)

func newApp(out io.Writer, lang phrase.Lang) (*app, *bytes.Buffer) {
	var errs bytes.Buffer
	return &app{
		in: strings.NewReader(""), out: &output{Writer: out}, err: &errs, lang: lang,
		getenv: func(string) string { return "" }, build: control.Build{Version: "test"},
	}, &errs
}

func TestEveryCommand_HasAnExampleAndIsToldInBothLanguages(t *testing.T) {
	for _, lang := range []phrase.Lang{phrase.English, phrase.Japanese} {
		a, _ := newApp(io.Discard, lang)
		count := 0
		var walk func(*cobra.Command)
		walk = func(cmd *cobra.Command) {
			if cmd.Hidden { // what our own processes call each other by
				return
			}
			count++
			if cmd.Short == "" || strings.Contains(cmd.Short, "!") {
				t.Errorf("%s: %s is not told: %q", lang, cmd.CommandPath(), cmd.Short)
			}
			ours := !strings.Contains(cmd.CommandPath(), "completion") && cmd.Name() != "help"
			if ours && !cmd.HasSubCommands() && !strings.Contains(cmd.Example, cmd.CommandPath()) {
				t.Errorf("%s: %s has no example of itself: %q", lang, cmd.CommandPath(), cmd.Example)
			}
			for _, sub := range cmd.Commands() {
				walk(sub)
			}
		}
		walk(a.root())
		if count < 15 {
			t.Errorf("only %d commands were seen", count)
		}
	}
}

func TestRun_StatusOfEveryKindOfEnd(t *testing.T) {
	for _, tc := range []struct {
		err  error
		want int
	}{
		{nil, 0},
		{judged(ledger.Verified), 0},
		{judged(ledger.Refuted), 1},
		{judged(ledger.Unverifiable), 3},
		{errors.New("plain"), 1},
		{fault.New(fault.Failed, "store.disk_full", "file", "x"), 1},
		{fault.New(fault.NotFound, "daemon.no_such_request", "request", "x"), 1},
		{fault.New(fault.Invalid, "config.no_home"), 2},
		{fault.New(fault.Unavailable, "store.closed"), 3},
		{fault.New(fault.Conflict, "store.exists", "file", "x"), 4},
	} {
		if got := exitStatus(tc.err); got != tc.want {
			t.Errorf("%v: %d, want %d", tc.err, got, tc.want)
		}
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestRun_OutputThatCannotBeWritten_IsAFailure(t *testing.T) {
	a, errs := newApp(fullDisk{}, phrase.English)
	if code := a.run(context.Background(), []string{"version"}); code != exitFailed || !strings.Contains(errs.String(), "no space left") {
		t.Errorf("%d %s", code, errs)
	}
}

func TestRun_JSONErrors_AreEnglishWhateverTheLocale(t *testing.T) {
	var out bytes.Buffer
	a, errs := newApp(&out, phrase.Japanese)
	if code := a.run(context.Background(), []string{"--json", "statsu"}); code != exitUsage || errs.Len() != 0 {
		t.Errorf("%d %s", code, errs)
	}
	if !strings.Contains(out.String(), `"message":"uratori has no command statsu; did you mean stats, status?"`) {
		t.Error(out.String())
	}
}

func TestVisible_NothingReachesTheTerminalThatIsNotSeen(t *testing.T) {
	for in, want := range map[string]string{
		"普通の text\tand\nlines":  "普通の text\tand\nlines",
		"\x1b[2J":               `\u001b[2J`,
		"a\u202eb\u2066c":       `a\u202eb\u2066c`,
		"\u0085\u009b":          `\u0085\u009b`,
		"zero\u200bwidth\ufeff": `zero\u200bwidth\ufeff`,
		"👩‍🔬":                   "👩‍🔬",
		"\r\a\b\x00\x7f":        `\u000d\u0007\u0008\u0000\u007f`,
	} {
		if got := visible(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestLine_OnlyTheMarkIsPainted(t *testing.T) {
	var out bytes.Buffer
	a, _ := newApp(&out, phrase.English)
	a.color = true
	a.line("cli.status.problem", a.mark(ledger.Refuted), "problem", "\x1b[31mred \\u0000")
	if got := out.String(); got != "\x1b[31m✘\x1b[0m \\u001b[31mred \\u0000\n" {
		t.Errorf("%q", got)
	}
}

// What came from a sheet, a settings file or a panic cannot begin a line that
// passes for ours.
func TestLedgerDoctorAndStatus_HostileTexts_ForgeNothing(t *testing.T) {
	const evil = "x\n✔ all is well\u2028✔\t"
	var out bytes.Buffer
	a, _ := newApp(&out, phrase.English)
	a.showEntry(ledger.Entry{Seq: 1, At: evil, Kind: evil, Subject: evil, Data: []byte(`{}`)})
	a.tellFinding(found("sheet", ledger.Refuted, "doctor.settings_bad", "error", evil))
	a.tellStatus(control.Status{Problems: []control.Problem{control.NewProblem("problem.loop_failed", "loop", "monitor", "error", evil)}})
	for line := range strings.Lines(out.String()) {
		if strings.HasPrefix(line, "✔") || strings.ContainsAny(line, "\u2028\t") {
			t.Errorf("%q", line)
		}
	}
}

func TestExcerpt_OnlyWhatIsShownWholeIsCalledAll(t *testing.T) {
	for text, all := range map[string]bool{
		"one\r\ntwo\n":                     true,
		strings.Repeat("あ", 200) + "\n":    true,
		strings.Repeat("あ", 201) + "\nend": false,
		strings.Repeat("x\n", 12):          true,
		strings.Repeat("x\n", 13):          false,
	} {
		var out bytes.Buffer
		a, _ := newApp(&out, phrase.English)
		a.excerpt("/plan.md", []byte(text))
		if strings.Contains(out.String(), "all of /plan.md") != all || !strings.Contains(out.String(), "/plan.md") {
			t.Errorf("%.20q: %s", text, out.String())
		}
	}
}
