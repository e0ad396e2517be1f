package runner

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"uratori/internal/fault"
)

// pictures makes n inputs.
func (y *yard) pictures(n int) {
	y.t.Helper()
	for i := range n {
		m := image.NewGray(image.Rect(0, 0, 8, 8))
		m.Set(i%8, 0, color.White)
		path := filepath.Join(y.work, "in", fmt.Sprintf("p%03d.png", i))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			y.t.Fatal(err)
		}
		f, err := os.Create(path)
		if err != nil {
			y.t.Fatal(err)
		}
		if err := png.Encode(f, m); err != nil {
			y.t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			y.t.Fatal(err)
		}
		// Older than whatever is made of it.
		old := time.Now().Add(-time.Hour)
		if err := os.Chtimes(path, old, old); err != nil {
			y.t.Fatal(err)
		}
	}
}

// extraction copies each input to its output, noting what it did.
const extraction = `while read -r f; do n=${f##*/}; echo "$n" >> done.$URATORI_ATTEMPT; cp "$f" "out/$n"; PAUSE; done < "$URATORI_ITEMS"`

func (y *yard) extract(pause string) Order {
	o := y.sh(strings.Replace(extraction, "PAUSE", pause, 1))
	o.Spec.Items, o.Spec.Outputs = []string{"in/*.png"}, []string{"out/{stem}.png"}
	return o
}

func TestItems_AllOutputsThere_Succeeds_WithTheirDigests(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.pictures(5)
	y.open()
	id := y.enqueue(y.extract(":"))
	task := y.ended(id)
	list, err := y.Attempts(t.Context(), id)
	if err != nil || task.State != Succeeded || task.Total != 5 || list[0].Done != 5 {
		t.Fatalf("%+v %+v, %v", task, list, err)
	}
	if n := strings.Count(y.read(filepath.Join(y.taskFolder(id), madeFile)), "\n"); n != 5 {
		t.Errorf("%d outputs listed", n)
	}
}

func TestItems_AStatusOfZeroWithAnOutputMissingOrTorn_IsNoSuccess(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.limits.Retries = 0
	y.pictures(3)
	y.open()
	for name, harm := range map[string]string{"missing": "rm out/p001.png", "torn": "truncate -s 40 out/p001.png", "empty": ": > out/p001.png"} {
		o := y.sh(strings.Replace(extraction, "PAUSE", ":", 1) + "; " + harm)
		o.Spec.Items, o.Spec.Outputs = []string{"in/*.png"}, []string{"out/{stem}.png"}
		task := y.ended(y.enqueue(o))
		f, ok := errors.AsType[*fault.Error](task.Reason)
		if task.State != Failed || *task.ExitCode != 0 || !ok || f.Key != "task.outputs_missing" || f.Values["item"] != "p001.png" {
			t.Errorf("%s: %+v", name, task)
		}
		if err := os.RemoveAll(filepath.Join(y.work, "out")); err != nil {
			t.Fatal(err)
		}
	}
}

func TestItems_AnInterruptedJobGoesOn_AndRedoesAtMostTheItemInHand(t *testing.T) {
	t.Parallel()
	for name, harm := range map[string]func(y *yard, a Attempt){
		"the job": func(_ *yard, a Attempt) { _ = syscall.Kill(a.Run.Child.PID, syscall.SIGKILL) },
		"the shim": func(_ *yard, a Attempt) {
			_ = syscall.Kill(a.Run.Shim.PID, syscall.SIGKILL)
			_ = syscall.Kill(a.Run.Child.PID, syscall.SIGKILL)
		},
		"the daemon and the job": func(y *yard, a Attempt) {
			y.stop()
			_ = syscall.Kill(a.Run.Child.PID, syscall.SIGKILL)
			y.open()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			y := newYard(t)
			y.pictures(20)
			y.open()
			id := y.enqueue(y.extract("sleep 0.02"))
			a := y.running(id)
			y.until("five are done", func() bool {
				n, err := filepath.Glob(filepath.Join(y.work, "out", "*.png"))
				return err == nil && len(n) >= 5
			})
			harm(y, a)
			task := y.ended(id)
			if task.State != Succeeded || task.Attempt != 2 {
				t.Fatalf("%+v", task)
			}
			first, second := strings.Fields(y.read("done.1")), strings.Fields(y.read("done.2"))
			if len(first)+len(second) > 21 || len(second) > 16 {
				t.Errorf("%d and %d of 20", len(first), len(second))
			}
		})
	}
}

func TestItems_WhereAllIsThereAlready_NothingRuns(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.pictures(3)
	y.open()
	first := y.enqueue(y.extract(":"))
	y.ended(first)
	second := y.enqueue(y.extract("exit 1"))
	task := y.ended(second)
	f, ok := errors.AsType[*fault.Error](task.Reason)
	if task.State != Succeeded || task.ExitCode != nil || !ok || f.Key != "task.nothing_to_do" {
		t.Errorf("%+v", task)
	}
	// What was written within a tick of the file system's clock may be newer.
	const tick = 10 * time.Millisecond
	info, err := os.Stat(filepath.Join(y.work, "out", "p002.png"))
	if err != nil {
		t.Fatal(err)
	}
	y.until("the outputs are old", func() bool { return time.Since(info.ModTime()) > 2*tick })
	if _, err := y.Retry(t.Context(), first, true); err != nil {
		t.Fatal(err)
	}
	y.ended(first)
	if got := y.read("done.2"); strings.Count(got, "\n") != 3 {
		t.Errorf("from the start: %q", got)
	}
}

func TestMade_IsWhatWasWrittenWhileATaskOfThatNameWasAtWork_AndTheLedgerHasItsDigest(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.pictures(3)
	y.office.tickets["INTG-088"], y.office.tickets["INTG-090"] = t.TempDir(), t.TempDir()
	y.open()
	hand := y.write("out/p002.png", y.read("in/p002.png"))
	put, err := written(hand)
	if err != nil {
		t.Fatal(err)
	}
	y.until("the clock of files goes on", func() bool { return time.Since(put) > 2*clockLag })
	extract := func(ticket, pause string) Task {
		o := y.extract(pause)
		o.Ticket = ticket
		return y.ended(y.enqueue(o))
	}
	task := extract("INTG-088", ":")
	list, err := y.Made(t.Context(), task)
	if err != nil || len(list) != 3 {
		t.Fatal(list, err)
	}
	for path, o := range list {
		if by := map[bool]int64{true: 0, false: task.ID}[path == hand]; o.By != by || o.Input == "" {
			t.Errorf("%+v", o)
		}
	}
	// What is there is taken for made by whoever made it, not by who came last.
	second := extract("INTG-088", "exit 1")
	if list, err = y.Made(t.Context(), second); err != nil || list[filepath.Join(y.work, "out", "p001.png")].By != task.ID || list[hand].By != 0 {
		t.Errorf("%+v, %v", list, err)
	}
	for _, ticket := range []string{"INTG-090", ""} {
		if list, err = y.Made(t.Context(), extract(ticket, "exit 1")); err != nil || len(list) != 3 || list[filepath.Join(y.work, "out", "p001.png")].By != 0 {
			t.Errorf("made for %q: %+v, %v", ticket, list, err)
		}
	}
	file := filepath.Join(y.taskFolder(task.ID), madeFile)
	text := y.read(file)
	for _, other := range []string{"", strings.Replace(text, "001", "003", 1)} {
		if err := os.WriteFile(file, []byte(other), 0o600); err != nil {
			t.Fatal(err)
		}
		if list, err = y.Made(t.Context(), task); fault.KindOf(err) != fault.Unavailable || list != nil {
			t.Errorf("%+v, %v", list, err)
		}
	}
	failed := y.ended(y.enqueue(y.sh("false")))
	if list, err = y.Made(t.Context(), failed); err != nil || len(list) != 0 {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestItems_KilledAfterTheLastOutput_OneItemIsDoneAgain_SoThatTheEndIsSeen(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.pictures(4)
	y.open()
	o := y.sh(strings.Replace(extraction, "PAUSE", ":", 1) + `; test "$URATORI_ATTEMPT" -gt 1 || kill -KILL $$`)
	o.Spec.Items, o.Spec.Outputs = []string{"in/*.png"}, []string{"out/{stem}.png"}
	id := y.enqueue(o)
	task := y.ended(id)
	if task.State != Succeeded || task.Attempt != 2 || *task.ExitCode != 0 || strings.Count(y.read("done.2"), "\n") != 1 {
		t.Errorf("%+v, %q", task, y.read("done.2"))
	}
}

func TestEach_OneRunPerItem_GoesOnAfterAKill(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.pictures(12)
	y.open()
	o := y.sh(`:`)
	o.Spec.Command = []string{"/bin/sh", "-c", `echo "$1" >> done.$URATORI_ATTEMPT; sleep 0.05; cp "$1" "$2"`, "x", "{item}", "{out}"}
	o.Spec.Items, o.Spec.Outputs, o.Spec.Each = []string{"in/*.png"}, []string{"out/{stem}.png"}, 2
	id := y.enqueue(o)
	a := y.running(id)
	y.until("some are done", func() bool {
		n, err := filepath.Glob(filepath.Join(y.work, "out", "*.png"))
		return err == nil && len(n) >= 3
	})
	if err := syscall.Kill(a.Run.Child.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	task := y.ended(id)
	if task.State != Succeeded || task.Attempt != 2 {
		t.Fatalf("%+v", task)
	}
	if first, second := strings.Count(y.read("done.1"), "\n"), strings.Count(y.read("done.2"), "\n"); first+second > 14 {
		t.Errorf("%d and %d of 12", first, second)
	}
}

func TestProgress_IsSeenWhileTheJobRuns(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.pictures(6)
	y.open()
	id := y.enqueue(y.extract(`test "$n" != p002.png || until test -e go; do sleep 0.01; done`))
	y.running(id)
	y.until("three of six", func() bool {
		task, err := y.Task(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		s, err := y.Look(t.Context(), task)
		return err == nil && s.Progress.Done == 3 && s.Progress.Total == 6 && !s.Activity.IsZero()
	})
	y.write("go", "")
	y.ended(id)
}

func TestItems_AHalfWrittenTextOfAKilledAttempt_IsMadeAgain(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	for i := range 4 {
		path := y.write(fmt.Sprintf("in/t%d.txt", i), "whole\n")
		old := time.Now().Add(-time.Hour)
		if err := os.Chtimes(path, old, old); err != nil {
			t.Fatal(err)
		}
	}
	y.open()
	o := y.sh(`while read -r f; do n=${f##*/}; echo "$n" >> done.$URATORI_ATTEMPT
		if test "$URATORI_ATTEMPT $n" = "1 t2.txt"; then printf who > out/t2.txt; kill -KILL $$; fi
		cp "$f" "out/$n"; sleep 0.05; done < "$URATORI_ITEMS"`)
	o.Spec.Items, o.Spec.Outputs = []string{"in/*.txt"}, []string{"out/{name}"}
	id := y.enqueue(o)
	if task := y.ended(id); task.State != Succeeded || task.Attempt != 2 {
		t.Fatalf("%+v", task)
	}
	for i := range 4 {
		if got := y.read(fmt.Sprintf("out/t%d.txt", i)); got != "whole\n" {
			t.Errorf("output %d: %q", i, got)
		}
	}
	if got := y.read("done.2"); got != "t2.txt\nt3.txt\n" {
		t.Errorf("%q", got)
	}
}

// A run for one item is told of no list of items: there is none.
func TestEach_IsToldOfNoListThatIsNotThere(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.open()
	y.write("in/a.txt", "a")
	o := y.order("/bin/sh", "-c", `echo "${URATORI_ITEMS-none}" > "$1"`, "sh", "{out}")
	o.Spec.Items, o.Spec.Outputs, o.Spec.Each = []string{"in/*.txt"}, []string{"out/{name}"}, 1
	if done := y.ended(y.enqueue(o)); done.State != Succeeded {
		t.Fatalf("%+v", done)
	}
	if told := y.read("out/a.txt"); told != "none\n" {
		t.Errorf("%q", told)
	}
}
