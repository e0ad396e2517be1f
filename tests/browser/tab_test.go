package browser

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

const (
	// patience is how long anything may take on a machine that does much else.
	patience = 30 * time.Second
	// glance is how long a look waits for the next one.
	glance = 15 * time.Millisecond
)

// Widths of a window: a desk, and a phone.
const (
	desk  = 1280
	phone = 390
)

// tab is a window of its own, with cookies of its own.
type tab struct {
	t    *testing.T
	ctx  context.Context //nolint:containedctx // the tab lives in it, as chromedp has it
	base string          // the origin that nothing may leave

	mu       sync.Mutex
	remarks  []string // what a page did that none may
	expected []string // parts of remarks that this test provokes
	asked    []string // every address that was asked for, in order
}

// tab opens a window on a site: in English, light, at a desk.
func (s *site) tab() *tab { return s.tabFor(s.t) }

// tabFor is tab for a test within the one that made the site.
func (s *site) tabFor(t *testing.T) *tab {
	t.Helper()
	ctx, end := chromedp.NewContext(engine, chromedp.WithNewBrowserContext())
	b := &tab{t: t, ctx: ctx, base: s.base}
	t.Cleanup(func() { b.close(); end() })
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal("open a tab:", err)
	}
	if err := chromedp.Listen(ctx, b.hear); err != nil {
		t.Fatal(err)
	}
	b.width(desk)
	b.language("en")
	b.dark(false)
	return b
}

// hear notes what happens in the tab.
func (b *tab) hear(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		b.remarks = append(b.remarks, "script: "+(&chromedp.ExceptionError{ExceptionDetails: e.ExceptionDetails}).Error())
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			for _, a := range e.Args {
				b.remarks = append(b.remarks, fmt.Sprintf("console: %s%s", a.Value, a.Description))
			}
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			b.remarks = append(b.remarks, fmt.Sprintf("%s: %s (%s)", e.Entry.Source, e.Entry.Text, e.Entry.URL))
		}
	case *network.EventRequestWillBeSent:
		b.asked = append(b.asked, e.Request.URL)
		if u, err := url.Parse(e.Request.URL); err != nil || u.Scheme != "data" && u.Scheme != "blob" && u.Scheme+"://"+u.Host != b.base {
			b.remarks = append(b.remarks, "left the origin: "+e.Request.URL)
		}
	}
}

// expects names a remark that this test provokes, such as "status of 409".
func (b *tab) expects(part string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.expected = append(b.expected, part)
}

// unexpected are the remarks that this test did not provoke.
func (b *tab) unexpected() (list []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, remark := range b.remarks {
		if !slices.ContainsFunc(b.expected, func(part string) bool { return strings.Contains(remark, part) }) {
			list = append(list, remark)
		}
	}
	return list
}

// close judges the remarks, and keeps a picture of a tab whose test has failed.
func (b *tab) close() {
	for _, remark := range b.unexpected() {
		b.t.Errorf("the page: %s", remark)
	}
	if !b.t.Failed() {
		return
	}
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	address, err2 := chromedp.Run(ctx, chromedp.Location())
	if err := errors.Join(err, err2); err != nil {
		b.t.Log("no picture:", err)
		return
	}
	file := filepath.Join(os.TempDir(), "uratori-"+strings.NewReplacer("/", "-", " ", "-").Replace(b.t.Name())+".png")
	if err := os.WriteFile(file, picture, 0o600); err != nil {
		b.t.Log("no picture:", err)
		return
	}
	b.t.Logf("the tab as it was at the end, on %s: %s", address, file)
}

// do does things in the tab, one after the other.
func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// visit opens a page, by its path.
func (b *tab) visit(path string) {
	b.t.Helper()
	b.do(chromedp.Navigate(b.base + path))
}

// path is where the tab is.
func (b *tab) path() string {
	b.t.Helper()
	return value[string](b, `location.pathname + location.search`)
}

// value is what a script expression gives. A promise is waited for.
func value[T any](b *tab, script string) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%s: %v", script, err)
	}
	return v
}

// until waits for a script expression to be true, whatever pages come and go
// meanwhile. An expression that fails, since what it speaks of is not there
// yet, is not true.
func (b *tab) until(what, script string) {
	b.t.Helper()
	var last error
	for deadline := time.Now().Add(patience); ; {
		ctx, cancel := context.WithDeadline(b.ctx, deadline)
		is, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("!!("+script+")"))
		cancel()
		if err == nil && is {
			return
		}
		last = errors.Join(err, b.ctx.Err())
		if time.Now().After(deadline) || b.ctx.Err() != nil {
			b.t.Fatalf("not seen in time: %s (%s, %v)", what, script, last)
		}
		time.Sleep(glance)
	}
}

// sees waits for a text in what a selector finds first.
func (b *tab) sees(selector, text string) {
	b.t.Helper()
	b.until(fmt.Sprintf("%q in %s", text, selector), fmt.Sprintf(`document.querySelector(%q).innerText.includes(%q)`, selector, text))
}

// lives waits until the page follows the daemon.
func (b *tab) lives() {
	b.t.Helper()
	b.until("a page that follows", `document.querySelector("#live.on")`)
}

// text is what is to be read in what a selector finds first.
func (b *tab) text(selector string) string {
	b.t.Helper()
	return value[string](b, fmt.Sprintf(`document.querySelector(%q).innerText`, selector))
}

// count is how many elements a selector finds.
func (b *tab) count(selector string) int {
	b.t.Helper()
	return value[int](b, fmt.Sprintf(`document.querySelectorAll(%q).length`, selector))
}

// click clicks on the first that a selector finds, which must be to be seen.
func (b *tab) click(selector string) {
	b.t.Helper()
	b.do(chromedp.Click(chromedp.CSS(selector)))
}

// types puts text into a field by the keyboard, in place of what is there.
func (b *tab) types(selector, text string) {
	b.t.Helper()
	b.do(chromedp.Focus(chromedp.CSS(selector)), chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`document.querySelector(%q).select?.()`, selector)))
	b.insert(text)
}

// insert puts text where the caret is, as an input method commits it.
func (b *tab) insert(text string) {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, input.InsertText, input.InsertTextParams{Text: text}); err != nil {
		b.t.Fatal(err)
	}
}

// press presses keys, one after the other (see chromedp/kb for those that
// write nothing).
func (b *tab) press(keys string) {
	b.t.Helper()
	b.do(chromedp.KeyEvent(keys))
}

// width makes the window as wide as that.
func (b *tab) width(pixels int64) {
	b.t.Helper()
	b.do(chromedp.EmulateViewport(pixels, 900))
}

// language has the browser ask for pages in a language: "ja", "en".
func (b *tab) language(tag string) {
	b.t.Helper()
	agent := value[string](b, `navigator.userAgent`)
	if _, err := chromedp.Call(b.ctx, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{UserAgent: agent, AcceptLanguage: tag}); err != nil {
		b.t.Fatal(err)
	}
}

// dark has the browser ask for dark pages, or light ones.
func (b *tab) dark(on bool) {
	b.t.Helper()
	scheme := map[bool]string{true: "dark", false: "light"}[on]
	if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}); err != nil {
		b.t.Fatal(err)
	}
}

// addresses are all that the tab has asked for so far.
func (b *tab) addresses() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string(nil), b.asked...)
}
