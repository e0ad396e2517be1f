package items

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func counted(t testing.TB, c *Counter) Tally {
	t.Helper()
	tally, err := c.Count(t.Context())
	must(t, err)
	return tally
}

func TestCount_SeesOutputsAppearAndVanish(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	list := make([]Item, 5)
	for i := range list {
		name := fmt.Sprintf("p%d", i+1)
		list[i] = Item{Index: i + 1, Path: filepath.Join(dir, name), Outputs: []string{filepath.Join(dir, "out", name+".png"), filepath.Join(dir, name+".json")}}
		put(t, list[i].Path, []byte("x"), -time.Hour)
	}
	c := NewCounter(list, noon().Add(-30*time.Minute))
	want := func(done int, latest string) {
		t.Helper()
		got := counted(t, c)
		if got.Done != done || got.Total != 5 || latest != "" && got.Latest != filepath.Join(dir, latest) {
			t.Errorf("%+v, want %d and %q", got, done, latest)
		}
	}
	want(0, "")
	put(t, list[0].Outputs[0], []byte("x"), -10*time.Minute)
	want(0, "p1")
	put(t, list[0].Outputs[1], []byte("x"), -9*time.Minute)
	want(1, "p1")
	put(t, list[1].Outputs[0], []byte("x"), -5*time.Minute)
	put(t, list[1].Outputs[1], nil, -5*time.Minute) // empty yet
	want(1, "p2")
	put(t, list[1].Outputs[1], []byte("x"), -4*time.Minute)
	want(2, "p2")
	put(t, list[2].Outputs[0], []byte("x"), -31*time.Minute) // of before
	put(t, list[2].Outputs[1], []byte("x"), -3*time.Minute)
	want(2, "p3")
	put(t, list[2].Outputs[0], []byte("x"), -2*time.Minute)
	want(3, "p3")
	put(t, list[3].Path, []byte("x"), -1*time.Minute) // newer than its outputs
	put(t, list[3].Outputs[0], []byte("x"), -2*time.Minute)
	put(t, list[3].Outputs[1], []byte("x"), -2*time.Minute)
	want(3, "p3")
	must(t, os.Mkdir(list[4].Outputs[0], 0o700))
	must(t, unix.Mkfifo(list[4].Outputs[1], 0o600))
	want(3, "p3")
	must(t, os.Remove(list[0].Outputs[0]))
	want(2, "")
	must(t, os.RemoveAll(filepath.Join(dir, "out")))
	want(0, "")
	put(t, list[0].Outputs[0], []byte("x"), -time.Second)
	want(1, "p1")
	if got := counted(t, c); !got.At.Equal(noon().Add(-time.Second)) {
		t.Error(got.At)
	}
}

func TestCount_OpensNoPipe_AndEndsWithItsContext(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	must(t, unix.Mkfifo(filepath.Join(dir, "pipe"), 0o600))
	c := NewCounter([]Item{{Index: 1, Path: "/x", Outputs: []string{filepath.Join(dir, "pipe", "p1")}}}, time.Time{})
	if got := counted(t, c); got.Done != 0 || got.Total != 1 {
		t.Errorf("%+v", got)
	}
	left := 0
	if _, err := c.Count(countdown{t.Context(), &left}); !errors.Is(err, errCountdown) {
		t.Error(err)
	}
	if got := counted(t, NewCounter(nil, time.Time{})); got != (Tally{}) {
		t.Errorf("%+v", got)
	}
}

// The figures of the documentation; run with -bench Count -benchtime 10x.
func BenchmarkCount_100000Outputs(b *testing.B) {
	dir := b.TempDir()
	list := make([]Item, 100_000)
	for i := range list {
		name := fmt.Sprintf("p%06d.png", i)
		list[i] = Item{Index: i + 1, Path: filepath.Join(dir, "in", name), Outputs: []string{filepath.Join(dir, "out", name)}}
		if i%1000 == 0 {
			must(b, os.MkdirAll(filepath.Join(dir, "in"), 0o700))
			must(b, os.MkdirAll(filepath.Join(dir, "out"), 0o700))
		}
		must(b, os.WriteFile(list[i].Path, []byte("x"), 0o600))
		must(b, os.WriteFile(list[i].Outputs[0], []byte("x"), 0o600))
	}
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			if got := counted(b, NewCounter(list, time.Time{})); got.Done != len(list) {
				b.Fatal(got)
			}
		}
	})
	b.Run("again", func(b *testing.B) {
		c := NewCounter(list, time.Time{})
		counted(b, c)
		for b.Loop() {
			if got := counted(b, c); got.Done != len(list) {
				b.Fatal(got)
			}
		}
	})
}
