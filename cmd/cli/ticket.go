package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/internal/ledger"
)

func (a *app) ticketCommand() *cobra.Command {
	cmd := group(&cobra.Command{Use: "ticket", Short: a.lang.Say("cli.ticket.short")})
	cmd.AddCommand(a.ticketCreate(), a.ticketUpdate(), a.ticketShow(), a.ticketList(), a.ticketDiff(), a.ticketHistory())
	return cmd
}

// lookLongest is how long a look at the sheet may take: the daemon waits for
// its turn at Google and repeats what failed. A fact check takes longer
// ([factLongest]).
const lookLongest = time.Minute

// tracked has ask talk to the daemon, which is started when there is none, for
// as long as a look at the sheet may take.
func (a *app) tracked(ctx context.Context, ask func(context.Context, *control.Client) error) error {
	return a.talk(ctx, lookLongest, ask)
}

func (a *app) talk(ctx context.Context, limit time.Duration, ask func(context.Context, *control.Client) error) error {
	c, err := a.connect(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	ctx, cancel := a.within(ctx, limit)
	defer cancel()
	return ask(ctx, c)
}

// reader is who has seen what this command shows. A person at a terminal and
// an agent's shell, which has none, are two: what one has read, the other may
// not overwrite unseen.
func (a *app) reader() string {
	for _, f := range []any{a.in, a.out.Writer, a.err} {
		if f, ok := f.(*os.File); ok && isTerminal(f) {
			return "terminal"
		}
	}
	return "cli"
}

// checkTicket refuses what cannot be an id, before anything is started or
// sent: an empty variable of a script must not file a ticket.
func checkTicket(id string) error {
	if strings.TrimSpace(id) == "" || !utf8.ValidString(id) || strings.ContainsFunc(id, unicode.IsControl) {
		return fault.New(fault.Invalid, "cli.ticket.bad_id", "id", inline(short(strings.ToValidUTF8(id, "�"))))
	}
	return nil
}

// aTicket demands exactly one argument, an id.
func aTicket(cmd *cobra.Command, args []string) error {
	if err := takes(1)(cmd, args); err != nil {
		return err
	}
	return checkTicket(args[0])
}

// normal is v, where it is a verdict at all.
func normal(v ledger.Verdict) ledger.Verdict {
	if v == ledger.Verified || v == ledger.Refuted {
		return v
	}
	return ledger.Unverifiable
}

// worst decides over many: one that is refuted, else one that is not
// verified. Nothing at all verifies nothing.
func worst(verdicts ...ledger.Verdict) ledger.Verdict {
	if len(verdicts) == 0 {
		return ledger.Unverifiable
	}
	w := ledger.Verified
	for _, v := range verdicts {
		if v = normal(v); v == ledger.Refuted || w == ledger.Verified {
			w = v
		}
	}
	return w
}

func (a *app) verdict(v ledger.Verdict) string { return a.lang.Say("cli.verdict." + string(normal(v))) }

// because is why something is so, in the reader's language where that is
// known.
func (a *app) because(problem *control.Fault, reason string) string {
	if problem != nil {
		return inline(fault.Explain(problem.Decode(), a.lang))
	}
	return inline(reason)
}

// stale tells that what was shown is not of now.
func (a *app) stale(problem *control.Fault) error {
	if problem == nil {
		return nil
	}
	if !a.json {
		a.line("cli.ticket.stale", a.mark(ledger.Unverifiable), "reason", a.because(problem, ""))
	}
	return outcome(ledger.Unverifiable)
}

// link is the last line of an answer.
func (a *app) link(dashboard string) {
	if dashboard != "" {
		fmt.Fprintln(a.out, inline(dashboard))
	}
}

// note tells what is not part of an answer.
func (a *app) note(text string) {
	to := io.Writer(a.out)
	if a.json {
		to = a.err
	}
	fmt.Fprintln(to, visible(text))
}

// row is where a ticket stands, "" when that is not known.
func (a *app) row(n int) string {
	if n <= 0 {
		return ""
	}
	return a.lang.Say("cli.row", "row", n)
}

// clock is a time as the reader's clock shows it.
func clock(t time.Time) string { return t.In(location()).Format("2006-01-02 15:04:05") }

// inline makes text from anywhere fit to stand within a line: it can begin
// none that would pass for ours.
func inline(s string) string {
	return strings.NewReplacer("\n", `\n`, "\t", `\t`, "\u2028", `\u2028`, "\u2029", `\u2029`).Replace(visible(s))
}

// block prints text from anywhere beneath a line, each line of it marked.
func (a *app) block(indent, text string) {
	for line := range strings.SplitSeq(text, "\n") {
		fmt.Fprintln(a.out, indent+"│ "+visible(line))
	}
}
