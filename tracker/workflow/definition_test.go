package workflow

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"uratori/factcheck/gate"
	"uratori/internal/fault"
	"uratori/internal/phrase"
)

func TestDefault_IsTheThirteenStepsInFivePhases(t *testing.T) {
	d, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	type row struct {
		Number, Phase int
		ID            string
		Person        bool
	}
	var got []row
	for _, s := range d.Steps {
		got = append(got, row{s.Number, s.Phase, s.ID, s.Person()})
		if s.Name == "" || s.NameEN == "" || s.Help == "" || s.HelpEN == "" {
			t.Errorf("%+v", s)
		}
	}
	want := []row{
		{1, 0, "read", false},
		{2, 1, "sow", false},
		{3, 1, "plan", false},
		{4, 1, "plan-approval", true},
		{5, 2, "setup", false},
		{6, 2, "implement", false},
		{7, 2, "test", false},
		{8, 2, "extract", false},
		{9, 3, "quality", false},
		{10, 3, "rules", false},
		{11, 3, "record", false},
		{12, 4, "complete", false},
		{13, 4, "completion-approval", true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if d.Own || d.Steps[4].Freeze == nil || !d.Steps[11].Recheck || !d.Steps[9].Rules {
		t.Errorf("%+v", d)
	}
}

func TestGate_ABranch_CountsOnlyWhereTheProjectGivesTheValue(t *testing.T) {
	d, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	test, err := d.Find("test")
	if err != nil {
		t.Fatal(err)
	}
	for given, want := range map[bool][]string{
		false: {gate.KindCommand, gate.KindFrozen}, true: {gate.KindCommand, gate.KindFrozen, gate.KindReport},
	} {
		g, err := test.Gate(func(string) bool { return given })
		if diff := cmp.Diff(want, g.Types()); diff != "" || err != nil {
			t.Error(given, diff, err)
		}
	}
}

// own is a workflow that is as short as one can be.
const own = `version: 1
name: short
steps:
  - id: plan
    phase: 0
    name: {ja: 計画, en: Plan}
    gate: {file: {plan.md: {size: {min: 1}}}}
  - id: approval
    phase: 0
    name: {ja: 承認, en: Approval}
    approval: {expires: 1h}
  - id: extract
    phase: 1
    name: {ja: 抽出, en: Extraction}
    gate: {task: {extract: {min_items: 1, after: start}}}
  - id: complete
    phase: 2
    name: {ja: 確認, en: Check}
    recheck: true
  - id: done
    phase: 2
    name: {ja: 完了, en: Done}
    approval: {}
`

func TestParse_WhatWouldLeaveAHole_IsRefusedWithItsLine(t *testing.T) {
	if d, err := Parse([]byte(own), "f"); err != nil || len(d.Steps) != 5 || d.Steps[4].Life != usualLife {
		t.Fatal(err)
	}
	cut := func(from, to string) string {
		a, b := strings.Index(own, from), strings.Index(own, to)
		if a < 0 || b < a {
			t.Fatal(from, to)
		}
		return own[:a] + own[b:]
	}
	swap := func(old, with string) string {
		if !strings.Contains(own, old) {
			t.Fatal(old)
		}
		return strings.Replace(own, old, with, 1)
	}
	for name, tc := range map[string]struct{ text, key, where string }{
		"no extraction":              {cut("  - id: extract", "  - id: complete"), "workflow.no_extract", "f"},
		"extraction by another name": {swap("id: extract", "id: extraction"), "workflow.no_extract", "f"},
		"extraction without a task":  {swap("task: {extract: {min_items: 1, after: start}}", "file: {a: {size: {min: 1}}}"), "workflow.extract_weak", "f:12"},
		"extraction of nothing":      {swap("min_items: 1, ", "min_items: 0, "), "workflow.extract_weak", "f:12"},
		"extraction of less":         {swap("min_items: 1, ", ""), "workflow.extract_weak", "f:12"},
		"extraction of long ago":     {swap(", after: start", ""), "workflow.extract_weak", "f:12"},
		"extraction of last year":    {swap("after: start", `after: "2020-01-01T00:00:00Z"`), "workflow.extract_weak", "f:12"},
		"extraction by a person":     {swap("gate: {task: {extract: {min_items: 1, after: start}}}", "approval: {}"), "workflow.extract_weak", "f:12"},
		"nobody before it":           {cut("  - id: approval", "  - id: extract"), "workflow.extract_early", "f:8"},
		"nobody at the end":          {own[:strings.Index(own, "  - id: done")], "workflow.no_last_word", "f"},
		"nothing looked at again":    {cut("  - id: complete", "  - id: done"), "workflow.no_recheck", "f"},
		"a step of nothing":          {swap("    gate: {file: {plan.md: {size: {min: 1}}}}\n", ""), "workflow.no_gate", "f:4"},
		"an empty gate":              {swap("gate: {file: {plan.md: {size: {min: 1}}}}", "gate: {}"), "gate.empty", "f:7"},
		"a gate of unknown things":   {swap("gate: {file: ", "gate: {belief: "), "gate.unknown_type", "f:7"},
		"no mapping":                 {swap("gate: {file: {plan.md: {size: {min: 1}}}}", "gate: [1]"), "gate.", "f:7"},
		"an unknown key":             {swap("    phase: 0\n", "    phase: 0\n    skip: true\n"), "workflow.unknown_key", "f:6"},
		"an exemption":               {swap("  - id: extract\n", "  - id: extract\n    optional: true\n"), "workflow.unknown_key", "f:13"},
		"an unknown key at the top":  {swap("name: short", "nome: short"), "workflow.unknown_key", "f:2"},
		"a key that stands twice":    {swap("name: short", "name: short\nname: long"), "gate.", "f:3"},
		"two steps of one name":      {swap("id: approval", "id: plan"), "workflow.twice", "f:8"},
		"a number for an id":         {swap("id: plan", `id: "7"`), "workflow.bad_value", "f:4"},
		"phases that go back":        {swap("    phase: 1\n", "    phase: 3\n"), "workflow.phases", "f:16"},
		"another version":            {swap("version: 1", "version: 2"), "workflow.bad_value", "f:1"},
		"a name in one language":     {swap("{ja: 計画, en: Plan}", "{ja: 計画}"), "workflow.missing_key", "f:6"},
		"an approval for ever":       {swap("{expires: 1h}", "{expires: 99999h}"), "workflow.bad_value", "f:11"},
		"an approval with a word":    {swap("{expires: 1h}", "{expires: 1h, passed: true}"), "workflow.unknown_key", "f:11"},
		"an anchor":                  {swap("name: {ja: 計画, en: Plan}", "name: &a {ja: 計画, en: Plan}"), "gate.", "f:6"},
		"a freeze before a person":   {swap("    gate: {file: {plan.md", "    freeze: [\"a\"]\n    gate: {file: {plan.md"), "workflow.freeze_early", "f:4"},
		"a freeze outside":           {swap("{ja: 抽出, en: Extraction}\n", "{ja: 抽出, en: Extraction}\n    freeze: [\"../a\"]\n"), "workflow.bad_value", "f:15"},
		"a when of nothing known":    {swap("{ja: 抽出, en: Extraction}\n", "{ja: 抽出, en: Extraction}\n    when: {mood: {file: {a: {}}}}\n"), "workflow.unknown_key", "f:15"},
		"a when without a gate":      {swap("    gate: {file: {plan.md: {size: {min: 1}}}}\n", "    when: {tests: {file: {a: {}}}}\n"), "workflow.no_gate", "f:4"},
		"nothing":                    {"", "", ""},
		"no steps":                   {"version: 1\nname: a\nsteps: []\n", "workflow.bad_value", "f:3"},
		"two documents":              {own + "---\n" + own, "", ""},
		"not UTF-8":                  {swap("short", "\xff"), "", ""},
		"a control character":        {swap("short", "sh\x07ort"), "", ""},
		"too long":                   {own + strings.Repeat("#", longestFile), "workflow.too_long", "f"},
		"deep":                       {strings.Repeat("[", 20000), "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse([]byte(tc.text), "f")
			if err == nil || fault.KindOf(err) != fault.Invalid {
				t.Fatal(err)
			}
			f, _ := err.(*fault.Error) //nolint:errorlint // it is returned as it is
			if f == nil || !strings.HasPrefix(f.Key, tc.key) {
				t.Fatalf("%+v", err)
			}
			for _, lang := range []phrase.Lang{phrase.English, phrase.Japanese} {
				if text := fault.Explain(err, lang); !strings.Contains(text, tc.where) || strings.Contains(text, "!workflow") {
					t.Error(text)
				}
			}
		})
	}
}

func TestLoad_WhatIsNoFileOfTheProject_IsUnavailableAndNotTheThirteenSteps(t *testing.T) {
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
		})
	}
	if _, err := Load(filepath.Join(t.TempDir(), "gone")); fault.KindOf(err) != fault.Unavailable {
		t.Error(err)
	}
	d, err := Load(t.TempDir())
	if err != nil || d.Own || len(d.Steps) != 13 {
		t.Error(d.Name, err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(own))
	f.Add(thirteen)
	f.Add([]byte("version: 1\nname: a\nsteps: [{id: a, phase: 0, name: {ja: a, en: a}, gate: {file: {a: {}}}, when: {tests: {}}}]"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		d, err := Parse(raw, "f")
		if err != nil {
			if fault.KindOf(err) != fault.Invalid {
				t.Error(err)
			}
			return
		}
		extract, err := d.Find(Extract)
		last := d.Steps[len(d.Steps)-1]
		if err != nil || !last.Person() || last.Number <= extract.Number {
			t.Errorf("%+v", d)
		}
		for _, s := range d.Steps {
			g, err := s.Gate(func(string) bool { return false })
			if err != nil || g.Empty() && !s.Person() && !s.Recheck {
				t.Errorf("%+v %v", s, err)
			}
		}
	})
}
