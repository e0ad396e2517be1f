package dashboard

import (
	"context"
	"strings"
	"sync"
	"time"

	"uratori/internal/ledger"
)

// Some looks take as long as they take: a fact check reads the sheet and decodes
// pictures, a walk of the ledger reads all of it. No page waits for one. A page
// that is open has it made beside it and is sent the piece when it is there; until
// then it says that it is being looked at, and shows nothing green.
const (
	// justLooked is how young a look may be to do for a page that is opened.
	justLooked = 10 * time.Second
	// lookEvery is how old a look may become on an open page: not all that a look
	// sees has an entry in the ledger when it changes.
	lookEvery = 2 * time.Minute
	// looksAgain is when a look that failed is tried anew.
	looksAgain = 10 * time.Second
	// lookLimit is how long one may take.
	lookLimit = 5 * time.Minute
	// Looks at one thing take at most one part of so many of the time, whatever
	// happens to it.
	share = 50
)

// looks are the newest looks at things of one kind, by a name for each.
//
// What a look found is shown, with its time, until something happens to the
// thing. While nobody follows what happens, nothing is kept.
type looks[T any] struct {
	now func() time.Time
	ask func(ctx context.Context, d Daemon, name string) (T, error)

	mu        sync.Mutex
	following bool
	last      map[string]look[T]
	events    int // that made a look old
}

// look is what was found.
type look[T any] struct {
	Is   T
	Err  error // why nothing was
	at   time.Time
	took time.Duration
	old  bool // something has happened since
}

func newLooks[T any](now func() time.Time, ask func(context.Context, Daemon, string) (T, error)) *looks[T] {
	return &looks[T]{now: now, ask: ask, last: map[string]look[T]{}}
}

// every is when a look is made again though nothing is known to have happened.
func (l look[T]) every() time.Duration {
	if l.Err != nil {
		return max(looksAgain, share*l.took)
	}
	return max(lookEvery, share*l.took)
}

// seen is the newest look at a thing, and whether there is one that holds.
func (l *looks[T]) seen(name string) (look[T], bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	one, ok := l.last[name]
	return one, ok && !one.old && l.following && l.now().Sub(one.at) < 2*one.every()
}

// due is how long to wait before the next look for a page; opened tells that the
// page has just been.
func (l *looks[T]) due(name string, opened bool) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	one, ok := l.last[name]
	wait := one.every()
	switch {
	case !ok:
		return 0
	case one.old:
		wait = max(freshEvery, share*one.took)
	case opened:
		wait = max(justLooked, share*one.took)
	}
	return max(wait-l.now().Sub(one.at), 0)
}

// make looks at a thing now.
func (l *looks[T]) make(ctx context.Context, d Daemon, name string) look[T] {
	l.mu.Lock()
	before, at := l.events, l.now()
	l.mu.Unlock()
	began := time.Now()
	is, err := l.ask(ctx, d, name)
	one := look[T]{Is: is, Err: err, at: at, took: time.Since(began)}
	if ctx.Err() != nil {
		return one // cut short: it says nothing about the thing
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	kept := one
	kept.old = l.events != before // it may have looked at what was before
	for other, o := range l.last {
		if l.now().Sub(o.at) >= 2*o.every() {
			delete(l.last, other)
		}
	}
	l.last[name] = kept
	return one
}

// forget: something has happened to a thing.
func (l *looks[T]) forget(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events++
	if one, ok := l.last[name]; ok {
		one.old = true
		l.last[name] = one
	}
}

// follow tells whether somebody follows what happens from now on. What was
// looked at before is old: nobody knows what has happened since.
func (l *looks[T]) follow(on bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.following = on
	l.events++
	for name, one := range l.last {
		one.old = true
		l.last[name] = one
	}
}

// ticketOfEntry is the ticket whose texts, steps or approvals an entry of the
// ledger speaks of; all tells that it may be any.
func ticketOfEntry(e ledger.Entry) (ticket string, all, ok bool) {
	room, _, _ := strings.Cut(e.Kind, ".")
	switch room {
	case "tracker", "workspace", "workflow", "approval":
		return e.Subject, e.Subject == "tracker" || e.Subject == "approval", true
	}
	return "", false, false
}
