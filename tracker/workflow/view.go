package workflow

import (
	"context"
	"errors"
	"strings"

	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/tracker/approval"
)

// Show is how the workflow of a ticket stands: nothing is checked for it, but
// whether what was found before is still as it was. A ticket whose work was not
// started has the steps that it would have.
func (w *Workflows) Show(ctx context.Context, ticket string) (View, error) {
	r, err := w.load(ctx, ticket)
	if errors.Is(err, errNotStarted) {
		return w.unstarted(ctx, ticket)
	}
	if err != nil {
		return View{}, err
	}
	s, err := w.look(ctx, r)
	if err != nil {
		return View{}, err
	}
	return w.view(ctx, s)
}

// List shows the workflows that were started and are not finished, of the
// project in root or of all for "", the one that was touched last first. One that
// cannot be shown, as when its record was tampered with, is there without steps,
// with why as its Problem and as unverifiable; the others are as they are.
func (w *Workflows) List(ctx context.Context, root string) ([]View, error) {
	if root != "" {
		if real, err := Folder(root); err == nil {
			root = real
		}
	}
	tickets, err := w.started(ctx, root, false)
	if err != nil {
		return nil, err
	}
	views := []View{}
	for _, ticket := range tickets {
		v, err := w.Show(ctx, ticket)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			v = View{Ticket: ticket, Verdict: ledger.Unverifiable, Problem: err}
		}
		if v.Finished.IsZero() {
			views = append(views, v)
		}
	}
	return views, nil
}

func (w *Workflows) unstarted(ctx context.Context, ticket string) (View, error) {
	if err := w.known(ctx, ticket); err != nil {
		return View{}, err
	}
	d, err := Default()
	if err != nil {
		return View{}, err
	}
	v := View{Ticket: ticket, Workspace: w.o.Tickets.Workspace(ctx, ticket), Next: fault.New(fault.Failed, "workflow.next.start", "ticket", ticket)}
	for _, step := range d.Steps {
		v.Steps = append(v.Steps, StepView{Step: step.filled(ticket), State: Open})
	}
	return v, nil
}

// filled is a step as it is told of a ticket.
func (s Step) filled(ticket string) Step {
	s.Help, s.HelpEN = strings.ReplaceAll(s.Help, "{id}", ticket), strings.ReplaceAll(s.HelpEN, "{id}", ticket)
	return s
}

// after shows what a check has led to.
func (w *Workflows) after(ctx context.Context, ticket string, verdict ledger.Verdict) (View, error) {
	v, err := w.Show(ctx, ticket)
	v.Verdict = verdict
	return v, err
}

func (w *Workflows) view(ctx context.Context, s *standing) (View, error) {
	v := View{
		Ticket: s.Ticket, Name: s.def.Name, Digest: s.digest(), Root: s.Root, Workspace: s.space,
		Started: s.Started, Finished: s.Finished, Problem: s.problem,
	}
	current := s.current()
	for _, step := range s.def.Steps {
		p := s.step(step.ID)
		one := StepView{Step: step.filled(s.Ticket), State: s.stateOf(step), Reason: p.Reason, Passed: p.Passed, Evidence: p.Evidence}
		if one.State != Passed && one.State != Stale {
			one.Evidence = nil
		}
		if step.Person() {
			if err := w.person(ctx, s, step, &one, current); err != nil {
				return View{}, err
			}
		}
		if current != nil && step.ID == current.ID {
			v.Current = step.Number
			if err := w.inHand(s, step, &one); err != nil {
				return View{}, err
			}
		}
		v.Steps = append(v.Steps, one)
	}
	v.Next = s.next(current, v)
	return v, nil
}

// stateOf is how a step stands, but for the answer of a person.
func (s *standing) stateOf(step Step) State {
	p := s.Steps[step.ID]
	switch {
	case p == nil:
		return Open
	case p.State == Passed && s.stale[step.ID] != nil:
		return Stale
	}
	return p.State
}

// person adds how a step stands with people.
func (w *Workflows) person(ctx context.Context, s *standing, step Step, one *StepView, current *Step) error {
	digest := s.step(step.ID).Approved
	if one.State != Passed {
		if current == nil || current.ID != step.ID || s.now.err != nil {
			return nil // nobody can be asked yet
		}
		digest = approval.Digest(s.parts(step))
	}
	standing, err := w.o.Approvals.Standing(ctx, approval.Subject{Ticket: s.Ticket, Step: step.ID, Digest: digest})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		one.Wanting = append(one.Wanting, err)
		return nil
	}
	one.Approval = &standing
	if standing.State == approval.Requested && one.State != Blocked {
		one.State = Waiting
	}
	return nil
}

// inHand adds what keeps the current step from passing.
func (w *Workflows) inHand(s *standing, step Step, one *StepView) error {
	p := s.step(step.ID)
	g, err := s.gateOf(step)
	if err != nil {
		return err
	}
	if !g.Empty() {
		for _, sentence := range g.Tell() {
			one.Gate = append(one.Gate, sentence)
		}
	}
	if step.Rules {
		for _, r := range s.settings.Rules {
			one.Gate = append(one.Gate, fault.New(fault.Failed, "workflow.tells.rule", "rule", r.Name))
		}
	}
	if step.Recheck {
		one.Gate = append(one.Gate, fault.New(fault.Failed, "workflow.tells.recheck"))
	}
	if step.Person() {
		one.Gate = append(one.Gate, fault.New(fault.Failed, "workflow.tells.person"))
	}
	one.Found, one.Checked = p.Found, p.Checked
	switch {
	case one.State == Blocked:
		one.Wanting = append(one.Wanting, fault.New(fault.Conflict, "workflow.blocked", "ticket", s.Ticket, "step", step.ID, "reason", shown(p.Reason)))
	case s.stale[step.ID] != nil:
		one.Wanting = append(one.Wanting, s.stale[step.ID])
	}
	for _, f := range p.Found {
		if f.Verdict == ledger.Verified || s.stale[step.ID] != nil || step.Person() && f.Claim == KindStep {
			continue
		}
		if f.Claim == KindStep {
			one.Wanting = append(one.Wanting, f.Why.Decode())
			continue
		}
		one.Wanting = append(one.Wanting, fault.New(fault.Failed, "workflow.wants", "claim", f.Claim, "subject", shown(f.Subject)).Wrap(f.Why.Decode()))
	}
	if step.Person() && one.Approval != nil {
		if why := s.personWants(step, one.Approval); why != nil {
			one.Wanting = append(one.Wanting, why)
		}
	}
	if p.Checked.IsZero() && len(one.Wanting) == 0 {
		one.Wanting = append(one.Wanting, fault.New(fault.Failed, "workflow.unchecked", "step", step.ID))
	}
	return nil
}

// personWants is what keeps a step from passing as far as people go, nil when
// nothing does.
func (s *standing) personWants(step Step, standing *approval.Standing) error {
	switch standing.State {
	case approval.Approved:
		return nil
	case approval.Requested:
		return fault.New(fault.Failed, "workflow.person.waits", "step", step.ID)
	case approval.Rejected:
		return fault.New(fault.Failed, "workflow.person.rejected", "step", step.ID, "reason", shown(standing.Reason))
	case approval.Expired:
		return fault.New(fault.Failed, "workflow.person.expired", "step", step.ID)
	case approval.Void:
		return fault.New(fault.Failed, "workflow.person.void", "step", step.ID)
	default:
		return fault.New(fault.Failed, "workflow.person.unasked", "step", step.ID)
	}
}

// next tells what to do now.
func (s *standing) next(current *Step, v View) error {
	if current == nil {
		return fault.New(fault.Failed, "workflow.next.finished", "ticket", s.Ticket)
	}
	one := v.Steps[current.Number-1]
	pairs := []any{"ticket", s.Ticket, "number", current.Number, "step", current.ID}
	switch {
	case one.State == Blocked:
		return fault.New(fault.Failed, "workflow.next.blocked", pairs...)
	case one.State == Waiting:
		return fault.New(fault.Failed, "workflow.next.wait", pairs...)
	case current.Person() && (one.Approval == nil || one.Approval.State != approval.Approved):
		return fault.New(fault.Failed, "workflow.next.ask", pairs...)
	case one.State == Stale:
		return fault.New(fault.Failed, "workflow.next.stale", pairs...)
	}
	return fault.New(fault.Failed, "workflow.next.check", pairs...)
}
