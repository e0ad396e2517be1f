package embedded

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"uratori/internal/config"
	"uratori/internal/control"
	"uratori/internal/daemon"
	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/internal/store"
	"uratori/sheets/local/edit"
)

// desks is the embedded sheet of a daemon, without the daemon.
func desks(t *testing.T) (*desk, *ledger.Ledger) {
	t.Helper()
	sheet := &Sheet{}
	part := sheet.Part()
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "u.db"), ledger.Schema(), part.Schema)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	c, err := config.Load(config.Home(t.TempDir()), nil)
	if err != nil {
		t.Fatal(err)
	}
	book := ledger.New(db, time.Now)
	h := daemon.House{Config: c, DB: db, Ledger: book, Now: time.Now}
	if _, err := part.Open(t.Context(), h); err != nil {
		t.Fatal(err)
	}
	return &desk{house: h, sheet: sheet, epoch: "e"}, book
}

func (d *desk) ask(t *testing.T, body string) (edit.Outcome, error) {
	t.Helper()
	answer, err := d.edit(httptest.NewRequestWithContext(t.Context(), http.MethodPost, control.SheetEditPath, strings.NewReader(body)))
	o, _ := answer.(edit.Outcome)
	return o, err
}

func entries(t *testing.T, book *ledger.Ledger) (list []ledger.Entry) {
	t.Helper()
	for e, err := range book.Entries(context.Background(), 0, "sheet") {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, e)
	}
	return list
}

func TestEdit_IsInTheLedger_OrWasNotMade(t *testing.T) {
	d, book := desks(t)
	o, err := d.ask(t, `{"tab":0,"by":"web","steps":[{"put":{"row":2,"column":1,"old":[["",""]],"new":[["INTG-001","一行目\r\n二行目"]]}}]}`)
	if err != nil || !o.Applied || o.Revision != "e.2" {
		t.Fatalf("%+v %v", o, err)
	}
	list := entries(t, book)
	if len(list) != 1 || list[0].Kind != "sheet.edited" || string(list[0].Data) != `{"by":"web","steps":[{"cells":[{"cell":"A2","new":"INTG-001","old":""},{"cell":"B2","new":"一行目\n二行目","old":""}],"count":1,"row":2,"what":"put"}],"tab":0}` {
		t.Fatalf("%s", list[0].Data)
	}
	if o, err := d.ask(t, `{"tab":0,"steps":[{"put":{"row":2,"column":1,"old":[["x"]],"new":[["y"]]}}]}`); err != nil || o.Applied || o.Differs[0].Now != "INTG-001" {
		t.Errorf("%+v %v", o, err)
	}
	long := strings.Repeat("x", 40_000)
	body, err := json.Marshal(control.SheetEdit{Batch: edit.Batch{Steps: []edit.Step{{Insert: &edit.Insert{Row: 2, Count: 1, Cells: [][]edit.Value{{{Text: long}, {Text: long}}}}}}}})
	if err != nil {
		t.Fatal(err)
	}
	if o, err := d.ask(t, string(body)); err != nil || !o.Applied {
		t.Fatalf("%+v %v", o, err)
	}
	list = entries(t, book)
	if len(list) != 2 || len(list[1].Data) > mostTold+1000 || !strings.Contains(string(list[1].Data), `"more":1`) {
		t.Errorf("%d entries, %d bytes", len(list), len(list[1].Data))
	}
}

func TestEdit_HostileBodies_AreRefused_AndNothingIsChanged(t *testing.T) {
	d, book := desks(t)
	before := d.sheet.Changes()
	cell := func(text string) string {
		return `{"tab":0,"steps":[{"put":{"row":2,"column":2,"old":[[""]],"new":[[` + text + `]]}}]}`
	}
	for body, want := range map[string]string{
		"": "daemon.bad_request", "[]": "daemon.bad_request", "null{": "daemon.bad_request", `{"tab":"0"}`: "daemon.bad_request", `{"tab":2147483648}`: "daemon.bad_request",
		`{"steps":[{"put":{"row":1.5}}]}`: "daemon.bad_request", `{"steps":[{"drop":{}}]}`: "daemon.bad_request", cell("1"): "daemon.bad_request",
		cell(`"\ud800"`): "daemon.bad_request", cell("\"\xff\""): "daemon.bad_request", cell(`{"text":"x","color":"red"}`): "daemon.bad_request",
		cell(`"a\u0000b"`): "sheet.bad_text", cell(`"\u001b[31m"`): "sheet.bad_text", cell(`"\u0085"`): "sheet.bad_text", cell(`{"text":"x","note":"\u0007"}`): "sheet.bad_text",
		cell(`"` + strings.Repeat("字", 50_001) + `"`): "sheet.bad_text", `{"tab":7,"steps":[{"sort":{"from":1,"to":0,"column":1}}]}`: "sheet.no_tab",
		`{"steps":[{"put":{"row":-9,"column":-9,"old":[[""]],"new":[["\u0000"]]}}]}`: "sheet.bad_text", `{"steps":[{"insert":{"row":2,"count":1,"cells":[["\u0001"]]}}]}`: "sheet.bad_text",
	} {
		o, err := d.ask(t, body)
		f, _ := errors.AsType[*fault.Error](err)
		if f == nil || f.Key != want || o.Applied {
			t.Errorf("%.80q: %v, want %s", body, err, want)
		}
	}
	if d.sheet.Changes() != before || len(entries(t, book)) > 0 {
		t.Errorf("something was changed: %d entries", len(entries(t, book)))
	}
}

func TestPage_OfTheTracker_OrOfAnotherTab(t *testing.T) {
	d, _ := desks(t)
	get := func(query string) (edit.Page, error) {
		answer, err := d.page(httptest.NewRequestWithContext(t.Context(), http.MethodGet, control.SheetPath+"?"+query, nil))
		p, _ := answer.(edit.Page)
		return p, err
	}
	p, err := get("from=1&to=20")
	if err != nil || p.Revision != "e.1" || p.Tabs[0].Title != "Tracker" || len(p.Rows) != 20 || p.Header[0] != "ID" {
		t.Errorf("%+v %v", p, err)
	}
	for _, query := range []string{"from=x", "to=1e9", "tab=x", "tab=99999999999", "tab=5", "from=0&to=3", "from=1&to=5000", "tab=%00"} {
		if p, err := get(query); err == nil {
			t.Errorf("%s: %+v", query, p)
		}
	}
}
