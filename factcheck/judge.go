package factcheck

import (
	"cmp"
	"slices"
	"time"

	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/tracker"
)

// people are the events of a ticket that people caused, asked for when needed.
type people func() ([]tracker.Event, error)

// judge tells what is true of the last write to a cell by what was observed
// alone. settled is false when another look may explain what this one did not.
//
// There are two ways to verified, and no third: the cell holds the written text
// to the letter, as a text; or the text was read back after it was written, and
// the newest edit of that row by a person since then made the cell what it is.
func judge(cell SheetCell, w tracker.Written, look told[tracker.Seen], edits people) (f Finding, settled bool) {
	seen := look.is
	actual, shown := seen.Cells[cell.Column]
	shown = shown && look.err == nil && seen.Err == nil
	f = Finding{
		LookedAt: seen.At, Row: seen.Row, Expected: &w.Text,
		WrittenAt: w.At, ReadAt: w.ReadAt, Evidence: slices.Clone(w.Evidence),
	}
	if shown {
		f.Actual = &actual.Text
	}
	switch holds := shown && actual.IsText && actual.Text == w.Text; {
	case w.Pending && holds:
		return f.unverifiable(fault.New(fault.Unavailable, "factcheck.pending_there", "since", stamp(w.At)).Wrap(w.Reason)), true
	case w.Pending:
		return f.unverifiable(fault.New(fault.Unavailable, "factcheck.pending", "since", stamp(w.At)).Wrap(w.Reason)), true
	case look.err != nil:
		return f.unverifiable(look.err), true
	case seen.Err != nil && fault.KindOf(seen.Err) == fault.NotFound:
		return f.gone(seen.Err, edits)
	case seen.Err != nil:
		return f.unverifiable(seen.Err), true
	case !shown:
		return f.unverifiable(fault.New(fault.Unavailable, "factcheck.not_shown", "ticket", cell.Ticket, "column", cell.Column)), true
	case holds:
		f.Verdict, f.Expected, f.Actual = ledger.Verified, nil, nil
		return f, true
	case actual.Text == w.Text:
		return f.refuted(fault.New(fault.Failed, "factcheck.not_text")), true
	case w.Conflict:
		return f.refuted(fault.New(fault.Conflict, "factcheck.conflict")), true
	case w.Verdict != ledger.Verified || w.ReadAt.IsZero():
		return f.refuted(fault.New(fault.Failed, "factcheck.never_there").Wrap(w.Reason)), true
	}
	return f.edited(cell, edits)
}

func (f Finding) refuted(reason error) Finding {
	f.Verdict, f.Reason = ledger.Refuted, reason
	return f
}

func (f Finding) unverifiable(reason error) Finding {
	f.Verdict, f.Reason = ledger.Unverifiable, reason
	return f
}

// edited judges a cell that held the text when it was read back, and now holds
// something else.
func (f Finding) edited(cell SheetCell, edits people) (_ Finding, settled bool) {
	events, err := edits()
	if err != nil {
		return f.unverifiable(err), true
	}
	var newest *string
	for _, e := range since(f.Evidence, events) {
		switch {
		case e.Kind == tracker.Deleted || e.Kind == tracker.Created:
			newest = nil // an edit of one row explains nothing in another
		case e.Kind == tracker.Edited && e.Column == cell.Column:
			newest = e.New
			f.Edits = append(f.Edits, Edit{e.At, deref(e.Old), deref(e.New)})
			f.Evidence = append(f.Evidence, e.Seq)
		}
	}
	if newest == nil || *newest != *f.Actual {
		return f.refuted(fault.New(fault.Failed, "factcheck.changed", "read_at", stamp(f.ReadAt))), false
	}
	f.Verdict = ledger.Verified
	return f, true
}

// gone judges a cell of a ticket that is not in the sheet.
func (f Finding) gone(missing error, edits people) (_ Finding, settled bool) {
	events, err := edits()
	if err != nil {
		return f.unverifiable(err), true
	}
	var last tracker.Event
	for _, e := range since(f.Evidence, events) {
		if e.Kind == tracker.Created || e.Kind == tracker.Deleted {
			last = e
		}
	}
	if last.Kind != tracker.Deleted {
		return f.refuted(fault.New(fault.Failed, "factcheck.gone").Wrap(missing)), false
	}
	f.Evidence = append(f.Evidence, last.Seq)
	return f.refuted(fault.New(fault.Failed, "factcheck.deleted", "at", stamp(last.At)).Wrap(missing)), true
}

// since are the events behind all of the evidence, oldest first. Without
// evidence nothing is known to be later.
func since(evidence []int64, events []tracker.Event) []tracker.Event {
	if len(evidence) == 0 {
		return nil
	}
	newest := slices.Max(evidence)
	later := slices.DeleteFunc(slices.Clone(events), func(e tracker.Event) bool { return e.Seq <= newest })
	slices.SortStableFunc(later, func(a, b tracker.Event) int { return cmp.Compare(a.Seq, b.Seq) })
	return later
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// stamp is a time as people are told it everywhere.
func stamp(t time.Time) string { return t.Local().Format(time.DateTime) }
