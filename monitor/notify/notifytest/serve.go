package notifytest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"time"
)

// maxBody is what a real front end would not even read.
const maxBody = 8 << 20

// handle does what a request asks for, unless it meets a fault, and returns
// what goes back.
func (s *Server) handle(r *http.Request) answer {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return answer{cut: true} // the client went away while it was sending
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	n, now := s.counts.Requests, s.now()
	s.counts.Requests++
	if !s.failed.IsZero() && now.Sub(s.failed) < Patience {
		s.counts.Hasty++
	}
	fault := None
	if s.fault != nil {
		fault = s.fault(n, r.URL.Path)
	}
	accepted := s.counts.Accepted
	var a answer
	switch {
	case fault == S429 || fault == S429Wait:
		a = s.overLimit()
	case !fault.Accepted():
		a = s.refuse(http.StatusInternalServerError, "", "")
	case len(body) > maxBody:
		a = answer{status: http.StatusRequestEntityTooLarge, header: http.Header{}, body: []byte("<html>too large</html>")}
	default:
		a = s.route(r, body)
	}
	a = fault.spoil(a)
	if fault.Lost() {
		s.counts.Lost += s.counts.Accepted - accepted
	}
	switch {
	case a.cut || a.slow || a.half || a.status >= http.StatusInternalServerError:
		s.failed = now
	case a.status == http.StatusTooManyRequests:
		s.counts.Limited++
		s.failed = now
	case a.status >= http.StatusBadRequest:
		s.counts.Refused++
		s.failed = now
	default:
		s.failed = time.Time{}
	}
	return a
}

func (s *Server) route(r *http.Request, body []byte) answer {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	if len(parts) < 2 || parts[0] != "1" {
		return s.refuse(http.StatusNotFound, "", "no such method")
	}
	want := http.MethodPost
	var do func(*http.Request, []byte) answer
	switch rest := parts[1:]; {
	case len(rest) == 1 && rest[0] == "messages.json":
		do = s.message
	case len(rest) == 2 && rest[0] == "users" && rest[1] == "validate.json":
		do = s.validate
	case len(rest) == 2 && rest[0] == "apps" && rest[1] == "limits.json":
		want, do = http.MethodGet, s.limits
	case len(rest) == 2 && rest[0] == "receipts" && strings.HasSuffix(rest[1], ".json"):
		want, do = http.MethodGet, s.showReceipt(strings.TrimSuffix(rest[1], ".json"))
	case len(rest) == 3 && rest[0] == "receipts" && rest[2] == "cancel.json":
		do = s.cancelReceipt(rest[1])
	default:
		return s.refuse(http.StatusNotFound, "", "no such method")
	}
	if r.Method != want {
		return s.refuse(http.StatusMethodNotAllowed, "", "use "+want)
	}
	return do(r, body)
}

func (s *Server) enter() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running++
	s.counts.Widest = max(s.counts.Widest, s.running)
}

func (s *Server) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running--
}

// ServeHTTP implements [http.Handler].
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.enter()
	defer s.leave()
	a := s.handle(r)
	switch {
	case a.slow:
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	case a.cut:
		panic(http.ErrAbortHandler)
	}
	for name, values := range a.header {
		w.Header()[name] = values
	}
	w.WriteHeader(a.status)
	if !a.half {
		_, _ = w.Write(a.body) // a client that went away has its reasons
		return
	}
	_, _ = w.Write(a.body[:len(a.body)/2])
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// RoundTrip implements [http.RoundTripper]: the server without a network, for
// tests inside a bubble of time. A connection is made for each request.
func (s *Server) RoundTrip(r *http.Request) (*http.Response, error) {
	s.enter()
	defer s.leave()
	if r.Body == nil {
		r = r.Clone(r.Context())
		r.Body = http.NoBody
	}
	a := s.handle(r)
	_ = r.Body.Close()
	switch {
	case a.slow:
		<-r.Context().Done()
		return nil, r.Context().Err()
	case a.cut:
		return nil, &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
	}
	body := io.Reader(bytes.NewReader(a.body))
	if a.half {
		body = io.MultiReader(bytes.NewReader(a.body[:len(a.body)/2]), broken{})
	}
	return &http.Response{
		StatusCode: a.status, Status: http.StatusText(a.status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: a.header, Body: io.NopCloser(body), Request: r,
	}, nil
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// Listen serves on a free port of loopback and returns the base URL, to be
// used as notify.pushover.endpoint. stop ends the service and returns when
// everything has ended.
func (s *Server) Listen(ctx context.Context) (url string, stop func() error, err error) {
	var c net.ListenConfig
	l, err := c.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{Handler: s, ReadHeaderTimeout: time.Minute}
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	return "http://" + l.Addr().String(), func() error {
		err := server.Close()
		if served := <-done; !errors.Is(served, http.ErrServerClosed) {
			err = errors.Join(err, served)
		}
		return err
	}, nil
}
