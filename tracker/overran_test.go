package tracker

import (
	"errors"
	"net/http"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/sheets/sheetstest"
)

// A person writes into the very cell between the look and the write that covers
// it: their text comes back, the caller is told, and the edit is in the
// history.
func TestPersonWritesJustThen_TheirTextComesBack_AndTheCallerIsTold(t *testing.T) {
	bubble(t, func(h *house) {
		h.look()
		h.between("write", 1, func() { h.put("B3", []string{"ひとの"}) })
		r := h.update(Change{
			Ticket: "INTG-002", Fields: map[string]string{"summary": "エージェントの", "detail": "詳細"}, Expected: map[string]string{"summary": "二"},
		})
		if r.Verdict != ledger.Refuted || r.Conflict || !errors.Is(r.Reason, fault.New(fault.Conflict, "tracker.same_moment")) {
			t.Errorf("%+v", r)
		}
		for _, c := range r.Cells {
			switch {
			case c.Field == "summary" && (c.Verdict != ledger.Refuted || c.Actual == nil || *c.Actual != "ひとの"):
				t.Errorf("%+v", c)
			case c.Field == "detail" && c.Verdict != ledger.Verified: // nobody else wrote there
				t.Errorf("%+v", c)
			}
		}
		h.drained()
		if d := cmp.Diff([][]string{{"INTG-001", "一"}, {"INTG-002", "ひとの", "詳細"}}, h.grid()); d != "" {
			t.Error(d)
		}
		h.look()
		if got := told(h.State().Recent); !slices.Equal(got, []string{"edited INTG-002 概要 \"二\"→\"ひとの\""}) {
			t.Errorf("%q", got)
		}
	}, []string{"INTG-001", "一"}, []string{"INTG-002", "二"})
}

func TestPersonWritesTheSameJustThen_IsVerified(t *testing.T) {
	bubble(t, func(h *house) {
		h.look()
		h.between("write", 1, func() { h.put("B2", []string{"次の"}) })
		if r := h.change("INTG-001", "summary", "次の", "一"); r.Verdict != ledger.Verified {
			t.Errorf("%+v", r)
		}
		if n := h.State().Pending; n != 0 {
			t.Errorf("%d writes are left", n)
		}
		if d := cmp.Diff([][]string{{"INTG-001", "次の"}}, h.grid()); d != "" {
			t.Error(d)
		}
	}, []string{"INTG-001", "一"})
}

// A formula and a number come back as what they were.
func TestPersonWritesJustThen_WhatIsNoText_ComesBackAsWhatItIs(t *testing.T) {
	bubble(t, func(h *house) {
		h.look()
		h.between("write", 1, func() {
			h.rest("PUT", "/values/B2:C2?valueInputOption=USER_ENTERED", map[string]any{"values": [][]string{{"=1+1", "42"}}}, nil)
		})
		h.update(Change{
			Ticket: "INTG-001", Fields: map[string]string{"summary": "甲", "detail": "乙"}, Expected: map[string]string{"summary": "一", "detail": ""},
		})
		h.drained()
		var book struct {
			Sheets []struct {
				Data []struct {
					RowData []struct {
						Values []struct {
							Value map[string]any `json:"userEnteredValue"`
						} `json:"values"`
					} `json:"rowData"`
				} `json:"data"`
			} `json:"sheets"`
		}
		h.rest("GET", "?ranges=Tracker!B2:C2&fields=sheets.data.rowData.values.userEnteredValue", nil, &book)
		cells := book.Sheets[0].Data[0].RowData[0].Values
		if cells[0].Value["formulaValue"] != "=1+1" || cells[1].Value["numberValue"] != 42.0 {
			t.Errorf("%v", cells)
		}
	}, []string{"INTG-001", "一"})
}

// The daemon dies as soon as it knows what it has covered: the next one puts
// it back.
func TestPersonWritesJustThen_KilledBeforeItIsPutBack_ComesBackAfterTheStart(t *testing.T) {
	bubble(t, func(h *house) {
		h.look()
		writes, again := 0, make(chan struct{})
		h.meet(func(_ int, r *http.Request) sheetstest.Fault {
			if kindOf(r) != "write" {
				return sheetstest.None
			}
			switch writes++; writes {
			case 1:
				h.put("B2", []string{"ひとの"})
				return sheetstest.None
			case 2:
				close(again)
			}
			return sheetstest.Refused // the put-back
		})
		var asking sync.WaitGroup
		asking.Go(func() {
			ctx, cancel := h.limit()
			defer cancel()
			r, err := h.Update(ctx, Change{Ticket: "INTG-001", Fields: map[string]string{"summary": "エージェントの"}, Expected: map[string]string{"summary": "一"}})
			if err == nil && r.Verdict == ledger.Verified {
				t.Errorf("%+v", r)
			}
		})
		<-again
		h.kill()
		asking.Wait()
		h.meet(nil)
		h.start()
		h.drained()
		if d := cmp.Diff([][]string{{"INTG-001", "ひとの"}}, h.grid()); d != "" {
			t.Error(d)
		}
	}, []string{"INTG-001", "一"})
}

// Of two rows with one id the other was hit, and is gone before it gets its text
// back: nothing is put into the one that is left, whatever that holds.
func TestPersonWritesJustThen_OnOneOfTwoRowsWithTheID_TheOtherStaysAsItIs(t *testing.T) {
	bubble(t, func(h *house) {
		h.look()
		writes, again := 0, make(chan struct{})
		h.meet(func(_ int, r *http.Request) sheetstest.Fault {
			if kindOf(r) != "write" {
				return sheetstest.None
			}
			switch writes++; writes {
			case 1: // the row of another takes the place, and what it held is to be put back
				h.put("A2", []string{"INTG-002", "二"}, []string{"INTG-001", "一"})
			case 2: // which meets a person's row of the same id
				h.put("A2", []string{"INTG-002", "ひとの"}, []string{"INTG-001", "一"}, []string{"INTG-002", "新しい一、ほかの誰も書かない"})
			case 3:
				close(again)
				return sheetstest.Refused
			default:
				return sheetstest.Refused
			}
			return sheetstest.None
		})
		var asking sync.WaitGroup
		asking.Go(func() {
			ctx, cancel := h.limit()
			defer cancel()
			_, _ = h.Update(ctx, Change{Ticket: "INTG-001", Fields: map[string]string{"summary": "新しい一、ほかの誰も書かない"}}) // killed before it can be told
		})
		<-again
		h.kill()
		asking.Wait()
		h.meet(nil)
		h.deleteRow(2)
		h.start()
		h.drained()
		if d := cmp.Diff([][]string{{"INTG-001", "新しい一、ほかの誰も書かない"}, {"INTG-002", "二"}}, h.grid()); d != "" {
			t.Error(d)
		}
	}, []string{"INTG-001", "一"}, []string{"INTG-002", "二"}, []string{"INTG-002", "ひとの"})
}

func (h *house) update(c Change) Result {
	h.t.Helper()
	ctx, cancel := h.limit()
	defer cancel()
	r, err := h.Update(ctx, c)
	if err != nil {
		h.t.Fatal(err)
	}
	return r
}
