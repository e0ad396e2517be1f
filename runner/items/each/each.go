// Package each runs a command once per item, some at a time.
package each

import (
	"context"
	"errors"
	"os"
	"time"

	"uratori/runner/items"
)

// Job is what one attempt has to do.
type Job struct {
	Argv       []string     `json:"argv"` // with {item} {out} {stem} {name} {ext} {dir} {index}
	Cwd        string       `json:"cwd"`
	Jobs       int          `json:"jobs"` // at a time
	FailFast   bool         `json:"fail_fast,omitzero"`
	Total      int          `json:"total"` // items of the whole task
	Checkpoint string       `json:"checkpoint"`
	Progress   string       `json:"progress,omitempty"` // file; empty: none is written
	Since      time.Time    `json:"since,omitzero"`
	Items      []items.Item `json:"-"` // those that remain
}

// Write keeps job in the folder of an attempt, for `uratori each FOLDER`.
func Write(folder string, job Job) error { return errors.ErrUnsupported }

// Read reads what [Write] wrote.
func Read(folder string) (Job, error) { return Job{}, errors.ErrUnsupported }

// Run works the items off and returns the exit status of the process: 0 all
// done, 1 some failed, 143 told to end.
func Run(ctx context.Context, job Job, stdout, stderr *os.File, now func() time.Time) int { return 1 }
