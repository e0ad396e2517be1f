package local

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// tall is a sheet of one column and ten million rows.
func newTall(t *testing.T) *house {
	h := newHouse(t)
	h.batch(`{"updateSheetProperties":{"properties":{"gridProperties":{"rowCount":1,"columnCount":1}},"fields":"gridProperties"}}`,
		`{"insertDimension":{"range":{"dimension":"ROWS","startIndex":1,"endIndex":10000000}}}`)
	return h
}

func TestSize_FarRowsCostNoMoreThanNearOnes(t *testing.T) {
	h := newTall(t)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	h.fill("A10000000", `[["last"]]`)
	h.batch(
		`{"createDeveloperMetadata":{"developerMetadata":{"metadataId":1,"metadataKey":"far","visibility":"DOCUMENT","location":{"dimensionRange":{"dimension":"ROWS","startIndex":9999998,"endIndex":9999999}}}}}`,
		`{"moveDimension":{"source":{"dimension":"ROWS","startIndex":0,"endIndex":1},"destinationIndex":9999997}}`,
		`{"moveDimension":{"source":{"dimension":"ROWS","startIndex":9999999,"endIndex":10000000},"destinationIndex":5000000}}`,
		`{"deleteDimension":{"range":{"dimension":"ROWS","startIndex":1,"endIndex":4999999}}}`,
		`{"insertDimension":{"range":{"dimension":"ROWS","startIndex":1,"endIndex":4999999}}}`,
		`{"updateCells":{"range":{},"fields":"note"}}`,
		`{"findReplace":{"find":"last","replacement":"found","allSheets":true}}`,
		`{"sortRange":{"range":{"startRowIndex":5000000},"sortSpecs":[{}]}}`,
		`{"createDeveloperMetadata":{"developerMetadata":{"metadataId":2,"metadataKey":"last","visibility":"DOCUMENT","location":{"dimensionRange":{"dimension":"ROWS","startIndex":9999999,"endIndex":10000000}}}}}`,
	)
	h = h.reopened()
	if got, far := h.read("A5000001:A5000002"), h.read("A9999000:A10000000"); got != `[["found"],["ID"]]` || far != "" {
		t.Error(got, far)
	}
	h.want("GET", "/local/developerMetadata/1?fields=location.dimensionRange.startIndex", "", `{"location":{"dimensionRange":{"startIndex":9999999}}}`)
	h.ask("POST", "/local/values/A2:A:clear", "")
	if got := h.search(""); got != "far,last" {
		t.Error(got)
	}
	h.want("GET", "/local/values/A:A?fields=range&majorDimension=COLUMNS", "", `{"range":"Tracker!A1:A10000000"}`)
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 16<<20 {
		t.Errorf("%d MiB were used", grown>>20)
	}
}

func TestSize_TenMillionCellsAreTheLimit(t *testing.T) {
	h := newTall(t)
	tooMany := "This action would increase the number of cells in the workbook above the limit of 10000000 cells."
	for request, words := range map[string]string{
		`{"addSheet":{"properties":{}}}`:                                                                                                  tooMany,
		`{"addSheet":{"properties":{"gridProperties":{"rowCount":1,"columnCount":1}}}}`:                                                   tooMany,
		`{"appendDimension":{"dimension":"ROWS","length":1}}`:                                                                             tooMany,
		`{"appendDimension":{"dimension":"COLUMNS","length":1}}`:                                                                          tooMany,
		`{"appendDimension":{"dimension":"COLUMNS","length":10000000}}`:                                                                   "above the limit of 18278 columns",
		`{"appendDimension":{"dimension":"ROWS","length":10000001}}`:                                                                      "length must be between 1 and 10000000",
		`{"appendDimension":{"dimension":"ROWS","length":2147483648}}`:                                                                    "Invalid value at 'requests[0].append_dimension.length' (TYPE_INT32)",
		`{"insertDimension":{"range":{"dimension":"ROWS","startIndex":0,"endIndex":1}}}`:                                                  tooMany,
		`{"insertDimension":{"range":{"dimension":"ROWS","startIndex":0,"endIndex":2147483647}}}`:                                         tooMany,
		`{"insertDimension":{"range":{"dimension":"COLUMNS","startIndex":1,"endIndex":2147483647}}}`:                                      "columns",
		`{"updateSheetProperties":{"properties":{"gridProperties":{"rowCount":10000000,"columnCount":18278}},"fields":"gridProperties"}}`: tooMany,
		`{"updateSheetProperties":{"properties":{"gridProperties":{"rowCount":2147483647,"columnCount":1}},"fields":"gridProperties"}}`:   "gridProperties.rowCount must be between 1 and 10000000",
		`{"appendCells":{"fields":"userEnteredValue","rows":[{"values":[{},{"userEnteredValue":{"numberValue":1}}]}]}}`:                   tooMany,
		strings.Repeat(`{"deleteDimension":{"range":{"dimension":"ROWS","startIndex":1}}},`+`{"appendDimension":{"dimension":"ROWS","length":9999999}},`, 50) + `{"appendDimension":{"dimension":"ROWS","length":9999999}}`: tooMany,
	} {
		h.unchangedSize(func() {
			h.refuse("POST", "/local:batchUpdate", `{"requests":[`+request+`]}`, 400, "INVALID_ARGUMENT", words)
		})
	}
	h.unchangedSize(func() {
		h.refuse("POST", "/local/values/A1:append"+rawInput, `{"values":[["a","b"]]}`, 400, "INVALID_ARGUMENT", tooMany)
		h.refuse("POST", "/local/values/A1:append"+rawInput+"&insertDataOption=INSERT_ROWS", `{"values":[["a"]]}`, 400, "INVALID_ARGUMENT", tooMany)
	})
	h.fill("A10000000", `[["last"]]`)
	h.refuse("POST", "/local/values/A10000000:append"+rawInput, `{"values":[["a"]]}`, 400, "INVALID_ARGUMENT", tooMany)
}

// unchangedSize is unchanged for a sheet that is too large to be looked at.
func (h *house) unchangedSize(call func()) {
	h.t.Helper()
	before := h.size()
	call()
	if after := h.size(); after != before {
		h.t.Errorf("%s became %s", before, after)
	}
}

func TestIndices_OutOfAnyRange_AreRefused(t *testing.T) {
	t.Parallel()
	h := newBusy(t)
	indices := []string{"-1", "-2147483648", "1000", "1001", "2147483647", "2147483648", "9223372036854775807", "1.5", `"x"`, "[]"}
	for _, i := range indices {
		for _, request := range []string{
			`"updateCells":{"start":{"rowIndex":%s},"fields":"note","rows":[{"values":[{}]},{"values":[{}]}]}`,
			`"updateCells":{"start":{"columnIndex":%s},"fields":"note","rows":[{"values":[{},{}]}]}`,
			`"updateCells":{"range":{"startRowIndex":%s},"fields":"note","rows":[{"values":[{}]}]}`,
			`"moveDimension":{"source":{"dimension":"ROWS","startIndex":%s},"destinationIndex":0}`,
			`"deleteDimension":{"range":{"dimension":"ROWS","startIndex":%s}}`,
			`"insertDimension":{"range":{"dimension":"COLUMNS","startIndex":%s,"endIndex":3}}`,
			`"sortRange":{"range":{},"sortSpecs":[{"dimensionIndex":%s}]}`,
			`"sortRange":{"range":{"startColumnIndex":%s},"sortSpecs":[]}`,
			`"updateSheetProperties":{"properties":{"index":%s},"fields":"index"}`,
			`"addSheet":{"properties":{"index":%s}}`,
		} {
			h.unchanged(func() {
				h.refuse("POST", "/local:batchUpdate", `{"requests":[{`+fmt.Sprintf(request, i)+`}]}`, 400, "INVALID_ARGUMENT", "")
			})
		}
	}
	for _, c := range []struct{ start, end string }{{"0", "0"}, {"5", "5"}, {"5", "4"}, {"0", "-1"}, {"-2", "-1"}, {"1", "-2147483648"}} {
		for _, request := range []string{
			`"deleteDimension":{"range":{"dimension":"ROWS","startIndex":%s,"endIndex":%s}}`,
			`"insertDimension":{"range":{"dimension":"ROWS","startIndex":%s,"endIndex":%s}}`,
			`"moveDimension":{"source":{"dimension":"COLUMNS","startIndex":%s,"endIndex":%s},"destinationIndex":9}`,
			`"sortRange":{"range":{"startRowIndex":%s,"endRowIndex":%s},"sortSpecs":[{}]}`,
			`"updateCells":{"range":{"startColumnIndex":%s,"endColumnIndex":%s},"fields":"*"}`,
			`"findReplace":{"range":{"startColumnIndex":%s,"endColumnIndex":%s},"find":"a","replacement":"b"}`,
		} {
			h.unchanged(func() {
				h.refuse("POST", "/local:batchUpdate", `{"requests":[{`+fmt.Sprintf(request, c.start, c.end)+`}]}`, 400, "INVALID_ARGUMENT", "")
			})
		}
	}
}
