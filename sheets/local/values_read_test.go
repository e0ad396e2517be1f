package local

import (
	"fmt"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"google.golang.org/api/sheets/v4"
)

// tabs adds tabs whose names are traps, each with one cell that tells it.
func (h *house) tabs(titles ...string) {
	h.t.Helper()
	for _, title := range titles {
		h.batch(`{"addSheet":{"properties":{"title":"` + title + `","gridProperties":{"rowCount":5,"columnCount":3}}}}`)
		h.fill("'"+strings.ReplaceAll(title, "'", "''")+"'!A1", `[["in `+title+`"]]`)
	}
}

func TestValues_Get_UnderstandsA1InAllForms(t *testing.T) {
	h := newHouse(t)
	h.tabs("a/b", "課題 一覧", "it's", "A1", "R1C1", "x!y", "2026", "a:b", "%2F", "q?fields=x#y")
	h.fill("Tracker!A1", `[["h1","h2"],["a","b"],["c"]]`)
	for where, want := range map[string]string{
		"Tracker":             "Tracker!A1:Z1000",
		"tracker":             "Tracker!A1:Z1000",
		"'Tracker'":           "Tracker!A1:Z1000",
		"Tracker!A1":          "Tracker!A1",
		"Tracker!a1:b2":       "Tracker!A1:B2",
		"Tracker!B2:A1":       "Tracker!A1:B2",
		"Tracker!A2:B1":       "Tracker!A1:B2",
		"Tracker!$A$1:$B$2":   "Tracker!A1:B2",
		"'Tracker'!A1:B2":     "Tracker!A1:B2",
		"A1:B2":               "Tracker!A1:B2",
		"Tracker!A:B":         "Tracker!A1:B1000",
		"Tracker!2:3":         "Tracker!A2:Z3",
		"Tracker!B2:B":        "Tracker!B2:B1000",
		"Tracker!B2:5":        "Tracker!B2:Z5",
		"Tracker!A999:C2000":  "Tracker!A999:C1000",
		"Tracker!Y1:AB2":      "Tracker!Y1:Z2",
		"a/b!A1":              "'a/b'!A1",
		"'a/b'!A1":            "'a/b'!A1",
		"a/b":                 "'a/b'!A1:C5",
		"課題 一覧!A1:C":          "'課題 一覧'!A1:C5",
		"'課題 一覧'":             "'課題 一覧'!A1:C5",
		"'it''s'!A1":          "'it''s'!A1",
		"it's!A1":             "'it''s'!A1",
		"'A1'":                "'A1'!A1:C5",
		"'A1'!B2":             "'A1'!B2",
		"R1C1!A1":             "'R1C1'!A1",
		"'x!y'!A1":            "'x!y'!A1",
		"x!y!A1":              "'x!y'!A1",
		"'2026'!A1":           "'2026'!A1",
		"'a:b'!A1":            "'a:b'!A1",
		"'%2F'!A1":            "'%2F'!A1",
		"'q?fields=x#y'!A1":   "'q?fields=x#y'!A1",
		"Tracker!A1000":       "Tracker!A1000",
		"Tracker!Z1000:ZZ999": "Tracker!Z999:Z1000",
	} {
		code, got := h.ask("GET", "/local/values/"+url.PathEscape(where)+"?fields=range", "")
		if code != 200 || got != `{"range":"`+want+`"}` {
			t.Errorf("%s is read as %d %s, want %s", where, code, got, want)
		}
	}
	h.want("GET", "/local/values/a%2Fb!A1", "", `{"range":"'a/b'!A1","majorDimension":"ROWS","values":[["in a/b"]]}`)
	h.want("GET", "/local/values/Tracker!A1:B3/", "", `{"range":"Tracker!A1:B3","majorDimension":"ROWS","values":[["h1","h2"],["a","b"],["c"]]}`)
}

func TestValues_Get_RefusesWhatNamesNoCells(t *testing.T) {
	h := newHouse(t)
	for _, where := range []string{
		"NoTab", "NoTab!A1", "R1C1", "R1C1:R2C2", "Tracker!R1C1", "Tracker!R[1]C[1]", "Tracker!A1:", "Tracker!:A1", "Tracker!A",
		"Tracker!1", "Tracker!A0", "Tracker!A-1", "Tracker!A1:B2:C3", "Tracker!A1,B2", "Tracker!AAAA1", "Tracker!A10000001", "Tracker!A:5",
		"Tracker!", "!A1", "'Tracker!A1", "'Tracker'A1", "Tracker!A1 ", "Tracker !A1", "Tracker!Ａ１", "Tracker!=A1", " ", "'", "''", "Tracker!A99999999999999999999",
	} {
		h.refuse("GET", "/local/values/"+url.PathEscape(where), "", 400, "INVALID_ARGUMENT", jsonText("Unable to parse range: "+where))
	}
	for where, words := range map[string]string{
		"Tracker!A1001":         "Range (Tracker!A1001) exceeds grid limits. Max rows: 1000, max columns: 26",
		"Tracker!AA1":           "Range (Tracker!AA1) exceeds grid limits. Max rows: 1000, max columns: 26",
		"Tracker!A1001:B":       "exceeds grid limits. Max rows: 1000, max columns: 26",
		"Tracker!AA:AB":         "exceeds grid limits",
		"Tracker!ZZZ1":          "exceeds grid limits",
		"Tracker!1001:10000000": "exceeds grid limits",
	} {
		h.refuse("GET", "/local/values/"+url.PathEscape(where), "", 400, "INVALID_ARGUMENT", words)
	}
	h.refuse("GET", "/nobody/values/A1", "", 404, "NOT_FOUND", "Requested entity was not found.")
}

// jsonText is a text as it stands in JSON, without its quotes.
func jsonText(s string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s)
}

func TestValues_Get_LeavesTrailingBlanksOut(t *testing.T) {
	h := newHouse(t)
	h.fill("A1:E6", `[["a","","","",""],["","","","",""],["","b","","c",""],["","","","",""],["d","","","",""],["","","","",""]]`)
	h.want("GET", "/local/values/A1:E6", "", `{"range":"Tracker!A1:E6","majorDimension":"ROWS","values":[["a"],[],["","b","","c"],[],["d"]]}`)
	h.want("GET", "/local/values/A1:E6?majorDimension=COLUMNS", "", `{"range":"Tracker!A1:E6","majorDimension":"COLUMNS","values":[["a","","","","d"],["","","b"],[],["","","c"]]}`)
	h.want("GET", "/local/values/B1:C4", "", `{"range":"Tracker!B1:C4","majorDimension":"ROWS","values":[[],[],["b"]]}`)
	h.want("GET", "/local/values/E1:E6", "", `{"range":"Tracker!E1:E6","majorDimension":"ROWS"}`)
	h.want("GET", "/local/values/E1:Z?majorDimension=COLUMNS", "", `{"range":"Tracker!E1:Z1000","majorDimension":"COLUMNS"}`)
	h.want("GET", "/local/values/A4:E4", "", `{"range":"Tracker!A4:E4","majorDimension":"ROWS"}`)
}

func TestValues_Get_RendersAsAsked(t *testing.T) {
	h := newHouse(t)
	h.ask("PUT", "/local/values/A1:H1?valueInputOption=USER_ENTERED", `{"values":[["088","2026/1/2","50%","TRUE","=A1+1","'088","1.5","文"]]}`)
	h.fill("A2:H2", `[["088","2026/1/2","50%","TRUE","=A1+1","'088",1.5,true]]`)
	h.ask("PUT", "/local/values/A3?valueInputOption=USER_ENTERED", `{"values":[["12:30","2026/1/2 12:30"]]}`)
	for query, want := range map[string]string{
		"":                                    `["88","2026/1/2","50%","TRUE","=A1+1","088","1.5","文"]`,
		"valueRenderOption=FORMATTED_VALUE":   `["88","2026/1/2","50%","TRUE","=A1+1","088","1.5","文"]`,
		"valueRenderOption=UNFORMATTED_VALUE": `[88,46024,0.5,true,"=A1+1","088",1.5,"文"]`,
		"valueRenderOption=FORMULA":           `[88,46024,0.5,true,"=A1+1","088",1.5,"文"]`,
		"valueRenderOption=UNFORMATTED_VALUE&dateTimeRenderOption=FORMATTED_STRING": `[88,"2026/1/2",0.5,true,"=A1+1","088",1.5,"文"]`,
		"valueRenderOption=FORMULA&dateTimeRenderOption=SERIAL_NUMBER":              `[88,46024,0.5,true,"=A1+1","088",1.5,"文"]`,
	} {
		h.want("GET", "/local/values/A1:H1?"+query, "", `{"range":"Tracker!A1:H1","majorDimension":"ROWS","values":[`+want+`]}`)
	}
	raw := `["088","2026/1/2","50%","TRUE","=A1+1","'088",1.5,true]`
	h.want("GET", "/local/values/A2:H2?valueRenderOption=UNFORMATTED_VALUE", "", `{"range":"Tracker!A2:H2","majorDimension":"ROWS","values":[`+raw+`]}`)
	h.want("GET", "/local/values/A3:B3?valueRenderOption=UNFORMATTED_VALUE", "", `{"range":"Tracker!A3:B3","majorDimension":"ROWS","values":[[0.5208333333333334,46024.520833333336]]}`)
	h.again()
	h.want("GET", "/local/values/A2:H2?valueRenderOption=UNFORMATTED_VALUE", "", `{"range":"Tracker!A2:H2","majorDimension":"ROWS","values":[`+raw+`]}`)
	for _, query := range []string{"valueRenderOption=X", "valueRenderOption=formula", "dateTimeRenderOption=X", "majorDimension=X", "majorDimension=rows"} {
		name, value, _ := strings.Cut(query, "=")
		h.refuse("GET", "/local/values/A1?"+query, "", 400, "INVALID_ARGUMENT", `Invalid value at '`+snake(name)+`' (type.googleapis.com/google.apps.sheets.v4.`+enumOf(name)+`), \"`+value+`\"`)
	}
}

func TestValues_BatchGet_KeepsTheOrderAndIsAllOrNothing(t *testing.T) {
	h := newHouse(t)
	h.tabs("二")
	h.want("GET", "/local/values:batchGet?ranges=Tracker!B1&ranges='二'!A1&ranges=Tracker!A1:A2&ranges=Tracker!B1", "",
		`{"spreadsheetId":"local","valueRanges":[{"range":"Tracker!B1","majorDimension":"ROWS","values":[["概要"]]},`+
			`{"range":"'二'!A1","majorDimension":"ROWS","values":[["in 二"]]},`+
			`{"range":"Tracker!A1:A2","majorDimension":"ROWS","values":[["ID"]]},`+
			`{"range":"Tracker!B1","majorDimension":"ROWS","values":[["概要"]]}]}`)
	h.want("GET", "/local/values:batchGet", "", `{"spreadsheetId":"local"}`)
	h.refuse("GET", "/local/values:batchGet?ranges=A1&ranges=No!A1&ranges=A2", "", 400, "INVALID_ARGUMENT", "Unable to parse range: No!A1")
	h.refuse("GET", "/local/values:batchGet?ranges=A1&ranges=", "", 400, "INVALID_ARGUMENT", "Unable to parse range: ")
	h.refuse("GET", "/nobody/values:batchGet?ranges=A1", "", 404, "NOT_FOUND", "Requested entity was not found.")
}

func TestValues_FieldMask_CutsTheAnswer(t *testing.T) {
	h := newHouse(t)
	h.want("GET", "/local/values/A1:B1?fields=values", "", `{"values":[["ID","概要"]]}`)
	h.want("GET", "/local/values/A1:B1?fields=*", "", `{"range":"Tracker!A1:B1","majorDimension":"ROWS","values":[["ID","概要"]]}`)
	h.want("GET", "/local/values:batchGet?ranges=A1&fields=valueRanges(range,values)", "", `{"valueRanges":[{"range":"Tracker!A1","values":[["ID"]]}]}`)
	h.want("GET", "/local/values:batchGet?ranges=A1&fields=spreadsheetId,valueRanges/range", "", `{"spreadsheetId":"local","valueRanges":[{"range":"Tracker!A1"}]}`)
}

func TestValues_Get_LargeAnswer_IsWhole(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var rows [][]any
	for i := range 2000 {
		rows = append(rows, []any{fmt.Sprint("INTG-", i), "\"\\/\b\f\n\r\t\x00\x1f\x7f<&>\u2028😀字", float64(i) + 0.1, i%2 == 0, strings.Repeat("x", i)})
	}
	h.batch(`{"appendDimension":{"dimension":"ROWS","length":2000}}`)
	if _, err := h.api.Spreadsheets.Values.Update(Book, "A2", &sheets.ValueRange{Values: rows}).ValueInputOption("RAW").Do(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		got, err := h.api.Spreadsheets.Values.Get(Book, "A2:E2001").ValueRenderOption("UNFORMATTED_VALUE").Do()
		if err != nil {
			t.Fatal(err)
		}
		if rows[0] = rows[0][:4]; !reflect.DeepEqual(got.Values, rows) {
			t.Errorf("read %.300v", got.Values)
		}
		h.again()
	}
}
