package local

import (
	"context"
	"io"
	"time"

	"uratori/factcheck"
	"uratori/factcheck/gate"
	"uratori/runner"
	"uratori/runner/items"
	"uratori/tracker"
)

// Options are what the checkers look through. What is nil cannot be looked at,
// and claims about it are unverifiable.
type Options struct {
	Tasks     Tasks
	Sheet     Sheet
	Cells     *factcheck.SheetCells // of the same sheet: what was written to it
	Approvals Approvals
	Evidence  string                    // the folder of kept outputs; made when needed
	Blot      func(string) string       // takes secrets out of what is kept; nil for none
	Env       []string                  // the environment of commands
	Random    io.Reader                 // of the tokens by which a command's processes are known
	Panicked  func(v any, stack []byte) // is told of an error of uratori; nil for nobody
	Now       func() time.Time
	Workers   int // looks at once; less than 1 is 4
}

// Tasks is the runner, as far as claims about tasks go.
type Tasks interface {
	List(ctx context.Context, q runner.Query) ([]runner.Task, error)
	// Afresh looks at all outputs of a task now, and believes nothing that was
	// found before.
	Afresh(ctx context.Context, t runner.Task) (items.Result, error)
	// Made is what a task has made, as it was listed when it succeeded, by path.
	Made(ctx context.Context, t runner.Task) (map[string]runner.Output, error)
}

// Sheet is the tracker, as far as claims about cells go.
type Sheet interface {
	// Fresh looks at the table now, and at cells by the headers of their columns.
	Fresh(ctx context.Context, want map[string][]string) (map[string]tracker.Seen, error)
}

// Approvals knows what people have approved.
type Approvals interface {
	// Approved is what became of the newest request for a step. With a digest it
	// is that of this digest, else that of what would be approved now.
	Approved(ctx context.Context, ticket, step, digest string) (Approval, error)
}

// Approval is how a step stands with people.
type Approval struct {
	State    string // approved, or why it is not
	Digest   string // of what was approved
	At       time.Time
	Approver string
	Channel  string
	Evidence int64 // entry of the ledger
}

// Checkers are the checkers of all types of claims that gates have, by type.
func Checkers(o Options) map[string]factcheck.Checker {
	all := map[string]factcheck.Checker{}
	for _, kind := range gate.Kinds() {
		all[kind] = &checker{o: o, kind: kind}
	}
	return all
}
