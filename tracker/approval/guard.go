package approval

import (
	"context"
	"time"

	"uratori/internal/fault"
	"uratori/internal/store"
)

// How often a wrong passphrase may be given, over all channels: so often in
// so long a time. Then nobody can answer for a while, which doubles each time
// until the right one was given.
const (
	mostTries  = 5
	tryWindow  = 10 * time.Minute
	firstLock  = 15 * time.Minute
	longestOff = 24 * time.Hour
)

// wrongEntry is what the ledger keeps of a wrong passphrase.
type wrongEntry struct {
	Channel string `json:"channel"`
	Left    int    `json:"left"` // tries before nobody can answer
}

// lockedEntry is what it keeps of a lock-out.
type lockedEntry struct {
	Until string `json:"until"`
	Level int64  `json:"level"`
	Tries int    `json:"tries"`
}

// begin counts a try before anything is known of it: a try that a crash cut
// short was one, and as many as are made at the same time are as many tries.
func (k *Keeper) begin(ctx context.Context) (try int64, err error) {
	var refused error
	err = k.o.DB.Write(ctx, func(tx *store.Tx) error {
		now := k.o.Now()
		var level, until int64
		if err := tx.Get(`SELECT level, until FROM approval_lock`, nil, &level, &until); err != nil {
			return err
		}
		if locked := time.UnixMilli(until); now.Before(locked) {
			refused = lockedUntil(locked)
			return nil
		}
		count, err := tries(tx, now)
		if err != nil {
			return err
		}
		if count >= mostTries { // the last one was cut short
			refused, err = k.lock(tx, now, count)
			return err
		}
		res, err := tx.Exec(`INSERT INTO approval_tries (at) VALUES (?)`, now.UnixMilli())
		if err != nil {
			return err
		}
		try, err = res.LastInsertId()
		return err
	})
	if err != nil {
		return 0, k.o.DB.Explain(err)
	}
	return try, refused
}

// tries are those that count now. A clock that was set back makes none of them
// go away.
func tries(tx *store.Tx, now time.Time) (count int, err error) {
	if _, err := tx.Exec(`DELETE FROM approval_tries WHERE at <= ?`, now.Add(-tryWindow).UnixMilli()); err != nil {
		return 0, err
	}
	err = tx.Get(`SELECT count(*) FROM approval_tries`, nil, &count)
	return count, err
}

// failed writes down that a try was wrong.
func (k *Keeper) failed(ctx context.Context, channel string) error {
	var refused error
	err := k.o.DB.Write(ctx, func(tx *store.Tx) error {
		now := k.o.Now()
		count, err := tries(tx, now)
		if err != nil {
			return err
		}
		left := max(mostTries-count, 0)
		if _, err := k.o.Ledger.Append(tx, "approval.wrong", "approval", wrongEntry{channel, left}); err != nil {
			return err
		}
		if refused = fault.New(fault.Failed, "approval.wrong", "left", left); left == 0 {
			refused, err = k.lock(tx, now, count)
		}
		return err
	})
	if err != nil {
		return k.o.DB.Explain(err)
	}
	return refused
}

// lock keeps everybody from answering, and gives the fault that says so.
func (k *Keeper) lock(tx *store.Tx, now time.Time, count int) (told, err error) {
	var level int64
	if err := tx.Get(`SELECT level FROM approval_lock`, nil, &level); err != nil {
		return nil, err
	}
	span := longestOff
	const most = 16 // doublings that a duration holds with room to spare
	if level < most {
		span = min(firstLock<<level, longestOff)
	}
	until := time.UnixMilli(now.Add(span).UnixMilli())
	if _, err := tx.Exec(`UPDATE approval_lock SET level = ?, until = ?`, level+1, until.UnixMilli()); err != nil {
		return nil, err
	}
	if _, err := tx.Exec(`DELETE FROM approval_tries`); err != nil {
		return nil, err
	}
	_, err = k.o.Ledger.Append(tx, "approval.locked", "approval", lockedEntry{stamp(until), level + 1, count})
	return lockedUntil(until), err
}

func lockedUntil(at time.Time) error {
	return fault.New(fault.Failed, "approval.locked", "until", told(at))
}

// forgive forgets wrong tries: the passphrase is known to whoever tries.
func (k *Keeper) forgive(tx *store.Tx, try int64) error {
	if _, err := tx.Exec(`DELETE FROM approval_tries WHERE id <= ?`, try); err != nil {
		return err
	}
	_, err := tx.Exec(`UPDATE approval_lock SET level = 0, until = 0`)
	return err
}
