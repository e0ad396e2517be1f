package tracker

import (
	"time"

	"uratori/internal/ledger"
)

// The fields that have a meaning here. Any other column goes by its header.
const (
	Summary  = "summary"
	Detail   = "detail"
	Status   = "status"
	Approval = "approval"
	Phase    = "phase" // how far the work is; few tables have it
)

// Filed is the status of every new ticket: filing is not doing.
const Filed = "起票"

// Ticket is a row of the table.
type Ticket struct {
	ID     string
	Row    int       // one-based, as people see it
	ReadAt time.Time // when the table was looked at
	Fields []Field   // in the order of the columns, without the id
	// Pending is how many writes of this ticket wait for their verdict.
	Pending int
	// Stale is why ReadAt is not now; nil when the table was looked at for
	// this answer.
	Stale error
}

// Field is one cell of a ticket.
type Field struct {
	Name   string // "summary"; the header where the column has no such name
	Column string // the header
	Text   string
}

// Draft is a ticket that is to be filed.
type Draft struct {
	ID     string // empty: the next free one
	Fields map[string]string
	// Workspace is the folder that the user chose, empty for none.
	Workspace string
	Key       string // the same key again is the same draft
	Reader    string
}

// Change is what cells of a ticket are to hold.
type Change struct {
	Ticket   string
	Fields   map[string]string // by name or header
	Expected map[string]string // what the caller has seen there
	Key      string            // the same key again is the same change
	// Reader tells callers apart: what one has read another has not.
	Reader string
}

// Result is what became of a write.
type Result struct {
	Write    int64 // its number in the outbox; 0 for a verification
	Ticket   string
	Verdict  ledger.Verdict
	Conflict bool // nothing was sent: a cell held what the caller had not seen
	Queued   bool // it is kept, and tried again
	Row      int
	ReadAt   time.Time // of the read-back; zero where there was none
	Cells    []CellResult
	Reason   error // why there is no better verdict
}

// CellResult is the verdict on one cell.
type CellResult struct {
	Field    string
	Column   string
	Verdict  ledger.Verdict
	Text     string  // what was to be written
	Actual   *string // what is there, where that is something else
	Conflict bool    // a person's text stands there that the caller had not seen
	// Edited tells that Text was there and that a person has changed it since.
	Edited bool
	Reason error
}

// Written is the last write of this side to one cell of a ticket.
type Written struct {
	Write    int64
	Field    string
	Column   string
	Text     string
	Verdict  ledger.Verdict // of that cell, at the time; unverifiable while Pending
	Conflict bool
	Pending  bool
	Reason   error     // why the verdict was not better
	At       time.Time // when it was asked for
	ReadAt   time.Time // when it was read back; zero where it was not
	Evidence []int64   // entries of the ledger: the intent, the verdict
}

// EventKind is what was done to a ticket.
type EventKind string

// The kinds. The first four are people's, the others this side's.
const (
	Created EventKind = "created"
	Edited  EventKind = "edited"
	Deleted EventKind = "deleted"
	Moved   EventKind = "moved"
	Wrote   EventKind = "written" // a verdict on a write
	Waits   EventKind = "waiting" // a write without a verdict
	Refused EventKind = "refused" // on one that was not carried out
)

// Event is something that was done to a ticket.
type Event struct {
	Seq    int64 // of its entry in the ledger
	At     time.Time
	Kind   EventKind
	Ticket string
	Column string // the header; of an edit or a written cell
	// Old and New are what people's edits made of what. Of a write, New is its
	// text, and Old what was there instead; nil where that is the text, or nobody
	// knows.
	Old  *string
	New  *string
	Row  int
	From int // of a move
	// Of a write:
	Write   int64
	Verdict ledger.Verdict
}

// Seen is what a fresh look found of a ticket, cell by cell and to the kind.
type Seen struct {
	At    time.Time
	Row   int               // 0 with Err
	Cells map[string]Actual // by the names that were asked for
	Err   error             // the ticket is not there, or there twice
}

// Actual is what a cell holds.
type Actual struct {
	Text string
	// IsText tells that the cell holds Text as a text, or nothing. A number
	// or a formula that looks like it is something else.
	IsText bool
}

// Query says which tickets are wanted.
type Query struct {
	Status string // exactly this; empty: any
	Text   string // in the id or the summary, whatever the case or the width
	Sort   string // "id", "summary" or "status", with - before it backwards; empty: the order of the table
	After  string // behind this ticket in that order
	Limit  int    // at most so many; 0 is 50
	Reader string
}

// Page is a part of the table.
type Page struct {
	Tickets []Ticket // with summary and status alone
	Total   int      // how many match in all
	Next    string   // the After of the next page; empty at the end
	ReadAt  time.Time
	Stale   error
}

// Synced is what a look at the whole table found.
type Synced struct {
	ReadAt  time.Time
	Tickets int
	Changes []Event // what people did since the look before
	More    int     // changes that are not in Changes
}
