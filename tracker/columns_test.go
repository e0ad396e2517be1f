package tracker

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"uratori/internal/fault"
	"uratori/internal/ledger"
)

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
			bubbleOf(t, false, func(h *house) {
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
