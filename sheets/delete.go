package sheets

import (
	"cmp"
	"context"
	"slices"

	api "google.golang.org/api/sheets/v4"

	"uratori/internal/fault"
	"uratori/sheets/a1"
)

// Deleted is what became of the table when a row was deleted.
type Deleted struct {
	// Taken is the row that was hit, as the deletion itself found it; nil where
	// no picture tells. Its key may be empty, and no look may have seen it. Gone
	// is not looked for then.
	Taken *Taken
	// Gone are the rows of the look whose key the table has fewer times now;
	// their texts are those of the look. Of rows with the same key those are
	// meant that nothing in the table looks like any more.
	Gone []Row
	// Hit tells that nothing is gone but the row that was meant. Where not,
	// rows moved in between and another was hit, or a person took rows out at
	// the same time. A row without a key is not missed: when just then a person
	// took out the row that was meant, one may be gone with it.
	Hit bool
}

// Taken is a row that was taken out, cell by cell.
type Taken struct {
	Key   string
	Cells []Cell // from the first column on
	row   cellRow
}

// Is tells whether it is a row of a look.
func (d Taken) Is(r Row) bool {
	for column := range max(len(d.Cells), len(r.texts)) {
		if !d.row.says(column, textAt(r.texts, column)) {
			return false
		}
	}
	return d.Key == r.Key && r.texts != nil
}

// Delete takes a row out that v saw. Rows may move between the look and this,
// and there is no way to make Google compare first: the answer tells what is
// missing afterwards. Where several rows have the key, v must be of the whole
// table: only their texts tell them apart.
// note is as in a [Batch].
func (t *Table) Delete(ctx context.Context, v *View, row Row, note string) (Deleted, error) {
	l := v.layout
	were := map[string][]Row{}
	for r := range v.Rows() {
		were[r.Key] = append(were[r.Key], r)
	}
	key := l.header.index[Key]
	area := window{key, key}
	if len(were[row.Key]) > 1 {
		area = window{0, max(key, len(l.header.texts)-1)}
	}
	ask := &api.BatchUpdateSpreadsheetRequest{
		Requests: []*api.Request{{DeleteDimension: &api.DeleteDimensionRequest{Range: &api.DimensionRange{
			SheetId: l.sheetID, Dimension: "ROWS", StartIndex: int64(row.Number - 1), EndIndex: int64(row.Number),
		}}}},
		IncludeSpreadsheetInResponse: true, ResponseIncludeGridData: true,
		ResponseRanges: []string{a1.Name(l.title, a1.Area{EndRow: a1.Open, StartColumn: area.first, EndColumn: area.last + 1})},
	}
	whole := window{0, max(key, l.columns-1, len(l.header.texts)-1)}
	answer, before, err := t.sendSeen(ctx, ask, scene{l, whole, []int{row.Number - 1}, note})
	if err != nil {
		return Deleted{}, err
	}
	seen, ok := cellsOf(answer.UpdatedSpreadsheet, l.sheetID, area, []run{{0, 1}})
	if !ok {
		return Deleted{}, fault.New(fault.Unavailable, "sheets.unknown").Wrap(errIncomplete)
	}
	left := map[string][]cellRow{}
	for number, cells := range seen.rows {
		if number > l.header.row {
			text := cells.at(key).Text
			left[text] = append(left[text], cells)
		}
	}
	var d Deleted
	if before != nil {
		d.Taken = l.taken(before.rows[l.header.row], before.rows[row.Number-1])
	}
	if d.Taken != nil {
		d.Hit = d.Taken.Is(row)
		return d, nil
	}
	for r := range v.Rows() {
		if r.Key == row.Key && len(were[r.Key]) > 1 {
			continue // below
		}
		if len(left[r.Key]) < len(were[r.Key]) && len(were[r.Key]) == 1 {
			d.Gone = append(d.Gone, r)
		}
	}
	if twins := were[row.Key]; len(twins) > 1 {
		d.Gone = append(d.Gone, missing(twins, left[row.Key], row)...)
	}
	d.Hit = len(d.Gone) == 1 && d.Gone[0].Number == row.Number
	return d, nil
}

// taken is the row of a picture, nil where its header is not that of the look:
// whose cells those are nobody knows then.
func (l layout) taken(header, row cellRow) *Taken {
	for column := range max(min(len(header.cells), l.columns), len(l.header.texts)) {
		if !header.says(column, l.header.text(column)) {
			return nil
		}
	}
	d := &Taken{Key: row.at(l.header.index[Key]).Text, row: row}
	for column := range row.cells {
		d.Cells = append(d.Cells, row.at(column))
	}
	return d
}

// missing are those of rows with the same key that are not there any more: each
// row that is left is taken for the one that it has most cells in common with,
// and of two that are alike not for the one that was to go.
func missing(were []Row, left []cellRow, meant Row) []Row {
	type pair struct{ was, is, alike int }
	var pairs []pair
	for was, r := range were {
		for is, cells := range left {
			p := pair{was: was, is: is}
			for column, text := range r.texts {
				if cells.says(column, text) {
					p.alike++
				}
			}
			pairs = append(pairs, p)
		}
	}
	slices.SortStableFunc(pairs, func(a, b pair) int {
		return cmp.Or(cmp.Compare(b.alike, a.alike), cmp.Compare(boolInt(were[a.was].Number == meant.Number), boolInt(were[b.was].Number == meant.Number)))
	})
	kept, taken := map[int]bool{}, map[int]bool{}
	for _, p := range pairs {
		if !kept[p.was] && !taken[p.is] {
			kept[p.was], taken[p.is] = true, true
		}
	}
	var gone []Row
	for was, r := range were {
		if !kept[was] {
			gone = append(gone, r)
		}
	}
	return gone
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
