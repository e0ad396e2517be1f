package tickets

import (
	"crypto/sha256"
	"encoding/hex"

	"uratori/internal/control"
	"uratori/internal/daemon"
	"uratori/internal/ledger"
	"uratori/tracker"
)

// write is a result as it crosses the socket. Texts are told only where they
// are not as they should be.
func (d *desk) write(r tracker.Result) control.Write {
	w := control.Write{
		Ticket: r.Ticket, Verdict: r.Verdict, Conflict: r.Conflict, Queued: r.Queued, Write: r.Write, Row: r.Row,
		Fields: []control.WriteField{}, Problem: control.Encode(r.Reason), Dashboard: d.link(r.Ticket),
	}
	w.ReadAt = daemon.Moment(r.ReadAt)
	if r.Reason != nil {
		w.Reason = r.Reason.Error()
	}
	for _, c := range r.Cells {
		f := control.WriteField{
			Field: c.Field, Column: c.Column, Verdict: c.Verdict, SHA256: digest(c.Text),
			Actual: c.Actual, Conflict: c.Conflict, Edited: c.Edited, Problem: control.Encode(c.Reason),
		}
		if c.Reason != nil {
			f.Reason = c.Reason.Error()
		}
		if c.Actual != nil || c.Verdict == ledger.Refuted {
			f.Expected = &c.Text
		}
		w.Fields = append(w.Fields, f)
	}
	return w
}

func digest(text string) string {
	h := sha256.Sum256([]byte(text))
	return hex.EncodeToString(h[:])
}

func eventsOf(events []tracker.Event) []control.Event {
	answer := []control.Event{}
	for _, e := range events {
		answer = append(answer, control.Event{
			At: e.At.Local(), Seq: e.Seq, Kind: string(e.Kind), Ticket: e.Ticket, Column: e.Column, Old: e.Old, New: e.New, Row: e.Row,
			Verdict: e.Verdict, Write: e.Write,
		})
	}
	return answer
}
