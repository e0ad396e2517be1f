package demo

import (
	"context"
	"errors"
	"syscall"

	"uratori/internal/config"
	"uratori/internal/control"
	"uratori/internal/process"
)

// daemon kills the daemon and looks whether the job minds.
func (d *demo) daemon(ctx context.Context) error {
	before, err := d.status(ctx)
	if err != nil {
		return err
	}
	t, err := d.taskNow(ctx)
	if err != nil {
		return err
	}
	job, err := process.Of(t.PID)
	if err != nil {
		return err
	}
	d.tell("demo.daemon.kill", "pid", before.Daemon.PID)
	if err := d.killed(ctx, before.Daemon.ID); err != nil {
		return err
	}
	had, err := pictures(d.outputs())
	if err != nil {
		return err
	}
	d.tell("demo.daemon.alone")
	const more = 2 // the first of them may have been all but done
	if err := d.untilOutputs(ctx, len(had)+more, 1); err != nil {
		return err
	}
	alive, err := job.Alive()
	if err != nil {
		return err
	}
	absent := d.noDaemon(ctx)
	has, err := pictures(d.outputs())
	if err != nil {
		return err
	}
	after, err := d.status(ctx) // starts the next one
	if err != nil {
		return err
	}
	d.tell("demo.daemon.next", "pid", after.Daemon.PID)
	again, err := d.taskNow(ctx)
	if err != nil {
		return err
	}
	started, err := d.entry(ctx, "daemon", "daemon.started", map[string]any{"pid": after.Daemon.PID, "before": "crashed"})
	if err != nil {
		return err
	}
	d.prove("outlives", alive && absent && len(has) >= len(had)+more && after.Daemon.PID != before.Daemon.PID && again.PID == job.PID && again.Attempt == 1,
		d.Lang.Say("demo.claim.outlives"), d.Lang.Say("demo.seen.outlives", "count", len(has)-len(had), "pid", again.PID), started)
	return nil
}

// noDaemon tells whether nobody is there in the demo's home. Somebody who does not
// answer is.
func (d *demo) noDaemon(ctx context.Context) bool {
	c, err := control.Dial(ctx, config.Home(d.home), d.build)
	if err == nil {
		c.Close()
	}
	return errors.Is(err, control.ErrNotRunning)
}

// killed kills exactly this process, and returns when it is gone.
func (d *demo) killed(ctx context.Context, id process.ID) error {
	if err := id.Signal(syscall.SIGKILL); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return id.Exited(ctx)
}
