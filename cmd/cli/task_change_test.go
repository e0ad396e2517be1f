package cli

import (
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/internal/phrase"
)

const (
	editPath    = control.TasksPath + "/edit"
	holdPath    = control.TasksPath + "/hold"
	retryPath   = control.TasksPath + "/retry"
	beatPath    = control.TasksPath + "/beat"
	executePath = control.TasksPath + "/execute"
	cleanPath   = control.TasksPath + "/cleanup"
	statsPath   = control.TasksPath + "/statistics"
)

func TestEdit_SendsWhatIsNamedAndNothingElse(t *testing.T) {
	zero, ten := 0, 10
	name := "抽出"
	long, none := int64(90*60*1000), int64(0)
	for line, want := range map[string]control.EditTask{
		"--name 抽出":                    {Name: &name},
		"--priority 10 --retries 0":    {Priority: &ten, Retries: &zero},
		"--timeout 90m":                {TimeoutMS: &long},
		"--timeout 0s":                 {TimeoutMS: &none},
		"--after 41,#43":               {After: &[]int64{41, 43}},
		"--after none":                 {After: &[]int64{}},
		"-- sh -c --priority":          {Command: []string{"sh", "-c", "--priority"}},
		"--priority 10 -- sh -- x":     {Priority: &ten, Command: []string{"sh", "--", "x"}},
		"--at 2099-01-01T00:00:00Z":    {NotBefore: at2099()},
		"--priority 0 --name 抽出 -- ls": {Priority: &zero, Name: &name, Command: []string{"ls"}},
	} {
		h := newHouse(t)
		h.plant(editPath, asSeen("queued", 0).Task)
		h.must(h.run(append([]string{"edit", "#42"}, strings.Fields(line)...)...), 0, "#42  INTG-088  extract  queued", page)
		want.Task = 42
		if diff := cmp.Diff(want, last[control.EditTask](h), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s: %s", line, diff)
		}
	}
	h := newHouse(t)
	h.plant(editPath, asSeen("queued", 0).Task)
	before := time.Now().Add(-time.Second)
	h.must(h.run("edit", "42", "--at", "now"), 0)
	if got := last[control.EditTask](h).NotBefore; got.Before(before) || got.After(time.Now()) {
		t.Error(got)
	}
	// An empty list is not the same as none.
	h.must(h.run("edit", "42", "--after", "none"), 0)
	if all := h.requests(); !strings.Contains(all[len(all)-1].body, `"after":[]`) {
		t.Error(all)
	}
}

func at2099() *time.Time {
	t := time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)
	return &t
}

func TestTaskCommands_WordsThatMeanNothing_AreRefusedBeforeAnythingIsSent(t *testing.T) {
	for line, want := range map[string]string{
		"edit":                         "1 arguments",
		"edit 42":                      "there is nothing to change",
		"edit 42 --":                   "there is no command",
		"edit 42 43 --priority 1":      "1 arguments",
		"edit x --priority 1":          "x is no task",
		"edit -- 42":                   "1 arguments",
		"edit 42 --retries -1":         "--retries -1: give 0 or more",
		"edit 42 --timeout 5":          "--timeout 5: give a length",
		"edit 42 --after x":            "--after: x is no task",
		"edit 42 --after none,41":      "none is no task",
		"edit 42 --at yesterday":       "--at yesterday: give a time of day",
		"edit 42 --name=":              "--name is empty",
		"edit 42 --gpu 1":              "unknown flag --gpu",
		"retry":                        "1 arguments",
		"retry x":                      "x is no task",
		"pause x":                      "x is no task",
		"pause 1 2":                    "1 arguments",
		"resume all":                   "all is no task",
		"beat":                         "which task?",
		"beat x":                       "x is no task",
		"execute 42":                   "0 arguments",
		"cleanup x":                    "x: give a number of days",
		"cleanup 7d":                   "7d: give a number of days",
		"cleanup 1 2":                  "1 arguments",
		"cleanup 99999999":             "give a number of days",
		"stats 42":                     "0 arguments",
		"status x":                     "x is neither a task, as 42, nor a ticket",
		"status #":                     "# is no task",
		"status 0":                     "0 is no task",
		"status 42 43":                 "1 arguments",
		"status 42 --all":              "--all and --state choose among tasks",
		"status --interval 5s":         "--interval has no meaning without --watch",
		"status --watch --interval 0s": "--interval 0s: give more than nothing",
		"status --state=":              "--state is empty",
		"status intg-088":              "neither",
		"status 99999999999999999999":  "is no task",
	} {
		h := newHouse(t)
		h.must(h.run(strings.Fields(line)...), 2, want)
		if n := len(h.requests()); n != 0 {
			t.Errorf("%q: %d requests", line, n)
		}
		h.lang = phrase.Japanese
		if e := h.run(strings.Fields(line)...); e.code != 2 || !hiragana.MatchString(e.err) {
			t.Errorf("%q: %d %s", line, e.code, e.all())
		}
	}
}

func TestHold_TheQueueOrATask(t *testing.T) {
	held := asSeen("queued", 0).Task
	held.Held = true
	stopped := asSeen("running", 1).Task
	stopped.Task, stopped.Held = 43, true
	over := asSeen("succeeded", 1).Task
	over.Task = 7
	h := newHouse(t)
	h.plant(holdPath, control.TaskPage{Tasks: []control.Task{stopped, held, over}, Queue: control.Queue{Paused: true, Slots: 2, Running: 1, Queued: 1}, Dashboard: page})
	e := h.run("pause")
	h.must(e, 0, "1 of 2 slots in use, 1 task waits, the queue is paused", "#42  INTG-088  extract  held", "#43  INTG-088  extract  paused", page)
	if got := last[control.Hold](h); !got.Hold || got.Task != 0 || strings.Contains(e.out, "#7") {
		t.Errorf("%+v %s", got, e.out)
	}
	e = h.run("resume", "43")
	h.must(e, 0, "#43")
	if got := last[control.Hold](h); got.Hold || got.Task != 43 || strings.Contains(e.out, "#42") {
		t.Errorf("%+v %s", got, e.out)
	}
	if e := h.run("pause", "--json"); e.code != 0 || !strings.HasPrefix(e.out, `{"tasks":[{"task":43,`) {
		t.Error(e.all())
	}
	h.lang = phrase.Japanese
	h.must(h.run("pause"), 0, "保留", "一時停止", "使用中のスロット 1/2")
}

func TestRetryExecuteAndBeat(t *testing.T) {
	h := newHouse(t)
	h.env["URATORI_TASK"] = "41"
	h.plant(retryPath, queued())
	h.must(h.run("retry", "42", "--from-start"), 0, "#42 (INTG-088): queued, next", page)
	if got := last[control.Retry](h); got.Task != 42 || !got.FromStart {
		t.Errorf("%+v", got)
	}
	h.plant(executePath, asSeen("starting", 1).Task)
	h.must(h.run("execute"), 0, "#42  INTG-088  extract  starting")
	h.plant(executePath, fault.New(fault.NotFound, "daemon.no_such_request", "request", "x"))
	h.must(h.run("execute"), 1)
	h.plant(beatPath, asSeen("running", 1).Task)
	for _, args := range [][]string{{"beat"}, {"beat", "#42"}} {
		if e := h.run(args...); e.code != 0 || e.all() != "" {
			t.Errorf("%q: %d %q", args, e.code, e.all())
		}
	}
	var asked []string
	for _, r := range h.requests() {
		if r.path == beatPath {
			asked = append(asked, r.body)
		}
	}
	if diff := cmp.Diff([]string{`{"task":41}`, `{"task":42}`}, asked); diff != "" {
		t.Error(diff)
	}
	if e := h.run("beat", "--json"); !strings.HasPrefix(e.out, `{"task":42,`) {
		t.Error(e.all())
	}
}

func TestCleanup_TellsWhatWentAndWhatStays(t *testing.T) {
	h := newHouse(t)
	h.plant(cleanPath, control.Cleaned{
		Tasks: []control.CleanedTask{{Task: 7, Ticket: "INTG-088", Bytes: 3 << 20}}, Bytes: 3 << 20,
		Kept: []control.CleanedTask{{Task: 8, Bytes: 5, Reason: "it runs\n✔"}},
	})
	h.must(h.run("cleanup"), 0, "#7  INTG-088  3.0 MiB", `kept: it runs\n✔`, "removed what was left of 1 task that ended more than 7 days ago (3.0 MiB); kept that of 1")
	if got := last[control.Cleanup](h); got.Days != 7 || got.DryRun {
		t.Errorf("%+v", got)
	}
	h.plant(cleanPath, control.Cleaned{DryRun: true})
	h.must(h.run("cleanup", "0", "--dry-run"), 0, "would remove what is left of 0 tasks that ended more than 0 days ago", "nothing was done")
	if got := last[control.Cleanup](h); got.Days != 0 || !got.DryRun {
		t.Errorf("%+v", got)
	}
	if e := h.run("cleanup", "--json"); e.out != `{"tasks":[],"kept":[],"bytes":0,"dry_run":true}`+"\n" {
		t.Error(e.all())
	}
}

func TestStats(t *testing.T) {
	s := control.TaskStatistics{
		States: map[string]int{"succeeded": 12, "queued": 1, "failed": 2, "odd": 1, "killed": 0}, Attempts: map[string]int{"succeeded": 12, "timed_out": 1},
		Retries: 3, WaitedMS: 412, RanMS: 3_723_000, Last: 14, DiskBytes: 5 << 30, TaskFolder: "/home/u/tasks",
	}
	h := newHouse(t)
	h.plant(statsPath, s)
	h.must(h.run("stats"), 0, "queued 1, succeeded 12, failed 2, odd 1\n", "succeeded 12, took too long 1\n", "412 ms (median of the last 14)", "1h02m (median", "5.0 GiB  /home/u/tasks")
	want, err := json.Marshal(s, json.Deterministic(true))
	if err != nil {
		t.Fatal(err)
	}
	if e := h.run("stats", "--json"); !jsonEqual(t, e.out, string(want)) {
		t.Error(e.out)
	}
	h.plant(statsPath, control.TaskStatistics{})
	h.must(h.run("stats"), 0, "none")
	h.lang = phrase.Japanese
	h.must(h.run("stats"), 0, "なし", "待ち時間")
}

func jsonEqual(t *testing.T, a, b string) bool {
	t.Helper()
	var x, y any
	if err := json.Unmarshal([]byte(a), &x); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(b), &y); err != nil {
		t.Fatal(err)
	}
	return cmp.Equal(x, y)
}
