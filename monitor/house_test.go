package monitor

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"uratori/internal/ledger"
	"uratori/internal/phrase"
	"uratori/internal/store"
	"uratori/internal/store/storetest"
	"uratori/monitor/gpu"
	"uratori/monitor/notify"
)

// templates are the stores that tests begin with.
var templates storetest.Templates

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const every = 5 * time.Second

// usual are the settings that a user has who set nothing.
func usual() Settings {
	return Settings{
		Interval: every, GPUMemory: 90, GPUHeat: 80, MemoryGrowth: 2 << 30, CPU: 95, Timeout: time.Hour,
		StallWarn: 5 * time.Minute, StallAlert: 10 * time.Minute, StallKill: 15 * time.Minute,
	}
}

// yard is a monitor of a test, whose time stands still unless it is moved, and
// whose daemon can be ended and started again.
type yard struct {
	*Monitor
	t        testing.TB
	dir      string
	settings Settings
	troubles []Trouble
	db       *store.DB
	ledger   *ledger.Ledger

	mu     sync.Mutex
	now    time.Time
	jobs   []Job
	marked []stalling
	asked  []Cause
	fail   error // what a stop ends with
	block  chan struct{}
}

func newYard(t testing.TB) *yard {
	t.Helper()
	y := &yard{t: t, dir: inMemory(t), settings: usual(), now: time.Date(2026, 7, 1, 9, 0, 0, 0, time.UTC)}
	t.Cleanup(func() {
		if y.db != nil {
			y.end()
		}
	})
	return y
}

// inMemory is a folder on no disk, where there is such a thing: these tests
// write thousands of times, and lose no power.
func inMemory(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "uratori-test-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func (y *yard) start() {
	y.t.Helper()
	db, err := templates.Open(context.Background(), filepath.Join(y.dir, "test.db"), ledger.Schema(), notify.Schema(), Schema())
	if err != nil {
		y.t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	y.db, y.ledger = db, ledger.New(db, y.time)
	outbox, err := notify.New(notify.Options{
		DB: db, Ledger: y.ledger, Zone: time.UTC, Lang: phrase.English, Now: y.time, Jitter: func(most time.Duration) time.Duration { return most }, Log: log,
	})
	if err != nil {
		y.t.Fatal(err)
	}
	y.Monitor, err = New(context.Background(), Options{
		DB: db, Ledger: y.ledger, Outbox: outbox, Jobs: y, GPUs: noCards{}, Troubles: func() []Trouble { return y.troubles }, Settings: y.settings,
		Machine: Host{}, Home: y.dir, Lang: phrase.English, Link: func(string) string { return "" }, Now: y.time, Log: log,
	})
	if err != nil {
		y.t.Fatal(err)
	}
	y.restore()
}

// restore is what Watch does first.
func (y *yard) restore() {
	y.t.Helper()
	open, _, err := y.openNow(context.Background())
	if err != nil {
		y.t.Fatal(err)
	}
	y.judge.restore(open)
}

func (y *yard) end() {
	y.t.Helper()
	y.work.Wait()
	if err := y.db.Close(); err != nil {
		y.t.Error(err)
	}
	y.db = nil
}

// again ends this daemon and starts the next one.
func (y *yard) again() {
	y.t.Helper()
	y.end()
	y.start()
}

func (y *yard) time() time.Time {
	y.mu.Lock()
	defer y.mu.Unlock()
	return y.now
}

func (y *yard) pass(d time.Duration) {
	y.mu.Lock()
	defer y.mu.Unlock()
	y.now = y.now.Add(d)
}

// see has the monitor act on a sample, of now unless it says otherwise.
func (y *yard) see(s Sample) {
	y.t.Helper()
	if s.At.IsZero() {
		s.At = y.time()
	}
	r := y.judge.look(s)
	y.troubled(&r, s.At)
	if err := y.act(context.Background(), s, r); err != nil {
		y.t.Fatal(err)
	}
	y.work.Wait()
}

// read has it read what the ledger says.
func (y *yard) read() {
	y.t.Helper()
	if err := y.catchUp(context.Background()); err != nil {
		y.t.Fatal(err)
	}
}

func (y *yard) record(kind, subject string, data map[string]any) {
	y.t.Helper()
	if _, err := y.ledger.Record(context.Background(), kind, subject, data); err != nil {
		y.t.Fatal(err)
	}
}

// told are the priorities of all messages, in order, with their titles.
func (y *yard) told() []string {
	y.t.Helper()
	rows, err := y.db.Reader().QueryContext(context.Background(), `SELECT priority, title FROM notify_messages ORDER BY id`)
	if err != nil {
		y.t.Fatal(err)
	}
	defer rows.Close() //nolint:errcheck // read to the end
	var list []string
	for rows.Next() {
		var p notify.Priority
		var title string
		if err := rows.Scan(&p, &title); err != nil {
			y.t.Fatal(err)
		}
		list = append(list, p.String()+" "+title)
	}
	if rows.Err() != nil {
		y.t.Fatal(rows.Err())
	}
	return list
}

// since are the lines of all messages that say since when, in order; "" for one
// without.
func (y *yard) since() []string {
	y.t.Helper()
	rows, err := y.db.Reader().QueryContext(context.Background(), `SELECT body FROM notify_messages ORDER BY id`)
	if err != nil {
		y.t.Fatal(err)
	}
	defer rows.Close() //nolint:errcheck // read to the end
	var list []string
	for rows.Next() {
		var body string
		if err := rows.Scan(&body); err != nil {
			y.t.Fatal(err)
		}
		line := ""
		for one := range strings.SplitSeq(body, "\n") {
			if strings.HasPrefix(one, "Since ") {
				line = one
			}
		}
		list = append(list, line)
	}
	if rows.Err() != nil {
		y.t.Fatal(rows.Err())
	}
	return list
}

// wants compares the priorities of all messages so far.
func (y *yard) wants(priorities ...string) {
	y.t.Helper()
	told := y.told()
	var got []string
	for _, one := range told {
		p, _, _ := strings.Cut(one, " ")
		got = append(got, p)
	}
	if strings.Join(got, " ") != strings.Join(priorities, " ") {
		y.t.Fatalf("told %q, want %v", told, priorities)
	}
}

// open are the kinds of incidents that are open.
func (y *yard) open() map[string]string {
	y.t.Helper()
	list, err := y.Incidents(context.Background(), Query{Open: true, Limit: 500})
	if err != nil {
		y.t.Fatal(err)
	}
	open := map[string]string{}
	for _, i := range list {
		if _, twice := open[i.Subject+" "+i.Kind]; twice {
			y.t.Errorf("%s of %s is open twice", i.Kind, i.Subject)
		}
		open[i.Subject+" "+i.Kind] = i.Level.String()
	}
	return open
}

func (y *yard) wantsOpen(what ...string) {
	y.t.Helper()
	open := y.open()
	for _, one := range what {
		if _, ok := open[one]; !ok {
			y.t.Errorf("%q is not open: %v", one, open)
		}
	}
	if len(open) != len(what) {
		y.t.Errorf("open are %v, want %q", open, what)
	}
}

// The yard is where its jobs run.

func (y *yard) Running(context.Context) ([]Job, error) {
	y.mu.Lock()
	defer y.mu.Unlock()
	return y.jobs, nil
}

func (y *yard) Stall(_ context.Context, task int64, on bool) error {
	y.mu.Lock()
	defer y.mu.Unlock()
	y.marked = append(y.marked, stalling{task, on})
	return nil
}

func (y *yard) Stop(ctx context.Context, _ int64, why Cause) (Stopped, error) {
	y.mu.Lock()
	y.asked = append(y.asked, why)
	block, fail := y.block, y.fail
	y.mu.Unlock()
	if block != nil {
		select {
		case <-block:
		case <-ctx.Done():
			return Stopped{}, ctx.Err()
		}
	}
	return Stopped{Verdict: ledger.Verified}, fail
}

func (y *yard) stopsAsked() []Cause {
	y.mu.Lock()
	defer y.mu.Unlock()
	return y.asked
}

type noCards struct{}

func (noCards) Sample(context.Context) (gpu.Sample, error) { return gpu.Sample{}, errors.New("none") }
func (noCards) State() gpu.State                           { return gpu.State{Phase: gpu.NoGPU} }
func (noCards) Changed() <-chan struct{}                   { return nil }

// job is task 1 in its first of four attempts, started now.
func (y *yard) job() TaskSample {
	return TaskSample{
		Job: Job{Task: 1, Attempt: 1, Attempts: 4, Ticket: "INTG-088", Name: "extract", Cwd: "/work", Started: y.time(), Total: 120},
		CPU: 50, Processes: 3, Threads: 9, Memory: 1 << 30,
	}
}

// machine is a healthy one.
func machine() MachineSample {
	return MachineSample{Processors: 2, MemoryTotal: 100, MemoryFree: 50, Disks: map[string]Disk{"/work": {Device: "8:1", Total: 100 << 30, Free: 50 << 30}}}
}

func (y *yard) sample(tasks ...TaskSample) Sample {
	return Sample{At: y.time(), Tasks: tasks, Machine: machine()}
}

// watch takes looks for as long as d, of what is so then.
func (y *yard) watch(d time.Duration, what func() Sample) {
	y.t.Helper()
	for n := int(d / y.settings.Interval); n > 0; n-- {
		y.pass(y.settings.Interval)
		y.see(what())
	}
}
