package mcp

import (
	"context"
	"errors"
	"iter"
	"sync"
	"time"

	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/internal/ledger"
)

// Daemon is what the tools ask; [control.Client] is one.
type Daemon interface {
	CreateTicket(ctx context.Context, r control.CreateTicket) (control.Write, error)
	UpdateTicket(ctx context.Context, r control.UpdateTicket) (control.Write, error)
	VerifyTicket(ctx context.Context, ticket string) (control.Write, error)
	Ticket(ctx context.Context, ticket, reader string) (control.Ticket, error)
	Tickets(ctx context.Context, q control.TicketQuery) (control.TicketPage, error)
	FactCheck(ctx context.Context, ticket string) ([]control.FactReport, error)
	CheckClaims(ctx context.Context, r control.CheckClaims) (control.FactReport, error)

	Enqueue(ctx context.Context, r control.Enqueue) (control.Enqueued, error)
	Kill(ctx context.Context, r control.Kill) (control.Killed, error)
	Status(ctx context.Context) (control.Status, error)
	Tasks(ctx context.Context, q control.TaskQuery) (control.TaskPage, error)
	Task(ctx context.Context, task int64) (control.TaskDetail, error)
	WaitTask(ctx context.Context, task int64, limit time.Duration) (control.Task, error)
	Logs(ctx context.Context, q control.TaskLogs, yield func(control.LogChunk) error) error

	Workflow(ctx context.Context, r control.AskWorkflow) (control.Workflow, error)
	Entries(ctx context.Context, s control.Slice) iter.Seq2[ledger.Entry, error]
	Close()
}

// mostAtOnce is how many questions are put to the daemon at a time; more wait
// here. Questions that are waits by nature do not count.
const mostAtOnce = 32

// link is the way to the daemon, made when it is first needed and again when
// the daemon has gone.
type link struct {
	connect func(context.Context) (Daemon, error)
	room    chan struct{}

	mu   sync.Mutex
	open Daemon
}

func newLink(connect func(context.Context) (Daemon, error)) *link {
	return &link{connect: connect, room: make(chan struct{}, mostAtOnce)}
}

// get is the daemon. Of many callers one connects and the others wait.
func (l *link) get(ctx context.Context) (Daemon, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open != nil {
		return l.open, nil
	}
	d, err := l.connect(ctx)
	if err == nil {
		l.open = d
	}
	return d, err
}

// drop forgets a daemon that does not answer, unless somebody else already did.
func (l *link) drop(d Daemon) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open == d {
		l.open = nil
		d.Close()
	}
}

func (l *link) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open != nil {
		l.open.Close()
		l.open = nil
	}
}

// ask puts a question that may be put twice: one that only reads, or one under
// a key. Where the answer was lost it is put again.
func (l *link) ask(ctx context.Context, ask func(Daemon) error) error {
	select {
	case l.room <- struct{}{}:
		defer func() { <-l.room }()
	case <-ctx.Done():
		return ctx.Err()
	}
	return l.patient(ctx, ask, control.ErrNotRunning, control.ErrUnreachable)
}

// patient puts a question that takes its time, and no room from others. again
// are the failures after which it may be put once more: where it cannot have
// arrived, or where twice does no harm.
func (l *link) patient(ctx context.Context, ask func(Daemon) error, again ...error) error {
	d, err := l.get(ctx)
	if err != nil {
		return err
	}
	err = ask(d)
	for _, reason := range again {
		if !errors.Is(err, reason) || ctx.Err() != nil {
			continue
		}
		l.drop(d)
		if d, err = l.get(ctx); err != nil {
			return err
		}
		return ask(d)
	}
	return err
}

// isOpen tells an error that leaves it open whether anything was done.
func isOpen(err error) bool {
	for _, open := range []error{
		control.ErrUnreachable, context.Canceled, context.DeadlineExceeded,
		fault.New(fault.Unavailable, "control.gave_up"), fault.New(fault.Unavailable, "control.broken_answer"),
	} {
		if errors.Is(err, open) {
			return true
		}
	}
	return false
}

// current is the daemon that was asked last, nil while there is none.
func (l *link) current() Daemon {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.open
}
