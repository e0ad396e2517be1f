package demo

import (
	"context"
	"os"
	"path/filepath"
	"strings"
)

// person has the agent try to do what only a person may.
func (d *demo) person(ctx context.Context) error {
	w, err := d.standing(ctx)
	if err != nil {
		return err
	}
	plan := filepath.Join(w.Workspace, "IMPLEMENTATION_PLAN_"+ticketID+".md")
	if err := os.WriteFile(plan, []byte(d.Lang.Say("demo.text.plan")+"\n"), 0o600); err != nil {
		return err
	}
	if w, err = d.workflow(ctx, "check", ""); err != nil {
		return err
	}
	d.tellStep(w)
	if _, err := d.workflow(ctx, "request_approval", ""); err != nil {
		return err
	}
	if w, err = d.workflow(ctx, "check", ""); err != nil {
		return err
	}
	d.tellStep(w)
	d.tell("demo.steps.approve")
	r, err := d.run(ctx, d.home, "approve", ticketID)
	if err != nil {
		return err
	}
	d.tellRefusal(strings.TrimSpace(r.err))
	decided, err := d.entries(ctx, ticketID, "approval.decided")
	if err != nil {
		return err
	}
	asked, err := d.entry(ctx, ticketID, "approval.requested", nil)
	if err != nil {
		return err
	}
	if w, err = d.standing(ctx); err != nil {
		return err
	}
	const approval = 4
	d.prove("person", r.status != 0 && len(decided) == 0 && w.Current == approval && w.Steps[approval-1].State == "waiting",
		d.Lang.Say("demo.claim.person"), d.Lang.Say("demo.seen.person", "status", r.status, "count", len(decided)), asked)
	return nil
}
