package cli

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"uratori/internal/phrase"
	"uratori/sheets"
	"uratori/sheets/auth/authtest"
	"uratori/sheets/local"
)

// browser visits the address as soon as it is shown, while the command waits.
func (d *desk) browser(server *authtest.Server) (page func() string) {
	visited := make(chan string, 1)
	d.seen = func(address string) {
		go func() {
			_, page, err := server.Visit(address)
			if err != nil {
				page = err.Error()
			}
			visited <- page
		}()
	}
	return func() string { return <-visited }
}

func noSecrets(t *testing.T, server *authtest.Server, text string) {
	t.Helper()
	for _, secret := range server.Secrets() {
		if strings.Contains(text, secret) {
			t.Errorf("a secret is shown:\n%s", text)
		}
	}
}

func TestInitGoogle_SignsIn_NotesTheClient_AndLeavesTheRestOfTheSettings(t *testing.T) {
	for lang, words := range map[phrase.Lang][]string{
		phrase.English:  {"verified: you are signed in", "uratori init --spreadsheet URL", "Open this address"},
		phrase.Japanese: {"検証済み: サインインしました", "uratori init --spreadsheet URL", "ブラウザー"},
	} {
		server := authtest.New(t)
		d := newDesk(t)
		d.lang = lang
		d.settings(ownSettings)
		client := filepath.Join(t.TempDir(), "client.json")
		server.WriteClient(client)
		page := d.browser(server)
		t.Chdir(filepath.Dir(client))
		e := d.run("init", "--google", "--credentials", "client.json")
		d.must(e, 0, words...)
		if got := page(); !strings.Contains(got, lang.Say("auth.page_done")) {
			t.Error(got)
		}
		if got, want := d.file(d.home.Config()), strings.Replace(ownSettings, "[tracker]\n", "[tracker]\ncredentials = \""+client+"\"\n", 1); got != want {
			t.Errorf("%s", got)
		}
		if info, err := os.Stat(sheets.TokenFile(d.home)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v %v", info, err)
		}
		noSecrets(t, server, e.all())

		// Again, with the client that the settings name, for a program.
		page = d.browser(server)
		before := d.file(d.home.Config())
		e = d.run("init", "--google", "--json")
		page()
		var s signedIn
		if err := json.Unmarshal([]byte(e.out), &s); err != nil || s.Verdict != "verified" || s.TokenFile != sheets.TokenFile(d.home) || e.code != 0 {
			t.Errorf("%v %+v\n%s", err, s, e.all())
		}
		if d.file(d.home.Config()) != before {
			t.Error("the settings changed")
		}
	}
}

func TestInitGoogle_WhatIsNoSignIn_ChangesNothing(t *testing.T) {
	type setting struct {
		server *authtest.Server
		desk   *desk
		client string
	}
	for name, tc := range map[string]struct {
		prepare func(s setting)
		flags   []string
		code    int
		words   []string
	}{
		"a service account": {func(s setting) { s.server.WriteServiceAccount(s.client) }, nil, 2, []string{"needs no sign-in", "uratori@authtest.iam.gserviceaccount.com"}},
		"gcloud's":          {func(s setting) { s.server.WriteAuthorizedUser(s.client) }, nil, 2, []string{"gcloud"}},
		"no file":           {func(s setting) { _ = os.Remove(s.client) }, nil, 2, []string{"client.json is not there"}},
		"shared file":       {func(s setting) { _ = os.Chmod(s.client, 0o640) }, nil, 2, []string{"chmod 600"}}, //nolint:gosec // the mode that is refused
		"another variable":  {func(s setting) { s.desk.env["URATORI_TRACKER_CREDENTIALS"] = "/k" }, nil, 4, []string{"URATORI_TRACKER_CREDENTIALS"}},
		"a no":              {func(s setting) { s.server.Change(func(b *authtest.Behaviour) { b.Deny = "access_denied" }) }, nil, 1, []string{"denied on Google's page; nothing was changed"}},
		"no scope":          {func(s setting) { s.server.Change(func(b *authtest.Behaviour) { b.Scope = "openid" }) }, nil, 1, []string{"tick it"}},
		"nobody":            {func(s setting) { s.desk.seen = func(string) {} }, []string{"--timeout", "50ms"}, 3, []string{"nobody finished the sign-in in time"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := setting{authtest.New(t), newDesk(t), filepath.Join(t.TempDir(), "client.json")}
			s.server.WriteClient(s.client)
			s.desk.settings(ownSettings)
			s.desk.browser(s.server)
			tc.prepare(s)
			e := s.desk.run(append([]string{"init", "--google", "--credentials", s.client}, tc.flags...)...)
			s.desk.must(e, tc.code, tc.words...)
			if got := s.desk.file(s.desk.home.Config()); got != ownSettings || s.desk.file(sheets.TokenFile(s.desk.home)) != "" {
				t.Errorf("something was written:\n%s", got)
			}
			noSecrets(t, s.server, e.all())
		})
	}
}

func TestInitGoogle_CtrlC_EndsItCleanly(t *testing.T) {
	server, d := authtest.New(t), newDesk(t)
	client := filepath.Join(t.TempDir(), "client.json")
	server.WriteClient(client)
	ctx, cancel := context.WithCancel(t.Context())
	var address string
	d.seen = func(a string) { address = a; cancel() }
	d.must(d.runIn(ctx, "init", "--google", "--credentials", client), 3, "interrupted")
	if d.file(d.home.Config())+d.file(sheets.TokenFile(d.home)) != "" {
		t.Error("something was written")
	}
	if _, _, err := server.Visit(address); err == nil {
		t.Error("the door is still open")
	}
}

func TestInitGoogle_OpensABrowserWhereThereIsADisplay_AndNeverFailsBecauseOfIt(t *testing.T) {
	bin := t.TempDir()
	told := filepath.Join(bin, "told")
	for name, text := range map[string]string{"xdg-open": `: > "$TOLD.first"; exit 3`, "wslview": `printf %s "$1" > "$TOLD.part" && mv "$TOLD.part" "$TOLD"`} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"+text+"\n"), 0o700); err != nil { //nolint:gosec // a program
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	server, d := authtest.New(t), newDesk(t)
	client := filepath.Join(t.TempDir(), "client.json")
	server.WriteClient(client)
	d.env["DISPLAY"], d.env["TOLD"], d.env["PATH"] = ":0", told, os.Getenv("PATH")
	result := make(chan ended, 1)
	go func() { result <- d.run("init", "--google", "--credentials", client) }()
	var address string
	for address == "" { // the test's own limit ends it
		select {
		case e := <-result:
			t.Fatalf("ended without a browser: %s", e.all())
		case <-time.After(2 * time.Millisecond):
			address = d.file(told)
		}
	}
	if _, _, err := server.Visit(address); err != nil {
		t.Error(err)
	}
	d.must(<-result, 0, "you are signed in")
	if _, err := os.Stat(told + ".first"); err != nil {
		t.Errorf("xdg-open was not tried: %v", err)
	}
}

// google stands for Google: its Sheets interface is a book that asks for a
// token, everything else is as it was.
type google struct {
	book   *book
	server *authtest.Server
	next   http.RoundTripper

	mu     sync.Mutex
	status int // instead of an answer
}

func (g *google) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Host != "sheets.googleapis.com" {
		return g.next.RoundTrip(r)
	}
	g.mu.Lock()
	status := g.status
	g.mu.Unlock()
	if !g.server.Accepts(r.Header.Get("Authorization")) {
		status = http.StatusUnauthorized
	}
	if status == 0 {
		r = r.Clone(r.Context())
		r.URL.Path = strings.Replace(r.URL.Path, "1AbC", local.Book, 1)
		return g.book.way.RoundTrip(r)
	}
	w := httptest.NewRecorder()
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"error":{"code":%d,"message":"The caller does not have permission"}}`, status)
	answer := w.Result()
	answer.Request = r
	return answer, nil
}

// atGoogle is a desk whose Google is a test's.
func atGoogle(t *testing.T) (*desk, *google) {
	t.Helper()
	g := &google{book: newBook(t, "ID", "概要", "詳細"), server: authtest.New(t), next: http.DefaultTransport}
	http.DefaultTransport = g
	t.Cleanup(func() { http.DefaultTransport = g.next })
	d := newDesk(t)
	d.settings(ownSettings)
	return d, g
}

func TestInitSpreadsheet_AServiceAccountIsNotLetIn_TellsWhomToShareWith(t *testing.T) {
	d, g := atGoogle(t)
	key := filepath.Join(t.TempDir(), "key.json")
	g.server.WriteServiceAccount(key)
	g.status = http.StatusForbidden
	args := []string{"init", "--spreadsheet", "1AbC", "--credentials", key, "--yes"}
	e := d.run(args...)
	d.must(e, 3, "share the spreadsheet with "+g.server.Email)
	if got := d.file(d.home.Config()); got != ownSettings {
		t.Error(got)
	}
	g.status = http.StatusNotFound
	d.must(d.run(args...), 3, "no spreadsheet 1AbC")
	g.status = 0
	e = d.run(args...)
	d.must(e, 0, "shared with "+g.server.Email, "verified")
	noSecrets(t, g.server, e.all())
	if got := d.tracker(); got.Credentials != key || got.Spreadsheet != "1AbC" || got.Sheet != "チケット" {
		t.Errorf("%+v", got)
	}
	g.server.DeleteKey()
	d.must(d.run(args...), 1, "does not accept the key of "+g.server.Email)
}

func TestInitSpreadsheet_ASignInThatExpiredIsRenewed_AndOneThatWasRevokedIsTold(t *testing.T) {
	d, g := atGoogle(t)
	client := filepath.Join(t.TempDir(), "client.json")
	g.server.WriteClient(client)
	connect := []string{"init", "--spreadsheet", "https://docs.google.com/spreadsheets/d/1AbC/edit", "--credentials", client, "--yes"}
	d.must(d.run(connect...), 1, "nobody has signed in with Google yet: run `uratori init --google`")

	g.server.Change(func(b *authtest.Behaviour) { b.Lifetime = time.Second }) // renewed at each use
	page := d.browser(g.server)
	d.must(d.run("init", "--google", "--credentials", client), 0)
	page()
	g.server.Change(func(b *authtest.Behaviour) { b.Lifetime = time.Hour })
	d.must(d.run(connect...), 0, "verified")
	if g.server.Refreshes() == 0 {
		t.Error("the token did not expire")
	}

	before := d.file(d.home.Config())
	g.server.Revoke()
	e := d.run(connect...)
	d.must(e, 1, "the sign-in with Google has ended", "uratori init --google")
	noSecrets(t, g.server, e.all())
	if d.file(d.home.Config()) != before {
		t.Error("the settings changed")
	}
	page = d.browser(g.server)
	d.must(d.run("init", "--google"), 0)
	page()
	d.must(d.run(connect...), 0, "verified")
}
