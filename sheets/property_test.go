package sheets

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/go-json-experiment/json"
	api "google.golang.org/api/sheets/v4"
	"pgregory.net/rapid"

	"uratori/sheets/sheetstest"
)

// applied is a write of ours that reached the sheet: what stood there right
// before and right after it.
type applied struct{ before, after [][]string }

// world is a house in which faults and a person's edits happen between any two
// requests, by lot.
type world struct {
	*house
	rt       *rapid.T
	seen     [][]string // at the last look
	filled   [][]string // at its second answer, if it had one
	exact    [][]string // when cells were last read with their kinds
	writes   []applied
	edits    int
	large    bool // as if the tab were too large to be looked at whole
	pictures int  // cells of which it was told what they had held
}

// rough draws a fault and some edits before each request of ours.
func (w *world) rough(n int, r *http.Request) sheetstest.Fault {
	for range rapid.IntRange(0, 2).Draw(w.rt, "edits") {
		w.edit()
	}
	fault := sheetstest.None
	if rapid.IntRange(0, 3).Draw(w.rt, "smooth") == 0 {
		fault = rapid.SampledFrom(sheetstest.Faults()).Draw(w.rt, "fault")
	}
	return fault
}

// RoundTrip stands between the faults and the server.
func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(r.URL.Path, ":batchUpdate") {
		if strings.HasSuffix(r.URL.Path, "/values:batchGetByDataFilter") {
			w.noteLook(r)
		}
		if strings.HasSuffix(r.URL.Path, ":getByDataFilter") {
			w.exact = w.state()
		}
		return w.next.RoundTrip(r)
	}
	before := w.state()
	answer, err := w.next.RoundTrip(r)
	if err == nil && answer.StatusCode == http.StatusOK && w.changes(r) {
		w.writes = append(w.writes, applied{before, w.state()})
	}
	return answer, err
}

// changes tells whether a request is about more than the tab of pictures.
func (w *world) changes(r *http.Request) bool {
	body, err := r.GetBody()
	if err != nil {
		w.rt.Fatal(err)
	}
	var b api.BatchUpdateSpreadsheetRequest
	if err := json.UnmarshalRead(body, &b); err != nil {
		w.rt.Fatal(err)
	}
	return slices.ContainsFunc(b.Requests, func(q *api.Request) bool {
		return q.UpdateCells != nil && q.UpdateCells.Range.SheetId != pictureID || q.InsertDimension != nil
	})
}

// noteLook keeps what stood there when an answer of a look was made.
func (w *world) noteLook(r *http.Request) {
	body, err := r.GetBody()
	if err != nil {
		w.rt.Fatal(err)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		w.rt.Fatal(err)
	}
	if strings.Count(string(text), `"gridRange"`) > strings.Count(string(text), `"startRowIndex"`) {
		w.seen, w.filled = w.state(), nil
	} else {
		w.filled = w.state() // rows that were elsewhere are read after the keys
	}
}

func (w *world) state() [][]string { return w.grid(w.rt) }

// edit is something that a person does.
func (w *world) edit() {
	w.edits++
	rows := int64(len(w.state()))
	row := func() int64 { return int64(rapid.IntRange(1, int(max(rows, 2)-1)).Draw(w.rt, "row")) }
	column := int64(rapid.IntRange(0, 5).Draw(w.rt, "column"))
	span := func(dimension string, start int64) *api.DimensionRange {
		return &api.DimensionRange{Dimension: dimension, StartIndex: start, EndIndex: start + 1}
	}
	cell := func(row, column int64, text string) *api.Request {
		return &api.Request{UpdateCells: &api.UpdateCellsRequest{
			Start: &api.GridCoordinate{RowIndex: row, ColumnIndex: column}, Fields: "userEnteredValue",
			Rows: []*api.RowData{{Values: []*api.CellData{{UserEnteredValue: &api.ExtendedValue{StringValue: &text}}}}},
		}}
	}
	var request *api.Request
	switch rapid.IntRange(0, 10).Draw(w.rt, "edit") {
	case 0, 1, 2:
		request = cell(row(), max(column, 1), fmt.Sprint("手", w.edits))
	case 3:
		request = &api.Request{InsertDimension: &api.InsertDimensionRequest{Range: span("ROWS", row())}}
	case 4:
		request = &api.Request{DeleteDimension: &api.DeleteDimensionRequest{Range: span("ROWS", row())}}
	case 5:
		order := rapid.SampledFrom([]string{"ASCENDING", "DESCENDING"}).Draw(w.rt, "order")
		request = &api.Request{SortRange: &api.SortRangeRequest{
			Range: &api.GridRange{StartRowIndex: 1}, SortSpecs: []*api.SortSpec{{DimensionIndex: column, SortOrder: order}},
		}}
	case 6:
		request = &api.Request{MoveDimension: &api.MoveDimensionRequest{Source: span("COLUMNS", column), DestinationIndex: 0}}
	case 7:
		request = &api.Request{InsertDimension: &api.InsertDimensionRequest{Range: span("COLUMNS", column)}}
	case 8:
		if rapid.IntRange(0, 4).Draw(w.rt, "rarely") > 0 {
			return
		}
		request = cell(0, column, rapid.SampledFrom([]string{"ID", "概要", "詳細", "メモ"}).Draw(w.rt, "header"))
	case 10: // a header that is a number, as a date is
		n := float64(46000 + w.edits)
		if rapid.IntRange(0, 4).Draw(w.rt, "rarely") > 0 {
			return
		}
		request = cell(0, column, "")
		request.UpdateCells.Rows[0].Values[0].UserEnteredValue = &api.ExtendedValue{NumberValue: &n}
	case 9:
		request = &api.Request{UpdateSheetProperties: &api.UpdateSheetPropertiesRequest{
			Properties: &api.SheetProperties{Title: fmt.Sprint("表 ", w.edits)}, Fields: "title",
		}}
	}
	w.do(w.rt, request)
}

// TestWrites_AnyScheduleOfFaultsAndEdits_AreReportedTruthfully is the promise
// of this package.
func TestWrites_AnyScheduleOfFaultsAndEdits_AreReportedTruthfully(t *testing.T) {
	root := t.TempDir()
	count := map[string]int{}
	synctest.Test(t, func(t *testing.T) {
		n := 0
		rapid.Check(bubbled{t}, func(rt *rapid.T) {
			n++
			dir := fmt.Sprint(root, "/", n)
			if err := os.Mkdir(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			var rows [][]string
			for i := range rapid.IntRange(0, 5).Draw(rt, "rows") {
				rows = append(rows, []string{fmt.Sprint("INTG-", i+1), fmt.Sprint("概要", i+1), fmt.Sprint("詳細", i+1)})
			}
			h, done := newHouse(t, dir, rows...)
			defer done()
			w := &world{house: h, rt: rt, large: rapid.Bool().Draw(rt, "large")}
			w.next, h.way.Next, h.way.Fault = h.way.Next, w, w.rough
			for range rapid.IntRange(1, 3).Draw(rt, "rounds") {
				count[w.round(t.Context())]++
			}
			count["pictures"] += w.pictures
			h.way.Fault = nil
		})
	})
	t.Log(count)
	for _, outcome := range []string{"applied", "not applied", "unknown", "misplaced", "pictures"} {
		if count[outcome] == 0 {
			t.Errorf("no schedule ended with %q; the test looks at too little", outcome)
		}
	}
}

// round is a look, a write and a check of what was said of it.
func (w *world) round(ctx context.Context) string {
	if w.large {
		w.bytes = mostBytes + 1
	}
	keys := rapid.SliceOf(rapid.SampledFrom([]string{"INTG-1", "INTG-2", "INTG-3", "INTG-99", "NEW-0-0-0"})).Draw(w.rt, "keys")
	v, err := w.Look(ctx, keys...)
	if err != nil {
		return "no look"
	}
	if w.large == v.Whole {
		w.rt.Fatalf("large is %v and the look was whole: %v", w.large, v.Whole)
	}
	w.looked(v)
	b := Batch{}
	text := func() string {
		return rapid.SampledFrom([]string{"新", "", "=1+1", "'x", "a\nb", "088"}).Draw(w.rt, "text")
	}
	for r := range v.Rows() {
		if _, err := v.Find(r.Key); err == nil && rapid.Bool().Draw(w.rt, "change") {
			b.Changes = append(b.Changes, Change{Row: r, Cells: map[string]string{"summary": text(), "詳細": text()}})
		}
	}
	for range rapid.IntRange(0, 2).Draw(w.rt, "inserts") {
		key := fmt.Sprint("NEW-", len(w.writes), "-", w.edits, "-", len(b.Inserts))
		b.Inserts = append(b.Inserts, Insert{Key: key, Cells: map[string]string{"summary": text()}})
	}
	w.writes = nil
	hits, err := w.Write(ctx, v, b)
	switch {
	case errors.Is(err, ErrUnknown):
		if len(w.writes) > 1 {
			w.rt.Fatalf("a write was applied %d times", len(w.writes))
		}
		return "unknown"
	case err != nil:
		if len(w.writes) > 0 {
			w.rt.Fatalf("applied, and yet told: %v", err)
		}
		return "not applied"
	case len(b.Changes)+len(b.Inserts) == 0:
		return "nothing to do"
	case len(w.writes) != 1:
		w.rt.Fatalf("told as applied, and was applied %d times", len(w.writes))
	}
	outcome := w.judge(v, hits, w.writes[0], len(b.Inserts))
	if r, err := w.Again(ctx, v, hits); err == nil {
		w.readBack(r)
	}
	return outcome
}

// readBack compares a reading with the tab as it was when it was answered:
// what is judged verified is judged by this.
func (w *world) readBack(r *Reading) {
	h, err := findHeader(w.exact, w.o.Columns)
	if err != nil {
		for _, f := range r.Rows {
			if f.Err == nil { // where nothing was found, no cell was read either
				w.rt.Fatalf("read under a header that is none: %v\n%v\n%+v", err, w.exact, r)
			}
		}
		return
	}
	for key, f := range r.Rows {
		if f.Err != nil {
			continue
		}
		row := rowAt(w.exact, f.Row-1)
		if textAt(row, h.index[Key]) != key {
			w.rt.Fatalf("%s was read from row %d, which is %q", key, f.Row, row)
		}
		for name, cell := range f.Cells {
			at, err := h.at(name)
			if err != nil || cell.Text != textAt(row, at) {
				w.rt.Fatalf("%s, %s was read as %q from %q: %v", key, name, cell.Text, row, err)
			}
		}
	}
}

// looked compares a look with the tab as it was: in one answer, every key and
// every text that it shows was there.
func (w *world) looked(v *View) {
	keyColumn := v.layout.header.index[Key]
	for i, r := range v.rows {
		row := rowAt(w.seen, i+v.layout.header.row+1)
		if r.Key != textAt(row, keyColumn) || r.Number != i+v.layout.header.row+2 {
			w.rt.Fatalf("row %d is %q, and was %q", r.Number, r.Key, textAt(row, keyColumn))
		}
		if w.filled != nil {
			continue // its texts may be of the second answer
		}
		if r.texts != nil && strings.TrimRight(strings.Join(r.texts, "\x00"), "\x00") != strings.TrimRight(strings.Join(row, "\x00"), "\x00") {
			w.rt.Fatalf("row %d is %q, and was %q", r.Number, r.texts, row)
		}
	}
	if last := v.layout.header.row + 1 + len(v.rows); last < len(w.seen) {
		for _, row := range w.seen[last:] {
			if textAt(row, keyColumn) != "" {
				w.rt.Fatalf("%q was not seen", row)
			}
		}
	}
}

// judge compares what was told with what happened.
func (w *world) judge(v *View, hits []Hit, happened applied, inserts int) string {
	outcome := "applied"
	told := map[[2]int]bool{}
	keyColumn := v.layout.header.index[Key]
	for i, h := range hits {
		for _, c := range h.Cells {
			at, err := v.layout.header.at(c.Column)
			if err != nil {
				w.rt.Fatal(err)
			}
			told[[2]int{h.Row - 1, at}] = true
			now := textAt(rowAt(happened.after, h.Row-1), at)
			if now != c.After.Text || !c.After.Holds(c.Sent) {
				w.rt.Fatalf("%+v: the cell holds %q", c, now)
			}
			header := rowAt(happened.after, v.layout.header.row)
			right := textAt(rowAt(happened.after, h.Row-1), keyColumn) == h.Key &&
				textAt(header, keyColumn) == v.layout.header.text(keyColumn) && textAt(header, at) == v.layout.header.text(at)
			if right != c.Placed {
				w.rt.Fatalf("placed is %v for %+v %+v\n%v", c.Placed, h, c, happened.after)
			}
			if c.Covered != nil {
				w.pictures++
				if was := textAt(rowAt(happened.before, h.Row-1), at); c.Covered.Text != was || i >= len(hits)-inserts {
					w.rt.Fatalf("%+v is said to have covered %q, and covered %q", c, c.Covered.Text, was)
				}
			}
			if c.Placed {
				continue
			}
			outcome = "misplaced"
			if c.Covered != nil {
				if c.Before == nil || *c.Before != c.Covered.Text {
					w.rt.Fatalf("%+v: before is not what it covered", c)
				}
				continue
			}
			if i >= len(hits)-inserts && h.Found == h.Key {
				continue // its row is new, and held nothing
			}
			if w.large && c.Before == nil {
				continue // not seen, and not said to be
			}
			want := held(w.seen, v.layout.header.row, keyColumn, h.Found, c.Header)
			if w.filled != nil {
				at := v.find(h.Found)[0]
				row := rowAt(w.filled, v.rows[at].Number-1)
				if text := textAt(row, slices.Index(v.layout.header.texts, c.Header)); textAt(row, keyColumn) == h.Found && c.Before != nil && *c.Before == text {
					continue
				}
			}
			if !sameText(want, c.Before) {
				w.rt.Fatalf("%+v held %v at the look\n%v", c, want, w.seen)
			}
		}
	}
	w.untouched(v, hits, happened, inserts, told)
	return outcome
}

// untouched sees that nothing changed but the cells that were told.
func (w *world) untouched(v *View, hits []Hit, happened applied, inserts int, told map[[2]int]bool) {
	before := slices.Clone(happened.before)
	if inserts > 0 {
		first := hits[len(hits)-inserts].Row - 1
		for len(before) < first {
			before = append(before, nil)
		}
		before = slices.Insert(before, first, make([][]string, inserts)...)
	}
	for row := range max(len(before), len(happened.after)) {
		was, is := rowAt(before, row), rowAt(happened.after, row)
		for column := range max(len(was), len(is)) {
			if textAt(was, column) != textAt(is, column) && !told[[2]int{row, column}] {
				w.rt.Fatalf("row %d, column %d was not asked for: %q became %q (asked: %v)", row+1, column, textAt(was, column), textAt(is, column), slices.Collect(maps.Keys(told)))
			}
		}
	}
}

// held is what stood in the one row of a key under the one column of a header.
func held(grid [][]string, header, keyColumn int, key, title string) (text *string) {
	column := slices.Index(rowAt(grid, header), title)
	if key == "" || title == "" || column < 0 || slices.Contains(grid[header][column+1:], title) {
		return nil
	}
	for _, row := range grid[header+1:] {
		if textAt(row, keyColumn) != key {
			continue
		}
		if text != nil {
			return nil
		}
		stood := textAt(row, column)
		text = &stood
	}
	return text
}

func rowAt(rows [][]string, i int) []string {
	if i < len(rows) {
		return rows[i]
	}
	return nil
}

func sameText(a, b *string) bool { return a == b || a != nil && b != nil && *a == *b }

// bubbled hides the deadline of a test, which virtual time has none of.
type bubbled struct{ rapid.TB }
