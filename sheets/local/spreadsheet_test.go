package local

import (
	"net/url"
	"strings"
	"testing"
)

const trackerProperties = `"properties":{"sheetId":0,"title":"Tracker","index":0,"sheetType":"GRID","gridProperties":{"rowCount":1000,"columnCount":26,"frozenRowCount":1}}`

func TestGet_DescribesTheSpreadsheet(t *testing.T) {
	h := newHouse(t)
	h.want("GET", "/local", "", `{"spreadsheetId":"local","properties":{"title":"uratori","locale":"ja_JP","autoRecalc":"ON_CHANGE","timeZone":"Asia/Tokyo"},`+
		`"sheets":[{`+trackerProperties+`}],"spreadsheetUrl":"http://127.0.0.1:8088/sheet/local"}`)
	h.want("GET", "/local/?fields=spreadsheetId", "", `{"spreadsheetId":"local"}`)
	h.refuse("GET", "/nobody", "", 404, "NOT_FOUND", "Requested entity was not found.")
	h.refuse("GET", "/local?includeGridData=1", "", 400, "INVALID_ARGUMENT", "Invalid value at 'include_grid_data' (TYPE_BOOL)")
}

func TestGet_GridData_ShowsCellsAndSizes(t *testing.T) {
	h := newHouse(t)
	h.batch(`{"addSheet":{"properties":{"sheetId":5,"title":"G","gridProperties":{"rowCount":4,"columnCount":3}}}}`)
	h.ask("PUT", "/local/values/G!B2?valueInputOption=USER_ENTERED", `{"values":[["x","50%"],["=A1"]]}`)
	h.batch(`{"updateCells":{"start":{"sheetId":5,"rowIndex":3},"fields":"note","rows":[{"values":[{"note":"see"}]}]}}`,
		`{"createDeveloperMetadata":{"developerMetadata":{"metadataId":1,"metadataKey":"r","visibility":"DOCUMENT","location":{"dimensionRange":{"sheetId":5,"dimension":"ROWS","startIndex":1,"endIndex":2}}}}}`,
		`{"createDeveloperMetadata":{"developerMetadata":{"metadataId":2,"metadataKey":"c","metadataValue":"v","visibility":"PROJECT","location":{"dimensionRange":{"sheetId":5,"dimension":"COLUMNS","startIndex":2,"endIndex":3}}}}}`)
	percent := `{"numberFormat":{"type":"PERCENT","pattern":"0%"}}`
	full := `"rowData":[{},{"values":[{},{"userEnteredValue":{"stringValue":"x"},"effectiveValue":{"stringValue":"x"},"formattedValue":"x"},` +
		`{"userEnteredValue":{"numberValue":0.5},"effectiveValue":{"numberValue":0.5},"formattedValue":"50%","userEnteredFormat":` + percent + `,"effectiveFormat":` + percent + `}]},` +
		`{"values":[{},{"userEnteredValue":{"formulaValue":"=A1"},"effectiveValue":{"errorValue":{"type":"ERROR","message":"The embedded sheet does not compute formulas."}},"formattedValue":"=A1"}]},` +
		`{"values":[{"note":"see"}]}]`
	row := `{"pixelSize":21,"developerMetadata":[{"metadataId":1,"metadataKey":"r","location":{"locationType":"ROW","dimensionRange":{"sheetId":5,"dimension":"ROWS","startIndex":1,"endIndex":2}},"visibility":"DOCUMENT"}]}`
	column := `{"pixelSize":100,"developerMetadata":[{"metadataId":2,"metadataKey":"c","metadataValue":"v","location":{"locationType":"COLUMN","dimensionRange":{"sheetId":5,"dimension":"COLUMNS","startIndex":2,"endIndex":3}},"visibility":"PROJECT"}]}`
	for range 2 {
		h.want("GET", "/local?ranges=G&fields=sheets.data", "",
			`{"sheets":[{"data":[{`+full+`,"rowMetadata":[{"pixelSize":21},`+row+`,{"pixelSize":21},{"pixelSize":21}],"columnMetadata":[{"pixelSize":100},{"pixelSize":100},`+column+`]}]}]}`)
		h.want("GET", "/local?ranges=G!C2:C4&ranges=G!A1&includeGridData=true&fields=sheets(properties.title,data)", "",
			`{"sheets":[{"properties":{"title":"G"},"data":[`+
				`{"startRow":1,"startColumn":2,"rowData":[{"values":[{"userEnteredValue":{"numberValue":0.5},"effectiveValue":{"numberValue":0.5},"formattedValue":"50%","userEnteredFormat":`+percent+`,"effectiveFormat":`+percent+`}]}],`+
				`"rowMetadata":[`+row+`,{"pixelSize":21},{"pixelSize":21}],"columnMetadata":[`+column+`]},`+
				`{"rowMetadata":[{"pixelSize":21}],"columnMetadata":[{"pixelSize":100}]}]}]}`)
		h.again()
	}
}

func TestGet_RangesChooseTheSheets_AndTheMaskTheGrid(t *testing.T) {
	h := newHouse(t)
	h.batch(`{"addSheet":{"properties":{"title":"二"}}}`)
	titles := "fields=sheets.properties.title"
	h.want("GET", "/local?"+titles, "", `{"sheets":[{"properties":{"title":"Tracker"}},{"properties":{"title":"二"}}]}`)
	h.want("GET", "/local?"+titles+"&ranges="+url.QueryEscape("二!A1"), "", `{"sheets":[{"properties":{"title":"二"}}]}`)
	h.want("GET", "/local?includeGridData=true&"+titles, "", `{"sheets":[{"properties":{"title":"Tracker"}},{"properties":{"title":"二"}}]}`)
	h.refuse("GET", "/local?ranges=No!A1", "", 400, "INVALID_ARGUMENT", "Unable to parse range: No!A1")
	h.refuse("GET", "/local?ranges=A1001", "", 400, "INVALID_ARGUMENT", "exceeds grid limits")
	for query, grid := range map[string]bool{"": false, "?includeGridData=false": false, "?includeGridData=true": true, "?fields=*": true, "?fields=sheets": true, "?fields=sheets/*": true, "?fields=sheets(data/rowData)": true} {
		_, text := h.ask("GET", "/local"+query, "")
		if strings.Contains(text, `"rowData"`) != grid {
			t.Errorf("%s: %.200s", query, text)
		}
	}
}

func TestMask_NamesWhatIsWanted(t *testing.T) {
	h := newHouse(t)
	for mask, want := range map[string]string{
		"properties(title,locale)":                                               `{"properties":{"title":"uratori","locale":"ja_JP"}}`,
		"properties/title,properties/locale":                                     `{"properties":{"title":"uratori","locale":"ja_JP"}}`,
		"properties.title,spreadsheetId,properties.title":                        `{"spreadsheetId":"local","properties":{"title":"uratori"}}`,
		"properties(title),properties":                                           `{"properties":{"title":"uratori","locale":"ja_JP","autoRecalc":"ON_CHANGE","timeZone":"Asia/Tokyo"}}`,
		"sheets(properties(gridProperties(rowCount),sheetId),developerMetadata)": `{"sheets":[{"properties":{"sheetId":0,"gridProperties":{"rowCount":1000}}}]}`,
		"sheets.properties.gridProperties/columnCount":                           `{"sheets":[{"properties":{"gridProperties":{"columnCount":26}}}]}`,
		"*(title)":    `{"spreadsheetId":"local","properties":{"title":"uratori"},"sheets":[{}],"spreadsheetUrl":"http://127.0.0.1:8088/sheet/local"}`,
		"namedRanges": `{}`,
	} {
		h.want("GET", "/local?fields="+url.QueryEscape(mask), "", want)
	}
}

func TestMask_Hostile_IsRefused(t *testing.T) {
	h := newHouse(t)
	deep := strings.Repeat("sheets(", 10_000) + "data" + strings.Repeat(")", 10_000)
	for _, mask := range []string{
		"nope", "sheets.nope", "sheets(properties(nope))", "properties, sheets.properties", " properties", "Properties", "sheets.properties.title.x", "spreadsheetId.x",
		"(", ")", "sheets(", "sheets)", "sheets()", "sheets(properties", "sheets(properties))", ",", "a,", ",sheets", "sheets..data", ".", "/", "sheets.", "sheets(properties)title",
		"sheets\x00", "シート", deep, strings.Repeat("a/", 10_000) + "a", strings.Repeat("(", 10_000), strings.Repeat("sheets.", 33) + "data", "%",
	} {
		h.refuse("GET", "/local?fields="+url.QueryEscape(mask), "", 400, "INVALID_ARGUMENT", "Request contains an invalid argument.")
	}
	h.refuse("GET", "/local?fields="+url.QueryEscape("properties, sheets.properties"), "", 400, "INVALID_ARGUMENT",
		"Error expanding 'fields' parameter. Cannot find matching fields for path ' sheets.properties'.")
	h.refuse("GET", "/local?fields=sheets(properties(nope))", "", 400, "INVALID_ARGUMENT", "path 'sheets.properties.nope'")
}

func TestCreate_MakesASpreadsheetThatStays(t *testing.T) {
	h := newHouse(t)
	h.want("POST", "", `{}`, `{"spreadsheetId":"book1","properties":{"title":"Untitled spreadsheet","locale":"en_US","autoRecalc":"ON_CHANGE","timeZone":"Etc/GMT"},`+
		`"sheets":[{"properties":{"sheetId":0,"title":"Sheet1","index":0,"sheetType":"GRID","gridProperties":{"rowCount":1000,"columnCount":26}}}],"spreadsheetUrl":"http://127.0.0.1:8088/sheet/book1"}`)
	h.want("POST", "/?fields=spreadsheetId,properties(title,locale),sheets.properties(title,index,hidden,gridProperties)", `{"properties":{"title":"表","locale":"ja_JP","timeZone":"Asia/Tokyo","autoRecalc":"ON_CHANGE"},
		"sheets":[{"properties":{"title":"一","hidden":true}},{},{"properties":{"sheetId":9,"title":"三","gridProperties":{"rowCount":3,"columnCount":2,"frozenRowCount":1}}}]}`,
		`{"spreadsheetId":"book2","properties":{"title":"表","locale":"ja_JP"},"sheets":[`+
			`{"properties":{"title":"一","index":0,"gridProperties":{"rowCount":1000,"columnCount":26},"hidden":true}},`+
			`{"properties":{"title":"シート2","index":1,"gridProperties":{"rowCount":1000,"columnCount":26}}},`+
			`{"properties":{"title":"三","index":2,"gridProperties":{"rowCount":3,"columnCount":2,"frozenRowCount":1}}}]}`)
	_, before := h.ask("GET", "/book2?includeGridData=true", "")
	h.again()
	h.want("GET", "/book2?includeGridData=true", "", before)
	h.want("GET", "/book1?fields=properties.title", "", `{"properties":{"title":"Untitled spreadsheet"}}`)
	for body, words := range map[string]string{
		`{"sheets":[{"properties":{"title":"a"}},{"properties":{"title":"A"}}]}`:            `A sheet with the name \"A\" already exists. Please enter another name.`,
		`{"sheets":[{"properties":{"sheetId":1}},{"properties":{"sheetId":1}}]}`:            "Sheet with id 1 already exists.",
		`{"sheets":[{"properties":{"hidden":true}}]}`:                                       "You can't hide all the sheets in a document.",
		`{"sheets":[{"properties":{"gridProperties":{"rowCount":0}}}]}`:                     "gridProperties.rowCount must be between 1 and 10000000",
		`{"sheets":[{"properties":{"gridProperties":{"rowCount":10000001}}}]}`:              "gridProperties.rowCount must be between 1 and 10000000",
		`{"sheets":[{"properties":{"gridProperties":{"rowCount":10000000}}}]}`:              "above the limit of 10000000 cells",
		`{"sheets":[{"properties":{"gridProperties":{"rowCount":1,"columnCount":18279}}}]}`: "above the limit of 18278 columns",
		`{"title":"x"}`: `Unknown name \"title\": Cannot find field.`,
	} {
		h.refuse("POST", "", body, 400, "INVALID_ARGUMENT", words)
	}
	h.refuse("POST", "", `{"properties":{"locale":"de_DE"}}`, 501, "UNIMPLEMENTED", "the locale")
	h.refuse("POST", "", `{"namedRanges":[]}`, 501, "UNIMPLEMENTED", "namedRanges")
	h.refuse("POST", "", `{"sheets":[{"data":[]}]}`, 501, "UNIMPLEMENTED", "sheets[0].data")
	h.refuse("POST", "", `{"sheets":[{"properties":{"sheetType":"OBJECT"}}]}`, 501, "UNIMPLEMENTED", "sheets of type OBJECT")
	h.refuse("POST", "", `{"properties":{"autoRecalc":"HOUR"}}`, 501, "UNIMPLEMENTED", "autoRecalc HOUR")
}
