package front

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"uratori/tests/house"
)

// numbers are what differs between two tasks that are otherwise the same, and
// between two moments.
var numbers = regexp.MustCompile(`[0-9]+`)

// both has the two programs do the same in the same home.
func (h *hall) both(dir string, env []string, args ...string) (ours, theirs house.Result) {
	h.t.Helper()
	run := func(program string) house.Result {
		cmd := h.Command(args...)
		cmd.Path, cmd.Args[0] = program, "uratori"
		cmd.Env, cmd.Dir = append(cmd.Env, env...), dir
		r := house.Finish(h.t, cmd)
		// The values of a fault stand in any order.
		if v := jsontext.Value(r.Out); v.Canonicalize() == nil {
			r.Out = string(v)
		}
		r.Out, r.Err = numbers.ReplaceAllString(r.Out, "N"), numbers.ReplaceAllString(r.Err, "N")
		return r
	}
	return run(front), run(whole)
}

func TestLines_AreAnsweredAsTheLargeProgramAnswersThem_AndItIsNotEvenUnpacked(t *testing.T) {
	t.Parallel()
	h := started(t)
	h.whole("pause")
	h.whole("ticket", "create", "--summary", "抽出", "--detail", "詳細")
	h.whole("enqueue", "INTG-001", "--name", "held", "--hold", "--", "true")
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "tool"), []byte("#!/bin/sh\n"), 0o700)) //nolint:gosec // it is to be executed
	must(t, os.Mkdir(filepath.Join(dir, "sub"), 0o700))
	must(t, os.WriteFile(filepath.Join(dir, "a.png"), nil, 0o600))
	lines := [][]string{
		{"enqueue", "--", "true"},
		{"enqueue", "--json", "--", "true"},
		{"enqueue", "INTG-001", "name", "--priority", "3", "--after", "1", "--retries", "0", "--", "sh", "-c", "exit 3"},
		{"enqueue", "old", "habit", "--gpu", "1"},
		{"enqueue", "old", "./tool", "x"},
		{"enqueue", "old", "./no-tool", "x"},
		{"enqueue", "old", "true", "--", "x"},
		{"enqueue", "--cwd", "sub", "--", "true"},
		{"enqueue", "--cwd", "sub/..", "--", "true"},
		{"enqueue", "--cwd", "none", "--", "true"},
		{"enqueue", "--cwd", "~/none", "--", "true"},
		{"enqueue", "--cwd=", "--", "true"},
		{"enqueue", "a.png", "--items", "b.png", "--", "true"},
		{"enqueue", "--items", "*.png", "--out", "{stem}.json", "--", "true"},
		{"enqueue", "--items", "none/*", "--out", "{stem}.json", "--", "true"},
		{"enqueue", "--delay", "2d", "--hold", "--", "true"},
		{"enqueue", "--at", "2001-01-01 10:00", "--", "true"},
		{"enqueue", "--env", "A=日本語", "--env", "A=2", "--", "true"},
		{"enqueue", "--env", "A=\x1b[31m", "--env", "B=", "--", "printf", "\n\t{a}"},
		{"enqueue", "--key", "", "--", "true"},
		{"enqueue", "--key", "mine", "--hold", "--", "true"},
		{"enqueue", "--key", "mine", "--hold", "--", "false"},
		{"enqueue", "INTG-9", "--", "true"},
		{"enqueue", "INTG-001", "true"},
		{"enqueue"},
		{"enqueue", "--"},
		{"enqueue", "--", ""},
		{"enqueue", "--help"},
		{"enqueue", "-h", "--json"},
		{"enqueue", "--no-such", "--", "true"},
		{"enqueue", "--retries"},
		{"enqueue", "--retries", "many", "--", "true"},
		{"enqueue", "--timeout", "0", "--", "true"},
		{"enqueue", "--json", "--timeout", "-1s", "--", "true"},
		{"beat"},
		{"beat", "1"},
		{"beat", "--json", "1"},
		{"beat", "99999"},
		{"beat", "x", "--json"},
		{"beat", "1", "2"},
		{"status"},
		{"status", "--json"},
		{"status", "1"},
		{"status", "1", "--json"},
		{"status", "INTG-001"},
		{"status", "INTG-001", "--json", "--all"},
		{"status", "intg-001"},
		{"status", "INTG-7"},
		{"status", "--state", "queued"},
		{"status", "--state", ""},
		{"status", "--interval", "1s"},
		{"status", "1", "--all"},
		{"status", "x", "y"},
		{"status", "-h"},
	}
	for _, env := range [][]string{
		nil, {"URATORI_LANG=", "LC_ALL=ja_JP.UTF-8", "TRACKER_ID=INTG-001", "URATORI_TASK=1"}, {"TRACKER_ID=none", "URATORI_TASK=#"},
	} {
		for i, args := range lines {
			if i%5 != 0 && len(env) == 2 {
				continue
			}
			ours, theirs := h.both(dir, env, args...)
			if ours != theirs {
				t.Errorf("%q %q\n%+v\n%+v", env, args, ours, theirs)
			}
		}
	}
	if found := h.laid(); len(found) > 0 {
		t.Errorf("the large program was needed: %v", found)
	}
}

// What the daemon would not understand as whoever types it is not for the daemon.
func TestLines_AnotherZoneOrFolderOrText_AreTheLargePrograms_AndAnsweredTheSame(t *testing.T) {
	t.Parallel()
	h := started(t)
	h.whole("pause")
	h.whole("enqueue", "--", "true") // the first of a queue is told otherwise
	for _, tc := range []struct {
		env  []string
		args []string
	}{
		{[]string{"TZ=Asia/Tokyo"}, []string{"enqueue", "--hold", "--at", "2001-01-01 10:00", "--", "true"}},
		{[]string{"TZ=Asia/Tokyo"}, []string{"status"}},
		{nil, []string{"enqueue", "--", "a\xffb"}},
		{[]string{"BAD=\xff"}, []string{"enqueue", "--", "true"}},
		{nil, []string{"--json", "enqueue", "--", "true"}},
		{nil, []string{"enqueue", "--", strings.Repeat("x", 100_000), strings.Repeat("y", 100_000)}},
		{[]string{"BIG=" + strings.Repeat("x", 120_000)}, slices.Concat([]string{"enqueue", "--"}, slices.Repeat([]string{strings.Repeat("z", 100_000)}, 10))},
		{nil, []string{"enqueu"}},
		{nil, []string{"version", "--json"}},
		{nil, nil},
	} {
		ours, theirs := h.both("", tc.env, tc.args...)
		if ours != theirs || ours.Code < 0 {
			t.Errorf("%.100q %.100q\n%d %.1000s%.1000s\n%d %.1000s%.1000s", tc.env, tc.args, ours.Code, ours.Out, ours.Err, theirs.Code, theirs.Out, theirs.Err)
		}
	}
	if found := h.laid(); len(found) != 1 {
		t.Errorf("%v", found)
	}
}

func TestLines_AFolderThatIsGone_IsToldAsByTheLargeProgram(t *testing.T) {
	t.Parallel()
	h := started(t)
	run := func(program string) house.Result {
		cmd := h.Command()
		cmd.Path, cmd.Args, cmd.Dir = "/bin/sh", []string{"sh", "-c", `mkdir "gone$$" && cd "gone$$" && rmdir "$PWD" && unset PWD && exec "$0" enqueue -- true`, program}, t.TempDir()
		return house.Finish(t, cmd)
	}
	ours, theirs := run(front), run(whole)
	if ours != theirs || ours.Code != 2 {
		t.Errorf("%+v\n%+v", ours, theirs)
	}
}

// A person at a terminal sees the same, in colours, and the reader of a pipe none.
func TestLines_AtATerminal_LookTheSame(t *testing.T) {
	t.Parallel()
	h := started(t)
	screen := func(program string) string {
		cmd := h.Command("status")
		cmd.Path = program
		s, err := house.AtTerminal(cmd, "")
		must(t, err)
		return numbers.ReplaceAllString(s, "N")
	}
	ours, theirs := screen(front), screen(whole)
	if ours != theirs || !strings.Contains(ours, "\x1b[") {
		t.Errorf("%q\n%q", ours, theirs)
	}
	if found := h.laid(); len(found) > 0 {
		t.Errorf("the large program was needed: %v", found)
	}
}

func TestLines_OutputThatCannotBeWritten_IsNotTakenForWhole(t *testing.T) {
	t.Parallel()
	h := started(t)
	run := func(program string) house.Result {
		full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
		must(t, err)
		defer full.Close() //nolint:errcheck // nothing is in it
		var errs strings.Builder
		cmd := h.Command("status")
		cmd.Path, cmd.Stdout, cmd.Stderr = program, full, &errs
		_ = cmd.Run() // its status is looked at below
		return house.Result{Err: errs.String(), Code: cmd.ProcessState.ExitCode()}
	}
	if ours, theirs := run(front), run(whole); ours != theirs || ours.Code != 1 || ours.Err == "" {
		t.Errorf("%+v\n%+v", ours, theirs)
	}
}
