package cli

import (
	"errors"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"uratori/internal/fault"
	"uratori/internal/phrase"
)

// Tree is every command in a language, for the reference; none of them is run.
func Tree(lang phrase.Lang) *cobra.Command {
	a := &app{in: strings.NewReader(""), out: &output{Writer: io.Discard}, err: io.Discard, getenv: func(string) string { return "" }, lang: lang}
	return a.root()
}

// branch is some of the commands.
type branch []func() *cobra.Command

// root builds the tree of all commands. A command whose part is not built does
// not exist.
func (a *app) root() *cobra.Command { return a.tree(nil) }

// tree builds the tree of the commands that are named, or of all.
func (a *app) tree(only branch) *cobra.Command {
	root := group(&cobra.Command{
		Use: "uratori", Short: a.lang.Say("cli.root.short"), Long: a.lang.Say("cli.root.long"),
		SilenceErrors: true, SilenceUsage: true,
	})
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	root.PersistentFlags().BoolVar(&a.json, "json", false, a.lang.Say("cli.flag.json"))
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return flagFault(err) })
	for _, command := range only {
		root.AddCommand(command())
	}
	if only == nil {
		a.grow(root)
	}
	a.translate(root)
	return root
}

// grow adds every command.
func (a *app) grow(root *cobra.Command) {
	root.AddCommand(
		a.upCommand(), a.downCommand(), a.statusCommand(), a.doctorCommand(),
		a.initCommand(), a.configCommand(), a.ledgerCommand(), a.sheetCommand(), a.backupCommand(),
		a.ticketCommand(), a.syncCommand(), a.factcheckCommand(), a.workflowCommand(),
		a.enqueueCommand(), a.runCommand(), a.executeCommand(), a.logsCommand(), a.waitCommand(), a.killCommand(),
		a.retryCommand(), a.pauseCommand(), a.resumeCommand(), a.editCommand(), a.beatCommand(), a.cleanupCommand(), a.statsCommand(),
		a.incidentsCommand(), a.notifyCommand(), a.topCommand(), a.mcpCommand(),
		a.approveCommand(), a.hookCommand(), a.installCommand(),
		a.demoCommand(), a.versionCommand(), a.gpuProbeCommand(), a.eachCommand(),
		a.shimCommand(),
	)
}

// group makes a command that only holds others: alone it shows its help, with
// a word that it does not know it fails.
func group(cmd *cobra.Command) *cobra.Command {
	cmd.Args = cobra.ArbitraryArgs
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return cmd.Help()
		}
		return unknown(cmd, args[0])
	}
	cmd.SuggestionsMinimumDistance = 2
	return cmd
}

func unknown(cmd *cobra.Command, word string) error {
	near := cmd.SuggestionsFor(word)
	if len(near) == 0 {
		return fault.New(fault.Invalid, "cli.unknown_command", "command", cmd.CommandPath(), "word", short(word))
	}
	return fault.New(fault.Invalid, "cli.unknown_command_near", "command", cmd.CommandPath(), "word", short(word), "near", strings.Join(near, ", "))
}

// takes demands exactly so many arguments, named in the usage line.
func takes(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == n {
			return nil
		}
		return fault.New(fault.Invalid, "cli.arguments", "usage", cmd.UseLine(), "want", n, "have", len(args))
	}
}

// flagFault says in words what the flag library says in English.
func flagFault(err error) error {
	if e, ok := errors.AsType[*pflag.NotExistError](err); ok {
		return fault.New(fault.Invalid, "cli.unknown_flag", "flag", dashed(e.GetSpecifiedName()))
	}
	if e, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		return fault.New(fault.Invalid, "cli.flag_wants_value", "flag", dashed(e.GetSpecifiedName()))
	}
	if e, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		if cause, ok := errors.AsType[*fault.Error](e.Unwrap()); ok { // of a value of ours, which knows better
			return fault.New(fault.Invalid, "cli.flag_wrong", "flag", e.GetFlag().Name, "value", inline(short(strings.ToValidUTF8(e.GetValue(), "�")))).Wrap(cause)
		}
		return fault.New(fault.Invalid, "cli.flag_bad_value", "flag", e.GetFlag().Name, "value", short(e.GetValue()), "want", e.GetFlag().Value.Type())
	}
	return fault.New(fault.Invalid, "cli.bad_flags").Wrap(err)
}

// dashed is a flag as it is typed.
func dashed(name string) string {
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + short(name)
}

// short keeps a mistyped word from filling the screen.
func short(s string) string {
	const longest = 60
	return cut(s, longest)
}

// translate puts the texts that cobra brings itself into the reader's
// language.
func (a *app) translate(root *cobra.Command) {
	root.SetUsageTemplate(a.usage())
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		switch {
		case cmd.Name() == "help":
			cmd.Short, cmd.Long = a.lang.Say("cli.help.short"), ""
			cmd.Run, cmd.RunE = nil, func(_ *cobra.Command, args []string) error {
				about, rest, err := root.Find(args)
				if err != nil || len(rest) > 0 {
					return unknown(about, strings.Join(rest, " "))
				}
				return about.Help()
			}
		case cmd.Name() == "completion":
			group(cmd).Short, cmd.Long = a.lang.Say("cli.completion.short"), a.lang.Say("cli.completion.long")
		case cmd.HasParent() && cmd.Parent().Name() == "completion":
			cmd.Short = a.lang.Say("cli.completion.shell", "shell", cmd.Name())
			cmd.Long = a.lang.Say("cli.completion.shell_long", "shell", cmd.Name())
			if f := cmd.Flags().Lookup("no-descriptions"); f != nil {
				f.Usage = a.lang.Say("cli.completion.flag.plain")
			}
		}
		cmd.InitDefaultHelpFlag()
		if f := cmd.Flags().Lookup("help"); f != nil {
			f.Usage = a.lang.Say("cli.flag.help")
		}
		for _, sub := range cmd.Commands() {
			walk(sub)
		}
	}
	walk(root)
}

func (a *app) usage() string {
	words := func(key string) string { return a.lang.Say(key) }
	return words("cli.usage.usage") + `
  {{.UseLine}}{{if .HasExample}}

` + words("cli.usage.examples") + `
{{.Example}}{{end}}{{if .HasAvailableSubCommands}}

` + words("cli.usage.commands") + `{{range .Commands}}{{if .IsAvailableCommand}}
  {{rpad .Name .NamePadding}} {{.Short}}{{end}}{{end}}{{end}}{{if .HasAvailableLocalFlags}}

` + words("cli.usage.flags") + `
{{.LocalFlags.FlagUsages | trimTrailingWhitespaces}}{{end}}{{if .HasAvailableInheritedFlags}}

` + words("cli.usage.global") + `
{{.InheritedFlags.FlagUsages | trimTrailingWhitespaces}}{{end}}
`
}
