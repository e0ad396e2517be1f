package browser

import (
	"fmt"
	"os"
	"strings"
	"sync"

	"github.com/chromedp/chromedp"
)

// rules are axe-core's, which look for what keeps people out.
var rules = sync.OnceValues(func() (string, error) {
	raw, err := os.ReadFile("testdata/axe/axe-4.14.1.min.js")
	return string(raw), err
})

// barrier is a rule that a page breaks.
type barrier struct {
	ID     string   `json:"id"`
	Impact string   `json:"impact"`
	Help   string   `json:"help"`
	Where  []string `json:"where"`
}

// barriers are the serious and critical ones of the page as it is.
func (b *tab) barriers() []barrier {
	b.t.Helper()
	script, err := rules()
	if err != nil {
		b.t.Fatal(err)
	}
	b.do(chromedp.Evaluate[chromedp.Void](script))
	return value[[]barrier](b, `axe.run(document, {resultTypes: ["violations"]}).then((r) => r.violations
		.filter((v) => v.impact === "serious" || v.impact === "critical")
		.map((v) => ({id: v.id, impact: v.impact, help: v.help, where: v.nodes.slice(0, 5).map((n) => n.html.slice(0, 200) + " " + n.failureSummary)})))`)
}

// keepsNobodyOut fails the test where the page keeps anybody out.
func (b *tab) keepsNobodyOut(what string) {
	b.t.Helper()
	for _, v := range b.barriers() {
		b.t.Errorf("%s: %s (%s): %s\n\t%s", what, v.ID, v.Impact, v.Help, strings.Join(v.Where, "\n\t"))
	}
}

// fits fails the test where the page is wider than the window.
func (b *tab) fits(what string) {
	b.t.Helper()
	wide := value[string](b, `(() => {
		const most = document.documentElement.clientWidth;
		if (document.documentElement.scrollWidth <= most) return "";
		const wide = [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > most + 1).slice(0, 5);
		return document.documentElement.scrollWidth + " of " + most + ": " + wide.map((e) => e.outerHTML.slice(0, 150)).join(" | ");
	})()`)
	if wide != "" {
		b.t.Error(fmt.Sprintf("%s: wider than the window: ", what), wide)
	}
}
