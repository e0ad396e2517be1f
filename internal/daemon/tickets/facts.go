package tickets

import (
	"context"
	"net/http"
	"slices"
	"time"

	"uratori/factcheck"
	"uratori/internal/control"
	"uratori/internal/daemon"
	"uratori/tracker"
)

// factLimit is how long a fact check may look: a ticket may have thousands of
// pictures, each of which is decoded. What it has not seen by then is
// unverifiable.
const factLimit = 5 * time.Minute

// facts checks what is claimed of tickets: with sheet what was written to the
// sheet alone, with check also what later parts know of.
type facts struct {
	cells        *factcheck.SheetCells
	sheet, check *factcheck.FactCheck
}

func newFacts(h daemon.House, t *tracker.Tracker) *facts {
	cells := factcheck.NewSheetCells(t)
	sheet := factcheck.New(factcheck.Options{
		Sources: []factcheck.Source{cells}, Checkers: map[string]factcheck.Checker{factcheck.SheetCellType: cells},
		Register: cells, Recorder: h.Ledger, Log: h.Log,
	})
	return &facts{cells: cells, sheet: sheet, check: sheet}
}

// Cells are what was written to the sheet, as claims.
func (o *Office) Cells() *factcheck.SheetCells { return o.desk.facts.cells }

// Judge has fact checks made by check from now on: a part that opens later
// knows of more that is claimed. It must not be called once the daemon answers.
func (o *Office) Judge(check *factcheck.FactCheck) { o.desk.facts.check = check }

// Report is a report as it crosses the socket.
func (o *Office) Report(r factcheck.Report) control.FactReport { return o.desk.report(r) }

func (d *desk) factCheck(r *http.Request) (any, error) {
	ctx, cancel := context.WithTimeout(r.Context(), factLimit)
	defer cancel()
	ticket := r.URL.Query().Get("ticket")
	if ticket == "" {
		all, err := d.facts.check.All(ctx)
		if err != nil {
			return nil, err
		}
		answer := []control.FactReport{}
		for _, report := range all {
			answer = append(answer, d.report(report))
		}
		return answer, nil
	}
	look := d.facts.check.Check
	if r.URL.Query().Has("glance") {
		look = d.facts.check.Glance
	}
	report, err := look(ctx, ticket)
	if err != nil {
		return nil, err
	}
	return []control.FactReport{d.report(report)}, nil
}

func (d *desk) report(r factcheck.Report) control.FactReport {
	answer := control.FactReport{
		Ticket: r.Ticket, Verdict: r.Verdict, ReadAt: daemon.Moment(r.ReadAt), Row: r.Row, Checks: []control.FactCheck{},
		Problem: control.Encode(r.Reason), Dashboard: d.link(r.Ticket),
	}
	if r.Reason != nil {
		answer.Reason = r.Reason.Error()
	}
	for _, f := range r.Findings {
		c := control.FactCheck{
			Claim: f.Type, Subject: f.Subject, Verdict: f.Verdict, Expected: f.Expected, Actual: f.Actual, Problem: control.Encode(f.Reason),
			WrittenAt: daemon.Moment(f.WrittenAt), ReadAt: daemon.Moment(f.ReadAt), Evidence: append([]int64{}, f.Evidence...),
		}
		if f.Reason != nil {
			c.Reason = f.Reason.Error()
		}
		for _, e := range f.Edits {
			c.Edits = append(c.Edits, control.FactEdit{SeenAt: e.SeenAt.Local(), Old: e.Old, New: e.New})
		}
		answer.Checks = append(answer.Checks, c)
	}
	return answer
}

// verify tells of the last writes to a ticket whether the sheet holds them
// now, in the form in which the writes themselves were told. Nothing else counts:
// a task that has succeeded verifies no cell, and a broken rule refutes none.
func (d *desk) verify(r *http.Request) (any, error) {
	ctx, cancel := context.WithTimeout(r.Context(), factLimit)
	defer cancel()
	report, err := d.facts.sheet.Check(ctx, r.URL.Query().Get("ticket"))
	if err != nil {
		return nil, err
	}
	fields := map[string]string{}
	written, err := d.tracker.Written(ctx, report.Ticket)
	if err != nil {
		return nil, err
	}
	digests := map[string]string{}
	queued := false
	for _, w := range written {
		fields[w.Column] = w.Field
		for _, f := range report.Findings {
			// A write that came after the look was not what was looked at.
			if f.Subject == w.Column && slices.Contains(f.Evidence, w.Evidence[0]) {
				digests[w.Column] = digest(w.Text)
			}
		}
		queued = queued || w.Pending
	}
	answer := control.Write{
		Ticket: report.Ticket, Verdict: report.Verdict, Row: report.Row, ReadAt: daemon.Moment(report.ReadAt), Fields: []control.WriteField{},
		Queued: queued, Problem: control.Encode(report.Reason), Dashboard: d.link(report.Ticket),
	}
	if report.Reason != nil {
		answer.Reason = report.Reason.Error()
	}
	for _, f := range report.Findings {
		field := control.WriteField{
			Field: fields[f.Subject], Column: f.Subject, Verdict: f.Verdict, SHA256: digests[f.Subject],
			Expected: f.Expected, Actual: f.Actual, Edited: len(f.Edits) > 0, Problem: control.Encode(f.Reason),
		}
		if f.Reason != nil {
			field.Reason = f.Reason.Error()
		}
		answer.Fields = append(answer.Fields, field)
	}
	return answer, nil
}
