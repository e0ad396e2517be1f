package tracker

import (
	"fmt"
	"testing"

	"uratori/internal/ledger"
)

// benchHouse is a table of so many tickets in which nothing goes wrong.
func benchHouse(b *testing.B, n int) *house {
	h := newHouse(b, b.TempDir())
	rows := make([][]string, n)
	for i := range rows {
		id := fmt.Sprintf("INTG-%05d", i)
		rows[i] = []string{id, "抽出の概要 " + id, "詳細な説明\n- 一つ目\n- 二つ目 " + id, "起票"}
	}
	h.do("appendDimension", map[string]any{"sheetId": h.tab(), "dimension": "ROWS", "length": n})
	h.put("A2", rows...)
	h.start()
	b.Cleanup(h.kill)
	h.look()
	b.ResetTimer()
	return h
}

func BenchmarkUpdate_10000Tickets(b *testing.B) {
	h := benchHouse(b, 10_000)
	for i := range b.N {
		if r := h.change(fmt.Sprintf("INTG-%05d", i*13%10_000), "summary", fmt.Sprint("新 ", i)); r.Verdict != ledger.Verified {
			b.Fatalf("%+v", r)
		}
	}
}

func BenchmarkCreate_10000Tickets(b *testing.B) {
	h := benchHouse(b, 10_000)
	for i := range b.N {
		if r := h.file(Draft{Fields: map[string]string{"summary": fmt.Sprint("新 ", i)}}); r.Verdict != ledger.Verified {
			b.Fatalf("%+v", r)
		}
	}
}

func BenchmarkLookForEdits_10000Tickets(b *testing.B) {
	h := benchHouse(b, 10_000)
	h.o.Version = nil
	for range b.N {
		h.look()
	}
}
