package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"uratori/internal/fault"
	"uratori/internal/phrase"
)

// refused loads a home and returns the English sentence of the refusal.
func refused(t *testing.T, h Home, environ ...string) string {
	t.Helper()
	c, err := Load(h, environ)
	if c != nil || fault.KindOf(err) != fault.Invalid {
		t.Fatalf("%v, %v", c, err)
	}
	if en, ja := fault.Explain(err, phrase.English), fault.Explain(err, phrase.Japanese); en == ja || strings.Contains(ja, "!") {
		t.Errorf("%q / %q", en, ja)
	}
	return err.Error()
}

// The decoder takes time in the square of the number of keys, so that it must
// not see a file that is full of unknown ones: it would tell of the last line.
func TestLoad_HugeFiles_AreRefusedAtTheFirstKey(t *testing.T) {
	var many, inline strings.Builder
	for i := 0; many.Len() < longestFile-100; i++ {
		fmt.Fprintf(&many, "k%d=1\n", i)
	}
	for i := 0; inline.Len() < longestFile-100; i++ {
		fmt.Fprintf(&inline, "k%d=1,", i)
	}
	for name, tc := range map[string]struct{ toml, want string }{
		"many keys":    {many.String(), ":1: unknown setting k0;"},
		"many inline":  {"tracker = {" + inline.String() + "}", ":1: unknown setting tracker.k0;"},
		"many in leaf": {"tracker.sheet = {" + inline.String() + "}", ":1: tracker.sheet: "},
		"many in list": {"\ntracker.sheet = [{" + inline.String() + "}]", ":2: tracker.sheet: "},
		"deep key":     {strings.Repeat("a.", longestFile/2-99) + "a=1\n", ":1: unknown setting a.a."},
		"deep table":   {"[" + strings.Repeat("a.", longestFile/2-99) + "a]\n", ":1: unknown setting a.a."},
		"deep list":    {"a=" + strings.Repeat("[", longestFile/2-99) + strings.Repeat("]", longestFile/2-99), ":1: "},
		"long key":     {strings.Repeat("k", longestFile-99) + "=1\n", ":1: unknown setting kkk"},
		"one table":    {strings.Repeat("[tracker]\n", 100_000), ":2: "},
	} {
		if got := refused(t, home(t, tc.toml+"\nnot TOML", 0o600)); !strings.Contains(got, tc.want) || len(got) > 1000 {
			t.Errorf("%s: %.1000s", name, got)
		}
	}
}

func TestLoad_QuotedDot_IsAnotherKey(t *testing.T) {
	for toml, want := range map[string]string{
		"\n\"tracker.sheet\" = \"x\"\n":           `:2: unknown setting 'tracker.sheet'; did you mean tracker.sheet?`,
		"[tracker.\"columns.id\"]\n":              `:1: unknown setting tracker.'columns.id'`,
		"\"\" = 1\n":                              `:1: unknown setting '';`,
		"tracker = {\"a\\u001b[2J\" = 1}":         `:1: unknown setting tracker.'a\x1b[2J'`,
		"tracker = { prefix = \"A\", colums=1 }":  `:1: unknown setting tracker.colums`,
		"\"tracker\".'sheet' = \"\"\n":            `:1: tracker.sheet: `,
		"[ tracker . \"columns\" ]\nid = \" \"\n": `:2: tracker.columns.id: `,
	} {
		if got := refused(t, home(t, toml, 0o600)); !strings.Contains(got, want) {
			t.Errorf("%q: %s", toml, got)
		}
	}
}

func TestLoad_ASectionIsNoSetting(t *testing.T) {
	for toml, want := range map[string]string{
		"tracker = \"x\"\n":         ":1: unknown setting tracker;",
		"tracker = []\n":            ":1: unknown setting tracker;",
		"\n[[tracker]]\n":           ":2: unknown setting tracker;",
		"[tracker]\ncolumns = 1\n":  ":2: unknown setting tracker.columns;",
		"[tracker]\nsheet = {}\n":   ":2: tracker.sheet: ",
		"[[monitor.interval]]\n":    ":1: monitor.interval: ",
		"monitor.interval = [[1]]":  ":1: monitor.interval: ",
		"runner.slots.x = 1":        ":1: unknown setting runner.slots.x",
		"zz = 1\nnot TOML at all\n": ":1: unknown setting zz",
		"[runner]\nnot TOML\nzz=1":  ":2: this is not TOML",
	} {
		if got := refused(t, home(t, toml, 0o600)); !strings.Contains(got, want) {
			t.Errorf("%q: %s", toml, got)
		}
	}
}

// Notepad writes a byte order mark.
func TestLoad_ByteOrderMark_IsPassedOver(t *testing.T) {
	if c := load(t, "\xef\xbb\xbf[tracker]\r\nsheet = \"x\"\r\n"); c.Tracker.Sheet != "x" {
		t.Errorf("%+v", c.Tracker)
	}
	if got := refused(t, home(t, "\xef\xbb\xbf\r\nzz = 1\r\n", 0o600)); !strings.Contains(got, ":2: unknown setting zz") {
		t.Error(got)
	}
}

func TestLoad_BrokenLineWithASecret_DoesNotRepeatIt(t *testing.T) {
	const secret = "7788990011223344556677889900"
	for _, value := range []string{
		secret, "abc" + secret, secret + "e99999", "0x" + secret + secret, "-" + secret, "1_" + secret + ".5e999", "\"" + secret, "\"" + secret + "\\q\"", "\"" + secret + "\" x",
		"'" + secret + "\n'", "[\"" + secret + "\"]", "{a=\"" + secret + "\"}", "[" + secret, "\"\"\"" + secret, "2026-11-21T" + secret, "\"" + secret + "\x01\"", "\"" + secret + "\xff\"", "\"" + secret + "\\u0007\"",
	} {
		got := refused(t, home(t, "[notify.pushover]\ntoken = "+value+"\n", 0o600))
		if strings.Contains(got, secret[2:12]) || !strings.Contains(got, "config.toml:") {
			t.Errorf("%q: %s", value, got)
		}
	}
	for _, url := range []string{"https://me:" + secret + "@example.com/", "https://me:" + secret + "@exa mple.com/"} {
		got := refused(t, home(t, "[tracker]\nendpoint = \""+url+"\"\n", 0o600))
		if strings.Contains(got, secret) || !strings.Contains(got, "https://***@exa") {
			t.Error(got)
		}
	}
}

func TestLoad_Paths_AreShownHarmlessAndWhole(t *testing.T) {
	h := Home(filepath.Join(t.TempDir(), "a\x1b[2Jb"))
	if err := os.Mkdir(string(h), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(h.Config(), []byte("x = 1"), 0o600); err != nil {
		t.Fatal(err)
	}
	key := filepath.Join(t.TempDir(), strings.Repeat("k", 200))
	if err := os.WriteFile(key, nil, 0o644); err != nil { //nolint:gosec // the mode that is refused
		t.Fatal(err)
	}
	for _, tc := range []struct {
		home    Home
		environ []string
		want    string
	}{
		{h, nil, `a\x1b[2Jb/config.toml:1: unknown setting x`},
		{Home(t.TempDir()), []string{"URATORI_TRACKER_CREDENTIALS=" + key}, "$URATORI_TRACKER_CREDENTIALS: tracker.credentials holds a secret, but others can read " + key},
		{Home(t.TempDir()), []string{"URATORI_TRACKER_CREDENTIALS=/dev/null/x"}, "/dev/null/x cannot be read: not a directory"},
		{Home(t.TempDir()), []string{"GOOGLE_APPLICATION_CREDENTIALS=/dev/null/\x1bx", "URATORI_TRACKER_SPREADSHEET=1234567890"}, `$GOOGLE_APPLICATION_CREDENTIALS: tracker.credentials: /dev/null/\x1bx cannot be read`},
	} {
		got := refused(t, tc.home, tc.environ...)
		if !strings.Contains(got, tc.want) || strings.Contains(got, "\x1b") {
			t.Errorf("%q, want %q", got, tc.want)
		}
	}
}

func TestLoad_References(t *testing.T) {
	if got := refused(t, home(t, "[monitor]\ninterval = \"${I}\"\n", 0o600), "I=1s"); !strings.Contains(got, ":2: ") || !strings.Contains(got, "secrets only") {
		t.Error(got)
	}
	const toml = "[notify.pushover]\ntoken = \"${UNSET}\"\n"
	if c := load(t, toml, "PUSHOVER_TOKEN=t"); c.Notify.Pushover.Token.Reveal() != "t" {
		t.Error("a reference that the environment overrides is not needed")
	}
	if got := refused(t, home(t, toml, 0o600), "UNSET="); !strings.Contains(got, ":2: notify.pushover.token") || !strings.Contains(got, "UNSET") {
		t.Error(got)
	}
	if c := load(t, "[notify.pushover]\ntoken = \"${T}\"\n", "T=${U}", "U=u"); c.Notify.Pushover.Token.Reveal() != "${U}" {
		t.Error("what a variable holds is expanded again")
	}
}

func TestLoad_VariableWithoutName_IsNoSetting(t *testing.T) {
	c, err := Load(Home(t.TempDir()), []string{"=x", "=C:=C:\\"})
	if err != nil || c.Tracker.Sheet != "Tracker" {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestSecret_InAFieldThatIsNotExported_IsHiddenToo(t *testing.T) {
	s := load(t, "", "PUSHOVER_TOKEN="+token).Notify.Pushover.Token
	held := struct {
		s Secret
		p *Secret
		m map[string]Secret
	}{s, &s, map[string]Secret{"": s}}
	if got := fmt.Sprintf("%v %+v %#v", held, held, held); strings.Contains(got, token) {
		t.Error(got)
	}
}
