package browser

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"uratori/tests/house"
)

// shot is a picture of a page, as README shows it.
type shot struct {
	name, path, lang string
	dark             bool
	width, height    int64
	ready            string // what must be true before
	at               string // what is at the top, where that is not the page's
}

// largest is a picture's size, in bytes: people load README on phones.
const largest = 200_000

// `make screenshots` takes the pictures of docs/images from a real run.
func TestScreenshots(t *testing.T) {
	folder := os.Getenv("URATORI_SCREENSHOTS")
	if folder == "" {
		t.Skip("make screenshots takes them")
	}
	s, ticket, task := exhibition(t)
	b := s.tab()
	b.signsIn()
	judged := `document.querySelector("#ticket-head .badge.verified")`
	far := `parseInt(document.querySelector("article.task.running .far").innerText) >= 4`
	log := fmt.Sprintf("/task/%d", task)
	for _, one := range []shot{
		{name: "front", path: "/", lang: "en", width: desk, height: 900, ready: far},
		{name: "ticket", path: page(ticket), lang: "en", width: desk, height: 1000, ready: far + " && " + judged},
		{name: "task", path: log, lang: "en", width: desk, height: 1000, ready: `document.images.length > 3 && [...document.images].every((i) => i.complete)`},
		{name: "front-ja-dark", path: "/", lang: "ja", dark: true, width: desk, height: 900, ready: far},
		{name: "ticket-ja-dark", path: page(ticket), lang: "ja", dark: true, width: desk, height: 1000, ready: far + " && " + judged},
		{name: "steps-ja", path: page(ticket), lang: "ja", width: desk, height: 900, ready: judged, at: "#ticket-steps"},
		{name: "ticket-phone-ja", path: page(ticket), lang: "ja", width: phone, height: 844, ready: far + " && " + judged},
		{name: "incidents", path: "/incidents", lang: "en", width: desk, height: 600, ready: `document.querySelector("#incidents article")`},
		{name: "incidents-phone-dark", path: "/incidents", lang: "en", dark: true, width: phone, height: 844, ready: `document.querySelector("#incidents article")`},
		{name: "sheet-ja", path: "/sheet", lang: "ja", width: desk, height: 700, ready: `document.body.innerText.includes("しおり")`},
	} {
		b.language(one.lang)
		b.dark(one.dark)
		b.do(chromedp.EmulateViewport(one.width, one.height))
		b.visit(one.path)
		b.until(one.name, one.ready)
		if one.at != "" {
			b.do(evaluate(fmt.Sprintf(`document.querySelector(%q).scrollIntoView()`, one.at)))
		}
		picture, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
		if err != nil {
			t.Fatal(err)
		}
		if len(picture) > largest {
			t.Errorf("%s: %d bytes", one.name, len(picture))
		}
		if err := os.WriteFile(filepath.Join(folder, one.name+".png"), picture, 0o644); err != nil { //nolint:gosec // pictures for everybody
			t.Fatal(err)
		}
	}
}

// exhibition is a site as it looks in the middle of a day's work.
func exhibition(t *testing.T) (s *site, ticket string, task int64) {
	t.Helper()
	root := filepath.Join(os.TempDir(), "kiri")
	if err := os.Mkdir(root, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(root); err != nil {
			t.Error(err)
		}
	})
	s = newSiteAt(t, filepath.Join(root, "uratori"), filepath.Join(root, "project"), "URATORI_RUNNER_SLOTS=2", "URATORI_RUNNER_RETRIES=0")
	s.setsPassphrase()
	for _, other := range []string{"しおりの整理", "台詞の書き起こしの見直し", "表紙の差し替え"} {
		s.ticket(other, "詳細は後日")
	}
	ticket = s.ticket("抽出の自動化: 背景を透明にして人物だけを残す", strings.Join([]string{
		"全ページから人物を抽出し、背景を透明にした PNG を out/ に書く。", "",
		"┌────────┬────────┐", "│ 入力   │ 出力   │", "├────────┼────────┤", "│ pages/ │ out/   │", "└────────┴────────┘",
		"- 同じ名前で書く", "- 途中で止まったら続きから",
	}, "\n"))
	s.asks(ticket)
	failed := s.enqueue(ticket, "--name", "validate", "--", "/bin/sh", "-c", "echo 'p007.png: no figure found' >&2; exit 3")
	s.untilState(failed, "failed")
	house.Until(t, "an incident", func() bool { return len(s.Status().Incidents) > 0 })
	task = s.extracts(ticket, 8*time.Second)
	for _, some := range []int{2, 4} { // each may take as long as Until waits
		house.Until(t, "some pages", func() bool {
			done, err := filepath.Glob(filepath.Join(s.work, "out", "*.png"))
			return err == nil && len(done) >= some
		})
	}
	return s, ticket, task
}
