package control

import (
	"bytes"
	"io"
	"net"
	"net/http"

	"uratori/internal/config"
)

// Within is a client of the daemon that runs in this very process: handler
// answers in its caller's goroutine, and there is no connection. It is for
// short requests, whose answers are held whole.
func Within(handler http.Handler, home config.Home, build Build) *Client {
	return &Client{home: home, build: build, first: make(chan net.Conn), http: &http.Client{Transport: within{handler}}}
}

type within struct{ handler http.Handler }

// RoundTrip implements [http.RoundTripper].
func (t within) RoundTrip(r *http.Request) (*http.Response, error) {
	asked := r.Clone(r.Context())
	if asked.Body == nil {
		asked.Body = http.NoBody
	}
	asked.RequestURI = r.URL.RequestURI()
	var a whole
	t.handler.ServeHTTP(&a, asked)
	err := asked.Body.Close()
	a.WriteHeader(http.StatusOK) // unless it has said another
	return &http.Response{
		Status: http.StatusText(a.status), StatusCode: a.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: a.Header(), Body: io.NopCloser(&a.body), ContentLength: int64(a.body.Len()), Request: r,
	}, err
}

// whole is an answer that is kept until it is there.
type whole struct {
	status int
	header http.Header
	body   bytes.Buffer
}

func (a *whole) Header() http.Header {
	if a.header == nil {
		a.header = http.Header{}
	}
	return a.header
}

func (a *whole) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

func (a *whole) Write(text []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(text)
}
