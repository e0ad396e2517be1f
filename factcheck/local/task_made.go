package local

import (
	"context"

	"uratori/factcheck/gate"
	"uratori/internal/fault"
	"uratori/runner"
	"uratori/runner/items"
)

// madeAfter looks whether it was the task, or another of its name for the same
// ticket, that has made the outputs of since a moment, and whether they are
// still what it made. Outputs of before are none of them: they do not count, and
// are let be.
func (s *session) madeAfter(ctx context.Context, c gate.Task, t runner.Task, found items.Result) error {
	list, err := s.o.Tasks.Made(ctx, t)
	if err != nil {
		return err
	}
	made := int64(0)
	pictures := map[string]runner.Output{} // by what they hold
	for _, d := range found.Done {
		counts := false
		for _, o := range d.Outputs {
			line, ok := list[o.Path]
			if !ok {
				return isWrong(fault.New(fault.Failed, "local.task_unlisted", "task", t.ID, "path", shown(o.Path)))
			}
			now, err := items.DigestOf(ctx, o.Path)
			if err != nil {
				return err
			}
			late := !before(line.Written, c.After)
			switch {
			case now.SHA256 != line.SHA256:
				return isWrong(fault.New(fault.Failed, "local.task_replaced", "task", t.ID, "path", shown(o.Path)))
			case late && line.By == 0:
				return isWrong(fault.New(fault.Failed, "local.task_by_hand", "path", shown(o.Path), "written", stamp(line.Written), "name", shown(t.Name)))
			}
			counts = counts || late
			if o.Format == items.Other || o.Blank {
				continue // many of these may well be the same
			}
			if err := copied(ctx, pictures, line); err != nil {
				return err
			}
		}
		if counts {
			made++
		}
	}
	// A task whose outputs were all there has done nothing.
	if made < c.MinItems {
		return isWrong(fault.New(fault.Failed, "local.task_items", "task", t.ID, "items", made, "min", c.MinItems))
	}
	return nil
}

// copied finds a picture that stands for another one too: different inputs do
// not have the same.
func copied(ctx context.Context, seen map[string]runner.Output, o runner.Output) error {
	other, ok := seen[o.SHA256]
	if !ok {
		seen[o.SHA256] = o
		return nil
	}
	if other.Input == o.Input {
		return nil
	}
	a, err := items.DigestOf(ctx, other.Input)
	if err != nil {
		return err
	}
	b, err := items.DigestOf(ctx, o.Input)
	if err != nil {
		return err
	}
	if a.SHA256 != b.SHA256 {
		return isWrong(fault.New(fault.Failed, "local.task_copies", "path", shown(o.Path), "other", shown(other.Path)))
	}
	return nil
}
