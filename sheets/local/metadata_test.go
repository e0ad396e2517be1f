package local

import (
	"strings"
	"testing"
)

func newMetadata(t *testing.T) *house {
	h := newHouse(t)
	place := func(id, at string) string {
		return `{"createDeveloperMetadata":{"developerMetadata":{"metadataId":` + id + `,"metadataKey":"k` + id + `","metadataValue":"v","visibility":"DOCUMENT","location":{` + at + `}}}}`
	}
	h.batch(
		place("30", `"dimensionRange":{"dimension":"ROWS","startIndex":1,"endIndex":2}`),
		place("10", `"dimensionRange":{"dimension":"COLUMNS","startIndex":1,"endIndex":2}`),
		place("20", `"sheetId":0`),
		place("40", `"spreadsheet":true`),
		place("50", `"dimensionRange":{"dimension":"ROWS","startIndex":500,"endIndex":501}`),
	)
	return h
}

func (h *house) search(lookup string) string {
	code, text := h.ask("POST", "/local/developerMetadata:search?fields=matchedDeveloperMetadata.developerMetadata.metadataKey", `{"dataFilters":[{"developerMetadataLookup":{`+lookup+`}}]}`)
	if code != 200 {
		return text
	}
	return strings.NewReplacer(`{"matchedDeveloperMetadata":[`, "", `{"developerMetadata":{"metadataKey":"`, "", `"}}`, "", `]}`, "").Replace(text)
}

func TestMetadata_LookupsMatchAsDocumented(t *testing.T) {
	h := newMetadata(t)
	row1, column1 := `"metadataLocation":{"dimensionRange":{"dimension":"ROWS","startIndex":1,"endIndex":2}}`, `"metadataLocation":{"dimensionRange":{"dimension":"COLUMNS","startIndex":1,"endIndex":2}}`
	for range 2 {
		for lookup, want := range map[string]string{
			``:                                    "k10,k20,k30,k40,k50",
			`"metadataId":10`:                     "k10",
			`"metadataKey":"k20"`:                 "k20",
			`"metadataKey":"k"`:                   "{}",
			`"metadataValue":"v"`:                 "k10,k20,k30,k40,k50",
			`"metadataId":10,"metadataKey":"k20"`: "{}",
			`"visibility":"PROJECT"`:              "{}",
			`"locationType":"ROW"`:                "k30,k50",
			`"locationType":"COLUMN"`:             "k10",
			`"locationType":"SHEET"`:              "k20",
			`"locationType":"SPREADSHEET"`:        "k40",
			row1:                                  "k10,k20,k30",
			column1:                               "k10,k20,k30,k50",
			row1 + `,"locationMatchingStrategy":"EXACT_LOCATION"`:                                                                                "k30",
			row1 + `,"locationMatchingStrategy":"INTERSECTING_LOCATION"`:                                                                         "k10,k20,k30",
			row1 + `,"locationType":"ROW"`:                                                                                                       "k30",
			`"metadataLocation":{"dimensionRange":{"dimension":"ROWS","startIndex":7,"endIndex":8}}`:                                             "k10,k20",
			`"metadataLocation":{"dimensionRange":{"dimension":"ROWS","startIndex":7,"endIndex":8}},"locationMatchingStrategy":"EXACT_LOCATION"`: "{}",
			`"metadataLocation":{"sheetId":0}`:                                                                                                   "k10,k20,k30,k50",
			`"metadataLocation":{"sheetId":0},"locationMatchingStrategy":"EXACT_LOCATION"`:                                                       "k20",
			`"metadataLocation":{"spreadsheet":true}`:                                                                                            "k40",
		} {
			if got := h.search(lookup); got != want {
				t.Errorf("%s: %s, want %s", lookup, got, want)
			}
		}
		h.again()
	}
	for lookup, words := range map[string]string{
		`"locationMatchingStrategy":"EXACT_LOCATION"`:                                                  "locationMatchingStrategy is set without metadataLocation",
		row1 + `,"locationMatchingStrategy":"EXACT_LOCATION","locationType":"ROW"`:                     "locationType must not be set with EXACT_LOCATION",
		row1 + `,"locationType":"SPREADSHEET"`:                                                         "crosses no other location",
		`"locationMatchingStrategy":"X"`:                                                               "Invalid value at 'location_matching_strategy'",
		`"metadataLocation":{}`:                                                                        "exactly one of spreadsheet, sheetId and dimensionRange",
		`"metadataLocation":{"sheetId":9}`:                                                             "No grid with id: 9",
		`"metadataLocation":{"dimensionRange":{"dimension":"ROWS","startIndex":1}}`:                    "The location must be a single row or column.",
		`"metadataLocation":{"dimensionRange":{"dimension":"ROWS","startIndex":1000,"endIndex":1001}}`: "The location lies outside the grid.",
		`"metadataKey":5`: "developer_metadata_lookup.metadata_key' (TYPE_STRING)",
	} {
		h.refuse("POST", "/local/developerMetadata:search", `{"dataFilters":[{"developerMetadataLookup":{`+lookup+`}}]}`, 400, "INVALID_ARGUMENT", words)
	}
	h.refuse("POST", "/local/developerMetadata:search", `{"dataFilters":[{"a1Range":"A1"}]}`, 501, "UNIMPLEMENTED", "metadata by a1Range or gridRange")
}

func TestMetadata_SearchTellsWhichFilterMatched(t *testing.T) {
	h := newMetadata(t)
	h.want("POST", "/local/developerMetadata:search", `{"dataFilters":[{"developerMetadataLookup":{"metadataId":20}},{"developerMetadataLookup":{"metadataValue":"v","locationType":"SHEET"}}]}`,
		`{"matchedDeveloperMetadata":[{"developerMetadata":{"metadataId":20,"metadataKey":"k20","metadataValue":"v","location":{"locationType":"SHEET","sheetId":0},"visibility":"DOCUMENT"},`+
			`"dataFilters":[{"developerMetadataLookup":{"metadataId":20}},{"developerMetadataLookup":{"locationType":"SHEET","metadataValue":"v"}}]}]}`)
	h.want("POST", "/local/developerMetadata:search", `{}`, `{}`)
	h.want("GET", "/local/developerMetadata/40", "", `{"metadataId":40,"metadataKey":"k40","metadataValue":"v","location":{"locationType":"SPREADSHEET","spreadsheet":true},"visibility":"DOCUMENT"}`)
	h.refuse("GET", "/local/developerMetadata/41", "", 404, "NOT_FOUND", "No developer metadata with ID 41")
	h.refuse("GET", "/local/developerMetadata/x", "", 400, "INVALID_ARGUMENT", "Invalid value at 'metadata_id' (TYPE_INT32)")
	h.want("GET", "/local?fields=developerMetadata.metadataId,sheets.developerMetadata.metadataId", "", `{"sheets":[{"developerMetadata":[{"metadataId":20}]}],"developerMetadata":[{"metadataId":40}]}`)
}

func TestMetadata_FollowsWhatItIsFixedTo(t *testing.T) {
	t.Parallel()
	at := func(h *house, id string) string {
		_, text := h.ask("GET", "/local/developerMetadata/"+id+"?fields=location.dimensionRange(startIndex,endIndex)", "")
		return strings.TrimSuffix(strings.TrimPrefix(text, `{"location":{"dimensionRange":`), "}}")
	}
	for _, c := range []struct{ request, row, column, far string }{
		{`"insertDimension":{"range":{"dimension":"ROWS","startIndex":1,"endIndex":3}}`, `{"startIndex":3,"endIndex":4}`, `{"startIndex":1,"endIndex":2}`, `{"startIndex":502,"endIndex":503}`},
		{`"insertDimension":{"range":{"dimension":"ROWS","startIndex":2,"endIndex":3}}`, `{"startIndex":1,"endIndex":2}`, `{"startIndex":1,"endIndex":2}`, `{"startIndex":501,"endIndex":502}`},
		{`"insertDimension":{"range":{"dimension":"COLUMNS","startIndex":0,"endIndex":1}}`, `{"startIndex":1,"endIndex":2}`, `{"startIndex":2,"endIndex":3}`, `{"startIndex":500,"endIndex":501}`},
		{`"deleteDimension":{"range":{"dimension":"ROWS","startIndex":0,"endIndex":1}}`, `{"startIndex":0,"endIndex":1}`, `{"startIndex":1,"endIndex":2}`, `{"startIndex":499,"endIndex":500}`},
		{`"deleteDimension":{"range":{"dimension":"ROWS","startIndex":1,"endIndex":2}}`, `No developer metadata with ID 30`, `{"startIndex":1,"endIndex":2}`, `{"startIndex":499,"endIndex":500}`},
		{`"deleteDimension":{"range":{"dimension":"COLUMNS","startIndex":1,"endIndex":2}}`, `{"startIndex":1,"endIndex":2}`, `No developer metadata with ID 10`, `{"startIndex":500,"endIndex":501}`},
		{`"deleteDimension":{"range":{"dimension":"COLUMNS","startIndex":0,"endIndex":1}}`, `{"startIndex":1,"endIndex":2}`, `{"startIndex":0,"endIndex":1}`, `{"startIndex":500,"endIndex":501}`},
		{`"moveDimension":{"source":{"dimension":"ROWS","startIndex":1,"endIndex":2},"destinationIndex":1000}`, `{"startIndex":999,"endIndex":1000}`, `{"startIndex":1,"endIndex":2}`, `{"startIndex":499,"endIndex":500}`},
		{`"moveDimension":{"source":{"dimension":"ROWS","startIndex":500,"endIndex":501},"destinationIndex":0}`, `{"startIndex":2,"endIndex":3}`, `{"startIndex":1,"endIndex":2}`, `{"startIndex":0,"endIndex":1}`},
		{`"moveDimension":{"source":{"dimension":"COLUMNS","startIndex":0,"endIndex":1},"destinationIndex":3}`, `{"startIndex":1,"endIndex":2}`, `{"startIndex":0,"endIndex":1}`, `{"startIndex":500,"endIndex":501}`},
		{`"sortRange":{"range":{},"sortSpecs":[{"sortOrder":"DESCENDING"}]}`, `{"startIndex":1,"endIndex":2}`, `{"startIndex":1,"endIndex":2}`, `{"startIndex":500,"endIndex":501}`},
		{`"updateSheetProperties":{"properties":{"gridProperties":{"rowCount":400}},"fields":"gridProperties.rowCount"}`, `{"startIndex":1,"endIndex":2}`, `{"startIndex":1,"endIndex":2}`, `No developer metadata with ID 50`},
	} {
		h := newMetadata(t)
		h.batch("{" + c.request + "}")
		for range 2 {
			for id, want := range map[string]string{"30": c.row, "10": c.column, "50": c.far} {
				if got := strings.Replace(at(h, id), `"endIndex"`, `"endIndex"`, 1); !strings.Contains(got, want) {
					t.Errorf("%s: %s is at %s, want %s", c.request, id, got, want)
				}
			}
			h.again()
		}
	}
}

func TestMetadata_CreateUpdateDelete(t *testing.T) {
	h := newMetadata(t)
	if got := h.batch(`{"updateDeveloperMetadata":{"dataFilters":[{"developerMetadataLookup":{"metadataId":30}},{"developerMetadataLookup":{"metadataKey":"k30"}}],"fields":"metadataValue,location",
		"developerMetadata":{"metadataValue":"w","metadataKey":"ignored","location":{"dimensionRange":{"dimension":"ROWS","startIndex":999,"endIndex":1000}}}}}`); got !=
		`[{"updateDeveloperMetadata":{"developerMetadata":[{"metadataId":30,"metadataKey":"k30","metadataValue":"w","location":{"locationType":"ROW","dimensionRange":{"sheetId":0,"dimension":"ROWS","startIndex":999,"endIndex":1000}},"visibility":"DOCUMENT"}]}}]` {
		t.Error(got)
	}
	h.again()
	if got := h.batch(`{"deleteDeveloperMetadata":{"dataFilter":{"developerMetadataLookup":{"locationType":"ROW"}}}}`); strings.Count(got, `"metadataId"`) != 2 || !strings.HasPrefix(got, `[{"deleteDeveloperMetadata":{"deletedDeveloperMetadata":[{"metadataId":30`) {
		t.Error(got)
	}
	h.again()
	if got := h.search(""); got != "k10,k20,k40" {
		t.Error(got)
	}
	if got := h.batch(`{"deleteDeveloperMetadata":{"dataFilter":{"developerMetadataLookup":{"metadataKey":"none"}}}}`); got != `[{"deleteDeveloperMetadata":{}}]` {
		t.Error(got)
	}
	create := func(metadata string) string {
		return `{"requests":[{"createDeveloperMetadata":{"developerMetadata":{` + metadata + `}}}]}`
	}
	long := strings.Repeat("字", 29_999)
	h.batch(strings.TrimSuffix(strings.TrimPrefix(create(`"metadataKey":"a","metadataValue":"`+long+`","visibility":"PROJECT","location":{"sheetId":0}`), `{"requests":[`), `]}`))
	for body, words := range map[string]string{
		create(`"metadataKey":"a"`): "developerMetadata.location must be set",
		create(`"metadataKey":"a","visibility":"DOCUMENT","location":{"locationType":"ROW"}`):                                      "exactly one of spreadsheet, sheetId and dimensionRange must be set",
		create(`"metadataKey":"a","visibility":"DOCUMENT","location":{"spreadsheet":true,"sheetId":0}`):                            "exactly one of spreadsheet, sheetId and dimensionRange must be set",
		create(`"metadataKey":"a","location":{"sheetId":0}`):                                                                       "visibility must be DOCUMENT or PROJECT",
		create(`"visibility":"DOCUMENT","location":{"sheetId":0}`):                                                                 "must have a metadataKey",
		create(`"metadataKey":"ab","metadataValue":"` + long + `","visibility":"DOCUMENT","location":{"sheetId":0}`):               "at most 30000 characters",
		create(`"metadataId":40,"metadataKey":"a","visibility":"DOCUMENT","location":{"sheetId":0}`):                               "metadataId 40 is negative or in use",
		create(`"metadataId":-1,"metadataKey":"a","visibility":"DOCUMENT","location":{"sheetId":0}`):                               "metadataId -1 is negative or in use",
		create(`"metadataKey":"a","visibility":"DOCUMENT","location":{"dimensionRange":{"dimension":"ROWS","endIndex":2}}`):        "The location must be a single row or column.",
		create(`"metadataKey":"a","visibility":"DOCUMENT","location":{"dimensionRange":{"dimension":"PLANES","endIndex":1}}`):      "Invalid value at",
		`{"requests":[{"updateDeveloperMetadata":{"dataFilters":[],"developerMetadata":{}}}]}`:                                     "At least one field must be listed in 'fields'",
		`{"requests":[{"updateDeveloperMetadata":{"dataFilters":[],"developerMetadata":{"metadataId":1},"fields":"metadataId"}}]}`: "developerMetadata.metadataId cannot be updated",
	} {
		h.unchanged(func() { h.refuse("POST", "/local:batchUpdate", body, 400, "INVALID_ARGUMENT", words) })
	}
}
