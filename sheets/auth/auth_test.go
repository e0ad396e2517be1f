package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"uratori/internal/fault"
	"uratori/internal/phrase"
	"uratori/sheets/auth/authtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// source names files in a new folder; nothing is written yet.
func source(t testing.TB, server *authtest.Server) Source {
	t.Helper()
	dir := t.TempDir()
	return Source{
		Credentials: filepath.Join(dir, "credentials.json"), TokenFile: filepath.Join(dir, "google-token.json"),
		HTTP: server.Client(), Getenv: func(string) string { return "" },
	}
}

func signedIn(t testing.TB, server *authtest.Server) Source {
	t.Helper()
	s := source(t, server)
	server.WriteClient(s.Credentials)
	if err := SignIn(t.Context(), s, phrase.English, server.Show); err != nil {
		t.Fatal(err)
	}
	return s
}

func opened(t testing.TB, s Source) *Tokens {
	t.Helper()
	tokens, _, err := Open(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return tokens
}

// all is everything that an error can show.
func all(err error) string {
	text := fmt.Sprintf("%v %+v %#v %s", err, err, err, fault.Explain(err, phrase.Japanese))
	for ; err != nil; err = errors.Unwrap(err) {
		if f, ok := err.(*fault.Error); ok { //nolint:errorlint // each link of the chain is looked at
			text += fmt.Sprint(f.Values)
		}
	}
	return text
}

func wantFault(t testing.TB, err error, kind fault.Kind, key string) {
	t.Helper()
	_ = valuesOf(t, err, kind, key)
}

// valuesOf is what the sentence of the fault that is wanted is filled with.
func valuesOf(t testing.TB, err error, kind fault.Kind, key string) map[string]string {
	t.Helper()
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || f.Key != key || f.Kind != kind {
		t.Fatalf("%v, want %s of kind %s", err, key, kind)
	}
	return f.Values
}

func wantNoSecret(t testing.TB, server *authtest.Server, text string) {
	t.Helper()
	for _, secret := range server.Secrets() {
		if strings.Contains(text, secret) {
			t.Errorf("%s shows the secret %s", text, secret)
		}
	}
}

func TestServiceAccount_GivesTokensThatTheServerAccepts(t *testing.T) {
	server := authtest.New(t)
	s := source(t, server)
	server.WriteServiceAccount(s.Credentials)
	tokens, who, err := Open(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if want := (Identity{Kind: ServiceAccount, Email: server.Email}); who != want {
		t.Errorf("%+v", who)
	}
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			if token, err := tokens.Token(); err != nil || !server.Accepts(token.AccessToken) {
				t.Errorf("%v %v", token, err)
			}
		})
	}
	group.Wait()
	if n := server.Assertions(); n != 1 {
		t.Errorf("%d requests for one token", n)
	}
}

func TestServiceAccount_WhatTheServerRefuses_IsToldInWords(t *testing.T) {
	for name, tc := range map[string]struct {
		spoil func(*authtest.Server)
		key   string
	}{
		"key deleted":      {(*authtest.Server).DeleteKey, "auth.key_refused"},
		"account deleted":  {(*authtest.Server).DeleteAccount, "auth.account_gone"},
		"we are late":      {func(s *authtest.Server) { s.Change(func(b *authtest.Behaviour) { b.Clock = 2 * time.Hour }) }, "auth.clock_wrong"},
		"we are early":     {func(s *authtest.Server) { s.Change(func(b *authtest.Behaviour) { b.Clock = -2 * time.Hour }) }, "auth.clock_wrong"},
		"account disabled": {answering(401, `{"error":"disabled_client","error_description":"The OAuth client was disabled."}`), "auth.account_gone"},
		"robot disabled":   {answering(400, `{"error":"invalid_grant","error_description":"Robot is disabled."}`), "auth.account_gone"},
		"no words":         {answering(400, `{"error":"invalid_grant"}`), "auth.key_refused"},
		"API off":          {answering(403, `{"error":"access_denied"}`), "auth.refused"},
	} {
		t.Run(name, func(t *testing.T) {
			server := authtest.New(t)
			s := source(t, server)
			server.WriteServiceAccount(s.Credentials)
			tokens := opened(t, s)
			tc.spoil(server)
			_, err := tokens.Token()
			wantFault(t, err, fault.Failed, tc.key)
			wantNoSecret(t, server, all(err))
		})
	}
}

func answering(status int, body string) func(*authtest.Server) {
	return func(s *authtest.Server) {
		s.Change(func(b *authtest.Behaviour) {
			b.Token = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(status)
				_, _ = w.Write([]byte(body))
			})
		})
	}
}

// An assertion that a tampered file sends astray is worth nothing: it is
// meant for the server that it was sent to, whatever else the file says.
func TestServiceAccount_FieldsThatOtherReadersWouldTake_AreNotRead(t *testing.T) {
	server, thief := authtest.New(t), authtest.New(t)
	s := source(t, server)
	server.WriteServiceAccount(s.Credentials)
	raw, err := os.ReadFile(s.Credentials)
	if err != nil {
		t.Fatal(err)
	}
	more := fmt.Sprintf(`{"audience":"https://oauth2.googleapis.com/token","Token_URI":"%s/token","TOKEN_URI":"%[1]s/token",`, thief.URL)
	if err := os.WriteFile(s.Credentials, append([]byte(more), raw[1:]...), 0o600); err != nil {
		t.Fatal(err)
	}
	if token, err := opened(t, s).Token(); err != nil || !server.Accepts(token.AccessToken) || thief.Assertions() > 0 {
		t.Errorf("%v %v", token, err)
	}
}

func TestAuthorizedUser_IsRefreshedInMemoryAlone(t *testing.T) {
	server := authtest.New(t)
	server.Change(func(b *authtest.Behaviour) { b.Rotate, b.Lifetime = true, time.Second })
	s := source(t, server)
	server.WriteAuthorizedUser(s.Credentials)
	before, _ := os.ReadFile(s.Credentials)
	tokens, who, err := Open(t.Context(), s)
	if err != nil || who.Kind != AuthorizedUser || who.Email != "" {
		t.Fatal(who, err)
	}
	for range 3 {
		if token, err := tokens.Token(); err != nil || !server.Accepts(token.AccessToken) {
			t.Fatal(token, err)
		}
	}
	if after, _ := os.ReadFile(s.Credentials); string(after) != string(before) {
		t.Error("the file of gcloud was changed")
	}
	server.Revoke()
	_, err = tokens.Token()
	wantFault(t, err, fault.Failed, "auth.gcloud_again")
	wantNoSecret(t, server, all(err))
}

func TestOpen_NoFileNamed_LooksWhereGoogleLooks(t *testing.T) {
	server := authtest.New(t)
	home := t.TempDir()
	gcloud := filepath.Join(home, ".config", "gcloud")
	if err := os.MkdirAll(gcloud, 0o700); err != nil {
		t.Fatal(err)
	}
	named := filepath.Join(home, "named.json")
	environ := map[string]string{"HOME": home}
	s := Source{HTTP: server.Client(), TokenFile: filepath.Join(home, "token.json"), Getenv: func(name string) string { return environ[name] }}
	no, yes := func(context.Context) bool { return false }, func(context.Context) bool { return true }

	_, _, err := open(t.Context(), s, no)
	wantFault(t, err, fault.Invalid, "auth.no_credentials")
	if !errors.Is(err, ErrNoCredentials) {
		t.Error("not the sentinel")
	}
	if _, who, err := open(t.Context(), s, yes); err != nil || who.Kind != Machine {
		t.Error(who, err)
	}
	server.WriteAuthorizedUser(filepath.Join(gcloud, "application_default_credentials.json"))
	if _, who, err := open(t.Context(), s, yes); err != nil || who.Kind != AuthorizedUser {
		t.Error(who, err)
	}
	environ["GOOGLE_APPLICATION_CREDENTIALS"] = named
	_, _, err = open(t.Context(), s, yes)
	wantFault(t, err, fault.Invalid, "auth.file_missing")
	server.WriteServiceAccount(named)
	if _, who, err := open(t.Context(), s, yes); err != nil || who.Kind != ServiceAccount {
		t.Error(who, err)
	}
	for _, strange := range []string{"", "relative", "/dev/null"} {
		environ = map[string]string{"HOME": strange}
		if _, _, err := open(t.Context(), s, no); fault.KindOf(err) != fault.Invalid {
			t.Errorf("HOME=%s: %v", strange, err)
		}
	}
}

// The one test that asks the real search, which remembers its first answer.
func TestMachine_GivesTokensOfItsServiceAccount(t *testing.T) {
	status := http.StatusOK
	metadata := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Metadata-Flavor", "Google")
		if !strings.HasSuffix(r.URL.Path, "/token") {
			return
		}
		if r.URL.Query().Get("scopes") != Scope {
			t.Errorf("asked for %s", r.URL)
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(`{"access_token":"ya29.machine","expires_in":3600,"token_type":"Bearer"}`))
	}))
	defer metadata.Close()
	t.Setenv("GCE_METADATA_HOST", strings.TrimPrefix(metadata.URL, "http://"))
	t.Setenv("HOME", t.TempDir())
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", "")
	tokens, who, err := Open(t.Context(), Source{})
	if err != nil || who.Kind != Machine {
		t.Fatal(who, err)
	}
	token, err := tokens.Token()
	if err != nil || token.AccessToken != "ya29.machine" {
		t.Fatal(token, err)
	}
	tokens.Refuse("ya29.machine")
	status = http.StatusNotFound
	_, err = tokens.Token()
	wantFault(t, err, fault.Unavailable, "auth.machine")
	if strings.Contains(all(err), "ya29") {
		t.Error(err)
	}
}
