package browser

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"uratori/tests/house"
)

func evaluate(script string) chromedp.Action[chromedp.Void] {
	return chromedp.Evaluate[chromedp.Void](script)
}

// signsIn opens a session by the passphrase.
func (b *tab) signsIn() {
	b.t.Helper()
	b.visit("/login")
	b.types(`input[name="passphrase"]`, passphrase)
	b.click(`form[action="/login"] button`)
	b.until("a session", `document.querySelector('form[action="/logout"]')`)
}

func TestSignIn_IsRefusedToTheWrong_AndEndsWhenOneSaysSo(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.setsPassphrase()
	b := s.tab()
	b.expects("status of 4")
	b.expects("status of 5")
	b.visit("/login")
	b.types(`input[name="passphrase"]`, "not this one at all")
	b.click(`form[action="/login"] button`)
	b.until("a refusal", `document.querySelector("h1.bad")`)
	if n := b.count(`form[action="/logout"]`); n != 0 {
		t.Error("signed in all the same")
	}
	b.signsIn()
	if b.path() != "/" {
		t.Errorf("on %s", b.path())
	}
	if seen := value[string](b, `document.cookie`); seen != "" {
		t.Errorf("a script can read the session: %q", seen)
	}
	cookies, err := chromedp.Call(b.ctx, network.GetCookies, network.GetCookiesParams{})
	if err != nil || len(cookies.Cookies) != 1 || !cookies.Cookies[0].HTTPOnly || cookies.Cookies[0].SameSite != network.CookieSameSiteStrict {
		t.Errorf("%+v %v", cookies, err)
	}
	b.click(`form[action="/logout"] button`)
	b.until("the end of the session", `document.querySelector('a[href="/login"]')`)
	if wrong := s.Entries("approval.wrong"); len(wrong) != 1 {
		t.Errorf("%d wrong tries in the ledger", len(wrong))
	}
}

// The plan of a ticket is rejected with a reason, asked for again, answered with
// a wrong passphrase and then the right one, all in a browser.
func TestApproval_IsGivenInABrowser_ByWhoeverKnowsThePassphrase(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.setsPassphrase()
	ticket := s.ticket("抽出の自動化", "全ページ")
	s.asks(ticket)
	b := s.tab()
	b.language("ja")
	b.expects("status of 4")
	b.expects("status of 5")
	answer := func(words, reason, button string) {
		t.Helper()
		b.visit(page(ticket))
		b.lives()
		b.types(`.ask input[name="approver"]`, "安藤")
		b.types(`.ask input[name="passphrase"]`, words)
		if reason != "" {
			b.types(`.ask textarea[name="reason"]`, reason)
		}
		b.click(`.ask button[value="` + button + `"]`)
		b.until("an answer", `document.querySelector("#notice")`)
	}
	answer(passphrase, "対象ページが足りない", "reject")
	b.sees("#notice", "対象ページが足りない")
	if w := s.flow(ticket); w.Steps[w.Current-1].Approval == nil || w.Steps[w.Current-1].Approval.State != "rejected" {
		t.Errorf("%+v", w.Steps[w.Current-1])
	}
	b.visit(page(ticket))
	b.sees("#ticket-steps", "対象ページが足りない")

	s.flow(ticket, "request-approval")
	answer("not this one at all", "", "approve")
	if b.count("h1.bad") != 1 || len(s.Entries("approval.wrong")) != 1 {
		t.Errorf("a wrong passphrase: %s", b.text("#notice"))
	}
	if w := s.flow(ticket); w.Steps[w.Current-1].State != "waiting" {
		t.Errorf("%+v", w.Steps[w.Current-1])
	}
	answer(passphrase, "", "approve")
	if b.count("h1.bad") != 0 {
		t.Errorf("the right passphrase: %s", b.text("#notice"))
	}
	w := s.flow(ticket, "check")
	if w.Current != 5 || w.Steps[3].Approval == nil || w.Steps[3].Approval.Channel != "web" || w.Steps[3].Approval.Approver != "安藤" {
		t.Errorf("step %d, %+v", w.Current, w.Steps[3])
	}
	b.click("#notice a")
	b.until("the next step", `document.querySelector("#step-5[open]")`)
}

// A job that runs is killed in a browser; the answer comes after a look, and is
// true. It is run again in a browser, too.
func TestKill_IsAnsweredAfterALook_AndTheTaskRunsAgain(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.setsPassphrase()
	ticket := s.ticket("抽出の自動化", "全ページ")
	id := s.extracts(ticket, 5*time.Second)
	b := s.tab()
	b.signsIn()
	b.visit(page(ticket))
	b.lives()
	b.until("a running job", `document.querySelector("article.task.running")`)
	pid := s.task(id).PID
	b.click(fmt.Sprintf("#kill-%d summary", id))
	b.click(fmt.Sprintf("#kill-%d button", id))
	b.until("an answer", `document.querySelector("#notice")`)
	text := b.text("#notice")
	if b.count("h1.bad") != 0 || !strings.Contains(text, "✔") || !strings.Contains(text, fmt.Sprint(pid)) {
		t.Errorf("%s", text)
	}
	if _, err := os.Stat(fmt.Sprintf("/proc/%d", pid)); pid == 0 || !os.IsNotExist(err) {
		t.Errorf("%d is there: %v", pid, err)
	}
	if state := s.task(id).State; state != "killed" {
		t.Error(state)
	}
	b.click("#notice a")
	b.lives()
	b.click(fmt.Sprintf("#retry-%d summary", id))
	b.click(fmt.Sprintf("#retry-%d button", id))
	b.until("an answer", `document.querySelector("#notice")`)
	house.Until(t, "another attempt", func() bool { d := s.task(id); return d.Attempt == 2 && d.State == "running" })
	b.click("#notice a")
	b.until("the job at work again", `document.querySelector("article.task.running")`)
}

// Whoever is not signed in is asked for the passphrase at the act itself.
func TestKill_WithoutThePassphrase_DoesNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.setsPassphrase()
	ticket := s.ticket("抽出の自動化", "全ページ")
	id := s.enqueue(ticket, "--", "/bin/sleep", "600")
	s.untilState(id, "running")
	b := s.tab()
	b.expects("status of 4")
	b.expects("status of 5")
	b.visit(page(ticket))
	b.lives()
	b.click(fmt.Sprintf("#kill-%d summary", id))
	b.types(fmt.Sprintf(`#kill-%d input[name="passphrase"]`, id), "not this one at all")
	b.click(fmt.Sprintf("#kill-%d button", id))
	b.until("a refusal", `document.querySelector("h1.bad")`)
	if d := s.task(id); d.State != "running" {
		t.Errorf("%+v", d.Task)
	}
}
