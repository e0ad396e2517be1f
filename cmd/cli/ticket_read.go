package cli

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/internal/ledger"
)

func (a *app) ticketShow() *cobra.Command {
	return &cobra.Command{
		Use: "show TICKET", Short: a.lang.Say("cli.ticket.show.short"), Long: a.lang.Say("cli.ticket.show.long"), Example: a.lang.Say("cli.ticket.show.example"),
		Args: aTicket,
		RunE: func(cmd *cobra.Command, args []string) error {
			var t control.Ticket
			err := a.tracked(cmd.Context(), func(ctx context.Context, c *control.Client) (err error) {
				t, err = c.Ticket(ctx, args[0], a.reader())
				return err
			})
			if err != nil {
				return err
			}
			a.showTicket(t)
			return a.stale(t.Problem)
		},
	}
}

func (a *app) showTicket(t control.Ticket) {
	if a.json {
		a.print(t)
		return
	}
	a.say("cli.ticket.show.head", "ticket", inline(t.Ticket), "row", a.row(t.Row), "time", clock(t.ReadAt))
	wide := 0
	for _, f := range t.Fields {
		if !strings.Contains(f.Text, "\n") {
			wide = max(wide, displayWidth(inline(f.Column)))
		}
	}
	for _, f := range t.Fields {
		if strings.Contains(f.Text, "\n") {
			fmt.Fprintln(a.out, inline(f.Column)+":")
			a.block("  ", f.Text)
		} else {
			fmt.Fprintln(a.out, strings.TrimRight(pad(inline(f.Column), wide)+": "+visible(f.Text), " "))
		}
	}
	if t.Pending > 0 {
		a.line("cli.ticket.show.pending", a.mark(ledger.Unverifiable), "count", t.Pending)
	}
	if t.Workspace != "" {
		a.say("cli.ticket.show.workspace", "path", inline(t.Workspace))
	}
	a.link(t.Dashboard)
}

func (a *app) ticketList() *cobra.Command {
	q := control.TicketQuery{}
	var all bool
	cmd := &cobra.Command{
		Use: "list", Short: a.lang.Say("cli.ticket.list.short"), Long: a.lang.Say("cli.ticket.list.long"), Example: a.lang.Say("cli.ticket.list.example"),
		Args: takes(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			q.Reader = a.reader()
			for flag, text := range map[string]string{"--status": q.Status, "--text": q.Text, "--after": q.After} {
				if err := checkText(flag, []byte(text)); err != nil {
					return err
				}
			}
			if cmd.Flags().Changed("limit") && q.Limit < 1 {
				return fault.New(fault.Invalid, "cli.ticket.list.bad_limit", "limit", q.Limit)
			}
			return a.list(cmd.Context(), q, all)
		},
	}
	cmd.Flags().StringVar(&q.Status, "status", "", a.lang.Say("cli.ticket.list.flag.status"))
	cmd.Flags().StringVar(&q.Text, "text", "", a.lang.Say("cli.ticket.list.flag.text"))
	cmd.Flags().StringVar(&q.After, "after", "", a.lang.Say("cli.ticket.list.flag.after"))
	cmd.Flags().IntVar(&q.Limit, "limit", 0, a.lang.Say("cli.ticket.list.flag.limit"))
	cmd.Flags().BoolVar(&all, "all", false, a.lang.Say("cli.ticket.list.flag.all"))
	return cmd
}

// list shows a page, or every one of them.
func (a *app) list(ctx context.Context, q control.TicketQuery, all bool) error {
	var last control.TicketPage
	var lines []control.TicketLine
	err := a.tracked(ctx, func(ctx context.Context, c *control.Client) error {
		asked := map[string]bool{}
		for {
			asked[q.After] = true
			page, err := c.Tickets(ctx, q)
			if err != nil {
				return err
			}
			if a.json {
				a.print(page)
			}
			lines, last = append(lines, page.Tickets...), page
			if !all || page.Next == "" {
				return nil
			}
			if q.After = page.Next; asked[q.After] {
				return fault.New(fault.Failed, "cli.ticket.list.circle", "after", inline(q.After))
			}
		}
	})
	if err != nil {
		return err
	}
	if !a.json {
		a.tellLines(lines)
		a.say("cli.ticket.list.count", "count", len(lines), "total", last.Total, "time", clock(last.ReadAt))
		if last.Next != "" {
			a.say("cli.ticket.list.next", "after", inline(last.Next))
		}
		a.link(last.Dashboard)
	}
	return a.stale(last.Problem)
}

// tellLines prints a table; the summary takes what is left of the screen.
func (a *app) tellLines(lines []control.TicketLine) {
	const widest = 24 // columns of a status that somebody wrote a novel in
	id, status := 0, 0
	for _, t := range lines {
		id = max(id, displayWidth(inline(t.Ticket)))
		status = max(status, displayWidth(fit(inline(t.Status), widest)))
	}
	for _, t := range lines {
		line := pad(inline(t.Ticket), id) + "  " + pad(fit(inline(t.Status), widest), status) + "  " + inline(t.Summary)
		if wide := a.screen(); wide > 0 {
			line = fit(line, wide)
		}
		fmt.Fprintln(a.out, strings.TrimRight(line, " "))
	}
}

func (a *app) ticketHistory() *cobra.Command {
	return &cobra.Command{
		Use: "history TICKET", Short: a.lang.Say("cli.ticket.history.short"), Long: a.lang.Say("cli.ticket.history.long"), Example: a.lang.Say("cli.ticket.history.example"),
		Args: aTicket,
		RunE: func(cmd *cobra.Command, args []string) error {
			var events []control.Event
			err := a.tracked(cmd.Context(), func(ctx context.Context, c *control.Client) (err error) {
				events, err = c.TicketHistory(ctx, args[0])
				return err
			})
			if err != nil {
				return err
			}
			for _, e := range events {
				a.tellEvent(e)
			}
			if len(events) == 0 && !a.json {
				a.say("cli.ticket.history.none", "ticket", args[0])
			}
			return nil
		},
	}
}

func (a *app) ticketDiff() *cobra.Command {
	return &cobra.Command{
		Use: "diff TICKET", Short: a.lang.Say("cli.ticket.diff.short"), Long: a.lang.Say("cli.ticket.diff.long"), Example: a.lang.Say("cli.ticket.diff.example"),
		Args: aTicket,
		RunE: func(cmd *cobra.Command, args []string) error {
			var r control.FactReport
			err := a.talk(cmd.Context(), factLongest, func(ctx context.Context, c *control.Client) (err error) {
				r, err = factsOf(ctx, c, args[0])
				return err
			})
			if err != nil {
				return err
			}
			return a.diff(r)
		},
	}
}

// diff compares what this side wrote last with what is in the sheet now. A
// person's edit is a difference here, though the write was verified.
func (a *app) diff(r control.FactReport) error {
	var verdicts []ledger.Verdict
	differ := 0
	for _, c := range r.Checks {
		if c.Claim != sheetCell {
			continue
		}
		old, now := c.Expected, c.Actual
		if n := len(c.Edits); n > 0 {
			old, now = cmp.Or(old, &c.Edits[0].Old), cmp.Or(now, &c.Edits[n-1].New)
		}
		v := normal(c.Verdict)
		if old != nil && now != nil && *old != *now {
			v = ledger.Refuted
		}
		verdicts = append(verdicts, v)
		if v == ledger.Refuted {
			differ++
		}
		if v == ledger.Verified || a.json {
			continue
		}
		fmt.Fprintf(a.out, "%s %s\n", a.mark(v), inline(c.Subject))
		if reason := a.because(c.Problem, c.Reason); reason != "" {
			fmt.Fprintln(a.out, "    "+reason)
		}
		ours := a.lang.Say("cli.side.written")
		if c.ReadAt == nil { // it was never sent, or nobody knows
			ours = a.lang.Say("cli.side.asked")
		}
		a.compare("    ", sides{ours, a.lang.Say("cli.side.sheet")}, old, now, bounded())
	}
	v := worst(verdicts...)
	if a.json {
		a.print(r)
		return judged(v)
	}
	switch ticket := inline(r.Ticket); {
	case len(verdicts) == 0:
		a.line("cli.ticket.diff.nothing", a.mark(v), "ticket", ticket)
	case v == ledger.Verified:
		a.line("cli.ticket.diff.same", a.mark(v), "ticket", ticket, "count", len(verdicts))
	case v == ledger.Refuted:
		a.line("cli.ticket.diff.differs", a.mark(v), "ticket", ticket, "count", len(verdicts), "differ", differ)
	default:
		a.line("cli.ticket.diff.unknown", a.mark(v), "ticket", ticket)
	}
	if reason := a.because(r.Problem, r.Reason); reason != "" {
		fmt.Fprintln(a.out, "    "+reason)
	}
	a.link(r.Dashboard)
	return judged(v)
}
