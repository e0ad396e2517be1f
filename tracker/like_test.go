package tracker

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A person's copy of a row is hit by a short text, which the row that was copied
// holds rightly: the copy gets back what it held, and the other keeps its own.
func TestOneOfTwoRowsWithTheID_IsHitByATextThatIsRightInTheOther_GetsItsOwnBack(t *testing.T) {
	one, two := []string{"INTG-001", "一", "", "作業中"}, []string{"INTG-002", "二", "", "起票"}
	copied := []string{"INTG-002", "ひとの"}
	for _, first := range []bool{true, false} {
		t.Run(fmt.Sprint("the copy stands first: ", first), func(t *testing.T) {
			rows, moved := [][]string{one, two, copied}, [][]string{copied, one, two}
			if first {
				rows = [][]string{one, copied, two}
			}
			bubble(t, func(h *house) {
				h.look()
				h.between("write", 1, func() {
					h.deleteRow(4)
					h.deleteRow(3)
					h.deleteRow(2)
					h.put("A2", moved...)
				})
				h.change("INTG-001", "status", "起票", "作業中")
				h.drained()
				if d := cmp.Diff([][]string{copied, {"INTG-001", "一", "", "起票"}, two}, h.grid()); d != "" {
					t.Error(d)
				}
			}, rows...)
		})
	}
}

// The tracker dies after it has learned that a row is one of two with its id; by
// the time of the next one it stands alone, and is not taken for the other.
func TestOneOfTwoRowsWithTheID_WhenOneIsGoneAfterARestart_TheOtherIsNotTakenForIt(t *testing.T) {
	one, two := []string{"INTG-001", "一", "", "作業中"}, []string{"INTG-002", "二", "詳細", "起票"}
	copied := []string{"INTG-002", "ひとの"}
	bubble(t, func(h *house) {
		h.look()
		h.dying(1, func(int) {
			h.deleteRow(4)
			h.deleteRow(3)
			h.deleteRow(2)
			h.put("A2", copied, one, two)
		}, func() {
			ctx, cancel := h.limit()
			defer cancel()
			_, _ = h.Update(ctx, Change{Ticket: "INTG-001", Fields: map[string]string{"status": "起票"}, Expected: map[string]string{"status": "作業中"}}) // killed before it can be told
		})
		if d := cmp.Diff([][]string{copied, {"INTG-001", "一", "", "起票"}, two}, h.grid()); d != "" {
			t.Error(d)
		}
	}, one, two, copied)
}

// What is put back into the one row is no news of the other.
func TestOneOfTwoRowsWithTheID_GetsItsOwnBack_AndNoEditOfTheOtherIsTold(t *testing.T) {
	one, two := []string{"INTG-001", "一"}, []string{"INTG-002", "二", "ふたつめの詳細、長いもの"}
	copied := []string{"INTG-002", "ひとの"}
	bubble(t, func(h *house) {
		h.look()
		h.between("write", 1, func() { h.put("A3", []string{"INTG-001", "一", ""}, []string{"INTG-002", "ひとの"}) })
		h.change("INTG-001", "detail", "エージェントの詳細、長いもの", "")
		h.drained()
		h.look()
		if d := cmp.Diff([][]string{two, {"INTG-001", "一", "エージェントの詳細、長いもの"}, copied}, h.grid()); d != "" {
			t.Error(d)
		}
		for _, e := range h.State().Recent {
			if e.Kind == Edited {
				t.Errorf("told as an edit: %+v", told([]Event{e}))
			}
		}
	}, two, copied, one)
}
