package gate

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"uratori/factcheck"
	"uratori/internal/fault"
	"uratori/internal/phrase"
)

// everything has each type of claims and most options.
const everything = `
file:
  "{workspace}/SOW_{id}.md": {exists: true, size: {min: 200}, contains: ["## 目的"], lacks: ["（ここに"], newer_than: start}
  "{tests}": {min: 2, matches: "def test_"}
  tmp: {exists: false}
  out: {filetype: directory}
images: {"out/*.png": {min: 1, min_width: 64, not_blank: true, format: png}}
count_equal: {pages: {left: "in/*.tif", right: ["out/*.png", "out/*.jpg"], min: 1}}
command:
  tests: {exec: ["{test}", --junit, "{workspace}/{id}.xml"], exit_status: 0, timeout: 10m, stdout: ["passed"], stderr: {lacks: [Traceback]}, inputs: ["{sources}"], env: {LANG: C}, cwd: sub}
test_report: {unit: {path: build/junit.xml, min_tests: 1, max_skipped: 0, newer_than: sources}}
git_commit: {work: {contains: ["out/manifest.json"], after: start, clean: true, branch: HEAD}}
no_match_since: {root_images: {under: ".", match: ["*.png", "*.jpg"], recursive: false, since: start}}
process_gone: {trainer: {pid: 4242, start_ticks: 12}}
http: {"http://127.0.0.1:8088/": {status: 200, contains: ok}}
task: {extract: {state: succeeded, min_items: 1, after: start}}
approval: {plan: {}}
sheet_cell: {詳細: {equals: "="}, ステータス: {matches: "^完"}, 概要: {not_empty: true}}
writes: {all: {min: 1}}
frozen: {tests: {}}
`

func scope(t testing.TB) Scope {
	t.Helper()
	at := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	return Scope{
		Ticket: "INTG-088", Root: "/p", Workspace: "/w", Started: at, Since: at.Add(time.Hour),
		Vars: map[string][]string{
			"tests": {"tests/**/*.py", "{workspace}/t*.py"}, "test": {"pytest", "-q"}, "sources": {"src/**"}, "outputs": {"out/*.png"},
		},
		Frozen: map[string]string{"tests/a.py": strings.Repeat("0", 64)},
	}
}

func claims(t testing.TB, text string, s Scope) []factcheck.Claim {
	t.Helper()
	g, err := Parse([]byte(text), "gate.yaml")
	if err != nil {
		t.Fatal(err)
	}
	all, err := g.Claims(s)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestParse_EveryType_IsReadAndFilledIn(t *testing.T) {
	t.Parallel()
	g, err := Parse([]byte(everything), "gate.yaml")
	if err != nil {
		t.Fatal(err)
	}
	types := g.Types()
	if slices.Sort(types); !slices.Equal(types, Kinds()) || g.Empty() {
		t.Errorf("%q", types)
	}
	byName := map[string]factcheck.Claim{}
	for _, c := range claims(t, everything, scope(t)) {
		about := c.About()
		if about.Ticket != "INTG-088" || byName[about.Type+" "+about.Subject] != nil {
			t.Errorf("%+v", about)
		}
		if u, ok := c.(Unready); ok {
			t.Errorf("%+v is not filled in: %v", about, u.Reason)
		}
		byName[about.Type+" "+about.Subject] = c
	}
	sow := byName["file {workspace}/SOW_INTG-088.md"].(File)
	if !sow.At[0].Workspace || sow.At[0].Glob != "SOW_INTG-088.md" || *sow.Size.Min != 200 || !slices.Equal(sow.Contains, []string{"## 目的"}) || !sow.Newer.Since.Equal(scope(t).Started) {
		t.Errorf("%+v", sow)
	}
	if tests := byName["file tests/**/*.py, {workspace}/t*.py"].(File); len(tests.At) != 2 || *tests.Count.Min != 2 || tests.Matches[0].String() != "def test_" {
		t.Errorf("%+v", tests)
	}
	command := byName["command tests"].(*Command)
	if !slices.Equal(command.Exec, []string{"pytest", "-q", "--junit", "/w/INTG-088.xml"}) || command.Limit != 10*time.Minute || command.Dir.Glob != "sub" || command.Inputs[0].Glob != "src/**" || command.Env["LANG"] != "C" {
		t.Errorf("%+v", command)
	}
	report := byName["test_report unit"].(*Report)
	if report.Command != command || !slices.Equal(command.Reports, []*Report{report}) || *report.MaxSkipped != 0 || report.Newer.Files[0].Glob != "src/**" {
		t.Errorf("%+v", report)
	}
	if cell := byName["sheet_cell 詳細"].(Cell); *cell.Equals != "=" {
		t.Errorf("%+v", cell)
	}
}

func TestParse_JSON_IsTheSameLanguage(t *testing.T) {
	t.Parallel()
	yaml := claims(t, `file: {a.txt: {size: {min: 3}, contains: [x]}}`, scope(t))[0].(File)
	json := claims(t, `{"file": {"a.txt": {"size": {"min": 3}, "contains": ["x"]}}}`, scope(t))[0].(File)
	if yaml.At[0] != json.At[0] || *yaml.Size.Min != *json.Size.Min || !slices.Equal(yaml.Contains, json.Contains) {
		t.Errorf("%+v, %+v", yaml, json)
	}
	g, err := List([][]byte{[]byte(`{"file": {"a": {}}}`), []byte(`{"file": {"b": null}}`)}, "claims")
	if err != nil || len(g.Tell()) != 2 {
		t.Errorf("%+v, %v", g, err)
	}
	if _, err := List([][]byte{[]byte(`{"file": {"a": {}}}`), []byte(`{"file": {"a": {}}}`)}, "claims"); code(err) != "gate.twice" {
		t.Error(err)
	}
	if _, err := List(nil, "claims"); code(err) != "gate.empty" {
		t.Error(err)
	}
}

// code is the keys of an error, the outermost first.
func code(err error) string {
	var keys []string
	for err != nil {
		f, ok := errors.AsType[*fault.Error](err)
		if !ok {
			return strings.Join(append(keys, "error"), " ")
		}
		keys, err = append(keys, f.Key), f.Err
	}
	return strings.Join(keys, " ")
}

func TestParse_WhatIsNotUnderstood_IsRefusedWithItsLine(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ text, code, word string }{
		{"", "gate.nothing", "gate.yaml"},
		{"# only a comment", "gate.nothing", ""},
		{"{}", "gate.empty", "count_equal"},
		{"[]", "gate.no_mapping", ":1"},
		{"just a word", "gate.no_mapping", ":1"},
		{"\nfiles:\n  a: {}", "gate.unknown_type", ":2"},
		{"file: {}", "gate.no_subject", "file"},
		{"file: ", "gate.no_mapping", "file"},
		{"file: [a]", "gate.no_mapping", "file"},
		{"file:\n  a: {}\n  a: {}", "gate.twice", ":3"},
		{"file:\n  a: {size: {min: 1}, size: {min: 2}}", "gate.twice", "size"},
		{"file: {a: {}}\nfile: {b: {}}", "gate.twice", ":2"},
		{"file:\n  a:\n    exist: true", "gate.unknown_key", ":3"},
		{"file: {a: {exists: yes}}", "gate.bad_option gate.want.flag", "exists"},
		{"file: {a: {exists: \"true\"}}", "gate.bad_option gate.want.flag", "exists"},
		{"file: {a: true}", "gate.no_mapping", ""},
		{"file: {a: {size: {min: -1}}}", "gate.bad_option gate.want.number", ""},
		{"file: {a: {size: {min: 1.5}}}", "gate.bad_option gate.want.number", ""},
		{"file: {a: {size: {min: 99999999999999999999}}}", "gate.bad_option gate.want.number", ""},
		{"file: {a: {size: {min: 5, max: 4}}}", "gate.bad_option gate.want.order", ""},
		{"file: {a: {size: {}}}", "gate.bad_option gate.want.range", ""},
		{"file: {a: {size: {gt: 2}}}", "gate.bad_option gate.want.range", ""},
		{"file: {a: {contains: []}}", "gate.bad_option gate.want.texts", ""},
		{"file: {a: {contains: [\"\"]}}", "gate.bad_option gate.want.texts", ""},
		{"file: {a: {contains: [1]}}", "gate.bad_option gate.want.text", ""},
		{"file: {a: {contains: null}}", "gate.bad_option gate.want.text", ""},
		{"file: {a: {matches: [\"(\"]}}", "gate.bad_option gate.want.expression", ""},
		{"file: {a: {sha256: abc}}", "gate.bad_option gate.want.sha256", ""},
		{"file: {a: {exists: false, size: 0}}", "gate.bad_option gate.want.alone", ""},
		{"file: {a: {filetype: socket}}", "gate.bad_option gate.want.one_of", ""},
		{"file: {a: {min: 0}}", "gate.bad_option gate.want.number", ""},
		{"file: {/etc/passwd: {}}", "gate.bad_subject gate.outside", "/etc/passwd"},
		{"file: {../x: {}}", "gate.bad_subject gate.outside", "../x"},
		{"file: {\"a/../../x\": {}}", "gate.bad_subject gate.outside", ""},
		{"file: {\"{a,..}/x\": {}}", "gate.bad_subject gate.outside", ""},
		{"file: {\"{workspace}/../x\": {}}", "gate.bad_subject gate.outside", ""},
		{"file: {\"{workspace}x\": {}}", "gate.bad_subject gate.bad_path", ""},
		{"file: {\"a[\": {}}", "gate.bad_subject gate.bad_path", ""},
		{"file: {\"\": {}}", "gate.bad_subject gate.bad_path", ""},
		{"file: {\"a\\0b\": {}}", "gate.bad_subject gate.bad_path", ""},
		{"images: {a: {min_width: 0}}", "gate.bad_option gate.want.number", ""},
		{"count_equal: {p: {left: a}}", "gate.lacks", "right"},
		{"count_equal: {p: {left: a, right: b, min: 0}}", "gate.bad_option gate.want.number", ""},
		{"count_equal: {p: {left: a, right: b, min: 1, allow_empty: true}}", "gate.bad_option gate.want.alone", ""},
		{"command: {t: {}}", "gate.lacks", "exec"},
		{"command: {t: {exec: []}}", "gate.bad_option gate.want.texts", ""},
		{"command: {t: {exec: [sh, -c, \"exit 1 || true\"]}}", "gate.bad_option gate.want.argv", "sh -c"},
		{"command: {t: {exec: [env, A=b, /bin/bash, -lc, \"pytest | tail\"]}}", "gate.bad_option gate.want.argv", "bash -lc"},
		{"command: {t: {exec: [a], timeout: 0s}}", "gate.bad_option gate.want.duration", ""},
		{"command: {t: {exec: [a], timeout: 3h}}", "gate.bad_option gate.want.duration", ""},
		{"command: {t: {exec: [a], timeout: 30}}", "gate.bad_option gate.want.text", ""},
		{"command: {t: {exec: [a], exit_status: 256}}", "gate.bad_option gate.want.status", ""},
		{"command: {t: {exec: [a], env: {\"A=B\": x}}}", "gate.bad_option gate.want.variables", ""},
		{"command: {t: {exec: [a], stdout: {}}}", "gate.bad_option gate.want.output", ""},
		{"test_report: {u: {path: a.xml}}", "gate.no_command", ""},
		{"command: {a: {exec: [x]}, b: {exec: [x]}}\ntest_report: {u: {path: a.xml}}", "gate.no_command", "a, b"},
		{"command: {a: {exec: [x]}}\ntest_report: {u: {path: a.xml, command: c}}", "gate.no_command", "\"c\""},
		{"git_commit: {w: {branch: --all}}", "gate.bad_option gate.want.branch", ""},
		{"git_commit: {w: {branch: \"a..b\"}}", "gate.bad_option gate.want.branch", ""},
		{"git_commit: {w: {commit: HEAD~1}}", "gate.bad_option gate.want.commit", ""},
		{"git_commit: {w: {after: yesterday}}", "gate.bad_option gate.want.moment", ""},
		{"process_gone: {p: {}}", "gate.lacks", "pid"},
		{"process_gone: {p: {pid: 0}}", "gate.bad_option gate.want.number", ""},
		{"http: {ftp://x: {}}", "gate.bad_option gate.want.url", ""},
		{"http: {\"http://u:p@x/\": {}}", "gate.bad_option gate.want.url", ""},
		{"http: {\"http://x/\": {status: 99}}", "gate.bad_option gate.want.number", ""},
		{"no_match_since: {r: {since: start}}", "gate.lacks", "match"},
		{"no_match_since: {r: {match: \"*.png\"}}", "gate.lacks", "since"},
		{"no_match_since: {r: {match: \"a/*.png\", since: start}}", "gate.bad_option gate.want.name", ""},
		{"task: {x: {state: failed}}", "gate.bad_option gate.want.one_of", "succeeded"},
		{"sheet_cell: {a: {}}", "gate.lacks", "equals"},
		{"writes: {some: {}}", "gate.bad_subject gate.want.one_of", "all"},
		{"file: &a {x: {}}", "gate.syntax", "anchor"},
		{"a: &a {x: {}}\nfile: *a", "gate.syntax", "anchor"},
		{"file: !!map {x: {}}", "gate.syntax", "tag"},
		{"file: {a: {}}\n---\nfile: {b: {}}", "gate.syntax", "second"},
		{"file: {a: {}", "gate.syntax", ""},
		{"file:\n\t- x", "gate.syntax", ""},
		{"\xff\xfe", "gate.syntax", "UTF-8"},
		{"file: {a: {contains: \"\x1b[31m\"}}", "gate.syntax", "control"},
		{"a\n? [x]\n: y", "gate.syntax", ""},
		{"<<: {file: {a: {}}}", "gate.syntax", ""},
		{strings.Repeat("[", 100000), "gate.syntax", "deep"},
		{strings.Repeat("- ", 100000), "gate.syntax", "deep"},
		{strings.Repeat("{a: ", 1000) + strings.Repeat("}", 1000), "gate.syntax", "deep"},
		{strings.Repeat("a:\n", 80_000), "gate.syntax", "colons"},
		{strings.Repeat("? a\n", 50_000), "gate.syntax", "colons"},
		{"file: {a: {}}\n" + strings.Repeat("#", 300<<10), "gate.too_long", ""},
	} {
		_, err := Parse([]byte(tc.text), "gate.yaml")
		if code(err) != tc.code && (tc.code != "gate.syntax" || code(err) != "gate.no_mapping") {
			t.Errorf("%.60q: %s, %v, want %s", tc.text, code(err), err, tc.code)
			continue
		}
		if fault.KindOf(err) != fault.Invalid {
			t.Errorf("%.60q: %s", tc.text, fault.KindOf(err))
		}
		for _, lang := range []phrase.Lang{phrase.English, phrase.Japanese} {
			told := fault.Explain(err, lang)
			if strings.ContainsAny(told, "\x1b\x00\n") || strings.Contains(told, "!gate") || !strings.Contains(told, "gate.yaml") {
				t.Errorf("%.60q: %q", tc.text, told)
			}
			if lang == phrase.English && !strings.Contains(told, tc.word) {
				t.Errorf("%.60q: no %q in %q", tc.text, tc.word, told)
			}
		}
	}
}

func TestParse_TooManyClaims_AreRefused(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("file:\n")
	for i := range mostClaims + 1 {
		fmt.Fprintf(&b, "  f%d: {}\n", i)
	}
	if _, err := Parse([]byte(b.String()), "g"); code(err) != "gate.too_many" {
		t.Error(err)
	}
}

func TestClaims_WhatCannotBeFilledIn_IsUnready_AndNoClaimIsLeftOut(t *testing.T) {
	t.Parallel()
	with := func(change func(*Scope)) Scope {
		s := scope(t)
		change(&s)
		return s
	}
	for _, tc := range []struct {
		text, code string
		scope      Scope
	}{
		{"file: {\"{outputs}\": {}}", "gate.no_value", with(func(s *Scope) { s.Vars = nil })},
		{"file: {\"{nonsense}\": {}}", "gate.unknown_name", scope(t)},
		{"file: {\"out/{stem}.png\": {}}", "gate.unknown_part", scope(t)},
		{"command: {t: {exec: [\"{stem}\"]}}", "gate.unknown_name", scope(t)},
		{"file: {\"{outputs}\": {}}", "gate.unknown_part", with(func(s *Scope) { s.Vars = map[string][]string{"outputs": {"out/{stem}.png"}} })},
		{"no_match_since: {r: {match: \"{stem}.png\", since: start}}", "gate.unknown_part", scope(t)},
		{"no_match_since: {r: {match: \"{tests}\", since: start}}", "gate.many_values", scope(t)},
		{"no_match_since: {r: {match: \"{id}*.png\", since: start}}", "gate.bad_ticket", with(func(s *Scope) { s.Ticket = "a/b" })},
		{"file: {\"a/{tests}\": {}}", "gate.many_values", scope(t)},
		{"file: {a: {}}", "gate.no_root", with(func(s *Scope) { s.Root = "" })},
		{"file: {\"{workspace}/a\": {}}", "gate.no_workspace", with(func(s *Scope) { s.Workspace = "" })},
		{"file: {\"{id}.md\": {}}", "gate.bad_ticket", with(func(s *Scope) { s.Ticket = "a/../../etc" })},
		{"file: {\"{id}\": {}}", "gate.bad_ticket", with(func(s *Scope) { s.Ticket = ".." })},
		{"file: {\"{outputs}\": {}}", "gate.outside", with(func(s *Scope) { s.Vars = map[string][]string{"outputs": {"../../etc/*"}} })},
		{"file: {\"x/{dots}{dots}\": {}}", "gate.outside", with(func(s *Scope) { s.Vars = map[string][]string{"dots": {"."}} })},
		{"file: {a: {newer_than: start}}", "gate.no_start", with(func(s *Scope) { s.Started, s.Since = time.Time{}, time.Time{} })},
		{"file: {a: {newer_than: step}}", "gate.no_start", with(func(s *Scope) { s.Since = time.Time{} })},
		{"command: {t: {exec: [\"{test}\"]}}", "gate.no_value", with(func(s *Scope) { s.Vars = nil })},
		{"command: {t: {exec: [\"{test}\"]}}", "gate.want.argv", with(func(s *Scope) { s.Vars = map[string][]string{"test": {"sh", "-c", "true"}} })},
		{"command: {t: {exec: [\"{root}/x\"]}}", "gate.no_root", with(func(s *Scope) { s.Root = "" })},
		{"command: {t: {exec: [\"{test}\"]}}\ntest_report: {u: {}}", "gate.no_value gate.no_run", with(func(s *Scope) { s.Vars = nil })},
		{"git_commit: {w: {contains: \"{workspace}/x\"}}", "gate.not_in_project", scope(t)},
		{"frozen: {tests: {}}", "gate.nothing_frozen", with(func(s *Scope) { s.Frozen = nil })},
		{"no_match_since: {r: {under: \"a*\", match: \"*.png\", since: start}}", "gate.bad_path", scope(t)},
	} {
		var got []string
		for _, c := range claims(t, tc.text, tc.scope) {
			if u, ok := c.(Unready); ok {
				got = append(got, code(u.Reason))
			} else {
				got = append(got, fmt.Sprintf("%T", c))
			}
		}
		if strings.Join(got, " ") != tc.code {
			t.Errorf("%s: %q, want %q", tc.text, got, tc.code)
		}
	}
}

func TestClaims_ScopeThatIsNone_IsAnError(t *testing.T) {
	t.Parallel()
	g, err := Parse([]byte("file: {a: {}}"), "g")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []Scope{{Ticket: "A", Root: "relative"}, {Ticket: "A", Root: "/a/../b"}, {Root: "/a"}, {Ticket: "A\n", Root: "/a"}} {
		if _, err := g.Claims(s); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%+v: %v", s, err)
		}
	}
}

// A ticket may be called anything; its name is never a pattern.
func TestClaims_SignsInTheNameOfATicket_AreThemselves(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"A[1]", "A*", "A?", "{a,b}", `A\B`, "日本 語"} {
		s := scope(t)
		s.Ticket = id
		c, ok := claims(t, `file: {"d/{id}.md": {}}`, s)[0].(File)
		if !ok {
			t.Errorf("%q cannot be filled in", id)
			continue
		}
		if literal, one := c.At[0].Literal(); !one || literal != "d/"+id+".md" {
			t.Errorf("%q became %q", id, c.At[0].Glob)
		}
	}
}

func TestTell_SaysOfEachClaimWhatIsLookedAt_InBothLanguages(t *testing.T) {
	t.Parallel()
	g, err := Parse([]byte(everything), "g")
	if err != nil {
		t.Fatal(err)
	}
	told := g.Tell()
	if len(told) != len(claims(t, everything, scope(t))) {
		t.Error(len(told))
	}
	for _, f := range told {
		en, ja := fault.Explain(f, phrase.English), fault.Explain(f, phrase.Japanese)
		if en == ja || strings.Contains(en, "!gate") || strings.ContainsAny(en, "\n") {
			t.Errorf("%q, %q", en, ja)
		}
	}
}

func TestMade_CanBeTakenOnce(t *testing.T) {
	t.Parallel()
	m := &Made{}
	m.Leave(1)
	if m.Take() != 1 || m.Take() != nil {
		t.Error("what an earlier run has shown was shown again")
	}
}

// The page for users shows only gates that can be read.
func TestPage_EveryGateInIt_CanBeRead(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "gates.md"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := strings.Split(string(page), "```yaml\n")
	if len(blocks) < 3 {
		t.Fatal("the page shows no gates")
	}
	for _, b := range blocks[1:] {
		text, _, _ := strings.Cut(b, "```")
		if _, err := Parse([]byte(text), "docs/gates.md"); err != nil {
			t.Errorf("%v in\n%s", err, text)
		}
	}
	for _, kind := range Kinds() {
		if !strings.Contains(string(page), "`"+kind+"`") {
			t.Errorf("the page does not tell of %s", kind)
		}
	}
}
