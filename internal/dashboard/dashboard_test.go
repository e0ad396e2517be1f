package dashboard

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"uratori/internal/control"
)

const hostile = `<script>alert(1)</script>"'><img src=x onerror=y>`

func look(context.Context) (control.Status, error) {
	s := control.Status{Problems: []control.Problem{control.NewProblem("problem.loop_failed", "loop", hostile, "error", hostile)}}
	s.Daemon.Home, s.Daemon.Version, s.Daemon.PID = hostile, hostile, 4242
	s.Daemon.Loops = []control.Loop{{Name: hostile, State: control.LoopWaiting, LastError: hostile}}
	return s, nil
}

func ask(t *testing.T, handler http.Handler, method, target string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), method, target, nil)
	req.Host = "127.0.0.1:8088"
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i] == "Host" {
			req.Host = headers[i+1]
			continue
		}
		req.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, req)
	for _, name := range []string{"Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "Cache-Control"} {
		if w.Header().Get(name) == "" {
			t.Errorf("%s %s %v: no %s", method, target, headers, name)
		}
	}
	return w
}

func TestPage_SpeaksTheBrowsersLanguage(t *testing.T) {
	h := New(look)
	for accept, want := range map[string]string{
		"ja": "台帳", "ja-JP,en;q=0.5": "台帳", "de, ja;q=0.3": "台帳", "en-US,ja;q=0.9": "Ledger", "": "Ledger", "de": "Ledger", ";;,,=": "Ledger",
	} {
		w := ask(t, h, "GET", "/", "Accept-Language", accept)
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), want) || !strings.Contains(w.Body.String(), "4242") {
			t.Errorf("%q: %d\n%s", accept, w.Code, w.Body)
		}
	}
}

func TestPage_EverythingIsEscaped(t *testing.T) {
	w := ask(t, New(look), "GET", "/")
	for _, bad := range []string{"<script", "<img", "onerror=y>"} {
		if strings.Contains(w.Body.String(), bad) {
			t.Errorf("%s stands in the page", bad)
		}
	}
	if strings.Count(w.Body.String(), "&lt;script&gt;") != 5 {
		t.Errorf("not everything is shown:\n%s", w.Body)
	}
}

func TestPage_HostsOfOthers_AreRefused(t *testing.T) {
	h := New(look)
	for _, host := range []string{"evil.example", "evil.example:8088", "127.0.0.1.evil.example", "localhost.evil.example", "192.168.0.1", "0.0.0.0", "", "[::2]:80", "127.0.0.1@evil"} {
		if w := ask(t, h, "GET", "/", "Host", host); w.Code != http.StatusMisdirectedRequest || strings.Contains(w.Body.String(), "4242") {
			t.Errorf("%q: %d", host, w.Code)
		}
	}
	for _, host := range []string{"localhost", "LOCALHOST:1", "127.0.0.1", "127.9.9.9:80", "[::1]", "[::1]:8088"} {
		if w := ask(t, h, "GET", "/", "Host", host); w.Code != http.StatusOK {
			t.Errorf("%q: %d", host, w.Code)
		}
	}
}

func TestPage_OtherRequests(t *testing.T) {
	h := New(look)
	for _, tc := range []struct {
		method, target string
		headers        []string
		code           int
	}{
		{"GET", "/page.css", nil, http.StatusOK},
		{"GET", "/nothing", nil, http.StatusNotFound},
		{"GET", "/assets/page.html", nil, http.StatusNotFound},
		{"GET", "/%2e%2e/%2e%2e/etc/passwd", nil, http.StatusNotFound},
		{"POST", "/", nil, http.StatusMethodNotAllowed},
		{"POST", "/", []string{"Origin", "https://evil.example"}, http.StatusForbidden},
		{"POST", "/", []string{"Sec-Fetch-Site", "cross-site"}, http.StatusForbidden},
	} {
		if w := ask(t, h, tc.method, tc.target, tc.headers...); w.Code != tc.code || strings.Contains(w.Body.String(), "root:") {
			t.Errorf("%s %s %v: %d", tc.method, tc.target, tc.headers, w.Code)
		}
	}
}

func TestPage_LookThatFails_IsSaidOnThePage(t *testing.T) {
	h := New(func(context.Context) (control.Status, error) { return control.Status{}, errors.New(hostile) })
	w := ask(t, h, "GET", "/")
	if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "&lt;script&gt;") {
		t.Errorf("%d\n%s", w.Code, w.Body)
	}
}
