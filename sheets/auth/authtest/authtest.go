// Package authtest is an OAuth server for tests that behaves as Google's
// does where uratori depends on it, and as badly as a test wants.
//
// It believes nothing: a code is good once, for the client, address and PKCE
// challenge that it was given out for; an assertion must be signed by the
// key of the service account, meant for this server and fresh; a refresh
// token that was rotated away is worth nothing.
package authtest

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
)

// Scope is what the server gives out unless told otherwise.
const Scope = "https://www.googleapis.com/auth/spreadsheets"

// Behaviour is how the server answers from now on.
type Behaviour struct {
	Lifetime  time.Duration // of an access token; one below 10s is renewed at each use
	Rotate    bool          // each refresh gives a new refresh token and ends the old one
	Deny      string        // the person's answer: an error such as access_denied instead of a code
	Scope     string        // what is permitted; "" leaves it out of the answer
	NoRefresh bool          // a code gives no refresh token
	Clock     time.Duration // how far the server's clock is ahead of this machine's
	Token     http.Handler  // answers in the place of the token endpoint
}

// Server is a running OAuth server. Its methods may be called by many
// goroutines.
type Server struct {
	URL   string // http://127.0.0.1:PORT
	Email string // of the service account

	t      testing.TB
	server *httptest.Server
	key    func() *rsa.PrivateKey

	mu        sync.Mutex
	behaviour Behaviour
	codes     map[string]request // not used yet
	refresh   map[string]bool    // good ones
	access    map[string]time.Time
	secrets   []string
	asked     map[string]int // by grant type
	keyGone   bool
	gone      bool // the service account
}

// request is what a code was given out for.
type request struct{ client, redirect, challenge string }

const (
	clientID     = "777-authtest.apps.googleusercontent.com"
	clientSecret = "GOCSPX-authtest-client-secret" //nolint:gosec // made up; tests look that it stays hidden
	keyID        = "0123456789abcdef"
)

// New starts a server that ends with the test.
func New(t testing.TB) *Server {
	t.Helper()
	s := &Server{
		t: t, Email: "uratori@authtest.iam.gserviceaccount.com",
		behaviour: Behaviour{Lifetime: time.Hour, Scope: Scope},
		codes:     map[string]request{}, refresh: map[string]bool{}, access: map[string]time.Time{},
		secrets: []string{clientSecret}, asked: map[string]int{},
	}
	s.key = sync.OnceValue(func() *rsa.PrivateKey {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			t.Fatal(err)
		}
		return key
	})
	mux := http.NewServeMux()
	mux.HandleFunc("GET /authorize", s.authorize)
	mux.HandleFunc("POST /token", s.token)
	s.server = httptest.NewServer(mux)
	s.URL = s.server.URL
	t.Cleanup(s.server.Close)
	return s
}

// Client talks to the server; its connections end with the test.
func (s *Server) Client() *http.Client { return s.server.Client() }

// Change changes how the server answers.
func (s *Server) Change(change func(*Behaviour)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.behaviour)
}

// Revoke ends everything that a person permitted.
func (s *Server) Revoke() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.refresh)
	clear(s.access)
}

// DeleteKey makes the service account's key worthless.
func (s *Server) DeleteKey() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keyGone = true
}

// DeleteAccount removes the service account.
func (s *Server) DeleteAccount() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gone = true
}

// Accepts tells whether an access token is good at this moment, as an API
// would find out from the Authorization header "Bearer …" or the bare token.
func (s *Server) Accepts(authorization string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	end, ok := s.access[strings.TrimPrefix(authorization, "Bearer ")]
	return ok && time.Now().Before(end)
}

// Refreshes is how many refresh tokens were brought, good or bad.
func (s *Server) Refreshes() int { return s.count("refresh_token") }

// Exchanges is how many codes were brought, good or bad.
func (s *Server) Exchanges() int { return s.count("authorization_code") }

// Assertions is how many signatures of a service account were brought.
func (s *Server) Assertions() int { return s.count(assertionGrant) }

func (s *Server) count(grant string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[grant]
}

// Secrets are all secrets that the server knows of, given out or brought:
// none may ever be seen in an error, a log or a page.
func (s *Server) Secrets() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.secrets...)
}

// Visit does what the browser of a person does who permits everything (or
// what Behaviour.Deny says): it opens address, follows it back and returns
// what the last page said.
func (s *Server) Visit(address string) (status int, page string, err error) {
	response, err := s.Client().Get(address) //nolint:noctx // ends with the server
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close() //nolint:errcheck // only read
	body, err := io.ReadAll(response.Body)
	return response.StatusCode, string(body), err
}

// Show is Visit in the form that a sign-in wants.
func (s *Server) Show(address string) error {
	_, _, err := s.Visit(address)
	return err
}

// WriteClient writes the file of an OAuth client of type "Desktop app".
func (s *Server) WriteClient(path string) {
	s.write(path, map[string]any{"installed": map[string]any{
		"client_id": clientID, "project_id": "authtest", "client_secret": clientSecret,
		"auth_uri": s.URL + "/authorize", "token_uri": s.URL + "/token",
		"auth_provider_x509_cert_url": s.URL + "/certs", "redirect_uris": []string{"http://localhost"},
	}})
}

// WriteServiceAccount writes the key file of the service account.
func (s *Server) WriteServiceAccount(path string) {
	der, err := x509.MarshalPKCS8PrivateKey(s.key())
	if err != nil {
		s.t.Fatal(err)
	}
	text := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	s.mu.Lock()
	s.secrets = append(s.secrets, strings.Split(text, "\n")[1]) // any line of it would be too much
	s.mu.Unlock()
	s.write(path, map[string]any{
		"type": "service_account", "project_id": "authtest", "private_key_id": keyID, "private_key": text,
		"client_email": s.Email, "client_id": "1", "universe_domain": "googleapis.com",
		"auth_uri": s.URL + "/authorize", "token_uri": s.URL + "/token",
	})
}

// WriteAuthorizedUser writes what gcloud leaves behind when a person signed
// in.
func (s *Server) WriteAuthorizedUser(path string) {
	s.mu.Lock()
	refresh := s.newRefresh()
	s.mu.Unlock()
	s.write(path, map[string]any{
		"type": "authorized_user", "client_id": clientID, "client_secret": clientSecret,
		"refresh_token": refresh, "token_uri": s.URL + "/token",
	})
}

func (s *Server) write(path string, v any) {
	s.t.Helper()
	raw, err := json.Marshal(v)
	if err == nil {
		err = os.WriteFile(path, raw, 0o600)
	}
	if err != nil {
		s.t.Fatal(err)
	}
}
