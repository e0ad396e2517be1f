package local

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"
	"google.golang.org/api/googleapi"
	"google.golang.org/api/option"
	"google.golang.org/api/sheets/v4"

	"uratori/internal/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// house is a server over a store that can be opened again.
type house struct {
	t    testing.TB
	path string
	db   *store.DB
	*Server
	transport *Transport
	api       *sheets.Service
}

func newHouse(t testing.TB) *house {
	t.Helper()
	h := &house{t: t, path: filepath.Join(t.TempDir(), "u.db")}
	h.open()
	t.Cleanup(h.close)
	if err := h.Ensure(t.Context(), "uratori", "Tracker", []string{"ID", "概要", "詳細", "ステータス", "承認"}); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *house) close() {
	h.transport.Wait()
	_ = h.db.Close() // it may be closed already
}

func (h *house) open() {
	h.t.Helper()
	var err error
	if h.db, err = store.Open(h.t.Context(), h.path, Schema()); err != nil {
		h.t.Fatal(err)
	}
	h.serve()
}

// reopened is another server over the same store, which has seen nothing yet.
func (h *house) reopened() *house {
	h.t.Helper()
	other := *h
	other.serve()
	return &other
}

func (h *house) serve() {
	h.t.Helper()
	var err error
	var n atomic.Int64
	h.Server, err = New(h.t.Context(), h.db, Options{
		NewID: func() string { return fmt.Sprintf("book%d", n.Add(1)) },
		Year:  func() int { return 2026 },
		Link:  func(id string) string { return "http://127.0.0.1:8088/sheet/" + id },
	})
	if err != nil {
		h.t.Fatal(err)
	}
	h.transport = NewTransport(h.Server)
	h.api, err = sheets.NewService(h.t.Context(), option.WithHTTPClient(&http.Client{Transport: h.transport}))
	if err != nil {
		h.t.Fatal(err)
	}
}

// again closes the store and opens it as after a restart.
func (h *house) again() {
	h.t.Helper()
	h.transport.Wait()
	if err := h.db.Close(); err != nil {
		h.t.Fatal(err)
	}
	h.open()
}

// ask makes a bare call and returns the status and the whole answer.
func (h *house) ask(method, path, body string) (int, string) {
	h.t.Helper()
	r, err := http.NewRequestWithContext(h.t.Context(), method, "http://sheet/v4/spreadsheets"+path, strings.NewReader(body))
	if err != nil {
		h.t.Fatal(err)
	}
	a, err := h.transport.RoundTrip(r)
	if err != nil {
		h.t.Fatal(err)
	}
	text, err := io.ReadAll(a.Body)
	_ = a.Body.Close()
	if err != nil {
		h.t.Fatal(err)
	}
	return a.StatusCode, strings.TrimSpace(string(text))
}

// want makes a call whose answer must be as given, spaces between members aside.
func (h *house) want(method, path, body, answer string) {
	h.t.Helper()
	code, got := h.ask(method, path, body)
	if code != http.StatusOK || got != answer {
		h.t.Errorf("%s %s %s\n got %d %s\nwant %s", method, path, body, code, got, answer)
	}
}

// refuse makes a call that must fail with that status and with these words.
func (h *house) refuse(method, path, body string, code int, status, words string) {
	h.t.Helper()
	got, text := h.ask(method, path, body)
	if got != code || !strings.Contains(text, `"status":"`+status+`"`) || !strings.Contains(text, words) {
		h.t.Errorf("%s %s %.200s: %d %s\nwant %d %s %s", method, path, body, got, text, code, status, words)
	}
}

// fill writes values as they are.
func (h *house) fill(where, values string) {
	h.t.Helper()
	path := "/local/values/" + url.PathEscape(where) + "?valueInputOption=RAW"
	if code, text := h.ask("PUT", path, `{"values":`+values+`}`); code != http.StatusOK {
		h.t.Fatalf("fill %s with %.200s: %d %s", where, values, code, text)
	}
}

// read is the values of a range, "" where there are none.
func (h *house) read(where string) string {
	h.t.Helper()
	code, text := h.ask("GET", "/local/values/"+url.PathEscape(where)+"?fields=values", "")
	if code != http.StatusOK {
		h.t.Fatalf("read %s: %d %s", where, code, text)
	}
	return strings.TrimSuffix(strings.TrimPrefix(strings.Trim(text, "{}"), `"values":`), "}")
}

// batch applies requests, which must succeed, and returns the replies.
func (h *house) batch(requests ...string) string {
	h.t.Helper()
	code, text := h.ask("POST", "/local:batchUpdate", `{"requests":[`+strings.Join(requests, ",")+`]}`)
	if code != http.StatusOK {
		h.t.Fatalf("%.500s: %d %s", requests, code, text)
	}
	return strings.TrimSuffix(strings.TrimPrefix(text, `{"spreadsheetId":"local","replies":`), "}")
}

// state is all that the server shows of the spreadsheet.
func (h *house) state() string {
	h.t.Helper()
	code, text := h.ask("GET", "/local?includeGridData=true", "")
	if code != http.StatusOK {
		h.t.Fatalf("%d %s", code, text)
	}
	return text
}

// unchanged makes a call that must leave everything as it was.
func (h *house) unchanged(call func()) {
	h.t.Helper()
	before := h.state()
	call()
	if after := h.state(); after != before {
		h.t.Errorf("changed from %.600s\nto %.600s", before, after)
	}
}

func TestServer_RealClient_WritesAndReads(t *testing.T) {
	h := newHouse(t)
	rows := [][]any{{"INTG-001", "一行目", "a\nb", nil, ""}, {"INTG-002", 88, true, "088"}}
	u, err := h.api.Spreadsheets.Values.Append(Book, "Tracker", &sheets.ValueRange{Values: rows}).ValueInputOption("RAW").Do()
	if err != nil {
		t.Fatal(err)
	}
	if u.TableRange != "Tracker!A1:E1" || u.Updates.UpdatedRange != "Tracker!A2:E3" || u.Updates.UpdatedCells != 8 {
		t.Errorf("%+v %+v", u, u.Updates)
	}
	h.again()
	got, err := h.api.Spreadsheets.Values.Get(Book, "Tracker!A2:E").ValueRenderOption("UNFORMATTED_VALUE").Do()
	if err != nil {
		t.Fatal(err)
	}
	if s := fmt.Sprint(got.Values); s != "[[INTG-001 一行目 a\nb] [INTG-002 88 true 088]]" || got.Range != "Tracker!A2:E1000" {
		t.Errorf("%s %s", got.Range, s)
	}
	if _, isText := got.Values[1][3].(string); !isText {
		t.Error("the text 088 became a number")
	}
	_, err = h.api.Spreadsheets.Values.Get("nobody", "A1").Do()
	if e, ok := err.(*googleapi.Error); !ok || e.Code != 404 || !bytes.Contains([]byte(e.Body), []byte("NOT_FOUND")) { //nolint:errorlint // as clients look at it
		t.Error(err)
	}
}

func TestServer_CanceledCall_EndsAndLeavesNothingRunning(t *testing.T) {
	h := newHouse(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.api.Spreadsheets.Get(Book).Context(ctx).Do(); err == nil {
		t.Error("answered")
	}
}
