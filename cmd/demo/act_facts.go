package demo

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"uratori/internal/control"
	"uratori/internal/ledger"
)

// facts has the ticket checked as a whole, and then what an agent reports.
func (d *demo) facts(ctx context.Context) error {
	d.print("  $ factcheck " + ticketID)
	r, err := d.run(ctx, d.home, "factcheck", ticketID)
	if err != nil {
		return err
	}
	d.print("    " + strings.ReplaceAll(strings.TrimSpace(r.out+r.err), "\n", "\n    "))
	reported, err := d.entry(ctx, ticketID, "factcheck.reported", map[string]any{"verdict": ledger.Refuted})
	if err != nil {
		return err
	}
	now, err := d.row(ctx, ticketID)
	if err != nil {
		return err
	}
	whole, same, err := compare(d.outputs(), d.undisturbed())
	if err != nil {
		return err
	}
	theirs := d.first + "\n" + d.Lang.Say("demo.text.person") + "\n" + d.Lang.Say("demo.text.agent")
	// A task of the ticket has failed, which is not passed over.
	named := strings.Contains(r.out, "convert #")
	d.prove("facts", r.status == 1 && named && strings.Count(r.out, "❌") == 2 && now.text(detail) == theirs && whole == pageCount && same == pageCount,
		d.Lang.Say("demo.claim.facts"), d.Lang.Say("demo.seen.facts", "status", r.status, "row", now.number, "same", same), reported)
	return d.report(ctx)
}

// report has an agent's report judged that is true in one half.
func (d *demo) report(ctx context.Context) error {
	const real, invented = "out/p030.png", "out/p031.png"
	d.tell("demo.facts.report", "real", real, "invented", invented)
	r, err := must[control.FactReport](ctx, d, "factcheck", map[string]any{
		"ticket": ticketID, "claims": []any{map[string]any{"images": map[string]any{real: map[string]any{}}}, map[string]any{"file": map[string]any{invented: map[string]any{}}}},
	})
	if err != nil {
		return err
	}
	said := map[string]ledger.Verdict{}
	for _, c := range r.Checks {
		said[c.Subject] = c.Verdict
		d.answered(c.Subject + ": " + verdict(d.Lang, c.Verdict))
	}
	_, there := os.Stat(filepath.Join(d.project, real))
	_, gone := os.Stat(filepath.Join(d.project, invented))
	reported, err := d.entry(ctx, ticketID, "factcheck.reported", map[string]any{"verdict": ledger.Refuted})
	if err != nil {
		return err
	}
	d.prove("report", said[real] == ledger.Verified && there == nil && said[invented] == ledger.Refuted && errors.Is(gone, fs.ErrNotExist),
		d.Lang.Say("demo.claim.report"), d.Lang.Say("demo.seen.report", "real", real, "invented", invented), reported)
	return nil
}
