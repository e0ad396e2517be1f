package hook

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"uratori/internal/config"
	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/internal/phrase"
	"uratori/tracker/project"
)

// small is a daemon in small: it answers with what the test has put there.
type small struct {
	status  control.Status
	tasks   []control.Task
	history []control.Event
	flows   map[string]control.Workflow // by ticket
	failing error
	slow    bool // it answers only when it is too late
	asked   int
	closed  bool
}

func (d *small) look(ctx context.Context) error {
	d.asked++
	if d.slow {
		<-ctx.Done()
		return fault.New(fault.Unavailable, "control.gave_up").Wrap(ctx.Err())
	}
	return d.failing
}

func (d *small) Status(ctx context.Context) (control.Status, error) { return d.status, d.look(ctx) }

func (d *small) Tasks(ctx context.Context, q control.TaskQuery) (control.TaskPage, error) {
	var p control.TaskPage
	for _, t := range d.tasks {
		if t.Ticket == q.Ticket {
			p.Tasks = append(p.Tasks, t)
		}
	}
	return p, d.look(ctx)
}

func (d *small) TicketHistory(ctx context.Context, _ string) ([]control.Event, error) {
	return d.history, d.look(ctx)
}

func (d *small) Workflow(ctx context.Context, r control.AskWorkflow) (control.Workflow, error) {
	if err := d.look(ctx); err != nil {
		return control.Workflow{}, err
	}
	w, ok := d.flows[r.Ticket]
	if !ok {
		return w, fault.New(fault.NotFound, "workflow.no_ticket", "ticket", r.Ticket)
	}
	return w, nil
}

func (d *small) Workflows(ctx context.Context, root string) (list []control.Workflow, err error) {
	for _, w := range d.flows {
		if w.Root == root && (w.StartedAt != nil && w.FinishedAt == nil || w.Unread() != nil) {
			list = append(list, w)
		}
	}
	return list, d.look(ctx)
}

func (d *small) Close() { d.closed = true }

// desk is where hooks are called in a test.
type desk struct {
	t       *testing.T
	daemon  *small // nil: there is none
	home    string
	project string
	env     map[string]string
	now     time.Time
	limit   time.Duration
	errs    string // what the last call wrote to stderr
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	base, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{t: t, daemon: &small{}, home: filepath.Join(base, "home"), project: filepath.Join(base, "project"), env: map[string]string{}, now: time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)}
	for _, dir := range []string{filepath.Join(d.home, "run"), d.project} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	started := d.now.Add(-time.Hour)
	d.daemon.flows = map[string]control.Workflow{"INTG-088": {
		Ticket: "INTG-088", Root: d.project, StartedAt: &started, Current: 2, Dashboard: "http://127.0.0.1:8088/tracker/INTG-088", Next: "write it",
		Steps: []control.WorkflowStep{
			{Number: 1, ID: "read", Name: "トラッカー確認", NameEN: "Read the tracker", State: "passed"},
			{Number: 2, ID: "sow", Name: "SOW作成", NameEN: "Write the statement of work", State: "open", Missing: []string{"SOW_INTG-088.md is too short"}},
			{Number: 3, ID: "plan-approval", Name: "承認", NameEN: "Approval", State: "open"},
		},
	}}
	return d
}

// step changes the step in hand.
func (d *desk) step(change func(*control.Workflow, *control.WorkflowStep)) {
	w := d.daemon.flows["INTG-088"]
	change(&w, &w.Steps[1])
	d.daemon.flows["INTG-088"] = w
}

func (d *desk) write(file, text string) string {
	d.t.Helper()
	path := filepath.Join(d.project, file)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		d.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		d.t.Fatal(err)
	}
	return path
}

// raw calls a hook with whatever input, and returns whatever it says.
func (d *desk) raw(event, input string) string {
	d.t.Helper()
	var environ []string
	for k, v := range d.env {
		environ = append(environ, k+"="+v)
	}
	environ = append(environ, "URATORI_HOME="+d.home, "HOME=/nowhere")
	o := Options{
		Connect: func(context.Context) (Daemon, error) {
			if d.daemon == nil {
				return nil, fault.New(fault.Unavailable, "control.not_running", "home", d.home)
			}
			return d.daemon, nil
		},
		Home: config.Home(d.home), Environ: environ, Getenv: func(name string) string { return d.env[name] }, Folder: d.project,
		Lang: phrase.English, Now: func() time.Time { return d.now }, Limit: d.limit,
	}
	var out, errs bytes.Buffer
	Run(d.t.Context(), o, event, strings.NewReader(input), &out, &errs)
	d.errs = errs.String()
	return out.String()
}

// call calls a hook with an input that is as it should be.
func (d *desk) call(event string, members map[string]any) answer {
	d.t.Helper()
	input := map[string]any{"session_id": "s1", "cwd": d.project, "hook_event_name": events()[event]}
	for k, v := range members {
		input[k] = v
	}
	text, err := json.Marshal(input)
	if err != nil {
		d.t.Fatal(err)
	}
	out := d.raw(event, string(text))
	if d.errs != "" {
		d.t.Errorf("stderr: %s", d.errs)
	}
	return d.parse(out)
}

func (d *desk) parse(out string) (a answer) {
	d.t.Helper()
	if out == "" {
		return a
	}
	if err := json.Unmarshal([]byte(out), &a, json.RejectUnknownMembers(true)); err != nil || strings.Count(out, "\n") != 1 {
		d.t.Fatalf("%q: %v", out, err)
	}
	return a
}

func (a answer) context() string {
	if a.Specific == nil {
		return ""
	}
	return a.Specific.Context
}

// denied is the reason of a refusal, empty for none.
func (a answer) denied() string {
	if a.Specific == nil || a.Specific.Permission != "deny" {
		return ""
	}
	return a.Specific.PermissionReason
}

func (d *desk) bash(command string) answer {
	d.t.Helper()
	return d.call(PreToolUse, map[string]any{"tool_name": "Bash", "tool_input": map[string]any{"command": command}})
}

func (d *desk) edits(tool, file string) answer {
	d.t.Helper()
	return d.call(PreToolUse, map[string]any{"tool_name": tool, "tool_input": map[string]any{"file_path": file, "content": "x"}})
}

func (d *desk) settings(text string) { d.write(project.File, text) }

func has(t *testing.T, text string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("%q is not in: %s", w, text)
		}
	}
}

func written(column string, v ledger.Verdict) control.Event {
	return control.Event{Kind: "written", Ticket: "INTG-088", Column: column, Verdict: v}
}

func task(id int64, name, state string, at time.Time) control.Task {
	t := control.Task{Task: id, Ticket: "INTG-088", Name: name, State: state, Attempt: 1, CreatedAt: at, Reason: fmt.Sprintf("reason %d", id)}
	if ended(state) {
		t.EndedAt = &at
	}
	return t
}
