package workflow

import (
	"context"
	"fmt"
	"slices"

	"uratori/factcheck"
	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/tracker/approval"
)

// Check looks whether a step is done, and lets it pass when everything that it
// has to show was verified. An empty step is the current one; an earlier one is
// looked at again. The verdict of the view is that of the check.
func (w *Workflows) Check(ctx context.Context, ticket, step, by string) (View, error) {
	free, err := w.occupy(ticket)
	if err != nil {
		return View{}, err
	}
	defer free()
	s, target, err := w.aim(ctx, ticket, step)
	if err != nil {
		return View{}, err
	}
	if s.step(target.ID).State == Blocked {
		return View{}, fault.New(fault.Conflict, "workflow.blocked", "ticket", ticket, "step", target.ID, "reason", shown(s.step(target.ID).Reason))
	}
	t := &trial{w: w, s: s, step: target, by: by}
	if err := t.run(ctx); err != nil {
		return View{}, err
	}
	return w.after(ctx, ticket, t.verdict)
}

// occupy keeps a ticket from being checked twice at a time: commands of gates
// may not bear it.
func (w *Workflows) occupy(ticket string) (func(), error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.busy[ticket] {
		return nil, fault.New(fault.Conflict, "workflow.busy", "ticket", shown(ticket))
	}
	w.busy[ticket] = true
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.busy, ticket)
	}, nil
}

// aim looks how a workflow stands, and which of its steps is meant.
func (w *Workflows) aim(ctx context.Context, ticket, step string) (*standing, Step, error) {
	r, err := w.load(ctx, ticket)
	if err != nil {
		return nil, Step{}, err
	}
	s, err := w.look(ctx, r)
	if err != nil {
		return nil, Step{}, err
	}
	target, err := s.target(step)
	return s, target, err
}

// target is the step that is meant: the current one, or one before it.
func (s *standing) target(name string) (Step, error) {
	current := s.current()
	switch {
	case !s.Finished.IsZero() || current == nil:
		return Step{}, fault.New(fault.Conflict, "workflow.finished", "ticket", s.Ticket)
	case name == "":
		return *current, nil
	}
	step, err := s.def.Find(name)
	if err != nil {
		return Step{}, err
	}
	if step.Number > current.Number {
		return Step{}, fault.New(fault.Failed, "workflow.not_yet", "number", step.Number, "step", step.ID,
			"current", current.Number, "current_step", current.ID, "state", s.stateOf(*current))
	}
	return step, nil
}

// trial is one check of one step.
type trial struct {
	w    *Workflows
	s    *standing
	step Step
	by   string

	verdict  ledger.Verdict
	findings []factcheck.Finding
	reports  []int64
	why      error // beside the findings
	again    map[string]renewed
	frozen   map[string]string
	asked    *approval.Standing
	parts    []approval.Part
	approved string // the digest that the answer must be to
}

// renewed is what a look at an earlier step found.
type renewed struct {
	verdict ledger.Verdict
	report  factcheck.Report
}

// worse takes the worse of the verdict so far and another: what is refuted stays
// so.
func (t *trial) worse(v ledger.Verdict, why error) {
	if t.verdict == ledger.Verified || t.verdict == ledger.Unverifiable && v == ledger.Refuted {
		t.verdict = v
	}
	if t.why == nil {
		t.why = why
	}
}

// run looks, judges and stores.
func (t *trial) run(ctx context.Context) error {
	began := t.w.o.Now()
	t.verdict, t.again, t.frozen = ledger.Verified, map[string]renewed{}, map[string]string{}
	if t.step.Recheck {
		if err := t.everything(ctx); err != nil {
			return err
		}
	}
	if t.step.base != nil {
		if err := t.freeze(ctx); err != nil {
			return err
		}
		report, err := t.judge(ctx, t.step)
		if err != nil {
			return err
		}
		t.findings = append(t.findings, report.Findings...)
	}
	if t.step.Person() {
		if err := t.person(ctx); err != nil {
			return err
		}
	}
	if !t.step.Person() && len(t.findings) == 0 {
		// Nothing was looked at, so nothing was seen.
		t.worse(ledger.Unverifiable, fault.New(fault.Unavailable, "workflow.nothing_to_see", "step", t.step.ID))
	}
	if t.verdict == ledger.Verified {
		if err := t.still(ctx); err != nil {
			return err
		}
	}
	return t.store(ctx, began)
}

// judge has the claims of a step looked at now.
func (t *trial) judge(ctx context.Context, step Step) (factcheck.Report, error) {
	claims, err := t.s.claims(step)
	if err != nil {
		return factcheck.Report{}, err
	}
	report, err := t.w.o.Judge.Judge(ctx, t.s.Ticket, claims)
	if err != nil {
		return report, fmt.Errorf("check step %s of %s: %w", step.ID, t.s.Ticket, err)
	}
	t.reports = append(t.reports, report.Entry)
	if len(report.Findings) != len(claims) || len(claims) == 0 {
		t.worse(ledger.Unverifiable, fault.New(fault.Unavailable, "workflow.nothing_to_see", "step", step.ID))
	}
	for _, f := range report.Findings {
		t.worse(f.Verdict, nil)
	}
	t.worse(report.Verdict, report.Reason)
	return report, nil
}

// everything looks at every earlier step once more.
func (t *trial) everything(ctx context.Context) error {
	for _, step := range t.s.def.Steps[:t.step.Number-1] {
		if step.base == nil {
			continue // a person's answer is looked at each time that we look
		}
		report, err := t.judge(ctx, step)
		if err != nil {
			return err
		}
		t.again[step.ID] = renewed{report.Verdict, report}
		t.findings = append(t.findings, report.Findings...)
	}
	return nil
}

// freeze notes the files that a step freezes, before they are looked at: what
// changes in between is found when we look once more.
func (t *trial) freeze(ctx context.Context) error {
	if len(t.step.Freeze) == 0 {
		return nil
	}
	patterns, err := t.s.frozenPatterns(t.step)
	if err == nil {
		t.frozen, err = t.w.o.World.Freeze(ctx, t.s.scope(t.step), patterns)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		t.worse(ledger.Unverifiable, fault.New(fault.Unavailable, "workflow.not_frozen", "step", t.step.ID).Wrap(err))
		return nil
	}
	if len(t.frozen) == 0 {
		t.worse(ledger.Refuted, fault.New(fault.Failed, "workflow.nothing_to_freeze", "step", t.step.ID))
	}
	return nil
}

// person looks whether somebody has approved what is there now.
func (t *trial) person(ctx context.Context) error {
	if t.s.now.err != nil {
		t.worse(ledger.Unverifiable, t.s.problem)
		return nil
	}
	t.parts = t.s.parts(t.step)
	t.approved = approval.Digest(t.parts)
	if t.s.holds(t.step) { // what was approved may have become what is pinned since
		t.approved = t.s.step(t.step.ID).Approved
	}
	standing, err := t.w.o.Approvals.Standing(ctx, approval.Subject{Ticket: t.s.Ticket, Step: t.step.ID, Digest: t.approved})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		t.worse(ledger.Unverifiable, err)
		return nil
	}
	t.asked = &standing
	if standing.State != approval.Approved && (!t.s.holds(t.step) || !standing.Given()) {
		t.worse(ledger.Refuted, t.s.personWants(t.step, &standing))
	}
	return nil
}

// still looks once more that nothing has changed while the look was taken: each
// earlier step holds, what was pinned is as it was, and what was found is there.
func (t *trial) still(ctx context.Context) error {
	r, err := t.w.load(ctx, t.s.Ticket)
	if err != nil {
		return err
	}
	moved := fault.New(fault.Unavailable, "workflow.moving", "step", t.step.ID)
	if r.turn != t.s.turn {
		t.worse(ledger.Unverifiable, moved)
		return nil
	}
	now, err := t.w.look(ctx, r)
	if err != nil {
		return err
	}
	for _, step := range now.def.Steps[:t.step.Number-1] {
		if !now.holds(step) {
			t.worse(ledger.Unverifiable, moved.Wrap(now.stale[step.ID]))
		}
	}
	if t.step.Person() && !slices.Equal(t.parts, now.parts(t.step)) {
		t.worse(ledger.Unverifiable, moved)
	}
	bases := append(basesOf(t.findings), frozenBases(t.frozen)...)
	if len(bases) == 0 {
		return nil
	}
	changed, err := t.w.o.World.Changed(ctx, t.s.scope(t.step), bases)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		t.worse(ledger.Unverifiable, moved.Wrap(err))
	}
	for _, b := range changed {
		t.worse(ledger.Unverifiable, moved.Wrap(fault.New(fault.Failed, "workflow.stale_basis", "kind", b.Kind, "name", shown(b.Name))))
	}
	return nil
}

func basesOf(findings []factcheck.Finding) (bases []factcheck.Basis) {
	seen := map[factcheck.Basis]bool{}
	for _, f := range findings {
		for _, b := range f.Basis {
			if !seen[b] {
				seen[b] = true
				bases = append(bases, b)
			}
		}
	}
	return bases
}
