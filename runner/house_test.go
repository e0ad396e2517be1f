package runner

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"uratori/internal/ledger"
	"uratori/internal/process"
	"uratori/internal/store"
	"uratori/internal/store/storetest"
	"uratori/runner/items/each"
	"uratori/runner/shim"
)

// templates are the stores that tests begin with.
var templates storetest.Templates

// TestMain makes this program its own shim, so that tests run real jobs.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "shim":
			dir := ""
			if len(os.Args) > 2 {
				dir = os.Args[2]
			}
			if err := shim.Serve(dir, os.Stdin, os.Stdout, shim.Sentry{}); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
			os.Exit(0)
		case "each":
			job, err := each.Read(os.Args[2])
			if err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
			os.Exit(each.Run(context.Background(), job, os.Stdout, os.Stderr, time.Now))
		}
	}
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("database/sql.(*DB).connectionOpener"))
}

// office is what a test knows of tickets.
type office struct {
	mu      sync.Mutex
	tickets map[string]string // folder by id
	closed  map[string]bool
	down    error
}

func (o *office) Known(_ context.Context, id string) (bool, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	_, ok := o.tickets[id]
	return ok, o.down
}

func (o *office) Workspace(_ context.Context, id string) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.tickets[id]
}

func (o *office) Open(_ context.Context, id string) (bool, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return !o.closed[id], o.down
}

// cards are the GPUs of a test.
type cards struct {
	names   []string
	holding []int
	err     error
}

func (c *cards) Names(context.Context) ([]string, error) { return c.names, nil }

func (c *cards) Holding(_ context.Context, pids []int) ([]int, error) {
	var held []int
	for _, pid := range pids {
		if slices.Contains(c.holding, pid) {
			held = append(held, pid)
		}
	}
	return held, c.err
}

// yard is a runner in a folder of its own.
type yard struct {
	*Runner
	t      *testing.T
	dir    string
	work   string // where jobs work
	office *office
	cards  *cards
	limits Limits
	now    func() time.Time

	stop func()
	loop func()     // has the runner's loop run, again
	done chan error // its end
}

func newYard(t *testing.T) *yard {
	t.Helper()
	y := &yard{
		t: t, dir: t.TempDir(), work: t.TempDir(), office: &office{tickets: map[string]string{}, closed: map[string]bool{}}, cards: &cards{}, now: time.Now,
		limits: Limits{Slots: 2, PerGPU: 1, Retries: 3, Backoff: time.Millisecond, Grace: 2 * time.Second, Look: 50 * time.Millisecond, Settle: time.Millisecond},
	}
	t.Cleanup(func() {
		if y.stop != nil {
			y.stop()
		}
	})
	return y
}

// open starts a daemon's share of the work; close ends it and leaves jobs alone.
func (y *yard) open() {
	y.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	db, err := templates.Open(ctx, filepath.Join(y.dir, "test.db"), ledger.Schema(), Schema())
	if err != nil {
		y.t.Fatal(err)
	}
	program, err := os.Executable()
	if err != nil {
		y.t.Fatal(err)
	}
	self, err := process.Self()
	if err != nil {
		y.t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(y.t.Output(), nil))
	pool := shim.NewPool(shim.Options{Program: program, Env: os.Environ(), Stderr: os.Stderr, Idle: time.Minute, Log: log})
	y.Runner = New(Options{
		DB: db, Ledger: ledger.New(db, time.Now), Folder: filepath.Join(y.dir, "tasks"), Home: y.dir, Program: program, Pool: pool,
		Tickets: y.office, GPUs: y.cards, Limits: y.limits, Self: self, Now: y.now, Log: log,
	})
	done := make(chan error, 1)
	run := y.Runner
	y.done, y.loop = done, func() { go func() { done <- run.Run(ctx) }() }
	y.loop()
	y.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			y.t.Errorf("the runner ended: %v", err)
		}
		if err := errors.Join(pool.Close(context.Background()), db.Close()); err != nil {
			y.t.Error(err)
		}
	})
}

// end kills what may be left, so that no test leaves a process behind.
func (y *yard) end(ids ...int64) {
	y.t.Helper()
	for _, id := range ids {
		s, err := y.Kill(context.Background(), id, 0, "test")
		if err != nil || s.Verdict() != ledger.Verified {
			y.t.Errorf("%+v, %v", s, err)
		}
	}
}

// order is a command in the folder of jobs.
func (y *yard) order(argv ...string) Order {
	return Order{Name: "job", Spec: Spec{Command: argv, Cwd: y.work}, Environ: os.Environ()}
}

func (y *yard) sh(script string) Order { return y.order("/bin/sh", "-c", script) }

func (y *yard) enqueue(o Order) int64 {
	y.t.Helper()
	t, err := y.Enqueue(y.t.Context(), o)
	if err != nil {
		y.t.Fatal(err)
	}
	return t.ID
}

// ended waits until a task has ended for good.
func (y *yard) ended(id int64) Task {
	y.t.Helper()
	ctx, cancel := context.WithTimeout(y.t.Context(), 30*time.Second)
	defer cancel()
	t, err := y.Wait(ctx, id)
	if err != nil {
		y.t.Fatal(err)
	}
	if !t.State.Final() {
		y.t.Fatalf("task %d has not ended: %+v", id, t)
	}
	return t
}

// running waits until a task runs.
func (y *yard) running(id int64) Attempt {
	y.t.Helper()
	var a Attempt
	y.until("task runs", func() bool {
		t, err := y.Task(y.t.Context(), id)
		if err != nil {
			y.t.Fatal(err)
		}
		if t.State != Running {
			return false
		}
		a, err = y.attempt(y.t.Context(), id, t.Attempt)
		return err == nil && a.Run != nil
	})
	return a
}

func (y *yard) until(what string, there func() bool) {
	y.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !there(); {
		if time.Now().After(deadline) {
			y.t.Fatalf("not seen in time: %s", what)
		}
		select {
		case <-y.t.Context().Done():
			y.t.Fatalf("given up: %s", what)
		case <-time.After(2 * time.Millisecond):
		}
	}
}

func (y *yard) write(name, text string) string {
	y.t.Helper()
	path := filepath.Join(y.work, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		y.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		y.t.Fatal(err)
	}
	return path
}

func (y *yard) read(name string) string {
	y.t.Helper()
	if !filepath.IsAbs(name) {
		name = filepath.Join(y.work, name)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		y.t.Fatal(err)
	}
	return string(text)
}

// entries are the ledger's entries about a task, kind by kind.
func (y *yard) entries(id int64) []string {
	y.t.Helper()
	var kinds []string
	for e, err := range y.Ledger.Entries(y.t.Context(), 0, subject(id)) {
		if err != nil {
			y.t.Fatal(err)
		}
		kinds = append(kinds, e.Kind)
	}
	return kinds
}

// plant changes the store while nobody has it open.
func (y *yard) plant(query string, args ...any) {
	y.t.Helper()
	db, err := templates.Open(y.t.Context(), filepath.Join(y.dir, "test.db"), ledger.Schema(), Schema())
	if err != nil {
		y.t.Fatal(err)
	}
	err = db.Write(y.t.Context(), func(tx *store.Tx) error { _, err := tx.Exec(query, args...); return err })
	if err := errors.Join(err, db.Close()); err != nil {
		y.t.Fatal(err)
	}
}
