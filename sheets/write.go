package sheets

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"

	"google.golang.org/api/googleapi"
	api "google.golang.org/api/sheets/v4"

	"uratori/internal/fault"
	"uratori/sheets/a1"
)

// Change writes cells of a row that a look found.
type Change struct {
	Row   Row               // one without a key is no safer than its number
	Cells map[string]string // by a column's name or header
	// Kinds are those of Cells that are to be what they were before a write
	// covered them; all others become texts.
	Kinds map[string]Kind
}

// Insert makes a row behind the last that has a key.
type Insert struct {
	Key   string
	Cells map[string]string
	Kinds map[string]Kind // as of a [Change]
	Twin  bool            // though a row has that key: it stood there before, and is put back
}

// Batch is what one request writes, all of it or nothing.
type Batch struct {
	Changes []Change
	Inserts []Insert
	// Note is what the change is recognized by afterwards, where its answer is
	// lost: see [Table.Recall]. It has to be like no other.
	Note string
}

// Hit is what a write did to one row: what stood there afterwards, as the
// answer to the write showed it, in the same moment for the whole batch.
type Hit struct {
	Key   string // that was meant
	Row   int    // one-based
	Found string // the key that stands in the row
	Loose bool   // it has no key
	Cells []CellHit
}

// CellHit is one cell after the write.
type CellHit struct {
	Column string // as asked for
	Sent   string
	Place  string // in A1 notation
	Header string // that stands over the cell
	After  Cell
	// Placed tells that row and column were those that were meant. Where not,
	// somebody moved rows or columns between the look and the write, and
	// Before is what the look had seen in the cell that was hit instead; nil
	// where it had not seen that.
	Placed bool
	Before *string
	Kind   Kind // of Before; see [Row.Kind]
	// Covered is what the cell held when the write came to it; nil where no
	// picture tells. A row that the write made held nothing.
	Covered *Covered
}

// Placed tells whether the whole row was the one that was meant.
func (h Hit) Placed() bool {
	return !slices.ContainsFunc(h.Cells, func(c CellHit) bool { return !c.Placed })
}

// mostText is how much text a request carries; Google advises 2 MB in all.
const mostText = 1 << 20

// Split cuts a batch into such as one request should carry.
func Split(b Batch) (parts []Batch) {
	var part Batch
	size := 0
	flush := func(more int) {
		if size+more > mostText && size > 0 {
			parts, part, size = append(parts, part), Batch{}, 0
		}
		size += more
	}
	for _, c := range b.Changes {
		flush(sizeOf(c.Cells))
		part.Changes = append(part.Changes, c)
	}
	for _, i := range b.Inserts {
		flush(sizeOf(i.Cells))
		part.Inserts = append(part.Inserts, i)
	}
	if size > 0 {
		parts = append(parts, part)
	}
	return parts
}

func sizeOf(cells map[string]string) int {
	n := 64 // what stands round the texts
	for _, text := range cells {
		n += len(text) + 64
	}
	return n
}

// planned is a row of a batch, ready to be sent.
type planned struct {
	key   string
	row   int // zero-based
	cells []plannedCell
}

type plannedCell struct {
	name, text string
	column     int
	kind       Kind // "" is a text
}

// Write sends a batch to the rows where v saw them. On success the hits are in
// the order of the changes and then the inserts. An error that is not
// [ErrUnknown] means that nothing was applied.
func (t *Table) Write(ctx context.Context, v *View, b Batch) ([]Hit, error) {
	plan, err := v.plan(b)
	if err != nil || len(plan) == 0 {
		return nil, err
	}
	l := v.layout
	area, rows := v.extent(plan)
	shown := append(runs(rows), run{l.header.row, l.header.row + 1})
	ask := &api.BatchUpdateSpreadsheetRequest{
		Requests:                     t.requests(l, plan, len(b.Changes)),
		IncludeSpreadsheetInResponse: true, ResponseIncludeGridData: true,
	}
	for _, r := range shown {
		ask.ResponseRanges = append(ask.ResponseRanges,
			a1.Name(l.title, a1.Area{StartRow: r.start, EndRow: r.end, StartColumn: area.first, EndColumn: area.last + 1}))
	}
	answer, before, err := t.sendSeen(ctx, ask, scene{l, area, rows[:len(b.Changes)], b.Note})
	if err != nil {
		return nil, err
	}
	seen, ok := cellsOf(answer.UpdatedSpreadsheet, l.sheetID, area, shown)
	if !ok {
		return nil, fault.New(fault.Unavailable, "sheets.unknown").Wrap(errIncomplete)
	}
	hits := make([]Hit, len(plan))
	for i, p := range plan {
		hits[i] = v.hit(p, seen)
		if before != nil && i < len(b.Changes) {
			v.cover(&hits[i], p, before.rows[p.row], seen.rows[p.row])
		}
	}
	return hits, nil
}

// extent is the columns and the rows that a plan is about.
func (v *View) extent(plan []planned) (area window, rows []int) {
	area = window{first: v.layout.header.index[Key], last: v.layout.header.index[Key]}
	for _, p := range plan {
		rows = append(rows, p.row)
		for _, c := range p.cells {
			area.cover(c.column)
		}
	}
	return area, rows
}

// sendSeen makes a change that takes a picture first, and without it where it is
// the picture that the table refuses.
func (t *Table) sendSeen(ctx context.Context, ask *api.BatchUpdateSpreadsheetRequest, sc scene) (answer *api.BatchUpdateSpreadsheetResponse, before *seenCells, err error) {
	for again := false; ; again = true {
		s := t.shoot(sc)
		answer, err = t.send(ctx, s.ask(ask))
		switch {
		case err == nil:
			return answer, s.develop(t, answer), nil
		case s != nil && errors.Is(err, ErrUnknown):
			t.forget() // the tab of pictures may be there now
		}
		if s == nil || again || !refusedOutright(err) {
			return nil, nil, err
		}
		allowed, known := t.mayShoot(ctx, sc)
		if !known {
			return nil, nil, err
		}
		if allowed {
			continue // whatever refused it may be over
		}
		answer, err = t.send(ctx, ask)
		if err != nil {
			return nil, nil, err
		}
		t.mu.Lock()
		defer t.mu.Unlock()
		t.blind = t.o.Now().Add(blindness)
		return answer, nil, nil
	}
}

// mayShoot finds out whether pictures are refused, by taking one of a scene and
// changing nothing. It bears no note, since no change was made with it.
func (t *Table) mayShoot(ctx context.Context, sc scene) (allowed, known bool) {
	sc.note = ""
	s := t.shoot(sc)
	answer, err := t.send(ctx, s.ask(&api.BatchUpdateSpreadsheetRequest{IncludeSpreadsheetInResponse: true, ResponseIncludeGridData: true}))
	switch {
	case err == nil:
		s.develop(t, answer)
		return true, true
	case errors.Is(err, ErrUnknown):
		t.forget()
		return false, false
	}
	return false, refusedOutright(err)
}

// send makes a change. An answer that says that the tab is not as it was makes
// the next look begin from the start.
func (t *Table) send(ctx context.Context, ask *api.BatchUpdateSpreadsheetRequest) (answer *api.BatchUpdateSpreadsheetResponse, err error) {
	err = t.write(ctx, func(ctx context.Context) (err error) {
		answer, err = t.service.Spreadsheets.BatchUpdate(t.o.Spreadsheet, ask).
			Fields(googleapi.Field("updatedSpreadsheet." + cellFields)).Context(ctx).Do()
		return err
	})
	if errors.Is(err, errMoved) {
		t.forget()
		if !errors.Is(err, ErrUnknown) {
			err = fault.New(fault.Unavailable, "sheets.moving", "tab", t.o.Tab)
		}
	}
	return answer, err
}

// plan checks a batch before anything is sent.
func (v *View) plan(b Batch) (plan []planned, err error) {
	taken := map[int]bool{}
	for _, c := range b.Changes {
		if c.Row.Number <= v.HeaderRow() || taken[c.Row.Number] {
			return nil, fault.New(fault.Invalid, "sheets.row_twice", "row", c.Row.Number)
		}
		taken[c.Row.Number] = true
		p, err := v.planRow(c.Row.Key, c.Row.Number-1, c.Cells)
		if err != nil {
			return nil, err
		}
		for i, cell := range p.cells {
			p.cells[i].kind = c.Kinds[cell.name]
		}
		plan = append(plan, p)
	}
	keys := map[string]bool{}
	for i, n := range b.Inserts {
		if len(v.find(n.Key)) > 0 && !n.Twin || keys[n.Key] {
			return nil, fault.New(fault.Conflict, "sheets.key_taken", "key", n.Key)
		}
		keys[n.Key] = true
		p, err := v.planRow(n.Key, v.end()+i, n.Cells)
		if err != nil {
			return nil, err
		}
		for i, cell := range p.cells {
			p.cells[i].kind = n.Kinds[cell.name]
		}
		key, _, err := Clean(n.Key)
		if err != nil {
			return nil, err
		}
		if key != n.Key || key == "" {
			return nil, fault.New(fault.Invalid, "sheets.bad_key")
		}
		p.cells = append(p.cells, plannedCell{name: Key, text: key, column: v.layout.header.index[Key]})
		plan = append(plan, p)
	}
	return plan, nil
}

func (v *View) planRow(key string, row int, cells map[string]string) (planned, error) {
	p := planned{key: key, row: row}
	columns := map[int]bool{v.layout.header.index[Key]: true} // a key is never rewritten
	for _, name := range slices.Sorted(maps.Keys(cells)) {
		text, _, err := Clean(cells[name])
		if err != nil {
			return p, fault.New(fault.KindOf(err), "sheets.in_column", "key", key, "column", name).Wrap(err)
		}
		at, err := v.layout.header.at(name)
		if err != nil {
			return p, err
		}
		if columns[at] {
			return p, fault.New(fault.Invalid, "sheets.column_twice", "column", name)
		}
		columns[at] = true
		p.cells = append(p.cells, plannedCell{name: name, text: text, column: at})
	}
	return p, nil
}

// requests are what carries a plan out. The first changes stand where they
// are; the rows after them are inserted, so that they cannot cover anything.
func (t *Table) requests(l layout, plan []planned, changes int) (requests []*api.Request) {
	if n := len(plan) - changes; n > 0 {
		defer func(at int) {
			rows := &api.DimensionRange{SheetId: l.sheetID, Dimension: "ROWS", StartIndex: int64(at), EndIndex: int64(at + n)}
			grow := []*api.Request{{InsertDimension: &api.InsertDimensionRequest{Range: rows, InheritFromBefore: at > l.header.row+1}}}
			if at >= l.rows { // a row can only be inserted before another
				grow = slices.Insert(grow, 0, &api.Request{AppendDimension: &api.AppendDimensionRequest{
					SheetId: l.sheetID, Dimension: "ROWS", Length: int64(at - l.rows + 1),
				}})
			}
			requests = append(grow, requests...)
		}(plan[changes].row)
	}
	for _, p := range plan {
		slices.SortFunc(p.cells, func(a, b plannedCell) int { return a.column - b.column })
		for start := 0; start < len(p.cells); {
			end := start + 1
			for end < len(p.cells) && p.cells[end].column == p.cells[end-1].column+1 {
				end++
			}
			requests = append(requests, updateCells(l, p.row, p.cells[start:end]))
			start = end
		}
	}
	return requests
}

// updateCells writes cells that stand side by side.
func updateCells(l layout, row int, cells []plannedCell) *api.Request {
	values := make([]*api.CellData, len(cells))
	for i, c := range cells {
		values[i] = &api.CellData{}
		if c.text != "" {
			values[i].UserEnteredValue = c.value()
		}
	}
	return &api.Request{UpdateCells: &api.UpdateCellsRequest{
		Fields: "userEnteredValue",
		Range:  span(l.sheetID, int64(row), int64(row+1), cells[0].column, cells[0].column+len(cells)),
		Rows:   []*api.RowData{{Values: values}},
	}}
}

// value is a text, or what has the kind and reads as the text.
func (c plannedCell) value() *api.ExtendedValue {
	switch c.kind {
	case Number:
		if n, err := strconv.ParseFloat(c.text, 64); err == nil {
			return &api.ExtendedValue{NumberValue: &n}
		}
	case Bool:
		yes := c.text == truth(true)
		return &api.ExtendedValue{BoolValue: &yes}
	case Formula:
		return &api.ExtendedValue{FormulaValue: &c.text}
	}
	return &api.ExtendedValue{StringValue: &c.text}
}

// hit reads from the answer what became of a row.
func (v *View) hit(p planned, seen *seenCells) Hit {
	header, row := seen.rows[v.layout.header.row], seen.rows[p.row]
	h := Hit{Key: p.key, Row: p.row + 1, Found: row.at(v.layout.header.index[Key]).Text}
	h.Loose = h.Found == ""
	if row.says(v.layout.header.index[Key], p.key) {
		h.Found = p.key // as a look saw it
	}
	keyHeld := sameHeader(header, v, v.layout.header.index[Key])
	if !keyHeld {
		h.Found, h.Loose = "", false // what stands there is no key any more
	}
	for _, c := range p.cells {
		cell := CellHit{
			Column: c.name, Sent: c.text, Place: a1.Cell(p.row, c.column).String(),
			Header: header.at(c.column).Text, After: row.at(c.column),
		}
		cell.Placed = h.Found == p.key && sameHeader(header, v, c.column)
		if !cell.Placed {
			cell.Before, cell.Kind = v.before(h.Found, cell.Header)
		}
		h.Cells = append(h.Cells, cell)
	}
	return h
}

// cover notes what a row that was changed held before, by its picture.
func (v *View) cover(h *Hit, p planned, before, after cellRow) {
	for i, c := range p.cells {
		cell := &h.Cells[i]
		cell.Covered = before.covered(after, v.layout.header.index[Key], c.column)
		if cell.Covered != nil && !cell.Placed {
			cell.Before, cell.Kind = &cell.Covered.Text, cell.Covered.Kind
		}
	}
}

// sameHeader tells whether the header still says over a column what it said.
func sameHeader(header cellRow, v *View, column int) bool {
	return header.says(column, v.layout.header.text(column))
}
