package tasks

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"time"

	"uratori/internal/fault"
	"uratori/monitor"
	"uratori/monitor/gpu"
	"uratori/runner"
)

// Running lists the attempts at work, for the monitor.
func (l *Hall) Running(ctx context.Context) ([]monitor.Job, error) {
	var list []monitor.Job
	for _, w := range l.desk.runner.AtWork(ctx) {
		list = append(list, monitor.Job{
			Task: w.Task.ID, Attempt: w.Attempt.Number, Attempts: w.Task.Budget, Ticket: w.Task.Ticket, Name: w.Task.Name, Cwd: w.Task.Spec.Cwd,
			Started: w.Attempt.Started, Held: w.Task.Held, Stalled: w.Task.State == runner.Stalled, Shim: w.Attempt.Run.Shim, Main: w.Attempt.Run.Child,
			Life: w.Life, Done: w.Progress.Done, Total: w.Progress.Total, Item: w.Progress.Item, StallKill: w.Task.Spec.StallKill,
			Timeout: w.Task.Spec.Timeout, GPUs: w.Attempt.GPUs, CPUAllowed: w.Task.Spec.OnGPUError == "cpu",
			Logs: []string{filepath.Join(w.Attempt.Folder, "stdout"), filepath.Join(w.Attempt.Folder, "stderr")},
		})
	}
	return list, nil
}

// Stall says that a task shows no sign of life, or shows one again.
func (l *Hall) Stall(ctx context.Context, task int64, on bool) error {
	return l.desk.runner.Stall(ctx, task, on)
}

// stopLimit bounds how long the monitor waits for a task that it stops; it is
// tried again by the runner for as long as it takes.
const stopLimit = 2 * time.Minute

// Stop ends the attempt that is at work.
func (l *Hall) Stop(ctx context.Context, task int64, why monitor.Cause) (monitor.Stopped, error) {
	ctx, cancel := context.WithTimeout(ctx, stopLimit)
	defer cancel()
	outcome := runner.Hung
	if why.GPU {
		outcome = runner.GPUFailed
	}
	s, err := l.desk.runner.Stop(ctx, task, outcome, why.Reason)
	return monitor.Stopped{Verdict: s.Verdict(), Again: s.State == runner.Queued}, err
}

// suspectBytes are read of the end of each output for signs of a failed GPU: a
// Python traceback is a few kilobytes.
const suspectBytes = 256 << 10

// suspect looks whether the last words of an attempt that failed are about its
// GPU.
func suspect(a runner.Attempt) error {
	for _, name := range []string{"stderr", "stdout"} {
		text, err := lastBytes(filepath.Join(a.Folder, name), suspectBytes)
		if err != nil {
			continue // what cannot be read says nothing
		}
		var m gpu.Matcher
		for _, f := range append(m.Feed(text), m.Flush()...) {
			if monitor.Fatal(f) {
				return fault.New(fault.Failed, "monitor.gpu_log", "line", f.Line)
			}
		}
	}
	return nil
}

func lastBytes(path string, n int64) (text []byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if _, err := f.Seek(max(info.Size()-n, 0), io.SeekStart); err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(f, n))
}
