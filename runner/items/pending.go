package items

import (
	"context"
	"errors"
	"time"

	"uratori/internal/fault"
)

// Expand finds the files that patterns name: paths and globs (*, ?, [a-z],
// {a,b}, **), absolute or relative to cwd, in natural order (p2 before p10).
// Errors are faults.
func Expand(ctx context.Context, cwd string, patterns []string) ([]Item, error) {
	return nil, errors.ErrUnsupported
}

// Plan is what a task makes of its items.
type Plan struct {
	Cwd     string   `json:"cwd"`               // absolute
	Outputs []string `json:"outputs,omitempty"` // templates
	Items   []Item   `json:"items"`
}

// NewPlan gives each item its outputs, and refuses with a fault templates
// that cannot be filled in, two outputs in one place, and an output that is an
// input.
func NewPlan(cwd string, found []Item, outputs []string) (*Plan, error) {
	return nil, errors.ErrUnsupported
}

// Recall makes the plan anew of what was kept of it: no disk is asked.
func Recall(cwd string, paths, outputs []string) (*Plan, error) { return nil, errors.ErrUnsupported }

// Paths are the inputs in order; what to keep for [Recall].
func (p *Plan) Paths() []string { return nil }

// CheckCommand refuses a command whose placeholders do not fit, or which
// would be too long for the kernel with all items in it.
func (p *Plan) CheckCommand(argv, environ []string, each bool) error { return errors.ErrUnsupported }

// MakeFolders makes the folders that the outputs go to.
func (p *Plan) MakeFolders(ctx context.Context) error { return errors.ErrUnsupported }

// Command fills {items}, {list} and {folder} in. It writes the file "items"
// into attempt, one path a line, and makes the folder "inputs" where {folder}
// is used.
func Command(argv []string, remaining []Item, attempt string) ([]string, error) {
	return nil, errors.ErrUnsupported
}

// WriteList and ReadList keep paths durably, one a line.
func WriteList(file string, paths []string) error { return errors.ErrUnsupported }

// ReadList reads what [WriteList] wrote.
func ReadList(file string) ([]string, error) { return nil, errors.ErrUnsupported }

// Seen remembers outputs that were looked at. Safe for concurrent use.
type Seen struct{}

// NewSeen remembers nothing yet.
func NewSeen() *Seen { return &Seen{} }

// Judge looks at outputs.
type Judge struct {
	Workers int              // pictures decoded at once; 0 is one
	Seen    *Seen            // may be nil
	Now     func() time.Time // wall clock
}

// Terms are what an output must be besides whole.
type Terms struct {
	Since   time.Time     // older ones do not count; zero: any age
	Running bool          // the job may be at work: what was written within Settle does not count yet
	Settle  time.Duration // with Running
	Log     *Log          // of a task with one run per item; else nil
}

// Result is the answer of a look at all items.
type Result struct {
	Done      []Done
	Remaining []Item  // Done and Remaining together are all items, in order
	Wrong     []Wrong // outputs of remaining items that are there and do not count
}

// Done is an item whose outputs all count.
type Done struct {
	Item    Item
	Outputs []Output
}

// Format is how an output was judged.
type Format string

// Output is an output that counts.
type Output struct {
	Path          string
	Size          int64
	Modified      time.Time
	Format        Format
	Width, Height int // of a picture
}

// Reason says why an output does not count.
type Reason string

// Wrong is an output that is there and does not count.
type Wrong struct {
	Item   Item
	Output string
	Reason Reason
	Err    error // more about it; may be nil
}

// Fault tells w to a person.
func (w Wrong) Fault() *fault.Error { return nil }

// Unknown tells whether w could not be judged, rather than was found bad.
func (w Wrong) Unknown() bool { return false }

// Remaining looks at all outputs. The error is ctx's or one of the disk; then
// nothing is known.
func (j Judge) Remaining(ctx context.Context, items []Item, t Terms) (Result, error) {
	return Result{}, errors.ErrUnsupported
}

// Digest is the SHA-256 of a file.
type Digest struct {
	SHA256 string `json:"sha256"` // hex
	Size   int64  `json:"size"`
}

// DigestOf reads a whole file that nobody changes meanwhile.
func DigestOf(ctx context.Context, path string) (Digest, error) {
	return Digest{}, errors.ErrUnsupported
}

// Counter counts outputs for a progress display without opening any.
type Counter struct{}

// NewCounter counts the outputs of items that are no older than since.
func NewCounter(items []Item, since time.Time) *Counter { return nil }

// Tally is what a [Counter] saw.
type Tally struct {
	Done, Total int
	Latest      string    // the input whose output appeared last, empty when none did
	At          time.Time // when that output was written
}

// Count looks once. Not for concurrent use.
func (c *Counter) Count(ctx context.Context) (Tally, error) { return Tally{}, errors.ErrUnsupported }

// Log is the job log of a task with one run per item.
type Log struct{}

// ReadLog reads the log in a checkpoint folder; none is an empty one.
func ReadLog(checkpoint string) (*Log, error) { return nil, errors.ErrUnsupported }
