package tracker

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"

	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/internal/store"
)

// intentEntry is what the ledger keeps of a write before it is sent.
type intentEntry struct {
	Write  int64  `json:"write"`
	Kind   kind   `json:"kind"`
	Book   string `json:"book"`
	Reader string `json:"reader,omitempty"`
	Cells  []cell `json:"cells"`
}

// add stores a write with its intent.
func (t *Tracker) add(tx *store.Tx, w *write) error {
	cells, err := json.Marshal(w.cells)
	if err != nil {
		return fmt.Errorf("encode a write of %s: %w", w.ticket, err)
	}
	var key any
	if w.key != "" {
		key = w.key
	}
	done, err := tx.Exec(`INSERT INTO tracker_writes (book, ticket, kind, free, cells, key, digest, reader, place, at, intent) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)`,
		t.o.Book, w.ticket, string(w.kind), w.free, string(cells), key, w.digest[:], w.reader, w.place, stamp(w.at))
	if err != nil {
		return fmt.Errorf("store a write of %s: %w", w.ticket, err)
	}
	if w.id, err = done.LastInsertId(); err != nil {
		return fmt.Errorf("store a write of %s: %w", w.ticket, err)
	}
	e, err := t.o.Ledger.Append(tx, "tracker.intended", subject(w.ticket), intentEntry{w.id, w.kind, t.o.Book, w.reader, w.cells})
	if err != nil {
		return err
	}
	w.intent = e.Seq
	_, err = tx.Exec(`UPDATE tracker_writes SET intent = ? WHERE id = ?`, e.Seq, w.id)
	return err
}

// subject is what the ledger calls a ticket.
func subject(id string) string {
	if idPattern().MatchString(id) {
		return id
	}
	return "tracker" // the table has ids that are no names; the entry tells which
}

const timeFormat = "2006-01-02T15:04:05.000000000Z"

func stamp(at time.Time) string { return at.UTC().Format(timeFormat) }

const writeColumns = `SELECT id, ticket, kind, free, cells, coalesce(key, ''), digest, reader, at, tries, intent, coalesce(verdict, 0), coalesce(result, '') FROM tracker_writes `

// stored is a write with what the outbox knows of its end.
type stored struct {
	*write
	verdict int64
}

func scanWrite(rows interface{ Scan(...any) error }) (stored, error) {
	w := stored{write: &write{told: make(chan struct{})}}
	var cells, at, result string
	var digest []byte
	if err := rows.Scan(&w.id, &w.ticket, &w.kind, &w.free, &cells, &w.key, &digest, &w.reader, &at, &w.tries, &w.intent, &w.verdict, &result); err != nil {
		return w, err
	}
	copy(w.digest[:], digest)
	var err error
	if w.at, err = time.Parse(timeFormat, at); err != nil {
		return w, fmt.Errorf("write %d: %w", w.id, err)
	}
	if err := json.Unmarshal([]byte(cells), &w.cells); err != nil {
		return w, fmt.Errorf("write %d: %w", w.id, err)
	}
	if result != "" {
		var kept keptResult
		if err := json.Unmarshal([]byte(result), &kept); err != nil {
			return w, fmt.Errorf("write %d: %w", w.id, err)
		}
		w.result, w.failed = kept.result(w.write)
	}
	return w, nil
}

func queryWrites(ctx context.Context, db *store.DB, where string, args ...any) (found []stored, err error) {
	rows, err := db.Reader().QueryContext(ctx, writeColumns+where, args...)
	if err != nil {
		return nil, db.Explain(err)
	}
	defer func() { _ = rows.Close() }() // rows.Err tells
	for rows.Next() {
		w, err := scanWrite(rows)
		if err != nil {
			return nil, db.Explain(err)
		}
		found = append(found, w)
	}
	return found, db.Explain(rows.Err())
}

// loadOpen are the writes that a daemon before this one left. What puts back
// goes before anything else, as it did there.
func loadOpen(ctx context.Context, db *store.DB, book string) (open []*write, err error) {
	found, err := queryWrites(ctx, db, `WHERE result IS NULL AND book = ? ORDER BY kind <> ?, id`, book, string(restore))
	for _, w := range found {
		open = append(open, w.write)
	}
	return open, err
}

// loadLate are the writes with a verdict of which a copy may still be under way.
func (t *Tracker) loadLate(ctx context.Context) (late []lateWrite, err error) {
	now := t.o.Now()
	found, err := queryWrites(ctx, t.o.DB, `WHERE book = ? AND tries > 0 AND result IS NOT NULL AND at > ?`, t.o.Book, stamp(now.Add(-lateLimit)))
	for _, w := range found {
		late = append(late, lateWrite{w.write, now.Add(lateLimit)})
	}
	return late, err
}

// everyID are the ids that were ever filed here, so that none is used again.
func everyID(ctx context.Context, db *store.DB, book string) (ids []string, err error) {
	rows, err := db.Reader().QueryContext(ctx, `SELECT ticket FROM tracker_writes WHERE book = ? AND kind = 'create'`, book)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // rows.Err tells
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

const selectPlace = `SELECT place FROM tracker_writes
	WHERE book = ? AND ticket = ? AND kind = 'create' AND place <> '' ORDER BY id DESC LIMIT 1`

// Place is the folder that the user chose for a ticket, empty for none.
func (t *Tracker) Place(ctx context.Context, ticket string) (path string, err error) {
	err = t.o.DB.Reader().QueryRowContext(ctx, selectPlace, t.o.Book, ticket).Scan(&path)
	if noRows(err) {
		return "", nil
	}
	return path, t.o.DB.Explain(err)
}

// keyed is the write that was stored under a caller's key.
func (t *Tracker) keyed(tx *store.Tx, key string) (w stored, found bool, err error) {
	rows, err := tx.Query(writeColumns+`WHERE key = ?`, key)
	if err != nil {
		return w, false, err
	}
	defer func() { _ = rows.Close() }() // rows.Err tells
	if !rows.Next() {
		return w, false, rows.Err()
	}
	w, err = scanWrite(rows)
	return w, err == nil, err
}

// keptResult is a result as it is stored.
type keptResult struct {
	Verdict  ledger.Verdict `json:"verdict"`
	Conflict bool           `json:"conflict,omitzero"`
	Row      int            `json:"row,omitzero"`
	ReadAt   *time.Time     `json:"read_at,omitempty"`
	Cells    []keptCell     `json:"cells"`
	Reason   *fault.Wire    `json:"reason,omitempty"`
	Failed   *fault.Wire    `json:"failed,omitempty"`
}

type keptCell struct {
	Field    string         `json:"field"`
	Column   string         `json:"column"`
	Verdict  ledger.Verdict `json:"verdict"`
	SHA256   string         `json:"sha256"`
	Actual   *string        `json:"actual,omitzero"`
	Conflict bool           `json:"conflict,omitzero"`
	Edited   bool           `json:"edited,omitzero"`
	Reason   *fault.Wire    `json:"reason,omitempty"`
}

func keep(o outcome) keptResult {
	r := o.result
	k := keptResult{Verdict: r.Verdict, Conflict: r.Conflict, Row: r.Row, Reason: fault.Encode(r.Reason), Failed: fault.Encode(o.failed)}
	if !r.ReadAt.IsZero() {
		k.ReadAt = &r.ReadAt
	}
	for _, c := range r.Cells {
		k.Cells = append(k.Cells, keptCell{c.Field, c.Column, c.Verdict, sum(c.Text), c.Actual, c.Conflict, c.Edited, fault.Encode(c.Reason)})
	}
	return k
}

func (k keptResult) result(w *write) (*Result, error) {
	r := &Result{Write: w.id, Ticket: w.ticket, Verdict: k.Verdict, Conflict: k.Conflict, Row: k.Row, Reason: k.Reason.Decode()}
	if k.ReadAt != nil {
		r.ReadAt = *k.ReadAt
	}
	texts := map[string]string{}
	for _, c := range w.cells {
		texts[sum(c.Text)] = c.Text
	}
	for _, c := range k.Cells {
		r.Cells = append(r.Cells, CellResult{c.Field, c.Column, c.Verdict, texts[c.SHA256], c.Actual, c.Conflict, c.Edited, c.Reason.Decode()})
	}
	return r, k.Failed.Decode()
}

// noRows tells a query that found nothing from one that failed.
func noRows(err error) bool { return errors.Is(err, sql.ErrNoRows) }

func encode(v any) (string, error) {
	raw, err := json.Marshal(v)
	return string(raw), err
}
