package mcp

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	protocol "github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

// Path is where the face over HTTP is served.
const Path = "/mcp"

// TokenFile holds the token that clients over HTTP show.
func TokenFile(home string) string { return filepath.Join(home, "mcp.token") }

const (
	usualBody = 10 * time.Second
	// mostRequests are in hand at a time, those that only listen included.
	mostRequests = 256
	// idleSession is how long a session of the older era lives unused.
	idleSession = 12 * time.Hour
	// SessionHeader may name the caller's session, for clients of the era in
	// which the protocol has none.
	SessionHeader = "Uratori-Session"
)

// Handler serves the protocol over HTTP, both eras. It must be closed.
//
// The port is of this machine alone, and yet any program on it can connect, and
// any page in a browser can try. So a request must call this machine by a name
// of its loopback, come from no other page, and bear the token, before anything
// is done for it.
type Handler struct {
	s      *Server
	token  func() (string, error)
	core   *server.StreamableHTTPServer
	inHand chan struct{}
	calls  calls // of sessions, that may be cancelled
	origin *http.CrossOriginProtection

	bodyLimit time.Duration // how long a body may take
}

// HTTP makes the face over HTTP of s. token is asked with each request, so
// that a new one counts at once.
func (s *Server) HTTP(token func() (string, error)) *Handler {
	return &Handler{
		s: s, token: token, inHand: make(chan struct{}, mostRequests), origin: http.NewCrossOriginProtection(), bodyLimit: usualBody,
		core: server.NewStreamableHTTPServer(s.core, server.WithStateful(true), server.WithSessionIdleTTL(idleSession),
			server.WithDisableLocalhostProtection(true), // the door asks more
			server.WithStreamableHTTPLogger(slog.New(slog.DiscardHandler))),
	}
}

// Close ends every session.
func (h *Handler) Close(ctx context.Context) error { return h.core.Shutdown(ctx) }

// ServeHTTP implements [http.Handler].
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	say := h.s.o.Lang.Say
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	token, err := h.token()
	switch {
	case !loopback(r.Host):
		http.Error(w, say("mcp.http.host"), http.StatusForbidden)
	case h.origin.Check(r) != nil || !sameOrigin(r):
		http.Error(w, say("mcp.http.origin"), http.StatusForbidden)
	case err != nil:
		http.Error(w, say("mcp.http.no_token", "why", h.s.explain(err)), http.StatusServiceUnavailable)
	case !bears(r, token):
		w.Header().Set("WWW-Authenticate", `Bearer realm="uratori"`)
		http.Error(w, say("mcp.http.token"), http.StatusUnauthorized)
	default:
		h.enter(w, r)
	}
}

// enter serves a request that was let in.
func (h *Handler) enter(w http.ResponseWriter, r *http.Request) {
	select {
	case h.inHand <- struct{}{}:
		defer func() { <-h.inHand }()
	default:
		w.Header().Set("Retry-After", "1")
		http.Error(w, h.s.o.Lang.Say("mcp.http.busy", "most", mostRequests), http.StatusServiceUnavailable)
		return
	}
	if named := r.Header.Get(SessionHeader); named != "" {
		r = r.WithContext(context.WithValue(r.Context(), sessionKey{}, bounded(named)))
	}
	if r.Method != http.MethodPost {
		out := &stream{w: w}
		if session := r.Header.Get(server.HeaderKeySessionID); r.Method == http.MethodGet && session != "" {
			h.s.streams.add(session, out)
			defer h.s.streams.remove(session, out)
		}
		h.core.ServeHTTP(out, r)
		out.finish()
		return
	}
	raw, ok := h.body(w, r)
	if !ok {
		return
	}
	m, wrong := parse(raw)
	if wrong != nil {
		writeJSON(w, http.StatusBadRequest, refused(m.ID, wrong.code, wrong.text))
		return
	}
	p, session := m.looked(), r.Header.Get(server.HeaderKeySessionID)
	if m.ID != nil {
		// The message is one: that nothing comes of it is an answer. Clients take another status for a broken way.
		if wrong := h.s.refuse(m, p, session); wrong != nil {
			writeJSON(w, http.StatusOK, refused(m.ID, wrong.code, wrong.text))
			return
		}
	}
	out := &stream{w: w}
	switch {
	case session == "": // what has no session is cancelled by going away
	case m.ID != nil:
		h.calls.add(session, m.ID, out)
		defer h.calls.remove(session, m.ID, out)
	case m.Method == string(protocol.MethodNotificationCancelled):
		h.calls.silence(session, p.RequestID)
	}
	if m.Method == string(protocol.MethodSubscriptionsListen) && m.ID != nil && p.modern() {
		h.listen(out, r, m, p)
		return
	}
	r = r.WithContext(withExchange(r.Context(), exchange{token: p.token(), send: func(n notification) error { return out.event(n) }}))
	r.Body = io.NopCloser(bytes.NewReader(raw))
	h.s.prepare(m.Method)
	h.core.ServeHTTP(out, r)
	out.finish()
}

// body reads what a request says, within bounds of size and time.
func (h *Handler) body(w http.ResponseWriter, r *http.Request) ([]byte, bool) {
	say := h.s.o.Lang.Say
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		http.Error(w, say("mcp.http.type"), http.StatusUnsupportedMediaType)
		return nil, false
	}
	control := http.NewResponseController(w)
	if err := control.SetReadDeadline(time.Now().Add(h.bodyLimit)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		http.Error(w, say("mcp.http.slow"), http.StatusRequestTimeout)
		return nil, false
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, longestLine))
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		http.Error(w, say("mcp.http.large", "most", longestLine), http.StatusRequestEntityTooLarge)
		return nil, false
	}
	if err != nil {
		status := http.StatusBadRequest
		if errors.Is(err, os.ErrDeadlineExceeded) {
			status = http.StatusRequestTimeout
		}
		w.Header().Set("Connection", "close")
		http.Error(w, say("mcp.http.slow"), status)
		return nil, false
	}
	// What follows may take as long as it takes.
	if err := control.SetReadDeadline(time.Time{}); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return nil, false
	}
	return bytes.TrimPrefix(raw, []byte("\ufeff")), true
}

// listen serves a subscription of the modern era to its end. The library
// checks what that era demands of a request's headers before an answer, and
// so is done here.
func (h *Handler) listen(out *stream, r *http.Request, m message, p params) {
	version := r.Header.Get(protocol.HeaderProtocolVersion)
	err := protocol.ValidateStandardHeaders(r.Header.Get, version, protocol.MCPMethod(m.Method), []byte(m.Params))
	if !protocol.IsModernProtocol(version) || err != nil {
		writeJSON(out.w, http.StatusBadRequest, refused(m.ID, protocol.HEADER_MISMATCH, "the headers "+protocol.HeaderProtocolVersion+" and "+protocol.HeaderMethod+" do not say what the message says"))
		return
	}
	if err := h.s.listen(r.Context(), m.ID, p.Listen, func(v any) error { return out.event(v) }); err != nil {
		h.s.o.Log.Debug("a subscription ended", "error", err)
	}
}

// loopback tells whether a Host header names this machine by itself: a page
// whose own name was pointed here is not let in.
func loopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// sameOrigin refuses other pages for every method: what a stream says is
// nobody else's to read.
func sameOrigin(r *http.Request) bool {
	origins := r.Header.Values("Origin")
	if len(origins) == 0 {
		site := r.Header.Get("Sec-Fetch-Site")
		return site == "" || site == "none" || site == "same-origin"
	}
	u, err := url.Parse(origins[0])
	return len(origins) == 1 && err == nil && u.Scheme != "" && u.Host == r.Host
}

func bears(r *http.Request, token string) bool {
	given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	a, b := sha256.Sum256([]byte(given)), sha256.Sum256([]byte(token))
	return ok && token != "" && subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	raw, err := encode(v)
	if err != nil {
		http.Error(w, "the answer could not be written", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(raw) // the client has gone otherwise
}
