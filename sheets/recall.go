package sheets

import (
	"context"
	"errors"
	"slices"

	"google.golang.org/api/googleapi"
	api "google.golang.org/api/sheets/v4"
)

// LastNote is the note of the last change that took a picture, "" where none is
// to be found. One that is still under way comes later.
func (t *Table) LastNote(ctx context.Context) (string, error) {
	if _, err := t.tab(ctx); err != nil {
		return "", err
	}
	seen, err := t.pictured(ctx, window{}, nil)
	if err != nil {
		return "", err
	}
	first := seen.rows[0]
	for column := len(first.cells) - 1; column >= 0; column-- {
		if c := first.at(column); c.Kind == Text {
			return c.Text, nil
		}
	}
	return "", nil
}

// Recall finds out what a change did whose answer was lost. Where the tab of
// pictures bears its note it was carried out, whole, and was the last: the
// hits are those that its answer would have told. Where it does not, there are
// none, and nobody can say yet. v is a look, b what was sent by it or
// another; of inserts the row is not known any more.
func (t *Table) Recall(ctx context.Context, v *View, b Batch) ([]Hit, error) {
	plan, err := v.plan(b)
	if err != nil || b.Note == "" {
		return nil, err
	}
	l := v.layout
	area, rows := v.extent(plan)
	seen, err := t.recalled(ctx, l, area, rows[:len(b.Changes)], b.Note)
	if err != nil || seen == nil {
		return nil, err
	}
	after := &seenCells{rows: map[int]cellRow{l.header.row: seen.rows[l.header.row]}}
	for i, p := range plan {
		var was cellRow
		if i < len(b.Changes) {
			was = seen.rows[p.row]
		}
		after.rows[p.row] = was.with(area, p.cells)
	}
	hits := make([]Hit, len(plan))
	for i, p := range plan {
		hits[i] = v.hit(p, after)
		if i < len(b.Changes) {
			v.cover(&hits[i], p, seen.rows[p.row], after.rows[p.row])
		}
	}
	return hits, nil
}

// RecallDeleted is Recall for a deletion; nil where nobody can say.
func (t *Table) RecallDeleted(ctx context.Context, v *View, number int, note string) (*Taken, error) {
	l := v.layout
	area := window{0, max(l.header.index[Key], l.columns-1, len(l.header.texts)-1)}
	seen, err := t.recalled(ctx, l, area, []int{number - 1}, note)
	if err != nil || seen == nil {
		return nil, err
	}
	return l.taken(seen.rows[l.header.row], seen.rows[number-1]), nil
}

// recalled reads a picture that bears a note, nil for none.
func (t *Table) recalled(ctx context.Context, l layout, area window, rows []int, note string) (*seenCells, error) {
	seen, err := t.pictured(ctx, area, runs(append(slices.Clone(rows), l.header.row)))
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(seen.rows[0].cells, func(c *api.CellData) bool { return exactCell(c).Text == note }) {
		return nil, nil
	}
	return seen, nil
}

// pictured reads the first row of the tab of pictures, and rows of it.
func (t *Table) pictured(ctx context.Context, area window, rows []run) (*seenCells, error) {
	t.mu.Lock()
	id := t.picture.sheetID
	if t.picture.rows == 0 {
		id = pictureID // the first change may have made it
	}
	t.mu.Unlock()
	ask := &api.GetSpreadsheetByDataFilterRequest{IncludeGridData: true}
	filter := func(g *api.GridRange) {
		g.ForceSendFields = []string{"SheetId"}
		ask.DataFilters = append(ask.DataFilters, &api.DataFilter{GridRange: g})
	}
	for _, r := range rows {
		filter(span(id, int64(r.start), int64(r.end), area.first, area.last+1))
	}
	filter(&api.GridRange{SheetId: id, EndRowIndex: 1})
	var book *api.Spreadsheet
	err := t.read(ctx, func(ctx context.Context) (err error) {
		book, err = t.service.Spreadsheets.GetByDataFilter(t.o.Spreadsheet, ask).Fields(googleapi.Field(cellFields)).Context(ctx).Do()
		return err
	})
	if errors.Is(err, errMoved) || errors.Is(err, ErrRefused) {
		return &seenCells{rows: map[int]cellRow{}}, nil // there is no such tab, or no such row on it
	}
	if err != nil {
		return nil, err
	}
	seen, shown := cellsOf(book, id, area, rows)
	top, ok := cellsOf(book, id, window{}, []run{{0, 1}})
	if !shown || !ok {
		return &seenCells{rows: map[int]cellRow{}}, nil
	}
	seen.rows[0] = top.rows[0]
	return seen, nil
}

// with is a row after cells of it were written.
func (r cellRow) with(area window, cells []plannedCell) cellRow {
	now := cellRow{first: area.first, cells: make([]*api.CellData, area.last-area.first+1)}
	for i := range now.cells {
		if at := area.first + i - r.first; at >= 0 && at < len(r.cells) {
			now.cells[i] = r.cells[at]
		}
	}
	for _, c := range cells {
		now.cells[c.column-area.first] = nil
		if c.text != "" {
			now.cells[c.column-area.first] = &api.CellData{UserEnteredValue: c.value()}
		}
	}
	return now
}
