package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Break is a place where the chain does not hold.
type Break struct {
	Seq    int64  `json:"seq"`  // the entry, or the place of a missing one
	What   Damage `json:"what"` //
	Detail string `json:"detail"`
}

// Damage is what is wrong at a break.
type Damage string

// The kinds of damage.
const (
	Changed  Damage = "changed"  // the fields do not give the hash
	Missing  Damage = "missing"  // numbers are skipped
	Unlinked Damage = "unlinked" // it does not follow from the entry before
	Cut      Damage = "cut"      // the chain does not end at the recorded head
	Unknown  Damage = "unknown"  // the head noted elsewhere is not in the chain
)

// maxBreaks is enough to see the shape of the damage.
const maxBreaks = 100

// Report is the outcome of [Verify].
type Report struct {
	Verdict Verdict `json:"verdict"`
	Entries int64   `json:"entries"` // how many were read
	Head    Head    `json:"head"`
	Breaks  []Break `json:"breaks"` // in order; the first 100
}

// Verify walks the whole chain in db, the reader of a store or an opened copy,
// in one consistent view. known, unless zero, is the hash of an entry that was
// noted earlier outside of the store and must be in the chain.
//
// An error means that the chain could not be read; nothing is known then.
func Verify(ctx context.Context, db *sql.DB, known Hash) (Report, error) {
	tx, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return Report{}, fmt.Errorf("verify the ledger: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // nothing was written
	head, err := readHead(ctx, tx)
	if err != nil {
		return Report{}, fmt.Errorf("verify the ledger: %w", err)
	}
	rows, err := tx.QueryContext(ctx, `SELECT seq, at, kind, subject, data, prev_hash, hash FROM ledger ORDER BY seq`)
	if err != nil {
		return Report{}, fmt.Errorf("verify the ledger: %w", err)
	}
	defer rows.Close() //nolint:errcheck // read to the end below
	w := walk{known: known}
	for rows.Next() {
		e, err := scan(rows)
		if errors.Is(err, errNoHash) {
			// Somebody wrote there what is no hash: damage, not a failed read.
			w.note(e.Seq, Changed, err.Error())
		} else if err != nil {
			return Report{}, fmt.Errorf("verify the ledger: %w", err)
		}
		w.step(&e)
	}
	if err := rows.Err(); err != nil {
		return Report{}, fmt.Errorf("verify the ledger: %w", err)
	}
	return w.end(head), nil
}

// walk is the state of a verification between two entries.
type walk struct {
	known   Hash
	seen    bool // known was met
	entries int64
	last    Head // of the entry before
	breaks  []Break
}

func (w *walk) step(e *Entry) {
	w.entries++
	if e.Seq != w.last.Seq+1 {
		w.note(w.last.Seq+1, Missing, fmt.Sprintf("entry %d is followed by entry %d", w.last.Seq, e.Seq))
	} else if e.PrevHash != w.last.Hash {
		w.note(e.Seq, Unlinked, fmt.Sprintf("it names %s as the hash before it, but that of entry %d is %s", e.PrevHash, w.last.Seq, w.last.Hash))
	}
	if sum := e.sum(); sum != e.Hash {
		w.note(e.Seq, Changed, fmt.Sprintf("its fields give the hash %s, but %s was recorded", sum, e.Hash))
	}
	w.seen = w.seen || e.Hash == w.known
	w.last = Head{Seq: e.Seq, Hash: e.Hash}
}

func (w *walk) end(head Head) Report {
	if head != w.last {
		at := head.Seq
		if head.Seq != w.last.Seq {
			at = min(head.Seq, w.last.Seq) + 1
		}
		w.note(at, Cut, fmt.Sprintf("the chain ends at entry %d (%s), but the head was recorded as entry %d (%s)", w.last.Seq, w.last.Hash, head.Seq, head.Hash))
	}
	if w.known != (Hash{}) && !w.seen {
		w.note(w.last.Seq, Unknown, fmt.Sprintf("no entry has the hash %s", w.known))
	}
	r := Report{Verdict: Verified, Entries: w.entries, Head: w.last, Breaks: w.breaks}
	if len(w.breaks) > 0 {
		r.Verdict = Refuted
	} else {
		r.Breaks = []Break{}
	}
	return r
}

func (w *walk) note(seq int64, what Damage, detail string) {
	if len(w.breaks) < maxBreaks {
		w.breaks = append(w.breaks, Break{Seq: seq, What: what, Detail: detail})
	}
}
