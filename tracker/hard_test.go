package tracker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/internal/store"
	"uratori/sheets"
	"uratori/sheets/sheetstest"
)

// together has the loop find all of writes waiting when it next looks. Each
// must leave one write open.
func (h *house) together(writes ...func()) {
	h.t.Helper()
	entered, release := make(chan struct{}), make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() {
		err := h.Tracker.do(context.Background(), func(context.Context) error {
			close(entered)
			<-release
			return nil
		})
		if err != nil {
			h.t.Error(err)
		}
	})
	<-entered
	for i, w := range writes {
		all.Go(w)
		for h.State().Pending <= i {
			time.Sleep(time.Millisecond) // of the bubble
		}
	}
	close(release)
	all.Wait()
}

// queued leaves an update open, because the table cannot be used.
func (h *house) queued(c Change) Result {
	h.t.Helper()
	h.meet(func(int, *http.Request) sheetstest.Fault { return sheetstest.S503 })
	defer h.meet(nil)
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	r, err := h.Update(ctx, c)
	if err != nil || !r.Queued {
		h.t.Fatalf("%+v %v", r, err)
	}
	return r
}

func TestWritesToOneTicketAtOnce_AreAllRemembered(t *testing.T) {
	bubble(t, func(h *house) {
		h.look()
		h.together(
			func() { h.change("INTG-001", "summary", "わたし") },
			func() { h.change("INTG-001", "detail", "わたしの詳細") },
		)
		if k, err := h.Get(context.Background(), "INTG-001", ""); err != nil || k.Fields[0].Text != "わたし" || k.Fields[1].Text != "わたしの詳細" {
			t.Errorf("%+v %v", k, err)
		}
		if r := h.change("INTG-001", "summary", "つぎ"); r.Verdict != ledger.Verified {
			t.Errorf("nobody has changed it: %+v", r)
		}
		if got := told(h.look().Changes); got != nil {
			t.Errorf("our own writes: %v", got)
		}
		if got := told(h.State().Recent); got != nil {
			t.Errorf("our own writes: %v", got)
		}
	}, []string{"INTG-001", "一", "詳細"})
}

func TestDraftsFiledTogether_HaveNotMoved(t *testing.T) {
	bubble(t, func(h *house) {
		h.look()
		draft := func() { h.file(Draft{Fields: map[string]string{"summary": "s"}}) }
		h.together(draft, draft, draft)
		h.insertRow(2) // so that all of it is looked at again
		if got := told(h.look().Changes); got != nil {
			t.Errorf("nobody has moved anything: %v", got)
		}
	}, []string{"INTG-001", "一"})
}

func TestDraftQueuedBeforeTheFirstLook_IsFiledAfterARestart(t *testing.T) {
	for _, blind := range []bool{true, false} {
		dir := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t, dir, []string{"INTG-001", "一"})
			h.blind = blind
			h.meet(func(int, *http.Request) sheetstest.Fault { return sheetstest.Refused })
			h.start()
			defer h.kill()
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			r, err := h.Create(ctx, Draft{Fields: map[string]string{"summary": "わたしの"}})
			if err != nil || !r.Queued {
				t.Fatalf("%+v %v", r, err)
			}
			h.kill()
			h.meet(nil)
			h.start()
			if got := h.settled("", r.Write); got.Verdict != ledger.Verified || got.Ticket != "INTG-002" {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestDraftWhoseFreeIDAPersonTookWhileItWaited_GetsAnother(t *testing.T) {
	bubble(t, func(h *house) {
		h.look()
		h.meet(func(int, *http.Request) sheetstest.Fault { return sheetstest.Refused })
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		r, err := h.Create(ctx, Draft{Fields: map[string]string{"summary": "わたしの"}})
		if err != nil || !r.Queued {
			t.Fatalf("%+v %v", r, err)
		}
		h.kill()
		h.meet(nil)
		h.put("A3", []string{"INTG-002", "ひとの"})
		h.start()
		if got := h.settled(r.Ticket, r.Write); got.Verdict != ledger.Verified || got.Ticket != "INTG-003" || h.cell("INTG-002", "概要") != "ひとの" {
			t.Errorf("%+v %v", got, h.grid())
		}
	}, []string{"INTG-001", "一"})
}

// What is put back is what stood there last, not what the last look saw.
func TestRowsMoveAfterAnotherWrite_TheLatestTextIsPutBack(t *testing.T) {
	bubble(t, func(h *house) {
		h.look()
		h.change("INTG-001", "summary", "新しい一")
		h.between("write", 1, func() {
			h.insertRow(2)
			h.put("A2", []string{"INTG-000", "上に"})
		})
		h.change("INTG-002", "summary", "新しい二")
		h.drained()
		want := [][]string{{"INTG-000", "上に"}, {"INTG-001", "新しい一"}, {"INTG-002", "新しい二"}}
		if d := cmp.Diff(want, h.grid()); d != "" {
			t.Error(d)
		}
	}, []string{"INTG-001", "一"}, []string{"INTG-002", "二"})
}

func TestRowAboveTheHeaderJustThen_WhatWasHitIsPutBack(t *testing.T) {
	bubble(t, func(h *house) {
		h.look()
		h.between("write", 1, func() { h.insertRow(1) })
		if r := h.change("INTG-002", "summary", "新しい二"); r.Verdict != ledger.Verified {
			t.Errorf("%+v", r)
		}
		h.drained()
		h.look()
		if h.cell("INTG-001", "概要") != "一" || h.cell("INTG-002", "概要") != "新しい二" {
			t.Errorf("%v", h.grid())
		}
		if got := told(h.State().Recent); got != nil {
			t.Errorf("the accident was taken for a person's edit: %v", got)
		}
	}, []string{"INTG-001", "一"}, []string{"INTG-002", "二"})
}

func TestBlankRowJustThen_StaysBlank(t *testing.T) {
	bubble(t, func(h *house) {
		h.look()
		h.between("write", 1, func() { h.insertRow(3) })
		if r := h.change("INTG-002", "summary", "新しい二"); r.Verdict != ledger.Verified {
			t.Errorf("%+v", r)
		}
		h.drained()
		h.look()
		want := [][]string{{"INTG-001", "一"}, {}, {"INTG-002", "新しい二"}}
		if d := cmp.Diff(want, h.grid()); d != "" {
			t.Error(d)
		}
		h.deleteRow(3)
		h.look()
		if got := told(h.State().Recent); got != nil {
			t.Errorf("nobody has changed a ticket: %v", got)
		}
	}, []string{"INTG-001", "一"}, []string{"INTG-002", "二"})
}

func TestRowsMove_ANumberThatWasHitIsANumberAgain(t *testing.T) {
	bubble(t, func(h *house) {
		h.rest("PUT", "/values/F2?valueInputOption=USER_ENTERED", map[string]any{"values": [][]string{{"88"}}}, nil)
		h.look()
		h.between("write", 1, func() {
			h.insertRow(2)
			h.put("A2", []string{"INTG-000", "上に"})
		})
		h.change("INTG-002", "担当", "佐藤")
		h.drained()
		var values struct {
			Values [][]any `json:"values"`
		}
		h.rest("GET", "/values/F3?valueRenderOption=UNFORMATTED_VALUE", nil, &values)
		if len(values.Values) != 1 || values.Values[0][0] != 88.0 {
			t.Errorf("%#v", values.Values)
		}
	}, []string{"INTG-001", "一"}, []string{"INTG-002", "二"})
}

// A write that was never applied is no reason to undo what a person wrote.
func TestPersonWritesTheQueuedTextElsewhere_IsNotUndone(t *testing.T) {
	for _, restart := range []bool{false, true} {
		t.Run(fmt.Sprint("restart: ", restart), func(t *testing.T) {
			bubble(t, func(h *house) {
				h.look()
				if restart {
					h.queued(Change{Ticket: "INTG-002", Fields: map[string]string{"status": "進行中"}})
					h.kill()
					h.put("D2", []string{"進行中"})
					h.start()
				} else {
					begun := false
					h.meet(func(_ int, r *http.Request) sheetstest.Fault {
						if kindOf(r) != "write" || begun {
							return sheetstest.None
						}
						begun = true
						h.put("D2", []string{"進行中"})
						return sheetstest.ResetBefore
					})
					h.change("INTG-002", "status", "進行中")
				}
				h.drained()
				h.look()
				want := [][]string{{"INTG-001", "一", "", "進行中"}, {"INTG-002", "二", "", "進行中"}}
				if d := cmp.Diff(want, h.grid()); d != "" {
					t.Error(d)
				}
				if got := told(h.State().Recent); !slices.Equal(got, []string{`edited INTG-001 ステータス "起票"→"進行中"`}) {
					t.Errorf("%v", got)
				}
			}, []string{"INTG-001", "一", "", "起票"}, []string{"INTG-002", "二", "", "起票"})
		})
	}
}

func TestPersonWritesATextOfOursElsewhereSoonAfter_IsNotUndone(t *testing.T) {
	bubble(t, func(h *house) {
		h.look()
		begun := false
		h.meet(func(_ int, r *http.Request) sheetstest.Fault {
			if kindOf(r) != "write" || begun {
				return sheetstest.None
			}
			begun = true
			return sheetstest.ResetBefore
		})
		h.change("INTG-002", "status", "進行中")
		h.put("D2", []string{"進行中"})
		h.look()
		h.drained()
		if got := h.cell("INTG-001", "ステータス"); got != "進行中" {
			t.Errorf("a person's text is %q now", got)
		}
	}, []string{"INTG-001", "一", "", "起票"}, []string{"INTG-002", "二", "", "起票"})
}

func TestProtectedRows_DoNotHoldUpOthers(t *testing.T) {
	bubble(t, func(h *house) {
		h.look()
		h.meet(func(_ int, r *http.Request) sheetstest.Fault {
			if kindOf(r) == "write" {
				body, err := r.GetBody()
				if err != nil {
					t.Error(err)
				}
				raw, err := io.ReadAll(body)
				if err != nil {
					t.Error(err)
				}
				if strings.Contains(string(raw), "禁止") {
					return sheetstest.S403
				}
			}
			return sheetstest.None
		})
		var held [3]Result
		h.together(
			func() { held[0] = h.change("INTG-001", "summary", "禁止1") },
			func() { held[1] = h.change("INTG-002", "summary", "新しい") },
			func() { held[2] = h.change("INTG-003", "summary", "禁止3") },
		)
		time.Sleep(5 * time.Minute) // of the bubble
		if h.cell("INTG-002", "概要") != "新しい" {
			t.Errorf("%+v", held[1])
		}
	}, []string{"INTG-001", "一"}, []string{"INTG-002", "二"}, []string{"INTG-003", "三"})
}

// Google makes dates of ids like 11-21.
func TestTicketWhoseIDIsADate_DoesNotStopTheOthers(t *testing.T) {
	bubble(t, func(h *house) {
		h.rest("PUT", "/values/A3?valueInputOption=USER_ENTERED", map[string]any{"values": [][]string{{"2026/11/21"}}}, nil)
		h.look()
		begun := h.way.Count()
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		r, err := h.Update(ctx, Change{Ticket: "2026/11/21", Fields: map[string]string{"summary": "新しい二"}})
		if err == nil && r.Verdict != ledger.Verified && !r.Queued {
			t.Errorf("%+v %v", r, err)
		}
		if r.Queued {
			t.Errorf("has no verdict: %v", r.Reason)
		}
		if n := h.way.Count() - begun; n > 30 {
			t.Errorf("%d requests", n)
		}
		if r := h.change("INTG-001", "summary", "新しい一"); r.Verdict != ledger.Verified {
			t.Errorf("another ticket: %+v", r)
		}
	}, []string{"INTG-001", "一"}, []string{"x", "二"})
}

// A person files a ticket, and nobody here has seen it.
func TestUpdateOfWhatNobodyHasSeen_LooksFirst(t *testing.T) {
	long := strings.Repeat("長", 50_000)
	for name, rows := range map[string][][]string{
		"usual": {{"INTG-001", "一"}},
		"large": {{"INTG-001", "一", long}, {"INTG-002", "二", long}, {"INTG-003", "三", long}, {"INTG-004", "四", long}},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(h *house) {
				h.look()
				h.put("A9", []string{"INTG-050", "ひとの概要", "ひとの詳細"})
				if r := h.change("INTG-050", "summary", "わたしの"); r.Verdict != ledger.Verified {
					t.Errorf("%+v", r)
				}
				events, err := h.Edits(context.Background(), "INTG-050")
				if err != nil || len(events) != 1 || !strings.Contains(*events[0].New, "ひとの概要") {
					t.Errorf("a person's text was overwritten unseen: %v %v", events, err)
				}
				h.look()
				if got := told(h.State().Recent); !slices.Equal(got, []string{"created INTG-050"}) {
					t.Errorf("%v", got)
				}
			}, rows...)
		})
	}
}

func TestApprovalUnderAHeaderThatIsNew_StaysReserved(t *testing.T) {
	bubble(t, func(h *house) {
		h.look()
		h.put("E1", []string{"Approval"})
		ctx, cancel := h.limit()
		defer cancel()
		r, err := h.Update(ctx, Change{Ticket: "INTG-001", Fields: map[string]string{"Approval": "済"}})
		if h.cell("INTG-001", "承認") != "" || err == nil {
			t.Errorf("%+v %v", r, err)
		}
	}, []string{"INTG-001", "一"})
}

func TestColumnThatIsCalledLikeAField_IsAnother(t *testing.T) {
	dir := t.TempDir()
	for _, blind := range []bool{true, false} {
		t.Run(fmt.Sprint("blind: ", blind), func(t *testing.T) {
			dir := filepath.Join(dir, fmt.Sprint(blind))
			if err := os.Mkdir(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, dir, []string{"INTG-001", "running", "概要", "詳細", "起票"})
				h.put("A1", []string{"ID", "status", "概要", "詳細", "ステータス"})
				h.blind = blind
				h.start()
				defer h.kill()
				h.look()
				h.put("F1", []string{"x"})
				if got := told(h.look().Changes); got != nil {
					t.Errorf("nobody has changed a ticket: %v", got)
				}
				if r := h.change("INTG-001", "ステータス", "完了"); r.Verdict != ledger.Verified {
					t.Errorf("%+v", r)
				}
				h.put("F1", []string{"y"})
				if got := told(h.look().Changes); got != nil {
					t.Errorf("nobody has changed a ticket: %v", got)
				}
			})
		})
	}
}

// The reading fails for a while, and people edit and the table is looked at
// in between.
func TestEditedBeforeALateReading_IsToldOnceAndAsItWas(t *testing.T) {
	bubble(t, func(h *house) {
		h.look()
		h.meet(func(_ int, r *http.Request) sheetstest.Fault {
			if kindOf(r) == "read" {
				return sheetstest.S503
			}
			return sheetstest.None
		})
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		r, err := h.Update(ctx, Change{Ticket: "INTG-001", Fields: map[string]string{"summary": "わたしの"}})
		if err != nil || !r.Queued {
			t.Fatalf("%+v %v", r, err)
		}
		h.put("B2", []string{"ひとの"})
		h.look()
		h.meet(nil)
		h.settled("INTG-001", r.Write)
		h.insertRow(2)
		h.look()
		if got := told(h.State().Recent); !slices.Equal(got, []string{`edited INTG-001 概要 "わたしの"→"ひとの"`}) {
			t.Errorf("%v", got)
		}
	}, []string{"INTG-001", "一"})
}

// What a conflict told is what the caller repeats.
func TestExpected_TakesWhatTheConflictTold(t *testing.T) {
	for _, text := range []string{"a\r\nb", "a\vb", "a\u0085b"} {
		t.Run(fmt.Sprintf("%q", text), func(t *testing.T) {
			bubble(t, func(h *house) {
				h.change("INTG-001", "summary", "わたし")
				h.put("B2", []string{text})
				r := h.change("INTG-001", "summary", "わたし2")
				if !r.Conflict {
					t.Fatalf("%+v", r)
				}
				c := Change{Ticket: "INTG-001", Fields: map[string]string{"summary": "わたし2"}, Expected: map[string]string{"summary": *r.Cells[0].Actual}}
				ctx, cancel := h.limit()
				defer cancel()
				if r, err := h.Update(ctx, c); err != nil || r.Verdict != ledger.Verified {
					t.Errorf("%+v %v", r, err)
				}
			}, []string{"INTG-001", "一"})
		})
	}
}

// widen gives the table so many columns more.
func (h *house) widen(n int) {
	header := slices.Clone(headline)
	for i := range n {
		header = append(header, fmt.Sprint("列", i))
	}
	h.do("appendDimension", map[string]any{"sheetId": h.tab(), "dimension": "COLUMNS", "length": n})
	h.put("A1", header)
}

func TestHugeTexts_DoNotStopTheTracker(t *testing.T) {
	const n = 30
	row := func(id, text string) []string {
		row := []string{id, "概要", "", "", "", ""}
		for range n {
			row = append(row, text)
		}
		return row
	}
	fields := func(text string) map[string]string {
		fields := map[string]string{}
		for i := range n {
			fields[fmt.Sprint("列", i)] = text
		}
		return fields
	}
	long := strings.Repeat("長", 50_000)
	for name, do := range map[string]func(h *house){
		"a person files": func(h *house) { h.put("A4", row("INTG-002", strings.Repeat("\x01", 50_000))) },
		"a conflict": func(h *house) {
			h.put("A2", row("INTG-001", long))
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			if r, err := h.Update(ctx, Change{Ticket: "INTG-001", Fields: fields("短")}); err != nil || !r.Conflict {
				h.t.Errorf("conflict %v %v", r.Conflict, err)
			}
		},
		"a draft": func(h *house) {
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			r, err := h.Create(ctx, Draft{Fields: fields(long)})
			if _, known := errors.AsType[*fault.Error](err); err != nil && !known || err == nil && r.Verdict != ledger.Verified {
				h.t.Errorf("%v %.300s", r.Verdict, fmt.Sprint(err))
			}
		},
		"headers": func(h *house) {
			header := slices.Clone(headline)
			for i := range n {
				header = append(header, fmt.Sprint(i)+strings.Repeat("長", 49_000))
			}
			h.put("A1", header)
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(h *house) {
				h.widen(n)
				h.put("A2", row("INTG-001", "短い"), []string{"INTG-009", "九"})
				h.look()
				do(h)
				ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
				defer cancel()
				if r, err := h.Update(ctx, Change{Ticket: "INTG-009", Fields: map[string]string{"summary": "新しい"}}); err != nil || r.Verdict != ledger.Verified {
					t.Errorf("the tracker stands still: %v %v %.300s", r.Verdict, err, fmt.Sprint(r.Reason))
				}
			})
		})
	}
}

func TestNewIDs_AreNumbersThatPeopleCanRead_WhateverWasTyped(t *testing.T) {
	for name, id := range map[string]string{
		"zeros": "INTG-" + strings.Repeat("0", 300) + "7", "largest": "INTG-9223372036854775807",
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(h *house) {
				for range 2 {
					ctx, cancel := h.limit()
					r, err := h.Create(ctx, Draft{Fields: map[string]string{"summary": "s"}})
					cancel()
					if digits, ok := strings.CutPrefix(r.Ticket, "INTG-"); err != nil || r.Verdict != ledger.Verified || !ok || len(digits) > 20 || strings.Trim(digits, "0123456789") != "" {
						t.Errorf("%.60s, %d characters, %s %v", r.Ticket, len(r.Ticket), r.Verdict, err)
					}
				}
			}, []string{"INTG-001", "一"}, []string{id, "二"})
		})
	}
}

func TestIDsThatWereUsedOnce_AreNotGivenAgain(t *testing.T) {
	t.Run("ours", func(t *testing.T) {
		bubble(t, func(h *house) {
			h.look()
			h.file(Draft{ID: "INTG-003", Fields: map[string]string{"summary": "s"}})
			h.deleteRow(3)
			h.look()
			for range 2 {
				if r := h.file(Draft{Fields: map[string]string{"summary": "s"}}); r.Ticket == "INTG-003" {
					t.Errorf("%+v", r)
				}
			}
		}, []string{"INTG-001", "一"})
	})
	t.Run("a person's", func(t *testing.T) {
		bubble(t, func(h *house) {
			h.look()
			h.put("A3", []string{"INTG-002", "二"})
			h.look()
			h.deleteRow(3)
			h.look()
			h.kill()
			h.start()
			h.look()
			if r := h.file(Draft{Fields: map[string]string{"summary": "s"}}); r.Ticket == "INTG-002" {
				t.Errorf("%+v", r)
			}
		}, []string{"INTG-001", "一"})
	})
}

// People copy a row to make another of it.
func TestACopyThatAPersonMakes_IsNotTakenOut(t *testing.T) {
	bubble(t, func(h *house) {
		h.look()
		begun := false
		h.meet(func(_ int, r *http.Request) sheetstest.Fault {
			if kindOf(r) != "write" || begun {
				return sheetstest.None
			}
			begun = true
			return sheetstest.ResetBefore
		})
		h.file(Draft{Fields: map[string]string{"summary": "わたしの"}})
		time.Sleep(24 * time.Hour) // of the bubble
		h.put("A4", []string{"INTG-002", "わたしの", "", "起票"})
		h.look()
		if rows := h.grid(); len(rows) != 3 {
			t.Errorf("%v", rows)
		}
	}, []string{"INTG-001", "一"})
}

// A look for another write sees the late twin first.
func TestLateTwin_IsTakenOutWhoeverSeesItFirst(t *testing.T) {
	for _, blind := range []bool{true, false} {
		t.Run(fmt.Sprint("blind: ", blind), func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, dir, []string{"INTG-001", "一"})
				h.blind = blind
				l := &late{h: h, after: 1 << 30}
				h.way.Next = l
				h.start()
				defer h.kill()
				h.look()
				h.file(Draft{Fields: map[string]string{"summary": "新しい"}})
				h.look()
				answer, err := h.next.RoundTrip(l.kept) // now it arrives
				if err != nil {
					t.Fatal(err)
				}
				_ = answer.Body.Close()
				h.change("INTG-001", "summary", "別の")
				time.Sleep(5 * time.Minute) // of the bubble
				want := [][]string{{"INTG-001", "別の"}, {"INTG-002", "新しい", "", "起票"}}
				if d := cmp.Diff(want, h.grid()); d != "" {
					t.Error(d)
				}
			})
		})
	}
}

// An update that arrives after a person has edited covers that edit. It was
// not a person who did it.
func TestUpdateThatArrivesLate_IsNotTakenForAPersons(t *testing.T) {
	for _, blind := range []bool{true, false} {
		t.Run(fmt.Sprint("blind: ", blind), func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, dir, []string{"INTG-001", "一"})
				h.blind = blind
				l := &late{h: h, after: 1 << 30}
				h.way.Next = l
				h.start()
				defer h.kill()
				h.look()
				h.change("INTG-001", "summary", "わたしの")
				h.put("B2", []string{"ひとの"})
				h.look()
				answer, err := h.next.RoundTrip(l.kept) // now it arrives
				if err != nil {
					t.Fatal(err)
				}
				_ = answer.Body.Close()
				h.look()
				if got := told(h.State().Recent); !slices.Equal(got, []string{`edited INTG-001 概要 "わたしの"→"ひとの"`}) {
					t.Errorf("%v", got)
				}
			})
		})
	}
}

func TestGetWhileAWriteIsReadBack_ShowsWhatIsThere(t *testing.T) {
	bubble(t, func(h *house) {
		h.look()
		h.between("read", 1, func() {
			time.Sleep(10 * time.Millisecond) // of the bubble; the look was not now
			k, err := h.Get(context.Background(), "INTG-001", "")
			if err != nil || k.Stale == nil && k.ReadAt.Equal(time.Now()) && k.Fields[0].Text != h.cell("INTG-001", "概要") {
				t.Errorf("the table has %q: %+v %v", h.cell("INTG-001", "概要"), k, err)
			}
		})
		h.change("INTG-001", "summary", "新しい")
	}, []string{"INTG-001", "一"})
}

// leaving is a caller whose patience ends in the moment when a verdict comes.
type leaving struct {
	context.Context
	verdict func()
	once    sync.Once
}

func (l *leaving) Done() <-chan struct{} {
	l.once.Do(l.verdict)
	done := make(chan struct{})
	close(done)
	return done
}

// Either the caller learns that the draft is filed, or whoever was to be told
// of it in the caller's place.
func TestVerdictAsTheCallerLeaves_IsToldToSomebody(t *testing.T) {
	for range 50 {
		filed := false
		tr := &Tracker{gone: make(chan struct{}), o: Options{Filed: func(Ticket) { filed = true }}}
		w := &write{id: 1, kind: create, ticket: "INTG-001", told: make(chan struct{})}
		tr.open = []*write{w}
		r, err := tr.await(&leaving{Context: context.Background(), verdict: func() {
			tr.mu.Lock()
			defer tr.mu.Unlock()
			w.result = &Result{Verdict: ledger.Verified}
			if w.awaits == 0 { // as settle does
				tr.o.Filed(w.filed(1))
			}
			w.tell()
		}}, w)
		if err != nil || r.Verdict != ledger.Verified && !filed {
			t.Fatalf("%+v %v", r, err)
		}
	}
}

func TestPendingBesideDraftsThatGetTheirID_IsNoRace(t *testing.T) {
	bubble(t, func(h *house) {
		filed := make(chan struct{})
		var all sync.WaitGroup
		all.Go(func() {
			defer close(filed)
			h.file(Draft{Fields: map[string]string{"summary": "s"}})
		})
		all.Go(func() { // as Get does beside the loop
			for {
				select {
				case <-filed:
					return
				default:
					h.pending("INTG-001")
				}
			}
		})
		all.Wait()
	}, []string{"INTG-001", "一"})
}

// Before the first look a name may be that of any column.
func TestColumnAskedForBeforeTheFirstLook_IsTheOneMeant(t *testing.T) {
	for _, blind := range []bool{true, false} {
		dir := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t, dir, []string{"INTG-001", "一"})
			h.put("F1", []string{"要約"})
			h.blind = blind
			h.meet(func(int, *http.Request) sheetstest.Fault { return sheetstest.Refused })
			h.start()
			defer h.kill()
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			defer cancel()
			r, err := h.Update(ctx, Change{Ticket: "INTG-001", Fields: map[string]string{"要約": "わたしの"}})
			if err != nil || !r.Queued {
				t.Fatalf("%+v %v", r, err)
			}
			h.meet(nil)
			h.settled("INTG-001", r.Write)
			if d := cmp.Diff([][]string{{"INTG-001", "一", "", "", "", "わたしの"}}, h.grid()); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestTheSameKeyForAnotherFolder_IsAnotherRequest(t *testing.T) {
	bubble(t, func(h *house) {
		d := Draft{Fields: map[string]string{"summary": "s"}, Key: "k", Workspace: "/a"}
		h.file(d)
		d.Workspace = "/b"
		if r, err := h.Create(context.Background(), d); !errors.Is(err, ErrKeyTaken) {
			t.Errorf("%+v %v", r, err)
		}
	})
}

// The twin is to be taken out, another row is hit, and then the table does not
// answer for a while.
func TestRowTakenOutByAccident_ComesBackWhateverHappensNext(t *testing.T) {
	for _, restart := range []bool{false, true} {
		t.Run(fmt.Sprint("restart: ", restart), func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, dir, []string{"INTG-001", "一"})
				h.blind = true
				l := &late{h: h, after: 1 << 30}
				h.way.Next = l
				h.start()
				defer func() { h.kill() }()
				h.look()
				h.file(Draft{Fields: map[string]string{"summary": "新しい"}})
				h.put("A4", []string{"INTG-007", "ひとの", "ひとの詳細"})
				h.look()
				answer, err := h.next.RoundTrip(l.kept) // the twin arrives, below INTG-001
				if err != nil {
					t.Fatal(err)
				}
				_ = answer.Body.Close()
				down := false
				h.meet(func(_ int, r *http.Request) sheetstest.Fault {
					if down {
						return sheetstest.Refused
					}
					if kindOf(r) == "write" {
						down = true
						h.deleteRow(2) // INTG-001 goes, rows move up
					}
					return sheetstest.None
				})
				ctx, cancel := h.limit()
				defer cancel()
				if _, err := h.Sync(ctx); err == nil {
					t.Log("the twin was taken out without a fault")
				}
				if restart {
					h.kill()
				}
				h.meet(nil)
				if restart {
					h.start()
				}
				time.Sleep(5 * time.Minute) // of the bubble
				if got := h.cell("INTG-007", "詳細"); got != "ひとの詳細" {
					t.Errorf("%q", got)
				}
			})
		})
	}
}

// A look at a sorted or widely edited table is recorded in parts, of which the
// last may not come to be.
func TestRecordThatBreaksOff_TellsEachEditOnce(t *testing.T) {
	const n = 500 + 100
	for _, restart := range []bool{false, true} {
		t.Run(fmt.Sprint("restart: ", restart), func(t *testing.T) {
			ctx := context.Background()
			db, err := store.Open(ctx, filepath.Join(t.TempDir(), "t.db"), ledger.Schema(), Schema())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = db.Close() }() // the test ends
			var stop func()
			left := -1
			now := func() time.Time {
				if left--; left == 0 {
					stop()
				}
				return time.Unix(0, 0).UTC()
			}
			book := ledger.New(db, now)
			begin := func() *Tracker {
				tr, err := New(ctx, Options{DB: db, Ledger: book, Book: "b", Prefix: "INTG", Now: time.Now})
				if err != nil {
					t.Fatal(err)
				}
				return tr
			}
			tr := begin()
			v := &sheets.View{At: time.Unix(1, 0).UTC(), Whole: true}
			columns := []column{{sheets.Key, "ID"}, {"a", "a"}, {"b", "b"}}
			look := func(text string) difference {
				d := difference{order: []*row{}}
				for i := range n {
					id := fmt.Sprintf("INTG-%04d", i)
					r := &row{id: id, place: float64(i + 1), texts: []string{id, text, text}}
					old := tr.mirror.rows[id]
					d.order = append(d.order, r)
					if old != nil && slices.Equal(old.texts, r.texts) {
						continue
					}
					d.put = append(d.put, r)
					if old == nil {
						continue
					}
					for at, c := range columns[1:] {
						was, is := old.texts[at+1], text
						d.events = append(d.events, Event{Kind: Edited, Ticket: id, Column: c.Header, Old: &was, New: &is})
					}
				}
				if tr.mirror.at.IsZero() {
					d.columns = columns
				}
				return d
			}
			if _, err := tr.record(ctx, v, look("old")); err != nil {
				t.Fatal(err)
			}
			tr = begin() // with all of it in the mirror
			broken, cancel := context.WithCancel(ctx)
			defer cancel()
			stop, left = cancel, 500/2
			if _, err := tr.record(broken, v, look("new")); err == nil {
				t.Log("it was recorded in one")
			} else {
				if restart {
					tr = begin()
				}
				if _, err := tr.record(ctx, v, look("new")); err != nil {
					t.Fatal(err)
				}
			}
			count := map[string]int{}
			for e, err := range book.Entries(ctx, 0, "") {
				if err != nil {
					t.Fatal(err)
				}
				if e.Kind == "tracker.edited" {
					count[e.Subject]++
				}
			}
			wrong := 0
			for i := range n {
				if count[fmt.Sprintf("INTG-%04d", i)] != 2 {
					wrong++
				}
			}
			if wrong > 0 {
				t.Errorf("%d of %d rows are not told as edited once a column", wrong, n)
			}
		})
	}
}

// An id that looks like another is refused, also beside it.
func TestLookalikesFiledTogether_AreNotBothFiled(t *testing.T) {
	bubble(t, func(h *house) {
		h.look()
		ctx, cancel := h.limit()
		defer cancel()
		file := func(id string) func() {
			return func() {
				if r, err := h.Create(ctx, Draft{ID: id, Fields: map[string]string{"summary": id}}); err != nil && !errors.Is(err, errLooksAlike) {
					t.Errorf("%+v %v", r, err)
				}
			}
		}
		h.together(file("INTG-1a"), file("intg-1A"))
		if rows := h.grid(); len(rows) != 2 {
			t.Errorf("%v", rows)
		}
	}, []string{"INTG-001", "一"})
}
