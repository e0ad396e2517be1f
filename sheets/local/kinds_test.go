package local

import (
	"strings"
	"testing"
)

// grid is a sheet of 6 rows and 5 columns, of which 3 by 3 are in use.
func newGrid(t *testing.T) *house {
	h := newHouse(t)
	h.ask("POST", "/local/values/Tracker:clear", "")
	h.batch(`{"updateSheetProperties":{"properties":{"gridProperties":{"rowCount":6,"columnCount":5}},"fields":"gridProperties"}}`)
	h.fill("A1", `[["a1","b1","c1"],["a2","b2","c2"],["a3","b3","c3"]]`)
	return h
}

func (h *house) size() string {
	_, text := h.ask("GET", "/local?fields=sheets.properties.gridProperties", "")
	return strings.TrimSuffix(strings.TrimPrefix(text, `{"sheets":[{"properties":{"gridProperties":`), "}}]}")
}

func TestDimension_InsertDeleteMove_OnUsedBlankAndEdge(t *testing.T) {
	t.Parallel()
	const rows, columns = `"dimension":"ROWS"`, `"dimension":"COLUMNS"`
	for _, c := range []struct{ request, values, size string }{
		{`{"insertDimension":{"range":{` + rows + `,"startIndex":0,"endIndex":2}}}`, `[[],[],["a1","b1","c1"],["a2","b2","c2"],["a3","b3","c3"]]`, `{"rowCount":8,"columnCount":5}`},
		{`{"insertDimension":{"range":{` + rows + `,"startIndex":1,"endIndex":2},"inheritFromBefore":true}}`, `[["a1","b1","c1"],[],["a2","b2","c2"],["a3","b3","c3"]]`, `{"rowCount":7,"columnCount":5}`},
		{`{"insertDimension":{"range":{` + rows + `,"startIndex":3,"endIndex":4}}}`, `[["a1","b1","c1"],["a2","b2","c2"],["a3","b3","c3"]]`, `{"rowCount":7,"columnCount":5}`},
		{`{"insertDimension":{"range":{` + rows + `,"startIndex":6,"endIndex":7}}}`, `[["a1","b1","c1"],["a2","b2","c2"],["a3","b3","c3"]]`, `{"rowCount":7,"columnCount":5}`},
		{`{"insertDimension":{"range":{` + columns + `,"startIndex":0,"endIndex":1}}}`, `[["","a1","b1","c1"],["","a2","b2","c2"],["","a3","b3","c3"]]`, `{"rowCount":6,"columnCount":6}`},
		{`{"insertDimension":{"range":{` + columns + `,"startIndex":2,"endIndex":4}}}`, `[["a1","b1","","","c1"],["a2","b2","","","c2"],["a3","b3","","","c3"]]`, `{"rowCount":6,"columnCount":7}`},
		{`{"insertDimension":{"range":{` + columns + `,"startIndex":5,"endIndex":6}}}`, `[["a1","b1","c1"],["a2","b2","c2"],["a3","b3","c3"]]`, `{"rowCount":6,"columnCount":6}`},
		{`{"deleteDimension":{"range":{` + rows + `,"startIndex":0,"endIndex":1}}}`, `[["a2","b2","c2"],["a3","b3","c3"]]`, `{"rowCount":5,"columnCount":5}`},
		{`{"deleteDimension":{"range":{` + rows + `,"startIndex":1}}}`, `[["a1","b1","c1"]]`, `{"rowCount":1,"columnCount":5}`},
		{`{"deleteDimension":{"range":{` + rows + `,"startIndex":2,"endIndex":5}}}`, `[["a1","b1","c1"],["a2","b2","c2"]]`, `{"rowCount":3,"columnCount":5}`},
		{`{"deleteDimension":{"range":{` + rows + `,"startIndex":4,"endIndex":6}}}`, `[["a1","b1","c1"],["a2","b2","c2"],["a3","b3","c3"]]`, `{"rowCount":4,"columnCount":5}`},
		{`{"deleteDimension":{"range":{` + columns + `,"endIndex":2}}}`, `[["c1"],["c2"],["c3"]]`, `{"rowCount":6,"columnCount":3}`},
		{`{"deleteDimension":{"range":{` + columns + `,"startIndex":1,"endIndex":2}}}`, `[["a1","c1"],["a2","c2"],["a3","c3"]]`, `{"rowCount":6,"columnCount":4}`},
		{`{"moveDimension":{"source":{` + rows + `,"startIndex":0,"endIndex":1},"destinationIndex":2}}`, `[["a2","b2","c2"],["a1","b1","c1"],["a3","b3","c3"]]`, `{"rowCount":6,"columnCount":5}`},
		{`{"moveDimension":{"source":{` + rows + `,"startIndex":0,"endIndex":1},"destinationIndex":6}}`, `[["a2","b2","c2"],["a3","b3","c3"],[],[],[],["a1","b1","c1"]]`, `{"rowCount":6,"columnCount":5}`},
		{`{"moveDimension":{"source":{` + rows + `,"startIndex":1,"endIndex":3},"destinationIndex":0}}`, `[["a2","b2","c2"],["a3","b3","c3"],["a1","b1","c1"]]`, `{"rowCount":6,"columnCount":5}`},
		{`{"moveDimension":{"source":{` + rows + `,"startIndex":4,"endIndex":6},"destinationIndex":1}}`, `[["a1","b1","c1"],[],[],["a2","b2","c2"],["a3","b3","c3"]]`, `{"rowCount":6,"columnCount":5}`},
		{`{"moveDimension":{"source":{` + rows + `,"startIndex":1,"endIndex":2},"destinationIndex":1}}`, `[["a1","b1","c1"],["a2","b2","c2"],["a3","b3","c3"]]`, `{"rowCount":6,"columnCount":5}`},
		{`{"moveDimension":{"source":{` + rows + `,"startIndex":1,"endIndex":2},"destinationIndex":2}}`, `[["a1","b1","c1"],["a2","b2","c2"],["a3","b3","c3"]]`, `{"rowCount":6,"columnCount":5}`},
		{`{"moveDimension":{"source":{` + columns + `,"startIndex":0,"endIndex":1},"destinationIndex":5}}`, `[["b1","c1","","","a1"],["b2","c2","","","a2"],["b3","c3","","","a3"]]`, `{"rowCount":6,"columnCount":5}`},
		{`{"moveDimension":{"source":{` + columns + `,"startIndex":2,"endIndex":4},"destinationIndex":1}}`, `[["a1","c1","","b1"],["a2","c2","","b2"],["a3","c3","","b3"]]`, `{"rowCount":6,"columnCount":5}`},
		{`{"appendDimension":{"sheetId":0,` + rows + `,"length":2}}`, `[["a1","b1","c1"],["a2","b2","c2"],["a3","b3","c3"]]`, `{"rowCount":8,"columnCount":5}`},
		{`{"appendDimension":{"sheetId":0,` + columns + `,"length":1}}`, `[["a1","b1","c1"],["a2","b2","c2"],["a3","b3","c3"]]`, `{"rowCount":6,"columnCount":6}`},
	} {
		h := newGrid(t)
		if got := h.batch(c.request); got != "[{}]" {
			t.Errorf("%s: %s", c.request, got)
		}
		for range 2 {
			if got, size := h.read("Tracker"), h.size(); got != c.values || size != c.size {
				t.Errorf("%s\n got %s %s\nwant %s %s", c.request, got, size, c.values, c.size)
			}
			h.again()
		}
	}
}

func TestDimension_FrozenRowsFollow(t *testing.T) {
	h := newGrid(t)
	h.batch(`{"updateSheetProperties":{"properties":{"gridProperties":{"frozenRowCount":2,"frozenColumnCount":1}},"fields":"gridProperties(frozenRowCount,frozenColumnCount)"}}`,
		`{"insertDimension":{"range":{"dimension":"ROWS","startIndex":1,"endIndex":2}}}`,
		`{"insertDimension":{"range":{"dimension":"COLUMNS","startIndex":1,"endIndex":2}}}`)
	if got := h.size(); got != `{"rowCount":7,"columnCount":6,"frozenRowCount":3,"frozenColumnCount":1}` {
		t.Error(got)
	}
	h.batch(`{"deleteDimension":{"range":{"dimension":"ROWS","startIndex":2,"endIndex":5}}}`)
	if got := h.size(); got != `{"rowCount":4,"columnCount":6,"frozenRowCount":2,"frozenColumnCount":1}` {
		t.Error(got)
	}
	h.unchanged(func() {
		h.refuse("POST", "/local:batchUpdate", `{"requests":[{"deleteDimension":{"range":{"dimension":"ROWS","startIndex":2}}}]}`, 400, "INVALID_ARGUMENT",
			"Invalid requests[0].deleteDimension: Sorry, it is not possible to delete all non-frozen rows.")
		h.refuse("POST", "/local:batchUpdate", `{"requests":[{"deleteDimension":{"range":{"dimension":"COLUMNS","startIndex":1}}}]}`, 400, "INVALID_ARGUMENT", "delete all non-frozen columns")
	})
}

func TestSortRange_OrdersAsSheetsDoes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ cells, request, want string }{
		{`[["b",1],["",2],[10,3],["a",4],[true,5],[2,6],["A",7],[false,8]]`, `"range":{},"sortSpecs":[{}]`, `[[2,6],[10,3],["a",4],["A",7],["b",1],[false,8],[true,5],["",2]]`},
		{`[["b",1],["",2],[10,3],["a",4],[true,5],[2,6],["A",7],[false,8]]`, `"range":{},"sortSpecs":[{"sortOrder":"DESCENDING"}]`, `[[true,5],[false,8],["b",1],["a",4],["A",7],[10,3],[2,6],["",2]]`},
		{`[["x",2],["x",1],["w",3]]`, `"range":{},"sortSpecs":[{"dimensionIndex":0},{"dimensionIndex":1}]`, `[["w",3],["x",1],["x",2]]`},
		{`[["h"],["c"],["b"],[""],["a"]]`, `"range":{"startRowIndex":1},"sortSpecs":[{}]`, `[["h"],["a"],["b"],["c"]]`},
		{`[["c","1","x"],["b","2"],["a","3","z"]]`, `"range":{"startColumnIndex":0,"endColumnIndex":2},"sortSpecs":[{}]`, `[["a","3","x"],["b","2"],["c","1","z"]]`},
		{`[["c","1"],["a","2"],["b"]]`, `"range":{"startColumnIndex":0,"endColumnIndex":1},"sortSpecs":[{}]`, `[["a","1"],["b","2"],["c"]]`},
		{`[["か"],["あ"],["カ"],["い"]]`, `"range":{},"sortSpecs":[{}]`, `[["あ"],["い"],["か"],["カ"]]`},
		{`[["c"],["a"]]`, `"range":{}`, `[["c"],["a"]]`},
	} {
		h := newHouse(t)
		h.ask("POST", "/local/values/Tracker:clear", "")
		h.fill("A1", c.cells)
		h.batch(`{"sortRange":{` + c.request + `}}`)
		for range 2 {
			if _, got := h.ask("GET", "/local/values/Tracker?valueRenderOption=UNFORMATTED_VALUE&fields=values", ""); got != `{"values":`+c.want+`}` {
				t.Errorf("%s of %s: %s, want %s", c.request, c.cells, got, c.want)
			}
			h.again()
		}
	}
}

func TestSortRange_LeavesRowsAndTheirMetadata(t *testing.T) {
	h := newGrid(t)
	h.batch(`{"createDeveloperMetadata":{"developerMetadata":{"metadataId":1,"metadataKey":"k","visibility":"DOCUMENT","location":{"dimensionRange":{"dimension":"ROWS","startIndex":0,"endIndex":1}}}}}`,
		`{"updateCells":{"start":{},"fields":"note","rows":[{"values":[{"note":"of a1"}]}]}}`,
		`{"sortRange":{"range":{},"sortSpecs":[{"sortOrder":"DESCENDING"}]}}`)
	h.want("GET", "/local/developerMetadata/1?fields=location.dimensionRange", "", `{"location":{"dimensionRange":{"sheetId":0,"dimension":"ROWS","startIndex":0,"endIndex":1}}}`)
	h.want("GET", "/local?ranges=A1:A3&fields=sheets.data.rowData.values(formattedValue,note)", "",
		`{"sheets":[{"data":[{"rowData":[{"values":[{"formattedValue":"a3"}]},{"values":[{"formattedValue":"a2"}]},{"values":[{"formattedValue":"a1","note":"of a1"}]}]}]}]}`)
}
