package demo

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"go.uber.org/goleak"

	"uratori/internal/ledger"
	"uratori/internal/phrase"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// showing is a demo that has nothing but its table and its voice.
func showing(lang phrase.Lang, out *strings.Builder) *demo {
	return &demo{Options: Options{
		Out: out, Lang: lang, Visible: func(s string) string { return s }, Width: utf8.RuneCountInString, Now: time.Now,
	}}
}

func TestVerdict_OfAShowing_IsNoBetterThanThatOfAnyClaim(t *testing.T) {
	const yes, no, unknown = ledger.Verified, ledger.Refuted, ledger.Unverifiable
	for _, c := range []struct {
		claims []ledger.Verdict
		want   ledger.Verdict
	}{
		{nil, unknown}, // nothing was shown
		{[]ledger.Verdict{yes}, yes},
		{[]ledger.Verdict{yes, no, yes}, no},
		{[]ledger.Verdict{yes, unknown}, unknown},
		{[]ledger.Verdict{unknown, no}, no},
		{[]ledger.Verdict{no, unknown}, no},
		{[]ledger.Verdict{"believed", yes}, unknown},
	} {
		var table Table
		for _, v := range c.claims {
			table.Proofs = append(table.Proofs, Proof{Verdict: v})
		}
		if got := table.Verdict(); got != c.want {
			t.Errorf("%v: %s, want %s", c.claims, got, c.want)
		}
	}
}

func TestProof_WithoutItsEntryInTheLedger_DoesNotHold(t *testing.T) {
	var out strings.Builder
	d := showing(phrase.English, &out)
	d.prove("a", true, "a claim", "seen")
	d.prove("b", true, "a claim", "seen", 7)
	d.prove("c", true, "a claim", "seen", 7, 0)
	d.prove("d", false, "a claim", "seen", 7)
	var got []string
	for _, p := range d.table.Proofs {
		got = append(got, string(p.Verdict))
	}
	if s := strings.Join(got, " "); s != "verified verified refuted refuted" {
		t.Error(s)
	}
	if n := strings.Count(out.String(), "this did NOT hold: seen"); n != 2 {
		t.Error(out.String())
	}
}

// The planted fault: one check fails, and one act cannot be played.
func TestShowing_ACheckFails_GoesOn_SaysWhich_AndIsRefuted(t *testing.T) {
	placeholder := regexp.MustCompile(`\{[a-z]+\}`)
	for lang, which := range map[phrase.Lang]string{
		phrase.English: "A conflict is solved with both texts: refuted: as planted", phrase.Japanese: "競合は、双方の内容を残して解決できる: 不一致: as planted",
	} {
		var out strings.Builder
		d := showing(lang, &out)
		played := 0
		d.play(t.Context(), []act{
			{"ticket", func(context.Context) error {
				played++
				d.prove("filed", true, lang.Say("demo.claim.filed"), "fine", 4)
				return nil
			}},
			{"edit", func(context.Context) error {
				played++
				d.prove("solved", false, lang.Say("demo.claim.solved"), "as planted", 9)
				return nil
			}},
			{"steps", func(context.Context) error { played++; return errors.New("it broke off") }},
			{"person", func(context.Context) error { played++; return nil }},
		})
		d.sum()
		if played != 3 {
			t.Errorf("%d acts were played", played)
		}
		if d.table.Verdict() != ledger.Refuted || len(d.table.Proofs) != 3 || d.table.Proofs[2].Verdict != ledger.Unverifiable {
			t.Errorf("%+v", d.table)
		}
		for _, want := range []string{which, "it broke off", "✘", "#4", "#9"} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%q is not in\n%s", want, out.String())
			}
		}
		if left := placeholder.FindString(out.String()); left != "" {
			t.Errorf("%s is not filled in\n%s", left, out.String())
		}
	}
}

func TestActs_HaveAHeadingInBothLanguages(t *testing.T) {
	d := showing(phrase.English, &strings.Builder{})
	for _, a := range append(d.acts(), act{name: "left"}) {
		en, ja := phrase.English.Say("demo.act."+a.name), phrase.Japanese.Say("demo.act."+a.name)
		if en == ja || en == "" || ja == "" || strings.HasPrefix(en, "demo.") {
			t.Errorf("%s: %q %q", a.name, en, ja)
		}
	}
}

func TestUserVariables_DoNotReachTheDemo(t *testing.T) {
	for variable, want := range map[string]bool{
		"URATORI_HOME=/home/me/uratori": true, "URATORI_TRACKER_SPREADSHEET=x": true, "PUSHOVER_TOKEN=x": true, "GOOGLE_APPLICATION_CREDENTIALS=x": true,
		"CLAUDE_PROJECT_DIR=/p": true, "TRACKER_ID=INTG-001": true, "PATH=/usr/bin": false, "HOME=/home/me": false, "LANG=ja_JP.UTF-8": false,
	} {
		if got := ofUser(variable); got != want {
			t.Errorf("%s: %v", variable, got)
		}
	}
}

func TestKeys_AreThoseOfTheUsersSettings_OrNone(t *testing.T) {
	home := t.TempDir()
	base := []string{"HOME=" + home, "URATORI_HOME=" + filepath.Join(home, "u")}
	if token, user, _ := keys(base); token != "" || user != "" {
		t.Errorf("%q %q", token, user)
	}
	if token, user, _ := keys(append(base, "PUSHOVER_TOKEN=t", "PUSHOVER_USER=u")); token != "t" || user != "u" {
		t.Errorf("%q %q", token, user)
	}
	if err := write(filepath.Join(home, "u", "config.toml"), "[notify.pushover]\ntoken = \"ft\"\nuser = \"fu\"\nendpoint = \"http://127.0.0.1:1\"\n"); err != nil {
		t.Fatal(err)
	}
	if token, user, endpoint := keys(base); token != "ft" || user != "fu" || endpoint != "http://127.0.0.1:1" {
		t.Errorf("%q %q %q", token, user, endpoint)
	}
	if err := os.WriteFile(filepath.Join(home, "u", "config.toml"), []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	if token, user, _ := keys(base); token != "" || user != "" {
		t.Errorf("%q %q", token, user)
	}
}

func TestCall_OnOneLine_IsBrief(t *testing.T) {
	got := spoken("enqueue", map[string]any{"ticket": "INTG-088", "command": []string{"a", "b"}, "detail": "one\ntwo", "name": strings.Repeat("長", 50)})
	want := `enqueue(command: ["a","b"], detail: one…, name: ` + strings.Repeat("長", 40) + "…, ticket: INTG-088)"
	if got != want {
		t.Errorf("%s\n%s", got, want)
	}
}
