package workflow

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"uratori/factcheck"
	"uratori/factcheck/gate"
	"uratori/factcheck/local"
	"uratori/internal/ledger"
	"uratori/internal/store"
	"uratori/internal/store/storetest"
	"uratori/runner"
	"uratori/runner/items"
	"uratori/tracker/approval"
)

// templates are the stores that tests begin with.
var templates storetest.Templates

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const passphrase = "five words are much better"

// house is workflows over a real store, real checkers and real approvals, and a
// project in a folder. What it stands in for is the sheet and the runner.
type house struct {
	*Workflows
	t      testing.TB
	dir    string
	ticket string
	root   string
	space  string
	db     *store.DB
	ledger *ledger.Ledger
	keeper *approval.Keeper
	check  *factcheck.FactCheck
	look   local.Options
	tasks  *queue
	meddle func() // called in the middle of each look; nil for nobody
	unseen error  // why the sheet cannot be looked at
}

// queue is a list of tasks that have ended, and what they have made.
type queue struct {
	ticket string
	dir    string

	mu   sync.Mutex
	list []runner.Task
	made map[int64][]runner.Output
}

func (q *queue) List(_ context.Context, ask runner.Query) ([]runner.Task, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	var list []runner.Task
	for _, t := range slices.Backward(q.list) {
		if t.Ticket == ask.Ticket && (ask.Before == 0 || t.ID < ask.Before) {
			list = append(list, t)
		}
	}
	return list, nil
}

func (q *queue) Afresh(_ context.Context, t runner.Task) (items.Result, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	var r items.Result
	for _, o := range q.made[t.ID] {
		r.Done = append(r.Done, items.Done{
			Item: items.Item{Path: o.Input}, Outputs: []items.Output{{Path: o.Path, Size: o.Size, Modified: o.Written}},
		})
	}
	return r, nil
}

func (q *queue) Made(_ context.Context, t runner.Task) (map[string]runner.Output, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	list := map[string]runner.Output{}
	for _, o := range q.made[t.ID] {
		list[o.Path] = o
	}
	return list, nil
}

// run adds a task of the ticket that has made so many files.
func (q *queue) run(name string, state runner.State, made int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	id := int64(len(q.list) + 1)
	q.list = append(q.list, runner.Task{
		ID: id, Ticket: q.ticket, Name: name, State: state, Attempt: 1, Total: made, Created: time.Now(), Spec: runner.Spec{Outputs: []string{"out/{stem}.png"}},
	})
	for i := range made {
		path := filepath.Join(q.dir, fmt.Sprintf("%d-%d", id, i))
		if err := os.WriteFile(path, []byte(path), 0o600); err != nil {
			panic(err) // there is nobody to tell
		}
		q.made[id] = append(q.made[id], runner.Output{
			Path: path, SHA256: digest([]byte(path)), Size: int64(len(path)), Input: fmt.Sprint("in/", i), Written: time.Now(), By: id,
		})
	}
}

// early makes the newest task one of long ago.
func (q *queue) early() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.list[len(q.list)-1].Created = time.Now().Add(-time.Hour)
}

func (h *house) Known(_ context.Context, id string) (bool, error) { return id == h.ticket, h.unseen }

func (h *house) Workspace(context.Context, string) string { return h.space }

func (h *house) Judge(ctx context.Context, ticket string, claims []factcheck.Claim) (factcheck.Report, error) {
	r, err := h.check.Judge(ctx, ticket, claims)
	if h.meddle != nil {
		h.meddle()
	}
	return r, err
}

func (h *house) Snapshot(ctx context.Context, s gate.Scope, claims []factcheck.Claim) (*gate.Snapshot, error) {
	return local.Snap(ctx, h.look, s, claims)
}

func (h *house) Changed(ctx context.Context, s gate.Scope, bases []factcheck.Basis) ([]factcheck.Basis, error) {
	return local.Changed(ctx, s, bases)
}

func (h *house) Freeze(ctx context.Context, s gate.Scope, patterns []string) (map[string]string, error) {
	return local.Freeze(ctx, h.look, s, patterns)
}

// newHouse makes one in a folder that is fast where there is one.
func newHouse(t testing.TB) (h *house, leave func()) {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "uratori-test-")
	if err != nil {
		dir, err = os.MkdirTemp("", "uratori-test-")
	}
	must(t, err)
	dir, err = filepath.EvalSymlinks(dir)
	must(t, err)
	h = &house{t: t, dir: dir, tasks: &queue{}}
	h.turn("INTG-088")
	h.start()
	must(t, h.keeper.SetPassphrase(context.Background(), nil, []byte(passphrase)))
	return h, func() {
		must(t, h.db.Close())
		must(t, os.RemoveAll(dir))
	}
}

// turn goes on with another ticket, which has a project of its own.
func (h *house) turn(ticket string) {
	h.t.Helper()
	h.ticket, h.root, h.space = ticket, filepath.Join(h.dir, ticket, "project"), filepath.Join(h.dir, ticket, "space")
	for _, folder := range []string{h.root, h.space} {
		must(h.t, os.MkdirAll(folder, 0o700))
	}
	h.tasks.mu.Lock()
	defer h.tasks.mu.Unlock()
	h.tasks.ticket, h.tasks.list, h.tasks.made = ticket, nil, map[int64][]runner.Output{}
	h.tasks.dir = filepath.Join(h.dir, ticket, "outputs")
	must(h.t, os.MkdirAll(h.tasks.dir, 0o700))
}

// start opens the store, as after a crash.
func (h *house) start() {
	h.t.Helper()
	ctx := context.Background()
	var err error
	h.db, err = templates.Open(ctx, filepath.Join(h.dir, "test.db"), ledger.Schema(), approval.Schema(), Schema())
	must(h.t, err)
	h.ledger = ledger.New(h.db, time.Now)
	h.keeper, err = approval.New(approval.Options{
		DB: h.db, Ledger: h.ledger, Life: 72 * time.Hour, Params: approval.Params{Passes: 1, Memory: 8, Threads: 1}, Now: time.Now,
	})
	must(h.t, err)
	h.look = local.Options{Tasks: h.tasks, Evidence: filepath.Join(h.dir, "evidence"), Now: time.Now}
	h.Workflows = New(Options{
		DB: h.db, Ledger: h.ledger, Judge: h, World: h, Tickets: h, Approvals: h.keeper, Now: time.Now, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	facts := NewFacts(h.Workflows)
	checkers := local.Checkers(h.look)
	checkers[KindStep] = facts
	h.check = factcheck.New(factcheck.Options{Sources: []factcheck.Source{facts}, Checkers: checkers, Register: nowhere{}, Recorder: h.ledger})
}

// nowhere is a sheet that nobody can look at.
type nowhere struct{}

func (nowhere) Find(context.Context, string) (int, time.Time, error) {
	return 0, time.Time{}, errors.New("there is no sheet")
}

// write writes a file of the project, or takes it away for "".
func (h *house) write(name, text string) {
	h.t.Helper()
	path := filepath.Join(h.root, name)
	if text == "" {
		if err := os.Remove(path); !errors.Is(err, os.ErrNotExist) {
			must(h.t, err)
		}
		return
	}
	must(h.t, os.MkdirAll(filepath.Dir(path), 0o700))
	must(h.t, os.WriteFile(path, []byte(text), 0o600))
}

// answer answers the question that waits at a step, and tells whether there was
// one.
func (h *house) answer(step string, reject bool) bool {
	h.t.Helper()
	ctx := context.Background()
	open, err := h.keeper.Open(ctx, h.ticket)
	must(h.t, err)
	for _, q := range open {
		if q.Step != step {
			continue
		}
		reason := ""
		if reject {
			reason = "not like this"
		}
		_, err := h.keeper.Decide(ctx, approval.Decision{
			Subject: q.Subject, Passphrase: []byte(passphrase), Approver: "anna", Channel: approval.Terminal, Reject: reject, Reason: reason,
		})
		must(h.t, err)
		return true
	}
	return false
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
