package local

import (
	"maps"
	"slices"
	"testing"

	"github.com/go-json-experiment/json"
	"pgregory.net/rapid"
)

// seeds are bodies that between them use each member that is understood.
func seeds() (all []string) {
	for kind, body := range supported {
		all = append(all, `{"requests":[{"`+kind+`":`+body+`}]}`)
	}
	slices.Sort(all)
	return append(all,
		`{"requests":[{"updateCells":{"range":{"sheetId":0,"startRowIndex":1,"endRowIndex":3,"startColumnIndex":0,"endColumnIndex":2},"fields":"*","rows":[{"values":[{"userEnteredValue":{"formulaValue":"=A1"},"note":"n","userEnteredFormat":{"numberFormat":{"type":"DATE","pattern":"yyyy"}}},{"userEnteredValue":{"boolValue":true}}]}]}}]}`,
		`{"requests":[{"findReplace":{"find":"(a|b)+","replacement":"$1","searchByRegex":true,"matchCase":true,"matchEntireCell":true,"includeFormulas":true,"range":{"endColumnIndex":1}}},{"deleteSheet":{"sheetId":5}}],"includeSpreadsheetInResponse":true,"responseRanges":["A1:B2"],"responseIncludeGridData":true}`,
		`{"requests":[{"updateSheetProperties":{"properties":{"sheetId":0,"index":2,"hidden":false,"sheetType":"GRID","gridProperties":{"rowCount":3,"columnCount":2,"frozenRowCount":1,"frozenColumnCount":1}},"fields":"*"}},{"updateSpreadsheetProperties":{"properties":{"title":"t","locale":"en_US","timeZone":"x","autoRecalc":"ON_CHANGE"},"fields":"*"}}]}`,
		`{"requests":[{"createDeveloperMetadata":{"developerMetadata":{"metadataId":4,"metadataKey":"k","metadataValue":"v","visibility":"PROJECT","location":{"locationType":"ROW","dimensionRange":{"sheetId":0,"dimension":"ROWS","startIndex":1,"endIndex":2}}}}},
			{"updateDeveloperMetadata":{"dataFilters":[{"developerMetadataLookup":{"locationType":"ROW","locationMatchingStrategy":"INTERSECTING_LOCATION","metadataId":4,"metadataKey":"k","metadataValue":"v","visibility":"PROJECT","metadataLocation":{"sheetId":0}}}],"developerMetadata":{"location":{"spreadsheet":true}},"fields":"location"}}]}`,
		`{"requests":[{"insertDimension":{"range":{"sheetId":0,"dimension":"ROWS","startIndex":3,"endIndex":5},"inheritFromBefore":true}},{"moveDimension":{"source":{"dimension":"COLUMNS","startIndex":1,"endIndex":3},"destinationIndex":5}},{"sortRange":{"range":{"startRowIndex":1},"sortSpecs":[{"dimensionIndex":1,"sortOrder":"DESCENDING"},{}]}}]}`,
	)
}

// strange is what may stand where something else is meant.
var strange = []string{
	`null`, `true`, `0`, `-1`, `1`, `3`, `1.5`, `1e300`, `2147483647`, `2147483648`, `9007199254740993`, `-2147483648`, `""`, `"x"`, `"ROWS"`, `"0"`, `"*"`, `"A1"`, `"\u0000"`, `"../.."`, `"=A1"`, `"日本"`,
	`[]`, `[null]`, `[{}]`, `{}`, `{"x":1}`,
}

func tree(t *rapid.T, text string) (v any) {
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// mutate changes one place of a tree.
func mutate(t *rapid.T, v any) any {
	descend := rapid.IntRange(0, 5).Draw(t, "descend") > 0
	switch x := v.(type) {
	case map[string]any:
		if !descend || len(x) == 0 {
			break
		}
		names := slices.Sorted(maps.Keys(x))
		name := rapid.SampledFrom(names).Draw(t, "member")
		switch rapid.IntRange(0, 9).Draw(t, "how") {
		case 0:
			delete(x, name)
		case 1:
			x[name+"s"] = tree(t, encoded(x[name]))
		case 2:
			x["textFormatRuns"] = tree(t, encoded(x[name]))
		default:
			x[name] = mutate(t, x[name])
		}
		return x
	case []any:
		if !descend || len(x) == 0 {
			break
		}
		i := rapid.IntRange(0, len(x)-1).Draw(t, "item")
		switch rapid.IntRange(0, 9).Draw(t, "how") {
		case 0:
			return slices.Delete(x, i, i+1)
		case 1:
			return append(x, tree(t, encoded(x[i])))
		default:
			x[i] = mutate(t, x[i])
		}
		return x
	}
	return tree(t, rapid.SampledFrom(strange).Draw(t, "strange"))
}

func TestBatch_WithAnythingInThePlaceOfAnything_IsDoneWholeOrRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	rapid.Check(t, func(rt *rapid.T) {
		for range 3 {
			body := tree(rt, rapid.SampledFrom(seeds()).Draw(rt, "seed"))
			for range rapid.IntRange(1, 3).Draw(rt, "mutations") {
				body = mutate(rt, body)
			}
			h.calm(t, "POST", "/local:batchUpdate?fields=replies", encoded(body))
		}
	})
}
