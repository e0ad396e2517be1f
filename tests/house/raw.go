package house

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"uratori/internal/control"
)

// Connect opens the daemon's socket as a stranger would, with nothing said.
// The test closes it at its end.
func (h *House) Connect() *net.UnixConn {
	h.t.Helper()
	conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: h.Home.Socket(), Net: "unix"})
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { _ = conn.Close() }) // the daemon may have hung up first
	if err := conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		h.t.Fatal(err)
	}
	return conn
}

// Answer is what a raw request got.
type Answer struct {
	Code int
	Type string
	Body string
}

// Ask makes a request with a client that is not ours, headers as "K: V".
func (h *House) Ask(method, path string, body io.Reader, headers ...string) Answer {
	h.t.Helper()
	client := &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", h.Home.Socket())
		},
	}}
	req, err := http.NewRequestWithContext(h.t.Context(), method, "http://stranger"+path, body)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		req.Header.Set(name, value)
	}
	res, err := client.Do(req)
	if err != nil {
		h.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close() //nolint:errcheck // only read from
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		h.t.Fatalf("%s %s: %v", method, path, err)
	}
	return Answer{Code: res.StatusCode, Type: res.Header.Get("Content-Type"), Body: string(raw)}
}

// Fault is the fault of an answer, which must be whole: a kind, a code and a
// sentence.
func (a Answer) Fault(t testing.TB) control.Fault {
	t.Helper()
	return FaultIn(t, a.Body)
}

// FaultIn reads the one fault that is all of out.
func FaultIn(t testing.TB, out string) control.Fault {
	t.Helper()
	var b control.ErrorBody
	if err := json.Unmarshal([]byte(out), &b); err != nil || b.Error == nil {
		t.Errorf("no fault in %q: %v", out, err)
		return control.Fault{}
	}
	if b.Error.Kind == "" || b.Error.Code == "" || b.Error.Message == "" {
		t.Errorf("a fault without kind, code or message: %s", out)
	}
	return *b.Error
}
