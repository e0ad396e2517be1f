package dashboard

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/sheets/local/edit"
)

const oneEdit = `{"tab":0,"steps":[{"put":{"row":2,"column":1,"old":[[""]],"new":[["x"]]}}]}`

// sheetHouse is pages over an embedded sheet of some rows.
func sheetHouse(t *testing.T, b Book) *house {
	h := build(t, func(o *Options) { o.Book = b })
	p := control.SheetPage{Revision: "e.5", Tabs: []control.SheetTab{
		{Title: "Tracker", Rows: 1000, Columns: 26, UsedRows: 250, UsedColumns: 3, Frozen: 1}, {ID: 5, Title: hostile, Rows: 5, Columns: 5},
	}}
	for range 1000 {
		p.Rows = append(p.Rows, []control.SheetValue{{Text: "INTG-001"}, {Text: hostile}, {Text: "88", Kind: edit.Number, Number: 88}})
	}
	h.daemon.sheet = p
	return h
}

// send posts a body as it is.
func (h *house) send(body string, headers ...string) *httptest.ResponseRecorder {
	h.t.Helper()
	req := httptest.NewRequestWithContext(h.t.Context(), http.MethodPost, "/sheet/edit", strings.NewReader(body))
	req.Host, req.RemoteAddr = "127.0.0.1:8088", "127.0.0.1:4711"
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i] == "From" {
			req.RemoteAddr = headers[i+1]
			continue
		}
		req.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	return w
}

func TestSheetPage_WithoutAScript_IsATableWithPages(t *testing.T) {
	h := sheetHouse(t, Book{Local: true})
	for page, want := range map[string][]string{
		"/sheet":              {`<tr id="row-1">`, `<tr id="row-100">`, "from=101&amp;tab=0", `href="/sheet?tab=5"`, "&lt;script&gt;", `data-revision="e.5"`, "<td>88</td>"},
		"/sheet?row=130":      {`<tr id="row-130" class="marked">`, `<tr id="row-101">`, "from=1&amp;tab=0", "from=201&amp;tab=0"},
		"/sheet?from=201":     {`<tr id="row-250">`, "from=101&amp;tab=0"},
		"/sheet?from=9999999": {"No row holds anything"},
	} {
		w := h.ask("GET", page, nil)
		for _, text := range want {
			if !strings.Contains(w.Body.String(), text) {
				t.Errorf("%s: no %s\n%s", page, text, w.Body)
			}
		}
		for _, bad := range []string{"<script>", "style=", "!page.", "row-251", "ZgotmplZ"} {
			if strings.Contains(w.Body.String(), bad) {
				t.Errorf("%s: %s stands in it", page, bad)
			}
		}
	}
	for _, page := range []string{"/sheet?row=-1", "/sheet?row=x&from=y", "/sheet?row=99999999999999999999", "/sheet?tab=%00%ff"} {
		if w := h.ask("GET", page, nil, "Accept-Language", "ja"); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "シート") {
			t.Errorf("%s: %d", page, w.Code)
		}
	}
	h.daemon.failing = fault.New(fault.NotFound, "sheet.no_tab", "title", hostile)
	if w := h.ask("GET", "/sheet?tab=9", nil); w.Code != http.StatusNotFound || strings.Contains(w.Body.String(), `id="sheet"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestSheetPage_WhereTheTableIsElsewhere_LeadsThere(t *testing.T) {
	h := sheetHouse(t, Book{URL: "https://docs.google.com/spreadsheets/d/abc/edit"})
	if body := h.ask("GET", "/sheet?row=91", nil).Body.String(); !strings.Contains(body, `href="https://docs.google.com/spreadsheets/d/abc/edit#range=91:91"`) || strings.Contains(body, `id="sheet"`) {
		t.Error(body)
	}
	h = sheetHouse(t, Book{})
	if body := h.ask("GET", "/sheet", nil).Body.String(); !strings.Contains(body, "tracker.endpoint") {
		t.Error(body)
	}
	if w := h.send(oneEdit); w.Code != http.StatusNotFound || len(h.daemon.edits) > 0 {
		t.Errorf("%d: what nobody looks at was edited", w.Code)
	}
	if w := h.ask("GET", "/sheet/rows?from=1&to=2", nil); w.Code != http.StatusNotFound {
		t.Error(w.Code)
	}
}

func TestSheetRows_AreWhatTheDaemonGives(t *testing.T) {
	h := sheetHouse(t, Book{Local: true})
	w := h.ask("GET", "/sheet/rows?tab=0&from=2&to=3", nil)
	var a struct {
		Page struct {
			Revision string
			Rows     [][]any
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil || a.Page.Revision != "e.5" || len(a.Page.Rows) != 2 || a.Page.Rows[0][1] != hostile || w.Header().Get("Content-Type") != "application/json; charset=utf-8" {
		t.Errorf("%v %+v %s", err, a, w.Body)
	}
	if cell, ok := a.Page.Rows[0][2].(map[string]any); !ok || cell["kind"] != "number" || cell["text"] != "88" {
		t.Errorf("%+v", a.Page.Rows[0])
	}
	for _, query := range []string{"", "from=1", "from=x&to=1", "from=1&to=1e3", "from=&to="} {
		if w := h.ask("GET", "/sheet/rows?"+query, nil); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), `"error"`) {
			t.Errorf("%s: %d", query, w.Code)
		}
	}
}

func TestSheetEdit_IsCarriedToTheDaemon_AndWhatDiffersIsSaid(t *testing.T) {
	h := sheetHouse(t, Book{Local: true})
	h.daemon.edited = control.SheetOutcome{Applied: true, Revision: "e.6"}
	if w := h.send(oneEdit); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"applied":true`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if e := h.daemon.edits[0]; e.By != "web" || e.Steps[0].Put.New[0][0].Text != "x" {
		t.Errorf("%+v", e)
	}
	h.daemon.edited = control.SheetOutcome{Differs: []edit.Difference{{Row: 2, Column: 28, Now: "今は" + strings.Repeat("長", 9999)}}}
	for lang, want := range map[string]string{"en": "AB2 was changed meanwhile and now holds “今は長", "ja": "AB2 はその間に変更され、現在の内容は「今は長"} {
		w := h.send(oneEdit, "Accept-Language", lang)
		var a struct{ Message string }
		if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil || w.Code != http.StatusOK || !strings.HasPrefix(a.Message, want) || len(a.Message) > 1200 {
			t.Errorf("%d %s", w.Code, a.Message)
		}
	}
	h.daemon.failing = fault.New(fault.Invalid, "sheet.outside", "row", 1, "column", 2, "rows", 3, "columns", 4)
	if w := h.send(oneEdit, "Accept-Language", "ja"); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "タブの範囲外です") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestSheetEdit_FromElsewhere_OrMalformed_IsRefused(t *testing.T) {
	h := sheetHouse(t, Book{Local: true})
	for name, c := range map[string]struct {
		body    string
		headers []string
		want    int
	}{
		"another site":    {oneEdit, []string{"Origin", "https://evil.example"}, http.StatusForbidden},
		"the same site":   {oneEdit, []string{"Sec-Fetch-Site", "same-site"}, http.StatusForbidden},
		"a form":          {oneEdit, []string{"Content-Type", "application/x-www-form-urlencoded"}, http.StatusBadRequest},
		"plain text":      {oneEdit, []string{"Content-Type", "text/plain"}, http.StatusBadRequest},
		"no type":         {oneEdit, []string{"Content-Type", ""}, http.StatusBadRequest},
		"another machine": {oneEdit, []string{"From", "192.168.0.7:99"}, http.StatusUnauthorized},
		"nothing":         {"", nil, http.StatusBadRequest},
		"a list":          {"[]", nil, http.StatusBadRequest},
		"in whose name":   {`{"by":"kiri","steps":[]}`, nil, http.StatusBadRequest},
		"wrong types":     {`{"tab":"0","steps":[]}`, nil, http.StatusBadRequest},
		"half":            {oneEdit[:20], nil, http.StatusBadRequest},
		"two":             {oneEdit + oneEdit, nil, http.StatusBadRequest},
		"not UTF-8":       {strings.Replace(oneEdit, "x", "\xff", 1), nil, http.StatusBadRequest},
		"huge":            {`{"steps":[{"put":{"new":[["` + strings.Repeat("x", longestEdit) + `"]]}}]}`, nil, http.StatusBadRequest},
	} {
		if w := h.send(c.body, c.headers...); w.Code != c.want {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	if len(h.daemon.edits) > 0 {
		t.Errorf("%+v", h.daemon.edits)
	}
	if w := h.send(`{"steps":[{"put":{"row":"<b>"}}]}`, "Accept-Language", "ja"); !strings.Contains(w.Body.String(), "/steps/0/put/row") {
		t.Error(w.Body)
	}
	if w := h.ask("GET", "/sheet/edit", nil); w.Code == http.StatusOK {
		t.Error("a link edits")
	}
	// Whoever has signed in may edit from there.
	in := h.signedIn()
	h.daemon.edited = control.SheetOutcome{Applied: true}
	if w := h.send(oneEdit, "From", "192.168.0.7:99", "Cookie", in); w.Code != http.StatusOK {
		t.Errorf("%d", w.Code)
	}
}

// Typing is quicker than guessing may be, and is no guess.
func TestSheetEdit_IsNotCountedAsAGuess(t *testing.T) {
	h := sheetHouse(t, Book{Local: true})
	for i := range 5 * tryBurst {
		if w := h.send(oneEdit); w.Code != http.StatusOK {
			t.Fatalf("edit %d: %d", i, w.Code)
		}
	}
	if h.signedIn() == "" {
		t.Error("edits have used up the tries")
	}
}

func TestSheetFeed_TellsOfRevisions_AndSendsNoRows(t *testing.T) {
	h := sheetHouse(t, Book{Local: true})
	base := h.serve(t)
	f := open(t, base, "/sheet", "en")
	f.until("sheet-news", "e.5")
	h.daemon.set(func() { h.daemon.sheet.Revision = "e.6" })
	if line := f.until("sheet-news", "e.6"); len(line) > 300 {
		t.Error(line)
	}
	h.daemon.set(func() {
		for _, q := range h.daemon.asked {
			if q.To >= q.From {
				t.Errorf("rows were asked for: %+v", q)
			}
		}
	})
}
