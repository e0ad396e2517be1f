package local

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
)

func request(ctx context.Context, t *testing.T, body io.Reader) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://sheet/v4/x?y=z", body)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestTransport_CarriesRequestAndAnswer(t *testing.T) {
	tr := NewTransport(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if r.Host != "sheet" || r.RequestURI != "/v4/x?y=z" || string(body) != "sent" || err != nil {
			t.Errorf("%s %s %q %v", r.Host, r.RequestURI, body, err)
		}
		w.Header().Set("X-A", "b")
		w.WriteHeader(http.StatusTeapot)
		w.WriteHeader(http.StatusOK)
		w.Header().Set("X-A", "too late")
		_, _ = io.WriteString(w, "answered") // to a reader that is there
	}))
	a, err := tr.RoundTrip(request(t.Context(), t, strings.NewReader("sent")))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(a.Body)
	if err != nil || a.Body.Close() != nil || a.Status != "418 I'm a teapot" || a.StatusCode != 418 || a.Header.Get("X-A") != "b" || string(body) != "answered" {
		t.Errorf("%+v %q %v", a, body, err)
	}
	tr.Wait()
}

func TestTransport_HandlerThatSaysNothing_Answers200(t *testing.T) {
	tr := NewTransport(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	a, err := tr.RoundTrip(request(t.Context(), t, nil))
	if err != nil || a.StatusCode != 200 {
		t.Fatal(a, err)
	}
	if body, err := io.ReadAll(a.Body); err != nil || len(body) > 0 || a.Body.Close() != nil {
		t.Error(body, err)
	}
	tr.Wait()
}

func TestTransport_CancelEndsTheCall_InEveryPhase(t *testing.T) {
	inside, written := make(chan struct{}), make(chan error, 1)
	for phase, handle := range map[string]http.HandlerFunc{
		"while the body is read": func(_ http.ResponseWriter, r *http.Request) {
			close(inside)
			_, err := r.Body.Read(make([]byte, 1)) // of a sender that sends nothing
			written <- err
		},
		"while the handler works": func(w http.ResponseWriter, r *http.Request) {
			close(inside)
			<-r.Context().Done()
			_, err := io.WriteString(w, "too late")
			written <- err
		},
	} {
		inside = make(chan struct{})
		tr := NewTransport(handle)
		ctx, cancel := context.WithCancel(t.Context())
		body, sender := io.Pipe()
		go func() {
			<-inside
			cancel()
		}()
		if a, err := tr.RoundTrip(request(ctx, t, body)); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v %v", phase, a, err)
			_ = a.Body.Close() // so that the handler ends
		}
		if err := <-written; err == nil {
			t.Errorf("%s: the handler noticed nothing", phase)
		}
		tr.Wait()
		if _, err := sender.Write([]byte("x")); err == nil {
			t.Errorf("%s: the body was not closed", phase)
		}
	}
}

func TestTransport_CancelWhileTheAnswerIsRead_IsSaid(t *testing.T) {
	ended := make(chan error, 1)
	tr := NewTransport(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		var err error
		for err == nil {
			_, err = io.WriteString(w, "and on ")
		}
		ended <- err
	}))
	ctx, cancel := context.WithCancel(t.Context())
	a, err := tr.RoundTrip(request(ctx, t, nil))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(a.Body, make([]byte, 100)); err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := io.Copy(io.Discard, a.Body); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if err := a.Body.Close(); err != nil || <-ended == nil {
		t.Error(err)
	}
	tr.Wait()
	if a, err := tr.RoundTrip(request(ctx, t, nil)); !errors.Is(err, context.Canceled) {
		t.Error(err)
		_ = a.Body.Close() // it should not be there
	}
}

func TestTransport_ReaderThatLeaves_EndsTheHandler(t *testing.T) {
	tr := NewTransport(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for {
			if _, err := io.WriteString(w, "and on "); err != nil {
				return
			}
		}
	}))
	a, err := tr.RoundTrip(request(t.Context(), t, nil))
	if err != nil || a.Body.Close() != nil {
		t.Fatal(err)
	}
	tr.Wait()
}

func TestTransport_Panic_IsABrokenAnswer_NotAShortOne(t *testing.T) {
	cause := errors.New("cause")
	for _, value := range []any{cause, "cause", http.ErrAbortHandler} {
		tr := NewTransport(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(value) }))
		if a, err := tr.RoundTrip(request(t.Context(), t, nil)); err == nil || !strings.Contains(err.Error(), "broke its answer off") {
			t.Errorf("%v: %v %v", value, a, err)
			_ = a.Body.Close() // it should not be there
		} else if e, ok := value.(error); ok && !errors.Is(err, e) {
			t.Error(err)
		}
		tr = NewTransport(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"half`) // to a reader that is there
			panic(value)
		}))
		a, err := tr.RoundTrip(request(t.Context(), t, nil))
		if err != nil {
			t.Fatal(err)
		}
		if body, err := io.ReadAll(a.Body); err == nil || string(body) != `{"half` || a.Body.Close() != nil {
			t.Errorf("%v: %q %v", value, body, err)
		}
		tr.Wait()
	}
}

func TestTransport_LargeAnswer_FlowsAsItIsRead(t *testing.T) {
	var sent atomic.Int64
	piece := bytes.Repeat([]byte("x"), 1<<16)
	const pieces = 1000
	tr := NewTransport(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for range pieces {
			n, _ := w.Write(piece) // what was read is counted below
			sent.Add(int64(n))
		}
	}))
	a, err := tr.RoundTrip(request(t.Context(), t, nil))
	if err != nil {
		t.Fatal(err)
	}
	for read := 0; read < pieces*len(piece); read += len(piece) {
		if ahead := int(sent.Load()) - read; ahead > held+len(piece) {
			t.Fatalf("%d bytes wait somewhere", ahead)
		}
		if _, err := io.ReadFull(a.Body, piece); err != nil {
			t.Fatal(err)
		}
	}
	if rest, err := io.ReadAll(a.Body); err != nil || len(rest) > 0 || a.Body.Close() != nil {
		t.Error(len(rest), err)
	}
	tr.Wait()
}

// counted is a context that knows how many wait for its end.
type counted struct {
	context.Context
	waiting atomic.Int64
}

// Value hides the context within, past which nothing is counted.
func (c *counted) Value(any) any { return nil }

func (c *counted) AfterFunc(f func()) func() bool {
	c.waiting.Add(1)
	stop := context.AfterFunc(c.Context, f)
	return func() bool {
		c.waiting.Add(-1)
		return stop()
	}
}

func TestTransport_LeavesNothingInALongLivedContext(t *testing.T) {
	ctx := &counted{Context: t.Context()}
	most := int64(0)
	tr := NewTransport(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		most = max(most, ctx.waiting.Load())
		_, _ = io.WriteString(w, "answered") // to a reader that is there
	}))
	for range 20 {
		a, err := tr.RoundTrip(request(ctx, t, nil))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, a.Body); err != nil || a.Body.Close() != nil {
			t.Fatal(err)
		}
		tr.Wait()
	}
	if n := ctx.waiting.Load(); n != 0 || most != 1 {
		t.Errorf("%d calls still wait for the end of the context; at most %d did at once", n, most)
	}
}
