package shim

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"uratori/internal/process"
)

func TestStart_SameFolderTwice_IsRefused(t *testing.T) {
	t.Parallel()
	p := newPool(t)
	a := begin(t, p, sh(t, "exit 0"))
	wait(t, a)
	if _, err := p.Start(t.Context(), a.dir, sh(t, "echo again")); err == nil {
		t.Fatal("it was started again")
	}
	if out := a.output(t); out != "" {
		t.Errorf("%q", out)
	}
}

func TestLay_AnAttemptRunsThereAsAnywhere(t *testing.T) {
	t.Parallel()
	p := newPool(t)
	dir := filepath.Join(t.TempDir(), "7", "1")
	for range 2 { // it may be asked for again
		must(t, Lay(dir))
	}
	if found, err := Inspect(dir + "-none"); err != nil || found.State != NeverStarted {
		t.Errorf("%+v, %v", found, err)
	}
	a, err := p.Start(t.Context(), dir, sh(t, "echo it runs; exit 3"))
	must(t, err)
	exit := wait(t, a)
	if out := a.output(t); exit.Code == nil || *exit.Code != 3 || out != "it runs\n" {
		t.Errorf("%v, %q", exit, out)
	}
	if found, err := Inspect(dir); err != nil || found.State != Finished {
		t.Errorf("%+v, %v", found, err)
	}
}

func TestLay_FolderThatNobodyBeganWith_WasNeverStarted(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "1")
	must(t, Lay(dir))
	if found, err := Inspect(dir); err != nil || found.State != NeverStarted {
		t.Errorf("%+v, %v", found, err)
	}
}

func TestLay_WhatStandsThere_IsLeftAlone(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	dir, elsewhere := filepath.Join(base, "1"), filepath.Join(base, "mine")
	must(t, os.Mkdir(dir, 0o700))
	must(t, os.WriteFile(filepath.Join(dir, stderrFile), []byte("text"), 0o600))
	must(t, os.Symlink(elsewhere, filepath.Join(dir, stdoutFile)))
	if err := Lay(dir); err == nil {
		t.Error("a link was followed")
	}
	if _, err := os.Stat(elsewhere); !os.IsNotExist(err) {
		t.Error(err)
	}
	if text := string(got(os.ReadFile(filepath.Join(dir, stderrFile)))); text != "text" {
		t.Errorf("%q", text)
	}
}

// Past the daemon's own care: shims that are handed a folder that is not theirs.
func TestShim_FolderThatWasUsed_IsRefused(t *testing.T) {
	t.Parallel()
	p := newPool(t)
	for _, name := range []string{voidFile, runFile, exitFile} {
		dir := t.TempDir()
		must(t, writeSpec(dir, sh(t, "echo it runs")))
		must(t, os.WriteFile(filepath.Join(dir, name), []byte("{}"), 0o600))
		k, err := p.take()
		must(t, err)
		_, err = p.begin(t.Context(), k, dir)
		if failed, ok := errors.AsType[*StartError](err); !ok || failed.Code != Refused {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := os.Stat(filepath.Join(dir, stdoutFile)); !os.IsNotExist(err) {
			t.Errorf("%s: it went as far as the logs", name)
		}
	}
}

func TestShim_BadSpec_IsToldAsThat(t *testing.T) {
	t.Parallel()
	p := newPool(t)
	for _, text := range []string{"", "{", "[]", `{"argv":"true"}`, `{"argv":[{"base64":"%"}]}`, "\xff\xfe", strings.Repeat("[", 1<<20)} {
		dir := t.TempDir()
		must(t, os.WriteFile(filepath.Join(dir, specFile), []byte(text), 0o600))
		k, err := p.take()
		must(t, err)
		_, err = p.begin(t.Context(), k, dir)
		if failed, ok := errors.AsType[*StartError](err); !ok || failed.Code != BadSpec {
			t.Errorf("%.20q: %v", text, err)
		}
	}
}

func TestShim_TwoForOneFolder_OneRuns(t *testing.T) {
	t.Parallel()
	for range 8 {
		dir, marks := filepath.Join(t.TempDir(), "1"), filepath.Join(t.TempDir(), "marks")
		s := sh(t, "echo x >>"+marks+"; sleep 0.05")
		must(t, writeSpec(dir, s))
		var both sync.WaitGroup
		answers := make([]string, 2)
		for i := range answers {
			both.Go(func() {
				out, err := exec.CommandContext(t.Context(), os.Args[0], "shim", dir).Output()
				if err != nil {
					t.Error(err)
				}
				answers[i] = string(out)
			})
		}
		both.Wait()
		text, err := os.ReadFile(marks)
		if err != nil || string(text) != "x\n" {
			t.Fatalf("it ran %q, %v", text, err)
		}
		ran := strings.Count(strings.Join(answers, ""), `"event":"started"`)
		refused := strings.Count(strings.Join(answers, ""), `"code":"refused"`)
		if ran != 1 || refused != 1 {
			t.Errorf("%q", answers)
		}
	}
}

// A daemon that gives an attempt up, and a shim that hears of it late: either
// the job runs and is found, or it never does.
func TestInspect_AgainstALateShim_NeverBoth(t *testing.T) {
	t.Parallel()
	p := newPool(t)
	void, ran := 0, 0
	for n := range 200 {
		dir, mark := filepath.Join(t.TempDir(), "1"), filepath.Join(t.TempDir(), "mark")
		must(t, writeSpec(dir, sh(t, "echo x >>"+mark)))
		k, err := p.take()
		must(t, err)
		var late sync.WaitGroup
		var attempt *Attempt
		late.Go(func() {
			pause(t, time.Duration(rand.IntN(1000))*time.Microsecond) //nolint:gosec // any will do
			attempt, err = p.begin(t.Context(), k, dir)
		})
		pause(t, time.Duration(rand.IntN(2000))*time.Microsecond) //nolint:gosec // any will do
		found, inspected := Inspect(dir)
		must(t, inspected)
		late.Wait()
		switch found.State {
		case NeverStarted:
			void++
			if failed, ok := errors.AsType[*StartError](err); !ok || failed.Code != Refused {
				t.Fatalf("round %d: void, and %v", n, err)
			}
			if _, err := os.Stat(mark); !os.IsNotExist(err) {
				t.Fatalf("round %d: void, and it ran", n)
			}
		case Running, Finished:
			ran++
			if err != nil {
				t.Fatalf("round %d: %s, and %v", n, found.State, err)
			}
			if exit := wait(t, attempt); exit.String() != "code 0" {
				t.Fatalf("round %d: %+v", n, exit)
			}
			if text, err := os.ReadFile(mark); err != nil || string(text) != "x\n" {
				t.Fatalf("round %d: %q, %v", n, text, err)
			}
			must(t, attempt.Release(t.Context()))
		case Lost:
			t.Fatalf("round %d: lost", n)
		}
	}
	t.Logf("void %d times, ran %d times", void, ran)
}

func pause(t *testing.T, d time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	<-ctx.Done()
}

func TestInspect_NoFolder_WasNeverStarted(t *testing.T) {
	t.Parallel()
	found, err := Inspect(filepath.Join(t.TempDir(), "none"))
	if err != nil || found.State != NeverStarted {
		t.Errorf("%+v, %v", found, err)
	}
	if _, err := Adopt(t.Context(), filepath.Join(t.TempDir(), "none")); !errors.Is(err, ErrNeverStarted) {
		t.Errorf("%v", err)
	}
}

// What a loss of power, or somebody's editor, may leave.
func TestInspect_FilesThatAreNotWhole(t *testing.T) {
	t.Parallel()
	exit := `{"code":5,"started_at":"2026-11-21T10:00:00Z","ended_at":"2026-11-21T10:00:01Z"}`
	run := string(got(json.Marshal(Run{Shim: process.ID{PID: 1 << 30}, Child: process.ID{PID: 1<<30 + 1}})))
	for name, tc := range map[string]struct {
		files map[string]string
		want  State
		fails bool
	}{
		"an empty folder":                       {nil, NeverStarted, false},
		"a spec":                                {map[string]string{specFile: "{}"}, NeverStarted, false},
		"a reserved exit":                       {map[string]string{specFile: "{}", exitFile + part: "\x00\x00"}, NeverStarted, false},
		"a lock":                                {map[string]string{specFile: "{}", runFile: ""}, NeverStarted, false},
		"a beginning whose words are lost":      {map[string]string{runFile: strings.Repeat("\x00", record)}, Lost, false},
		"half a run":                            {map[string]string{runFile: run[:20]}, Lost, false},
		"a run":                                 {map[string]string{runFile: run, exitFile + part: strings.Repeat("\x00", room)}, Lost, false},
		"a run whose exit has not got its name": {map[string]string{runFile: run, exitFile + part: exit + "\n"}, Finished, false},
		"one whose exit has not got its length": {map[string]string{runFile: run, exitFile + part: exit + strings.Repeat("\x00", room)}, Lost, false},
		"an exit":                               {map[string]string{exitFile: exit}, Finished, false},
		"an exit that somebody has broken":      {map[string]string{runFile: run, exitFile: exit[:20]}, "", true},
		"an exit that somebody has made a link to /": {map[string]string{runFile: run, exitFile: "→/etc/passwd"}, "", true},
	} {
		dir := t.TempDir()
		for file, text := range tc.files {
			if target, ok := strings.CutPrefix(text, "→"); ok {
				must(t, os.Symlink(target, filepath.Join(dir, file)))
				continue
			}
			must(t, os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600))
		}
		for range 2 { // the answer stays
			found, err := Inspect(dir)
			if found.State != tc.want || (err != nil) != tc.fails {
				t.Errorf("%s: %+v, %v", name, found, err)
			}
			if found.State == Finished && found.Exit.String() != "code 5" {
				t.Errorf("%s: %+v", name, found.Exit)
			}
		}
	}
}

// The shim writes in place, so whoever looks meanwhile may see half of it.
func TestInspect_WhileItIsWritten_ItRuns(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f := got(openFolder(dir))
	defer func() { must(t, f.Close()) }()
	must(t, f.acquire())
	run := Run{Shim: process.ID{PID: 1 << 30, Boot: "a"}, Token: "token"}
	must(t, f.begin(run))
	begun := got(os.ReadFile(filepath.Join(dir, runFile)))
	run.Child = process.ID{PID: 1<<30 + 1, Boot: "a"}
	must(t, f.tell(run))
	whole := got(os.ReadFile(filepath.Join(dir, runFile)))
	if len(begun) != record || len(whole) != record {
		t.Fatalf("%d and %d bytes", len(begun), len(whole))
	}
	for n := range record + 1 {
		_, err := f.lock.WriteAt(append(slices.Clone(whole[:n]), begun[n:]...), 0)
		must(t, err)
		found, err := Inspect(dir)
		if err != nil || found.State != Running || found.Run == nil {
			t.Fatalf("%d: %+v, %v", n, found, err)
		}
		if child := found.Run.Child; child != run.Child && child != (process.ID{}) {
			t.Fatalf("%d: a child that never was: %+v", n, child)
		}
	}
}

func TestPool_ManyAtOnce_EachRunsOnce(t *testing.T) {
	t.Parallel()
	p := newPool(t)
	var all sync.WaitGroup
	for n := range 20 {
		s := sh(t, "exit "+strconv.Itoa(n))
		all.Go(func() {
			if exit := run(t, p, s); exit.String() != "code "+strconv.Itoa(n) {
				t.Errorf("%d: %+v", n, exit)
			}
		})
	}
	all.Wait()
	if p.kept() == nil {
		t.Error("no spare was kept")
	}
}
