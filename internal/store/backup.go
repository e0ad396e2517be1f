package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"uratori/internal/fault"
)

// Backup writes a consistent copy of the store to the new file dst while
// writes go on, and returns after it is durable. An existing dst is never
// touched ([ErrExists]). The copy has mode 0600.
func (db *DB) Backup(ctx context.Context, dst string) error {
	if !filepath.IsAbs(dst) {
		return fmt.Errorf("back up to %s: the path must be absolute", dst)
	}
	if err := db.InPlace(); err != nil {
		return err
	}
	if _, err := os.Lstat(dst); err == nil {
		return fault.New(fault.Conflict, "store.exists", "file", dst)
	}
	err := explain(dst, db.backup(ctx, dst))
	if _, told := errors.AsType[*fault.Error](err); err != nil && !told {
		err = fault.New(fault.Failed, "store.no_copy", "file", dst).Wrap(err)
	}
	return err
}

func (db *DB) backup(ctx context.Context, dst string) error {
	// In a folder of its own beside dst: SQLite wants to create the file
	// itself, and nobody may see it half-written or under another mode.
	dir, err := os.MkdirTemp(filepath.Dir(dst), ".uratori-backup-")
	if err != nil {
		return err
	}
	part := filepath.Join(dir, "copy.db")
	err = db.copyTo(ctx, part, dst)
	return errors.Join(err, os.RemoveAll(dir))
}

func (db *DB) copyTo(ctx context.Context, part, dst string) error {
	// A connection of its own: the copy is created with the rights of the
	// connection that asks for it, and the readers have none to write.
	from, err := sql.Open("sqlite", dsn(db.path, "mode", "rw", "_pragma", "busy_timeout(5000)"))
	if err != nil {
		return err
	}
	_, err = from.ExecContext(ctx, "VACUUM INTO ?", part)
	if err := errors.Join(err, from.Close()); err != nil {
		return fmt.Errorf("copy %s: %w", db.path, err)
	}
	if err := os.Chmod(part, 0o600); err != nil {
		return err
	}
	if err := syncPath(part); err != nil {
		return err
	}
	err = unix.Renameat2(unix.AT_FDCWD, part, unix.AT_FDCWD, dst, unix.RENAME_NOREPLACE)
	if errors.Is(err, unix.EEXIST) {
		return fault.New(fault.Conflict, "store.exists", "file", dst)
	}
	if err != nil {
		return fmt.Errorf("move the finished copy to %s: %w", dst, err)
	}
	return syncPath(filepath.Dir(dst))
}

func syncPath(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Check has SQLite read the whole of db and returns what it finds wrong,
// nothing when all is well. It takes time in proportion to the file.
func Check(ctx context.Context, db *sql.DB) ([]string, error) {
	rows, err := db.QueryContext(ctx, "PRAGMA integrity_check(20)")
	if err != nil {
		return nil, fmt.Errorf("integrity check: %w", err)
	}
	defer rows.Close() //nolint:errcheck // read to the end below
	var wrong []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return nil, fmt.Errorf("integrity check: %w", err)
		}
		if line != "ok" {
			wrong = append(wrong, line)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("integrity check: %w", err)
	}
	orphans, err := foreignKeys(ctx, db)
	return append(wrong, orphans...), err
}

func foreignKeys(ctx context.Context, db *sql.DB) ([]string, error) {
	rows, err := db.QueryContext(ctx, "PRAGMA foreign_key_check")
	if err != nil {
		return nil, fmt.Errorf("foreign key check: %w", err)
	}
	defer rows.Close() //nolint:errcheck // read to the end below
	var wrong []string
	for rows.Next() {
		var table, parent string
		var row sql.NullInt64
		var key int
		if err := rows.Scan(&table, &row, &parent, &key); err != nil {
			return nil, fmt.Errorf("foreign key check: %w", err)
		}
		wrong = append(wrong, fmt.Sprintf("row %d of %s refers to a row of %s that is not there", row.Int64, table, parent))
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("foreign key check: %w", err)
	}
	return wrong, nil
}
