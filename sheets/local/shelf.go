package local

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"uratori/internal/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Schema is this package's tables.
func Schema() store.Schema {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is compiled in
	}
	return store.Schema{Name: "sheet", FS: dir}
}

// shelf keeps books in the store.
type shelf struct{ db *store.DB }

// lastNumber is the highest number that any row or tab has.
func (s shelf) lastNumber(ctx context.Context) (n int64, err error) {
	err = s.db.Reader().QueryRowContext(ctx,
		`SELECT max((SELECT coalesce(max(id), 0) FROM sheet_rows), (SELECT coalesce(max(key), 0) FROM sheet_tabs))`).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("find the last row of the embedded sheet: %w", s.db.Explain(err))
	}
	return n, nil
}

// load reads a book, nil where there is none.
func (s shelf) load(ctx context.Context, id string) (*book, error) {
	tx, err := s.db.Reader().BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, fmt.Errorf("read spreadsheet %s: %w", id, s.db.Explain(err))
	}
	defer func() { _ = tx.Rollback() }() // it only read
	b := &book{id: id}
	err = tx.QueryRowContext(ctx, `SELECT title, locale, time_zone FROM sheet_books WHERE id = ?`, id).Scan(&b.title, &b.locale, &b.timeZone)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err == nil {
		err = s.loadTabs(ctx, tx, b)
	}
	if err == nil {
		err = s.loadMetadata(ctx, tx, b)
	}
	if err != nil {
		return nil, fmt.Errorf("read spreadsheet %s: %w", id, s.db.Explain(err))
	}
	return b, nil
}

func (s shelf) loadTabs(ctx context.Context, tx *sql.Tx, b *book) error {
	rows, err := tx.QueryContext(ctx, `SELECT key, sheet_id, title, rows, columns, frozen_rows, frozen_columns, hidden
		FROM sheet_tabs WHERE book = ? ORDER BY position`, b.id)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // rows.Err tells
	for rows.Next() {
		t := &tab{}
		if err := rows.Scan(&t.key, &t.id, &t.title, &t.rowCount, &t.columnCount, &t.frozenRows, &t.frozenColumns, &t.hidden); err != nil {
			return err
		}
		b.tabs = append(b.tabs, t)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, t := range b.tabs {
		if err := loadRows(ctx, tx, t); err != nil {
			return fmt.Errorf("tab %s: %w", t.title, err)
		}
	}
	return nil
}

func loadRows(ctx context.Context, tx *sql.Tx, t *tab) error {
	rows, err := tx.QueryContext(ctx, `SELECT id, ord, skip, cells FROM sheet_rows WHERE tab = ? ORDER BY ord`, t.key)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // rows.Err tells
	var raw sql.RawBytes
	var decoder rowDecoder
	var slab []row // side by side for the same reason as their cells
	for at := 0; rows.Next(); at++ {
		if len(slab) == cap(slab) {
			slab = make([]row, 0, min(1024, max(16, len(t.rows))))
		}
		slab = append(slab, row{})
		r := &slab[len(slab)-1]
		if err := rows.Scan(&r.id, &r.ord, &r.skip, &raw); err != nil {
			return err
		}
		if r.cells, err = decoder.decode(raw); err != nil {
			return err
		}
		at += r.skip
		t.rows = append(t.rows, kept{at, r})
	}
	return rows.Err()
}

func (s shelf) loadMetadata(ctx context.Context, tx *sql.Tx, b *book) error {
	rows, err := tx.QueryContext(ctx, `SELECT id, name, value, visibility, coalesce(tab, 0), coalesce(sheet_row, 0), coalesce(column_at, -1)
		FROM sheet_metadata WHERE book = ? ORDER BY id`, b.id)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // rows.Err tells
	for rows.Next() {
		m := &metadata{}
		if err := rows.Scan(&m.id, &m.key, &m.value, &m.visibility, &m.tab, &m.row, &m.column); err != nil {
			return err
		}
		b.metadata = append(b.metadata, m)
	}
	return rows.Err()
}

// save stores what the draft changed, in one transaction.
func (s shelf) save(ctx context.Context, d *draft) error {
	// Others wait while a transaction is open: what needs no store is done before.
	ids := slices.Sorted(maps.Keys(d.changed))
	cells := make([]string, len(ids))
	for i, id := range ids {
		var err error
		if cells[i], err = encodeRow(d.changed[id].row.cells); err != nil {
			return err
		}
	}
	return s.db.Write(ctx, func(tx *store.Tx) error {
		for _, step := range []func(*store.Tx, *draft) error{saveBook, saveTabs, dropRows, saveMetadata} {
			if err := step(tx, d); err != nil {
				return err
			}
		}
		for i, id := range ids {
			if err := saveRow(tx, d.changed[id], cells[i]); err != nil {
				return err
			}
		}
		if d.also != nil {
			return d.also(tx)
		}
		return nil
	})
}

func saveBook(tx *store.Tx, d *draft) error {
	if d.base.title == d.title && d.base.locale == d.locale && d.base.timeZone == d.timeZone {
		return nil
	}
	_, err := tx.Exec(`INSERT INTO sheet_books (id, title, locale, time_zone) VALUES (?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET title = excluded.title, locale = excluded.locale, time_zone = excluded.time_zone`,
		d.id, d.title, d.locale, d.timeZone)
	return err
}

// shape is what is stored of a tab itself.
type shape struct {
	title                                                      string
	position, rowCount, columnCount, frozenRows, frozenColumns int
	hidden                                                     bool
}

func shapes(b *book) map[int64]shape {
	m := map[int64]shape{}
	for i, t := range b.tabs {
		m[t.key] = shape{t.title, i, t.rowCount, t.columnCount, t.frozenRows, t.frozenColumns, t.hidden}
	}
	return m
}

func saveTabs(tx *store.Tx, d *draft) error {
	was, is := shapes(d.base), shapes(&d.book)
	for _, t := range d.base.tabs {
		if _, kept := is[t.key]; kept {
			continue
		}
		if _, err := tx.Exec(`DELETE FROM sheet_rows WHERE tab = ?`, t.key); err != nil {
			return err
		}
		if _, err := tx.Exec(`DELETE FROM sheet_tabs WHERE key = ?`, t.key); err != nil {
			return err
		}
	}
	for _, t := range d.tabs {
		s := is[t.key]
		if was[t.key] == s {
			continue
		}
		_, err := tx.Exec(`INSERT INTO sheet_tabs (key, book, sheet_id, title, position, rows, columns, frozen_rows, frozen_columns, hidden)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET title = excluded.title, position = excluded.position,
			rows = excluded.rows, columns = excluded.columns, frozen_rows = excluded.frozen_rows,
			frozen_columns = excluded.frozen_columns, hidden = excluded.hidden`,
			t.key, d.id, t.id, s.title, s.position, s.rowCount, s.columnCount, s.frozenRows, s.frozenColumns, s.hidden)
		if err != nil {
			return err
		}
	}
	return nil
}

func dropRows(tx *store.Tx, d *draft) error {
	for id := range d.dropped {
		if _, err := tx.Exec(`DELETE FROM sheet_rows WHERE id = ?`, id); err != nil {
			return err
		}
	}
	return nil
}

func saveRow(tx *store.Tx, p placed, cells string) error {
	_, err := tx.Exec(`INSERT INTO sheet_rows (id, tab, ord, skip, cells) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET ord = excluded.ord, skip = excluded.skip, cells = excluded.cells`,
		p.row.id, p.tab, p.row.ord, p.row.skip, cells)
	return err
}

func saveMetadata(tx *store.Tx, d *draft) error {
	if !d.newMetadata {
		return nil
	}
	is, was := setOf(d.metadata), setOf(d.base.metadata)
	for m := range was {
		if is[m] {
			continue
		}
		if _, err := tx.Exec(`DELETE FROM sheet_metadata WHERE book = ? AND id = ?`, d.id, m.id); err != nil {
			return err
		}
	}
	for m := range is {
		if was[m] {
			continue
		}
		_, err := tx.Exec(`INSERT INTO sheet_metadata (book, id, name, value, visibility, tab, sheet_row, column_at)
			VALUES (?, ?, ?, ?, ?, nullif(?, 0), nullif(?, 0), nullif(?, -1))`,
			d.id, m.id, m.key, m.value, m.visibility, m.tab, m.row, m.column)
		if err != nil {
			return err
		}
	}
	return nil
}

func setOf[T comparable](all []T) map[T]bool {
	set := make(map[T]bool, len(all))
	for _, one := range all {
		set[one] = true
	}
	return set
}
