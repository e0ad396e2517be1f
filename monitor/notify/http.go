package notify

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"sync/atomic"
	"time"

	"uratori/internal/config"
	"uratori/internal/fault"
)

// caller makes the requests of one channel, each once.
type caller struct {
	name   string
	client *http.Client
	blot   blotter
	now    func() time.Time
}

func newCaller(name string, transport http.RoundTripper, now func() time.Time, secrets ...config.Secret) caller {
	if transport == nil {
		transport = newTransport()
	}
	return caller{name: name, now: now, blot: newBlotter(secrets...), client: &http.Client{
		Transport: transport,
		// A redirected POST would be a GET, or would carry a token elsewhere.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// newTransport keeps one connection for messages and one for receipts:
// Pushover allows two (pushover.net/api).
func newTransport() *http.Transport {
	const connect = 10 * time.Second
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: connect, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout: connect,
		ForceAttemptHTTP2:   true,
		MaxConnsPerHost:     2,
		MaxIdleConnsPerHost: 2,
		IdleConnTimeout:     90 * time.Second,
	}
}

// CloseIdleConnections lets connections go that nothing is under way on.
func (c *caller) CloseIdleConnections() { c.client.CloseIdleConnections() }

// reply is an answer that was read whole.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// longestReply is far more than any service has to say.
const longestReply = 64 << 10

// ask makes a request. A failure is [Postponed] when no connection was made,
// so that nothing can have been sent, and [Unanswered] otherwise.
func (c *caller) ask(ctx context.Context, method, url, contentType string, body io.Reader, header http.Header) (reply, *Failure) {
	way := &wayOut{}
	r, err := http.NewRequestWithContext(httptrace.WithClientTrace(ctx, way.trace()), method, url, body)
	if err != nil {
		return reply{}, c.failed(Refused, 0, fault.New(fault.Invalid, "notify.bad_address", "channel", c.name).Wrap(c.blot.plain(err)))
	}
	for name, values := range header {
		r.Header[name] = values
	}
	r.Header.Set("User-Agent", "uratori")
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	answer, err := c.client.Do(r)
	if err != nil {
		if way.nothingSent() {
			return reply{}, c.failed(Postponed, 0, fault.New(fault.Unavailable, "notify.unreachable", "channel", c.name).Wrap(c.blot.plain(err)))
		}
		return reply{}, c.noAnswer(err)
	}
	defer func() { _ = answer.Body.Close() }() // read below, as far as it is wanted
	text, err := io.ReadAll(io.LimitReader(answer.Body, longestReply))
	if err != nil && answer.StatusCode < http.StatusBadRequest {
		return reply{}, c.noAnswer(err)
	}
	return reply{answer.StatusCode, answer.Header, text}, nil
}

// wayOut tells whether a connection was had to send something on. The
// transport asks again for one only after it has written nothing.
type wayOut struct{ asked, got atomic.Bool }

func (w *wayOut) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn: func(string) { w.asked.Store(true); w.got.Store(false) },
		GotConn: func(httptrace.GotConnInfo) { w.got.Store(true) },
	}
}

func (w *wayOut) nothingSent() bool { return w.asked.Load() && !w.got.Load() }

func (c *caller) failed(o Outcome, after time.Duration, reason error) *Failure {
	return &Failure{Outcome: o, After: after, Reason: reason}
}

func (c *caller) noAnswer(err error) *Failure {
	return c.failed(Unanswered, 0, fault.New(fault.Unavailable, "notify.no_answer", "channel", c.name).Wrap(c.blot.plain(err)))
}

// trouble judges the answers that mean the same with every service; nil is
// left to the channel: acceptance, and refusal.
func (c *caller) trouble(r reply) *Failure {
	after := c.retryAfter(r.header)
	switch {
	case r.status == http.StatusTooManyRequests:
		return c.failed(Postponed, after, fault.New(fault.Unavailable, "notify.busy", "channel", c.name, "until", c.now().Add(max(after, patience)).Format(time.DateTime)))
	case r.status >= http.StatusInternalServerError:
		return c.failed(Doubtful, after, fault.New(fault.Unavailable, "notify.server_error", "channel", c.name, "status", r.status))
	case r.status >= http.StatusMultipleChoices && r.status < http.StatusBadRequest,
		r.status == http.StatusRequestTimeout, r.status == http.StatusMisdirectedRequest, r.status == http.StatusTooEarly,
		r.status == http.StatusProxyAuthRequired:
		return c.odd(Postponed, r)
	}
	return nil
}

// odd is an answer that the service would not give: something else has
// answered in its place.
func (c *caller) odd(o Outcome, r reply) *Failure {
	return c.failed(o, c.retryAfter(r.header), fault.New(fault.Unavailable, "notify.odd_answer", "channel", c.name, "status", r.status))
}

// retryAfter is what a service asks for, 0 for nothing.
func (c *caller) retryAfter(h http.Header) time.Duration {
	text := h.Get("Retry-After")
	if at, err := http.ParseTime(text); err == nil {
		return min(max(0, at.Sub(c.now())), longestHold)
	}
	return seconds(text)
}

// seconds reads a number of them, as long as it makes sense.
func seconds(text string) time.Duration {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return time.Duration(min(n, int64(longestHold/time.Second))) * time.Second
}
