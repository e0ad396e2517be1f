package auth

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"uratori/internal/fault"
	"uratori/internal/phrase"
	"uratori/sheets/auth/authtest"
)

func TestSignIn_AsksForWhatIsNeededAndNoMore(t *testing.T) {
	server := authtest.New(t)
	s := source(t, server)
	server.WriteClient(s.Credentials)
	seen := map[string]bool{}
	for range 2 {
		err := SignIn(t.Context(), s, phrase.English, func(address string) error {
			u, err := url.Parse(address)
			if err != nil {
				return err
			}
			q := u.Query()
			for name, want := range map[string]string{
				"scope": Scope, "response_type": "code", "access_type": "offline", "prompt": "consent", "code_challenge_method": "S256",
			} {
				if q.Get(name) != want {
					t.Errorf("%s: %s", name, q.Get(name))
				}
			}
			back, err := url.Parse(q.Get("redirect_uri"))
			if err != nil || back.Hostname() != "127.0.0.1" || back.Path != "/" {
				t.Errorf("%s %v", back, err)
			}
			for _, name := range []string{"state", "code_challenge"} {
				if v := q.Get(name); seen[v] || len(v) < 22 {
					t.Errorf("%s %s is not new or too short", name, v)
				}
				seen[q.Get(name)] = true
			}
			wantNoSecret(t, server, address)
			return server.Show(address)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	k := kept(t, s)
	if k.RefreshToken == "" || !server.Accepts(k.AccessToken) || server.Exchanges() != 2 {
		t.Errorf("%+v", k)
	}
}

func knock(t testing.TB, client *http.Client, r *http.Request) (status int, header http.Header, body string) {
	t.Helper()
	response, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close() //nolint:errcheck // only read
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, response.Header, string(raw)
}

func TestSignIn_TheDoorOpensForTheOneAnswerAlone(t *testing.T) {
	for _, lang := range []phrase.Lang{phrase.English, phrase.Japanese} {
		server := authtest.New(t)
		s := source(t, server)
		server.WriteClient(s.Credentials)
		err := SignIn(t.Context(), s, lang, func(address string) error {
			u, err := url.Parse(address)
			if err != nil {
				return err
			}
			door, state := u.Query().Get("redirect_uri"), u.Query().Get("state")
			good := url.Values{"state": {state}, "code": {"4/made-up"}}.Encode()
			for name, tc := range map[string]struct {
				method, path, query, host string
				status                    int
			}{
				"other host":       {"GET", "", good, "evil.example", 421},
				"rebound host":     {"GET", "", good, "127.0.0.1.evil.example:" + port(door), 421},
				"other port":       {"GET", "", good, "127.0.0.1:1", 421},
				"no port":          {"GET", "", good, "127.0.0.1", 421},
				"other path":       {"GET", "favicon.ico", good, "", 404},
				"dotted path":      {"GET", "x/%2e%2e/", good, "", 404},
				"post":             {"POST", "", good, "", 405},
				"head":             {"HEAD", "", good, "", 405},
				"options":          {"OPTIONS", "", good, "", 405},
				"nothing":          {"GET", "", "", "", 400},
				"no state":         {"GET", "", "code=x", "", 400},
				"empty state":      {"GET", "", "code=x&state=", "", 400},
				"wrong state":      {"GET", "", "code=x&state=" + strings.ToLower(state), "", 400},
				"longer state":     {"GET", "", "code=x&state=" + state + "x", "", 400},
				"shorter state":    {"GET", "", "code=x&state=" + state[1:], "", 400},
				"two states":       {"GET", "", good + "&state=" + state, "", 400},
				"no code":          {"GET", "", "state=" + state, "", 400},
				"two codes":        {"GET", "", good + "&code=x", "", 400},
				"code and error":   {"GET", "", good + "&error=access_denied", "", 400},
				"denied by others": {"GET", "", "error=access_denied&state=x", "", 400},
				"semicolons":       {"GET", "", "state=" + state + ";code=x", "", 400},
				"broken escapes":   {"GET", "", good + "&%zz", "", 400},
				"script":           {"GET", "", "state=<script>alert(1)</script>&code=<script>", "", 400},
			} {
				r, err := http.NewRequestWithContext(t.Context(), tc.method, door+tc.path+"?"+tc.query, http.NoBody)
				if err != nil {
					t.Fatal(name, err)
				}
				r.Host = tc.host
				status, _, body := knock(t, server.Client(), r)
				if status != tc.status || strings.Contains(body, "script") || strings.Contains(body, state) {
					t.Errorf("%s: %d\n%s", name, status, body)
				}
			}
			status, page, err := server.Visit(address)
			if err != nil || status != 200 || !strings.Contains(page, lang.Say("auth.page_done")) || !strings.Contains(page, `lang="`+string(lang)+`"`) {
				t.Errorf("%d %s %v", status, page, err)
			}
			wantNoSecret(t, server, page)
			// Under the other name too, but it is over.
			for _, door := range []string{door, strings.Replace(door, "127.0.0.1", "localhost", 1)} {
				r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, strings.Replace(door, "localhost", "127.0.0.1", 1)+"?"+good, http.NoBody)
				if err != nil {
					t.Fatal(err)
				}
				r.Host = strings.TrimSuffix(strings.TrimPrefix(door, "http://"), "/")
				status, header, page := knock(t, server.Client(), r)
				if status != http.StatusGone || !strings.Contains(page, lang.Say("auth.page_over")) {
					t.Error(status, page)
				}
				for name, want := range map[string]string{
					"Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
					"Content-Type": "text/html; charset=utf-8",
				} {
					if header.Get(name) != want {
						t.Errorf("%s: %s", name, header.Get(name))
					}
				}
				if !strings.HasPrefix(header.Get("Content-Security-Policy"), "default-src 'none'") {
					t.Error(header)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if server.Exchanges() != 1 {
			t.Errorf("%d codes were brought", server.Exchanges())
		}
	}
}

func port(door string) string {
	u, err := url.Parse(door)
	if err != nil {
		return ""
	}
	return u.Port()
}

func TestSignIn_NotPermitted_NothingIsChanged(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(*authtest.Behaviour)
		key    string
	}{
		"denied":        {func(b *authtest.Behaviour) { b.Deny = "access_denied" }, "auth.denied"},
		"organisation":  {func(b *authtest.Behaviour) { b.Deny = "admin_policy_enforced" }, "auth.sign_in_refused"},
		"hostile error": {func(b *authtest.Behaviour) { b.Deny = "<b>" + planted + "\x1b[0m" }, "auth.sign_in_refused"},
		"unticked":      {func(b *authtest.Behaviour) { b.Scope = "openid email" }, "auth.scope_missing"},
		"not lasting":   {func(b *authtest.Behaviour) { b.NoRefresh = true }, "auth.no_refresh_token"},
		"code refused": {func(b *authtest.Behaviour) {
			b.Token = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusBadRequest)
				_, _ = w.Write([]byte(`{"error":"invalid_grant","error_description":"Malformed auth code."}`))
			})
		}, "auth.code_refused"},
	} {
		t.Run(name, func(t *testing.T) {
			server := authtest.New(t)
			s := signedIn(t, server)
			before := kept(t, s)
			server.Change(tc.change)
			err := SignIn(t.Context(), s, phrase.English, server.Show)
			wantFault(t, err, fault.Failed, tc.key)
			if name == "denied" && !errors.Is(err, ErrDenied) {
				t.Error("not the sentinel")
			}
			wantNoSecret(t, server, all(err))
			if text := all(err); strings.Contains(text, planted) || strings.ContainsRune(text, '\x1b') {
				t.Errorf("%q", text)
			}
			if kept(t, s) != before {
				t.Error("the token file was changed")
			}
		})
	}
}

func TestSignIn_ScopeNotNamedOrWider_IsEnough(t *testing.T) {
	for _, scope := range []string{"", "openid " + Scope, "https://www.googleapis.com/auth/drive"} {
		server := authtest.New(t)
		server.Change(func(b *authtest.Behaviour) { b.Scope = scope })
		signedIn(t, server)
	}
}

func TestSignIn_NobodyComes_EndsWithCtx(t *testing.T) {
	server := authtest.New(t)
	s := source(t, server)
	server.WriteClient(s.Credentials)
	for name, tc := range map[string]struct {
		ctx func() (context.Context, context.CancelFunc)
		key string
	}{
		"deadline": {func() (context.Context, context.CancelFunc) {
			return context.WithTimeout(t.Context(), 50*time.Millisecond)
		}, "auth.nobody_came"},
		"cancelled": {func() (context.Context, context.CancelFunc) { return context.WithCancel(t.Context()) }, "auth.interrupted"},
	} {
		ctx, cancel := tc.ctx()
		var door string
		err := SignIn(ctx, s, phrase.English, func(address string) error {
			u, err := url.Parse(address)
			if err != nil {
				return err
			}
			door = u.Query().Get("redirect_uri")
			// One who says half a sentence holds nothing up.
			c, err := net.Dial("tcp", strings.Trim(strings.TrimPrefix(door, "http://"), "/")) //nolint:noctx // answered at once
			if err != nil {
				return err
			}
			t.Cleanup(func() { _ = c.Close() })
			_, err = c.Write([]byte("GET / HT"))
			if name == "cancelled" {
				cancel()
			}
			return err
		})
		cancel()
		wantFault(t, err, fault.Unavailable, tc.key)
		if c, err := net.Dial("tcp", strings.Trim(strings.TrimPrefix(door, "http://"), "/")); err == nil { //nolint:noctx // refused at once
			t.Error(name, "the port is still open")
			_ = c.Close()
		}
		if _, err := os.Stat(s.TokenFile); err == nil {
			t.Error(name, "a token was kept")
		}
	}
}

func TestSignIn_WithoutSomethingToSignInWith_SaysWhatToDo(t *testing.T) {
	server := authtest.New(t)
	never := func(string) error { t.Error("a person was troubled"); return nil }
	s := source(t, server)

	none := s
	none.Credentials = ""
	wantFault(t, SignIn(t.Context(), none, phrase.English, never), fault.Invalid, "auth.no_client")
	wantFault(t, SignIn(t.Context(), s, phrase.English, never), fault.Invalid, "auth.file_missing")
	server.WriteServiceAccount(s.Credentials)
	err := SignIn(t.Context(), s, phrase.English, never)
	if values := valuesOf(t, err, fault.Invalid, "auth.nothing_to_sign"); values["email"] != server.Email {
		t.Error(values)
	}
	server.WriteAuthorizedUser(s.Credentials)
	wantFault(t, SignIn(t.Context(), s, phrase.English, never), fault.Invalid, "auth.signed_in_by_gcloud")
	if err := os.WriteFile(s.Credentials, []byte(`{"web":{"client_id":"x"}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	wantFault(t, SignIn(t.Context(), s, phrase.English, never), fault.Invalid, "auth.web_client")
	server.WriteClient(s.Credentials)
	s.TokenFile = filepath.Join(s.Credentials, "token")
	wantFault(t, SignIn(t.Context(), s, phrase.English, never), fault.Failed, "auth.token_unwritable")
}

func TestSignIn_ShowFails_ItsErrorIsTold(t *testing.T) {
	server := authtest.New(t)
	s := source(t, server)
	server.WriteClient(s.Credentials)
	broken := errors.New("no browser")
	if err := SignIn(t.Context(), s, phrase.English, func(string) error { return broken }); !errors.Is(err, broken) {
		t.Error(err)
	}
}
