package cli

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/internal/ledger"
)

func (a *app) notifyCommand() *cobra.Command {
	cmd := group(&cobra.Command{Use: "notify", Short: a.lang.Say("cli.notify.short"), Long: a.lang.Say("cli.notify.long")})
	cmd.AddCommand(a.notifyTest(), a.notifyStats(), a.notifyHistory(), a.notifyRetry())
	return cmd
}

// priorities are those that a message can have, the most urgent first.
func priorities() []string { return []string{"critical", "high", "normal", "low"} }

// How long a test waits for what becomes of its message.
const (
	usualTest   = 30 * time.Second
	longestTest = 2 * time.Minute // the daemon waits no longer
)

func (a *app) notifyTest() *cobra.Command {
	priority := "normal"
	limit := span{Duration: usualTest}
	cmd := &cobra.Command{
		Use: "test", Short: a.lang.Say("cli.notify.test.short"), Long: a.lang.Say("cli.notify.test.long"), Example: a.lang.Say("cli.notify.test.example"),
		Args: takes(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !slices.Contains(priorities(), priority) {
				return fault.New(fault.Invalid, "cli.notify.bad_priority", "priority", inline(short(strings.ToValidUTF8(priority, "�"))))
			}
			if limit.Duration > longestTest {
				return fault.New(fault.Invalid, "cli.notify.test.bad_wait", "longest", durationWords(a.lang, longestTest))
			}
			return a.testMessage(cmd.Context(), priority, limit.Duration)
		},
	}
	cmd.Flags().StringVar(&priority, "priority", priority, a.lang.Say("cli.notify.test.flag.priority"))
	cmd.Flags().Var(&limit, "wait", a.lang.Say("cli.notify.test.flag.wait"))
	return cmd
}

// tested is the JSON of a test.
type tested struct {
	Verdict ledger.Verdict `json:"verdict"`
	control.Message
	Problem *control.Fault `json:"problem,omitempty"` // with the settings
}

func (a *app) testMessage(ctx context.Context, priority string, limit time.Duration) error {
	var m control.Message
	var s control.MessageStatistics
	err := a.unhurried(ctx, func(ctx context.Context, c *control.Client) (err error) {
		ctx, cancel := context.WithTimeout(ctx, limit+answerLimit)
		defer cancel()
		if m, err = c.TestMessage(ctx, priority, limit); err != nil {
			return err
		}
		s, err = c.MessageStatistics(ctx, time.Millisecond)
		return err
	})
	if err != nil {
		return err
	}
	v := reached(m)
	if s.Problem != nil && v == ledger.Verified {
		v = ledger.Refuted // another channel was wished for
	}
	if a.json {
		a.print(tested{v, m, s.Problem})
		return judged(v)
	}
	fmt.Fprintln(a.out, a.headline(m))
	a.tellDeliveries(m, "")
	mark := a.mark(v)
	if s.Problem != nil {
		a.tellUnset(s)
	}
	switch {
	case len(m.Deliveries) == 0 && s.Problem != nil: // that is why
	case len(m.Deliveries) == 0:
		a.line("cli.notify.unset", mark, "reason", a.lang.Say("doctor.messages_none"))
	case v == ledger.Verified:
		a.line("cli.notify.test.accepted", mark)
	case v == ledger.Refuted:
		a.line("cli.notify.test.refused", mark)
	default:
		a.line("cli.notify.test.open", mark)
	}
	return judged(v)
}

// reached is the verdict on a message: whether every channel has accepted it.
// Where there is none nobody was told.
func reached(m control.Message) ledger.Verdict {
	var all []ledger.Verdict
	for _, d := range m.Deliveries {
		all = append(all, arrived(d))
	}
	return worst(all...)
}

func arrived(d control.Delivery) ledger.Verdict {
	switch d.State {
	case "accepted":
		return ledger.Verified
	case "failed":
		return ledger.Refuted
	}
	return ledger.Unverifiable
}

func (a *app) notifyRetry() *cobra.Command {
	return &cobra.Command{
		Use: "retry [MESSAGE]", Short: a.lang.Say("cli.notify.retry.short"), Long: a.lang.Say("cli.notify.retry.long"), Example: a.lang.Say("cli.notify.retry.example"),
		Args: atMost(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			var message int64
			if len(args) == 1 {
				if message, err = messageNumber(args[0]); err != nil {
					return err
				}
			}
			return a.retryMessages(cmd.Context(), message)
		},
	}
}

// messageNumber reads the number of a message, as 7 or #7.
func messageNumber(word string) (int64, error) {
	const most = 1 << 50 // the daemon knows no higher ones
	n, err := strconv.ParseInt(strings.TrimPrefix(word, "#"), 10, 64)
	if err != nil || n < 1 || n > most || strings.ContainsAny(word, "+-") {
		return 0, fault.New(fault.Invalid, "cli.notify.bad_number", "word", inline(short(strings.ToValidUTF8(word, "�"))))
	}
	return n, nil
}

func (a *app) retryMessages(ctx context.Context, message int64) error {
	n := 0
	err := a.tracked(ctx, func(ctx context.Context, c *control.Client) (err error) {
		if message > 0 {
			p, err := c.Messages(ctx, "", message+1, 1)
			if err != nil {
				return err
			}
			if len(p.Messages) == 0 || p.Messages[0].Message != message {
				return fault.New(fault.NotFound, "cli.notify.no_such_message", "message", message)
			}
		}
		n, err = c.RetryMessage(ctx, message)
		return err
	})
	switch {
	case err != nil:
		return err
	case a.json:
		a.print(map[string]int{"deliveries": n})
	case n == 0:
		a.say("cli.notify.retry.none")
	default:
		a.say("cli.notify.retry.again", "count", n)
	}
	return nil
}
