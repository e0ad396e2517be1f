package demo

import (
	"context"

	"uratori/internal/control"
	"uratori/internal/ledger"
)

// edit has a person edit the ticket, an agent that has not seen it write, and
// the same agent solve the conflict.
func (d *demo) edit(ctx context.Context) error {
	r, err := d.row(ctx, ticketID)
	if err != nil {
		return err
	}
	theirs := r.text(detail) + "\n" + d.Lang.Say("demo.text.person")
	d.tell("demo.edit.person", "text", d.Lang.Say("demo.text.person"))
	if err := d.overwrite(ctx, r, detail, theirs); err != nil {
		return err
	}
	d.tell("demo.edit.agent")
	ours := d.first + "\n" + d.Lang.Say("demo.text.agent")
	w, err := must[control.Write](ctx, d, "update_ticket", map[string]any{"ticket": ticketID, "detail": ours})
	if err != nil {
		return err
	}
	d.tellWrite(w)
	if r, err = d.row(ctx, ticketID); err != nil {
		return err
	}
	judged, err := d.entry(ctx, ticketID, "tracker.judged", map[string]any{"write": w.Write})
	if err != nil {
		return err
	}
	seen, err := d.entry(ctx, ticketID, "tracker.edited", nil)
	if err != nil {
		return err
	}
	d.prove("conflict", w.Conflict && w.Verdict != ledger.Verified && r.text(detail) == theirs,
		d.Lang.Say("demo.claim.conflict"), d.Lang.Say("demo.seen.conflict", "row", r.number), seen, judged)

	d.tell("demo.edit.solve")
	t, err := must[control.Ticket](ctx, d, "get_ticket", map[string]any{"ticket": ticketID})
	if err != nil {
		return err
	}
	both := textOf(t, detail) + "\n" + d.Lang.Say("demo.text.agent")
	w, err = must[control.Write](ctx, d, "update_ticket", map[string]any{"ticket": ticketID, "detail": both, "expected": map[string]string{detail: textOf(t, detail)}})
	if err != nil {
		return err
	}
	d.tellWrite(w)
	if r, err = d.row(ctx, ticketID); err != nil {
		return err
	}
	if judged, err = d.entry(ctx, ticketID, "tracker.judged", map[string]any{"write": w.Write}); err != nil {
		return err
	}
	d.prove("solved", w.Verdict == ledger.Verified && verified(w) && r.text(detail) == theirs+"\n"+d.Lang.Say("demo.text.agent"),
		d.Lang.Say("demo.claim.solved"), d.Lang.Say("demo.seen.solved", "row", r.number), judged)
	return nil
}

func textOf(t control.Ticket, column string) string {
	for _, f := range t.Fields {
		if f.Column == column {
			return f.Text
		}
	}
	return ""
}
