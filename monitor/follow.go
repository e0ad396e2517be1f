package monitor

import (
	"context"
	"errors"

	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/internal/store"
	"uratori/monitor/notify"
)

// reader is how far the ledger was read.
type reader struct {
	seq    int64 // the last entry that was taken in
	stored int64 // of which the store knows
	failed int64 // an entry that could not be taken in,
	times  int   // so often
}

// begin finds the place to read on from. The first monitor of a store begins
// at the end: what was before is nobody's news.
func (m *Monitor) begin(ctx context.Context) error {
	var seq int64
	err := m.o.DB.Reader().QueryRowContext(ctx, `SELECT seq FROM monitor_cursor`).Scan(&seq)
	if err != nil {
		return m.o.DB.Explain(err)
	}
	if seq < 0 {
		head, err := m.o.Ledger.Head(ctx)
		if err != nil {
			return err
		}
		seq = head.Seq
		if err := m.o.DB.Write(ctx, func(tx *store.Tx) error { return m.readUpTo(tx, seq) }); err != nil {
			return err
		}
	}
	m.reader = reader{seq: seq, stored: seq}
	return nil
}

// Follow takes in what the ledger tells, from where it was read up to, until
// ctx ends. Run one at a time.
func (m *Monitor) Follow(ctx context.Context) error {
	for {
		news := m.o.Ledger.News()
		if err := m.catchUp(ctx); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-news:
		}
	}
}

// lazily is how many entries that mean nothing here may be read without noting
// so: each note would cost a write.
const lazily = 200

// catchUp takes in all entries that are there. The place in the ledger moves in
// the transaction of what came of an entry, so that none is taken in twice, and
// none is missed.
func (m *Monitor) catchUp(ctx context.Context) error {
	for e, err := range m.o.Ledger.Entries(ctx, m.reader.seq, "") {
		if err != nil {
			return err
		}
		if err := m.takeIn(ctx, e); err != nil {
			return err
		}
		m.reader.seq = e.Seq
	}
	if m.reader.seq < m.reader.stored+lazily {
		return nil
	}
	seq := m.reader.seq
	err := m.o.DB.Write(ctx, func(tx *store.Tx) error { return m.readUpTo(tx, seq) })
	if err == nil {
		m.reader.stored = seq
	}
	return err
}

func (m *Monitor) takeIn(ctx context.Context, e ledger.Entry) error {
	act, err := m.meaning(ctx, e)
	if err == nil && act == nil {
		return nil
	}
	if err == nil {
		err = m.o.DB.Write(ctx, func(tx *store.Tx) error {
			if err := act(tx); err != nil {
				return err
			}
			return m.readUpTo(tx, e.Seq)
		})
	}
	if err == nil {
		m.reader.stored = e.Seq
		return nil
	}
	return m.stumble(ctx, e, err)
}

// mostTries is how often an entry is tried that cannot be taken in.
const mostTries = 3

// stumble decides what becomes of an entry that could not be taken in. A store
// that cannot be written is waited for. An entry that nobody can make sense of
// must not keep people from being told of those after it; that it was passed
// over is told itself.
func (m *Monitor) stumble(ctx context.Context, e ledger.Entry, err error) error {
	if _, known := errors.AsType[*fault.Error](err); known || ctx.Err() != nil {
		return err
	}
	if m.reader.failed != e.Seq {
		m.reader.failed, m.reader.times = e.Seq, 0
	}
	if m.reader.times++; m.reader.times < mostTries {
		return err
	}
	m.o.Log.Error("an entry of the ledger was passed over", "seq", e.Seq, "kind", e.Kind, "error", err)
	return m.o.DB.Write(ctx, func(tx *store.Tx) error {
		f := Finding{
			Kind: "unread", Subject: "ledger", Content: e.Kind, Level: notify.High, Moment: true,
			What: say("monitor.unread", "seq", e.Seq, "kind", e.Kind), ToDo: say("monitor.loop_failed.todo"),
		}
		return errors.Join(m.find(tx, f), m.readUpTo(tx, e.Seq))
	})
}

func (m *Monitor) readUpTo(tx *store.Tx, seq int64) error {
	_, err := tx.Exec(`UPDATE monitor_cursor SET seq = max(seq, ?)`, seq)
	return err
}
