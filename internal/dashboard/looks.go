package dashboard

import (
	"context"
	"sync"
	"time"

	"uratori/internal/control"
)

// lookLife is how long a fact check is shown again to others who ask for the same
// page: each is a look at the sheet and an entry in the ledger. The page tells
// when it was.
const lookLife = 10 * time.Second

// looks are the fact checks of just now.
type looks struct {
	now func() time.Time

	mu     sync.Mutex
	last   map[string]look
	events int // that made a look old
}

type look struct {
	report control.FactReport
	at     time.Time
}

func newLooks(now func() time.Time) *looks {
	return &looks{now: now, last: map[string]look{}}
}

// at is the fact check of a ticket: the last one, when it is young and nothing
// has happened to the ticket since, or a new one.
func (l *looks) at(ctx context.Context, d Daemon, ticket string) (control.FactReport, error) {
	l.mu.Lock()
	now := l.now()
	for id, one := range l.last {
		if now.Sub(one.at) >= lookLife {
			delete(l.last, id)
		}
	}
	one, ok := l.last[ticket]
	before := l.events
	l.mu.Unlock()
	if ok {
		return one.report, nil
	}
	reports, err := d.FactCheck(ctx, ticket)
	if err != nil || len(reports) == 0 {
		return control.FactReport{}, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.events == before { // else it may have looked at what was before
		l.last[ticket] = look{reports[0], now}
	}
	return reports[0], nil
}

// forget: something has happened to a ticket.
func (l *looks) forget(ticket string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.last, ticket)
	l.events++
}
