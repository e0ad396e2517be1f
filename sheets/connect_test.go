package sheets

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"uratori/internal/config"
	"uratori/internal/fault"
	"uratori/sheets/auth"
	"uratori/sheets/auth/authtest"
	"uratori/sheets/sheetstest"
)

// guarded lets requests through that carry a good token.
type guarded struct {
	accounts *authtest.Server
	next     http.RoundTripper
}

func (g guarded) RoundTrip(r *http.Request) (*http.Response, error) {
	if g.accounts.Accepts(r.Header.Get("Authorization")) {
		return g.next.RoundTrip(r)
	}
	return (&sheetstest.Way{Fault: func(int, *http.Request) sheetstest.Fault { return sheetstest.S401 }}).RoundTrip(r)
}

// signedHouse is a house whose sheet wants to know who asks.
func signedHouse(t *testing.T, write func(*authtest.Server, auth.Source)) (*house, *authtest.Server, auth.Identity) {
	t.Helper()
	h := newHouseFor(t, []string{"INTG-001", "一"})
	accounts := authtest.New(t)
	dir := t.TempDir()
	source := auth.Source{
		Credentials: filepath.Join(dir, "credentials.json"), TokenFile: filepath.Join(dir, "token.json"),
		HTTP: accounts.Client(), Getenv: func(string) string { return "" },
	}
	write(accounts, source)
	tokens, who, err := auth.Open(t.Context(), source)
	if err != nil {
		t.Fatal(err)
	}
	h.way.Next = signer{tokens, guarded{accounts, h.way.Next}}
	return h, accounts, who
}

func person(t *testing.T) func(*authtest.Server, auth.Source) {
	return func(s *authtest.Server, source auth.Source) {
		s.WriteClient(source.Credentials)
		if err := auth.SignIn(t.Context(), source, "en", s.Show); err != nil {
			t.Fatal(err)
		}
	}
}

func account(s *authtest.Server, source auth.Source) { s.WriteServiceAccount(source.Credentials) }

func TestSigned_ServiceAccountAndPerson_ReadAndWrite(t *testing.T) {
	for name, write := range map[string]func(*authtest.Server, auth.Source){"account": account, "person": person(t)} {
		t.Run(name, func(t *testing.T) {
			h, _, _ := signedHouse(t, write)
			if stage, err := h.round(t.Context()); err != nil {
				t.Errorf("stage %d: %v", stage, err)
			}
		})
	}
}

func TestSigned_ExpiredToken_IsRenewedWithoutAWord(t *testing.T) {
	h, accounts, _ := signedHouse(t, func(s *authtest.Server, source auth.Source) {
		s.Change(func(b *authtest.Behaviour) { b.Lifetime = time.Second; b.Rotate = true })
		person(t)(s, source)
	})
	for range 3 {
		if stage, err := h.round(t.Context()); err != nil {
			t.Errorf("stage %d: %v", stage, err)
		}
		h.put(t, "B2", []string{"一"})
	}
	if accounts.Refreshes() < 3 {
		t.Errorf("%d renewals", accounts.Refreshes())
	}
}

func TestSigned_RevokedInBetween_NothingIsWrittenAndTheWayOutIsTold(t *testing.T) {
	h, accounts, _ := signedHouse(t, person(t))
	v, err := h.Look(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	accounts.Revoke()
	_, err = h.Write(t.Context(), v, Batch{Changes: []Change{{Row: must(t, v, "INTG-001"), Cells: map[string]string{"summary": "新"}}}})
	if !errors.Is(err, auth.ErrSignInAgain) || errors.Is(err, ErrUnknown) || !strings.Contains(err.Error(), "uratori init --google") {
		t.Error(err)
	}
	if h.grid(t)[1][1] != "一" {
		t.Error("written")
	}
	for _, secret := range accounts.Secrets() {
		if strings.Contains(err.Error(), secret) {
			t.Error("the error tells a secret")
		}
	}
}

func TestSigned_KeyDeleted_IsTold(t *testing.T) {
	h, accounts, who := signedHouse(t, account)
	if who.Email != accounts.Email {
		t.Error(who)
	}
	accounts.DeleteKey()
	if _, err := h.Look(t.Context()); !errors.Is(err, auth.ErrKeyRefused) || errors.Is(err, ErrUnknown) {
		t.Error(err)
	}
}

func TestSigned_TokenServerAway_IsUnavailableAndNothingWasSent(t *testing.T) {
	h, accounts, _ := signedHouse(t, func(s *authtest.Server, source auth.Source) {
		s.Change(func(b *authtest.Behaviour) { b.Lifetime = time.Second })
		person(t)(s, source)
	})
	v, err := h.Look(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	accounts.Change(func(b *authtest.Behaviour) {
		b.Token = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	})
	_, err = h.Write(t.Context(), v, Batch{Changes: []Change{{Row: must(t, v, "INTG-001"), Cells: map[string]string{"summary": "新"}}}})
	if fault.KindOf(err) != fault.Unavailable || errors.Is(err, ErrUnknown) || h.grid(t)[1][1] != "一" {
		t.Error(err)
	}
}

// A server on this machine is not Google, whatever credentials there are.
func TestConnect_Loopback_IsSentNoCredentials(t *testing.T) {
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		if r.Header.Get("Authorization") != "" || strings.Contains(r.URL.RawQuery, "key=") {
			t.Error("credentials were sent")
		}
		w.WriteHeader(http.StatusNotFound)
	}))
	defer server.Close()
	defer http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	accounts := authtest.New(t)
	home := t.TempDir()
	key := filepath.Join(home, "key.json")
	accounts.WriteServiceAccount(key)
	c, err := config.Load(config.Home(home), []string{
		"URATORI_TRACKER_SPREADSHEET=book", "URATORI_TRACKER_ENDPOINT=" + server.URL, "GOOGLE_APPLICATION_CREDENTIALS=" + key,
	})
	if err != nil {
		t.Fatal(err)
	}
	table, err := Connect(t.Context(), c, nil, func(string) string { return key }, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := table.Look(t.Context()); !errors.Is(err, ErrNoBook) || asked == 0 {
		t.Error(err, asked)
	}
}

func TestConnect_GoogleWithoutCredentials_SaysWhatToDo(t *testing.T) {
	for spreadsheet, endpoint := range map[string]string{"1abcdefghijklmnopqrstuvwxyz": "", "book": "https://sheets.example/"} {
		key := filepath.Join(t.TempDir(), "key.json")
		c, err := config.Load(config.Home(t.TempDir()), []string{
			"URATORI_TRACKER_SPREADSHEET=" + spreadsheet, "URATORI_TRACKER_ENDPOINT=" + endpoint, "URATORI_TRACKER_CREDENTIALS=" + key,
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Connect(t.Context(), c, nil, func(string) string { return "" }, time.Now); fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), key) {
			t.Error(err)
		}
	}
}
