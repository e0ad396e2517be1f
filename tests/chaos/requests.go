package chaos

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	api "google.golang.org/api/sheets/v4"
)

func (a Ask) path() string {
	path, _, _ := strings.Cut(a.URI, "?")
	return path
}

// batch is the request that carries out changes together.
func (s *Sheet) batch(requests ...*api.Request) Ask {
	body, err := (&api.BatchUpdateSpreadsheetRequest{Requests: requests}).MarshalJSON()
	if err != nil {
		panic(err) // there is nothing in it that JSON has no words for
	}
	return Ask{http.MethodPost, "/v4/spreadsheets/local:batchUpdate", body}
}

// requestsOf are those of the requests in a body that change the table: the
// tracker has a tab of its own.
func (s *Sheet) requestsOf(body []byte) ([]*api.Request, error) {
	var ask struct {
		Requests []*api.Request `json:"requests"`
	}
	if err := json.Unmarshal(body, &ask); err != nil {
		return nil, fmt.Errorf("what the tracker sent: %w", err)
	}
	return slices.DeleteFunc(ask.Requests, func(q *api.Request) bool {
		switch {
		case q.AddSheet != nil:
			return true
		case q.UpdateSheetProperties != nil:
			return q.UpdateSheetProperties.Properties.SheetId != s.sheetID
		case q.CopyPaste != nil:
			return q.CopyPaste.Destination.SheetId != s.sheetID
		case q.UpdateCells != nil && q.UpdateCells.Range != nil:
			return q.UpdateCells.Range.SheetId != s.sheetID
		}
		return false
	}), nil
}

// areas are the parts of the table that a reading by data filters asks for.
func (s *Sheet) areas(body []byte) (found []Area) {
	var ask struct {
		DataFilters []struct {
			GridRange *struct {
				SheetID          int64 `json:"sheetId"`
				StartRowIndex    int   `json:"startRowIndex"`
				EndRowIndex      int   `json:"endRowIndex"`
				StartColumnIndex int   `json:"startColumnIndex"`
				EndColumnIndex   int   `json:"endColumnIndex"`
			} `json:"gridRange"`
		} `json:"dataFilters"`
	}
	if json.Unmarshal(body, &ask) != nil {
		return nil // a reading without a body shows no cells
	}
	for _, f := range ask.DataFilters {
		if g := f.GridRange; g != nil && g.SheetID == s.sheetID {
			found = append(found, Area{g.StartRowIndex, g.EndRowIndex, g.StartColumnIndex, g.EndColumnIndex})
		}
	}
	return found
}

// Describe tells what requests do, rows counted as people do.
func Describe(requests []*api.Request) string {
	var said []string
	for _, q := range requests {
		switch {
		case q.InsertDimension != nil:
			r := q.InsertDimension.Range
			said = append(said, fmt.Sprintf("insert rows %d to %d", r.StartIndex+1, r.EndIndex))
		case q.AppendDimension != nil:
			said = append(said, fmt.Sprintf("append %d rows", q.AppendDimension.Length))
		case q.DeleteDimension != nil:
			r := q.DeleteDimension.Range
			said = append(said, fmt.Sprintf("delete rows %d to %d", r.StartIndex+1, r.EndIndex))
		case q.MoveDimension != nil:
			said = append(said, fmt.Sprintf("move row %d to %d", q.MoveDimension.Source.StartIndex+1, q.MoveDimension.DestinationIndex+1))
		case q.SortRange != nil:
			said = append(said, fmt.Sprintf("sort by column %d", q.SortRange.SortSpecs[0].DimensionIndex+1))
		case q.UpdateCells != nil:
			row, column := corner(q.UpdateCells)
			for i, r := range q.UpdateCells.Rows {
				for n, c := range r.Values {
					said = append(said, fmt.Sprintf("row %d column %d: %s", row+i+1, column+n+1, shown(c.UserEnteredValue)))
				}
			}
		}
	}
	return strings.Join(said, "; ")
}

// textsOf are the texts that requests write.
func textsOf(requests []*api.Request) (texts []string) {
	for _, q := range requests {
		if q.UpdateCells == nil {
			continue
		}
		for _, r := range q.UpdateCells.Rows {
			for _, c := range r.Values {
				if v := c.UserEnteredValue; v != nil && v.StringValue != nil {
					texts = append(texts, *v.StringValue)
				}
			}
		}
	}
	return texts
}

func shown(v *api.ExtendedValue) string {
	switch {
	case v == nil:
		return "nothing"
	case v.StringValue != nil:
		return strconv.Quote(*v.StringValue)
	case v.NumberValue != nil:
		return strconv.FormatFloat(*v.NumberValue, 'f', -1, 64)
	case v.FormulaValue != nil:
		return *v.FormulaValue
	}
	return "something"
}

func corner(q *api.UpdateCellsRequest) (row, column int) {
	if q.Start != nil {
		return int(q.Start.RowIndex), int(q.Start.ColumnIndex)
	}
	return int(q.Range.StartRowIndex), int(q.Range.StartColumnIndex)
}

// value is what puts the cell's content into a cell.
func (c Cell) value() *api.ExtendedValue {
	switch c.Kind {
	case Empty:
		return nil
	case Number:
		n, err := strconv.ParseFloat(c.Text, 64)
		if err != nil {
			panic(err) // it was made of a number
		}
		return &api.ExtendedValue{NumberValue: &n}
	case Bool:
		b := c.Text == "true"
		return &api.ExtendedValue{BoolValue: &b}
	case Formula:
		return &api.ExtendedValue{FormulaValue: &c.Text}
	}
	return &api.ExtendedValue{StringValue: &c.Text}
}

// writeCell puts a text into a cell, rows and columns from 0.
func (s *Sheet) writeCell(row, column int, text string) *api.Request {
	c := Cell{Text, text}
	if text == "" {
		c = Cell{}
	}
	return &api.Request{UpdateCells: &api.UpdateCellsRequest{
		Fields: "userEnteredValue",
		Start:  &api.GridCoordinate{SheetId: s.sheetID, RowIndex: int64(row), ColumnIndex: int64(column), ForceSendFields: []string{"SheetId"}},
		Rows:   []*api.RowData{{Values: []*api.CellData{{UserEnteredValue: c.value()}}}},
	}}
}

func (s *Sheet) writeRows(row int, rows [][]string) (requests []*api.Request) {
	for i, texts := range rows {
		for column, text := range texts {
			if text != "" {
				requests = append(requests, s.writeCell(row+i, column, text))
			}
		}
	}
	return requests
}

func (s *Sheet) span(row, end int) *api.DimensionRange {
	return &api.DimensionRange{
		SheetId: s.sheetID, Dimension: "ROWS", StartIndex: int64(row), EndIndex: int64(end),
		ForceSendFields: []string{"SheetId", "StartIndex"},
	}
}

func (s *Sheet) insertRow(row int) *api.Request {
	return &api.Request{InsertDimension: &api.InsertDimensionRequest{Range: s.span(row, row+1)}}
}

func (s *Sheet) deleteRow(row int) *api.Request {
	return &api.Request{DeleteDimension: &api.DeleteDimensionRequest{Range: s.span(row, row+1)}}
}

// moveRow puts a row before another, both as they stand before the move.
func (s *Sheet) moveRow(row, before int) *api.Request {
	return &api.Request{MoveDimension: &api.MoveDimensionRequest{Source: s.span(row, row+1), DestinationIndex: int64(before)}}
}

// sortRows orders rows by a column. It must be alone in its batch.
func (s *Sheet) sortRows(row, end, column int, descending bool) *api.Request {
	order := "ASCENDING"
	if descending {
		order = "DESCENDING"
	}
	return &api.Request{SortRange: &api.SortRangeRequest{
		Range: &api.GridRange{
			SheetId: s.sheetID, StartRowIndex: int64(row), EndRowIndex: int64(end), EndColumnIndex: int64(len(Headline())),
			ForceSendFields: []string{"SheetId"},
		},
		SortSpecs: []*api.SortSpec{{DimensionIndex: int64(column), SortOrder: order, ForceSendFields: []string{"DimensionIndex"}}},
	}}
}

func identities(t Table) []int {
	ids := make([]int, len(t))
	for i, r := range t {
		ids[i] = r.ID
	}
	return ids
}

// carry follows the rows of a table through requests.
func (s *Sheet) carry(was Table, requests []*api.Request, after [][]Cell) []int {
	ids := identities(was)
	reach := func(n int) {
		for len(ids) < n {
			ids = append(ids, s.number())
		}
	}
	for _, q := range requests {
		switch {
		case q.InsertDimension != nil:
			r := q.InsertDimension.Range
			reach(int(r.StartIndex))
			for i := r.StartIndex; i < r.EndIndex; i++ {
				ids = slices.Insert(ids, int(i), s.number())
			}
		case q.DeleteDimension != nil:
			r := q.DeleteDimension.Range
			reach(int(r.EndIndex))
			ids = slices.Delete(ids, int(r.StartIndex), int(r.EndIndex))
		case q.MoveDimension != nil:
			from, to := int(q.MoveDimension.Source.StartIndex), int(q.MoveDimension.DestinationIndex)
			reach(max(from+1, to))
			id := ids[from]
			ids = slices.Insert(ids, to, id)
			if from >= to {
				from++
			}
			ids = slices.Delete(ids, from, from+1)
		case q.SortRange != nil:
			first, end := int(q.SortRange.Range.StartRowIndex), int(q.SortRange.Range.EndRowIndex)
			reach(end)
			sorted(was, ids, after, first, end)
		}
	}
	return ids
}

// sorted puts identities where their rows' contents are now.
func sorted(was Table, ids []int, after [][]Cell, first, end int) {
	left := slices.Clone(ids[first:end])
	cells := func(id int) []Cell {
		if i := was.row(id); i >= 0 {
			return was[i].Cells
		}
		return nil
	}
	for i := first; i < end; i++ {
		var now []Cell
		if i < len(after) {
			now = after[i]
		}
		n := slices.IndexFunc(left, func(id int) bool { return slices.Equal(cells(id), now) })
		if n < 0 {
			panic("a sorted row is none of those before") // the sheet has changed what it was to move
		}
		ids[i] = left[n]
		left = slices.Delete(left, n, n+1)
	}
}

// table puts contents and identities together. Rows that did not change are
// those of the table before.
func (s *Sheet) table(was Table, ids []int, grid [][]Cell) Table {
	known := map[int]*Row{}
	for _, r := range was {
		known[r.ID] = r
	}
	t := make(Table, len(grid))
	for i, cells := range grid {
		if i >= len(ids) {
			ids = append(ids, s.number())
		}
		if r := known[ids[i]]; r != nil && slices.Equal(r.Cells, cells) {
			t[i] = r
			continue
		}
		t[i] = &Row{ids[i], cells}
	}
	return t
}

// number is a row's, never used before.
func (s *Sheet) number() int {
	s.rows++
	return s.rows
}
