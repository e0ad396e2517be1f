package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/internal/ledger"
)

func (a *app) logsCommand() *cobra.Command {
	var follow, stdout, stderr bool
	var since span
	f := follower{app: a}
	cmd := &cobra.Command{
		Use: "logs TASK", Short: a.lang.Say("cli.logs.short"), Long: a.lang.Say("cli.logs.long"), Example: a.lang.Say("cli.logs.example"),
		Args: aTask,
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			given := cmd.Flags().Changed
			switch {
			case given("lines") && f.tail < 1:
				return fault.New(fault.Invalid, "cli.task.too_few", "flag", "lines", "value", f.tail, "fewest", 1)
			case given("attempt") && f.next < 1:
				return fault.New(fault.Invalid, "cli.task.too_few", "flag", "attempt", "value", f.next, "fewest", 1)
			case stdout && stderr:
				return fault.New(fault.Invalid, "cli.logs.both")
			case stdout:
				f.stream = "stdout"
			case stderr:
				f.stream = "stderr"
			}
			if f.task, err = taskNumber(args[0]); err != nil {
				return err
			}
			f.only, f.since = given("attempt"), since.Duration
			return a.logs(cmd.Context(), &f, follow)
		},
	}
	cmd.Flags().BoolVarP(&follow, "follow", "f", false, a.lang.Say("cli.logs.flag.follow"))
	cmd.Flags().IntVarP(&f.tail, "lines", "n", 0, a.lang.Say("cli.logs.flag.lines"))
	cmd.Flags().Var(&since, "since", a.lang.Say("cli.logs.flag.since"))
	cmd.Flags().IntVar(&f.next, "attempt", 0, a.lang.Say("cli.logs.flag.attempt"))
	cmd.Flags().BoolVar(&stdout, "stdout", false, a.lang.Say("cli.logs.flag.stdout"))
	cmd.Flags().BoolVar(&stderr, "stderr", false, a.lang.Say("cli.logs.flag.stderr"))
	return cmd
}

// logs shows output as it is, or goes on with it until the task has ended.
func (a *app) logs(ctx context.Context, f *follower, follow bool) error {
	all := newPane(a.out)
	f.show = a.mingled(all, f.stream == "")
	var err error
	if follow {
		err = a.patient(ctx, time.Time{}, f.follow)
	} else {
		err = a.present(ctx, f)
	}
	if endErr := all.end(); err == nil {
		err = endErr
	}
	switch {
	case a.out.failed != nil:
		return outcome(ledger.Refuted) // which is told at the end
	case follow && ctx.Err() != nil:
		return nil // Ctrl-C is how following ends
	}
	return err
}

// present shows what there is now.
func (a *app) present(ctx context.Context, f *follower) error {
	c, err := a.connect(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	q := control.TaskLogs{Task: f.task, Attempt: f.next, Stream: f.stream, Lines: f.tail, Since: f.since}
	return c.Logs(ctx, q, f.take)
}

// mingled shows both streams in one. Where one ends within a line, and the
// other goes on, a line ends; of one alone it is the bytes and nothing else.
func (a *app) mingled(to *pane, both bool) func(control.LogChunk) error {
	last := ""
	return func(chunk control.LogChunk) error {
		if a.json {
			a.print(chunk)
			return a.out.failed
		}
		if both && last != chunk.Stream {
			if err := to.breakLine(); err != nil {
				return err
			}
		}
		last = chunk.Stream
		a.tellGap(chunk)
		return to.write(chunk.Data)
	}
}

func (a *app) tellGap(chunk control.LogChunk) {
	if chunk.Gap > 0 {
		a.aside("cli.logs.gap", "bytes", chunk.Gap, "stream", inline(chunk.Stream))
	}
}

// separate shows each stream where it belongs.
func (a *app) separate(out, err *pane) func(control.LogChunk) error {
	return func(chunk control.LogChunk) error {
		if a.json {
			a.print(chunk)
			return a.out.failed
		}
		a.tellGap(chunk)
		if chunk.Stream == "stderr" {
			return err.write(chunk.Data)
		}
		return out.write(chunk.Data)
	}
}
