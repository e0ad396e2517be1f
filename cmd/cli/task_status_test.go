package cli

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/sys/unix"

	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/internal/phrase"
	"uratori/internal/process"
)

const statusPath = "/v1/status"

// busy is a house with tasks of every kind.
func busy() control.Status {
	running := asSeen("running", 2).Task
	running.Progress = &control.TaskProgress{Done: 17, Total: 30, Item: "p017.png", EtaS: new(int64(65)), Source: "tqdm"}
	running.PID, running.LastActivity = 4242, at("10:12:03")
	waits := control.Task{Task: 43, Name: "学習", State: "queued", WaitsFor: []int64{42, 41}}
	next := control.Task{Task: 44, Ticket: "A-1", Name: "report", State: "queued", Position: 1}
	later := control.Task{Task: 45, Name: "later", State: "queued", NotBefore: at2099(), Position: 2}
	held := control.Task{Task: 46, Name: "held", State: "queued", Held: true, Position: 3}
	failed := control.Task{Task: 40, Name: strings.Repeat("n", 40), State: "failed", Attempt: 4, Attempts: 4, ExitCode: new(1), Reason: "2 outputs are missing"}
	return control.Status{
		Daemon: control.Daemon{ID: process.ID{PID: 7}, Build: control.Build{Version: "test"}},
		Tasks:  []control.Task{running, waits, next, later, held, failed}, Queue: control.Queue{Slots: 1, Running: 1, Queued: 4},
		Changes: []control.Event{{Ticket: "INTG-088", Kind: "edited"}, {Ticket: "A-1", Kind: "edited"}}, Problems: []control.Problem{}, Dashboard: page,
	}
}

func TestStatus_TellsTheTasks(t *testing.T) {
	h := newHouse(t)
	h.plant(statusPath, busy())
	e := h.run("status")
	h.must(e, 0, "1 of 1 slot in use, 4 tasks wait\n",
		"#42  INTG-088  extract                   running  attempt 2 of 4  [█████░░░░░] 17/30  p017.png  1m05s left\n",
		"#43            学習                      queued                   waits for #42, #41\n",
		"#44  A-1       report                    queued                   next\n",
		"not before 2099-01-01", "#46            held                      held\n",
		"#40            nnnnnnnnnnnnnnnnnnnnnnn…  failed   attempt 4 of 4  2 outputs are missing\n")
	h.lang = phrase.Japanese
	e = h.run("status")
	h.must(e, 0, "使用中のスロット 1/1、待機中のタスク 4 件", "実行中  試行 2/4  [█████░░░░░] 17/30  p017.png  残り 1分05秒", "待機              #42, #41 の成功待ち", "失敗    試行 4/4  2 outputs")
	if e := h.run("status", "--json"); e.code != 0 || !strings.Contains(e.out, `"tasks":[{"task":42,`) {
		t.Error(e.all())
	}
	paused := busy()
	paused.Queue.Paused, paused.Tasks = true, nil
	h.plant(statusPath, paused)
	h.must(h.run("status"), 0, "一時停止中")
}

func TestStatus_OfOneTask(t *testing.T) {
	d := control.TaskDetail{Task: busy().Tasks[0]}
	d.Command, d.Cwd, d.GPU, d.GPUs, d.CreatedAt = []string{"python", "x y.py", "", "it's", "\n"}, "/w", 1, []string{"GPU-1"}, *at("09:00:00")
	d.Runs = []control.Attempt{
		{Attempt: 1, State: "timed_out", Signal: "SIGKILL", StartedAt: *at("09:00:01"), EndedAt: at("10:00:01"), Done: 12, Total: 30, MaxRSS: 2 << 30, CPUMS: 61_000, Reason: "an hour is over", Folder: "/t/42/1"},
		{Attempt: 2, State: "running", StartedAt: *at("10:00:31"), Folder: "/t/42/2"},
	}
	h := newHouse(t)
	h.plant(showTask, d)
	h.plant(statusPath, busy())
	h.must(h.run("status", "#42"), 0, "#42  INTG-088  extract  running", "attempt    2 of 4, pid 4242", "[█████░░░░░] 17/30  p017.png  1m05s left, by its progress bar", "GPU        1, GPU-1", `python 'x y.py' '' 'it'\''s' '\n'`,
		"1  took too long", "SIGKILL", "12/30", "CPU 1m01s, memory up to 2.0 GiB", "an hour is over", "/t/42/2", page)
	e := h.run("status", "42", "--json")
	if e.code != 0 || names(t, e.out) != "tasks tracker changes dashboard" || !strings.Contains(e.out, `"runs":[{"attempt":1,`) || strings.Count(e.out, `"kind":"edited"`) != 1 {
		t.Error(e.all())
	}
	h.lang = phrase.Japanese
	h.must(h.run("status", "42"), 0, "進捗", "時間切れ", "最後の動き")
	h.plant(showTask, fault.New(fault.NotFound, "daemon.no_such_request", "request", "x"))
	h.must(h.run("status", "42"), 1)
}

// names are the members of an object, in order.
func names(t *testing.T, object string) string {
	t.Helper()
	d := jsontext.NewDecoder(strings.NewReader(object))
	if _, err := d.ReadToken(); err != nil {
		t.Fatal(err)
	}
	var all []string
	for d.PeekKind() == '"' {
		name, err := d.ReadToken()
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, name.String())
		if err := d.SkipValue(); err != nil {
			t.Fatal(err)
		}
	}
	return strings.Join(all, " ")
}

func TestStatus_OfATicket_OrAState_PageByPage(t *testing.T) {
	h := newHouse(t)
	h.plant(statusPath, busy())
	first := control.TaskPage{Tasks: busy().Tasks[:2], Next: 42, Dashboard: page, Queue: control.Queue{Slots: 1}}
	second := control.TaskPage{Tasks: busy().Tasks[1:4], Dashboard: page}
	h.plant(control.TasksPath, first)
	h.must(h.run("status", "INTG-088"), 0, "#42", "#43", "there are older ones; --all lists them", page)
	h.plant(control.TasksPath, first, second)
	e := h.run("status", "INTG-088", "--all", "--state", "queued")
	h.must(e, 0, "#42", "#45")
	if strings.Count(e.out, "#43 ") != 1 || strings.Contains(e.out, "older") {
		t.Error(e.out)
	}
	q := queries(h, control.TasksPath)
	if q[1].Get("ticket") != "INTG-088" || q[1].Get("state") != "queued" || q[1].Get("before") != "0" || q[2].Get("before") != "42" {
		t.Error(q)
	}
	h.plant(control.TasksPath, first)
	h.must(h.run("status", "--all"), 1, "turns in a circle at #42")
	e = h.run("status", "A-1", "--json")
	if e.code != 0 || names(t, e.out) != "tasks queue tracker changes next dashboard" || strings.Count(e.out, `"kind":"edited"`) != 1 {
		t.Error(e.all())
	}
	h.plant(control.TasksPath, control.TaskPage{})
	h.must(h.run("status", "A-1"), 0, "A-1 has no tasks")
	h.must(h.run("status", "--state", "failed"), 0, "there are no tasks")
	if e := h.run("status", "A-1", "--json"); !strings.HasPrefix(e.out, `{"tasks":[],"queue":{`) {
		t.Error(e.out)
	}
}

// What came from a job cannot begin a line that passes for ours.
func TestStatus_HostileTexts_ForgeNothing(t *testing.T) {
	const evil = "x\n✔ no problems\x1b[2J\r\u2028✔\t"
	s := busy()
	for i := range s.Tasks {
		p := control.TaskProgress{Done: -5, Total: -1, Item: evil, Phase: evil, Source: evil, EtaS: new(int64(-5))}
		s.Tasks[i] = control.Task{Task: -1, Ticket: evil, Name: evil, State: evil, Reason: evil, Signal: evil, Progress: &p, Command: []string{evil}, Cwd: evil, GPUs: []string{evil}, GPU: 1, Dashboard: evil}
	}
	d := control.TaskDetail{Task: s.Tasks[0], Runs: []control.Attempt{{State: evil, Signal: evil, Reason: evil, Folder: evil}}}
	h := newHouse(t)
	h.plant(statusPath, s)
	h.plant(showTask, d)
	for _, args := range [][]string{{"status"}, {"status", "42"}} {
		e := h.run(args...)
		h.must(e, 0)
		checks := 0
		for line := range strings.Lines(e.all()) {
			if strings.HasPrefix(line, "✔") {
				checks++
			}
			if strings.ContainsAny(line, "\r\u2028\t") {
				t.Errorf("%q", line)
			}
		}
		if checks != 2-len(args) {
			t.Error(e.out)
		}
	}
}

func TestWatch_WhereThereIsNoTerminal_ALineForEachChange(t *testing.T) {
	h := newHouse(t)
	one, two := asSeen("running", 1), asSeen("running", 1)
	one.Progress, one.LastActivity = &control.TaskProgress{Done: 1, Total: 3, EtaS: new(int64(9))}, at("10:00:00")
	two.Progress, two.LastActivity = &control.TaskProgress{Done: 1, Total: 3, EtaS: new(int64(7))}, at("10:00:01")
	h.plant(showTask, one, two, fault.New(fault.Unavailable, "store.closed"), asSeen("succeeded", 1))
	e := h.run("status", "42", "--watch", "--interval", "10ms")
	h.must(e, 0, "running", "[███░░░░░░░] 1/3", "succeeded", "nothing can be seen: the daemon is stopping")
	if lines := strings.Count(e.out, "\n"); lines != 2 {
		t.Errorf("%d lines:\n%s", lines, e.out)
	}
	h.plant(showTask, fault.New(fault.NotFound, "daemon.no_such_request", "request", "x"))
	h.must(h.run("status", "42", "--watch", "--interval", "10ms"), 1)
}

func TestWatch_JSON_AnObjectForEachChange(t *testing.T) {
	h := newHouse(t)
	h.plant(statusPath, busy())
	h.plant(showTask, asSeen("running", 1), asSeen("running", 1), asSeen("failed", 1))
	e := h.run("status", "42", "--watch", "--json", "--interval", "10ms")
	if lines := strings.Count(e.out, "\n"); e.code != 0 || e.err != "" || lines != 2 || !strings.Contains(e.out, `"state":"failed"`) {
		t.Error(e.all())
	}
}

func TestWatch_OnATerminal_IsDrawnOverItself_AndEndsWithCtrlC(t *testing.T) {
	h := newHouse(t)
	h.plant(statusPath, busy())
	person, out := openTerminal(t)
	if err := unix.IoctlSetWinsize(int(out.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 7, Col: 40}); err != nil {
		t.Fatal(err)
	}
	a, errs := newApp(out, phrase.English)
	a.getenv = func(name string) string { return h.env[name] }
	ctx, cancel := context.WithCancel(t.Context())
	looks := 0
	h.plant(statusPath, does(func(w http.ResponseWriter, _ *http.Request) {
		if looks++; looks == 3 {
			cancel()
		}
		if err := json.MarshalWrite(w, busy()); err != nil {
			t.Error(err)
		}
	}))
	if code := a.run(ctx, []string{"status", "--watch", "--interval", "10ms"}); code != 0 || errs.Len() != 0 {
		t.Errorf("%d %s", code, errs)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	shown, err := io.ReadAll(person) // and then an error: nobody is there
	if len(shown) == 0 {
		t.Fatal(err)
	}
	text := string(shown)
	for _, want := range []string{"\x1b[?25l", "#42  INTG-088  extract", "… and ", "\x1b[6A", "\x1b[J", "\x1b[?25h"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in %q", want, text)
		}
	}
	for line := range strings.SplitSeq(strings.ReplaceAll(text, "\x1b[K", ""), "\r\n") {
		if i := strings.LastIndex(line, "\r"); displayWidth(line[i+1:]) > 39 && !strings.Contains(line, "\x1b") {
			t.Errorf("%q does not fit", line)
		}
	}
}
