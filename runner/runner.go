// Package runner runs commands that nobody may lose: a queue of tasks, each
// run by attempts until one of them succeeds.
//
// What it promises:
//
//   - A task is stored before anybody is told of it, and every step of its life
//     is an entry of the ledger in the same transaction.
//   - At most one attempt of a task is alive at any time. The next one starts
//     only after a look has found nobody of the one before.
//   - An attempt belongs to a shim (package shim), which needs neither this
//     process nor the store: whatever is killed, the exit status is on the disk.
//     [Runner.Run] takes up what an earlier daemon left behind.
//   - A task has succeeded when its last attempt ended with status 0 and each
//     expected output is there and can be read. Nothing else counts.
//   - "Killed" is said after a look has found no process of the task.
//
// One goroutine conducts each attempt from its start to its verdict, so there
// is one place that moves a running task; see [State] for the moves.
package runner

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"uratori/internal/ledger"
	"uratori/internal/process"
	"uratori/internal/store"
	"uratori/runner/items"
	"uratori/runner/shim"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Schema is the runner's tables.
func Schema() store.Schema {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return store.Schema{Name: "runner", FS: dir}
}

// Tickets is what the runner wants to know of tickets.
type Tickets interface {
	// Known tells whether there is such a ticket. An error means that nobody
	// can say at present.
	Known(ctx context.Context, id string) (bool, error)
	// Workspace is the folder of a ticket, empty while there is none.
	Workspace(ctx context.Context, id string) string
	// Open tells whether work on the ticket goes on, so that what its tasks
	// left behind is still needed.
	Open(ctx context.Context, id string) (bool, error)
}

// GPUs is what the runner wants to know of the GPUs of this machine.
type GPUs interface {
	// Names are what CUDA_VISIBLE_DEVICES knows them by, in order.
	Names(ctx context.Context) ([]string, error)
	// Holding looks which of these processes hold memory of a GPU. An error
	// means that it could not be looked at.
	Holding(ctx context.Context, pids []int) ([]int, error)
}

// Limits are the settings of the queue.
type Limits struct {
	Slots    int           // tasks at once
	PerGPU   int           // tasks at once on each GPU
	Retries  int           // automatic resumes after the first run
	Backoff  time.Duration // before the first of them; doubles with each
	Grace    time.Duration // between TERM and KILL
	LogBytes int64         // of each stream of an attempt; the middle of a longer one is not kept
	Look     time.Duration // how often the progress of running tasks is looked at
	Settle   time.Duration // an output younger than this may still be written to
	Hold     time.Duration // how long a pause or its end may take; 0 is ten seconds
}

// Options are what a runner needs from outside.
type Options struct {
	DB      *store.DB
	Ledger  *ledger.Ledger
	Folder  string // where attempts have their folders
	Home    string // URATORI_HOME, for jobs that ask
	Program string // this program, for what runs a command once per item
	Pool    *shim.Pool
	Tickets Tickets
	GPUs    GPUs
	// Suspect looks whether an attempt that failed did so because its GPU has:
	// then it is not tried again. May be nil.
	Suspect func(Attempt) error
	Limits  Limits
	Self    process.ID // never part of a job, though a job may have started it
	Now     func() time.Time
	Jitter  func() float64 // in [0, 1)
	Log     *slog.Logger
}

// Runner is the queue and the tasks that run.
type Runner struct {
	Options
	seen    *items.Seen // outputs that were found valid
	shelves shelves

	cleaning   *semaphore.Weighted // one cleanup at a time
	wake       chan struct{}       // the queue may have something to start
	executions chan execution
	broken     chan error     // a conductor gave up
	work       sync.WaitGroup // conductors

	laying sync.Mutex          // held by whoever makes folders
	ahead  map[string]struct{} // folders that are to be made ready before their attempts begin

	mu      sync.Mutex
	custody map[int64]*custody // attempts at work, by task
	news    chan struct{}      // closed at the next change of any task
}

// New gives the runner of a store that was opened with [Schema]. Tasks run
// while [Runner.Run] does.
func New(o Options) *Runner {
	if o.Jitter == nil {
		o.Jitter = rand.Float64
	}
	return &Runner{
		Options: o, seen: items.NewSeen(), custody: map[int64]*custody{}, ahead: map[string]struct{}{}, cleaning: semaphore.NewWeighted(1),
		news: make(chan struct{}), wake: make(chan struct{}, 1), executions: make(chan execution), broken: make(chan error, 1),
	}
}

// News returns a channel that is closed at the next change of any task. Take
// it before looking, so that nothing falls between.
func (r *Runner) News() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.news
}

// changed tells whoever waits that a task has changed.
func (r *Runner) changed() {
	r.mu.Lock()
	defer r.mu.Unlock()
	close(r.news)
	r.news = make(chan struct{})
}

// nudge has the queue looked at.
func (r *Runner) nudge() {
	select {
	case r.wake <- struct{}{}:
	default: // it is awake
	}
}

// subject is what the ledger calls a task.
func subject(task int64) string { return "task/" + strconv.FormatInt(task, 10) }

func (r *Runner) taskFolder(task int64) string {
	return filepath.Join(r.Folder, strconv.FormatInt(task, 10))
}

func (r *Runner) attemptFolder(task int64, attempt int) string {
	return filepath.Join(r.taskFolder(task), strconv.Itoa(attempt))
}

// millis and moment are how times are stored; the zero time is 0.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func nanos(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}
