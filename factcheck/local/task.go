package local

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"uratori/factcheck"
	"uratori/factcheck/gate"
	"uratori/internal/fault"
	"uratori/runner"
)

// task looks at a task of the ticket, and then at what it has made: that it
// once succeeded says nothing about what is there now.
func (s *session) task(ctx context.Context, c gate.Task) factcheck.Finding {
	at := s.o.Now()
	b, err := s.checkTask(ctx, c)
	if err != nil {
		return concluded(at, err)
	}
	return verified(at, b)
}

func (s *session) checkTask(ctx context.Context, c gate.Task) (b factcheck.Basis, err error) {
	if s.o.Tasks == nil {
		return b, fault.New(fault.Unavailable, "local.no_tasks")
	}
	t, err := s.findTask(ctx, c)
	if err != nil {
		return b, err
	}
	asked := t.Created
	if t.Since.After(asked) {
		asked = t.Since
	}
	switch {
	case t.State != runner.Succeeded:
		bad := fault.New(fault.Failed, "local.task_state", "task", t.ID, "name", t.Name, "state", t.State)
		if t.State.Final() {
			bad = bad.Wrap(fault.New(fault.Failed, "local.task_again", "task", t.ID))
		}
		return b, isWrong(bad)
	case t.ExitCode != nil && *t.ExitCode != 0:
		return b, isWrong(fault.New(fault.Failed, "local.task_status", "task", t.ID, "status", *t.ExitCode))
	case !c.After.IsZero() && before(asked, c.After):
		asked, since := stamps(asked, c.After)
		return b, isWrong(fault.New(fault.Failed, "local.task_before", "task", t.ID, "asked", asked, "since", since))
	case int64(t.Total) < c.MinItems:
		return b, isWrong(fault.New(fault.Failed, "local.task_items", "task", t.ID, "items", t.Total, "min", c.MinItems))
	case c.MinItems > 0 && len(t.Spec.Outputs) == 0:
		return b, fault.New(fault.Unavailable, "local.task_outputs_unknown", "task", t.ID)
	}
	found, err := s.o.Tasks.Afresh(ctx, t)
	if err != nil {
		return b, err
	}
	if len(t.Spec.Outputs) > 0 {
		for _, w := range found.Wrong {
			if w.Unknown() {
				return b, w.Fault()
			}
		}
		if left := len(found.Remaining); left > 0 {
			bad := fault.New(fault.Failed, "local.task_outputs", "task", t.ID, "left", left, "total", t.Total)
			if len(found.Wrong) > 0 {
				bad = bad.Wrap(found.Wrong[0].Fault())
			}
			return b, isWrong(bad)
		}
		if !c.After.IsZero() {
			if err := s.madeAfter(ctx, c, t, found); err != nil {
				return b, err
			}
		}
	}
	hash := sha256.New()
	for _, d := range found.Done {
		for _, o := range d.Outputs {
			fmt.Fprintf(hash, "%q %d %d\n", o.Path, o.Size, o.Modified.UnixNano())
		}
	}
	return factcheck.Basis{Kind: basisTask, Name: fmt.Sprintf("%d/%d", t.ID, t.Attempt), SHA256: hex.EncodeToString(hash.Sum(nil))}, nil
}

// findTask finds the newest task of the ticket with that name, or the one with
// that number. Of other tickets there is none.
func (s *session) findTask(ctx context.Context, c gate.Task) (runner.Task, error) {
	const page = 200
	before := int64(0)
	for {
		list, err := s.o.Tasks.List(ctx, runner.Query{Ticket: c.Scope.Ticket, Before: before, Limit: page})
		if err != nil {
			return runner.Task{}, err
		}
		for _, t := range list {
			if t.Ticket == c.Scope.Ticket && (c.ID == 0 && t.Name == c.Task || c.ID != 0 && t.ID == c.ID) {
				return t, nil
			}
			before = t.ID
		}
		if len(list) < page {
			return runner.Task{}, isWrong(fault.New(fault.Failed, "local.no_task", "ticket", c.Scope.Ticket, "name", c.Name))
		}
	}
}
