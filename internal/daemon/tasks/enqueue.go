package tasks

import (
	"context"
	"errors"
	"net/http"
	"time"

	"uratori/internal/control"
	"uratori/internal/daemon"
	"uratori/internal/fault"
	"uratori/runner"
)

func (d *desk) enqueue(r *http.Request) (any, error) {
	var a control.Enqueue
	if err := daemon.Decode(r, &a); err != nil {
		return nil, err
	}
	order := runner.Order{
		Ticket: a.Ticket, Name: a.Name, Environ: a.Environ, Retries: a.Retries, Priority: a.Priority, After: a.After, Hold: a.Hold, Key: a.Key,
		Spec: runner.Spec{
			Command: a.Command, Cwd: a.Cwd, Env: a.Env, Items: a.Items, Outputs: a.Outputs, Each: a.Each, GPU: a.GPU, OnGPUError: a.OnGPUError,
			Timeout: duration(a.TimeoutMS), StallKill: duration(a.StallMS), Progress: a.Progress,
		},
	}
	if a.NotBefore != nil {
		order.NotBefore = *a.NotBefore
	}
	t, err := d.runner.Enqueue(r.Context(), order)
	if err != nil {
		d.refused(r.Context(), order, err)
		return nil, err
	}
	return d.enqueued(r.Context(), t)
}

// refusal is what the ledger says of a task that was not queued. Whoever asked
// has the answer; but it may have asked in the night, and nobody reads it.
type refusal struct {
	Ticket string `json:"ticket,omitempty"`
	Name   string `json:"name"`
	Why    words  `json:"why"`
	Reason string `json:"reason"`
}

type words struct {
	Key    string            `json:"key"`
	Values map[string]string `json:"values,omitempty"`
}

func (d *desk) refused(ctx context.Context, o runner.Order, reason error) {
	f, ok := errors.AsType[*fault.Error](reason)
	if !ok || ctx.Err() != nil {
		return // no answer but a failure of ours, or nobody waits for it any more
	}
	subject := "queue"
	if o.Ticket != "" {
		subject = bounded(o.Ticket)
	}
	if _, err := d.house.Ledger.Record(ctx, "task.refused", subject, refusal{
		Ticket: bounded(o.Ticket), Name: bounded(o.Name), Why: words{f.Key, f.Values}, Reason: reason.Error(),
	}); err != nil {
		d.house.Log.Error("it could not be recorded that a task was refused", "reason", reason, "error", err)
	}
}

// bounded is as much of a stranger's text as is kept.
func bounded(text string) string {
	const longest = 200
	list := []rune(text)
	return string(list[:min(len(list), longest)])
}

// duration keeps what does not fit from turning into something else.
func duration(ms int64) time.Duration {
	const most = int64(1<<63-1) / int64(time.Millisecond)
	return time.Duration(min(max(ms, -1), most)) * time.Millisecond
}

func (d *desk) enqueued(ctx context.Context, t runner.Task) (any, error) {
	s, err := d.runner.Look(ctx, t)
	return control.Enqueued{Task: t.ID, Ticket: t.Ticket, State: string(t.State), Position: s.Position, Dashboard: d.link(t.Ticket)}, err
}
