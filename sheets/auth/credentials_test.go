package auth

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"unicode/utf16"

	"pgregory.net/rapid"

	"uratori/internal/fault"
	"uratori/sheets/auth/authtest"
)

const planted = "PLANTED-SECRET-0123456789"

func TestReadCredentials_WhatCannotBeUsed_IsNamedPrecisely(t *testing.T) {
	wide := func(s string) string {
		b := []byte{0xff, 0xfe}
		for _, u := range utf16.Encode([]rune(s)) {
			b = append(b, byte(u), byte(u>>8))
		}
		return string(b)
	}
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(ec)
	if err != nil {
		t.Fatal(err)
	}
	elliptical := strings.ReplaceAll(string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), "\n", `\n`)
	account := func(more string) string {
		return `{"type":"service_account","client_email":"a@b.example","private_key":"` + planted + `"` + more + `}`
	}
	client := func(fields string) string {
		return `{"installed":{"client_secret":"` + planted + `",` + fields + `}}`
	}
	for name, tc := range map[string]struct {
		text, key string
		values    string // one of them
	}{
		"empty":                {"", "auth.file_empty", ""},
		"blank":                {" \n\t\r\n", "auth.file_empty", ""},
		"not JSON":             {"\n\n" + planted, "auth.not_json", "3"},
		"cut off":              {client(`"client_id":"x"`)[:30], "auth.not_json", "1"},
		"HTML":                 {"<!doctype html>", "auth.not_json", "1"},
		"two documents":        {"{}\n{}", "auth.not_json", "2"},
		"a name twice":         {"{\"type\":\"service_account\",\n\"type\":\"external_account\"}", "auth.not_json", "2"},
		"byte order mark":      {"\ufeff{}", "auth.not_json", "1"},
		"UTF-16":               {wide(account("")), "auth.not_json", "1"},
		"Latin-1":              {"{\"type\":\"\xe9\"}", "auth.not_json", "1"},
		"huge":                 {`{"type":"` + strings.Repeat("x", 1<<20) + `"}`, "auth.file_too_long", "65536"},
		"deep":                 {strings.Repeat("[", 60000), "auth.field", "{}"},
		"a list":               {"[]", "auth.field", "{}"},
		"a text":               {`"` + planted + `"`, "auth.field", "{}"},
		"null":                 {"null", "auth.no_kind", ""},
		"an empty object":      {"{}", "auth.no_kind", ""},
		"an API key":           {`{"api_key":"` + planted + `"}`, "auth.no_kind", ""},
		"type a number":        {`{"type":1}`, "auth.field", "type"},
		"unknown type":         {`{"type":"service_acount"}`, "auth.kind_unknown", "service_acount"},
		"hostile type":         {`{"type":"\u001b[31m` + planted + `"}`, "auth.kind_unknown", "?"},
		"type in capitals":     {`{"TYPE":"service_account"}`, "auth.no_kind", ""},
		"web":                  {`{"web":{"client_id":"x","client_secret":"` + planted + `"}}`, "auth.web_client", ""},
		"web and installed":    {`{"web":{"client_id":"x"},"installed":{"client_id":"x"}}`, "auth.web_client", ""},
		"external account":     {`{"type":"external_account","credential_source":{"executable":{"command":"/bin/sh"}}}`, "auth.kind_refused", "external_account"},
		"external user":        {`{"type":"external_account_authorized_user"}`, "auth.kind_refused", "external_account_authorized_user"},
		"impersonated":         {`{"type":"impersonated_service_account"}`, "auth.kind_refused", "impersonated_service_account"},
		"gdch":                 {`{"type":"gdch_service_account"}`, "auth.kind_refused", "gdch_service_account"},
		"no email":             {`{"type":"service_account","private_key":"` + planted + `"}`, "auth.field", "client_email"},
		"hostile email":        {`{"type":"service_account","client_email":"a\u001b@b","private_key":"` + planted + `"}`, "auth.field", "client_email"},
		"no key":               {`{"type":"service_account","client_email":"a@b.example"}`, "auth.field", "private_key"},
		"key of rubbish":       {account(""), "auth.field", "private_key"},
		"key a number":         {`{"type":"service_account","private_key":7}`, "auth.field", "private_key"},
		"elliptical key":       {`{"type":"service_account","client_email":"a@b.example","private_key":"` + elliptical + `"}`, "auth.field", "private_key"},
		"client without id":    {client(`"token_uri":"https://x.example"`), "auth.field", "client_id"},
		"client a text":        {`{"installed":"` + planted + `"}`, "auth.field", "installed"},
		"client id a list":     {client(`"client_id":[]`), "auth.field", "installed/client_id"},
		"plain http":           {client(`"client_id":"x","token_uri":"http://evil.example/token"`), "auth.unsafe_address", "evil.example"},
		"file":                 {client(`"client_id":"x","token_uri":"file:///etc/passwd"`), "auth.unsafe_address", "token_uri"},
		"no scheme":            {client(`"client_id":"x","token_uri":"//evil.example"`), "auth.unsafe_address", "evil.example"},
		"not an address":       {client(`"client_id":"x","token_uri":"http://[` + planted + `"`), "auth.unsafe_address", "?"},
		"password in address":  {client(`"client_id":"x","token_uri":"https://u:` + planted + `@evil.example/"`), "auth.unsafe_address", "evil.example"},
		"looks like loopback":  {client(`"client_id":"x","token_uri":"http://127.0.0.1.evil.example/"`), "auth.unsafe_address", "127.0.0.1.evil.example"},
		"script for a browser": {client(`"client_id":"x","auth_uri":"javascript:alert(1)"`), "auth.unsafe_address", "auth_uri"},
		"plain http to permit": {client(`"client_id":"x","auth_uri":"http://evil.example/"`), "auth.unsafe_address", "evil.example"},
		"user without refresh": {`{"type":"authorized_user","client_id":"x","client_secret":"` + planted + `"}`, "auth.field", "refresh_token"},
		"user without client":  {`{"type":"authorized_user","refresh_token":"` + planted + `"}`, "auth.field", "client_id"},
		"user to plain http":   {`{"type":"authorized_user","client_id":"x","refresh_token":"` + planted + `","token_uri":"http://evil.example"}`, "auth.unsafe_address", "evil.example"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "file")
			if err := os.WriteFile(path, []byte(tc.text), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := readCredentials(path)
			values := valuesOf(t, err, fault.Invalid, tc.key)
			found := tc.values == ""
			for _, value := range values {
				found = found || value == tc.values
			}
			if !found || values["file"] != path {
				t.Errorf("%v, want %s", values, tc.values)
			}
			if text := all(err); strings.Contains(text, planted) || strings.Contains(text, "\x1b") {
				t.Errorf("%q", text)
			}
		})
	}
}

func TestReadCredentials_AServiceAccountSentElsewhere_IsRefused(t *testing.T) {
	server := authtest.New(t)
	s := source(t, server)
	server.WriteServiceAccount(s.Credentials)
	raw, err := os.ReadFile(s.Credentials)
	if err != nil {
		t.Fatal(err)
	}
	for address, good := range map[string]bool{
		"http://evil.example/token": false, "ftp://127.0.0.1/": false, "http://0.0.0.0/": false, "https://": false, "https://u@127.0.0.1/": false,
		"https://oauth2.googleapis.com/token": true, "http://[::1]:1/token": true, "http://localhost:1/": true, "http://127.9.9.9/": true,
	} {
		text := strings.ReplaceAll(string(raw), server.URL+"/token", address)
		_, err := judgeCredentials(s.Credentials, []byte(text))
		if good && err != nil {
			t.Errorf("%s: %v", address, err)
		}
		if !good {
			wantFault(t, err, fault.Invalid, "auth.unsafe_address")
		}
	}
}

func TestReadPrivate_WhatIsNotOursAlone_IsRefused(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	for _, mode := range []os.FileMode{0o644, 0o640, 0o604, 0o620, 0o602, 0o660, 0o777} {
		if err := os.WriteFile(path, []byte("{}"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		_, err := readPrivate(path)
		if values := valuesOf(t, err, fault.Invalid, "auth.file_shared"); values["mode"] != mode.String() {
			t.Error(values)
		}
	}
	if err := os.Chmod(path, 0o400); err != nil {
		t.Fatal(err)
	}
	if _, err := readPrivate(path); err != nil {
		t.Error(err)
	}
	_, err := readPrivate(dir)
	wantFault(t, err, fault.Invalid, "auth.not_a_file")
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = readPrivate(pipe)
	wantFault(t, err, fault.Invalid, "auth.not_a_file")
	_, err = readPrivate(filepath.Join(path, "below"))
	wantFault(t, err, fault.Invalid, "auth.file_unreadable")
	_, err = readPrivate(filepath.Join(dir, "\x1b[31m\n"+strings.Repeat("x", 300)))
	wantFault(t, err, fault.Invalid, "auth.file_unreadable")
	if strings.ContainsAny(err.Error(), "\x1b\n") {
		t.Errorf("%q", err)
	}
}

// Whatever stands in a file, wherever it is cut: no error repeats it.
func TestReadCredentials_NoErrorRepeatsTheFile(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom([]string{
			"type", "client_email", "private_key", "private_key_id", "token_uri", "refresh_token", "client_id",
			"client_secret", "installed", "web", "auth_uri", "other", planted,
		})
		value := rapid.SampledFrom([]string{
			`"` + planted + `"`, `{"` + planted + `":1}`, `["` + planted + `"]`, `"service_account"`, `"authorized_user"`,
			`"a@` + planted + `"`, `"https://` + planted + `:x@y"`, `"http://h/` + planted + `"`, `1`, `null`, planted, `"\u0000`,
		})
		var fields []string
		for range rapid.IntRange(0, 6).Draw(t, "fields") {
			fields = append(fields, fmt.Sprintf("%q:%s", name.Draw(t, "name"), value.Draw(t, "value")))
		}
		text := "{" + strings.Join(fields, ",") + "}"
		if rapid.Bool().Draw(t, "nested") {
			text = `{"installed":` + text + "}"
		}
		text = text[:rapid.IntRange(0, len(text)).Draw(t, "cut")]
		if _, err := judgeCredentials("f", []byte(text)); err != nil && strings.Contains(all(err), planted) {
			t.Fatalf("%s: %v", text, err)
		}
	})
}

func FuzzCredentials(f *testing.F) {
	server := authtest.New(f)
	path := filepath.Join(f.TempDir(), "c")
	for _, write := range []func(string){server.WriteClient, server.WriteServiceAccount, server.WriteAuthorizedUser} {
		write(path)
		raw, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Add([]byte(`{"web":{}}`))
	f.Add([]byte(`{"type":"external_account"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := judgeCredentials("c", raw)
		if err != nil {
			if fault.KindOf(err) != fault.Invalid || len(all(err)) > 20000 {
				t.Fatalf("%.200v", err)
			}
			return
		}
		if c.kind == ServiceAccount {
			if c.key == nil || !strings.Contains(c.email, "@") {
				t.Fatalf("%+v", c)
			}
			return
		}
		for _, address := range []string{c.client.Endpoint.TokenURL, c.client.Endpoint.AuthURL} {
			if !strings.HasPrefix(strings.ToLower(address), "http") || c.client.ClientID == "" {
				t.Fatalf("%+v", c.client)
			}
		}
	})
}
