package tracker

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
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

// late sends the first write on only after its answer was given up, and after
// more requests have gone by.
type late struct {
	h     *house
	after int
	kept  *http.Request
	n     int
}

func (l *late) RoundTrip(r *http.Request) (*http.Response, error) {
	if kindOf(r) == "write" && l.kept == nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		l.kept = r.Clone(context.Background())
		l.kept.Body = io.NopCloser(bytes.NewReader(body))
		return nil, io.ErrUnexpectedEOF
	}
	if l.kept != nil {
		if l.n++; l.n == l.after {
			answer, err := l.h.next.RoundTrip(l.kept)
			if err != nil {
				return nil, err
			}
			_ = answer.Body.Close()
		}
	}
	return l.h.next.RoundTrip(r)
}

func TestCreateThatArrivesLate_IsThereOnce(t *testing.T) {
	for after := 1; after < 8; after++ {
		t.Run(fmt.Sprint("after ", after, " requests"), func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, dir, []string{"INTG-001", "一"})
				h.blind = true
				h.way.Next = &late{h: h, after: after}
				h.start()
				defer h.kill()
				h.look()
				if r := h.file(Draft{Fields: map[string]string{"summary": "新しい"}}); r.Verdict != ledger.Verified || r.Ticket != "INTG-002" {
					t.Errorf("%+v", r)
				}
				for range 3 { // the late one may come after the verdict
					h.look()
				}
				if d := cmp.Diff([][]string{{"INTG-001", "一"}, {"INTG-002", "新しい", "", "起票"}}, h.grid()); d != "" {
					t.Error(d)
				}
			})
		})
	}
}

// A person files the same id in the moment before our row arrives.
func TestCreateOfAnIDThatAPersonTakesJustThen(t *testing.T) {
	for _, free := range []bool{false, true} {
		t.Run(fmt.Sprint("ours to choose: ", free), func(t *testing.T) {
			bubble(t, func(h *house) {
				h.look()
				h.between("write", 1, func() { h.put("A9", []string{"INTG-002", "ひとの"}) })
				d := Draft{ID: "INTG-002", Fields: map[string]string{"summary": "わたしの"}}
				if free {
					d.ID = ""
				}
				ctx, cancel := h.limit()
				defer cancel()
				r, err := h.Create(ctx, d)
				if h.cell("INTG-002", "概要") != "ひとの" {
					t.Errorf("%v", h.grid())
				}
				switch {
				case free && (err != nil || r.Verdict != ledger.Verified || r.Ticket != "INTG-003" || h.cell("INTG-003", "概要") != "わたしの"):
					t.Errorf("%+v %v", r, err)
				case !free && !errors.Is(err, ErrExists):
					t.Errorf("%+v %v", r, err)
				}
			}, []string{"INTG-001", "一"})
		})
	}
}
