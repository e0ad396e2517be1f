package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/internal/phrase"
)

// sheetCell is the claim that a cell holds what was written.
const sheetCell = "sheet_cell"

func (a *app) factcheckCommand() *cobra.Command {
	var all, watch bool
	var interval time.Duration
	var claims []string
	cmd := &cobra.Command{
		Use: "factcheck [TICKET]", Short: a.lang.Say("cli.factcheck.short"), Long: a.lang.Say("cli.factcheck.long"), Example: a.lang.Say("cli.factcheck.example"),
		Args: atMost(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ticket := ""
			if len(args) == 1 {
				ticket = args[0]
				if err := checkTicket(ticket); err != nil {
					return err
				}
			}
			switch {
			case len(claims) > 0 && (all || watch || ticket == ""):
				return fault.New(fault.Invalid, "cli.factcheck.claim_alone")
			case all == (ticket != ""):
				return fault.New(fault.Invalid, "cli.factcheck.which")
			case interval <= 0:
				return fault.New(fault.Invalid, "cli.factcheck.bad_interval", "interval", interval)
			case watch:
				return a.watch(cmd.Context(), ticket, interval)
			case cmd.Flags().Changed("interval"):
				return fault.New(fault.Invalid, "cli.factcheck.interval_alone")
			case len(claims) > 0:
				return a.judge(cmd.Context(), ticket, claims)
			}
			return a.factcheck(cmd.Context(), ticket)
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, a.lang.Say("cli.factcheck.flag.all"))
	cmd.Flags().BoolVar(&watch, "watch", false, a.lang.Say("cli.factcheck.flag.watch"))
	cmd.Flags().StringArrayVar(&claims, "claim", nil, a.lang.Say("cli.factcheck.flag.claim"))
	cmd.Flags().DurationVar(&interval, "interval", 30*time.Second, a.lang.Say("cli.factcheck.flag.interval"))
	return cmd
}

// factcheck tells what is true of a ticket, or of every one for "".
func (a *app) factcheck(ctx context.Context, ticket string) error {
	reports, open, err := a.lookedInto(ctx, ticket)
	if err != nil {
		return a.unchecked(err)
	}
	for _, r := range reports {
		a.tellFacts(r, open...)
	}
	if ticket == "" {
		a.tellSum(reports)
	}
	return judged(sum(reports))
}

// factLongest is how long a fact check may take: a little longer than the
// daemon looks.
const factLongest = 6 * time.Minute

// lookedInto also finds the tasks of a ticket that are not over.
func (a *app) lookedInto(ctx context.Context, ticket string) (reports []control.FactReport, open []control.Task, err error) {
	c, err := a.connect(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer c.Close()
	ctx, cancel := a.within(ctx, factLongest)
	defer cancel()
	reports, err = facts(ctx, c, ticket)
	if err != nil || ticket == "" || a.json {
		return reports, nil, err
	}
	open, err = unfinished(ctx, c, ticket)
	return reports, open, err
}

// unfinished are the tasks of a ticket of which nobody knows yet what becomes,
// the newest first.
func unfinished(ctx context.Context, c *control.Client, ticket string) ([]control.Task, error) {
	var open []control.Task
	q := control.TaskQuery{Ticket: ticket, Limit: 500}
	for {
		page, err := c.Tasks(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, t := range page.Tasks {
			if !final(t.State) {
				open = append(open, t)
			}
		}
		if page.Next == 0 {
			return open, nil
		}
		q.Before = page.Next
	}
}

// facts are the reports on a ticket, or on all of them for "".
func facts(ctx context.Context, c *control.Client, ticket string) ([]control.FactReport, error) {
	if ticket == "" {
		return c.FactCheck(ctx, "")
	}
	r, err := factsOf(ctx, c, ticket)
	return []control.FactReport{r}, err
}

func factsOf(ctx context.Context, c *control.Client, ticket string) (control.FactReport, error) {
	reports, err := c.FactCheck(ctx, ticket)
	if err == nil && len(reports) != 1 {
		err = fault.New(fault.Unavailable, "cli.factcheck.not_one", "ticket", inline(ticket), "count", len(reports))
	}
	if err != nil {
		return control.FactReport{}, err
	}
	return reports[0], nil
}

// senseless tells a ticket that does not exist and words that mean nothing
// from a sheet or a daemon that cannot be reached.
func senseless(err error) bool {
	k := fault.KindOf(err)
	return (k == fault.NotFound || k == fault.Invalid) && !errors.Is(err, control.ErrStart)
}

// unchecked tells that nothing could be looked at, which is a verdict too.
func (a *app) unchecked(err error) error {
	if senseless(err) {
		return err
	}
	if a.json {
		return fault.New(fault.Unavailable, "cli.factcheck.nothing_checked").Wrap(err)
	}
	a.line("cli.factcheck.unchecked", emoji(ledger.Unverifiable), "reason", inline(fault.Explain(err, a.lang)))
	return outcome(ledger.Unverifiable)
}

// verdictOf is the verdict of a report, no better than that of any check.
func verdictOf(r control.FactReport) ledger.Verdict {
	if len(r.Checks) == 0 {
		return worst(r.Verdict, ledger.Unverifiable)
	}
	all := []ledger.Verdict{r.Verdict}
	for _, c := range r.Checks {
		all = append(all, c.Verdict)
	}
	return worst(all...)
}

func sum(reports []control.FactReport) ledger.Verdict {
	var all []ledger.Verdict
	for _, r := range reports {
		all = append(all, verdictOf(r))
	}
	return worst(all...)
}

// emoji is a verdict that is seen from afar.
func emoji(v ledger.Verdict) string {
	switch v {
	case ledger.Verified:
		return "✅"
	case ledger.Refuted:
		return "❌"
	default:
		return "❔"
	}
}

func (a *app) tellFacts(r control.FactReport, open ...control.Task) {
	if a.json {
		a.print(r)
		return
	}
	head := inline(r.Ticket)
	if r.Row > 0 {
		head += "  " + a.row(r.Row)
	}
	if r.ReadAt != nil {
		head += "  " + a.lang.Say("cli.factcheck.looked", "time", clock(*r.ReadAt))
	}
	fmt.Fprintln(a.out, head)
	if r.Root != "" {
		fmt.Fprintln(a.out, a.lang.Say("cli.factcheck.root", "folder", inline(r.Root)))
	}
	good, bad := 0, 0
	for _, c := range r.Checks {
		switch normal(c.Verdict) {
		case ledger.Verified:
			good++
		case ledger.Refuted:
			bad++
		}
		a.tellCheck(c)
	}
	for _, t := range open {
		fmt.Fprintln(a.out, a.lang.Say("cli.factcheck.open", "name", inline(t.Name), "task", t.Task, "state", a.state(t)))
	}
	v := verdictOf(r)
	ticket, count := inline(r.Ticket), len(r.Checks)
	switch {
	case count == 0:
		a.line("cli.factcheck.nothing", emoji(v), "ticket", ticket)
	case v == ledger.Verified:
		a.line("cli.factcheck.verified", emoji(v), "ticket", ticket, "count", count)
	case v == ledger.Refuted:
		a.line("cli.factcheck.refuted", emoji(v), "ticket", ticket, "count", count, "good", good, "bad", bad, "unknown", count-good-bad)
	default:
		a.line("cli.factcheck.unverifiable", emoji(v), "ticket", ticket, "count", count, "good", good, "unknown", count-good-bad)
	}
	if reason := a.because(r.Problem, r.Reason); reason != "" {
		fmt.Fprintln(a.out, "    "+reason)
	}
	a.link(r.Dashboard)
}

// tellCheck tells one claim and what became of it.
func (a *app) tellCheck(c control.FactCheck) {
	const indent = "    "
	claim := inline(c.Claim) // of a newer build
	if phrase.Known("cli.claim." + c.Claim) {
		claim = a.lang.Say("cli.claim." + c.Claim)
	}
	fmt.Fprintf(a.out, "%s %s %s: %s\n", emoji(normal(c.Verdict)), claim, inline(c.Subject), a.verdict(c.Verdict))
	if reason := a.because(c.Problem, c.Reason); reason != "" {
		fmt.Fprintln(a.out, indent+reason)
	}
	if normal(c.Verdict) != ledger.Verified {
		a.compare(indent, sides{a.lang.Say("cli.side.expected"), a.lang.Say("cli.side.actual")}, c.Expected, c.Actual, bounded())
	}
	var times []string
	switch {
	case c.WrittenAt == nil:
	case c.ReadAt != nil:
		times = append(times, a.lang.Say("cli.factcheck.written", "time", clock(*c.WrittenAt)))
	default: // it was never sent, or nobody knows
		times = append(times, a.lang.Say("cli.factcheck.asked", "time", clock(*c.WrittenAt)))
	}
	if c.ReadAt != nil {
		times = append(times, a.lang.Say("cli.ticket.read_back", "time", clock(*c.ReadAt)))
	}
	if len(times) > 0 {
		fmt.Fprintln(a.out, indent+strings.Join(times, ", "))
	}
	for _, e := range c.Edits {
		fmt.Fprintln(a.out, indent+"✎ "+a.lang.Say("cli.factcheck.edit", "time", clock(e.SeenAt)))
		a.differ(indent+"  ", sides{a.lang.Say("cli.side.before"), a.lang.Say("cli.side.after")}, e.Old, e.New, bounded())
	}
}

// tellSum is the last line about many tickets.
func (a *app) tellSum(reports []control.FactReport) {
	if a.json {
		return
	}
	count := map[ledger.Verdict]int{}
	for _, r := range reports {
		count[verdictOf(r)]++
	}
	if len(reports) == 0 {
		a.line("cli.factcheck.none", emoji(ledger.Unverifiable))
		return
	}
	a.line("cli.factcheck.sum", emoji(sum(reports)), "tickets", len(reports),
		"verified", count[ledger.Verified], "refuted", count[ledger.Refuted], "unverifiable", count[ledger.Unverifiable])
}
