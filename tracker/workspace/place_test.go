package workspace_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"uratori/internal/fault"
	"uratori/internal/phrase"
	"uratori/tracker/workspace"
)

func site(template string) workspace.Site {
	return workspace.Site{Template: template, Home: "/users/me/.local/share/uratori", UserHome: "/users/me"}
}

// refused wants a fault of the kind whose sentences in both languages have
// what a person needs, and no control character.
func refused(t *testing.T, err error, kind fault.Kind, words ...string) {
	t.Helper()
	if err == nil || fault.KindOf(err) != kind {
		t.Fatalf("%v is %s, want %s", err, fault.KindOf(err), kind)
	}
	for _, lang := range []phrase.Lang{phrase.English, phrase.Japanese} {
		sentence := fault.Explain(err, lang)
		if strings.ContainsFunc(sentence, func(r rune) bool { return r < ' ' }) || len(sentence) > 1500 {
			t.Errorf("unfit to be shown: %q", sentence)
		}
		for _, word := range words {
			if !strings.Contains(sentence, word) {
				t.Errorf("no %q in %s", word, sentence)
			}
		}
	}
}

func TestPlace_FillsTheTemplateIn(t *testing.T) {
	t.Parallel()
	for template, want := range map[string]string{
		"{home}/workspaces/{id}":     "/users/me/.local/share/uratori/workspaces/INTG-089",
		"~/work/{id}":                "/users/me/work/INTG-089",
		"/srv/t/ticket-{id}.d/files": "/srv/t/ticket-INTG-089.d/files",
		"/srv/{id}/{id}":             "/srv/INTG-089/INTG-089",
		"/{id}":                      "/INTG-089",
		"/srv//t/./{id}/":            "/srv/t/INTG-089",
		"/課題/{id}":                   "/課題/INTG-089",
		"/a/~/{id}":                  "/a/~/INTG-089",
	} {
		p, err := site(template).Place("INTG-089", "")
		if err != nil || p.Path() != want || p.ID() != "INTG-089" {
			t.Errorf("%s: %s, %v, want %s", template, p.Path(), err, want)
		}
	}
	// Braces in the path of a home are not the template's.
	odd := workspace.Site{Template: "{home}/w/{id}", Home: "/odd/{id}", UserHome: "/u"}
	if p, err := odd.Place("A-1", ""); err != nil || p.Path() != "/odd/{id}/w/A-1" {
		t.Error(p.Path(), err)
	}
}

func TestPlace_BadTemplate_IsRefused(t *testing.T) {
	t.Parallel()
	for _, template := range []string{
		"", "{id}", "w/{id}", "/w", "/w/{ID}", "/w/{user}/{id}", "/w/../{id}", "/w/{id}/..", "/w/{id}/../../x", "{home}{id}",
		"/w/{id}\n", "/w\x00/{id}", "~me/{id}", "/w/{id}/{", "/w/\xff{id}", "{id}/w", "./{id}", strings.Repeat("/..", 5000) + "/{id}",
	} {
		_, err := site(template).Place("A-1", "")
		refused(t, err, fault.Invalid, "tracker.workspace", "{id}")
	}
	for _, s := range []workspace.Site{
		{Template: "~/{id}", Home: "/h"},
		{Template: "{home}/{id}", UserHome: "/u"},
		{Template: "{home}/{id}", Home: "relative", UserHome: "/u"},
	} {
		_, err := s.Place("A-1", "")
		refused(t, err, fault.Invalid, "tracker.workspace")
	}
}

func TestPlace_IDThatIsNoFileName_IsRefused(t *testing.T) {
	t.Parallel()
	for _, id := range []string{
		"", ".", "..", "../x", "a/b", "/etc", "a\x00b", "a\nb", "a\x1b[2J", " a", "a b", "-rf", ".git", "_a", "\u202egpj", "ＩＮＴＧ-1", "INTG-１",
		"課題1", "a\\b", "~", "a:b", "*", "{id}", "=1+1", "\xff\xfe", "é", strings.Repeat("a", 101), strings.Repeat("a", 300), strings.Repeat("\x00", 1<<20), "a\n",
	} {
		_, err := site("/w/{id}").Place(id, "")
		refused(t, err, fault.Invalid, "100")
		_, err = site("/w/{id}").Place(id, "/tmp/mine")
		refused(t, err, fault.Invalid, "100")
	}
	for _, id := range []string{"A", "0", "INTG-089", "a.b_c-d", "a..b", strings.Repeat("a", 100)} {
		if _, err := site("/w/{id}").Place(id, ""); err != nil {
			t.Error(err)
		}
	}
}

func TestPlace_WhatTheUserNamed_WinsOverTheTemplate(t *testing.T) {
	t.Parallel()
	for named, want := range map[string]string{
		"/srv/mine":     "/srv/mine",
		"/srv/mine/":    "/srv/mine",
		"/srv//./mine":  "/srv/mine",
		"~/mine":        "/users/me/mine",
		"/srv/{id}":     "/srv/A-1", // of a project, for each of its tickets
		"/srv/w{id}/n":  "/srv/wA-1/n",
		"/srv/...":      "/srv/...",
		"/srv/日 本":      "/srv/日 本",
		"~/.local/x":    "/users/me/.local/x",
		"/users/me-too": "/users/me-too",
		"/users/me/.local/share/uratori/workspaces/mine": "/users/me/.local/share/uratori/workspaces/mine",
	} {
		p, err := site("{home}/workspaces/{id}").Place("A-1", named)
		if err != nil || p.Path() != want {
			t.Errorf("%s: %s, %v", named, p.Path(), err)
		}
	}
	if _, err := site("broken").Place("A-1", "/srv/mine"); err != nil {
		t.Error("a broken template was in the way:", err)
	}
	for _, named := range []string{"mine", "./mine", "/", "//", "/.", "/a/..", "/a/../b", "~", "~you/x", "/a\x00b", "/a\x1bb", "\xff", " /a", "/a/{id}/{x}", "/a/../{id}", "{id}"} {
		_, err := site("/w/{id}").Place("A-1", named)
		refused(t, err, fault.Invalid, "~/")
	}
}

func TestPlace_NamedFolder_KeepsOutOfTheHome(t *testing.T) {
	t.Parallel()
	const home = "/users/me/.local/share/uratori"
	for _, template := range []string{"{home}/workspaces/{id}", "{home}/{id}", "/w/{id}", "broken"} {
		for _, named := range []string{home, home + "/", home + "/run", home + "/run/x", home + "/workspaces", "~/.local/share/uratori/tasks/x"} {
			_, err := site(template).Place("A-1", named)
			refused(t, err, fault.Invalid, home)
		}
	}
	_, err := site("/w/{id}").Place("A-1", home+"/workspaces/x")
	refused(t, err, fault.Invalid, home)
}

func TestPlace_IsNeverOutsideOfItsRoot(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		template := rapid.StringMatching(`(/|\{home\}/|~/)([a-z.]{1,3}/){0,3}[a-z.]{0,2}\{id\}[a-z.]{0,2}(/[a-z.]{0,3}){0,3}`).Draw(t, "template")
		id := rapid.OneOf(rapid.String(), rapid.StringMatching(`[A-Za-z0-9._/-]{0,6}`)).Draw(t, "id")
		p, err := site(template).Place(id, "")
		if err != nil {
			return
		}
		root := strings.NewReplacer("{home}", "/users/me/.local/share/uratori", "~/", "/users/me/").Replace(template[:strings.Index(template, "{id}")])
		root = filepath.Clean(root[:strings.LastIndexByte(root, '/')+1])
		rel, err := filepath.Rel(root, p.Path())
		if err != nil || !filepath.IsLocal(rel) || rel == "." || !strings.Contains(rel, id) {
			t.Fatalf("%s for %q in %s", p.Path(), id, root)
		}
	})
}

func TestEnv_TellsTicketAndFolder(t *testing.T) {
	t.Parallel()
	p, err := site("/w/{id}").Place("A-1", "")
	if want := []string{"TRACKER_ID=A-1", "TRACKER_WORKSPACE=/w/A-1"}; err != nil || !slices.Equal(p.Env(), want) {
		t.Error(p.Env(), err)
	}
}
