package runner

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json"

	"uratori/internal/fault"
	"uratori/internal/store"
)

// ErrNoTask is the fault of a task that does not exist.
var ErrNoTask = fault.New(fault.NotFound, "task.unknown")

const taskColumns = `t.id, t.ticket, t.name, t.state, t.held, t.wish, t.priority, t.not_before, t.attempt, t.retries, t.budget, t.since,
	t.created, t.changed, t.cleaned, t.reason, t.exit_code, t.signal, t.spec,
	(SELECT coalesce(json_group_array(a.needs), '[]') FROM runner_after a JOIN runner_tasks n ON n.id = a.needs WHERE a.task = t.id AND n.state <> 'succeeded'), t.total, t.aside`

type scanner interface{ Scan(dest ...any) error }

func scanTask(row scanner) (Task, error) {
	var t Task
	var notBefore, since, created, changed, cleaned int64
	var reason, spec, needs string
	var code sql.NullInt64
	err := row.Scan(&t.ID, &t.Ticket, &t.Name, &t.State, &t.Held, &t.Wish, &t.Priority, &notBefore, &t.Attempt, &t.Retries, &t.Budget, &since,
		&created, &changed, &cleaned, &reason, &code, &t.Signal, &spec, &needs, &t.Total, &t.aside)
	if err != nil {
		return t, err
	}
	t.NotBefore, t.Since, t.Created, t.Changed, t.Cleaned = moment(notBefore), moment(since), moment(created), moment(changed), moment(cleaned)
	if code.Valid {
		n := int(code.Int64)
		t.ExitCode = &n
	}
	if err := json.Unmarshal([]byte(spec), &t.Spec); err != nil {
		return t, fmt.Errorf("the stored command of task %d: %w", t.ID, err)
	}
	if err := json.Unmarshal([]byte(needs), &t.WaitsFor); err != nil {
		return t, fmt.Errorf("what task %d waits for: %w", t.ID, err)
	}
	t.Reason, err = readReason(reason)
	return t, err
}

// A reason is stored as the fault that it is, so that it is told in the
// reader's language.
func readReason(text string) (error, error) {
	if text == "" {
		return nil, nil
	}
	var w fault.Wire
	if err := json.Unmarshal([]byte(text), &w); err != nil {
		return nil, fmt.Errorf("a stored reason: %w", err)
	}
	return w.Decode(), nil
}

func writeReason(reason error) (string, error) {
	if reason == nil {
		return "", nil
	}
	raw, err := json.Marshal(fault.Encode(reason))
	return string(raw), err
}

// Task reads a task.
func (r *Runner) Task(ctx context.Context, id int64) (Task, error) {
	t, err := scanTask(r.DB.Reader().QueryRowContext(ctx, `SELECT `+taskColumns+` FROM runner_tasks t WHERE t.id = ?`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return t, fault.New(fault.NotFound, "task.unknown", "task", id)
	}
	return t, r.DB.Explain(err)
}

func (r *Runner) taskIn(tx *store.Tx, id int64) (Task, error) {
	return readTask(tx, id, `SELECT `+taskColumns+` FROM runner_tasks t WHERE t.id = ?`)
}

// taskToRun is a task with the environment of whoever asked for it, as JSON.
func (r *Runner) taskToRun(tx *store.Tx, id int64) (t Task, environ string, err error) {
	t, err = readTask(tx, id, `SELECT `+taskColumns+`, e.list FROM runner_tasks t JOIN runner_environments e ON e.digest = t.env WHERE t.id = ?`, &environ)
	return t, environ, err
}

// readTask reads the row of a task, which may have more columns than those of
// tasks.
func readTask(tx *store.Tx, id int64, query string, more ...any) (Task, error) {
	rows, err := tx.Query(query, id)
	if err != nil {
		return Task{}, err
	}
	defer rows.Close() //nolint:errcheck // read below
	if !rows.Next() {
		return Task{}, errors.Join(fault.New(fault.NotFound, "task.unknown", "task", id), rows.Err())
	}
	return scanTask(longer{rows, more})
}

// longer is a row with columns behind those that its reader knows.
type longer struct {
	scanner
	more []any
}

// Scan is that of [sql.Rows].
func (l longer) Scan(dest ...any) error { return l.scanner.Scan(append(dest, l.more...)...) }

// tasks reads all tasks of a query on runner_tasks t.
func (r *Runner) tasks(ctx context.Context, rest string, args ...any) ([]Task, error) {
	rows, err := r.DB.Reader().QueryContext(ctx, `SELECT `+taskColumns+` FROM runner_tasks t `+rest, args...)
	if err != nil {
		return nil, r.DB.Explain(err)
	}
	defer rows.Close() //nolint:errcheck // read to the end below
	var list []Task
	for rows.Next() {
		t, err := scanTask(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, t)
	}
	return list, r.DB.Explain(rows.Err())
}

// sameKey is the task that was made for key before, 0 without one.
func (r *Runner) sameKey(tx *store.Tx, key, content string) (int64, error) {
	if key == "" {
		return 0, nil
	}
	if !utf8.ValidString(key) || utf8.RuneCountInString(key) > longestName {
		return 0, fault.New(fault.Invalid, "task.bad_key", "most", longestName)
	}
	var id int64
	var before string
	err := tx.Get(`SELECT id, content FROM runner_tasks WHERE key = ?`, []any{key}, &id, &before)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return 0, nil
	case err != nil:
		return 0, err
	case before != content:
		return 0, fault.New(fault.Conflict, "task.key_taken", "key", key, "task", id)
	}
	return id, nil
}

type queuedEntry struct {
	Ticket      string   `json:"ticket,omitempty"`
	Name        string   `json:"name"`
	Command     []string `json:"command"`
	Cwd         string   `json:"cwd"`
	Environment string   `json:"environment"` // digest
	Items       int      `json:"items,omitzero"`
	Outputs     []string `json:"outputs,omitempty"`
	GPU         int      `json:"gpu,omitzero"`
	Retries     int      `json:"retries"`
	Priority    int      `json:"priority,omitzero"`
	After       []int64  `json:"after,omitempty"`
	NotBefore   string   `json:"not_before,omitempty"`
	Held        bool     `json:"held,omitzero"`
}

func (r *Runner) insert(tx *store.Tx, o Order, list []string, content string) (int64, error) {
	env, err := keepEnvironment(tx, o.Environ)
	if err != nil {
		return 0, err
	}
	spec, err := json.Marshal(o.Spec, json.Deterministic(true))
	if err != nil {
		return 0, err
	}
	now := millis(r.Now())
	var key any
	if o.Key != "" {
		key = o.Key
	}
	res, err := tx.Exec(`INSERT INTO runner_tasks (ticket, name, state, held, priority, gpu, total, not_before, retries, budget, created, changed, key, content, spec, env)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		o.Ticket, o.Name, Queued, o.Hold, o.Priority, o.Spec.GPU, len(list), millis(o.NotBefore), *o.Retries, 1+*o.Retries, now, now, key, content, string(spec), env)
	if err != nil {
		return 0, err
	}
	id, err := res.LastInsertId()
	if err != nil {
		return 0, err
	}
	if err := need(tx, id, o.After); err != nil {
		return 0, err
	}
	if len(list) > 0 {
		raw, err := json.Marshal(list)
		if err != nil {
			return 0, err
		}
		if _, err := tx.Exec(`INSERT INTO runner_items VALUES (?, ?)`, id, string(raw)); err != nil {
			return 0, err
		}
	}
	entry := queuedEntry{
		Ticket: o.Ticket, Name: o.Name, Command: bounded(o.Spec.Command), Cwd: o.Spec.Cwd, Environment: env, Items: len(list),
		Outputs: o.Spec.Outputs, GPU: o.Spec.GPU, Retries: *o.Retries, Priority: o.Priority, After: o.After, Held: o.Hold,
	}
	if !o.NotBefore.IsZero() {
		entry.NotBefore = o.NotBefore.UTC().Format("2006-01-02T15:04:05Z")
	}
	_, err = r.Ledger.Append(tx, "task.queued", subject(id), entry)
	return id, err
}

// bounded keeps a command of thousands of words from filling the ledger; the
// whole of it is in the store.
func bounded(argv []string) []string {
	const most = 200
	if len(argv) <= most {
		return argv
	}
	return append(append([]string{}, argv[:most]...), fmt.Sprintf("… %d more", len(argv)-most))
}

// need stores which tasks must have succeeded before id.
func need(tx *store.Tx, id int64, after []int64) error {
	for _, n := range after {
		var there int
		if err := tx.Get(`SELECT count(*) FROM runner_tasks WHERE id = ?`, []any{n}, &there); err != nil {
			return err
		}
		if there == 0 || n == id {
			return fault.New(fault.NotFound, "task.after_unknown", "task", n)
		}
		if _, err := tx.Exec(`INSERT OR IGNORE INTO runner_after VALUES (?, ?)`, id, n); err != nil {
			return err
		}
	}
	return nil
}

// keepEnvironment stores an environment once and returns its digest.
func keepEnvironment(tx *store.Tx, list []string) (string, error) {
	if list == nil {
		list = []string{}
	}
	raw, err := json.Marshal(list)
	if err != nil {
		return "", err
	}
	h := sha256.Sum256(raw)
	name := hex.EncodeToString(h[:])
	_, err = tx.Exec(`INSERT OR IGNORE INTO runner_environments VALUES (?, ?)`, name, string(raw))
	return name, err
}

func (r *Runner) itemList(ctx context.Context, t Task) ([]string, error) {
	if t.Total == 0 {
		return nil, nil
	}
	var raw string
	err := r.DB.Reader().QueryRowContext(ctx, `SELECT list FROM runner_items WHERE task = ?`, t.ID).Scan(&raw)
	if err != nil {
		return nil, r.DB.Explain(fmt.Errorf("read the items of task %d: %w", t.ID, err))
	}
	var list []string
	err = json.Unmarshal([]byte(raw), &list)
	return list, err
}

const attemptColumns = `task, number, state, token, gpus, started, ran, ended, run, exit, reason, done, total, cut`

func (r *Runner) scanAttempt(row scanner) (Attempt, error) {
	var a Attempt
	var gpus, run, exit, reason string
	var started, ran, ended, cut int64
	err := row.Scan(&a.Task, &a.Number, &a.State, &a.token, &gpus, &started, &ran, &ended, &run, &exit, &reason, &a.Done, &a.Total, &cut)
	if err != nil {
		return a, err
	}
	a.Started, a.Ran, a.Ended = moment(started), moment(ran), moment(ended)
	if cut != 0 {
		a.Cut = time.Unix(0, cut)
	}
	a.Folder = r.attemptFolder(a.Task, a.Number)
	if gpus != "" {
		a.GPUs = strings.Split(gpus, ",")
	}
	if run != "" {
		err = json.Unmarshal([]byte(run), &a.Run)
	}
	if err == nil && exit != "" {
		err = json.Unmarshal([]byte(exit), &a.Exit)
	}
	if err != nil {
		return a, fmt.Errorf("attempt %d of task %d: %w", a.Number, a.Task, err)
	}
	a.Reason, err = readReason(reason)
	return a, err
}

// Attempts reads the attempts of a task, oldest first.
func (r *Runner) Attempts(ctx context.Context, task int64) ([]Attempt, error) {
	rows, err := r.DB.Reader().QueryContext(ctx, `SELECT `+attemptColumns+` FROM runner_attempts WHERE task = ? ORDER BY number`, task)
	if err != nil {
		return nil, r.DB.Explain(err)
	}
	defer rows.Close() //nolint:errcheck // read to the end below
	var list []Attempt
	for rows.Next() {
		a, err := r.scanAttempt(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, a)
	}
	return list, r.DB.Explain(rows.Err())
}

func (r *Runner) attempt(ctx context.Context, task int64, number int) (Attempt, error) {
	a, err := r.scanAttempt(r.DB.Reader().QueryRowContext(ctx, `SELECT `+attemptColumns+` FROM runner_attempts WHERE task = ? AND number = ?`, task, number))
	if errors.Is(err, sql.ErrNoRows) {
		return a, fault.New(fault.NotFound, "task.no_attempt", "task", task, "attempt", number)
	}
	return a, r.DB.Explain(err)
}
