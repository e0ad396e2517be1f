package mcp

import (
	"context"
	"fmt"
	"slices"
	"time"

	"uratori/internal/control"
	"uratori/internal/ledger"
	"uratori/internal/phrase"
)

type claimArgs struct {
	Ticket string           `json:"ticket"`
	Claims []map[string]any `json:"claims,omitempty" jsonschema:"to judge instead, as in a gate: {\"file\":{\"out/a.png\":{\"exists\":true}}}"`
}

// factAnswer is a report as it is told.
type factAnswer struct {
	Ticket    string              `json:"ticket"`
	Verdict   ledger.Verdict      `json:"verdict"`
	Counts    map[string]int      `json:"counts"`
	Row       int                 `json:"row,omitzero"`
	ReadAt    *time.Time          `json:"read_at,omitempty"`
	Checks    []control.FactCheck `json:"checks"` // what is not verified first
	Reason    string              `json:"reason,omitempty"`
	Dashboard string              `json:"dashboard"`
}

func (s *Server) factcheck() *tool {
	t := &tool{
		name: "factcheck", about: "Look afresh at all that is claimed of a ticket, or at your claims. Run it before you report.",
		in: input[claimArgs](), out: output[factAnswer]("verdict", "checks"),
		hints:   hints{openWorld: true},
		example: `factcheck(ticket="INTG-088") or factcheck(ticket="INTG-088", claims=[{"file":{"out/a.png":{"exists":true}}}])`,
		do: func(ctx context.Context, c call) (answer, error) {
			var a claimArgs
			if err := c.read(&a); err != nil {
				return answer{}, err
			}
			c.seen.ticket, c.seen.runs = a.Ticket, len(a.Claims) > 0
			var r control.FactReport
			err := s.withPulse(ctx, c, func(ctx context.Context) error {
				return s.link.patient(ctx, func(d Daemon) (err error) {
					if len(a.Claims) > 0 {
						r, err = d.CheckClaims(ctx, control.CheckClaims{Ticket: a.Ticket, Claims: anything(a.Claims), Root: s.o.Folder, By: Name})
						return err
					}
					reports, err := d.FactCheck(ctx, a.Ticket)
					if err == nil && len(reports) > 0 {
						r = reports[0]
					}
					return err
				}, control.ErrNotRunning, control.ErrUnreachable)
			})
			if err != nil {
				return answer{}, err
			}
			return s.facts(r), nil
		},
	}
	if s.o.ReadOnly {
		// A claim may be a command that the daemon is to run.
		without("claims")(t.in)
		t.hints.readOnly = true
		t.about = "Look afresh at all that is claimed of a ticket. Run it before you report."
		t.example = `factcheck(ticket="INTG-088")`
	}
	return t
}

func anything(list []map[string]any) []any {
	var all []any
	for _, v := range list {
		all = append(all, v)
	}
	return all
}

func (s *Server) facts(r control.FactReport) answer {
	f := factAnswer{
		Ticket: r.Ticket, Verdict: r.Verdict, Row: r.Row, ReadAt: r.ReadAt, Checks: s.checks(r.Checks), Reason: s.why(r.Problem, r.Reason),
		Dashboard: r.Dashboard, Counts: map[string]int{},
	}
	for _, v := range verdicts() {
		f.Counts[v.(string)] = 0
	}
	for _, c := range f.Checks {
		f.Counts[string(c.Verdict)]++
	}
	a := answer{told: told{Untrusted: len(f.Checks) > 0}, link: s.ticketLink(r.Ticket)}
	switch r.Verdict {
	case ledger.Refuted:
		a.told.Next = s.o.Lang.Say("mcp.next.facts_refuted")
	case ledger.Unverifiable:
		a.told.Next = s.o.Lang.Say("mcp.next.facts_unverifiable")
	case ledger.Verified:
	}
	a.value = f
	return a
}

// checks are findings in the reader's words, those that are not verified
// first, because an answer may be cut at its end.
func (s *Server) checks(all []control.FactCheck) []control.FactCheck {
	list := append([]control.FactCheck{}, all...)
	for i := range list {
		list[i].Reason, list[i].Problem = s.why(list[i].Problem, list[i].Reason), nil
	}
	slices.SortStableFunc(list, func(a, b control.FactCheck) int { return rank(a.Verdict) - rank(b.Verdict) })
	return list
}

func rank(v ledger.Verdict) int {
	return slices.Index([]ledger.Verdict{ledger.Refuted, ledger.Unverifiable, ledger.Verified}, v)
}

type workflowArgs struct {
	Ticket string `json:"ticket"`
	Action string `json:"action,omitempty" jsonschema:"default show"`
	Step   string `json:"step,omitempty" jsonschema:"default: the one in hand"`
	Reason string `json:"reason,omitempty" jsonschema:"of a block or request"`
	Root   string `json:"root,omitempty" jsonschema:"of a start: project folder"`
}

// workflowAnswer is a workflow as it is told.
type workflowAnswer struct {
	Ticket     string         `json:"ticket"`
	Verdict    ledger.Verdict `json:"verdict,omitempty"` // of a check
	Current    int            `json:"current"`
	Steps      []workflowStep `json:"steps"`
	Name       string         `json:"name,omitempty"`
	Root       string         `json:"root,omitempty"`
	Workspace  string         `json:"workspace,omitempty"`
	StartedAt  *time.Time     `json:"started_at,omitempty"`
	FinishedAt *time.Time     `json:"finished_at,omitempty"`
	Reason     string         `json:"reason,omitempty"` // why nothing can be passed at this moment
	Dashboard  string         `json:"dashboard"`
}

type workflowStep struct {
	Number   int                       `json:"number"`
	ID       string                    `json:"id"`
	Phase    int                       `json:"phase"`
	Name     string                    `json:"name"`
	State    string                    `json:"state"`
	Gate     []string                  `json:"gate,omitempty"`
	Missing  []string                  `json:"missing,omitempty"`
	Checks   []control.FactCheck       `json:"checks,omitempty"`
	Reason   string                    `json:"reason,omitempty"`
	Approval *control.ApprovalStanding `json:"approval,omitempty"`
}

func (s *Server) workflow() *tool {
	actions := []string{"show", "start", "check", "block", "request_approval"}
	t := &tool{
		name: "workflow", about: "Where a ticket stands in its 13 steps. check has the machine look whether the step in hand is done; nothing else passes it.",
		in: input[workflowArgs](among("action", actions...)), out: output[workflowAnswer]("current", "steps"),
		hints: hints{openWorld: true}, hot: true,
		example: `workflow(ticket="INTG-088", action="check")`,
		do: func(ctx context.Context, c call) (answer, error) {
			var a workflowArgs
			if err := c.read(&a); err != nil {
				return answer{}, err
			}
			c.seen.ticket, c.seen.action = a.Ticket, a.Action
			r := control.AskWorkflow{Ticket: a.Ticket, Action: a.Action, Step: a.Step, Reason: a.Reason, Root: a.Root, By: Name}
			if r.Action == "start" && r.Root == "" {
				r.Root = s.o.Folder
			}
			again := []error{control.ErrNotRunning}
			if !changes(c) || a.Action == "check" {
				again = append(again, control.ErrUnreachable)
			}
			var w control.Workflow
			err := s.withPulse(ctx, c, func(ctx context.Context) error {
				return s.link.patient(ctx, func(d Daemon) (err error) { w, err = d.Workflow(ctx, r); return err }, again...)
			})
			if err != nil {
				return answer{}, err
			}
			return s.standing(w), nil
		},
	}
	if s.o.ReadOnly {
		among("action", "show")(t.in)
		without("step", "reason", "root")(t.in)
		t.hints = hints{readOnly: true, idempotent: true, openWorld: true}
		t.about = "Where a ticket stands in its 13 steps, and what is missing."
		t.example = `workflow(ticket="INTG-088")`
	}
	return t
}

func (s *Server) standing(w control.Workflow) answer {
	f := workflowAnswer{
		Ticket: w.Ticket, Verdict: w.Verdict, Current: w.Current, Steps: []workflowStep{}, Name: w.Name, Root: w.Root, Workspace: w.Workspace,
		StartedAt: w.StartedAt, FinishedAt: w.FinishedAt, Reason: s.why(w.Problem, ""), Dashboard: w.Dashboard,
	}
	a := answer{link: s.ticketLink(w.Ticket)}
	for _, one := range w.Steps {
		name := one.Name
		if s.o.Lang == phrase.English && one.NameEN != "" {
			name = one.NameEN
		}
		told := workflowStep{
			Number: one.Number, ID: one.ID, Phase: one.Phase, Name: name, State: one.State, Gate: one.Gate, Missing: one.Missing,
			Reason: one.Reason, Approval: one.Approval,
		}
		if len(one.Checks) > 0 {
			told.Checks = s.checks(one.Checks)
			a.told.Untrusted = true
		}
		for i, wanting := range one.Wanting {
			if i < len(told.Missing) {
				told.Missing[i] = s.why(wanting, told.Missing[i])
			}
		}
		f.Steps = append(f.Steps, told)
	}
	a.value, a.told.Next = f, s.why(w.NextStep, w.Next)
	if a.told.Next == "" && w.Current == 0 && w.StartedAt == nil && !s.o.ReadOnly {
		a.told.Next = s.o.Lang.Say("mcp.next.start", "call", fmt.Sprintf("workflow(ticket=%q, action=\"start\")", w.Ticket))
	}
	return a
}
