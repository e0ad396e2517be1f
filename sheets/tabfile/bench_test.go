package tabfile_test

import (
	"path/filepath"
	"runtime"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"uratori/sheets/tabfile"
)

const benchRows, benchColumns = 100_000, 10

// Both ways of 100,000 rows of 10 cells. peak-MiB is the highest heap that
// was seen in use over what was in use before.
func BenchmarkWrite(b *testing.B) {
	eachFormat(b, func(b *testing.B, path string) { writeBench(b, path) })
}

func BenchmarkRead(b *testing.B) {
	eachFormat(b, func(b *testing.B, path string) {
		b.StopTimer()
		writeBench(b, path)
		b.StartTimer()
		r, err := tabfile.Open(path, tabfile.ReadOptions{})
		must(b, err)
		n := 0
		for ; ; n++ {
			if _, err := r.Next(); err != nil {
				break
			}
		}
		if must(b, r.Close()); n != benchRows {
			b.Fatalf("%d rows", n)
		}
	})
}

func eachFormat(b *testing.B, run func(b *testing.B, path string)) {
	for _, name := range []string{"a.csv", "a.xlsx"} {
		b.Run(filepath.Ext(name)[1:], func(b *testing.B) {
			peak := watchHeap()
			for b.Loop() {
				run(b, filepath.Join(b.TempDir(), name))
			}
			b.ReportMetric(peak(), "peak-MiB")
		})
	}
}

func writeBench(b *testing.B, path string) {
	w, err := tabfile.Create(path, tabfile.WriteOptions{})
	must(b, err)
	row := make([]string, benchColumns)
	for i := range benchRows {
		for j := range row {
			row[j] = "課題 " + strconv.Itoa(i) + "-" + strconv.Itoa(j)
		}
		must(b, w.Write(row))
	}
	must(b, w.Close())
}

// watchHeap looks at the heap until the function it returns is called, which
// tells the highest use in MiB.
func watchHeap() func() float64 {
	inUse := func() uint64 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapInuse
	}
	runtime.GC()
	before := inUse()
	var highest atomic.Uint64
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				highest.Store(max(highest.Load(), inUse()))
			}
		}
	}()
	return func() float64 {
		close(stop)
		<-stopped
		return float64(max(highest.Load(), before)-before) / (1 << 20)
	}
}
