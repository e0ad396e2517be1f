// Package tasks brings the runner into the daemon: the pool of shims, the loop
// that keeps tasks running, and tasks on the socket.
package tasks

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sync/semaphore"

	"uratori/internal/config"
	"uratori/internal/control"
	"uratori/internal/daemon"
	"uratori/internal/process"
	"uratori/runner"
	"uratori/runner/shim"
)

const (
	// spare is how long a shim is kept for the next task.
	spare = time.Minute
	// settle is how old an output must be to be taken for finished while its
	// job runs. A file that is written to has a younger time.
	settle = time.Second
	// searches is how many logs are searched at once.
	searches = 2
)

// Hall is the runner of one daemon. It can be asked once its part is open.
type Hall struct{ desk *desk }

// Part is the runner as a part of the daemon. tickets and gpus are asked once
// the parts are open.
func (l *Hall) Part(tickets runner.Tickets, gpus runner.GPUs, program string) daemon.Part {
	return daemon.Part{Schema: runner.Schema(), Open: func(ctx context.Context, h daemon.House) (tenant daemon.Tenant, err error) {
		l.desk, tenant, err = open(ctx, h, tickets, gpus, program)
		return tenant, err
	}}
}

// Runner is what keeps the tasks.
func (l *Hall) Runner() *runner.Runner { return l.desk.runner }

// desk answers requests about tasks.
type desk struct {
	house     daemon.House
	runner    *runner.Runner
	searching *semaphore.Weighted
}

func open(ctx context.Context, h daemon.House, tickets runner.Tickets, gpus runner.GPUs, program string) (*desk, daemon.Tenant, error) {
	self, err := process.Self()
	if err != nil {
		return nil, daemon.Tenant{}, err
	}
	folder := filepath.Join(string(h.Config.Home), "tasks")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, daemon.Tenant{}, h.Config.Home.Explain(err)
	}
	keeper := layKeeper(ctx, h, program)
	pool := shim.NewPool(shim.Options{
		Program: keeper.program, Files: keeper.files, Env: slices.DeleteFunc(os.Environ(), control.OfJob), Idle: spare, Log: h.Log,
		Args: append(keeper.args, "--home", string(h.Config.Home), "--look", h.Config.Monitor.DaemonCheck.String()),
	})
	c := h.Config
	d := &desk{house: h, searching: semaphore.NewWeighted(searches), runner: runner.New(runner.Options{
		DB: h.DB, Ledger: h.Ledger, Folder: folder, Home: string(c.Home), Program: program, Pool: pool,
		Tickets: tickets, GPUs: gpus, Suspect: suspect, Self: self, Now: h.Now, Log: h.Log,
		Limits: runner.Limits{
			Slots: c.Runner.Slots, PerGPU: c.Runner.GPUSlots, Retries: c.Runner.Retries, Backoff: c.Runner.Backoff,
			Grace: c.Runner.Grace, LogBytes: logBytes(c.Runner.LogSize), Look: c.Monitor.Interval, Settle: settle,
		},
	})}
	return d, daemon.Tenant{
		Loops: []daemon.Loop{{Name: "runner", Run: func(ctx context.Context) error {
			err := d.runner.Run(ctx)
			if ctx.Err() == nil {
				return err // it is run again, with the same pool
			}
			return errors.Join(err, pool.Close(context.WithoutCancel(ctx)))
		}}},
		Routes: []daemon.Route{
			{Pattern: "POST " + control.TasksPath, Handle: d.enqueue},
			{Pattern: "GET " + control.TasksPath, Handle: d.list},
			{Pattern: "GET " + control.TasksPath + "/show", Handle: d.show},
			{Pattern: "GET " + control.TasksPath + "/wait", Handle: d.wait},
			{Pattern: "GET " + control.TasksPath + "/logs", Stream: d.logs, Live: true},
			{Pattern: "GET " + control.TasksPath + "/logs/window", Handle: d.window},
			{Pattern: "GET " + control.TasksPath + "/logs/search", Handle: d.search},
			{Pattern: "GET " + control.TasksPath + "/outputs", Handle: d.outputs},
			{Pattern: "GET " + control.TasksPath + "/outputs/file", Stream: d.outputFile},
			{Pattern: "GET " + control.TasksPath + "/statistics", Handle: d.statistics},
			{Pattern: "POST " + control.TasksPath + "/kill", Handle: d.kill},
			{Pattern: "POST " + control.TasksPath + "/execute", Handle: d.execute},
			{Pattern: "POST " + control.TasksPath + "/retry", Handle: d.retry},
			{Pattern: "POST " + control.TasksPath + "/hold", Handle: d.hold},
			{Pattern: "POST " + control.TasksPath + "/edit", Handle: d.edit},
			{Pattern: "POST " + control.TasksPath + "/beat", Handle: d.beat},
			{Pattern: "POST " + control.TasksPath + "/cleanup", Handle: d.cleanup},
		},
		Status: d.status,
		Check:  daemon.Inspection{Name: "keeper", Look: keeper.check},
	}, nil
}

// logBytes is a size of the settings, which is far below what fits.
func logBytes(n config.Size) int64 {
	return int64(min(uint64(n), math.MaxInt64)) //nolint:gosec // bounded just before
}

// link is where people see a ticket, or all of them.
func (d *desk) link(ticket string) string { return daemon.Link(d.house.Dashboard(), ticket) }
