package store

import (
	"errors"
	"io/fs"
	"syscall"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"uratori/internal/fault"
)

// What can be wrong with the store. They are compared with errors.Is; the one
// returned names the file.
var (
	ErrDiskFull    = fault.New(fault.Failed, "store.disk_full")
	ErrReadOnly    = fault.New(fault.Failed, "store.read_only")
	ErrCorrupt     = fault.New(fault.Failed, "store.corrupt")
	ErrInUse       = fault.New(fault.Conflict, "store.in_use")
	ErrNewerSchema = fault.New(fault.Failed, "store.newer_schema")
	ErrExists      = fault.New(fault.Conflict, "store.exists")
	ErrClosed      = fault.New(fault.Unavailable, "store.closed")
	ErrReplaced    = fault.New(fault.Failed, "store.replaced")
	ErrNoAccess    = fault.New(fault.Failed, "store.no_access")
)

// Explain turns an error of the database into the fault that a person can act
// on; another error is returned as it is.
func (db *DB) Explain(err error) error { return explain(db.path, err) }

func explain(path string, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return err
	}
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fault.New(fault.Failed, "store.disk_full", "file", path).Wrap(err)
	case errors.Is(err, syscall.EROFS):
		return fault.New(fault.Failed, "store.read_only", "file", path).Wrap(err)
	case errors.Is(err, fs.ErrPermission):
		return fault.New(fault.Failed, "store.no_access", "file", path).Wrap(err)
	}
	switch code(err) {
	case lib.SQLITE_FULL:
		return fault.New(fault.Failed, "store.disk_full", "file", path).Wrap(err)
	case lib.SQLITE_READONLY:
		return fault.New(fault.Failed, "store.read_only", "file", path).Wrap(err)
	case lib.SQLITE_CORRUPT, lib.SQLITE_NOTADB:
		return fault.New(fault.Failed, "store.corrupt", "file", path).Wrap(err)
	case lib.SQLITE_BUSY, lib.SQLITE_LOCKED:
		return fault.New(fault.Conflict, "store.in_use", "file", path).Wrap(err)
	case lib.SQLITE_CANTOPEN, lib.SQLITE_PERM:
		return fault.New(fault.Failed, "store.no_access", "file", path).Wrap(err)
	}
	return err
}

// code is SQLite's primary result code of err, 0 for another error.
func code(err error) int {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		const primary = 0xff // the higher bits hold the extended code
		return e.Code() & primary
	}
	return 0
}

// endsTransaction lists the codes after which SQLite may roll the whole
// transaction back (https://sqlite.org/lang_transaction.html §"Response To
// Errors Within A Transaction"), and corruption, after which nothing of it
// should be kept.
func endsTransaction(err error) bool {
	switch code(err) {
	case lib.SQLITE_FULL, lib.SQLITE_IOERR, lib.SQLITE_NOMEM, lib.SQLITE_BUSY, lib.SQLITE_INTERRUPT,
		lib.SQLITE_CORRUPT, lib.SQLITE_NOTADB, lib.SQLITE_READONLY:
		return true
	}
	return false
}
