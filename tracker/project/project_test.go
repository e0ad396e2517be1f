package project

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"uratori/internal/fault"
	"uratori/internal/phrase"
)

const whole = `# 抽出
[project]
tests = ["tests/**"]
test = ["pytest", "-q"]
test_report = "build/junit.xml"
sources = ["src/**/*.py"]
inputs = ["in/*.tif"]
outputs = ["out/**/*.png"]
allow_hosts = ["example.org"]
workspace = "tracker-workspace/{id}"
templates = "docs/templates"

[[rules]]
name = "ルートに画像を置かない"
match = ["*.png", "*.jpg"]
message = "out/ に置いてください"

[[rules]]
name = "tmp"
under = "tmp/"
match = ["*.partial"]
recursive = true

[hooks]
deny_commands = ["git push*"]
deny_writes = ["tests/**"]
`

func folder(t *testing.T, text string) string {
	t.Helper()
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, File), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return root
}

func TestLoad_AWholeFile_IsReadToTheLetter(t *testing.T) {
	p, err := Load(folder(t, whole))
	if err != nil {
		t.Fatal(err)
	}
	want := Project{
		Tests: []string{"tests/**"}, Test: []string{"pytest", "-q"}, TestReport: "build/junit.xml", Sources: []string{"src/**/*.py"},
		Inputs: []string{"in/*.tif"}, Outputs: []string{"out/**/*.png"}, AllowHosts: []string{"example.org"},
		Workspace: "tracker-workspace/{id}", Templates: "docs/templates",
		Rules: []Rule{
			{Name: "ルートに画像を置かない", Under: ".", Match: []string{"*.png", "*.jpg"}, Message: "out/ に置いてください"},
			{Name: "tmp", Under: "tmp", Match: []string{"*.partial"}, Recursive: true},
		},
		Hooks: Hooks{[]string{"git push*"}, []string{"tests/**"}},
		Text:  []byte(whole), Digest: digest([]byte(whole)),
	}
	if diff := cmp.Diff(want, p); diff != "" {
		t.Error(diff)
	}
	again, err := Parse(p.Text, "pinned")
	if diff := cmp.Diff(want, again); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

func TestLoad_NoFileAndAnEmptyOne_SayNothing(t *testing.T) {
	none, err := Load(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	empty, err := Load(folder(t, ""))
	if err != nil {
		t.Fatal(err)
	}
	if len(none.Values()) != 0 || len(none.Rules) != 0 || none.Digest != empty.Digest || none.Text != nil {
		t.Errorf("%+v %+v", none, empty)
	}
}

func TestParse_WhatIsWrong_IsToldWithItsLine(t *testing.T) {
	for name, tc := range map[string]struct{ text, line, word string }{
		"unknown key":        {"[project]\ntest = [\"a\"]\ntset = 1\n", ":3", "project.tset"},
		"unknown table":      {"\n[hook]\n", ":2", "hook"},
		"unknown in a rule":  {"[[rules]]\nname = \"a\"\nmacth = [\"*\"]\n", ":3", "rules.macth"},
		"unknown inline":     {"project = {tests = [\"a\"], x = 1}\n", ":1", "x"},
		"rules is no list":   {"[rules]\nname = \"a\"\n", ":1", "rules"},
		"wrong type":         {"[project]\n\ntests = \"a\"\n", ":3", ""},
		"twice":              {"[project]\ntest = [\"a\"]\ntest = [\"b\"]\n", ":3", ""},
		"syntax":             {"[project]\ntests = [\n\"a\n", ":3", ""},
		"outside":            {"[project]\noutputs = [\"../out\"]\n", ":2", "../out"},
		"absolute":           {"[project]\ntests = [\"/etc/*\"]\n", ":2", "/etc/*"},
		"bad pattern":        {"[project]\ntests = [\"a[\"]\n", ":2", "a["},
		"wild report":        {"[project]\ntest_report = \"*.xml\"\n", ":2", "*.xml"},
		"one folder for all": {"[project]\nworkspace = \"tickets\"\n", ":2", "tickets"},
		"folder outside":     {"[project]\nworkspace = \"../{id}\"\n", ":2", "../{id}"},
		"folder anywhere":    {"[project]\nworkspace = \"/srv/{id}\"\n", ":2", "/srv/{id}"},
		"folder, no such":    {"[project]\nworkspace = \"{home}/{id}\"\n", ":2", "{home}/{id}"},
		"folder of nobody":   {"[project]\nworkspace = \"*/{id}\"\n", ":2", "*/{id}"},
		"templates outside":  {"[project]\ntemplates = \"~/../t\"\n", ":2", "~/../t"},
		"templates, many":    {"[project]\ntemplates = \"t*\"\n", ":2", "t*"},
		"empty word":         {"[project]\ntest = [\"\"]\n", ":2", "project.test"},
		"control character":  {"[project]\ntest = [\"a\\u0000b\"]\n", ":2", "a\uFFFDb"},
		"rule without match": {"[[rules]]\nname = \"a\"\n", ":1", "rules[0].match"},
		"rule with a path":   {"[[rules]]\nname = \"a\"\nmatch = [\"*\", \"**/*.png\"]\n", ":3", "rules[0].match"},
		"rule without name":  {"[[rules]]\nmatch = [\"*\"]\n", ":1", "rules[0].name"},
		"two of one name":    {"[[rules]]\nname = \"a\"\nmatch = [\"*\"]\n[[rules]]\nname = \"a\"\nmatch = [\"*\"]\n", ":5", "rules[1].name"},
		"rule outside":       {"[[rules]]\nname = \"a\"\nunder = \"a/../../b\"\nmatch = [\"*\"]\n", ":3", "rules[0].under"},
		"not UTF-8":          {"[project]\ntest = [\"\xff\"]\n", "", "UTF-8"},
		"UTF-16":             {"\xff\xfe[\x00", "", "UTF-8"},
		"too long":           {strings.Repeat("#", longestFile+1), "", "65536"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse([]byte(tc.text), "f")
			if fault.KindOf(err) != fault.Invalid || err == nil {
				t.Fatal(err)
			}
			for _, lang := range []phrase.Lang{phrase.English, phrase.Japanese} {
				if text := fault.Explain(err, lang); !strings.Contains(text, "f"+tc.line) || !strings.Contains(text, tc.word) || strings.Contains(text, "!project") {
					t.Error(text)
				}
			}
		})
	}
}

func TestLoad_WhatIsNoFileOfTheProject_IsUnavailableAndNeverEmpty(t *testing.T) {
	for name, make := range map[string]func(path string) error{
		"folder":    func(p string) error { return os.Mkdir(p, 0o700) },
		"pipe":      func(p string) error { return syscall.Mkfifo(p, 0o600) },
		"lost link": func(p string) error { return os.Symlink("nowhere", p) },
		"link out":  func(p string) error { return os.Symlink("/etc/passwd", p) },
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			if err := make(filepath.Join(root, File)); err != nil {
				t.Fatal(err)
			}
			if _, err := Load(root); fault.KindOf(err) != fault.Unavailable {
				t.Error(err)
			}
			if _, err := Digest(root); fault.KindOf(err) != fault.Unavailable {
				t.Error(err)
			}
		})
	}
	if _, err := Load(filepath.Join(t.TempDir(), "gone")); fault.KindOf(err) != fault.Unavailable {
		t.Error(err)
	}
}

func TestLine_IsThereForEveryValue(t *testing.T) {
	p, err := Parse([]byte(whole), "f")
	if err != nil {
		t.Fatal(err)
	}
	for name := range p.Values() {
		q, err := Parse([]byte("[project]\n"+Line(name)+"\n"), "f")
		if err != nil || len(q.Values()[name]) == 0 {
			t.Error(name, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(whole))
	f.Add([]byte("[[rules]]\nname='a'\n[rules.x]\n"))
	f.Add([]byte("rules = [{name='a', match=['*']}]"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := Parse(raw, "f")
		if err != nil {
			if _, ok := err.(*fault.Error); !ok { //nolint:errorlint // it is returned as it is
				t.Error(err)
			}
			return
		}
		for _, pattern := range append(append(append(p.Tests, p.Outputs...), p.Inputs...), p.Sources...) {
			if !inside(pattern) {
				t.Errorf("%q", pattern)
			}
		}
		for _, r := range p.Rules {
			if r.Name == "" || len(r.Match) == 0 || !inside(r.Under) {
				t.Errorf("%+v", r)
			}
		}
	})
}
