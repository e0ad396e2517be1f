package tracker

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"uratori/internal/ledger"
)

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

// A reader who was only ever told no has seen what that answer showed, and not
// what others have read since.
func TestRefusedReader_HasSeenWhatTheAnswerShowed_NotWhatOthersReadLater(t *testing.T) {
	bubble(t, func(h *house) {
		h.look()
		r := h.update(Change{Ticket: "INTG-001", Fields: map[string]string{"summary": "五の"}, Expected: map[string]string{"summary": "二"}, Reader: "five"})
		if !r.Conflict || *r.Cells[0].Actual != "一" {
			t.Fatalf("%+v", r)
		}
		h.put("B2", []string{"ひとの"})
		h.look()
		ctx, cancel := h.limit()
		defer cancel()
		if _, err := h.Get(ctx, "INTG-001", "two"); err != nil {
			t.Fatal(err)
		}
		if r := h.update(Change{Ticket: "INTG-001", Fields: map[string]string{"summary": "五の"}, Reader: "five"}); !r.Conflict || *r.Cells[0].Actual != "ひとの" {
			t.Errorf("%+v", r)
		}
		// To be refused again is no leave to write over it.
		if r := h.update(Change{Ticket: "INTG-001", Fields: map[string]string{"summary": "五の"}, Reader: "five"}); !r.Conflict {
			t.Errorf("%+v", r)
		}
	}, []string{"INTG-001", "一"})
}
