package sheets

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	api "google.golang.org/api/sheets/v4"

	"uratori/sheets/local"
	"uratori/sheets/sheetstest"
)

// moment has a person act just before the n-th write, counted from 1.
func (h *house) moment(n int, act func()) {
	writes := 0
	h.way.Fault = func(_ int, r *http.Request) sheetstest.Fault {
		if strings.Contains(r.URL.Path, ":batchUpdate") {
			if writes++; writes == n {
				act()
			}
		}
		return sheetstest.None
	}
}

func (h *house) change(t *testing.T, cells map[string]string) Hit {
	t.Helper()
	v, err := h.Look(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	hits, err := h.Write(t.Context(), v, Batch{Changes: []Change{{Row: must(t, v, "INTG-001"), Cells: cells}}})
	if err != nil {
		t.Fatal(err)
	}
	return hits[0]
}

func (h *house) tabs(t *testing.T) (tabs []Tab) {
	t.Helper()
	tabs, err := h.Tabs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return tabs
}

func TestPicture_ShowsWhatWasCovered_ThoughAPersonWroteItAfterTheLook(t *testing.T) {
	for _, c := range []struct {
		name, typed string
		want        Covered
	}{
		{"a text", "人の手", Covered{Cell{Text, "人の手"}, "人の手"}},
		{"a number", "42", Covered{Cell{Number, "42"}, "42"}},
		{"a formula", "=A1&B1", Covered{Cell{Formula, "=A1&B1"}, ""}},
		{"a truth", "TRUE", Covered{Cell{Bool, "TRUE"}, "TRUE"}},
		{"nothing", "", Covered{Cell{Kind: Empty}, ""}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouseFor(t, []string{"INTG-001", "一", "詳細一"}, []string{"INTG-002", "二"})
			h.moment(1, func() {
				_, err := h.person.Spreadsheets.Values.Update(local.Book, "Tracker!B2", &api.ValueRange{Values: [][]any{{c.typed}}}).ValueInputOption("USER_ENTERED").Do()
				if err != nil {
					t.Error(err)
				}
			})
			hit := h.change(t, map[string]string{"summary": "=新", "detail": ""})
			i := slices.IndexFunc(hit.Cells, func(c CellHit) bool { return c.Column == "summary" })
			got := hit.Cells[i].Covered
			if got == nil || got.Cell != c.want.Cell || !got.Says(c.want.Text) || got.Says("一") {
				t.Errorf("covered %+v, want %+v", got, c.want)
			}
			if !hit.Placed() || !hit.Cells[i].After.Holds("=新") {
				t.Errorf("%+v", hit)
			}
			if detail := hit.Cells[1-i].Covered; detail == nil || detail.Cell != (Cell{Text, "詳細一"}) {
				t.Errorf("detail covered %+v", detail)
			}
		})
	}
}

func TestPicture_OfARowThatCameInBetween_ShowsThatRow(t *testing.T) {
	h := newHouseFor(t, []string{"INTG-001", "一"}, []string{"INTG-002", "二"})
	h.moment(1, func() {
		h.do(t, &api.Request{InsertDimension: &api.InsertDimensionRequest{Range: &api.DimensionRange{Dimension: "ROWS", StartIndex: 1, EndIndex: 2}}})
		h.put(t, "A2", []string{"INTG-099", "人の行"})
	})
	hit := h.change(t, map[string]string{"summary": "新"})
	c := hit.Cells[0]
	if c.Placed || hit.Found != "INTG-099" || c.Before == nil || *c.Before != "人の行" || c.Kind != Text {
		t.Errorf("%+v %+v", hit, c.Covered)
	}
}

func TestPicture_TabIsHidden_GrowsWithTheTable_AndMayBeRenamedOrDeleted(t *testing.T) {
	h := newHouseFor(t, []string{"INTG-001", "一"})
	h.change(t, map[string]string{"summary": "二"})
	if tabs := h.tabs(t); len(tabs) != 2 || tabs[1] != (Tab{pictureID, PictureTab, true}) {
		t.Fatalf("%+v", tabs)
	}
	h.do(t, &api.Request{UpdateSheetProperties: &api.UpdateSheetPropertiesRequest{
		Fields: "title", Properties: &api.SheetProperties{SheetId: pictureID, Title: "別名"},
	}}, &api.Request{InsertDimension: &api.InsertDimensionRequest{Range: &api.DimensionRange{Dimension: "ROWS", StartIndex: 1, EndIndex: 3001}}})
	for _, title := range []string{"別名", PictureTab} {
		// The first may find the tab of pictures not as it was: then it looks again.
		for tries := 0; ; tries++ {
			v, err := h.Look(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			_, err = h.Write(t.Context(), v, Batch{Changes: []Change{{Row: must(t, v, "INTG-001"), Cells: map[string]string{"summary": "三"}}}})
			if err == nil {
				break
			}
			if tries == 2 {
				t.Fatalf("%s: %v", title, err)
			}
		}
		if hit := h.change(t, map[string]string{"summary": "四"}); hit.Row != 3002 || hit.Cells[0].Covered == nil || hit.Cells[0].Covered.Text != "三" {
			t.Errorf("%s: %+v", title, hit)
		}
		h.change(t, map[string]string{"summary": "三"})
		if tabs := h.tabs(t); len(tabs) != 2 || tabs[1].Title != title || !tabs[1].Hidden {
			t.Errorf("%+v", tabs)
		}
		if title != PictureTab {
			h.do(t, &api.Request{DeleteSheet: &api.DeleteSheetRequest{SheetId: pictureID}})
		}
	}
}

func TestPicture_WhereItIsRefused_TheChangeIsMadeWithout_ForAMinute(t *testing.T) {
	for _, f := range []sheetstest.Fault{sheetstest.S400, sheetstest.S403} {
		h := newHouseFor(t, []string{"INTG-001", "一"})
		now := time.Now()
		h.o.Now = func() time.Time { return now }
		v, err := h.Look(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		asked, refused := 0, 2
		h.way.Fault = func(_ int, r *http.Request) sheetstest.Fault {
			if !strings.HasSuffix(r.URL.Path, ":batchUpdate") {
				return sheetstest.None
			}
			if asked++; asked <= refused {
				return f
			}
			return sheetstest.None
		}
		write := func(text string) *Covered {
			t.Helper()
			hits, err := h.Write(t.Context(), v, Batch{Changes: []Change{{Row: must(t, v, "INTG-001"), Cells: map[string]string{"summary": text}}}})
			if err != nil || h.grid(t)[1][1] != text {
				t.Fatalf("%v: %+v, %v after %d requests", f, hits, err, asked)
			}
			return hits[0].Cells[0].Covered
		}
		if covered := write("新"); covered != nil || asked != 3 || len(h.tabs(t)) != 1 {
			t.Errorf("%v: %v after %d requests", f, covered, asked)
		}
		if covered := write("二"); covered != nil || asked != 4 {
			t.Errorf("%v: %v after %d requests", f, covered, asked)
		}
		now = now.Add(blindness)
		if covered := write("三"); covered == nil || covered.Text != "二" || asked != 5 {
			t.Errorf("%v: %v after %d requests", f, covered, asked)
		}
	}
}

func TestPicture_WhereTheChangeWasRefusedForAMoment_ItIsMadeAgain_WithItsPicture(t *testing.T) {
	h := newHouseFor(t, []string{"INTG-001", "一"})
	v, err := h.Look(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	asked, fault := 0, map[int]sheetstest.Fault{1: sheetstest.S403}
	h.way.Fault = func(int, *http.Request) sheetstest.Fault {
		asked++
		if f, ok := fault[asked]; ok {
			return f
		}
		return sheetstest.None
	}
	write := func(text string) ([]Hit, error) {
		asked = 0
		return h.Write(t.Context(), v, Batch{Note: text, Changes: []Change{{Row: must(t, v, "INTG-001"), Cells: map[string]string{"summary": text}}}})
	}
	if hits, err := write("新"); err != nil || asked != 3 || hits[0].Cells[0].Covered == nil || hits[0].Cells[0].Covered.Text != "一" {
		t.Errorf("%+v, %v after %d requests", hits, err, asked)
	}
	fault = map[int]sheetstest.Fault{1: sheetstest.S403, 3: sheetstest.S403}
	if _, err := write("二"); !errors.Is(err, ErrPermission) || asked != 3 || h.grid(t)[1][1] != "新" {
		t.Errorf("%v after %d requests", err, asked)
	}
	if note, err := h.LastNote(t.Context()); err != nil || note == "二" {
		t.Errorf("a change that was not made is signed: %q, %v", note, err)
	}
	for _, f := range []sheetstest.Fault{sheetstest.S429, sheetstest.ResetAfter} { // nobody knows whether pictures are refused
		fault = map[int]sheetstest.Fault{1: sheetstest.S403, 2: f}
		if _, err := write("三"); !errors.Is(err, ErrPermission) || errors.Is(err, ErrUnknown) || asked != 2 || h.grid(t)[1][1] != "新" {
			t.Errorf("%v: %v after %d requests", f, err, asked)
		}
	}
	fault = map[int]sheetstest.Fault{1: sheetstest.S500After}
	if _, err := write("四"); !errors.Is(err, ErrUnknown) || asked != 1 {
		t.Errorf("%v after %d requests", err, asked)
	}
}

func TestDelete_ShowsTheRowItHit_ThoughNoLookHasSeenIt(t *testing.T) {
	h := newHouseFor(t, []string{"INTG-001", "一"}, []string{"INTG-002", "二"})
	v, err := h.Look(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	h.moment(1, func() {
		h.do(t, &api.Request{InsertDimension: &api.InsertDimensionRequest{Range: &api.DimensionRange{Dimension: "ROWS", StartIndex: 1, EndIndex: 2}}})
		h.put(t, "A2", []string{"INTG-099", "人の行", "", "", "", "メモ"})
	})
	d, err := h.Delete(t.Context(), v, must(t, v, "INTG-001"), "")
	if err != nil {
		t.Fatal(err)
	}
	if d.Hit || d.Taken == nil || d.Taken.Key != "INTG-099" || d.Taken.Cells[1] != (Cell{Text, "人の行"}) || d.Taken.Cells[5] != (Cell{Text, "メモ"}) || len(d.Gone) != 0 {
		t.Errorf("%+v", d)
	}
	h.way.Fault = nil
	if v, err = h.Whole(t.Context()); err != nil {
		t.Fatal(err)
	}
	d, err = h.Delete(t.Context(), v, must(t, v, "INTG-002"), "")
	if err != nil || !d.Hit || d.Taken == nil || d.Taken.Key != "INTG-002" {
		t.Errorf("%+v, %v", d, err)
	}
	if got := h.grid(t); len(got) != 2 || got[1][0] != "INTG-001" {
		t.Errorf("%v", got)
	}
}

func TestDelete_UnderAHeaderThatMoved_DoesNotSayWhoseCellsTheyWere(t *testing.T) {
	h := newHouseFor(t, []string{"INTG-001", "一"}, []string{"INTG-002", "二"})
	v, err := h.Look(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	h.moment(1, func() { h.put(t, "B1", []string{"詳細", "概要"}) })
	d, err := h.Delete(t.Context(), v, must(t, v, "INTG-001"), "")
	if err != nil || d.Taken != nil || !d.Hit {
		t.Errorf("%+v, %v", d, err)
	}
}

func TestRecall_AfterALostAnswer_TellsWhatTheChangeDid(t *testing.T) {
	for _, applied := range []bool{true, false} {
		h := newHouseFor(t, []string{"INTG-001", "一"}, []string{"INTG-002", "二"})
		v, err := h.Look(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		b := Batch{
			Changes: []Change{{Row: must(t, v, "INTG-001"), Cells: map[string]string{"summary": "新"}}, {Row: must(t, v, "INTG-002"), Cells: map[string]string{"detail": ""}}},
			Inserts: []Insert{{Key: "INTG-003", Cells: map[string]string{"summary": "三"}}},
			Note:    "write 1 2 3",
		}
		h.way.Fault = func(_ int, r *http.Request) sheetstest.Fault {
			if !strings.Contains(r.URL.Path, ":batchUpdate") {
				return sheetstest.None
			}
			h.put(t, "A2", []string{"INTG-099", "人の"}) // just then
			if applied {
				return sheetstest.ResetAfter
			}
			return sheetstest.ResetBefore
		}
		if _, err := h.Write(t.Context(), v, b); !errors.Is(err, ErrUnknown) {
			t.Fatal(err)
		}
		h.way.Fault = nil
		hits, err := h.Recall(t.Context(), v, b)
		note, err2 := h.LastNote(t.Context())
		if err != nil || err2 != nil || len(hits) != map[bool]int{true: 3, false: 0}[applied] || note != map[bool]string{true: b.Note, false: ""}[applied] {
			t.Fatalf("applied %v: %+v %q %v %v", applied, hits, note, err, err2)
		}
		if !applied {
			continue
		}
		if x := hits[0]; x.Found != "INTG-099" || x.Cells[0].Placed || x.Cells[0].Covered == nil || x.Cells[0].Covered.Text != "人の" || x.Cells[0].After.Text != "新" {
			t.Errorf("%+v", x)
		}
		if x := hits[1]; !x.Placed() || x.Cells[0].Covered == nil || x.Cells[0].Covered.Kind != Empty {
			t.Errorf("%+v", x)
		}
		if x := hits[2]; !x.Placed() || x.Cells[0].Covered != nil {
			t.Errorf("%+v", x)
		}
		other := b
		other.Note = "write 4"
		if hits, err := h.Recall(t.Context(), v, other); err != nil || hits != nil {
			t.Errorf("of another change: %+v %v", hits, err)
		}
		if v, err = h.Look(t.Context()); err != nil {
			t.Fatal(err)
		}
		next := Batch{Changes: []Change{{Row: must(t, v, "INTG-002"), Cells: map[string]string{"summary": "次"}}}}
		if _, err := h.Write(t.Context(), v, next); err != nil { // it has no note, and takes that away
			t.Fatal(err)
		}
		b.Inserts = nil // it is there by now
		if hits, err := h.Recall(t.Context(), v, b); err != nil || hits != nil {
			t.Errorf("of a change before the last: %+v %v", hits, err)
		}
	}
}

func TestRecall_OfADeletion_TellsWhichRowIsGone_AndWithoutATabNothing(t *testing.T) {
	h := newHouseFor(t, []string{"INTG-001", "一"}, []string{"INTG-002", "二"})
	if note, err := h.LastNote(t.Context()); note != "" || err != nil {
		t.Errorf("%q, %v", note, err)
	}
	v, err := h.Look(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	row := must(t, v, "INTG-001")
	if taken, err := h.RecallDeleted(t.Context(), v, row.Number, "n"); taken != nil || err != nil {
		t.Errorf("%+v, %v", taken, err)
	}
	h.way.Fault = func(_ int, r *http.Request) sheetstest.Fault {
		if strings.Contains(r.URL.Path, ":batchUpdate") {
			h.put(t, "A2", []string{"INTG-099", "人の"})
			return sheetstest.ResetAfter
		}
		return sheetstest.None
	}
	if _, err := h.Delete(t.Context(), v, row, "n"); !errors.Is(err, ErrUnknown) {
		t.Fatal(err)
	}
	h.way.Fault = nil
	taken, err := h.RecallDeleted(t.Context(), v, row.Number, "n")
	if err != nil || taken == nil || taken.Key != "INTG-099" || taken.Is(row) || taken.Cells[1].Text != "人の" {
		t.Errorf("%+v, %v", taken, err)
	}
}
