package mcp

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"
)

// wire is a client that sees every byte.
type wire struct {
	t     testing.TB
	in    *io.PipeWriter
	lines chan map[string]any
	ended chan error
}

// connect starts a server and connects to it.
func connect(t testing.TB, s *Server) *wire {
	t.Helper()
	inReader, in := io.Pipe()
	outReader, out := io.Pipe()
	w := &wire{t: t, in: in, lines: make(chan map[string]any, 100_000), ended: make(chan error, 1)}
	ctx, cancel := context.WithCancel(context.Background())
	var reading sync.WaitGroup
	reading.Go(func() {
		defer close(w.lines)
		scan := bufio.NewScanner(outReader)
		scan.Buffer(nil, 64<<20)
		for scan.Scan() {
			var m map[string]any
			d := json.NewDecoder(strings.NewReader(scan.Text()))
			d.UseNumber()
			if err := d.Decode(&m); err != nil {
				t.Errorf("no message: %q", scan.Text())
			}
			w.lines <- m
		}
	})
	go func() {
		w.ended <- s.Serve(ctx, inReader, out)
		_ = out.Close()
	}()
	t.Cleanup(func() {
		_ = in.Close()
		cancel()
		reading.Wait()
		_ = inReader.Close()
	})
	return w
}

func (w *wire) send(raw string) {
	w.t.Helper()
	if _, err := io.WriteString(w.in, raw+"\n"); err != nil {
		w.t.Fatal(err)
	}
}

// next is the message that comes next.
func (w *wire) next() map[string]any {
	w.t.Helper()
	select {
	case m, ok := <-w.lines:
		if !ok {
			w.t.Fatal("the server has ended")
		}
		return m
	case <-time.After(10 * time.Second):
		w.t.Fatal("no message in time")
		return nil
	}
}

// silent is sure that nothing was said: an answer to a later question comes
// first.
func (w *wire) silent() {
	w.t.Helper()
	w.send(`{"jsonrpc":"2.0","id":"silence","method":"ping"}`)
	if m := w.next(); m["id"] != "silence" {
		w.t.Errorf("something was said: %v", m)
	}
}

func callLine(id any, tool, arguments string) string {
	raw, _ := json.Marshal(id)
	return fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"method":"tools/call","params":{"name":%q,"arguments":%s,"_meta":{"progressToken":%s}}}`, raw, tool, arguments, raw)
}

func code(m map[string]any) string {
	e, _ := m["error"].(map[string]any)
	return fmt.Sprint(e["code"])
}

func TestServe_Progress_ComesBeforeTheAnswer_AndGrows_EveryTime(t *testing.T) {
	d := newSmall()
	s := serve(t, d)
	w := connect(t, s)
	for i := range 100 {
		d.mu.Lock()
		d.tasks[int64(i)+1] = taskAtWork(int64(i) + 1)
		d.mu.Unlock()
		w.send(callLine(i, "wait", fmt.Sprintf(`{"task":%d,"timeout":"60s"}`, i+1)))
		told, last := 0, 0.0
		for {
			m := w.next()
			if m["method"] == "notifications/progress" {
				p := m["params"].(map[string]any)
				now, err := p["progress"].(json.Number).Float64()
				if err != nil || now <= last || fmt.Sprint(p["progressToken"]) != fmt.Sprint(i) {
					t.Fatalf("progress %v after %v: %v", p, last, err)
				}
				if told++; told == 1 {
					d.end(int64(i)+1, "succeeded")
				}
				last = now
				continue
			}
			if fmt.Sprint(m["id"]) != fmt.Sprint(i) || told == 0 {
				t.Fatalf("call %d: %d times progress before %v", i, told, m)
			}
			break
		}
	}
	w.silent()
}

func TestServe_CancelledCall_GetsNoAnswerAndNoMoreProgress(t *testing.T) {
	d := newSmall()
	d.tasks[1] = taskAtWork(1)
	s := serve(t, d)
	w := connect(t, s)
	for i := range 100 {
		w.send(callLine(i, "wait", `{"task":1,"timeout":"60s"}`))
		if m := w.next(); m["method"] != "notifications/progress" {
			t.Fatalf("%v", m)
		}
		w.send(fmt.Sprintf(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":%d,"reason":"enough"}}`, i))
	}
	w.silent()
}

func TestServe_LateCancellation_HarmsNobody(t *testing.T) {
	w := connect(t, serve(t, newSmall()))
	w.send(callLine(1, "status", `{}`))
	w.next()
	for _, id := range []string{"1", `"1"`, "2", "null", "{}", `"x"`} {
		w.send(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":` + id + `}}`)
	}
	w.send(`{"jsonrpc":"2.0","method":"notifications/cancelled"}`)
	w.silent()
}

func TestServe_End_AnswersShortCalls_AndDropsWaits(t *testing.T) {
	d := newSmall()
	d.tasks[1] = taskAtWork(1)
	w := connect(t, serve(t, d))
	w.send(callLine("w", "wait", `{"task":1,"timeout":"10m"}`))
	w.next() // progress: it waits
	for i := range 50 {
		w.send(callLine(i, "status", `{}`))
	}
	if err := w.in.Close(); err != nil {
		t.Fatal(err)
	}
	answers := 0
	for m := range w.lines {
		if m["id"] == "w" {
			t.Errorf("the wait was answered: %v", m)
		}
		if m["id"] != nil {
			answers++
		}
	}
	if err := <-w.ended; err != nil || answers != 50 {
		t.Errorf("%d answers: %v", answers, err)
	}
}

func TestServe_EndWithoutALastLineFeed_IsAMessageStill(t *testing.T) {
	w := connect(t, serve(t, newSmall()))
	if _, err := io.WriteString(w.in, `{"jsonrpc":"2.0","id":1,"method":"ping"}`); err != nil {
		t.Fatal(err)
	}
	_ = w.in.Close()
	if m := w.next(); fmt.Sprint(m["id"]) != "1" {
		t.Errorf("%v", m)
	}
}

func TestServe_Lines_AsTheyCome(t *testing.T) {
	w := connect(t, serve(t, newSmall()))
	ping := `{"jsonrpc":"2.0","id":1,"method":"ping"}`
	huge := `{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":"` + strings.Repeat("x", longestLine) + `"}}`
	for _, tc := range []struct{ name, line, id, code string }{
		{"byte order mark", "\ufeff" + ping, "1", "<nil>"},
		{"carriage return", ping + "\r", "1", "<nil>"},
		{"blanks around", " \t" + ping + " ", "1", "<nil>"},
		{"empty lines before", "\n\r\n\n" + ping, "1", "<nil>"},
		{"garbage", `hello`, "<nil>", "-32700"},
		{"half a message", `{"jsonrpc":"2.0","id":1,`, "<nil>", "-32700"},
		{"not UTF-8", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xff\"}", "<nil>", "-32700"},
		{"NUL", "\x00", "<nil>", "-32700"},
		{"a name twice", `{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/list"}`, "<nil>", "-32700"},
		{"a batch", `[` + ping + `,` + ping + `]`, "<nil>", "-32600"},
		{"an empty batch", `[]`, "<nil>", "-32600"},
		{"a number", `42`, "<nil>", "-32600"},
		{"null", `null`, "<nil>", "-32600"},
		{"an old version", `{"jsonrpc":"1.0","id":1,"method":"ping"}`, "1", "-32600"},
		{"no version", `{"id":1,"method":"ping"}`, "1", "-32600"},
		{"no method and no id", `{"jsonrpc":"2.0"}`, "<nil>", "-32600"},
		{"id null", `{"jsonrpc":"2.0","id":null,"method":"ping"}`, "<nil>", "-32600"},
		{"id a list", `{"jsonrpc":"2.0","id":[1],"method":"ping"}`, "<nil>", "-32600"},
		{"id a fraction", `{"jsonrpc":"2.0","id":1.5,"method":"ping"}`, "<nil>", "-32600"},
		{"id huge", `{"jsonrpc":"2.0","id":"` + strings.Repeat("x", 2000) + `","method":"ping"}`, "<nil>", "-32600"},
		{"id beyond doubles", `{"jsonrpc":"2.0","id":9007199254740993,"method":"ping"}`, "9007199254740993", "<nil>"},
		{"id a text", `{"jsonrpc":"2.0","id":"ä\n","method":"ping"}`, "ä\n", "<nil>"},
		{"no such method", `{"jsonrpc":"2.0","id":1,"method":"tools/paint"}`, "1", "-32601"},
		{"method a number", `{"jsonrpc":"2.0","id":1,"method":7}`, "1", "-32600"},
		{"too long", huge, "<nil>", "-32600"},
		{"deep", `{"jsonrpc":"2.0","id":1,"method":"ping","params":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + `}`, "<nil>", "-32700"},
		{"params a list", `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":[]}`, "1", "-32600"},
		{"no such tool", callLine(1, "paint", `{}`), "1", "-32602"},
	} {
		w.send(tc.line)
		m := w.next()
		if fmt.Sprint(m["id"]) != tc.id || code(m) != tc.code {
			t.Errorf("%s: %v", tc.name, m)
		}
		raw, err := json.Marshal(m)
		if err != nil || len(raw) > 5000 {
			t.Errorf("%s: an answer of %d bytes", tc.name, len(raw))
		}
	}
	for _, quiet := range []string{`{"jsonrpc":"2.0","method":"notifications/initialized"}`, `{"jsonrpc":"2.0","method":"no/such"}`, `{"jsonrpc":"2.0","id":7,"result":{}}`, `{"jsonrpc":"2.0","id":7,"error":{"code":1,"message":"x"}}`} {
		w.send(quiet)
	}
	w.silent()
}

func TestServe_AThousandCallsAtOnce_EachGetsItsAnswer(t *testing.T) {
	d := newSmall()
	w := connect(t, serve(t, d))
	var sending sync.WaitGroup
	for i := range 1000 {
		sending.Go(func() { w.send(callLine(i, "get_ticket", `{"ticket":"INTG-088"}`)) })
	}
	seen := map[string]bool{}
	for range 1000 {
		m := w.next()
		id := fmt.Sprint(m["id"])
		result, _ := m["result"].(map[string]any)
		if seen[id] || result["isError"] != nil || result["structuredContent"].(map[string]any)["ticket"] != "INTG-088" {
			t.Fatalf("%v", m)
		}
		seen[id] = true
	}
	sending.Wait()
	w.silent()
}

func TestServe_IDInHand_IsNotTakenTwice(t *testing.T) {
	d := newSmall()
	d.tasks[1] = taskAtWork(1)
	w := connect(t, serve(t, d))
	w.send(callLine("a", "wait", `{"task":1}`))
	w.next()
	w.send(callLine("a", "status", `{}`))
	for {
		m := w.next()
		if m["method"] != nil {
			continue
		}
		if code(m) != "-32600" || m["id"] != "a" {
			t.Errorf("%v", m)
		}
		break
	}
	d.end(1, "failed")
	for m := w.next(); m["id"] == nil; m = w.next() {
	}
	w.send(callLine("a", "status", `{}`)) // free again
	if m := w.next(); m["id"] != "a" || m["result"] == nil {
		t.Errorf("%v", m)
	}
}

func TestServe_WaitsDoNotKeepOthersWaiting(t *testing.T) {
	d := newSmall()
	d.tasks[1] = taskAtWork(1)
	w := connect(t, serve(t, d))
	for i := range 200 { // more than are asked of the daemon at once
		w.send(callLine(fmt.Sprint("w", i), "wait", `{"task":1}`))
	}
	w.send(callLine("s", "status", `{}`))
	for m := w.next(); m["id"] != "s"; m = w.next() {
		if m["id"] != nil {
			t.Fatalf("%v", m)
		}
	}
}

func TestServe_ClientThatIsGone_EndsTheServer(t *testing.T) {
	s := serve(t, newSmall())
	in, feed := io.Pipe()
	defer feed.Close() //nolint:errcheck // a pipe in memory
	broken := errors.New("broken pipe")
	done := make(chan error, 1)
	go func() { done <- s.Serve(t.Context(), in, failing{broken}) }()
	if _, err := io.WriteString(feed, `{"jsonrpc":"2.0","id":1,"method":"ping"}`+"\n"); err != nil {
		t.Fatal(err)
	}
	if err := <-done; !errors.Is(err, broken) {
		t.Errorf("ended with %v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestServe_ContextThatEnds_EndsTheServerThoughNobodyCloses(t *testing.T) {
	s := serve(t, newSmall())
	in, feed := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, in, io.Discard) }()
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	_ = feed.Close()
}
