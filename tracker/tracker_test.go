package tracker

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/sheets"
)

func TestCreate_StoresTextsToTheLetter(t *testing.T) {
	texts := []string{
		"一行目\n二行目\n\n  字下げ\t┌─┐\n└─┘\n", "- 先頭がハイフン", "=SUM(A1:A2)", "'引用符", "+81", "@here", "088", "TRUE", "2026/11/21", " 前後の空白 ",
		"か\u3099 NFD", "<b>&amp;</b>", strings.Repeat("長", 50_000), "\u202eRTL", "{{.Detail}} {id} ${HOME}",
	}
	bubble(t, func(h *house) {
		for _, text := range texts {
			r := h.file(Draft{Fields: map[string]string{"detail": text, "概要": "要約"}})
			if r.Verdict != ledger.Verified || h.cell(r.Ticket, "詳細") != text || h.cell(r.Ticket, "概要") != "要約" || h.cell(r.Ticket, "ステータス") != "起票" {
				t.Errorf("%.20q: %+v", text, r)
			}
		}
		if got := h.file(Draft{Fields: map[string]string{"detail": "a\r\nb\rc"}}); h.cell(got.Ticket, "詳細") != "a\nb\nc" {
			t.Errorf("line breaks: %q", h.cell(got.Ticket, "詳細"))
		}
	})
}

func TestCreate_WithoutAnID_TakesTheNextThatWasNeverUsed(t *testing.T) {
	bubble(t, func(h *house) {
		next := func(want string) {
			t.Helper()
			if r := h.file(Draft{Fields: map[string]string{"summary": "s"}}); r.Ticket != want || r.Verdict != ledger.Verified {
				t.Errorf("got %s (%s), want %s", r.Ticket, r.Verdict, want)
			}
		}
		next("INTG-089")
		h.put("A5", []string{"ＩＮＴＧ－１２０", "全角"})
		next("INTG-121") // the name was found taken by the look
		h.put("A8", []string{"OTHER-500"}, []string{"INTG-x"}, []string{"INTG-"})
		next("INTG-122")
		h.deleteRow(7) // INTG-122
		h.look()
		next("INTG-123")
		h.kill()
		h.start()
		next("INTG-124")
	}, []string{"INTG-003", "a"}, []string{"INTG-088", "b"})
}

// A slip of the keyboard is no ticket, so no number is left out for it.
func TestUpdate_OfAnIDThatIsNotThere_UsesNoNumberUp(t *testing.T) {
	bubble(t, func(h *house) {
		for _, slip := range []string{"INTG-999", "INTG-000999"} {
			if _, err := h.Update(context.Background(), Change{Ticket: slip, Fields: map[string]string{"summary": "s"}}); fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s: %v", slip, err)
			}
		}
		if r := h.file(Draft{Fields: map[string]string{"summary": "s"}}); r.Ticket != "INTG-002" {
			t.Errorf("%+v", r)
		}
	}, []string{"INTG-001", "一"})
}

func TestCreate_RefusesWhatIsWrong(t *testing.T) {
	for name, tc := range map[string]struct {
		draft Draft
		want  error
		says  string
	}{
		"nothing":              {Draft{}, ErrNothing, ""},
		"only the status":      {Draft{Fields: map[string]string{"status": "起票"}}, ErrNothing, ""},
		"another status":       {Draft{Fields: map[string]string{"status": "完了", "summary": "s"}}, fault.New(fault.Invalid, "tracker.not_filed"), "起票"},
		"unknown column":       {Draft{Fields: map[string]string{"担等": "山田"}}, ErrNoColumn, "担当"},
		"a column's lookalike": {Draft{Fields: map[string]string{"": "山田"}}, fault.New(fault.Invalid, "tracker.no_name"), ""},
		"approval":             {Draft{Fields: map[string]string{"承認": "OK"}}, ErrReserved, ""},
		"the id":               {Draft{Fields: map[string]string{"ID": "INTG-1"}}, ErrReserved, ""},
		"twice":                {Draft{Fields: map[string]string{"概要": "a", "summary": "b"}}, fault.New(fault.Invalid, "tracker.twice"), ""},
		"too long":             {Draft{Fields: map[string]string{"summary": strings.Repeat("長", 50_001)}}, sheets.ErrTooLong, "summary"},
		"not UTF-8":            {Draft{Fields: map[string]string{"summary": "\xff"}}, sheets.ErrBadText, "summary"},
		"NUL":                  {Draft{Fields: map[string]string{"summary": "a\x00"}}, sheets.ErrBadText, "summary"},
		"id with a slash":      {Draft{ID: "../etc", Fields: map[string]string{"summary": "s"}}, fault.New(fault.Invalid, "tracker.bad_id"), "../etc"},
		"full-width id":        {Draft{ID: "ＩＮＴＧ－１", Fields: map[string]string{"summary": "s"}}, fault.New(fault.Invalid, "tracker.bad_id"), ""},
		"huge id":              {Draft{ID: strings.Repeat("A", 1000), Fields: map[string]string{"summary": "s"}}, fault.New(fault.Invalid, "tracker.bad_id"), ""},
		"there":                {Draft{ID: "INTG-088", Fields: map[string]string{"summary": "s"}}, ErrExists, "2"},
		"there, in full width": {Draft{ID: "intg-099", Fields: map[string]string{"summary": "s"}}, errLooksAlike, "ＩＮＴＧ－０９９"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(h *house) {
				before := h.grid()
				_, err := h.Create(context.Background(), tc.draft)
				if !errors.Is(err, tc.want) || !strings.Contains(err.Error(), tc.says) {
					t.Errorf("%v", err)
				}
				if d := cmp.Diff(before, h.grid()); d != "" {
					t.Error(d)
				}
				if s := h.State(); s.Pending != 0 {
					t.Errorf("%d writes are left", s.Pending)
				}
			}, []string{"INTG-088", "a"}, []string{"ＩＮＴＧ－０９９", "b"})
		})
	}
}

func TestCreate_OfWhatIsThereAlready_IsVerifiedWithoutWriting(t *testing.T) {
	bubble(t, func(h *house) {
		before := h.grid()
		if r := h.file(Draft{ID: "INTG-088", Fields: map[string]string{"summary": "a"}}); r.Verdict != ledger.Verified || r.Row != 2 {
			t.Errorf("%+v", r)
		}
		if d := cmp.Diff(before, h.grid()); d != "" {
			t.Error(d)
		}
	}, []string{"INTG-088", "a", "", "起票"})
}

func TestUpdate_TouchesItsCellsAlone(t *testing.T) {
	bubble(t, func(h *house) {
		h.insertRow(2) // the row is not where the first look saw it
		h.look()
		if r := h.change("INTG-001", "担当", "佐藤"); r.Verdict != ledger.Verified || r.Row != 3 || r.Cells[0].Field != "担当" {
			t.Errorf("%+v", r)
		}
		want := [][]string{{}, {"INTG-001", "一", "詳細", "起票", "済", "佐藤"}, {"INTG-002", "二"}}
		if d := cmp.Diff(want, h.grid()); d != "" {
			t.Error(d)
		}
	}, []string{"INTG-001", "一", "詳細", "起票", "済", "山田"}, []string{"INTG-002", "二"})
}

func TestUpdate_OfWhatAPersonHasChanged_IsAConflictUntilTheTextWasSeen(t *testing.T) {
	for _, noticed := range []bool{false, true} {
		t.Run(fmt.Sprint("noticed by a look: ", noticed), func(t *testing.T) {
			bubble(t, func(h *house) {
				h.change("INTG-001", "summary", "わたし")
				h.put("B2", []string{"ひと"})
				if noticed {
					h.look()
				}
				r := h.change("INTG-001", "summary", "わたし2")
				c := r.Cells[0]
				if r.Verdict != ledger.Refuted || !r.Conflict || !c.Conflict || c.Text != "わたし2" || *c.Actual != "ひと" || h.cell("INTG-001", "概要") != "ひと" {
					t.Fatalf("%+v", r)
				}
				if r := h.change("INTG-001", "summary", "わたし2"); !r.Conflict {
					t.Errorf("a second try overwrites: %+v", r)
				}
				if r := h.change("INTG-001", "summary", "わたし2", "ちがう"); !r.Conflict {
					t.Errorf("another text was expected: %+v", r)
				}
				if r := h.change("INTG-001", "summary", "わたし2", "ひと"); r.Verdict != ledger.Verified || h.cell("INTG-001", "概要") != "わたし2" {
					t.Errorf("%+v", r)
				}
			}, []string{"INTG-001", "一"})
		})
	}
}

func TestUpdate_OtherCellsMayBeEditedMeanwhile(t *testing.T) {
	bubble(t, func(h *house) {
		h.change("INTG-001", "summary", "わたし")
		h.put("C2", []string{"ひとの詳細"})
		if r := h.change("INTG-001", "summary", "わたし2"); r.Verdict != ledger.Verified || h.cell("INTG-001", "詳細") != "ひとの詳細" {
			t.Errorf("%+v", r)
		}
	}, []string{"INTG-001", "一"})
}

func TestUpdate_ConflictInOneCell_HoldsTheOthersBack(t *testing.T) {
	bubble(t, func(h *house) {
		h.change("INTG-001", "summary", "わたし")
		h.put("B2", []string{"ひと"})
		r, err := h.Update(context.Background(), Change{Ticket: "INTG-001", Fields: map[string]string{"summary": "x", "detail": "y"}})
		if err != nil || !r.Conflict || r.Verdict != ledger.Refuted || h.cell("INTG-001", "詳細") != "" {
			t.Errorf("%+v %v", r, err)
		}
		for _, c := range r.Cells {
			if c.Verdict == ledger.Verified || c.Conflict != (c.Field == Summary) {
				t.Errorf("%+v", c)
			}
		}
	}, []string{"INTG-001", "一"})
}

// What one reader has read, another has not.
func TestUpdate_AReaderDoesNotOverwriteWhatOnlyAnotherHasSeen(t *testing.T) {
	bubble(t, func(h *house) {
		ctx := context.Background()
		if _, err := h.Get(ctx, "INTG-001", "one"); err != nil {
			t.Fatal(err)
		}
		h.put("B2", []string{"ひと"})
		time.Sleep(2 * time.Second) // of the bubble; longer than a look counts as new
		if k, err := h.Get(ctx, "INTG-001", "two"); err != nil || k.Fields[0].Text != "ひと" {
			t.Fatalf("%+v %v", k, err)
		}
		r, err := h.Update(ctx, Change{Ticket: "INTG-001", Fields: map[string]string{"summary": "x"}, Reader: "one"})
		if err != nil || !r.Conflict {
			t.Errorf("%+v %v", r, err)
		}
		r, err = h.Update(ctx, Change{Ticket: "INTG-001", Fields: map[string]string{"summary": "x"}, Reader: "two"})
		if err != nil || r.Verdict != ledger.Verified {
			t.Errorf("%+v %v", r, err)
		}
	}, []string{"INTG-001", "一"})
}

func TestUpdate_RefusesWhatIsNotThere(t *testing.T) {
	for name, tc := range map[string]struct {
		change Change
		want   error
	}{
		"no such ticket": {Change{Ticket: "INTG-404", Fields: map[string]string{"summary": "x"}}, sheets.ErrNotFound},
		"lookalike":      {Change{Ticket: "ＩＮＴＧ－００１", Fields: map[string]string{"summary": "x"}}, sheets.ErrNotFound},
		"on two rows":    {Change{Ticket: "INTG-002", Fields: map[string]string{"summary": "x"}}, sheets.ErrAmbiguous},
		"no column":      {Change{Ticket: "INTG-001", Fields: map[string]string{"優先度": "x"}}, ErrNoColumn},
		"no field":       {Change{Ticket: "INTG-001"}, ErrNothing},
		"no ticket":      {Change{Fields: map[string]string{"summary": "x"}}, ErrTicket},
		"control":        {Change{Ticket: "INTG\x00", Fields: map[string]string{"summary": "x"}}, ErrTicket},
		"expected alone": {Change{Ticket: "INTG-001", Fields: map[string]string{"summary": "x"}, Expected: map[string]string{"詳細": "y"}}, fault.New(fault.Invalid, "tracker.expected_alone")},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(h *house) {
				before := h.grid()
				r, err := h.Update(context.Background(), tc.change)
				if !errors.Is(err, tc.want) || r.Verdict == ledger.Verified {
					t.Errorf("%+v %v", r, err)
				}
				if d := cmp.Diff(before, h.grid()); d != "" {
					t.Error(d)
				}
			}, []string{"INTG-001", "a"}, []string{"INTG-002", "b"}, []string{"INTG-002", "c"})
		})
	}
}

func TestTwoCallersAtOnce_BothVerdictsAreTrue(t *testing.T) {
	bubble(t, func(h *house) {
		h.look()
		results := make([]Result, 2)
		caller := func(i int, text string) func() {
			return func() {
				var err error
				results[i], err = h.Update(context.Background(), Change{Ticket: "INTG-001", Fields: map[string]string{"summary": text}, Reader: text})
				if err != nil {
					t.Error(err)
				}
			}
		}
		h.together(caller(0, "甲"), caller(1, "乙")) // one after the other's verdict would have seen its text
		verified := slices.DeleteFunc(slices.Clone(results), func(r Result) bool { return r.Verdict != ledger.Verified })
		conflicts := slices.DeleteFunc(slices.Clone(results), func(r Result) bool { return !r.Conflict })
		if len(verified) != 1 || len(conflicts) != 1 {
			t.Fatalf("%+v", results)
		}
		if text := h.cell("INTG-001", "概要"); verified[0].Cells[0].Text != text || *conflicts[0].Cells[0].Actual != text {
			t.Errorf("%q: %+v", text, results)
		}
	}, []string{"INTG-001", "一"})
}

func TestManyAtOnce_ShareTheirRequests(t *testing.T) {
	const n = 400
	var rows [][]string
	for i := range n {
		rows = append(rows, []string{fmt.Sprintf("INTG-%03d", i), "一"})
	}
	bubble(t, func(h *house) {
		h.look()
		before := h.way.Count()
		var all sync.WaitGroup
		for i := range n {
			all.Go(func() {
				if r := h.change(fmt.Sprintf("INTG-%03d", i), "summary", fmt.Sprint("新", i)); r.Verdict != ledger.Verified {
					t.Errorf("%+v", r)
				}
			})
		}
		all.Wait()
		if requests := h.way.Count() - before; requests > n/20 {
			t.Errorf("%d writes took %d requests", n, requests)
		}
		before = h.way.Count()
		h.change("INTG-001", "summary", "ひとつだけ")
		want := 3
		if !h.blind {
			want = 2 // that nothing has changed since the last look is known
		}
		if requests := h.way.Count() - before; requests != want {
			t.Errorf("a lone update took %d requests", requests)
		}
	}, rows...)
}

func TestTheSameKey_IsTheSameRequest(t *testing.T) {
	bubble(t, func(h *house) {
		draft := Draft{Fields: map[string]string{"summary": "s"}, Key: "k1"}
		first := h.file(draft)
		again := h.file(draft)
		if first.Ticket != again.Ticket || again.Verdict != ledger.Verified || len(h.grid()) != 1 {
			t.Errorf("%+v\n%+v", first, again)
		}
		draft.Fields = map[string]string{"summary": "other"}
		if _, err := h.Create(context.Background(), draft); !errors.Is(err, ErrKeyTaken) {
			t.Errorf("other content under the same key: %v", err)
		}
		if _, err := h.Update(context.Background(), Change{Ticket: first.Ticket, Fields: map[string]string{"summary": "s"}, Key: "k1"}); !errors.Is(err, ErrKeyTaken) {
			t.Errorf("another kind of request under the same key: %v", err)
		}
		refused := Draft{ID: "INTG-001", Fields: map[string]string{"summary": "else"}, Key: "k2"}
		for range 2 {
			if _, err := h.Create(context.Background(), refused); !errors.Is(err, ErrExists) {
				t.Errorf("a refusal is repeated as it was: %v", err)
			}
		}
		var all sync.WaitGroup
		tickets := make([]string, 8)
		for i := range tickets {
			all.Go(func() { tickets[i] = h.file(Draft{Fields: map[string]string{"summary": "p"}, Key: "k3"}).Ticket })
		}
		all.Wait()
		if slices.Sort(tickets); tickets[0] != tickets[7] || len(h.grid()) != 2 {
			t.Errorf("at once: %v %v", tickets, h.grid())
		}
		if next := h.file(Draft{Fields: map[string]string{"summary": "q"}}); next.Ticket != "INTG-003" {
			t.Errorf("requests that were repeated used numbers up: %s", next.Ticket)
		}
	})
}

func TestSync_TellsWhatPeopleDid_AndNotWhatWeDid(t *testing.T) {
	bubble(t, func(h *house) {
		if s := h.look(); len(s.Changes) != 0 || s.Tickets != 4 {
			t.Errorf("the first look: %+v", s)
		}
		h.change("INTG-001", "summary", "わたし")
		h.file(Draft{ID: "INTG-050", Fields: map[string]string{"summary": "わたし"}})
		if s := h.look(); len(s.Changes) != 0 {
			t.Errorf("our own writes: %v", told(s.Changes))
		}
		h.put("B3", []string{"=1+1"})
		h.put("A7", []string{"INTG-077", "新規"})
		h.deleteRow(4) // INTG-003
		if got := told(h.look().Changes); !slices.Equal(got, []string{`created INTG-077`, `deleted INTG-003`, `edited INTG-002 概要 "二"→"=1+1"`}) {
			t.Errorf("%v", got)
		}
		h.insertRow(2)
		if got := told(h.look().Changes); got != nil {
			t.Errorf("a row was inserted above: %v", got)
		}
		h.do("moveDimension", map[string]any{
			"source":           map[string]any{"sheetId": h.tab(), "dimension": "ROWS", "startIndex": 2, "endIndex": 3},
			"destinationIndex": 6,
		})
		if got := told(h.look().Changes); !slices.Equal(got, []string{`moved INTG-001`}) {
			t.Errorf("%v", got)
		}
		h.kill()
		h.put("C5", []string{"誰も見ていない間"})
		h.start()
		if got := h.recentAfterStart(); len(got) != 1 || !strings.Contains(got[0], "誰も見ていない間") {
			t.Errorf("after a start: %v", got)
		}
		edits, err := h.Edits(context.Background(), "INTG-002")
		if err != nil || !slices.Equal(told(edits), []string{`edited INTG-002 概要 "二"→"=1+1"`}) {
			t.Errorf("%v %v", told(edits), err)
		}
	}, []string{"INTG-001", "一"}, []string{"INTG-002", "二"}, []string{"INTG-003", "三"}, []string{"INTG-004", "四"})
}

// recentAfterStart waits for the first look.
func (h *house) recentAfterStart() []string {
	h.look()
	return told(h.State().Recent)
}
