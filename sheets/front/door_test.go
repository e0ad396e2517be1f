package front

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"uratori/internal/fault"
)

const childEnv = "URATORI_FRONT_TEST_ASKS"

func TestMain(m *testing.M) {
	if address := os.Getenv(childEnv); address != "" {
		os.Exit(askAsChild(address))
	}
	goleak.VerifyTestMain(m)
}

const goodToken = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

// open serves a door on a loopback address; behind it is a handler that says
// what reached it.
func open(t *testing.T, address string, d *Door) (at string) {
	t.Helper()
	l, err := Listen(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	if d.Next == nil {
		d.Next = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, "%s %s %s|%s|%s", r.Method, r.URL.RequestURI(), r.Header.Get("Authorization"), r.Header.Get("X-Goog-Api-Key"), r.Header.Get("Cookie"))
		})
	}
	if d.Peer == nil {
		d.Peer = Peer
	}
	d.Token = goodToken
	server := &http.Server{Handler: d, ConnContext: d.ConnContext, ReadHeaderTimeout: time.Minute}
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	t.Cleanup(func() {
		_ = server.Close() // the error is Serve's
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	return l.Addr().String()
}

// ask sends a request as it stands over a connection of its own.
func ask(t *testing.T, address string, head ...string) (int, string) {
	t.Helper()
	var dial net.Dialer
	conn, err := dial.DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close() //nolint:errcheck // the answer is read by then
	if _, err := io.WriteString(conn, strings.Join(append(head, "Connection: close", "", ""), "\r\n")); err != nil {
		t.Fatal(err)
	}
	a, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close() //nolint:errcheck // only read from
	body, err := io.ReadAll(a.Body)
	if err != nil {
		t.Fatal(err)
	}
	return a.StatusCode, string(body)
}

func TestDoor_LetsInOnlyWhoMeansThisMachine(t *testing.T) {
	for _, loopback := range []string{"127.0.0.1:0", "[::1]:0", "localhost:0"} {
		at := open(t, loopback, &Door{UID: os.Getuid()})
		_, port, err := net.SplitHostPort(at)
		if err != nil {
			t.Fatal(err)
		}
		host := func(name string) []string { return []string{"Host: " + name + ":" + port} }
		with := func(lines ...string) []string { return append(host("127.0.0.1"), lines...) }
		for _, c := range []struct {
			lines []string
			code  int
		}{
			{host("127.0.0.1"), 200},
			{host("localhost"), 200},
			{host("[::1]"), 200},
			{host("127.1.2.3"), 200},
			{host("evil.example"), 403}, // a name that was pointed here
			{host("127.0.0.1.evil.example"), 403},
			{host("localhost.evil.example"), 403},
			{host("192.168.0.1"), 403},
			{host("0.0.0.0"), 403},
			{host("[::]"), 403},
			{host("2130706433"), 403},
			{host("0x7f.1"), 403},
			{[]string{"Host: localhost"}, 403},
			{[]string{"Host: "}, 403},
			{with("Origin: http://127.0.0.1:" + port), 200},
			{with("Origin: https://127.0.0.1:" + port), 403},
			{with("Origin: http://localhost:" + port), 403}, // another origin than the one asked
			{with("Origin: http://127.0.0.1"), 403},
			{with("Origin: http://127.0.0.1:1"), 403},
			{with("Origin: http://evil.example"), 403},
			{with("Origin: http://evil.example", "Origin: http://127.0.0.1:"+port), 403},
			{with("Origin: null"), 403},
			{with("Origin: file://"), 403},
			{with("Origin: chrome-extension://abc"), 403},
			{with("Origin: http://127.0.0.1:" + port + "@evil.example"), 403},
			{with("Origin:"), 403},
			{with("Sec-Fetch-Site: none"), 200},
			{with("Sec-Fetch-Site: same-origin"), 200},
			{with("Sec-Fetch-Site: same-site"), 403},
			{with("Sec-Fetch-Site: cross-site"), 403},
			{with("Sec-Fetch-Site: x"), 403},
		} {
			code, body := ask(t, at, append([]string{"GET /v4/spreadsheets/local HTTP/1.1"}, c.lines...)...)
			if code != c.code || code == 403 && !strings.Contains(body, `"status":"PERMISSION_DENIED"`) {
				t.Errorf("%s: %q: %d %s", at, c.lines, code, body)
			}
		}
	}
}

// The door of another user: whoever asks needs the token.
func TestDoor_AnotherUserNeedsTheToken(t *testing.T) {
	at := open(t, "127.0.0.1:0", &Door{UID: os.Getuid() + 1})
	for _, c := range []struct {
		target, line string
		code         int
	}{
		{"/x", "A: b", 401},
		{"/x", "Authorization: Bearer " + goodToken, 200},
		{"/x?key=" + goodToken, "A: b", 200},
		{"/x", "X-Goog-Api-Key: " + goodToken, 200},
		{"/x?a=b&key=" + goodToken, "A: b", 200},
		{"/x", "Authorization: Bearer " + strings.ToLower(goodToken), 401},
		{"/x", "Authorization: Bearer " + goodToken + "A", 401},
		{"/x", "Authorization: Bearer " + goodToken[1:], 401},
		{"/x", "Authorization: Basic " + goodToken, 401},
		{"/x", "Authorization: Bearer ", 401},
		{"/x", "Authorization:", 401},
		{"/x?key=", "A: b", 401},
		{"/x?key=" + goodToken[:25], "A: b", 401},
		{"/x?Key=" + goodToken, "A: b", 401},
		{"/x?access_token=" + goodToken, "A: b", 401},
		{"/x", "Cookie: key=" + goodToken, 401},
		{"/key=" + goodToken, "A: b", 401},
	} {
		code, body := ask(t, at, "GET "+c.target+" HTTP/1.1", "Host: "+at, c.line)
		if code != c.code || code == 401 && !strings.Contains(body, `"status":"UNAUTHENTICATED"`) {
			t.Errorf("%s %s: %d %s", c.target, c.line, code, body)
		}
	}
	unknown := open(t, "127.0.0.1:0", &Door{UID: os.Getuid(), Peer: func(net.Conn) (int, error) { return os.Getuid(), errors.New("not found") }})
	if code, body := ask(t, unknown, "GET /x HTTP/1.1", "Host: "+unknown); code != 401 {
		t.Errorf("of a caller who is not known: %d %s", code, body)
	}
	if code, body := ask(t, unknown, "GET /x HTTP/1.1", "Host: evil.example:80", "Authorization: Bearer "+goodToken); code != 403 {
		t.Errorf("the token opened the door for another host: %d %s", code, body)
	}
}

func TestDoor_WithoutToken_KnowsNobodyByIt(t *testing.T) {
	d := &Door{Next: http.NotFoundHandler()}
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://127.0.0.1:80/x?key=", nil)
	r.Header.Set("Authorization", "Bearer ")
	if d.ServeHTTP(w, r); w.Code != http.StatusUnauthorized {
		t.Error(w.Code)
	}
}

func TestDoor_KeepsCredentialsToItself(t *testing.T) {
	reached := make(chan string, 1)
	behind := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		reached <- fmt.Sprintf("%s %q", r.URL.RequestURI(), r.Header)
	}))
	defer behind.Close()
	target, err := url.Parse(behind.URL)
	if err != nil {
		t.Fatal(err)
	}
	at := open(t, "127.0.0.1:0", &Door{UID: os.Getuid(), Next: &httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) { p.SetURL(target) }, Transport: &http.Transport{DisableKeepAlives: true},
	}})
	const secret = "SECRET-" + goodToken
	for query, want := range map[string]string{
		"":                            "/v4/a%2Fb",
		"?key=" + secret:              "/v4/a%2Fb",
		"?a=1&key=" + secret + "&b=2": "/v4/a%2Fb?a=1&b=2",
		"?access_token=" + secret + "&key=&ranges=b&ranges=a": "/v4/a%2Fb?ranges=b&ranges=a",
		"?k%65y=" + secret + "&x":                             "/v4/a%2Fb?x",
		"?fields=a%20b&monkey=1":                              "/v4/a%2Fb?fields=a%20b&monkey=1",
	} {
		code, body := ask(t, at, "GET /v4/a%2Fb"+query+" HTTP/1.1", "Host: "+at, "Authorization: Bearer "+secret, "X-Goog-Api-Key: "+secret, "Cookie: "+secret)
		if got := <-reached; code != 200 || strings.Contains(got, "SECRET") || !strings.HasPrefix(got, want+" ") {
			t.Errorf("%s: %d %s: %s", query, code, body, got)
		}
	}
}

func TestDoor_AsksOncePerConnection(t *testing.T) {
	asked := 0
	at := open(t, "127.0.0.1:0", &Door{UID: 5, Peer: func(net.Conn) (int, error) { asked++; return 5, nil }})
	client := &http.Client{Transport: &http.Transport{MaxIdleConns: 1}}
	defer client.CloseIdleConnections()
	for range 3 {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+at+"/x", nil)
		if err != nil {
			t.Fatal(err)
		}
		a, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, a.Body); err != nil || a.Body.Close() != nil || a.StatusCode != 200 {
			t.Error(a.StatusCode, err)
		}
	}
	if asked != 1 {
		t.Error(asked)
	}
}

func TestUnreachable_SaysHowToStart(t *testing.T) {
	w := httptest.NewRecorder()
	Unreachable(w, nil, nil)
	if w.Code != 503 || !strings.Contains(w.Body.String(), `"status":"UNAVAILABLE"`) || !strings.Contains(w.Body.String(), "uratori up") {
		t.Error(w.Code, w.Body)
	}
}

func TestListen_OnThisMachineAlone(t *testing.T) {
	for _, address := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.168.0.1:0", "example.com:0", "127.0.0.1", "", "localhost", "x\n:0", "[::1%lo]:0"} {
		if l, err := Listen(t.Context(), address); !errors.Is(err, fault.New(fault.Invalid, "front.not_loopback")) {
			t.Errorf("%q: %v %v", address, l, err)
		}
	}
	l, err := Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // nothing was accepted
	if second, err := Listen(t.Context(), l.Addr().String()); !errors.Is(err, fault.New(fault.Failed, "front.no_port")) {
		t.Error(second, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Listen(ctx, "localhost:0"); err == nil {
		t.Error("listens for a caller who has gone")
	}
}
