package sheets

import (
	"context"
	"fmt"
	"strconv"
	"testing"
)

func BenchmarkWriteAndRead_OneRow(b *testing.B) {
	var rows [][]string
	for i := range 100 {
		id := fmt.Sprintf("INTG-%03d", i+1)
		rows = append(rows, []string{id, "抽出の概要 " + id, "詳細な説明\n- 一つ目\n- 二つ目 " + id, "起票"})
	}
	h, done := newHouse(b, b.TempDir(), rows...)
	b.Cleanup(done)
	ctx := context.Background()
	v, err := h.Look(ctx)
	if err != nil {
		b.Fatal(err)
	}
	row, n := must(b, v, "INTG-050"), 0
	for b.Loop() {
		n++
		hits, err := h.Write(ctx, v, Batch{Changes: []Change{{Row: row, Cells: map[string]string{"summary": strconv.Itoa(n)}}}})
		if err != nil {
			b.Fatal(err)
		}
		r, err := h.Again(ctx, v, hits)
		if err != nil {
			b.Fatal(err)
		}
		if !r.Rows[row.Key].Cells["summary"].Holds(strconv.Itoa(n)) {
			b.Fatal("not read back")
		}
	}
}
