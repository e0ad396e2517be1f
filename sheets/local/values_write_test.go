package local

import (
	"net/url"
	"strings"
	"testing"
)

const rawInput = "?valueInputOption=RAW"

func TestValues_Update_WritesWhereTheRangeBegins(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ where, body, answer, all string }{
		{"B2", `{"values":[["x","y"],["z"]]}`, `"updatedRange":"Tracker!B2:C3","updatedRows":2,"updatedColumns":2,"updatedCells":3`, `[[],["","x","y"],["","z"]]`},
		{"B2:D4", `{"values":[["x"]]}`, `"updatedRange":"Tracker!B2","updatedRows":1,"updatedColumns":1,"updatedCells":1`, `[[],["","x"]]`},
		{"B:C", `{"values":[["x","y"]]}`, `"updatedRange":"Tracker!B1:C1","updatedRows":1,"updatedColumns":2,"updatedCells":2`, `[["","x","y"]]`},
		{"Tracker", `{"values":[["x"]]}`, `"updatedRange":"Tracker!A1","updatedRows":1,"updatedColumns":1,"updatedCells":1`, `[["x"]]`},
		{"A2:B3", `{"majorDimension":"COLUMNS","values":[["x","y"],["z"]]}`, `"updatedRange":"Tracker!A2:B3","updatedRows":2,"updatedColumns":2,"updatedCells":3`, `[[],["x","z"],["y"]]`},
		{"A1", `{"range":"A1","majorDimension":"ROWS","values":[["x"]]}`, `"updatedRange":"Tracker!A1","updatedRows":1,"updatedColumns":1,"updatedCells":1`, `[["x"]]`},
		{"A1", `{"values":[[true,1.5,-0,"088","=A1","",1e21]]}`, `"updatedRange":"Tracker!A1:G1","updatedRows":1,"updatedColumns":7,"updatedCells":7`, `[[true,1.5,0,"088","=A1","",1e+21]]`},
		{"A1", `{"values":[]}`, `"updatedRange":"Tracker!A1"`, ``},
		{"A1", `{}`, `"updatedRange":"Tracker!A1"`, ``},
		{"A1", ``, `"updatedRange":"Tracker!A1"`, ``},
		{"A1", `{"values":[[],[]]}`, `"updatedRange":"Tracker!A1:A2"`, ``},
		{"A1", `{"values":[[],["x"]]}`, `"updatedRange":"Tracker!A1:A2","updatedRows":1,"updatedColumns":1,"updatedCells":1`, `[[],["x"]]`},
		{"Z1000", `{"values":[["x"]]}`, `"updatedRange":"Tracker!Z1000","updatedRows":1,"updatedColumns":1,"updatedCells":1`, ``},
	} {
		h := newHouse(t)
		h.ask("POST", "/local/values/Tracker:clear", "")
		h.want("PUT", "/local/values/"+c.where+rawInput, c.body, `{"spreadsheetId":"local",`+c.answer+`}`)
		h.again()
		code, got := h.ask("GET", "/local/values/A1:Y999?fields=values&valueRenderOption=UNFORMATTED_VALUE", "")
		if want := strings.Replace(`{"values":`+c.all+`}`, `{"values":}`, `{}`, 1); code != 200 || got != want {
			t.Errorf("%s %s: %d %s, want %s", c.where, c.body, code, got, want)
		}
	}
}

func TestValues_Update_NullLeavesAndEmptyClears(t *testing.T) {
	h := newHouse(t)
	h.fill("A1:E1", `[["a","b","c","d","e"]]`)
	h.want("PUT", "/local/values/A1:E2"+rawInput, `{"values":[[null,"",null,"D"],[null,null,null,null,null]]}`,
		`{"spreadsheetId":"local","updatedRange":"Tracker!A1:E2","updatedRows":1,"updatedColumns":2,"updatedCells":2}`)
	if got := h.read("A1:E2"); got != `[["a","","c","D","e"]]` {
		t.Error(got)
	}
	h.want("POST", "/local/values:batchUpdate", `{"valueInputOption":"RAW","data":[{"range":"A1:C1","values":[["1",null,"3"]]},{"range":"C1:D9","values":[["4"],[null,""]]}]}`,
		`{"spreadsheetId":"local","totalUpdatedRows":2,"totalUpdatedColumns":3,"totalUpdatedCells":4,"totalUpdatedSheets":1,"responses":[`+
			`{"spreadsheetId":"local","updatedRange":"Tracker!A1:C1","updatedRows":1,"updatedColumns":2,"updatedCells":2},`+
			`{"spreadsheetId":"local","updatedRange":"Tracker!C1:D2","updatedRows":2,"updatedColumns":2,"updatedCells":2}]}`)
	if got := h.read("A1:E2"); got != `[["1","","4","D","e"]]` {
		t.Error(got)
	}
}

func TestValues_Update_AnswersWithWhatWasWritten(t *testing.T) {
	h := newHouse(t)
	entered := "?valueInputOption=USER_ENTERED&includeValuesInResponse=true"
	h.want("PUT", "/local/values/A1:C2"+entered, `{"values":[["1-2","50%"],["x"]]}`,
		`{"spreadsheetId":"local","updatedRange":"Tracker!A1:B2","updatedRows":2,"updatedColumns":2,"updatedCells":3,`+
			`"updatedData":{"range":"Tracker!A1:B2","majorDimension":"ROWS","values":[["1-2","50%"],["x"]]}}`)
	h.want("PUT", "/local/values/A1"+entered+"&responseValueRenderOption=UNFORMATTED_VALUE&fields=updatedData.values", `{"values":[["1-2","50%"]]}`,
		`{"updatedData":{"values":[[46024,0.5]]}}`)
	h.want("PUT", "/local/values/A1"+entered+"&responseValueRenderOption=UNFORMATTED_VALUE&responseDateTimeRenderOption=FORMATTED_STRING&fields=updatedData.values",
		`{"values":[["1-2","50%"]]}`, `{"updatedData":{"values":[["1-2",0.5]]}}`)
	// Of a batch, all answers show the moment after the whole of it.
	h.want("POST", "/local/values:batchUpdate?fields=responses.updatedData", `{"valueInputOption":"RAW","includeValuesInResponse":true,
		"data":[{"range":"A5:A6","values":[["x"],["y"]]},{"range":"A6","values":[[""]]}]}`,
		`{"responses":[{"updatedData":{"range":"Tracker!A5:A6","majorDimension":"ROWS","values":[["x"]]}},{"updatedData":{"range":"Tracker!A6","majorDimension":"ROWS"}}]}`)
	h.want("POST", "/local/values:batchUpdateByDataFilter?fields=responses.updatedData", `{"valueInputOption":"RAW","includeValuesInResponse":true,
		"data":[{"dataFilter":{"a1Range":"A5:A6"},"values":[["x"],["y"]]},{"dataFilter":{"a1Range":"A6"},"values":[[""]]}]}`,
		`{"responses":[{"updatedData":{"range":"Tracker!A5:A6","majorDimension":"ROWS","values":[["x"]]}},{"updatedData":{"range":"Tracker!A6","majorDimension":"ROWS"}}]}`)
}

func TestValues_Update_RefusesAndChangesNothing(t *testing.T) {
	h := newHouse(t)
	h.fill("A2:B2", `[["1","2"]]`)
	for _, c := range []struct{ where, query, body, words string }{
		{"A1", "", `{"values":[["x"]]}`, "'valueInputOption' is required but not specified"},
		{"A1", "?valueInputOption=raw", `{"values":[["x"]]}`, `Invalid value at 'value_input_option'`},
		{"A1", "?valueInputOption=INPUT_VALUE_OPTION_UNSPECIFIED", `{"values":[["x"]]}`, `Invalid value at 'value_input_option'`},
		{"A1", rawInput + "&includeValuesInResponse=yes", `{}`, `Invalid value at 'include_values_in_response' (TYPE_BOOL)`},
		{"A1", rawInput + "&responseValueRenderOption=X", `{}`, `Invalid value at 'response_value_render_option'`},
		{"A1", rawInput, `{"majorDimension":"X"}`, `Invalid value at 'major_dimension'`},
		{"A1:B1", rawInput, `{"values":[["x","y","z"]]}`, "Requested writing within range [Tracker!A1:B1], but tried writing to column [C]"},
		{"A1:B1", rawInput, `{"values":[["x"],["y"]]}`, "Requested writing within range [Tracker!A1:B1], but tried writing to row [2]"},
		{"A:B", rawInput, `{"values":[["x","y","z"]]}`, "Requested writing within range [Tracker!A1:B1000], but tried writing to column [C]"},
		{"A1", rawInput, `{"range":"A2","values":[["x"]]}`, "Request range[A1] does not match value's range[A2]"},
		{"A1000", rawInput, `{"values":[["x"],["y"]]}`, "Range (Tracker!A1000:A1001) exceeds grid limits. Max rows: 1000, max columns: 26"},
		{"Z1", rawInput, `{"values":[["x","y"]]}`, "Range (Tracker!Z1:AA1) exceeds grid limits. Max rows: 1000, max columns: 26"},
		{"A1001", rawInput, `{"values":[["x"]]}`, "exceeds grid limits"},
		{"R1C1", rawInput, `{"values":[["x"]]}`, "Unable to parse range: R1C1"},
		{"A1", rawInput, `{"values":[["x",["y"]]]}`, "Invalid values"},
		{"A1", rawInput, `{"values":[["x",{"y":1}]]}`, "Invalid values"},
		{"A1", rawInput, `{"values":["x"]}`, "Invalid value at 'data.values[0]' (type.googleapis.com/google.protobuf.ListValue)"},
		{"A1", rawInput, `{"values":"x"}`, "Invalid value at 'data.values' (type.googleapis.com/google.protobuf.ListValue)"},
		{"A1", rawInput, `{"value":[["x"]]}`, `Unknown name \"value\" at 'data': Cannot find field.`},
		{"A1", rawInput + "&valueInputOptions=RAW", `{}`, `Unknown name \"valueInputOptions\": Cannot bind query parameter. Field 'valueInputOptions' could not be found in request message.`},
	} {
		h.unchanged(func() {
			h.refuse("PUT", "/local/values/"+url.PathEscape(c.where)+c.query, c.body, 400, "INVALID_ARGUMENT", c.words)
		})
	}
	h.refuse("PUT", "/nobody/values/A1"+rawInput, `{"values":[["x"]]}`, 404, "NOT_FOUND", "Requested entity was not found.")
	good := `{"range":"A1","values":[["x"]]}`
	for _, bad := range []string{`{"range":"No!A1","values":[["x"]]}`, `{"values":[["x"]]}`, `{"range":"A1","values":[[[]]]}`, `{"range":"A1:B1","values":[["1","2","3"]]}`} {
		for _, data := range []string{bad, good + "," + bad, bad + "," + good} {
			h.unchanged(func() {
				code, text := h.ask("POST", "/local/values:batchUpdate", `{"valueInputOption":"RAW","data":[`+data+`]}`)
				if code != 400 {
					t.Errorf("%s: %d %s", data, code, text)
				}
			})
		}
	}
	h.refuse("POST", "/local/values:batchUpdate", `{"data":[`+good+`]}`, 400, "INVALID_ARGUMENT", "'valueInputOption' is required but not specified")
}

func TestValues_Update_KeepsWhatACellWears(t *testing.T) {
	h := newHouse(t)
	h.batch(`{"updateCells":{"start":{},"fields":"*","rows":[{"values":[{"note":"n","userEnteredFormat":{"numberFormat":{"type":"NUMBER","pattern":"0.00"}},"userEnteredValue":{"numberValue":1}},
		{"userEnteredFormat":{"numberFormat":{"type":"TEXT"}}}]}]}}`)
	h.want("PUT", "/local/values/A1?valueInputOption=USER_ENTERED&includeValuesInResponse=true&fields=updatedData.values", `{"values":[[2,"088"]]}`, `{"updatedData":{"values":[["2.00","088"]]}}`)
	h.ask("POST", "/local/values/A1:B1:clear", "")
	h.again()
	h.want("PUT", "/local/values/A1?valueInputOption=USER_ENTERED&includeValuesInResponse=true&fields=updatedData.values", `{"values":[["3","=1"]]}`, `{"updatedData":{"values":[["3.00","=1"]]}}`)
	h.want("GET", "/local?ranges=A1:B1&fields=sheets.data.rowData.values(note,userEnteredFormat)", "",
		`{"sheets":[{"data":[{"rowData":[{"values":[{"userEnteredFormat":{"numberFormat":{"type":"NUMBER","pattern":"0.00"}},"note":"n"},{"userEnteredFormat":{"numberFormat":{"type":"TEXT"}}}]}]}]}]}`)
}

func TestValues_Clear_TakesValuesAway(t *testing.T) {
	h := newHouse(t)
	h.fill("A1:C3", `[["a","b","c"],["d","e","f"],["g","h","i"]]`)
	h.want("POST", "/local/values/B2:C:clear", "", `{"spreadsheetId":"local","clearedRange":"Tracker!B2:C1000"}`)
	if got := h.read("A1:E3"); got != `[["a","b","c","ステータス","承認"],["d"],["g"]]` {
		t.Error(got)
	}
	h.want("POST", "/local/values:batchClear", `{"ranges":["A1:B1","Tracker!A3:ZZZ3"]}`, `{"spreadsheetId":"local","clearedRanges":["Tracker!A1:B1","Tracker!A3:Z3"]}`)
	if got := h.read("A1:C3"); got != `[["","","c"],["d"]]` {
		t.Error(got)
	}
	h.want("POST", "/local/values:batchClearByDataFilter", `{"dataFilters":[{"gridRange":{"sheetId":0,"startRowIndex":1}},{"a1Range":"C1"}]}`,
		`{"spreadsheetId":"local","clearedRanges":["Tracker!A2:Z1000","Tracker!C1"]}`)
	h.want("POST", "/local/values:batchClear", `{}`, `{"spreadsheetId":"local"}`)
	if got := h.read("A1:C3"); got != "" {
		t.Error(got)
	}
	h.fill("A1", `[["a"]]`)
	h.unchanged(func() {
		h.refuse("POST", "/local/values:batchClear", `{"ranges":["A1","No!A1"]}`, 400, "INVALID_ARGUMENT", "Unable to parse range: No!A1")
		h.refuse("POST", "/local/values/A1:clear", `{"x":1}`, 400, "INVALID_ARGUMENT", `Unknown name \"x\": Cannot find field.`)
		h.refuse("POST", "/local/values/A2000:clear", ``, 400, "INVALID_ARGUMENT", "exceeds grid limits")
	})
}
