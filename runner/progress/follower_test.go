package progress

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"pgregory.net/rapid"
)

// attempt is the files of one, as its job writes them.
type attempt struct {
	t     testing.TB
	files Files
	clock time.Time
}

func newAttempt(t testing.TB) *attempt {
	dir := t.TempDir()
	return &attempt{t: t, clock: begin(), files: Files{
		Stdout: filepath.Join(dir, "stdout"), Stderr: filepath.Join(dir, "stderr"), Progress: filepath.Join(dir, "progress"),
	}}
}

// put appends to a file, which then has the time of the clock.
func (a *attempt) put(path, text string) {
	a.t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = f.WriteString(text)
	}
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		a.t.Fatal(err)
	}
	a.touch(path)
}

func (a *attempt) write(path, text string) {
	a.t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		a.t.Fatal(err)
	}
	a.touch(path)
}

func (a *attempt) touch(path string) {
	a.t.Helper()
	if err := os.Chtimes(path, a.clock, a.clock); err != nil {
		a.t.Fatal(err)
	}
}

// look lets so many seconds go by and looks.
func (a *attempt) look(f *Follower, seconds float64) Look {
	a.t.Helper()
	a.wait(seconds)
	l, err := f.Look(a.clock)
	if err != nil {
		a.t.Fatal(err)
	}
	return l
}

func (a *attempt) wait(seconds float64) {
	a.clock = a.clock.Add(time.Duration(seconds * float64(time.Second)))
}

func (a *attempt) reads(f *Follower, source Source, done, total int64) Reading {
	a.t.Helper()
	r := f.Meter().Reading(a.clock)
	if r.Source != source || r.Done != done || r.Total != total {
		a.t.Errorf("%s %d/%d, want %s %d/%d", r.Source, r.Done, r.Total, source, done, total)
	}
	return r
}

func TestFollower_FilesThatComeLater_AreRead(t *testing.T) {
	a := newAttempt(t)
	f := NewFollower(a.files, Options{Work: Work{Total: 30}})
	a.look(f, 5)
	a.reads(f, "", 0, 0)
	a.put(a.files.Stdout, "[1/30] p001.png\n")
	a.look(f, 5)
	a.reads(f, Count, 1, 30)
	a.put(a.files.Stderr, "\rimages:   7%|▋         | 2/30 [00:07<01:40,  3.5s/it]")
	a.look(f, 5)
	a.reads(f, Tqdm, 2, 30)
	a.put(a.files.Progress, `{"done":3,"total":30,"item":"p003.png","phase":"extract"}`+"\n")
	a.look(f, 5)
	if r := a.reads(f, File, 3, 30); r.Item != "p003.png" || r.Phase != "extract" {
		t.Errorf("%+v", r)
	}
	a.put(a.files.Stderr, "\rimages:  13%|█▎        | 4/30 [00:14<01:40,  3.5s/it]")
	a.look(f, 5)
	a.reads(f, File, 3, 30)
}

func TestFollower_TimesOfTheFiles_AreTheTimesOfTheBeats(t *testing.T) {
	a := newAttempt(t)
	f := NewFollower(a.files, Options{Work: Work{Total: 30}})
	a.wait(1)
	a.put(a.files.Stdout, "[1/30]\n")
	written := a.clock
	a.look(f, 4)
	want := Beats{Progress: written, Log: written}
	same(t, "beats", f.Meter().Beats(), want)
	a.look(f, 5)
	same(t, "nothing came", f.Meter().Beats(), want)

	a.wait(1)
	a.put(a.files.Progress, "{}\n")
	want.Beat = a.clock
	a.look(f, 4)
	same(t, "a line that only lives", f.Meter().Beats(), want)

	// A file's time may be wrong; that it grew since the last look is certain.
	last := a.clock
	a.wait(-1_000_000)
	a.put(a.files.Stdout, "x\n")
	a.wait(1_000_000)
	a.look(f, 5)
	want.Log = last
	same(t, "a time too early", f.Meter().Beats(), want)
	a.wait(1_000_000)
	a.put(a.files.Stdout, "x\n")
	a.wait(-1_000_000)
	a.look(f, 5)
	want.Log = a.clock
	same(t, "a time to come", f.Meter().Beats(), want)
}

func TestFollower_JobThatStandsStill_ShowsNoLife(t *testing.T) {
	a := newAttempt(t)
	f := NewFollower(a.files, Options{})
	a.put(a.files.Stdout, "::progress n=1 total=30")
	a.put(a.files.Progress, `{"done":1}`)
	a.look(f, 5)
	a.look(f, 5)
	before, read := f.Meter().Beats(), f.Meter().Reading(a.clock)
	for range 10 {
		a.look(f, 60)
	}
	same(t, "beats", f.Meter().Beats(), before)
	if now := f.Meter().Reading(a.clock); now.At != read.At {
		t.Errorf("said at %v, and at %v nothing was", read.At, now.At)
	}
}

func TestFollower_LineThatNeverEnds_IsReadWhenItIsSettled(t *testing.T) {
	a := newAttempt(t)
	f := NewFollower(a.files, Options{Work: Work{Total: 300}})
	a.put(a.files.Stdout, "1/30")
	a.look(f, 5)
	a.reads(f, "", 0, 0)
	a.put(a.files.Stdout, "0")
	a.look(f, 5)
	a.reads(f, "", 0, 0)
	a.look(f, 5)
	a.reads(f, Count, 1, 300)

	g := NewFollower(a.files, Options{Work: Work{Total: 300}})
	if err := g.Finish(a.clock); err != nil {
		t.Fatal(err)
	}
	a.reads(g, Count, 1, 300)
}

func TestFollower_ProgressFileWithEverythingWrong_IsNeverFatal(t *testing.T) {
	a := newAttempt(t)
	f := NewFollower(a.files, Options{Work: Work{Total: 30}})
	wrong := []string{
		"garbage", "null", "[]", `"12"`, "12", `{"done":"12"}`, `{"done":-1}`, `{"done":NaN}`, `{"done":1e300}`, `{"done":12.5}`, `{"done":true}`, `{"done":[12]}`, `{"done":{"n":12}}`, `{"done":31,"total":30}`,
		`{"done":12,"item":5}`, `{"done":12,"phase":["x"]}`, `{"percent":101}`, `{"percent":"40"}`, `{"total":-3}`, `{"done":12`, `{"done":12}}`, `{"done":12} {"done":13}`, "{\"done\":12\x00}", "{'done':12}", "\ufeff{\"done\":12}",
		strings.Repeat("[", 10_000), strings.Repeat(`{"a":`, 2000), `{"item":"` + strings.Repeat("x", 10<<20) + `"}`, "\xff\xfe\x00d", `{"done":9007199254740993000}`,
	}
	for _, line := range wrong {
		a.put(a.files.Progress, line+"\n")
	}
	for a.look(f, 5).More {
	}
	a.reads(f, "", 0, 0)
	if n := f.Ignored(); n != int64(len(wrong)) {
		// The line of 10 MB is more than may wait, so that what stands before it is left out.
		if n == 0 || n > int64(len(wrong)) {
			t.Errorf("%d ignored of %d", n, len(wrong))
		}
	}
	a.put(a.files.Progress, "\n  \r\n"+`{"done":3,"Done":4,"colour":"red","item":null}`+"\r\n")
	a.look(f, 5)
	a.reads(f, File, 3, 30)
	a.put(a.files.Progress, `{"done":4,"total":30,"it`)
	a.look(f, 5)
	a.look(f, 5)
	a.reads(f, File, 3, 30)
	a.put(a.files.Progress, `em":"p004.png"}`)
	a.look(f, 5)
	a.reads(f, File, 4, 30)
}

func TestParseLine_SaysWhatIsWrong(t *testing.T) {
	for line, want := range map[string]string{
		"garbage":                "no JSON object: ",
		"null":                   "no JSON object",
		`{"done":"12"}`:          `done: "\"12\"" is no number`,
		`{"done":1.5}`:           `done: "1.5" counts nothing`,
		`{"total":-1}`:           `total: "-1" counts nothing`,
		`{"percent":101}`:        "these numbers cannot be true together",
		`{"done":2,"total":1}`:   "these numbers cannot be true together",
		`{"item":1}`:             "item: ",
		strings.Repeat(" ", 1e5): "a line of 100000 bytes",
	} {
		if _, err := ParseLine([]byte(line)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%.40q: %v, want %q", line, err, want)
		}
	}
	s, err := ParseLine([]byte(`{"done":1.2e1,"total":30,"item":"\u0000","percent":null}`))
	if err != nil || s != (Sighting{Source: File, Counted: true, Done: 12, Total: 30, Item: "\x00"}) {
		t.Errorf("%+v %v", s, err)
	}
}

func TestFollower_ProgressFileThatIsWrittenAnew_IsRead(t *testing.T) {
	a := newAttempt(t)
	f := NewFollower(a.files, Options{})
	for n := range 12 {
		a.wait(1)
		a.write(a.files.Progress, fmt.Sprintf(`{"done":%d,"total":30}`, n))
		a.look(f, 4)
		a.reads(f, File, int64(n), 30)
	}
	next := a.files.Progress + ".new"
	a.write(next, `{"done":20,"total":30}`+"\n")
	if err := os.Rename(next, a.files.Progress); err != nil {
		t.Fatal(err)
	}
	a.look(f, 5)
	a.reads(f, File, 20, 30)
	if f.Ignored() != 0 {
		t.Error(f.Ignored(), "lines were ignored")
	}
}

func TestFollower_LogThatIsTruncatedOrReplaced_IsReadFromItsBeginning(t *testing.T) {
	a := newAttempt(t)
	f := NewFollower(a.files, Options{Work: Work{Total: 300}})
	a.put(a.files.Stdout, strings.Repeat("some line\n", 100)+"[100/300]\n[10")
	a.look(f, 5)
	a.reads(f, Count, 100, 300)
	a.write(a.files.Stdout, "2/300\n[103/300]\n")
	a.look(f, 5)
	a.reads(f, Count, 103, 300)
	if err := os.Remove(a.files.Stdout); err != nil {
		t.Fatal(err)
	}
	a.look(f, 5)
	a.put(a.files.Stdout, strings.Repeat("other line\n", 100)+"[104/300]\n")
	a.look(f, 5)
	a.reads(f, Count, 104, 300)
}

func TestFollower_HoleInTheMiddle_JoinsNoTwoLines(t *testing.T) {
	a := newAttempt(t)
	f := NewFollower(a.files, Options{Work: Work{Total: 300}})
	const page = 4096
	head := strings.Repeat(strings.Repeat("x", 63)+"\n", page/64-1) + strings.Repeat("x", 58) + "\n[1/3"
	a.put(a.files.Stdout, head+strings.Repeat("00]\n[2/3\n", 3*page)[:3*page]+"00]\n")
	file, err := os.OpenFile(a.files.Stdout, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close() //nolint:errcheck // nothing is lost
	if err := unix.Fallocate(int(file.Fd()), unix.FALLOC_FL_PUNCH_HOLE|unix.FALLOC_FL_KEEP_SIZE, page, 3*page); err != nil {
		t.Skip("no holes on this file system:", err)
	}
	a.look(f, 5)
	a.reads(f, "", 0, 0) // [1/3 and 00] are no line
	a.put(a.files.Stdout, "[3/300]\n")
	a.look(f, 5)
	a.reads(f, Count, 3, 300)
}

func TestFollower_FileThatGrowsFasterThanItIsRead_IsReadFromItsTail(t *testing.T) {
	a := newAttempt(t)
	f := NewFollower(a.files, Options{Work: Work{Total: 300}})
	a.put(a.files.Stdout, strings.Repeat("[1/300]\n", 100))
	if l := a.look(f, 5); l.Skipped || l.More || l.Bytes != 800 {
		t.Errorf("%+v", l)
	}
	a.put(a.files.Stdout, strings.Repeat("[299/300]\n", mostBehind/10-10)+"[300/300]\n") // a little less than may wait
	if l := a.look(f, 5); l.Skipped || !l.More || l.Bytes != mostPerLook {
		t.Errorf("%+v", l)
	}
	a.put(a.files.Stdout, strings.Repeat("y", mostBehind)+"[7/300]\n[8/300]\n")
	if l := a.look(f, 5); !l.Skipped || l.More || l.Bytes != keptOfTail {
		t.Errorf("%+v", l)
	}
	a.reads(f, Count, 8, 300)

	// A file of a terabyte that holds nothing is no more work.
	file, err := os.OpenFile(a.files.Progress, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close() //nolint:errcheck // nothing is lost
	if err := file.Truncate(1 << 40); err != nil {
		t.Skip("no such large files here:", err)
	}
	a.look(f, 5)
	a.put(a.files.Progress, "\n"+`{"done":9,"total":300}`+"\n")
	a.look(f, 5)
	a.reads(f, File, 9, 300)
	if f.Ignored() != 0 {
		t.Error("what was left out by ourselves is nobody's mistake:", f.Ignored())
	}
}

func TestFollower_WhatIsNoFile_IsAnErrorAndTheOthersAreRead(t *testing.T) {
	for name, put := range map[string]func(path string) error{
		"a folder":          func(path string) error { return os.Mkdir(path, 0o700) },
		"a pipe":            func(path string) error { return syscall.Mkfifo(path, 0o600) },
		"a link":            func(path string) error { return os.Symlink("/etc/passwd", path) },
		"an endless device": func(path string) error { return os.Symlink("/dev/zero", path) },
		"a loop":            func(path string) error { return os.Symlink(path, path) },
	} {
		a := newAttempt(t)
		f := NewFollower(a.files, Options{})
		if err := put(a.files.Progress); err != nil {
			t.Fatal(err)
		}
		a.put(a.files.Stdout, "::progress n=1 total=30\n")
		if l, err := f.Look(a.clock); err == nil || !strings.Contains(err.Error(), a.files.Progress) || l.Bytes == 0 {
			t.Errorf("%s: %v", name, err)
		}
		a.reads(f, Line, 1, 30)
		if err := os.Remove(a.files.Progress); err != nil {
			t.Fatal(err)
		}
		a.put(a.files.Progress, `{"done":2,"total":30}`+"\n")
		a.look(f, 5)
		a.reads(f, File, 2, 30)
	}
}

// drive lets a job write something that is drawn.
func drive(t *rapid.T, a *attempt) {
	for _, path := range []string{a.files.Stdout, a.files.Stderr, a.files.Progress} {
		switch rapid.IntRange(0, 9).Draw(t, "what") {
		case 0, 1, 2:
			a.put(path, string(logs().Draw(t, "log")))
		case 3, 4:
			n := rapid.IntRange(0, 30).Draw(t, "n")
			a.put(path, fmt.Sprintf("{\"done\":%d,\"total\":30}\n\r[%d/30] a.png\n", n, n))
		case 5:
			a.write(path, string(logs().Draw(t, "log")))
		}
	}
}

func TestFollower_RestoredBetweenAnyTwoLooks_GoesOnAsIfNothingHadHappened(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		a := newAttempt(t)
		o := Options{Work: Work{Total: 30, Base: 3}}
		steady, restored := NewFollower(a.files, o), NewFollower(a.files, o)
		for range rapid.IntRange(1, 12).Draw(rt, "looks") {
			drive(rt, a)
			a.look(steady, 5)
			if _, err := restored.Look(a.clock); err != nil {
				rt.Fatal(err)
			}
			state, err := restored.Save()
			if err != nil {
				rt.Fatal(err)
			}
			restored = NewFollower(a.files, o)
			if err := restored.Restore(state); err != nil {
				rt.Fatal(err)
			}
			want, got := steady.Meter().Reading(a.clock), restored.Meter().Reading(a.clock)
			checkReading(rt, got)
			encode := func(v any) string {
				b, err := json.Marshal(v)
				if err != nil {
					rt.Fatal(err)
				}
				return string(b)
			}
			if encode(want) != encode(got) || encode(steady.Meter().Beats()) != encode(restored.Meter().Beats()) || steady.Ignored() != restored.Ignored() {
				rt.Fatalf("%s, want %s", encode(got), encode(want))
			}
		}
	})
}

func TestFollower_StateThatWasLost_CostsOnlyTheEstimate(t *testing.T) {
	a := newAttempt(t)
	f := NewFollower(a.files, Options{Work: Work{Total: 300}})
	for n := range 50 {
		a.put(a.files.Stdout, fmt.Sprintf("[%d/300]\n", n))
		a.look(f, 5)
	}
	if r := a.reads(f, Count, 49, 300); eta(r) != 250*5 {
		t.Errorf("%+v", r)
	}
	f = NewFollower(a.files, Options{Work: Work{Total: 300}})
	a.look(f, 5)
	if r := a.reads(f, Count, 49, 300); eta(r) != -1 {
		t.Errorf("%+v", r)
	}
}

func FuzzRestore(f *testing.F) {
	dir := f.TempDir()
	log := filepath.Join(dir, "stdout")
	if err := os.WriteFile(log, []byte("[12/300]\n::progress n=13 total=300\n"), 0o600); err != nil {
		f.Fatal(err)
	}
	files := Files{Stdout: log, Stderr: filepath.Join(dir, "none"), Progress: log}
	good := NewFollower(files, Options{})
	if _, err := good.Look(begin()); err != nil {
		f.Fatal(err)
	}
	state, err := good.Save()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(state)
	f.Add([]byte(`{"stdout":{"tail":{"offset":-5},"parser":{"frames":{"escape":99}}},"meter":{"series":{"file":{"counted":true,"done":-3,"items":{"open":true}},"x":null}}}`))
	f.Add([]byte(`{"stdout":{"tail":{"offset":10}},"meter":{"series":{"line":{"counted":true}}}}`))
	f.Fuzz(func(t *testing.T, state []byte) {
		f := NewFollower(files, Options{Work: Work{Total: 300, Base: 5}})
		if f.Restore(state) != nil {
			return
		}
		for i := range 3 {
			if _, err := f.Look(after(float64(5 * i))); err != nil {
				t.Fatal(err)
			}
			f.Meter().OutputsCounted(after(float64(5*i)), int64(5+i), 300, "")
			checkReading(t, f.Meter().Reading(after(float64(5*i))))
			if _, err := f.Save(); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func FuzzProgressFile(f *testing.F) {
	f.Add([]byte("{\"done\":12,\"total\":30,\"item\":\"p012.png\",\"phase\":\"extract\"}\n{\"done\":1e3}\n{}\nnull\n{\"done\":"), uint16(5))
	f.Add([]byte("{\"percent\":40.5,\"item\":\"\\ud800\"}\n\x00{\"done\":1}\n\xff\n"), uint16(1))
	f.Fuzz(func(t *testing.T, file []byte, size uint16) {
		read := func(pieces ...[]byte) (all []Sighting, ignored int64) {
			var l lines
			for _, piece := range pieces {
				l.write(piece, func(s Sighting) { all = append(all, s) })
			}
			l.peek(func(s Sighting) { all = append(all, s) })
			return all, l.Ignored
		}
		want, ignored := read(file)
		var cut [][]byte
		for b := file; len(b) > 0; {
			n := min(len(b), int(size)+1)
			cut, b = append(cut, b[:n]), b[n:]
		}
		got, ignored2 := read(cut...)
		if fmt.Sprint(got) != fmt.Sprint(want) || ignored != ignored2 {
			t.Fatalf("%+v, want %+v", got, want)
		}
		m := NewMeter(Work{Total: 30, Base: 2})
		for i, s := range got {
			m.See(after(float64(i)), s)
			checkReading(t, m.Reading(after(float64(i))))
		}
	})
}

func TestFollower_LookThatFindsNothing_OpensNothing(t *testing.T) {
	a := newAttempt(t)
	f := NewFollower(a.files, Options{})
	a.put(a.files.Stdout, string(bytes.Repeat([]byte("line\n"), 1000)))
	a.look(f, 5)
	a.look(f, 5)
	n := testing.AllocsPerRun(100, func() { a.look(f, 5) })
	if n > 40 {
		t.Errorf("%v allocations", n)
	}
	runtime.KeepAlive(f)
}
