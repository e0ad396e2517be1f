package cli

import (
	"testing"

	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/internal/phrase"
)

func TestWorkflow_OneRecordTamperedWith_TheOthersAreShown_AndItIsNotTakenForFinished(t *testing.T) {
	good := control.Workflow{Ticket: "INTG-089", Root: "/project", Current: 1, Steps: []control.WorkflowStep{{Number: 1, ID: "read", Name: "確認", NameEN: "Read", State: "open"}}}
	bad := control.Workflow{Ticket: "INTG-088", Verdict: ledger.Unverifiable, Problem: control.Encode(fault.New(fault.Failed, "workflow.tampered", "ticket", "INTG-088"))}
	away := control.Workflow{Ticket: "INTG-090", Verdict: ledger.Unverifiable, Problem: control.Encode(fault.New(fault.Unavailable, "store.closed"))}
	for _, tc := range []struct {
		all   []control.Workflow
		code  int
		words []string
	}{
		{[]control.Workflow{good}, 0, []string{"INTG-089  1/1 Read (open)  /project"}},
		{[]control.Workflow{bad, good}, 1, []string{"INTG-089  1/1 Read (open)  /project", "✘ INTG-088  nothing can be said: the record of INTG-088's workflow is not what was stored"}},
		{[]control.Workflow{good, away}, 3, []string{"INTG-089  1/1", "? INTG-090  nothing can be said: the daemon is stopping"}},
		{[]control.Workflow{away, bad}, 1, []string{"✘ INTG-088", "? INTG-090"}},
	} {
		h := newHouse(t)
		h.plant(control.WorkflowPath, tc.all)
		h.must(h.run("workflow"), tc.code, tc.words...)
		h.lang = phrase.Japanese
		if e := h.run("workflow"); e.code != tc.code {
			t.Error(e)
		}
	}
}
