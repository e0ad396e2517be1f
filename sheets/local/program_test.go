package local

import (
	"fmt"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"pgregory.net/rapid"

	"uratori/sheets/a1"
)

// program makes random writes, to the server and to the model alike.
type program struct {
	*rapid.T
	h    *house
	m    *model
	mark int
}

func (p *program) int(least, most int, what string) int {
	return rapid.IntRange(least, most).Draw(p.T, what)
}

// span is a part of n places, not empty.
func (p *program) span(n int, what string) (start, end int) {
	start = p.int(0, n-1, what+" start")
	return start, p.int(start+1, min(n, start+3), what+" end")
}

var texts = rapid.SampledFrom([]string{"", "a", "b", "c", "dd", "e"})

// write is a random table that begins at a place: nil where a cell is left.
func (p *program) write(row, column int) (values [][]*string) {
	height, width := p.int(1, min(3, len(p.m.rows)-row), "height"), p.int(1, min(3, len(p.m.columns)-column), "width")
	values = make([][]*string, height)
	for i := range values {
		for range p.int(0, width, "cells") {
			var v *string
			if p.int(0, 4, "given") > 0 {
				text := texts.Draw(p.T, "text")
				v = &text
			}
			values[i] = append(values[i], v)
		}
	}
	return values
}

func (m *model) put(row, column int, values [][]*string) {
	for i, line := range values {
		for j, v := range line {
			if v != nil {
				m.rows[row+i].cells[column+j].text = *v
			}
		}
	}
}

func (p *program) call(method, path, body string) string {
	code, text := p.h.ask(method, path, body)
	if code != 200 {
		p.Fatalf("%s %s %s: %d %s", method, path, body, code, text)
	}
	return text
}

func (p *program) place() (row, column int) {
	return p.int(0, len(p.m.rows)-1, "row"), p.int(0, len(p.m.columns)-1, "column")
}

func encoded(v any) string {
	text, err := json.Marshal(v, json.FormatNilSliceAsNull(false))
	if err != nil {
		panic(err)
	}
	return string(text)
}

func (p *program) update() {
	row, column := p.place()
	values := p.write(row, column)
	p.call("PUT", "/local/values/"+a1.Cell(row, column).String()+rawInput, `{"values":`+encoded(values)+`}`)
	p.m.put(row, column, values)
}

func (p *program) clear() {
	row, column := p.place()
	p.call("POST", "/local/values/"+a1.Cell(row, column).String()+":"+a1.Cell(len(p.m.rows), column).String()+":clear", "")
	for ; row < len(p.m.rows); row++ {
		p.m.rows[row].cells[column].text = ""
	}
}

// append learns from the answer where the table ends, which is tested elsewhere.
func (p *program) append() {
	values := p.write(0, 0)
	if len(values[0]) == 0 {
		return
	}
	insert := rapid.Bool().Draw(p.T, "insert")
	path := "/local/values/Tracker:append" + rawInput
	if insert {
		path += "&insertDataOption=INSERT_ROWS"
	}
	answer := p.call("POST", path, `{"values":`+encoded(values)+`}`)
	_, at, _ := strings.Cut(answer, `"updatedRange":"Tracker!`)
	at, _, _ = strings.Cut(at, `"`)
	area, err := a1.ParseCells(at)
	if err != nil {
		p.Fatal(answer)
	}
	if insert && area.StartRow < len(p.m.rows) {
		p.m.insertRows(area.StartRow, len(values))
	}
	p.m.insertRows(len(p.m.rows), max(0, area.EndRow-len(p.m.rows)))
	p.m.insertColumns(len(p.m.columns), max(0, area.EndColumn-len(p.m.columns)))
	p.m.put(area.StartRow, area.StartColumn, values)
}

// batch makes one to four requests at once.
func (p *program) batch() {
	var requests []string
	for range p.int(1, 4, "requests") {
		kinds := []func() string{p.insert, p.delete, p.move, p.sort, p.cells, p.replace, p.annotate, p.forget, p.resize, p.otherTab}
		requests = append(requests, kinds[p.int(0, len(kinds)-1, "kind")]())
	}
	p.call("POST", "/local:batchUpdate", `{"requests":[`+strings.Join(requests, ",")+`]}`)
}

func dimension(name string, start, end int) string {
	return fmt.Sprintf(`{"dimension":%q,"startIndex":%d,"endIndex":%d}`, name, start, end)
}

func (p *program) insert() string {
	n := p.int(1, 3, "n")
	if rapid.Bool().Draw(p.T, "columns") {
		at := p.int(0, len(p.m.columns), "at")
		p.m.insertColumns(at, n)
		return `{"insertDimension":{"range":` + dimension("COLUMNS", at, at+n) + `}}`
	}
	at := p.int(0, len(p.m.rows), "at")
	p.m.insertRows(at, n)
	return `{"insertDimension":{"range":` + dimension("ROWS", at, at+n) + `}}`
}

func (p *program) delete() string {
	if start, end := p.span(len(p.m.columns), "columns"); len(p.m.columns) > 4 && end-start < len(p.m.columns) {
		p.m.deleteColumns(start, end)
		return `{"deleteDimension":{"range":` + dimension("COLUMNS", start, end) + `}}`
	}
	start, end := p.span(len(p.m.rows), "rows")
	if end-start == len(p.m.rows) {
		return p.insert()
	}
	p.m.rows = append(p.m.rows[:start:start], p.m.rows[end:]...)
	return `{"deleteDimension":{"range":` + dimension("ROWS", start, end) + `}}`
}

func (p *program) move() string {
	name, n := "ROWS", len(p.m.rows)
	if rapid.Bool().Draw(p.T, "columns") {
		name, n = "COLUMNS", len(p.m.columns)
	}
	start, end := p.span(n, "source")
	to := p.int(0, n, "to")
	if to > start && to < end {
		to = end
	}
	if name == "ROWS" {
		p.m.rows = moveIn(p.m.rows, start, end, to)
	} else {
		p.m.moveColumns(start, end, to)
	}
	return fmt.Sprintf(`{"moveDimension":{"source":%s,"destinationIndex":%d}}`, dimension(name, start, end), to)
}

func (p *program) sort() string {
	top, bottom := p.int(0, len(p.m.rows)-1, "top"), len(p.m.rows)
	left, right := p.span(len(p.m.columns), "columns")
	by, order := p.int(left, right-1, "by"), rapid.SampledFrom([]string{"ASCENDING", "DESCENDING"}).Draw(p.T, "order")
	p.m.sort(top, bottom, left, right, by, order == "DESCENDING")
	return fmt.Sprintf(`{"sortRange":{"range":{"startRowIndex":%d,"startColumnIndex":%d,"endColumnIndex":%d},"sortSpecs":[{"dimensionIndex":%d,"sortOrder":%q}]}}`, top, left, right, by, order)
}

func (p *program) cells() string {
	row, column := p.place()
	c := &p.m.rows[row].cells[column]
	var field, value string
	switch p.int(0, 2, "field") {
	case 0:
		c.text = texts.Draw(p.T, "text")
		field, value = "userEnteredValue", `{"userEnteredValue":{"stringValue":`+encoded(c.text)+`}}`
	case 1:
		c.note = texts.Draw(p.T, "note")
		field, value = "note", `{"note":`+encoded(c.note)+`}`
	default:
		c.format = "TEXT"
		field, value = "userEnteredFormat.numberFormat", `{"userEnteredFormat":{"numberFormat":{"type":"TEXT"}}}`
	}
	return fmt.Sprintf(`{"updateCells":{"start":{"rowIndex":%d,"columnIndex":%d},"fields":%q,"rows":[{"values":[%s]}]}}`, row, column, field, value)
}

func (p *program) replace() string {
	find, by := rapid.SampledFrom([]string{"a", "b", "dd"}).Draw(p.T, "find"), texts.Draw(p.T, "by")
	p.m.replace(find, by)
	return fmt.Sprintf(`{"findReplace":{"find":%q,"replacement":%q,"matchCase":true,"matchEntireCell":true,"sheetId":0}}`, find, by)
}

func (p *program) annotate() string {
	p.mark++
	key := fmt.Sprint("m", p.mark)
	name, at := "COLUMNS", 0
	if rapid.Bool().Draw(p.T, "row") {
		name, at = "ROWS", p.int(0, len(p.m.rows)-1, "at")
		p.m.rows[at].mark = strings.TrimPrefix(p.m.rows[at].mark+","+key, ",")
	} else {
		at = p.int(0, len(p.m.columns)-1, "at")
		p.m.columns[at] = strings.TrimPrefix(p.m.columns[at]+","+key, ",")
	}
	return fmt.Sprintf(`{"createDeveloperMetadata":{"developerMetadata":{"metadataId":%d,"metadataKey":%q,"visibility":"DOCUMENT","location":{"dimensionRange":%s}}}}`, p.mark, key, dimension(name, at, at+1))
}

func (p *program) forget() string {
	for i := range p.m.rows {
		p.m.rows[i].mark = ""
	}
	return `{"deleteDeveloperMetadata":{"dataFilter":{"developerMetadataLookup":{"locationType":"ROW"}}}}`
}

func (p *program) resize() string {
	rows := p.int(1, 12, "rows")
	for len(p.m.rows) < rows {
		p.m.insertRows(len(p.m.rows), 1)
	}
	p.m.rows = p.m.rows[:rows]
	return fmt.Sprintf(`{"updateSheetProperties":{"properties":{"gridProperties":{"rowCount":%d}},"fields":"gridProperties.rowCount"}}`, rows)
}

// otherTab changes what the model does not hold.
func (p *program) otherTab() string {
	p.mark++
	return fmt.Sprintf(`{"addSheet":{"properties":{"sheetId":%d,"gridProperties":{"rowCount":2,"columnCount":2}}}}`, p.mark)
}

// startAnew leaves nothing but a blank tab of 6 rows and 5 columns.
func (h *house) startAnew() {
	h.t.Helper()
	book, err := h.api.Spreadsheets.Get(Book).Fields("sheets.properties.sheetId").Do()
	if err != nil {
		h.t.Fatal(err)
	}
	requests := []string{`{"addSheet":{"properties":{"sheetId":1000,"title":"for a moment"}}}`}
	for _, s := range book.Sheets {
		requests = append(requests, fmt.Sprintf(`{"deleteSheet":{"sheetId":%d}}`, s.Properties.SheetId))
	}
	h.batch(append(requests, `{"addSheet":{"properties":{"sheetId":0,"title":"Tracker","gridProperties":{"rowCount":6,"columnCount":5}}}}`, `{"deleteSheet":{"sheetId":1000}}`)...)
}

func TestServer_AnyProgram_ShowsWhatASimpleModelShows_AndSoDoesTheStore(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	rapid.Check(t, func(rt *rapid.T) {
		h.startAnew()
		p := &program{T: rt, h: h, m: newModel(6, 5)}
		for range p.int(1, 10, "steps") {
			steps := []func(){p.update, p.batch, p.append, p.clear, p.batch}
			steps[p.int(0, len(steps)-1, "step")]()
			if got, want := h.seen(t).String(), p.m.String(); got != want {
				rt.Fatalf("the server shows %s\nthe model %s", got, want)
			}
			if got, want := h.reopened().state(), h.state(); got != want {
				rt.Fatalf("the store holds %s\nthe server shows %s", got, want)
			}
		}
	})
}

func TestServer_ManyInsertionsAtOnePlace_KeepTheOrder(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.fill("A2", `[["first"],["last"]]`)
	var want []string
	for i := range 100 { // halves the room between two rows each time
		h.batch(`{"insertDimension":{"range":`+dimension("ROWS", 2, 3)+`}}`, fmt.Sprintf(`{"updateCells":{"start":{"rowIndex":2},"fields":"userEnteredValue","rows":[{"values":[{"userEnteredValue":{"stringValue":"%d"}}]}]}}`, i))
		h.batch(`{"moveDimension":{"source":`+dimension("ROWS", 3, 4)+`,"destinationIndex":1}}`, `{"moveDimension":{"source":`+dimension("ROWS", 1, 2)+`,"destinationIndex":4}}`)
		want = append([]string{fmt.Sprintf("[%q]", fmt.Sprint(i))}, want...)
		if got, all := h.reopened().read("A2:A"), `[["first"],`+strings.Join(want, ",")+`,["last"]]`; got != all {
			t.Fatalf("after %d: %s, want %s", i+1, got, all)
		}
	}
}
