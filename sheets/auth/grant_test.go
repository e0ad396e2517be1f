package auth

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"uratori/internal/fault"
	"uratori/internal/phrase"
	"uratori/sheets/auth/authtest"
)

func short(b *authtest.Behaviour) { b.Lifetime = time.Second }
func long(b *authtest.Behaviour)  { b.Lifetime = time.Hour }

func kept(t testing.TB, s Source) saved {
	t.Helper()
	raw, err := os.ReadFile(s.TokenFile)
	if err != nil {
		t.Fatal(err)
	}
	var k saved
	if err := json.Unmarshal(raw, &k); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(s.TokenFile)
	if err != nil || info.Mode() != 0o600 {
		t.Error(info.Mode(), err)
	}
	if _, err := os.Stat(s.TokenFile + ".part"); err == nil {
		t.Error("a half-written file is left over")
	}
	return k
}

func TestInstalled_WhatWasSignedInTo_IsUsedAsLongAsItLasts(t *testing.T) {
	server := authtest.New(t)
	s := signedIn(t, server)
	tokens, who, err := Open(t.Context(), s)
	if err != nil || who != (Identity{Kind: Installed}) {
		t.Fatal(who, err)
	}
	for range 3 {
		token, err := tokens.Token()
		if err != nil || !server.Accepts(token.AccessToken) {
			t.Fatal(token, err)
		}
		if token.RefreshToken != "" {
			t.Error("the refresh token is handed out")
		}
	}
	if server.Refreshes() != 0 {
		t.Error("a token that lasts was renewed")
	}
}

func TestInstalled_ARenewedTokenIsWrittenBack(t *testing.T) {
	for name, rotate := range map[string]bool{"rotated": true, "kept": false} {
		t.Run(name, func(t *testing.T) {
			server := authtest.New(t)
			server.Change(short)
			s := signedIn(t, server)
			before := kept(t, s)
			server.Change(func(b *authtest.Behaviour) { b.Lifetime, b.Rotate = time.Hour, rotate })
			token, err := opened(t, s).Token()
			if err != nil || !server.Accepts(token.AccessToken) {
				t.Fatal(token, err)
			}
			after := kept(t, s)
			if after.AccessToken != token.AccessToken || !after.Expiry.Equal(token.Expiry) || (after.RefreshToken != before.RefreshToken) != rotate {
				t.Errorf("%+v", after)
			}
			// As after a restart: nothing is asked for.
			if _, err := opened(t, s).Token(); err != nil || server.Refreshes() != 1 {
				t.Error(err, server.Refreshes())
			}
		})
	}
}

// Each of the Tokens has locks of its own, as another process would have.
func TestInstalled_ManyThatNeedANewTokenAtOnce_RenewItOnce(t *testing.T) {
	server := authtest.New(t)
	server.Change(short)
	s := signedIn(t, server)
	server.Change(func(b *authtest.Behaviour) { b.Lifetime, b.Rotate = time.Hour, true })
	var group sync.WaitGroup
	for range 4 {
		tokens := opened(t, s)
		for range 8 {
			group.Go(func() {
				if token, err := tokens.Token(); err != nil || !server.Accepts(token.AccessToken) {
					t.Errorf("%v %v", token, err)
				}
			})
		}
	}
	group.Wait()
	if n := server.Refreshes(); n != 1 {
		t.Errorf("renewed %d times", n)
	}
}

func TestInstalled_RotationWithoutEnd_NeverSpendsATokenTwice(t *testing.T) {
	server := authtest.New(t)
	server.Change(func(b *authtest.Behaviour) { b.Lifetime, b.Rotate = time.Second, true })
	s := signedIn(t, server)
	var group sync.WaitGroup
	for range 4 {
		tokens := opened(t, s)
		group.Go(func() {
			for range 10 {
				if _, err := tokens.Token(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if n := server.Refreshes(); n != 40 {
		t.Errorf("renewed %d times", n)
	}
	kept(t, s)
}

func TestInstalled_ARevokedSignIn_IsToldInWords(t *testing.T) {
	server := authtest.New(t)
	s := signedIn(t, server)
	tokens := opened(t, s)
	token, err := tokens.Token()
	if err != nil {
		t.Fatal(err)
	}
	server.Revoke()
	if again, err := tokens.Token(); err != nil || again.AccessToken != token.AccessToken {
		t.Error("only the API knows yet that it was revoked", again, err)
	}
	tokens.Refuse(token.AccessToken)
	_, err = tokens.Token()
	wantFault(t, err, fault.Failed, "auth.sign_in_again")
	if !errors.Is(err, ErrSignInAgain) {
		t.Error("not the sentinel")
	}
	wantNoSecret(t, server, all(err))

	// The running one takes the new sign-in up.
	if err := SignIn(t.Context(), s, phrase.English, server.Show); err != nil {
		t.Fatal(err)
	}
	if token, err := tokens.Token(); err != nil || !server.Accepts(token.AccessToken) {
		t.Error(token, err)
	}
}

func TestRefuse_AnOldTokenLeavesTheNewOneAlone(t *testing.T) {
	server := authtest.New(t)
	account := source(t, server)
	server.WriteServiceAccount(account.Credentials)
	for _, s := range []Source{signedIn(t, server), account} {
		tokens := opened(t, s)
		first, err := tokens.Token()
		if err != nil {
			t.Fatal(err)
		}
		tokens.Refuse(first.AccessToken)
		second, err := tokens.Token()
		if err != nil || second.AccessToken == first.AccessToken {
			t.Fatal(second, err)
		}
		tokens.Refuse(first.AccessToken) // by one who is late
		third, err := tokens.Token()
		if err != nil || third.AccessToken != second.AccessToken {
			t.Error(third, err)
		}
	}
	if server.Refreshes() != 1 || server.Assertions() != 2 {
		t.Error(server.Refreshes(), server.Assertions())
	}
}

func TestInstalled_AFileThatIsGone_IsSignedOut(t *testing.T) {
	server := authtest.New(t)
	server.Change(short)
	s := signedIn(t, server)
	tokens := opened(t, s)
	if err := os.Remove(s.TokenFile); err != nil {
		t.Fatal(err)
	}
	_, err := tokens.Token()
	wantFault(t, err, fault.Failed, "auth.not_signed_in")
	_, _, err = Open(t.Context(), s)
	if !errors.Is(err, ErrNotSignedIn) || server.Refreshes() != 0 {
		t.Error(err)
	}
}

func TestInstalled_ATokenFileThatCannotBeUsed_IsNamedPrecisely(t *testing.T) {
	server := authtest.New(t)
	s := signedIn(t, server)
	good, err := os.ReadFile(s.TokenFile)
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		text string
		mode os.FileMode
		kind fault.Kind
		key  string
	}{
		"shared":         {string(good), 0o644, fault.Invalid, "auth.file_shared"},
		"group":          {string(good), 0o640, fault.Invalid, "auth.file_shared"},
		"empty":          {"", 0o600, fault.Invalid, "auth.file_empty"},
		"huge":           {strings.Repeat(" ", 1<<20), 0o600, fault.Invalid, "auth.file_too_long"},
		"cut off":        {string(good[:len(good)/2]), 0o600, fault.Failed, "auth.token_damaged"},
		"zeros":          {strings.Repeat("\x00", 300), 0o600, fault.Failed, "auth.token_damaged"},
		"other types":    {`{"client_id":1,"refresh_token":["` + planted + `"]}`, 0o600, fault.Failed, "auth.token_damaged"},
		"bad time":       {strings.Replace(string(good), `"expiry": "`, `"expiry": "x`, 1), 0o600, fault.Failed, "auth.token_damaged"},
		"no refresh":     {`{"client_id":"x"}`, 0o600, fault.Failed, "auth.token_damaged"},
		"another client": {`{"client_id":"x","refresh_token":"` + planted + `"}`, 0o600, fault.Failed, "auth.other_client"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(s.TokenFile, []byte(tc.text), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(s.TokenFile, tc.mode); err != nil {
				t.Fatal(err)
			}
			_, _, err := Open(t.Context(), s)
			wantFault(t, err, tc.kind, tc.key)
			if strings.Contains(all(err), planted) {
				t.Error(err)
			}
			wantNoSecret(t, server, all(err))
			// Signing in mends it.
			if err := SignIn(t.Context(), s, phrase.English, server.Show); err != nil {
				t.Fatal(err)
			}
			kept(t, s)
		})
	}
	if server.Refreshes() != 0 {
		t.Error("a token of a file that cannot be trusted was sent")
	}
}

func TestInstalled_AnAccessTokenThatCannotBeSent_IsRenewed(t *testing.T) {
	server := authtest.New(t)
	s := signedIn(t, server)
	for name, spoil := range map[string]func(*saved){
		"no end":         func(k *saved) { k.Expiry = time.Time{} },
		"control":        func(k *saved) { k.AccessToken = "a\r\nCookie: b" },
		"no token":       func(k *saved) { k.AccessToken = "" },
		"end in history": func(k *saved) { k.Expiry = time.Unix(0, 0) },
	} {
		k := kept(t, s)
		spoil(&k)
		raw, err := json.Marshal(k)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(s.TokenFile, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		if token, err := opened(t, s).Token(); err != nil || !server.Accepts(token.AccessToken) {
			t.Errorf("%s: %v %v", name, token, err)
		}
	}
}

// The old refresh token is worth nothing any more, so the new one is kept
// until it can be written.
func TestInstalled_ARotatedTokenThatCannotBeWritten_IsNotLost(t *testing.T) {
	server := authtest.New(t)
	server.Change(short)
	s := signedIn(t, server)
	server.Change(func(b *authtest.Behaviour) { b.Lifetime, b.Rotate = time.Hour, true })
	tokens := opened(t, s)
	obstacle := filepath.Join(s.TokenFile+".part", "in the way")
	if err := os.MkdirAll(obstacle, 0o700); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		_, err := tokens.Token()
		wantFault(t, err, fault.Failed, "auth.token_unwritable")
		wantNoSecret(t, server, all(err))
	}
	if err := os.RemoveAll(filepath.Dir(obstacle)); err != nil {
		t.Fatal(err)
	}
	token, err := tokens.Token()
	if err != nil || !server.Accepts(token.AccessToken) || server.Refreshes() != 1 || kept(t, s).AccessToken != token.AccessToken {
		t.Error(token, err, server.Refreshes())
	}
}

func TestInstalled_AnUnwrittenToken_GivesWayToANewSignIn(t *testing.T) {
	server := authtest.New(t)
	server.Change(short)
	s := signedIn(t, server)
	server.Change(long)
	tokens := opened(t, s)
	if err := os.MkdirAll(filepath.Join(s.TokenFile+".part", "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := tokens.Token()
	wantFault(t, err, fault.Failed, "auth.token_unwritable")
	if err := os.RemoveAll(s.TokenFile + ".part"); err != nil {
		t.Fatal(err)
	}
	if err := SignIn(t.Context(), s, phrase.English, server.Show); err != nil {
		t.Fatal(err)
	}
	want := kept(t, s)
	if token, err := tokens.Token(); err != nil || token.AccessToken != want.AccessToken || kept(t, s) != want {
		t.Error(token, err)
	}
}

func TestReplace_WhatIsLeftOver_LendsItsRightsToNothing(t *testing.T) {
	dir := t.TempDir()
	path, elsewhere := filepath.Join(dir, "token"), filepath.Join(dir, "elsewhere")
	if err := os.WriteFile(elsewhere, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, leave := range map[string]func() error{
		"readable": func() error {
			return errors.Join(os.WriteFile(path+".part", nil, 0o600), os.Chmod(path+".part", 0o666)) //nolint:gosec // on purpose
		},
		"a link": func() error { return os.Symlink(elsewhere, path+".part") },
	} {
		if err := leave(); err != nil {
			t.Fatal(err)
		}
		if err := replace(path, []byte(planted)); err != nil {
			t.Fatal(name, err)
		}
		if info, err := os.Lstat(path); err != nil || info.Mode() != 0o600 {
			t.Error(name, info, err)
		}
	}
	if raw, err := os.ReadFile(elsewhere); err != nil || string(raw) != "mine" {
		t.Errorf("%s %v", raw, err)
	}
}

func TestInstalled_ALockThatIsHeld_IsWaitedForAsLongAsCtxLasts(t *testing.T) {
	server := authtest.New(t)
	server.Change(short)
	s := signedIn(t, server)
	f, err := os.OpenFile(s.TokenFile+".lock", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // only locked
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	tokens, _, err := Open(ctx, s)
	if err != nil {
		t.Fatal(err)
	}
	failed := make(chan error)
	go func() { _, err := tokens.Token(); failed <- err }()
	cancel()
	err = <-failed
	wantFault(t, err, fault.Unavailable, "auth.interrupted")
	if !errors.Is(err, context.Canceled) || server.Refreshes() != 0 {
		t.Error(err)
	}
}

func TestOpen_WithoutATokenFile_WritesNoLockAnywhere(t *testing.T) {
	server := authtest.New(t)
	s := source(t, server)
	server.WriteClient(s.Credentials)
	s.TokenFile = ""
	t.Chdir(t.TempDir())
	_, _, err := Open(t.Context(), s)
	if err == nil || SignIn(t.Context(), s, phrase.English, server.Show) == nil {
		t.Error("no error")
	}
	if left, err := os.ReadDir("."); err != nil || len(left) != 0 {
		t.Error(left, err)
	}
}
