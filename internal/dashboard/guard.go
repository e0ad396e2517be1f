package dashboard

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// policy lets a page load what this server serves and nothing else: no script
// or style that stands in a page, no frame round it, no form to elsewhere.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// guarded puts the rules of every page on its answer, and refuses what comes
// under a foreign name, from a page of another site, too often, or from another
// machine without a session.
func (d *Dashboard) guarded(next http.Handler) http.Handler {
	origin := http.NewCrossOriginProtection()
	inside := origin.Handler(d.limited(d.known(next)))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if !d.served(r.Host) {
			http.Error(w, "this host name is not served", http.StatusMisdirectedRequest)
			return
		}
		inside.ServeHTTP(w, r)
	})
}

// served tells whether a Host header is a name of these pages. Any other name
// that leads here belongs to somebody who wants to read them.
func (d *Dashboard) served(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.Trim(host, "[]"))
	if host == "localhost" || host != "" && slices.ContainsFunc(d.o.Hosts, func(name string) bool { return strings.EqualFold(name, host) }) {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// near tells whether a request comes from this machine.
func near(r *http.Request) bool {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && from.Addr().Unmap().IsLoopback()
}

// known asks whoever comes from another machine to sign in.
func (d *Dashboard) known(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		open := r.URL.Path == "/login" || strings.HasPrefix(r.URL.Path, "/assets/")
		switch {
		case near(r) || d.sessions.has(r) || open && d.o.Login != nil:
			next.ServeHTTP(w, r)
		case d.o.Login != nil && r.Method == http.MethodGet && r.URL.Path != "/events":
			http.Redirect(w, r, "/login", http.StatusSeeOther)
		default:
			http.Error(w, "sign in first", http.StatusUnauthorized)
		}
	})
}

// How many requests an address may make: pages are looked at by people. What
// tries a passphrase is counted much more closely.
const (
	perSecond  = 50
	burst      = 200
	tryEvery   = 2 * time.Second
	tryBurst   = 10
	mostKept   = 4096 // addresses
	forgetTime = 10 * time.Minute
)

// limiter counts the requests of each address.
type limiter struct {
	now func() time.Time

	mu   sync.Mutex
	from map[string]*pace
}

type pace struct {
	all, tries *rate.Limiter
	seen       time.Time
}

func newLimiter(now func() time.Time) *limiter {
	return &limiter{now: now, from: map[string]*pace{}}
}

// allow counts a request, and whether it may go on.
func (l *limiter) allow(r *http.Request, try bool) bool {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = "?"
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	p := l.from[host]
	if p == nil {
		if len(l.from) >= mostKept {
			for old, one := range l.from {
				if now.Sub(one.seen) > forgetTime {
					delete(l.from, old)
				}
			}
		}
		if len(l.from) >= mostKept {
			return false
		}
		p = &pace{all: rate.NewLimiter(perSecond, burst), tries: rate.NewLimiter(rate.Every(tryEvery), tryBurst)}
		l.from[host] = p
	}
	p.seen = now
	if try {
		return p.tries.AllowN(now, 1)
	}
	return p.all.AllowN(now, 1)
}

func (d *Dashboard) limited(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !d.limit.allow(r, false) || guesses(r) && !d.limit.allow(r, true) {
			w.Header().Set("Retry-After", "2")
			http.Error(w, "too many requests", http.StatusTooManyRequests)
			return
		}
		next.ServeHTTP(w, r)
	})
}
