package tracker

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"uratori/internal/ledger"
	"uratori/sheets"
	"uratori/sheets/sheetstest"
)

// Whatever goes wrong with whichever request: the write ends verified once
// things go well again, it is there once, and nothing else has changed.
func TestEveryFault_AtEveryRequest_EndsVerified(t *testing.T) {
	for _, f := range sheetstest.Faults() {
		for at := range 4 {
			for _, create := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s/request %d/create %v", f, at, create), func(t *testing.T) {
					bubble(t, func(h *house) { oneFault(h, f, at, create) }, []string{"INTG-001", "一", "詳細"}, []string{"INTG-002", "二"})
				})
			}
		}
	}
}

func oneFault(h *house, f sheetstest.Fault, at int, create bool) {
	h.look()
	begun := h.way.Count()
	h.meet(func(n int, _ *http.Request) sheetstest.Fault {
		if n == begun+at {
			return f
		}
		return sheetstest.None
	})
	ctx, cancel := h.limit()
	defer cancel()
	var r Result
	var err error
	want := [][]string{{"INTG-001", "一", "詳細"}, {"INTG-002", "新しい"}}
	if create {
		r, err = h.Create(ctx, Draft{Fields: map[string]string{"summary": "新しい"}})
		want = [][]string{{"INTG-001", "一", "詳細"}, {"INTG-002", "二"}, {"INTG-003", "新しい", "", "起票"}}
	} else {
		r, err = h.Update(ctx, Change{Ticket: "INTG-002", Fields: map[string]string{"summary": "新しい"}})
	}
	if err != nil {
		if f != sheetstest.S400 || !errors.Is(err, sheets.ErrRefused) {
			h.t.Fatal(err)
		}
		return // Google said that the request is wrong, and it is not there
	}
	if r.Queued { // people had to mend something, as after a 403
		if r.Verdict != ledger.Unverifiable || r.Reason == nil {
			h.t.Fatalf("%+v", r)
		}
		r = h.settled(r.Ticket, r.Write)
	}
	if r.Verdict != ledger.Verified {
		h.t.Errorf("%+v", r)
	}
	if d := cmp.Diff(want, h.grid()); d != "" {
		h.t.Error(d)
	}
	h.meet(nil)
	if s := h.look(); len(s.Changes) != 0 {
		h.t.Errorf("our own write was taken for a person's: %v", told(s.Changes))
	}
}

// settled waits for the verdict that nobody waited for.
func (h *house) settled(ticket string, id int64) Result {
	h.t.Helper()
	ctx, cancel := h.limit()
	defer cancel()
	for ctx.Err() == nil {
		found, err := queryWrites(ctx, h.db, `WHERE id = ?`, id)
		if err != nil {
			h.t.Fatal(err)
		}
		if found[0].result != nil {
			return *found[0].result
		}
		time.Sleep(time.Second) // of the bubble
	}
	h.t.Fatalf("write %d of %s has no verdict", id, ticket)
	return Result{}
}

// While nothing can be looked at nothing is claimed, and nothing is lost.
func TestLastingFault_IsUnverifiable_AndTheWriteIsKept(t *testing.T) {
	for _, f := range sheetstest.Faults() {
		t.Run(string(f), func(t *testing.T) {
			bubble(t, func(h *house) {
				h.look()
				h.meet(func(int, *http.Request) sheetstest.Fault { return f })
				ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
				defer cancel()
				r, err := h.Update(ctx, Change{Ticket: "INTG-001", Fields: map[string]string{"summary": "新しい"}})
				if f == sheetstest.S400 && errors.Is(err, sheets.ErrRefused) && r.Verdict == ledger.Refuted {
					return // Google said that the request is wrong
				}
				if err != nil || r.Verdict != ledger.Unverifiable || !r.Queued || r.Reason == nil || r.Cells[0].Verdict != ledger.Unverifiable {
					t.Fatalf("%+v %v", r, err)
				}
				if s := h.State(); s.Pending != 1 || s.Problem == nil {
					t.Errorf("%+v", s)
				}
				if w, err := h.Written(context.Background(), "INTG-001"); err != nil || len(w) != 1 || !w[0].Pending {
					t.Errorf("%+v %v", w, err)
				}
				h.kill()
				h.meet(nil)
				h.start() // another daemon takes it up
				if r := h.settled("INTG-001", r.Write); r.Verdict != ledger.Verified || h.cell("INTG-001", "概要") != "新しい" {
					t.Errorf("%+v", r)
				}
			}, []string{"INTG-001", "一"})
		})
	}
}

func TestAPersonTakesTheHeaderAway_SaysWhatIsWrong_AndGoesOnAfterwards(t *testing.T) {
	for name, tc := range map[string]struct {
		header []string
		want   error
	}{
		"no id":      {[]string{"番号"}, sheets.ErrNoHeader},
		"no summary": {[]string{"ID", "あらすじ"}, sheets.ErrNoColumn},
		"twice":      {[]string{"ID", "概要", "概要"}, sheets.ErrHeaderTwice},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(h *house) {
				h.look()
				h.put("A1", tc.header)
				r := h.change("INTG-001", "summary", "新しい")
				if r.Verdict != ledger.Unverifiable || !r.Queued || !errors.Is(r.Reason, tc.want) {
					t.Fatalf("%+v", r)
				}
				h.put("A1", headline)
				if r := h.settled("INTG-001", r.Write); r.Verdict != ledger.Verified {
					t.Errorf("%+v", r)
				}
			}, []string{"INTG-001", "一"})
		})
	}
}

func TestEditedBetweenWriteAndReading_IsVerifiedAndTheEditIsTold(t *testing.T) {
	bubble(t, func(h *house) {
		h.look()
		h.between("read", 1, func() { h.put("B2", []string{"ひとの"}) })
		r := h.change("INTG-001", "summary", "わたしの")
		if c := r.Cells[0]; r.Verdict != ledger.Verified || !c.Edited || *c.Actual != "ひとの" {
			t.Errorf("%+v", r)
		}
		if got := told(h.look().Changes); !slices.Equal(got, []string{`edited INTG-001 概要 "わたしの"→"ひとの"`}) {
			t.Errorf("%v", got)
		}
		if r := h.change("INTG-001", "summary", "つぎ"); !r.Conflict {
			t.Errorf("what was told of is not yet seen: %+v", r)
		}
	}, []string{"INTG-001", "一"})
}

// An answer that shows our text proves nothing when the reading finds the old
// one, or ours in another form.
func TestTextThatDidNotArrive_IsRefuted(t *testing.T) {
	for name, stored := range map[string]string{
		"not stored": "一", "cleared": "", "cut off": "新しい", "trimmed": "新しい 概要", "composed": "新しい 概要",
		"a part": "概要 ",
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(h *house) {
				h.look()
				h.between("read", 1, func() { h.put("B2", []string{stored}) })
				r := h.change("INTG-001", "summary", "新しい 概要 ")
				if c := r.Cells[0]; r.Verdict != ledger.Refuted || r.Conflict || *c.Actual != stored {
					t.Errorf("%+v", r)
				}
			}, []string{"INTG-001", "一"})
		})
	}
}

func TestRowTakenOutBeforeTheReading_IsNotVerified(t *testing.T) {
	bubble(t, func(h *house) {
		h.look()
		h.between("read", 1, func() { h.deleteRow(2) })
		ctx, cancel := h.limit()
		defer cancel()
		r, err := h.Update(ctx, Change{Ticket: "INTG-001", Fields: map[string]string{"summary": "x"}})
		if err != nil || !errors.Is(r.Reason, sheets.ErrNotFound) || r.Verdict != ledger.Refuted {
			t.Errorf("%+v %v", r, err)
		}
	}, []string{"INTG-001", "一"}, []string{"INTG-002", "二"})
}

// The same text as a number is not what was written.
func TestNumberThatLooksRight_IsWrittenAsText(t *testing.T) {
	bubble(t, func(h *house) {
		h.rest("PUT", "/values/B2?valueInputOption=USER_ENTERED", map[string]any{"values": [][]string{{"88"}}}, nil)
		r := h.change("INTG-001", "summary", "88")
		if r.Verdict != ledger.Verified {
			t.Errorf("%+v", r)
		}
		var values struct {
			Values [][]any `json:"values"`
		}
		h.rest("GET", "/values/B2?valueRenderOption=UNFORMATTED_VALUE", nil, &values)
		if values.Values[0][0] != "88" {
			t.Errorf("%#v", values.Values)
		}
	}, []string{"INTG-001", "一"})
}
