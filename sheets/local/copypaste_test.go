package local

import (
	"fmt"
	"testing"
)

func TestCopyPaste_FillsMultiples_OverrunsSmaller_AndReadsBeforeItWrites(t *testing.T) {
	t.Parallel()
	area := func(sheet, row, endRow, column, endColumn int) string {
		return fmt.Sprintf(`{"sheetId":%d,"startRowIndex":%d,"endRowIndex":%d,"startColumnIndex":%d,"endColumnIndex":%d}`, sheet, row, endRow, column, endColumn)
	}
	for _, c := range []struct{ source, target, values string }{
		{area(0, 0, 1, 0, 3), area(0, 3, 4, 0, 3), `[["a1","b1","c1"],["a2","b2","c2"],["a3","b3","c3"],["a1","b1","c1"]]`},
		{area(0, 0, 1, 0, 1), area(0, 1, 3, 1, 3), `[["a1","b1","c1"],["a2","a1","a1"],["a3","a1","a1"]]`},           // a multiple
		{area(0, 0, 2, 0, 2), area(0, 1, 2, 1, 2), `[["a1","b1","c1"],["a2","a1","b1"],["a3","a2","b2"]]`},           // smaller, and it covers its own source
		{area(0, 0, 2, 0, 1), area(0, 0, 5, 3, 4), `[["a1","b1","c1","a1"],["a2","b2","c2","a2"],["a3","b3","c3"]]`}, // no multiple: once
		{area(0, 4, 5, 0, 3), area(0, 1, 2, 0, 3), `[["a1","b1","c1"],[],["a3","b3","c3"]]`},                         // blanks cover
	} {
		h := newGrid(t)
		if got := h.batch(`{"copyPaste":{"source":` + c.source + `,"destination":` + c.target + `}}`); got != "[{}]" {
			t.Errorf("%s to %s: %s", c.source, c.target, got)
		}
		for range 2 {
			if got := h.read("Tracker"); got != c.values {
				t.Errorf("%s to %s\n got %s\nwant %s", c.source, c.target, got, c.values)
			}
			h.again()
		}
	}
}

func TestCopyPaste_ToAnotherTab_TakesFormulasToTheSamePlaceOnly(t *testing.T) {
	t.Parallel()
	h := newGrid(t)
	h.batch(`{"addSheet":{"properties":{"sheetId":7,"title":"before","hidden":true,"gridProperties":{"rowCount":6,"columnCount":5}}}}`,
		`{"updateCells":{"fields":"userEnteredValue","start":{"rowIndex":1,"columnIndex":1},"rows":[{"values":[{"userEnteredValue":{"formulaValue":"=A1"}},{"userEnteredValue":{"numberValue":12}}]}]}}`)
	row := func(sheet, row int) string {
		return fmt.Sprintf(`{"sheetId":%d,"startRowIndex":%d,"endRowIndex":%d}`, sheet, row, row+1)
	}
	h.batch(`{"copyPaste":{"source":`+row(0, 1)+`,"destination":`+row(7, 1)+`,"pasteType":"PASTE_NORMAL"}}`, `{"deleteDimension":{"range":{"dimension":"ROWS","startIndex":1,"endIndex":2}}}`)
	_, got := h.ask("GET", "/local/values/before!A2:C2?valueRenderOption=FORMULA", "")
	if want := `{"range":"before!A2:C2","majorDimension":"ROWS","values":[["a2","=A1",12]]}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	h.unchanged(func() {
		h.refuse("POST", "/local:batchUpdate", `{"requests":[{"copyPaste":{"source":`+row(7, 1)+`,"destination":`+row(0, 2)+`}}]}`, 501, "UNIMPLEMENTED", "copying a formula to another place")
		for _, c := range []struct{ rest, message string }{
			{`"pasteType":"PASTE_VALUES"`, "the paste type PASTE_VALUES"},
			{`"pasteOrientation":"TRANSPOSE"`, "the paste orientation TRANSPOSE"},
		} {
			h.refuse("POST", "/local:batchUpdate", `{"requests":[{"copyPaste":{"source":`+row(0, 1)+`,"destination":`+row(0, 2)+`,`+c.rest+`}}]}`, 501, "UNIMPLEMENTED", c.message)
		}
		for _, c := range []struct{ source, target, rest, message string }{
			{row(0, 1), row(0, 2), `,"pasteType":"x"`, "PasteType"},
			{row(0, 1), row(0, 2), `,"pasteOrientation":"x"`, "PasteOrientation"},
			{row(0, 1), row(9, 2), "", "No grid with id: 9"},
			{row(9, 1), row(0, 2), "", "No grid with id: 9"},
			{row(0, 1), row(0, 60), "", "exceeds grid limits"},
			{row(0, 60), row(0, 1), "", "exceeds grid limits"},
			{`{"sheetId":0,"startRowIndex":0,"endRowIndex":3}`, row(0, 4), "", "exceeds grid limits"},
			{`{"sheetId":0,"startRowIndex":2,"endRowIndex":1}`, row(0, 1), "", "must be greater"},
		} {
			h.refuse("POST", "/local:batchUpdate", `{"requests":[{"copyPaste":{"source":`+c.source+`,"destination":`+c.target+c.rest+`}}]}`, 400, "INVALID_ARGUMENT", c.message)
		}
	})
}
