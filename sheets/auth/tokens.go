package auth

import (
	"bytes"
	"cmp"
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/oauth2"

	"uratori/internal/fault"
)

// Tokens gives access tokens. It is an oauth2.TokenSource and safe for use
// by many goroutines; those that need a new token at the same time share one
// request.
type Tokens struct {
	mu      sync.Mutex
	current *oauth2.Token
	refused string
	fetch   func(refused string) (*oauth2.Token, error)
}

// Token is a token that has some time left. It may ask the token server, as
// long as the client's time limit. Errors are faults: of kind Unavailable
// when the server could not be asked, Invalid when others can read the token
// file, else Failed, as [ErrSignInAgain].
func (t *Tokens) Token() (*oauth2.Token, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.current.Valid() {
		token, err := t.fetch(t.refused)
		if err != nil {
			return nil, err
		}
		t.current = token
	}
	// A copy, and of the access token alone: the refresh token stays here.
	return &oauth2.Token{AccessToken: t.current.AccessToken, TokenType: "Bearer", Expiry: t.current.Expiry}, nil
}

// Refuse tells that the API did not accept the access token (401), although
// it has time left, as after a person withdrew the permission. The next call
// of Token gets another one, or says why there is none. Put a cache such as
// oauth2.ReuseTokenSource (oauth2.NewClient has one) in front of t and this
// has no effect; an oauth2.Transport alone has none.
func (t *Tokens) Refuse(access string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.refused = access
	if t.current != nil && t.current.AccessToken == access {
		t.current = nil
	}
}

const (
	patience     = 30 * time.Second
	longestReply = 1 << 20
)

// ask has the oauth2 package send a request to a token server, and judges
// what came of it. The package's own errors are not used: they hold the
// answer of the server, or have lost their cause. refused words a refusal,
// nil where it has no words of its own.
func (s Source) ask(
	ctx context.Context, server string, refused func(reply) error, request func(context.Context) (*oauth2.Token, error),
) (*oauth2.Token, error) {
	next, limit := http.DefaultTransport, patience
	if s.HTTP != nil {
		next, limit = cmp.Or(s.HTTP.Transport, next), cmp.Or(s.HTTP.Timeout, limit)
	}
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	seen := &witness{ctx: limited, next: next}
	client := &http.Client{
		Transport: seen,
		// A redirect would carry the secrets in the form somewhere else.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	token, err := request(context.WithValue(limited, oauth2.HTTPClient, client))
	switch {
	case err == nil && usable(token):
		if !permits(token) {
			return nil, fault.New(fault.Failed, "auth.scope_missing", "scope", Scope)
		}
		return token, nil
	case ctx.Err() != nil:
		return nil, fault.New(fault.Unavailable, "auth.interrupted").Wrap(ctx.Err())
	case seen.reply.status == 0:
		return nil, fault.New(fault.Unavailable, "auth.unreachable", "server", server).Wrap(cause(seen.err))
	}
	return nil, judge(server, seen.reply, refused)
}

// witness keeps what a token server answered, or why it did not.
type witness struct {
	ctx   context.Context // requests of a service account come without one
	next  http.RoundTripper
	reply reply
	err   error
}

func (w *witness) RoundTrip(r *http.Request) (*http.Response, error) {
	w.reply, w.err = reply{}, nil
	r = r.Clone(w.ctx)
	// On a connection that is kept, net/http would log what the server sends
	// unasked, and that may be the secrets that it was sent.
	r.Close = true
	response, err := w.next.RoundTrip(r)
	if err != nil {
		w.err = err
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, longestReply+1))
	_ = response.Body.Close() // all that is wanted was read
	if err != nil {
		w.err = err
		return nil, err
	}
	if len(body) > longestReply {
		body = nil // no answer of a token server, whatever it begins with
	}
	w.reply = newReply(response.StatusCode, body)
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, nil
}

// usable tells whether a token can be sent in a header and has an end; one
// without would never be renewed.
func usable(t *oauth2.Token) bool {
	strange := func(r rune) bool { return r <= ' ' || r > '~' }
	return t.AccessToken != "" && !strings.ContainsFunc(t.AccessToken+t.RefreshToken, strange) &&
		t.Type() == "Bearer" && !t.Expiry.IsZero()
}

// permits tells whether a token opens spreadsheets, as far as the server
// says what it is for. People can untick a permission.
func permits(t *oauth2.Token) bool {
	scopes, ok := t.Extra("scope").(string)
	return !ok || scopes == "" || slices.ContainsFunc(strings.Fields(scopes), func(scope string) bool {
		return scope == Scope || scope == "https://www.googleapis.com/auth/drive"
	})
}
