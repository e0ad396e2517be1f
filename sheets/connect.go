package sheets

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"uratori/internal/config"
	"uratori/sheets/auth"
)

// usualPhase is the header of the column of phases when the settings name none.
const usualPhase = "フェーズ"

// Columns are the columns of the tracker as the settings name them.
func Columns(c config.Columns) []Column {
	var columns []Column
	for _, m := range []struct {
		name, text string
		required   bool
	}{
		{Key, c.ID, true},
		{"summary", c.Summary, true},
		{"detail", c.Detail, true},
		{"status", c.Status, false},
		{"approval", c.Approval, false},
	} {
		columns = append(columns, Column{Name: m.name, Texts: append([]string{m.text}, Aliases(m.name)...), Required: m.required})
	}
	// A column of people's own that happens to be called Phase is left alone once
	// the settings name another.
	if c.Phase == "" {
		return columns
	}
	phase := Column{Name: "phase", Texts: []string{c.Phase}}
	if c.Phase == usualPhase {
		phase.Texts = append(phase.Texts, "Phase")
	}
	return append(columns, phase)
}

// TokenFile is where a home keeps the sign-in of a person.
func TokenFile(home config.Home) string { return filepath.Join(string(home), "google-token.json") }

// Credentials says where those of the settings are.
func Credentials(c *config.Config, getenv func(string) string) auth.Source {
	return auth.Source{Credentials: c.Tracker.Credentials, TokenFile: TokenFile(c.Home), Getenv: getenv}
}

// Connect makes the table of the settings. The embedded sheet is reached
// through its own transport and needs no credentials, and neither does another
// server on this machine; all else is Google, or something that asks as it does.
// ctx lives as long as the table.
func Connect(ctx context.Context, c *config.Config, embedded http.RoundTripper, getenv func(string) string, now func() time.Time) (*Table, error) {
	o := Options{
		Spreadsheet: c.Tracker.SpreadsheetID(), Tab: c.Tracker.Sheet, Columns: Columns(c.Tracker.Columns),
		PerMinute: c.Tracker.RequestsPerMinute, Now: now,
	}
	if c.Tracker.Endpoint != "" {
		o.Endpoint = strings.TrimSuffix(c.Tracker.Endpoint, "/") + "/"
	}
	switch {
	case c.Tracker.Local():
		o.Transport, o.PerMinute = embedded, 0
	case onThisMachine(o.Endpoint):
		o.Transport = http.DefaultTransport // whoever listens there is not Google
	default:
		tokens, who, err := auth.Open(ctx, Credentials(c, getenv))
		if err != nil {
			return nil, err
		}
		o.Transport, o.Share = signer{tokens, http.DefaultTransport}, who.Email
	}
	return New(ctx, o)
}

// signer signs requests. One whose signature is not accepted was not carried
// out; it is sent once more with a new token, as a token may be withdrawn
// before its time.
type signer struct {
	tokens *auth.Tokens
	base   http.RoundTripper
}

// unsigned is why a request could not be signed, and so was not carried out.
type unsigned struct{ error }

func (u unsigned) Unwrap() error { return u.error }

func (s signer) RoundTrip(r *http.Request) (*http.Response, error) {
	token, err := s.tokens.Token()
	if err != nil {
		if r.Body != nil {
			_ = r.Body.Close() // a RoundTripper closes what it does not send
		}
		return nil, unsigned{err}
	}
	answer, err := s.send(r, token)
	if err != nil || answer.StatusCode != http.StatusUnauthorized || r.Body != nil && r.GetBody == nil {
		return answer, err
	}
	s.tokens.Refuse(token.AccessToken)
	_ = answer.Body.Close() // it says no more than its status
	if token, err = s.tokens.Token(); err != nil {
		return nil, unsigned{err}
	}
	again := r.Clone(r.Context())
	if r.GetBody != nil {
		if again.Body, err = r.GetBody(); err != nil {
			return nil, err
		}
	}
	return s.send(again, token)
}

func (s signer) send(r *http.Request, token *oauth2.Token) (*http.Response, error) {
	return (&oauth2.Transport{Source: oauth2.StaticTokenSource(token), Base: s.base}).RoundTrip(r)
}

func onThisMachine(endpoint string) bool {
	u, err := url.Parse(endpoint)
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}
