package tracker

import (
	"context"
	"errors"
	"slices"

	"uratori/internal/fault"
	"uratori/sheets"
)

// mostWrites is how many writes share their requests.
const mostWrites = 500

// mostRounds is how often a write is taken up between two looks for edits.
const mostRounds = 16

// work carries out what waits, until nothing does or the table cannot be used.
func (t *Tracker) work(ctx context.Context) error {
	if !t.recalled { // the next change takes the place of the picture
		if _, err := t.sync(ctx); err != nil {
			return err
		}
	}
	for {
		batch := t.batch()
		if len(batch) == 0 {
			return nil
		}
		if err := t.cycle(ctx, batch); err != nil {
			return err
		}
	}
}

// batch takes the oldest writes. Of one ticket there are several when they are
// updates of different cells; others have to see what became of the first.
func (t *Tracker) batch() (batch []*write) {
	t.mu.Lock()
	defer t.mu.Unlock()
	most := mostWrites
	if t.most > 0 {
		most = t.most
	}
	byTicket := map[string][]*write{}
	for _, w := range t.open {
		ticket := sheets.Fold(w.ticket) // lookalikes have to see each other, too
		before := byTicket[ticket]
		if w.rest {
			byTicket[ticket] = append(before, w)
			continue
		}
		byTicket[ticket] = append(before, w)
		alone := w.kind != update || slices.ContainsFunc(before, func(b *write) bool { return b.kind != update || b.overlaps(w.cells) })
		if len(before) > 0 && alone && w.ticket != "" {
			continue
		}
		if w.rounds++; w.rounds%mostRounds == 0 {
			w.rest = true // it gets nowhere; others shall not wait for it
		}
		if batch = append(batch, w); len(batch) == most {
			break
		}
	}
	return batch
}

// step is what a look says about the writes of one ticket.
type step struct {
	writes []*write
	change *sheets.Change
	insert *sheets.Insert
	since  bool // it was carried out before the look that is at hand
}

// held is what that look saw in a cell that the step covered.
func (s step) held(stood, wrote string) string {
	if s.since {
		return wrote
	}
	return stood
}

// cycle looks, decides, sends, reads back and judges. Writes that got no
// verdict stay open; an error means that the table cannot be used now.
func (t *Tracker) cycle(ctx context.Context, batch []*write) error {
	t.removed = false
	if again, err := t.recallLost(ctx); again || err != nil {
		return err
	}
	version := t.tableVersion()
	v := t.standing
	if t.trusted = t.stands(version, batch); !t.trusted {
		var err error
		if v, err = t.lookAt(ctx, version, batch); err != nil || t.removed {
			return err
		}
	}
	if err := t.name(ctx, v, batch); err != nil {
		return err
	}
	var p plan
	for _, w := range batch {
		if err := t.decide(ctx, v, w, &p); err != nil {
			return err
		}
		if t.removed {
			break
		}
	}
	if err := t.settle(ctx, p.done); err != nil || t.removed {
		return err // rows stand elsewhere now: look again
	}
	// What is to be sent goes first: the longer after the look, the more may
	// have been edited meanwhile.
	if len(p.steps) > 0 {
		if err := t.send(ctx, v, version, p.steps); err != nil {
			return err
		}
	}
	if len(p.check) > 0 {
		return t.check(ctx, p.check)
	}
	return nil
}

// stands tells that a look would see what the mirror shows, because nothing in
// the table has changed since, and no write of the batch may be in it unseen.
func (t *Tracker) stands(version int64, batch []*write) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, w := range batch {
		known := t.mirror.rows[w.ticket] != nil
		if w.sent() || w.made || w.exact || w.kind == restore || w.ticket == "" || known == (w.kind == create) {
			return false
		}
	}
	return t.standing != nil && version >= 0 && version == t.version && t.problem == nil
}

// lookAt looks at the tickets of a batch and takes in what people did.
func (t *Tracker) lookAt(ctx context.Context, version int64, batch []*write) (*sheets.View, error) {
	v, err := t.look(ctx, batch)
	if err != nil {
		t.unlooked = t.o.Now()
		return nil, t.trouble(ctx, err)
	}
	if err := t.findStrays(ctx, v, batch); err != nil {
		return nil, err
	}
	if _, err := t.absorb(ctx, v, tickets(batch)); err != nil {
		return nil, err
	}
	if v.Whole {
		if err := t.findTwins(ctx); err != nil {
			return nil, err
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if v.Whole {
		t.version = version
	}
	t.standing = v
	return v, nil
}

// wrote takes note that a write has gone through. Where nobody else has
// changed the table since the look, the mirror still shows it.
func (t *Tracker) wrote(version int64, hits []sheets.Hit) (alone bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.standing = nil
	if version < 0 || t.version != version || t.tableVersion() != version+1 {
		return false
	}
	for _, h := range hits {
		if !h.Placed() {
			return false
		}
	}
	t.version = -1 // until the mirror has the verdicts
	return true
}

// stoodStill makes the mirror current again after the verdicts on a write that
// alone has changed the table.
func (t *Tracker) stoodStill(v *sheets.View, version int64, hits []sheets.Hit, order []step) {
	t.mu.Lock()
	defer t.mu.Unlock()
	changes := 0
	for _, s := range order {
		if s.change != nil {
			changes++
		}
		for _, w := range s.writes {
			if w.result == nil {
				return
			}
		}
	}
	if t.tableVersion() != version+1 {
		return
	}
	t.version = version + 1
	if len(hits) == changes {
		t.standing = v
	} else if grown, ok := v.Grown(hits[changes:]); ok {
		t.standing = grown
	}
}

// look reads the tickets of a batch. After a write whose outcome is unknown
// all of the table is read: it may have hit any row.
func (t *Tracker) look(ctx context.Context, batch []*write) (*sheets.View, error) {
	bounded, cancel := context.WithTimeout(ctx, t.lookLimit())
	defer cancel()
	t.mu.Lock()
	whole := t.mirror.at.IsZero()
	t.mu.Unlock()
	for _, w := range batch {
		whole = whole || w.tries > 0 || w.ticket == "" || w.among()
	}
	if whole {
		return t.o.Sheet.Whole(bounded)
	}
	return t.o.Sheet.Look(bounded, tickets(batch)...)
}

func tickets(batch []*write) (ids []string) {
	for _, w := range batch {
		if w.ticket != "" && !slices.Contains(ids[max(0, len(ids)-1):], w.ticket) {
			ids = append(ids, w.ticket)
		}
	}
	return ids
}

// send writes the first steps that one request carries and judges them.
func (t *Tracker) send(ctx context.Context, v *sheets.View, version int64, steps []step) error {
	b, order := batchOf(steps)
	for _, s := range order {
		for _, w := range s.writes {
			if s.change != nil {
				w.aimed = s.change.Row.Number
			}
		}
	}
	bounded, cancel := context.WithTimeout(ctx, 2*lookLimit)
	defer cancel()
	b.Note = t.noteOf(order)
	hits, err := t.o.Sheet.Write(bounded, v, b)
	switch {
	case errors.Is(err, sheets.ErrUnknown):
		hits, failed := t.recall(ctx, v, b)
		if hits != nil && !planted.appendBlindly {
			t.wrote(-1, hits)
			return t.readBack(ctx, v, hits, order, false)
		}
		if failed != nil && !planted.appendBlindly {
			t.lost = &lostChange{v, b, order, t.o.Now().Add(lateLimit)}
		}
		return t.unknown(ctx, v, order, err)
	case err != nil && (isPermission(err) || errors.Is(err, sheets.ErrRefused) || fault.KindOf(err) == fault.Invalid):
		return t.refused(ctx, order, err)
	case err != nil:
		return t.trouble(ctx, err)
	}
	t.denied, t.most = 0, min(2*t.most, mostWrites)
	alone := t.wrote(version, hits)
	if err := t.readBack(ctx, v, hits, order, alone); err != nil || !alone {
		return err
	}
	t.stoodStill(v, version, hits, order)
	return nil
}

// batchOf is the first part of steps that one request carries, in the order of
// the hits.
func batchOf(steps []step) (sheets.Batch, []step) {
	var b sheets.Batch
	var order []step
	for _, s := range steps {
		if s.change != nil {
			b.Changes, order = append(b.Changes, *s.change), append(order, s)
		}
	}
	for _, s := range steps {
		if s.insert != nil {
			b.Inserts, order = append(b.Inserts, *s.insert), append(order, s)
		}
	}
	if parts := sheets.Split(b); len(parts) > 1 {
		b = parts[0]
	}
	return b, order[:len(b.Changes)+len(b.Inserts)]
}

// unknown keeps writes that may or may not have been applied. That they were
// sent is stored before they are sent again.
func (t *Tracker) unknown(ctx context.Context, v *sheets.View, steps []step, err error) error {
	if planted.appendBlindly && t.appendBlindly(ctx, v, steps) {
		return nil
	}
	if ctx.Err() == nil {
		if failed := t.countTry(ctx, steps); failed != nil {
			return failed
		}
	}
	return t.trouble(ctx, err)
}

func isPermission(err error) bool {
	f, ok := errors.AsType[*fault.Error](err)
	return ok && (f.Key == "sheets.permission" || f.Key == "sheets.permission_share")
}

// refused finds out which writes of a batch it is that the table refuses: the
// next batches are smaller, each after a look of its own, until one write is
// refused alone.
func (t *Tracker) refused(ctx context.Context, steps []step, err error) error {
	if len(steps) > 1 {
		t.most = len(steps) / 2
		return nil
	}
	if err := t.refuseOne(ctx, steps[0], err); err != nil {
		return err
	}
	if t.denied >= mostDenied { // the table is not ours to write at all
		t.mu.Lock()
		defer t.mu.Unlock()
		for _, w := range t.open {
			w.rest = true
			t.hold(w, err)
		}
	}
	return nil
}

// mostDenied is how many writes are denied in a row before no other is tried.
const mostDenied = 8

// refuseOne ends a write that the table will never take, and lets one rest
// that people have to make room for.
func (t *Tracker) refuseOne(ctx context.Context, s step, err error) error {
	t.mu.Lock()
	columns := t.mirror.columns
	if isPermission(err) {
		t.denied++
		for _, w := range s.writes {
			w.rest = true
			t.hold(w, err)
		}
	}
	t.mu.Unlock()
	if isPermission(err) {
		return nil
	}
	var done []outcome
	for _, w := range s.writes {
		done = append(done, refuse(w, columns, err))
	}
	return t.settle(ctx, done)
}

// rested lets the writes that rest be tried again.
func (t *Tracker) rested() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.denied = 0
	for _, w := range t.open {
		w.rest = false
	}
}
