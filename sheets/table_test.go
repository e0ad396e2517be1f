package sheets

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	api "google.golang.org/api/sheets/v4"

	"uratori/sheets/local"
)

func TestWrite_ChangesAndInserts_AreSeenInTheAnswerAndReadBack(t *testing.T) {
	h := newHouseFor(t, []string{"INTG-001", "一", "詳細", "起票"}, []string{"INTG-002", "二"})
	v, err := h.Look(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	hits, err := h.Write(t.Context(), v, Batch{
		Changes: []Change{{Row: must(t, v, "INTG-002"), Cells: map[string]string{"detail": "=1+1\n- 箱┌┐", "ステータス": ""}}},
		Inserts: []Insert{{Key: "INTG-003", Cells: map[string]string{"summary": "三\r\n目", "detail": "'引用"}}, {Key: "INTG-004"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, hit := range hits {
		for _, c := range hit.Cells {
			if !hit.Placed() || hit.Found != hit.Key || !c.After.Holds(c.Sent) {
				t.Errorf("%+v", hit)
			}
		}
	}
	want := [][]string{headline, {"INTG-001", "一", "詳細", "起票"}, {"INTG-002", "二", "=1+1\n- 箱┌┐"}, {"INTG-003", "三\n目", "'引用"}, {"INTG-004"}}
	if diff := cmp.Diff(want, h.grid(t)); diff != "" {
		t.Error(diff)
	}
	r, err := h.Read(t.Context(), []string{"summary", "detail"}, "INTG-002", "INTG-003", "INTG-9")
	if err != nil {
		t.Fatal(err)
	}
	if f := r.Rows["INTG-003"]; f.Row != 4 || !f.Cells["summary"].Holds("三\n目") || !f.Cells["detail"].Holds("'引用") {
		t.Errorf("%+v", f)
	}
	if c := r.Rows["INTG-002"].Cells["detail"]; c.Kind != Text {
		t.Errorf("a text that begins with = became a %s", c.Kind)
	}
	if f := r.Rows["INTG-9"]; !errors.Is(f.Err, ErrNotFound) {
		t.Errorf("%+v", f)
	}
}

func TestRead_TellsAFormulaAndANumberFromTheirTexts(t *testing.T) {
	h := newHouseFor(t, []string{"INTG-001", "=1+1", "088"}, []string{"INTG-002"})
	v := []any{"=1+1", 88}
	if _, err := h.person.Spreadsheets.Values.Update(local.Book, "B3", &api.ValueRange{Values: [][]any{v}}).ValueInputOption("USER_ENTERED").Do(); err != nil {
		t.Fatal(err)
	}
	r, err := h.Read(t.Context(), []string{"summary", "detail"}, "INTG-001", "INTG-002")
	if err != nil {
		t.Fatal(err)
	}
	one, two := r.Rows["INTG-001"].Cells, r.Rows["INTG-002"].Cells
	if !one["summary"].Holds("=1+1") || two["summary"].Holds("=1+1") || two["summary"] != (Cell{Formula, "=1+1"}) {
		t.Errorf("%v %v", one, two)
	}
	if !one["detail"].Holds("088") || two["detail"].Holds("88") || two["detail"] != (Cell{Number, "88"}) {
		t.Errorf("%v %v", one, two)
	}
}

func TestFind_NamesLookAlikesAndRowsOfDuplicates(t *testing.T) {
	h := newHouseFor(t, []string{"ＩＮＴＧ－０８８"}, []string{"INTG-001"}, []string{"intg-088 "}, []string{"INTG-001"})
	v, err := h.Look(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Find("INTG-088"); !errors.Is(err, ErrNotFound) || !strings.Contains(err.Error(), "ＩＮＴＧ－０８８, intg-088") {
		t.Error(err)
	}
	if _, err := v.Find("INTG-001"); !errors.Is(err, ErrAmbiguous) || !strings.Contains(err.Error(), "3, 5") {
		t.Error(err)
	}
}

func TestLook_HeaderAnywhereInAnyOrder(t *testing.T) {
	h := newHouseFor(t)
	h.do(t, &api.Request{InsertDimension: &api.InsertDimensionRequest{Range: &api.DimensionRange{Dimension: "ROWS", StartIndex: 0, EndIndex: 2}}})
	h.put(t, "A1", []string{"2026 年度トラッカー"}, nil, []string{"Details", "メモ", " ｉｄ ", "summary", "承認"}, []string{"d", "m", "INTG-001", "s"})
	v, err := h.Look(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	row := must(t, v, "INTG-001")
	for name, want := range map[string]string{"detail": "d", "summary": "s", "メモ": "m", "approval": ""} {
		if got, err := v.Text(row, name); err != nil || got != want {
			t.Errorf("%s: %q %v", name, got, err)
		}
	}
	if v.HeaderRow() != 3 || row.Number != 4 {
		t.Errorf("%d %d", v.HeaderRow(), row.Number)
	}
	hits, err := h.Write(t.Context(), v, Batch{Changes: []Change{{Row: row, Cells: map[string]string{"detail": "D"}}}})
	if err != nil || !hits[0].Placed() {
		t.Errorf("%+v %v", hits, err)
	}
	if diff := cmp.Diff([]string{"D", "m", "INTG-001", "s"}, h.grid(t)[3]); diff != "" {
		t.Error(diff)
	}
}

func TestLook_BadHeaders(t *testing.T) {
	for _, tc := range []struct {
		header []string
		want   error
		words  string
	}{
		{[]string{"番号", "概要", "詳細"}, ErrNoHeader, "ID"},
		{[]string{"ID", "概要"}, ErrNoColumn, "詳細"},
		{[]string{"ID", "概要", "詳細", "概要"}, ErrHeaderTwice, "columns B and D"},
		{[]string{"ID", "概要", "詳細", "ＩＤ"}, ErrHeaderTwice, "columns A and D"},
	} {
		h := newHouseFor(t)
		h.put(t, "A1", append(tc.header, "", "", "")[:5])
		_, err := h.Look(t.Context())
		if !errors.Is(err, tc.want) || !IsHeader(err) || !strings.Contains(err.Error(), tc.words) {
			t.Errorf("%v: %v", tc.header, err)
		}
	}
}

func TestWrite_RowsSortedInBetween_TellsWhoseCellsWereHitAndWhatTheyHeld(t *testing.T) {
	h := newHouseFor(t, []string{"INTG-001", "一", "d1"}, []string{"INTG-002", "二", "d2"}, []string{"INTG-003", "三", "d3"})
	v, err := h.Look(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	h.do(t, &api.Request{SortRange: &api.SortRangeRequest{
		Range:     &api.GridRange{StartRowIndex: 1},
		SortSpecs: []*api.SortSpec{{SortOrder: "DESCENDING"}},
	}})
	hits, err := h.Write(t.Context(), v, Batch{Changes: []Change{{Row: must(t, v, "INTG-001"), Cells: map[string]string{"summary": "新"}}}})
	if err != nil {
		t.Fatal(err)
	}
	c := hits[0].Cells[0]
	if hits[0].Placed() || hits[0].Found != "INTG-003" || c.Before == nil || *c.Before != "三" || !c.After.Holds("新") || c.Place != "B2" {
		t.Errorf("%+v", hits[0])
	}
}

func TestWrite_ColumnMovedInBetween_IsNotPlaced(t *testing.T) {
	h := newHouseFor(t, []string{"INTG-001", "一", "d1"})
	v, err := h.Look(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	h.do(t, &api.Request{MoveDimension: &api.MoveDimensionRequest{
		Source: &api.DimensionRange{Dimension: "COLUMNS", StartIndex: 1, EndIndex: 2}, DestinationIndex: 3,
	}})
	hits, err := h.Write(t.Context(), v, Batch{Changes: []Change{{Row: must(t, v, "INTG-001"), Cells: map[string]string{"summary": "新"}}}})
	if err != nil {
		t.Fatal(err)
	}
	c := hits[0].Cells[0]
	if hits[0].Placed() || c.Header != "詳細" || c.Before == nil || *c.Before != "d1" || hits[0].Found != "INTG-001" {
		t.Errorf("%+v", hits[0])
	}
}

func TestWrite_TabRenamedAndItsNameGivenAway_IsWrittenAllTheSame(t *testing.T) {
	h := newHouseFor(t, []string{"INTG-001", "一"})
	if _, err := h.Look(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.do(t,
		&api.Request{UpdateSheetProperties: &api.UpdateSheetPropertiesRequest{Properties: &api.SheetProperties{Title: "古い 'Tracker'"}, Fields: "title"}},
		&api.Request{AddSheet: &api.AddSheetRequest{Properties: &api.SheetProperties{Title: "Tracker"}}})
	v, err := h.Look(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	hits, err := h.Write(t.Context(), v, Batch{Changes: []Change{{Row: must(t, v, "INTG-001"), Cells: map[string]string{"summary": "新"}}}})
	if err != nil || !hits[0].Placed() || h.grid(t)[1][1] != "新" || v.Title != "古い 'Tracker'" {
		t.Errorf("%+v %v %s", hits, err, v.Title)
	}
}

func TestDelete_WithoutAPicture_TellsWhatIsGone(t *testing.T) {
	h := newHouseFor(t, []string{"INTG-001", "一"}, []string{"INTG-002", "二"}, []string{"INTG-003", "三"})
	v, err := h.Look(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	h.blind = h.o.Now().Add(blindness)
	if d, err := h.Delete(t.Context(), v, must(t, v, "INTG-002"), ""); err != nil || !d.Hit || len(d.Gone) != 1 || d.Gone[0].Key != "INTG-002" {
		t.Errorf("%+v %v", d, err)
	}
	d, err := h.Delete(t.Context(), v, must(t, v, "INTG-002"), "") // the row is INTG-003's now
	if err != nil || d.Hit || len(d.Gone) != 2 {
		t.Errorf("%+v %v", d, err)
	}
	if diff := cmp.Diff([][]string{headline, {"INTG-001", "一"}}, h.grid(t)); diff != "" {
		t.Error(diff)
	}
}

func TestDelete_OfOneOfTwinsWithoutAPicture_TellsWhichByItsTexts(t *testing.T) {
	draft, person := []string{"INTG-002", "下書き"}, []string{"INTG-002", "ひとの", "詳細"}
	h := newHouseFor(t, []string{"INTG-001", "一"}, draft, person)
	v, err := h.Whole(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	h.blind = h.o.Now().Add(blindness)
	var twins []Row
	for r := range v.Rows() {
		if r.Key == "INTG-002" {
			twins = append(twins, r)
		}
	}
	h.put(t, "A3", append(person, ""), append(draft, "")) // they change places
	d, err := h.Delete(t.Context(), v, twins[0], "")
	if err != nil || d.Hit || len(d.Gone) != 1 || d.Gone[0].Number != twins[1].Number {
		t.Errorf("%+v %v", d, err)
	}
	h.put(t, "A4", append(person, ""))
	if v, err = h.Whole(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.put(t, "C4", []string{"ひとが直した"}) // an edit of the one that stays does not hide it
	last, err := h.Delete(t.Context(), v, v.rows[1], "")
	if err != nil || !last.Hit || len(last.Gone) != 1 || last.Gone[0].Number != 3 {
		t.Errorf("%+v %v", last, err)
	}
}

func TestInsert_FullGrid_GrowsIt(t *testing.T) {
	h := newHouseFor(t, []string{"INTG-001"})
	h.do(t, &api.Request{UpdateSheetProperties: &api.UpdateSheetPropertiesRequest{
		Properties: &api.SheetProperties{GridProperties: &api.GridProperties{RowCount: 2}}, Fields: "gridProperties.rowCount",
	}})
	v, err := h.Look(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Write(t.Context(), v, Batch{Inserts: []Insert{{Key: "INTG-002", Cells: nil}, {Key: "INTG-003"}}}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([][]string{headline, {"INTG-001"}, {"INTG-002"}, {"INTG-003"}}, h.grid(t)); diff != "" {
		t.Error(diff)
	}
}

func TestInsert_RowAddedByAPersonAtTheSamePlace_IsPushedDownNotCovered(t *testing.T) {
	h := newHouseFor(t, []string{"INTG-001"})
	v, err := h.Look(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	h.put(t, "A3", []string{"INTG-777", "手で追加"})
	if _, err := h.Write(t.Context(), v, Batch{Inserts: []Insert{{Key: "INTG-002", Cells: nil}}}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([][]string{headline, {"INTG-001"}, {"INTG-002"}, {"INTG-777", "手で追加"}}, h.grid(t)); diff != "" {
		t.Error(diff)
	}
}

func TestAgain_FindsRowsThatMovedSinceTheWrite_AndSeesLaterEdits(t *testing.T) {
	h := newHouseFor(t, []string{"INTG-001", "一"}, []string{"INTG-002", "二"}, []string{"INTG-003", "三"})
	v, err := h.Look(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	write := func() []Hit {
		hits, err := h.Write(t.Context(), v, Batch{Changes: []Change{{Row: must(t, v, "INTG-001"), Cells: map[string]string{"summary": "新"}}}})
		if err != nil {
			t.Fatal(err)
		}
		return hits
	}
	hits := write()
	before := h.way.Count()
	r, err := h.Again(t.Context(), v, hits)
	if err != nil || r.Rows["INTG-001"].Row != 2 || !r.Rows["INTG-001"].Cells["summary"].Holds("新") || h.way.Count() != before+1 {
		t.Errorf("%+v %v after %d requests", r, err, h.way.Count()-before)
	}
	h.do(t, &api.Request{SortRange: &api.SortRangeRequest{Range: &api.GridRange{StartRowIndex: 1}, SortSpecs: []*api.SortSpec{{SortOrder: "DESCENDING"}}}})
	h.put(t, "B4", []string{"手で直した"})
	r, err = h.Again(t.Context(), v, hits)
	if f := r.Rows["INTG-001"]; err != nil || f.Row != 4 || !f.Cells["summary"].Holds("手で直した") {
		t.Errorf("%+v %v", f, err)
	}
	h.do(t, &api.Request{DeleteDimension: &api.DeleteDimensionRequest{Range: &api.DimensionRange{Dimension: "ROWS", StartIndex: 3, EndIndex: 4}}})
	if r, err = h.Again(t.Context(), v, hits); err != nil || !errors.Is(r.Rows["INTG-001"].Err, ErrNotFound) {
		t.Errorf("%+v %v", r, err)
	}
}

func TestLook_LargeTab_AsksOnceForRowsThatStayedAndAgainForThoseThatMoved(t *testing.T) {
	h := newHouseFor(t, []string{"INTG-001", "一"}, []string{"INTG-002", "二"}, []string{"INTG-003", "三"})
	h.bytes = mostBytes + 1
	look := func(requests int, key, want string) {
		t.Helper()
		before := h.way.Count()
		v, err := h.Look(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		text, err := v.Text(must(t, v, key), "summary")
		if got := h.way.Count() - before; got != requests || text != want || err != nil || v.Whole {
			t.Errorf("%q, %v after %d requests", text, err, got)
		}
		if text, err := v.Text(must(t, v, "INTG-002"), "summary"); requests == 1 && (text != "" || err != nil) {
			t.Errorf("%q was not asked for: %v", text, err)
		}
	}
	look(4, "INTG-001", "一") // the tab, the header, the keys, the row
	look(1, "INTG-001", "一")
	look(1, "INTG-003", "三")
	h.do(t, &api.Request{InsertDimension: &api.InsertDimensionRequest{Range: &api.DimensionRange{Dimension: "ROWS", StartIndex: 2, EndIndex: 3}}})
	look(2, "INTG-003", "三")
	look(1, "INTG-003", "三")
	// Beyond the grid that was known.
	h.do(t, &api.Request{AppendDimension: &api.AppendDimensionRequest{Dimension: "ROWS", Length: 10}})
	h.put(t, "A1005", []string{"INTG-777", "下"})
	look(2, "INTG-777", "下")
}

func TestRead_HeaderWithADateAndANumber_IsNotTakenForMoved(t *testing.T) {
	h := newHouseFor(t, []string{"INTG-001", "一"})
	v := []any{"2026/11/21", 2026, "=A1", true}
	if _, err := h.person.Spreadsheets.Values.Update(local.Book, "F1", &api.ValueRange{Values: [][]any{v}}).ValueInputOption("USER_ENTERED").Do(); err != nil {
		t.Fatal(err)
	}
	r, err := h.Read(t.Context(), []string{"summary"}, "INTG-001")
	if err != nil || !r.Rows["INTG-001"].Cells["summary"].Holds("一") {
		t.Errorf("%+v %v", r, err)
	}
}

func TestRead_HeaderThatNamesAColumnTwice_IsNoReading(t *testing.T) {
	h := newHouseFor(t, []string{"INTG-001", "一"})
	view, err := h.Look(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	hits, err := h.Write(t.Context(), view, Batch{Changes: []Change{{Row: must(t, view, "INTG-001"), Cells: map[string]string{"summary": "新"}}}})
	if err != nil {
		t.Fatal(err)
	}
	h.put(t, "J1", []string{" ＩＤ"}) // outside of the columns that were written
	if r, err := h.Again(t.Context(), view, hits); !errors.Is(err, ErrHeaderTwice) {
		t.Errorf("%+v %v", r, err)
	}
}

func TestWrite_HeaderReplacedByANumberOrDate_IsNotPlaced(t *testing.T) {
	for _, now := range []any{5, "2026/11/21", true} {
		h := newHouseFor(t, []string{"INTG-001", "一"})
		v, err := h.Look(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		_, err = h.person.Spreadsheets.Values.Update(local.Book, "B1", &api.ValueRange{Values: [][]any{{now}}}).ValueInputOption("USER_ENTERED").Do()
		if err != nil {
			t.Fatal(err)
		}
		hits, err := h.Write(t.Context(), v, Batch{Changes: []Change{{Row: must(t, v, "INTG-001"), Cells: map[string]string{"summary": "新"}}}})
		if err != nil || hits[0].Placed() {
			t.Errorf("%v: %+v %v", now, hits, err)
		}
		if r, err := h.Again(t.Context(), v, hits); !errors.Is(err, ErrNoColumn) {
			t.Errorf("%v: %+v %v", now, r, err)
		}
	}
}
