package dashboard

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"uratori/internal/control"
	"uratori/internal/ledger"
)

func answer(passphrase, verdict string) url.Values {
	return url.Values{"step": {"plan-approval"}, "digest": {"d1"}, "passphrase": {passphrase}, "approver": {" kiri "}, "verdict": {verdict}, "reason": {"遅い"}}
}

func TestDecide_ApprovesAndRejects_WithThePassphraseAndTheDigestThatWasShown(t *testing.T) {
	h := build(t, nil)
	for _, verdict := range []string{"approve", "reject"} {
		w := h.ask("POST", "/tracker/INTG-088/decide", answer(secret, verdict), "Accept-Language", "ja")
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "77") || cookie(w) == "" {
			t.Errorf("%s: %d\n%s", verdict, w.Code, w.Body)
		}
	}
	got := h.daemon.decided
	if len(got) != 2 || got[0].Digest != "d1" || got[0].Channel != "web" || got[0].Approver != "kiri" || got[0].Reject || !got[1].Reject || got[1].Reason != "遅い" || got[0].Token == got[1].Token {
		t.Errorf("%+v", got)
	}
}

// A session is no signature: an answer wants the passphrase itself.
func TestDecide_ASessionDoesNotReplaceThePassphrase(t *testing.T) {
	h := build(t, nil)
	in := h.signedIn()
	for _, wrong := range []string{"", "x", secret + "?"} {
		w := h.ask("POST", "/tracker/INTG-088/decide", answer(wrong, "approve"), "Cookie", in)
		if w.Code == http.StatusOK || !strings.Contains(w.Body.String(), "passphrase") {
			t.Errorf("%q: %d %s", wrong, w.Code, w.Body)
		}
	}
	for _, verdict := range []string{"", "yes", "Approve"} {
		if w := h.ask("POST", "/tracker/INTG-088/decide", answer(secret, verdict)); w.Code != http.StatusBadRequest {
			t.Errorf("%q: %d", verdict, w.Code)
		}
	}
}

func TestKill_WantsAPassphraseOrASession(t *testing.T) {
	h := build(t, nil)
	h.daemon.survivor = control.Killed{State: "killed", Verdict: ledger.Verified, Ended: []control.EndedProcess{{PID: 7, Name: hostile, Signal: "SIGTERM"}}}
	for _, passphrase := range []string{"", "wrong"} {
		if w := h.ask("POST", "/task/42/kill", url.Values{"passphrase": {passphrase}}); w.Code == http.StatusOK || cookie(w) != "" {
			t.Errorf("%q: %d", passphrase, w.Code)
		}
	}
	if w := h.ask("POST", "/task/42/kill", url.Values{}, "Cookie", "uratori=forged"); w.Code == http.StatusOK {
		t.Errorf("a forged cookie: %d", w.Code)
	}
	if len(h.daemon.killed)+len(h.daemon.retried) > 0 {
		t.Fatal("it was killed")
	}
	w := h.ask("POST", "/task/42/kill", url.Values{"passphrase": {secret}, "ticket": {"INTG-088"}})
	if body := w.Body.String(); w.Code != http.StatusOK || !strings.Contains(body, "✔") || !strings.Contains(body, "no process of it left") || strings.Contains(body, "<script>") || !strings.Contains(body, `href="/tracker/INTG-088"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	in := cookie(w)
	if w := h.ask("POST", "/task/42/retry", url.Values{"from_start": {"yes"}}, "Cookie", in); w.Code != http.StatusOK || len(h.daemon.retried) != 1 || !h.daemon.retried[0].FromStart {
		t.Errorf("%d %+v", w.Code, h.daemon.retried)
	}
	h.clock.pass(sessionLife)
	if w := h.ask("POST", "/task/42/kill", url.Values{}, "Cookie", in); w.Code == http.StatusOK {
		t.Error("a session has no end")
	}
	in = h.signedIn()
	if w := h.ask("POST", "/logout", url.Values{}, "Cookie", in); w.Code != http.StatusSeeOther {
		t.Error(w.Code)
	}
	if w := h.ask("POST", "/task/42/kill", url.Values{}, "Cookie", in); w.Code == http.StatusOK {
		t.Error("who signed out is still in")
	}
}

func TestKill_SaysThatNothingIsLeft_OnlyWhenALookHasFoundNothing(t *testing.T) {
	h := build(t, nil)
	in := h.signedIn()
	for verdict, want := range map[ledger.Verdict]string{ledger.Refuted: "Processes are left: 2 (5, 6)", ledger.Unverifiable: "could not be found out", "": "? Kill", "done": "? Kill"} {
		h.daemon.survivor = control.Killed{State: "killed", Verdict: verdict, Survivors: []int{5, 6}, Problem: &control.Fault{Message: "why"}}
		body := h.ask("POST", "/task/42/kill", url.Values{}, "Cookie", in).Body.String()
		if !strings.Contains(body, want) || strings.Contains(body, "✔") || strings.Contains(body, "no process of it left") || !strings.Contains(body, "why") {
			t.Errorf("%q: %s", verdict, body)
		}
		h.clock.pass(tryEvery)
	}
}

func TestActions_FromElsewhere_OrMalformed_AreRefused(t *testing.T) {
	h := build(t, nil)
	in := h.signedIn()
	for _, headers := range [][]string{
		{"Origin", "https://evil.example"}, {"Origin", "http://127.0.0.1:9999"}, {"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "null"},
	} {
		if w := h.ask("POST", "/task/42/kill", url.Values{"passphrase": {secret}}, append(headers, "Cookie", in)...); w.Code != http.StatusForbidden {
			t.Errorf("%v: %d", headers, w.Code)
		}
	}
	for _, target := range []string{"/task/0/kill", "/task/-1/kill", "/task/x/kill", "/task/99999999999999999999/retry"} {
		if w := h.ask("POST", target, url.Values{}, "Cookie", in); w.Code != http.StatusBadRequest {
			t.Errorf("%s: %d", target, w.Code)
		}
		h.clock.pass(tryEvery)
	}
	for name, headers := range map[string][]string{
		"json": {"Content-Type", "application/json"}, "multipart": {"Content-Type", "multipart/form-data; boundary=x"}, "text": {"Content-Type", "text/plain"},
	} {
		if w := h.ask("POST", "/task/42/kill?passphrase="+secret, url.Values{"a": {"b"}}, append(headers, "Cookie", in)...); w.Code != http.StatusBadRequest {
			t.Errorf("%s: %d", name, w.Code)
		}
		h.clock.pass(tryEvery)
	}
	if w := h.ask("POST", "/task/42/kill", url.Values{"a": {strings.Repeat("x", longestForm)}}, "Cookie", in); w.Code != http.StatusBadRequest {
		t.Errorf("a huge form: %d", w.Code)
	}
	if w := h.ask("GET", "/task/42/kill", nil, "Cookie", in); w.Code == http.StatusOK {
		t.Errorf("a link kills: %d", w.Code)
	}
	// What stands in an address is in logs and histories; it is not read.
	if w := h.ask("POST", "/task/42/kill?passphrase="+secret, url.Values{}); w.Code == http.StatusOK {
		t.Error("a passphrase in the address counts")
	}
	if len(h.daemon.killed) > 0 {
		t.Errorf("%+v", h.daemon.killed)
	}
}

func TestHosts_OfOthers_AreRefused(t *testing.T) {
	h := build(t, func(o *Options) { o.Hosts = []string{"ws.tail.example"} })
	h.full()
	for _, host := range []string{"evil.example", "evil.example:8088", "127.0.0.1.evil.example", "localhost.evil.example", "192.168.0.1", "0.0.0.0", "", "[::2]:80", "127.0.0.1@evil"} {
		if w := h.ask("GET", "/", nil, "Host", host); w.Code != http.StatusMisdirectedRequest || strings.Contains(w.Body.String(), "4242") {
			t.Errorf("%q: %d", host, w.Code)
		}
	}
	for _, host := range []string{"localhost", "LOCALHOST:1", "127.0.0.1", "127.9.9.9:80", "[::1]", "[::1]:8088", "WS.tail.example:8088"} {
		if w := h.ask("GET", "/", nil, "Host", host); w.Code != http.StatusOK {
			t.Errorf("%q: %d", host, w.Code)
		}
	}
}

func TestOtherMachines_SeeNothingBeforeTheySignIn(t *testing.T) {
	h := build(t, nil)
	h.full()
	for _, from := range []string{"192.168.0.7:99", "[fe80::1]:99", "nonsense", ""} {
		for _, page := range []string{"/", "/tracker/INTG-088", "/events?page=/", "/nothing"} {
			if w := h.ask("GET", page, nil, "From", from); w.Code != http.StatusSeeOther && w.Code != http.StatusUnauthorized || strings.Contains(w.Body.String(), "4242") {
				t.Errorf("%s from %q: %d", page, from, w.Code)
			}
		}
	}
	w := h.ask("POST", "/login", url.Values{"passphrase": {secret}}, "From", "192.168.0.7:99")
	if w = h.ask("GET", "/", nil, "From", "192.168.0.7:99", "Cookie", cookie(w)); w.Code != http.StatusOK {
		t.Errorf("%d", w.Code)
	}
	closed := build(t, func(o *Options) { o.Login = nil })
	for _, page := range []string{"/", "/login", "/assets/page.css"} {
		if w := closed.ask("GET", page, nil, "From", "192.168.0.7:99"); w.Code != http.StatusUnauthorized {
			t.Errorf("%s: %d", page, w.Code)
		}
	}
}

func TestLogin_IsSlow_ForWhoeverGuesses(t *testing.T) {
	h := build(t, nil)
	if w := h.ask("POST", "/login", url.Values{"passphrase": {"guess"}}); strings.Count(w.Body.String(), `href="/login"`) != 2 {
		t.Errorf("no way back to the form beside the one in the head of the page: %s", w.Body)
	}
	codes := map[int]int{}
	for range 3*tryBurst - 1 {
		codes[h.ask("POST", "/login", url.Values{"passphrase": {"guess"}}).Code]++
	}
	if codes[http.StatusTooManyRequests] != 2*tryBurst {
		t.Error(codes)
	}
	c := h.cookieFlags()
	if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.Secure {
		t.Errorf("%+v", c)
	}
}

func (h *house) cookieFlags() *http.Cookie {
	w := httptest.NewRecorder()
	h.sessions.begin(w, httptest.NewRequestWithContext(h.t.Context(), "POST", "http://localhost/", nil))
	return w.Result().Cookies()[0]
}

func TestSessions_AreBounded(t *testing.T) {
	h := build(t, nil)
	for range 3 * mostSessions {
		h.cookieFlags()
		h.clock.pass(1)
	}
	if n := len(h.sessions.open); n != mostSessions {
		t.Error(n)
	}
}
