package local

import (
	"context"
	"errors"
	"fmt"

	"uratori/internal/fault"
	"uratori/internal/store"
	"uratori/sheets/a1"
	"uratori/sheets/local/edit"
	"uratori/sheets/local/entry"
)

// mostDifferences is how many cells are named when a batch meets what its maker
// has not seen.
const mostDifferences = 20

// errDiffers ends a draft whose cells are not what somebody has seen.
var errDiffers = errors.New("cells differ from what was seen")

// Edit makes a batch in the spreadsheet [Book], all of it or nothing. A cell
// that does not hold what was seen is no error: the outcome names it. also, if
// there is one, is stored with it in the same transaction, and an error of it
// undoes all.
//
// The outcome's Revision is the caller's to set.
func (s *Server) Edit(ctx context.Context, b edit.Batch, also func(*store.Tx) error) (o edit.Outcome, err error) {
	if err := checkSize(b); err != nil {
		return o, err
	}
	_, err = s.write(ctx, Book, func(d *draft) error {
		t := d.tabByID(b.Tab)
		if t == nil {
			return fault.New(fault.NotFound, "sheet.no_tab", "title", fmt.Sprintf("#%d", b.Tab))
		}
		e := editor{d: d, t: d.edit(t), locale: d.language()}
		e.look(b.Seen)
		for i := range b.Steps {
			if err := e.step(b.Steps[i]); err != nil {
				return err
			}
			if len(e.differs) > 0 {
				o.Differs = e.differs
				return errDiffers
			}
		}
		d.also = also
		o.Applied, o.Undo = true, e.undo(b)
		return nil
	})
	if errors.Is(err, errDiffers) {
		return edit.Outcome{Differs: o.Differs}, nil
	}
	if err != nil {
		return edit.Outcome{}, err
	}
	return o, nil
}

// checkSize refuses what is no batch, or a larger one than is read in one go.
func checkSize(b edit.Batch) error {
	if len(b.Steps) == 0 || len(b.Steps) > edit.MostSteps {
		return fault.New(fault.Invalid, "sheet.bad_steps", "count", len(b.Steps), "most", edit.MostSteps)
	}
	if len(b.Seen) > edit.MostCells {
		return fault.New(fault.Invalid, "sheet.large_batch", "most", edit.MostCells)
	}
	cells := 0
	for _, s := range b.Steps {
		set := 0
		if s.Put != nil {
			set++
			for _, row := range s.Put.New {
				cells += len(row)
			}
		}
		if s.Insert != nil {
			set++
			cells += max(s.Insert.Count, 0)
			for _, row := range s.Insert.Cells {
				cells += len(row)
			}
		}
		if s.Delete != nil {
			set++
			for _, row := range s.Delete.Seen {
				cells += 1 + len(row)
			}
		}
		if s.Sort != nil {
			set++
		}
		if s.Arrange != nil {
			set++
			cells += len(s.Arrange.Order)
		}
		if set != 1 {
			return fault.New(fault.Invalid, "sheet.bad_step")
		}
		if cells > edit.MostCells || cells < 0 {
			return fault.New(fault.Invalid, "sheet.large_batch", "most", edit.MostCells)
		}
	}
	return nil
}

// editor makes the steps of one batch.
type editor struct {
	d       *draft
	t       *tab // the draft's own
	locale  entry.Locale
	differs []edit.Difference
	back    []edit.Step // the inverse of each step
}

// saw compares what a cell holds with what was seen there.
func (e *editor) saw(row, column int, text string) {
	if now := e.t.cell(row, column).text(e.locale); now != text && len(e.differs) < mostDifferences {
		e.differs = append(e.differs, edit.Difference{Row: row + 1, Column: column + 1, Seen: text, Now: now})
	}
}

func (e *editor) look(seen []edit.Sight) {
	for _, s := range seen {
		if s.Row < 1 || s.Column < 1 { // a cell that no tab has holds nothing
			e.differs = append(e.differs, edit.Difference{Row: s.Row, Column: s.Column, Seen: s.Text})
			continue
		}
		e.saw(s.Row-1, s.Column-1, s.Text)
	}
}

func (e *editor) step(s edit.Step) error {
	switch {
	case s.Put != nil:
		return e.put(*s.Put)
	case s.Insert != nil:
		return e.insert(*s.Insert)
	case s.Delete != nil:
		return e.delete(*s.Delete)
	case s.Sort != nil:
		return e.sort(*s.Sort)
	default:
		return e.arrange(*s.Arrange)
	}
}

// outside is said of a place that the grid does not have.
func (e *editor) outside(row, column int) error {
	return fault.New(fault.Invalid, "sheet.outside", "row", row, "column", column, "rows", e.t.rowCount, "columns", e.t.columnCount)
}

func (e *editor) put(p edit.Put) error {
	height, width := len(p.New), 0
	for i, row := range p.New {
		if len(p.Old) != height || len(p.Old[i]) != len(row) {
			return fault.New(fault.Invalid, "sheet.bad_block")
		}
		width = max(width, len(row))
	}
	if p.Row < 1 || p.Column < 1 || height == 0 || width == 0 {
		return fault.New(fault.Invalid, "sheet.bad_block")
	}
	if bottom, right := p.Row-1+height, p.Column-1+width; bottom > e.t.rowCount || right > e.t.columnCount || bottom < 0 || right < 0 {
		if !p.Grow || bottom < 0 || right < 0 || e.d.grow(e.t, max(bottom, e.t.rowCount), max(right, e.t.columnCount)) != nil {
			return e.outside(bottom, right)
		}
	}
	back := edit.Put{Row: p.Row, Column: p.Column}
	for i, row := range p.New {
		var was []edit.Value
		var is []string
		for j, v := range row {
			at := a1.Cell(p.Row-1+i, p.Column-1+j)
			e.saw(at.StartRow, at.StartColumn, p.Old[i][j])
			has := e.t.cell(at.StartRow, at.StartColumn)
			next, err := cellOf(v, has, at)
			if err != nil {
				return err
			}
			was, is = append(was, has.value(e.locale)), append(is, next.text(e.locale))
			e.d.set(e.t, at.StartRow, at.StartColumn, next)
		}
		back.New, back.Old = append(back.New, was), append(back.Old, is)
	}
	e.back = append(e.back, edit.Step{Put: &back})
	return nil
}

func (e *editor) insert(p edit.Insert) error {
	at := p.Row - 1
	if p.Count < 1 || len(p.Cells) > p.Count || p.Frozen < 0 || p.Frozen > p.Count || p.Frozen > 0 && at > e.t.frozenRows {
		return fault.New(fault.Invalid, "sheet.bad_block")
	}
	if at < 0 || at > e.t.rowCount {
		return e.outside(p.Row, 1)
	}
	width := 0
	for _, row := range p.Cells {
		width = max(width, len(row))
	}
	if e.d.grow(e.t, e.t.rowCount+p.Count, max(width, e.t.columnCount)) != nil {
		return fault.New(fault.Invalid, "sheet.too_large", "rows", e.t.rowCount+p.Count, "columns", max(width, e.t.columnCount), "cells", mostCells)
	}
	switch {
	case p.Frozen > 0:
		e.t.frozenRows += p.Frozen
	case at < e.t.frozenRows:
		e.t.frozenRows += p.Count
	}
	e.t.insertRows(at, p.Count)
	back := edit.Delete{Row: p.Row, Seen: make([][]string, p.Count)}
	for i, row := range p.Cells {
		for j, v := range row {
			where := a1.Cell(at+i, j)
			c, err := cellOf(v, cell{}, where)
			if err != nil {
				return err
			}
			e.d.set(e.t, at+i, j, c)
			back.Seen[i] = append(back.Seen[i], c.text(e.locale))
		}
	}
	for i := range back.Seen {
		if back.Seen[i] == nil {
			back.Seen[i] = []string{}
		}
	}
	e.back = append(e.back, edit.Step{Delete: &back})
	return nil
}

func (e *editor) delete(p edit.Delete) error {
	start, end := p.Row-1, p.Row-1+len(p.Seen)
	if len(p.Seen) == 0 {
		return fault.New(fault.Invalid, "sheet.bad_block")
	}
	if start < 0 || end < start || end > e.t.rowCount {
		return e.outside(end, 1)
	}
	if end-start >= e.t.rowCount || shrink(e.t.frozenRows, start, end) >= e.t.rowCount-(end-start) {
		return fault.New(fault.Invalid, "sheet.last_row")
	}
	back := edit.Insert{Row: p.Row, Count: len(p.Seen), Frozen: e.t.frozenRows - shrink(e.t.frozenRows, start, end)}
	for i, seen := range p.Seen {
		for j := range max(len(seen), len(e.t.cells(start+i))) {
			text := ""
			if j < len(seen) {
				text = seen[j]
			}
			e.saw(start+i, j, text)
		}
		back.Cells = append(back.Cells, e.t.values(start+i, e.locale))
	}
	e.d.deleteRows(e.t, start, end)
	e.back = append(e.back, edit.Step{Insert: &back})
	return nil
}

// undo is the batch that takes the steps back, the last one first.
func (e *editor) undo(b edit.Batch) *edit.Batch {
	back := &edit.Batch{Tab: b.Tab}
	for i := len(e.back) - 1; i >= 0; i-- {
		back.Steps = append(back.Steps, e.back[i])
	}
	if len(e.back) != 1 {
		return back // rows mean another thing to each step
	}
	// An empty cell looks like any other: what stands beside it tells its row.
	if p := back.Steps[0].Put; p != nil {
		for i, row := range p.New {
			e.anchor(back, p.Row-1+i, p.Column-1, p.Column-1+len(row))
		}
	}
	if p := back.Steps[0].Insert; p != nil {
		e.anchor(back, p.Row-2, 0, 0)
		e.anchor(back, p.Row-1, 0, 0)
	}
	return back
}

// anchor has a batch want the first text of a row, but for those between two
// columns.
func (e *editor) anchor(b *edit.Batch, row, start, end int) {
	if row < 0 {
		return
	}
	for column, c := range e.t.cells(row) {
		if text := c.text(e.locale); text != "" && (column < start || column >= end) {
			b.Seen = append(b.Seen, edit.Sight{Row: row + 1, Column: column + 1, Text: text})
			return
		}
	}
}
