package demo

import (
	"context"
	"errors"
	"sync"
	"time"

	"uratori/internal/control"
	"uratori/internal/process"
)

// job kills the job itself and looks what comes of its outputs.
func (d *demo) job(ctx context.Context) error {
	t, err := d.taskNow(ctx)
	if err != nil {
		return err
	}
	job, err := process.Of(t.PID)
	if err != nil {
		return err
	}
	d.tell("demo.job.kill", "pid", t.PID)
	if err := d.killed(ctx, job); err != nil {
		return err
	}
	made, err := pictures(d.outputs())
	if err != nil {
		return err
	}
	d.tell("demo.job.rest", "made", len(made), "left", pageCount-len(made))
	if err := d.untilSettled(ctx); err != nil {
		return err
	}
	waited, err := must[control.Task](ctx, d, "wait", map[string]any{"task": d.task, "timeout": "5m"})
	if err != nil {
		return err
	}
	d.became(d.task, waited.State)
	now, err := pictures(d.outputs())
	if err != nil {
		return err
	}
	again := made.again(now)
	first, err := d.entry(ctx, subjectOf(d.task), "task.ended", map[string]any{"attempt": 1, "signal": "SIGKILL"})
	if err != nil {
		return err
	}
	last, err := d.entry(ctx, subjectOf(d.task), "task.ended", map[string]any{"attempt": 2, "state": "succeeded"})
	if err != nil {
		return err
	}
	if t, err = d.taskNow(ctx); err != nil {
		return err
	}
	d.prove("resumed", t.State == "succeeded" && t.Attempt == 2 && again <= 1 && len(made) < pageCount,
		d.Lang.Say("demo.claim.resumed"), d.Lang.Say("demo.seen.resumed", "made", len(made), "again", again), first, last)

	d.tell("demo.job.compare")
	if err := wait(ctx, d.pages.whole); err != nil {
		return err
	}
	whole, same, err := compare(d.outputs(), d.undisturbed())
	if err != nil {
		return err
	}
	d.prove("whole", len(now) == pageCount && whole == pageCount && same == pageCount,
		d.Lang.Say("demo.claim.whole", "count", pageCount), d.Lang.Say("demo.seen.whole", "whole", whole, "same", same, "all", pageCount), last)
	return nil
}

// untilSettled is untilOutputs for all of them, or until the task has ended
// without.
func (d *demo) untilSettled(ctx context.Context) error {
	ctx, stop := context.WithCancelCause(ctx)
	settled := errors.New("the task has ended")
	var watch sync.WaitGroup
	defer watch.Wait()
	defer stop(settled)
	watch.Go(func() {
		for {
			t, err := d.taskNow(ctx)
			if err == nil && ended(t.State) {
				stop(settled)
			}
			select {
			case <-ctx.Done():
				return
			case <-time.After(time.Second):
			}
		}
	})
	err := d.untilOutputs(ctx, pageCount, 3)
	if errors.Is(context.Cause(ctx), settled) {
		return nil
	}
	return err
}
