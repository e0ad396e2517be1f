// Package dashboard is the web pages of a home: what is true now, for people,
// without being asked.
//
// A page shows what was looked up when it was made, with the time of the look,
// and says so where something could not be looked at. A badge is green for
// one reason: a fact check said verified. The pages ask the daemon over its socket
// like every other face, so they can do nothing that a command cannot; they
// have no SQL and no spreadsheet of their own.
//
// Pages are made on the server and are complete without a script. A script
// only puts newer pieces of the same page in their place: whoever looks at a page
// is one client of a feed, the feed of a page makes each piece once for all who
// look at it in a language, and a client that does not keep up is told to load the
// page again. See [decision 0024].
//
// What changes something (approve, reject, kill, retry) wants the passphrase of
// approvals or a session that it opened. An answer to a question always wants the
// passphrase itself: it is signed with it.
//
// [decision 0024]: docs/decisions/0024-pages-made-on-the-server.md
package dashboard

import (
	"context"
	"iter"
	"log/slog"
	"net/http"
	"time"

	"uratori/internal/config"
	"uratori/internal/control"
	"uratori/internal/ledger"
)

// Daemon is what pages ask: the client of the socket.
type Daemon interface {
	Status(ctx context.Context) (control.Status, error)
	Tasks(ctx context.Context, q control.TaskQuery) (control.TaskPage, error)
	Task(ctx context.Context, task int64) (control.TaskDetail, error)
	Kill(ctx context.Context, r control.Kill) (control.Killed, error)
	Retry(ctx context.Context, r control.Retry) (control.Enqueued, error)
	Ticket(ctx context.Context, ticket, reader string) (control.Ticket, error)
	Tickets(ctx context.Context, q control.TicketQuery) (control.TicketPage, error)
	RecentEvents(ctx context.Context, ticket string, limit int) (control.Events, error)
	Glance(ctx context.Context, ticket string) (control.FactReport, error)
	Workflow(ctx context.Context, r control.AskWorkflow) (control.Workflow, error)
	Approvals(ctx context.Context, ticket string) (control.Approvals, error)
	Decide(ctx context.Context, r control.Decide) (control.ApprovalStanding, error)
	LogWindow(ctx context.Context, q control.LogWindow) (control.LogPiece, error)
	SearchLog(ctx context.Context, q control.LogSearch) (control.LogHits, error)
	Logs(ctx context.Context, q control.TaskLogs, yield func(control.LogChunk) error) error
	Outputs(ctx context.Context, q control.OutputQuery) (control.TaskOutputs, error)
	OutputFile(ctx context.Context, q control.OutputFile, yield func(control.FilePiece) error) error
	SamplesBetween(ctx context.Context, series string, from, to time.Time) ([]control.SamplePoint, error)
	Watch(ctx context.Context) (control.Watch, error)
	Messages(ctx context.Context, ticket string, before int64, limit int) (control.MessagePage, error)
	Incidents(ctx context.Context, q control.IncidentQuery) (control.IncidentPage, error)
	VerifyLedger(ctx context.Context, known ledger.Hash) (ledger.Report, error)
	Entries(ctx context.Context, s control.Slice) iter.Seq2[ledger.Entry, error]
	SheetPage(ctx context.Context, q control.SheetQuery) (control.SheetPage, error)
	EditSheet(ctx context.Context, e control.SheetEdit) (control.SheetOutcome, error)
	Close()
}

// Options are what pages need from outside.
type Options struct {
	Connect func(context.Context) (Daemon, error)
	// Login says nil for the passphrase of approvals and a fault for any other.
	// Where it is nil nobody can sign in by the passphrase alone: an answer to a
	// question, which proves it too, is what opens a session.
	Login func(ctx context.Context, passphrase string) error
	// Hosts are names that pages answer to beside those of this machine's
	// loopback and the address that a request came to, without a port.
	Hosts []string
	// Open tells that others may get here than programs of this machine. Then
	// everybody has to sign in: a request that comes from this machine may have
	// been passed on.
	Open bool
	// Book is where people edit the table of tickets.
	Book Book
	// Settings are those in force, secrets masked.
	Settings []config.Setting
	Now      func() time.Time
	Log      *slog.Logger
}

// Dashboard is the handler of all pages. Run keeps them live.
type Dashboard struct {
	o        Options
	faces    faces
	handler  http.Handler
	sessions *sessions
	limit    *limiter
	facts    *looks[control.FactReport]
	walks    *looks[walk]
	hub      *hub
	show
}

// reader tells this reader of the table from others.
const reader = "dashboard"

// New makes the pages.
func New(o Options) (*Dashboard, error) {
	all, err := newFaces(o.Now)
	if err != nil {
		return nil, err
	}
	d := &Dashboard{o: o, faces: all, sessions: newSessions(o.Now), limit: newLimiter(o.Now), show: newShow()}
	d.facts = newLooks(o.Now, func(ctx context.Context, conn Daemon, ticket string) (control.FactReport, error) {
		return conn.Glance(ctx, ticket)
	})
	d.walks = newLooks(o.Now, func(ctx context.Context, conn Daemon, _ string) (walk, error) {
		at := o.Now()
		report, err := conn.VerifyLedger(ctx, ledger.Hash{})
		return walk{report, at}, err
	})
	d.hub = newHub(d)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /assets/{file...}", asset)
	mux.HandleFunc("GET /tracker", toFront)
	mux.HandleFunc("GET /tracker/{ticket}", d.page)
	mux.HandleFunc("GET /sheet/rows", d.sheetRows)
	mux.HandleFunc("POST /sheet/edit", d.sheetEdit)
	for _, page := range []string{"/sheet", "/incidents", "/ledger", "/settings"} {
		mux.HandleFunc("GET "+page, d.page)
	}
	mux.HandleFunc("GET /events", d.events)
	mux.HandleFunc("POST /tracker/{ticket}/decide", d.decide)
	mux.HandleFunc("POST /task/{task}/kill", d.kill)
	mux.HandleFunc("POST /task/{task}/retry", d.retry)
	d.showTasks(mux)
	mux.HandleFunc("POST /logout", d.logout)
	if o.Login != nil {
		mux.HandleFunc("GET /login", d.loginPage)
		mux.HandleFunc("POST /login", d.login)
	}
	mux.HandleFunc("GET /{$}", d.page)
	mux.HandleFunc("/", d.nowhere)
	packed, err := compressed(mux)
	if err != nil {
		return nil, err
	}
	d.handler = d.guarded(packed)
	return d, nil
}

// ServeHTTP implements [http.Handler].
func (d *Dashboard) ServeHTTP(w http.ResponseWriter, r *http.Request) { d.handler.ServeHTTP(w, r) }

// Run keeps open pages live until ctx ends. Without it pages are as they were
// made.
func (d *Dashboard) Run(ctx context.Context) { d.hub.run(ctx) }

// toFront is for links to all tickets.
func toFront(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, "/", http.StatusSeeOther)
}
