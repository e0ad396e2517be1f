package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"uratori/internal/control"
	"uratori/internal/phrase"
)

func (a *app) syncCommand() *cobra.Command {
	return &cobra.Command{
		Use: "sync", Short: a.lang.Say("cli.sync.short"), Long: a.lang.Say("cli.sync.long"), Example: a.lang.Say("cli.sync.example"),
		Args: takes(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			var s control.Synced
			err := a.tracked(cmd.Context(), func(ctx context.Context, c *control.Client) (err error) {
				s, err = c.Sync(ctx)
				return err
			})
			if err != nil {
				return err
			}
			a.tellSynced(s)
			return nil
		},
	}
}

func (a *app) tellSynced(s control.Synced) {
	if a.json {
		a.print(s)
		return
	}
	for _, e := range s.Changes {
		a.tellEvent(e)
	}
	if s.More > 0 {
		a.say("cli.sync.more", "count", s.More)
	}
	if n := len(s.Changes) + s.More; n > 0 {
		a.say("cli.sync.changes", "tickets", s.Tickets, "count", n, "time", clock(s.ReadAt))
	} else {
		a.say("cli.sync.none", "tickets", s.Tickets, "time", clock(s.ReadAt))
	}
	a.link(s.Dashboard)
}

// tellEvent tells what was done to a ticket.
func (a *app) tellEvent(e control.Event) {
	if a.json {
		a.print(e)
		return
	}
	kind := inline(e.Kind) // of a newer build
	if phrase.Known("cli.event." + e.Kind) {
		kind = a.lang.Say("cli.event." + e.Kind)
	}
	words := []string{clock(e.At), inline(e.Ticket), kind}
	if e.Column != "" {
		words = append(words, inline(e.Column))
	}
	if e.Row > 0 {
		words = append(words, "("+a.row(e.Row)+")")
	}
	if e.Verdict != "" {
		words = append(words, a.mark(normal(e.Verdict))+" "+a.verdict(e.Verdict))
	}
	fmt.Fprintln(a.out, strings.Join(words, "  "))
	both := sides{a.lang.Say("cli.side.before"), a.lang.Say("cli.side.after")}
	switch e.Kind {
	case "written":
		both = sides{a.lang.Say("cli.side.sheet"), a.lang.Say("cli.side.written")}
	case "waiting", "refused":
		both = sides{a.lang.Say("cli.side.sheet"), a.lang.Say("cli.side.asked")}
	}
	a.compare("    ", both, e.Old, e.New, bounds{lines: 20, runes: bounded().runes})
}
