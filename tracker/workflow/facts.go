package workflow

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"uratori/factcheck"
	"uratori/factcheck/gate"
	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/tracker/approval"
)

// KindStep is the type of [StepClaim].
const KindStep = "step"

// StepClaim claims that a step has passed, and that all that this was seen from
// is still so. It stands for the commands of the gate too, which a fact check
// does not run: it only looks.
type StepClaim struct {
	Ticket string
	Step   string
	Number int
}

// About names the claim.
func (c StepClaim) About() factcheck.About {
	return factcheck.About{Type: KindStep, Ticket: c.Ticket, Subject: fmt.Sprintf("%d %s", c.Number, c.Step)}
}

// Facts are what workflows claim of tickets, and the checker of [StepClaim]. Of
// a ticket in work it is claimed that each passed step holds, that what its gate
// asks is true now, and that no rule of the project is broken. Of a finished one
// the claims about what was made remain: the project goes on, and its commits
// and tests are then those of other tickets.
type Facts struct{ w *Workflows }

// NewFacts looks through w.
func NewFacts(w *Workflows) *Facts { return &Facts{w} }

// Tickets are those whose work was started.
func (f *Facts) Tickets(ctx context.Context) ([]string, error) { return f.w.started(ctx, "", true) }

// running are the types that do more than look, and what depends on them.
func running(kind string) bool { return kind == gate.KindCommand || kind == gate.KindReport }

// lasting are the types that are about what a ticket has made.
func lasting(kind string) bool {
	return slices.Contains([]string{gate.KindFile, gate.KindImages, gate.KindCount, gate.KindTask, gate.KindCell, gate.KindWrites}, kind)
}

// Claims are those about a ticket, step by step.
func (f *Facts) Claims(ctx context.Context, ticket string) ([]factcheck.Claim, error) {
	r, err := f.w.load(ctx, ticket)
	if errors.Is(err, errNotStarted) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	s, err := f.w.open(r)
	if err != nil {
		return nil, err
	}
	s.space = f.w.o.Tickets.Workspace(ctx, ticket)
	finished := !r.Finished.IsZero()
	var all []factcheck.Claim
	for _, step := range s.def.Steps {
		if p := r.Steps[step.ID]; p == nil || p.State != Passed {
			continue
		}
		if !finished {
			all = append(all, StepClaim{ticket, step.ID, step.Number})
		}
		g, err := s.gateOf(step)
		if err != nil {
			return nil, err
		}
		if g.Empty() {
			continue
		}
		claims, err := g.Claims(s.scope(step))
		if err != nil {
			return nil, err
		}
		for _, c := range claims {
			if kind := c.About().Type; !running(kind) && (!finished || lasting(kind)) {
				all = append(all, c)
			}
		}
	}
	if finished || len(s.settings.Rules) == 0 {
		return all, nil
	}
	g, err := ruleGate(s.settings)
	if err != nil {
		return nil, err
	}
	rules, err := g.Claims(s.scope(Step{}))
	return append(all, rules...), err
}

// Scope is what claims about a ticket are filled in with: without a project
// where no work was started.
func (w *Workflows) Scope(ctx context.Context, ticket string) (gate.Scope, error) {
	r, err := w.load(ctx, ticket)
	if errors.Is(err, errNotStarted) {
		return gate.Scope{Ticket: ticket, Workspace: w.o.Tickets.Workspace(ctx, ticket)}, nil
	}
	if err != nil {
		return gate.Scope{}, err
	}
	s, err := w.open(r)
	if err != nil {
		return gate.Scope{}, err
	}
	s.space = w.o.Tickets.Workspace(ctx, ticket)
	return s.scope(Step{}), nil
}

// Latest are tickets whose work was started, the one that was touched last
// first, so many at most.
func (w *Workflows) Latest(ctx context.Context, most int) ([]string, error) {
	tickets, err := w.started(ctx, "", true)
	return tickets[:min(len(tickets), most)], err
}

// Approved tells how a step of a ticket stands with people: for a digest, or for
// "" what has passed, else what would be approved now.
func (w *Workflows) Approved(ctx context.Context, ticket, step, digest string) (approval.Standing, error) {
	if digest != "" {
		return w.o.Approvals.Standing(ctx, approval.Subject{Ticket: ticket, Step: step, Digest: digest})
	}
	r, err := w.load(ctx, ticket)
	if err != nil {
		return approval.Standing{}, err
	}
	s, err := w.look(ctx, r)
	if err != nil {
		return approval.Standing{}, err
	}
	found, err := s.def.Find(step)
	switch {
	case err != nil:
		return approval.Standing{}, err
	case !found.Person():
		return approval.Standing{State: approval.None}, nil
	case s.holds(found):
		standing, err := w.o.Approvals.Standing(ctx, approval.Subject{Ticket: ticket, Step: found.ID, Digest: s.step(found.ID).Approved})
		if standing.Given() {
			standing.State = approval.Approved // in time, which is what counts
		}
		return standing, err
	case s.now.err != nil:
		return approval.Standing{}, s.problem
	}
	return w.o.Approvals.Standing(ctx, approval.Subject{Ticket: ticket, Step: found.ID, Digest: approval.Digest(s.parts(found))})
}

// Check looks whether steps hold.
func (f *Facts) Check(ctx context.Context, claims []factcheck.Claim) ([]factcheck.Finding, error) {
	found := make([]factcheck.Finding, len(claims))
	seen := map[string]*standing{}
	for i, claim := range claims {
		c, ok := claim.(StepClaim)
		if !ok {
			return nil, fmt.Errorf("claim %d of %d is a %T, not a StepClaim", i+1, len(claims), claim)
		}
		s := seen[c.Ticket]
		if s == nil {
			r, err := f.w.load(ctx, c.Ticket)
			if err == nil {
				s, err = f.w.look(ctx, r)
			}
			if err != nil {
				found[i] = factcheck.Finding{Verdict: ledger.Unverifiable, Reason: err}
				continue
			}
			seen[c.Ticket] = s
		}
		found[i] = s.judge(c)
		found[i].LookedAt = f.w.o.Now()
	}
	return found, nil
}

// judge tells whether a step holds.
func (s *standing) judge(c StepClaim) factcheck.Finding {
	step, err := s.def.Find(c.Step)
	if err != nil {
		return factcheck.Finding{Verdict: ledger.Refuted, Reason: err}
	}
	p := s.step(step.ID)
	f := factcheck.Finding{Verdict: ledger.Verified, Evidence: p.Evidence, Basis: p.Bases}
	switch stale := s.stale[step.ID]; {
	case p.State != Passed:
		f.Verdict, f.Reason = ledger.Refuted, fault.New(fault.Failed, "workflow.no_longer", "step", step.ID)
	case stale != nil && fault.KindOf(stale) == fault.Unavailable:
		f.Verdict, f.Reason = ledger.Unverifiable, stale
	case stale != nil:
		f.Verdict, f.Reason = ledger.Refuted, stale
	}
	return f
}
