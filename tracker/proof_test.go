package tracker

import (
	"context"
	"errors"
	"testing"

	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/internal/store"
)

// What was written is what the ledger says, whatever the rows of the outbox say.
func TestWritten_ARecordThatWasEditedInTheStore_IsNoRecord(t *testing.T) {
	for name, statement := range map[string]string{
		"what was written":   `UPDATE tracker_writes SET cells = replace(cells, 'ours', 'theirs')`,
		"the verdict":        `UPDATE tracker_writes SET result = replace(result, '"verified"', '"unverifiable"')`,
		"whose write it was": `UPDATE tracker_writes SET ticket = 'INTG-002' WHERE ticket = 'INTG-001'`,
		"a write made up": `INSERT INTO tracker_writes (book, ticket, kind, free, cells, digest, reader, place, at, intent, verdict, result)
			SELECT book, 'INTG-002', kind, free, cells, digest, reader, place, at, intent, verdict, result FROM tracker_writes`,
		"what a cell held":      `UPDATE tracker_writes SET result = json_set(result, '$.cells[0].actual', 'theirs')`,
		"the verdict on a cell": `UPDATE tracker_writes SET result = json_set(result, '$.cells[0].verdict', 'refuted')`,
		"a cell too few":        `UPDATE tracker_writes SET result = json_set(result, '$.cells', json('[]'))`,
		"when it was read back": `UPDATE tracker_writes SET result = json_set(result, '$.read_at', '2031-01-01T00:00:00Z')`,
		"where it stood":        `UPDATE tracker_writes SET result = json_set(result, '$.row', 77)`,
		"another intent":        `UPDATE tracker_writes SET intent = intent + 1`,
		"no verdict":            `UPDATE tracker_writes SET verdict = 0`,
	} {
		bubble(t, func(h *house) {
			ctx := context.Background()
			if r := h.change("INTG-001", "summary", "ours"); r.Verdict != ledger.Verified {
				t.Fatalf("%+v", r)
			}
			if w, err := h.Written(ctx, "INTG-001"); err != nil || len(w) != 1 || w[0].Text != "ours" {
				t.Fatal(w, err)
			}
			err := h.db.Write(ctx, func(tx *store.Tx) error {
				_, err := tx.Exec(statement)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			_, one := h.Written(ctx, "INTG-001")
			_, two := h.Written(ctx, "INTG-002")
			if err := errors.Join(one, two); !errors.Is(err, fault.New(fault.Unavailable, "tracker.tampered")) {
				t.Errorf("%s: %v", name, err)
			}
		}, []string{"INTG-001", "a"}, []string{"INTG-002", "b"})
	}
}
