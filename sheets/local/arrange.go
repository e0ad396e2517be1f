package local

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"slices"

	"golang.org/x/text/collate"

	"uratori/internal/fault"
	"uratori/sheets/a1"
	"uratori/sheets/local/edit"
)

func (e *editor) sort(p edit.Sort) error {
	to := p.To
	if to == 0 {
		to = e.t.used(e.t.whole()).EndRow
		if to < p.From {
			to = p.From // nothing there: the order stays
		}
	}
	if p.From < 1 || to < p.From || to > e.t.rowCount || p.Column < 1 || p.Column > e.t.columnCount {
		return e.outside(to, p.Column)
	}
	if to-p.From >= edit.MostCells {
		return fault.New(fault.Invalid, "sheet.large_batch", "most", edit.MostCells)
	}
	type line struct {
		at  int
		key sortKey
	}
	by := order{texts: collate.New(e.d.tongue(), collate.IgnoreCase)}
	lines := make([]line, to-p.From+1)
	for i := range lines {
		lines[i] = line{p.From - 1 + i, by.key(e.t.cells(p.From-1+i), p.Column-1)}
	}
	slices.SortStableFunc(lines, func(x, y line) int { return x.key.compare(y.key, p.Descending) })
	rows := make([]int, len(lines))
	for i, l := range lines {
		rows[i] = l.at
	}
	return e.order(p.From-1, rows)
}

func (e *editor) arrange(p edit.Arrange) error {
	start, end := p.From-1, p.From-1+len(p.Order)
	if len(p.Order) == 0 {
		return fault.New(fault.Invalid, "sheet.bad_block")
	}
	if start < 0 || end > e.t.rowCount {
		return e.outside(end, 1)
	}
	rows, taken := make([]int, len(p.Order)), make([]bool, len(p.Order))
	for i, row := range p.Order {
		if row < p.From || row > end || taken[row-p.From] {
			return fault.New(fault.Invalid, "sheet.bad_order")
		}
		taken[row-p.From], rows[i] = true, row-1
	}
	now, err := e.digest(start, end)
	if err != nil {
		return err
	}
	if now != p.Seen {
		return fault.New(fault.Conflict, "sheet.rows_changed", "from", p.From, "to", end)
	}
	return e.order(start, rows)
}

// order has the cells of rows move: those of rows[i] to the row start+i.
func (e *editor) order(start int, rows []int) error {
	whole := a1.Area{StartRow: start, EndRow: start + len(rows), EndColumn: e.t.columnCount}
	was := make([][]cell, len(rows))
	for i, row := range rows {
		was[i] = e.t.cells(row)
	}
	back := edit.Arrange{From: start + 1, Order: make([]int, len(rows))}
	for i, row := range rows {
		e.d.lay(e.t, start+i, whole, was[i])
		back.Order[row-start] = start + i + 1
	}
	var err error
	back.Seen, err = e.digest(start, start+len(rows))
	e.back = append(e.back, edit.Step{Arrange: &back})
	return err
}

// digest tells rows that hold the same from any others.
func (e *editor) digest(start, end int) (string, error) {
	h := sha256.New()
	for row := start; row < end; row++ {
		text, err := encodeRow(e.t.cells(row))
		if err != nil {
			return "", err
		}
		_, _ = io.WriteString(h, text+"\n") // a hash takes everything; JSON has no line breaks of its own
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
