package each

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"uratori/runner/items"
)

// note is the beginning of a script that notes which item it runs for.
const note = `echo "$3" >>ran; `

func TestRun_RunsTheCommandOncePerItem_AndTellsHowFarItIs(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3, note+`echo "working on $3"; echo "warning about $3" >&2; cat "$1" >"$2"`, "out/{dir}/{stem}.json")
	if status := w.run(t.Context()); status != 0 {
		t.Fatalf("%d\n%s", status, w.read("err.log"))
	}
	if got := w.lines("ran"); !slices.Equal(got, []string{"p1", "p2", "p3"}) {
		t.Errorf("%q", got)
	}
	if r := w.look(); len(r.Done) != 3 || w.read("out/in/p2.json") != "input" {
		t.Errorf("%+v", r)
	}
	want := "[1/3] in/p1.txt\nworking on p1\n[2/3] in/p2.txt\nworking on p2\n[3/3] in/p3.txt\nworking on p3\n"
	if got := w.read("out.log"); got != want {
		t.Error(got)
	}
	if got := w.read("err.log"); got != "warning about p1\nwarning about p2\nwarning about p3\n" {
		t.Error(got)
	}
	var steps []step
	for line := range strings.Lines(w.read("progress")) {
		var s step
		must(t, json.Unmarshal([]byte(line), &s))
		steps = append(steps, s)
	}
	if diff := cmp.Diff(steps, []step{
		{0, 3, "in/p1.txt"}, {1, 3, "in/p1.txt"}, {1, 3, "in/p2.txt"}, {2, 3, "in/p2.txt"}, {2, 3, "in/p3.txt"}, {3, 3, "in/p3.txt"},
	}); diff != "" {
		t.Error(diff)
	}
}

func TestRun_WhatIsDone_IsPassedOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 4, note+`cp picture "$2"`, "out/{stem}.png")
	whole := picture(t)
	must(t, os.WriteFile(w.path("picture"), whole, 0o600))
	must(t, os.Mkdir(w.path("out"), 0o700))
	must(t, os.WriteFile(w.path("out/p2.png"), whole, 0o600))
	must(t, os.WriteFile(w.path("out/p3.png"), whole[:len(whole)-2], 0o600))
	if status := w.run(t.Context()); status != 0 {
		t.Fatalf("%d\n%s", status, w.read("err.log"))
	}
	if got := w.lines("ran"); !slices.Equal(got, []string{"p1", "p3", "p4"}) {
		t.Errorf("%q", got)
	}
	if status := w.run(t.Context()); status != 0 || len(w.lines("ran")) != 3 {
		t.Errorf("%d, %q", status, w.lines("ran"))
	}
	if progress := w.read("progress"); !strings.HasSuffix(progress, `{"done":4,"total":4,"item":"in/p4.txt"}`+"\n") {
		t.Error(progress)
	}
}

func TestRun_WithoutOutputs_TheLogDecides_UntilAnInputChanges(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3, note+`[ "$3" != p2 ] || [ -e mended ]`)
	if status := w.run(t.Context()); status != 1 || !slices.Equal(w.lines("ran"), []string{"p1", "p2", "p3"}) {
		t.Fatalf("%d, %q", status, w.lines("ran"))
	}
	must(t, os.WriteFile(w.path("mended"), nil, 0o600))
	if r := w.look(); len(r.Done) != 2 || r.Wrong[0].Reason != items.Failed {
		t.Errorf("%+v", r)
	}
	if status := w.run(t.Context()); status != 0 || !slices.Equal(w.lines("ran"), []string{"p1", "p2", "p2", "p3"}) {
		t.Fatalf("%d, %q", status, w.lines("ran"))
	}
	must(t, os.WriteFile(w.path("in/p3.txt"), []byte("other"), 0o600))
	if status := w.run(t.Context()); status != 0 || !slices.Equal(w.lines("ran"), []string{"p1", "p2", "p2", "p3", "p3"}) {
		t.Fatalf("%d, %q", status, w.lines("ran"))
	}
	w.job.Since = time.Now()
	if status := w.run(t.Context()); status != 0 || len(w.lines("ran")) != 8 {
		t.Fatalf("%d, %q", status, w.lines("ran"))
	}
}

func TestRun_ItemThatFails_LeavesTheOthersAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 5, note+`case $3 in p1) exit 3;; p2) kill -9 $$;; p3) exit 0;; p4) echo >"$2"; exit 4;; esac; echo x >"$2"`, "out/{stem}.json")
	w.job.Jobs = 2
	if status := w.run(t.Context()); status != 1 {
		t.Fatalf("%d\n%s", status, w.read("err.log"))
	}
	told := w.read("err.log")
	for _, want := range []string{
		"in/p1.txt: exit status 3 after ", "in/p2.txt: ended by SIGKILL after ", "in/p3.txt: exit status 0, but there is no " + w.path("out/p3.json"),
		"in/p4.txt: exit status 4 after ", "4 items failed:",
	} {
		if !strings.Contains(told, want) {
			t.Errorf("no %q in\n%s", want, told)
		}
	}
	r := w.look()
	if len(r.Done) != 1 || r.Done[0].Item.Index != 5 || len(w.lines("ran")) != 5 {
		t.Errorf("%+v, %q", r, w.lines("ran"))
	}
	// The fourth one's output is whole, and its command said that it failed.
	if len(r.Wrong) != 1 || r.Wrong[0].Item.Index != 4 || r.Wrong[0].Reason != items.Failed {
		t.Errorf("%+v", r.Wrong)
	}
}

func TestRun_OutputThatIsNotWhole_IsAFailure_WhateverTheExitStatus(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2, note+`head -c 40 picture >"$2"; : >"$2.txt"`, "out/{stem}.png", "out/{stem}.png.txt")
	must(t, os.WriteFile(w.path("picture"), picture(t), 0o600))
	if status := w.run(t.Context()); status != 1 {
		t.Fatal(status)
	}
	if told := w.read("err.log"); strings.Count(told, "ends too early") < 2 || strings.Contains(told, "{") {
		t.Error(told)
	}
}

func TestRun_FailFast_BeginsNoMore(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 5, note+`[ "$3" != p2 ]`)
	w.job.FailFast = true
	if status := w.run(t.Context()); status != 1 || !slices.Equal(w.lines("ran"), []string{"p1", "p2"}) {
		t.Errorf("%d, %q", status, w.lines("ran"))
	}
	if told := w.read("err.log"); !strings.Contains(told, "3 items were not begun") {
		t.Error(told)
	}
}

// Each run waits until as many others are under way as there may be, and
// notes how many it sees.
func TestRun_AsManyAtOnceAsWereAskedFor_AndNoMore(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 9, `mkdir -p now; : >"now/$3"; i=0
		while [ "$(ls now | wc -l)" -lt 3 ] && [ ! -e met ]; do i=$((i+1)); [ $i -lt 3000 ] || exit 9; sleep 0.01; done
		: >met; ls now | wc -l >>seen; rm "now/$3"`)
	w.job.Jobs = 3
	if status := w.run(t.Context()); status != 0 {
		t.Fatalf("%d\n%s", status, w.read("err.log"))
	}
	if seen := w.lines("seen"); len(seen) != 9 || seen[8] != "3" {
		t.Errorf("%q", seen)
	}
}

func TestRun_CommandThatCannotBeStarted_IsTriedOnce(t *testing.T) {
	t.Parallel()
	for want, program := range map[int]string{127: "/nowhere/program", 126: "/etc/passwd"} {
		w := newWorld(t, 50, "")
		w.job.Argv = []string{program, "{item}"}
		if status := w.run(t.Context()); status != want {
			t.Errorf("%s: %d", program, status)
		}
		told := w.read("err.log")
		if strings.Count(told, program) != 1 || !strings.Contains(told, "49 items were not begun") {
			t.Error(told)
		}
	}
	// One that belongs to an item says nothing about the others.
	w := newWorld(t, 3, "")
	must(t, os.Rename(w.path("in/p2.txt"), w.path("aside")))
	w.job.Argv = []string{"{item}"}
	if status := w.run(t.Context()); status != 1 || strings.Count(w.read("err.log"), "permission denied") != 4 {
		t.Errorf("%d\n%s", status, w.read("err.log"))
	}
}

func TestRun_WhatIsInTheWayOfAll_IsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2, note)
	w.job.Checkpoint = w.path("gone")
	if status := w.run(t.Context()); status != 1 || !strings.Contains(w.read("err.log"), "the log of items") || w.read("ran") != "" {
		t.Errorf("%d\n%s", status, w.read("err.log"))
	}
	// A display that cannot be written to is none.
	w = newWorld(t, 2, note)
	w.job.Progress = w.dir
	if status := w.run(t.Context()); status != 0 || !strings.Contains(w.read("err.log"), "no progress is told") || len(w.lines("ran")) != 2 {
		t.Errorf("%d\n%s", status, w.read("err.log"))
	}
	w = newWorld(t, 2, note)
	w.job.Progress = "/dev/full"
	if status := w.run(t.Context()); status != 0 || strings.Count(w.read("err.log"), "no more progress is told") != 1 || len(w.lines("ran")) != 2 {
		t.Errorf("%d\n%s", status, w.read("err.log"))
	}
	w = newWorld(t, 2, note+`cat "$1" >"$2"`, "out/{stem}.json")
	must(t, os.WriteFile(w.path("out"), nil, 0o600))
	if status := w.run(t.Context()); status != 1 || strings.Count(w.read("err.log"), "cannot be made") != 4 {
		t.Errorf("%d\n%s", status, w.read("err.log"))
	}
	w = newWorld(t, 2, note)
	must(t, os.Remove(w.path("in/p1.txt")))
	if status := w.run(t.Context()); status != 1 || !slices.Equal(w.lines("ran"), []string{"p2"}) || !strings.Contains(w.read("err.log"), "in/p1.txt: the input cannot be looked at") {
		t.Errorf("%d\n%s", status, w.read("err.log"))
	}
}

func TestRun_NothingRemains_IsDone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2, note)
	w.job.Items = nil
	if status := w.run(t.Context()); status != 0 || w.read("ran") != "" {
		t.Errorf("%d\n%s", status, w.read("err.log"))
	}
}

func TestRun_ToldToEnd_PassesItOn_AndBeginsNoMore(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 5, note+`trap 'echo saved >>saved; exit 0' TERM; echo half >"$2"; : >begun; while :; do sleep 0.01; done`, "out/{stem}.json")
	w.job.Jobs = 2
	cmd := w.start()
	until(t, "two are under way", func() bool {
		return len(w.lines("ran")) == 2 && w.read("out/p2.json") != "" && w.read("out/p1.json") != ""
	})
	must(t, cmd.Process.Signal(syscall.SIGTERM))
	if err := cmd.Wait(); cmd.ProcessState.ExitCode() != 143 {
		t.Errorf("%v", err)
	}
	if got := w.lines("saved"); len(got) != 2 {
		t.Errorf("%q", got)
	}
	if got := w.lines("ran"); len(got) != 2 {
		t.Errorf("more were begun: %q", got)
	}
}

func TestRun_CommandThatDiesOfTheEnd_IsBegunAnew(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3, note+`if [ -e again ]; then echo whole >"$2"; exit; fi; echo half >"$2"; exec sleep 60`, "out/{stem}.json")
	cmd := w.start()
	until(t, "one is under way", func() bool { return w.read("out/p1.json") != "" })
	must(t, cmd.Process.Signal(syscall.SIGTERM))
	if err := cmd.Wait(); cmd.ProcessState.ExitCode() != 143 {
		t.Errorf("%v", err)
	}
	if r := w.look(); len(r.Remaining) != 3 || r.Wrong[0].Reason != items.Failed {
		t.Errorf("%+v", r)
	}
	must(t, os.WriteFile(w.path("again"), nil, 0o600))
	if status := w.run(t.Context()); status != 0 || w.read("out/p1.json") != "whole\n" {
		t.Errorf("%d\n%s", status, w.read("err.log"))
	}
}

// The promise: whenever all of it is killed, only what was in hand is done
// twice, and nothing half-made counts.
func TestRun_KilledAtRandomMoments_RedoesOnlyWhatWasInHand(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // moments of a test
	for _, outputs := range [][]string{nil, {"out/{stem}.json"}, {"out/{stem}.png", "out/{stem}.json"}} {
		const jobs, total = 2, 40
		made := `head -c 40 picture >out/$3.png; head -c 40 picture >out/$3.json; sleep 0.02; cat picture >out/$3.png; cat picture >out/$3.json`
		if outputs == nil {
			made = `sleep 0.02`
		}
		w := newWorld(t, total, note+made, outputs...)
		w.job.Jobs = jobs
		whole := picture(t)
		must(t, os.WriteFile(w.path("picture"), whole, 0o600))
		const most = 25
		kills := 0
		for {
			before := len(w.look().Done)
			if before == total {
				break
			}
			enough := len(w.lines("ran")) + min(1+random.IntN(8), total-before)
			cmd := w.start()
			if kills == most { // a busy machine could be killed for ever
				if err := cmd.Wait(); err != nil || len(w.look().Done) != total {
					t.Fatalf("%v, %+v", err, w.look())
				}
				break
			}
			until(t, "some more have run", func() bool { return len(w.lines("ran")) >= enough })
			time.Sleep(time.Duration(random.IntN(25)) * time.Millisecond)           // anywhere in a run: any moment will do
			if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL); err != nil { // the session: each and its commands
				t.Fatal(err)
			}
			cmd.Wait() //nolint:errcheck // it was killed
			kills++
			if after := len(w.look().Done); after < before {
				t.Fatalf("%d were done, and now %d", before, after)
			}
		}
		ran := w.lines("ran")
		if extra := len(ran) - total; extra > kills*jobs {
			t.Errorf("%d runs too many in %d kills", extra, kills)
		}
		for _, it := range w.plan.Items {
			stem := strings.TrimSuffix(filepath.Base(it.Path), ".txt")
			for _, output := range it.Outputs {
				if content, err := os.ReadFile(output); err != nil || !bytes.Equal(content, whole) {
					t.Errorf("%s counts, and has %d of %d bytes (%v)", output, len(content), len(whole), err)
				}
			}
			if !slices.Contains(ran, stem) {
				t.Errorf("%s was not run", it.Path)
			}
		}
		t.Logf("%d kills, %d runs of %d items", kills, len(ran), total)
	}
}

func TestRead_GivesBackWhatWasWritten_OrNothing(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	job := Job{
		Argv: []string{"run", "{item}", "日本\n語"}, Cwd: "/w", Jobs: 3, FailFast: true, Total: 10, Since: time.Date(2026, 11, 21, 12, 0, 0, 5, time.UTC),
		Checkpoint: "/c", Progress: "/p", Items: []items.Item{{Index: 2, Path: "/w/a"}, {Index: 10, Path: "/w/日本語", Outputs: []string{"/w/o", "/w/p"}}},
	}
	must(t, Write(folder, job))
	got, err := Read(folder)
	must(t, err)
	if diff := cmp.Diff(job, got); diff != "" {
		t.Error(diff)
	}
	file := filepath.Join(folder, jobFile)
	whole, err := os.ReadFile(file)
	must(t, err)
	info, err := os.Stat(file)
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Error(info.Mode())
	}
	for cut := range whole {
		must(t, os.WriteFile(file, whole[:cut], 0o600))
		if got, err := Read(folder); err == nil {
			t.Errorf("cut after %d: %+v", cut, got)
		}
	}
	for _, bad := range []string{
		`{"argv":[],"cwd":"/w","jobs":1,"total":1,"checkpoint":"/c"}`, `{"argv":["x"],"cwd":"w","jobs":1,"total":1,"checkpoint":"/c"}`,
		`{"argv":["x"],"cwd":"/w","jobs":1,"total":0,"remaining":1,"checkpoint":"/c"}` + "\n" + `{"index":1,"path":"/a"}`,
		`{"argv":["x"],"cwd":"/w","jobs":1,"total":1,"remaining":1,"checkpoint":"/c"}` + "\n" + `{"index":2,"path":"/a"}`,
		`{"argv":["x"],"cwd":"/w","jobs":1,"total":1,"remaining":1,"checkpoint":"/c"}` + "\n" + `{"index":1,"path":"a"}`,
		`{"argv":["x"],"cwd":"/w","jobs":1,"total":1,"remaining":1,"checkpoint":"/c"}` + "\n" + `{"index":1,"path":"/a","path":"/b"}`,
	} {
		must(t, os.WriteFile(file, []byte(bad+"\n"), 0o600))
		if got, err := Read(folder); err == nil {
			t.Errorf("%s: %+v", bad, got)
		}
	}
	if _, err := Read(filepath.Join(folder, "gone")); !os.IsNotExist(unwrapAll(err)) {
		t.Error(err)
	}
	if err := Write(filepath.Join(folder, "gone"), job); err == nil {
		t.Error("written into no folder")
	}
}

func unwrapAll(err error) error {
	for {
		u, ok := err.(interface{ Unwrap() error })
		if !ok || os.IsNotExist(err) {
			return err
		}
		err = u.Unwrap()
	}
}

func TestRun_AlreadyToldToEnd_BeginsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3, note)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if status := w.run(ctx); status != 143 || w.read("ran") != "" || !strings.Contains(w.read("err.log"), fmt.Sprintf("%d items were not begun", 3)) {
		t.Errorf("%d\n%s", status, w.read("err.log"))
	}
}
