package tracker

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"uratori/internal/ledger"
	"uratori/sheets/sheetstest"
)

// Rows move between the look and the write: another ticket is hit, and gets
// back what it held.
func TestRowsMove_WhatWasHitIsPutBack(t *testing.T) {
	for _, lost := range []bool{false, true} {
		t.Run(fmt.Sprint("the answer was lost: ", lost), func(t *testing.T) {
			bubble(t, func(h *house) {
				h.look()
				moved := false
				h.meet(func(_ int, r *http.Request) sheetstest.Fault {
					if kindOf(r) != "write" || moved {
						return sheetstest.None
					}
					moved = true
					h.insertRow(2)
					h.put("A2", []string{"INTG-000", "上に"})
					if lost {
						return sheetstest.ResetAfter
					}
					return sheetstest.None
				})
				r := h.change("INTG-002", "summary", "新しい二")
				if r.Verdict != ledger.Verified {
					t.Errorf("%+v", r)
				}
				h.drained()
				want := [][]string{{"INTG-000", "上に"}, {"INTG-001", "一", "詳細"}, {"INTG-002", "新しい二"}, {"INTG-003", "三"}}
				if d := cmp.Diff(want, h.grid()); d != "" {
					t.Error(d)
				}
				if got := told(h.look().Changes); got != nil {
					t.Errorf("the accident was taken for a person's edit: %v", got)
				}
				if got := told(h.State().Recent); !slices.Equal(got, []string{"created INTG-000"}) {
					t.Errorf("%v", got)
				}
			}, []string{"INTG-001", "一", "詳細"}, []string{"INTG-002", "二"}, []string{"INTG-003", "三"})
		})
	}
}

// drained waits until no write is open.
func (h *house) drained() {
	h.t.Helper()
	for range 1000 {
		if h.State().Pending == 0 {
			return
		}
		time.Sleep(time.Second) // of the bubble
	}
	h.t.Fatalf("writes are left: %+v", h.State())
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
