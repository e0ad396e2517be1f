package auth

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"

	"golang.org/x/oauth2"

	"uratori/internal/fault"
	"uratori/internal/phrase"
)

// SignIn has a person permit an installed app to use their spreadsheets, and
// keeps what was permitted in s.TokenFile, whatever was there before.
//
// show is called once with the address that the person must open in a
// browser on this machine, and should return; the browser then comes back to
// a port of 127.0.0.1, where it is answered in lang. ctx is the time that the
// person has.
//
// Errors are faults: of kind Invalid when there is nothing to sign in with,
// Unavailable when nobody came back or the token server could not be asked,
// else Failed, [ErrDenied] among them. An error of show is wrapped.
func SignIn(ctx context.Context, s Source, lang phrase.Lang, show func(address string) error) error {
	c, err := s.installed()
	if err != nil {
		return err
	}
	g, err := newGrant(s, c)
	if err != nil {
		return err
	}
	// Known before a person is troubled: the folder can be written.
	unlock, err := g.lock(ctx)
	if err != nil {
		return err
	}
	unlock()
	token, err := g.permitted(ctx, lang, show)
	if err != nil {
		return err
	}
	if unlock, err = g.lock(ctx); err != nil {
		return err
	}
	defer unlock()
	return g.write(*g.save(token))
}

// installed is the OAuth client to sign in with.
func (s Source) installed() (*credentials, error) {
	path, err := s.find()
	if err != nil {
		return nil, err
	}
	if path == "" {
		return nil, fault.New(fault.Invalid, "auth.no_client")
	}
	c, err := readCredentials(path)
	if err != nil {
		return nil, err
	}
	switch c.kind {
	case ServiceAccount:
		return nil, fault.New(fault.Invalid, "auth.nothing_to_sign", "email", c.email)
	case AuthorizedUser:
		return nil, fault.New(fault.Invalid, "auth.signed_in_by_gcloud", "file", shown(path))
	}
	return c, nil
}

// permitted asks the person and gets the token.
func (g *grant) permitted(ctx context.Context, lang phrase.Lang, show func(string) error) (*oauth2.Token, error) {
	var listen net.ListenConfig
	listener, err := listen.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fault.New(fault.Failed, "auth.no_port").Wrap(cause(err))
	}
	state, verifier := rand.Text(), oauth2.GenerateVerifier()
	// A copy: the port is this sign-in's own.
	client := g.client.client
	client.RedirectURL = fmt.Sprintf("http://%s/", listener.Addr())

	door := openDoor(listener, state, lang)
	defer door.close()
	// Without consent asked for anew, Google gives no refresh token to an
	// app that has one already.
	err = show(client.AuthCodeURL(state, oauth2.AccessTypeOffline, oauth2.S256ChallengeOption(verifier),
		oauth2.SetAuthURLParam("prompt", "consent")))
	if err != nil {
		return nil, fmt.Errorf("show the address of the sign-in: %w", err)
	}
	var came answer
	select {
	case came = <-door.answer:
	case <-ctx.Done():
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return nil, fault.New(fault.Unavailable, "auth.nobody_came")
		}
		return nil, fault.New(fault.Unavailable, "auth.interrupted").Wrap(ctx.Err())
	}
	door.close()

	switch came.refusal {
	case "":
	case "access_denied":
		return nil, fault.New(fault.Failed, "auth.denied")
	default:
		return nil, fault.New(fault.Failed, "auth.sign_in_refused", "code", known(came.refusal))
	}
	token, err := g.source.ask(ctx, g.client.server, g.client.codeRefused, func(ctx context.Context) (*oauth2.Token, error) {
		return client.Exchange(ctx, came.code, oauth2.VerifierOption(verifier))
	})
	if err == nil && token.RefreshToken == "" {
		return nil, fault.New(fault.Failed, "auth.no_refresh_token")
	}
	return token, err
}
