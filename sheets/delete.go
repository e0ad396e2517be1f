package sheets

import (
	"context"

	api "google.golang.org/api/sheets/v4"

	"uratori/internal/fault"
	"uratori/sheets/a1"
)

// Deleted is what became of the table when a row was deleted.
type Deleted struct {
	// Gone are the rows of the look whose key the table has fewer times now;
	// their texts are those of the look.
	Gone []Row
	// Hit tells that nothing is gone but one row with the key that was meant.
	// Where not, rows moved in between and another was hit, or a person took
	// rows out at the same time. A row without a key is not missed: when just
	// then a person took out the row that was meant, one may be gone with it.
	Hit bool
}

// Delete takes a row out that v saw. Rows may move between the look and this,
// and there is no way to make Google compare first: the answer tells what is
// missing afterwards.
func (t *Table) Delete(ctx context.Context, v *View, row Row) (Deleted, error) {
	l := v.layout
	key := l.header.index[Key]
	ask := &api.BatchUpdateSpreadsheetRequest{
		Requests: []*api.Request{{DeleteDimension: &api.DeleteDimensionRequest{Range: &api.DimensionRange{
			SheetId: l.sheetID, Dimension: "ROWS", StartIndex: int64(row.Number - 1), EndIndex: int64(row.Number),
		}}}},
		IncludeSpreadsheetInResponse: true, ResponseIncludeGridData: true,
		ResponseRanges: []string{a1.Name(l.title, a1.Area{EndRow: a1.Open, StartColumn: key, EndColumn: key + 1})},
	}
	answer, err := t.send(ctx, ask)
	if err != nil {
		return Deleted{}, err
	}
	seen, ok := cellsOf(answer.UpdatedSpreadsheet, l.sheetID, window{key, key}, []run{{0, 1}})
	if !ok {
		return Deleted{}, fault.New(fault.Unavailable, "sheets.unknown").Wrap(errIncomplete)
	}
	left := map[string]int{}
	for number, cells := range seen.rows {
		if number > l.header.row {
			left[cells.at(key).Text]++
		}
	}
	were := map[string]int{}
	for r := range v.Rows() {
		were[r.Key]++
	}
	var d Deleted
	for r := range v.Rows() {
		if left[r.Key] < were[r.Key] && (were[r.Key] == 1 || r.Number == row.Number) {
			d.Gone = append(d.Gone, r)
		}
	}
	d.Hit = len(d.Gone) == 1 && d.Gone[0].Key == row.Key
	return d, nil
}
