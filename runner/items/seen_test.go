package items

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// asked counts how often a look asks its context: reading a file does.
func asked(t testing.TB, j Judge, it Item) (int, Sight) {
	t.Helper()
	n := 0
	s, err := j.Look(between{t.Context(), func() { n++ }}, it, Terms{})
	must(t, err)
	return n, s
}

// later is a clock by which files that were made just now are old.
func later() time.Time { return time.Now().Add(time.Hour) }

func TestSeen_SparesASecondDecoding_UntilTheFileChanges(t *testing.T) {
	t.Parallel()
	whole, half := pngOf(t, drawing(40, 40)), pngOf(t, drawing(40, 40))
	half[len(half)/2] ^= 0xff
	in, out := page(t, "p1.png")
	it := Item{Index: 1, Path: in, Outputs: []string{out}}
	j := Judge{Seen: NewSeen(), Now: later}
	put(t, out, whole, -time.Minute)
	first, s := asked(t, j, it)
	again, s2 := asked(t, j, it)
	if !s.Done || !s2.Done || s2.Outputs[0] != s.Outputs[0] || again >= first {
		t.Errorf("%d questions, then %d: %+v, %+v", first, again, s, s2)
	}
	// The same size and time, another content.
	put(t, out, half, -time.Minute)
	if n, s := asked(t, j, it); s.Done || n == again {
		t.Errorf("a changed file was remembered: %+v", s)
	}
	if n, s := asked(t, j, it); reason(s) != Broken || n != again {
		t.Errorf("what is broken is decoded again and again: %d, %+v", n, s)
	}
	put(t, out+".new", whole, -time.Minute)
	must(t, os.Rename(out+".new", out))
	if _, s := asked(t, j, it); !s.Done {
		t.Errorf("a replaced file was remembered: %+v", s)
	}
}

// A file could be written again within the tick of its time.
func TestSeen_WhatWasWrittenJustNow_IsLookedAtAgain(t *testing.T) {
	t.Parallel()
	in, out := page(t, "p1.png")
	it := Item{Index: 1, Path: in, Outputs: []string{out}}
	must(t, os.WriteFile(out, pngOf(t, drawing(40, 40)), 0o600))
	j := Judge{Seen: NewSeen(), Now: time.Now}
	first, _ := asked(t, j, it)
	if again, s := asked(t, j, it); again != first || !s.Done {
		t.Errorf("%d questions, then %d: %+v", first, again, s)
	}
}

func TestSeen_ExtensionIsPartOfTheQuestion(t *testing.T) {
	t.Parallel()
	in, out := page(t, "p1.png")
	put(t, out, pngOf(t, drawing(4, 4)), -time.Minute)
	must(t, os.Link(out, out+".jpg"))
	j := Judge{Seen: NewSeen(), Now: later}
	for range 2 {
		s, err := j.Look(t.Context(), Item{Index: 1, Path: in, Outputs: []string{out, out + ".jpg"}}, Terms{})
		must(t, err)
		if len(s.Outputs) != 1 || reason(s) != Mismatch {
			t.Errorf("%+v", s)
		}
	}
}

func TestSeen_IsBounded_AndNeverWrong(t *testing.T) {
	t.Parallel()
	s := NewSeen()
	s.most = 8
	rapid.Check(t, func(t *rapid.T) {
		path := fmt.Sprint(rapid.IntRange(0, 30).Draw(t, "path"))
		f := file{size: int64(rapid.IntRange(0, 3).Draw(t, "size"))}
		mark := func(f file) Reason { return Reason(fmt.Sprintf("%s/%d", path, f.size)) }
		s.remember(path, f, sight{reason: mark(f)})
		got, ok := s.recall(path, f)
		if !ok || got.reason != mark(f) || len(s.files) > 8 {
			t.Errorf("%+v %v, %d files", got, ok, len(s.files))
		}
		for other := range 31 {
			for size := range int64(4) {
				if got, ok := s.recall(fmt.Sprint(other), file{size: size}); ok && got.reason != Reason(fmt.Sprintf("%d/%d", other, size)) {
					t.Errorf("%d of size %d: %+v", other, size, got)
				}
			}
		}
	})
}

func TestSeen_IsSharedByManyAtOnce(t *testing.T) {
	t.Parallel()
	list := many(t, t.TempDir(), 60, func(i int) bool { return i%2 == 0 })
	seen := NewSeen()
	seen.most = 40
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			r, err := Judge{Workers: 4, Seen: seen, Now: later}.Remaining(t.Context(), list, Terms{})
			if err != nil || len(r.Done) != 30 || len(r.Remaining) != 30 {
				t.Errorf("%d, %d, %v", len(r.Done), len(r.Remaining), err)
			}
		})
	}
	all.Wait()
}

// The memory for pixels is one, however many look.
func TestSeen_PicturesWaitForRoom(t *testing.T) {
	t.Parallel()
	seen := NewSeen()
	j := Judge{Seen: seen, Now: noon}
	in, out := page(t, "p1.png")
	put(t, out, pngOf(t, drawing(10, 10)), -time.Minute)
	must(t, seen.room.Acquire(t.Context(), mostPixels-99))
	ctx, cancel := context.WithTimeoutCause(t.Context(), 50*time.Millisecond, errCountdown)
	defer cancel()
	if _, err := j.Look(ctx, Item{Index: 1, Path: in, Outputs: []string{out}}, Terms{}); !errors.Is(err, errCountdown) {
		t.Errorf("100 pixels where there is room for 99: %v", err)
	}
	seen.room.Release(1)
	if _, s := asked(t, j, Item{Index: 1, Path: in, Outputs: []string{out}}); !s.Done {
		t.Errorf("%+v", s)
	}
	if !seen.room.TryAcquire(100) {
		t.Error("room was not given back")
	}
}

func TestDigestOf_IsThatOfTheContent(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a")
	for content, want := range map[string]string{
		"":    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"abc": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
	} {
		put(t, path, []byte(content), 0)
		d, err := DigestOf(t.Context(), path)
		if err != nil || d.SHA256 != want || d.Size != int64(len(content)) {
			t.Errorf("%+v %v", d, err)
		}
	}
	_, err := DigestOf(t.Context(), path+"x")
	refused(t, err, "items.unreadable", "no such file")
	_, err = DigestOf(t.Context(), filepath.Dir(path))
	refused(t, err, "items.unreadable", "not a regular file")
	put(t, path, make([]byte, 1<<20), 0)
	n := 0
	_, err = DigestOf(between{t.Context(), func() {
		if n++; n == 3 {
			put(t, path, make([]byte, 1<<20), 0)
		}
	}}, path)
	refused(t, err, "items.wrong.changing")
	left := 3
	if _, err := DigestOf(countdown{t.Context(), &left}, path); !errors.Is(err, errCountdown) {
		t.Error(err)
	}
}
