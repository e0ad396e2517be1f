package dashboard

import (
	"bytes"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/internal/phrase"
)

// face is the pages in one language.
type face struct {
	lang  phrase.Lang
	pages *template.Template
	now   func() time.Time
}

type faces map[phrase.Lang]*face

func newFaces(now func() time.Time) (faces, error) {
	all := faces{}
	for _, lang := range []phrase.Lang{phrase.English, phrase.Japanese} {
		f := &face{lang: lang, now: now}
		pages, err := template.New("").Option("missingkey=error").Funcs(f.words()).ParseFS(templates, "assets/*.html")
		if err != nil {
			return nil, fmt.Errorf("read the templates of pages: %w", err)
		}
		f.pages = pages
		all[lang] = f
	}
	return all, nil
}

// of is the face for the browser's language.
func (all faces) of(r *http.Request) *face { return all[language(r)] }

// words are what templates can call.
func (f *face) words() template.FuncMap {
	return template.FuncMap{
		"say":     f.short,
		"name":    f.name,
		"claim":   f.claim,
		"problem": func(p control.Problem) string { return p.Say(f.lang) },
		"fault":   f.fault,
		"when":    f.when,
		"span":    f.span,
		"bytes":   humanBytes,
		"mark":    mark,
		"amount":  amount,
		"pick":    f.pick,
		"join":    strings.Join,
		"deref":   deref,
		"number":  func(n int) int { return n }, // follows a pointer
	}
}

func (f *face) say(key string, pairs ...any) string { return f.lang.Say(key, pairs...) }

// short is say in templates, where every key begins with "page.".
func (f *face) short(key string, pairs ...any) string { return f.lang.Say("page."+key, pairs...) }

// name is a word for a state or a kind; what has no word stands as it is.
func (f *face) name(group, word string) string {
	if key := "page." + group + "." + word; phrase.Known(key) {
		return f.lang.Render(key, nil)
	}
	return word
}

// claim is what kind of thing a check is about, in the words of the commands.
func (f *face) claim(kind string) string {
	if key := "cli.claim." + kind; phrase.Known(key) {
		return f.lang.Render(key, nil)
	}
	return kind
}

// pick is the text in the language of the page.
func (f *face) pick(japanese, english string) string {
	if f.lang == phrase.Japanese && japanese != "" || english == "" {
		return japanese
	}
	return english
}

// fault is a fault of the wire, or an error, in the reader's words.
func (f *face) fault(v any) string {
	switch e := v.(type) {
	case *control.Fault:
		if e == nil {
			return ""
		}
		return fault.Explain(e.Decode(), f.lang)
	case error:
		return fault.Explain(e, f.lang)
	}
	return ""
}

// when is a time to the second, where the daemon is.
func (f *face) when(v any) string {
	if t, ok := moment(v); ok {
		return t.Local().Format("2006-01-02 15:04:05")
	}
	return ""
}

func moment(v any) (time.Time, bool) {
	switch t := v.(type) {
	case time.Time:
		return t, !t.IsZero()
	case *time.Time:
		if t != nil {
			return *t, true
		}
	}
	return time.Time{}, false
}

const (
	minute = 60
	hour   = 60 * minute
	day    = 24 * hour
)

// span is a number of seconds as people say it: two units at most.
func (f *face) span(seconds int64) string {
	switch {
	case seconds < minute:
		return f.say("page.span.s", "s", seconds)
	case seconds < hour:
		return f.say("page.span.ms", "m", seconds/minute, "s", fmt.Sprintf("%02d", seconds%minute))
	case seconds < day:
		return f.say("page.span.hm", "h", seconds/hour, "m", fmt.Sprintf("%02d", seconds%hour/minute))
	}
	return f.say("page.span.dh", "d", seconds/day, "h", seconds%day/hour)
}

func humanBytes(v any) string {
	switch n := v.(type) {
	case uint64:
		return humanize.IBytes(n)
	case int64:
		return humanize.IBytes(uint64(max(n, 0))) //nolint:gosec // never negative
	case *uint64:
		if n != nil {
			return humanize.IBytes(*n)
		}
	}
	return ""
}

// mark is the sign of a verdict. What is no verdict gets the sign of not
// knowing: nothing else than verified is ever green.
func mark(verdict any) string {
	switch ledger.Verdict(fmt.Sprint(verdict)) {
	case ledger.Verified:
		return "✔"
	case ledger.Refuted:
		return "✘"
	case ledger.Unverifiable:
	}
	return "?"
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// draw executes one template.
func (f *face) draw(name string, data any) (template.HTML, error) {
	var b bytes.Buffer
	if err := f.pages.ExecuteTemplate(&b, name, data); err != nil {
		return "", fmt.Errorf("make %s: %w", name, err)
	}
	return template.HTML(b.String()), nil //nolint:gosec // a template has escaped all that is in it
}

// language is the first of the browser's that there is.
func language(r *http.Request) phrase.Lang {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		switch tag, _, _ := strings.Cut(strings.ToLower(tag), "-"); tag {
		case "ja":
			return phrase.Japanese
		case "en":
			return phrase.English
		}
	}
	return phrase.English
}
