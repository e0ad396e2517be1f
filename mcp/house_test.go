package mcp

import (
	"context"
	"fmt"
	"iter"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/internal/phrase"
)

// built is the binary of this tree, for the tests that run it.
var built program

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		if built.dir != "" {
			_ = os.RemoveAll(built.dir) // the system's to clean up then
		}
		os.Exit(code)
	}))
}

// small is a daemon in small: tickets in memory, tasks that end when a test
// says so, a ledger that grows. What it does not do is told as a daemon tells
// what it does not know.
type small struct {
	mu      sync.Mutex
	tickets map[string]map[string]string
	seen    map[string]string // reader, ticket and field → text
	keys    map[string]control.Write
	tasks   map[int64]control.Task
	orders  []control.Enqueue
	entries []ledger.Entry
	logs    map[int64][]control.LogChunk
	calls   []string
	fails   map[string]error // what a question is answered with
	gone    bool             // nobody listens on its socket

	wished    []control.AskWorkflow
	incidents []control.Incident

	changed chan struct{}
	hold    chan struct{} // while not nil, FactCheck waits for it
}

func newSmall() *small {
	return &small{
		tickets: map[string]map[string]string{"INTG-088": {"summary": "抽出", "detail": "一\n二", "status": "起票"}},
		seen:    map[string]string{}, keys: map[string]control.Write{}, tasks: map[int64]control.Task{}, logs: map[int64][]control.LogChunk{},
		fails: map[string]error{}, changed: make(chan struct{}),
	}
}

const home = "http://127.0.0.1:8088"

// asked notes a question and tells how it fails, if it does.
func (d *small) asked(question string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.calls = append(d.calls, question)
	if d.gone {
		return fault.New(fault.Unavailable, "control.not_running", "home", "/home")
	}
	return d.fails[question]
}

func (d *small) count(question string) (n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, c := range d.calls {
		if c == question {
			n++
		}
	}
	return n
}

// note records something of a subject. The caller holds mu.
func (d *small) note(subject string) {
	d.entries = append(d.entries, ledger.Entry{Seq: int64(len(d.entries) + 1), Subject: subject})
	close(d.changed)
	d.changed = make(chan struct{})
}

func (d *small) CreateTicket(_ context.Context, r control.CreateTicket) (control.Write, error) {
	if err := d.asked("create"); err != nil {
		return control.Write{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if w, again := d.keys[r.Key]; again {
		return w, nil
	}
	if r.Ticket == "" {
		r.Ticket = fmt.Sprintf("INTG-%03d", 88+len(d.tickets))
	}
	d.tickets[r.Ticket] = r.Fields
	d.note(r.Ticket)
	w := control.Write{Ticket: r.Ticket, Verdict: ledger.Verified, Row: 2, Fields: writtenFields(r.Fields), Dashboard: home + "/tracker/" + r.Ticket}
	d.keys[r.Key] = w
	return w, nil
}

func (d *small) UpdateTicket(_ context.Context, r control.UpdateTicket) (control.Write, error) {
	if err := d.asked("update"); err != nil {
		return control.Write{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	fields, ok := d.tickets[r.Ticket]
	if !ok {
		return control.Write{}, fault.New(fault.NotFound, "sheets.not_found", "key", r.Ticket)
	}
	w := control.Write{Ticket: r.Ticket, Verdict: ledger.Verified, Row: 2, Dashboard: home + "/tracker/" + r.Ticket, Fields: writtenFields(r.Fields)}
	for i, f := range w.Fields {
		known, read := d.seen[r.Reader+r.Ticket+f.Field]
		if now := fields[f.Field]; read && known != now && r.Expected[f.Field] != now {
			w.Verdict, w.Conflict = ledger.Refuted, true
			w.Fields[i].Verdict, w.Fields[i].Conflict, w.Fields[i].Actual = ledger.Refuted, true, &now
		}
	}
	if w.Conflict {
		return w, nil
	}
	for name, text := range r.Fields {
		fields[name] = text
		d.seen[r.Reader+r.Ticket+name] = text
	}
	d.note(r.Ticket)
	return w, nil
}

func writtenFields(fields map[string]string) (list []control.WriteField) {
	for name, text := range fields {
		list = append(list, control.WriteField{Field: name, Column: name, Verdict: ledger.Verified, SHA256: digest(text)})
	}
	slices.SortFunc(list, func(a, b control.WriteField) int { return strings.Compare(a.Field, b.Field) })
	return list
}

// edit is what a person does.
func (d *small) edit(ticket, field, text string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.tickets[ticket][field] = text
	d.note(ticket)
}

func (d *small) VerifyTicket(_ context.Context, ticket string) (control.Write, error) {
	return control.Write{Ticket: ticket, Verdict: ledger.Verified, Fields: []control.WriteField{}, Dashboard: home}, d.asked("verify")
}

func (d *small) Ticket(_ context.Context, ticket, reader string) (control.Ticket, error) {
	if err := d.asked("ticket as " + reader); err != nil {
		return control.Ticket{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	fields, ok := d.tickets[ticket]
	if !ok {
		return control.Ticket{}, fault.New(fault.NotFound, "sheets.not_found", "key", ticket)
	}
	t := control.Ticket{Ticket: ticket, Row: 2, Fields: []control.TicketField{}, Dashboard: home + "/tracker/" + ticket}
	for _, f := range writtenFields(fields) {
		t.Fields = append(t.Fields, control.TicketField{Field: f.Field, Column: f.Field, Text: fields[f.Field]})
		d.seen[reader+ticket+f.Field] = fields[f.Field]
	}
	return t, nil
}

func (d *small) Tickets(_ context.Context, q control.TicketQuery) (control.TicketPage, error) {
	if err := d.asked("tickets"); err != nil {
		return control.TicketPage{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	p := control.TicketPage{Tickets: []control.TicketLine{}, Dashboard: home + "/tracker"}
	var ids []string
	for id, fields := range d.tickets {
		if strings.Contains(id+fields["summary"], q.Text) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	p.Total = len(ids)
	limit := q.Limit
	if limit == 0 {
		limit = 50
	}
	for _, id := range ids {
		if id <= q.After {
			continue
		}
		if len(p.Tickets) == limit {
			p.Next = p.Tickets[limit-1].Ticket
			break
		}
		p.Tickets = append(p.Tickets, control.TicketLine{Ticket: id, Summary: d.tickets[id]["summary"], Status: d.tickets[id]["status"]})
	}
	return p, nil
}

func (d *small) FactCheck(ctx context.Context, ticket string) ([]control.FactReport, error) {
	err := d.asked("factcheck")
	if d.hold != nil {
		select {
		case <-d.hold:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return []control.FactReport{{Ticket: ticket, Verdict: ledger.Verified, Checks: []control.FactCheck{}, Dashboard: home}}, err
}

func (d *small) CheckClaims(_ context.Context, r control.CheckClaims) (control.FactReport, error) {
	return control.FactReport{Ticket: r.Ticket, Verdict: ledger.Unverifiable, Checks: []control.FactCheck{}, Dashboard: home}, d.asked("claims")
}

func (d *small) Enqueue(_ context.Context, r control.Enqueue) (control.Enqueued, error) {
	if err := d.asked("enqueue"); err != nil {
		return control.Enqueued{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.orders = append(d.orders, r)
	id := int64(len(d.tasks) + 1)
	d.tasks[id] = control.Task{Task: id, Ticket: r.Ticket, Name: r.Name, State: "running", Attempt: 1, Dashboard: home}
	return control.Enqueued{Task: id, Ticket: r.Ticket, State: "queued", Position: 1, Dashboard: home}, nil
}

func (d *small) Kill(_ context.Context, r control.Kill) (control.Killed, error) {
	return control.Killed{Task: r.Task, State: "killed", Verdict: ledger.Unverifiable, Ended: []control.EndedProcess{}, Survivors: []int{7}, Dashboard: home}, d.asked("kill")
}

func (d *small) Status(context.Context) (control.Status, error) {
	err := d.asked("status")
	d.mu.Lock()
	defer d.mu.Unlock()
	s := control.Status{Ledger: control.Ledger{Entries: int64(len(d.entries))}, Incidents: d.incidents, Dashboard: home}
	for _, t := range d.tasks {
		s.Tasks = append(s.Tasks, t)
	}
	return s, err
}

func (d *small) Tasks(_ context.Context, q control.TaskQuery) (control.TaskPage, error) {
	err := d.asked("tasks")
	d.mu.Lock()
	defer d.mu.Unlock()
	p := control.TaskPage{Dashboard: home}
	for id := int64(len(d.tasks)); id > 0 && len(p.Tasks) < q.Limit; id-- {
		if q.Before == 0 || id < q.Before {
			p.Tasks = append(p.Tasks, d.tasks[id])
		}
	}
	if n := len(p.Tasks); n > 0 && n == q.Limit {
		p.Next = p.Tasks[n-1].Task
	}
	return p, err
}

func (d *small) Task(_ context.Context, task int64) (control.TaskDetail, error) {
	if err := d.asked("task"); err != nil {
		return control.TaskDetail{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	t, ok := d.tasks[task]
	if !ok {
		return control.TaskDetail{}, fault.New(fault.NotFound, "task.unknown", "task", task)
	}
	return control.TaskDetail{Task: t, Runs: []control.Attempt{{Attempt: 1, State: t.State, Folder: "/tasks/1/1"}}}, nil
}

// end is what a job does some day.
func (d *small) end(task int64, state string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	t := d.tasks[task]
	t.State = state
	d.tasks[task] = t
	d.note(fmt.Sprintf("task/%d", task))
}

// WaitTask waits no longer than a moment, so that tests see many steps.
func (d *small) WaitTask(ctx context.Context, task int64, limit time.Duration) (control.Task, error) {
	d.mu.Lock()
	changed := d.changed
	d.mu.Unlock()
	t, err := d.Task(ctx, task)
	if err != nil || final(t.State) {
		return t.Task, err
	}
	select {
	case <-changed:
	case <-time.After(min(limit, time.Millisecond)):
	case <-ctx.Done():
		return control.Task{}, ctx.Err()
	}
	t, err = d.Task(ctx, task)
	return t.Task, err
}

func (d *small) Logs(_ context.Context, q control.TaskLogs, yield func(control.LogChunk) error) error {
	if err := d.asked("logs"); err != nil {
		return err
	}
	d.mu.Lock()
	chunks := d.logs[q.Task]
	d.mu.Unlock()
	for _, c := range chunks {
		if err := yield(c); err != nil {
			return err
		}
	}
	return nil
}

func (d *small) Workflow(_ context.Context, r control.AskWorkflow) (control.Workflow, error) {
	d.mu.Lock()
	d.wished = append(d.wished, r)
	d.mu.Unlock()
	if err := d.asked("workflow"); err != nil {
		return control.Workflow{}, err
	}
	return control.Workflow{}, fault.New(fault.NotFound, "daemon.no_such_request", "request", "POST /v1/workflow")
}

func (d *small) Entries(ctx context.Context, s control.Slice) iter.Seq2[ledger.Entry, error] {
	return func(yield func(ledger.Entry, error) bool) {
		for after := int64(0); ; {
			d.mu.Lock()
			entries, changed := slices.Clone(d.entries), d.changed
			d.mu.Unlock()
			for _, e := range entries {
				if e.Seq > after && e.Subject == s.Subject && !yield(e, nil) {
					return
				}
				after = max(after, e.Seq)
			}
			select {
			case <-changed:
			case <-ctx.Done():
				return
			}
		}
	}
}

func (d *small) Close() {}

// serve makes a server over a daemon in small.
func serve(t testing.TB, d *small, adjust ...func(*Options)) *Server {
	t.Helper()
	o := Options{
		Connect: func(context.Context) (Daemon, error) { return d, nil },
		Version: "1.2.3", Lang: phrase.English, Folder: "/project", Session: "session-1",
	}
	for _, a := range adjust {
		a(&o)
	}
	s := New(o)
	s.offer()
	t.Cleanup(s.Close)
	return s
}

// until looks again and again, at most ten seconds.
func until(t testing.TB, what string, there func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !there(); {
		if time.Now().After(deadline) {
			t.Fatalf("not seen in time: %s", what)
		}
		select {
		case <-t.Context().Done():
			t.Fatalf("given up: %s", what)
		case <-time.After(time.Millisecond):
		}
	}
}

func taskAtWork(id int64) control.Task {
	return control.Task{Task: id, Name: "extract", State: "running", Attempt: 1, Dashboard: home, Progress: &control.TaskProgress{Done: 3, Total: 30, Item: "p003.png"}}
}
