package runner

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"uratori/internal/fault"
	"uratori/internal/store"
)

// Cleaned is one task of a cleanup.
type Cleaned struct {
	Task   int64
	Ticket string
	Bytes  int64
	Kept   error // why its folder stays; nil when it went, or would go
}

// Cleanup removes the folders, with logs and checkpoints, of tasks that ended
// before a time. What a ticket still needs as evidence stays, and so do the
// entries of the ledger and of the queue. A dry run only looks.
func (r *Runner) Cleanup(ctx context.Context, before time.Time, dry bool) ([]Cleaned, error) {
	if !dry {
		if err := r.cleaning.Acquire(ctx, 1); err != nil {
			return nil, err
		}
		defer r.cleaning.Release(1)
		if err := r.finishCleanup(ctx); err != nil {
			return nil, err
		}
	}
	old, err := r.tasks(ctx, `WHERE t.state IN ('succeeded', 'failed', 'killed') AND t.changed < ? AND t.cleaned = 0 ORDER BY t.changed, t.id`, millis(before))
	if err != nil {
		return nil, err
	}
	list := []Cleaned{}
	for _, t := range old {
		c := Cleaned{Task: t.ID, Ticket: t.Ticket}
		if c.Bytes, err = folderSize(ctx, r.taskFolder(t.ID)); err != nil {
			return list, err
		}
		if c.Kept = r.needed(ctx, t); c.Kept == nil && !dry {
			if c.Kept, err = r.remove(ctx, t.ID, c.Bytes); err != nil {
				return list, err
			}
		}
		list = append(list, c)
	}
	return list, nil
}

// needed tells why the folder of a task must stay.
func (r *Runner) needed(ctx context.Context, t Task) error {
	var waiting int
	err := r.DB.Reader().QueryRowContext(ctx,
		`SELECT count(*) FROM runner_after a JOIN runner_tasks t ON t.id = a.task WHERE a.needs = ? AND t.state NOT IN ('succeeded', 'failed', 'killed')`, t.ID).Scan(&waiting)
	switch {
	case err != nil:
		return r.DB.Explain(err)
	case waiting > 0:
		return fault.New(fault.Conflict, "task.others_wait", "task", t.ID)
	case t.Ticket == "":
		return nil
	}
	open, err := r.Tickets.Open(ctx, t.Ticket)
	switch {
	case err != nil:
		return fault.New(fault.Unavailable, "task.ticket_not_looked", "ticket", t.Ticket).Wrap(err)
	case open:
		return fault.New(fault.Conflict, "task.ticket_open", "ticket", t.Ticket)
	}
	return nil
}

// remove takes the folder away under another name first, so that a crash
// leaves no half of it. The first error is a reason why it stays.
func (r *Runner) remove(ctx context.Context, id, bytes int64) (error, error) {
	folder := r.taskFolder(id)
	doomed := folder + doomedSuffix
	err := r.DB.Write(ctx, func(tx *store.Tx) error {
		t, err := r.taskIn(tx, id)
		if err != nil {
			return err
		}
		if !t.State.Final() {
			return fault.New(fault.Conflict, "task.still_runs", "task", id, "state", t.State)
		}
		if err := os.Rename(folder, doomed); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove the folder of task %d: %w", id, err)
		}
		if _, err := tx.Exec(`UPDATE runner_tasks SET cleaned = ? WHERE id = ?`, millis(r.Now()), id); err != nil {
			return err
		}
		_, err = r.Ledger.Append(tx, "task.cleaned", subject(id), map[string]any{"bytes": bytes})
		return err
	})
	if err == nil {
		err = os.RemoveAll(doomed)
	}
	if ctx.Err() != nil {
		return nil, err
	}
	return err, nil
}

// doomedSuffix names folders that are being removed.
const doomedSuffix = ".removed"

// finishCleanup sees to what a crash has left of an earlier cleanup: a folder
// whose removal is stored is removed, another gets its name back.
func (r *Runner) finishCleanup(ctx context.Context) error {
	left, err := os.ReadDir(r.Folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("look for folders that were to be removed: %w", err)
	}
	for _, e := range left {
		name, doomed := strings.CutSuffix(e.Name(), doomedSuffix)
		id, err := strconv.ParseInt(name, 10, 64)
		if !doomed || err != nil {
			continue
		}
		t, err := r.Task(ctx, id)
		if errors.Is(err, ErrNoTask) {
			continue // not of this store
		}
		if err != nil {
			return err
		}
		path := filepath.Join(r.Folder, e.Name())
		if t.Cleaned.IsZero() {
			err = os.Rename(path, r.taskFolder(id))
		} else {
			err = os.RemoveAll(path)
		}
		if err != nil {
			r.Log.Warn("a folder that was to be removed is left", "folder", path, "error", err)
		}
	}
	return nil
}

// folderSize is what a folder takes on the disk: the middle of a long log may
// have been given back. What cannot be looked at is not counted: jobs leave
// folders of other users and paths that are too long, and somebody may tidy up
// beside us.
func folderSize(ctx context.Context, folder string) (int64, error) {
	var size int64
	err := filepath.WalkDir(folder, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return ctx.Err()
		}
		info, err := d.Info()
		if err != nil {
			return ctx.Err()
		}
		const block = 512 // st_blocks, see stat(2)
		if st, ok := info.Sys().(*syscall.Stat_t); ok {
			size += st.Blocks * block
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("measure %s: %w", folder, err)
	}
	return size, nil
}

// Statistics is what became of all tasks.
type Statistics struct {
	States   map[State]int
	Attempts map[string]int // by how they ended
	Retries  int            // attempts after the first of a task
	Waited   time.Duration  // median, from the queue to the start
	Ran      time.Duration  // median, from the start to the end
	Last     int            // so many attempts the medians are of
	Bytes    int64          // of all folders
}

// Statistics counts.
func (r *Runner) Statistics(ctx context.Context) (Statistics, error) {
	s := Statistics{States: map[State]int{}, Attempts: map[string]int{}}
	db := r.DB.Reader()
	count := func(query string, note func(string, int)) error {
		rows, err := db.QueryContext(ctx, query)
		if err != nil {
			return err
		}
		defer rows.Close() //nolint:errcheck // read to the end below
		for rows.Next() {
			var name string
			var n int
			if err := rows.Scan(&name, &n); err != nil {
				return err
			}
			note(name, n)
		}
		return rows.Err()
	}
	err := errors.Join(
		count(`SELECT state, count(*) FROM runner_tasks GROUP BY state`, func(name string, n int) { s.States[State(name)] = n }),
		count(`SELECT state, count(*) FROM runner_attempts GROUP BY state`, func(name string, n int) { s.Attempts[name] = n }),
		count(`SELECT '', count(*) FROM runner_attempts WHERE number > 1`, func(_ string, n int) { s.Retries = n }),
	)
	if err != nil {
		return s, r.DB.Explain(err)
	}
	// Recent attempts tell more than old ones. How long one took during which the
	// clock was put back nobody knows.
	const sample = 1000
	for _, m := range []struct {
		into  *time.Duration
		query string
	}{
		{&s.Waited, `SELECT a.started - t.created FROM runner_attempts a JOIN runner_tasks t ON t.id = a.task WHERE a.number = 1 AND a.started >= t.created ORDER BY a.task DESC LIMIT ?`},
		{&s.Ran, `SELECT ended - started FROM runner_attempts WHERE ended >= started ORDER BY task DESC LIMIT ?`},
	} {
		var median, n int64
		err := db.QueryRowContext(ctx, `WITH d (ms) AS (`+m.query+`)
			SELECT coalesce((SELECT ms FROM d ORDER BY ms LIMIT 1 OFFSET (SELECT count(*) / 2 FROM d)), 0), (SELECT count(*) FROM d)`, sample).Scan(&median, &n)
		if err != nil {
			return s, r.DB.Explain(err)
		}
		*m.into, s.Last = time.Duration(median)*time.Millisecond, int(n)
	}
	if s.Bytes, err = folderSize(ctx, r.Folder); err != nil {
		return s, err
	}
	return s, nil
}
