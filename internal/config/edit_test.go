package config

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"uratori/internal/fault"
	"uratori/internal/phrase"
)

func edit(t testing.TB, h Home, values map[string]string, environ ...string) error {
	t.Helper()
	return Edit(context.Background(), h, phrase.English, environ, values)
}

func text(t testing.TB, h Home) string {
	t.Helper()
	raw, err := os.ReadFile(h.Config())
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestEdit_ChangesTheKeyWhereItStandsElseTheTemplatesLineElseItsSection(t *testing.T) {
	for _, tc := range []struct{ name, before, after string }{
		{"in its place", "[tracker]\nprefix = \"A\"\nsheet = \"x\" # mine\n", "[tracker]\nprefix = \"A\"\nsheet = \"表\" # mine\n"},
		{"literal", "[tracker]\nsheet='x'", "[tracker]\nsheet=\"表\""},
		{"as it is", "[tracker]\nsheet = '''表'''\n", "[tracker]\nsheet = '''表'''\n"},
		{"several lines", "[tracker]\nsheet = \"\"\"\\\n  x\"\"\" # [tracker]\n", "[tracker]\nsheet = \"表\" # [tracker]\n"},
		{"dotted", "tracker.sheet = \"x\"\n", "tracker.sheet = \"表\"\n"},
		{"quoted", "[\"tracker\"]\n'sheet' = \"x\"\n", "[\"tracker\"]\n'sheet' = \"表\"\n"},
		{"inline", "tracker = { prefix = \"A\", sheet = \"x\" }\n", "tracker = { prefix = \"A\", sheet = \"表\" }\n"},
		{"template", "[tracker]\n# Tab (a text).\n#  sheet = \"Tracker\" # tab\n\n[runner]\n# sheet = \"Tracker\"\n", "[tracker]\n# Tab (a text).\nsheet = \"表\" # tab\n\n[runner]\n# sheet = \"Tracker\"\n"},
		{"a note is no template", "[tracker]\n# sheet = \"Old\"\n# sheet = the tab\n# sheet =\n## sheet = \"Tracker\"\n", "[tracker]\nsheet = \"表\"\n# sheet = \"Old\"\n# sheet = the tab\n# sheet =\n## sheet = \"Tracker\"\n"},
		{"template of another section", "# sheet = \"Tracker\"\n[tracker]\n", "# sheet = \"Tracker\"\n[tracker]\nsheet = \"表\"\n"},
		{"below the header", " [ tracker ] # here\nprefix = \"A\"\n", " [ tracker ] # here\nsheet = \"表\"\nprefix = \"A\"\n"},
		{"header without an end", "[tracker]", "[tracker]\nsheet = \"表\""},
		{"beside dotted ones", "tracker . \"prefix\" = \"A\" # p\nrunner.slots = 2\n", "tracker . \"prefix\" = \"A\" # p\ntracker . sheet = \"表\"\nrunner.slots = 2\n"},
		{"in inline ones", "tracker = { prefix = \"A\" }\n", "tracker = { prefix = \"A\", sheet = \"表\" }\n"},
		{"in inline ones with comments", "tracker = { # a\n  prefix = \"A\", # b\n}\n", "tracker = { # a\n  prefix = \"A\", sheet = \"表\", # b\n}\n"},
		{"new section", "[runner]\nslots = 2", "[runner]\nslots = 2\n\n[tracker]\nsheet = \"表\"\n"},
		{"above what is deeper", "[tracker.columns]\nid = \"番号\"\n", "[tracker.columns]\nid = \"番号\"\n\n[tracker]\nsheet = \"表\"\n"},
		{"empty", "", "[tracker]\nsheet = \"表\"\n"},
		{"Windows", "\ufeff[runner]\r\nslots = 2\r\n[tracker]\r\n# x\r\n", "\ufeff[runner]\r\nslots = 2\r\n[tracker]\r\nsheet = \"表\"\r\n# x\r\n"},
		{"only a mark", "\ufeff", "\ufeff[tracker]\nsheet = \"表\"\n"},
	} {
		h := home(t, tc.before, 0o600)
		for range 2 { // twice is as once
			if err := edit(t, h, map[string]string{"tracker.sheet": "表"}); err != nil {
				t.Errorf("%s: %v", tc.name, err)
			}
			if got := text(t, h); got != tc.after {
				t.Errorf("%s: %q, want %q", tc.name, got, tc.after)
			}
		}
	}
}

func TestEdit_NewLinesStandInTheOrderOfTheTable(t *testing.T) {
	h := home(t, "", 0o600)
	values := map[string]string{"tracker.sheet": `a "b" \`, "tracker.spreadsheet": "1AbC", "tracker.columns.detail": "内容", "tracker.columns.id": "番号"}
	if err := edit(t, h, values); err != nil {
		t.Fatal(err)
	}
	want := "[tracker.columns]\nid = \"番号\"\ndetail = \"内容\"\n\n[tracker]\nspreadsheet = \"1AbC\"\nsheet = \"a \\\"b\\\" \\\\\"\n"
	if got := text(t, h); got != want {
		t.Errorf("%s", got)
	}
}

func TestEdit_NoFile_BeginsAsTheTemplate(t *testing.T) {
	h := Home(filepath.Join(t.TempDir(), "new"))
	if err := edit(t, h, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(string(h)); err == nil {
		t.Error("something was made for nothing")
	}
	if err := Edit(t.Context(), h, phrase.Japanese, nil, map[string]string{"tracker.sheet": "表", "tracker.columns.detail": "内容"}); err != nil {
		t.Fatal(err)
	}
	want := strings.NewReplacer("# sheet = \"Tracker\"\n", "sheet = \"表\"\n", "# detail = \"詳細\"\n", "detail = \"内容\"\n").Replace(Template(phrase.Japanese))
	if got := text(t, h); got != want {
		t.Error(got)
	}
	if info, err := os.Stat(h.Config()); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
	if left, err := filepath.Glob(string(h) + "/.config*"); err != nil || left != nil {
		t.Errorf("%v %v", left, err)
	}
}

func TestEdit_WhatCannotBeEditedOrWouldNotHold_LeavesTheFileAsItIs(t *testing.T) {
	key := filepath.Join(t.TempDir(), "key.json")
	if err := os.WriteFile(key, nil, 0o644); err != nil { //nolint:gosec // the mode that is refused
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name, toml, key, value, environ string
		kind                            fault.Kind
		want                            []string
	}{
		{"closed table", "tracker = { sheet = \"x\" }\n", "tracker.columns.id", "番号", "", fault.Failed, []string{"\ntracker.columns.id = \"番号\""}},
		{"empty table", "tracker = {}\n", "tracker.sheet", "表", "", fault.Failed, []string{"config.toml", "\ntracker.sheet = \"表\""}},
		{"broken file", "[tracker]\nsheat = 1\n", "tracker.sheet", "表", "", fault.Invalid, []string{":2:", "tracker.sheat"}},
		{"bad value", "", "tracker.sheet", "a\x1b[2J", "", fault.Invalid, []string{"tracker.sheet", `\x1b[2J`}},
		{"not UTF-8", "", "tracker.sheet", "a\xff", "", fault.Invalid, []string{"tracker.sheet"}},
		{"a reference", "", "tracker.sheet", "${HOME}", "", fault.Failed, []string{"tracker.sheet"}},
		{"hostile address", "", "tracker.spreadsheet", "https://docs.google.com.evil/spreadsheets/d/a", "", fault.Invalid, []string{"tracker.spreadsheet"}},
		{"path", "", "tracker.spreadsheet", "../../etc/passwd", "", fault.Invalid, []string{"tracker.spreadsheet"}},
		{"same column", "[tracker.columns]\nsummary = \"題\"\n", "tracker.columns.detail", "題", "", fault.Invalid, []string{"tracker.columns.summary", "題"}},
		{"variable", "", "tracker.sheet", "表", "URATORI_TRACKER_SHEET=other", fault.Conflict, []string{"URATORI_TRACKER_SHEET", "tracker.sheet"}},
		{"special variable", "", "notify.pushover.token", "a", "PUSHOVER_TOKEN=b", fault.Conflict, []string{"PUSHOVER_TOKEN"}},
		{"shared key", "", "tracker.credentials", key, "", fault.Invalid, []string{key, "chmod 600"}},
		{"no such setting", "", "tracker.sheat", "x", "", fault.Failed, []string{"tracker.sheat"}},
		{"too long", "#" + strings.Repeat("x", longestFile-1), "tracker.sheet", "表", "", fault.Failed, []string{"tracker.sheet"}},
	} {
		h := home(t, tc.toml, 0o600)
		err := edit(t, h, map[string]string{tc.key: tc.value}, tc.environ)
		if fault.KindOf(err) != tc.kind {
			t.Errorf("%s: %v", tc.name, err)
			continue
		}
		for _, want := range tc.want {
			if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\x1b") {
				t.Errorf("%s: no %q in %v", tc.name, want, err)
			}
		}
		if got := text(t, h); got != tc.toml {
			t.Errorf("%s: %q", tc.name, got)
		}
		if ja := fault.Explain(err, phrase.Japanese); strings.Contains(ja, "!") {
			t.Errorf("%s: %s", tc.name, ja)
		}
	}
	h := home(t, "", 0o600)
	if err := edit(t, h, map[string]string{"tracker.sheet": "表"}, "URATORI_TRACKER_SHEET=表"); err != nil {
		t.Errorf("a variable that agrees: %v", err)
	}
}

func TestEdit_KeepsTheModeAndTheLink_AndWritesNothingForNothing(t *testing.T) {
	h := Home(t.TempDir())
	there := filepath.Join(t.TempDir(), "settings.toml")
	if err := os.WriteFile(there, []byte("[tracker]\n"), 0o640); err != nil { //nolint:gosec // a mode that is kept
		t.Fatal(err)
	}
	middle := filepath.Join(t.TempDir(), "link")
	for link, to := range map[string]string{middle: there, h.Config(): middle} {
		if err := os.Symlink(to, link); err != nil {
			t.Fatal(err)
		}
	}
	if err := edit(t, h, map[string]string{"tracker.sheet": "表"}); err != nil {
		t.Fatal(err)
	}
	if link, err := os.Readlink(h.Config()); err != nil || link != middle {
		t.Errorf("%s %v", link, err)
	}
	info, err := os.Lstat(there)
	if err != nil || info.Mode() != 0o640 || text(t, h) != "[tracker]\nsheet = \"表\"\n" {
		t.Errorf("%v %v", info, err)
	}
	if err := edit(t, h, map[string]string{"tracker.sheet": "表"}); err != nil {
		t.Fatal(err)
	}
	if again, err := os.Lstat(there); err != nil || !os.SameFile(info, again) {
		t.Errorf("the same again was written anew: %v", err)
	}
}

func TestEdit_FolderThatCannotBeWritten_IsToldAndNothingIsLeft(t *testing.T) {
	if os.Geteuid() == 0 {
		// To root every folder can be written, but a file is no folder.
		h := home(t, "", 0o600)
		if err := os.Mkdir(filepath.Join(string(h), "run"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir(filepath.Join(string(h), "run", "config.lock"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := edit(t, h, map[string]string{"tracker.sheet": "表"}); fault.KindOf(err) != fault.Failed || text(t, h) != "" {
			t.Errorf("%v", err)
		}
		return
	}
	h := home(t, "", 0o600)
	if err := h.Create(); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(string(h), 0o500); err != nil { //nolint:gosec // a folder needs its x
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(string(h), 0o700) }) //nolint:gosec // a folder needs its x
	if err := edit(t, h, map[string]string{"tracker.sheet": "表"}); fault.KindOf(err) != fault.Failed || text(t, h) != "" {
		t.Errorf("%v", err)
	}
}

func TestEdit_ManyAtTheSameTime_LoseNothing(t *testing.T) {
	h := home(t, Template(phrase.English), 0o600)
	var all sync.WaitGroup
	values := map[string]string{
		"tracker.sheet": "表", "tracker.prefix": "X", "tracker.spreadsheet": "1AbC", "tracker.columns.id": "番号", "tracker.columns.status": "状態",
		"server.listen": "127.0.0.1:1", "monitor.nvml": "/lib/x.so", "tracker.workspace": "/w/{id}",
	}
	for key, value := range values {
		all.Go(func() {
			if err := edit(t, h, map[string]string{key: value}); err != nil {
				t.Errorf("%s: %v", key, err)
			}
		})
	}
	all.Wait()
	for _, s := range reload(t, h).Settings() {
		if want, ok := values[s.Key]; ok && s.Value != want {
			t.Errorf("%s = %s", s.Key, s.Value)
		}
	}
}

func reload(t testing.TB, h Home, environ ...string) *Config {
	t.Helper()
	c, err := Load(h, environ)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestEdit_WhileSomebodyHoldsTheLock_GivesUpInTimeAndChangesNothing(t *testing.T) {
	h := home(t, "", 0o600)
	if err := h.Create(); err != nil {
		t.Fatal(err)
	}
	unlock, err := h.lockSettings(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	err = Edit(ctx, h, phrase.English, nil, map[string]string{"tracker.sheet": "表"})
	if fault.KindOf(err) != fault.Conflict || text(t, h) != "" {
		t.Errorf("%v", err)
	}
}

func TestReplaceSettings_AFileThatChangedSinceItWasRead_Stays(t *testing.T) {
	for name, old := range map[string]file{"other": {[]byte("# older\n"), 0o600}, "none": {}} {
		h := home(t, "# newer\n", 0o600)
		err := h.replaceSettings(old, file{[]byte("# mine\n"), 0o600})
		left, _ := filepath.Glob(string(h) + "/.config*")
		if fault.KindOf(err) != fault.Conflict || text(t, h) != "# newer\n" || left != nil {
			t.Errorf("%s: %v %v", name, err, left)
		}
	}
}

func TestWith_IsACopy_CheckedAsTheFileIs(t *testing.T) {
	c := load(t, "[tracker]\nsheet = \"x\"\n")
	with, err := c.With("--sheet", nil, map[string]string{"tracker.sheet": "y", "tracker.spreadsheet": "1AbC", "tracker.credentials": "k.json"})
	if err != nil {
		t.Fatal(err)
	}
	if c.Tracker.Sheet != "x" || c.origins["tracker.credentials"] != "" || with.Tracker.Sheet != "y" || with.Tracker.Local() || with.Tracker.Credentials != string(c.Home)+"/k.json" {
		t.Errorf("%+v %+v", c.Tracker, with.Tracker)
	}
	_, err = c.With("--sheet", nil, map[string]string{"tracker.sheet": " "})
	if fault.KindOf(err) != fault.Invalid || !strings.HasPrefix(err.Error(), "--sheet: tracker.sheet: ") {
		t.Error(err)
	}
}

// scribe writes settings files in all the ways in which people do.
type scribe struct {
	*rapid.T
	strings.Builder
	eol      string
	comments []string
}

func (s *scribe) line(text string) {
	s.noise()
	s.WriteString(rapid.SampledFrom([]string{"", "", "  ", "\t"}).Draw(s.T, "indent") + text)
	if rapid.Bool().Draw(s.T, "remark") {
		s.WriteString(" " + s.comment())
	}
	s.WriteString(s.eol)
}

func (s *scribe) comment() string {
	c := fmt.Sprintf("#%d %s", len(s.comments), rapid.SampledFrom([]string{"備考", "[tracker]", "sheet = \"Tracker\"", "= { \"\"\"", ""}).Draw(s.T, "comment"))
	s.comments = append(s.comments, c)
	return c
}

// noise is what stands between settings.
func (s *scribe) noise() {
	for range rapid.IntRange(0, 2).Draw(s.T, "noise") {
		if rapid.Bool().Draw(s.T, "blank") {
			s.WriteString(s.eol)
		} else {
			s.WriteString(s.comment() + s.eol)
		}
	}
}

func (s *scribe) value(of setting, v string) string {
	if of.field(&Config{}).isBare() {
		return v
	}
	forms := []string{strconv.Quote(v), `"""` + v + `"""`, "\"\"\"\\" + s.eol + "   " + v + "\"\"\""}
	if !strings.Contains(v, "'") {
		forms = append(forms, "'"+v+"'", "'''"+v+"'''")
	}
	if strings.ContainsAny(v, `"\`) {
		forms = forms[:1]
	}
	return rapid.SampledFrom(forms).Draw(s.T, "form")
}

func (s *scribe) key(k string) string {
	return rapid.SampledFrom([]string{k, `"` + k + `"`, "'" + k + "'"}).Draw(s.T, "key")
}

// section writes one section: with a header, with dotted keys, or inline.
func (s *scribe) section(name string, form int, keys, values []string, of []setting) {
	var parts []string
	for part := range strings.SplitSeq(name, ".") {
		parts = append(parts, s.key(part))
	}
	switch form {
	case 0:
		s.line("[" + strings.Join(parts, rapid.SampledFrom([]string{".", " . "}).Draw(s.T, "dot")) + "]")
		for i, k := range keys {
			if rapid.IntRange(0, 3).Draw(s.T, "shown") == 0 && !of[i].field(&Config{}).isBare() {
				s.WriteString("# " + k + " = " + strconv.Quote(of[i].standard) + s.eol) // the template's, gone when it is used
				continue
			}
			s.line(s.key(k) + " = " + s.value(of[i], values[i]))
		}
	case 1:
		for i, k := range keys {
			s.line(strings.Join(append(slices.Clone(parts), s.key(k)), ".") + "=" + s.value(of[i], values[i]))
		}
	default:
		var pairs []string
		for i, k := range keys {
			pairs = append(pairs, s.key(k)+" = "+s.value(of[i], values[i]))
		}
		s.line(strings.Join(parts, ".") + " = { " + strings.Join(pairs, ", ") + " }")
	}
}

func drawValue(t *rapid.T, s setting) string {
	switch s.allowed {
	case "text":
		return rapid.StringMatching(`[A-Za-zあ-ん漢字"'\\=#\[\]{} ]{0,12}`).Draw(t, "text") + "x" + strings.ReplaceAll(s.key, ".", "")
	case "prefix":
		return rapid.StringMatching(`[A-Z][A-Z0-9]{0,5}`).Draw(t, "prefix")
	case "spreadsheet":
		return rapid.SampledFrom([]string{"local", "1AbC-_", "https://docs.google.com/spreadsheets/d/1AbC/edit?a=b#gid=0"}).Draw(t, "book")
	case "workspace":
		return rapid.SampledFrom([]string{"/w/{id}", "{home}/w #/{id}"}).Draw(t, "workspace")
	}
	return s.standard
}

func TestEdit_AnyFileAnyEdit_GivesTheValuesAndLeavesTheRest(t *testing.T) {
	byHand, edits := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		s := &scribe{T: rt, eol: rapid.SampledFrom([]string{"\n", "\r\n"}).Draw(rt, "eol")}
		sections := map[string][]setting{}
		var names []string
		for _, o := range table() {
			name := o.key[:strings.LastIndexByte(o.key, '.')]
			if sections[name] == nil {
				names = append(names, name)
			}
			sections[name] = append(sections[name], o)
		}
		names = rapid.Permutation(names).Draw(rt, "order")
		forms := map[string]int{}
		plain := true
		for _, name := range names {
			forms[name] = rapid.SampledFrom([]int{0, 0, 0, 1, 2}).Draw(rt, "section")
			plain = plain && forms[name] == 0
		}
		slices.SortStableFunc(names, func(a, b string) int { return min(1, forms[b]) - min(1, forms[a]) }) // headers come last
		if rapid.Bool().Draw(rt, "mark") {
			s.WriteString(byteOrderMark)
		}
		for _, name := range names {
			var keys, values []string
			var of []setting
			for _, o := range sections[name] {
				if !o.secret && rapid.IntRange(0, 2).Draw(rt, "there") == 0 {
					keys, values, of = append(keys, o.key[len(name)+1:]), append(values, drawValue(rt, o)), append(of, o)
				}
			}
			if keys != nil || forms[name] == 0 && rapid.Bool().Draw(rt, "empty") {
				s.section(name, forms[name], keys, values, of)
			}
		}
		s.noise()
		before := s.String()
		if rapid.Bool().Draw(rt, "unfinished") {
			before = strings.TrimSuffix(before, s.eol)
		}
		h := home(t, before, 0o600)
		was, err := Load(h, nil)
		if err != nil {
			return // a way of writing that TOML does not have, such as a table twice
		}
		values := map[string]string{}
		for _, o := range table() {
			if (o.allowed == "text" || o.allowed == "prefix" || o.allowed == "spreadsheet" || o.allowed == "workspace") && rapid.IntRange(0, 2).Draw(rt, "edit") == 0 {
				values[o.key] = drawValue(rt, o)
			}
		}
		edits++
		err = edit(t, h, values)
		if err != nil {
			if plain || text(t, h) != before || !strings.Contains(err.Error(), "by hand") {
				rt.Fatalf("%v\n%s", err, before)
			}
			byHand++
			return
		}
		after := text(t, h)
		now := reload(t, h).Settings()
		for i, o := range was.Settings() {
			want := o.Value
			if v, ok := values[o.Key]; ok {
				want = v
			} else if (o.Origin == "default") != (now[i].Origin == "default") {
				rt.Fatalf("%s came or went", o.Key)
			}
			if now[i].Value != want {
				rt.Fatalf("%s = %q, want %q\n%s", o.Key, now[i].Value, want, after)
			}
		}
		for _, c := range s.comments {
			if !strings.Contains(after, c) {
				rt.Fatalf("lost: %s\n%s", c, after)
			}
		}
		if strings.Contains(strings.ReplaceAll(after, "\r\n", ""), "\n") != strings.Contains(strings.ReplaceAll(before, "\r\n", ""), "\n") && before != "" && s.eol == "\r\n" && strings.Contains(before, "\r\n") {
			rt.Fatalf("other line ends: %q", after)
		}
		if err := edit(t, h, values); err != nil || text(t, h) != after {
			rt.Fatalf("twice is not as once: %v\n%s", err, text(t, h))
		}
	})
	if edits == 0 || byHand*2 > edits {
		t.Errorf("%d of %d files were left to people", byHand, edits)
	}
	t.Logf("%d edits, %d left to people", edits, byHand)
}

func FuzzEdit(f *testing.F) {
	for _, seed := range []string{"", "[tracker]\nsheet='x'", "tracker={columns={id='x'}}", Template(phrase.English), "\ufeff[tracker]\r\n# sheet = \"Tracker\"", "tracker.columns.\"id\" = \"\"\"\\\n x\"\"\""} {
		f.Add(seed, "表")
	}
	f.Fuzz(func(t *testing.T, toml, value string) {
		h := home(t, toml, 0o600)
		err := edit(t, h, map[string]string{"tracker.sheet": value, "tracker.columns.id": "番号"})
		if err != nil {
			if text(t, h) != toml {
				t.Errorf("%v, and it was written", err)
			}
			return
		}
		if c := reload(t, h); c.Tracker.Sheet != value || c.Tracker.Columns.ID != "番号" {
			t.Errorf("%+v", c.Tracker)
		}
	})
}
