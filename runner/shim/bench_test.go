package shim

import (
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// One attempt of a job that does nothing, from Start to the shim's return,
// with exit.json on the disk; and how long after the job's end that was known.
func BenchmarkAttempt(b *testing.B) {
	p := NewPool(poolOptions())
	dir := b.TempDir()
	s := Spec{Argv: []string{"/bin/true"}, Cwd: "/"}
	var noticed, began time.Duration
	for n := 0; b.Loop(); n++ {
		from := time.Now()
		a, err := p.Start(b.Context(), filepath.Join(dir, strconv.Itoa(n)), s)
		if err != nil {
			b.Fatal(err)
		}
		began += time.Since(from)
		exit, err := a.Wait(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		noticed += time.Since(exit.EndedAt)
		if err := a.Release(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(began.Microseconds())/float64(b.N), "µs/start")
	b.ReportMetric(float64(noticed.Microseconds())/float64(b.N), "µs/noticed")
	if err := p.Close(b.Context()); err != nil {
		b.Fatal(err)
	}
}
