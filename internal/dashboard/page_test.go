package dashboard

import (
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"uratori/internal/control"
	"uratori/internal/ledger"
	"uratori/internal/phrase"
)

func TestPages_SpeakTheBrowsersLanguage(t *testing.T) {
	h := build(t, nil)
	h.full()
	for accept, want := range map[string]string{
		"ja": "残り 1分05秒", "ja-JP,en;q=0.5": "残り 1分05秒", "de, ja;q=0.3": "残り 1分05秒", "en-US,ja;q=0.9": "1 min 05 s left", "": "1 min 05 s left", "de": "1 min 05 s left", ";;,,=": "1 min 05 s left",
	} {
		for _, page := range []string{"/", "/tracker/INTG-088"} {
			w := h.ask("GET", page, nil, "Accept-Language", accept)
			if body := w.Body.String(); w.Code != http.StatusOK || !strings.Contains(body, want) || !strings.Contains(body, "17 / 30") || !strings.Contains(body, "p017.png") {
				t.Errorf("%s %q: %d\n%s", page, accept, w.Code, body)
			}
		}
	}
}

func TestPages_EverythingIsEscaped_NothingIsMissing(t *testing.T) {
	h := build(t, nil)
	h.full()
	for _, lang := range []string{"en", "ja"} {
		for _, page := range []string{"/", "/tracker/INTG-088", "/login", "/nothing", "/incidents", "/ledger", "/settings", "/incidents?before=x&ticket=%22%3Cscript%3E", "/?q=" + "%3Cscript%3E%22"} {
			body := h.ask("GET", page, nil, "Accept-Language", lang).Body.String()
			for _, bad := range []string{"<script>", "<img", "onerror=y>", "!page.", "style=", "javascript:", "ZgotmplZ", "%!", "status 0x", "終了コード 0x"} {
				if strings.Contains(body, bad) {
					t.Errorf("%s %s: %s stands in the page\n%s", page, lang, bad, body)
				}
			}
		}
	}
}

func TestTicketPage_GreenIsOnlyWhatAFactCheckHasVerified(t *testing.T) {
	h := build(t, nil)
	h.full()
	green := func() int {
		return strings.Count(h.ask("GET", "/tracker/INTG-088?look=now", nil).Body.String(), `class="badge verified"`)
	}
	if n := green(); n != 3 { // 概要, the gate's check, an event
		t.Errorf("%d green badges", n)
	}
	h.daemon.events, h.daemon.flow.Steps = nil, nil
	h.daemon.facts["INTG-088"] = control.FactReport{Verdict: "certainly", Checks: []control.FactCheck{{Claim: "sheet_cell", Subject: "概要", Verdict: "VERIFIED"}}}
	if n := green(); n != 0 {
		t.Errorf("%d green badges of verdicts that are none", n)
	}
	h.daemon.failing = errors.New("no")
	if n := green(); n != 0 {
		t.Errorf("%d green badges though nothing could be looked at", n)
	}
}

func TestTicketPage_SaysWhatIsNotAsWritten(t *testing.T) {
	h := build(t, nil)
	h.full()
	old, now := "一行目\n二行目", "一行目\n三行目"
	h.daemon.facts["INTG-088"] = control.FactReport{Verdict: ledger.Refuted, Checks: []control.FactCheck{{Claim: "sheet_cell", Subject: "詳細", Verdict: ledger.Refuted, Expected: &old, Actual: &now}}}
	body := h.ask("GET", "/tracker/INTG-088?look=now", nil, "Accept-Language", "ja").Body.String()
	if !strings.Contains(body, "一行目\n<del>二</del><ins>三</ins>行目") || !strings.Contains(body, "不一致") {
		t.Errorf("no difference:\n%s", body)
	}
}

func TestTicketPage_OfATicketThatNobodyKnows_IsNotFound(t *testing.T) {
	h := build(t, nil)
	for target, want := range map[string]int{
		"/tracker/INTG-999": http.StatusNotFound, "/tracker/" + strings.Repeat("x", 300): http.StatusNotFound, "/tracker/a%2fb": http.StatusNotFound,
		"/tracker/%00": http.StatusNotFound, "/tracker/..%2f..%2fetc%2fpasswd": http.StatusNotFound, "/tracker": http.StatusSeeOther, "/tracker/": http.StatusNotFound,
		"/page.css": http.StatusNotFound, "/assets/page.html": http.StatusNotFound, "/assets/page.css": http.StatusOK, "/assets/live.js": http.StatusOK,
		"/assets/vendor/LICENSE.idiomorph": http.StatusNotFound, "/assets/%2e%2e/dashboard.go": http.StatusNotFound, "/events": http.StatusBadRequest,
		"/events?page=//evil.example/": http.StatusNotFound, "/events?page=https://evil.example/": http.StatusBadRequest, "/events?page=/nothing": http.StatusNotFound,
	} {
		if w := h.ask("GET", target, nil); w.Code != want || strings.Contains(w.Body.String(), "root:") {
			t.Errorf("%s: %d, want %d", target, w.Code, want)
		}
	}
}

func TestPages_DaemonThatFails_IsSaid(t *testing.T) {
	h := build(t, nil)
	h.full()
	h.daemon.failing = errors.New("planted " + hostile)
	for page, code := range map[string]int{"/": http.StatusInternalServerError, "/tracker/INTG-088": http.StatusOK} {
		w := h.ask("GET", page, nil)
		if w.Code != code || !strings.Contains(w.Body.String(), "planted &lt;script&gt;") {
			t.Errorf("%s: %d\n%s", page, w.Code, w.Body)
		}
	}
}

func TestLedgerPage_IsGreenOnlyWhereTheChainWasWalkedAndHolds(t *testing.T) {
	h := build(t, nil)
	h.full()
	green := func() bool {
		return strings.Contains(h.ask("GET", "/ledger?look=now", nil).Body.String(), `badge verified`)
	}
	if body := h.ask("GET", "/ledger?look=now", nil).Body.String(); green() || !strings.Contains(body, "#4") || len(body) > 20_000 {
		t.Error(body)
	}
	h.daemon.chain = ledger.Report{Verdict: ledger.Verified, Entries: 9}
	if !green() {
		t.Error("a whole chain is not said to be whole")
	}
	h.daemon.failing = errors.New("no")
	if green() {
		t.Error("green though nothing was looked at")
	}
}

func TestTicketPage_TellsTheStatusOfAJob(t *testing.T) {
	h := build(t, nil)
	h.full()
	if body := h.ask("GET", "/tracker/INTG-088", nil).Body.String(); !strings.Contains(body, "status 3<") {
		t.Error(body)
	}
}

func TestFront_SearchesInJapanese(t *testing.T) {
	h := build(t, nil)
	h.full()
	if body := h.ask("GET", "/?q=%E6%8A%BD%E5%87%BA", nil).Body.String(); !strings.Contains(body, `href="/tracker/INTG-088"`) || !strings.Contains(body, `value="抽出"`) {
		t.Error(body)
	}
	h.daemon.tasks, h.daemon.asks, h.daemon.status.Changes = nil, control.Approvals{}, nil
	if body := h.ask("GET", "/?q=xyz", nil).Body.String(); strings.Contains(body, `href="/tracker/INTG-088"`) {
		t.Error(body)
	}
}

func TestFront_SortsByLinks_ThatKeepTheFilters(t *testing.T) {
	h := build(t, nil)
	h.full()
	for target, want := range map[string][]string{
		"/":                         {`aria-sort="none"`, `href="/?sort=summary#front-tickets"`},
		"/?sort=summary":            {`aria-sort="ascending"`, `href="/?sort=-summary#front-tickets"`, `name="sort" value="summary"`},
		"/?q=抽出&sort=-summary":      {`aria-sort="descending"`, `href="/?q=%E6%8A%BD%E5%87%BA#front-tickets"`, `href="/?q=%E6%8A%BD%E5%87%BA&amp;sort=id#front-tickets"`},
		"/?sort=%3Cscript%3E%22%27": {`aria-sort="none"`, `href="/?sort=id#front-tickets"`},
	} {
		body := h.ask("GET", target, nil).Body.String()
		for _, text := range want {
			if !strings.Contains(body, text) {
				t.Errorf("%s: no %s", target, text)
			}
		}
	}
}

// The source test of package phrase reads Go; what templates say is looked at here.
func TestTemplates_SayWhatTheCatalogueHas_AndNothingIsLeftOver(t *testing.T) {
	said := map[string]bool{}
	groups := map[string]bool{}
	read := func(dir, ending string) (all string) {
		names, err := fs.Glob(os.DirFS(dir), "*"+ending)
		if err != nil || len(names) == 0 {
			t.Fatal(dir, err)
		}
		for _, name := range names {
			raw, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasSuffix(name, "_test.go") {
				all += string(raw)
			}
		}
		return all
	}
	html, source := read("assets", ".html"), read(".", ".go")
	for _, m := range regexp.MustCompile(`say "([^"]+)"`).FindAllStringSubmatch(html, -1) {
		said["page."+m[1]] = true
	}
	for _, m := range regexp.MustCompile(`"(page\.[^"]+)"`).FindAllStringSubmatch(source, -1) {
		said[m[1]] = true
	}
	for _, m := range regexp.MustCompile(`name\(?\s?"([a-z]+)"`).FindAllStringSubmatch(html+source, -1) {
		groups["page."+m[1]] = true
	}
	for key := range said {
		if !phrase.Known(key) && key != "page." {
			t.Errorf("no sentence for %s", key)
		}
	}
	catalogue := read(filepath.Join("..", "phrase"), ".go")
	for _, m := range regexp.MustCompile(`"((page\.[a-z_]+)[^"]*)":`).FindAllStringSubmatch(catalogue, -1) {
		if !said[m[1]] && (!groups[m[2]] || m[1] == m[2]) {
			t.Errorf("%s is used nowhere", m[1])
		}
	}
}
