package auth

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"uratori/internal/fault"
	"uratori/internal/phrase"
	"uratori/sheets/auth/authtest"
)

// answers are what a token server can do wrong. Each repeats every secret
// that it was sent, as a hostile or a chatty one may.
func answers() map[string]struct {
	answer http.HandlerFunc
	kind   fault.Kind
	key    string
} {
	reply := func(status int, contentType, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", contentType)
			if status/100 == 3 {
				w.Header().Set("Location", "/elsewhere?"+r.PostForm.Encode())
			}
			w.WriteHeader(status)
			_, _ = io.WriteString(w, strings.ReplaceAll(body, "SECRETS", fmt.Sprint(r.PostForm)))
		}
	}
	raw := func(answer func(form string) string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			c, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				panic(err)
			}
			_, _ = c.Write([]byte(answer(r.PostForm.Encode())))
			_ = c.Close()
		}
	}
	const js, page = "application/json", "text/html"
	type row = struct {
		answer http.HandlerFunc
		kind   fault.Kind
		key    string
	}
	return map[string]row{
		"500":            {reply(500, js, `{"error":"SECRETS"}`), fault.Unavailable, "auth.server_down"},
		"500 with grant": {reply(500, js, `{"error":"invalid_grant"}`), fault.Unavailable, "auth.server_down"},
		"503 page":       {reply(503, page, `<h1>SECRETS</h1>`), fault.Unavailable, "auth.server_down"},
		"429":            {reply(429, js, `{"error":"rate_limit_exceeded","error_description":"SECRETS"}`), fault.Unavailable, "auth.server_down"},
		"400 page":       {reply(400, page, `<h1>SECRETS</h1>`), fault.Failed, "auth.refused"},
		"400 unknown":    {reply(400, js, `{"error":"SECRETS","error_description":"SECRETS"}`), fault.Failed, "auth.refused"},
		"400 scope":      {reply(400, js, `{"error":"invalid_scope","error_uri":"SECRETS"}`), fault.Failed, "auth.refused"},
		"403 object":     {reply(403, js, `{"error":{"message":"SECRETS"}}`), fault.Failed, "auth.refused"},
		"407":            {reply(407, page, `SECRETS`), fault.Failed, "auth.refused"},
		"200 error":      {reply(200, js, `{"error":"invalid_request","error_description":"SECRETS"}`), fault.Failed, "auth.refused"},
		"200 page":       {reply(200, page, `<h1>Log in to the network</h1>SECRETS`), fault.Unavailable, "auth.not_a_token"},
		"200 empty":      {reply(200, js, ``), fault.Unavailable, "auth.not_a_token"},
		"200 null":       {reply(200, js, `null`), fault.Unavailable, "auth.not_a_token"},
		"200 list":       {reply(200, js, `["SECRETS"]`), fault.Unavailable, "auth.not_a_token"},
		"200 no end":     {reply(200, js, `{"access_token":"x"}`), fault.Unavailable, "auth.not_a_token"},
		"200 odd end":    {reply(200, js, `{"access_token":"x","expires_in":"SECRETS"}`), fault.Unavailable, "auth.not_a_token"},
		"200 object end": {reply(200, js, `{"access_token":"x","expires_in":{"SECRETS":1}}`), fault.Unavailable, "auth.not_a_token"},
		"200 no token":   {reply(200, js, `{"expires_in":3600,"x":"SECRETS"}`), fault.Unavailable, "auth.not_a_token"},
		"200 two lines":  {reply(200, js, `{"access_token":"x\r\ny","expires_in":3600}`), fault.Unavailable, "auth.not_a_token"},
		"200 other type": {reply(200, js, `{"access_token":"x","token_type":"SECRETS","expires_in":3600}`), fault.Unavailable, "auth.not_a_token"},
		"200 10 MB":      {reply(200, js, `{"access_token":"x","expires_in":3600,"y":"`+strings.Repeat("z", 10<<20)+`SECRETS"}`), fault.Unavailable, "auth.not_a_token"},
		"200 blanks":     {reply(200, js, `{"access_token":"x","expires_in":3600}`+strings.Repeat(" ", 2<<20)), fault.Unavailable, "auth.not_a_token"},
		"400 10 MB":      {reply(400, js, `{"error":"invalid_grant","y":"`+strings.Repeat("z", 10<<20)+`SECRETS"}`), fault.Failed, "auth.refused"},
		"other scope":    {reply(200, js, `{"access_token":"x","expires_in":3600,"scope":"openid"}`), fault.Failed, "auth.scope_missing"},
		"redirect 302":   {reply(302, page, `SECRETS`), fault.Unavailable, "auth.not_a_token"},
		"redirect 307":   {reply(307, page, `SECRETS`), fault.Unavailable, "auth.not_a_token"},
		"redirect 308":   {reply(308, page, `SECRETS`), fault.Unavailable, "auth.not_a_token"},
		"hangs up":       {raw(func(string) string { return "" }), fault.Unavailable, "auth.unreachable"},
		"not HTTP":       {raw(func(form string) string { return form + "\r\n\r\n" }), fault.Unavailable, "auth.unreachable"},
		"odd status":     {raw(func(form string) string { return "HTTP/1.1 " + form + "\r\n\r\n" }), fault.Unavailable, "auth.unreachable"},
		"odd header":     {raw(func(form string) string { return "HTTP/1.1 200 OK\r\n" + form + "\r\n\r\n" }), fault.Unavailable, "auth.unreachable"},
		"odd location": {raw(func(form string) string {
			return "HTTP/1.1 307 X\r\nContent-Length: 0\r\nLocation: http://[" + form + "\r\n\r\n"
		}), fault.Unavailable, "auth.not_a_token"},
		"cut off": {raw(func(form string) string { return "HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n" + form }), fault.Unavailable, "auth.unreachable"},
		"odd gzip": {raw(func(form string) string {
			return "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n" + form
		}), fault.Unavailable, "auth.unreachable"},
		"slow": {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, fault.Unavailable, "auth.unreachable"},
	}
}

func TestToken_WhateverTheServerAnswers_TheKindIsRightAndNothingLeaks(t *testing.T) {
	// net/http writes what a server sends unasked into the log.
	var logged bytes.Buffer
	log.SetOutput(&logged)
	defer log.SetOutput(os.Stderr)
	defer func() {
		if logged.Len() > 0 {
			t.Errorf("the log has %s", &logged)
		}
	}()
	server := authtest.New(t)
	server.Change(short)
	account, user, client := source(t, server), source(t, server), signedIn(t, server)
	server.WriteServiceAccount(account.Credentials)
	server.WriteAuthorizedUser(user.Credentials)
	for name, tc := range answers() {
		t.Run(name, func(t *testing.T) {
			server.Change(func(b *authtest.Behaviour) { b.Token = tc.answer })
			account, user, client := account, user, client
			for _, s := range []*Source{&account, &user, &client} {
				patient := *server.Client()
				if name == "slow" {
					patient.Timeout = 50 * time.Millisecond
				}
				s.HTTP = &patient
				before := kept(t, client)
				_, err := opened(t, *s).Token()
				wantFault(t, err, tc.kind, tc.key)
				wantNoSecret(t, server, all(err))
				if kept(t, client) != before {
					t.Error("a failed renewal changed the token file")
				}
			}
			before := kept(t, client)
			err := SignIn(t.Context(), client, phrase.Japanese, server.Show)
			wantFault(t, err, tc.kind, tc.key)
			wantNoSecret(t, server, all(err))
			if kept(t, client) != before {
				t.Error("a failed sign-in changed the token file")
			}
		})
	}
}

func TestToken_AServerThatCannotBeReached_SaysWhy(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // closed at once
	if err != nil {
		t.Fatal(err)
	}
	refusing := closed.Addr().String()
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	strangers := httptest.NewUnstartedServer(http.NotFoundHandler())
	strangers.Config.ErrorLog = log.New(io.Discard, "", 0) // the handshake that is meant to fail
	strangers.StartTLS()
	defer strangers.Close()
	for name, tc := range map[string]struct {
		transport http.RoundTripper
		key       string
	}{
		"unknown name": {failing{&net.DNSError{Name: "x", Err: planted, IsNotFound: true}}, "auth.cause_name"},
		"slow":         {failing{context.DeadlineExceeded}, "auth.cause_slow"},
		"odd":          {failing{errors.New(planted)}, "auth.cause_broken"},
		"certificate":  {to{strangers.URL}, "auth.cause_certificate"},
		"refused":      {to{"http://" + refusing}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			server := authtest.New(t)
			s := source(t, server)
			server.WriteServiceAccount(s.Credentials)
			s.HTTP = &http.Client{Transport: tc.transport}
			_, err := opened(t, s).Token()
			values := valuesOf(t, err, fault.Unavailable, "auth.unreachable")
			if values["server"] != strings.TrimPrefix(server.URL, "http://") || strings.Contains(all(err), planted) {
				t.Error(all(err))
			}
			why, ok := errors.AsType[*fault.Error](errors.Unwrap(err))
			if ok && why.Key != tc.key || !ok && tc.key != "" {
				t.Errorf("%v", err)
			}
		})
	}
}

type failing struct{ err error }

func (f failing) RoundTrip(*http.Request) (*http.Response, error) { return nil, f.err }

// to asks another server in the place of the one that is meant.
type to struct{ url string }

func (t to) RoundTrip(r *http.Request) (*http.Response, error) {
	other, err := http.NewRequestWithContext(r.Context(), r.Method, t.url, http.NoBody)
	if err != nil {
		return nil, err
	}
	return (&http.Transport{DisableKeepAlives: true}).RoundTrip(other)
}

func TestToken_CtxEnds_TheRequestEnds(t *testing.T) {
	server := authtest.New(t)
	arrived := make(chan struct{})
	server.Change(func(b *authtest.Behaviour) {
		b.Token = http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			close(arrived)
			<-r.Context().Done()
		})
	})
	s := source(t, server)
	server.WriteServiceAccount(s.Credentials)
	ctx, cancel := context.WithCancel(t.Context())
	tokens, _, err := Open(ctx, s)
	if err != nil {
		t.Fatal(err)
	}
	failed := make(chan error)
	go func() { _, err := tokens.Token(); failed <- err }()
	<-arrived
	cancel()
	err = <-failed
	wantFault(t, err, fault.Unavailable, "auth.interrupted")
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestToken_ARefusedClient_IsToldInWords(t *testing.T) {
	for _, code := range []string{"invalid_client", "unauthorized_client", "deleted_client", "disabled_client"} {
		server := authtest.New(t)
		server.Change(short)
		s := signedIn(t, server)
		answering(401, `{"error":"`+code+`","error_description":"The OAuth client was deleted."}`)(server)
		_, err := opened(t, s).Token()
		if values := valuesOf(t, err, fault.Failed, "auth.client_refused"); values["code"] != code {
			t.Error(values)
		}
	}
}
