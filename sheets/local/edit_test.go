package local

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"uratori/internal/fault"
	"uratori/internal/store"
	"uratori/sheets/local/edit"
)

func (h *house) edit(steps ...edit.Step) (edit.Outcome, error) {
	h.t.Helper()
	return h.Edit(h.t.Context(), edit.Batch{Steps: steps}, nil)
}

// made makes a batch that must be made, and returns its inverse.
func (h *house) made(b edit.Batch) edit.Batch {
	h.t.Helper()
	o, err := h.Edit(h.t.Context(), b, nil)
	if err != nil || !o.Applied || o.Undo == nil {
		h.t.Fatalf("%+v: %+v %v", b, o, err)
	}
	return *o.Undo
}

// content is all that cells hold and wear. What programs have noted of a row
// that is deleted is lost with it, as in Google's.
func (h *house) content() string {
	h.t.Helper()
	code, text := h.ask("GET", "/local?includeGridData=true&fields=sheets(properties,data.rowData)", "")
	if code != 200 {
		h.t.Fatal(text)
	}
	return text
}

func typed(row, column int, old, text string) edit.Step {
	return edit.Step{Put: &edit.Put{Row: row, Column: column, Old: [][]string{{old}}, New: [][]edit.Value{{{Text: text}}}}}
}

func TestEdit_CellThatChangedMeanwhile_IsNamed_AndNothingIsChanged(t *testing.T) {
	h := newBusy(t)
	h.unchanged(func() {
		o, err := h.edit(typed(2, 3, "", "new"), edit.Step{Put: &edit.Put{Row: 2, Column: 1, Old: [][]string{{"b", "old"}}, New: [][]edit.Value{{{Text: "x"}, {Text: "y"}}}}})
		if err != nil || o.Applied || fmt.Sprint(o.Differs) != "[{2 2 old 1}]" {
			t.Errorf("%+v %v", o, err)
		}
		// The row beside an empty cell is another one now.
		o, err = h.Edit(t.Context(), edit.Batch{Seen: []edit.Sight{{Row: 2, Column: 1, Text: "a"}, {Row: 0, Column: -1}}, Steps: []edit.Step{typed(2, 3, "", "new")}}, nil)
		if err != nil || o.Applied || len(o.Differs) != 2 || o.Differs[0].Now != "b" {
			t.Errorf("%+v %v", o, err)
		}
		for _, seen := range [][][]string{{{"b"}}, {{"b", "1", "?"}}, {{"b", "1"}, {"a", "2", "", "", "x"}}, {{}}} {
			if o, err := h.edit(edit.Step{Delete: &edit.Delete{Row: 2, Seen: seen}}); err != nil || o.Applied || len(o.Differs) == 0 {
				t.Errorf("%q: %+v %v", seen, o, err)
			}
		}
	})
}

func TestEdit_WhatIsTypedStaysAText(t *testing.T) {
	h := newHouse(t)
	for i, text := range []string{"=1+1", "088", "'x", "TRUE", "1/2", "\n", "-", "😀"} {
		h.made(edit.Batch{Steps: []edit.Step{typed(2, 1+i, "", text)}})
	}
	h.want("GET", "/local/values/Tracker!A2:H2?valueRenderOption=FORMULA&fields=values", "", `{"values":[["=1+1","088","'x","TRUE","1/2","\n","-","😀"]]}`)
}

func TestEdit_EachStep_IsTakenBackByItsInverse_AndMadeAgain(t *testing.T) {
	h := newBusy(t)
	h.ask("PUT", "/local/values/Tracker!A4?valueInputOption=USER_ENTERED", `{"values":[["2026/1/2","=A1",true,"50%"]]}`)
	h.batch(`{"updateCells":{"start":{"rowIndex":3,"columnIndex":1},"fields":"note","rows":[{"values":[{"note":"n"}]}]}}`)
	for name, b := range map[string]edit.Batch{
		"put":            {Steps: []edit.Step{typed(2, 1, "b", "")}},
		"put over dress": {Steps: []edit.Step{{Put: &edit.Put{Row: 4, Column: 1, Old: [][]string{{"2026/1/2", "=A1", "TRUE", "50%", ""}}, New: [][]edit.Value{{{Text: "x"}, {Text: "y"}, {}, {}, {Text: "z"}}}}}}},
		"insert":         {Steps: []edit.Step{{Insert: &edit.Insert{Row: 2, Count: 3, Cells: [][]edit.Value{{{Text: "n"}}, {}}}}}},
		"insert last":    {Steps: []edit.Step{{Insert: &edit.Insert{Row: 1001, Count: 1, Cells: [][]edit.Value{{{Text: "n"}}}}}}},
		"delete":         {Steps: []edit.Step{{Delete: &edit.Delete{Row: 3, Seen: [][]string{{"a", "2"}, {"2026/1/2", "=A1", "TRUE", "50%"}, {}}}}}},
		"sort":           {Steps: []edit.Step{{Sort: &edit.Sort{From: 2, Column: 1}}}},
		"sort down":      {Steps: []edit.Step{{Sort: &edit.Sort{From: 2, To: 900, Column: 2, Descending: true}}}},
		"several":        {Steps: []edit.Step{{Insert: &edit.Insert{Row: 2, Count: 1}}, typed(2, 1, "", "new"), {Sort: &edit.Sort{From: 2, Column: 1}}, {Delete: &edit.Delete{Row: 5, Seen: [][]string{{"new"}}}}}},
	} {
		before := h.content()
		back := h.made(b)
		after := h.content()
		if after == before {
			t.Errorf("%s does nothing", name)
		}
		again := h.made(back)
		if now := h.content(); now != before {
			t.Errorf("%s was not taken back\n%.2000s\n%.2000s", name, before, now)
		}
		back = h.made(again)
		if now := h.content(); now != after {
			t.Errorf("%s was not made again\n%.2000s\n%.2000s", name, after, now)
		}
		h.made(back)
	}
	if got := h.read("A2:B3"); got != `[["b","1"],["a","2"]]` {
		t.Error(got)
	}
}

func TestEdit_Undo_IsRefusedWhereSomebodyHasBeenSince(t *testing.T) {
	for name, c := range map[string]struct {
		do   edit.Step
		then string
	}{
		"the cell":           {typed(2, 1, "b", "mine"), `{"findReplace":{"find":"mine","replacement":"theirs","allSheets":true}}`},
		"the row":            {typed(2, 2, "1", ""), `{"insertDimension":{"range":{"dimension":"ROWS","startIndex":1,"endIndex":2}}}`},
		"the inserted row":   {edit.Step{Insert: &edit.Insert{Row: 2, Count: 1}}, `{"updateCells":{"start":{"rowIndex":1,"columnIndex":7},"fields":"userEnteredValue","rows":[{"values":[{"userEnteredValue":{"stringValue":"x"}}]}]}}`},
		"beside the deleted": {edit.Step{Delete: &edit.Delete{Row: 2, Seen: [][]string{{"b", "1"}}}}, `{"insertDimension":{"range":{"dimension":"ROWS","startIndex":1,"endIndex":2}}}`},
		"the order":          {edit.Step{Sort: &edit.Sort{From: 2, Column: 1}}, `{"updateCells":{"start":{"rowIndex":2,"columnIndex":7},"fields":"userEnteredValue","rows":[{"values":[{"userEnteredValue":{"stringValue":"x"}}]}]}}`},
	} {
		h := newBusy(t)
		back := h.made(edit.Batch{Steps: []edit.Step{c.do}})
		h.batch(c.then)
		h.unchanged(func() {
			if o, err := h.Edit(t.Context(), back, nil); o.Applied || err == nil && len(o.Differs) == 0 {
				t.Errorf("%s: %+v %v", name, o, err)
			}
		})
	}
}

func TestEdit_HostileBatches_AreRefusedByName(t *testing.T) {
	h := newBusy(t)
	long := strings.Repeat("字", 50_001)
	huge := make([][]edit.Value, edit.MostCells+1)
	old := make([][]string, edit.MostCells+1)
	for i := range huge {
		huge[i], old[i] = []edit.Value{{}}, []string{""}
	}
	other := int32(5)
	h.unchanged(func() {
		for name, c := range map[string]struct {
			b    edit.Batch
			want string
		}{
			"nothing":             {edit.Batch{}, "sheet.bad_steps"},
			"too many":            {edit.Batch{Steps: make([]edit.Step, edit.MostSteps+1)}, "sheet.bad_steps"},
			"no kind":             {edit.Batch{Steps: []edit.Step{{}}}, "sheet.bad_step"},
			"two kinds":           {edit.Batch{Steps: []edit.Step{{Sort: &edit.Sort{From: 1, Column: 1}, Insert: &edit.Insert{Row: 1, Count: 1}}}}, "sheet.bad_step"},
			"huge":                {edit.Batch{Steps: []edit.Step{{Put: &edit.Put{Row: 1, Column: 1, Old: old, New: huge}}}}, "sheet.large_batch"},
			"huge insert":         {edit.Batch{Steps: []edit.Step{{Insert: &edit.Insert{Row: 1, Count: 1 << 62}}}}, "sheet.large_batch"},
			"another tab":         {edit.Batch{Tab: 4711, Steps: []edit.Step{typed(1, 1, "", "")}}, "sheet.no_tab"},
			"long":                {edit.Batch{Steps: []edit.Step{typed(9, 9, "", long)}}, "sheet.long_cell"},
			"row 0":               {edit.Batch{Steps: []edit.Step{typed(0, 1, "", "x")}}, "sheet.bad_block"},
			"column -1":           {edit.Batch{Steps: []edit.Step{typed(1, -1, "", "x")}}, "sheet.bad_block"},
			"beyond":              {edit.Batch{Steps: []edit.Step{typed(1001, 1, "", "x")}}, "sheet.outside"},
			"far beyond":          {edit.Batch{Steps: []edit.Step{typed(1, 1<<62, "", "x")}}, "sheet.outside"},
			"the last int":        {edit.Batch{Steps: []edit.Step{typed(1<<63-1, 1<<63-1, "", "x")}}, "sheet.outside"},
			"grown too far":       {edit.Batch{Steps: []edit.Step{{Put: &edit.Put{Row: 1 << 40, Column: 1, Grow: true, Old: [][]string{{""}}, New: [][]edit.Value{{{}}}}}}}, "sheet.outside"},
			"no cells":            {edit.Batch{Steps: []edit.Step{{Put: &edit.Put{Row: 1, Column: 1, Old: [][]string{{}}, New: [][]edit.Value{{}}}}}}, "sheet.bad_block"},
			"not all seen":        {edit.Batch{Steps: []edit.Step{{Put: &edit.Put{Row: 1, Column: 1, Old: [][]string{{"ID"}}, New: [][]edit.Value{{{}, {}}}}}}}, "sheet.bad_block"},
			"nothing seen":        {edit.Batch{Steps: []edit.Step{{Put: &edit.Put{Row: 1, Column: 1, New: [][]edit.Value{{{}}}}}}}, "sheet.bad_block"},
			"no kind of value":    {edit.Batch{Steps: []edit.Step{{Put: &edit.Put{Row: 9, Column: 1, Old: [][]string{{""}}, New: [][]edit.Value{{{Kind: "date"}}}}}}}, "sheet.bad_value"},
			"a formula without =": {edit.Batch{Steps: []edit.Step{{Put: &edit.Put{Row: 9, Column: 1, Old: [][]string{{""}}, New: [][]edit.Value{{{Kind: edit.Formula, Text: "1"}}}}}}}, "sheet.bad_value"},
			"half true":           {edit.Batch{Steps: []edit.Step{{Put: &edit.Put{Row: 9, Column: 1, Old: [][]string{{""}}, New: [][]edit.Value{{{Kind: edit.Bool, Number: .5}}}}}}}, "sheet.bad_value"},
			"a format of nobody":  {edit.Batch{Steps: []edit.Step{{Put: &edit.Put{Row: 9, Column: 1, Old: [][]string{{""}}, New: [][]edit.Value{{{Type: "MONEY"}}}}}}}, "sheet.bad_value"},
			"no rows":             {edit.Batch{Steps: []edit.Step{{Insert: &edit.Insert{Row: 1}}}}, "sheet.bad_block"},
			"fewer than none":     {edit.Batch{Steps: []edit.Step{{Insert: &edit.Insert{Row: 1, Count: -1}}}}, "sheet.bad_block"},
			"more cells":          {edit.Batch{Steps: []edit.Step{{Insert: &edit.Insert{Row: 1, Count: 1, Cells: [][]edit.Value{{}, {}}}}}}, "sheet.bad_block"},
			"inserted beyond":     {edit.Batch{Steps: []edit.Step{{Insert: &edit.Insert{Row: 1002, Count: 1}}}}, "sheet.outside"},
			"inserted before":     {edit.Batch{Steps: []edit.Step{{Insert: &edit.Insert{Row: 0, Count: 1}}}}, "sheet.outside"},
			"delete nothing":      {edit.Batch{Steps: []edit.Step{{Delete: &edit.Delete{Row: 1}}}}, "sheet.bad_block"},
			"delete beyond":       {edit.Batch{Steps: []edit.Step{{Delete: &edit.Delete{Row: 1000, Seen: [][]string{{}, {}}}}}}, "sheet.outside"},
			"delete before":       {edit.Batch{Steps: []edit.Step{{Delete: &edit.Delete{Row: -5, Seen: [][]string{{}}}}}}, "sheet.outside"},
			"delete all":          {edit.Batch{Tab: other, Steps: []edit.Step{{Delete: &edit.Delete{Row: 1, Seen: make([][]string, 5)}}}}, "sheet.last_row"},
			"sort by nothing":     {edit.Batch{Steps: []edit.Step{{Sort: &edit.Sort{From: 1}}}}, "sheet.outside"},
			"sort beyond":         {edit.Batch{Steps: []edit.Step{{Sort: &edit.Sort{From: 1, To: 1001, Column: 1}}}}, "sheet.outside"},
			"no order":            {edit.Batch{Steps: []edit.Step{{Arrange: &edit.Arrange{From: 1}}}}, "sheet.bad_block"},
			"a row twice":         {edit.Batch{Steps: []edit.Step{{Arrange: &edit.Arrange{From: 1, Order: []int{1, 1}}}}}, "sheet.bad_order"},
			"another row":         {edit.Batch{Steps: []edit.Step{{Arrange: &edit.Arrange{From: 2, Order: []int{1, 2}}}}}, "sheet.bad_order"},
			"of another moment":   {edit.Batch{Steps: []edit.Step{{Arrange: &edit.Arrange{From: 2, Order: []int{3, 2}, Seen: "x"}}}}, "sheet.rows_changed"},
		} {
			o, err := h.Edit(t.Context(), c.b, nil)
			f, ok := errors.AsType[*fault.Error](err)
			if !ok || f.Key != c.want || o.Applied {
				t.Errorf("%s: %+v %v", name, o, err)
			}
		}
		planted := errors.New("planted")
		if _, err := h.Edit(t.Context(), edit.Batch{Steps: []edit.Step{typed(2, 1, "b", "x")}}, func(*store.Tx) error { return planted }); !errors.Is(err, planted) {
			t.Error(err)
		}
	})
}

func TestEdit_PasteBeyondTheGrid_MakesItLarger_WhereItWasAskedTo(t *testing.T) {
	h := newHouse(t)
	b := edit.Batch{Steps: []edit.Step{{Put: &edit.Put{Row: 1000, Column: 26, Grow: true, Old: [][]string{{"", ""}, {"", ""}}, New: [][]edit.Value{{{Text: "a"}, {Text: "b"}}, {{Text: "c"}, {Text: "d"}}}}}}}
	h.made(b)
	if got := h.read("Z1000:AA1001"); got != `[["a","b"],["c","d"]]` {
		t.Error(got)
	}
}

// Many people who each see a number and write the next one lose none.
func TestEdit_AtTheSameTime_LosesNothing(t *testing.T) {
	h := newHouse(t)
	h.made(edit.Batch{Steps: []edit.Step{typed(2, 1, "", "0")}})
	const people, each = 8, 10
	var all sync.WaitGroup
	for range people {
		all.Go(func() {
			seen := "0"
			for done := 0; done < each; {
				n, err := strconv.Atoi(seen)
				if err != nil {
					t.Error(err)
					return
				}
				o, err := h.Edit(context.Background(), edit.Batch{Steps: []edit.Step{typed(2, 1, seen, strconv.Itoa(n+1))}}, nil)
				switch {
				case err != nil:
					t.Error(err)
					return
				case o.Applied:
					done++
					seen = strconv.Itoa(n + 1)
				default:
					seen = o.Differs[0].Now
				}
			}
		})
	}
	all.Wait()
	if got := h.read("A2"); got != fmt.Sprintf(`[["%d"]]`, people*each) {
		t.Error(got)
	}
}

func TestPage_ShowsRowsOfOneMoment(t *testing.T) {
	h := newBusy(t)
	p, changes, err := h.Page(t.Context(), edit.Query{From: 2, To: 3})
	if err != nil || changes != h.Changes() || len(p.Tabs) != 2 || p.Tabs[0].UsedRows != 3 || p.Tabs[0].UsedColumns != 5 || p.Tabs[0].Frozen != 1 || fmt.Sprint(p.Header) != "[ID 概要 詳細 ステータス 承認]" {
		t.Errorf("%+v %d %v", p, changes, err)
	}
	if len(p.Rows) != 2 || p.Rows[1][0].Text != "a" || !p.Rows[1][0].Plain() {
		t.Errorf("%+v", p.Rows)
	}
	five, none := int32(5), int32(9)
	if p, _, err := h.Page(t.Context(), edit.Query{Tab: &five, From: 1, To: 1000}); err != nil || p.Tab != 5 || len(p.Rows) != 5 {
		t.Errorf("%+v %v", p, err)
	}
	for _, q := range []edit.Query{{From: 0}, {From: -1, To: 5}, {From: 1, To: edit.MostRows + 1}, {From: 1, Tab: &none}, {From: 1, Title: "no\n"}} {
		if _, _, err := h.Page(t.Context(), q); err == nil {
			t.Errorf("%+v", q)
		}
	}
	h.fill("A2", fmt.Sprintf(`[[%q],[%q],["x"]]`, strings.Repeat("x", 50_000), strings.Repeat("y", 50_000)))
	for range 90 {
		h.made(edit.Batch{Steps: []edit.Step{{Insert: &edit.Insert{Row: 2, Count: 1, Cells: [][]edit.Value{{{Text: strings.Repeat("z", 50_000)}}}}}}})
	}
	if p, _, err := h.Page(t.Context(), edit.Query{From: 1, To: 1000}); err != nil || len(p.Rows) < 50 || len(p.Rows) > 90 {
		t.Errorf("%d rows, %v", len(p.Rows), err)
	}
}

// Whatever somebody does who has seen the tab, its inverse brings the tab back.
func TestEdit_AnyBatch_IsTakenBackByItsInverse(t *testing.T) {
	h := newHouse(t)
	rapid.Check(t, func(r *rapid.T) {
		texts := rapid.SampledFrom([]string{"", "a", "b", "=1", "字", "10", "9"})
		h.ask("POST", "/local/values/Tracker:clear", "")
		for range rapid.IntRange(0, 6).Draw(r, "filled") {
			h.fill(fmt.Sprintf("%c%d", 'A'+rapid.IntRange(0, 4).Draw(r, "at"), rapid.IntRange(1, 12).Draw(r, "at")), fmt.Sprintf(`[[%q]]`, texts.Draw(r, "text")))
		}
		var now [][]string
		p, _, err := h.Page(context.Background(), edit.Query{From: 1, To: 12})
		if err != nil {
			r.Fatal(err)
		}
		for _, row := range p.Rows {
			var line []string
			for _, v := range row {
				line = append(line, v.Text)
			}
			now = append(now, line)
		}
		at := func(row, column int) string {
			if row < len(now) && column < len(now[row]) {
				return now[row][column]
			}
			return ""
		}
		row, count := rapid.IntRange(1, 8).Draw(r, "row"), rapid.IntRange(1, 4).Draw(r, "count")
		var step edit.Step
		switch rapid.IntRange(0, 3).Draw(r, "what") {
		case 0:
			column, width := rapid.IntRange(1, 4).Draw(r, "column"), rapid.IntRange(1, 3).Draw(r, "width")
			p := edit.Put{Row: row, Column: column}
			for i := range count {
				var old []string
				var values []edit.Value
				for j := range width {
					old, values = append(old, at(row-1+i, column-1+j)), append(values, edit.Value{Text: texts.Draw(r, "text")})
				}
				p.Old, p.New = append(p.Old, old), append(p.New, values)
			}
			step.Put = &p
		case 1:
			step.Insert = &edit.Insert{Row: row, Count: count, Cells: [][]edit.Value{{{Text: texts.Draw(r, "text")}, {Text: texts.Draw(r, "text")}}}}
		case 2:
			d := edit.Delete{Row: row}
			for i := range count {
				d.Seen = append(d.Seen, now[row-1+i])
			}
			step.Delete = &d
		default:
			step.Sort = &edit.Sort{From: row, Column: count, Descending: rapid.Bool().Draw(r, "down"), To: 12}
		}
		before := h.content()
		o, err := h.Edit(context.Background(), edit.Batch{Steps: []edit.Step{step}}, nil)
		if err != nil || !o.Applied {
			r.Fatalf("%+v %v", o, err)
		}
		after := h.content()
		back, err := h.Edit(context.Background(), *o.Undo, nil)
		if err != nil || !back.Applied || h.content() != before {
			r.Fatalf("%+v %v\n%s\n%s", back, err, before, h.content())
		}
		if again, err := h.Edit(context.Background(), *back.Undo, nil); err != nil || !again.Applied || h.content() != after {
			r.Fatalf("%+v %v", again, err)
		}
	})
}

// A place at the end of what an int holds must not be taken for one before it.
func TestEdit_PlaceBeyondEveryGrid_IsRefused(t *testing.T) {
	two := [][]edit.Value{{{Text: "x"}}, {{Text: "y"}}}
	for name, s := range map[string]edit.Step{
		"put below":  {Put: &edit.Put{Row: math.MaxInt, Column: 1, Grow: true, Old: [][]string{{""}, {""}}, New: two}},
		"put beside": {Put: &edit.Put{Row: 1, Column: math.MaxInt, Grow: true, Old: [][]string{{"", ""}}, New: [][]edit.Value{{{Text: "x"}, {Text: "y"}}}}},
		"delete":     {Delete: &edit.Delete{Row: math.MaxInt, Seen: [][]string{{}, {}}}},
	} {
		t.Run(name, func(t *testing.T) {
			h := newBusy(t)
			h.unchanged(func() {
				if o, err := h.edit(s); o.Applied || fault.KindOf(err) != fault.Invalid {
					t.Errorf("%+v %v", o, err)
				}
			})
		})
	}
}
