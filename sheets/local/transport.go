package local

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
)

// Transport carries requests to a handler in the same process, without a port
// and without a second copy of a large answer: what the handler writes is read
// on the other side as it comes.
type Transport struct {
	handler http.Handler
	calls   sync.WaitGroup
}

// NewTransport returns the way to h.
func NewTransport(h http.Handler) *Transport { return &Transport{handler: h} }

// Wait returns when no handler runs any more. A body that nobody closed keeps
// its handler waiting.
func (t *Transport) Wait() { t.calls.Wait() }

// RoundTrip implements [http.RoundTripper].
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	in := r.Clone(r.Context())
	if in.Body == nil {
		in.Body = http.NoBody
	}
	in.RequestURI = r.URL.RequestURI()
	if in.Host == "" {
		in.Host = r.URL.Host
	}
	reader, writer := io.Pipe()
	w := &answering{header: http.Header{}, body: writer, head: make(chan struct{})}
	t.calls.Go(func() {
		defer func() { _ = in.Body.Close() }() // a RoundTripper closes what it sent
		w.finish(recovered(func() { t.handler.ServeHTTP(w, in) }))
	})
	context.AfterFunc(r.Context(), func() { _ = reader.CloseWithError(r.Context().Err()) })
	select {
	case <-w.head:
	case <-r.Context().Done():
		return nil, r.Context().Err() // the handler may well have done its work
	}
	return &http.Response{
		Status: http.StatusText(w.code), StatusCode: w.code, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.sent, Body: reader, ContentLength: -1, Request: r,
	}, nil
}

// recovered runs f and returns what it panicked with.
func recovered(f func()) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = errAborted
			if cause, ok := p.(error); ok && !errors.Is(cause, http.ErrAbortHandler) {
				err = errors.Join(errAborted, cause)
			}
		}
	}()
	f()
	return nil
}

var errAborted = errors.New("the embedded sheet broke its answer off")

// answering is the handler's side of an answer.
type answering struct {
	header, sent http.Header
	code         int
	body         *io.PipeWriter
	head         chan struct{} // closed once the status is known
}

func (w *answering) Header() http.Header { return w.header }

func (w *answering) WriteHeader(code int) {
	if w.code != 0 {
		return
	}
	w.code, w.sent = code, w.header.Clone()
	close(w.head)
}

func (w *answering) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(p)
}

func (w *answering) finish(err error) {
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
	}
	w.WriteHeader(http.StatusOK)
	_ = w.body.CloseWithError(err) // always nil, says its doc
}
