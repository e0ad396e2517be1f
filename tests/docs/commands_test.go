package docs

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/syntax"

	"uratori/cmd/cli"
	"uratori/internal/phrase"
)

const commandsHead = `# Commands

Every command, made of the program's own help by ` + "`make docs`" + `. ` + "`uratori COMMAND --help`" + ` says the same, in Japanese where the locale is (or with ` + "`URATORI_LANG=ja`" + `).

Every command takes ` + "`--json`" + ` (one object, in English) and ` + "`--help`" + `. Exit status: 0 done and verified · 1 refuted or failed · 2 wrong usage or settings · 3 cannot be verified ·
4 conflict. Where a command needs the daemon, it starts it.
`

// walk visits every command that a person can find, in the order of the help.
func walk(cmd *cobra.Command, visit func(*cobra.Command)) {
	visit(cmd)
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			walk(sub, visit)
		}
	}
}

func TestCommands_PageSaysWhatTheHelpSays(t *testing.T) {
	t.Parallel()
	var index, body strings.Builder
	walk(cli.Tree(phrase.English), func(cmd *cobra.Command) {
		if !cmd.HasParent() || cmd.Parent().Name() == "completion" {
			return
		}
		path := strings.TrimPrefix(cmd.CommandPath(), "uratori ")
		anchor := strings.ReplaceAll(cmd.CommandPath(), " ", "-")
		fmt.Fprintf(&index, "| [`%s`](#%s) | %s |\n", path, anchor, cell(cmd.Short))
		fmt.Fprintf(&body, "\n## %s\n\n", cmd.CommandPath())
		about := cmd.Long
		if about == "" {
			about = cmd.Short
		}
		fmt.Fprintf(&body, "%s\n\n```\n%s\n```\n", strings.TrimSpace(about), cmd.UseLine())
		if cmd.HasExample() {
			fmt.Fprintf(&body, "\n```\n%s\n```\n", unindented(cmd.Example))
		}
		if rows := flagRows(cmd); rows != "" {
			body.WriteString("\n| flag | |\n|---|---|\n" + rows)
		}
	})
	hold(t, "docs/commands.md", commandsHead+"\n| command | |\n|---|---|\n"+index.String()+body.String())
}

func unindented(s string) string {
	var lines []string
	for line := range strings.Lines(s) {
		lines = append(lines, strings.TrimPrefix(strings.TrimRight(line, "\n"), "  "))
	}
	return strings.Join(lines, "\n")
}

func flagRows(cmd *cobra.Command) string {
	var b strings.Builder
	cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" || f.Name == "json" {
			return
		}
		word, usage := pflag.UnquoteUsage(f)
		names := "--" + f.Name
		if f.Shorthand != "" {
			names = "-" + f.Shorthand + ", " + names
		}
		if word != "" {
			names += " " + word
		}
		if !isNothing(f) {
			usage += " (default " + f.DefValue + ")"
		}
		fmt.Fprintf(&b, "| `%s` | %s |\n", cell(names), cell(usage))
	})
	return b.String()
}

// isNothing tells a default that needs no words.
func isNothing(f *pflag.Flag) bool {
	switch f.DefValue {
	case "", "0", "0s", "false", "[]":
		return true
	}
	return false
}

// Every example of the help is one that its command takes: the words lead to
// it, the flags are there, and the arguments are as many as it wants. The pages
// and `tests/cli` run them where it matters what they do.
func TestCommands_EveryExample_IsTakenByItsCommand(t *testing.T) {
	t.Parallel()
	const fewest = 60
	seen := 0
	for _, lang := range []phrase.Lang{phrase.English, phrase.Japanese} {
		walk(cli.Tree(lang), func(cmd *cobra.Command) {
			for line := range strings.Lines(cmd.Example) {
				if line = strings.TrimSpace(line); line == "" {
					continue
				}
				seen++
				if err := takes(lang, line); err != nil {
					t.Errorf("example of %s: %s: %v", cmd.CommandPath(), line, err)
				}
			}
		})
	}
	if seen < fewest {
		t.Errorf("only %d examples were found", seen)
	}
}

// takes has a fresh tree parse what a line calls of ours, without running it.
func takes(lang phrase.Lang, line string) error {
	parsed, err := syntax.NewParser().Parse(strings.NewReader(line), "")
	if err != nil {
		return err
	}
	config := &expand.Config{CmdSubst: func(w io.Writer, _ *syntax.CmdSubst) error {
		_, err := io.WriteString(w, "x")
		return err
	}}
	syntax.Walk(parsed, func(n syntax.Node) bool {
		call, ok := n.(*syntax.CallExpr)
		if !ok || err != nil || len(call.Args) == 0 {
			return true
		}
		var words []string
		if words, err = expand.Fields(config, call.Args...); err == nil {
			err = parses(lang, words)
		}
		return true
	})
	return err
}

func parses(lang phrase.Lang, words []string) error {
	switch words[0] {
	case "uratori":
		words = words[1:]
	case "factcheck":
	default:
		return nil // somebody else's
	}
	cmd, rest, err := cli.Tree(lang).Find(words)
	if err != nil {
		return err
	}
	if err := cmd.ParseFlags(rest); err != nil {
		return err
	}
	return cmd.ValidateArgs(cmd.Flags().Args())
}
