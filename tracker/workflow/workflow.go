// Package workflow takes a ticket through steps, each of which passes when a
// look has shown that it is done, and never because somebody says so.
//
//	open ──check──> passed ──(what it was seen from has changed)──> stale ──check──> passed
//	  │                │
//	  │                └──check, refuted──> open
//	  ├──block──> blocked ──start──> open
//	  └──(it is a person's turn)──> waiting ──approved, check──> passed
//
// What holds always:
//
//   - A step passes when every claim of its gate was verified by one look, and
//     every step before it had passed and was not stale, before that look and
//     after it. No argument marks a step as done.
//   - A passed step knows what its verdict was taken from: files, commits, tasks,
//     by their hashes. It is stale from the moment on that one of these is another.
//   - What the steps are, and what the project says of itself, is pinned at the
//     start. A change of either counts for nothing until a person has approved it.
//   - The tests are frozen when the step that makes them passes. Only a person
//     unfreezes them.
//   - A step that needs a person passes by the answer to exactly what is there
//     now, and in no other way.
//   - The extraction is a step of every workflow.
//   - Every change is an entry of the ledger, in the same transaction.
//
// Giving up is always possible: a step can be blocked, with a reason.
package workflow

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"
	"sync"
	"time"

	"uratori/factcheck"
	"uratori/factcheck/gate"
	"uratori/internal/ledger"
	"uratori/internal/store"
	"uratori/tracker/approval"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Schema is the tables of workflows.
func Schema() store.Schema {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return store.Schema{Name: "workflow", FS: dir}
}

// Judge looks whether claims are true; [factcheck.FactCheck] does.
type Judge interface {
	Judge(ctx context.Context, ticket string, claims []factcheck.Claim) (factcheck.Report, error)
}

// World is what can be told of files and commits without a verdict.
type World interface {
	// Snapshot notes how things are that the claims will be compared with.
	Snapshot(ctx context.Context, s gate.Scope, claims []factcheck.Claim) (*gate.Snapshot, error)
	// Changed are the bases that are no longer what they were.
	Changed(ctx context.Context, s gate.Scope, bases []factcheck.Basis) ([]factcheck.Basis, error)
	// Freeze hashes the files that patterns name, by path. A pattern is relative
	// to the project, or begins with {workspace}/.
	Freeze(ctx context.Context, s gate.Scope, patterns []string) (map[string]string, error)
}

// Tickets is what is known of tickets.
type Tickets interface {
	// Known tells whether there is such a ticket. An error means that nobody
	// can say at present.
	Known(ctx context.Context, id string) (bool, error)
	// Workspace is the folder of a ticket, empty while there is none.
	Workspace(ctx context.Context, id string) string
}

// Approvals are people's answers; [approval.Keeper] keeps them.
type Approvals interface {
	Ask(ctx context.Context, r approval.Request) (approval.Standing, error)
	Standing(ctx context.Context, s approval.Subject) (approval.Standing, error)
}

// Options are what workflows need from outside.
type Options struct {
	DB        *store.DB // opened with [Schema] and the ledger's
	Ledger    *ledger.Ledger
	Judge     Judge
	World     World
	Tickets   Tickets
	Approvals Approvals
	// Moved is told of a ticket that came to another step; it must return at
	// once. Nil is nobody.
	Moved func(ticket string)
	Now   func() time.Time
	Log   *slog.Logger
}

// Workflows are the workflows of all tickets.
type Workflows struct {
	o Options

	mu    sync.Mutex
	busy  map[string]bool       // tickets that are being checked
	texts map[string]Definition // by their texts
	told  map[string]bool       // tickets whose record was found to be tampered with
}

// New gives the workflows of a store that was opened with [Schema].
func New(o Options) *Workflows {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Moved == nil {
		o.Moved = func(string) {}
	}
	return &Workflows{o: o, busy: map[string]bool{}, texts: map[string]Definition{}, told: map[string]bool{}}
}

// State is how a step stands.
type State string

// The states of a step.
const (
	Open    State = "open"
	Waiting State = "waiting" // for a person's answer
	Passed  State = "passed"
	Blocked State = "blocked" // by a word of whoever works on it
	Stale   State = "stale"   // it passed, and what that was seen from has changed
)

// View is how the workflow of a ticket stands.
type View struct {
	Ticket    string
	Name      string // of the definition
	Digest    string // of the definition and the project's settings, as pinned
	Root      string
	Workspace string
	Started   time.Time
	Finished  time.Time
	Steps     []StepView
	Current   int            // number of the step in hand; 0 before the start and after the last
	Verdict   ledger.Verdict // of a check; unverifiable of one in a list that cannot be shown
	Next      error          // a fault that tells what to do now
	Problem   error          // why nothing later can be passed at this moment
}

// StepView is how a step stands.
type StepView struct {
	Step

	State    State
	Gate     []error // what is looked at, of the current step
	Wanting  []error // what keeps it from passing, of the current step
	Found    []Found // by the last check, of the current step
	Checked  time.Time
	Reason   string // of a block
	Passed   time.Time
	Evidence []int64
	Approval *approval.Standing // of a step that needs a person
}
