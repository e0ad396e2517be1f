package dashboard

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"uratori/internal/control"
	"uratori/internal/ledger"
)

// feed is an open page in a browser.
type feed struct {
	t     *testing.T
	lines chan string
}

// serve serves pages for real and keeps them live.
func (h *house) serve(t *testing.T) string {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var kept sync.WaitGroup
	kept.Go(func() { h.Run(ctx) })
	server := httptest.NewServer(h)
	t.Cleanup(func() { server.CloseClientConnections(); server.Close(); cancel(); kept.Wait() })
	within(t, "the hub runs", func() bool { h.hub.mu.Lock(); defer h.hub.mu.Unlock(); return h.hub.ctx != nil })
	return server.URL
}

func within(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !is(); {
		if time.Now().After(deadline) {
			t.Fatal(what + ": not in time")
		}
		time.Sleep(time.Millisecond)
	}
}

func open(t *testing.T, base, page, lang string) *feed {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+"/events?page="+page, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept-Language", lang)
	res, err := http.DefaultClient.Do(req)
	if err != nil || res.StatusCode != http.StatusOK || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/event-stream") {
		t.Fatal(res, err)
	}
	f := &feed{t, make(chan string, 1000)}
	var reading sync.WaitGroup
	reading.Go(func() {
		defer close(f.lines)
		s := bufio.NewScanner(res.Body)
		s.Buffer(nil, 1<<20)
		for s.Scan() {
			f.lines <- s.Text()
		}
	})
	t.Cleanup(func() { _ = res.Body.Close(); reading.Wait(); http.DefaultClient.CloseIdleConnections() })
	return f
}

// until reads to a line with all of that in it.
func (f *feed) until(texts ...string) string {
	f.t.Helper()
	limit := time.After(20 * time.Second)
	for {
		select {
		case line, ok := <-f.lines:
			if !ok {
				f.t.Fatalf("the feed ended before %q", texts)
			}
			all := true
			for _, text := range texts {
				all = all && strings.Contains(line, text)
			}
			if all {
				return line
			}
		case <-limit:
			f.t.Fatalf("no %q", texts)
		}
	}
}

func TestFeed_SendsWhatHasChanged_InTheLanguageOfEach(t *testing.T) {
	h := build(t, nil)
	h.full()
	base := h.serve(t)
	ja, en := open(t, base, "/tracker/INTG-088", "ja"), open(t, base, "/tracker/INTG-088", "en")
	ja.until("ticket-tasks", "17 / 30", "残り 1分05秒")
	en.until("ticket-tasks", "17 / 30", "1 min 05 s left")
	h.daemon.set(func() {
		eta := int64(60)
		h.daemon.tasks = append([]control.Task{}, h.daemon.tasks...)
		h.daemon.tasks[0].Progress = &control.TaskProgress{Done: 18, Total: 30, Item: "p018.png", EtaS: &eta}
	})
	ja.until("ticket-tasks", "18 / 30", "p018.png", "残り 1分00秒")
	en.until("ticket-tasks", "18 / 30", "1 min 00 s left")
}

// A cell that a person has changed is checked again because the ledger says so,
// and only then: each check is a look at the sheet.
func TestFeed_LooksAtTheSheetAgain_WhenTheLedgerTellsOfIt(t *testing.T) {
	h := build(t, nil)
	h.full()
	h.daemon.set(func() { h.daemon.tasks = nil })
	base := h.serve(t)
	f := open(t, base, "/tracker/INTG-088", "en")
	f.until("ticket-texts", "refuted")
	h.daemon.entries <- ledger.Entry{Kind: "factcheck.reported", Subject: "INTG-088"} // our own look
	h.daemon.entries <- ledger.Entry{Kind: "tracker.edited", Subject: "INTG-001"}
	h.daemon.entries <- ledger.Entry{Kind: "task.ended", Subject: "task/1"}
	h.daemon.set(func() {
		if h.daemon.checked != 1 {
			t.Errorf("%d looks", h.daemon.checked)
		}
		ticket := h.daemon.tickets["INTG-088"]
		ticket.Fields = []control.TicketField{{Field: "summary", Column: "概要", Text: "edited by a person"}}
		h.daemon.tickets["INTG-088"] = ticket
	})
	h.clock.pass(freshEvery)
	h.daemon.entries <- ledger.Entry{Kind: "tracker.edited", Subject: "INTG-088"}
	f.until("ticket-texts", "edited by a person")
	within(t, "a second look", func() bool { defer h.daemon.lock()(); return h.daemon.checked == 2 })
}

func TestFeed_ClientThatLags_IsToldToLoadThePageAgain(t *testing.T) {
	h := build(t, nil)
	top := &topic{hub: h.hub, clients: map[*client]bool{}}
	c := top.add()
	for i := range 3 * mostBehind {
		top.send([]piece{{ID: "a", HTML: "x"}, {ID: "b", HTML: "y"}}[i%2 : i%2+1])
	}
	e, ok := <-c.out
	if !ok || e.pieces != nil || len(top.clients) != 0 {
		t.Errorf("%+v %v", e, ok)
	}
	if _, ok := <-c.out; ok {
		t.Error("it is sent more")
	}
}

func TestFeed_OfAPageThatNobodyLooksAt_Ends(t *testing.T) {
	h := build(t, nil)
	h.full()
	base := h.serve(t)
	t.Run("look", func(t *testing.T) {
		open(t, base, "/", "en").until("front-tasks")
		open(t, base, "/", "en").until("front-tasks")
		h.hub.mu.Lock()
		defer h.hub.mu.Unlock()
		if len(h.hub.topics) != 1 || h.hub.clients != 2 {
			t.Errorf("%d topics, %d clients", len(h.hub.topics), h.hub.clients)
		}
	})
	within(t, "nobody is left", func() bool {
		h.hub.mu.Lock()
		defer h.hub.mu.Unlock()
		return len(h.hub.topics) == 0 && h.hub.clients == 0
	})
}
