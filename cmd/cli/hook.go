package cli

import (
	"context"
	"os"
	"time"

	"github.com/spf13/cobra"

	"uratori/internal/config"
	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/internal/hook"
)

// hookCommand is run by Claude Code, never by people. To Claude Code status 2
// means "block", so that a slip in the settings, or a build that does not know an
// event, must not end with it: whatever goes wrong, the status is 0.
func (a *app) hookCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "hook session-start | user-prompt-submit | pre-tool-use | stop | subagent-stop",
		Short: a.lang.Say("cli.hook.short"), Long: a.lang.Say("cli.hook.long"), Example: a.lang.Say("cli.hook.example"),
		Args: cobra.ArbitraryArgs, DisableFlagParsing: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 || args[0] == "-h" || args[0] == "--help" {
				return cmd.Help()
			}
			a.hook(cmd.Context(), args[0])
			return nil
		},
	}
}

func (a *app) hook(ctx context.Context, event string) {
	home, err := config.FindHome(a.getenv)
	folder, wrong := os.Getwd()
	if wrong != nil {
		folder = "" // it was removed; the input says where the session is
	}
	o := hook.Options{
		Home: home, Environ: a.environ, Getenv: a.getenv, Folder: folder, Lang: a.lang, Now: time.Now,
		Connect: func(ctx context.Context) (hook.Daemon, error) {
			if err != nil {
				return nil, err
			}
			c, err := control.Dial(ctx, home, a.build)
			if err != nil && ctx.Err() != nil {
				return nil, fault.New(fault.Unavailable, "control.gave_up").Wrap(ctx.Err())
			}
			if err != nil {
				return nil, err
			}
			return c, nil
		},
	}
	hook.Run(ctx, o, event, a.in, a.out, a.err)
}
