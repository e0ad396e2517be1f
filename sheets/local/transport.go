package local

import (
	"context"
	"errors"
	"fmt"
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

// RoundTrip implements [http.RoundTripper]. Once the context ends, the handler
// can neither read nor write any more, but it may have done its work already.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	in := r.Clone(r.Context())
	if in.Body == nil {
		in.Body = http.NoBody
	}
	closeBody := sync.OnceFunc(func() { _ = in.Body.Close() }) // a RoundTripper closes what it sent
	if err := r.Context().Err(); err != nil {
		closeBody()
		return nil, err
	}
	in.RequestURI = r.URL.RequestURI()
	if in.Host == "" {
		in.Host = r.URL.Host
	}
	body := newPipe()
	w := &answering{asked: in, header: http.Header{}, body: body, head: make(chan struct{})}
	stop := context.AfterFunc(r.Context(), func() {
		closeBody()
		body.abort(r.Context().Err())
	})
	t.calls.Go(func() {
		defer closeBody()
		defer stop()
		w.finish(recovered(func() { t.handler.ServeHTTP(w, in) }))
	})
	select {
	case <-w.head:
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	if w.failed != nil {
		return nil, w.failed
	}
	return &http.Response{
		Status: fmt.Sprint(w.code, " ", http.StatusText(w.code)), StatusCode: w.code,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.sent, Body: body, ContentLength: -1, Request: r,
	}, nil
}

// recovered runs f and returns what it panicked with.
func recovered(f func()) (err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case error:
			err = fmt.Errorf("%w: %w", errAborted, p)
		default:
			err = fmt.Errorf("%w: %v", errAborted, p)
		}
	}()
	f()
	return nil
}

var errAborted = errors.New("the embedded sheet broke its answer off")

// answering is the handler's side of an answer.
type answering struct {
	asked        *http.Request
	header, sent http.Header
	code         int
	failed       error // instead of an answer
	body         *pipe
	head         chan struct{} // closed once it is known how the answer begins
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
	if err := w.asked.Context().Err(); err != nil {
		w.body.abort(err) // what is missing must not look like an end
		return 0, err
	}
	w.WriteHeader(http.StatusOK)
	return w.body.Write(p)
}

func (w *answering) finish(err error) {
	if err != nil && w.code == 0 {
		w.failed = err
		close(w.head)
		return
	}
	w.WriteHeader(http.StatusOK)
	w.body.finish(err)
}
