package sheets

import (
	"context"
	"fmt"
	"io"
	"testing"
)

// The table of docs/performance.md.
const largeRows = 100_000

func largeHouse(b *testing.B) *house {
	b.Helper()
	dir := b.TempDir()
	h, done := newHouse(b, dir)
	row := -1
	_, err := h.server.Import(context.Background(), "Tracker", true, func() ([]string, error) {
		row++
		switch {
		case row == 0:
			return append(headline, "担当", "期限", "優先度", "メモ", "備考"), nil
		case row > largeRows:
			return nil, io.EOF
		}
		id := fmt.Sprintf("INTG-%06d", row)
		return []string{id, "抽出の概要 " + id, "詳細な説明\n- 一つ目\n- 二つ目 " + id, "起票", "", "山田", "2026/11/21", "中", "メモ", "備考 " + id}, nil
	})
	if err != nil {
		b.Fatal(err)
	}
	done()
	h, done = newHouse(b, dir) // as after a start
	b.Cleanup(done)
	if _, err := h.Look(context.Background()); err != nil {
		b.Fatal(err)
	}
	return h
}

func BenchmarkLook_LargeTable(b *testing.B) {
	h := largeHouse(b)
	for b.Loop() {
		v, err := h.Look(context.Background())
		if err != nil {
			b.Fatal(err)
		}
		must(b, v, "INTG-050000")
	}
}

func BenchmarkWhole_LargeTable(b *testing.B) {
	h := largeHouse(b)
	for b.Loop() {
		if _, err := h.Whole(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
}
