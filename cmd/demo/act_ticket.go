package demo

import (
	"context"

	"uratori/internal/control"
	"uratori/internal/ledger"
)

const (
	ticketID = "INTG-088"
	summary  = "概要"
	detail   = "詳細"
	state    = "ステータス"
)

// ticket files a ticket whose text a sheet would like to make something else of.
func (d *demo) ticket(ctx context.Context) error {
	d.first = d.Lang.Say("demo.text.detail")
	about := d.Lang.Say("demo.text.summary")
	d.tell("demo.ticket.text", "text", indented(d.first))
	w, err := must[control.Write](ctx, d, "create_ticket", map[string]any{"ticket": ticketID, "summary": about, "detail": d.first})
	if err != nil {
		return err
	}
	d.tellWrite(w)
	d.tell("demo.ticket.look")
	r, err := d.row(ctx, ticketID)
	if err != nil {
		return err
	}
	judged, err := d.entry(ctx, ticketID, "tracker.judged", map[string]any{"write": w.Write})
	if err != nil {
		return err
	}
	d.prove("filed", w.Verdict == ledger.Verified && verified(w) && r.text(detail) == d.first && r.text(summary) == about && r.number == w.Row,
		d.Lang.Say("demo.claim.filed"), d.Lang.Say("demo.seen.filed", "row", r.number, "length", len([]rune(r.text(detail)))), judged)

	var tasks control.TaskPage
	err = d.ask(ctx, func(ctx context.Context, c *control.Client) (err error) {
		tasks, err = c.Tasks(ctx, control.TaskQuery{})
		return err
	})
	if err != nil {
		return err
	}
	const filed = "起票"
	d.prove("idle", len(tasks.Tasks) == 0 && r.text(state) == filed, d.Lang.Say("demo.claim.idle"), d.Lang.Say("demo.seen.idle", "state", r.text(state), "count", len(tasks.Tasks)))
	return nil
}

// verified tells whether every cell of a write is, and there are some.
func verified(w control.Write) bool {
	for _, f := range w.Fields {
		if f.Verdict != ledger.Verified {
			return false
		}
	}
	return len(w.Fields) > 0
}
