// Package store keeps everything that must outlive a crash, in one SQLite
// file.
//
// One process opens it, and in that process one write runs at a time. [DB.Write]
// returns nil only after the transaction is on the disk (WAL,
// synchronous=FULL); until then nothing that it did may be told to anybody.
// Writers that wait at the same time share one commit, each inside its own
// savepoint, so that one's failure leaves the others alone.
//
// The store knows no domain: each package brings its own tables as a [Schema]
// and is the only one that speaks SQL to them.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/sys/unix"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"uratori/internal/fault"
)

// readers is how many reads may run at once. Reads are short and the machine
// belongs to the jobs, so a few are enough.
const readers = 4

// DB is the open store.
type DB struct {
	path   string
	files  []openFile // the store and its journal
	write  *sql.DB
	read   *Reader
	conn   *sql.Conn            // the one that writes; whoever has the turn uses it
	cache  map[string]*sql.Stmt // of conn
	queue  *queue
	closed chan struct{}
	once   sync.Once
}

// Open opens or creates the store at path and brings the tables of each
// schema up to date. The folder must exist and lie on a local disk. Close it
// after use.
//
// Errors a caller may decide by: [ErrNewerSchema], [ErrReadOnly],
// [ErrDiskFull], [ErrCorrupt], [ErrInUse].
func Open(ctx context.Context, path string, schemas ...Schema) (*DB, error) {
	if err := create(path); err != nil {
		return nil, explain(path, err)
	}
	db := &DB{path: path, cache: map[string]*sql.Stmt{}, queue: newQueue(), closed: make(chan struct{})}
	var err error
	// busy_timeout stands first: the pragmas after it may meet a lock. A
	// foreign sqlite3 shell on the file is the only thing that can hold one.
	db.write, err = sql.Open("sqlite", dsn(path, "_pragma", "busy_timeout(5000)", "_pragma", "journal_mode(WAL)",
		"_pragma", "synchronous(FULL)", "_pragma", "foreign_keys(1)",
		"_pragma", "recursive_triggers(1)", // INSERT OR REPLACE fires the delete triggers of append-only tables
		"_txlock", "immediate"))
	if err != nil {
		return nil, explain(path, err)
	}
	db.write.SetMaxOpenConns(1)
	if db.conn, err = db.prepare(ctx, schemas); err != nil {
		return nil, errors.Join(explain(path, err), db.write.Close())
	}
	read, err := sql.Open("sqlite", dsn(path, "mode", "ro", "_pragma", "busy_timeout(5000)", "_pragma", "query_only(1)"))
	if err != nil {
		return nil, errors.Join(explain(path, err), db.conn.Close(), db.write.Close())
	}
	read.SetMaxOpenConns(readers)
	read.SetMaxIdleConns(readers) // each is worth its statements
	db.read = &Reader{DB: read, stmts: map[string]*sql.Stmt{}}
	return db, nil
}

// prepare migrates and takes the one write connection out of its pool for
// good.
func (db *DB) prepare(ctx context.Context, schemas []Schema) (*sql.Conn, error) {
	if err := migrate(ctx, db.write, db.path, schemas); err != nil {
		return nil, err
	}
	// migrate has read the store, so the journal is there, and it stays the
	// same file for as long as a connection is open.
	for _, path := range []string{db.path, db.path + "-wal", db.path + "-shm"} {
		at, err := identify(path)
		if err != nil {
			return nil, fmt.Errorf("look at %s: %w", path, err)
		}
		db.files = append(db.files, openFile{path, at})
	}
	return db.write.Conn(ctx)
}

// Reader gives connections that can only read. They never wait for the
// writer. Errors of theirs go through [DB.Explain].
func (db *DB) Reader() *Reader { return db.read }

// Path is the file of the store.
func (db *DB) Path() string { return db.path }

// Close waits for the write in hand, refuses the others with [ErrClosed] and
// folds the journal into the file.
func (db *DB) Close() error {
	var err error
	db.once.Do(func() {
		close(db.closed)
		<-db.queue.turn // for good: the write in hand has ended, and no other begins
		for _, stmt := range db.cache {
			err = errors.Join(err, stmt.Close())
		}
		err = errors.Join(err, db.conn.Close())
		// Readers first: the last connection to close checkpoints, and one
		// that can only read could not.
		err = explain(db.path, errors.Join(err, db.read.Close(), db.write.Close()))
	})
	return err
}

// create makes the file private before SQLite sees it; the journal files take
// its mode over.
func create(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// InPlace looks whether the paths of the store and its journal still lead to
// the open files. SQLite would go on writing to a deleted one, and nothing of
// that could be found again.
func (db *DB) InPlace() error {
	for _, f := range db.files {
		if now, err := identify(f.path); err != nil || now != f.at {
			return fault.New(fault.Failed, "store.replaced", "file", f.path)
		}
	}
	return nil
}

// openFile is a path and the file that was there when it was opened.
type openFile struct {
	path string
	at   identity
}

// identity tells files apart for as long as they exist.
type identity struct {
	ino          uint64
	major, minor uint32
}

// identify asks for nothing but the inode. A look at the times as well would
// have the kernel (multigrain timestamps, Linux 6.13) write a new time at the
// next commit, which makes each a third slower.
func identify(path string) (identity, error) {
	var st unix.Statx_t
	err := unix.Statx(unix.AT_FDCWD, path, 0, unix.STATX_INO, &st)
	return identity{st.Ino, st.Dev_major, st.Dev_minor}, err
}

// dsn builds the address of a SQLite file whatever characters its path has.
func dsn(path string, pairs ...string) string {
	query := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		query.Add(pairs[i], pairs[i+1])
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + query.Encode()
}

// OpenCopy opens a finished copy, such as a backup, for reading alone. It
// makes no journal files beside it.
func OpenCopy(path string) (*sql.DB, error) {
	if !filepath.IsAbs(path) {
		return nil, fmt.Errorf("open the copy %s: the path must be absolute", path)
	}
	return sql.Open("sqlite", dsn(path, "mode", "ro", "immutable", "1", "_pragma", "query_only(1)"))
}
