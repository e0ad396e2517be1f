package dashboard

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// Where others than programs of this machine may get to the pages, nobody sees
// anything before they have signed in, from wherever they come.
func TestOpenPages_ShowNothingBeforeASession(t *testing.T) {
	h := build(t, func(o *Options) { o.Open, o.Hosts = true, []string{"ws.tail.example"} })
	h.full()
	for _, from := range []string{"127.0.0.1:4711", "[::1]:99", "192.168.0.7:99"} {
		for _, path := range []string{"/", "/tracker/INTG-088", "/events?page=/", "/ledger", "/settings", "/incidents", "/sheet", "/sheet/rows", "/assets/live.js", "/assets/vendor/idiomorph-0.8.0.min.js", "/nothing", "/assets/../", "/login/../"} {
			for _, mode := range []string{"navigate", "cors", "no-cors", ""} {
				w := h.ask(http.MethodGet, path, nil, "From", from, "Sec-Fetch-Mode", mode, "Host", "ws.tail.example")
				there := mode == "navigate" && w.Code == http.StatusSeeOther && w.Header().Get("Location") == "/login"
				cleaned := strings.Contains(path, "..") && w.Code/100 == 3
				if !there && !cleaned && w.Code != http.StatusUnauthorized || strings.Contains(w.Body.String(), "4242") {
					t.Errorf("%s from %s by %q: %d %s", path, from, mode, w.Code, w.Header().Get("Location"))
				}
			}
		}
		for _, path := range []string{"/task/42/kill", "/task/42/retry", "/tracker/INTG-088/decide", "/sheet/edit"} {
			if w := h.ask(http.MethodPost, path, url.Values{"passphrase": {secret}}, "From", from); w.Code != http.StatusUnauthorized {
				t.Errorf("%s from %s: %d", path, from, w.Code)
			}
		}
		for _, path := range []string{"/login", "/assets/page.css", "/assets/icon.svg"} {
			if w := h.ask(http.MethodGet, path, nil, "From", from); w.Code != http.StatusOK {
				t.Errorf("%s, which the door needs, from %s: %d", path, from, w.Code)
			}
		}
	}
	if len(h.daemon.killed)+len(h.daemon.retried)+len(h.daemon.decided) > 0 {
		t.Errorf("%+v %+v %+v", h.daemon.killed, h.daemon.retried, h.daemon.decided)
	}
	in := h.signedIn()
	for _, path := range []string{"/", "/tracker/INTG-088", "/assets/live.js"} {
		if w := h.ask(http.MethodGet, path, nil, "Cookie", in); w.Code != http.StatusOK {
			t.Errorf("%s with a session: %d", path, w.Code)
		}
	}
	for _, forged := range []string{"uratori=", "uratori=x", in + "x", strings.ToLower(in), "uratori=%00; uratori=1"} {
		if w := h.ask(http.MethodGet, "/", nil, "Cookie", forged); w.Code != http.StatusUnauthorized && w.Code != http.StatusSeeOther {
			t.Errorf("%q is a session: %d", forged, w.Code)
		}
	}
}

// A server on this machine that passes requests on comes from loopback; whoever
// is behind it does not.
func TestPages_PassedOnByAServerOfThisMachine_AreNotForItsNeighbours(t *testing.T) {
	h := build(t, nil)
	h.full()
	for _, header := range []string{"Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Real-IP", "Tailscale-User-Login"} {
		if w := h.ask(http.MethodGet, "/", nil, header, "203.0.113.7"); w.Code != http.StatusUnauthorized && w.Code != http.StatusSeeOther {
			t.Errorf("%s: %d", header, w.Code)
		}
	}
	// Nor is it believed about anything else.
	w := h.ask(http.MethodPost, "/login", url.Values{"passphrase": {secret}}, "X-Forwarded-Proto", "https")
	for _, c := range w.Result().Cookies() {
		if c.Secure {
			t.Error("a header that anybody can set made the cookie secure")
		}
	}
}

// A name that somebody has led here (DNS rebinding) is refused; the address to
// which the request came is not.
func TestOpenPages_AnswerToTheirOwnNamesOnly(t *testing.T) {
	h := build(t, func(o *Options) { o.Open, o.Hosts = true, []string{"ws", "ws.tail.example"} })
	h.full()
	in := h.signedIn()
	ask := func(host string) int {
		at := &net.TCPAddr{IP: net.ParseIP("192.168.0.5"), Port: 8088}
		r := httptest.NewRequestWithContext(context.WithValue(t.Context(), http.LocalAddrContextKey, at), http.MethodGet, "/", nil)
		r.Host, r.RemoteAddr = host, "192.168.0.7:99"
		r.Header.Set("Cookie", in)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Code
	}
	for host, want := range map[string]int{
		"ws:8088": 200, "WS.tail.example": 200, "192.168.0.5:8088": 200, "192.168.0.5": 200, "localhost:8088": 200, "[::ffff:192.168.0.5]:8088": 200,
		"evil.example:8088": 421, "192.168.0.6": 421, "192.168.0.5.evil.example": 421, "ws.evil.example": 421, "0.0.0.0:8088": 421, "xws": 421, "": 421, "3232235525": 421, "0xc0.0xa8.0.5": 421, "192.168.0.05": 421,
	} {
		if got := ask(host); got != want {
			t.Errorf("%q: %d, want %d", host, got, want)
		}
	}
	for _, origin := range []string{"http://evil.example", "null", "http://ws.tail.example.evil"} {
		for _, path := range []string{"/login", "/logout", "/task/42/kill", "/tracker/INTG-088/decide"} {
			if w := h.ask(http.MethodPost, path, url.Values{"passphrase": {secret}}, "Cookie", in, "Origin", origin); w.Code != http.StatusForbidden {
				t.Errorf("%s from %s: %d", path, origin, w.Code)
			}
		}
	}
	if len(h.daemon.killed)+len(h.daemon.decided) > 0 {
		t.Error("a page of another site has acted")
	}
}
