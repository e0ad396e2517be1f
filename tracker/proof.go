package tracker

import (
	"context"
	"reflect"
	"slices"

	"github.com/go-json-experiment/json"

	"uratori/internal/fault"
)

// proven holds a write against the ledger: what was to be written, and what was
// found, are what stands there. The rows of the outbox are ours to work with, and
// anybody's to edit who can open the file; a claim is not taken from them alone.
func (t *Tracker) proven(ctx context.Context, w stored) error {
	tampered := fault.New(fault.Unavailable, "tracker.tampered", "ticket", w.ticket, "write", w.id)
	said, ok, err := t.o.Ledger.Entry(ctx, w.intent)
	if err != nil {
		return err
	}
	var intent intentEntry
	if !ok || said.Kind != "tracker.intended" || json.Unmarshal(said.Data, &intent) != nil ||
		intent.Write != w.id || intent.Kind != w.kind || intent.Book != t.o.Book || !reflect.DeepEqual(intent.Cells, w.cells) {
		return tampered
	}
	if w.result == nil {
		return nil
	}
	said, ok, err = t.o.Ledger.Entry(ctx, w.verdict)
	if err != nil {
		return err
	}
	var end verdictEntry
	if !ok || said.Kind != "tracker.judged" || json.Unmarshal(said.Data, &end) != nil || !end.tells(t.entryOf(outcome{w: w.write, result: *w.result})) {
		return tampered
	}
	return nil
}

// tells tells whether a verdict of the ledger is the one that the outbox has.
func (e verdictEntry) tells(o verdictEntry) bool {
	return e.Write == o.Write && e.Intent == o.Intent && e.Ticket == o.Ticket && e.Verdict == o.Verdict && e.Conflict == o.Conflict &&
		e.Row == o.Row && e.ReadAt == o.ReadAt && slices.EqualFunc(e.Cells, o.Cells, func(a, b cellEntry) bool {
		return a.Field == b.Field && a.Column == b.Column && a.Verdict == b.Verdict && a.SHA256 == b.SHA256 &&
			a.Found == b.Found && a.Conflict == b.Conflict && a.Edited == b.Edited
	})
}
