package cli

import (
	"os"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"uratori/cmd/front/doorstep"
	"uratori/runner/items/each"
)

// exit ends a command that has told everything itself with a status that is
// more than a verdict.
type exit int

func (e exit) Error() string { return "exit status " + strconv.Itoa(int(e)) }

// eachCommand is the main process of an attempt with one run per item; the
// daemon has it started. What it runs writes to this process's own stdout and
// stderr.
func (a *app) eachCommand() *cobra.Command {
	return &cobra.Command{
		Use: "each FOLDER", Short: a.lang.Say("cli.each.short"), Hidden: true,
		Args: takes(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			// What it runs inherits what this process has, and is none of ours.
			if err := os.Unsetenv(doorstep.Path); err != nil {
				return err
			}
			job, err := each.Read(args[0])
			if err != nil {
				return err
			}
			if status := each.Run(cmd.Context(), job, os.Stdout, os.Stderr, time.Now); status != exitDone {
				return exit(status)
			}
			return nil
		},
	}
}
