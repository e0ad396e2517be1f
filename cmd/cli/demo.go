package cli

import (
	"time"

	"github.com/spf13/cobra"

	"uratori/cmd/demo"
	"uratori/internal/ledger"
	"uratori/internal/phrase"
)

// demoAnswer is the answer of `uratori demo --json`.
type demoAnswer struct {
	Verdict ledger.Verdict `json:"verdict"`
	Proofs  []demo.Proof   `json:"proofs"`
}

func (a *app) demoCommand() *cobra.Command {
	var keep bool
	cmd := &cobra.Command{
		Use: "demo", Short: a.lang.Say("cli.demo.short"), Long: a.lang.Say("cli.demo.long"), Example: a.lang.Say("cli.demo.example"),
		Args: takes(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			o := demo.Options{
				Program: self, Build: a.build, Environ: a.environ, Out: a.out, Lang: a.lang, Color: a.color, Quiet: a.json, Keep: keep,
				Visible: visible, Width: displayWidth, Now: time.Now,
			}
			if a.json {
				o.Lang = phrase.English
			}
			table, err := demo.Run(cmd.Context(), o)
			if err != nil {
				return err
			}
			if a.json {
				a.print(demoAnswer{Verdict: table.Verdict(), Proofs: table.Proofs})
			}
			return judged(table.Verdict())
		},
	}
	cmd.Flags().BoolVar(&keep, "keep", false, a.lang.Say("cli.demo.flag.keep"))
	return cmd
}
