package items

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"pgregory.net/rapid"

	"uratori/internal/fault"
	"uratori/internal/phrase"
)

// page is an input in a folder of its own, from an hour before noon, and the
// path of its output.
func page(t testing.TB, output string) (in, out string) {
	t.Helper()
	dir := t.TempDir()
	in = filepath.Join(dir, "in", "p1.png")
	put(t, in, []byte("input"), -time.Hour)
	must(t, os.Mkdir(filepath.Join(dir, "out"), 0o700))
	return in, filepath.Join(dir, "out", output)
}

func TestLook_WholePictureThatIsNewer_IsDone_AndToldHow(t *testing.T) {
	t.Parallel()
	in, out := page(t, "p1.png")
	content := pngOf(t, drawing(5, 3))
	put(t, out, content, -time.Minute)
	s := look(t, Terms{}, in, out)
	want := Output{Path: out, Size: int64(len(content)), Modified: noon().Add(-time.Minute), Format: PNG, Width: 5, Height: 3}
	if !s.Done || len(s.Outputs) != 1 || !s.Outputs[0].Modified.Equal(want.Modified) {
		t.Fatalf("%+v", s)
	}
	s.Outputs[0].Modified = want.Modified
	if s.Outputs[0] != want {
		t.Errorf("%+v", s.Outputs[0])
	}
	in, out = page(t, "p1.json")
	put(t, out, []byte("{"), -time.Minute)
	if s := look(t, Terms{}, in, out); !s.Done || s.Outputs[0].Format != Other {
		t.Errorf("%+v", s)
	}
}

func TestLook_WhatDoesNotCount_IsToldWithItsReason(t *testing.T) {
	t.Parallel()
	whole := pngOf(t, drawing(5, 3))
	for want, make := range map[Reason]func(in, out string) Terms{
		"missing": func(string, string) Terms { return Terms{} },
		Empty:     func(_, out string) Terms { put(t, out, nil, -time.Minute); return Terms{} },
		Truncated: func(_, out string) Terms { put(t, out, whole[:len(whole)-1], -time.Minute); return Terms{} },
		Broken: func(_, out string) Terms {
			holed := bytes.Clone(whole)
			holed[len(holed)/2] ^= 0xff
			put(t, out, holed, -time.Minute)
			return Terms{}
		},
		Mismatch: func(_, out string) Terms { put(t, out, []byte("this is no picture"), -time.Minute); return Terms{} },
		Stale:    func(_, out string) Terms { put(t, out, whole, -time.Hour-time.Millisecond); return Terms{} },
		Early: func(_, out string) Terms {
			put(t, out, whole, -time.Minute)
			return Terms{Since: noon().Add(-time.Minute + time.Second)}
		},
		Changing: func(_, out string) Terms {
			put(t, out, whole, -time.Second)
			return Terms{Running: true, Settle: 2 * time.Second}
		},
		NotFile: func(_, out string) Terms { must(t, os.Mkdir(out, 0o700)); return Terms{} },
		NoInput: func(in, _ string) Terms { must(t, os.Remove(in)); return Terms{} },
		Unreadable: func(_, out string) Terms { // a link to itself
			must(t, os.Symlink(filepath.Base(out), out))
			return Terms{}
		},
	} {
		in, out := page(t, "p1.png")
		s := look(t, make(in, out), in, out)
		if reason(s) != want || s.Done || len(s.Outputs) > 0 || len(s.Wrong) > 1 {
			t.Errorf("%s: %+v", want, s)
		}
	}
}

func TestLook_OutputThatIsAsOldAsItMayBe_Counts(t *testing.T) {
	t.Parallel()
	whole := pngOf(t, drawing(5, 3))
	for name, tc := range map[string]struct {
		out   time.Duration
		in    time.Duration
		terms Terms
	}{
		"as old as its input":            {-time.Minute, -time.Minute, Terms{}},
		"written within a tick":          {-time.Minute, -time.Hour, Terms{Since: noon().Add(-time.Minute + 9*time.Millisecond)}},
		"on a disk of whole seconds":     {-time.Minute - 500, -time.Minute + 400*time.Millisecond, Terms{}},
		"since on such a disk":           {-time.Minute - 500, -time.Hour, Terms{Since: noon().Add(-time.Minute + 900*time.Millisecond)}},
		"settled":                        {-2 * time.Second, -time.Minute, Terms{Running: true, Settle: 2 * time.Second}},
		"from the future, nobody writes": {time.Hour, -time.Hour, Terms{Settle: time.Minute}},
	} {
		in, out := page(t, "p1.png")
		put(t, in, []byte("input"), tc.in)
		put(t, out, whole, tc.out)
		if s := look(t, tc.terms, in, out); !s.Done {
			t.Errorf("%s: %+v", name, s)
		}
	}
	in, out := page(t, "p1.png")
	put(t, out, whole, time.Hour)
	if s := look(t, Terms{Running: true, Settle: time.Minute}, in, out); reason(s) != Changing {
		t.Errorf("from the future while the job runs: %+v", s)
	}
}

func TestLook_InputThatIsGone_TakesNothingFromItsOutput(t *testing.T) {
	t.Parallel()
	in, out := page(t, "p1.png")
	put(t, out, pngOf(t, drawing(5, 3)), -2*time.Hour)
	must(t, os.Remove(in))
	if s := look(t, Terms{}, in, out); !s.Done {
		t.Errorf("%+v", s)
	}
	// One that cannot be looked at may be newer.
	must(t, os.Symlink(filepath.Base(in), in))
	if s := look(t, Terms{}, in, out); reason(s) != Unreadable || !s.Wrong[0].Unknown() {
		t.Errorf("%+v", s)
	}
}

func TestLook_AllOutputsAreNeeded(t *testing.T) {
	t.Parallel()
	in, out := page(t, "p1.png")
	text, more := out+".txt", out+".json"
	put(t, out, pngOf(t, drawing(5, 3)), -time.Minute)
	put(t, text, nil, -time.Minute)
	s := look(t, Terms{}, in, out, text, more)
	if s.Done || len(s.Outputs) != 1 || len(s.Wrong) != 1 || s.Wrong[0].Reason != Empty || s.Wrong[0].Output != text {
		t.Errorf("%+v", s)
	}
	put(t, text, []byte("x"), -time.Minute)
	put(t, more, []byte("x"), -time.Minute)
	if s := look(t, Terms{}, in, out, text, more); !s.Done || len(s.Outputs) != 3 {
		t.Errorf("%+v", s)
	}
}

func TestLook_FollowsLinks_AndOpensNothingButFiles(t *testing.T) {
	t.Parallel()
	whole := pngOf(t, drawing(5, 3))
	in, out := page(t, "p1.png")
	put(t, out+".real", whole, -time.Minute)
	must(t, os.Symlink(filepath.Base(out)+".real", out))
	if s := look(t, Terms{}, in, out); !s.Done {
		t.Errorf("%+v", s)
	}
	for name, make := range map[string]func(path string){
		"pipe":   func(path string) { must(t, unix.Mkfifo(path, 0o600)) },
		"folder": func(path string) { must(t, os.Mkdir(path, 0o700)) },
		"socket": func(path string) {
			l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
			must(t, err)
			t.Cleanup(func() { l.Close() }) //nolint:errcheck // only a test
		},
		"device":           func(path string) { must(t, os.Symlink("/dev/zero", path)) },
		"terminal":         func(path string) { must(t, os.Symlink("/dev/tty", path)) },
		"leads to nowhere": func(path string) { must(t, os.Symlink("nowhere", path)) },
	} {
		in, _ := page(t, "")
		out := filepath.Join(filepath.Dir(in), "o")
		make(out)
		done := false
		timer := time.AfterFunc(20*time.Second, func() { panic(name + " was opened") })
		for _, path := range []string{out} {
			s := look(t, Terms{}, in, path)
			want := NotFile
			if name == "leads to nowhere" {
				want = "missing"
			}
			done = reason(s) == want
			if !done {
				t.Errorf("%s: %+v", name, s)
			}
		}
		timer.Stop()
		if _, err := DigestOf(t.Context(), out); err == nil {
			t.Errorf("%s has a digest", name)
		}
	}
}

// A pipe's writer learns nothing of a look: an open for reading would let it
// begin, and end it with SIGPIPE.
func TestLook_PipeInThePlaceOfAnOutput_IsNotDisturbed(t *testing.T) {
	t.Parallel()
	in, out := page(t, "p1.png")
	must(t, unix.Mkfifo(out, 0o600))
	for range 100 {
		if s := look(t, Terms{}, in, out); reason(s) != NotFile {
			t.Fatalf("%+v", s)
		}
		if _, err := openRegular(out); !errors.Is(err, errNotRegular) {
			t.Fatal(err)
		}
		if fd, err := unix.Open(out, unix.O_WRONLY|unix.O_NONBLOCK, 0); !errors.Is(err, unix.ENXIO) {
			t.Fatalf("there is a reader: %d %v", fd, err)
		}
	}
}

func TestLook_FileThatCannotBeRead_IsUnknown(t *testing.T) {
	t.Parallel()
	if os.Geteuid() == 0 {
		// Root reads everything, but for what has no content to read.
		in, _ := page(t, "")
		s := look(t, Terms{}, in, "/proc/self/mem")
		if reason(s) != Empty && reason(s) != Unreadable {
			t.Errorf("%+v", s)
		}
		return
	}
	in, out := page(t, "p1.png")
	put(t, out, pngOf(t, drawing(5, 3)), -time.Minute)
	must(t, os.Chmod(out, 0))
	if s := look(t, Terms{}, in, out); reason(s) != Unreadable || !s.Wrong[0].Unknown() {
		t.Errorf("%+v", s)
	}
}

func TestLook_ReplacedOrWrittenDuringTheLook_DoesNotCount(t *testing.T) {
	t.Parallel()
	whole := pngOf(t, drawing(64, 64))
	for name, change := range map[string]func(path string){
		"replaced": func(path string) {
			put(t, path+".new", whole, -time.Minute)
			must(t, os.Rename(path+".new", path))
		},
		"appended": func(path string) {
			f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
			must(t, err)
			_, err = f.WriteString("x")
			must(t, errors.Join(err, f.Close(), os.Chtimes(path, noon().Add(-time.Minute), noon().Add(-time.Minute))))
		},
		"rewritten": func(path string) {
			f, err := os.OpenFile(path, os.O_WRONLY, 0)
			must(t, err)
			_, err = f.Write(whole)
			must(t, errors.Join(err, f.Close(), os.Chtimes(path, noon().Add(-time.Minute), noon().Add(-time.Minute))))
		},
		"removed": func(path string) { must(t, os.Remove(path)) },
	} {
		for asked := 1; ; asked++ {
			in, out := page(t, "p1.png")
			put(t, out, whole, -time.Minute)
			n := 0
			ctx := between{t.Context(), func() {
				if n++; n == asked+1 {
					change(out)
				}
			}}
			s, err := judge().Look(ctx, Item{Index: 1, Path: in, Outputs: []string{out}}, Terms{})
			must(t, err)
			if n <= asked {
				break // the look was over before
			}
			if s.Done || reason(s) != Changing {
				t.Errorf("%s at question %d of %d: %+v", name, asked, n, s)
			}
		}
	}
}

// between is a context that does something whenever it is asked.
type between struct {
	context.Context
	step func()
}

func (b between) Err() error { b.step(); return b.Context.Err() }

func TestLook_FileThatWasCutOff_CountsOnlyAsAPicture(t *testing.T) {
	t.Parallel()
	whole := pngOf(t, drawing(5, 3))
	for _, tc := range []struct {
		name  string
		at    time.Duration
		terms Terms
		want  Reason
	}{
		{"p1.json", -10 * time.Minute, Terms{Settle: 5 * time.Second, Cuts: []time.Time{noon().Add(-10*time.Minute + 3*time.Second)}}, CutOff},
		{"p1.json", -10 * time.Minute, Terms{Settle: 5 * time.Second, Cuts: []time.Time{noon(), noon().Add(-10 * time.Minute)}}, CutOff},
		{"p1.json", -10 * time.Minute, Terms{Settle: 5 * time.Second, Cuts: []time.Time{noon().Add(-10*time.Minute + 5*time.Second)}}, "done"},
		{"p1.json", -10 * time.Minute, Terms{Settle: 5 * time.Second, Cuts: []time.Time{noon().Add(-11 * time.Minute)}}, "done"},
		{"p1.png", -10 * time.Minute, Terms{Settle: 5 * time.Second, Cuts: []time.Time{noon().Add(-10*time.Minute + 3*time.Second)}}, "done"},
	} {
		in, out := page(t, tc.name)
		put(t, out, whole, tc.at)
		if got := reason(look(t, tc.terms, in, out)); got != tc.want {
			t.Errorf("%s %+v: %s", tc.name, tc.terms, got)
		}
	}
}

func TestFault_EveryReason_IsASentence(t *testing.T) {
	t.Parallel()
	unknown := []Reason{Unreadable, TooLarge, Unsupported}
	for _, r := range []Reason{Empty, NotFile, Mismatch, Truncated, Broken, Stale, Early, Changing, CutOff, Failed, NoInput, Unreadable, TooLarge, Unsupported} {
		w := Wrong{Item: Item{Path: "/in/p1.png"}, Output: "/out/\x1b[2J.png", Reason: r, Err: errors.New("more")}
		f := w.Fault()
		en, ja := fault.Explain(f, phrase.English), fault.Explain(f, phrase.Japanese)
		if !strings.Contains(en, `"/out/\x1b[2J.png"`) || !strings.HasSuffix(ja, ": more") || en == ja || strings.HasPrefix(en, "!") {
			t.Errorf("%s\n%s", en, ja)
		}
		if w.Unknown() != slices.Contains(unknown, r) || (f.Kind == fault.Unavailable) != w.Unknown() {
			t.Errorf("%s: %v %s", r, w.Unknown(), f.Kind)
		}
	}
	if f := (Wrong{Item: Item{Path: "/in/p1.png"}, Reason: NoInput}).Fault(); !strings.Contains(f.Error(), "/in/p1.png") || f.Err != nil {
		t.Error(f)
	}
}

// many makes so many items with outputs in dir; done says which have a whole
// one.
func many(t testing.TB, dir string, n int, done func(i int) bool) []Item {
	t.Helper()
	whole := pngOf(t, drawing(3, 3))
	list := make([]Item, n)
	for i := range list {
		name := fmt.Sprintf("p%d.png", i+1)
		list[i] = Item{Index: i + 1, Path: filepath.Join(dir, "in", name), Outputs: []string{filepath.Join(dir, "out", name)}}
		put(t, list[i].Path, []byte("x"), -time.Hour)
		switch {
		case done(i):
			put(t, list[i].Outputs[0], whole, -time.Minute)
		case i%3 == 0:
			put(t, list[i].Outputs[0], whole[:len(whole)/2], -time.Minute)
		}
	}
	return list
}

func TestRemaining_DoneAndRemainingAreAllItems_InTheirOrder(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		whole := rapid.SliceOfN(rapid.Bool(), 0, 30).Draw(rt, "whole")
		workers := rapid.IntRange(-1, 8).Draw(rt, "workers")
		dir := filepath.Join(base, fmt.Sprint(run))
		list := many(t, dir, len(whole), func(i int) bool { return whole[i] })
		j := judge()
		j.Workers = workers
		for range 2 { // the second time from memory
			r, err := j.Remaining(t.Context(), list, Terms{})
			if err != nil {
				rt.Fatal(err)
			}
			var got []int
			for _, d := range r.Done {
				if got = append(got, d.Item.Index); !whole[d.Item.Index-1] || len(d.Outputs) != 1 {
					rt.Errorf("%+v is done", d)
				}
			}
			var left []int
			for _, it := range r.Remaining {
				if left = append(left, it.Index); whole[it.Index-1] {
					rt.Errorf("%+v remains", it)
				}
			}
			if !slices.IsSorted(got) || !slices.IsSorted(left) {
				rt.Errorf("out of order: %v %v", got, left)
			}
			all := append(got, left...)
			slices.Sort(all)
			for i, index := range all {
				if index != i+1 {
					rt.Fatalf("not every item once: %v", all)
				}
			}
			if len(all) != len(whole) {
				rt.Errorf("%d of %d", len(all), len(whole))
			}
			for _, w := range r.Wrong {
				if whole[w.Item.Index-1] || w.Reason != Truncated {
					rt.Errorf("%+v", w)
				}
			}
		}
	})
}

func TestRemaining_Cancelled_SaysNothing(t *testing.T) {
	t.Parallel()
	list := many(t, t.TempDir(), 50, func(int) bool { return true })
	stop := errors.New("the daemon stops")
	for after := 1; after < 40; after++ {
		ctx, cancel := context.WithCancelCause(t.Context())
		n, lock := 0, sync.Mutex{}
		r, err := judge().Remaining(between{ctx, func() {
			lock.Lock()
			defer lock.Unlock()
			if n++; n == after {
				cancel(stop)
			}
		}}, list, Terms{})
		cancel(stop)
		if !errors.Is(err, stop) || r.Done != nil || r.Remaining != nil {
			t.Fatalf("%d: %+v %v", after, r, err)
		}
	}
}

func TestRemaining_WithoutOutputsAndLog_AllRemain(t *testing.T) {
	t.Parallel()
	in, _ := page(t, "")
	r, err := Judge{Now: noon}.Remaining(t.Context(), itemsOf(in, in+"gone"), Terms{})
	must(t, err)
	if len(r.Remaining) != 2 || r.Done != nil || len(r.Wrong) != 1 || r.Wrong[0].Reason != NoInput {
		t.Errorf("%+v", r)
	}
}
