package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"uratori/internal/config"
	"uratori/internal/store"
	"uratori/sheets"
	"uratori/sheets/local"
)

// desk is a table on an embedded sheet, without a daemon round it.
type desk struct {
	db       *store.DB
	server   *local.Server
	table    *sheets.Table
	requests atomic.Int64
	way      *local.Transport
}

func openDesk(ctx context.Context, file string) (*desk, error) {
	db, err := store.Open(ctx, file, local.Schema())
	if err != nil {
		return nil, err
	}
	d := &desk{db: db}
	if d.server, err = local.New(ctx, db, local.Options{Year: func() int { return time.Now().Year() }}); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	d.way = local.NewTransport(d.server)
	columns := config.Columns{ID: "ID", Summary: "概要", Detail: "詳細", Status: "ステータス", Approval: "承認"}
	if err := d.server.Ensure(ctx, "uratori", "Tracker", []string{"ID", "概要", "詳細", "ステータス", "承認"}); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	d.table, err = sheets.New(ctx, sheets.Options{
		Spreadsheet: local.Book, Tab: "Tracker", Columns: sheets.Columns(columns), Transport: counting{d}, Now: time.Now,
	})
	return d, err
}

func (d *desk) close() error {
	d.way.Wait()
	return d.db.Close()
}

type counting struct{ d *desk }

func (c counting) RoundTrip(r *http.Request) (*http.Response, error) {
	c.d.requests.Add(1)
	return c.d.way.RoundTrip(r)
}

// fill makes the tab hold n tickets of ten columns.
func (d *desk) fill(ctx context.Context, n int) error {
	row := -1
	_, err := d.server.Import(ctx, "Tracker", true, func() ([]string, error) {
		row++
		switch {
		case row == 0:
			return []string{"ID", "概要", "詳細", "ステータス", "承認", "担当", "期限", "優先度", "メモ", "備考"}, nil
		case row > n:
			return nil, io.EOF
		}
		id := fmt.Sprintf("INTG-%06d", row)
		return []string{id, "抽出の概要 " + id, "詳細な説明\n- 一つ目\n- 二つ目 " + id, "起票", "", "山田", "2026/11/21", "中", "メモ", "備考 " + id}, nil
	})
	return err
}

// oneWrite compares a verified write of one row with a bare transaction that
// stores the same row, both in the same file, taking turns.
func (b *bench) oneWrite(ctx context.Context) (_ []row, err error) {
	d, err := openDesk(ctx, filepath.Join(b.dir, "one.db"))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	if err := d.fill(ctx, 100); err != nil {
		return nil, err
	}
	bare, err := sql.Open("sqlite", "file:"+d.db.Path()+"?_pragma=busy_timeout(5000)&_pragma=synchronous(FULL)")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(bare.Close(), err) }()
	bare.SetMaxOpenConns(1)
	if _, err := bare.ExecContext(ctx, "CREATE TABLE bare (id INTEGER PRIMARY KEY, cells TEXT)"); err != nil {
		return nil, err
	}
	upsert, err := bare.PrepareContext(ctx, `INSERT INTO bare (id, cells) VALUES (50, ?) ON CONFLICT (id) DO UPDATE SET cells = excluded.cells`)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(upsert.Close(), err) }()
	v, err := d.table.Look(ctx)
	if err != nil {
		return nil, err
	}
	target, err := v.Find("INTG-000050")
	if err != nil {
		return nil, err
	}
	var ours, floor []time.Duration
	for i := range 500 {
		text := "新しい概要 " + strconv.Itoa(i)
		began := time.Now()
		hits, err := d.table.Write(ctx, v, sheets.Batch{Changes: []sheets.Change{{Row: target, Cells: map[string]string{"summary": text}}}})
		if err != nil {
			return nil, err
		}
		r, err := d.table.Again(ctx, v, hits)
		if err != nil {
			return nil, err
		}
		ours = append(ours, time.Since(began))
		if !r.Rows[target.Key].Cells["summary"].Holds(text) {
			return nil, errors.New("the row does not hold what was written")
		}
		began = time.Now()
		// A background context, as the store's writer uses one.
		if _, err := upsert.ExecContext(context.Background(), strings.Repeat(text, 5)); err != nil {
			return nil, err
		}
		floor = append(floor, time.Since(began))
	}
	ratio := float64(median(ours)) / float64(median(floor))
	return []row{{
		what: "embedded sheet: write one row with its post-state and read it back, median of 500", ours: ms(median(ours)),
		floor: "bare transaction of the row " + ms(median(floor)), ratio: fmt.Sprintf("%.1f ×", ratio), wanted: "≤ 3 ×", met: ratio <= 3,
	}}, nil
}

// burst counts the requests that 1,000 updates take, look and reading included.
func (b *bench) burst(ctx context.Context) (_ []row, err error) {
	const rows, most = 1000, 15
	d, err := openDesk(ctx, filepath.Join(b.dir, "burst.db"))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	if err := d.fill(ctx, rows); err != nil {
		return nil, err
	}
	d.requests.Store(0)
	began := time.Now()
	v, err := d.table.Look(ctx)
	if err != nil {
		return nil, err
	}
	var all sheets.Batch
	for r := range v.Rows() {
		all.Changes = append(all.Changes, sheets.Change{Row: r, Cells: map[string]string{"detail": strings.Repeat("新しい詳細\n", 50), "status": "完了"}})
	}
	var keys []string
	for _, part := range sheets.Split(all) {
		hits, err := d.table.Write(ctx, v, part)
		if err != nil {
			return nil, err
		}
		for _, h := range hits {
			keys = append(keys, h.Key)
		}
	}
	if _, err := d.table.Read(ctx, []string{"detail", "status"}, keys...); err != nil {
		return nil, err
	}
	n := d.requests.Load()
	return []row{{
		what: "1,000 row updates of 850 characters each, looked up, written and read back", ours: fmt.Sprintf("%d requests, %s", n, ms(time.Since(began))),
		wanted: fmt.Sprintf("≤ %d requests", most), met: n <= most && len(keys) == rows,
	}}, nil
}

const largeRows = 100_000

// largeTable reads a table of 100,000 rows × 10 columns in a process of its
// own, so that its memory can be told.
func (b *bench) largeTable(ctx context.Context) ([]row, error) {
	file := filepath.Join(b.dir, "large.db")
	d, err := openDesk(ctx, file)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(d.fill(ctx, largeRows), d.close()); err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	var words bytes.Buffer
	child := exec.CommandContext(ctx, self, "-read", file)
	child.Stdout, child.Stderr = &words, os.Stderr
	if err := child.Run(); err != nil {
		return nil, fmt.Errorf("read the large table: %w", err)
	}
	var findNS, wholeNS int64
	var peak float64
	if _, err := fmt.Sscan(words.String(), &findNS, &wholeNS, &peak); err != nil {
		return nil, fmt.Errorf("read the large table: %q: %w", words.String(), err)
	}
	find, whole := time.Duration(findNS), time.Duration(wholeNS)
	const mostFind, mostWhole, mostMB = 30 * time.Millisecond, 2500 * time.Millisecond, 300
	return []row{
		{
			what: "table of 100,000 rows × 10 columns: find one key afresh, after the first read, median of 20", ours: ms(find),
			wanted: "≤ 30 ms", met: find <= mostFind,
		},
		{
			what: "the same table: read all of it, with the embedded server in the same process", ours: fmt.Sprintf("%.2f s, %.0f MB at the peak", whole.Seconds(), peak),
			wanted: "< 2.5 s, < 300 MB", met: whole < mostWhole && peak < mostMB,
		},
	}, nil
}

// readLarge is the process that reads the large table.
func readLarge(ctx context.Context, file string) (err error) {
	d, err := openDesk(ctx, file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	if _, err := d.table.Look(ctx, "INTG-000001"); err != nil {
		return err
	}
	var finds []time.Duration
	for i := range 20 {
		key := fmt.Sprintf("INTG-%06d", 1+i*4999)
		began := time.Now()
		v, err := d.table.Look(ctx)
		if err != nil {
			return err
		}
		if _, err := v.Find(key); err != nil {
			return err
		}
		finds = append(finds, time.Since(began))
	}
	began := time.Now()
	v, err := d.table.Whole(ctx)
	if err != nil {
		return err
	}
	whole := time.Since(began)
	n := 0
	for range v.Rows() {
		n++
	}
	if n != largeRows {
		return fmt.Errorf("%d rows were read", n)
	}
	peak, err := peakMemory()
	fmt.Println(median(finds).Nanoseconds(), whole.Nanoseconds(), peak)
	return err
}

// peakMemory is the largest resident size of this process so far, in MB.
func peakMemory() (float64, error) {
	raw, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(raw)) {
		if value, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kib, err := strconv.ParseFloat(strings.Fields(value)[0], 64)
			return kib * 1024 / 1e6, err
		}
	}
	return 0, errors.New("the kernel does not tell the peak")
}
