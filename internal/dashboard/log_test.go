package dashboard

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
)

func pieceIn(t *testing.T, w *httptest.ResponseRecorder) logPiece {
	t.Helper()
	var p logPiece
	if err := json.Unmarshal(w.Body.Bytes(), &p); w.Code != http.StatusOK || err != nil {
		t.Fatalf("%d %v\n%s", w.Code, err, w.Body)
	}
	return p
}

func told(rows []logRow) (list []string) {
	for _, r := range rows {
		text := ""
		for _, s := range r.Spans {
			text += s[1]
		}
		list = append(list, text)
	}
	return list
}

func TestLog_PiecesFromAnywhere(t *testing.T) {
	h := build(t, nil)
	h.full()
	var at []int64
	var log strings.Builder
	for i := range 2000 {
		at = append(at, int64(log.Len()))
		fmt.Fprintf(&log, "line %d\n", i)
	}
	h.daemon.print("stdout", log.String())
	for target, want := range map[string][2]string{
		"/task/42/log":                {"line 0", "line 299"},
		"/task/42/log?lines=3":        {"line 0", "line 2"},
		"/task/42/log?back=1&lines=2": {"line 1998", "line 1999"},
		"/task/42/log?lines=99999999": {"line 0", "line 999"},
		fmt.Sprintf("/task/42/log?at=%d&lines=4&back=1", at[100]):  {"line 96", "line 99"},
		fmt.Sprintf("/task/42/log?at=%d&lines=4&around=1", at[50]): {"line 48", "line 51"},
	} {
		p := pieceIn(t, h.ask(http.MethodGet, target, nil))
		list := told(p.Rows)
		if len(list) == 0 || list[0] != want[0] || p.Size != int64(log.Len()) {
			t.Errorf("%s: %d rows, the first of them %q", target, len(list), list[:min(1, len(list))])
		}
		// The small daemon does not count lines forward.
		if strings.Contains(target, "back") && list[len(list)-1] != want[1] {
			t.Errorf("%s ends with %q", target, list[len(list)-1])
		}
	}
}

func TestLog_AddressesThatAreNone_AreRefused(t *testing.T) {
	h := build(t, nil)
	h.full()
	h.daemon.print("stdout", "x\n")
	for _, target := range []string{
		"/task/x/log", "/task/0/log", "/task/-1/log", "/task/42/log?stream=spec.json", "/task/42/log?stream=..%2f..%2fetc%2fpasswd", "/task/42/log?attempt=-1",
		"/task/42/log?attempt=99999999999999999999", "/task/42/log?at=-5", "/task/42/log?at=x", "/task/42/log?lines=-1", "/task/42/log/file?stream=x", "/task/42/log/follow?attempt=x",
		"/task/42/log/search?q=x&at=-1", "/task/42/samples?attempt=x", "/task/42/file/0/0", "/task/42/file/1/-1", "/task/42/file/x/input", "/task/42/thumb/1/1.5",
	} {
		if w := h.ask(http.MethodGet, target, nil); w.Code != http.StatusBadRequest || strings.Contains(w.Body.String(), "root:") {
			t.Errorf("%s: %d %s", target, w.Code, w.Body)
		}
	}
	for _, target := range []string{"/task/42/../../etc/passwd", "/task/42/file/1/..%2f..", "/task/42/output/1", "/task/42/output/1/0/9", "/task/9999999999999999999999", "/task/42?attempt=x", "/task/", "/task/%00"} {
		if w := h.ask(http.MethodGet, target, nil); w.Code < 300 || w.Code >= 500 {
			t.Errorf("%s: %d", target, w.Code)
		}
	}
}

func TestLog_HostileLines_AreTextOnThePageAndInItsAnswers(t *testing.T) {
	h := build(t, nil)
	h.full()
	h.daemon.print("stdout", hostile+"\n\x1b]8;;javascript:alert(1)\x1b\\link\x1b]8;;\x1b\\\n\u202ertl \xff\x00\n\x1b[31mred\n")
	body := h.ask(http.MethodGet, "/task/42", nil).Body.String()
	for _, want := range []string{"&lt;script&gt;alert(1)&lt;/script&gt;", ">link</div>", `<span class="ctl">⟦U&#43;202E⟧</span>rtl `, "\uFFFD␀", `<span class="f1">red</span>`} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s", want)
		}
	}
	for _, never := range []string{"<script>alert", "javascript:", "<img src=x", "\x1b", "\u202e", "\xff", "\x00"} {
		if strings.Contains(body, never) {
			t.Errorf("it has %q", never)
		}
	}
	w := h.ask(http.MethodGet, "/task/42/log", nil)
	if kind := w.Header().Get("Content-Type"); kind != "application/json" {
		t.Error(kind)
	}
	if list := told(pieceIn(t, w).Rows); len(list) != 4 || list[0] != hostile || list[1] != "link" {
		t.Errorf("%q", list)
	}
}

func TestLog_Download_IsAFileOfTextAndTellsWhatIsMissing(t *testing.T) {
	h := build(t, nil)
	h.full()
	h.daemon.print("stderr", hostile+strings.Repeat("\x1b[31m", 100))
	w := h.ask(http.MethodGet, "/task/42/log/file?stream=stderr&attempt=2", nil)
	head := w.Header()
	if head.Get("Content-Type") != "text/plain; charset=utf-8" || head.Get("Content-Disposition") != `attachment; filename="task-42-2-stderr.log"` || head.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%v", head)
	}
	if body := w.Body.String(); !strings.HasPrefix(body, hostile) || !strings.Contains(body, "4096 bytes were not kept") || strings.Count(body, "\x1b[31m") < 99 {
		t.Errorf("%q", body)
	}
}

func TestLog_Search_TellsLinesAsText(t *testing.T) {
	h := build(t, nil)
	h.full()
	h.daemon.print("stdout", "one\n"+hostile+" \u202eneedle\n")
	w := h.ask(http.MethodGet, "/task/42/log/search?q=needle", nil)
	var found struct {
		Hits []logRow `json:"hits"`
		Done bool     `json:"done"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &found); err != nil || !found.Done || len(found.Hits) != 1 || found.Hits[0].At != 4 || told(found.Hits)[0] != hostile+" ⟦U+202E⟧needle" {
		t.Errorf("%v %s", err, w.Body)
	}
}

func TestLog_FromAnotherMachine_OnlyWithASession(t *testing.T) {
	h := build(t, nil)
	h.full()
	h.daemon.print("stdout", "planted\n")
	h.daemon.end()
	cookie := h.signedIn()
	for _, target := range []string{"/task/42", "/task/42/log", "/task/42/log/follow", "/task/42/log/search?q=planted", "/task/42/log/file", "/task/42/samples", "/task/42/file/1/0", "/task/42/thumb/1/0", "/task/42/output/1/0"} {
		if w := h.ask(http.MethodGet, target, nil, "From", "192.0.2.7:1"); w.Code != http.StatusSeeOther && w.Code != http.StatusUnauthorized || strings.Contains(w.Body.String(), "planted") {
			t.Errorf("%s: %d", target, w.Code)
		}
		if w := h.ask(http.MethodGet, target, nil, "From", "192.0.2.7:1", "Cookie", cookie); w.Code == http.StatusSeeOther || w.Code == http.StatusUnauthorized {
			t.Errorf("%s with a session: %d", target, w.Code)
		}
		if w := h.ask(http.MethodGet, target, nil, "Host", "evil.example"); w.Code != http.StatusMisdirectedRequest {
			t.Errorf("%s under a foreign name: %d", target, w.Code)
		}
	}
}

// followed is a browser that follows a log.
type followed struct {
	res  *http.Response
	feed chan feedPiece
	end  context.CancelFunc
}

func (h *house) follow(query string) *followed {
	h.t.Helper()
	server := httptest.NewServer(h)
	h.t.Cleanup(server.Close)
	return followOf(h.t, server, query)
}

func followOf(t testing.TB, server *httptest.Server, query string) *followed {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/task/42/log/follow?"+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := server.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	f := &followed{res: res, feed: make(chan feedPiece), end: cancel}
	done := make(chan struct{})
	go func() {
		defer close(done)
		f.read(ctx)
	}()
	t.Cleanup(func() { cancel(); <-done; _ = res.Body.Close() })
	return f
}

func (f *followed) read(ctx context.Context) {
	defer close(f.feed)
	buf := make([]byte, 0, 1<<20)
	for {
		part := make([]byte, 64<<10)
		n, err := f.res.Body.Read(part)
		buf = append(buf, part[:n]...)
		for {
			event, rest, ok := strings.Cut(string(buf), "\n\n")
			if !ok {
				break
			}
			buf = []byte(rest)
			if _, data, ok := strings.Cut(event, "data: "); ok {
				var p feedPiece
				if json.Unmarshal([]byte(data), &p) != nil {
					return
				}
				select {
				case f.feed <- p:
				case <-ctx.Done():
					return
				}
			}
		}
		if err != nil {
			return
		}
	}
}

func (f *followed) next(t *testing.T) feedPiece {
	t.Helper()
	select {
	case p, ok := <-f.feed:
		if !ok {
			t.Fatal("the feed has ended")
		}
		return p
	case <-time.After(20 * time.Second):
		t.Fatal("nothing comes")
	}
	return feedPiece{}
}

func TestFollow_SendsTheEndAndWhatComes_RowsThatChangeByWhereTheyBegan(t *testing.T) {
	h := build(t, nil)
	h.full()
	h.daemon.print("stdout", "first\n 10%")
	f := h.follow("")
	if p := f.next(t); !p.Reset || fmt.Sprint(told(p.Rows)) != "[first  10%]" || p.Rows[1].At != 6 {
		t.Fatalf("%+v", p)
	}
	h.daemon.print("stdout", "\r 20%")
	if p := f.next(t); p.Reset || fmt.Sprint(told(p.Rows)) != "[ 20%]" || p.Rows[0].At != 6 {
		t.Fatalf("%+v", p)
	}
	h.daemon.print("stdout", "\nlast\n")
	h.daemon.end()
	var all []string
	for p := f.next(t); ; p = f.next(t) {
		all = append(all, told(p.Rows)...)
		if p.Ended {
			break
		}
	}
	if got := all[len(all)-1]; got != "last" {
		t.Errorf("%q", all)
	}
	for range f.feed {
		t.Error("something comes after the end")
	}
}

func TestFollow_WhatIsPrintedFasterThanAnybodyReads_IsPassedOver_AndSaid(t *testing.T) {
	h := build(t, nil)
	h.full()
	h.daemon.print("stdout", "begin\n")
	f := h.follow("")
	f.next(t)
	h.daemon.print("stdout", strings.Repeat(strings.Repeat("x", 99)+"\n", 50_000)+"the end\n")
	h.daemon.end()
	rows, passed, bytes := 0, int64(0), 0
	for p := range f.feed {
		rows, passed, bytes = rows+len(p.Rows), passed+p.Passed, bytes+len(fmt.Sprint(p))
		if n := len(p.Rows); n > 0 && told(p.Rows)[n-1] == "the end" {
			break
		}
	}
	if passed < 4_000_000 || rows > 10_000 {
		t.Errorf("%d rows were sent, %d bytes passed over", rows, passed)
	}
}

func TestFollow_ALogThatWasCut_BeginsAnew(t *testing.T) {
	h := build(t, nil)
	h.full()
	h.daemon.print("stdout", "a long line\n")
	f := h.follow("")
	f.next(t)
	h.daemon.held.Lock()
	h.daemon.log["stdout"] = []byte("new\n")
	h.daemon.held.Unlock()
	if p := f.next(t); !p.Reset || fmt.Sprint(told(p.Rows)) != "[new]" {
		t.Errorf("%+v", p)
	}
}

func TestFollow_OnlySoManyAtOnce_AndWhoGoesMakesRoom(t *testing.T) {
	h := build(t, nil)
	h.full()
	h.feeds.most = 2
	h.daemon.print("stdout", "x\n")
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	one, two := followOf(t, server, ""), followOf(t, server, "stream=stderr")
	one.next(t)
	two.next(t)
	if three := followOf(t, server, ""); three.res.StatusCode != http.StatusServiceUnavailable || three.res.Header.Get("Retry-After") == "" {
		t.Errorf("a third one: %d", three.res.StatusCode)
	}
	one.end()
	for deadline := time.Now().Add(20 * time.Second); h.feeds.now.Load() > 1; {
		if time.Now().After(deadline) {
			t.Fatal("who has gone still takes room")
		}
		time.Sleep(time.Millisecond)
	}
	if three := followOf(t, server, ""); three.res.StatusCode != http.StatusOK {
		t.Errorf("after one has gone: %d", three.res.StatusCode)
	}
}

func TestFollow_ALogThatWasTidiedAway_IsSaid(t *testing.T) {
	h := build(t, nil)
	h.full()
	h.daemon.gone = true
	if w := h.ask(http.MethodGet, "/task/42/log/follow", nil); w.Code != http.StatusNotFound {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := h.ask(http.MethodGet, "/task/42", nil); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `id="log-state"`) {
		t.Errorf("%d", w.Code)
	}
}

func TestTurns_NeverMoreThanThereAre(t *testing.T) {
	s := turns{most: 1}
	if !s.take() || s.take() || s.take() {
		t.Error("more than one")
	}
	s.give()
	if !s.take() {
		t.Error("none although one was given back")
	}
}
