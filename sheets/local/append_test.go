package local

import (
	"net/url"
	"strings"
	"testing"
)

// twoTables is the sheet by which Google's guide explains where values are
// appended: the tables A1:C2 and B4:D6.
const twoTables = `[["x","y","z"],["x","y","z"],[],["","x","y"],["","","y","z"],["","x","y","z"]]`

func (h *house) append(where, query, values string) (at, table string) {
	h.t.Helper()
	code, text := h.ask("POST", "/local/values/"+url.PathEscape(where)+":append?valueInputOption=RAW&fields=tableRange,updates.updatedRange"+query, `{"values":`+values+`}`)
	if code != 200 {
		h.t.Fatalf("append at %s: %d %s", where, code, text)
	}
	table, at, _ = strings.Cut(text, `"updates":{"updatedRange":"`)
	return strings.TrimSuffix(at, `"}}`), strings.Trim(strings.TrimPrefix(table, `{"tableRange":`), `",{`)
}

func TestAppend_FindsTheTableAsTheGuideSays(t *testing.T) {
	t.Parallel()
	for where, want := range map[string][2]string{
		"Sheet1": {"Sheet1!B7:C7", "Sheet1!B4:D6"}, // the last table of all
		"B4":     {"Sheet1!B7:C7", "Sheet1!B4:D6"}, // both lie in it
		"C5:D5":  {"Sheet1!B7:C7", "Sheet1!B4:D6"},
		"B2:D4":  {"Sheet1!B7:C7", "Sheet1!B4:D6"}, // the last in the range
		"A3:G10": {"Sheet1!B7:C7", "Sheet1!B4:D6"},
		"A1":     {"Sheet1!A3:B3", "Sheet1!A1:C2"},
		"A1:B2":  {"Sheet1!A3:B3", "Sheet1!A1:C2"},
		"B2":     {"Sheet1!A3:B3", "Sheet1!A1:C2"},
		"E4":     {"Sheet1!E4:F4", ""}, // in no table
		"A4":     {"Sheet1!A4:B4", ""},
		"A3":     {"Sheet1!A3:B3", ""},
		"F:G":    {"Sheet1!F1:G1", ""},
		"A1000":  {"Sheet1!A1000:B1000", ""},
	} {
		h := newHouse(t)
		h.batch(`{"updateSheetProperties":{"properties":{"title":"Sheet1"},"fields":"title"}}`)
		h.ask("POST", "/local/values/Sheet1:clear", "")
		h.fill("A1", twoTables)
		if at, table := h.append(where, "", `[["new","row"]]`); at != want[0] || table != want[1] {
			t.Errorf("appending to %s wrote %s after table %q, want %s after %q", where, at, table, want[0], want[1])
		}
	}
}

func TestAppend_FindsTableOfAnyShape(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, cells, where, at, table string }{
		{"nothing there", `[]`, "A1:C", "A1", ""},
		{"header alone", `[["ID","概要"]]`, "A1", "A2", "A1:B1"},
		{"blank cell inside", `[["ID","","c"],["1","","c"]]`, "A1", "A3", "A1:A2"},
		{"blank row between", `[["a"],[""],["b"]]`, "A:A", "A4", "A3"},
		{"blank row between, from the top", `[["a"],[""],["b"]]`, "A1", "A2", "A1"},
		{"stray note below", `[["a","b"],["c","d"],[""],["","","","note"]]`, "Tracker", "D5", "D4"},
		{"stray note below, columns named", `[["a","b"],["c","d"],[""],["","","","note"]]`, "A:B", "A3", "A1:B2"},
		{"note at the side that touches", `[["a","b"],["c","d"],["","","note"]]`, "A1", "A4", "A1:C3"},
		{"two tables side by side, the right one", `[["a","b","","x"],["c","d","","y"],["","","","z"]]`, "D1", "D4", "D1:D3"},
		{"two tables side by side, the left one", `[["a","b","","x"],["c","d","","y"],["","","","z"]]`, "A1:B1", "A3", "A1:B2"},
		{"table that does not begin at A1", `[[],["","","a","b"],["","","c"]]`, "Tracker", "C4", "C2:D3"},
		{"diagonal", `[["a"],["","b"],["","","c"]]`, "A1", "A4", "A1:C3"},
		{"ragged", `[["a"],["b","c","d"],["e","f"]]`, "A2", "A4", "A1:C3"},
		{"formula and number", `[["=A1",1,true]]`, "C1", "A2", "A1:C1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t)
			h.ask("POST", "/local/values/Tracker:clear", "")
			h.fill("A1", c.cells)
			at, table := h.append(c.where, "", `[["new"]]`)
			if strings.TrimPrefix(at, "Tracker!") != c.at || strings.TrimPrefix(table, "Tracker!") != c.table {
				t.Errorf("wrote %s after table %q, want %s after %q", at, table, c.at, c.table)
			}
		})
	}
}

func TestAppend_Overwrite_WritesOver_InsertRows_MakesRoom(t *testing.T) {
	for query, want := range map[string]string{
		"":                              `[["a","b"],["new","x"],["next"],["note","far"]]`,
		"&insertDataOption=OVERWRITE":   `[["a","b"],["new","x"],["next"],["note","far"]]`,
		"&insertDataOption=INSERT_ROWS": `[["a","b"],["new","x"],["next"],[],[],["note","far"]]`,
	} {
		h := newHouse(t)
		h.batch(`{"updateSheetProperties":{"properties":{"gridProperties":{"rowCount":6}},"fields":"gridProperties.rowCount"}}`)
		h.ask("POST", "/local/values/Tracker:clear", "")
		h.fill("A1", `[["a","b"],[],[],["note","far"]]`)
		if at, table := h.append("A1", query, `[["new","x"],["next"]]`); at != "Tracker!A2:B3" || table != "Tracker!A1:B1" {
			t.Error(query, at, table)
		}
		h.again()
		if got := h.read("Tracker"); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
		rows := `"rowCount":6`
		if strings.HasSuffix(query, "INSERT_ROWS") {
			rows = `"rowCount":8`
		}
		h.want("GET", "/local?fields=sheets.properties.gridProperties.rowCount", "", `{"sheets":[{"properties":{"gridProperties":{`+rows+`}}}]}`)
	}
}

func TestAppend_GrowsTheGrid(t *testing.T) {
	for _, query := range []string{"", "&insertDataOption=INSERT_ROWS"} {
		h := newHouse(t)
		h.batch(`{"updateSheetProperties":{"properties":{"gridProperties":{"rowCount":2,"columnCount":5}},"fields":"gridProperties.rowCount,gridProperties.columnCount"}}`)
		if at, _ := h.append("A1", query, `[["a"],["b"],["1","2","3","4","5","6"]]`); at != "Tracker!A2:F4" {
			t.Error(at)
		}
		want := `"rowCount":4`
		if query != "" {
			want = `"rowCount":5` // the row that was there moved down
		}
		h.want("GET", "/local?fields=sheets.properties.gridProperties", "", `{"sheets":[{"properties":{"gridProperties":{`+want+`,"columnCount":6,"frozenRowCount":1}}}]}`)
		if at, _ := h.append("A1", "", `[["c"]]`); at != "Tracker!A5" {
			t.Error(at)
		}
	}
}

func TestAppend_AnswersWithWhatWasWritten(t *testing.T) {
	h := newHouse(t)
	h.want("POST", "/local/values/Tracker:append?valueInputOption=USER_ENTERED&includeValuesInResponse=true&responseValueRenderOption=UNFORMATTED_VALUE",
		`{"range":"Tracker","majorDimension":"COLUMNS","values":[["088",null],["50%","x"]]}`,
		`{"spreadsheetId":"local","tableRange":"Tracker!A1:E1","updates":{"spreadsheetId":"local","updatedRange":"Tracker!A2:B3","updatedRows":2,"updatedColumns":2,"updatedCells":3,`+
			`"updatedData":{"range":"Tracker!A2:B3","majorDimension":"ROWS","values":[[88,0.5],["","x"]]}}}`)
	h.want("POST", "/local/values/Tracker:append"+rawInput, `{}`, `{"spreadsheetId":"local","tableRange":"Tracker!A1:E3","updates":{"spreadsheetId":"local","updatedRange":"Tracker!A4"}}`)
}

func TestAppend_RefusesAndChangesNothing(t *testing.T) {
	h := newHouse(t)
	for _, c := range []struct{ path, body, words string }{
		{"A1:append", `{"values":[["x"]]}`, "'valueInputOption' is required but not specified"},
		{"A1:append" + rawInput + "&insertDataOption=X", `{"values":[["x"]]}`, "Invalid value at 'insert_data_option'"},
		{"No!A1:append" + rawInput, `{"values":[["x"]]}`, "Unable to parse range: No!A1"},
		{"A1001:append" + rawInput, `{"values":[["x"]]}`, "exceeds grid limits"},
		{"A1:append" + rawInput, `{"values":[["x"],[[]]]}`, "Invalid values"},
		{"A1:append" + rawInput, `{"range":"A2","values":[["x"]]}`, "Request range[A1] does not match value's range[A2]"},
		{"A1:append" + rawInput, `{"majorDimension":"X","values":[["x"]]}`, "Invalid value at 'major_dimension'"},
	} {
		h.unchanged(func() { h.refuse("POST", "/local/values/"+c.path, c.body, 400, "INVALID_ARGUMENT", c.words) })
	}
}
