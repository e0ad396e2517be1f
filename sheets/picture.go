package sheets

import (
	"slices"
	"time"

	api "google.golang.org/api/sheets/v4"

	"uratori/sheets/a1"
)

// Google has no way to write only where a cell still holds what was seen. So a
// change takes a picture first: in the same request, which is carried out as a
// whole or not at all and lets nobody in between, it copies the cells that it is
// about to cover to a hidden tab, and its answer shows them there. Whatever a
// write covers is known for certain, even where rows moved or a person wrote
// in that very moment, and can be put back.
//
// Each cell is copied to its own place, so that formulas keep their words. The
// change signs the picture with a note, by which it is found out afterwards what
// became of it when its answer was lost; see [Table.Recall]. The tab may be
// deleted at any time. Where it cannot be made, changes are made without pictures.
const (
	// PictureTab is its title.
	PictureTab = "uratori-before"
	pictureID  = 0x75726174 // what it is made with; people may rename it
)

// picture is that tab as it is known.
type picture struct {
	sheetID       int64
	title         string
	rows, columns int // 0 where it is still to be made
}

// isPicture tells the tab of pictures from others. The table itself is none,
// whatever it is called.
func isPicture(p *api.SheetProperties) bool { return p.SheetId == pictureID || p.Title == PictureTab }

// blindness is for how long changes are made without pictures after one was
// refused, unless the tabs are listed before.
const blindness = time.Minute

// scene is what a picture is taken of: rows, and the header, signed with a note.
type scene struct {
	layout layout
	area   window
	rows   []int
	note   string
}

// shot is a picture that a request takes before it changes anything.
type shot struct {
	picture
	area     window
	lines    []run
	requests []*api.Request
}

// shoot plans a picture; nil when none can be made. The note stands in the first
// row, right of the table.
func (t *Table) shoot(sc scene) *shot {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.o.Now().Before(t.blind) {
		return nil
	}
	l, area, rows, note := sc.layout, sc.area, sc.rows, sc.note
	s := &shot{picture: t.picture, area: area, lines: runs(append(slices.Clone(rows), l.header.row))}
	last := slices.MaxFunc(s.lines, func(a, b run) int { return a.end - b.end })
	margin := max(l.columns, area.last+1)
	grid := &api.GridProperties{
		RowCount: int64(max(s.rows, l.rows, last.end)), ColumnCount: int64(max(s.columns, margin+1)),
	}
	switch {
	case s.rows == 0:
		s.sheetID, s.title = pictureID, PictureTab
		s.requests = append(s.requests, &api.Request{AddSheet: &api.AddSheetRequest{Properties: &api.SheetProperties{
			SheetId: s.sheetID, Title: s.title, Hidden: true, GridProperties: grid,
		}}})
	case s.rows < last.end || s.columns <= margin:
		s.requests = append(s.requests, &api.Request{UpdateSheetProperties: &api.UpdateSheetPropertiesRequest{
			Fields:     "gridProperties(rowCount,columnCount)",
			Properties: &api.SheetProperties{SheetId: s.sheetID, GridProperties: grid, ForceSendFields: []string{"SheetId"}},
		}})
	default:
		grid = nil
	}
	if grid != nil {
		s.rows, s.columns = int(grid.RowCount), int(grid.ColumnCount)
	}
	signed := &api.CellData{}
	if note != "" {
		signed.UserEnteredValue = &api.ExtendedValue{StringValue: &note}
	}
	// To the end of the row, so that no older note is left right of it.
	s.requests = append(s.requests, &api.Request{UpdateCells: &api.UpdateCellsRequest{
		Fields: "userEnteredValue",
		Range:  &api.GridRange{SheetId: s.sheetID, EndRowIndex: 1, StartColumnIndex: int64(margin), ForceSendFields: []string{"SheetId"}},
		Rows:   []*api.RowData{{Values: []*api.CellData{signed}}},
	}})
	for _, r := range s.lines {
		from := span(l.sheetID, int64(r.start), int64(r.end), area.first, area.last+1)
		to := span(s.sheetID, int64(r.start), int64(r.end), area.first, area.last+1)
		from.ForceSendFields, to.ForceSendFields = []string{"SheetId"}, []string{"SheetId"}
		s.requests = append(s.requests, &api.Request{CopyPaste: &api.CopyPasteRequest{Source: from, Destination: to, PasteType: "PASTE_NORMAL"}})
	}
	return s
}

// ask puts a picture before everything else that a request does.
func (s *shot) ask(plain *api.BatchUpdateSpreadsheetRequest) *api.BatchUpdateSpreadsheetRequest {
	if s == nil {
		return plain
	}
	with := *plain
	with.Requests = slices.Concat(s.requests, plain.Requests)
	with.ResponseRanges = slices.Clone(plain.ResponseRanges)
	for _, r := range s.lines {
		with.ResponseRanges = append(with.ResponseRanges,
			a1.Name(s.title, a1.Area{StartRow: r.start, EndRow: r.end, StartColumn: s.area.first, EndColumn: s.area.last + 1}))
	}
	return &with
}

// develop reads the picture from the answer; nil when it is not there.
func (s *shot) develop(t *Table, answer *api.BatchUpdateSpreadsheetResponse) *seenCells {
	if s == nil {
		return nil
	}
	seen, ok := cellsOf(answer.UpdatedSpreadsheet, s.sheetID, s.area, s.lines)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.picture = s.picture
	if !ok {
		return nil
	}
	return seen
}

// Covered is what a cell held when a write came to it, to the letter.
type Covered struct {
	Cell
	shown string
}

// Says tells whether a look would have seen it as text.
func (c Covered) Says(text string) bool {
	return c.Text == text || c.Kind == Number && text != "" && c.shown == text
}

// covered is what the picture of a row shows of a cell. It must show the key
// that the row has: whatever else became of the copy, it is no picture of it.
func (r cellRow) covered(row cellRow, key, column int) *Covered {
	c := Covered{Cell: r.at(column)}
	if r.at(key) != row.at(key) || c.Kind == Strange {
		return nil
	}
	if i := column - r.first; c.Kind != Empty {
		c.shown = r.cells[i].FormattedValue
	}
	return &c
}
