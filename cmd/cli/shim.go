package cli

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"uratori/internal/config"
	"uratori/internal/control"
	"uratori/internal/daemon"
	"uratori/internal/fault"
	"uratori/monitor/notify"
	"uratori/runner/shim"
)

// shimCommand is what the daemon starts for each attempt of a task where it has
// no smaller program for that, and what the smaller one calls when the daemon is
// missed. It is for no person, and so it is hidden and speaks JSON.
func (a *app) shimCommand() *cobra.Command {
	var home string
	var every time.Duration
	var call bool
	cmd := &cobra.Command{
		Use: "shim [DIR]", Hidden: true, Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if call {
				a.sentry(config.Home(home), every).Call(cmd.Context())
				return nil
			}
			dir := ""
			if len(args) > 0 {
				dir = args[0]
			}
			return shim.Serve(dir, os.Stdin, os.Stdout, a.sentry(config.Home(home), every))
		},
	}
	cmd.Flags().StringVar(&home, "home", "", "")
	cmd.Flags().DurationVar(&every, "look", 0, "")
	cmd.Flags().BoolVar(&call, "call", false, "")
	return cmd
}

// sentry has a shim bring the daemon of home back, when that was killed.
func (a *app) sentry(home config.Home, every time.Duration) shim.Sentry {
	if home == "" {
		return shim.Sentry{}
	}
	return shim.Sentry{
		Every:  every,
		Missed: func() bool { _, missed := daemon.Missed(home); return missed },
		Call: func(ctx context.Context) {
			c, err := control.Starter{Home: home, Build: a.build, Program: self}.Connect(ctx)
			if err == nil {
				c.Close()
				return
			}
			if absence, missed := daemon.Missed(home); missed {
				err = absence.Tell(func() error { return a.alarm(ctx, home, err) })
			}
			if err != nil {
				fmt.Fprintf(a.err, "uratori shim %d: call the daemon: %v\n", os.Getpid(), err)
			}
		},
	}
}

// alarm tells people, past the outbox that nobody empties any more, that the
// daemon is gone and does not come back.
func (a *app) alarm(ctx context.Context, home config.Home, reason error) error {
	settings, err := config.Load(home, a.environ)
	if err != nil {
		// Broken settings may be what keeps it from starting.
		if settings, err = config.LoadEnvironment(home, a.environ); err != nil {
			return err
		}
	}
	channels, err := notify.Channels(settings.Notify, a.lang, nil, time.Now)
	if len(channels) == 0 {
		return fault.New(fault.Failed, "cli.shim.no_channel").Wrap(err)
	}
	parcel := notify.Parcel{At: time.Now(), Message: notify.Message{
		Fingerprint: "daemon/gone", Priority: notify.Critical, Title: a.lang.Say("cli.shim.gone.title"),
		Body: a.lang.Say("cli.shim.gone.body", "home", home, "reason", fault.Explain(reason, a.lang)),
	}}
	for _, c := range channels {
		if _, failed := c.Deliver(ctx, parcel); failed != nil {
			err = fmt.Errorf("%s: %w", c.Name(), failed)
			continue
		}
		return nil // somebody knows
	}
	return err
}
