package workflow

import (
	"context"
	"errors"
	"testing"

	"uratori/internal/fault"
	"uratori/internal/ledger"
)

// Whoever can open the database file can write to it. What it says then must
// not count, and must not pass in silence.
func TestRecord_ChangedInTheStore_NothingPassesAndItIsRecordedOnce(t *testing.T) {
	t.Parallel()
	for name, statement := range map[string]string{
		"a step marked as passed": `UPDATE workflow_tickets SET state = json_set(state, '$.steps.approval', json('{"state":"passed"}'))`,
		"a turn counted on":       `UPDATE workflow_tickets SET turn = turn + 1`,
		"another entry named":     `UPDATE workflow_tickets SET kept = kept - 1`,
		"no entry named":          `UPDATE workflow_tickets SET kept = 0`,
		"an entry to come":        `UPDATE workflow_tickets SET kept = kept + 1000`,
		"the record taken away":   `DELETE FROM workflow_tickets`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := begun(t)
			h.upTo("approval")
			h.forge(statement)
			h.mustBeRefused(t)
		})
	}
}

// An older record was genuine once; putting it back undoes a block, or a step
// that was found not to hold.
func TestRecord_AnOlderOnePutBack_DoesNotCount(t *testing.T) {
	t.Parallel()
	h := begun(t)
	h.forge(`CREATE TABLE older AS SELECT * FROM workflow_tickets`)
	if _, err := h.Block(t.Context(), h.ticket, "", "no disk", ""); err != nil {
		t.Fatal(err)
	}
	h.forge(`DELETE FROM workflow_tickets`)
	h.forge(`INSERT INTO workflow_tickets SELECT * FROM older`)
	h.mustBeRefused(t)
}

// One record that was changed hides none of the others, and is not passed off as
// one of them.
func TestList_OneRecordTamperedWith_TheOthersAreShown(t *testing.T) {
	t.Parallel()
	h := begun(t)
	h.turn("INTG-089")
	h.write(File, modelledAs("a", "a"))
	h.write("uratori.toml", "[project]\ntests = [\"tests/*.txt\"]\n")
	if _, err := h.Start(t.Context(), h.ticket, h.root, "agent"); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ name, statement string }{
		{"another state", `UPDATE workflow_tickets SET state = json_set(state, '$.steps.approval', json('{"state":"passed"}')) WHERE ticket = 'INTG-088'`},
		{"no JSON at all", `UPDATE workflow_tickets SET state = 'x' WHERE ticket = 'INTG-088'`},
	} {
		name := tc.name
		h.forge(tc.statement)
		list, err := h.List(t.Context(), "")
		if err != nil || len(list) != 2 {
			t.Fatalf("%s: %+v, %v", name, list, err)
		}
		for _, v := range list {
			switch v.Ticket {
			case "INTG-088":
				if v.Problem == nil || v.Verdict != ledger.Unverifiable || len(v.Steps) != 0 || v.Current != 0 || !v.Finished.IsZero() {
					t.Errorf("%s: passed off as fine: %+v", name, v)
				}
				if tampered := fault.New(fault.Failed, "workflow.tampered"); !errors.Is(v.Problem, tampered) {
					t.Errorf("%s: %v", name, v.Problem)
				}
			case "INTG-089":
				if v.Problem != nil || v.Current != 1 || len(v.Steps) == 0 {
					t.Errorf("%s: %+v", name, v)
				}
			}
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if list, err := h.List(ctx, ""); err == nil {
		t.Errorf("nobody waits: %+v", list)
	}
}

func (h *house) mustBeRefused(t *testing.T) {
	t.Helper()
	tampered := fault.New(fault.Failed, "workflow.tampered")
	if v, err := h.Show(t.Context(), h.ticket); !errors.Is(err, tampered) {
		t.Errorf("show: %+v, %v", v, err)
	}
	if v, err := h.Check(t.Context(), h.ticket, "", ""); !errors.Is(err, tampered) {
		t.Errorf("check: %+v, %v", v, err)
	}
	if v, err := h.Start(t.Context(), h.ticket, h.root, ""); !errors.Is(err, tampered) {
		t.Errorf("start: %+v, %v", v, err)
	}
	told := 0
	for e, err := range h.ledger.Entries(t.Context(), 0, h.ticket) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Kind == "workflow.tampered" {
			told++
		}
	}
	if told != 1 {
		t.Errorf("recorded %d times", told)
	}
}
