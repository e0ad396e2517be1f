package tracker

import (
	"context"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"uratori/internal/fault"
)

func TestList_IsSortedByAColumn_PageByPage(t *testing.T) {
	bubble(t, func(h *house) {
		ctx := context.Background()
		for _, summary := range []string{"う", "あ", "い", "あ", "え"} {
			h.file(Draft{Fields: map[string]string{"summary": summary}})
		}
		for sort, want := range map[string][]string{
			"":         {"INTG-001", "INTG-002", "INTG-003", "INTG-004", "INTG-005"},
			"id":       {"INTG-001", "INTG-002", "INTG-003", "INTG-004", "INTG-005"},
			"-id":      {"INTG-005", "INTG-004", "INTG-003", "INTG-002", "INTG-001"},
			"summary":  {"INTG-002", "INTG-004", "INTG-003", "INTG-001", "INTG-005"},
			"-summary": {"INTG-005", "INTG-001", "INTG-003", "INTG-002", "INTG-004"},
			"status":   {"INTG-001", "INTG-002", "INTG-003", "INTG-004", "INTG-005"},
		} {
			var got []string
			for after := ""; ; {
				p, err := h.List(ctx, Query{Sort: sort, After: after, Limit: 2})
				if err != nil || p.Total != 5 {
					t.Fatal(p, err)
				}
				for _, k := range p.Tickets {
					got = append(got, k.ID)
				}
				if after = p.Next; after == "" {
					break
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("by %q: %v", sort, got)
			}
		}
		for _, sort := range []string{"detail", "--id", "-", "id;", "\x00"} {
			if _, err := h.List(ctx, Query{Sort: sort}); fault.KindOf(err) != fault.Invalid {
				t.Errorf("%q: %v", sort, err)
			}
		}
	})
}

func TestByNumber_IsAnOrder(t *testing.T) {
	t.Parallel()
	if !slices.IsSortedFunc([]string{"", "7", "A-2", "A-010", "A-11", "B-1"}, byNumber) {
		t.Error("numbers are not sorted as such")
	}
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.StringMatching(`[AB]?-?0?[0-9]{0,3}`)
		a, b, c := id.Draw(t, "a"), id.Draw(t, "b"), id.Draw(t, "c")
		if byNumber(a, b) != -byNumber(b, a) || (byNumber(a, b) == 0) != (a == b) || byNumber(a, b) < 0 && byNumber(b, c) < 0 && byNumber(a, c) >= 0 {
			t.Fatalf("%q %q %q", a, b, c)
		}
	})
}
