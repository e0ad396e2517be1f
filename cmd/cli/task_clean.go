package cli

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"uratori/internal/control"
	"uratori/internal/fault"
)

// usualDays is how long what a task has left stays.
const usualDays = 7

func (a *app) cleanupCommand() *cobra.Command {
	r := control.Cleanup{Days: usualDays}
	cmd := &cobra.Command{
		Use: "cleanup [DAYS]", Short: a.lang.Say("cli.cleanup.short"), Long: a.lang.Say("cli.cleanup.long"), Example: a.lang.Say("cli.cleanup.example"),
		Args: atMost(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				const longest = 36500 // a hundred years; above, it is no number of days
				n, err := strconv.ParseUint(args[0], 10, 32)
				if err != nil || n > longest {
					return fault.New(fault.Invalid, "cli.cleanup.bad_days", "days", inline(short(strings.ToValidUTF8(args[0], "�"))))
				}
				r.Days = int(n)
			}
			var done control.Cleaned
			err := a.unhurried(cmd.Context(), func(ctx context.Context, c *control.Client) (err error) {
				done, err = c.Cleanup(ctx, r)
				return err
			})
			if err != nil {
				return err
			}
			a.tellCleaned(r, done)
			return nil
		},
	}
	cmd.Flags().BoolVar(&r.DryRun, "dry-run", false, a.lang.Say("cli.cleanup.flag.dry_run"))
	return cmd
}

// unhurried asks for what may take as long as it likes, such as the removal
// of a hundred thousand files.
func (a *app) unhurried(ctx context.Context, ask func(context.Context, *control.Client) error) error {
	c, err := a.connect(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	return ask(ctx, c)
}

func (a *app) tellCleaned(r control.Cleanup, done control.Cleaned) {
	if a.json {
		a.print(done)
		return
	}
	var rows [][]string
	for _, t := range done.Tasks {
		rows = append(rows, []string{called(t.Task), inline(t.Ticket), size(t.Bytes), ""})
	}
	for _, t := range done.Kept {
		rows = append(rows, []string{called(t.Task), inline(t.Ticket), size(t.Bytes), a.lang.Say("cli.cleanup.kept", "reason", a.because(t.Problem, t.Reason))})
	}
	a.tellRows(rows)
	if done.DryRun {
		a.say("cli.cleanup.would", "count", len(done.Tasks), "kept", len(done.Kept), "size", size(done.Bytes), "days", r.Days)
	} else {
		a.say("cli.cleanup.done", "count", len(done.Tasks), "kept", len(done.Kept), "size", size(done.Bytes), "days", r.Days)
	}
}

func size(bytes int64) string {
	return humanize.IBytes(uint64(max(0, bytes))) //nolint:gosec // it is not negative
}

func (a *app) statsCommand() *cobra.Command {
	return &cobra.Command{
		Use: "stats", Short: a.lang.Say("cli.stats.short"), Long: a.lang.Say("cli.stats.long"), Example: a.lang.Say("cli.stats.example"),
		Args: takes(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			var s control.TaskStatistics
			err := a.tracked(cmd.Context(), func(ctx context.Context, c *control.Client) (err error) {
				s, err = c.TaskStatistics(ctx)
				return err
			})
			if err != nil {
				return err
			}
			a.tellStatistics(s)
			return nil
		},
	}
}

func (a *app) tellStatistics(s control.TaskStatistics) {
	if a.json {
		a.print(s)
		return
	}
	a.tellRows([][]string{
		{a.lang.Say("cli.stats.tasks"), a.counts(s.States)},
		{a.lang.Say("cli.stats.attempts"), a.counts(s.Attempts)},
		{a.lang.Say("cli.stats.retries"), strconv.Itoa(s.Retries)},
		{a.lang.Say("cli.stats.waited"), a.median(s.WaitedMS, s.Last)},
		{a.lang.Say("cli.stats.ran"), a.median(s.RanMS, s.Last)},
		{a.lang.Say("cli.stats.disk"), size(s.DiskBytes) + "  " + inline(s.TaskFolder)},
	})
}

// counts are so many of each state, those first that come first in a life.
func (a *app) counts(n map[string]int) string {
	order := []string{"queued", "starting", "running", "stalled", "succeeded", "failed", "killed"}
	for _, state := range slices.Sorted(maps.Keys(n)) {
		if !slices.Contains(order, state) {
			order = append(order, state)
		}
	}
	var words []string
	for _, state := range order {
		if n[state] > 0 {
			words = append(words, a.stateWord(state)+" "+strconv.Itoa(n[state]))
		}
	}
	if len(words) == 0 {
		return a.lang.Say("cli.stats.none")
	}
	return a.joined(words...)
}

func (a *app) median(ms int64, of int) string {
	if of < 1 {
		return a.lang.Say("cli.stats.none")
	}
	d := time.Duration(ms) * time.Millisecond
	shown := durationWords(a.lang, d)
	switch {
	case d < time.Second:
		shown = strconv.FormatInt(ms, 10) + " ms"
	case d < time.Minute:
		shown = a.lang.Say("progress.seconds", "seconds", strconv.FormatFloat(d.Seconds(), 'f', 1, 64))
	}
	return a.lang.Say("cli.stats.median", "time", shown, "count", of)
}
