package local

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strings"

	"uratori/factcheck"
	"uratori/factcheck/gate"
	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/sheets"
	"uratori/tracker"
)

// cells looks at the table once for all claims about cells. Where a column is
// missing, each is looked at by itself: the others must not suffer for it.
func (s *session) cells(ctx context.Context, claims []factcheck.Claim, which []int, found []factcheck.Finding) {
	if s.o.Sheet == nil {
		for _, i := range which {
			found[i] = unverifiable(fault.New(fault.Unavailable, "local.no_sheet"))
		}
		return
	}
	want := map[string][]string{}
	for _, i := range which {
		c := claims[i].(gate.Cell)
		if !slices.Contains(want[c.Scope.Ticket], c.Column) {
			want[c.Scope.Ticket] = append(want[c.Scope.Ticket], c.Column)
		}
	}
	seen, err := s.o.Sheet.Fresh(ctx, want)
	if len(which) > 1 && (errors.Is(err, sheets.ErrNoColumn) || errors.Is(err, sheets.ErrHeaderTwice)) {
		for _, i := range which {
			s.cells(ctx, claims, []int{i}, found)
		}
		return
	}
	for _, i := range which {
		c := claims[i].(gate.Cell)
		if err != nil {
			found[i] = unverifiable(err)
			continue
		}
		row, ok := seen[c.Scope.Ticket]
		if !ok {
			found[i] = unverifiable(fault.New(fault.Unavailable, "factcheck.not_shown", "ticket", shown(c.Scope.Ticket), "column", c.Name))
			continue
		}
		found[i] = judgeCell(c, row)
	}
}

// judgeCell judges what a look has shown.
func judgeCell(c gate.Cell, row tracker.Seen) factcheck.Finding {
	switch {
	case row.Err != nil && fault.KindOf(row.Err) == fault.NotFound:
		return refuted(row.At, row.Err)
	case row.Err != nil:
		return unverifiable(row.Err)
	}
	cell, ok := row.Cells[c.Column]
	if !ok {
		return unverifiable(fault.New(fault.Unavailable, "factcheck.not_shown", "ticket", shown(c.Scope.Ticket), "column", c.Name))
	}
	f := factcheck.Finding{Verdict: ledger.Verified, LookedAt: row.At, Row: row.Row}
	var err error
	switch {
	case c.Equals != nil && cell.Text != *c.Equals:
		err = isWrong(fault.New(fault.Failed, "local.cell_differs", "column", c.Name))
	case c.NotEmpty && strings.TrimSpace(cell.Text) == "":
		err = isWrong(fault.New(fault.Failed, "local.cell_empty", "column", c.Name))
	default:
		err = holds([]byte(cell.Text), c.Text, c.Name)
	}
	if err != nil {
		f = concluded(row.At, err)
		f.Row, f.Actual, f.Expected = row.Row, &cell.Text, c.Equals
		return f
	}
	sum := sha256.Sum256([]byte(cell.Text))
	f.Basis = []factcheck.Basis{{Kind: basisCell, Name: c.Column, SHA256: hex.EncodeToString(sum[:])}}
	return f
}

// writes looks whether every recorded write to the ticket is in the sheet.
func (s *session) writes(ctx context.Context, c gate.Writes) factcheck.Finding {
	if s.o.Cells == nil {
		return unverifiable(fault.New(fault.Unavailable, "local.no_sheet"))
	}
	claims, err := s.o.Cells.Claims(ctx, c.Scope.Ticket)
	if err != nil {
		return unverifiable(err)
	}
	at := s.o.Now()
	found, err := s.o.Cells.Check(ctx, claims)
	if err != nil {
		return unverifiable(err)
	}
	v := verdict{at: at}
	recent := int64(0)
	var evidence []int64
	for i, f := range found {
		column := shown(claims[i].About().Subject)
		evidence = append(evidence, f.Evidence...)
		switch f.Verdict {
		case ledger.Verified:
			if f.LookedAt.IsZero() {
				v.add(fault.New(fault.Unavailable, "local.write_unseen", "column", column))
			}
			if c.After.IsZero() || !before(f.WrittenAt, c.After) {
				recent++
			}
		case ledger.Refuted:
			v.add(isWrong(fault.New(fault.Failed, "local.write_refuted", "column", column).Wrap(f.Reason)))
		default:
			v.add(fault.New(fault.Unavailable, "local.write_unseen", "column", column).Wrap(f.Reason))
		}
	}
	if v.blind == nil && recent < c.Min {
		v.add(isWrong(fault.New(fault.Failed, "local.few_writes", "count", recent, "min", c.Min)))
	}
	f := v.finding()
	f.Evidence = evidence
	return f
}
