package cli

import (
	"bufio"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"uratori/internal/config"
	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/sheets"
)

// wishes are what `uratori init` was asked for.
type wishes struct {
	google      bool
	timeout     time.Duration
	credentials string // path, or ""

	spreadsheet string // URL, ID or local
	tab         string // title, or "" to be found
	columns     []string
	yes         bool
}

func (a *app) initCommand() *cobra.Command {
	var w wishes
	cmd := &cobra.Command{
		Use: "init", Short: a.lang.Say("cli.init.short"), Long: a.lang.Say("cli.init.long"), Example: a.lang.Say("cli.init.example"),
		Args: takes(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			book := cmd.Flags().Changed("spreadsheet")
			if err := w.check(cmd, book); err != nil {
				return err
			}
			switch {
			case w.google:
				return a.initGoogle(cmd.Context(), w)
			case book:
				return a.initSpreadsheet(cmd.Context(), w)
			}
			return a.initTemplate()
		},
	}
	cmd.Flags().BoolVar(&w.google, "google", false, a.lang.Say("cli.init.flag.google"))
	cmd.Flags().DurationVar(&w.timeout, "timeout", 10*time.Minute, a.lang.Say("cli.init.flag.timeout"))
	cmd.Flags().StringVar(&w.credentials, "credentials", "", a.lang.Say("cli.init.flag.credentials"))
	cmd.Flags().StringVar(&w.spreadsheet, "spreadsheet", "", a.lang.Say("cli.init.flag.spreadsheet"))
	cmd.Flags().StringVar(&w.tab, "sheet", "", a.lang.Say("cli.init.flag.sheet"))
	cmd.Flags().StringArrayVar(&w.columns, "column", nil, a.lang.Say("cli.init.flag.column"))
	cmd.Flags().BoolVar(&w.yes, "yes", false, a.lang.Say("cli.init.flag.yes"))
	return cmd
}

// check refuses flags that say nothing together.
func (w wishes) check(cmd *cobra.Command, book bool) error {
	if w.google && book {
		return fault.New(fault.Invalid, "cli.init.either")
	}
	for _, f := range []struct {
		name string
		ok   bool
		to   string
	}{
		{"timeout", w.google, "--google"},
		{"credentials", w.google || book, "--google / --spreadsheet"},
		{"sheet", book, "--spreadsheet"},
		{"column", book, "--spreadsheet"},
		{"yes", book, "--spreadsheet"},
	} {
		if cmd.Flags().Changed(f.name) && !f.ok {
			return fault.New(fault.Invalid, "cli.init.flag_belongs", "flag", f.name, "to", f.to)
		}
	}
	if w.timeout <= 0 {
		return fault.New(fault.Invalid, "cli.init.bad_timeout", "timeout", w.timeout)
	}
	return nil
}

// values are the settings that were given, by key.
func (w wishes) values() (map[string]string, error) {
	values := map[string]string{}
	if w.credentials != "" {
		path, err := filepath.Abs(w.credentials)
		if err != nil {
			return nil, fmt.Errorf("find the credentials file %s: %w", w.credentials, err)
		}
		values["tracker.credentials"] = path
	}
	var names []string
	for _, c := range sheets.Columns(config.Columns{}) {
		names = append(names, c.Name)
	}
	for _, column := range w.columns {
		name, header, found := strings.Cut(column, "=")
		if !found || !slices.Contains(names, name) {
			return nil, fault.New(fault.Invalid, "cli.init.bad_column", "column", short(column), "names", strings.Join(names, ", "))
		}
		values["tracker.columns."+name] = header
	}
	return values, nil
}

// given is where the values of flags are said to come from in errors.
const given = "uratori init"

// openHome makes the home and reads its settings.
func (a *app) openHome() (*config.Config, error) {
	home, err := config.FindHome(a.getenv)
	if err != nil {
		return nil, err
	}
	if err := home.Create(); err != nil {
		return nil, err
	}
	return config.Load(home, a.environ)
}

// editLimit is how long another command's edit of the settings is waited for.
const editLimit = 10 * time.Second

// settle writes values to config.toml and tells whether they hold.
func (a *app) settle(ctx context.Context, home config.Home, values map[string]string) (*config.Config, ledger.Verdict, error) {
	ctx, cancel := context.WithTimeout(ctx, editLimit)
	defer cancel()
	if err := config.Edit(ctx, home, a.lang, a.environ, values); err != nil {
		return nil, "", err
	}
	c, err := config.Load(home, a.environ)
	if err != nil {
		return nil, "", err
	}
	have := map[string]string{}
	for _, s := range c.Settings() {
		if _, ok := values[s.Key]; ok {
			have[s.Key] = s.Value
		}
	}
	if !maps.Equal(values, have) {
		return c, ledger.Refuted, nil
	}
	return c, ledger.Verified, nil
}

// tellStale says what to do when a daemon runs with other settings.
func (a *app) tellStale(ctx context.Context, c *config.Config) {
	ctx, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	daemon, err := control.Dial(ctx, c.Home, a.build)
	if err != nil {
		return // none runs, or one that doctor has more to say about
	}
	defer daemon.Close()
	if s, err := daemon.Status(ctx); err == nil && s.Daemon.Settings != c.Fingerprint() {
		a.say("cli.init.stale")
	}
}

// canAsk tells whether somebody sits at the other end.
func (a *app) canAsk() bool {
	f, ok := a.in.(*os.File)
	return ok && isTerminal(f)
}

// agrees waits for a person's answer. Only a yes is one.
func (a *app) agrees(ctx context.Context, question string) bool {
	fmt.Fprint(a.out, visible(question)+" ")
	answer := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(a.in).ReadString('\n') // what came before an error is an answer too, if it is one
		answer <- line
	}()
	select {
	case line := <-answer:
		return slices.Contains([]string{"y", "yes", "はい"}, strings.ToLower(strings.TrimSpace(line)))
	case <-ctx.Done():
		fmt.Fprintln(a.out)
		return false
	}
}
