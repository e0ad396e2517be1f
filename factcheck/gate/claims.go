package gate

import (
	"regexp"
	"sync"
	"time"

	"uratori/factcheck"
)

// The types of claims.
const (
	KindFile     = "file"
	KindImages   = "images"
	KindCount    = "count_equal"
	KindCommand  = "command"
	KindReport   = "test_report"
	KindCommit   = "git_commit"
	KindGone     = "process_gone"
	KindHTTP     = "http"
	KindNoMatch  = "no_match_since"
	KindTask     = "task"
	KindApproval = "approval"
	KindCell     = factcheck.SheetCellType
	KindWrites   = "writes"
	KindFrozen   = "frozen"
)

// Common is what every claim of a gate has.
type Common struct {
	Kind  string
	Name  string // the subject, filled in
	Scope *Scope
	Limit time.Duration // how long a look may take
}

// About names the claim.
func (c Common) About() factcheck.About {
	return factcheck.About{Type: c.Kind, Ticket: c.Scope.Ticket, Subject: c.Name}
}

// Base is the claim as far as all have it.
func (c Common) Base() Common { return c }

// Unready is a claim that could not be filled in, and so cannot be looked at.
type Unready struct {
	Common
	Reason  error   // a fault that says what to add
	Reasons []error // all of them, Reason first
}

// Range bounds a number; nil is no bound.
type Range struct{ Min, Max *int64 }

// Text is what a text must and must not have in it.
type Text struct {
	Contains []string
	Lacks    []string
	Matches  []*regexp.Regexp
}

// Any tells whether anything is asked.
func (t Text) Any() bool { return len(t.Contains)+len(t.Lacks)+len(t.Matches) > 0 }

// Newer is what a file must be newer than.
type Newer struct {
	Asked bool
	Since time.Time // a moment, or
	Files []Pattern // files, all of them
}

// File claims that there are files, or none.
type File struct {
	Common
	At     []Pattern
	Absent bool // nothing may be there
	Folder bool // a folder is meant
	Count  Range
	Size   Range // bytes, of each
	Text         // of each
	SHA256 string
	Newer  Newer
}

// Images claims that files are pictures, whole to the last pixel.
type Images struct {
	Common
	At            []Pattern
	Count         Range
	Width, Height Range
	Format        string // as in items.Format; "" for any
	NotBlank      bool
	Newer         Newer
}

// Count claims that two sets of files pair up by their stems.
type Count struct {
	Common
	Left, Right []Pattern
	Min         int64
	AllowEmpty  bool
}

// Command claims that a command ends as it should when it is run now.
type Command struct {
	Common
	Exec       []string
	Dir        Pattern
	Env        map[string]string
	ExitStatus int
	Stdout     Text
	Stderr     Text
	Inputs     []Pattern // what its result depends on
	Reports    []*Report // of the same gate, that it makes
}

// Report claims that tests ran and passed, as a command of the same gate has
// written down.
type Report struct {
	Common
	At         Pattern  // the file; with an empty Glob what the command wrote to stdout
	Command    *Command // nil when it could not be filled in
	MinTests   int64
	MaxSkipped *int64
	Newer      Newer
	Made       *Made
}

// Made is where the run of a command leaves what the check of its report has to
// know. It can be taken once: what an earlier run has shown is no observation
// of now.
type Made struct {
	lock sync.Mutex
	left any
}

// Leave leaves what the run has shown.
func (m *Made) Leave(shown any) {
	m.lock.Lock()
	defer m.lock.Unlock()
	m.left = shown
}

// Take takes it away; nil when there is nothing.
func (m *Made) Take() any {
	m.lock.Lock()
	defer m.lock.Unlock()
	shown := m.left
	m.left = nil
	return shown
}

// Commit claims something of the newest commit of a branch.
type Commit struct {
	Common
	Branch   string
	Commit   string // this very one, in hex; "" for the newest
	After    time.Time
	Contains []string // globs of paths in the repository's project folder
	Clean    bool
}

// Gone claims that a process has ended.
type Gone struct {
	Common
	PID   int
	Start uint64 // clock ticks since boot; 0 when unknown
	Boot  string // of which boot; "" when unknown
}

// HTTP claims that a server answers.
type HTTP struct {
	Common
	URL    string
	Status int
	Text
}

// NoMatch claims that no file of some name has appeared or changed.
type NoMatch struct {
	Common
	Under     Pattern
	Match     []string // of names; without regard to case
	Recursive bool
	Since     time.Time
	Message   string // of the project, why
}

// Task claims that a task of the ticket has done its work.
type Task struct {
	Common
	Task     string // its name, or
	ID       int64
	MinItems int64
	After    time.Time
}

// Approval claims that a person has approved.
type Approval struct {
	Common
	Step   string
	Digest string // of what was approved; "" for what would be approved now
}

// Cell claims what a cell of the ticket's row holds.
type Cell struct {
	Common
	Column   string
	Equals   *string
	NotEmpty bool
	Text
}

// Writes claims that all recorded writes to the ticket are in the sheet.
type Writes struct {
	Common
	Min   int64
	After time.Time // so many of them after that
}

// Frozen claims that files are what they were when they were frozen.
type Frozen struct {
	Common
	Files map[string]string // SHA-256 by path
}
