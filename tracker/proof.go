package tracker

import (
	"context"
	"reflect"

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
	if !ok || said.Kind != "tracker.judged" || json.Unmarshal(said.Data, &end) != nil ||
		end.Write != w.id || end.Intent != w.intent || end.Ticket != w.ticket || end.Verdict != w.result.Verdict || end.Conflict != w.result.Conflict {
		return tampered
	}
	return nil
}
