package cli

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/internal/ledger"
)

func (a *app) ledgerCommand() *cobra.Command {
	cmd := group(&cobra.Command{Use: "ledger", Short: a.lang.Say("cli.ledger.short")})
	cmd.AddCommand(a.ledgerVerify(), a.ledgerExport(), a.ledgerTail())
	return cmd
}

func (a *app) ledgerVerify() *cobra.Command {
	var known string
	cmd := &cobra.Command{
		Use: "verify", Short: a.lang.Say("cli.ledger.verify.short"), Long: a.lang.Say("cli.ledger.verify.long"), Example: a.lang.Say("cli.ledger.verify.example"),
		Args: takes(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			var hash ledger.Hash
			if cmd.Flags().Changed("known") {
				if err := hash.UnmarshalText([]byte(known)); err != nil {
					return fault.New(fault.Invalid, "ledger.not_a_hash").Wrap(err)
				}
			}
			return a.verifyLedger(cmd.Context(), hash)
		},
	}
	cmd.Flags().StringVar(&known, "known", "", a.lang.Say("cli.ledger.verify.flag.known"))
	return cmd
}

func (a *app) verifyLedger(ctx context.Context, known ledger.Hash) error {
	c, err := a.connect(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	r, err := c.VerifyLedger(ctx, known)
	if err != nil {
		return err
	}
	if a.json {
		a.print(r)
		return judged(r.Verdict)
	}
	if r.Verdict == ledger.Verified {
		a.line("cli.ledger.verify.good", a.mark(r.Verdict), "entries", r.Entries, "head", r.Head.Hash)
	} else {
		a.line("cli.ledger.verify.bad", a.mark(r.Verdict), "entries", r.Entries)
		for _, b := range r.Breaks {
			a.say("cli.ledger.verify.break", "seq", b.Seq, "what", b.What, "detail", b.Detail)
		}
	}
	return judged(r.Verdict)
}

func (a *app) ledgerExport() *cobra.Command {
	return &cobra.Command{
		Use: "export [SUBJECT]", Short: a.lang.Say("cli.ledger.export.short"), Long: a.lang.Say("cli.ledger.export.long"), Example: a.lang.Say("cli.ledger.export.example"),
		Args: atMost(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			s := control.Slice{}
			if len(args) == 1 {
				s.Subject = args[0]
			}
			return a.entries(cmd.Context(), s, func(e ledger.Entry) { a.print(e) })
		},
	}
}

func (a *app) ledgerTail() *cobra.Command {
	s := control.Slice{}
	cmd := &cobra.Command{
		Use: "tail [SUBJECT]", Short: a.lang.Say("cli.ledger.tail.short"), Example: a.lang.Say("cli.ledger.tail.example"),
		Args: atMost(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if s.Last < 1 {
				return fault.New(fault.Invalid, "ledger.not_a_count", "value", s.Last)
			}
			if len(args) == 1 {
				s.Subject = args[0]
			}
			show := a.showEntry
			if a.json {
				show = func(e ledger.Entry) { a.print(e) }
			}
			return a.entries(cmd.Context(), s, show)
		},
	}
	cmd.Flags().IntVarP(&s.Last, "lines", "n", 20, a.lang.Say("cli.ledger.tail.flag.n"))
	cmd.Flags().BoolVarP(&s.Follow, "follow", "f", false, a.lang.Say("cli.ledger.tail.flag.follow"))
	return cmd
}

func (a *app) entries(ctx context.Context, s control.Slice, show func(ledger.Entry)) error {
	c, err := a.connect(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	for e, err := range c.Entries(ctx, s) {
		if s.Follow && ctx.Err() != nil {
			return nil // Ctrl-C is how following ends
		}
		if err != nil {
			return err
		}
		show(e)
	}
	return nil
}

func (a *app) showEntry(e ledger.Entry) {
	at := e.At
	if t, err := time.Parse(time.RFC3339Nano, e.At); err == nil {
		at = t.In(location()).Format("2006-01-02 15:04:05")
	}
	const longest = 160
	fmt.Fprintln(a.out, inline(fmt.Sprintf("%6d  %s  %-18s %-14s %s", e.Seq, at, e.Kind, e.Subject, cut(string(e.Data), longest))))
}

// location is the reader's time zone. TZ counts even where the daemon was
// started with another.
func location() *time.Location {
	if name := os.Getenv("TZ"); name != "" {
		if l, err := time.LoadLocation(name); err == nil {
			return l
		}
	}
	return time.Local
}

func atMost(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) <= n {
			return nil
		}
		return takes(n)(cmd, args)
	}
}
