package ledger

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"strings"
	"sync"
	"time"

	"uratori/internal/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Schema is the ledger's tables.
func Schema() store.Schema {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return store.Schema{Name: "ledger", FS: dir}
}

// Ledger appends to and reads the chain in a store.
type Ledger struct {
	db  *store.DB
	now func() time.Time

	mu   sync.Mutex
	news chan struct{}
}

// New gives the ledger in db, which must have been opened with [Schema]. now
// is the clock that entries are dated by.
func New(db *store.DB, now func() time.Time) *Ledger {
	return &Ledger{db: db, now: now, news: make(chan struct{})}
}

// Append adds an entry inside tx, the transaction that changes the state it
// testifies to: both are there afterwards, or neither. kind is room.event,
// subject what it is about (a ticket, "task/42", "daemon"), data a struct or
// map that encodes to a JSON object. The entry is a fact only once the
// transaction is durable.
func (l *Ledger) Append(tx *store.Tx, kind, subject string, data any) (Entry, error) {
	head, err := l.head(tx)
	if err != nil {
		return Entry{}, err
	}
	e, err := newEntry(head.Seq+1, head.Hash, l.now(), kind, subject, data)
	if err != nil {
		return Entry{}, err
	}
	if _, err := tx.Exec(`INSERT INTO ledger (seq, at, kind, subject, data, prev_hash, hash) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		e.Seq, e.At, e.Kind, e.Subject, string(e.Data), e.PrevHash[:], e.Hash[:]); err != nil {
		return Entry{}, fmt.Errorf("append %s of %s to the ledger as entry %d: %w", kind, subject, e.Seq, err)
	}
	if _, err := tx.Exec(`UPDATE ledger_head SET seq = ?, hash = ?`, e.Seq, e.Hash[:]); err != nil {
		return Entry{}, fmt.Errorf("move the ledger's head to entry %d: %w", e.Seq, err)
	}
	tx.OnCommit(l.tell)
	return e, nil
}

// Record appends one entry that testifies to nothing in the store, and
// returns once it is durable.
func (l *Ledger) Record(ctx context.Context, kind, subject string, data any) (Entry, error) {
	var e Entry
	err := l.db.Write(ctx, func(tx *store.Tx) (err error) {
		e, err = l.Append(tx, kind, subject, data)
		return err
	})
	return e, err
}

// Head is where the chain ends. The hash is what to note elsewhere: it stands
// for every entry up to Seq.
type Head struct {
	Seq  int64 `json:"seq"`
	Hash Hash  `json:"hash"`
}

// Head reads the present head.
func (l *Ledger) Head(ctx context.Context) (Head, error) {
	h, err := readHead(ctx, l.db.Reader())
	return h, l.db.Explain(err)
}

// Has tells whether the chain has that entry with that hash.
func (l *Ledger) Has(ctx context.Context, h Head) (bool, error) {
	var count int
	err := l.db.Reader().QueryRowContext(ctx, `SELECT count(*) FROM ledger WHERE seq = ? AND hash = ?`, h.Seq, h.Hash[:]).Scan(&count)
	if err != nil {
		return false, l.db.Explain(fmt.Errorf("look for entry %d: %w", h.Seq, err))
	}
	return count > 0, nil
}

func (l *Ledger) head(tx *store.Tx) (Head, error) {
	var h Head
	var hash []byte
	if err := tx.Get(`SELECT seq, hash FROM ledger_head`, nil, &h.Seq, &hash); err != nil {
		return Head{}, fmt.Errorf("read the ledger's head: %w", err)
	}
	err := setHash(&h.Hash, hash)
	return h, err
}

type rowQuerier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func readHead(ctx context.Context, db rowQuerier) (Head, error) {
	var h Head
	var hash []byte
	if err := db.QueryRowContext(ctx, `SELECT seq, hash FROM ledger_head`).Scan(&h.Seq, &hash); err != nil {
		return Head{}, fmt.Errorf("read the ledger's head: %w", err)
	}
	err := setHash(&h.Hash, hash)
	return h, err
}

var errNoHash = errors.New("not a hash")

func setHash(h *Hash, b []byte) error {
	if len(b) != len(h) {
		return fmt.Errorf("%w: %d bytes instead of %d", errNoHash, len(b), len(h))
	}
	copy(h[:], b)
	return nil
}

// News returns a channel that is closed at the next entry. Take it before
// reading, so that nothing falls between.
func (l *Ledger) News() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.news
}

func (l *Ledger) tell() {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.news)
	l.news = make(chan struct{})
}

// page bounds how long one read keeps the journal from being folded.
const page = 500

// Entries yields the entries after seq, oldest first, of one subject or of
// all when subject is empty. It reads page by page: a slow reader holds
// nothing up.
func (l *Ledger) Entries(ctx context.Context, after int64, subject string) iter.Seq2[Entry, error] {
	return l.entries(ctx, after, subject, "")
}

// OfKind yields the entries of one subject and one kind after seq, oldest first.
// A package that asks often has an index of its kind, WHERE kind = '…': the kind
// stands in the statement as it is, or SQLite would not know that the index is
// meant. It is a constant of that package: lower case, with dots and underscores.
func (l *Ledger) OfKind(ctx context.Context, after int64, subject, kind string) iter.Seq2[Entry, error] {
	return l.entries(ctx, after, subject, kind)
}

func (l *Ledger) entries(ctx context.Context, after int64, subject, kind string) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for {
			entries, err := l.page(ctx, after, subject, kind)
			if err != nil {
				yield(Entry{}, l.db.Explain(err))
				return
			}
			for _, e := range entries {
				if !yield(e, nil) {
					return
				}
				after = e.Seq
			}
			if len(entries) < page {
				return
			}
		}
	}
}

func (l *Ledger) page(ctx context.Context, after int64, subject, kind string) ([]Entry, error) {
	const columns = `SELECT seq, at, kind, subject, data, prev_hash, hash FROM ledger `
	// A bare LIMIT ? would have SQLite plan the statement anew each time.
	query, args := columns+`WHERE seq > ? ORDER BY seq LIMIT +?`, []any{after, page}
	if subject != "" {
		query, args = columns+`WHERE subject = ? AND seq > ? ORDER BY seq LIMIT +?`, []any{subject, after, page}
	}
	if kind != "" {
		if strings.Trim(kind, "abcdefghijklmnopqrstuvwxyz._") != "" {
			return nil, fmt.Errorf("%q is not the kind of an entry", kind)
		}
		query = columns + `WHERE subject = ? AND seq > ? AND kind = '` + kind + `' ORDER BY seq LIMIT +?`
		args = []any{subject, after, page}
	}
	rows, err := l.db.Reader().QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read the ledger after entry %d: %w", after, err)
	}
	defer rows.Close() //nolint:errcheck // read to the end below
	var entries []Entry
	for rows.Next() {
		e, err := scan(rows)
		if err != nil {
			return nil, err
		}
		entries = append(entries, e)
	}
	return entries, rows.Err()
}

// Entry is the entry at a place of the chain, and whether there is one.
func (l *Ledger) Entry(ctx context.Context, seq int64) (Entry, bool, error) {
	rows, err := l.db.Reader().QueryContext(ctx, `SELECT seq, at, kind, subject, data, prev_hash, hash FROM ledger WHERE seq = ?`, seq)
	if err != nil {
		return Entry{}, false, l.db.Explain(fmt.Errorf("read entry %d of the ledger: %w", seq, err))
	}
	defer rows.Close() //nolint:errcheck // one row at most
	if !rows.Next() {
		return Entry{}, false, l.db.Explain(rows.Err())
	}
	e, err := scan(rows)
	if err != nil {
		return Entry{}, false, l.db.Explain(err)
	}
	return e, true, nil
}

func scan(rows *sql.Rows) (Entry, error) {
	var e Entry
	var data, prev, hash []byte
	if err := rows.Scan(&e.Seq, &e.At, &e.Kind, &e.Subject, &data, &prev, &hash); err != nil {
		return Entry{}, fmt.Errorf("read an entry of the ledger: %w", err)
	}
	e.Data = data
	if err := errors.Join(setHash(&e.PrevHash, prev), setHash(&e.Hash, hash)); err != nil {
		return e, fmt.Errorf("entry %d: %w", e.Seq, err)
	}
	return e, nil
}

// Last returns the newest n entries of a subject, or of all when subject is
// empty, oldest first.
func (l *Ledger) Last(ctx context.Context, n int, subject string) ([]Entry, error) {
	// A condition that covers both would have SQLite walk the whole ledger for a subject.
	query, args := `SELECT seq FROM ledger ORDER BY seq DESC LIMIT +?`, []any{n}
	if subject != "" {
		query, args = `SELECT seq FROM ledger WHERE subject = ? ORDER BY seq DESC LIMIT +?`, []any{subject, n}
	}
	var start int64
	err := l.db.Reader().QueryRowContext(ctx, `SELECT coalesce(min(seq), 0) - 1 FROM (`+query+`)`, args...).Scan(&start)
	if err != nil {
		return nil, l.db.Explain(fmt.Errorf("read the end of the ledger: %w", err))
	}
	var entries []Entry
	for e, err := range l.Entries(ctx, start, subject) {
		if err != nil {
			return nil, err
		}
		if entries = append(entries, e); len(entries) == n {
			break
		}
	}
	return entries, nil
}
