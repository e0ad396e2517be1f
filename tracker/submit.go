package tracker

import (
	"context"
	"crypto/sha256"
	"slices"
	"time"

	"github.com/go-json-experiment/json"

	"uratori/internal/fault"
	"uratori/internal/store"
	"uratori/sheets"
)

// What callers decide by.
var (
	ErrKeyTaken = fault.New(fault.Conflict, "tracker.key_taken") // the key stands for another request
	ErrExists   = fault.New(fault.Conflict, "tracker.exists")    // the id is another ticket's
	ErrNoColumn = fault.New(fault.Invalid, "tracker.no_column")  // the table has no such column
	ErrReserved = fault.New(fault.Invalid, "tracker.reserved")   // not for programs to write
	ErrTicket   = fault.New(fault.Invalid, "tracker.bad_ticket") // no ticket is called that
	ErrNothing  = fault.New(fault.Invalid, "tracker.nothing")    // no field was given
)

// Create files a ticket and waits for the verdict, until ctx ends: then the
// result is unverifiable and queued. The error is that of a draft that was
// refused; the result is told beside it.
func (t *Tracker) Create(ctx context.Context, d Draft) (Result, error) {
	w := &write{kind: create, ticket: d.ID, free: d.ID == "", key: d.Key, reader: d.Reader, place: d.Workspace}
	if d.ID != "" {
		if err := checkNewID(d.ID); err != nil {
			return Result{}, err
		}
	}
	cells, err := t.cells(d.Fields)
	if err != nil {
		return Result{}, err
	}
	status := cell{Name: Status, Text: Filed, Spare: true}
	for i, c := range cells {
		if c.Name == Status {
			if c.Text != Filed {
				return Result{}, fault.New(fault.Invalid, "tracker.not_filed", "status", brief(c.Text), "filed", Filed)
			}
			status.Spare = false
			cells = slices.Delete(cells, i, i+1)
			break
		}
	}
	if len(cells) == 0 {
		return Result{}, ErrNothing
	}
	w.cells = append(cells, status)
	return t.submit(ctx, w)
}

// Update changes cells of a ticket and waits for the verdict, as Create does.
func (t *Tracker) Update(ctx context.Context, change Change) (Result, error) {
	if err := checkTicket(change.Ticket); err != nil {
		return Result{}, err
	}
	cells, err := t.cells(change.Fields)
	if err != nil {
		return Result{}, err
	}
	if len(cells) == 0 {
		return Result{}, ErrNothing
	}
	t.meet(ctx, change.Ticket)
	seen, err := t.base(ctx, change.Ticket, change.Reader)
	if err != nil {
		return Result{}, err
	}
	t.mu.Lock()
	for _, w := range t.open {
		for _, c := range w.cells {
			if w.ticket == change.Ticket && w.reader == change.Reader && w.kind != restore {
				seen[c.Name] = sum(c.Text) // what this reader is about to have written there
			}
		}
	}
	t.mu.Unlock()
	for i, c := range cells {
		if hash, ok := seen[c.Name]; ok {
			cells[i].Base = &hash
		} else {
			text, _ := t.lastText(change.Ticket, c.Name)
			hash := sum(text) // of a ticket that nobody has seen, nothing
			cells[i].Base = &hash
		}
	}
	for name, text := range change.Expected {
		i := slices.IndexFunc(cells, func(have cell) bool { return have.Name == t.canonical(name) })
		if i < 0 {
			return Result{}, fault.New(fault.Invalid, "tracker.expected_alone", "column", brief(name))
		}
		hash := sum(oneBreak(text))
		cells[i].Base = &hash
	}
	return t.submit(ctx, &write{kind: update, ticket: change.Ticket, cells: cells, key: change.Key, reader: change.Reader})
}

// meet looks at the table when a ticket has come since the last look, so that
// nothing in it is overwritten that this side has never seen.
func (t *Tracker) meet(ctx context.Context, ticket string) {
	t.mu.Lock()
	known := t.mirror.rows[ticket] != nil
	for _, w := range t.open {
		known = known || w.ticket == ticket
	}
	t.mu.Unlock()
	if known {
		return
	}
	limit := readLimit
	if end, ok := ctx.Deadline(); ok {
		limit = min(limit, time.Until(end)/2) // the rest is for the write
	}
	bounded, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	_, _ = t.Sync(bounded) // without it the write waits, and nothing is believed of the ticket
}

// lastText is what the last look saw in a cell.
func (t *Tracker) lastText(ticket, name string) (string, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.mirror.text(ticket, name)
}

// longestID is more than any ticket's, in characters.
const longestID = 200

func checkTicket(id string) error {
	clean, changed, err := sheets.Clean(id)
	if err != nil || changed || clean == "" || len([]rune(id)) > longestID {
		return fault.New(fault.Invalid, "tracker.bad_ticket", "ticket", brief(id))
	}
	return nil
}

// asked is what makes two requests the same.
type asked struct {
	Kind   kind   `json:"kind"`
	Ticket string `json:"ticket"`
	Reader string `json:"reader"`
	Place  string `json:"place"`
	Cells  []cell `json:"cells"`
}

// submit stores a write, wakes the loop and waits.
func (t *Tracker) submit(ctx context.Context, w *write) (Result, error) {
	a := asked{Kind: w.kind, Ticket: w.ticket, Reader: w.reader, Place: w.place, Cells: slices.Clone(w.cells)}
	for i := range a.Cells {
		a.Cells[i].Base = nil // what was seen in between does not make it another request
	}
	raw, err := json.Marshal(a)
	if err != nil {
		return Result{}, fault.New(fault.Invalid, "tracker.bad_text", "column", "").Wrap(err)
	}
	w.digest, w.at, w.told = sha256.Sum256(raw), t.o.Now(), make(chan struct{})
	var before stored
	err = t.o.DB.Write(ctx, func(tx *store.Tx) (err error) {
		if w.key != "" {
			found := false
			if before, found, err = t.keyed(tx, w.key); err != nil || found {
				return err
			}
		}
		if w.free && w.ticket == "" {
			t.mu.Lock()
			if !t.mirror.at.IsZero() {
				w.ticket = t.nextID()
			}
			t.mu.Unlock()
		}
		if err := t.add(tx, w); err != nil {
			return err
		}
		tx.OnCommit(func() { t.took(w) })
		return nil
	})
	switch {
	case err != nil:
		return Result{}, t.o.DB.Explain(err)
	case before.write == nil:
		return t.await(ctx, w)
	case before.digest != w.digest:
		return Result{}, fault.New(fault.Conflict, "tracker.key_taken", "key", brief(w.key), "ticket", before.ticket)
	case before.result != nil:
		return *before.result, before.failed
	}
	if open := t.find(before.id); open != nil {
		return t.await(ctx, open)
	}
	// It has got its verdict since, or belongs to another table.
	found, err := queryWrites(ctx, t.o.DB, `WHERE id = ?`, before.id)
	if err != nil {
		return Result{}, err
	}
	if len(found) == 0 || found[0].result == nil {
		before.reason = fault.New(fault.Unavailable, "tracker.other_table")
		return before.unanswered(nil, nil), nil
	}
	return *found[0].result, found[0].failed
}

// took takes a stored write up.
func (t *Tracker) took(w *write) {
	t.mu.Lock()
	t.open = append(t.open, w)
	if w.kind == create {
		t.noteID(w.ticket) // an update of what is not there is a slip, and uses no number up
	}
	t.mu.Unlock()
	t.nudge()
}

// nudge has the loop look at what is waiting.
func (t *Tracker) nudge() {
	select {
	case t.wake <- struct{}{}:
	default: // it will look anyway
	}
}

func (t *Tracker) find(id int64) *write {
	t.mu.Lock()
	defer t.mu.Unlock()
	if i := slices.IndexFunc(t.open, func(w *write) bool { return w.id == id }); i >= 0 {
		return t.open[i]
	}
	return nil
}

// await returns the verdict on a write; when people must mend something
// first, or ctx ends, that there is none yet.
func (t *Tracker) await(ctx context.Context, w *write) (Result, error) {
	t.mu.Lock()
	w.awaits++
	t.mu.Unlock()
	for leaving := false; ; {
		t.mu.Lock()
		if leaving && w.result == nil {
			w.awaits-- // the loop tells somebody else
		}
		told, result, failed, stuck := w.told, w.result, w.failed, w.stuck
		waiting := Result{}
		if result == nil {
			waiting = w.unanswered(t.mirror.columns, t.problem)
		}
		t.mu.Unlock()
		switch {
		case result != nil:
			return *result, failed
		case leaving:
			return waiting, nil
		case stuck:
			leaving = true
			continue
		}
		select {
		case <-told:
		case <-t.gone:
			leaving = true
		case <-ctx.Done():
			leaving = true
		}
	}
}

// tell wakes whoever waits for news of a write. The caller holds mu.
func (w *write) tell() {
	close(w.told)
	w.told = make(chan struct{})
}
