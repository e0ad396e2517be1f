package dashboard

import (
	"context"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"uratori/internal/config"
	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/internal/ledger"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	hostile = `<script>alert(1)</script>"'><img src=x onerror=y>`
	secret  = "planted-Passphrase-4711"
)

// small is a daemon in small: it answers with what the test has put there.
type small struct {
	mu       sync.Mutex
	status   control.Status
	tasks    []control.Task
	runs     map[int64][]control.Attempt
	tickets  map[string]control.Ticket
	events   []control.Event
	facts    map[string]control.FactReport
	flow     control.Workflow
	flowErr  error
	asks     control.Approvals
	watch    control.Watch
	messages []control.Message
	failing  error

	checked  int           // fact checks
	hold     chan struct{} // where it is not nil, a fact check takes until it is closed
	decided  []control.Decide
	killed   []control.Kill
	retried  []control.Retry
	survivor control.Killed
	works
	entries chan ledger.Entry
	written []ledger.Entry
	chain   ledger.Report

	sheet  control.SheetPage
	asked  []control.SheetQuery
	edits  []control.SheetEdit
	edited control.SheetOutcome
}

func newSmall() *small {
	return &small{
		tickets: map[string]control.Ticket{}, facts: map[string]control.FactReport{}, runs: map[int64][]control.Attempt{},
		entries: make(chan ledger.Entry), flowErr: fault.New(fault.NotFound, "approval.not_asked", "ticket", "", "step", ""),
	}
}

func (d *small) lock() func() { d.mu.Lock(); return d.mu.Unlock }

// set changes the daemon while pages look at it.
func (d *small) set(change func()) { defer d.lock()(); change() }

func (d *small) Close() {}

func (d *small) Status(context.Context) (control.Status, error) {
	defer d.lock()()
	s := d.status
	s.Tasks = d.tasks
	return s, d.failing
}

func (d *small) Tasks(_ context.Context, q control.TaskQuery) (p control.TaskPage, err error) {
	defer d.lock()()
	for _, t := range d.tasks {
		if t.Ticket == q.Ticket {
			p.Tasks = append(p.Tasks, t)
		}
	}
	return p, d.failing
}

func (d *small) Task(_ context.Context, task int64) (control.TaskDetail, error) {
	defer d.lock()()
	for _, t := range d.tasks {
		if t.Task == task {
			return control.TaskDetail{Task: t, Runs: d.runs[task]}, d.failing
		}
	}
	return control.TaskDetail{}, fault.New(fault.NotFound, "task.unknown", "task", task)
}

func (d *small) Kill(_ context.Context, r control.Kill) (control.Killed, error) {
	defer d.lock()()
	d.killed = append(d.killed, r)
	k := d.survivor
	k.Task = r.Task
	return k, d.failing
}

func (d *small) Retry(_ context.Context, r control.Retry) (control.Enqueued, error) {
	defer d.lock()()
	d.retried = append(d.retried, r)
	return control.Enqueued{Task: r.Task, State: "queued", Position: 3}, d.failing
}

func (d *small) Ticket(_ context.Context, ticket, _ string) (control.Ticket, error) {
	defer d.lock()()
	t, ok := d.tickets[ticket]
	if !ok {
		return t, fault.New(fault.NotFound, "tracker.no_ticket", "ticket", ticket)
	}
	return t, d.failing
}

func (d *small) Tickets(_ context.Context, q control.TicketQuery) (p control.TicketPage, err error) {
	defer d.lock()()
	for id, t := range d.tickets {
		line := control.TicketLine{Ticket: id, Row: t.Row, Summary: t.Fields[0].Text}
		if strings.Contains(line.Summary, q.Text) {
			p.Tickets = append(p.Tickets, line)
			p.Total++
		}
	}
	return p, d.failing
}

func (d *small) RecentEvents(_ context.Context, _ string, limit int) (control.Events, error) {
	defer d.lock()()
	return control.Events{Events: slices.Clone(d.events[max(len(d.events)-limit, 0):]), More: len(d.events) > limit}, d.failing
}

func (d *small) Glance(_ context.Context, ticket string) (control.FactReport, error) {
	d.mu.Lock()
	hold := d.hold
	d.mu.Unlock()
	if hold != nil {
		<-hold
	}
	defer d.lock()()
	d.checked++
	return d.facts[ticket], d.failing
}

func (d *small) Workflow(context.Context, control.AskWorkflow) (control.Workflow, error) {
	defer d.lock()()
	return d.flow, d.flowErr
}

func (d *small) Approvals(context.Context, string) (control.Approvals, error) {
	defer d.lock()()
	return d.asks, d.failing
}

func (d *small) Decide(_ context.Context, r control.Decide) (control.ApprovalStanding, error) {
	defer d.lock()()
	d.decided = append(d.decided, r)
	if r.Passphrase != secret {
		return control.ApprovalStanding{}, fault.New(fault.Failed, "approval.wrong", "left", 4)
	}
	state := "approved"
	if r.Reject {
		state = "rejected"
	}
	return control.ApprovalStanding{State: state, Approver: r.Approver, Reason: r.Reason, Evidence: 77}, nil
}

func (d *small) Watch(context.Context) (control.Watch, error) {
	defer d.lock()()
	return d.watch, d.failing
}

func (d *small) Messages(context.Context, string, int64, int) (control.MessagePage, error) {
	defer d.lock()()
	return control.MessagePage{Messages: d.messages}, d.failing
}

func (d *small) Incidents(context.Context, control.IncidentQuery) (control.IncidentPage, error) {
	defer d.lock()()
	return control.IncidentPage{Incidents: d.status.Incidents, Next: 3}, d.failing
}

func (d *small) VerifyLedger(context.Context, ledger.Hash) (ledger.Report, error) {
	defer d.lock()()
	return d.chain, d.failing
}

func (d *small) SheetPage(_ context.Context, q control.SheetQuery) (control.SheetPage, error) {
	defer d.lock()()
	d.asked = append(d.asked, q)
	p := d.sheet
	p.From = q.From
	p.Rows = p.Rows[min(max(q.From-1, 0), len(p.Rows)):min(max(q.To, 0), len(p.Rows))]
	return p, d.failing
}

func (d *small) EditSheet(_ context.Context, e control.SheetEdit) (control.SheetOutcome, error) {
	defer d.lock()()
	d.edits = append(d.edits, e)
	return d.edited, d.failing
}

func (d *small) Entries(ctx context.Context, s control.Slice) iter.Seq2[ledger.Entry, error] {
	return func(yield func(ledger.Entry, error) bool) {
		if !s.Follow {
			defer d.lock()()
			for _, e := range d.written {
				if !yield(e, d.failing) {
					return
				}
			}
			return
		}
		for {
			select {
			case <-ctx.Done():
				yield(ledger.Entry{}, ctx.Err())
				return
			case e := <-d.entries:
				if !yield(e, nil) {
					return
				}
			}
		}
	}
}

// house is pages over a daemon in small, with a clock of its own.
type house struct {
	*Dashboard
	t      testing.TB
	daemon *small
	clock  *clock
}

type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.at }

func (c *clock) pass(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.at = c.at.Add(d) }

func build(t testing.TB, change func(*Options)) *house {
	t.Helper()
	h := &house{t: t, daemon: newSmall(), clock: &clock{at: time.Date(2026, 11, 27, 10, 0, 0, 0, time.UTC)}}
	o := Options{
		Connect: func(context.Context) (Daemon, error) { return h.daemon, nil },
		Login: func(_ context.Context, passphrase string) error {
			if passphrase != secret {
				return fault.New(fault.Failed, "approval.wrong", "left", 4)
			}
			return nil
		},
		Settings: []config.Setting{{Key: "tracker.prefix", Value: hostile, Origin: hostile}}, Now: h.clock.now, Log: slog.New(slog.DiscardHandler),
	}
	if change != nil {
		change(&o)
	}
	var err error
	if h.Dashboard, err = New(o); err != nil {
		t.Fatal(err)
	}
	return h
}

// ask asks for a page; headers in pairs, among them Host and From (an address).
func (h *house) ask(method, target string, fields url.Values, headers ...string) *httptest.ResponseRecorder {
	h.t.Helper()
	var body strings.Reader
	req := httptest.NewRequestWithContext(h.t.Context(), method, target, &body)
	if fields != nil {
		req = httptest.NewRequestWithContext(h.t.Context(), method, target, strings.NewReader(fields.Encode()))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	req.Host, req.RemoteAddr = "127.0.0.1:8088", "127.0.0.1:4711"
	for i := 0; i+1 < len(headers); i += 2 {
		switch headers[i] {
		case "Host":
			req.Host = headers[i+1]
		case "From":
			req.RemoteAddr = headers[i+1]
		default:
			req.Header.Set(headers[i], headers[i+1])
		}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	for _, name := range []string{"Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "Cache-Control"} {
		if w.Header().Get(name) == "" {
			h.t.Errorf("%s %s %v: no %s", method, target, headers, name)
		}
	}
	if strings.Contains(w.Body.String(), secret) {
		h.t.Errorf("%s %s tells the passphrase", method, target)
	}
	return w
}

// cookie is the session of an answer.
func cookie(w *httptest.ResponseRecorder) string {
	for _, c := range w.Result().Cookies() {
		if c.Name == cookieName && c.Value != "" {
			return c.Name + "=" + c.Value
		}
	}
	return ""
}

func (h *house) signedIn() string {
	h.t.Helper()
	w := h.ask(http.MethodPost, "/login", url.Values{"passphrase": {secret}})
	if w.Code != http.StatusSeeOther || cookie(w) == "" {
		h.t.Fatalf("%d %s", w.Code, w.Body)
	}
	return cookie(w)
}

// full is a ticket about which there is something to say in every part.
func (h *house) full() {
	at := h.clock.now()
	text, other := hostile, "一行目\n"+hostile
	eta, status := int64(65), 3
	d := h.daemon
	d.tickets["INTG-088"] = control.Ticket{Ticket: "INTG-088", Row: 91, ReadAt: at, Workspace: hostile, Fields: []control.TicketField{
		{Field: "summary", Column: "概要", Text: "抽出の自動化" + hostile}, {Field: "detail", Column: "詳細", Text: other}, {Field: "status", Column: hostile, Text: hostile},
	}}
	d.facts["INTG-088"] = control.FactReport{Ticket: "INTG-088", Verdict: ledger.Refuted, ReadAt: &at, Checks: []control.FactCheck{
		{Claim: "sheet_cell", Subject: "概要", Verdict: ledger.Verified, WrittenAt: &at, ReadAt: &at, Evidence: []int64{118}},
		{Claim: "sheet_cell", Subject: "詳細", Verdict: ledger.Refuted, Expected: &text, Actual: &other, Evidence: []int64{119}, Edits: []control.FactEdit{{SeenAt: at, Old: hostile, New: hostile}}},
		{Claim: "file", Subject: hostile, Verdict: ledger.Unverifiable, Expected: &text, Actual: &text},
	}}
	d.flowErr = nil
	d.flow = control.Workflow{Ticket: "INTG-088", StartedAt: &at, Current: 2, Steps: []control.WorkflowStep{
		{Number: 1, Name: "シートの読み取り", NameEN: "Read the sheet", State: "passed", PassedAt: &at, Evidence: []int64{5}},
		{
			Number: 2, Name: "計画の承認", NameEN: "Approval of the plan", State: "waiting", Help: hostile, HelpEN: hostile, Wanting: []*control.Fault{{Message: hostile}},
			Checks: []control.FactCheck{{Claim: "file", Subject: hostile, Verdict: ledger.Verified}}, Approval: &control.ApprovalStanding{State: "requested", Approver: hostile},
		},
		{Number: 3, Name: hostile, NameEN: hostile, State: hostile, Reason: hostile},
	}}
	d.asks = control.Approvals{Passphrase: true, Requests: []control.ApprovalRequest{{
		Ticket: "INTG-088", Step: "plan-approval", Name: "計画の承認", NameEN: "Approval of the plan", Digest: "d1", Note: hostile, RequestedAt: at, ExpiresAt: at,
		Subject: []control.ApprovalSubject{{Kind: "file", Name: hostile, SHA256: "aa"}},
	}}}
	d.tasks = []control.Task{
		{
			Task: 42, Ticket: "INTG-088", Name: "extract" + hostile, State: "running", Attempt: 1, Attempts: 4, PID: 4242, StartedAt: &at, LastActivity: &at,
			Progress: &control.TaskProgress{Done: 17, Total: 30, Item: "p017.png", Phase: hostile, EtaS: &eta}, Command: []string{"python", hostile}, Cwd: hostile, GPUs: []string{"0"},
		},
		{Task: 41, Ticket: "INTG-088", Name: "old", State: "failed", Attempt: 1, ExitCode: &status, Signal: hostile, Problem: &control.Fault{Message: hostile}, EndedAt: &at},
		{Task: 43, Ticket: "INTG-088", Name: "next", State: "queued", Position: 1, WaitsFor: []int64{42}, NotBefore: &at},
	}
	d.runs[41] = []control.Attempt{{Attempt: 1, State: hostile, ExitCode: &status, Signal: hostile, Problem: &control.Fault{Message: hostile}, Done: 1, Total: 30, MaxRSS: 1 << 20, StartedAt: at}}
	d.events = []control.Event{{At: at, Seq: 7, Kind: "edited", Ticket: "INTG-088", Column: hostile, Old: &text, New: &other}, {At: at, Seq: 8, Kind: hostile, Ticket: "INTG-088", Verdict: ledger.Verified}}
	degrees, load, used, total := 61, 93, uint64(1<<30), uint64(2<<30)
	d.watch = control.Watch{At: &at, Probe: "ready", GPUs: []control.WatchedGPU{{Name: hostile, Temperature: &degrees, Utilisation: &load, MemoryUsed: &used, MemoryTotal: &total}}}
	d.messages = []control.Message{{At: at, Priority: "high", Title: hostile, Body: hostile, Deliveries: []control.Delivery{{Channel: hostile, State: "failed", Problem: &control.Fault{Message: hostile}}}}}
	d.status = control.Status{
		Problems: []control.Problem{control.NewProblem("problem.loop_failed", "loop", hostile, "error", hostile)}, Changes: d.events, Queue: control.Queue{Paused: true, Queued: 1},
		Incidents: []control.Incident{{Kind: hostile, Ticket: hostile, Priority: "critical", Times: 3, OpenedAt: at, What: control.NewProblem("problem.loop_failed", "loop", hostile, "error", hostile)}},
	}
	d.written = []ledger.Entry{{Seq: 1, At: "2026", Kind: "task.queued", Subject: hostile, Data: []byte(`{"x":"` + hostile + "\xff" + strings.Repeat("長", 5000) + `"}`)}}
	d.chain = ledger.Report{Verdict: ledger.Refuted, Entries: 9, Breaks: []ledger.Break{{Seq: 4, Detail: hostile}}}
	d.status.Daemon.Home, d.status.Daemon.Version, d.status.Daemon.PID = hostile, hostile, 4242
	d.status.Daemon.Loops = []control.Loop{{Name: hostile, State: control.LoopWaiting, LastError: hostile}}
}
