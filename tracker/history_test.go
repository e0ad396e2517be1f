package tracker

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"uratori/internal/fault"
)

// in short, an event with its texts: - is nobody knows.
func inShort(e Event) string {
	text := func(s *string) string {
		if s == nil {
			return "-"
		}
		return *s
	}
	return fmt.Sprintf("%s %s %s %s→%s %s", e.Kind, e.Ticket, e.Column, text(e.Old), text(e.New), e.Verdict)
}

func TestHistory_TellsBothSidesInOrder_WithTheirTexts(t *testing.T) {
	bubble(t, func(h *house) {
		ctx := context.Background()
		id := h.file(Draft{Fields: map[string]string{"summary": "わたし"}}).Ticket
		h.put("B2", []string{"ひと"})
		if r := h.change(id, "summary", "わたし2"); !r.Conflict {
			t.Errorf("%+v", r)
		}
		h.change(id, "summary", "わたし3", "ひと")
		if _, err := h.Create(ctx, Draft{ID: id, Fields: map[string]string{"summary": "別"}}); fault.KindOf(err) != fault.Conflict {
			t.Error(err)
		}
		h.queued(Change{Ticket: id, Fields: map[string]string{"summary": "まだ"}})
		events, err := h.History(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		seqs := []int64{}
		for _, e := range events {
			got, seqs = append(got, inShort(e)), append(seqs, e.Seq)
		}
		want := []string{
			"written INTG-001 概要 -→わたし verified",
			"written INTG-001 ステータス -→起票 verified",
			"edited INTG-001 概要 わたし→ひと ",
			"refused INTG-001 概要 ひと→わたし2 refuted",
			"written INTG-001 概要 -→わたし3 verified",
			"refused INTG-001 概要 わたし3→別 refuted",
			"refused INTG-001 ステータス -→起票 refuted",
			"waiting INTG-001 概要 -→まだ unverifiable",
		}
		if !slices.Equal(got, want) || !slices.IsSorted(seqs) {
			t.Errorf("%q, %v", got, seqs)
		}
		for most := 1; most <= len(events)+1; most++ {
			newest, more, err := h.Recent(ctx, id, most)
			if err != nil || more != (most < len(events)) || !slices.EqualFunc(newest, events[max(len(events)-most, 0):], func(a, b Event) bool { return a.Seq == b.Seq && inShort(a) == inShort(b) }) {
				t.Errorf("the newest %d: %+v %v %v", most, newest, more, err)
			}
		}
		if none, more, err := h.Recent(ctx, "INTG-002", 3); err != nil || more || len(none) != 0 {
			t.Errorf("%v %v %v", none, more, err)
		}
		if other, err := h.History(ctx, "INTG-002"); err != nil || len(other) != 0 {
			t.Errorf("%v %v", other, err)
		}
	})
}
