package discovery

import (
	"bytes"
	"io"
	"mime"
	"net/http"
	"testing"
	"testing/iotest"
)

// Watch lets traffic through unchanged and reports on t every answer that Google could not have given: one that
// breaks its schema, and a success for a request that the document does not allow.
func (d *Document) Watch(t testing.TB, next http.RoundTripper) http.RoundTripper {
	return &watch{doc: d, t: t, next: next}
}

type watch struct {
	doc  *Document
	t    testing.TB
	next http.RoundTripper
}

// RoundTrip is http.RoundTripper's.
func (w *watch) RoundTrip(r *http.Request) (*http.Response, error) {
	w.t.Helper()
	var sent []byte
	if r.Body != nil {
		var err error
		sent, err = io.ReadAll(r.Body)
		_ = r.Body.Close() // read to its end, or the error that matters is err
		if err != nil {
			return nil, err
		}
		r = r.Clone(r.Context())
		r.Body = io.NopCloser(bytes.NewReader(sent))
	}
	resp, err := w.next.RoundTrip(r)
	if err != nil {
		return resp, err
	}
	received, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil { // the client is to see it where it would have
		resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(received), iotest.ErrReader(err)))
		return resp, nil
	}
	resp.Body = io.NopCloser(bytes.NewReader(received))

	path := r.URL.EscapedPath()
	if resp.StatusCode < 400 {
		if err := w.doc.CheckRequest(r.Method, path, r.URL.RawQuery, sent); err != nil {
			w.t.Errorf("%s %s: answered %d, though: %v", r.Method, r.URL, resp.StatusCode, err)
			return resp, nil
		}
	}
	if kind, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		w.t.Errorf("%s %s: Content-Type %q, want application/json", r.Method, r.URL, resp.Header.Get("Content-Type"))
	}
	if err := w.doc.CheckResponse(r.Method, path+"?"+r.URL.RawQuery, resp.StatusCode, received); err != nil {
		w.t.Errorf("%s %s: %v\n%s", r.Method, r.URL, err, received)
	}
	return resp, nil
}
