package mcp

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/internal/ledger"
)

type enqueueArgs struct {
	Command  []string          `json:"command" jsonschema:"program and arguments, no shell; {item} or {list} for inputs"`
	Ticket   string            `json:"ticket,omitempty"`
	Name     string            `json:"name,omitempty"`
	Cwd      string            `json:"cwd,omitempty" jsonschema:"default: the project"`
	Env      map[string]string `json:"env,omitempty"`
	Items    []string          `json:"items,omitempty" jsonschema:"input globs"`
	Outputs  []string          `json:"outputs,omitempty" jsonschema:"made of each, e.g. out/{stem}.png; checked"`
	GPU      int               `json:"gpu,omitempty"`
	Timeout  string            `json:"timeout,omitempty" jsonschema:"90m, 8h"`
	Retries  *int              `json:"retries,omitempty" jsonschema:"default 3"`
	Priority int               `json:"priority,omitempty"`
	After    []int64           `json:"after,omitempty" jsonschema:"tasks to succeed first"`
}

func (s *Server) enqueue() *tool {
	return &tool{
		name: "enqueue", about: "Queue a long command: it outlives this session and resumes after failures.",
		in:      input[enqueueArgs](atLeast("command", 1)),
		out:     output[control.Enqueued]("task", "state"),
		hints:   hints{destructive: true, openWorld: true},
		example: `enqueue(ticket="INTG-088", command=["python","extract.py","{item}"], items=["pages/*.png"], outputs=["out/{stem}.png"])`,
		do: func(ctx context.Context, c call) (answer, error) {
			var a enqueueArgs
			if err := c.read(&a); err != nil {
				return answer{}, err
			}
			c.seen.ticket = a.Ticket
			limit, err := span("timeout", a.Timeout, 0)
			if err != nil {
				return answer{}, err
			}
			r := control.Enqueue{
				Ticket: a.Ticket, Name: a.Name, Command: a.Command, Env: a.Env, Environ: s.o.Environ, Items: a.Items, Outputs: a.Outputs, GPU: a.GPU,
				TimeoutMS: limit.Milliseconds(), Retries: a.Retries, Priority: a.Priority, After: a.After, Key: s.key(ctx, c.name, c.meta),
			}
			if r.Cwd, err = s.folder(a.Cwd); err != nil {
				return answer{}, err
			}
			var e control.Enqueued
			err = s.link.ask(ctx, func(d Daemon) (err error) { e, err = d.Enqueue(ctx, r); return err })
			if err != nil {
				return answer{}, err
			}
			return answer{value: e, told: told{Next: s.o.Lang.Say("mcp.next.enqueued", "task", e.Task)}}, nil
		},
	}
}

// folder is where a command runs: the folder named, from the project's on, or
// the project itself.
func (s *Server) folder(named string) (string, error) {
	switch {
	case filepath.IsAbs(named):
		return named, nil
	case s.o.Folder == "":
		return "", fault.New(fault.Invalid, "mcp.arg.no_cwd")
	}
	return filepath.Join(s.o.Folder, named), nil
}

// span reads a length of time, usual where none is given.
func span(name, text string, usual time.Duration) (time.Duration, error) {
	if text == "" {
		return usual, nil
	}
	d, err := time.ParseDuration(text)
	if strings.Trim(text, "0123456789") == "" { // seconds, as a shell would take them
		d, err = time.ParseDuration(text + "s") // which refuses more than fits
	}
	if err != nil || d <= 0 {
		return 0, fault.New(fault.Invalid, "mcp.arg.span", "name", name, "value", bounded(text))
	}
	return d, nil
}

type killArgs struct {
	Task int64 `json:"task"`
}

func (s *Server) kill() *tool {
	return &tool{
		name: "kill", about: "End a task with everything it started, and look that nothing of it is left.",
		in: input[killArgs](), out: output[control.Killed]("task", "verdict", "survivors"),
		hints:   hints{destructive: true, idempotent: true},
		example: `kill(task=42)`,
		do: func(ctx context.Context, c call) (answer, error) {
			var a killArgs
			if err := c.read(&a); err != nil {
				return answer{}, err
			}
			c.seen.task = a.Task
			var k control.Killed
			err := s.withPulse(ctx, c, func(ctx context.Context) error {
				return s.link.patient(ctx, func(d Daemon) (err error) {
					k, err = d.Kill(ctx, control.Kill{Task: a.Task, By: Name + " mcp"})
					return err
				}, control.ErrNotRunning, control.ErrUnreachable)
			})
			if err != nil {
				return answer{}, err
			}
			k.Reason, k.Problem = s.why(k.Problem, k.Reason), nil
			t := told{}
			if k.Verdict != ledger.Verified {
				t.Next = s.o.Lang.Say("mcp.next.not_killed", "task", k.Task)
			}
			return answer{value: k, told: t}, nil
		},
	}
}

type statusArgs struct {
	Task   int64  `json:"task,omitempty"`
	Ticket string `json:"ticket,omitempty"`
	Cursor string `json:"cursor,omitempty" jsonschema:"next_cursor"`
}

// statusAnswer is how everything is.
type statusAnswer struct {
	Tasks     []control.Task    `json:"tasks"` // that run, that wait, that ended last
	Runs      []control.Attempt `json:"runs,omitempty"`
	Queue     *control.Queue    `json:"queue,omitempty"`
	Tracker   *trackerState     `json:"tracker,omitempty"`
	Incidents []incident        `json:"incidents,omitzero"` // open ones; of an overview there even when empty
	Changes   []control.Event   `json:"changes,omitzero"`   // what people did to the sheet lately; likewise
	Problems  []string          `json:"problems,omitempty"`
	Dashboard string            `json:"dashboard"`
}

type trackerState struct {
	Pending  int        `json:"pending_writes"`
	LastSync *time.Time `json:"last_sync,omitempty"`
	Reason   string     `json:"reason,omitempty"` // why the last look failed
}

type incident struct {
	Incident int64     `json:"incident"`
	Kind     string    `json:"kind"`
	Ticket   string    `json:"ticket,omitempty"`
	Task     int64     `json:"task,omitzero"`
	Priority string    `json:"priority"`
	What     string    `json:"what"`
	OpenedAt time.Time `json:"opened_at"`
}

// What of a status is told at once; the rest is a page further on.
const (
	mostWaiting   = 10
	mostEnded     = 5
	mostChanges   = 10
	mostIncidents = 10
	taskPage      = 20
)

func (s *Server) status() *tool {
	return &tool{
		name: "status", about: "What runs, waits and went wrong; of a task or ticket if named.",
		in: input[statusArgs](), out: output[statusAnswer]("tasks"),
		hints: hints{readOnly: true, idempotent: true}, hot: true,
		example: `status() or status(task=42)`,
		do: func(ctx context.Context, c call) (answer, error) {
			var a statusArgs
			if err := c.read(&a); err != nil {
				return answer{}, err
			}
			c.seen.ticket, c.seen.task = a.Ticket, a.Task
			switch {
			case a.Task != 0:
				return s.oneTask(ctx, a.Task)
			case a.Ticket != "" || a.Cursor != "":
				return s.taskPage(ctx, c.name, a)
			}
			return s.overview(ctx)
		},
	}
}

func (s *Server) overview(ctx context.Context) (answer, error) {
	var st control.Status
	if err := s.link.ask(ctx, func(d Daemon) (err error) { st, err = d.Status(ctx); return err }); err != nil {
		return answer{}, err
	}
	f := statusAnswer{
		Tasks: []control.Task{}, Queue: &st.Queue, Dashboard: st.Dashboard, Incidents: []incident{}, Changes: []control.Event{},
		Tracker: &trackerState{Pending: st.Tracker.Pending, LastSync: st.Tracker.LastSync, Reason: s.why(st.Tracker.Problem, "")},
	}
	waiting, ended, more := 0, 0, false
	for _, t := range st.Tasks {
		switch {
		case final(t.State):
			if ended++; ended > mostEnded {
				more = true
				continue
			}
		case t.State == "queued":
			if waiting++; waiting > mostWaiting {
				more = true
				continue
			}
		}
		f.Tasks = append(f.Tasks, s.line(t))
	}
	for _, i := range st.Incidents[:min(len(st.Incidents), mostIncidents)] {
		f.Incidents = append(f.Incidents, incident{i.Incident, i.Kind, i.Ticket, i.Task, i.Priority, i.What.Say(s.o.Lang), i.OpenedAt})
	}
	f.Changes = append(f.Changes, st.Changes[max(len(st.Changes)-mostChanges, 0):]...)
	for i := range f.Changes {
		f.Changes[i].Old, f.Changes[i].New = glimpse(f.Changes[i].Old), glimpse(f.Changes[i].New)
	}
	for _, p := range st.Problems {
		f.Problems = append(f.Problems, p.Say(s.o.Lang))
	}
	a := answer{value: f, told: told{Untrusted: len(f.Changes) > 0}}
	if len(st.Incidents) > mostIncidents {
		a.told.Truncated, a.told.Whole = []string{"incidents"}, st.Dashboard
	}
	if more {
		a.told.Cursor = makeCursor(" ", "status", "")
		a.told.Note = s.o.Lang.Say("mcp.note.more_tasks")
	}
	return a, nil
}

// final tells whether a task has ended for good.
func final(state string) bool { return state == "succeeded" || state == "failed" || state == "killed" }

// glimpse is the beginning of a text.
func glimpse(text *string) *string {
	const longest = 200
	if text == nil {
		return nil
	}
	if list := []rune(*text); len(list) > longest {
		short := string(list[:longest]) + "…"
		return &short
	}
	return text
}

// line is a task in a list.
func (s *Server) line(t control.Task) control.Task {
	t = s.told(t)
	t.Command, t.Cwd, t.Dashboard = nil, "", ""
	return t
}

// told is a task in the reader's words.
func (s *Server) told(t control.Task) control.Task {
	t.Reason, t.Problem = s.why(t.Problem, t.Reason), nil
	return t
}

func (s *Server) oneTask(ctx context.Context, task int64) (answer, error) {
	var t control.TaskDetail
	if err := s.link.ask(ctx, func(d Daemon) (err error) { t, err = d.Task(ctx, task); return err }); err != nil {
		return answer{}, err
	}
	const mostRuns = 10
	runs := t.Runs[max(len(t.Runs)-mostRuns, 0):]
	for i := range runs {
		runs[i].Reason, runs[i].Problem = s.why(runs[i].Problem, runs[i].Reason), nil
	}
	f := statusAnswer{Tasks: []control.Task{s.told(t.Task)}, Runs: runs, Dashboard: t.Dashboard}
	return answer{value: f, told: told{Next: s.taskNext(t.Task)}}, nil
}

func (s *Server) taskPage(ctx context.Context, tool string, a statusArgs) (answer, error) {
	place, err := openCursor(a.Cursor, tool, a.Ticket)
	if err != nil {
		return answer{}, err
	}
	q := control.TaskQuery{Ticket: a.Ticket, Limit: taskPage}
	if place != "" && place != " " {
		if q.Before, err = strconv.ParseInt(place, 10, 64); err != nil {
			return answer{}, fault.New(fault.Invalid, "mcp.arg.cursor", "cursor", bounded(a.Cursor))
		}
	}
	var p control.TaskPage
	if err := s.link.ask(ctx, func(d Daemon) (err error) { p, err = d.Tasks(ctx, q); return err }); err != nil {
		return answer{}, err
	}
	f := statusAnswer{Tasks: []control.Task{}, Queue: &p.Queue, Dashboard: p.Dashboard}
	for _, t := range p.Tasks {
		f.Tasks = append(f.Tasks, s.line(t))
	}
	told := told{}
	if p.Next > 0 {
		told.Cursor = makeCursor(strconv.FormatInt(p.Next, 10), tool, a.Ticket)
	}
	return answer{value: f, told: told}, nil
}

// taskNext is what to do about a task as it is.
func (s *Server) taskNext(t control.Task) string {
	switch t.State {
	case "succeeded":
		return ""
	case "failed":
		return s.o.Lang.Say("mcp.next.task_failed", "task", t.Task)
	case "killed":
		return s.o.Lang.Say("mcp.next.task_killed")
	}
	if t.Held {
		return s.o.Lang.Say("mcp.next.task_held")
	}
	return s.o.Lang.Say("mcp.next.task_waits", "call", fmt.Sprintf("wait(task=%d)", t.Task))
}
