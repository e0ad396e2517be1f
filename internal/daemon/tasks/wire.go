package tasks

import (
	"context"
	"math"

	"uratori/internal/control"
	"uratori/internal/daemon"
	"uratori/internal/process"
	"uratori/runner"
)

// sight is a task as it crosses the socket.
func (d *desk) sight(ctx context.Context, t runner.Task) (control.Task, error) {
	s, err := d.runner.Look(ctx, t)
	if err != nil {
		return control.Task{}, err
	}
	a := control.Task{
		Task: t.ID, Ticket: t.Ticket, Name: t.Name, State: string(t.State), Held: t.Held, Attempt: t.Attempt, Attempts: t.Budget,
		ExitCode: t.ExitCode, Signal: t.Signal, Position: s.Position, WaitsFor: t.WaitsFor, Priority: t.Priority, GPU: t.Spec.GPU,
		Command: t.Spec.Command, Cwd: t.Spec.Cwd, CreatedAt: t.Created, NotBefore: daemon.Moment(t.NotBefore), Dashboard: d.link(t.Ticket),
		Problem: control.Encode(t.Reason), LastActivity: daemon.Moment(s.Activity), Progress: progressOf(s.Progress),
	}
	if t.Reason != nil {
		a.Reason = t.Reason.Error()
	}
	if t.State != runner.Queued {
		a.NotBefore, a.WaitsFor = nil, nil
	}
	if t.Attempt > 0 {
		a.StartedAt, a.EndedAt = daemon.Moment(s.Last.Started), daemon.Moment(s.Last.Ended)
	}
	if t.State.Active() {
		a.PID, a.GPUs = s.Last.PID(), s.Last.GPUs
	}
	if len(a.Command) > mostWords {
		a.Command = append(append([]string{}, a.Command[:mostWords]...), "…")
	}
	return a, nil
}

// mostWords of a command are told; a list of thousands would drown the rest.
const mostWords = 50

func progressOf(p runner.Progress) *control.TaskProgress {
	if p.Done == 0 && p.Total == 0 && p.Percent == nil && p.Item == "" && p.Phase == "" {
		return nil
	}
	a := &control.TaskProgress{Done: p.Done, Total: p.Total, Item: p.Item, Phase: p.Phase, Percent: p.Percent, Source: p.Source}
	if p.Left != nil {
		s := int64(math.Ceil(p.Left.Seconds()))
		a.EtaS = &s
	}
	return a
}

func queueOf(o runner.Overview) control.Queue {
	return control.Queue{Paused: o.Paused, Slots: o.Slots, Running: o.Running, Queued: o.Queued}
}

func attemptOf(a runner.Attempt) control.Attempt {
	w := control.Attempt{
		Attempt: a.Number, State: a.State, Problem: control.Encode(a.Reason), PID: a.PID(), GPUs: a.GPUs, Done: a.Done, Total: a.Total,
		StartedAt: a.Started, EndedAt: daemon.Moment(a.Ended), Folder: a.Folder,
	}
	if a.Reason != nil {
		w.Reason = a.Reason.Error()
	}
	if a.Exit != nil {
		w.ExitCode, w.Signal, w.MaxRSS, w.CPUMS = a.Exit.Code, a.Exit.Signal, a.Exit.Usage.MaxRSSBytes, a.Exit.Usage.UserMS+a.Exit.Usage.SystemMS
	}
	return w
}

func (d *desk) killed(s runner.Stopped, t runner.Task) control.Killed {
	k := control.Killed{
		Task: t.ID, State: string(t.State), Verdict: s.Verdict(), Ended: []control.EndedProcess{}, Survivors: []int{},
		GPUFreed: s.GPUFreed, TookMS: s.Took.Milliseconds(), Problem: control.Encode(s.Reason), Dashboard: d.link(t.Ticket),
	}
	if s.Reason != nil {
		k.Reason = s.Reason.Error()
	}
	for _, p := range s.Ended {
		k.Ended = append(k.Ended, endedProcess(p))
	}
	for _, p := range s.Survivors {
		k.Survivors = append(k.Survivors, p.PID)
	}
	return k
}

func endedProcess(p process.Ended) control.EndedProcess {
	return control.EndedProcess{PID: p.PID, Name: p.Name, Signal: p.Signal}
}
