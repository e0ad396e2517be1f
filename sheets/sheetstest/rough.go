// Package sheetstest makes the way to a Sheets server as rough as the real one
// can be, so that tests can prove what is said about writes that fail.
package sheetstest

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"syscall"
)

// Fault is what goes wrong with one request.
type Fault string

// The faults. After ResetAfter, TimeoutAfter, Truncated, Garbage and Slow the
// server has carried the request out and the client was not told.
const (
	None         Fault = ""
	Refused      Fault = "connection refused"
	ResetBefore  Fault = "reset before it was sent"
	ResetAfter   Fault = "reset after it was applied"
	TimeoutAfter Fault = "time-out after it was applied"
	Truncated    Fault = "answer cut off"
	Garbage      Fault = "answer is no JSON"
	Slow         Fault = "answer never ends"
	S400         Fault = "400"
	S401         Fault = "401"
	S403         Fault = "403"
	S404         Fault = "404"
	S429         Fault = "429"
	S429Wait     Fault = "429 with Retry-After"
	S500         Fault = "500"
	S500After    Fault = "500 after it was applied"
	S503         Fault = "503"
	Redirect     Fault = "302"
)

// Faults are all of them.
func Faults() []Fault {
	return []Fault{
		Refused, ResetBefore, ResetAfter, TimeoutAfter, Truncated, Garbage, Slow,
		S400, S401, S403, S404, S429, S429Wait, S500, S500After, S503, Redirect,
	}
}

// Applied tells whether the server carries out a request that meets the fault.
func (f Fault) Applied() bool {
	switch f {
	case None, ResetAfter, TimeoutAfter, Truncated, Garbage, Slow, S500After:
		return true
	}
	return false
}

// RetryAfter is what a 429 with Retry-After asks for, in seconds.
const RetryAfter = 7

// Way is a RoundTripper that lets faults happen.
type Way struct {
	Next http.RoundTripper
	// Fault says what goes wrong with the n-th request, counted from 0; nil
	// lets all through.
	Fault func(n int, r *http.Request) Fault
	// After is called once a request was carried out whose answer is lost; nil
	// is nothing.
	After func(r *http.Request)

	mu sync.Mutex
	n  int
}

// Count is how many requests were made.
func (w *Way) Count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.n
}

// RoundTrip implements [http.RoundTripper].
func (w *Way) RoundTrip(r *http.Request) (*http.Response, error) {
	w.mu.Lock()
	n := w.n
	w.n++
	w.mu.Unlock()
	fault := None
	if w.Fault != nil {
		fault = w.Fault(n, r)
	}
	if !fault.Applied() {
		if r.Body != nil {
			_ = r.Body.Close() // a RoundTripper closes what it does not send
		}
		return unsent(r, fault)
	}
	answer, err := w.Next.RoundTrip(r)
	if err != nil || fault == None {
		return answer, err
	}
	body, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	if err != nil {
		return nil, err
	}
	if w.After != nil {
		w.After(r)
	}
	switch fault {
	case ResetAfter:
		return nil, &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
	case TimeoutAfter:
		<-r.Context().Done()
		return nil, r.Context().Err()
	case S500After:
		return status(r, fault), nil
	case Truncated:
		answer.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body[:len(body)/2]), broken{io.ErrUnexpectedEOF}))
	case Garbage:
		answer.Body = io.NopCloser(strings.NewReader("<html>hello</html>"))
	case Slow:
		answer.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body[:len(body)/2]), endless{r}))
	}
	return answer, nil
}

// unsent answers in place of the server.
func unsent(r *http.Request, f Fault) (*http.Response, error) {
	switch f {
	case Refused:
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	case ResetBefore:
		return nil, &net.OpError{Op: "write", Net: "tcp", Err: os.NewSyscallError("write", syscall.ECONNRESET)}
	}
	return status(r, f), nil
}

func status(r *http.Request, f Fault) *http.Response {
	code := map[Fault]int{
		S400: 400, S401: 401, S403: 403, S404: 404, S429: 429, S429Wait: 429, S500: 500, S500After: 500, S503: 503, Redirect: 302,
	}[f]
	name := map[int]string{
		400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND",
		429: "RESOURCE_EXHAUSTED", 500: "INTERNAL", 503: "UNAVAILABLE",
	}[code]
	answer := &http.Response{
		StatusCode: code, Status: http.StatusText(code), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: http.Header{"Content-Type": {"application/json; charset=UTF-8"}},
		Body:   io.NopCloser(strings.NewReader(fmt.Sprintf(`{"error":{"code":%d,"message":"planted: %s","status":%q}}`, code, f, name))),
	}
	if f == S429Wait {
		answer.Header.Set("Retry-After", fmt.Sprint(RetryAfter))
	}
	if f == Redirect {
		answer.Header.Set("Location", "https://elsewhere.example/")
	}
	return answer
}

type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }

type endless struct{ r *http.Request }

func (e endless) Read([]byte) (int, error) {
	<-e.r.Context().Done()
	return 0, e.r.Context().Err()
}
