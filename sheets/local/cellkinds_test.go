package local

import (
	"strings"
	"testing"
)

func TestFindReplace_CountsAndChanges(t *testing.T) {
	t.Parallel()
	const cells = `[["abc","ABC","a.c"],["=abc",12,"abcabc"],[true,"x",""]]`
	for _, c := range []struct{ request, reply, want string }{
		{`"find":"abc","replacement":"Z","allSheets":true`, `{"valuesChanged":3,"rowsChanged":2,"sheetsChanged":1,"occurrencesChanged":4}`, `[["Z","Z","a.c"],["=abc",12,"ZZ"],[true,"x"]]`},
		{`"find":"abc","replacement":"Z","matchCase":true,"sheetId":0`, `{"valuesChanged":2,"rowsChanged":2,"sheetsChanged":1,"occurrencesChanged":3}`, `[["Z","ABC","a.c"],["=abc",12,"ZZ"],[true,"x"]]`},
		{`"find":"abc","replacement":"Z","matchEntireCell":true,"allSheets":true`, `{"valuesChanged":2,"rowsChanged":1,"sheetsChanged":1,"occurrencesChanged":2}`, `[["Z","Z","a.c"],["=abc",12,"abcabc"],[true,"x"]]`},
		{`"find":"abc","replacement":"Z","matchEntireCell":true,"matchCase":true,"range":{"startRowIndex":0,"endRowIndex":1,"startColumnIndex":0,"endColumnIndex":1}`, `{"valuesChanged":1,"rowsChanged":1,"sheetsChanged":1,"occurrencesChanged":1}`, `[["Z","ABC","a.c"],["=abc",12,"abcabc"],[true,"x"]]`},
		{`"find":"a.c","replacement":"Z","allSheets":true`, `{"valuesChanged":1,"rowsChanged":1,"sheetsChanged":1,"occurrencesChanged":1}`, `[["abc","ABC","Z"],["=abc",12,"abcabc"],[true,"x"]]`},
		{`"find":"A(.)C","replacement":"$1-$2$","searchByRegex":true,"matchCase":true,"allSheets":true`, `{"valuesChanged":1,"rowsChanged":1,"sheetsChanged":1,"occurrencesChanged":1}`, `[["abc","B-$","a.c"],["=abc",12,"abcabc"],[true,"x"]]`},
		{`"find":"(a)(b)","replacement":"$2$10","searchByRegex":true,"matchCase":true,"allSheets":true`, `{"valuesChanged":2,"rowsChanged":2,"sheetsChanged":1,"occurrencesChanged":3}`, `[["ba0c","ABC","a.c"],["=abc",12,"ba0cba0c"],[true,"x"]]`},
		{`"find":"B","replacement":"$1","allSheets":true,"matchCase":true`, `{"valuesChanged":1,"rowsChanged":1,"sheetsChanged":1,"occurrencesChanged":1}`, `[["abc","A$1C","a.c"],["=abc",12,"abcabc"],[true,"x"]]`},
		{`"find":"abc","replacement":"1","includeFormulas":true,"matchCase":true,"allSheets":true`, `{"valuesChanged":2,"formulasChanged":1,"rowsChanged":2,"sheetsChanged":1,"occurrencesChanged":4}`, `[["1","ABC","a.c"],["=1",12,"11"],[true,"x"]]`},
		{`"find":"=","replacement":"","includeFormulas":true,"allSheets":true`, `{"valuesChanged":1,"rowsChanged":1,"sheetsChanged":1,"occurrencesChanged":1}`, `[["abc","ABC","a.c"],["abc",12,"abcabc"],[true,"x"]]`},
		{`"find":"1","replacement":"3","allSheets":true`, `{"valuesChanged":1,"rowsChanged":1,"sheetsChanged":1,"occurrencesChanged":1}`, `[["abc","ABC","a.c"],["=abc",32,"abcabc"],[true,"x"]]`},
		{`"find":"x","replacement":"","allSheets":true`, `{"valuesChanged":1,"rowsChanged":1,"sheetsChanged":1,"occurrencesChanged":1}`, `[["abc","ABC","a.c"],["=abc",12,"abcabc"],[true]]`},
		{`"find":"x","replacement":"=1+1","allSheets":true`, `{"valuesChanged":1,"rowsChanged":1,"sheetsChanged":1,"occurrencesChanged":1}`, `[["abc","ABC","a.c"],["=abc",12,"abcabc"],[true,"=1+1"]]`},
		{`"find":"none","replacement":"x","allSheets":true`, `{}`, `[["abc","ABC","a.c"],["=abc",12,"abcabc"],[true,"x"]]`},
		{`"find":"x","replacement":"y","range":{"startRowIndex":5000}`, `{}`, `[["abc","ABC","a.c"],["=abc",12,"abcabc"],[true,"x"]]`},
	} {
		h := newHouse(t)
		h.ask("POST", "/local/values/Tracker:clear", "")
		h.batch(`{"updateCells":{"start":{"rowIndex":1},"fields":"userEnteredValue","rows":[{"values":[{"userEnteredValue":{"formulaValue":"=abc"}}]}]}}`)
		h.fill("A1", strings.Replace(cells, `"=abc"`, `null`, 1))
		if got := h.batch(`{"findReplace":{` + c.request + `}}`); got != `[{"findReplace":`+c.reply+`}]` {
			t.Errorf("%s: %s", c.request, got)
		}
		if _, got := h.ask("GET", "/local/values/Tracker?valueRenderOption=UNFORMATTED_VALUE&fields=values", ""); got != `{"values":`+c.want+`}` {
			t.Errorf("%s: %s, want %s", c.request, got, c.want)
		}
	}
}

func TestFindReplace_IsAConditionalWrite(t *testing.T) {
	h := newHouse(t)
	h.fill("A2", `[["old\ntext (1)"]]`)
	one := `"matchCase":true,"matchEntireCell":true,"range":{"startRowIndex":1,"endRowIndex":2,"startColumnIndex":0,"endColumnIndex":1}`
	for _, want := range []string{`{"valuesChanged":1,"rowsChanged":1,"sheetsChanged":1,"occurrencesChanged":1}`, `{}`} {
		if got := h.batch(`{"findReplace":{"find":"old\ntext (1)","replacement":"new",` + one + `}}`); got != `[{"findReplace":`+want+`}]` {
			t.Error(got)
		}
	}
}

func TestFindReplace_ShortRequestCannotMakeGiants(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.fill("A2", `[["`+strings.Repeat("a", 50_000)+`"]]`)
	for _, request := range []string{
		`"find":"a","replacement":"` + strings.Repeat("b", 50_000) + `"`,
		`"find":"a","replacement":"bb"`,
		`"find":"(a*)","searchByRegex":true,"replacement":"` + strings.Repeat("$1", 25_000) + `"`,
		`"find":"(a)","searchByRegex":true,"replacement":"$1$1"`,
		`"find":"a","replacement":"` + strings.Repeat("b", 5_000_000) + `"`,
	} {
		h.unchanged(func() {
			code, text := h.ask("POST", "/local:batchUpdate", `{"requests":[{"findReplace":{`+request+`,"allSheets":true}}]}`)
			if code != 400 || !strings.Contains(text, "more than the maximum of 50000 characters in a single cell") {
				t.Errorf("%.60s: %d %.200s", request, code, text)
			}
		})
	}
}

func TestUpdateCells_WritesTheFieldsThatAreListed(t *testing.T) {
	t.Parallel()
	value := `{"userEnteredValue":{"stringValue":"new"},"note":"n","userEnteredFormat":{"numberFormat":{"type":"TEXT"}}}`
	for _, c := range []struct{ request, want string }{
		{`"start":{"rowIndex":1,"columnIndex":1},"fields":"userEnteredValue","rows":[{"values":[` + value + `]}]`, `[["a1","b1","c1"],["a2","new","c2"],["a3","b3","c3"]]`},
		{`"start":{},"fields":"userEnteredValue","rows":[{"values":[{},` + value + `]},{},{"values":[{"userEnteredValue":{"stringValue":""}},{"userEnteredValue":{}}]}]`, `[["","new","c1"],["a2","b2","c2"],["","","c3"]]`},
		{`"range":{"startRowIndex":1,"startColumnIndex":1},"fields":"userEnteredValue","rows":[{"values":[` + value + `]}]`, `[["a1","b1","c1"],["a2","new"],["a3"]]`},
		{`"range":{"endRowIndex":2,"endColumnIndex":2},"fields":"userEnteredValue"`, `[["","","c1"],["","","c2"],["a3","b3","c3"]]`},
		{`"range":{},"fields":"*"`, ``},
		{`"range":{},"fields":"note"`, `[["a1","b1","c1"],["a2","b2","c2"],["a3","b3","c3"]]`},
		{`"start":{},"fields":"userEnteredValue","rows":[{"values":[{"userEnteredValue":{"numberValue":1e-7}},{"userEnteredValue":{"boolValue":true}},{"userEnteredValue":{"formulaValue":"=B1"}}]}]`, `[["1E-07","TRUE","=B1"],["a2","b2","c2"],["a3","b3","c3"]]`},
		{`"start":{},"fields":"userEnteredValue","rows":[{"values":[{"userEnteredValue":{"stringValue":"=1+1"}},{"userEnteredValue":{"stringValue":"'088"}}]}]`, `[["=1+1","'088","c1"],["a2","b2","c2"],["a3","b3","c3"]]`},
		{`"start":{"rowIndex":5,"columnIndex":4},"fields":"userEnteredValue","rows":[{"values":[` + value + `]}]`, `[["a1","b1","c1"],["a2","b2","c2"],["a3","b3","c3"],[],[],["","","","","new"]]`},
		{`"start":{},"fields":"note"`, `[["a1","b1","c1"],["a2","b2","c2"],["a3","b3","c3"]]`},
	} {
		h := newGrid(t)
		if got := h.batch(`{"updateCells":{` + c.request + `}}`); got != "[{}]" {
			t.Error(got)
		}
		for range 2 {
			if got := h.read("Tracker"); got != c.want {
				t.Errorf("%s\n got %s\nwant %s", c.request, got, c.want)
			}
			h.again()
		}
	}
}

func TestUpdateCells_TakesNotesAndFormatsAway(t *testing.T) {
	h := newGrid(t)
	dressed := `{"userEnteredValue":{"numberValue":2},"note":"n","userEnteredFormat":{"numberFormat":{"type":"PERCENT","pattern":"0%"}}}`
	put := `{"updateCells":{"start":{},"fields":"*","rows":[{"values":[` + dressed + `,` + dressed + `]},{"values":[` + dressed + `,` + dressed + `]}]}}`
	h.batch(put, put, // a row that this batch made is changed in place
		`{"updateCells":{"range":{"endRowIndex":1},"fields":"note,userEnteredValue"}}`,
		`{"updateCells":{"range":{"startRowIndex":1,"endRowIndex":2,"endColumnIndex":1},"fields":"userEnteredFormat.numberFormat"}}`,
		`{"updateCells":{"range":{"startRowIndex":1,"endRowIndex":2,"startColumnIndex":1},"fields":"*"}}`)
	format := `"userEnteredFormat":{"numberFormat":{"type":"PERCENT","pattern":"0%"}}`
	for range 2 {
		h.want("GET", "/local?ranges=A1:C2&fields=sheets.data.rowData.values(userEnteredValue,userEnteredFormat,note,formattedValue)", "",
			`{"sheets":[{"data":[{"rowData":[{"values":[{`+format+`},{`+format+`}]},{"values":[{"userEnteredValue":{"numberValue":2},"formattedValue":"2","note":"n"}]}]}]}]}`)
		h.again()
	}
}

func TestAppendCells_WritesBehindTheLastValue(t *testing.T) {
	row := func(cells string) string { return `{"values":[` + cells + `]}` }
	text := `{"userEnteredValue":{"stringValue":"new"}}`
	h := newGrid(t)
	h.batch(`{"appendCells":{"sheetId":0,"fields":"userEnteredValue","rows":[`+row(text)+`,`+row(`{},`+text)+`]}}`,
		`{"appendCells":{"sheetId":0,"fields":"*","rows":[`+row(`{},{},{},{},{},{"userEnteredValue":{"numberValue":1}}`)+`,`+row(text)+`]}}`)
	h.again()
	if got, size := h.read("Tracker"), h.size(); got != `[["a1","b1","c1"],["a2","b2","c2"],["a3","b3","c3"],["new"],["","new"],["","","","","","1"],["new"]]` || size != `{"rowCount":7,"columnCount":6}` {
		t.Error(got, size)
	}
}

func TestSheetProperties_AddChangeDelete(t *testing.T) {
	h := newHouse(t)
	if got := h.batch(`{"addSheet":{"properties":{"sheetId":3,"title":"三","index":0,"gridProperties":{"rowCount":2,"columnCount":2}}}}`, `{"addSheet":{"properties":{"sheetId":4}}}`); got !=
		`[{"addSheet":{"properties":{"sheetId":3,"title":"三","index":0,"sheetType":"GRID","gridProperties":{"rowCount":2,"columnCount":2}}}},`+
			`{"addSheet":{"properties":{"sheetId":4,"title":"シート3","index":2,"sheetType":"GRID","gridProperties":{"rowCount":1000,"columnCount":26}}}}]` {
		t.Error(got)
	}
	titles := func() string {
		_, text := h.ask("GET", "/local?fields=sheets.properties(title,hidden)", "")
		return strings.NewReplacer(`{"properties":{"title":`, "", `{"sheets":[`, "", `]}`, "", `}}`, "").Replace(text)
	}
	for _, c := range []struct{ properties, fields, want string }{
		{`"sheetId":3,"title":"3"`, "title", `"3","Tracker","シート3"`},
		{`"sheetId":3,"index":3`, "index", `"Tracker","シート3","3"`},
		{`"sheetId":3,"index":2`, "index", `"Tracker","シート3","3"`},
		{`"sheetId":3,"index":3`, "index", `"Tracker","シート3","3"`},
		{`"sheetId":4,"index":0`, "index", `"シート3","Tracker","3"`},
		{`"sheetId":3,"hidden":true`, "hidden", `"シート3","Tracker","3","hidden":true`},
		{`"sheetId":3,"title":"ignored"`, "hidden", `"シート3","Tracker","3"`},
		{`"sheetId":0,"title":"TRACKER"`, "title", `"シート3","TRACKER","3"`},
	} {
		h.batch(`{"updateSheetProperties":{"properties":{` + c.properties + `},"fields":"` + c.fields + `"}}`)
		for range 2 {
			if got := titles(); got != c.want {
				t.Errorf("%s: %s, want %s", c.properties, got, c.want)
			}
			h.again()
		}
	}
	h.fill("'3'!A1", `[["x"]]`)
	h.batch(`{"deleteSheet":{"sheetId":3}}`, `{"addSheet":{"properties":{"sheetId":3,"title":"3"}}}`, `{"deleteSheet":{"sheetId":4}}`)
	h.again()
	if got, cells := titles(), h.read("'3'"); got != `"TRACKER","3"` || cells != "" {
		t.Error(got, cells)
	}
	h.batch(`{"updateSpreadsheetProperties":{"properties":{"title":"新","locale":"en_US","timeZone":"Europe/Zurich"},"fields":"title,locale"}}`)
	h.again()
	h.want("GET", "/local?fields=properties", "", `{"properties":{"title":"新","locale":"en_US","autoRecalc":"ON_CHANGE","timeZone":"Asia/Tokyo"}}`)
}
