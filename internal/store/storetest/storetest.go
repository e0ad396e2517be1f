// Package storetest opens stores for tests. Making the tables takes longer than
// most tests do; so they are made once for each set of schemas, and every other
// store begins as a copy of that file.
package storetest

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"uratori/internal/store"
)

// Templates has the files that copies are made of. The zero value is ready.
type Templates struct {
	mu    sync.Mutex
	files map[string][]byte // by what they were made of
}

// Open is [store.Open], of a copy when there is no file yet.
func (t *Templates) Open(ctx context.Context, path string, schemas ...store.Schema) (*store.DB, error) {
	if _, err := os.Lstat(path); err == nil {
		return store.Open(ctx, path, schemas...)
	}
	file, err := t.of(ctx, schemas)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(path, file, 0o600); err != nil {
		return nil, err
	}
	return store.Open(ctx, path, schemas...)
}

func (t *Templates) of(ctx context.Context, schemas []store.Schema) (file []byte, err error) {
	key, err := content(schemas)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if file := t.files[key]; file != nil {
		return file, nil
	}
	dir, err := os.MkdirTemp("", "uratori-template-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // what is left is a file of some kB
	path := filepath.Join(dir, "store.db")
	db, err := store.Open(ctx, path, schemas...)
	if err != nil {
		return nil, err
	}
	if err := db.Close(); err != nil { // which folds the journal in
		return nil, err
	}
	if file, err = os.ReadFile(path); err != nil {
		return nil, err
	}
	if t.files == nil {
		t.files = map[string][]byte{}
	}
	t.files[key] = file
	return file, nil
}

// content is all statements of the schemas under their names.
func content(schemas []store.Schema) (string, error) {
	var all strings.Builder
	for _, s := range schemas {
		names, err := fs.Glob(s.FS, "*.sql")
		if err != nil {
			return "", err
		}
		for _, name := range names {
			statements, err := fs.ReadFile(s.FS, name)
			if err != nil {
				return "", err
			}
			fmt.Fprintf(&all, "%q %q %q\n", s.Name, name, statements)
		}
	}
	return all.String(), nil
}
