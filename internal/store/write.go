package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
)

// shared is how many waiting writes go into one commit at most, so that the
// first of them does not wait for ever while others keep coming.
const shared = 128

type job struct {
	ctx  context.Context
	run  func(*Tx) error
	tx   *Tx
	err  error
	done chan struct{} // closed when err is final
}

// queue holds the writes that wait. Whoever has the turn writes for all that
// wait at that moment, in its own goroutine: a lone write costs no switch.
type queue struct {
	turn chan struct{} // holds one token; taking it gives the right to the connection

	mu      sync.Mutex
	waiting []*job
}

func newQueue() *queue {
	q := &queue{turn: make(chan struct{}, 1)}
	q.turn <- struct{}{}
	return q
}

func (q *queue) add(j *job) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = append(q.waiting, j)
}

// drop takes j back and tells whether it was still waiting.
func (q *queue) drop(j *job) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	i := slices.Index(q.waiting, j)
	if i < 0 {
		return false
	}
	q.waiting = slices.Delete(q.waiting, i, i+1)
	return true
}

// take removes the next batch.
func (q *queue) take() []*job {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := min(len(q.waiting), shared)
	batch := slices.Clone(q.waiting[:n])
	q.waiting = slices.Delete(q.waiting, 0, n)
	return batch
}

// Tx is a transaction that can write. It is valid only inside the function
// given to [DB.Write].
type Tx struct {
	conn   *sql.Conn
	cache  map[string]*sql.Stmt
	broken error // SQLite gave the whole transaction up
	after  []func()
}

// Write runs fn in a transaction and returns after it is durable. An error of
// fn, or a panic, which goes on in the caller, undoes what fn did. ctx counts
// while the write waits for its turn; a write that has begun is finished, so
// the answer is always known.
//
// fn may run on the goroutine of another caller: it must be short, touch
// nothing but tx, and not call Write.
func (db *DB) Write(ctx context.Context, fn func(*Tx) error) error {
	j := &job{ctx: ctx, run: fn, done: make(chan struct{})}
	db.queue.add(j)
	waiting := true
	for waiting {
		select {
		case <-j.done:
			waiting = false
		case <-db.queue.turn:
			db.serve()
			db.queue.turn <- struct{}{}
		case <-db.closed:
			if db.queue.drop(j) {
				return ErrClosed
			}
			<-j.done
			waiting = false
		case <-ctx.Done():
			if db.queue.drop(j) {
				return ctx.Err()
			}
			<-j.done
			waiting = false
		}
	}
	if p, ok := errors.AsType[*panicked](j.err); ok {
		panic(p)
	}
	return j.err
}

// Exec runs a statement that returns no rows.
func (tx *Tx) Exec(query string, args ...any) (sql.Result, error) {
	stmt, err := tx.prepare(query) //nolint:sqlclosecheck // the cache's
	if err != nil {
		return nil, err
	}
	res, err := stmt.ExecContext(context.Background(), args...)
	return res, tx.note(err)
}

// Query runs a statement that returns rows. Close them before the next
// statement of the same text.
func (tx *Tx) Query(query string, args ...any) (*sql.Rows, error) {
	stmt, err := tx.prepare(query) //nolint:sqlclosecheck // the cache's
	if err != nil {
		return nil, err
	}
	rows, err := stmt.QueryContext(context.Background(), args...)
	return rows, tx.note(err)
}

// Get reads the one row of a query into dest. Without a row the error is
// sql.ErrNoRows.
func (tx *Tx) Get(query string, args []any, dest ...any) error {
	stmt, err := tx.prepare(query) //nolint:sqlclosecheck // the cache's
	if err != nil {
		return err
	}
	return tx.note(stmt.QueryRowContext(context.Background(), args...).Scan(dest...))
}

// OnCommit has f called once the transaction is durable, in the order of the
// commits, before Write returns. f must be short and must not write.
func (tx *Tx) OnCommit(f func()) { tx.after = append(tx.after, f) }

func (tx *Tx) prepare(query string) (*sql.Stmt, error) {
	if tx.broken != nil {
		return nil, tx.broken
	}
	if stmt, ok := tx.cache[query]; ok {
		return stmt, nil
	}
	stmt, err := tx.conn.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, tx.note(err)
	}
	tx.cache[query] = stmt
	return stmt, nil
}

// note remembers an error after which SQLite may have rolled the transaction
// back by itself: a statement after it would be committed alone.
func (tx *Tx) note(err error) error {
	if err != nil && endsTransaction(err) {
		tx.broken = err
	}
	return err
}

// serve writes what waits now. The caller has the turn.
func (db *DB) serve() {
	batch := db.queue.take()
	if len(batch) == 0 {
		return // somebody else's turn has done it
	}
	err := db.commit(db.conn, db.cache, batch)
	for _, j := range batch {
		if err != nil {
			j.err = err
		} else if j.err == nil {
			j.err = guarded(func() error {
				for _, f := range j.tx.after {
					f()
				}
				return nil
			})
		}
		close(j.done)
	}
}

// commit runs the batch in one transaction. An error of one job stands in the
// job; an error returned here means that nothing of the batch was kept.
func (db *DB) commit(conn *sql.Conn, cache map[string]*sql.Stmt, batch []*job) error {
	if err := db.InPlace(); err != nil {
		return err
	}
	control := &Tx{conn: conn, cache: cache}
	if _, err := control.Exec("BEGIN IMMEDIATE"); err != nil {
		return explain(db.path, fmt.Errorf("begin: %w", err))
	}
	keep, err := runAll(control, batch)
	if err == nil && keep {
		_, err = control.Exec("COMMIT")
	}
	if err == nil && keep {
		return nil
	}
	control.broken = nil
	// Fails when SQLite has rolled back by itself, which is as good.
	_, _ = control.Exec("ROLLBACK")
	return explain(db.path, err)
}

// runAll runs the jobs and tells whether any left something to keep. An error
// means that the transaction as a whole is lost.
func runAll(control *Tx, batch []*job) (keep bool, err error) {
	alone := len(batch) == 1 // then the transaction is its savepoint
	for _, j := range batch {
		if j.err = j.ctx.Err(); j.err != nil {
			continue
		}
		if !alone {
			if _, err := control.Exec("SAVEPOINT job"); err != nil {
				return false, err
			}
		}
		j.tx = &Tx{conn: control.conn, cache: control.cache}
		j.err = guarded(func() error { return j.run(j.tx) })
		if j.tx.broken != nil {
			return false, j.tx.broken
		}
		keep = keep || j.err == nil
		if alone {
			break
		}
		if j.err != nil {
			if _, err := control.Exec("ROLLBACK TO job"); err != nil {
				return false, err
			}
		}
		if _, err := control.Exec("RELEASE job"); err != nil {
			return false, err
		}
	}
	return keep, nil
}

// panicked carries a panic of a job's function to its caller.
type panicked struct {
	value any
	stack []byte
}

func (p *panicked) Error() string {
	return fmt.Sprintf("panic in a transaction: %v\n%s", p.value, p.stack)
}

// guarded keeps a panic for the caller that it belongs to: the goroutine that
// runs f may be another's, and the turn must be given back.
func guarded(f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &panicked{value: v, stack: debug.Stack()}
		}
	}()
	return f()
}
