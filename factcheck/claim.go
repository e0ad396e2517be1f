package factcheck

import (
	"context"
	"time"

	"uratori/internal/ledger"
)

// Claim is a statement about a ticket that can be looked into. Each type of
// claims is a Go type, which its checker knows.
type Claim interface{ About() About }

// About names a claim to people and to its checker.
type About struct {
	Type    string // "sheet_cell"
	Ticket  string
	Subject string // what of the ticket: the header of a column, a file
}

// Source knows which claims exist.
type Source interface {
	// Tickets are those with a claim, in any order.
	Tickets(ctx context.Context) ([]string, error)
	// Claims are those about a ticket, in an order that stays the same.
	Claims(ctx context.Context, ticket string) ([]Claim, error)
}

// Checker observes the world afresh, for all claims of its type at once.
type Checker interface {
	// Check returns one finding a claim, in their order. What it could not
	// look at is unverifiable; an error makes all of them that.
	Check(ctx context.Context, claims []Claim) ([]Finding, error)
}

// Register knows which tickets there are.
type Register interface {
	// Find looks where a ticket is now. The error is a fault of the kind
	// NotFound when it is nowhere, and any other when that cannot be said.
	Find(ctx context.Context, ticket string) (row int, at time.Time, err error)
}

// Finding is what became of a claim. The zero one shows no observation and is
// taken for unverifiable.
type Finding struct {
	About            // set by the [FactCheck]
	Verdict          ledger.Verdict
	Expected, Actual *string // where they say more than the verdict
	Reason           error   // why the verdict is not verified
	LookedAt         time.Time
	Row              int       // of the ticket at that look; 0 where it was not seen
	WrittenAt        time.Time // when what is claimed was asked for
	ReadAt           time.Time // when it was read back after that; zero where it was not
	Edits            []Edit    // of people after ReadAt, oldest first, where Actual is not Expected
	Evidence         []int64   // entries of the ledger
	Basis            []Basis   // what the verdict was taken from
	Log              string    // path of the output that was kept; empty where there is none
}

// Basis is a thing that a verdict was taken from. When it is no longer the
// same, the verdict is stale.
type Basis struct {
	Kind   string `json:"kind"` // file, files, commit, task, command, cell, approval, definition
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`         // of its content; of a commit its own name
	Stat   string `json:"stat,omitempty"` // how it looked from outside: while that is the same, nobody has to read it again
}

// Edit is a person's edit of what had been written.
type Edit struct {
	SeenAt   time.Time
	Old, New string
}

// Report is every claim about a ticket and what became of it.
type Report struct {
	Ticket   string
	Verdict  ledger.Verdict // of the whole
	ReadAt   time.Time      // no finding is from before; zero where nothing could be looked at
	Row      int            // 0 where the ticket was not seen
	Findings []Finding      // of all claims, in the order of the sources
	Reason   error          // why there is no more to say: claims that are not listed, or none at all
	Entry    int64          // of the ledger, that holds this report
}

// sum fills in what follows from the findings: one refuted claim refutes the
// whole, and only claims that are known in full and all verified verify it.
func (r *Report) sum() {
	r.Verdict = ledger.Verified
	if len(r.Findings) == 0 || r.Reason != nil {
		r.Verdict = ledger.Unverifiable
	}
	for _, f := range r.Findings {
		if f.Verdict != ledger.Verified && r.Verdict != ledger.Refuted {
			r.Verdict = f.Verdict
		}
		if !f.LookedAt.IsZero() && (r.ReadAt.IsZero() || f.LookedAt.Before(r.ReadAt)) {
			r.ReadAt = f.LookedAt
		}
		if f.Row != 0 {
			r.Row = f.Row
		}
	}
}
