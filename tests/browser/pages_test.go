package browser

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"uratori/tests/house"
)

// full is a site with something in every part: a ticket whose work runs and
// whose plan waits for a person, a job that has failed, an incident.
func full(t *testing.T) (s *site, ticket string) {
	t.Helper()
	s = newSite(t, "URATORI_RUNNER_SLOTS=2", "URATORI_RUNNER_RETRIES=0")
	s.setsPassphrase()
	ticket = s.ticket("抽出の自動化: 背景を透明にして人物だけを残す", "全ページから人物を抽出する。\n\n┌──────┬──────┐\n│ 入力 │ 出力 │\n└──────┴──────┘\n・pages/*.png\n=1+1 と 'で始まる行もそのまま\n"+strings.Repeat("とても長い行", 40))
	s.ticket("しおりの整理", "古いしおりを消す")
	s.asks(ticket)
	s.extracts(ticket, 3*time.Second)
	failed := s.enqueue(ticket, "--name", "validate-with-a-rather-long-name", "--", "/bin/sh", "-c", "echo no >&2; exit 3")
	s.untilState(failed, "failed")
	house.Until(t, "an incident", func() bool { return len(s.Status().Incidents) > 0 })
	return s, ticket
}

// Whoever looks, in whatever language, at whatever width, in whatever light: the
// page fits the window, has one heading of the first rank, and keeps nobody out.
func TestPages_FitAndKeepNobodyOut(t *testing.T) {
	t.Parallel()
	s, ticket := full(t)
	b := s.tab()
	b.expects("status of 404")
	for _, path := range []string{"/", page(ticket), "/incidents", "/ledger", "/settings", "/login", "/nothing", "/?q=%E6%8A%BD%E5%87%BA"} {
		for _, lang := range []string{"en", "ja"} {
			b.language(lang)
			b.visit(path)
			if path != "/login" && path != "/nothing" {
				b.lives()
			}
			if got := value[string](b, `document.documentElement.lang`); got != lang {
				t.Errorf("%s: in %q, not %q", path, got, lang)
			}
			if n := b.count("h1"); n != 1 {
				t.Errorf("%s: %d headings of the first rank", path, n)
			}
			for _, width := range []int64{desk, phone} {
				b.width(width)
				what := fmt.Sprintf("%s %s %d", path, lang, width)
				b.fits(what)
				if (lang == "ja") == (width == phone) { // each page in both, at half the cost
					b.dark(lang == "ja")
					b.keepsNobodyOut(what)
				}
			}
		}
	}
	for _, address := range b.addresses() {
		if !strings.HasPrefix(address, s.base) {
			t.Errorf("asked of another: %s", address)
		}
	}
}

func TestFront_IsSearchedInJapanese_AndTheAddressKeepsIt(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	wanted, other := s.ticket("抽出の自動化", "一"), s.ticket("しおりの整理", "二")
	b := s.tab()
	b.visit("/")
	b.sees("#front-tickets", other)
	b.types(`input[name="q"]`, "抽出")
	b.press(kb.Enter)
	b.until("the address", `location.search.includes("q=%E6%8A%BD%E5%87%BA")`)
	b.sees("#front-tickets", wanted)
	if list := b.text("#front-tickets"); strings.Contains(list, other) {
		t.Errorf("found too much: %s", list)
	}
	b.lives()
	if text := value[string](b, `document.querySelector('input[name="q"]').value`); text != "抽出" {
		t.Errorf("the field holds %q", text)
	}
	s.ticket("抽出の再実行", "三")
	b.sees("#front-tickets", "抽出の再実行") // it is followed as it was searched
	if list := b.text("#front-tickets"); strings.Contains(list, other) {
		t.Errorf("found too much later: %s", list)
	}
}

func TestFront_IsSortedByAClick(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, summary := range []string{"う", "あ", "い"} {
		s.ticket(summary, "x")
	}
	b := s.tab()
	b.visit("/")
	for _, want := range []string{"あ い う", "う い あ", "う あ い"} { // up, down, as in the sheet
		b.click(`#front-tickets th:nth-child(2) a`)
		b.until(want, `[...document.querySelectorAll("#front-tickets tbody td:nth-child(2)")].map((e) => e.innerText).join(" ") === "`+want+`"`)
	}
}

// With nothing but a keyboard: the first key leads past the navigation, the order
// is the one of the page, and one always sees where one is.
func TestPages_ByKeyboardAlone(t *testing.T) {
	t.Parallel()
	s, ticket := full(t)
	b := s.tab()
	for _, path := range []string{"/", page(ticket)} {
		b.visit(path)
		b.lives()
		b.press(kb.Tab)
		if at := value[string](b, `document.activeElement.className`); at != "skip" {
			t.Errorf("%s: the first key leads to %q", path, at)
		}
		b.until("the link past the navigation", `document.activeElement.getBoundingClientRect().left >= 0`)
		b.do(evaluate(`window.visited = []`))
		for range 25 {
			b.press(kb.Tab)
			state := value[string](b, `(() => {
				const e = document.activeElement;
				if (e === document.body) return "end";
				const style = getComputedStyle(e), box = e.getBoundingClientRect();
				if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2) return "unseen: " + e.outerHTML.slice(0, 200);
				if (box.width === 0 || box.bottom < 0 || box.top > innerHeight) return "out of sight: " + e.outerHTML.slice(0, 200);
				const last = visited.at(-1);
				if (last && !(last.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_FOLLOWING)) return "out of order: " + e.outerHTML.slice(0, 200);
				visited.push(e);
				return "";
			})()`)
			if state == "end" {
				break
			}
			if state != "" {
				t.Errorf("%s: %s", path, state)
			}
		}
		if n := value[int](b, `visited.length`); n < 8 {
			t.Errorf("%s: only %d places", path, n)
		}
	}
	b.visit("/")
	b.press(kb.Tab)
	b.press(kb.Enter)
	b.until("the content", `location.hash === "#main"`)
	b.press(kb.Tab)
	if in := value[bool](b, `document.getElementById("main").contains(document.activeElement)`); !in {
		t.Error("past the navigation one is not in the content")
	}
}
