package items

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"pgregory.net/rapid"
)

// logged opens a log in dir that is closed with the test.
func logged(t testing.TB, dir string) *Log {
	t.Helper()
	l, err := OpenLog(dir)
	must(t, err)
	t.Cleanup(func() { l.Close() }) //nolint:errcheck // only a test
	return l
}

// ran notes a run of an item that ended at noon plus ended; change may say
// how.
func ran(t testing.TB, l *Log, item string, ended time.Duration, change func(*Run)) {
	t.Helper()
	run, err := l.Begin(item, noon().Add(ended-time.Second))
	must(t, err)
	run.Ended, run.Took = noon().Add(ended), time.Second
	if change != nil {
		change(&run)
	}
	must(t, l.End(run))
}

func failing(run *Run) { run.Exit = 3 }

func TestLog_WithoutOutputs_Decides(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	names := []string{"never", "done", "failed", "signalled", "refused", "in hand", "changed", "repeated", "failed later"}
	var list []Item
	for i, name := range names {
		path := filepath.Join(dir, name)
		put(t, path, []byte("x"), -time.Hour)
		list = append(list, Item{Index: i + 1, Path: path})
	}
	l := logged(t, dir)
	ran(t, l, list[1].Path, -time.Minute, nil)
	ran(t, l, list[2].Path, -time.Minute, failing)
	ran(t, l, list[3].Path, -time.Minute, func(r *Run) { r.Exit, r.Signal = -1, "SIGKILL" })
	ran(t, l, list[4].Path, -time.Minute, func(r *Run) { r.Error = "no such file" })
	if _, err := l.Begin(list[5].Path, noon()); err != nil {
		t.Fatal(err)
	}
	ran(t, l, list[6].Path, -time.Minute, nil)
	put(t, list[6].Path, []byte("y"), -time.Minute)
	ran(t, l, list[7].Path, -2*time.Minute, failing)
	ran(t, l, list[7].Path, -time.Minute, nil)
	ran(t, l, list[8].Path, -2*time.Minute, nil)
	ran(t, l, list[8].Path, -time.Minute, failing)
	read, err := ReadLog(dir)
	must(t, err)
	for _, log := range []*Log{l, read} {
		for i, want := range []Reason{"missing", "done", Failed, Failed, Failed, "missing", "missing", "done", Failed} {
			s, err := judge().Look(t.Context(), list[i], Terms{Log: log})
			must(t, err)
			if reason(s) != want {
				t.Errorf("%s: %+v, want %s", names[i], s, want)
			}
		}
		s, err := judge().Look(t.Context(), list[1], Terms{Log: log, Since: noon()})
		must(t, err)
		if s.Done {
			t.Error("a run of before counts from the start again")
		}
	}
}

func TestLog_SaysWhyAnItemFailed(t *testing.T) {
	t.Parallel()
	for want, run := range map[string]Run{
		"exit status 3":           {Ended: noon(), Exit: 3},
		"ended by SIGKILL":        {Ended: noon(), Exit: -1, Signal: "SIGKILL"},
		"the output is not whole": {Ended: noon(), Error: "the output is not whole"},
	} {
		if err := run.Problem(); err == nil || err.Error() != want || run.Succeeded() {
			t.Errorf("%v, want %s", err, want)
		}
	}
	for _, run := range []Run{{Ended: noon()}, {}} {
		if run.Problem() != nil || run.Succeeded() == run.Ended.IsZero() {
			t.Errorf("%+v", run)
		}
	}
}

func TestLog_OutputOfARunThatFailed_DoesNotCount_UntilItIsMadeAnew(t *testing.T) {
	t.Parallel()
	in, out := page(t, "p1.png")
	l := logged(t, t.TempDir())
	whole := pngOf(t, drawing(3, 3))
	put(t, out, whole, -2*time.Minute)
	ran(t, l, in, -time.Minute, failing)
	s := look(t, Terms{Log: l}, in, out)
	if reason(s) != Failed || s.Wrong[0].Err.Error() != "exit status 3" {
		t.Errorf("%+v", s)
	}
	put(t, out, whole, -30*time.Second)
	if s := look(t, Terms{Log: l}, in, out); !s.Done {
		t.Errorf("%+v", s)
	}
}

func TestLog_OutputOfARunInHand_CountsOnlyAsAPicture(t *testing.T) {
	t.Parallel()
	in, out := page(t, "p1.png")
	text := out + ".json"
	l := logged(t, t.TempDir())
	put(t, out, pngOf(t, drawing(3, 3)), -time.Minute)
	put(t, text, []byte("{"), -time.Minute)
	if _, err := l.Begin(in, noon().Add(-time.Minute-time.Second)); err != nil {
		t.Fatal(err)
	}
	s := look(t, Terms{Log: l}, in, out, text)
	if len(s.Outputs) != 1 || s.Outputs[0].Path != out || reason(s) != CutOff {
		t.Errorf("%+v", s)
	}
	ran(t, l, in, -30*time.Second, nil)
	if s := look(t, Terms{Log: l}, in, out, text); !s.Done {
		t.Errorf("%+v", s)
	}
}

// A run that is killed before it has written anything must not make what an
// earlier one left behind count.
func TestLog_OutputOfBeforeARunInHand_DoesNotCount(t *testing.T) {
	t.Parallel()
	for _, before := range []func(l *Log, in string){
		func(l *Log, in string) { ran(t, l, in, -2*time.Minute, failing) },
		func(l *Log, in string) {
			_, err := l.Begin(in, noon().Add(-4*time.Minute))
			must(t, err)
		},
	} {
		in, out := page(t, "p1.png")
		l := logged(t, t.TempDir())
		text := out + ".json"
		put(t, out, pngOf(t, drawing(3, 3)), -3*time.Minute)
		put(t, text, []byte("{"), -3*time.Minute)
		before(l, in)
		_, err := l.Begin(in, noon().Add(-time.Minute))
		must(t, err)
		if s := look(t, Terms{Log: l}, in, out, text); len(s.Outputs) != 0 || reason(s) != CutOff {
			t.Errorf("%+v", s)
		}
	}
}

func TestLog_TornLine_IsNoLine_AndSwallowsNoOther(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in := filepath.Join(dir, "p1")
	other := filepath.Join(dir, "p2")
	put(t, in, []byte("x"), -time.Hour)
	put(t, other, []byte("x"), -time.Hour)
	l := logged(t, dir)
	ran(t, l, in, -time.Minute, nil)
	whole, err := os.ReadFile(filepath.Join(dir, logFile))
	must(t, err)
	last := bytes.LastIndexByte(whole[:len(whole)-1], '\n') + 1
	for cut := last; cut <= len(whole); cut++ {
		dir := t.TempDir()
		must(t, os.WriteFile(filepath.Join(dir, logFile), whole[:cut], 0o600))
		l := logged(t, dir)
		ran(t, l, other, -time.Minute, nil)
		read, err := ReadLog(dir)
		must(t, err)
		for _, log := range []*Log{l, read} {
			// Without its end of line alone, it may be taken either way.
			first := look(t, Terms{Log: log}, in)
			if first.Done != (cut == len(whole)) && cut != len(whole)-1 {
				t.Errorf("cut after %d of %d: %+v", cut, len(whole), first)
			}
			if s := look(t, Terms{Log: log}, other); !s.Done {
				t.Errorf("cut after %d of %d: the next line is lost: %+v", cut, len(whole), s)
			}
		}
	}
}

func TestLog_JunkInTheFile_IsPassedOver(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in := filepath.Join(dir, "p1")
	put(t, in, []byte("x"), -time.Hour)
	l := logged(t, dir)
	ran(t, l, in, -time.Minute, nil)
	good, err := os.ReadFile(filepath.Join(dir, logFile))
	must(t, err)
	for _, junk := range []string{
		"null\n", "[]\n", "{}\n", "{\"item\":1}\n", "\x00\x00\x00\n", "\xff\xfe\n", strings.Repeat("x", 1<<20) + "\n", `{"item":"` + strings.Repeat("y", 1<<17) + "\"}\n",
		`{"item":"/a","size":"big"}` + "\n", strings.Repeat("[", 100_000) + "\n", "\n\n\n", `{"item":"/a","item":"/b"}` + "\n",
	} {
		for _, content := range []string{junk + string(good), string(good) + junk, string(good) + strings.TrimSuffix(junk, "\n")} {
			must(t, os.WriteFile(filepath.Join(dir, logFile), []byte(content), 0o600))
			read, err := ReadLog(dir)
			must(t, err)
			if s := look(t, Terms{Log: read}, in); !s.Done {
				t.Errorf("%.40q: %+v", junk, s)
			}
		}
	}
}

func TestLog_PlaceThatIsNone_IsTold(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l, err := ReadLog(dir)
	must(t, err)
	if s := look(t, Terms{Log: l}, "/nowhere"); s.Done {
		t.Errorf("%+v", s)
	}
	if _, err := OpenLog(filepath.Join(dir, "gone")); err == nil {
		t.Error("a log in no folder")
	}
	must(t, unix.Mkfifo(filepath.Join(dir, logFile), 0o600))
	if _, err := ReadLog(dir); err == nil {
		t.Error("a pipe was read")
	}
	if _, err := OpenLog(dir); err == nil {
		t.Error("a pipe was opened")
	}
	run, err := logged(t, t.TempDir()).Begin(filepath.Join(dir, "p1"), noon())
	if !errors.Is(err, ErrNoInput) || run.Item != "" {
		t.Errorf("%+v %v", run, err)
	}
}

func TestLog_ManyAtOnce_EachLineIsWhole(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := logged(t, dir)
	list := many(t, dir, 40, func(int) bool { return false })
	var all sync.WaitGroup
	for i := range list {
		all.Go(func() {
			run, err := l.Begin(list[i].Path, noon())
			if err != nil {
				t.Error(err)
			}
			run.Ended = noon()
			if err := l.End(run); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	read, err := ReadLog(dir)
	must(t, err)
	for _, it := range list {
		if s := look(t, Terms{Log: read}, it.Path); !s.Done {
			t.Errorf("%+v", s)
		}
	}
}

// Whatever the lines are, the last whole one of an item decides.
func TestLog_LastLineOfAnItemDecides(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var content strings.Builder
		want := map[string]int{}
		for range rapid.IntRange(0, 20).Draw(t, "lines") {
			item, exit := fmt.Sprint("/p", rapid.IntRange(0, 3).Draw(t, "item")), rapid.IntRange(0, 2).Draw(t, "exit")
			if rapid.Bool().Draw(t, "whole") {
				fmt.Fprintf(&content, `{"item":%q,"ended":"2026-11-21T12:00:00Z","exit":%d}`+"\n", item, exit)
				want[item] = exit
			} else {
				fmt.Fprintf(&content, `{"item":%q,"ended":"2026-`+"\n", item)
			}
		}
		runs, err := readRuns(strings.NewReader(content.String()))
		if err != nil || len(runs) != len(want) {
			t.Fatalf("%v %v, want %v", runs, err, want)
		}
		for item, exit := range want {
			if runs[item].Exit != exit {
				t.Errorf("%s: %+v, want %d", item, runs[item], exit)
			}
		}
	})
}

func FuzzLog(f *testing.F) {
	f.Add([]byte(`{"item":"/p1","size":1,"modified":"2026-11-21T12:00:00Z","started":"2026-11-21T12:00:00Z","ended":"2026-11-21T12:00:01Z","took_ns":5,"exit":0}` + "\n"))
	f.Add([]byte("{}\nnull\n\x00"))
	f.Fuzz(func(t *testing.T, content []byte) {
		runs, err := readRuns(bytes.NewReader(content))
		if err != nil {
			t.Fatal(err)
		}
		for item, run := range runs {
			if item == "" || item != run.Item || run.Succeeded() && run.Problem() != nil {
				t.Errorf("%q: %+v", item, run)
			}
		}
		// A line more never unsays what another item's line said.
		more, err := readRuns(bytes.NewReader(append(bytes.Clone(content), "\n{\"item\":\"/another\"}\n"...)))
		if err != nil || len(more) < len(runs) {
			t.Errorf("%d, then %d: %v", len(runs), len(more), err)
		}
	})
}
