package ledger

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"
)

// BenchmarkAppend and BenchmarkBareCommit are read as a ratio, from one run
// on one machine; `make bench` prints it.
func BenchmarkAppend(b *testing.B) {
	_, l := openLedger(b, filepath.Join(b.TempDir(), "l.db"))
	for i := range b.N {
		record(b, l, "INTG-088", note{"抽出を開始した", i})
	}
}

// The floor: one row into a table without an index, committed by the driver
// alone, in the same database file with the same settings.
func BenchmarkBareCommit(b *testing.B) {
	db, _ := openLedger(b, filepath.Join(b.TempDir(), "l.db"))
	bare, err := sql.Open("sqlite", "file:"+db.Path()+"?_pragma=busy_timeout(5000)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)")
	if err != nil {
		b.Fatal(err)
	}
	defer bare.Close() //nolint:errcheck // the benchmark ends
	bare.SetMaxOpenConns(1)
	if _, err := bare.ExecContext(b.Context(), "CREATE TABLE bare (id INTEGER PRIMARY KEY, n INTEGER)"); err != nil {
		b.Fatal(err)
	}
	insert, err := bare.PrepareContext(b.Context(), "INSERT INTO bare (n) VALUES (?)")
	if err != nil {
		b.Fatal(err)
	}
	defer insert.Close() //nolint:errcheck // the benchmark ends
	b.ResetTimer()
	for i := range b.N {
		if _, err := insert.ExecContext(context.Background(), i); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	db, l := openLedger(b, filepath.Join(b.TempDir(), "l.db"))
	for i := range 10_000 {
		record(b, l, "INTG-088", note{"抽出を開始した", i})
	}
	b.ResetTimer()
	for range b.N {
		if r := verify(b, db, Hash{}); r.Verdict != Verified {
			b.Fatal(r)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/10_000, "ns/entry")
}
