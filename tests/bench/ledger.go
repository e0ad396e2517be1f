package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	_ "modernc.org/sqlite" // the floor speaks to the file without the store

	"uratori/internal/ledger"
	"uratori/internal/store"
)

// ledger compares an append with the cheapest durable write there is: one row
// into a table without an index, committed by the driver alone, in the same
// file.
func (b *bench) ledger(ctx context.Context) (rows []row, err error) {
	const rounds, perRound, callers = 8, 500, 16
	path := filepath.Join(b.dir, "ledger.db")
	db, err := store.Open(ctx, path, ledger.Schema())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	bare, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(5000)&_pragma=synchronous(FULL)")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, bare.Close()) }()
	bare.SetMaxOpenConns(1)
	if _, err := bare.ExecContext(ctx, "CREATE TABLE bare (id INTEGER PRIMARY KEY, n INTEGER)"); err != nil {
		return nil, err
	}
	insert, err := bare.PrepareContext(ctx, "INSERT INTO bare (n) VALUES (?)")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, insert.Close()) }()
	l := ledger.New(db, time.Now)
	record := func(n int) error {
		_, err := l.Record(ctx, "bench.noted", "INTG-088", map[string]any{"text": "抽出を開始した", "n": n})
		return err
	}
	var appends, commits, shared time.Duration
	for range rounds {
		took, err := timed(perRound, record)
		if err != nil {
			return nil, err
		}
		appends += took
		// A background context, as the store's writer uses one: the driver
		// starts a goroutine for each statement that can be cancelled.
		took, err = timed(perRound, func(n int) error { _, err := insert.ExecContext(context.Background(), n); return err })
		if err != nil {
			return nil, err
		}
		commits += took
		if took, err = together(callers, perRound, record); err != nil {
			return nil, err
		}
		shared += took
	}
	const total = rounds * perRound
	rate := func(d time.Duration, n int) float64 { return float64(n) / d.Seconds() }
	ours, floor, many := rate(appends, total), rate(commits, total), rate(shared, total)
	report, err := ledger.Verify(ctx, db.Reader().DB, ledger.Hash{})
	if err != nil || report.Verdict != ledger.Verified {
		return nil, fmt.Errorf("the chain after the benchmark: %+v, %w", report, err)
	}
	return []row{
		{"ledger append, durable, one caller", fmt.Sprintf("%.0f /s", ours), fmt.Sprintf("bare one-row commit in the same file %.0f /s", floor), fmt.Sprintf("%.0f %%", 100*ours/floor), "≥ 60 %", ours >= 0.6*floor},
		{fmt.Sprintf("ledger append, durable, %d callers at once", callers), fmt.Sprintf("%.0f /s", many), fmt.Sprintf("the same commit, one caller %.0f /s", floor), fmt.Sprintf("%.1f ×", many/floor), "", true},
	}, nil
}

func timed(n int, do func(int) error) (time.Duration, error) {
	began := time.Now()
	for i := range n {
		if err := do(i); err != nil {
			return 0, err
		}
	}
	return time.Since(began), nil
}

func together(callers, n int, do func(int) error) (time.Duration, error) {
	var all sync.WaitGroup
	failed := make(chan error, callers)
	began := time.Now()
	for range callers {
		all.Go(func() {
			_, err := timed(n/callers, do)
			failed <- err
		})
	}
	all.Wait()
	took := time.Since(began)
	close(failed)
	var err error
	for e := range failed {
		err = errors.Join(err, e)
	}
	// n need not divide evenly; scale to n calls.
	return took * time.Duration(n) / time.Duration(n/callers*callers), err
}
