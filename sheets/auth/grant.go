package auth

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/oauth2"

	"uratori/internal/fault"
)

// grant is what a person signed in to, kept in a file.
type grant struct {
	source Source
	client *credentials

	// A renewed token that could not be written, and the refresh token that
	// it takes the place of. Tokens keeps it from being used by two.
	unwritten *saved
	outdated  string
}

func newGrant(s Source, c *credentials) (*grant, error) {
	if s.TokenFile == "" {
		return nil, errors.New("an installed app needs a token file") // a fault of the caller, not of a person
	}
	return &grant{source: s, client: c}, nil
}

// saved is the content of the token file. ClientID is the app's that it was
// given to; no other can use it.
type saved struct {
	ClientID     string    `json:"client_id"`
	RefreshToken string    `json:"refresh_token"`
	AccessToken  string    `json:"access_token"`
	Expiry       time.Time `json:"expiry"`
}

// token is the kept one while it has time left, else a new one. The file is
// read each time: somebody may have signed in again, another process may
// have renewed it, and a file that was deleted is a person signed out.
func (g *grant) token(ctx context.Context, refused string) (*oauth2.Token, error) {
	unlock, err := g.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	kept, err := g.load()
	if err != nil {
		return nil, err
	}
	if g.unwritten != nil && g.outdated == kept.RefreshToken {
		kept = *g.unwritten
	} else {
		g.unwritten, g.outdated = nil, kept.RefreshToken
	}
	token := &oauth2.Token{AccessToken: kept.AccessToken, RefreshToken: kept.RefreshToken, Expiry: kept.Expiry}
	if !token.Valid() || !usable(token) || token.AccessToken == refused {
		token, err = g.source.ask(ctx, g.client.server, g.client.signInRefused, refreshed(&g.client.client, kept.RefreshToken))
		if err != nil {
			return nil, err
		}
		g.unwritten = g.save(token)
	}
	if g.unwritten != nil {
		if err := g.write(*g.unwritten); err != nil {
			return nil, err
		}
		g.unwritten = nil
	}
	return token, nil
}

func (g *grant) save(t *oauth2.Token) *saved {
	return &saved{ClientID: g.client.client.ClientID, RefreshToken: t.RefreshToken, AccessToken: t.AccessToken, Expiry: t.Expiry.UTC()}
}

// load reads the token file. Errors are faults.
func (g *grant) load() (saved, error) {
	path := g.source.TokenFile
	raw, err := readPrivate(path)
	if errors.Is(err, fs.ErrNotExist) {
		return saved{}, fault.New(fault.Failed, "auth.not_signed_in")
	}
	if err != nil {
		return saved{}, err
	}
	var kept saved
	if json.Unmarshal(raw, &kept) != nil || kept.RefreshToken == "" {
		return saved{}, fault.New(fault.Failed, "auth.token_damaged", "file", shown(path))
	}
	if kept.ClientID != g.client.client.ClientID {
		return saved{}, fault.New(fault.Failed, "auth.other_client", "file", shown(g.client.file))
	}
	return kept, nil
}

// write replaces the token file: a reader sees the old or the new one, also
// after a power failure. The lock is held.
func (g *grant) write(kept saved) error {
	raw, err := json.Marshal(kept, jsontext.WithIndent("  "))
	if err == nil {
		err = replace(g.source.TokenFile, append(raw, '\n'))
	}
	if err != nil {
		return g.unwritable(err)
	}
	return nil
}

func (g *grant) unwritable(err error) error {
	return fault.New(fault.Failed, "auth.token_unwritable", "file", shown(g.source.TokenFile)).Wrap(plain(err))
}

func replace(path string, raw []byte) error {
	part := path + ".part"
	if err := os.Remove(part); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	// O_EXCL: what is left over may have other rights or lead elsewhere.
	f, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(raw)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(part, path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(part))
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// lock keeps other processes, and other Tokens of this one, from the token
// file until unlock.
func (g *grant) lock(ctx context.Context) (unlock func(), err error) {
	f, err := os.OpenFile(g.source.TokenFile+".lock", os.O_RDWR|os.O_CREATE|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, g.unwritable(err)
	}
	// Closing gives the lock back.
	unlock = func() { _ = f.Close() }
	retry := time.NewTicker(20 * time.Millisecond)
	defer retry.Stop()
	for {
		// Not waiting in the call, which ctx could not end.
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case err == nil:
			return unlock, nil
		case !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR):
			unlock()
			return nil, g.unwritable(err)
		}
		select {
		case <-ctx.Done():
			unlock()
			return nil, fault.New(fault.Unavailable, "auth.interrupted").Wrap(ctx.Err())
		case <-retry.C:
		}
	}
}
