// Package monitor watches what runs and sees to it that people are told, once.
//
// Two things happen side by side. The sampler looks every few seconds at the
// processes of all running tasks, at the machine and at its GPUs, and holds
// what it sees against rules. The reader follows the ledger, where every task
// that ended, every loop of the daemon that failed and every crash is written
// down, from the entry on that it read last: nothing that happened while nobody
// was watching is passed over.
//
// Both find [Finding]s, and a finding becomes an [Incident]:
//
//	open ──> escalated ──> resolved
//
// One incident is one message when it opens, and one more for each level that
// it rises to. Finding it again is counted. A rule has a time for which it
// must hold before it counts, and a second, easier threshold at which it is
// over, so that a value that trembles round its limit is one incident. What
// cannot be looked at is neither there nor over.
//
// An incident, its entry in the ledger and its message are one transaction.
package monitor

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"
	"sync"
	"time"

	"uratori/internal/ledger"
	"uratori/internal/phrase"
	"uratori/internal/process"
	"uratori/internal/store"
	"uratori/monitor/gpu"
	"uratori/monitor/notify"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Schema is the monitor's tables.
func Schema() store.Schema {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return store.Schema{Name: "monitor", FS: dir}
}

// Jobs is what the monitor wants of the tasks that run.
type Jobs interface {
	// Running lists the attempts at work.
	Running(ctx context.Context) ([]Job, error)
	// Stall says that a task shows no sign of life, or shows one again.
	Stall(ctx context.Context, task int64, on bool) error
	// Stop ends the attempt that is at work, and looks that it is gone. It is
	// tried again afterwards, unless its GPU has failed.
	Stop(ctx context.Context, task int64, why Cause) (Stopped, error)
}

// Cause is why an attempt is stopped.
type Cause struct {
	GPU    bool      // its GPU failed; otherwise there was no sign of life
	Reason error     // a fault, for people
	Since  time.Time // the last sign of life, where there was none
}

// Stopped is what became of it.
type Stopped struct {
	Verdict ledger.Verdict // whether nothing of it is left
	Again   bool           // it will be tried again
}

// Job is an attempt at work.
type Job struct {
	Task       int64
	Attempt    int
	Attempts   int // so many may start by themselves
	Ticket     string
	Name       string
	Cwd        string
	Started    time.Time
	Held       bool // stopped where it is, on demand
	Stalled    bool
	Shim, Main process.ID
	Life       time.Time // the last sign of life, zero for none
	Done       int
	Total      int
	Item       string
	StallKill  time.Duration // 0: the setting
	Timeout    time.Duration // the task's own limit, which the runner keeps; 0: none
	GPUs       []string      // granted to it
	CPUAllowed bool          // it may go on without its GPU
	Logs       []string      // files that it prints to
}

// GPUs are the GPUs of this machine.
type GPUs interface {
	Sample(ctx context.Context) (gpu.Sample, error)
	State() gpu.State
	// Changed has a value when something has happened that is worth a look.
	Changed() <-chan struct{}
}

// Trouble is something that another part of the daemon has to complain of at
// this moment, such as a sheet that cannot be reached.
type Trouble struct {
	Subject string
	Level   notify.Priority
	Words   Words
	ToDo    Words
}

// Settings are the numbers of the rules.
type Settings struct {
	Interval     time.Duration
	GPUMemory    int // percent
	GPUHeat      int // °C
	MemoryGrowth uint64
	CPU          int // percent of all processors
	Timeout      time.Duration
	StallWarn    time.Duration
	StallAlert   time.Duration
	StallKill    time.Duration
	Rules        []Rule // the user's own
}

// Options are what a monitor needs from outside.
type Options struct {
	DB       *store.DB
	Ledger   *ledger.Ledger
	Outbox   *notify.Outbox
	Jobs     Jobs
	GPUs     GPUs
	Troubles func() []Trouble // may be nil
	Settings Settings
	Machine  Machine
	Home     string                     // the folder whose disk must not fill up
	Lang     phrase.Lang                // of messages
	Link     func(ticket string) string // to the dashboard; empty while there is none
	Now      func() time.Time
	Log      *slog.Logger
}

// Monitor watches.
type Monitor struct {
	o       Options
	judge   *judge    // of Watch
	history *history  // of Watch
	tidied  time.Time // of Watch
	reader  reader    // of Follow
	work    sync.WaitGroup

	mu    sync.Mutex
	last  Sample // the last look
	stops stops
	// silent are attempts that are stopped for want of a sign of life, with the last
	// one; each is forgotten when it does not run any more.
	silent map[attempt]time.Time
}

// Last is the last look; its time is zero before the first.
func (m *Monitor) Last() Sample {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.last
}

// New gives a monitor of a store that was opened with [Schema]. Of what the
// ledger says, everything after this moment is read, or after the moment of the
// last monitor of this store.
func New(ctx context.Context, o Options) (*Monitor, error) {
	m := &Monitor{o: o, judge: newJudge(o.Settings), history: newHistory(o.DB), stops: stops{}, silent: map[attempt]time.Time{}}
	return m, m.begin(ctx)
}
