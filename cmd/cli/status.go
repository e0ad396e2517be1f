package cli

import (
	"context"

	"github.com/spf13/cobra"

	"uratori/internal/ledger"
)

func (a *app) statusCommand() *cobra.Command {
	return &cobra.Command{
		Use: "status", Short: a.lang.Say("cli.status.short"), Example: a.lang.Say("cli.status.example"),
		Args: takes(0),
		RunE: func(cmd *cobra.Command, _ []string) error { return a.status(cmd.Context()) },
	}
}

func (a *app) status(ctx context.Context) error {
	s, err := a.ask(ctx)
	if err != nil {
		return err
	}
	if a.json {
		a.print(s)
		return nil
	}
	a.say("cli.status.daemon", "version", s.Daemon.Version, "pid", s.Daemon.PID, "since", s.Daemon.StartedAt.Local().Format("2006-01-02 15:04:05"))
	a.say("cli.status.home", "home", s.Daemon.Home)
	a.say("cli.status.ledger", "entries", s.Ledger.Entries, "head", s.Ledger.Head)
	if s.Dashboard != "" {
		a.say("cli.status.dashboard", "dashboard", s.Dashboard)
	}
	for _, p := range s.Problems {
		a.line("cli.status.problem", a.mark(ledger.Refuted), "problem", a.lang.Render(p.Code, p.Values))
	}
	if len(s.Problems) == 0 {
		a.line("cli.status.fine", a.mark(ledger.Verified))
	}
	return nil
}
