package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"uratori/internal/control"
	"uratori/internal/ledger"
)

func (a *app) runCommand() *cobra.Command {
	var w wanted
	cmd := &cobra.Command{
		Use:   "run [TICKET] [NAME] [flags] -- COMMAND [ARG]…",
		Short: a.lang.Say("cli.run.short"), Long: a.lang.Say("cli.run.long"), Example: a.lang.Say("cli.run.example"),
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if help, err := a.fill(cmd, &w, args); help || err != nil {
				return err
			}
			return a.runTask(cmd.Context(), w.Enqueue)
		},
	}
	w.flags(a, cmd)
	return cmd
}

// runTask has a command run as a task and shows its output as if it were run
// here. The end of this command is not the task's.
func (a *app) runTask(ctx context.Context, r control.Enqueue) error {
	e, err := a.enqueue(ctx, r)
	if err != nil {
		return err
	}
	a.aside("cli.run.queued", "task", called(e.Task, e.Ticket, r.Name), "dashboard", e.Dashboard)
	out, errs := newPane(a.out), newPane(a.err)
	f := follower{app: a, task: e.Task, next: 1, show: a.separate(out, errs)}
	err = a.patient(ctx, time.Time{}, f.follow)
	for _, p := range []*pane{out, errs} {
		if endErr := p.end(); err == nil {
			err = endErr
		}
	}
	if err != nil {
		a.aside("cli.run.left", "task", e.Task)
		if ctx.Err() != nil || a.out.failed != nil {
			return outcome(ledger.Unverifiable) // it goes on, and nobody knows how it will end
		}
		return err
	}
	if a.json {
		a.print(f.last)
	} else {
		fmt.Fprintln(a.err, "uratori: "+a.ending(f.last))
	}
	return standing(f.last)
}

func (a *app) waitCommand() *cobra.Command {
	var limit span
	cmd := &cobra.Command{
		Use: "wait TASK", Short: a.lang.Say("cli.wait.short"), Long: a.lang.Say("cli.wait.long"), Example: a.lang.Say("cli.wait.example"),
		Args: aTask,
		RunE: func(cmd *cobra.Command, args []string) error {
			task, err := taskNumber(args[0])
			if err != nil {
				return err
			}
			t, err := a.awaited(cmd.Context(), task, limit.Duration)
			if cmd.Context().Err() != nil {
				a.aside("cli.run.left", "task", task)
				return outcome(ledger.Unverifiable)
			}
			if err != nil {
				return err
			}
			if a.json {
				a.print(t)
			} else {
				fmt.Fprintln(a.out, a.ending(t))
				a.link(t.Dashboard)
			}
			return standing(t)
		},
	}
	cmd.Flags().Var(&limit, "timeout", a.lang.Say("cli.wait.flag.timeout"))
	return cmd
}

// ending is how a task ended, or that it has not, in one line.
func (a *app) ending(t control.Task) string {
	took := ""
	if final(t.State) && t.StartedAt != nil && t.EndedAt != nil {
		took = a.lang.Say("cli.task.took", "time", durationWords(a.lang, t.EndedAt.Sub(*t.StartedAt)))
	}
	why := a.why(t)
	if why == "" && final(t.State) {
		why = a.howEnded(t.ExitCode, t.Signal)
	}
	task, state := called(t.Task, t.Ticket, t.Name), a.joined(a.state(t), figure(t.Progress), took, why)
	if !final(t.State) {
		return a.lang.Say("cli.wait.still", "task", task, "state", state)
	}
	return task + ": " + state
}

// standing is the status of a command that stands for a task.
func standing(t control.Task) error {
	switch {
	case t.State == "succeeded":
		return nil
	case final(t.State):
		return outcome(ledger.Refuted)
	}
	return outcome(ledger.Unverifiable)
}

func (a *app) executeCommand() *cobra.Command {
	return &cobra.Command{
		Use: "execute", Short: a.lang.Say("cli.execute.short"), Long: a.lang.Say("cli.execute.long"), Example: a.lang.Say("cli.execute.example"),
		Args: takes(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.one(cmd.Context(), func(ctx context.Context, c *control.Client) (control.Task, error) { return c.Execute(ctx) })
		},
	}
}
