package demo

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"uratori/internal/control"
	"uratori/internal/ledger"
)

// extraction is the number of the step that nobody skips.
const extraction = 8

// steps has an agent try to skip one, to pass one with nothing in its hands,
// and then do the work.
func (d *demo) steps(ctx context.Context) error {
	w, err := d.workflow(ctx, "start", d.project)
	if err != nil {
		return err
	}
	d.tell("demo.steps.started", "count", len(w.Steps), "step", d.step(w))
	_, refused, err := call[control.Workflow](ctx, d, "workflow", map[string]any{"ticket": ticketID, "action": "check", "step": strconv.Itoa(extraction)})
	if err != nil {
		return err
	}
	d.tellRefusal(refused)
	passed, err := d.entries(ctx, ticketID, "workflow.passed")
	if err != nil {
		return err
	}
	if w, err = d.standing(ctx); err != nil {
		return err
	}
	started, err := d.entry(ctx, ticketID, "workflow.started", nil)
	if err != nil {
		return err
	}
	d.prove("skipped", refused != "" && len(passed) == 0 && w.Current == 1 && len(w.Steps) > extraction && w.Steps[extraction-1].State == "open",
		d.Lang.Say("demo.claim.skipped"), d.Lang.Say("demo.seen.skipped", "count", len(passed), "step", d.step(w)), started)

	if w, err = d.workflow(ctx, "check", ""); err != nil {
		return err
	}
	d.tellStep(w)
	return d.statement(ctx)
}

// statement has the agent pass the second step, first with the template as it
// is, then with what it has written.
func (d *demo) statement(ctx context.Context) error {
	d.tell("demo.steps.template")
	w, err := d.workflow(ctx, "check", "")
	if err != nil {
		return err
	}
	d.tellStep(w)
	document := filepath.Join(w.Workspace, "SOW_"+ticketID+".md")
	template, err := os.ReadFile(document)
	if err != nil {
		return err
	}
	checked, err := d.entry(ctx, ticketID, "workflow.checked", map[string]any{"step": "sow", "verdict": ledger.Refuted})
	if err != nil {
		return err
	}
	d.prove("template", w.Verdict == ledger.Refuted && w.Current == 2 && strings.Contains(string(template), "<!--"),
		d.Lang.Say("demo.claim.template"), d.Lang.Say("demo.seen.template", "file", filepath.Base(document)), checked)

	d.tell("demo.steps.write", "file", filepath.Base(document))
	if err := os.WriteFile(document, []byte(d.Lang.Say("demo.text.sow")+"\n"), 0o600); err != nil {
		return err
	}
	if w, err = d.workflow(ctx, "check", ""); err != nil {
		return err
	}
	d.tellStep(w)
	passed, err := d.entry(ctx, ticketID, "workflow.passed", map[string]any{"step": "sow"})
	if err != nil {
		return err
	}
	d.prove("gate", w.Verdict == ledger.Verified && w.Current == 3 && w.Steps[1].State == "passed", d.Lang.Say("demo.claim.gate"), d.Lang.Say("demo.seen.gate", "step", d.step(w)), passed)
	return nil
}

// workflow has the agent call its tool.
func (d *demo) workflow(ctx context.Context, action, root string) (control.Workflow, error) {
	arguments := map[string]any{"ticket": ticketID, "action": action}
	if root != "" {
		arguments["root"] = root
	}
	return must[control.Workflow](ctx, d, "workflow", arguments)
}

// standing asks the daemon itself where the ticket stands.
func (d *demo) standing(ctx context.Context) (w control.Workflow, err error) {
	err = d.ask(ctx, func(ctx context.Context, c *control.Client) (err error) {
		w, err = c.Workflow(ctx, control.AskWorkflow{Ticket: ticketID, By: "uratori demo"})
		return err
	})
	return w, err
}
