package store

import (
	"context"
	"database/sql"
	"sync"
)

// mostTexts bounds the statements that are kept. The house has fewer; what is
// put together from parts at run time must not pile up.
const mostTexts = 256

// Reader is the connections that can only read. It keeps the statements that
// it has seen: reading one anew takes SQLite longer than most of them run.
type Reader struct {
	*sql.DB

	mu    sync.RWMutex
	stmts map[string]*sql.Stmt
}

// QueryContext is that of [sql.DB].
func (r *Reader) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if stmt := r.prepared(ctx, query); stmt != nil { //nolint:sqlclosecheck // kept
		return stmt.QueryContext(ctx, args...)
	}
	return r.DB.QueryContext(ctx, query, args...)
}

// QueryRowContext is that of [sql.DB].
func (r *Reader) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if stmt := r.prepared(ctx, query); stmt != nil { //nolint:sqlclosecheck // kept
		return stmt.QueryRowContext(ctx, args...)
	}
	return r.DB.QueryRowContext(ctx, query, args...)
}

// prepared is nil where the query goes without: it tells what is wrong with
// itself.
func (r *Reader) prepared(ctx context.Context, query string) *sql.Stmt {
	r.mu.RLock()
	stmt, full := r.stmts[query], len(r.stmts) >= mostTexts
	r.mu.RUnlock()
	if stmt != nil || full {
		return stmt
	}
	// Outside of the lock: it may wait for a connection.
	stmt, err := r.PrepareContext(ctx, query)
	if err != nil {
		return nil
	}
	kept := r.keep(query, stmt)
	if kept != stmt {
		_ = stmt.Close() //nolint:sqlclosecheck // somebody was faster, or has closed the reader
	}
	return kept
}

// keep returns the statement that is kept for the query, nil after the end.
func (r *Reader) keep(query string, stmt *sql.Stmt) *sql.Stmt {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stmts == nil {
		return nil
	}
	if r.stmts[query] == nil {
		r.stmts[query] = stmt
	}
	return r.stmts[query]
}

// Close ends the connections.
func (r *Reader) Close() error {
	r.mu.Lock()
	r.stmts = nil
	r.mu.Unlock()
	return r.DB.Close() // and with them the statements
}
