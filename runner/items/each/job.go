// Package each runs a command once per item, some at a time.
//
// It is the main process of an attempt whose task was queued with --each
// (`uratori each FOLDER`), so it needs neither the daemon nor the store. What
// is done is known from the outputs and from the job log in the checkpoint
// folder: whenever this process and all that it started are killed, the items
// that were in hand are begun anew, and no others.
package each

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/go-json-experiment/json"

	"uratori/runner/items"
)

// Job is what one attempt has to do.
type Job struct {
	Argv       []string     `json:"argv"` // with placeholders of one item
	Cwd        string       `json:"cwd"`
	Jobs       int          `json:"jobs"`               // commands at a time; less than 1 is 1
	FailFast   bool         `json:"fail_fast,omitzero"` // begin none after one has failed
	Total      int          `json:"total"`              // items of the whole task
	Since      time.Time    `json:"since,omitzero"`     // older outputs and runs do not count
	Checkpoint string       `json:"checkpoint"`         // folder of the job log
	Progress   string       `json:"progress,omitempty"` // file; empty: nobody is told
	Items      []items.Item `json:"-"`                  // those that remain, a line each
}

// jobFile is the name of the file in the folder of an attempt: a line of the
// job, then one of each item.
const jobFile = "each.json"

// Write keeps job in the folder of an attempt, before the attempt is started.
func Write(folder string, job Job) (err error) {
	f, err := os.OpenFile(filepath.Join(folder, jobFile), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("write what is to be run per item: %w", err)
	}
	w := bufio.NewWriter(f)
	put := func(v any) error {
		return errors.Join(json.MarshalWrite(w, v), w.WriteByte('\n'))
	}
	err = put(header{Job: job, Remaining: len(job.Items)})
	for i := 0; err == nil && i < len(job.Items); i++ {
		err = put(job.Items[i])
	}
	if err = errors.Join(err, w.Flush(), f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write what is to be run per item: %w", err)
	}
	return nil
}

// Read reads what [Write] wrote, the whole of it or nothing.
func Read(folder string) (Job, error) {
	f, err := os.Open(filepath.Join(folder, jobFile))
	if err != nil {
		return Job{}, fmt.Errorf("read what is to be run per item: %w", err)
	}
	defer f.Close() //nolint:errcheck // only read
	job, err := read(f)
	if err != nil {
		return Job{}, fmt.Errorf("read what is to be run per item, %s: %w", f.Name(), err)
	}
	return job, nil
}

// header is the first line.
type header struct {
	Job
	Remaining int `json:"remaining"`
}

func read(r io.Reader) (Job, error) {
	var first header
	var list []items.Item
	lines := bufio.NewReader(r)
	for n := 0; ; n++ {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) && len(line) == 0 && n > 0 {
			if len(list) != first.Remaining {
				return Job{}, fmt.Errorf("%d of %d items: %w", len(list), first.Remaining, io.ErrUnexpectedEOF)
			}
			first.Items = list
			return first.Job, first.check()
		}
		if err != nil {
			return Job{}, fmt.Errorf("line %d: %w", n+1, io.ErrUnexpectedEOF)
		}
		line = bytes.TrimSuffix(line, []byte("\n"))
		if n == 0 {
			err = json.Unmarshal(line, &first)
		} else {
			var it items.Item
			err = json.Unmarshal(line, &it)
			list = append(list, it)
		}
		if err != nil {
			return Job{}, fmt.Errorf("line %d: %w", n+1, err)
		}
	}
}

func (j Job) check() error {
	if len(j.Argv) == 0 || j.Argv[0] == "" || !filepath.IsAbs(j.Cwd) || !filepath.IsAbs(j.Checkpoint) || len(j.Items) > j.Total {
		return fmt.Errorf("%w: no command, no folder, or more items than there are", fs.ErrInvalid)
	}
	for _, it := range j.Items {
		if !filepath.IsAbs(it.Path) || it.Index < 1 || it.Index > j.Total {
			return fmt.Errorf("%w: item %d %q", fs.ErrInvalid, it.Index, it.Path)
		}
	}
	return nil
}
