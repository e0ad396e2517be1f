package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"uratori/internal/config"
	"uratori/internal/fault"
)

// initTemplate writes the settings file that a new home starts with.
func (a *app) initTemplate() error {
	home, err := config.FindHome(a.getenv)
	if err != nil {
		return err
	}
	if err := home.Create(); err != nil {
		return err
	}
	file := home.Config()
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fault.New(fault.Conflict, "init.exists", "file", file)
	}
	if err != nil {
		return fault.New(fault.Failed, "cli.init.failed", "file", file).Wrap(err)
	}
	_, err = f.WriteString(config.Template(a.lang))
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		// Half a file would be taken for a person's wish.
		return fault.New(fault.Failed, "cli.init.failed", "file", file).Wrap(errors.Join(err, os.Remove(file)))
	}
	if a.json {
		a.print(map[string]string{"config": file})
	} else {
		a.say("cli.init.done", "file", file)
	}
	return nil
}

func (a *app) configCommand() *cobra.Command {
	cmd := group(&cobra.Command{Use: "config", Short: a.lang.Say("cli.config.short")})
	cmd.AddCommand(&cobra.Command{
		Use: "show", Short: a.lang.Say("cli.config.show.short"), Example: a.lang.Say("cli.config.show.example"),
		Args: takes(0),
		RunE: func(cmd *cobra.Command, _ []string) error { return a.configShow(cmd.Context()) },
	})
	return cmd
}

func (a *app) configShow(context.Context) error {
	home, err := config.FindHome(a.getenv)
	if err != nil {
		return err
	}
	c, err := config.Load(home, a.environ)
	if err != nil {
		return err
	}
	settings := c.Settings()
	if a.json {
		a.print(settings)
		return nil
	}
	const wide = 28
	for _, s := range settings {
		value := visible(s.Value)
		fmt.Fprintf(a.out, "%-*s = %s%s # %s\n", wide, s.Key, value, strings.Repeat(" ", max(0, wide-displayWidth(value))), visible(s.Origin))
	}
	return nil
}
