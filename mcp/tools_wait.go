package mcp

import (
	"context"
	"fmt"
	"time"

	"uratori/internal/control"
	"uratori/internal/fault"
)

// The bounds of a wait. A client gives a call up by itself some day; a wait
// that ends before tells how things stand, and may be repeated.
const (
	usualWait = time.Minute
	mostWait  = 10 * time.Minute
	// waitStep is how long the daemon is asked to wait at a time, which is how
	// often progress is looked at.
	waitStep = time.Second
	// silence is how long nothing is said while nothing changes: clients take
	// a call that says nothing for minutes for dead.
	silence = 15 * time.Second
)

type waitArgs struct {
	Task    int64  `json:"task"`
	Timeout string `json:"timeout,omitempty" jsonschema:"60s; at most 10m"`
}

// waitAnswer is a task after a wait.
type waitAnswer struct {
	control.Task
	Ended bool `json:"ended"`
}

func (s *Server) wait() *tool {
	return &tool{
		name: "wait", about: "Wait for a task to end, with progress; tells how it stands when the time is up.",
		in: input[waitArgs](), out: output[waitAnswer]("task", "state", "ended"),
		hints:   hints{readOnly: true, idempotent: true},
		example: `wait(task=42, timeout="5m")`,
		do: func(ctx context.Context, c call) (answer, error) {
			var a waitArgs
			if err := c.read(&a); err != nil {
				return answer{}, err
			}
			c.seen.task = a.Task
			limit, err := span("timeout", a.Timeout, usualWait)
			if err != nil {
				return answer{}, err
			}
			if limit > mostWait {
				return answer{}, fault.New(fault.Invalid, "mcp.arg.long_wait", "value", bounded(a.Timeout), "most", mostWait)
			}
			t, err := s.waitFor(ctx, a.Task, limit)
			if err != nil {
				return answer{}, err
			}
			told := told{Next: s.taskNext(t)}
			if !final(t.State) && !t.Held {
				told.Next = s.o.Lang.Say("mcp.next.wait_again", "task", t.Task, "state", t.State)
			}
			return answer{value: waitAnswer{s.told(t), final(t.State)}, told: told}, nil
		},
	}
}

// waitFor asks again and again, and tells progress in between.
func (s *Server) waitFor(ctx context.Context, task int64, limit time.Duration) (t control.Task, err error) {
	began := s.o.Now()
	p := pulse{server: s, began: began}
	for {
		left := limit - s.o.Now().Sub(began)
		step := min(max(left, time.Millisecond), waitStep)
		err = s.link.patient(ctx, func(d Daemon) (err error) { t, err = d.WaitTask(ctx, task, step); return err },
			control.ErrNotRunning, control.ErrUnreachable)
		if err != nil || final(t.State) || t.Held || s.o.Now().Sub(began) >= limit {
			return t, err
		}
		p.beat(ctx, progressLine(t))
	}
}

func progressLine(t control.Task) string {
	line := t.State
	if p := t.Progress; p != nil {
		switch {
		case p.Total > 0:
			line += fmt.Sprintf(" %d/%d", p.Done, p.Total)
		case p.Done > 0:
			line += fmt.Sprintf(" %d", p.Done)
		}
		if p.Item != "" {
			line += " " + bounded(p.Item)
		}
		if p.EtaS != nil {
			line += " ETA " + (time.Duration(*p.EtaS) * time.Second).String()
		}
	}
	return line
}
