package tracker

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"uratori/internal/fault"
	"uratori/internal/store"
	"uratori/sheets"
)

// ask is something that must not run beside a write.
type ask struct {
	run  func(context.Context) error
	done chan error
}

// lookLimit bounds how long the table is asked before it is said that it does
// not answer; the asking goes on after that.
const (
	lookLimit = 15 * time.Second
	// probeLimit is lookLimit for a table that did not answer, or never has.
	probeLimit = 4 * time.Second
)

func (t *Tracker) lookLimit() time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.problem != nil || t.mirror.at.IsZero() {
		return probeLimit
	}
	return lookLimit
}

// firstPause is how long the loop waits after a first failure; the pause
// doubles up to the interval of looks.
const firstPause = 200 * time.Millisecond

// Run is the loop that talks to the table, until ctx ends.
func (t *Tracker) Run(ctx context.Context) error {
	next := time.NewTimer(0) // people may have edited while nobody looked
	defer next.Stop()
	pause := time.NewTimer(0)
	defer pause.Stop()
	<-pause.C
	failures, resting := 0, false
	for {
		select {
		case a := <-t.asks: // has waited while something else was done
			a.done <- a.run(ctx)
		default:
		}
		wake := t.wake
		if resting {
			wake = nil
		}
		var err error
		select {
		case <-ctx.Done():
			close(t.gone)
			return ctx.Err()
		case <-pause.C:
			resting = false
			err = t.work(ctx)
		case <-wake:
			err = t.work(ctx)
		case a := <-t.asks:
			a.done <- a.run(ctx)
			continue
		case <-next.C:
			_, err = t.sync(ctx)
			next.Reset(t.o.Interval)
			if err == nil {
				pause.Stop()
				resting = false
				t.rested()
				err = t.work(ctx)
			}
		}
		switch {
		case ctx.Err() != nil: // seen above
		case err == nil:
			failures = 0
		case fatal(err):
			return err
		default:
			t.o.Log.Warn("the table cannot be used", "error", err)
			resting = true
			span := min(firstPause<<min(failures, 20), t.o.Interval)
			if w, ok := errors.AsType[*sheets.Wait](err); ok {
				span = max(span, w.After)
			}
			pause.Reset(span)
			failures++
		}
	}
}

// fatal tells that not the table but this side has failed: the guard of the
// loop says so and starts it again.
func fatal(err error) bool {
	_, known := errors.AsType[*fault.Error](err)
	return !known || errors.Is(err, store.ErrClosed)
}

// do runs f, which looks at the table, between writes. When a look has failed
// since it was asked for, that is the answer: another would let the caller wait
// as long once more.
func (t *Tracker) do(ctx context.Context, f func(context.Context) error) error {
	a, asked := ask{done: make(chan error, 1)}, t.o.Now()
	a.run = func(loop context.Context) error {
		if t.unlooked.After(asked) {
			if err := t.wrong(); err != nil {
				return err
			}
		}
		bounded, cancel := context.WithCancel(loop)
		defer cancel()
		defer context.AfterFunc(ctx, cancel)()
		return f(bounded)
	}
	select {
	case t.asks <- a:
	case <-t.gone:
		return fault.New(fault.Unavailable, "tracker.stopped")
	case <-ctx.Done():
		return t.busy()
	}
	select {
	case err := <-a.done:
		return err
	case <-t.gone:
		return fault.New(fault.Unavailable, "tracker.stopped")
	case <-ctx.Done():
		return t.busy()
	}
}

// busy is why nothing was done in time: what is wrong with the table, where that
// is known.
func (t *Tracker) busy() error {
	if err := t.wrong(); err != nil {
		return err
	}
	return fault.New(fault.Unavailable, "tracker.busy")
}

// wrong is why the table cannot be used, nil when it can, as far as is known.
func (t *Tracker) wrong() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.problem
}

// Sync looks at the whole table now and records what people did.
func (t *Tracker) Sync(ctx context.Context) (Synced, error) {
	var s Synced // the loop's, until it has answered
	err := t.do(ctx, func(ctx context.Context) (err error) {
		s, err = t.sync(ctx)
		return err
	})
	if err != nil {
		return Synced{}, err
	}
	return s, nil
}

// mostTold is how many changes a look tells; all are in the ledger.
const mostTold = 100

// sync is a look at the whole table, unless nothing can have changed in it.
func (t *Tracker) sync(ctx context.Context) (Synced, error) {
	if _, err := t.recallLost(ctx); err != nil {
		return Synced{}, err
	}
	version := t.tableVersion()
	t.mu.Lock()
	current := version >= 0 && version == t.version && t.problem == nil
	t.mu.Unlock()
	if current {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.mirror.at = t.o.Now()
		return Synced{ReadAt: t.mirror.at, Tickets: len(t.mirror.order)}, nil
	}
	bounded, cancel := context.WithTimeout(ctx, t.lookLimit())
	defer cancel()
	v, err := t.o.Sheet.Whole(bounded)
	if err != nil {
		t.unlooked = t.o.Now()
		return Synced{}, t.trouble(ctx, err)
	}
	if !t.recalled {
		if err := t.recallLast(ctx, v); err != nil {
			return Synced{}, err
		}
	}
	if err := t.findStrays(ctx, v, t.opened()); err != nil {
		return Synced{}, err
	}
	events, err := t.absorb(ctx, v, nil)
	if err != nil {
		return Synced{}, err
	}
	if err := t.findTwins(ctx); err != nil {
		return Synced{}, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.version, t.standing = version, v
	s := Synced{ReadAt: v.At, Tickets: len(t.mirror.order), Changes: events}
	if n := len(events); n > mostTold {
		s.Changes, s.More = events[:mostTold], n-mostTold
	}
	return s, nil
}

func (t *Tracker) tableVersion() int64 {
	if t.o.Version == nil {
		return -1
	}
	return t.o.Version()
}

// trouble remembers why the table cannot be used, and tells whoever waits for
// a write.
func (t *Tracker) trouble(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err() // it is this side that stops
	}
	if _, known := errors.AsType[*fault.Error](err); !known {
		err = fault.New(fault.Unavailable, "tracker.no_answer").Wrap(err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.problem = err
	for _, w := range t.open {
		t.hold(w, err)
	}
	return err
}

// hold says why a write has no verdict yet. The caller holds mu.
func (t *Tracker) hold(w *write, err error) {
	w.reason, w.stuck = err, peopleMustMend(err)
	w.tell()
}

// peopleMustMend tells errors that no waiting ends.
func peopleMustMend(err error) bool {
	if sheets.IsHeader(err) {
		return true
	}
	for _, e := range []error{sheets.ErrNoTab, sheets.ErrNoBook, sheets.ErrSignIn, sheets.ErrRefused} {
		if errors.Is(err, e) {
			return true
		}
	}
	f, ok := errors.AsType[*fault.Error](err)
	return isPermission(err) || ok && f.Key == "sheets.api_disabled"
}

// opened are the writes without a verdict.
func (t *Tracker) opened() []*write {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]*write(nil), t.open...)
}

// absorb makes the mirror show what a look saw, and records what people did.
// ids are those whose rows were read, of a look that did not read all.
func (t *Tracker) absorb(ctx context.Context, v *sheets.View, ids []string) ([]Event, error) {
	columns := columnsOf(v, t.o.Columns)
	open := t.opened()
	mine := func(id, name, text string) bool {
		for _, w := range open {
			if w.ticket == id && w.claims(name, text) {
				return true
			}
		}
		return false
	}
	if len(open) == 0 {
		mine = func(string, string, string) bool { return false }
	}
	making := map[string]bool{}
	for _, w := range open {
		if w.kind == create && w.sent() || w.kind == restore && w.free {
			making[w.ticket] = true
		}
	}
	var d difference
	if v.Whole {
		d = t.mirror.whole(v, columns, mine, making)
	} else {
		d = t.mirror.some(v, columns, mine, ids)
	}
	events, err := t.record(ctx, v, d)
	if err != nil {
		return nil, fmt.Errorf("record what people did in the table: %w", t.o.DB.Explain(err))
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if v.Whole {
		t.mirror.order = d.order
		t.mirror.rows = make(map[string]*row, len(d.order))
		for _, r := range d.order {
			t.mirror.rows[r.id] = r
			if n, _, ok := t.number(r.id); ok && n > t.highest || len(r.id) > t.width {
				t.noteID(r.id)
			}
		}
		t.mirror.at, t.mirror.columns, t.mirror.loose = v.At, columns, slices.Collect(v.Loose())
	} else {
		for _, r := range d.put {
			t.mirror.put(r)
		}
	}
	t.problem = nil
	t.note(events)
	return events, nil
}

// claims tells that a write would have put a text where it stands.
func (w *write) claims(name, text string) bool {
	for _, c := range w.cells {
		switch {
		case c.Name != name:
		case w.kind == restore:
			return c.Wrong == text
		case w.hit != nil:
			return true // the verdict comes first, then what people did after it
		case w.sent() && c.Text == text:
			return true
		}
	}
	return false
}
