package config

import (
	"bytes"
	stdjson "encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"uratori/internal/fault"
	"uratori/internal/phrase"
)

func home(t testing.TB, toml string, mode os.FileMode) Home {
	t.Helper()
	h := Home(t.TempDir())
	if err := os.WriteFile(h.Config(), []byte(toml), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(h.Config(), mode); err != nil {
		t.Fatal(err)
	}
	return h
}

func load(t testing.TB, toml string, environ ...string) *Config {
	t.Helper()
	c, err := Load(home(t, toml, 0o600), environ)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// defaults writes the contract out once more, on purpose.
func defaults(h Home) *Config {
	return &Config{
		Home: h,
		Tracker: Tracker{
			Spreadsheet: "local", Sheet: "Tracker", Prefix: "INTG", SyncInterval: 15 * time.Second, RequestsPerMinute: 60, Workspace: "{home}/workspaces/{id}",
			Columns: Columns{ID: "ID", Summary: "概要", Detail: "詳細", Status: "ステータス", Approval: "承認", Phase: "フェーズ"},
		},
		Server:   Server{Listen: "127.0.0.1:8088"},
		Approval: Approval{Expires: 72 * time.Hour},
		Runner:   Runner{Slots: 1, GPUSlots: 1, Retries: 3, Backoff: 30 * time.Second, Grace: 10 * time.Second, LogSize: 64 << 20},
		Monitor: Monitor{
			Interval: 5 * time.Second, GPUMemoryPercent: 90, GPUTemperatureC: 80, MemoryGrowth: 2 << 30, CPUPercent: 95, Timeout: time.Hour,
			StallWarn: 5 * time.Minute, StallAlert: 10 * time.Minute, StallKill: 15 * time.Minute,
			DaemonCheck: time.Minute, HeartbeatInterval: time.Minute,
		},
	}
}

var exported = []cmp.Option{cmpopts.IgnoreUnexported(Config{}), cmp.AllowUnexported(Secret{})}

func TestLoad_NoFile_GivesTheDefaults(t *testing.T) {
	h := Home(t.TempDir())
	c, err := Load(h, nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(defaults(h), c, exported...); diff != "" {
		t.Error(diff)
	}
	for _, s := range c.Settings() {
		if s.Origin != "default" {
			t.Errorf("%+v", s)
		}
	}
}

func TestTemplate_AsItIsAndUncommented_GivesTheDefaults(t *testing.T) {
	for _, lang := range []phrase.Lang{phrase.English, phrase.Japanese} {
		template := Template(lang)
		if strings.Contains(template, "!") {
			t.Errorf("%s: a sentence is missing:\n%s", lang, template)
		}
		c := load(t, template)
		if diff := cmp.Diff(defaults(c.Home), c, exported...); diff != "" {
			t.Errorf("%s as it is: %s", lang, diff)
		}
		var uncommented strings.Builder
		for line := range strings.Lines(template) {
			key, _, isSetting := strings.Cut(strings.TrimPrefix(line, "# "), " = ")
			if isSetting && !strings.Contains(key, " ") {
				line = strings.TrimPrefix(line, "# ")
			}
			uncommented.WriteString(line)
		}
		c = load(t, uncommented.String())
		if diff := cmp.Diff(defaults(c.Home), c, exported...); diff != "" {
			t.Errorf("%s uncommented: %s", lang, diff)
		}
		for _, s := range c.Settings() {
			if c.origins[s.Key] == "" {
				t.Errorf("%s: the template has no %s", lang, s.Key)
			}
		}
	}
}

func TestLoad_BadFile_NamesFileLineKeyAndWhatIsAllowed(t *testing.T) {
	for _, tc := range []struct {
		name, toml string
		line       int
		want       []string
	}{
		{"unknown key", "[tracker]\nsheat = \"x\"\n", 2, []string{"tracker.sheat", "tracker.sheet"}},
		{"unknown table", "\n\n[trakcer]\nsheet = \"x\"\n", 3, []string{"trakcer"}},
		{"unknown far key", "zzz = 1\n", 1, []string{"zzz", "config show"}},
		{"key outside its table", "interval = \"5s\"\n", 1, []string{"interval"}},
		{"unknown column", "[tracker.columns]\nphace = \"x\"\n", 2, []string{"tracker.columns.phace"}},
		{"text for a number", "[runner]\nslots = \"1\"\n", 2, []string{"runner.slots", "whole number"}},
		{"number for a text", "[tracker]\nsheet = 1\n", 2, []string{"tracker.sheet", "a text"}},
		{"float for a number", "[runner]\n\nslots = 1.5\n", 3, []string{"runner.slots", "1.5"}},
		{"boolean", "[runner]\nretries = true\n", 2, []string{"runner.retries", "true"}},
		{"date", "[monitor]\ntimeout = 2026-11-21\n", 2, []string{"monitor.timeout"}},
		{"array", "[tracker]\nsheet = [\"a\"]\n", 2, []string{"tracker.sheet"}},
		{"table for a value", "[tracker.sheet]\nx = 1\n", 1, []string{"tracker.sheet"}},
		{"array of tables", "[[tracker]]\nsheet = \"x\"\n", 1, []string{"tracker"}},
		{"value for a table", "tracker = \"x\"\n", 1, []string{"tracker"}},
		{"inline table", "tracker = { sheet = \"a\", prefix = \"b\" }\n", 1, []string{"tracker.prefix", "INTG"}},
		{"dotted key", "x\t= 1\n", 1, []string{"x"}},
		{"dotted known key", "\nrunner.slots = 0\n", 2, []string{"runner.slots", "1 to 1000"}},
		{"quoted key", "[tracker]\n\"shee t\" = \"x\"\n", 2, []string{"shee t"}},
		{"no number of slots", "[runner]\nslots = 0\n", 2, []string{"runner.slots"}},
		{"negative retries", "[runner]\nretries = -1\n", 2, []string{"runner.retries"}},
		{"huge number", "[runner]\nslots = 9223372036854775807\n", 2, []string{"runner.slots"}},
		{"percent over 100", "[monitor]\ncpu_percent = 101\n", 2, []string{"monitor.cpu_percent", "1 to 100"}},
		{"no duration", "[monitor]\ninterval = \"soon\"\n", 2, []string{"monitor.interval", "soon", "15s"}},
		{"duration without unit", "[monitor]\ninterval = \"5\"\n", 2, []string{"monitor.interval"}},
		{"zero duration", "[monitor]\ninterval = \"0s\"\n", 2, []string{"monitor.interval"}},
		{"negative duration", "[runner]\ngrace = \"-5s\"\n", 2, []string{"runner.grace"}},
		{"empty duration", "[runner]\ngrace = \"\"\n", 2, []string{"runner.grace"}},
		{"no size", "[monitor]\nmemory_growth = \"two\"\n", 2, []string{"monitor.memory_growth", "2GiB"}},
		{"size zero", "[monitor]\nmemory_growth = \"0\"\n", 2, []string{"monitor.memory_growth"}},
		{"lower prefix", "[tracker]\nprefix = \"intg\"\n", 2, []string{"tracker.prefix"}},
		{"empty sheet", "[tracker]\nsheet = \" \"\n", 2, []string{"tracker.sheet"}},
		{"control character", "[tracker]\nsheet = \"a\\u001b[2J\"\n", 2, []string{"tracker.sheet", `\x1b[2J`}},
		{"any address", "[server]\nlisten = \":8088\"\n", 2, []string{"server.listen", "0.0.0.0"}},
		{"name with a port", "[server]\nhosts = \"ws:8088\"\n", 2, []string{"server.hosts", "without ports"}},
		{"names that are none", "[server]\nhosts = \"ws,,b\"\n", 2, []string{"server.hosts"}},
		{"pattern for a name", "[server]\nhosts = \"*.example.com\"\n", 2, []string{"server.hosts"}},
		{"no port", "[server]\nlisten = \"127.0.0.1\"\n", 2, []string{"server.listen"}},
		{"high port", "[server]\nlisten = \"127.0.0.1:65536\"\n", 2, []string{"server.listen"}},
		{"name that is not loopback", "[server]\nlisten = \"example.com:80\"\n", 2, []string{"server.listen"}},
		{"http to others", "[tracker]\nendpoint = \"http://sheets.example.com/\"\n", 2, []string{"tracker.endpoint", "https"}},
		{"endpoint with a password", "[tracker]\nendpoint = \"https://a:b@example.com/\"\n", 2, []string{"tracker.endpoint"}},
		{"endpoint of another kind", "[notify.pushover]\nendpoint = \"file:///etc/passwd\"\n", 2, []string{"notify.pushover.endpoint"}},
		{"number for a switch", "[notify.pushover]\nemergency = 1\n", 2, []string{"notify.pushover.emergency", "true or false"}},
		{"text for a switch", "[notify.pushover]\nemergency = \"true\"\n", 2, []string{"notify.pushover.emergency", "true or false"}},
		{"days", "[approval]\nexpires = \"3d\"\n", 2, []string{"approval.expires", "3d", "1h30m"}},
		{"no time at all", "[approval]\nexpires = \"0s\"\n", 2, []string{"approval.expires"}},
		{"text for a switch", "[approval]\nsheet = \"yes\"\n", 2, []string{"approval.sheet", "true or false"}},
		{"switch for a text", "[notify]\nquiet_hours = false\n", 2, []string{"notify.quiet_hours", "22:00-07:00"}},
		{"hours that are none", "[notify]\nquiet_hours = \"22-7\"\n", 2, []string{"notify.quiet_hours", "22-7", "22:00-07:00"}},
		{"all day or never", "[notify]\nquiet_hours = \"07:00-07:00\"\n", 2, []string{"notify.quiet_hours"}},
		{"webhook to others by http", "[notify.webhook]\nurl = \"http://example.com/hook\"\n", 2, []string{"notify.webhook.url", "https"}},
		{"webhook of another kind", "[notify.webhook]\nurl = \"file:///etc/passwd\"\n", 2, []string{"notify.webhook.url"}},
		{"server without topic", "[notify.ntfy]\nurl = \"https://ntfy.sh\"\n", 2, []string{"notify.ntfy.url", "TOPIC"}},
		{"topic that is none", "[notify.ntfy]\nurl = \"https://ntfy.sh/a b\"\n", 2, []string{"notify.ntfy.url"}},
		{"topic with a password", "[notify.ntfy]\nurl = \"https://a:b@ntfy.sh/t\"\n", 2, []string{"notify.ntfy.url"}},
		{"unset reference to a URL", "[notify.webhook]\nurl = \"${NOPE}\"\n", 2, []string{"notify.webhook.url", "NOPE"}},
		{"bad spreadsheet", "[tracker]\nspreadsheet = \"https://evil.example/d/abc\"\n", 2, []string{"tracker.spreadsheet"}},
		{"workspace without id", "[tracker]\nworkspace = \"/w\"\n", 2, []string{"tracker.workspace", "{id}"}},
		{"relative workspace", "[tracker]\nworkspace = \"w/{id}\"\n", 2, []string{"tracker.workspace"}},
		{"workspace with more", "[tracker]\nworkspace = \"{home}/{id}/{user}\"\n", 2, []string{"tracker.workspace"}},
		{"relative library", "[monitor]\nnvml = \"lib.so\"\n", 2, []string{"monitor.nvml"}},
		{"reference outside of secrets", "[tracker]\nsheet = \"${SHEET}\"\n", 2, []string{"tracker.sheet", "${SHEET}", "secrets only"}},
		{"unset reference", "[notify.pushover]\ntoken = \"${NOPE}\"\n", 2, []string{"notify.pushover.token", "NOPE"}},
		{"stall order", "[monitor]\n\nstall_alert = \"4m\"\n", 3, []string{"stall_warn", "stall_alert"}},
		{"column twice", "[tracker.columns]\nsummary = \"ID\"\n", 2, []string{"tracker.columns.summary", "tracker.columns.id"}},
		{"key twice", "[runner]\nslots = 1\nslots = 2\n", 3, []string{"slots"}},
		{"table twice", "[runner]\n[runner]\n", 2, []string{"runner"}},
		{"no TOML", "tracker:\n  sheet: x\n", 1, []string{"TOML"}},
		{"open quote", "[tracker]\nsheet = \"x\n", 2, []string{"TOML"}},
		{"not UTF-8", "[tracker]\nsheet = \"\xff\"\n", 2, []string{"TOML"}},
		{"UTF-16", "\xff\xfe[\x00t\x00]\x00", 1, []string{"TOML"}},
		{"long value", "[tracker]\nprefix = \"" + strings.Repeat("あ", 5000) + "\"\n", 2, []string{"tracker.prefix", "…"}},
	} {
		h := home(t, tc.toml, 0o600)
		_, err := Load(h, nil)
		if fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", tc.name, err)
			continue
		}
		en, ja := fault.Explain(err, phrase.English), fault.Explain(err, phrase.Japanese)
		for _, want := range append(tc.want, fmt.Sprintf("%s:%d:", h.Config(), tc.line)) {
			if !strings.Contains(en, want) {
				t.Errorf("%s: no %q in: %s", tc.name, want, en)
			}
		}
		if en == ja || strings.Contains(ja, "!") || len(en) > 1000 || strings.ContainsAny(en, "\x1b\x00") {
			t.Errorf("%s: %q / %q", tc.name, en, ja)
		}
	}
}

func TestLoad_FileThatIsNone_IsRefusedAndNeverHangs(t *testing.T) {
	for name, prepare := range map[string]func(path string) error{
		"folder": func(path string) error { return os.Mkdir(path, 0o700) },
		"FIFO":   func(path string) error { return syscall.Mkfifo(path, 0o600) },
		"too long": func(path string) error {
			return os.WriteFile(path, bytes.Repeat([]byte("# x\n"), longestFile/4+1), 0o600)
		},
		"dangling": func(path string) error { return os.Symlink(path+".gone", path) },
		"loop":     func(path string) error { return os.Symlink(path, path) },
	} {
		h := Home(t.TempDir())
		if err := prepare(h.Config()); err != nil {
			t.Fatal(err)
		}
		_, err := Load(h, nil)
		if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), h.Config()) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestLoad_HarmlessFiles(t *testing.T) {
	for name, toml := range map[string]string{
		"empty": "", "comments": "# a\n# b\n", "CRLF": "[tracker]\r\nsheet = \"x\"\r\n", "empty tables": "[tracker]\n[tracker.columns]\n[notify]\n",
		"formula": "[tracker]\nsheet = \"=1+1\"\n", "loopback": "[server]\nlisten = \"[::1]:0\"\n", "open": "[server]\nlisten = \"0.0.0.0:8088\"\nhosts = \"ws,ws.tail1234.ts.net\"\n", "https": "[tracker]\nendpoint = \"https://x.example/\"\n",
		"local http": "[tracker]\nendpoint = \"http://127.0.0.1:9/\"\nspreadsheet = \"book\"\n", "empty secret, open file": "[notify.pushover]\ntoken = \"\"\n",
	} {
		if _, err := Load(home(t, toml, 0o644), nil); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := load(t, "tracker.columns = { id = \"番号\" }\n"); got.Tracker.Columns.ID != "番号" {
		t.Errorf("%+v", got.Tracker.Columns)
	}
}

func TestServer_WhoMayGetToThePages_AndWhoReadsAlong(t *testing.T) {
	for _, tc := range []struct {
		listen, hosts string
		open, exposed bool
	}{
		{"127.0.0.1:8088", "", false, false},
		{"localhost:8088", "", false, false},
		{"[::1]:0", "", false, false},
		{"127.0.0.1:8088", "ws.tail1234.ts.net", true, false}, // something in front passes requests on
		{"100.64.0.1:8088", "", true, false},
		{"100.127.255.254:8088", "", true, false},
		{"[fd7a:115c:a1e0::5]:8088", "", true, false},
		{"[::ffff:100.100.1.1]:8088", "", true, false},
		{"100.63.255.255:8088", "", true, true},
		{"100.128.0.0:8088", "", true, true},
		{"[fd7a:115c:a1e1::5]:8088", "", true, true},
		{"0.0.0.0:8088", "", true, true},
		{"[::]:8088", "ws", true, true},
		{"192.168.0.5:80", "", true, true},
		{"[fe80::1%eth0]:80", "", true, true},
	} {
		s := Server{Listen: tc.listen, Hosts: tc.hosts}
		if !isListen(nil, tc.listen) || !isHosts(nil, tc.hosts) || s.Open() != tc.open || s.Exposed() != tc.exposed {
			t.Errorf("%+v: open %v, exposed %v", tc, s.Open(), s.Exposed())
		}
	}
}

func TestSpreadsheetID(t *testing.T) {
	for in, want := range map[string]string{
		"local": "local", "1AbC_-9": "1AbC_-9",
		"https://docs.google.com/spreadsheets/d/1AbC_-9/edit#gid=0": "1AbC_-9",
		"https://docs.google.com/spreadsheets/u/1/d/1AbC_-9":        "1AbC_-9",
	} {
		c := load(t, fmt.Sprintf("[tracker]\nspreadsheet = %q\n", in))
		if got := c.Tracker.SpreadsheetID(); got != want || c.Tracker.Local() != (in == "local") {
			t.Errorf("%s: %s", in, got)
		}
	}
}

func TestApproveInSheet_IsOnlyWhereItIsWantedAndTheSheetIsGoogles(t *testing.T) {
	for toml, want := range map[string]bool{
		"":                           false,
		"[approval]\nsheet = true\n": false,
		"[approval]\nsheet = true\n[tracker]\nspreadsheet = \"1AbC\"\n":                                    true,
		"[approval]\nsheet = false\n[tracker]\nspreadsheet = \"1AbC\"\n":                                   false,
		"[tracker]\nspreadsheet = \"1AbC\"\n":                                                              false,
		"[approval]\nsheet = true\n[tracker]\nspreadsheet = \"1AbC\"\nendpoint = \"http://127.0.0.1:9\"\n": false,
		"[approval]\nsheet = true\n[tracker]\nspreadsheet = \"local\"\nendpoint = \"https://x.example\"\n": false,
		"[approval]\nexpires = \"1h\"\nsheet = true\n[tracker]\nspreadsheet = \"1AbC\"\nendpoint = \"\"\n": true,
	} {
		if got := load(t, toml).ApproveInSheet(); got != want {
			t.Errorf("%q: %v", toml, got)
		}
	}
}

func TestLoad_WhereMessagesGo(t *testing.T) {
	const toml = "[notify]\nquiet_hours = \"22:00-07:00\"\n[notify.pushover]\nemergency = true\n[notify.webhook]\nurl = \"${HOOK}\"\n[notify.ntfy]\nurl = \"http://127.0.0.1:9/a/topic_1\"\ntoken = \"tk\"\n"
	n := load(t, toml, "HOOK=https://me:pass@hooks.example/T0/B0?key=k").Notify
	if n.QuietHours != (Hours{22 * 60, 7 * 60}) || !n.Pushover.Emergency || n.Webhook.URL.Reveal() != "https://me:pass@hooks.example/T0/B0?key=k" ||
		n.Ntfy.URL.Reveal() != "http://127.0.0.1:9/a/topic_1" || n.Ntfy.Token.Reveal() != "tk" {
		t.Errorf("%+v", n)
	}
	h := home(t, toml, 0o600)
	for _, bad := range []string{"http://example.com/secret-hook", "not a URL secret-hook", "https:///secret-hook"} {
		_, err := Load(h, []string{"HOOK=" + bad})
		if err == nil || !strings.Contains(err.Error(), "notify.webhook.url") || strings.Contains(err.Error(), "secret-hook") {
			t.Errorf("%s: %v", bad, err)
		}
	}
	if c := load(t, toml, "HOOK=https://h.example/", "URATORI_NOTIFY_PUSHOVER_EMERGENCY=false"); c.Notify.Pushover.Emergency || len(c.Secrets()) != 3 {
		t.Errorf("%+v", c.Notify)
	}
}

const token = "a1b2c3-secret-token"

func TestLoad_SecretsInFilesThatOthersCanRead_AreRefused(t *testing.T) {
	for _, mode := range []os.FileMode{0o644, 0o640, 0o604, 0o660} {
		h := home(t, "[notify.pushover]\ntoken = \""+token+"\"\n", mode)
		_, err := Load(h, nil)
		if err == nil || !strings.Contains(err.Error(), h.Config()+":2:") || !strings.Contains(err.Error(), "chmod 600") || strings.Contains(err.Error(), token) {
			t.Errorf("%v: %v", mode, err)
		}
	}
	if _, err := Load(home(t, "[notify.pushover]\ntoken = \"${T}\"\n", 0o644), []string{"T=" + token}); err != nil {
		t.Errorf("a reference: %v", err)
	}
	key := filepath.Join(t.TempDir(), "key.json")
	if err := os.WriteFile(key, []byte("{}"), 0o644); err != nil { //nolint:gosec // the mode that is refused
		t.Fatal(err)
	}
	h := home(t, fmt.Sprintf("[tracker]\ncredentials = %q\n", key), 0o600)
	if _, err := Load(h, nil); err == nil || !strings.Contains(err.Error(), key) || !strings.Contains(err.Error(), h.Config()+":2:") {
		t.Errorf("credentials: %v", err)
	}
	if err := os.Chmod(key, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(h, nil); err != nil {
		t.Errorf("private credentials: %v", err)
	}
}

func TestLoad_CredentialsPaths(t *testing.T) {
	for _, tc := range []struct{ toml, want string }{
		{"[tracker]\ncredentials = \"keys/a.json\"\n", "HOME/keys/a.json"},
		{"[tracker]\ncredentials = \"~/a.json\"\n", "/users/me/a.json"},
		{"[tracker]\nspreadsheet = \"abc123\"\n", "/google/adc.json"},
		{"", ""},
	} {
		c := load(t, tc.toml, "HOME=/users/me", "GOOGLE_APPLICATION_CREDENTIALS=/google/adc.json")
		if got := strings.Replace(c.Tracker.Credentials, string(c.Home), "HOME", 1); got != tc.want {
			t.Errorf("%q: %s", tc.toml, got)
		}
	}
}

func TestLoad_Environment_GoesBeforeTheFile_GenericBeforeSpecial(t *testing.T) {
	toml := "[notify.pushover]\ntoken = \"from-file\"\nuser = \"${WHO}\"\n[monitor]\ninterval = \"7s\"\n"
	c := load(t, toml, "PUSHOVER_TOKEN=special", "URATORI_NOTIFY_PUSHOVER_TOKEN=generic", "WHO=me", "URATORI_MONITOR_INTERVAL=1s", "URATORI_RUNNER_SLOTS=4", "URATORI_TRACKER_COLUMNS_ID=番号", "URATORI_TRACKER_SHEET=")
	if c.Notify.Pushover.Token.Reveal() != "generic" || c.Notify.Pushover.User.Reveal() != "me" || c.Monitor.Interval != time.Second || c.Runner.Slots != 4 || c.Tracker.Columns.ID != "番号" || c.Tracker.Sheet != "Tracker" {
		t.Errorf("%+v", c)
	}
	want := map[string]string{
		"notify.pushover.token": "$URATORI_NOTIFY_PUSHOVER_TOKEN", "notify.pushover.user": c.Home.Config() + ":3 ($WHO)",
		"monitor.interval": "$URATORI_MONITOR_INTERVAL", "runner.slots": "$URATORI_RUNNER_SLOTS", "runner.retries": "default",
	}
	for _, s := range c.Settings() {
		if w, ok := want[s.Key]; ok && s.Origin != w {
			t.Errorf("%s from %s, want %s", s.Key, s.Origin, w)
		}
	}
	if got := load(t, toml, "PUSHOVER_TOKEN=special", "WHO=me").Notify.Pushover.Token.Reveal(); got != "special" {
		t.Error(got)
	}
}

func TestLoad_BadEnvironment_NamesTheVariable(t *testing.T) {
	for variable, want := range map[string]string{
		"URATORI_MONITOR_INTERVL=1s":     "URATORI_MONITOR_INTERVAL",
		"URATORI_RUNNER_ZZZ=1":           "$URATORI_RUNNER_ZZZ",
		"URATORI_APPROVAL_QQQQ=1":        "$URATORI_APPROVAL_QQQQ",
		"URATORI_RUNNER_SLOTS=many":      "$URATORI_RUNNER_SLOTS",
		"URATORI_SERVER_LISTEN=*:80":     "$URATORI_SERVER_LISTEN",
		"PUSHOVER_TOKEN=a\x1bb":          "$PUSHOVER_TOKEN",
		"URATORI_MONITOR_STALL_WARN=11m": "$URATORI_MONITOR_STALL_WARN",
	} {
		_, err := Load(Home(t.TempDir()), []string{variable})
		if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\x1b") {
			t.Errorf("%s: %v", variable, err)
		}
	}
	if _, err := Load(Home(t.TempDir()), []string{"URATORI_HOME=/x", "URATORI_TASK=1", "URATORI_PROGRESS=/p", "URATORI_LANG=ja", "TRACKER_ID=INTG-1", "odd"}); err != nil {
		t.Errorf("other variables: %v", err)
	}
}

func TestSecret_NeverShowsItself(t *testing.T) {
	c := load(t, "[notify.pushover]\ntoken = \""+token+"\"\n", "PUSHOVER_USER="+token)
	s := c.Notify.Pushover.Token
	var logged bytes.Buffer
	for _, h := range []slog.Handler{slog.NewJSONHandler(&logged, nil), slog.NewTextHandler(&logged, nil)} {
		slog.New(h).Info("x", "secret", s, "config", c, "pointer", &s, "notify", c.Notify)
	}
	std, err := stdjson.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	exp, err := json.Marshal(c.Notify)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		fmt.Sprintf("%v %+v %#v %s %q %x %X %d", s, s, s, s, s, s, s, s), fmt.Sprintf("%v %+v %#v", c, *c, c.Notify), fmt.Sprint(&s),
		logged.String(), string(std), string(exp), fmt.Sprint(c.Settings()), c.Fingerprint(), errors.New(s.String()).Error(),
	} {
		if strings.Contains(text, token) || strings.Contains(text, fmt.Sprintf("%x", token)) {
			t.Errorf("shown: %.300s", text)
		}
	}
	if got := c.Secrets(); len(got) != 2 || got[0].Reveal() != token || !s.IsSet() || (Secret{}).IsSet() {
		t.Error("the secrets cannot be had either")
	}
}

func TestFingerprint_ChangesWithEverySettingAndWithNothingElse(t *testing.T) {
	h := Home(t.TempDir())
	print := func(environ ...string) string {
		t.Helper()
		c, err := Load(h, environ)
		if err != nil {
			t.Fatal(err)
		}
		return c.Fingerprint()
	}
	seen := map[string]string{print(): "default"}
	others := map[string]string{
		"tracker.spreadsheet": "abc", "tracker.endpoint": "https://x.example/", "tracker.credentials": "/k", "tracker.prefix": "X", "tracker.workspace": "/w/{id}",
		"server.listen": "localhost:1", "server.hosts": "ws", "monitor.memory_growth": "1KB", "runner.log_size": "1MB", "monitor.nvml": "/l", "notify.pushover.endpoint": "https://p.example/",
		"approval.sheet": "true", "notify.pushover.emergency": "true", "notify.quiet_hours": "22:00-07:00", "notify.webhook.url": "https://w.example/", "notify.ntfy.url": "https://n.example/t",
		"monitor.heartbeat_url": "https://h.example/",
	}
	for _, s := range table() {
		value := others[s.key]
		switch {
		case value != "":
		case s.field(&Config{}).isBare():
			value = "7"
		case s.allowed == "duration":
			value = s.standard + "1ms"
		default:
			value = "other"
		}
		p := print(generic(s) + "=" + value)
		if before, ok := seen[p]; ok {
			t.Errorf("%s looks like %s", s.key, before)
		}
		seen[p] = s.key
	}
	if err := os.WriteFile(h.Config(), []byte("# only words\n[tracker]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if print() != load(t, "").Fingerprint() {
		t.Error("a comment changes it")
	}
}

func TestLoad_ValidValues_SurviveFileAndEnvironment(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		want := map[string]string{
			"tracker.sheet":         rapid.StringMatching(`[A-Za-zあ-ん漢字"'\\=#\[\]{}$ ]{1,20}x`).Draw(rt, "sheet"),
			"tracker.prefix":        rapid.StringMatching(`[A-Z][A-Z0-9]{0,9}`).Draw(rt, "prefix"),
			"runner.slots":          fmt.Sprint(rapid.IntRange(1, 1000).Draw(rt, "slots")),
			"runner.backoff":        shortDuration(time.Duration(rapid.Int64Range(1, 1<<50).Draw(rt, "backoff"))),
			"monitor.memory_growth": Size(rapid.Uint64Range(1, 1<<40).Draw(rt, "growth")).String(),
		}
		var toml strings.Builder
		var environ []string
		for _, s := range table() {
			value, ok := want[s.key]
			if !ok {
				continue
			}
			environ = append(environ, generic(s)+"="+value)
			if !s.field(&Config{}).isBare() {
				raw, err := stdjson.Marshal(value)
				if err != nil {
					rt.Fatal(err)
				}
				value = string(raw)
			}
			fmt.Fprintf(&toml, "%s = %s\n", s.key, value)
		}
		fromFile, fromEnv := load(t, toml.String()), load(t, "", environ...)
		for _, c := range []*Config{fromFile, fromEnv} {
			for _, s := range c.Settings() {
				if w, ok := want[s.Key]; ok && s.Value != w {
					rt.Fatalf("%s = %q, want %q", s.Key, s.Value, w)
				}
			}
		}
		if fromFile.Fingerprint() != fromEnv.Fingerprint() {
			rt.Fatal("file and environment differ")
		}
	})
}

func FuzzLoad(f *testing.F) {
	for _, seed := range []string{"", "[tracker]\nsheet=\"x\"", "a.b.c={d=[1,{e=2}]}", "[[x]]\n[x.y]\n", Template(phrase.Japanese), "\"\"=1", "[runner]\nslots=0x1F"} {
		f.Add(seed, "URATORI_RUNNER_SLOTS=3")
	}
	f.Fuzz(func(t *testing.T, toml, variable string) {
		h := home(t, toml, 0o600)
		c, err := Load(h, []string{variable})
		if (c == nil) == (err == nil) || err != nil && fault.KindOf(err) != fault.Invalid {
			t.Errorf("%v, %v", c, err)
		}
	})
}

func TestFindHome(t *testing.T) {
	cwd, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		environ []string
		want    Home
	}{
		{[]string{"URATORI_HOME=/a/b", "HOME=/h"}, "/a/b"},
		{[]string{"URATORI_HOME=x/../y"}, Home(filepath.Join(cwd, "y"))},
		{[]string{"XDG_DATA_HOME=/data", "HOME=/h"}, "/data/uratori"},
		{[]string{"XDG_DATA_HOME=relative", "HOME=/h"}, "/h/.local/share/uratori"},
		{[]string{"HOME=/h"}, "/h/.local/share/uratori"},
		{[]string{"HOME=h"}, ""},
		{nil, ""},
	} {
		got, err := FindHome(func(name string) string {
			i := slices.IndexFunc(tc.environ, func(s string) bool { return strings.HasPrefix(s, name+"=") })
			if i < 0 {
				return ""
			}
			return tc.environ[i][len(name)+1:]
		})
		if got != tc.want || (err == nil) != (tc.want != "") {
			t.Errorf("%v: %s, %v", tc.environ, got, err)
		}
	}
}

func TestCreate_MakesPrivateFolders_AndRefusesAForeignRun(t *testing.T) {
	h := Home(filepath.Join(t.TempDir(), "a", "日本 語"))
	if err := h.Create(); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(h.Run(), 0o755); err != nil { //nolint:gosec // the mode to be mended
		t.Fatal(err)
	}
	if err := h.Create(); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{string(h), h.Run(), h.Logs()} {
		if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("%s: %v, %v", dir, info.Mode(), err)
		}
	}
	for name, prepare := range map[string]func(run string) error{
		"symlink": func(run string) error { return os.Symlink(t.TempDir(), run) },
		"file":    func(run string) error { return os.WriteFile(run, nil, 0o600) },
	} {
		h := Home(t.TempDir())
		if err := prepare(h.Run()); err != nil {
			t.Fatal(err)
		}
		if err := h.Create(); err == nil {
			t.Errorf("run/ as a %s: no error", name)
		}
	}
	if err := Home("/").Create(); fault.KindOf(err) != fault.Invalid {
		t.Errorf("the root folder: %v", err)
	}
	if err := Home(filepath.Join(t.TempDir(), strings.Repeat("x", 300))).Create(); err == nil {
		t.Error("a name that no file system takes: no error")
	}
}
