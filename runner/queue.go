package runner

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"
	"time"

	"uratori/internal/fault"
	"uratori/internal/store"
)

// ErrNothingQueued is the fault of an empty queue.
var ErrNothingQueued = fault.New(fault.NotFound, "task.nothing_queued")

// execution asks the loop to start the next task now.
type execution struct {
	ctx    context.Context
	answer chan<- started
}

type started struct {
	task int64
	err  error
}

// Run keeps tasks running until ctx ends, and then leaves those that run to
// their shims. It first takes up what an earlier daemon left behind.
func (r *Runner) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer r.settle()
	defer cancel()
	if err := r.takeUp(ctx); err != nil {
		return err
	}
	for {
		wait, err := r.fill(ctx)
		if err != nil {
			return err
		}
		var due <-chan time.Time
		if wait > 0 {
			timer := time.NewTimer(min(wait, longestWait))
			defer timer.Stop()
			due = timer.C
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-r.broken:
			return err
		case <-r.wake:
		case <-due:
		case ask := <-r.executions:
			id, err := r.startNext(ctx, true)
			if err == nil && id == 0 {
				err = ErrNothingQueued
			}
			ask.answer <- started{id, err}
		}
	}
}

// settle waits for the conductors, which end with the context of Run. What one
// of them had to say after that is no news: all of it is taken up anew.
func (r *Runner) settle() {
	r.work.Wait()
	select {
	case <-r.broken:
	default: // mostly
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.custody)
}

// longestWait is for how long the queue is not looked at while something in it
// waits for a time. A timer knows nothing of a clock that was set, or of a
// machine that slept.
const longestWait = time.Minute

// fill starts what can be started and tells how long it is until the next task
// is due, by the clock as it was when the queue was looked at; 0 for none.
func (r *Runner) fill(ctx context.Context) (time.Duration, error) {
	if r.free() <= 0 {
		return 0, nil // a task that ends gives its slot on, or has the queue looked at again
	}
	paused, err := r.Paused(ctx)
	if err != nil {
		return 0, err
	}
	looked := r.Now() // what becomes due while it is looked is not to fall between
	for !paused && r.free() > 0 {
		id, err := r.startNext(ctx, false)
		if err != nil {
			return 0, err
		}
		if id == 0 {
			break
		}
	}
	if paused || r.free() <= 0 {
		return 0, nil // a resume has it looked at again, too
	}
	var next int64
	err = r.DB.Reader().QueryRowContext(ctx, `SELECT coalesce(min(not_before), 0) FROM runner_tasks WHERE state = 'queued' AND held = 0 AND not_before > ?`,
		millis(looked)).Scan(&next)
	if err != nil || next == 0 {
		return 0, r.DB.Explain(err)
	}
	return max(moment(next).Sub(looked), time.Millisecond), nil
}

// free is how many slots nobody is using.
func (r *Runner) free() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.Limits.Slots - len(r.custody)
}

// full tells whether each slot is used, and none twice: a slot whose attempt
// ends can be given to another.
func (r *Runner) full() bool { return r.free() == 0 }

// granted counts the attempts at work on each GPU.
func (r *Runner) granted() map[string]int {
	r.mu.Lock()
	defer r.mu.Unlock()
	use := map[string]int{}
	for _, c := range r.custody {
		for _, name := range c.attempt.GPUs {
			use[name]++
		}
	}
	return use
}

// Execute starts the task that is next, even while the queue is paused, and
// returns it. The slots are not exceeded: a GPU that is in use stays so.
func (r *Runner) Execute(ctx context.Context) (Task, error) {
	if r.free() <= 0 {
		return Task{}, fault.New(fault.Conflict, "task.no_slot", "slots", r.Limits.Slots)
	}
	answer := make(chan started, 1)
	select {
	case r.executions <- execution{ctx, answer}:
	case <-ctx.Done():
		return Task{}, ctx.Err()
	}
	select {
	case s := <-answer:
		if s.err != nil {
			return Task{}, s.err
		}
		return r.Task(ctx, s.task)
	case <-ctx.Done():
		return Task{}, ctx.Err()
	}
}

// putBack is by how much a clock must be put back before anything is made of it.
const putBack = time.Second

// candidates bounds how many waiting tasks are looked at for one that fits.
const candidates = 200

// startNext starts the first task that can run: the highest priority, then the
// order of arrival. A task that needs GPUs which are in use holds back those
// behind it that need some, so that it is not passed over for ever. The id is 0
// when there is none. Only the loop calls it.
func (r *Runner) startNext(ctx context.Context, forced bool) (int64, error) {
	if r.free() <= 0 {
		return 0, fault.New(fault.Conflict, "task.no_slot", "slots", r.Limits.Slots)
	}
	id, wanted, err := r.startWith(ctx, forced, nil)
	if wanted {
		// Looked up only now, and outside the transaction: the driver may take
		// its time. Where they are not known, tasks that need one wait.
		names, unknown := r.GPUs.Names(ctx)
		if unknown != nil {
			r.Log.Warn("tasks that need a GPU wait: the GPUs are not known", "error", unknown)
		}
		id, _, err = r.startWith(ctx, forced, &names)
	}
	return id, err
}

// startWith is startNext with the GPUs of this machine. Where they are nil, it
// starts nothing and wants them when the first task in the queue needs any.
func (r *Runner) startWith(ctx context.Context, forced bool, names *[]string) (id int64, wanted bool, err error) {
	var next *custody
	err = r.DB.Write(ctx, func(tx *store.Tx) error {
		var err error
		next, wanted, err = r.claimWith(tx, forced, names)
		return err
	})
	if err != nil || next == nil {
		return 0, wanted, err
	}
	id = next.task.ID // from now on it is the conductor's
	r.changed()
	r.take(ctx, next, nil)
	return id, false, nil
}

// claim begins with the next task unless the queue is paused, or nothing can be
// begun that needs no GPU.
func (r *Runner) claim(tx *store.Tx) (*custody, error) {
	next, _, err := r.claimWith(tx, false, nil)
	return next, err
}

// claimWith begins with the task that is next; nil when none can be. Whoever
// calls it has a slot for it.
func (r *Runner) claimWith(tx *store.Tx, forced bool, names *[]string) (next *custody, wanted bool, err error) {
	f, wanted, err := r.fits(tx, forced, names)
	if err != nil || f.id == 0 {
		return nil, wanted, err
	}
	t, environ, err := r.taskToRun(tx, f.id)
	if err != nil {
		return nil, false, err
	}
	a, err := r.begin(tx, &t, f.gpus)
	return &custody{runner: r, task: t, attempt: a, fresh: true, environ: environ, ahead: f.ahead}, false, err
}

// fitting is the first waiting task that can run.
type fitting struct {
	id    int64 // 0 for none
	gpus  []string
	ahead *upcoming // who waits behind it, as things are; may be nil
}

// fits finds it, or wants the GPUs, when it cannot be told without them.
// A paused queue has none, unless it is forced: that is looked at here, inside of
// the transaction that begins something, so that a pause that was answered holds.
func (r *Runner) fits(tx *store.Tx, forced bool, names *[]string) (found fitting, wanted bool, err error) {
	now := r.Now()
	// The pause after an attempt is counted from its end. Where that is still to
	// come, the clock was put back, and the pause would last until it is there
	// again; what a person wants at a time waits for that time.
	// A bare LIMIT ? would have SQLite plan the statement anew each time.
	rows, err := tx.Query(`SELECT id, gpu, attempt FROM runner_tasks t WHERE state = 'queued' AND held = 0
		AND (not_before <= ?1 OR changed > ?2 AND EXISTS (SELECT 1 FROM runner_attempts a WHERE a.task = t.id AND a.number = t.attempt AND abs(t.changed - a.ended) < ?3))
		AND NOT EXISTS (SELECT 1 FROM runner_after a JOIN runner_tasks n ON n.id = a.needs WHERE a.task = t.id AND n.state <> 'succeeded')
		AND (?5 OR NOT (SELECT paused FROM runner_queue))
		ORDER BY priority DESC, id LIMIT +?4`, millis(now), millis(now.Add(putBack)), putBack.Milliseconds(), candidates, forced)
	if err != nil {
		return fitting{}, false, err
	}
	defer rows.Close() //nolint:errcheck // what was wanted of it is read below
	use, blocked := r.granted(), false
	for rows.Next() {
		var u upcoming
		var gpu int
		if err := rows.Scan(&u.task, &gpu, &u.before); err != nil {
			return fitting{}, false, err
		}
		if found.id != 0 {
			found.ahead = &u
			return found, false, nil
		}
		if gpu > 0 && names == nil {
			return fitting{}, true, nil
		}
		if gpu > 0 {
			if found.gpus = grant(*names, use, gpu, r.Limits.PerGPU); found.gpus == nil || blocked {
				blocked = true
				continue
			}
		}
		found.id = u.task
	}
	return found, false, rows.Err()
}

// grant picks the n GPUs with the fewest tasks on them, nil when there are not
// so many free.
func grant(names []string, use map[string]int, n, perGPU int) []string {
	open := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return use[name] >= perGPU })
	if len(open) < n {
		return nil
	}
	slices.SortStableFunc(open, func(a, b string) int { return use[a] - use[b] })
	picked := open[:n]
	slices.SortFunc(picked, func(a, b string) int { return slices.Index(names, a) - slices.Index(names, b) })
	return picked
}

type startingEntry struct {
	Attempt int      `json:"attempt"`
	Of      int      `json:"of"`
	GPUs    []string `json:"gpus,omitempty"`
}

// begin makes the next attempt of a task. Nothing runs yet; when this process
// dies now, the attempt's folder shows so.
func (r *Runner) begin(tx *store.Tx, t *Task, gpus []string) (Attempt, error) {
	next, err := t.State.after(start)
	if err != nil {
		return Attempt{}, err
	}
	now := r.Now()
	t.State, t.Attempt, t.Changed, t.Reason = next, t.Attempt+1, now, nil
	t.ExitCode, t.Signal = nil, "" // they were the last attempt's
	a := Attempt{
		Task: t.ID, Number: t.Attempt, State: string(Starting), GPUs: gpus, Started: now, Total: t.Total,
		Folder: r.attemptFolder(t.ID, t.Attempt), token: rand.Text(),
	}
	if _, err := tx.Exec(`INSERT INTO runner_attempts (task, number, state, token, gpus, started, total) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		a.Task, a.Number, a.State, a.token, strings.Join(gpus, ","), millis(now), a.Total); err != nil {
		return a, err
	}
	if _, err := tx.Exec(`UPDATE runner_tasks SET state = ?, attempt = ?, changed = ?, reason = '', exit_code = NULL, signal = '', held = 0, wish = '' WHERE id = ?`,
		t.State, t.Attempt, millis(now), t.ID); err != nil {
		return a, err
	}
	_, err = r.Ledger.Append(tx, "task.starting", subject(t.ID), startingEntry{Attempt: a.Number, Of: t.Budget, GPUs: gpus})
	return a, err
}

// Paused tells whether the queue is held as a whole.
func (r *Runner) Paused(ctx context.Context) (bool, error) {
	var paused bool
	err := r.DB.Reader().QueryRowContext(ctx, `SELECT paused FROM runner_queue`).Scan(&paused)
	return paused, r.DB.Explain(err)
}

// position is the place of a waiting task in the queue, 0 for another. A task
// that has started since t was read was the next.
func (r *Runner) position(ctx context.Context, t Task) (int, error) {
	if t.State != Queued {
		return 0, nil
	}
	var before int
	err := r.DB.Reader().QueryRowContext(ctx, `SELECT count(*) FROM runner_tasks WHERE state = 'queued' AND (priority > ? OR priority = ? AND id < ?)`,
		t.Priority, t.Priority, t.ID).Scan(&before)
	return before + 1, r.DB.Explain(err)
}
