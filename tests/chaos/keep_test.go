package chaos

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"uratori/internal/control"
)

// keep leaves all that is known of a run in the folder that CHAOS_KEEP names,
// for whoever wants to find out how a violation came about: the journal, what
// the agents asked and were told, and the daemon's own store.
func (r *Run) keep(t *testing.T, j *Journal) {
	t.Helper()
	folder := os.Getenv("CHAOS_KEEP")
	if folder == "" {
		return
	}
	folder = filepath.Join(folder, time.Now().UTC().Format("150405.000"))
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Error(err)
		return
	}
	err := r.daemon.Do(t.Context(), func(c *control.Client) error {
		_, err := c.Backup(t.Context(), filepath.Join(folder, "daemon.db"))
		return err
	})
	if err != nil {
		t.Errorf("keep the daemon's store: %v", err)
	}
	if err := os.WriteFile(filepath.Join(folder, "journal.txt"), []byte(Everything(j, r.board.Ops())), 0o600); err != nil {
		t.Error(err)
	}
}

// Everything is all that happened, oldest first.
func Everything(j *Journal, ops []*Op) string {
	type line struct {
		tick int64
		text string
	}
	var lines []line
	for _, op := range ops {
		said := cmp.Or(op.Refused, describe(op))
		lines = append(lines,
			line{op.Asked, fmt.Sprintf("%s asks %s (create %v): %v expecting %v, having seen %v", op.Key, op.id(), op.Create, op.Fields, op.Expected, op.Seen)},
			line{op.Answered, fmt.Sprintf("%s is told: %s", op.Key, said)})
	}
	var before Table
	for n, e := range j.Entries {
		who := string(e.By)
		if e.By == Tracker {
			who = fmt.Sprintf("tracker (request %d, came at %d, had seen entries %v, met %q)", e.Request, e.Came, e.Looks, e.Fault)
		}
		lines = append(lines, line{e.Tick, fmt.Sprintf("entry %d, %s: %s", n, who, e.What)})
		for _, text := range changes(before, e.After, func(Table, *Row) bool { return true }) {
			lines = append(lines, line{e.Tick, fmt.Sprintf("entry %d: %s", n, text)})
		}
		before = e.After
	}
	for _, u := range j.Undone {
		lines = append(lines, line{u.Tick, fmt.Sprintf("request %d was answered, and then undone: %s", u.Request, u.What)})
	}
	slices.SortStableFunc(lines, func(a, b line) int { return cmp.Compare(a.tick, b.tick) })
	var b strings.Builder
	for _, l := range lines {
		fmt.Fprintf(&b, "%7d  %s\n", l.tick, strings.ReplaceAll(l.text, "\n", "⏎"))
	}
	return b.String()
}
