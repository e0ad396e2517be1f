package tracker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-json-experiment/json"
	"go.uber.org/goleak"

	"uratori/internal/config"
	"uratori/internal/ledger"
	"uratori/internal/store"
	"uratori/internal/store/storetest"
	"uratori/sheets"
	"uratori/sheets/local"
	"uratori/sheets/sheetstest"
)

// templates are the stores that tests begin with.
var templates storetest.Templates

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var headline = []string{"ID", "概要", "詳細", "ステータス", "承認", "担当"}

// house is a tracker on an embedded sheet, a rough way between them, and a
// person with a way of their own. The sheet has a store of its own, so that a
// tracker can be killed without it.
type house struct {
	*Tracker
	t      testing.TB
	dir    string
	server *local.Server
	next   http.RoundTripper
	way    *sheetstest.Way
	stop   func()
	db     *store.DB
	mu     sync.Mutex
	rough  func(n int, r *http.Request) sheetstest.Fault
	blind  bool // nobody tells the tracker that the table has changed, as with Google
}

// bubble runs f inside a bubble of time with two houses, one after the other:
// one whose tracker is told when the table changes, and one where nobody can.
func bubble(t *testing.T, f func(h *house), rows ...[]string) {
	t.Helper()
	for _, blind := range []bool{true, false} {
		bubbleOf(t, blind, f, rows...)
	}
}

// bubbleOf is one of the two, for what takes long and is the same in both.
func bubbleOf(t *testing.T, blind bool, f func(h *house), rows ...[]string) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, dir, rows...)
		h.blind = blind
		h.start()
		defer h.kill()
		f(h)
	})
}

func newHouse(t testing.TB, dir string, rows ...[]string) *house {
	t.Helper()
	ctx := context.Background()
	db, err := templates.Open(ctx, filepath.Join(dir, "sheet.db"), local.Schema())
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, dir: dir}
	if h.server, err = local.New(ctx, db, local.Options{Year: func() int { return 2026 }}); err != nil {
		t.Fatal(err)
	}
	if err := h.server.Ensure(ctx, "uratori", "Tracker", headline); err != nil {
		t.Fatal(err)
	}
	transport := local.NewTransport(h.server)
	h.next = transport
	h.way = &sheetstest.Way{Next: transport, Fault: h.fault}
	t.Cleanup(func() {
		transport.Wait()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	h.put("A2", rows...)
	return h
}

// start starts the tracker, on what one before it has left.
func (h *house) start() {
	h.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var err error
	if h.db, err = templates.Open(ctx, filepath.Join(h.dir, "tracker.db"), ledger.Schema(), Schema()); err != nil {
		h.t.Fatal(err)
	}
	columns := sheets.Columns(config.Columns{ID: "ID", Summary: "概要", Detail: "詳細", Status: "ステータス", Approval: "承認"})
	table, err := sheets.New(ctx, sheets.Options{Spreadsheet: local.Book, Tab: "Tracker", Transport: h.way, Now: time.Now, Columns: columns})
	if err != nil {
		h.t.Fatal(err)
	}
	o := Options{
		DB: h.db, Ledger: ledger.New(h.db, time.Now), Sheet: table, Book: "test", Columns: columns, Prefix: "INTG",
		Interval: 15 * time.Second, Now: time.Now, Log: slog.New(slog.DiscardHandler),
	}
	if !h.blind {
		o.Version = h.server.Changes
	}
	if h.Tracker, err = New(ctx, o); err != nil {
		h.t.Fatal(err)
	}
	var all sync.WaitGroup
	all.Go(func() {
		if err := h.Run(ctx); !errors.Is(err, context.Canceled) {
			h.t.Errorf("the loop ended: %v", err)
		}
	})
	h.stop = func() {
		cancel()
		all.Wait()
		if err := h.db.Close(); err != nil {
			h.t.Error(err)
		}
	}
}

// kill ends the tracker in the middle of what it does.
func (h *house) kill() {
	if h.stop != nil {
		h.stop()
		h.stop = nil
	}
}

// rest asks the sheet as a person's program does.
func (h *house) rest(method, path string, body, into any) {
	h.t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		h.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(context.Background(), method, "http://sheet/v4/spreadsheets/"+local.Book+path, strings.NewReader(string(raw)))
	if err != nil {
		h.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	answer, err := h.next.RoundTrip(r)
	if err != nil {
		h.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		h.t.Fatalf("%s %s: %d %v %s", method, path, answer.StatusCode, err, text)
	}
	if into != nil {
		if err := json.Unmarshal(text, into); err != nil {
			h.t.Fatal(err)
		}
	}
}

// put writes cells as a person does.
func (h *house) put(at string, rows ...[]string) {
	h.t.Helper()
	if len(rows) > 0 {
		h.rest("PUT", "/values/"+url.PathEscape(at)+"?valueInputOption=RAW", map[string]any{"values": rows}, nil)
	}
}

// do makes a change of the table as a person does.
func (h *house) do(request string, body any) {
	h.t.Helper()
	h.rest("POST", ":batchUpdate", map[string]any{"requests": []any{map[string]any{request: body}}}, nil)
}

// deleteRow and insertRow take one-based numbers.
func (h *house) deleteRow(n int) {
	h.do("deleteDimension", map[string]any{"range": map[string]any{"sheetId": h.tab(), "dimension": "ROWS", "startIndex": n - 1, "endIndex": n}})
}

func (h *house) insertRow(n int) {
	h.do("insertDimension", map[string]any{"range": map[string]any{"sheetId": h.tab(), "dimension": "ROWS", "startIndex": n - 1, "endIndex": n}})
}

func (h *house) tab() int64 {
	var book struct {
		Sheets []struct {
			Properties struct {
				SheetID int64 `json:"sheetId"`
			} `json:"properties"`
		} `json:"sheets"`
	}
	h.rest("GET", "?fields=sheets.properties.sheetId", nil, &book)
	return book.Sheets[0].Properties.SheetID
}

// grid is the table as it is, without its header.
func (h *house) grid() (rows [][]string) {
	h.t.Helper()
	err := h.server.Export(context.Background(), "Tracker", func(row []string) error {
		rows = append(rows, row)
		return nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return rows[1:]
}

// cell is a text of the row of an id, which must be there once.
func (h *house) cell(id, header string) string {
	h.t.Helper()
	var found []string
	for _, row := range h.grid() {
		if len(row) > 0 && row[0] == id {
			if at := slices.Index(headline, header); at < len(row) {
				found = append(found, row[at])
			} else {
				found = append(found, "")
			}
		}
	}
	if len(found) != 1 {
		h.t.Fatalf("%s is on %d rows: %v", id, len(found), h.grid())
	}
	return found[0]
}

func (h *house) limit() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), 10*time.Minute) // of the bubble
}

// change updates one cell and must get an answer.
func (h *house) change(id, field, text string, expected ...string) Result {
	h.t.Helper()
	ctx, cancel := h.limit()
	defer cancel()
	c := Change{Ticket: id, Fields: map[string]string{field: text}}
	if len(expected) > 0 {
		c.Expected = map[string]string{field: expected[0]}
	}
	r, err := h.Update(ctx, c)
	if err != nil {
		h.t.Fatalf("update of %s: %v", id, err)
	}
	return r
}

func (h *house) file(d Draft) Result {
	h.t.Helper()
	ctx, cancel := h.limit()
	defer cancel()
	r, err := h.Create(ctx, d)
	if err != nil {
		h.t.Fatalf("create %s: %v", d.ID, err)
	}
	return r
}

func (h *house) look() Synced {
	h.t.Helper()
	ctx, cancel := h.limit()
	defer cancel()
	s, err := h.Sync(ctx)
	if err != nil {
		h.t.Fatal(err)
	}
	return s
}

// told are events in short.
func told(events []Event) (lines []string) {
	for _, e := range events {
		line := fmt.Sprintf("%s %s", e.Kind, e.Ticket)
		if e.Kind == Edited {
			line += fmt.Sprintf(" %s %q→%q", e.Column, *e.Old, *e.New)
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	return lines
}

// between runs f once, right before the n-th request of a kind from now on:
// "look", "write" or "read".
func (h *house) between(kind string, n int, f func()) {
	h.meet(func(_ int, r *http.Request) sheetstest.Fault {
		if kindOf(r) == kind {
			if n--; n == 0 {
				f()
			}
		}
		return sheetstest.None
	})
}

// meet has requests from now on meet faults; nil is none.
func (h *house) meet(rough func(n int, r *http.Request) sheetstest.Fault) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.rough = rough
}

func (h *house) fault(n int, r *http.Request) sheetstest.Fault {
	h.mu.Lock()
	rough := h.rough
	h.mu.Unlock()
	if rough == nil {
		return sheetstest.None
	}
	return rough(n, r)
}

func kindOf(r *http.Request) string {
	switch {
	case strings.HasSuffix(r.URL.Path, ":batchUpdate"):
		return "write"
	case strings.HasSuffix(r.URL.Path, "/values:batchGetByDataFilter"):
		return "look"
	case strings.HasSuffix(r.URL.Path, ":getByDataFilter"):
		return "read"
	}
	return "tab"
}
