package workspace_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"pgregory.net/rapid"

	"uratori/internal/fault"
	"uratori/internal/phrase"
	"uratori/tracker/workspace"
)

const sow, plan = "SOW_A-1.md", "IMPLEMENTATION_PLAN_A-1.md"

var noon = time.Date(2026, 11, 21, 23, 30, 0, 0, time.FixedZone("JST", 9*60*60))

type tester interface {
	Helper()
	Fatal(...any)
}

func must(t tester, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// request is for A-1, with all folders below base.
func request(t tester, base, template, named string) workspace.Request {
	t.Helper()
	s := workspace.Site{Template: base + template, Home: filepath.Join(base, "home"), UserHome: base}
	p, err := s.Place("A-1", named)
	must(t, err)
	return workspace.Request{Place: p, Summary: "要約", Detail: "詳しく", Lang: phrase.Japanese, Now: noon}
}

// tree is every file below dir with its content, every folder and every link
// with its target.
func tree(t tester, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	must(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, content := strings.TrimPrefix(path, dir), "folder"
		switch {
		case d.Type()&fs.ModeSymlink != 0:
			content, err = os.Readlink(path)
		case d.Type().IsRegular():
			var b []byte
			b, err = os.ReadFile(path)
			content = "file " + string(b)
		}
		all[name] = content
		return err
	}))
	return all
}

func same(t *testing.T, dir string, before map[string]string) {
	t.Helper()
	after := tree(t, dir)
	for name, content := range after {
		if before[name] != content {
			t.Errorf("%s: %q was %q", name, content, before[name])
		}
	}
	if len(after) != len(before) {
		t.Errorf("%d things where %d were", len(after), len(before))
	}
}

func folder(t tester, path string) string {
	t.Helper()
	must(t, os.MkdirAll(path, 0o755)) //nolint:gosec // as a user's folders are
	return path
}

func file(t tester, path, text string) {
	t.Helper()
	folder(t, filepath.Dir(path))
	must(t, os.WriteFile(path, []byte(text), 0o644)) //nolint:gosec // as a user's files are
}

func TestMake_TheFolderBeginsWithBothDocuments(t *testing.T) {
	t.Parallel()
	for lang, words := range map[phrase.Lang][2][]string{
		phrase.Japanese: {{"# 作業範囲記述書", "A-1", "## 概要\n\n要約\n", "## 詳細\n\n詳しく\n", "## 目的", "## 範囲", "## 完了条件", "2026-11-21"}, {"# 実装計画", "A-1", "要約", "## 手順", "## 完了条件", "SOW_A-1.md"}},
		phrase.English:  {{"# Statement of work", "A-1", "## Summary\n\n要約\n", "## Detail\n\n詳しく\n", "## Goal", "## Scope", "## Done when", "2026-11-21"}, {"# Implementation plan", "A-1", "要約", "## Steps", "## Done when", "SOW_A-1.md"}},
		"fr":            {{"# Statement of work"}, {"# Implementation plan"}},
	} {
		r := request(t, t.TempDir(), "/new/tickets/{id}/work", "")
		r.Lang = lang
		made, err := workspace.Make(t.Context(), r)
		must(t, err)
		if made.Path != r.Place.Path() || !slices.Equal(made.Created, []string{sow, plan}) || made.Kept != nil {
			t.Errorf("%+v", made)
		}
		for i, name := range []string{sow, plan} {
			text, err := os.ReadFile(filepath.Join(made.Path, name))
			must(t, err)
			for _, word := range words[i] {
				if !strings.Contains(string(text), word) {
					t.Errorf("%s in %s has no %q:\n%s", name, lang, word, text)
				}
			}
			if strings.ContainsAny(string(text), "{}") {
				t.Errorf("%s in %s has a placeholder left:\n%s", name, lang, text)
			}
		}
		if entries, _ := os.ReadDir(made.Path); len(entries) != 2 {
			t.Errorf("left over: %v", entries)
		}
	}
}

func TestMake_Again_KeepsWhatIsThere_AndMakesWhatIsMissing(t *testing.T) {
	t.Parallel()
	r := request(t, t.TempDir(), "/w/{id}", "")
	file(t, filepath.Join(r.Place.Path(), sow), "mine")
	file(t, filepath.Join(r.Place.Path(), "other.txt"), "mine too")
	made, err := workspace.Make(t.Context(), r)
	must(t, err)
	if !slices.Equal(made.Created, []string{plan}) || !slices.Equal(made.Kept, []string{sow}) {
		t.Errorf("%+v", made)
	}
	before := tree(t, made.Path)
	if before["/"+sow] != "file mine" || before["/other.txt"] != "file mine too" {
		t.Error(before)
	}
	r.Summary = "changed"
	made, err = workspace.Make(t.Context(), r)
	must(t, err)
	if made.Created != nil || !slices.Equal(made.Kept, []string{sow, plan}) {
		t.Errorf("%+v", made)
	}
	same(t, made.Path, before)
}

func TestMake_ProjectTemplates_ReplaceOurs(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	r := request(t, base, "/w/{id}", "")
	r.Templates = filepath.Join(base, "templates")
	file(t, filepath.Join(r.Templates, "SOW.md"), "\ufeff{id}|{summary}|{detail}|{date}|{unknown}|{ID}|{{id}}|{id|}{}\r\n")
	r.Summary, r.Detail = "{detail}{id}", "{summary}\x00\xff=1+1"
	made, err := workspace.Make(t.Context(), r)
	must(t, err)
	got := tree(t, made.Path)
	want := "file \ufeffA-1|{detail}{id}|{summary}\x00\xff=1+1|2026-11-21|{unknown}|{ID}|{A-1}|{id|}{}\r\n"
	if got["/"+sow] != want {
		t.Errorf("%q, want %q", got["/"+sow], want)
	}
	if !strings.Contains(got["/"+plan], "# 実装計画") {
		t.Error("the template that the project lacks is not ours:", got["/"+plan])
	}
}

func TestMake_FaultyTemplates_AreFoundBeforeAnythingIsMade(t *testing.T) {
	t.Parallel()
	for name, plant := range map[string]func(dir string){
		"no folder":    func(string) {},
		"a file":       func(dir string) { file(t, dir, "x") },
		"Shift_JIS":    func(dir string) { file(t, dir+"/SOW.md", "\x8aT\x97v") },
		"huge":         func(dir string) { file(t, dir+"/IMPLEMENTATION_PLAN.md", strings.Repeat("x", 1<<20+1)) },
		"folder":       func(dir string) { folder(t, dir+"/SOW.md") },
		"pipe":         func(dir string) { folder(t, dir); must(t, syscall.Mkfifo(dir+"/SOW.md", 0o600)) },
		"link to none": func(dir string) { folder(t, dir); must(t, os.Symlink("none", dir+"/SOW.md")) },
		"endless":      func(dir string) { folder(t, dir); must(t, os.Symlink("/dev/zero", dir+"/SOW.md")) },
	} {
		t.Run(name, func(t *testing.T) {
			base := t.TempDir()
			r := request(t, base, "/w/{id}", "")
			r.Templates = filepath.Join(base, "templates")
			plant(r.Templates)
			before := tree(t, base)
			made, err := workspace.Make(t.Context(), r)
			refused(t, err, fault.Invalid, "templates")
			if made.Created != nil || made.Kept != nil {
				t.Errorf("%+v", made)
			}
			same(t, base, before)
		})
	}
}

func TestMake_WhatIsInTheWay_IsToldAndLeft(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		plant func(base string)
		key   string
		word  string
	}{
		"file in place of the folder":  {func(b string) { file(t, b+"/w/A-1", "x") }, "not_folder", "/w/A-1"},
		"file in place of the root":    {func(b string) { file(t, b+"/w", "x") }, "not_folder", "/w "},
		"pipe in place of the folder":  {func(b string) { folder(t, b+"/w"); must(t, syscall.Mkfifo(b+"/w/A-1", 0o600)) }, "not_folder", "/w/A-1"},
		"folder is a link to /etc":     {func(b string) { folder(t, b+"/w"); must(t, os.Symlink("/etc", b+"/w/A-1")) }, "link", "/w/A-1"},
		"folder is a link beside":      {func(b string) { folder(t, b+"/w/B-2"); must(t, os.Symlink("B-2", b+"/w/A-1")) }, "link", "/w/A-1"},
		"folder is a link above":       {func(b string) { folder(t, b+"/w"); must(t, os.Symlink("../..", b+"/w/A-1")) }, "link", "/w/A-1"},
		"folder is a dangling link":    {func(b string) { folder(t, b+"/w"); must(t, os.Symlink("none", b+"/w/A-1")) }, "link", "/w/A-1"},
		"root is a dangling link":      {func(b string) { must(t, os.Symlink("none", b+"/w")) }, "dangling", "/w "},
		"root is a link to itself":     {func(b string) { must(t, os.Symlink("w", b+"/w")) }, "dangling", "/w "},
		"folder in place of the SOW":   {func(b string) { folder(t, b+"/w/A-1/"+sow) }, "not_file", sow},
		"SOW is a link out":            {func(b string) { folder(t, b+"/w/A-1"); must(t, os.Symlink("/etc/passwd", b+"/w/A-1/"+sow)) }, "not_file", sow},
		"SOW is a dangling link":       {func(b string) { folder(t, b+"/w/A-1"); must(t, os.Symlink("none", b+"/w/A-1/"+sow)) }, "not_file", sow},
		"SOW is a link out that hangs": {func(b string) { folder(t, b+"/w/A-1"); must(t, os.Symlink(b+"/new", b+"/w/A-1/"+sow)) }, "not_file", sow},
	} {
		t.Run(name, func(t *testing.T) {
			base := t.TempDir()
			tc.plant(base)
			before := tree(t, base)
			_, err := workspace.Make(t.Context(), request(t, base, "/w/{id}", ""))
			refused(t, err, fault.Conflict, tc.word)
			if f, _ := errors.AsType[*fault.Error](err); f.Key != "workspace."+tc.key {
				t.Errorf("%s: %v", f.Key, err)
			}
			same(t, base, before)
		})
	}
}

func TestMake_DanglingLinkAboveTheRoot_IsNamed(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	must(t, os.Symlink("unmounted", base+"/disk"))
	_, err := workspace.Make(t.Context(), request(t, base, "/disk/deep/w/{id}", ""))
	refused(t, err, fault.Conflict, base+"/disk ")
}

func TestMake_LinksOfTheUsersOwn_UpToTheRoot_AreFollowed(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	folder(t, base+"/real")
	must(t, os.Symlink("real", base+"/w"))
	made, err := workspace.Make(t.Context(), request(t, base, "/w/{id}", ""))
	must(t, err)
	if got := tree(t, base); made.Path != base+"/w/A-1" || got["/real/A-1/"+sow] == "" {
		t.Error(made, got)
	}
}

func TestMake_NamedFolder_NeedsItsParent(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	_, err := workspace.Make(t.Context(), request(t, base, "/w/{id}", "~/typo/mine"))
	refused(t, err, fault.NotFound, base+"/typo/mine", base+"/typo")
	if got := tree(t, base); len(got) != 1 {
		t.Error("something was made:", got)
	}
	made, err := workspace.Make(t.Context(), request(t, base, "/w/{id}", "~/mine"))
	must(t, err)
	if got := tree(t, base); made.Path != base+"/mine" || got["/mine/"+sow] == "" || len(got) != 4 {
		t.Error(made, got)
	}
}

func TestMake_NamedFolder_LinksDoNotLeadIntoTheHome(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	folder(t, base+"/home/run")
	must(t, os.Symlink("home/run", base+"/door"))
	before := tree(t, base)
	_, err := workspace.Make(t.Context(), request(t, base, "/home/workspaces/{id}", "~/door/mine"))
	refused(t, err, fault.Invalid, base+"/home")
	_, err = workspace.Make(t.Context(), request(t, base, "/home/workspaces/{id}", "~/door"))
	refused(t, err, fault.Conflict, base+"/door")
	same(t, base, before)
}

func TestMake_NoPlace_IsAnError(t *testing.T) {
	t.Parallel()
	if made, err := workspace.Make(t.Context(), workspace.Request{}); err == nil {
		t.Errorf("%+v", made)
	}
}

func TestMake_AnyTexts_StandToTheLetter_InTheirFolderOnly(t *testing.T) {
	t.Parallel()
	outer := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		base, err := os.MkdirTemp(outer, "")
		must(rt, err)
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`(\{id\}|\{summary\}|\{detail\}|\{date\}|\{|\}|x|\.\./){0,8}`),
			rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }))
		id := rapid.OneOf(rapid.StringMatching(`[A-Za-z0-9][A-Za-z0-9._-]{0,20}`), text).Draw(rt, "id")
		summary, detail := text.Draw(rt, "summary"), text.Draw(rt, "detail")
		s := workspace.Site{Template: base + "/w/{id}", Home: base + "/home", UserHome: base}
		p, err := s.Place(id, "")
		if err != nil {
			return
		}
		file(rt, base+"/t/SOW.md", "<{summary}|{detail}|{id}>")
		file(rt, base+"/t/IMPLEMENTATION_PLAN.md", "{other}{detail}{detail}")
		want := tree(rt, base)
		want["/w"], want["/w/"+id] = "folder", "folder"
		want["/w/"+id+"/SOW_"+id+".md"] = "file <" + summary + "|" + detail + "|" + id + ">"
		want["/w/"+id+"/IMPLEMENTATION_PLAN_"+id+".md"] = "file {other}" + detail + detail
		if rapid.Bool().Draw(rt, "there") {
			file(rt, p.Path()+"/SOW_"+id+".md", "mine")
			want["/w/"+id+"/SOW_"+id+".md"] = "file mine"
		}
		_, err = workspace.Make(t.Context(), workspace.Request{Place: p, Summary: summary, Detail: detail, Templates: base + "/t", Now: noon})
		must(rt, err)
		got := tree(rt, base)
		for name, content := range got {
			if want[name] != content {
				rt.Fatalf("%q: %q, want %q", name, content, want[name])
			}
		}
		if len(got) != len(want) {
			rt.Fatalf("%d things, want %d", len(got), len(want))
		}
	})
}

func TestMake_FoldersAndFiles_AreForTheUsersOtherToolsToo(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	must(t, os.Mkdir(base+"/folder", 0o755))                    //nolint:gosec // to see what the umask leaves of it
	must(t, os.WriteFile(base+"/file", []byte("umask"), 0o644)) //nolint:gosec // so too
	made, err := workspace.Make(t.Context(), request(t, base, "/new/w/{id}", ""))
	must(t, err)
	for path, like := range map[string]string{base + "/new": "folder", base + "/new/w": "folder", made.Path: "folder", made.Path + "/" + sow: "file", made.Path + "/" + plan: "file"} {
		info, err := os.Stat(path)
		must(t, err)
		if want, err := os.Stat(base + "/" + like); err != nil || info.Mode() != want.Mode() {
			t.Errorf("%s: %s, want %s", path, info.Mode(), want.Mode())
		}
	}
}

// A home that came to be here would be open to others.
func TestMake_NeverMakesTheHome(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	_, err := workspace.Make(t.Context(), request(t, base, "/home/workspaces/{id}", ""))
	refused(t, err, fault.NotFound, base+"/home")
	if got := tree(t, base); len(got) != 1 {
		t.Error("something was made:", got)
	}
	folder(t, base+"/home")
	_, err = workspace.Make(t.Context(), request(t, base, "/home/workspaces/{id}", ""))
	must(t, err)
}
