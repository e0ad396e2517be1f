package auth

import (
	"context"
	"crypto/subtle"
	"fmt"
	"html"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"uratori/internal/phrase"
)

// door is where the browser of a person who signs in comes back to. It lets
// one answer in, and only one that knows the state: any page in any browser
// of this machine can knock here.
type door struct {
	answer chan answer // holds the one

	state string
	port  string
	lang  phrase.Lang
	taken atomic.Bool

	server *http.Server
	served chan struct{}
	once   sync.Once
}

// answer is what the browser brought: one of the two.
type answer struct{ code, refusal string }

// openDoor serves listener until close.
func openDoor(listener net.Listener, state string, lang phrase.Lang) *door {
	_, port, _ := net.SplitHostPort(listener.Addr().String()) // an address of TCP has a port
	d := &door{answer: make(chan answer, 1), state: state, port: port, lang: lang, served: make(chan struct{})}
	d.server = &http.Server{
		Handler:           d,
		ReadTimeout:       5 * time.Second,
		WriteTimeout:      5 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          log.New(io.Discard, "", 0), // what strangers send is nobody's news
		ReadHeaderTimeout: 5 * time.Second,
	}
	go func() {
		defer close(d.served)
		_ = d.server.Serve(listener) // ends by close
	}()
	return d
}

// close lets a page that is being written reach its browser and returns when
// nothing of the door is left.
func (d *door) close() {
	d.once.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if d.server.Shutdown(ctx) != nil {
			_ = d.server.Close() // one who is slow on purpose
		}
		<-d.served
	})
}

func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// The address of this page holds the code: it is neither kept nor told on.
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Type", "text/html; charset=utf-8")
	status, sentence := d.let(r)
	if status == http.StatusMethodNotAllowed {
		h.Set("Allow", http.MethodGet)
	}
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, "<!doctype html>\n<html lang=%q><meta charset=\"utf-8\"><title>uratori</title>\n<p>%s</p>\n",
		d.lang, html.EscapeString(sentence)) // the browser has gone otherwise
}

func (d *door) let(r *http.Request) (status int, sentence string) {
	switch {
	case r.Host != "127.0.0.1:"+d.port && r.Host != "localhost:"+d.port:
		return http.StatusMisdirectedRequest, d.lang.Say("auth.page_wrong")
	case r.URL.Path != "/":
		return http.StatusNotFound, d.lang.Say("auth.page_wrong")
	case r.Method != http.MethodGet:
		return http.StatusMethodNotAllowed, d.lang.Say("auth.page_wrong")
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	one := func(name string) string {
		if len(query[name]) != 1 {
			return ""
		}
		return query[name][0]
	}
	came := answer{code: one("code"), refusal: one("error")}
	switch {
	case err != nil, subtle.ConstantTimeCompare([]byte(one("state")), []byte(d.state)) != 1,
		(came.code == "") == (came.refusal == ""):
		return http.StatusBadRequest, d.lang.Say("auth.page_wrong")
	case !d.taken.CompareAndSwap(false, true):
		return http.StatusGone, d.lang.Say("auth.page_over")
	}
	d.answer <- came
	if came.refusal != "" {
		return http.StatusOK, d.lang.Say("auth.page_denied")
	}
	return http.StatusOK, d.lang.Say("auth.page_done")
}
