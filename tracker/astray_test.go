package tracker

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"uratori/sheets/sheetstest"
)

// A row without an id comes in between, which no look has seen: what it held is
// put back, whatever the tracker lives to see, and wherever the row goes.
func TestRowWithoutAnID_ThatAWriteHit_HoldsAgainWhatItHeld(t *testing.T) {
	for name, after := range map[string][][]string{
		"it stays":           {{"", "ひとのメモ", "続き"}, {"INTG-001", "一"}, {"INTG-002", "二"}},
		"it goes to the end": {{"INTG-001", "一"}, {"INTG-002", "二"}, {"", "ひとのメモ", "続き"}},
		"another is like it": {{"", "ひとのメモ", "続き"}, {"", "別のメモ", "続き"}, {"INTG-001", "一"}, {"INTG-002", "二"}},
	} {
		for _, dies := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, the tracker dies: %v", name, dies), func(t *testing.T) {
				bubble(t, func(h *house) {
					h.look()
					text := "エージェントの新しい概要です"
					came := func(n int) {
						if n == 1 {
							h.put("A2", []string{"", "ひとのメモ", "続き"}, []string{"INTG-001", "一"}, []string{"INTG-002", "二"})
						}
					}
					update := func() {
						ctx, cancel := h.limit()
						defer cancel()
						if _, err := h.Update(ctx, Change{Ticket: "INTG-001", Fields: map[string]string{"summary": text}}); err != nil && !dies {
							t.Error(err)
						}
					}
					moves := func() { // what was hit is a person's, and moved by them
						rows := make([][]string, len(after))
						for i, r := range after {
							rows[i] = append([]string{}, r...)
							if len(r) > 1 && r[1] == "ひとのメモ" {
								rows[i][1] = text
							}
							for len(rows[i]) < 3 {
								rows[i] = append(rows[i], "")
							}
						}
						h.put("A2", rows...)
					}
					if dies {
						h.dies(1, came, update)
						moves()
						h.start()
					} else {
						writes := 0
						h.meet(func(_ int, r *http.Request) sheetstest.Fault {
							if kindOf(r) == "write" {
								if writes++; writes == 1 {
									came(1)
								} else if writes == 2 {
									moves()
								}
							}
							return sheetstest.None
						})
						update()
					}
					h.drained()
					h.look()
					var want [][]string
					for _, r := range after {
						r = slices.Clone(r)
						if r[0] == "INTG-001" {
							r[1] = text
						}
						want = append(want, r)
					}
					if d := cmp.Diff(want, h.grid()); d != "" {
						t.Error(d)
					}
				}, []string{"INTG-001", "一"}, []string{"INTG-002", "二"})
			})
		}
	}
}

// Two rows without an id are hit by one update before either could be put right.
func TestTwoRowsWithoutAnID_ThatAWriteHit_HoldAgainWhatBothHeld(t *testing.T) {
	bubble(t, func(h *house) {
		h.look()
		text, writes := "エージェントの新しい概要です", 0
		h.meet(func(_ int, r *http.Request) sheetstest.Fault {
			if kindOf(r) != "write" {
				return sheetstest.None
			}
			switch writes++; writes {
			case 1:
				h.put("A2", []string{"", "ひとのメモ"}, []string{"INTG-001", "一"}, []string{"INTG-002", "二"})
			case 2:
				h.put("A2", []string{"INTG-002", "二"}, []string{"", "ひとのメモ"}, []string{"", text}, []string{"INTG-001", "一"})
			}
			return sheetstest.None
		})
		h.change("INTG-001", "summary", text)
		h.drained()
		h.look()
		if d := cmp.Diff([][]string{{"INTG-002", "二"}, {"", "ひとのメモ"}, {"", "ひとのメモ"}, {"INTG-001", text}}, h.grid()); d != "" {
			t.Error(d)
		}
	}, []string{"INTG-001", "一"}, []string{"INTG-002", "二"})
}
