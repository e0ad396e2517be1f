package sheets

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"google.golang.org/api/googleapi"
	api "google.golang.org/api/sheets/v4"

	"uratori/internal/fault"
)

// Found is a row as an independent reading found it.
type Found struct {
	Row   int             // one-based; 0 with Err
	Cells map[string]Cell // by the names that were asked for
	Err   error           // [ErrNotFound] or [ErrAmbiguous]
}

// Reading is what stands in some rows, cell by cell and kind by kind.
type Reading struct {
	At   time.Time // when the answer was asked for
	Rows map[string]Found
}

// errIncomplete is an answer that lacks what was asked for.
var errIncomplete = errors.New("the answer is incomplete")

// mostLooks is how often rows may move between finding and reading them.
const mostLooks = 4

// Read reads cells of the rows of keys, asking afresh where the rows are. The
// answer that holds the cells shows their row's key and the header too.
func (t *Table) Read(ctx context.Context, names []string, keys ...string) (*Reading, error) {
	for range mostLooks {
		v, err := t.Look(ctx)
		if err != nil {
			return nil, err
		}
		reading, err := t.readRows(ctx, v, names, keys)
		if err == nil || !errors.Is(err, errMoved) {
			return reading, err
		}
	}
	return nil, fault.New(fault.Unavailable, "sheets.moving", "tab", t.o.Tab)
}

// Again reads the cells of hits independently, in one request: where the write
// left them, if their keys and the header still stand there, and wherever the
// rows are now if not. v is the look that the write went by. Whether another
// row has got the same key since then is only seen by a look.
func (t *Table) Again(ctx context.Context, v *View, hits []Hit) (*Reading, error) {
	var names, keys []string
	rows := map[string]int{}
	for _, h := range hits {
		keys = append(keys, h.Key)
		rows[h.Key] = h.Row
		for _, c := range h.Cells {
			if c.Column != Key && !slices.Contains(names, c.Column) {
				names = append(names, c.Column)
			}
		}
	}
	reading, err := t.readAt(ctx, v, names, rows)
	if errors.Is(err, errMoved) {
		return t.Read(ctx, names, keys...)
	}
	return reading, err
}

func (t *Table) readRows(ctx context.Context, v *View, names, keys []string) (*Reading, error) {
	rows, lost := map[string]int{}, map[string]Found{}
	for _, key := range keys {
		if r, err := v.Find(key); err != nil {
			lost[key] = Found{Err: err}
		} else {
			rows[key] = r.Number
		}
	}
	reading, err := t.readAt(ctx, v, names, rows)
	if err != nil {
		return nil, err
	}
	maps.Copy(reading.Rows, lost)
	return reading, nil
}

// readAt reads cells of rows whose numbers are known by key. errMoved tells
// that another key or header stands there.
func (t *Table) readAt(ctx context.Context, v *View, names []string, rows map[string]int) (*Reading, error) {
	columns := map[string]int{}
	area := window{first: v.layout.header.index[Key], last: v.layout.header.index[Key]}
	for _, name := range names {
		at, err := v.layout.header.at(name)
		if err != nil {
			return nil, err
		}
		columns[name] = at
		area.cover(at)
	}
	reading := &Reading{At: t.o.Now(), Rows: map[string]Found{}}
	if len(rows) == 0 {
		return reading, nil
	}
	var at []int
	for _, number := range rows {
		at = append(at, number-1)
	}
	seen, err := t.exactRows(ctx, v, area, at)
	if err != nil {
		return nil, err
	}
	for key, number := range rows {
		cells := seen.rows[number-1]
		if !cells.says(v.layout.header.index[Key], key) {
			return nil, errMoved
		}
		f := Found{Row: number, Cells: map[string]Cell{}}
		for name, at := range columns {
			f.Cells[name] = cells.at(at)
		}
		reading.Rows[key] = f
	}
	return reading, nil
}

// window is the columns that an answer shows.
type window struct{ first, last int }

func (w *window) cover(column int) {
	w.first, w.last = min(w.first, column), max(w.last, column)
}

// exactRows reads rows cell by cell, and the whole header to see that the
// columns are still what they were, and none is named twice.
func (t *Table) exactRows(ctx context.Context, v *View, area window, rows []int) (*seenCells, error) {
	ask := &api.GetSpreadsheetByDataFilterRequest{IncludeGridData: true}
	ranges, header := runs(rows), run{v.layout.header.row, v.layout.header.row + 1}
	filter := func(g *api.GridRange) {
		g.ForceSendFields = []string{"SheetId"}
		ask.DataFilters = append(ask.DataFilters, &api.DataFilter{GridRange: g})
	}
	for _, r := range ranges {
		filter(span(v.layout.sheetID, int64(r.start), int64(r.end), area.first, area.last+1))
	}
	filter(&api.GridRange{SheetId: v.layout.sheetID, StartRowIndex: int64(header.start), EndRowIndex: int64(header.end)})
	var book *api.Spreadsheet
	err := t.read(ctx, func(ctx context.Context) (err error) {
		book, err = t.service.Spreadsheets.GetByDataFilter(t.o.Spreadsheet, ask).Fields(googleapi.Field(cellFields)).Context(ctx).Do()
		return err
	})
	if err != nil {
		return nil, err
	}
	seen, ok := cellsOf(book, v.layout.sheetID, area, ranges)
	top, ok2 := cellsOf(book, v.layout.sheetID, window{}, []run{header})
	if !ok || !ok2 {
		return nil, fault.New(fault.Unavailable, "sheets.unavailable").Wrap(errIncomplete)
	}
	now := top.rows[header.start]
	for column := range max(len(now.cells), len(v.layout.header.texts)) {
		if !now.says(column, v.layout.header.text(column)) {
			return nil, errMoved
		}
	}
	return seen, nil
}

const cellFields = "sheets(properties(sheetId,title),data(startRow,startColumn,rowData.values(userEnteredValue,formattedValue)))"

// run is consecutive rows, its end exclusive.
type run struct{ start, end int }

// runs puts rows together that follow each other.
func runs(rows []int) (found []run) {
	for _, r := range slices.Compact(slices.Sorted(slices.Values(rows))) {
		if n := len(found); n > 0 && found[n-1].end == r {
			found[n-1].end++
			continue
		}
		found = append(found, run{r, r + 1})
	}
	return found
}

// seenCells is what an answer shows of some rows.
type seenCells struct{ rows map[int]cellRow }

// cellRow is the cells of a row from the column first on.
type cellRow struct {
	first int
	cells []*api.CellData
}

func (r cellRow) at(column int) Cell {
	if i := column - r.first; i >= 0 && i < len(r.cells) {
		return exactCell(r.cells[i])
	}
	return Cell{Kind: Empty}
}

// says tells whether a cell of the header is what a look saw as text. A look
// sees a date as people do; any other number, and every text, as it is.
func (r cellRow) says(column int, text string) bool {
	c := r.at(column)
	return c.Text == text || c.Kind == Number && text != "" && r.cells[column-r.first].FormattedValue == text
}

// cellsOf finds the rows of the tab in an answer; ok tells that all runs were
// shown. Rows without content are left out of an answer whose run is shown.
func cellsOf(book *api.Spreadsheet, sheetID int64, area window, ranges []run) (seen *seenCells, ok bool) {
	seen = &seenCells{rows: map[int]cellRow{}}
	if book == nil {
		return seen, false
	}
	var data []*api.GridData
	for _, s := range book.Sheets {
		if s.Properties != nil && s.Properties.SheetId == sheetID {
			data = append(data, s.Data...)
		}
	}
	for _, r := range ranges {
		shown := slices.ContainsFunc(data, func(d *api.GridData) bool {
			return int(d.StartRow) == r.start && int(d.StartColumn) == area.first
		})
		if !shown {
			return seen, false
		}
		for row := r.start; row < r.end; row++ {
			seen.rows[row] = cellRow{first: area.first}
		}
	}
	for _, d := range data {
		for i, row := range d.RowData {
			if row != nil {
				seen.rows[int(d.StartRow)+i] = cellRow{int(d.StartColumn), row.Values}
			}
		}
	}
	return seen, true
}
