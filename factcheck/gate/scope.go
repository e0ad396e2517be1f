package gate

import (
	"path/filepath"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"uratori/internal/fault"
)

// Scope is what a gate is filled in with.
type Scope struct {
	Ticket    string
	Root      string              // the project, absolute and without links; "" where there is none
	Workspace string              // of the ticket, likewise
	Started   time.Time           // "start": when the ticket's work began; zero: Since
	Since     time.Time           // "step": when the step began; zero where there are no steps
	Vars      map[string][]string // what {name} stands for
	Hosts     []string            // that http may ask besides this machine, "name" or "name:port"
	Frozen    map[string]string   // SHA-256 by path, as patterns are written
	Snapshot  *Snapshot           // of the start; nil where none was taken
}

// Snapshot is how things were at the start. Times can be set back and forth,
// and this cannot. It is kept as JSON.
type Snapshot struct {
	At     time.Time         `json:"at"`
	Commit string            `json:"commit,omitempty"` // HEAD of the project's repository; "" when it had none
	Git    bool              `json:"git,omitempty"`    // it was looked for
	Seen   []string          `json:"seen,omitempty"`   // what was looked through, as [Watched] names it
	Files  map[string]string `json:"files,omitempty"`  // what was there, by path: SHA-256, or "stat:…" of a very large one
}

func (s *Scope) check() error {
	for _, folder := range []string{s.Root, s.Workspace} {
		if folder != "" && (!filepath.IsAbs(folder) || filepath.Clean(folder) != folder) {
			return fault.New(fault.Invalid, "gate.bad_folder", "folder", shown(folder))
		}
	}
	if s.Ticket == "" || !clean(s.Ticket) {
		return fault.New(fault.Invalid, "gate.bad_ticket", "ticket", shown(s.Ticket))
	}
	if s.Started.IsZero() {
		s.Started = s.Since
	}
	return nil
}

// clean tells whether s can be shown and be part of a path.
func clean(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || r == '\u2028' || r == '\u2029'
	})
}
