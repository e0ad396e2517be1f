package tracker

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/sheets"
)

// kind is what a write does.
type kind string

const (
	create kind = "create"
	update kind = "update"
	// restore puts back what a write of ours had covered by accident.
	restore kind = "restore"
)

// write is a write from the outbox. The loop alone changes it after it was
// stored; result and reason are guarded by the tracker's lock.
type write struct {
	id     int64
	ticket string
	kind   kind
	free   bool // the id was ours to choose
	cells  []cell
	key    string
	digest [sha256.Size]byte
	reader string
	place  string // the folder that the user chose
	at     time.Time
	tries  int   // how often it was sent without an answer
	intent int64 // entry of the ledger

	hit     *sheets.Hit       // what the answer to it showed, until it was read back
	strayed bool              // it was seen to hit another row than its own
	aimed   int               // number of the row that it was last sent to
	before  map[string]string // what the look before it saw in its cells
	exact   bool              // the cells look right but are no texts: write them all the same
	mixed   bool              // it may have been applied before somebody else wrote there
	overran bool              // a person wrote there just then, and gets their text back
	made    bool              // the row is there, made by us, but not all of it as it should be
	result  *Result
	failed  error // the request was refused; beside result
	reason  error // why there is no result yet
	stuck   bool  // and people must mend that
	rounds  int   // how often it was taken up
	rest    bool  // not to be tried again before the next look at the whole table
	told    chan struct{}
	awaits  int // how many callers wait
}

// cell is what a cell is to hold.
type cell struct {
	Name string `json:"name"` // as asked for, and the column's name after a look
	Text string `json:"text"`
	// Asked is what the caller called the column, where that is not its name.
	Asked string `json:"asked,omitempty"`
	// Base is the SHA-256 of what the caller believes to be there; nil where
	// the caller knows nothing.
	Base *string `json:"base,omitzero"`
	// Wrong is what a write of ours left there, of a restore; Kind is what
	// Text was, where it was no text.
	Wrong string      `json:"wrong,omitempty"`
	Kind  sheets.Kind `json:"kind,omitempty"`
	// Among tells that one of several rows was covered, of an id or without
	// any. Others are the texts that those held in the column before: the one
	// that is missing is to be put back.
	Among  bool     `json:"among,omitzero"`
	Others []string `json:"others,omitempty"`
	// Twin tells that the row was one of several with its id: only as long as
	// there are several can it be told from the others by what stands in it. Of
	// a row without an id, that another may hold the text that is wrong there.
	// Like tells it from them by what else stood in it; see [fingerprint].
	Twin bool              `json:"twin,omitzero"`
	Like map[string]string `json:"like,omitzero"`
	// Spare tells that the table need not have the column.
	Spare bool `json:"spare,omitzero"`
}

func sum(text string) string {
	h := sha256.Sum256([]byte(text))
	return hex.EncodeToString(h[:])
}

// expects tells whether what stands in a cell is what the caller believes.
func (c cell) expects(text string) bool {
	return c.Base == nil || *c.Base == sum(text) || *c.Base == sum(oneBreak(text))
}

// oneBreak has one kind of line break, as what passed a terminal has.
func oneBreak(text string) string {
	return strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
}

// sent tells that the table may hold what this write would write.
func (w *write) sent() bool { return w.tries > 0 || w.hit != nil || w.strayed }

// isHeld tells that a cell holds what it is to hold.
func (c cell) isHeld(actual sheets.Cell) bool {
	if c.Kind != "" && c.Kind != sheets.Text {
		return actual.Kind == c.Kind && actual.Text == c.Text
	}
	return actual.Holds(c.Text)
}

// among tells a restore of which it is not known yet which row it is about.
func (w *write) among() bool {
	return slices.ContainsFunc(w.cells, func(c cell) bool { return c.Among })
}

// overlaps tells that two writes of a ticket name the same cell.
func (w *write) overlaps(cells []cell) bool {
	return slices.ContainsFunc(cells, func(c cell) bool {
		return slices.ContainsFunc(w.cells, func(o cell) bool { return o.Name == c.Name })
	})
}

// outcome is the verdict on a write, ready to be stored.
type outcome struct {
	w      *write
	result Result
	failed error
}

// verdictOf is that of all cells together.
func verdictOf(cells []CellResult) ledger.Verdict {
	verdict := ledger.Verified
	for _, c := range cells {
		switch {
		case c.Verdict == ledger.Refuted:
			return ledger.Refuted
		case c.Verdict != ledger.Verified:
			verdict = ledger.Unverifiable
		}
	}
	if len(cells) == 0 {
		return ledger.Unverifiable
	}
	return verdict
}

// refuse ends a write that was not carried out.
func refuse(w *write, columns []column, reason error) outcome {
	o := outcome{w: w, failed: reason, result: Result{
		Write: w.id, Ticket: w.ticket, Verdict: ledger.Refuted, Reason: reason,
	}}
	for _, c := range w.cells {
		o.result.Cells = append(o.result.Cells, CellResult{
			Field: c.Name, Column: headerOf(columns, c.Name), Verdict: ledger.Refuted, Text: c.Text, Reason: reason,
		})
	}
	return o
}

func headerOf(columns []column, name string) string {
	if at := columnAt(columns, name); at >= 0 {
		return columns[at].Header
	}
	return name
}

// unanswered is what can be said of a write that has no verdict. problem is
// what is wrong with the table, nil for nothing.
func (w *write) unanswered(columns []column, problem error) Result {
	reason := w.reason
	if reason == nil {
		reason = problem
	}
	if reason == nil {
		reason = fault.New(fault.Unavailable, "tracker.waiting")
	}
	r := Result{Write: w.id, Ticket: w.ticket, Verdict: ledger.Unverifiable, Queued: true, Reason: reason}
	for _, c := range w.cells {
		r.Cells = append(r.Cells, CellResult{
			Field: c.Name, Column: headerOf(columns, c.Name), Verdict: ledger.Unverifiable, Text: c.Text, Reason: reason,
		})
	}
	return r
}
