package mcp

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

const testToken = "THISISATESTTOKENOFTHETESTS"

// face serves a daemon in small over HTTP.
func face(t *testing.T, d *small, adjust ...func(*http.Server)) (*Server, string) {
	t.Helper()
	s := serve(t, d)
	h := s.HTTP(func() (string, error) { return testToken, nil })
	mux := http.NewServeMux()
	mux.Handle(Path, h)
	server := httptest.NewUnstartedServer(mux)
	for _, a := range adjust {
		a(server.Config)
	}
	server.Start()
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
		if err := h.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return s, server.URL + Path
}

type reply struct {
	code   int
	header http.Header
	body   string
}

// post sends a message, headers as "K: V"; "K:" takes one away.
func post(t *testing.T, url, body string, headers ...string) reply {
	t.Helper()
	return send(t, http.MethodPost, url, strings.NewReader(body), headers...)
}

func send(t *testing.T, method, url string, body io.Reader, headers ...string) reply {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+testToken)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json, text/event-stream")
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ":")
		value = strings.TrimSpace(value)
		switch {
		case name == "Host":
			r.Host = value
		case value == "":
			r.Header.Del(name)
		default:
			r.Header.Set(name, value)
		}
	}
	client := &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // only read from
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{res.StatusCode, res.Header, string(raw)}
}

const (
	pingMessage = `{"jsonrpc":"2.0","id":1,"method":"ping"}`
	helloOlder  = `{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}`
)

func modernCall(id int, tool, arguments string) (string, []string) {
	return fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":%q,"arguments":%s,%s}}`, id, tool, arguments,
			strings.Replace(modernMeta, `{`, fmt.Sprintf(`{"progressToken":%d,`, id), 1)),
		[]string{"MCP-Protocol-Version: 2026-07-28", "Mcp-Method: tools/call", "Mcp-Name: " + tool}
}

func TestHTTP_Strangers_AreTurnedAway_BeforeAnythingIsDone(t *testing.T) {
	d := newSmall()
	_, url := face(t, d)
	call, headers := modernCall(1, "create_ticket", `{"summary":"x"}`)
	for _, tc := range []struct {
		name   string
		method string
		header string
		code   int
	}{
		{"no token", "POST", "Authorization:", 401},
		{"another token", "POST", "Authorization: Bearer x", 401},
		{"the token with something behind it", "POST", "Authorization: Bearer " + testToken + "x", 401},
		{"another scheme", "POST", "Authorization: Basic " + testToken, 401},
		{"an empty token", "POST", "Authorization: Bearer ", 401},
		{"a host that was pointed here", "POST", "Host: evil.example", 403},
		{"a host that looks like ours", "POST", "Host: 127.0.0.1.evil.example:80", 403},
		{"no host", "POST", "Host: .", 403},
		{"another page", "POST", "Origin: https://evil.example", 403},
		{"a page of another port", "POST", "Origin: http://127.0.0.1:1", 403},
		{"a page of nowhere", "POST", "Origin: null", 403},
		{"a page of another site that hides", "POST", "Sec-Fetch-Site: cross-site", 403},
		{"another page that listens", "GET", "Origin: https://evil.example", 403},
		{"another page that listens and hides", "GET", "Sec-Fetch-Site: same-site", 403},
		{"nobody who listens", "GET", "Authorization:", 401},
		{"nobody who ends a session", "DELETE", "Authorization:", 401},
		{"another page that ends a session", "DELETE", "Origin: https://evil.example", 403},
		{"another page that asks first", "OPTIONS", "Origin: https://evil.example", 403},
		{"a form", "POST", "Content-Type: application/x-www-form-urlencoded", 415},
		{"plain text", "POST", "Content-Type: text/plain", 415},
		{"no type", "POST", "Content-Type:", 415},
	} {
		got := send(t, tc.method, url, strings.NewReader(call), append(headers, tc.header)...)
		if got.code != tc.code || len(got.body) > 500 || got.header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %d %s", tc.name, got.code, got.body)
		}
		if tc.code == 401 && !strings.HasPrefix(got.header.Get("WWW-Authenticate"), "Bearer") {
			t.Errorf("%s: %v", tc.name, got.header)
		}
		if strings.Contains(got.body, testToken) {
			t.Errorf("%s: the token is told", tc.name)
		}
	}
	if d.count("create") != 0 {
		t.Error("something was done")
	}
	for _, host := range []string{"localhost:8088", "127.0.0.1:8088", "[::1]:8088", "LOCALHOST", "127.1.2.3"} {
		if got := post(t, url, call, append(headers, "Host: "+host)...); got.code != 200 {
			t.Errorf("%s: %d %s", host, got.code, got.body)
		}
	}
	if got := post(t, url, call, append(headers, "Host: localhost:1", "Origin: http://localhost:1")...); got.code != 200 {
		t.Errorf("our own page: %d %s", got.code, got.body)
	}
}

func TestHTTP_TokenThatCannotBeRead_LetsNobodyIn(t *testing.T) {
	s := serve(t, newSmall())
	for _, token := range []func() (string, error){
		func() (string, error) { return "", errors.New("unreadable") },
		func() (string, error) { return "", nil },
	} {
		h := s.HTTP(token)
		w := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://127.0.0.1/mcp", strings.NewReader(pingMessage))
		r.Header.Set("Authorization", "Bearer ")
		r.Header.Set("Content-Type", "application/json")
		h.ServeHTTP(w, r)
		if w.Code < 400 {
			t.Errorf("%d %s", w.Code, w.Body)
		}
		if err := h.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

func TestHTTP_HugeBody_IsRefused_WithoutBeingHeld(t *testing.T) {
	_, url := face(t, newSmall())
	const bytes100MB = 100 << 20
	sent := &counting{Reader: io.LimitReader(endless{}, bytes100MB)}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, sent)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+testToken)
	r.Header.Set("Content-Type", "application/json")
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(r)
	if err == nil {
		defer res.Body.Close() //nolint:errcheck // only read from
		if res.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("%d", res.StatusCode)
		}
	}
	if n := sent.n.Load(); n > bytes100MB/2 {
		t.Errorf("%d bytes were taken", n)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

type counting struct {
	io.Reader
	n atomic.Int64
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n.Add(int64(n))
	return n, err
}

func TestHTTP_SlowBody_IsGivenUp(t *testing.T) {
	s := serve(t, newSmall())
	h := s.HTTP(func() (string, error) { return testToken, nil })
	h.bodyLimit = 50 * time.Millisecond
	server := httptest.NewServer(h)
	defer func() {
		server.Close()
		if err := h.Close(context.Background()); err != nil {
			t.Error(err)
		}
	}()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close() //nolint:errcheck // the server may have closed it
	fmt.Fprintf(conn, "POST /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{", testToken)
	if err := conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil || !strings.Contains(line, "408") {
		t.Errorf("%q: %v", line, err)
	}
}

func TestHTTP_Messages_ThatAreNone_AreRefused(t *testing.T) {
	_, url := face(t, newSmall())
	for _, body := range []string{``, `{`, `[]`, `[` + pingMessage + `]`, `null`, "\xff", `{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/list"}`, `{"jsonrpc":"2.0","id":null,"method":"ping"}`} {
		if got := post(t, url, body); got.code != 400 || !strings.Contains(got.body, `"error"`) {
			t.Errorf("%q: %d %s", body, got.code, got.body)
		}
	}
	call, headers := modernCall(1, "status", `{}`)
	for _, wrong := range []string{"MCP-Protocol-Version:", "MCP-Protocol-Version: 2025-11-25", "Mcp-Method:", "Mcp-Method: tools/list", "Mcp-Name: kill", "Mcp-Name:"} {
		if got := post(t, url, call, append(headers, wrong)...); got.code != 400 {
			t.Errorf("%s: %d %s", wrong, got.code, got.body)
		}
	}
	if got := post(t, url, call, headers...); got.code != 200 {
		t.Errorf("%d %s", got.code, got.body)
	}
	if got := send(t, "PUT", url, strings.NewReader(pingMessage)); got.code < 400 {
		t.Errorf("PUT: %d", got.code)
	}
	for _, method := range []string{"GET", "DELETE"} {
		if got := send(t, method, url, nil, "MCP-Protocol-Version: 2026-07-28"); got.code != 405 {
			t.Errorf("%s of the modern era: %d", method, got.code)
		}
	}
}

func TestHTTP_OlderEra_HasSessions_ThatEnd(t *testing.T) {
	d := newSmall()
	_, url := face(t, d)
	hello := post(t, url, helloOlder)
	session := hello.header.Get("Mcp-Session-Id")
	if hello.code != 200 || session == "" || !strings.Contains(hello.body, `"2025-11-25"`) {
		t.Fatalf("%d %v %s", hello.code, hello.header, hello.body)
	}
	call := `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_ticket","arguments":{"ticket":"INTG-088"}}}`
	if got := post(t, url, call, "Mcp-Session-Id: "+session); got.code != 200 || !strings.Contains(got.body, "INTG-088") {
		t.Errorf("%d %s", got.code, got.body)
	}
	for _, other := range []string{"", "x", session + "x"} {
		if got := post(t, url, call, "Mcp-Session-Id: "+other); got.code < 400 {
			t.Errorf("session %q: %d", other, got.code)
		}
	}
	if got := send(t, "DELETE", url, nil, "Mcp-Session-Id: "+session); got.code != 200 {
		t.Errorf("%d %s", got.code, got.body)
	}
	if got := post(t, url, call, "Mcp-Session-Id: "+session); got.code != 404 {
		t.Errorf("after its end: %d %s", got.code, got.body)
	}
}

func TestHTTP_Readers_AreApartBySession(t *testing.T) {
	d := newSmall()
	_, url := face(t, d)
	older := func(session string) {
		post(t, url, `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_ticket","arguments":{"ticket":"INTG-088"}}}`, "Mcp-Session-Id: "+session)
	}
	one, two := post(t, url, helloOlder).header.Get("Mcp-Session-Id"), post(t, url, helloOlder).header.Get("Mcp-Session-Id")
	older(one)
	older(two)
	call, headers := modernCall(1, "get_ticket", `{"ticket":"INTG-088"}`)
	post(t, url, call, headers...)
	post(t, url, call, append(headers, SessionHeader+": mine")...)
	readers := map[string]bool{}
	for _, c := range d.calls {
		if who, ok := strings.CutPrefix(c, "ticket as "); ok && who != "" {
			readers[who] = true
		}
	}
	if len(readers) != 4 {
		t.Errorf("%v", readers)
	}
}

// events reads a stream of events to its end.
func events(t *testing.T, body string) (list []map[string]any) {
	t.Helper()
	for block := range strings.SplitSeq(body, "\n\n") {
		if block == "" {
			continue
		}
		_, data, ok := strings.Cut(block, "data: ")
		var m map[string]any
		if err := json.Unmarshal([]byte(data), &m); !ok || err != nil {
			t.Fatalf("%v in %q", err, block)
		}
		list = append(list, m)
	}
	return list
}

func TestHTTP_Progress_ComesBeforeTheAnswer_EveryTime(t *testing.T) {
	d := newSmall()
	_, url := face(t, d)
	session := post(t, url, helloOlder).header.Get("Mcp-Session-Id")
	for i := range 60 {
		task := int64(i + 1)
		d.mu.Lock()
		d.tasks[task] = taskAtWork(task)
		d.mu.Unlock()
		waiting := d.count("task")
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			for d.count("task") < waiting+4 { // some steps of the wait
				runtime.Gosched()
			}
			d.end(task, "succeeded")
		}()
		arguments := fmt.Sprintf(`{"task":%d}`, task)
		call, headers := modernCall(i, "wait", arguments)
		if i%2 == 0 {
			call = callLine(i, "wait", arguments)
			headers = []string{"Mcp-Session-Id: " + session}
		}
		got := post(t, url, call, headers...)
		<-ended
		if got.header.Get("Content-Type") != eventStream {
			t.Fatalf("%d: %v %s", i, got.header, got.body)
		}
		list := events(t, got.body)
		last := list[len(list)-1]
		for _, m := range list[:len(list)-1] {
			if m["method"] != "notifications/progress" {
				t.Errorf("%d: %v", i, m)
			}
		}
		if len(list) < 2 || fmt.Sprint(last["id"]) != fmt.Sprint(i) || last["result"] == nil {
			t.Errorf("%d: %v", i, list)
		}
	}
}

func TestHTTP_ClientThatHangsUp_EndsItsCall(t *testing.T) {
	d := newSmall()
	d.hold = make(chan struct{})
	defer close(d.hold)
	s, url := face(t, d)
	ctx, cancel := context.WithCancel(t.Context())
	call, headers := modernCall(1, "factcheck", `{"ticket":"INTG-088"}`)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(call))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+testToken)
	r.Header.Set("Content-Type", "application/json")
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	done := make(chan error, 1)
	go func() {
		res, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(r)
		if err == nil {
			err = res.Body.Close()
		}
		done <- err
	}()
	until(t, "the question", func() bool { return d.count("factcheck") == 1 })
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	_ = s // its goroutines are gone when the test ends: goleak
}

func TestHTTP_CancelledCall_GetsNoAnswer(t *testing.T) {
	d := newSmall()
	d.tasks[1], d.tasks[2] = taskAtWork(1), taskAtWork(2)
	_, url := face(t, d)
	session := "Mcp-Session-Id: " + post(t, url, helloOlder).header.Get("Mcp-Session-Id")
	plain := `{"jsonrpc":"2.0","id":"a","method":"tools/call","params":{"name":"wait","arguments":{"task":1,"timeout":"1m"}}}`
	for _, call := range []struct{ id, line string }{{`"a"`, plain}, {"7", callLine(7, "wait", `{"task":2,"timeout":"1m"}`)}} {
		begun := d.count("task")
		answers := make(chan reply, 1)
		go func() { answers <- post(t, url, call.line, session) }()
		until(t, "the wait", func() bool { return d.count("task") > begun })
		cancelled := `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":` + call.id + `}}`
		if got := post(t, url, cancelled, session); got.code != 202 {
			t.Errorf("%d %s", got.code, got.body)
		}
		if got := <-answers; got.code != 200 || strings.Contains(got.body, "result") || strings.Contains(got.body, "error") {
			t.Errorf("%s: %d %s", call.id, got.code, got.body)
		}
	}
	// Nothing is cancelled by the id of another, nor by what is no id.
	for _, id := range []string{`"a"`, "7", "null", "{}", `""`} {
		post(t, url, `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":`+id+`}}`, session)
	}
	if got := post(t, url, callLine(7, "status", `{}`), session); got.code != 200 || !strings.Contains(got.body, "result") {
		t.Errorf("%d %s", got.code, got.body)
	}
}

func TestHTTP_SubscriptionToNothing_IsAnAnswer(t *testing.T) {
	_, url := face(t, newSmall())
	session := "Mcp-Session-Id: " + post(t, url, helloOlder).header.Get("Mcp-Session-Id")
	got := post(t, url, `{"jsonrpc":"2.0","id":5,"method":"resources/subscribe","params":{"uri":"file:///etc/passwd"}}`, session)
	if got.code != 200 || !strings.Contains(got.body, `"id":5`) || !strings.Contains(got.body, "-32002") {
		t.Errorf("%d %s", got.code, got.body)
	}
}

func TestStream_WithoutEvents_IsAPlainAnswer(t *testing.T) {
	w := httptest.NewRecorder()
	s := &stream{w: w}
	s.Header().Set("Content-Type", "application/json")
	s.WriteHeader(http.StatusNotFound)
	if _, err := s.Write([]byte("{}\n")); err != nil {
		t.Fatal(err)
	}
	s.finish()
	if w.Code != http.StatusNotFound || w.Body.String() != "{}\n" || s.event(1) == nil {
		t.Errorf("%d %q", w.Code, w.Body)
	}
}

func TestStream_OfTheLibrary_AndOfOurs_AreOne(t *testing.T) {
	w := httptest.NewRecorder()
	s := &stream{w: w}
	if err := s.event(map[string]int{"n": 1}); err != nil {
		t.Fatal(err)
	}
	s.Header().Set("Content-Type", "application/json")
	s.WriteHeader(http.StatusOK)
	for _, part := range []string{"event: message\ndata: {\"n\":2}\n\n", "{\"n\":", "3}\n"} {
		if _, err := s.Write([]byte(part)); err != nil {
			t.Fatal(err)
		}
	}
	s.finish()
	want := "event: message\ndata: {\"n\":1}\n\nevent: message\ndata: {\"n\":2}\n\nevent: message\ndata: {\"n\":3}\n\n"
	if w.Body.String() != want || !bytes.Equal([]byte(w.Header().Get("X-Accel-Buffering")), []byte("no")) {
		t.Errorf("%q", w.Body)
	}
}
