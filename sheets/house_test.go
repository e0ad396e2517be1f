package sheets

import (
	"context"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/api/option"
	api "google.golang.org/api/sheets/v4"

	"uratori/internal/config"
	"uratori/internal/store/storetest"
	"uratori/sheets/local"
	"uratori/sheets/sheetstest"
)

// templates are the stores that tests begin with.
var templates storetest.Templates

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var headline = []string{"ID", "概要", "詳細", "ステータス", "承認"}

// tb is a test, of rapid's or of the standard kind.
type tb interface {
	Helper()
	Error(...any)
	Fatal(...any)
}

// house is a table on an embedded sheet, a rough way between them, and a
// person with a way of their own.
type house struct {
	*Table
	server *local.Server
	way    *sheetstest.Way
	next   http.RoundTripper
	person *api.Service
}

// newHouse fills the tab with rows below the header.
func newHouse(t tb, dir string, rows ...[]string) (*house, func()) {
	t.Helper()
	ctx := context.Background()
	db, err := templates.Open(ctx, filepath.Join(dir, "u.db"), local.Schema())
	if err != nil {
		t.Fatal(err)
	}
	h := &house{}
	if h.server, err = local.New(ctx, db, local.Options{Year: func() int { return 2026 }}); err != nil {
		t.Fatal(err)
	}
	if err := h.server.Ensure(ctx, "uratori", "Tracker", headline); err != nil {
		t.Fatal(err)
	}
	transport := local.NewTransport(h.server)
	h.way = &sheetstest.Way{Next: transport}
	o := Options{
		Spreadsheet: local.Book, Tab: "Tracker", Transport: h.way, Now: time.Now,
		Columns: Columns(config.Columns{ID: "ID", Summary: "概要", Detail: "詳細", Status: "ステータス", Approval: "承認"}),
	}
	if h.Table, err = New(ctx, o); err != nil {
		t.Fatal(err)
	}
	if h.person, err = api.NewService(ctx, option.WithHTTPClient(&http.Client{Transport: transport})); err != nil {
		t.Fatal(err)
	}
	h.put(t, "A2", rows...)
	return h, func() {
		transport.Wait()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}

func newHouseFor(t *testing.T, rows ...[]string) *house {
	t.Helper()
	h, done := newHouse(t, t.TempDir(), rows...)
	t.Cleanup(done)
	return h
}

// put writes cells as a person does.
func (h *house) put(t tb, at string, rows ...[]string) {
	t.Helper()
	if len(rows) == 0 {
		return
	}
	values := make([][]any, len(rows))
	for i, row := range rows {
		for _, text := range row {
			values[i] = append(values[i], text)
		}
	}
	_, err := h.person.Spreadsheets.Values.Update(local.Book, at, &api.ValueRange{Values: values}).ValueInputOption("RAW").Do()
	if err != nil {
		t.Fatal(err)
	}
}

// do makes a change as a person does.
func (h *house) do(t tb, requests ...*api.Request) {
	t.Helper()
	if _, err := h.person.Spreadsheets.BatchUpdate(local.Book, &api.BatchUpdateSpreadsheetRequest{Requests: requests}).Do(); err != nil {
		t.Fatal(err)
	}
}

// grid is the first tab as it is, to the letter.
func (h *house) grid(t tb) [][]string {
	t.Helper()
	book, err := h.person.Spreadsheets.Get(local.Book).Fields("sheets.properties.title").Do()
	if err != nil {
		t.Fatal(err)
	}
	var rows [][]string
	err = h.server.Export(context.Background(), book.Sheets[0].Properties.Title, func(row []string) error {
		rows = append(rows, row)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// must returns the row of a key that is there.
func must(t tb, v *View, key string) Row {
	t.Helper()
	r, err := v.Find(key)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
