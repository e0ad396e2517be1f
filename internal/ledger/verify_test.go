package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"pgregory.net/rapid"

	"uratori/internal/store"
)

// forged copies a ledger of n entries and hands its file to edit, as
// somebody with a SQLite shell would have it: triggers gone, no rule applied.
func forged(t *testing.T, template string, edit func(*sql.DB) error) Report {
	t.Helper()
	raw, err := os.ReadFile(template)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "forged.db")
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	shell, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer shell.Close() //nolint:errcheck // the test ends
	for _, trigger := range []string{"ledger_no_update", "ledger_no_delete"} {
		if _, err := shell.ExecContext(t.Context(), "DROP TRIGGER "+trigger); err != nil {
			t.Fatal(err)
		}
	}
	if err := edit(shell); err != nil {
		t.Fatal(err)
	}
	r, err := Verify(t.Context(), shell, Hash{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

const chainLength = 12

func template(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "template.db")
	db, err := store.Open(t.Context(), path, Schema())
	if err != nil {
		t.Fatal(err)
	}
	l := New(db, clock())
	for i := range chainLength {
		record(t, l, fmt.Sprintf("INTG-%03d", i%4), note{fmt.Sprintf("本文 %d", i), i})
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func exec(t *testing.T, shell *sql.DB, query string, args ...any) error {
	t.Helper()
	_, err := shell.ExecContext(t.Context(), query, args...)
	return err
}

func read(ctx context.Context, shell *sql.DB, seq int64) (Entry, error) {
	rows, err := shell.QueryContext(ctx, `SELECT seq, at, kind, subject, data, prev_hash, hash FROM ledger WHERE seq = ?`, seq)
	if err != nil {
		return Entry{}, err
	}
	defer rows.Close() //nolint:errcheck // one row
	if !rows.Next() {
		return Entry{}, fmt.Errorf("no entry %d: %w", seq, rows.Err())
	}
	return scan(rows)
}

func put(t *testing.T, shell *sql.DB, e Entry) error {
	t.Helper()
	return exec(t, shell, `INSERT OR REPLACE INTO ledger VALUES (?, ?, ?, ?, ?, ?, ?)`,
		e.Seq, e.At, e.Kind, e.Subject, string(e.Data), e.PrevHash[:], e.Hash[:])
}

// Any single entry that is changed, removed, added or swapped is found, and
// where. The forger may recompute the hash of what he touched.
func TestVerify_AnySingleForgery_IsFoundAtItsPlace(t *testing.T) {
	path := template(t)
	rapid.Check(t, func(rt *rapid.T) {
		at := rapid.Int64Range(1, chainLength).Draw(rt, "at")
		rehash := rapid.Bool().Draw(rt, "rehash")
		// The break shows at the entry itself or, when its own hash was made
		// to fit, at the next, which does not follow from it any more.
		from, to := at, at+1
		var edit func(*sql.DB) error
		switch act := rapid.SampledFrom([]string{"change", "remove", "add", "swap", "renumber"}).Draw(rt, "act"); act {
		case "change":
			field := rapid.SampledFrom([]string{"at", "kind", "subject", "data", "prev_hash", "hash"}).Draw(rt, "field")
			tail := rapid.StringN(1, 20, -1).Draw(rt, "tail")
			edit = func(shell *sql.DB) error {
				e, err := read(t.Context(), shell, at)
				if err != nil {
					return err
				}
				switch field {
				case "at":
					e.At += tail
				case "kind":
					e.Kind += tail
				case "subject":
					e.Subject = tail + e.Subject
				case "data":
					e.Data = append(e.Data[:len(e.Data):len(e.Data)], tail...)
				case "prev_hash":
					e.PrevHash[rapid.IntRange(0, 31).Draw(rt, "byte")] ^= 1
				case "hash":
					e.Hash[rapid.IntRange(0, 31).Draw(rt, "byte")] ^= 1
					rehash = false
				}
				if rehash {
					e.Hash = e.sum()
				}
				return put(t, shell, e)
			}
		case "remove":
			edit = func(shell *sql.DB) error { return exec(t, shell, `DELETE FROM ledger WHERE seq = ?`, at) }
		case "add":
			at = rapid.Int64Range(1, chainLength+1).Draw(rt, "place")
			from, to = at, at+1
			edit = func(shell *sql.DB) error {
				if err := exec(t, shell, `UPDATE ledger SET seq = -(seq + 1) WHERE seq >= ?`, at); err != nil {
					return err
				}
				if err := exec(t, shell, `UPDATE ledger SET seq = -seq WHERE seq < 0`); err != nil {
					return err
				}
				var prev Hash
				if at > 1 {
					before, err := read(t.Context(), shell, at-1)
					if err != nil {
						return err
					}
					prev = before.Hash
				}
				e, err := newEntry(at, prev, time.Now(), "test.noted", "forged", note{})
				if err != nil {
					return err
				}
				return put(t, shell, e)
			}
		case "swap":
			other := rapid.Int64Range(1, chainLength).Filter(func(n int64) bool { return n != at }).Draw(rt, "other")
			from = min(at, other)
			to = from + 1
			edit = func(shell *sql.DB) error {
				a, err := read(t.Context(), shell, at)
				if err != nil {
					return err
				}
				b, err := read(t.Context(), shell, other)
				if err != nil {
					return err
				}
				a.Seq, b.Seq = b.Seq, a.Seq
				if rehash {
					a.Hash, b.Hash = a.sum(), b.sum()
				}
				if err := put(t, shell, a); err != nil {
					return err
				}
				return put(t, shell, b)
			}
		case "renumber":
			by := rapid.Int64Range(chainLength, 1<<40).Draw(rt, "by")
			edit = func(shell *sql.DB) error {
				return exec(t, shell, `UPDATE ledger SET seq = seq + ? WHERE seq = ?`, by, at)
			}
		}
		r := forged(t, path, edit)
		if r.Verdict != Refuted || len(r.Breaks) == 0 {
			rt.Fatalf("not found: %+v", r)
		}
		if first := r.Breaks[0].Seq; first < from || first > to {
			rt.Fatalf("found at %d, done at %d: %+v", first, at, r.Breaks)
		}
	})
}

func TestVerify_Untouched_IsVerified(t *testing.T) {
	r := forged(t, template(t), func(*sql.DB) error { return nil })
	if r.Verdict != Verified || r.Entries != chainLength {
		t.Errorf("%+v", r)
	}
}

func TestVerify_NotAHash_IsDamageAndNotAFailedRead(t *testing.T) {
	r := forged(t, template(t), func(shell *sql.DB) error {
		return exec(t, shell, `UPDATE ledger SET hash = x'00' WHERE seq = 5`)
	})
	if r.Verdict != Refuted || r.Breaks[0].Seq != 5 {
		t.Errorf("%+v", r)
	}
}

// Whoever owns the file can rewrite all of it; a head noted elsewhere tells.
func TestVerify_RewrittenAsAWhole_NeedsTheNotedHead(t *testing.T) {
	path := template(t)
	db, err := store.Open(t.Context(), path, Schema())
	if err != nil {
		t.Fatal(err)
	}
	honest := verify(t, db, Hash{}).Head.Hash
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	wipe := func(shell *sql.DB) error {
		if err := exec(t, shell, `DELETE FROM ledger`); err != nil {
			return err
		}
		return exec(t, shell, `UPDATE ledger_head SET seq = 0, hash = zeroblob(32)`)
	}
	if r := forged(t, path, wipe); r.Verdict != Verified {
		t.Errorf("without a noted head: %+v", r)
	}
	db, l := openLedger(t, filepath.Join(t.TempDir(), "other.db"))
	record(t, l, "x", note{})
	if r := verify(t, db, honest); r.Verdict != Refuted || r.Breaks[0].What != Unknown {
		t.Errorf("with it: %+v", r)
	}
}

func TestVerify_ManyBreaks_AreBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "long.db")
	db, l := openLedger(t, path)
	for range 3 * maxBreaks {
		record(t, l, "x", note{})
	}
	if err := db.Write(t.Context(), func(tx *store.Tx) error {
		if _, err := tx.Exec(`DROP TRIGGER ledger_no_update`); err != nil {
			return err
		}
		_, err := tx.Exec(`UPDATE ledger SET data = '{}'`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if r := verify(t, db, Hash{}); r.Verdict != Refuted || len(r.Breaks) != maxBreaks || r.Entries != 3*maxBreaks {
		t.Errorf("%d breaks in %d entries", len(r.Breaks), r.Entries)
	}
}

func FuzzEntrySum(f *testing.F) {
	f.Add("2026-11-21T01:12:03.000000000Z", "test.noted", "INTG-088", `{"a":1}`, "x", 1)
	f.Add("", "", "", "", "\"", 0)
	f.Fuzz(func(t *testing.T, at, kind, subject, data, tail string, field int) {
		e := Entry{Seq: 1, At: at, Kind: kind, Subject: subject, Data: []byte(data)}
		other := e
		switch field & 3 {
		case 0:
			other.At += tail
		case 1:
			other.Kind += tail
		case 2:
			other.Subject += tail
		case 3:
			other.Seq++
		}
		if (tail == "" && field&3 != 3) != (e.sum() == other.sum()) {
			t.Errorf("field %d with %q: %v %v", field&3, tail, e.sum(), other.sum())
		}
	})
}
