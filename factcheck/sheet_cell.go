package factcheck

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/sheets"
	"uratori/tracker"
)

// Tracker is what is known of the sheet and of the writes to it.
type Tracker interface {
	// Written is the last write of this side to each cell of a ticket, in the
	// order of the columns.
	Written(ctx context.Context, ticket string) ([]tracker.Written, error)
	// WrittenTickets are the tickets with a write.
	WrittenTickets(ctx context.Context) ([]string, error)
	// Fresh looks at the whole table now and at cells of some tickets, by the
	// headers of their columns. First it records what people did since the look
	// before. An error tells that nothing could be looked at.
	Fresh(ctx context.Context, want map[string][]string) (map[string]tracker.Seen, error)
	// Edits is what people did to a ticket, oldest first.
	Edits(ctx context.Context, ticket string) ([]tracker.Event, error)
}

// SheetCellType is the type of [SheetCell].
const SheetCellType = "sheet_cell"

// SheetCell claims that the last write to a cell is in the sheet.
type SheetCell struct {
	Ticket string
	Column string // the header
}

// About names the claim.
func (c SheetCell) About() About { return About{SheetCellType, c.Ticket, c.Column} }

// SheetCells is the source and the checker of [SheetCell], and the register of
// the tickets.
//
// It asks for cells by the header that the write went under. A column that has
// been renamed, or a setting that gives its name to another, must not lend its
// text to a claim about this one.
type SheetCells struct{ tracker Tracker }

// NewSheetCells looks through t.
func NewSheetCells(t Tracker) *SheetCells { return &SheetCells{t} }

// Tickets are those that anything was written to.
func (s *SheetCells) Tickets(ctx context.Context) ([]string, error) {
	return s.tracker.WrittenTickets(ctx)
}

// Claims is one claim a cell that was written, in the order of the columns.
func (s *SheetCells) Claims(ctx context.Context, ticket string) ([]Claim, error) {
	writes, err := s.writes(ctx, ticket)
	var claims []Claim
	for _, w := range writes {
		if claim := (SheetCell{ticket, w.Column}); !slices.Contains(claims, Claim(claim)) {
			claims = append(claims, claim)
		}
	}
	return claims, err
}

// Find looks for a ticket in the sheet.
func (s *SheetCells) Find(ctx context.Context, ticket string) (row int, at time.Time, err error) {
	seen, err := s.tracker.Fresh(ctx, map[string][]string{ticket: nil})
	if err != nil {
		return 0, time.Time{}, err
	}
	t, ok := seen[ticket]
	if !ok {
		return 0, time.Time{}, fault.New(fault.Unavailable, "factcheck.not_shown", "ticket", ticket, "column", sheets.Key)
	}
	return t.Row, t.At, t.Err
}

// writes are the last writes to a ticket. A write that never got as far as the
// header knows only the name of its field.
func (s *SheetCells) writes(ctx context.Context, ticket string) ([]tracker.Written, error) {
	found, err := s.tracker.Written(ctx, ticket)
	writes := slices.Clone(found)
	for i, w := range writes {
		writes[i].Column = cmp.Or(w.Column, w.Field)
	}
	return writes, err
}

// mostLooks is how often what does not fit is looked at. A look takes two
// requests or more, and people edit and writes go out between them; so an
// accusation is raised only when two looks in a row found the same.
const mostLooks = 3

// Check looks at all cells at once.
func (s *SheetCells) Check(ctx context.Context, claims []Claim) ([]Finding, error) {
	found := make([]Finding, len(claims))
	open, last := map[int]SheetCell{}, map[int]doubt{}
	for i, claim := range claims {
		cell, ok := claim.(SheetCell)
		if !ok {
			return nil, fmt.Errorf("claim %d of %d is a %T, not a SheetCell", i+1, len(claims), claim)
		}
		open[i] = cell
	}
	for range mostLooks {
		l := s.look(ctx, open)
		for i, cell := range open {
			f, doubts := l.judge(ctx, cell)
			before, again := last[i]
			found[i], last[i] = f, doubts
			if doubts == (doubt{}) || again && doubts == before && !doubts.written {
				delete(open, i)
			}
		}
		if len(open) == 0 || ctx.Err() != nil {
			break
		}
	}
	for i, cell := range open {
		found[i].Verdict = ledger.Unverifiable
		found[i].Reason = fault.New(fault.Unavailable, "factcheck.moving", "ticket", cell.Ticket, "column", cell.Column)
	}
	return found, nil
}

// doubt is what another look may explain. The zero one is none.
type doubt struct {
	written bool // there was a write while the table was looked at
	unfit   bool // what was seen is not what was written, and nobody did it
	write   int64
	actual  tracker.Actual
	edits   int
}

// look is what one look found of cells, and what was known before and after.
type look struct {
	tracker       Tracker
	before, after map[string]told[[]tracker.Written] // by ticket
	cells         map[SheetCell]told[tracker.Seen]
	edits         map[string]told[[]tracker.Event] // by ticket, as they are needed
}

// told is an answer, or why there is none.
type told[T any] struct {
	is  T
	err error
}

func tell[T any](is T, err error) told[T] { return told[T]{is, err} }

func (s *SheetCells) look(ctx context.Context, open map[int]SheetCell) look {
	l := look{
		s.tracker,
		map[string]told[[]tracker.Written]{},
		map[string]told[[]tracker.Written]{},
		map[SheetCell]told[tracker.Seen]{},
		map[string]told[[]tracker.Event]{},
	}
	var cells []SheetCell
	for _, cell := range open {
		cells = append(cells, cell)
		if _, ok := l.before[cell.Ticket]; !ok {
			l.before[cell.Ticket] = tell(s.writes(ctx, cell.Ticket))
		}
	}
	l.fresh(ctx, cells)
	for ticket := range l.before {
		l.after[ticket] = tell(s.writes(ctx, ticket))
	}
	return l
}

// fresh looks at the table. When a column is not there, each is looked at by
// itself: the others must not suffer for it.
func (l *look) fresh(ctx context.Context, cells []SheetCell) {
	want, columns := map[string][]string{}, map[string][]SheetCell{}
	for _, c := range cells {
		if !slices.Contains(want[c.Ticket], c.Column) {
			want[c.Ticket] = append(want[c.Ticket], c.Column)
		}
		columns[c.Column] = append(columns[c.Column], c)
	}
	seen, err := l.tracker.Fresh(ctx, want)
	if len(columns) > 1 && (errors.Is(err, sheets.ErrNoColumn) || errors.Is(err, sheets.ErrHeaderTwice)) {
		for _, column := range slices.Sorted(maps.Keys(columns)) {
			l.fresh(ctx, columns[column])
		}
		return
	}
	for _, c := range cells {
		l.cells[c] = told[tracker.Seen]{seen[c.Ticket], err}
	}
}

// judge puts together what is known of a cell.
func (l *look) judge(ctx context.Context, cell SheetCell) (Finding, doubt) {
	before, err := lastTo(cell, l.before[cell.Ticket])
	if err != nil {
		return Finding{Verdict: ledger.Unverifiable, Reason: err}, doubt{}
	}
	w, err := lastTo(cell, l.after[cell.Ticket])
	if err != nil {
		return Finding{Verdict: ledger.Unverifiable, Reason: err}, doubt{}
	}
	seen := l.cells[cell]
	f, settled := judge(cell, w, seen, func() ([]tracker.Event, error) {
		if _, ok := l.edits[cell.Ticket]; !ok {
			l.edits[cell.Ticket] = tell(l.tracker.Edits(ctx, cell.Ticket))
		}
		return l.edits[cell.Ticket].is, l.edits[cell.Ticket].err
	})
	switch {
	case before.Write != w.Write || before.Pending != w.Pending || before.Verdict != w.Verdict:
		return f, doubt{written: true}
	case settled:
		return f, doubt{}
	}
	return f, doubt{unfit: true, write: w.Write, actual: seen.is.Cells[cell.Column], edits: len(f.Edits)}
}

// lastTo is the last write to a cell.
func lastTo(cell SheetCell, writes told[[]tracker.Written]) (last tracker.Written, err error) {
	known := false
	for _, w := range writes.is {
		if w.Column == cell.Column && (!known || w.Write >= last.Write) {
			last, known = w, true
		}
	}
	if writes.err == nil && !known {
		return last, fault.New(fault.Unavailable, "factcheck.no_write", "ticket", cell.Ticket, "column", cell.Column)
	}
	return last, writes.err
}
