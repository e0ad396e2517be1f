// Package dashboard is the web page of a home: what is true now, for people,
// without being asked.
//
// It only shows. Everything on a page was looked up when the page was made,
// and what comes from outside is escaped. It answers on loopback only and
// checks the Host header, so that a page of some other site cannot read it
// through a name that resolves to this machine.
package dashboard

import (
	"bytes"
	"context"
	_ "embed"
	"html/template"
	"net"
	"net/http"
	"strings"

	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/internal/phrase"
)

//go:embed assets/page.html
var pageHTML string

//go:embed assets/page.css
var pageCSS []byte

// Look tells how the daemon is.
type Look func(context.Context) (control.Status, error)

type view struct {
	Lang   phrase.Lang
	Status control.Status
	Error  string
}

// New makes the handler of all pages.
func New(look Look) http.Handler {
	page := template.Must(template.New("page").Funcs(template.FuncMap{
		"say":     func(lang phrase.Lang, key string) string { return lang.Say(key) },
		"problem": func(lang phrase.Lang, p control.Problem) string { return lang.Render(p.Code, p.Values) },
	}).Parse(pageHTML))
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		v := view{Lang: language(r)}
		status, err := look(r.Context())
		code := http.StatusOK
		if err != nil {
			v.Error, code = fault.Explain(err, v.Lang), http.StatusServiceUnavailable
		}
		v.Status = status
		var b bytes.Buffer
		if err := page.Execute(&b, v); err != nil {
			http.Error(w, "the page could not be made", http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(code)
		_, _ = w.Write(b.Bytes()) // the browser has gone otherwise
	})
	mux.HandleFunc("GET /page.css", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		_, _ = w.Write(pageCSS) // the browser has gone otherwise
	})
	return guarded(http.NewCrossOriginProtection().Handler(mux))
}

// guarded puts the rules of every page on its answer and refuses names that
// are not this machine's own.
func guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		if !loopback(r.Host) {
			http.Error(w, "this host name is not served", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// loopback tells whether a Host header names this machine by itself.
func loopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return ip != nil && ip.IsLoopback()
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
