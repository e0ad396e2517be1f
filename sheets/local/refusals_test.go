package local

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"google.golang.org/api/sheets/v4"
)

// supported is a request of each kind that the embedded sheet carries out.
var supported = map[string]string{
	"addSheet":                    `{"properties":{"title":"new"}}`,
	"appendCells":                 `{"fields":"userEnteredValue","rows":[{"values":[{"userEnteredValue":{"stringValue":"x"}}]}]}`,
	"appendDimension":             `{"dimension":"ROWS","length":1}`,
	"copyPaste":                   `{"source":{"startRowIndex":1,"endRowIndex":2},"destination":{"startRowIndex":2,"endRowIndex":3}}`,
	"createDeveloperMetadata":     `{"developerMetadata":{"metadataKey":"k","visibility":"DOCUMENT","location":{"sheetId":0}}}`,
	"deleteDeveloperMetadata":     `{"dataFilter":{"developerMetadataLookup":{"metadataKey":"row"}}}`,
	"deleteDimension":             `{"range":{"dimension":"ROWS","startIndex":1,"endIndex":2}}`,
	"deleteRange":                 `{"range":{"startRowIndex":1,"endRowIndex":2},"shiftDimension":"ROWS"}`,
	"deleteSheet":                 `{"sheetId":5}`,
	"findReplace":                 `{"find":"ID","replacement":"No","allSheets":true}`,
	"insertDimension":             `{"range":{"dimension":"COLUMNS","startIndex":1,"endIndex":2}}`,
	"moveDimension":               `{"source":{"dimension":"ROWS","startIndex":0,"endIndex":1},"destinationIndex":5}`,
	"sortRange":                   `{"range":{},"sortSpecs":[{"dimensionIndex":0,"sortOrder":"ASCENDING"}]}`,
	"updateCells":                 `{"start":{},"fields":"userEnteredValue","rows":[{"values":[{"userEnteredValue":{"numberValue":1}}]}]}`,
	"updateDeveloperMetadata":     `{"dataFilters":[{"developerMetadataLookup":{"metadataKey":"row"}}],"developerMetadata":{"metadataValue":"v"},"fields":"metadataValue"}`,
	"updateSheetProperties":       `{"properties":{"title":"other"},"fields":"title"}`,
	"updateSpreadsheetProperties": `{"properties":{"title":"other"},"fields":"title"}`,
}

func newBusy(t testing.TB) *house {
	h := newHouse(t)
	h.fill("A2", `[["b","1"],["a","2"]]`)
	h.batch(`{"addSheet":{"properties":{"sheetId":5,"title":"S","gridProperties":{"rowCount":5,"columnCount":5}}}}`,
		`{"createDeveloperMetadata":{"developerMetadata":{"metadataId":1,"metadataKey":"row","visibility":"DOCUMENT","location":{"dimensionRange":{"dimension":"ROWS","startIndex":2,"endIndex":3}}}}}`)
	return h
}

func TestBatch_EveryKindOfGoogle_IsDoneOrRefusedByName(t *testing.T) {
	t.Parallel()
	h := newBusy(t)
	kinds := reflect.TypeFor[sheets.Request]()
	carried := 0
	for i := range kinds.NumField() {
		name, _, _ := strings.Cut(kinds.Field(i).Tag.Get("json"), ",")
		if name == "-" || name == "" {
			continue
		}
		if body, ok := supported[name]; ok {
			carried++
			h := newBusy(t)
			before := h.state()
			h.batch(`{"` + name + `":` + body + `}`)
			if h.state() == before {
				t.Errorf("%s changed nothing", name)
			}
			continue
		}
		for _, body := range []string{`{}`, `{"anything":[1]}`, `null`} {
			h.unchanged(func() {
				h.refuse("POST", "/local:batchUpdate", `{"requests":[{"`+name+`":`+body+`}]}`, 501, "UNIMPLEMENTED", "The embedded sheet does not support requests[0]."+name+".")
			})
		}
	}
	if carried != len(supported) || len(h.kinds()) != carried {
		t.Errorf("%d kinds are carried out, %d of them are Google's and tested", len(h.kinds()), carried)
	}
}

func TestBatch_IsAllOrNothing_WhereverTheBadRequestStands(t *testing.T) {
	t.Parallel()
	var good []string
	for kind, body := range supported {
		good = append(good, `{"`+kind+`":`+body+`}`)
	}
	h := newBusy(t)
	for _, bad := range []struct {
		request string
		code    int
		status  string
		words   string
	}{
		{`{"deleteSheet":{"sheetId":77}}`, 400, "INVALID_ARGUMENT", "Invalid requests[%d].deleteSheet: No sheet with id: 77"},
		{`{"addChart":{}}`, 501, "UNIMPLEMENTED", "requests[%d].addChart"},
		{`{"addShet":{}}`, 400, "INVALID_ARGUMENT", `Unknown name \"addShet\" at 'requests[%d]': Cannot find field.`},
		{`{}`, 400, "INVALID_ARGUMENT", "Invalid requests[%d]: no request is set."},
		{`{"deleteSheet":{},"addSheet":{}}`, 400, "INVALID_ARGUMENT", "Invalid value at 'requests[%d]' (oneof), oneof field 'kind' is already set."},
		{`{"updateCells":{"start":{},"fields":"note","rows":[{"values":[{"textFormatRuns":[]}]}]}}`, 501, "UNIMPLEMENTED", "Invalid requests[%d].updateCells: The embedded sheet does not support rows[0].values[0].textFormatRuns."},
		{`{"updateCells":{"start":{},"fields":"note","rows":[{"values":[{"textFormatRun":[]}]}]}}`, 400, "INVALID_ARGUMENT", `Invalid JSON payload received. Unknown name \"textFormatRun\" at 'requests[%d].update_cells.rows[0].values[0]': Cannot find field.`},
		{`{"updateCells":{"start":{},"fields":"note","rows":[{"values":[{"Note":"x"}]}]}}`, 400, "INVALID_ARGUMENT", `Unknown name \"Note\" at 'requests[%d].update_cells.rows[0].values[0]'`},
	} {
		for at := range len(good) + 1 {
			requests := append(append(append([]string{}, good[:at]...), bad.request), good[at:]...)
			// A good request may fail as well where the one before it took its object away, but never before the bad one is reached.
			h.unchanged(func() {
				code, text := h.ask("POST", "/local:batchUpdate", `{"requests":[`+strings.Join(requests, ",")+`]}`)
				if code == 200 {
					t.Errorf("with %s at %d: %s", bad.request, at, text)
				}
			})
		}
		words := bad.words
		if strings.Contains(words, "%d") {
			words = fmt.Sprintf(words, 1)
		}
		h.refuse("POST", "/local:batchUpdate", `{"requests":[`+good[0]+","+bad.request+`]}`, bad.code, bad.status, words)
	}
	h.refuse("POST", "/local:batchUpdate", `{"requests":[]}`, 400, "INVALID_ARGUMENT", "Must specify at least one request.")
	h.refuse("POST", "/local:batchUpdate", ``, 400, "INVALID_ARGUMENT", "Must specify at least one request.")
}

func TestBatch_ResponseRanges_ArePromisedWithTheChange(t *testing.T) {
	h := newBusy(t)
	rename := `{"updateSheetProperties":{"properties":{"sheetId":5,"title":"neu"},"fields":"title"}}`
	h.unchanged(func() {
		h.refuse("POST", "/local:batchUpdate", `{"requests":[`+rename+`],"includeSpreadsheetInResponse":true,"responseRanges":["S!A1"]}`, 400, "INVALID_ARGUMENT", "Unable to parse range: S!A1")
	})
	h.want("POST", "/local:batchUpdate?fields=updatedSpreadsheet.sheets(properties.title,data.rowData.values.formattedValue)",
		`{"requests":[`+rename+`,{"updateCells":{"start":{"sheetId":5},"fields":"userEnteredValue","rows":[{"values":[{"userEnteredValue":{"stringValue":"x"}}]}]}}],
		"includeSpreadsheetInResponse":true,"responseRanges":["neu!A1:B2"]}`, // the mask decides on the cells
		`{"updatedSpreadsheet":{"sheets":[{"properties":{"title":"neu"},"data":[{"rowData":[{"values":[{"formattedValue":"x"}]}]}]}]}}`)
	h.want("POST", "/local:batchUpdate?fields=replies,updatedSpreadsheet.sheets(properties.title)", `{"requests":[`+rename+`],"includeSpreadsheetInResponse":true,"responseIncludeGridData":true}`,
		`{"replies":[{}],"updatedSpreadsheet":{"sheets":[{"properties":{"title":"Tracker"}},{"properties":{"title":"neu"}}]}}`)
}
