package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"

	"uratori/factcheck"
	"uratori/factcheck/gate"
	"uratori/internal/fault"
)

const (
	// mostBody is how much of an answer is read.
	mostBody = 4 << 20
	// mostRedirects is how often an answer may send elsewhere.
	mostRedirects = 5
)

// http asks a server. Without the project's leave only this machine is asked,
// and it is the address that counts and not the name: names can lead anywhere.
func (s *session) http(ctx context.Context, c gate.HTTP) factcheck.Finding {
	at := s.o.Now()
	if err := s.ask(ctx, c); err != nil {
		return concluded(at, err)
	}
	return verified(at)
}

func (s *session) ask(ctx context.Context, c gate.HTTP) error {
	transport := &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			d := net.Dialer{}
			if !allowed(c.Scope.Hosts, address) {
				d.Control = loopbackOnly
			}
			return d.DialContext(ctx, network, address)
		},
	}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, CheckRedirect: func(r *http.Request, via []*http.Request) error {
		if len(via) > mostRedirects {
			return errRedirects
		}
		return nil
	}}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.URL, nil)
	if err != nil {
		return fault.New(fault.Invalid, "gate.want.url", "text", shown(c.URL))
	}
	request.Header.Set("User-Agent", "uratori-factcheck")
	answer, err := client.Do(request)
	if err != nil {
		return s.unasked(ctx, c, err)
	}
	defer answer.Body.Close() //nolint:errcheck // only read
	if answer.StatusCode != c.Status {
		return isWrong(fault.New(fault.Failed, "local.http_status", "url", c.Name, "status", answer.StatusCode, "wanted", c.Status))
	}
	if !c.Any() {
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, mostBody+1))
	if err != nil {
		return s.unasked(ctx, c, err)
	}
	cut := len(body) > mostBody
	err = holds(body[:min(len(body), mostBody)], c.Text, c.Name)
	if cut && (err != nil || len(c.Lacks) > 0) {
		if _, has := textIn(body, c.Lacks); !has {
			return fault.New(fault.Unavailable, "local.body_cut", "url", c.Name, "bytes", mostBody)
		}
	}
	return err
}

var (
	errRedirects = errors.New("it sends elsewhere again and again")
	errElsewhere = errors.New("the address is not on this machine")
)

// unasked tells why there was no answer. That nobody listens is one.
func (s *session) unasked(ctx context.Context, c gate.HTTP, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err
	}
	switch {
	case errors.Is(err, errElsewhere):
		return fault.New(fault.Unavailable, "local.http_elsewhere", "url", c.Name)
	case errors.Is(err, syscall.ECONNREFUSED):
		return isWrong(fault.New(fault.Failed, "local.http_refused", "url", c.Name))
	}
	return fault.New(fault.Unavailable, "local.http_failed", "url", c.Name, "problem", shown(err.Error()))
}

// allowed tells whether the project lets a host be asked: by its name, or by
// its name and port.
func allowed(hosts []string, address string) bool {
	host, _, err := net.SplitHostPort(address)
	return err == nil && slices.ContainsFunc(hosts, func(h string) bool {
		return strings.EqualFold(h, address) || strings.EqualFold(strings.Trim(h, "[]"), host)
	})
}

// loopbackOnly looks at the address that is really connected to.
func loopbackOnly(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %w", errElsewhere, err)
	}
	if !at.Addr().Unmap().IsLoopback() {
		return errElsewhere
	}
	return nil
}
