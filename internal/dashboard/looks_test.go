package dashboard

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"uratori/internal/ledger"
)

func TestTicketPage_DoesNotWaitForTheFactCheck_AndIsNotGreenBefore(t *testing.T) {
	h := build(t, nil)
	h.full()
	h.daemon.events, h.daemon.flow.Steps = nil, nil
	facts := h.daemon.facts["INTG-088"]
	facts.Verdict, facts.Checks = ledger.Verified, facts.Checks[:1]
	h.daemon.facts["INTG-088"] = facts
	h.daemon.hold = make(chan struct{})
	base := h.serve(t)
	body := h.ask(http.MethodGet, "/tracker/INTG-088", nil).Body.String()
	if strings.Contains(body, "badge verified") || !strings.Contains(body, "being looked at") || !strings.Contains(body, "?look=now") {
		t.Errorf("a page that could not have looked:\n%s", body)
	}
	f := open(t, base, "/tracker/INTG-088", "en")
	f.until("ticket-head", "being looked at")
	close(h.daemon.hold)
	f.until("ticket-head", "badge verified")
	if body := h.ask(http.MethodGet, "/tracker/INTG-088", nil).Body.String(); strings.Count(body, "badge verified") != 2 {
		t.Errorf("another page is not shown the look that was made:\n%s", body)
	}
	// Whatever happens to the ticket, nobody is shown that look again.
	h.daemon.set(func() { h.daemon.hold = make(chan struct{}) })
	defer func() { close(h.daemon.hold) }()
	h.daemon.entries <- ledger.Entry{Kind: "tracker.edited", Subject: "INTG-088"}
	within(t, "the look is forgotten", func() bool {
		return !strings.Contains(h.ask(http.MethodGet, "/tracker/INTG-088", nil).Body.String(), "badge verified")
	})
}

func TestLooks_HoldUntilSomethingHappens_AndOnlyWhileSomebodyFollows(t *testing.T) {
	c := &clock{at: time.Unix(0, 0)}
	fail := error(nil)
	l := newLooks(c.now, func(context.Context, Daemon, string) (int, error) { return 1, fail })
	seen := func(name string) bool { _, ok := l.seen(name); return ok }
	if l.make(t.Context(), nil, "a"); seen("a") {
		t.Error("shown though nobody follows what happens")
	}
	if l.follow(true); seen("a") {
		t.Error("shown though nobody knows what has happened before")
	}
	l.make(t.Context(), nil, "a")
	l.make(t.Context(), nil, "b")
	if !seen("a") || l.due("a", false) <= justLooked || l.due("c", false) != 0 {
		t.Error("not kept")
	}
	if l.forget("a"); seen("a") || !seen("b") || l.due("a", false) > freshEvery {
		t.Error("not forgotten")
	}
	c.pass(lookEvery)
	if !seen("b") || l.due("b", false) > 0 {
		t.Error("not looked at again")
	}
	if c.pass(lookEvery); seen("b") {
		t.Error("an old look is shown")
	}
	fail = errors.New("no")
	if one := l.make(t.Context(), nil, "b"); one.Err == nil || !seen("b") || l.due("b", false) > looksAgain {
		t.Errorf("%+v", one)
	}
	if l.follow(false); seen("b") {
		t.Error("shown though nobody follows any more")
	}
	// What happens while it is looked at may have been missed.
	l.follow(true)
	l.ask = func(context.Context, Daemon, string) (int, error) { l.forget("a"); return 1, nil }
	if l.make(t.Context(), nil, "a"); seen("a") {
		t.Error("a look that may have missed what happened is kept")
	}
}

func TestAssets_AreSentOnce_AndPagesPacked(t *testing.T) {
	h := build(t, nil)
	h.full()
	first := h.ask(http.MethodGet, "/assets/page.css", nil)
	tag := first.Header().Get("ETag")
	if again := h.ask(http.MethodGet, "/assets/page.css", nil, "If-None-Match", tag); tag == "" || again.Code != http.StatusNotModified || again.Body.Len() > 0 {
		t.Errorf("%q: %d", tag, again.Code)
	}
	plain := h.ask(http.MethodGet, "/tracker/INTG-088", nil)
	packed := h.ask(http.MethodGet, "/tracker/INTG-088", nil, "Accept-Encoding", "gzip, deflate, br")
	if plain.Header().Get("Content-Encoding") != "" || packed.Header().Get("Content-Encoding") != "gzip" || packed.Body.Len() > plain.Body.Len()/2 {
		t.Errorf("%d bytes packed to %d (%v)", plain.Body.Len(), packed.Body.Len(), packed.Header())
	}
}
