package runner

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/sys/unix"

	"uratori/internal/fault"
	"uratori/runner/shim"
)

// made is the evidence of what a task has made: the digest of a file in its
// folder that names each output with its own digest.
type made struct {
	Count  int    `json:"count"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"` // of the file [madeFile]
}

// madeFile has a line of JSON for each output of a task.
const madeFile = "outputs.jsonl"

// Output is a line of the list of what a task has made.
type Output struct {
	Path    string    `json:"path"`
	SHA256  string    `json:"sha256"`
	Size    int64     `json:"size"`
	Input   string    `json:"input"`
	Written time.Time `json:"written"`     // the last change of the file, as it was when the list was made
	By      int64     `json:"by,omitzero"` // the task that was at work just then: of the same ticket and name; 0 for none
}

// spell is a time in which a task was at work.
type spell struct {
	task        int64
	began, over time.Time
}

// clockLag is how far the clock of file times may lag behind: it moves 100 to
// 1000 times a second.
const clockLag = 10 * time.Millisecond

// has tells whether something was written in that time, as far as file times
// can show: some file systems keep whole seconds only.
func (s spell) has(written time.Time) bool {
	began := s.began
	if written.Nanosecond() == 0 {
		began = began.Truncate(time.Second)
	}
	return !written.Add(clockLag).Before(began) && !written.After(s.over)
}

// spells are the times in which tasks of the ticket and name of t were at work:
// a job that goes on where another was ended has not made all by itself. Without
// a ticket there are no others.
func (r *Runner) spells(ctx context.Context, t Task) ([]spell, error) {
	const columns = `SELECT a.task, a.started, a.ended, a.exit FROM runner_attempts a `
	query, args := columns+`WHERE a.task = ? AND a.ran > 0`, []any{t.ID}
	if t.Ticket != "" {
		query, args = columns+`JOIN runner_tasks t ON t.id = a.task WHERE t.ticket = ? AND t.name = ? AND a.ran > 0`, []any{t.Ticket, t.Name}
	}
	rows, err := r.DB.Reader().QueryContext(ctx, query, args...)
	if err != nil {
		return nil, r.DB.Explain(err)
	}
	defer rows.Close() //nolint:errcheck // read to the end below
	var list []spell
	for rows.Next() {
		var s spell
		var began, over int64
		var exit string
		if err := rows.Scan(&s.task, &began, &over, &exit); err != nil {
			return nil, r.DB.Explain(err)
		}
		s.began, s.over = moment(began), moment(over)
		var how shim.Exit
		if exit != "" {
			if err := json.Unmarshal([]byte(exit), &how); err != nil {
				return nil, fmt.Errorf("the end of task %d: %w", s.task, err)
			}
		}
		switch {
		case !how.EndedAt.IsZero() && !how.Others:
			s.over = how.EndedAt // it may have been noted long after
		case over == 0:
			s.over = r.Now()
		}
		list = append(list, s)
	}
	return list, r.DB.Explain(rows.Err())
}

// written is the last change of a file: the time of the last write can be set
// to anything, and that shows here.
func written(path string) (time.Time, error) {
	var st unix.Stat_t
	if err := unix.Stat(path, &st); err != nil {
		return time.Time{}, fault.New(fault.Unavailable, "items.unreadable", "path", path).Wrap(err)
	}
	modified, changed := time.Unix(st.Mtim.Unix()), time.Unix(st.Ctim.Unix())
	if changed.After(modified) {
		return changed, nil
	}
	return modified, nil
}

// Made is what a task has made, as it was listed when it succeeded, by path. It
// is empty for a task that has not: the digest of the list is in the ledger. A
// list that is not the one whose digest that is, or is gone, is an error.
func (r *Runner) Made(ctx context.Context, t Task) (map[string]Output, error) {
	var proof *made
	for e, err := range r.Ledger.Entries(ctx, 0, subject(t.ID)) {
		if err != nil {
			return nil, err
		}
		if e.Kind != "task.ended" {
			continue
		}
		var end struct {
			State   State `json:"state"`
			Outputs *made `json:"outputs"`
		}
		if err := json.Unmarshal(e.Data, &end); err != nil {
			return nil, fault.New(fault.Unavailable, "task.list_lost", "task", t.ID).Wrap(err)
		}
		if proof = nil; end.State == Succeeded {
			proof = end.Outputs
		}
	}
	if proof == nil {
		return nil, nil //nolint:nilnil // an empty map
	}
	raw, err := os.ReadFile(filepath.Join(r.taskFolder(t.ID), madeFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(fault.Unavailable, "task.list_lost", "task", t.ID).Wrap(err)
	}
	if sum := sha256.Sum256(raw); err != nil || hex.EncodeToString(sum[:]) != proof.SHA256 {
		return nil, fault.New(fault.Unavailable, "task.list_lost", "task", t.ID)
	}
	list := map[string]Output{}
	for lines := jsontext.NewDecoder(bytes.NewReader(raw)); lines.PeekKind() != 0; {
		var o Output
		if err := json.UnmarshalDecode(lines, &o); err != nil {
			return nil, fault.New(fault.Unavailable, "task.list_lost", "task", t.ID).Wrap(err)
		}
		list[o.Path] = o
	}
	return list, nil
}
