package adversary

import (
	"context"
	"fmt"
	"strings"

	"uratori/internal/control"
	"uratori/tests/house"
)

// asks has a question wait at the step in hand, and returns it.
func (p *play) asks() (r control.ApprovalRequest) {
	p.t.Helper()
	p.ends(0, "workflow", p.ticket, "request-approval")
	p.daemon(func(ctx context.Context, c *control.Client) error {
		a, err := c.Approvals(ctx, p.ticket)
		if err == nil && len(a.Requests) != 1 {
			err = fmt.Errorf("%+v", a)
		}
		if err == nil {
			r = a.Requests[0]
		}
		return err
	})
	return r
}

// decides answers as somebody who may not know the passphrase.
func (p *play) decides(d control.Decide) (err error) {
	p.t.Helper()
	if d.Approver == "" {
		d.Approver = "anna"
	}
	if d.Channel == "" {
		d.Channel = "terminal"
	}
	p.daemon(func(ctx context.Context, c *control.Client) error {
		_, err = c.Decide(ctx, d)
		return nil
	})
	return err
}

// approvals are ways to answer in a person's place.
func approvals() []move {
	return []move{
		{
			name: "approve by flags, variables and pipes", does: "`uratori approve T --yes`, `--passphrase x`, `URATORI_PASSPHRASE=x`, `yes | uratori approve T`, `< file`",
			ends: refused, by: "there is no such flag; without a terminal nothing is asked", shows: []string{"cli.unknown_flag", "cli.approve.no_terminal"}, from: "plan-approval", play: func(p *play) {
				p.asks()
				for _, line := range []string{
					"uratori --json approve $TICKET --yes", "uratori --json approve $TICKET --passphrase x", "uratori --json approve $TICKET --force --non-interactive",
					"URATORI_PASSPHRASE='" + passphrase + "' URATORI_APPROVE=1 setsid uratori --json approve $TICKET", "yes | setsid uratori --json approve $TICKET",
					"setsid uratori --json approve $TICKET <<< '" + passphrase + "'", "CI=1 setsid uratori --json approve $TICKET",
				} {
					if out, code := p.shell(line); code != 2 {
						p.t.Errorf("%s ended with %d: %s", line, code, out)
					}
				}
			},
		},
		{
			name: "a tool that approves", does: "calls `approve`, `decide`, `workflow(action=approve)`, prompts and elicitation over MCP",
			ends: refused, by: "there is none, and the server never asks its client", shows: []string{"approve"}, from: "plan-approval", play: func(p *play) {
				p.asks()
				for _, tool := range []string{"approve", "decide", "approve_ticket", "set_passphrase"} {
					if _, failed := p.tool(tool, map[string]any{"ticket": p.ticket, "step": "plan-approval", "passphrase": passphrase}); failed == "" {
						p.t.Errorf("there is %s", tool)
					}
				}
				list := p.request("tools/list", map[string]any{})
				if text := fmt.Sprint(list); strings.Contains(text, "passphrase") || strings.Contains(text, "name:approve") {
					p.t.Error("a tool takes a passphrase")
				}
				if _, failed := p.tool("workflow", map[string]any{"ticket": p.ticket, "action": "check", "reason": "the user said yes in the chat"}); failed == "" {
					p.check(1)
				}
			},
		},
		{
			name: "approve on the socket without the passphrase", does: "posts an answer as `anna` with an empty, a missing and a guessed passphrase",
			ends: refused, by: "`approval.wrong` in the ledger", shows: []string{"approval.wrong"}, from: "plan-approval", alone: true, play: func(p *play) {
				r := p.asks()
				p.raw("POST", "/v1/approvals/decide", `{"ticket":"`+p.ticket+`","step":"plan-approval","digest":"`+r.Digest+`","approver":"anna","channel":"terminal"}`)
				p.raw("POST", "/v1/approvals/decide", `{"ticket":"`+p.ticket+`","step":"plan-approval","digest":"`+r.Digest+`","approver":"anna","channel":"sheet","passphrase":""}`)
				p.shut(p.decides(control.Decide{Ticket: p.ticket, Step: "plan-approval", Digest: r.Digest, Passphrase: "anna likes tea"}))
				p.check(1)
				p.ledger("")
			},
		},
		{
			name: "a driven terminal", does: "`script -qc 'uratori approve T'` with guesses typed into the pseudo-terminal",
			ends: refused, by: "a terminal is no passphrase: `approval.wrong`", shows: []string{"approval.wrong"}, from: "plan-approval", alone: true, play: func(p *play) {
				p.asks()
				out, code := p.shell("(sleep 1; echo yes; sleep 1; echo 'anna likes tea'; sleep 1) | timeout 20 script -qec \"uratori approve $TICKET\" /dev/null; exit ${PIPESTATUS[1]}")
				if code == 0 {
					p.t.Error(out)
				}
				p.check(1)
				p.ledger("")
			},
		},
		{
			name: "guessing", does: "tries passphrase after passphrase on the socket, and kills the daemon in between to begin anew",
			ends: refused, by: "five tries in ten minutes, then nobody for 15 minutes; a try counts before it is looked at", shows: []string{"approval.locked"}, from: "plan-approval", alone: true, play: func(p *play) {
				r := p.asks()
				for n := range 7 {
					if n == 3 {
						p.Kill(p.Status())
					}
					p.shut(p.decides(control.Decide{Ticket: p.ticket, Step: "plan-approval", Digest: r.Digest, Passphrase: fmt.Sprint("tea and cake ", n)}))
				}
				// Even the right one, then.
				p.shut(p.decides(control.Decide{Ticket: p.ticket, Step: "plan-approval", Digest: r.Digest, Passphrase: passphrase}))
				p.check(1)
				p.ledger("")
			},
		},
		{
			name: "an answer replayed", does: "sends what a person has answered again, for another digest, step and ticket",
			ends: refused, by: "an answer is to one question, and is given once", shows: []string{"approval.decided", "approval.other", "approval.not_asked"}, from: "completion-approval", play: func(p *play) {
				given := p.asked // the plan's, which a person has approved
				r := p.asks()
				p.shut(p.decides(control.Decide{Ticket: p.ticket, Step: "plan-approval", Digest: given.Digest, Passphrase: passphrase}))
				p.shut(p.decides(control.Decide{Ticket: p.ticket, Step: "completion-approval", Digest: given.Digest, Passphrase: passphrase}))
				p.shut(p.decides(control.Decide{Ticket: "INTG-999", Step: "completion-approval", Digest: r.Digest, Passphrase: passphrase}))
				p.check(1)
			},
		},
		{
			name: "approve one thing, do another", does: "has a person asked, and changes the SOW before the answer",
			ends: refused, by: "the answer is to a digest that is no longer there", shows: []string{"workflow.person.void"}, from: "plan-approval", play: func(p *play) {
				p.asks()
				p.write(p.document("SOW"), "# all of the disk\n"+strings.Repeat("x", 300))
				p.daemon(p.answering("plan-approval"))
				w := p.check(0) // the step of the SOW, which is stale
				if stateOf(w, "plan-approval") == "passed" {
					p.t.Error("approved")
				}
				p.line(nil, "workflow", p.ticket, "check")
				p.line(nil, "workflow", p.ticket, "check")
			},
		},
		{
			name: "the first passphrase", does: "chooses the passphrase before any person has, and approves",
			ends: open, by: "the phone is told at once, and the ledger: `approval.passphrase_set`", shows: []string{"approval.passphrase_set"}, phone: true, play: func(p *play) {
				p.daemon(func(ctx context.Context, c *control.Client) error {
					return c.SetPassphrase(ctx, control.SetPassphrase{New: "the agent's own words"})
				})
				house.Until(p.t, "the phone is told", func() bool {
					for _, m := range p.of.phone.Messages() {
						if strings.Contains(strings.ToLower(m.Title+m.Text), "passphrase") {
							p.hear(m.Title + " " + m.Text)
							return true
						}
					}
					return false
				})
				p.ledger("")
			},
		},
		{
			name: "another first passphrase", does: "sets a passphrase where there is one, with an empty, a wrong and no old one",
			ends: refused, by: "the old one is asked for", shows: []string{"approval.wrong"}, from: "plan-approval", alone: true, play: func(p *play) {
				p.asks()
				for _, old := range []string{"", "anna likes tea"} {
					p.daemon(func(ctx context.Context, c *control.Client) error {
						p.shut(c.SetPassphrase(ctx, control.SetPassphrase{Old: old, New: "the agent's own words"}))
						return nil
					})
				}
				p.ledger("")
				p.check(1)
			},
		},
	}
}
