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
		if !d.served(r) {
			http.Error(w, "this host name is not served", http.StatusMisdirectedRequest)
			return
		}
		inside.ServeHTTP(w, r)
	})
}

// served tells whether a Host header is a name of these pages. Any other name
// that leads here belongs to somebody who wants to read them. The address itself
// that a request came to is no name: nobody can have it lead elsewhere.
func (d *Dashboard) served(r *http.Request) bool {
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.Trim(host, "[]"))
	if host == "localhost" || host != "" && slices.ContainsFunc(d.o.Hosts, func(name string) bool { return strings.EqualFold(name, host) }) {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && (ip.Unmap().IsLoopback() || d.o.Open && ip.Unmap() == arrived(r))
}

// arrived is the address of this machine that a request came to.
func arrived(r *http.Request) netip.Addr {
	if at, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr); ok {
		return at.AddrPort().Addr().Unmap().WithZone("")
	}
	return netip.Addr{}
}

// near tells whether a request comes from a program of this machine, and from
// nobody behind one.
func (d *Dashboard) near(r *http.Request) bool {
	for _, passedOn := range []string{"Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Tailscale-User-Login"} {
		if r.Header.Get(passedOn) != "" {
			return false
		}
	}
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && !d.o.Open && from.Addr().Unmap().IsLoopback()
}

// atTheDoor is what the page needs on which one signs in.
func atTheDoor(path string) bool {
	switch path {
	case "/login", "/assets/page.css", "/assets/icon.svg":
		return true
	}
	return false
}

// known asks whoever may come from another machine to sign in.
func (d *Dashboard) known(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case d.near(r) || d.sessions.has(r) || d.o.Login != nil && atTheDoor(r.URL.Path):
			next.ServeHTTP(w, r)
		case d.o.Login != nil && r.Method == http.MethodGet && navigates(r):
			http.Redirect(w, r, "/login", http.StatusSeeOther)
		default:
			http.Error(w, "sign in first", http.StatusUnauthorized)
		}
	})
}

// navigates tells whether a browser would show the answer as a page.
func navigates(r *http.Request) bool {
	mode := r.Header.Get("Sec-Fetch-Mode")
	return mode == "navigate" || mode == "" && strings.Contains(r.Header.Get("Accept"), "text/html")
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
