package local

import "testing"

// filters is a sheet with metadata on the third row and the second column.
func newFilters(t *testing.T) *house {
	h := newHouse(t)
	h.fill("A1", `[["a1","b1"],["a2","b2"],["a3","b3"]]`)
	h.batch(
		`{"createDeveloperMetadata":{"developerMetadata":{"metadataId":7,"metadataKey":"row","visibility":"DOCUMENT","location":{"dimensionRange":{"dimension":"ROWS","startIndex":2,"endIndex":3}}}}}`,
		`{"createDeveloperMetadata":{"developerMetadata":{"metadataId":8,"metadataKey":"column","visibility":"DOCUMENT","location":{"dimensionRange":{"dimension":"COLUMNS","startIndex":1,"endIndex":2}}}}}`,
		`{"createDeveloperMetadata":{"developerMetadata":{"metadataId":9,"metadataKey":"book","visibility":"DOCUMENT","location":{"spreadsheet":true}}}}`,
	)
	return h
}

func TestDataFilter_NamesTheSameCellsInEachMethod(t *testing.T) {
	h := newFilters(t)
	row := `{"developerMetadataLookup":{"metadataKey":"row"}}`
	h.want("POST", "/local/values:batchGetByDataFilter", `{"dataFilters":[`+row+`,{"a1Range":"B2"},{"gridRange":{"sheetId":0,"startRowIndex":1,"endRowIndex":3,"endColumnIndex":1}},{"developerMetadataLookup":{"metadataKey":"none"}}]}`,
		`{"spreadsheetId":"local","valueRanges":[`+
			`{"valueRange":{"range":"Tracker!A3:Z3","majorDimension":"ROWS","values":[["a3","b3"]]},"dataFilters":[`+row+`]},`+
			`{"valueRange":{"range":"Tracker!B2","majorDimension":"ROWS","values":[["b2"]]},"dataFilters":[{"a1Range":"B2"}]},`+
			`{"valueRange":{"range":"Tracker!A2:A3","majorDimension":"ROWS","values":[["a2"],["a3"]]},"dataFilters":[{"gridRange":{"startRowIndex":1,"endRowIndex":3,"endColumnIndex":1}}]}]}`)
	h.want("POST", "/local/values:batchGetByDataFilter", `{"majorDimension":"COLUMNS","valueRenderOption":"FORMULA","dataFilters":[{"developerMetadataLookup":{"metadataId":8}}]}`,
		`{"spreadsheetId":"local","valueRanges":[{"valueRange":{"range":"Tracker!B1:B1000","majorDimension":"COLUMNS","values":[["b1","b2","b3"]]},"dataFilters":[{"developerMetadataLookup":{"metadataId":8}}]}]}`)
	h.want("POST", "/local/values:batchUpdateByDataFilter", `{"valueInputOption":"RAW","data":[{"dataFilter":`+row+`,"values":[["A3",null,"C3"]]},{"dataFilter":{"a1Range":"A1"},"majorDimension":"COLUMNS","values":[["x","y"]]}]}`,
		`{"spreadsheetId":"local","totalUpdatedRows":3,"totalUpdatedColumns":2,"totalUpdatedCells":4,"totalUpdatedSheets":1,"responses":[`+
			`{"updatedRange":"Tracker!A3:C3","updatedRows":1,"updatedColumns":2,"updatedCells":2,"dataFilter":`+row+`},`+
			`{"updatedRange":"Tracker!A1:A2","updatedRows":2,"updatedColumns":1,"updatedCells":2,"dataFilter":{"a1Range":"A1"}}]}`)
	if got := h.read("A1:C3"); got != `[["x","b1","詳細"],["y","b2"],["A3","b3","C3"]]` {
		t.Error(got)
	}
	h.want("POST", "/local/values:batchClearByDataFilter", `{"dataFilters":[`+row+`]}`, `{"spreadsheetId":"local","clearedRanges":["Tracker!A3:Z3"]}`)
	h.want("POST", "/local:getByDataFilter?fields=sheets(data(startRow,rowData.values.formattedValue))", `{"includeGridData":true,"dataFilters":[{"a1Range":"A2:A3"}]}`,
		`{"sheets":[{"data":[{"startRow":1,"rowData":[{"values":[{"formattedValue":"y"}]}]}]}]}`)
	h.want("POST", "/local:getByDataFilter?fields=sheets.properties.title", `{"dataFilters":[{"developerMetadataLookup":{"metadataKey":"book"}}]}`, `{}`)
	h.want("POST", "/local:getByDataFilter?fields=sheets.properties.title", `{}`, `{"sheets":[{"properties":{"title":"Tracker"}}]}`)
}

func TestDataFilter_FollowsTheRowThatMoved(t *testing.T) {
	h := newFilters(t)
	h.batch(`{"insertDimension":{"range":{"dimension":"ROWS","startIndex":0,"endIndex":5}}}`, `{"moveDimension":{"source":{"dimension":"ROWS","startIndex":7,"endIndex":8},"destinationIndex":999}}`)
	h.again()
	h.want("POST", "/local/values:batchGetByDataFilter?fields=valueRanges.valueRange", `{"dataFilters":[{"developerMetadataLookup":{"metadataId":7}}]}`,
		`{"valueRanges":[{"valueRange":{"range":"Tracker!A999:Z999","majorDimension":"ROWS","values":[["a3","b3"]]}}]}`)
	h.batch(`{"deleteDimension":{"range":{"dimension":"ROWS","startIndex":998,"endIndex":999}}}`)
	h.again()
	h.want("POST", "/local/values:batchGetByDataFilter", `{"dataFilters":[{"developerMetadataLookup":{"metadataId":7}}]}`, `{"spreadsheetId":"local"}`)
}

func TestDataFilter_IsRefusedUnlessItSaysOneThing(t *testing.T) {
	h := newFilters(t)
	both := "A data filter must have exactly one of"
	for filter, words := range map[string]string{
		`{}`:                              both,
		`{"a1Range":"A1","gridRange":{}}`: both,
		`{"a1Range":"A1","developerMetadataLookup":{"metadataKey":"row"}}`: both,
		`{"a1Range":"No!A1"}`:                                       "Unable to parse range: No!A1",
		`{"gridRange":{"sheetId":5}}`:                               "No grid with id: 5",
		`{"gridRange":{"startRowIndex":5,"endRowIndex":5}}`:         "endRowIndex must be greater than startRowIndex",
		`{"gridRange":{"endRowIndex":0}}`:                           "endRowIndex must be greater than startRowIndex",
		`{"gridRange":{"startColumnIndex":-1}}`:                     "startColumnIndex must not be negative",
		`{"gridRange":{"startColumnIndex":-2,"endColumnIndex":-1}}`: "startColumnIndex must not be negative",
		`{"gridRange":{"startRowIndex":1000}}`:                      "exceeds grid limits",
		`{"gridRange":{"startRowIndex":2147483647}}`:                "exceeds grid limits",
		`{"gridRange":{"startRowIndex":2147483648}}`:                "start_row_index' (TYPE_INT32)",
		`{"gridRange":{"startRowIndex":"1"}}`:                       "start_row_index' (TYPE_INT32)",
		`{"gridRange":{"tableId":"x"}}`:                             "Unknown name",
		`{"developerMetadataLookup":{"locationType":"X"}}`:          "Invalid value at 'location_type'",
	} {
		h.unchanged(func() {
			for path, body := range map[string]string{
				"/local/values:batchGetByDataFilter":    `{"dataFilters":[` + filter + `]}`,
				"/local/values:batchClearByDataFilter":  `{"dataFilters":[` + filter + `]}`,
				"/local/values:batchUpdateByDataFilter": `{"valueInputOption":"RAW","data":[{"values":[["x"]],"dataFilter":` + filter + `}]}`,
				"/local:getByDataFilter":                `{"dataFilters":[` + filter + `]}`,
			} {
				h.refuse("POST", path, body, 400, "INVALID_ARGUMENT", words)
			}
		})
	}
}
