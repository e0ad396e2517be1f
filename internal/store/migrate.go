package store

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/pressly/goose/v3"

	"uratori/internal/fault"
)

// Schema is the tables of one package: numbered goose migrations in SQL, in
// the root of FS. Name is the package's; its version is kept in the table
// schema_<name>.
type Schema struct {
	Name string
	FS   fs.FS
}

const versionTable = "schema_"

// migrate brings each schema up to date. It refuses a file that a newer
// uratori has written, before anything in it is changed: an old binary does
// not know what the new tables promise.
func migrate(ctx context.Context, db *sql.DB, path string, schemas []Schema) error {
	versions, err := Versions(ctx, db)
	if err != nil {
		return err
	}
	have := map[string]int64{}
	for _, v := range versions {
		have[v.Name] = v.Version
		if !slices.ContainsFunc(schemas, func(s Schema) bool { return s.Name == v.Name }) {
			return fault.New(fault.Failed, "store.newer_schema", "file", path, "part", v.Name, "have", v.Version, "want", 0)
		}
	}
	var behind []Schema
	for _, s := range schemas {
		want, err := s.newest()
		switch {
		case err != nil:
			return fmt.Errorf("migrations of %s: %w", s.Name, err)
		case have[s.Name] > want:
			return fault.New(fault.Failed, "store.newer_schema", "file", path, "part", s.Name, "have", have[s.Name], "want", want)
		case have[s.Name] < want:
			behind = append(behind, s)
		}
	}
	for _, s := range behind {
		p, err := goose.NewProvider(goose.DialectSQLite3, db, s.FS,
			goose.WithTableName(versionTable+s.Name), goose.WithDisableGlobalRegistry(true))
		if err != nil {
			return fmt.Errorf("migrations of %s: %w", s.Name, err)
		}
		if _, err := p.Up(ctx); err != nil {
			return fmt.Errorf("migrate %s: %w", s.Name, err)
		}
	}
	return nil
}

// newest is the number of the newest migration. Most starts find every table up
// to date, and need not have goose read the statements of all of them.
func (s Schema) newest() (newest int64, err error) {
	files, err := fs.Glob(s.FS, "*.sql")
	if err != nil {
		return 0, err
	}
	for _, file := range files {
		number, err := goose.NumericComponent(file)
		if err != nil {
			return 0, err
		}
		newest = max(newest, number)
	}
	return newest, nil
}

// Version is how far the tables of one package have come.
type Version struct {
	Name    string
	Version int64
}

// Versions lists the schemas in a store.
func Versions(ctx context.Context, db *sql.DB) ([]Version, error) {
	rows, err := db.QueryContext(ctx, `SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'schema\_%' ESCAPE '\' ORDER BY name`)
	if err != nil {
		return nil, fmt.Errorf("list schemas: %w", err)
	}
	defer rows.Close() //nolint:errcheck // read to the end below
	var versions []Version
	for rows.Next() {
		var table string
		if err := rows.Scan(&table); err != nil {
			return nil, fmt.Errorf("list schemas: %w", err)
		}
		versions = append(versions, Version{Name: strings.TrimPrefix(table, versionTable)})
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list schemas: %w", err)
	}
	for i, v := range versions {
		quoted := `"` + strings.ReplaceAll(versionTable+v.Name, `"`, `""`) + `"`
		if err := db.QueryRowContext(ctx, "SELECT coalesce(max(version_id), 0) FROM "+quoted).Scan(&versions[i].Version); err != nil {
			return nil, fmt.Errorf("schema version of %s: %w", v.Name, err)
		}
	}
	return versions, nil
}
