package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"go.uber.org/goleak"

	"uratori/internal/fault"
	"uratori/internal/phrase"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const tableSQL = "-- +goose Up\nCREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, parent INTEGER REFERENCES item(id)) STRICT;\n"

func schema(name string, files ...string) Schema {
	dir := fstest.MapFS{}
	for i, sql := range files {
		dir[fmt.Sprintf("%05d_step.sql", i+1)] = &fstest.MapFile{Data: []byte(sql)}
	}
	return Schema{Name: name, FS: dir}
}

func open(t *testing.T, path string, schemas ...Schema) *DB {
	t.Helper()
	db, err := Open(t.Context(), path, schemas...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func items(t *testing.T) *DB {
	t.Helper()
	return open(t, filepath.Join(t.TempDir(), "uratori.db"), schema("items", tableSQL))
}

func insert(name string) func(*Tx) error {
	return func(tx *Tx) error {
		_, err := tx.Exec("INSERT INTO item (name) VALUES (?)", name)
		return err
	}
}

func names(t *testing.T, db *sql.DB) string {
	t.Helper()
	var all sql.NullString
	if err := db.QueryRowContext(t.Context(), "SELECT group_concat(name, ' ' ORDER BY name) FROM item").Scan(&all); err != nil {
		t.Fatal(err)
	}
	return all.String
}

func TestOpen_SetsWhatThePromisesNeed(t *testing.T) {
	db := items(t)
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1"} {
		var got string
		if err := db.Write(t.Context(), func(tx *Tx) error { return tx.Get("PRAGMA "+pragma, nil, &got) }); err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("%s = %s, want %s", pragma, got, want)
		}
	}
	for _, file := range []string{db.Path(), db.Path() + "-wal"} {
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", file, info.Mode())
		}
	}
	if _, err := db.Reader().ExecContext(t.Context(), "INSERT INTO item (name) VALUES ('x')"); err == nil {
		t.Error("a reader could write")
	}
}

func TestOpen_AnyPath(t *testing.T) {
	for _, name := range []string{"日本語", "a b", "q?mode=memory", "h#x", "p%41", "plus+", "semi;amp&", "quote'\""} {
		dir := filepath.Join(t.TempDir(), name)
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		db := open(t, filepath.Join(dir, "uratori.db"), schema("items", tableSQL))
		if err := db.Write(t.Context(), insert("x")); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(filepath.Join(dir, "uratori.db-wal")); err != nil || info.Size() == 0 {
			t.Errorf("%q: the journal is not beside the file: %v", name, err)
		}
		if got := names(t, db.Reader().DB); got != "x" {
			t.Errorf("%q: read %q", name, got)
		}
	}
}

func TestWrite_ErrorOrPanic_UndoesThatWriteAlone(t *testing.T) {
	db := items(t)
	// All at once, so that they share commits.
	var all sync.WaitGroup
	refused := errors.New("refused")
	for i := range 60 {
		all.Go(func() {
			name := fmt.Sprintf("%02d", i)
			fn := insert(name)
			switch i % 3 {
			case 1:
				err := db.Write(t.Context(), func(tx *Tx) error { return errors.Join(fn(tx), refused) })
				if !errors.Is(err, refused) {
					t.Errorf("%s: %v", name, err)
				}
			case 2:
				defer func() {
					p, ok := recover().(error)
					if !ok || !strings.Contains(p.Error(), "boom") {
						t.Errorf("%s: recovered %v", name, p)
					}
				}()
				_ = db.Write(t.Context(), func(tx *Tx) error { _ = fn(tx); panic("boom") })
			default:
				if err := db.Write(t.Context(), fn); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
		})
	}
	all.Wait()
	var want []string
	for i := 0; i < 60; i += 3 {
		want = append(want, fmt.Sprintf("%02d", i))
	}
	if got := names(t, db.Reader().DB); got != strings.Join(want, " ") {
		t.Errorf("kept %q", got)
	}
}

func TestWrite_IsThereForAnotherProcessWhenItReturns(t *testing.T) {
	db := items(t)
	other, err := sql.Open("sqlite", dsn(db.Path(), "mode", "ro"))
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close() //nolint:errcheck // a reader
	for i := range 50 {
		if err := db.Write(t.Context(), insert(fmt.Sprint(i))); err != nil {
			t.Fatal(err)
		}
		var n int
		if err := other.QueryRowContext(t.Context(), "SELECT count(*) FROM item").Scan(&n); err != nil || n != i+1 {
			t.Fatalf("after write %d another connection sees %d rows, %v", i+1, n, err)
		}
	}
}

func TestWrite_ContextCountsOnlyWhileWaiting(t *testing.T) {
	db := items(t)
	ctx, cancel := context.WithCancel(t.Context())
	err := db.Write(ctx, func(tx *Tx) error {
		cancel()
		return insert("begun")(tx)
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Write(ctx, insert("late")); !errors.Is(err, context.Canceled) {
		t.Fatalf("a write with an ended context: %v", err)
	}
	if got := names(t, db.Reader().DB); got != "begun" {
		t.Errorf("kept %q", got)
	}
}

func TestOnCommit_RunsAfterDurableAndOnlyThen(t *testing.T) {
	db := items(t)
	seen := ""
	if err := db.Write(t.Context(), func(tx *Tx) error {
		tx.OnCommit(func() { seen = names(t, db.Reader().DB) })
		return insert("x")(tx)
	}); err != nil {
		t.Fatal(err)
	}
	if seen != "x" {
		t.Errorf("the hook saw %q", seen)
	}
	func() {
		defer func() {
			if p, ok := recover().(error); !ok || !strings.Contains(p.Error(), "in the hook") {
				t.Errorf("recovered %v", p)
			}
		}()
		_ = db.Write(t.Context(), func(tx *Tx) error {
			tx.OnCommit(func() { panic("in the hook") })
			return insert("y")(tx)
		})
	}()
	if got := names(t, db.Reader().DB); got != "x y" {
		t.Errorf("kept %q", got)
	}
	called := false
	_ = db.Write(t.Context(), func(tx *Tx) error {
		tx.OnCommit(func() { called = true })
		return errors.New("no")
	})
	if called {
		t.Error("the hook of an undone write ran")
	}
}

func TestWrite_DiskFull_NothingOfTheWriteStays(t *testing.T) {
	db := items(t)
	if err := db.Write(t.Context(), insert("before")); err != nil {
		t.Fatal(err)
	}
	var pages int
	if err := db.Write(t.Context(), func(tx *Tx) error {
		if err := tx.Get("PRAGMA page_count", nil, &pages); err != nil {
			return err
		}
		return tx.Get(fmt.Sprintf("PRAGMA max_page_count(%d)", pages+4), nil, &pages)
	}); err != nil {
		t.Fatal(err)
	}
	err := db.Write(t.Context(), func(tx *Tx) error {
		var first error
		for i := range 1000 {
			// A careless caller goes on after the error: the rest must not be
			// committed on its own.
			if err := insert(fmt.Sprint(i, strings.Repeat("x", 1000)))(tx); err != nil && first == nil {
				first = err
			}
		}
		return nil
	})
	if !errors.Is(err, ErrDiskFull) {
		t.Fatalf("error %v", err)
	}
	for _, lang := range []phrase.Lang{phrase.English, phrase.Japanese} {
		if text := fault.Explain(err, lang); !strings.Contains(text, db.Path()) {
			t.Errorf("%s: %s", lang, text)
		}
	}
	if got := names(t, db.Reader().DB); got != "before" {
		t.Errorf("kept %.60q", got)
	}
	if err := db.Write(t.Context(), insert("after")); err != nil {
		t.Errorf("a small write afterwards: %v", err)
	}
}

func TestOpen_NewerSchema_IsRefusedUnchanged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "uratori.db")
	newer := []Schema{schema("items", tableSQL, "-- +goose Up\nCREATE TABLE later (id INTEGER);\n"), schema("rooms", "-- +goose Up\nCREATE TABLE room (id INTEGER);\n")}
	db, err := Open(t.Context(), path, newer...)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, older := range map[string][]Schema{
		"fewer steps":    {schema("items", tableSQL), newer[1]},
		"fewer packages": {newer[0]},
	} {
		_, err := Open(t.Context(), path, older...)
		if !errors.Is(err, ErrNewerSchema) {
			t.Errorf("%s: %v", name, err)
		}
	}
	after, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(before) != string(after) {
		t.Error("the file was changed")
	}
	open(t, path, newer...)
}

func TestOpen_MigratesStepByStep_DataStays(t *testing.T) {
	path := filepath.Join(t.TempDir(), "uratori.db")
	db, err := Open(t.Context(), path, schema("items", tableSQL))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Write(t.Context(), insert("old")), db.Close()); err != nil {
		t.Fatal(err)
	}
	db = open(t, path, schema("items", tableSQL, "-- +goose Up\nALTER TABLE item ADD COLUMN note TEXT;\n"))
	if got := names(t, db.Reader().DB); got != "old" {
		t.Errorf("kept %q", got)
	}
	versions, err := Versions(t.Context(), db.Reader().DB)
	if err != nil || len(versions) != 1 || versions[0] != (Version{"items", 2}) {
		t.Errorf("versions %v, %v", versions, err)
	}
}

func TestOpen_BrokenMigration_LeavesNothingHalf(t *testing.T) {
	path := filepath.Join(t.TempDir(), "uratori.db")
	_, err := Open(t.Context(), path, schema("items", tableSQL+"CREATE TABLE item (id INTEGER);\n"))
	if err == nil {
		t.Fatal("no error")
	}
	db := open(t, path, schema("items", tableSQL))
	if got := names(t, db.Reader().DB); got != "" {
		t.Errorf("found %q", got)
	}
}

func TestWrite_FileDeletedOrReplaced_IsRefused(t *testing.T) {
	db := items(t)
	if err := db.Write(t.Context(), insert("kept")); err != nil {
		t.Fatal(err)
	}
	aside := db.Path() + ".aside"
	if err := os.Rename(db.Path(), aside); err != nil {
		t.Fatal(err)
	}
	if err := db.Write(t.Context(), insert("lost")); !errors.Is(err, ErrReplaced) {
		t.Errorf("deleted: %v", err)
	}
	if err := os.WriteFile(db.Path(), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := db.Write(t.Context(), insert("lost")); !errors.Is(err, ErrReplaced) {
		t.Errorf("replaced: %v", err)
	}
	if err := os.Rename(aside, db.Path()); err != nil {
		t.Fatal(err)
	}
	if err := db.Write(t.Context(), insert("more")); err != nil {
		t.Errorf("put back: %v", err)
	}
	if got := names(t, db.Reader().DB); got != "kept more" {
		t.Errorf("kept %q", got)
	}
}

func TestOpen_BadFiles(t *testing.T) {
	dir := t.TempDir()
	garbage := filepath.Join(dir, "garbage.db")
	if err := os.WriteFile(garbage, []byte(strings.Repeat("not a database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), garbage); !errors.Is(err, ErrCorrupt) {
		t.Errorf("garbage: %v", err)
	}
	if _, err := Open(t.Context(), filepath.Join(dir, "no", "such", "folder.db")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing folder: %v", err)
	}
	if _, err := Open(t.Context(), dir); err == nil {
		t.Error("a folder was opened")
	}
}

func TestClose_RefusesLaterWrites_AndIsCalledTwice(t *testing.T) {
	db := items(t)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := db.Write(t.Context(), insert("x")); !errors.Is(err, ErrClosed) {
		t.Errorf("Write after Close: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Errorf("second Close: %v", err)
	}
	if _, err := os.Stat(db.Path() + "-wal"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the journal was not folded in: %v", err)
	}
}

func TestBackup_WhileWriting_IsWholeAndPrivate(t *testing.T) {
	db := items(t)
	stop, all := make(chan struct{}), sync.WaitGroup{}
	all.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				if err := db.Write(t.Context(), insert(fmt.Sprint(i))); err != nil {
					t.Error(err)
					return
				}
			}
		}
	})
	for i := range 5 {
		dst := filepath.Join(t.TempDir(), fmt.Sprintf("copy %d.db", i))
		if err := db.Backup(t.Context(), dst); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(dst)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Fatalf("mode %v, %v", info.Mode(), err)
		}
		copied, err := OpenCopy(dst)
		if err != nil {
			t.Fatal(err)
		}
		wrong, err := Check(t.Context(), copied)
		if err != nil || len(wrong) > 0 {
			t.Errorf("check of the copy: %v, %v", wrong, err)
		}
		if err := copied.Close(); err != nil {
			t.Error(err)
		}
		left, err := os.ReadDir(filepath.Dir(dst))
		if err != nil || len(left) != 1 {
			t.Errorf("left beside the copy: %v, %v", left, err)
		}
	}
	close(stop)
	all.Wait()
}

func TestBackup_NeverOverwrites(t *testing.T) {
	db := items(t)
	dst := filepath.Join(t.TempDir(), "precious")
	if err := os.WriteFile(dst, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := db.Backup(t.Context(), dst); !errors.Is(err, ErrExists) {
		t.Errorf("over a file: %v", err)
	}
	if got, err := os.ReadFile(dst); err != nil || string(got) != "mine" {
		t.Errorf("the file now holds %q, %v", got, err)
	}
	link := filepath.Join(t.TempDir(), "dangling")
	if err := os.Symlink("/nowhere/at/all", link); err != nil {
		t.Fatal(err)
	}
	if err := db.Backup(t.Context(), link); !errors.Is(err, ErrExists) {
		t.Errorf("over a symlink: %v", err)
	}
	if err := db.Backup(t.Context(), filepath.Join(t.TempDir(), "no", "folder", "x.db")); err == nil {
		t.Error("into a missing folder: no error")
	}
	if err := db.Backup(t.Context(), "relative.db"); err == nil {
		t.Error("relative path: no error")
	}
}

func TestCheck_FindsDamageAndOrphans(t *testing.T) {
	db := items(t)
	if err := db.Write(t.Context(), func(tx *Tx) error {
		for i := range 3000 {
			if err := insert(fmt.Sprint("name ", i))(tx); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	dst := filepath.Join(t.TempDir(), "copy.db")
	if err := db.Backup(t.Context(), dst); err != nil {
		t.Fatal(err)
	}
	shell, err := sql.Open("sqlite", dsn(dst))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := shell.ExecContext(t.Context(), "INSERT INTO item (name, parent) VALUES ('orphan', 99999)"); err != nil {
		t.Fatal(err)
	}
	wrong, err := Check(t.Context(), shell)
	if err != nil || len(wrong) != 1 || !strings.Contains(wrong[0], "not there") {
		t.Errorf("orphan: %v, %v", wrong, err)
	}
	if err := shell.Close(); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(dst)
	if err != nil {
		t.Fatal(err)
	}
	for i := 3 * 4096; i < 5*4096; i += 64 { // two pages in the middle
		copy(raw[i:], "damaged!")
	}
	if err := os.WriteFile(dst, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	copied, err := OpenCopy(dst)
	if err != nil {
		t.Fatal(err)
	}
	defer copied.Close() //nolint:errcheck // a reader
	if wrong, err := Check(t.Context(), copied); err == nil && len(wrong) == 0 {
		t.Error("two overwritten pages were not found")
	}
}
