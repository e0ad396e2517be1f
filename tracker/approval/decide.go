package approval

import (
	"context"
	"crypto/ed25519"
	"errors"
	"time"

	"uratori/internal/fault"
	"uratori/internal/store"
)

// What an answer says, in the ledger.
const (
	approve = "approve"
	reject  = "reject"
)

// Decide takes a person's answer to the question that waits for the subject.
// It returns once the answer is durable.
//
// Errors that a caller may decide by are faults: [ErrWrong], [ErrLocked],
// [ErrNoPassphrase], [ErrNotAsked], [ErrOther] (the question is of another
// digest now), [ErrExpired], [ErrDecided].
func (k *Keeper) Decide(ctx context.Context, d Decision) (Standing, error) {
	defer clear(d.Passphrase)
	if err := d.check(); err != nil {
		return Standing{}, err
	}
	phrase, err := normal(d.Passphrase)
	if err != nil {
		return Standing{}, err
	}
	defer clear(phrase)
	// Whoever has nothing to answer learns nothing of the passphrase.
	if asked, err := readLatest(ctx, k.o.DB.Reader(), d.Ticket, d.Step); err != nil {
		return Standing{}, k.o.DB.Explain(err)
	} else if _, err := k.open(asked, d); err != nil {
		return Standing{}, err
	}
	var known bool
	err = k.withKey(ctx, phrase, d.Channel, nil, func(tx *store.Tx, key *storedKey, private ed25519.PrivateKey) error {
		asked, err := latest(tx, d.Ticket, d.Step)
		if err != nil {
			return err
		}
		// The same moment for the question and its answer.
		if known, err = k.open(asked, d); err != nil || known {
			return err
		}
		entry := decisionEntry{Approver: d.Approver, Channel: d.Channel, Reason: d.Reason, Verdict: approve, Key: key.id}
		if d.Reject {
			entry.Verdict = reject
		}
		return k.decide(tx, asked, entry, d.Token, private)
	})
	if err != nil {
		return Standing{}, err
	}
	return k.Standing(ctx, d.Subject)
}

// What can come of an answer; the faults returned have the values filled in.
var (
	ErrWrong        = fault.New(fault.Failed, "approval.wrong")
	ErrLocked       = fault.New(fault.Failed, "approval.locked")
	ErrNoPassphrase = fault.New(fault.Failed, "approval.no_passphrase")
	ErrNotAsked     = fault.New(fault.NotFound, "approval.not_asked")
	ErrOther        = fault.New(fault.Conflict, "approval.other")
	ErrExpired      = fault.New(fault.Conflict, "approval.expired")
	ErrDecided      = fault.New(fault.Conflict, "approval.decided")
)

// open tells whether the last question at a step waits for this answer, and
// known whether it is the answer that was given.
func (k *Keeper) open(asked *row, d Decision) (known bool, err error) {
	switch {
	case asked == nil:
		return false, fault.New(fault.NotFound, "approval.not_asked", "ticket", d.Ticket, "step", d.Step)
	case asked.digest != d.Digest:
		return false, fault.New(fault.Conflict, "approval.other", "ticket", d.Ticket, "step", d.Step)
	}
	if asked.decision != "" {
		given, err := parseDecision(asked.decision)
		if err != nil {
			return false, err
		}
		if d.Token != "" && d.Token == asked.token && given.Approver == d.Approver && given.Channel == d.Channel && given.Reason == d.Reason && (given.Verdict == reject) == d.Reject {
			return true, nil
		}
		return false, fault.New(fault.Conflict, "approval.decided", "ticket", d.Ticket, "step", d.Step, "approver", given.Approver, "channel", given.Channel, "at", told(given.at()))
	}
	switch asked.at(k.o.Now()) {
	case Requested:
		return false, nil
	case Expired:
		return false, fault.New(fault.Conflict, "approval.expired", "ticket", d.Ticket, "step", d.Step, "at", told(asked.expires))
	case None, Approved, Rejected, Void:
	}
	return false, fault.New(fault.NotFound, "approval.not_asked", "ticket", d.Ticket, "step", d.Step)
}

// decide writes an answer down. private signs it; nil for one that nobody can
// sign, which is of an edit.
func (k *Keeper) decide(tx *store.Tx, asked *row, d decisionEntry, token string, private ed25519.PrivateKey) error {
	now := k.o.Now()
	d.Request, d.Ticket, d.Step, d.Digest, d.At = asked.id, asked.ticket, asked.step, asked.digest, stamp(now)
	state, expires := Rejected, asked.expires
	if d.Verdict == approve {
		state, expires = Approved, time.UnixMilli(now.Add(asked.life).UnixMilli())
		d.Expires = stamp(expires)
	}
	if err := d.sign(private); err != nil {
		return err
	}
	e, err := k.o.Ledger.Append(tx, "approval.decided", asked.ticket, d)
	if err != nil {
		return err
	}
	res, err := tx.Exec(`UPDATE approval_requests SET state = ?, expires = ?, token = ?, decision = ?, seq = ?, hash = ? WHERE id = ? AND state = 'requested' AND decision = ''`,
		string(state), expires.UnixMilli(), token, string(e.Data), e.Seq, e.Hash[:], asked.id)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return errors.Join(errors.New("the question was answered in the same moment"), err)
	}
	return nil
}

// changing is the channel of a try that is to change the passphrase.
const changing = "passphrase"

// await waits for the turn: a key costs much memory to make, so one is made at a
// time. The turn has to be given back.
func (k *Keeper) await(ctx context.Context) (give func(), err error) {
	select {
	case <-k.turn:
		return func() { k.turn <- struct{}{} }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// withKey looks whether phrase is the passphrase, counting the try, and has
// then do with its key in the transaction that forgives earlier tries. ready is
// called before that transaction, once the passphrase was right; without it the
// key is renewed where a stronger one is usual now.
func (k *Keeper) withKey(ctx context.Context, phrase []byte, channel string, ready func() error, then func(*store.Tx, *storedKey, ed25519.PrivateKey) error) error {
	give, err := k.await(ctx)
	if err != nil {
		return err
	}
	defer give()
	keys, err := k.keys(ctx)
	if err != nil {
		return err
	}
	if len(keys) == 0 {
		clear(k.o.Params.derive(phrase, make([]byte, saltSize))) // as long as it takes with one
		return fault.New(fault.Failed, "approval.no_passphrase")
	}
	key := keys[len(keys)-1]
	try, err := k.begin(ctx)
	if err != nil {
		return err
	}
	private := key.params.derive(phrase, key.salt)
	defer clear(private)
	if !key.fits(private) {
		return k.failed(context.WithoutCancel(ctx), channel) // whoever hangs up has tried all the same
	}
	var fresh *storedKey
	if ready != nil {
		err = ready()
	} else {
		fresh, err = k.stronger(key, phrase)
	}
	if err != nil {
		return err
	}
	// Whoever knows the passphrase is done with it even when what it is for
	// has gone meanwhile, so that is no error of the transaction.
	var refused error
	err = k.o.DB.Write(ctx, func(tx *store.Tx) error {
		refused = nil
		if err := k.forgive(tx, try); err != nil {
			return err
		}
		if fresh != nil {
			if err := k.replace(tx, key, fresh, private, kindRenewed); err != nil {
				return err
			}
		}
		err := then(tx, key, private)
		if _, told := errors.AsType[*fault.Error](err); told {
			refused = err
			return nil
		}
		return err
	})
	if err != nil {
		return k.o.DB.Explain(err)
	}
	return refused
}

// Prove returns nil when phrase is the passphrase: somebody wants in who has
// nothing to answer. A try counts as any other. The slice is overwritten.
func (k *Keeper) Prove(ctx context.Context, phrase []byte, channel string) error {
	defer clear(phrase)
	if channel != Web && channel != Terminal {
		return bad("channel", channel)
	}
	plain, err := normal(phrase)
	if err != nil {
		return err
	}
	defer clear(plain)
	return k.withKey(ctx, plain, channel, nil, func(*store.Tx, *storedKey, ed25519.PrivateKey) error { return nil })
}

// SetPassphrase sets the first passphrase, or another one for whoever knows
// the old one, which is empty for the first. Both slices are overwritten.
func (k *Keeper) SetPassphrase(ctx context.Context, old, new []byte) error { //nolint:revive,predeclared // old and new are the words for it
	defer clear(old)
	defer clear(new)
	wanted, err := normal(new)
	if err != nil {
		return err
	}
	defer clear(wanted)
	if err := strong(wanted); err != nil {
		return err
	}
	set, _, err := k.Passphrase(ctx)
	if err != nil {
		return err
	}
	switch {
	case !set && len(old) > 0:
		return fault.New(fault.Failed, "approval.no_passphrase")
	case !set:
		return k.first(ctx, wanted)
	case len(old) == 0:
		return fault.New(fault.Conflict, "approval.old_wanted")
	}
	phrase, err := normal(old)
	if err != nil {
		return err
	}
	defer clear(phrase)
	var fresh *storedKey
	ready := func() (err error) { fresh, err = k.newKey(wanted); return err }
	return k.withKey(ctx, phrase, changing, ready, func(tx *store.Tx, key *storedKey, private ed25519.PrivateKey) error {
		return k.replace(tx, key, fresh, private, kindSet)
	})
}

// Passphrase tells whether one is set, and until when nobody can answer; zero
// when people can.
func (k *Keeper) Passphrase(ctx context.Context) (set bool, lockedUntil time.Time, err error) {
	var keys int
	var until int64
	err = k.o.DB.Reader().QueryRowContext(ctx, `SELECT (SELECT count(*) FROM approval_keys), until FROM approval_lock`).Scan(&keys, &until)
	if err != nil {
		return false, time.Time{}, k.o.DB.Explain(err)
	}
	if at := time.UnixMilli(until); k.o.Now().Before(at) {
		lockedUntil = at
	}
	return keys > 0, lockedUntil, nil
}
