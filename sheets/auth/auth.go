// Package auth settles who uratori is towards Google Sheets: it finds the
// credentials, signs people in, and gives the access tokens that requests
// are signed with.
//
// What it keeps to:
//
//   - A kind of credentials is used only when it is named here. A file that
//     would have us run a program, or ask whatever address it names, is
//     refused: an editor of a settings file must not become somebody who
//     runs commands.
//   - A secret goes to the token server that its file names, over https or
//     within this machine, is never sent on by a redirect, and stands in no
//     error. What a server answers is compared with what is known and never
//     repeated, since it may repeat what it was sent.
//   - What a person signed in to is kept in one file of mode 0600 that is
//     replaced as a whole. It is locked while a token is renewed, so that
//     two processes never spend the same refresh token twice.
package auth

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"

	"uratori/internal/fault"
)

// Scope is what is asked for: to read and write spreadsheets, nothing else.
const Scope = "https://www.googleapis.com/auth/spreadsheets"

// What a caller may want to tell apart, with errors.Is; the fault returned
// has its values filled in.
var (
	ErrNoCredentials = fault.New(fault.Invalid, "auth.no_credentials")
	ErrNotSignedIn   = fault.New(fault.Failed, "auth.not_signed_in")
	ErrSignInAgain   = fault.New(fault.Failed, "auth.sign_in_again")
	ErrDenied        = fault.New(fault.Failed, "auth.denied")
	ErrKeyRefused    = fault.New(fault.Failed, "auth.key_refused")
)

// Source tells where credentials come from.
type Source struct {
	// Credentials is the path of a service account's key, an OAuth client
	// file or what gcloud wrote; "" looks for application default
	// credentials.
	Credentials string
	// TokenFile is where an installed app keeps what a person signed in to;
	// TokenFile.lock is made beside it.
	TokenFile string
	// HTTP talks to the token server; nil is a client that gives up in time.
	// Its redirects are never followed.
	HTTP *http.Client
	// Getenv is asked for GOOGLE_APPLICATION_CREDENTIALS and HOME; nil is
	// os.Getenv.
	Getenv func(string) string
}

// Kind is a kind of credentials.
type Kind string

// The kinds that are accepted.
const (
	ServiceAccount Kind = "service_account"
	Installed      Kind = "installed"       // a person signed in by SignIn
	AuthorizedUser Kind = "authorized_user" // a person signed in by gcloud
	Machine        Kind = "machine"         // the service account of a Google Cloud VM
)

// Identity is whom a sheet must be shared with: Email where there is one,
// else the account that a person signed in with.
type Identity struct {
	Kind  Kind
	Email string // of a service account; "" for the other kinds
}

// Open finds the credentials and gives the tokens for them. It asks no
// server, but for the search for a Google Cloud VM when there is nothing
// else. ctx holds for all later use of the tokens.
//
// Errors are faults: of kind Invalid for files and settings that cannot be
// used, [ErrNoCredentials] among them, and [ErrNotSignedIn].
func Open(ctx context.Context, s Source) (*Tokens, Identity, error) {
	return open(ctx, s, onMachine)
}

func open(ctx context.Context, s Source, onMachine func(context.Context) bool) (*Tokens, Identity, error) {
	path, err := s.find()
	if err != nil {
		return nil, Identity{}, err
	}
	if path == "" {
		if !onMachine(ctx) {
			return nil, Identity{}, fault.New(fault.Invalid, "auth.no_credentials")
		}
		return &Tokens{fetch: machineToken}, Identity{Kind: Machine}, nil
	}
	c, err := readCredentials(path)
	if err != nil {
		return nil, Identity{}, err
	}
	t := &Tokens{}
	switch c.kind {
	case ServiceAccount:
		t.fetch = func(string) (*oauth2.Token, error) {
			return s.ask(ctx, c.server, c.keyRefused, func(ctx context.Context) (*oauth2.Token, error) {
				return c.key.TokenSource(ctx).Token()
			})
		}
	case AuthorizedUser:
		refresh := c.refreshToken
		t.fetch = func(string) (*oauth2.Token, error) {
			token, err := s.ask(ctx, c.server, c.gcloudRefused, refreshed(&c.client, refresh))
			if err == nil {
				refresh = token.RefreshToken // a rotated one; the file is gcloud's
			}
			return token, err
		}
	default:
		g, err := newGrant(s, c)
		if err == nil {
			_, err = g.load()
		}
		if err != nil {
			return nil, Identity{}, err
		}
		t.fetch = func(refused string) (*oauth2.Token, error) { return g.token(ctx, refused) }
	}
	return t, Identity{Kind: c.kind, Email: c.email}, nil
}

// refreshed asks for a new token by a refresh token.
func refreshed(client *oauth2.Config, refresh string) func(context.Context) (*oauth2.Token, error) {
	return func(ctx context.Context) (*oauth2.Token, error) {
		return client.TokenSource(ctx, &oauth2.Token{RefreshToken: refresh}).Token()
	}
}

// find is the path of the credentials, "" when no file is named or there.
func (s Source) find() (string, error) {
	getenv := s.Getenv
	if getenv == nil {
		getenv = os.Getenv
	}
	if path := cmp.Or(s.Credentials, getenv("GOOGLE_APPLICATION_CREDENTIALS")); path != "" {
		return path, nil
	}
	home := getenv("HOME")
	if !filepath.IsAbs(home) {
		return "", nil
	}
	path := filepath.Join(home, ".config", "gcloud", "application_default_credentials.json")
	_, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fault.New(fault.Invalid, "auth.file_unreadable", "file", shown(path)).Wrap(plain(err))
	}
	return path, nil
}

// onMachine tells whether this is a Google Cloud VM.
func onMachine(ctx context.Context) bool {
	found, err := google.FindDefaultCredentials(ctx, Scope)
	// JSON came from a file that Source.find was told not to see.
	return err == nil && found.JSON == nil
}

func machineToken(string) (*oauth2.Token, error) {
	token, err := google.ComputeTokenSource("", Scope).Token()
	if err != nil || !usable(token) {
		return nil, fault.New(fault.Unavailable, "auth.machine", "scope", Scope) // err holds what the server said
	}
	return token, nil
}
