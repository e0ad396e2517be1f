package local

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"uratori/sheets/local/entry"
)

// inside is all that the server holds of the spreadsheet. Unlike the answer it
// does not grow with the grid.
func (h *house) inside() string {
	h.t.Helper()
	b, err := h.book(h.t.Context(), Book)
	if err != nil {
		h.t.Fatal(err)
	}
	var s strings.Builder
	fmt.Fprintf(&s, "%q %q %q\n", b.title, b.locale, b.timeZone)
	for _, t := range b.tabs {
		fmt.Fprintf(&s, "tab %d %d %q %d×%d %d×%d %v\n", t.key, t.id, t.title, t.rowCount, t.columnCount, t.frozenRows, t.frozenColumns, t.hidden)
		for _, r := range t.rows {
			fmt.Fprintf(&s, "%d: %d %d %d", r.at, r.id, r.ord, r.skip)
			for _, c := range r.cells {
				fmt.Fprintf(&s, " %v %v %q", c.Value, c.format(), c.note())
			}
			s.WriteString("\n")
		}
	}
	for _, m := range b.metadata {
		fmt.Fprintf(&s, "%+v\n", *m)
	}
	return s.String()
}

// reset brings the spreadsheet back to a small one with something of everything.
func (h *house) reset() {
	h.t.Helper()
	_, err := h.write(h.t.Context(), Book, func(d *draft) error {
		for _, t := range slices.Clone(d.tabs) {
			d.dropTab(t)
		}
		d.dropMetadata(func(*metadata) bool { return true })
		d.title, d.locale = "fuzzed", japanese
		t := d.addTab(0, "Tracker", 20, 10)
		for i, text := range []string{"ID", "b", "a"} {
			d.set(t, i, 0, cell{Value: entry.Value{Kind: entry.Text, Text: text}})
			d.set(t, 2*i, 1, cell{Value: entry.Value{Kind: entry.Number, Number: 1.5}}.wear(entry.Format{Type: "DATE"}, "note"))
		}
		d.addTab(5, "S", 5, 5)
		d.editMetadata()
		d.metadata = []*metadata{{id: 1, key: "row", visibility: "DOCUMENT", tab: t.key, row: d.editRow(t, 7).id, column: -1}}
		return nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// calm asks and looks whether the server behaved: no panic, which would break
// the answer off, no fault of its own, nothing changed by what is refused, and
// nothing shown that the store does not hold.
func (h *house) calm(t *testing.T, method, path, body string) {
	h.t = t
	h.reset()
	before := h.inside()
	code, text := h.ask(method, path, body)
	after := h.inside()
	switch {
	case code == 400 || code == 404 || code == 501:
		if after != before {
			t.Fatalf("refused with %s, and yet %s became %s", text, before, after)
		}
	case code != 200:
		t.Fatalf("%d %s", code, text)
	}
	if stored := h.reopened().inside(); stored != after {
		t.Fatalf("the store holds %s, the server %s", stored, after)
	}
	if !jsontext.Value(text).IsValid() {
		t.Fatalf("answered %.500s", text)
	}
}

func FuzzBatchUpdate(f *testing.F) {
	for kind, body := range supported {
		f.Add(`{"requests":[{"` + kind + `":` + body + `}]}`)
	}
	for _, body := range []string{
		`{"requests":[{"updateCells":{"range":{"sheetId":0,"startRowIndex":1,"endRowIndex":3,"startColumnIndex":0,"endColumnIndex":2},"fields":"*","rows":[{"values":[{"userEnteredValue":{"formulaValue":"=A1"},"note":"n","userEnteredFormat":{"numberFormat":{"type":"DATE","pattern":"yyyy\"年\""}}}]}]}}]}`,
		`{"requests":[{"findReplace":{"find":"(a|b)+","replacement":"$1","searchByRegex":true,"range":{"endColumnIndex":1}}},{"deleteSheet":{"sheetId":5}}],"includeSpreadsheetInResponse":true,"responseRanges":["A1:B2"],"responseIncludeGridData":true}`,
	} {
		f.Add(body)
	}
	h := newHouse(f)
	f.Fuzz(func(t *testing.T, body string) { h.calm(t, "POST", "/local:batchUpdate?fields=replies", body) })
}

func FuzzQueryAndPath(f *testing.F) {
	for _, path := range []string{
		"GET /local?fields=sheets(properties(title),data/rowData.values)&includeGridData=true&ranges=A1:B2", "GET /local/values/A1:B2?majorDimension=COLUMNS&valueRenderOption=FORMULA&dateTimeRenderOption=FORMATTED_STRING",
		"GET /local/values:batchGet?ranges=A1&ranges=S!A:A", "PUT /local/values/A1?valueInputOption=USER_ENTERED&includeValuesInResponse=true&fields=updatedData", "POST /local/values/'S'!A1:append?valueInputOption=RAW&insertDataOption=INSERT_ROWS",
		"POST /local/values/A1:B:clear", "GET /local/developerMetadata/1", "POST /local/developerMetadata:search", "POST /local:getByDataFilter?fields=*", "DELETE /local",
	} {
		method, rest, _ := strings.Cut(path, " ")
		where, query, _ := strings.Cut(rest, "?")
		f.Add(method, where, query, `{"values":[["a",1,true,null,"=A1","1-2"]]}`)
		f.Add(method, where, query, `{"dataFilters":[{"a1Range":"A1"},{"gridRange":{}},{"developerMetadataLookup":{"metadataKey":"row"}}]}`)
		f.Add(method, where, query, ``)
	}
	h := newHouse(f)
	f.Fuzz(func(t *testing.T, method, path, query, body string) {
		where := "/" + strings.TrimPrefix(path, "/")
		if query != "" {
			where += "?" + query
		}
		if _, err := url.Parse("http://sheet/v4/spreadsheets" + where); err != nil || !isToken(method) {
			return // no request at all
		}
		h.calm(t, method, where, body)
	})
}

func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r < 'A' || r > 'Z' })
}
