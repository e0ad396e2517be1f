package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"os/user"
	"strings"

	"github.com/spf13/cobra"

	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/tracker/approval"
)

// answering is what the flags of approve say.
type answering struct {
	step, reason        string
	reject, set, list   bool
	ticket              string
	stepGiven, whyGiven bool
}

func (a *app) approveCommand() *cobra.Command {
	var w answering
	cmd := &cobra.Command{
		Use: "approve [TICKET]", Short: a.lang.Say("cli.approve.short"), Long: a.lang.Say("cli.approve.long"), Example: a.lang.Say("cli.approve.example"),
		Args: atMost(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				if err := checkTicket(args[0]); err != nil {
					return err
				}
				w.ticket = args[0]
			}
			w.stepGiven, w.whyGiven = cmd.Flags().Changed("step"), cmd.Flags().Changed("reason")
			if err := w.check(); err != nil {
				return err
			}
			switch {
			case w.list:
				return a.listApprovals(cmd.Context(), w.ticket)
			case w.set:
				return refusal(a.setPassphrase(cmd.Context()))
			}
			return refusal(a.approve(cmd.Context(), w))
		},
	}
	f := cmd.Flags()
	f.StringVar(&w.step, "step", "", a.lang.Say("cli.approve.flag.step"))
	f.BoolVar(&w.reject, "reject", false, a.lang.Say("cli.approve.flag.reject"))
	f.StringVar(&w.reason, "reason", "", a.lang.Say("cli.approve.flag.reason"))
	f.BoolVar(&w.set, "set-passphrase", false, a.lang.Say("cli.approve.flag.set_passphrase"))
	f.BoolVar(&w.list, "list", false, a.lang.Say("cli.approve.flag.list"))
	return cmd
}

// check refuses flags that say two things.
func (w answering) check() error {
	switch {
	case w.set && (w.list || w.reject || w.stepGiven || w.whyGiven || w.ticket != ""), w.list && (w.reject || w.stepGiven || w.whyGiven):
		return fault.New(fault.Invalid, "cli.approve.alone")
	case w.whyGiven && !w.reject:
		return fault.New(fault.Invalid, "cli.approve.reason_alone")
	case w.reject && strings.TrimSpace(w.reason) == "":
		return fault.New(fault.Invalid, "approval.no_reason")
	}
	return errors.Join(checkText("--step", []byte(w.step)), checkText("--reason", []byte(w.reason)))
}

// refusal makes a conflict a plain failure: whatever kept the answer from
// counting, this command ends with 1.
func refusal(err error) error {
	if f, ok := errors.AsType[*fault.Error](err); ok && f.Kind == fault.Conflict {
		refused := *f
		refused.Kind = fault.Failed
		return &refused
	}
	return err
}

// approve shows one question and takes a person's answer.
func (a *app) approve(ctx context.Context, w answering) error {
	// First of all: who has no terminal shall not read on as if there were a
	// way.
	t, err := openTTY()
	if err != nil {
		return err
	}
	defer t.close()
	asked, err := a.approvals(ctx, w.ticket)
	if err != nil {
		return err
	}
	q, err := a.choose(asked, w)
	if err != nil {
		return err
	}
	if err := canAnswer(asked); err != nil {
		return err
	}
	// What is shown is what is signed.
	if approval.Digest(partsOf(q)) != q.Digest {
		return fault.New(fault.Failed, "approval.not_of_parts")
	}
	a.showQuestion(ctx, q)
	prompt := a.lang.Say("cli.approve.prompt", "ticket", inline(q.Ticket), "step", a.stepName(q))
	if w.reject {
		prompt = a.lang.Say("cli.approve.prompt_reject", "ticket", inline(q.Ticket), "step", a.stepName(q))
	}
	phrase, err := t.secret(ctx, prompt)
	defer clear(phrase)
	if err != nil {
		return err
	}
	if len(phrase) == 0 {
		return fault.New(fault.Failed, "cli.approve.nothing")
	}
	if err := approval.Check(phrase, false); err != nil {
		return err
	}
	standing, err := a.giveAnswer(ctx, control.Decide{
		Ticket: q.Ticket, Step: q.Step, Digest: q.Digest, Passphrase: string(phrase), Approver: approver(), Channel: approval.Terminal,
		Reject: w.reject, Reason: w.reason, Token: "cli-" + rand.Text(),
	})
	if err != nil {
		return err
	}
	return a.tellAnswer(q, w.reject, standing)
}

// giveAnswer gives the answer. One whose reply was lost is given once more: under
// the same token it is the same answer.
func (a *app) giveAnswer(ctx context.Context, r control.Decide) (standing control.ApprovalStanding, err error) {
	for range 2 {
		err = a.tracked(ctx, func(ctx context.Context, c *control.Client) (err error) {
			standing, err = c.Decide(ctx, r)
			return err
		})
		if !errors.Is(err, control.ErrUnreachable) && !errors.Is(err, control.ErrNotRunning) {
			break
		}
	}
	return standing, err
}

// approvals are the questions that wait.
func (a *app) approvals(ctx context.Context, ticket string) (asked control.Approvals, err error) {
	err = a.tracked(ctx, func(ctx context.Context, c *control.Client) (err error) {
		asked, err = c.Approvals(ctx, ticket)
		return err
	})
	return asked, err
}

// choose is the one question that is meant.
func (a *app) choose(asked control.Approvals, w answering) (q control.ApprovalRequest, err error) {
	var meant []control.ApprovalRequest
	for _, r := range asked.Requests {
		if !w.stepGiven || r.Step == w.step {
			meant = append(meant, r)
		}
	}
	switch {
	case len(meant) == 1:
		return meant[0], nil
	case len(meant) > 1:
		if !a.json {
			a.tellQuestions(meant)
		}
		return q, fault.New(fault.Invalid, "cli.approve.which", "count", len(meant))
	case w.ticket != "":
		return q, fault.New(fault.NotFound, "cli.approve.none_of", "ticket", inline(w.ticket))
	}
	return q, fault.New(fault.NotFound, "cli.approve.none")
}

// canAnswer tells before a person types in vain.
func canAnswer(asked control.Approvals) error {
	switch {
	case !asked.Passphrase:
		return fault.New(fault.Failed, "approval.no_passphrase")
	case asked.LockedUntil != nil:
		return fault.New(fault.Failed, "approval.locked", "until", clock(*asked.LockedUntil))
	}
	return nil
}

// tellAnswer tells what the daemon has written down.
func (a *app) tellAnswer(q control.ApprovalRequest, reject bool, s control.ApprovalStanding) error {
	want, v := approval.Approved, ledger.Verified
	if reject {
		want = approval.Rejected
	}
	if s.State != string(want) || s.Digest != q.Digest {
		v = ledger.Unverifiable
	}
	switch {
	case a.json:
		a.print(s)
	case v != ledger.Verified:
		a.line("cli.approve.unclear", a.mark(v), "ticket", inline(q.Ticket), "step", a.stepName(q))
	case reject:
		a.line("cli.approve.rejected", a.mark(v), "ticket", inline(q.Ticket), "step", a.stepName(q), "entry", s.Evidence)
	default:
		until := ""
		if s.ExpiresAt != nil {
			until = clock(*s.ExpiresAt)
		}
		a.line("cli.approve.approved", a.mark(v), "ticket", inline(q.Ticket), "step", a.stepName(q), "entry", s.Evidence, "until", until)
	}
	if !a.json {
		a.link(q.Dashboard)
	}
	return judged(v)
}

// setPassphrase has a person choose the passphrase.
func (a *app) setPassphrase(ctx context.Context) error {
	t, err := openTTY()
	if err != nil {
		return err
	}
	defer t.close()
	asked, err := a.approvals(ctx, "")
	if err != nil {
		return err
	}
	if asked.LockedUntil != nil {
		return canAnswer(asked)
	}
	var old []byte
	if asked.Passphrase {
		old, err = t.secret(ctx, a.lang.Say("cli.approve.prompt_old"))
		defer clear(old)
		if err != nil {
			return err
		}
		if err := approval.Check(old, false); err != nil {
			return err
		}
	}
	fresh, err := t.secret(ctx, a.lang.Say("cli.approve.prompt_new"))
	defer clear(fresh)
	if err != nil {
		return err
	}
	if err := approval.Check(fresh, true); err != nil {
		return err
	}
	again, err := t.secret(ctx, a.lang.Say("cli.approve.prompt_again"))
	defer clear(again)
	if err != nil {
		return err
	}
	if string(fresh) != string(again) {
		return fault.New(fault.Invalid, "cli.approve.differ")
	}
	err = a.tracked(ctx, func(ctx context.Context, c *control.Client) error {
		return c.SetPassphrase(ctx, control.SetPassphrase{Old: string(old), New: string(fresh)})
	})
	if err != nil {
		return err
	}
	if a.json {
		a.print(passphraseSet{ledger.Verified})
		return nil
	}
	a.line("cli.approve.set", a.mark(ledger.Verified))
	return nil
}

// passphraseSet is the answer of `uratori approve --set-passphrase`.
type passphraseSet struct {
	Verdict ledger.Verdict `json:"verdict"`
}

// approver is who sits here, by the name of the account.
func approver() string {
	u, err := user.Current()
	if err != nil || strings.TrimSpace(u.Username) == "" {
		return "?"
	}
	return u.Username
}
