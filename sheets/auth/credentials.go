package auth

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/url"
	"os"
	"regexp"
	"strings"
	"syscall"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"

	"uratori/internal/fault"
)

// key signs for a service account.
type key interface {
	TokenSource(ctx context.Context) oauth2.TokenSource
}

// credentials are what a file says, checked.
type credentials struct {
	kind   Kind
	file   string
	server string // host of the token server, to be shown

	key   key    // of a service account
	email string // of a service account

	client       oauth2.Config // of the other kinds
	refreshToken string        // of an authorized user
}

// content is every field of a credentials file that is read. Others are not:
// an "audience" would make a signature that was sent to the wrong server
// worth something to Google.
type content struct {
	Type         string  `json:"type,omitzero"`
	ClientEmail  string  `json:"client_email,omitzero"`
	PrivateKey   string  `json:"private_key,omitzero"`
	PrivateKeyID string  `json:"private_key_id,omitzero"`
	TokenURI     string  `json:"token_uri,omitzero"`
	RefreshToken string  `json:"refresh_token,omitzero"`
	ClientID     string  `json:"client_id,omitzero"`
	ClientSecret string  `json:"client_secret,omitzero"`
	Installed    *client `json:"installed,omitzero"`
	Web          *client `json:"web,omitzero"`
}

type client struct {
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
	AuthURI      string `json:"auth_uri"`
	TokenURI     string `json:"token_uri"`
}

// readCredentials reads and judges a credentials file. Errors are faults of
// kind Invalid.
func readCredentials(path string) (*credentials, error) {
	raw, err := readPrivate(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(fault.Invalid, "auth.file_missing", "file", shown(path))
	}
	if err != nil {
		return nil, err
	}
	return judgeCredentials(path, raw)
}

func judgeCredentials(path string, raw []byte) (*credentials, error) {
	var in content
	if err := unmarshal(path, raw, &in); err != nil {
		return nil, err
	}
	c := &credentials{file: path}
	switch {
	case in.Web != nil:
		return nil, fault.New(fault.Invalid, "auth.web_client", "file", shown(path))
	case in.Installed != nil && in.Type == "":
		return c, c.installed(in.Installed)
	case in.Type == string(ServiceAccount):
		return c, c.serviceAccount(in)
	case in.Type == string(AuthorizedUser):
		return c, c.authorizedUser(in)
	}
	switch in.Type {
	case "external_account", "external_account_authorized_user", "impersonated_service_account", "gdch_service_account":
		return nil, fault.New(fault.Invalid, "auth.kind_refused", "file", shown(path), "kind", in.Type)
	case "":
		return nil, fault.New(fault.Invalid, "auth.no_kind", "file", shown(path))
	}
	kind := "?"
	if regexp.MustCompile(`^[a-z_]{1,40}$`).MatchString(in.Type) {
		kind = in.Type
	}
	return nil, fault.New(fault.Invalid, "auth.kind_unknown", "file", shown(path), "kind", kind)
}

func (c *credentials) installed(in *client) error {
	c.kind = Installed
	if in.ClientID == "" {
		return c.broken("client_id")
	}
	authURL, tokenURL := cmp.Or(in.AuthURI, google.Endpoint.AuthURL), cmp.Or(in.TokenURI, google.Endpoint.TokenURL)
	if _, ok := safe(authURL); !ok {
		return c.unsafe("auth_uri", authURL)
	}
	return c.setClient(in.ClientID, in.ClientSecret, authURL, tokenURL)
}

func (c *credentials) authorizedUser(in content) error {
	c.kind, c.refreshToken = AuthorizedUser, in.RefreshToken
	switch {
	case in.ClientID == "":
		return c.broken("client_id")
	case in.RefreshToken == "":
		return c.broken("refresh_token")
	}
	return c.setClient(in.ClientID, in.ClientSecret, google.Endpoint.AuthURL, cmp.Or(in.TokenURI, google.Endpoint.TokenURL))
}

func (c *credentials) setClient(id, secret, authURL, tokenURL string) error {
	c.client = oauth2.Config{
		ClientID: id, ClientSecret: secret, Scopes: []string{Scope},
		Endpoint: oauth2.Endpoint{AuthURL: authURL, TokenURL: tokenURL, AuthStyle: oauth2.AuthStyleInParams},
	}
	return c.setServer(tokenURL)
}

func (c *credentials) setServer(address string) error {
	u, ok := safe(address)
	if !ok {
		return c.unsafe("token_uri", address)
	}
	c.server = shown(u.Host)
	return nil
}

func (c *credentials) serviceAccount(in content) error {
	c.kind, c.email = ServiceAccount, in.ClientEmail
	in.TokenURI = cmp.Or(in.TokenURI, google.JWTTokenURL)
	switch {
	case !regexp.MustCompile(`^[!-~]{1,200}@[a-z0-9.-]{1,200}$`).MatchString(in.ClientEmail):
		return c.broken("client_email")
	case !isKey([]byte(in.PrivateKey)):
		return c.broken("private_key")
	}
	// Written anew, so that google reads nothing that was not checked here:
	// its reader takes names in capitals and doubled names, ours does not.
	checked, err := json.Marshal(content{
		Type: in.Type, ClientEmail: in.ClientEmail, PrivateKey: in.PrivateKey, PrivateKeyID: in.PrivateKeyID, TokenURI: in.TokenURI,
	})
	if err != nil {
		return c.broken("private_key_id")
	}
	config, err := google.JWTConfigFromJSON(checked, Scope)
	if err != nil {
		return c.broken("private_key")
	}
	c.key = config
	return c.setServer(in.TokenURI)
}

// isKey wants an RSA key of a size that crypto/rsa signs with.
func isKey(text []byte) bool {
	block, _ := pem.Decode(text)
	if block == nil {
		return false
	}
	if k, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return k.N.BitLen() >= 1024
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	k, ok := parsed.(*rsa.PrivateKey)
	return err == nil && ok && k.N.BitLen() >= 1024
}

func (c *credentials) broken(field string) error {
	return fault.New(fault.Invalid, "auth.field", "file", shown(c.file), "field", field)
}

// unsafe shows the host alone: an address may have a password in it.
func (c *credentials) unsafe(field, address string) error {
	host := "?"
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		host = shown(u.Host)
	}
	return fault.New(fault.Invalid, "auth.unsafe_address", "file", shown(c.file), "field", field, "host", host)
}

// safe wants https, or http that does not leave this machine.
func safe(address string) (*url.URL, bool) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.User != nil || u.Fragment != "" {
		return nil, false
	}
	ip := net.ParseIP(u.Hostname())
	loopback := u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
	return u, u.Scheme == "https" || u.Scheme == "http" && loopback
}

// readPrivate reads a file of secrets. One that others can read is refused,
// as they may have done so. An error is fs.ErrNotExist or a fault.
func readPrivate(path string) ([]byte, error) {
	const longest = 64 << 10
	// Without O_NONBLOCK a pipe would be waited for.
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	unreadable := func(err error) error {
		return fault.New(fault.Invalid, "auth.file_unreadable", "file", shown(path)).Wrap(plain(err))
	}
	if err != nil {
		return nil, unreadable(err)
	}
	defer f.Close() //nolint:errcheck // only read
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, unreadable(err)
	case !info.Mode().IsRegular():
		return nil, fault.New(fault.Invalid, "auth.not_a_file", "file", shown(path))
	case info.Mode().Perm()&0o077 != 0:
		return nil, fault.New(fault.Invalid, "auth.file_shared", "file", shown(path), "mode", info.Mode().Perm())
	}
	raw, err := io.ReadAll(io.LimitReader(f, longest+1))
	switch {
	case err != nil:
		return nil, unreadable(err)
	case len(raw) > longest:
		return nil, fault.New(fault.Invalid, "auth.file_too_long", "file", shown(path), "bytes", longest)
	case len(bytes.TrimSpace(raw)) == 0:
		return nil, fault.New(fault.Invalid, "auth.file_empty", "file", shown(path))
	}
	return raw, nil
}

// unmarshal says where a file goes wrong, and nothing of what stands there.
func unmarshal(path string, raw []byte, v any) error {
	err := json.Unmarshal(raw, v)
	if wrong, ok := errors.AsType[*json.SemanticError](err); ok {
		return fault.New(fault.Invalid, "auth.field", "file", shown(path), "field", cmp.Or(strings.TrimPrefix(string(wrong.JSONPointer), "/"), "{}"))
	}
	if err == nil {
		return nil
	}
	line := 1
	if wrong, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		line += bytes.Count(raw[:min(max(wrong.ByteOffset, 0), int64(len(raw)))], []byte("\n"))
	}
	return fault.New(fault.Invalid, "auth.not_json", "file", shown(path), "line", line)
}
