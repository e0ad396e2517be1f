// Package front is the door through which programs other than ours reach the
// embedded sheet over TCP. The port is of this machine alone, and yet anybody
// on it can connect, and any page in a browser can try: so the door asks.
//
// The Host must be a name of this machine's loopback, which stops a page whose
// own name was pointed here. An Origin must be the door's own. And the caller
// must run as the same user, which the kernel tells, or know the token.
package front

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/go-json-experiment/json"

	"uratori/internal/fault"
)

// Door lets requests through to Next.
type Door struct {
	Next  http.Handler
	Token string
	// Peer tells as which user the other end of a connection runs.
	Peer func(conn net.Conn) (uid int, err error)
	UID  int // whose processes need no token
}

type peerKey struct{}

// ConnContext is for the server's field of that name.
func (d *Door) ConnContext(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, peerKey{}, sync.OnceValue(func() bool {
		uid, err := d.Peer(conn)
		return err == nil && uid == d.UID
	}))
}

// ServeHTTP implements [http.Handler].
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch host, _, err := net.SplitHostPort(r.Host); {
	case err != nil || !isLoopback(host):
		refuse(w, http.StatusForbidden, "PERMISSION_DENIED", fmt.Sprintf("Host %.100q is not this machine's loopback.", r.Host))
	case !sameOrigin(r):
		refuse(w, http.StatusForbidden, "PERMISSION_DENIED", fmt.Sprintf("Requests from the page %.100q are not let in.", r.Header.Get("Origin")))
	case !d.knows(r):
		refuse(w, http.StatusUnauthorized, "UNAUTHENTICATED",
			"The caller runs as another user and did not send the token: send it as a bearer token or as the key parameter.")
	default:
		d.Next.ServeHTTP(w, stripped(r))
	}
}

func sameOrigin(r *http.Request) bool {
	origins := r.Header.Values("Origin")
	if len(origins) == 0 {
		site := r.Header.Get("Sec-Fetch-Site") // what a browser says of a request without an Origin
		return site == "" || site == "none" || site == "same-origin"
	}
	return len(origins) == 1 && origins[0] == "http://"+r.Host
}

func (d *Door) knows(r *http.Request) bool {
	mine, ok := r.Context().Value(peerKey{}).(func() bool)
	if ok && mine() {
		return true
	}
	bearer, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return d.is(bearer) || d.is(r.URL.Query().Get("key")) || d.is(r.Header.Get("X-Goog-Api-Key"))
}

func (d *Door) is(given string) bool {
	a, b := sha256.Sum256([]byte(given)), sha256.Sum256([]byte(d.Token))
	return d.Token != "" && subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

// stripped is the request without what was only for the door.
func stripped(r *http.Request) *http.Request {
	r = r.Clone(r.Context())
	r.Header.Del("Authorization")
	r.Header.Del("X-Goog-Api-Key")
	r.Header.Del("Cookie")
	// The rest of the query stays as it is: what is wrong in it is not hidden.
	r.URL.RawQuery = strings.Join(slices.DeleteFunc(strings.Split(r.URL.RawQuery, "&"), func(pair string) bool {
		name, _, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(name)
		return err == nil && (name == "key" || name == "access_token")
	}), "&")
	return r
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// refuse answers with an error in Google's shape.
func refuse(w http.ResponseWriter, code int, status, message string) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(code)
	// Nobody is left to be told when the client has gone.
	_ = json.MarshalWrite(w, map[string]any{"error": map[string]any{"code": code, "status": status, "message": message}})
}

// Unreachable answers for an embedded sheet that cannot be asked.
func Unreachable(w http.ResponseWriter, _ *http.Request, _ error) {
	refuse(w, http.StatusServiceUnavailable, "UNAVAILABLE", "The daemon that holds the embedded sheet does not answer; `uratori up` starts it.")
}

// Listen opens a port of the loopback.
func Listen(ctx context.Context, address string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil || !isLoopback(host) {
		return nil, fault.New(fault.Invalid, "front.not_loopback", "address", fmt.Sprintf("%.100q", address))
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", address)
	if err == nil && ctx.Err() != nil { // a name that is in the hosts file asks nobody, and ctx neither
		err = errors.Join(ctx.Err(), l.Close())
	}
	if err != nil {
		return nil, fault.New(fault.Failed, "front.no_port", "address", address).Wrap(err)
	}
	return l, nil
}
