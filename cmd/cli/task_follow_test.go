package cli

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/internal/phrase"
)

const (
	showTask = control.TasksPath + "/show"
	logsPath = control.TasksPath + "/logs"
	waitPath = control.TasksPath + "/wait"
)

func asSeen(state string, attempt int) control.TaskDetail {
	return control.TaskDetail{Task: control.Task{Task: 42, Ticket: "INTG-088", Name: "extract", State: state, Attempt: attempt, Attempts: 4, Dashboard: page}}
}

func chunk(attempt int, stream string, offset int64, data string) control.LogChunk {
	return control.LogChunk{Stream: stream, Attempt: attempt, Offset: offset, Data: []byte(data)}
}

// stream answers with chunks, then with whatever last is: nothing, a fault, or
// a hang-up.
func stream(t *testing.T, last any, chunks ...control.LogChunk) does {
	return func(w http.ResponseWriter, _ *http.Request) {
		for _, c := range chunks {
			if err := json.MarshalWrite(w, c); err != nil {
				t.Error(err)
			}
		}
		if f, ok := w.(http.Flusher); ok {
			f.Flush()
		}
		switch v := last.(type) {
		case hangUp:
			panic(http.ErrAbortHandler)
		case error:
			if err := json.MarshalWrite(w, control.ErrorBody{Error: control.Encode(v)}); err != nil {
				t.Error(err)
			}
		}
	}
}

// asked are the queries of a path so far.
func queries(h *house, path string) []url.Values {
	h.t.Helper()
	var all []url.Values
	for _, r := range h.requests() {
		if r.path == path {
			q, err := url.ParseQuery(r.query)
			if err != nil {
				h.t.Error(err)
			}
			all = append(all, q)
		}
	}
	return all
}

func TestLogs_TheBytesAsTheyWereWritten(t *testing.T) {
	h := newHouse(t)
	h.plant(logsPath, stream(t, nil, chunk(1, "stdout", 0, "\x1b[2J日\xe6"), chunk(1, "stdout", 8, "\x97\xa5\r\x00\xff")))
	if e := h.run("logs", "#42"); e.code != 0 || e.out != "\x1b[2J日日\r\x00\xff" || e.err != "" {
		t.Errorf("%d %q %q", e.code, e.out, e.err)
	}
	if e := h.run("logs", "42", "-n", "50", "--since", "1d", "--attempt", "2", "--stderr"); e.code != 0 {
		t.Error(e.all())
	}
	q := queries(h, logsPath)[1]
	for name, want := range map[string]string{"task": "42", "lines": "50", "since_ms": "86400000", "attempt": "2", "stream": "stderr", "follow": "false"} {
		if q.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, q.Get(name), want)
		}
	}
}

func TestLogs_TwoStreams_ShareNoLine(t *testing.T) {
	h := newHouse(t)
	h.plant(logsPath, stream(t, nil, chunk(1, "stdout", 0, "a"), chunk(1, "stderr", 0, "E\n"), chunk(1, "stdout", 1, "b\n"), chunk(1, "stderr", 2, "\r 10%"), chunk(1, "stdout", 3, "c")))
	if e := h.run("logs", "42"); e.out != "a\nE\nb\n\r 10%\nc" {
		t.Errorf("%q", e.out)
	}
	if e := h.run("logs", "42", "--stdout"); e.out != "aE\nb\n\r 10%c" { // the daemon sends but one
		t.Errorf("%q", e.out)
	}
}

func TestLogs_AGapIsToldBesideTheLog(t *testing.T) {
	gap := chunk(1, "stdout", 1000, "rest\n")
	gap.Gap = 990
	h := newHouse(t)
	h.plant(logsPath, stream(t, nil, chunk(1, "stdout", 0, "beginning\n"), gap))
	if e := h.run("logs", "42"); e.out != "beginning\nrest\n" || !strings.Contains(e.err, "990 bytes of stdout are missing here") {
		t.Errorf("%q %q", e.out, e.err)
	}
	e := h.run("logs", "42", "--json")
	if e.err != "" || !strings.Contains(e.out, `{"stream":"stdout","attempt":1,"offset":1000,"data":"cmVzdAo=","gap":990}`) {
		t.Errorf("%q %q", e.out, e.err)
	}
}

func TestLogs_WhatBreaksThemOff_IsTold(t *testing.T) {
	h := newHouse(t)
	h.plant(logsPath, stream(t, fault.New(fault.Failed, "store.disk_full", "file", "x"), chunk(1, "stdout", 0, "so far\n")))
	h.must(h.run("logs", "42"), 1, "so far\n", "the disk of x is full")
	h.plant(logsPath, stream(t, hangUp{}, chunk(1, "stdout", 0, "so far\n")))
	h.must(h.run("logs", "42"), 3, "so far\n", "could not be read")
	h.plant(logsPath, fault.New(fault.NotFound, "daemon.no_such_request", "request", "x"))
	h.must(h.run("logs", "42"), 1)
}

func TestLogs_WordsThatMeanNothing(t *testing.T) {
	for _, tc := range []struct {
		args []string
		want string
	}{
		{nil, "1 arguments"},
		{[]string{"41", "42"}, "1 arguments"},
		{[]string{"extract"}, "extract is no task; give its number"},
		{[]string{"0"}, "0 is no task"},
		{[]string{"+1"}, "+1 is no task"},
		{[]string{"##1"}, "##1 is no task"},
		{[]string{"4２"}, "is no task"},
		{[]string{"99999999999999999999"}, "is no task"},
		{[]string{"42", "-n", "0"}, "--lines 0: give 1 or more"},
		{[]string{"42", "-n", "-5"}, "--lines -5: give 1 or more"},
		{[]string{"42", "--attempt", "0"}, "--attempt 0: give 1 or more"},
		{[]string{"42", "--since", "yesterday"}, "--since yesterday: give a length"},
		{[]string{"42", "--stdout", "--stderr"}, "give one or none"},
	} {
		h := newHouse(t)
		h.must(h.run(append([]string{"logs"}, tc.args...)...), 2, tc.want)
		if n := len(h.requests()); n != 0 {
			t.Errorf("%q: %d requests", tc.args, n)
		}
	}
}

// A follower shows each attempt once, whatever becomes of the daemon.
func TestLogsFollow_GoesOnFromAttemptToAttempt_AndOverARestartOfTheDaemon(t *testing.T) {
	h := newHouse(t)
	queue := asSeen("queued", 0)
	h.plant(showTask, queue, queue, queue, queue, queue, queue, asSeen("running", 1), asSeen("running", 1), asSeen("queued", 1), asSeen("running", 2), asSeen("running", 2), asSeen("succeeded", 2), asSeen("succeeded", 2))
	h.plant(logsPath,
		stream(t, hangUp{}, chunk(1, "stdout", 0, "one\ntw")),
		stream(t, nil, chunk(1, "stdout", 0, "one\ntwo\n"), chunk(1, "stderr", 0, "E\n")),
		stream(t, fault.New(fault.Unavailable, "store.closed"), chunk(2, "stdout", 0, "a")),
		stream(t, nil, chunk(2, "stdout", 0, "ab\n")),
	)
	e := h.run("logs", "-f", "42")
	h.must(e, 0)
	if e.out != "one\ntwo\nE\nab\n" {
		t.Errorf("%q", e.out)
	}
	for _, want := range []string{"#42 is not at work: queued", "the daemon has gone", "#42: attempt 2 of 4 begins here"} {
		if strings.Count(e.err, want) < 1 {
			t.Errorf("no %q in %q", want, e.err)
		}
	}
	var attempts []string
	for _, q := range queries(h, logsPath) {
		attempts = append(attempts, q.Get("attempt"))
		if q.Get("follow") != "true" {
			t.Error(q)
		}
	}
	if got := strings.Join(attempts, " "); got != "1 1 2 2" {
		t.Error(got)
	}
}

// A stream is gone on with where it was, also one whose beginning alone is known.
func TestLogsFollow_FromTheEnd_GoesOnThereAfterALoss(t *testing.T) {
	h := newHouse(t)
	running := asSeen("running", 1)
	h.plant(showTask, running, running, asSeen("running", 2), asSeen("running", 2), asSeen("succeeded", 2))
	h.plant(logsPath,
		stream(t, hangUp{}, chunk(1, "stdout", 500, ""), chunk(1, "stderr", 70, ""), chunk(1, "stdout", 500, "old\n")),
		stream(t, nil, chunk(1, "stdout", 504, "new\n")),
		stream(t, nil, chunk(2, "stdout", 0, "again\n")),
	)
	e := h.run("logs", "-f", "42", "-n", "1", "--since", "1m")
	h.must(e, 0)
	if e.out != "old\nnew\nagain\n" {
		t.Errorf("%q", e.out)
	}
	var got []string
	for _, q := range queries(h, logsPath) {
		got = append(got, strings.Join([]string{q.Get("attempt"), q.Get("lines"), q.Get("from_stdout"), q.Get("from_stderr")}, "/"))
	}
	if want := "1/1// 1/1/504/70 2/0//"; strings.Join(got, " ") != want {
		t.Errorf("%q, want %s", got, want)
	}
}

func TestLogsFollow_AnEndedTask_IsShownToItsEnd(t *testing.T) {
	h := newHouse(t)
	h.plant(showTask, asSeen("failed", 3))
	h.plant(logsPath, stream(t, nil, chunk(3, "stdout", 0, "x\n")))
	if e := h.run("logs", "-f", "42", "-n", "7"); e.code != 0 || e.out != "x\n" {
		t.Errorf("%d %q", e.code, e.all())
	}
	if q := queries(h, logsPath)[0]; q.Get("attempt") != "3" || q.Get("lines") != "7" {
		t.Error(q)
	}
	h.plant(showTask, asSeen("running", 3), asSeen("running", 4))
	h.plant(logsPath, stream(t, nil, chunk(2, "stdout", 0, "y\n")))
	if e := h.run("logs", "-f", "42", "--attempt", "2"); e.code != 0 || e.out != "y\n" {
		t.Errorf("%d %q", e.code, e.all())
	}
}

func TestLogsFollow_CtrlC_IsHowItEnds(t *testing.T) {
	h := newHouse(t)
	ctx, cancel := context.WithCancel(t.Context())
	h.plant(showTask, asSeen("running", 1))
	h.plant(logsPath, does(func(w http.ResponseWriter, r *http.Request) {
		stream(t, nil, chunk(1, "stdout", 0, "x\n"))(w, r)
		<-r.Context().Done()
	}))
	a, errs := newApp(&trigger{word: "x\n", then: cancel}, phrase.English)
	a.getenv = func(name string) string { return h.env[name] }
	if code := a.run(ctx, []string{"logs", "-f", "42"}); code != 0 || errs.Len() != 0 {
		t.Errorf("%d %s", code, errs)
	}
}

func TestRun_IsAsIfTheCommandRanHere(t *testing.T) {
	here(t)
	for _, tc := range []struct {
		end  control.TaskDetail
		code int
		want string
	}{
		{asSeen("succeeded", 1), 0, "#42 (INTG-088 extract): succeeded"},
		{asSeen("failed", 1), 1, "#42 (INTG-088 extract): failed"},
		{asSeen("killed", 1), 1, "#42 (INTG-088 extract): killed"},
	} {
		h := newHouse(t)
		h.plant(control.TasksPath, queued())
		h.plant(showTask, asSeen("queued", 0), asSeen("running", 1), tc.end)
		h.plant(logsPath, stream(t, nil, chunk(1, "stdout", 0, "out\n"), chunk(1, "stderr", 0, "err")))
		e := h.run("run", "INTG-088", "extract", "--", "python", "x.py")
		h.must(e, tc.code, tc.want, page)
		if e.out != "out\n" || !strings.Contains(e.err, "err") {
			t.Errorf("%q %q", e.out, e.err)
		}
	}
}

func TestRun_JSON_IsLinesOnly(t *testing.T) {
	here(t)
	h := newHouse(t)
	h.plant(control.TasksPath, queued())
	h.plant(showTask, asSeen("running", 1), asSeen("succeeded", 1))
	h.plant(logsPath, stream(t, nil, chunk(1, "stdout", 0, "out\n")))
	e := h.run("run", "--json", "--", "true")
	lines := strings.Split(strings.TrimSpace(e.out), "\n")
	if e.code != 0 || e.err != "" || len(lines) != 2 || !strings.HasPrefix(lines[0], `{"stream":"stdout"`) || !strings.HasPrefix(lines[1], `{"task":42,`) {
		t.Errorf("%d %q %q", e.code, e.out, e.err)
	}
}

func TestRun_CtrlC_LeavesTheTask(t *testing.T) {
	here(t)
	for _, lang := range []phrase.Lang{phrase.English, phrase.Japanese} {
		h := newHouse(t)
		h.lang = lang
		ctx, cancel := context.WithCancel(t.Context())
		h.plant(control.TasksPath, queued())
		h.plant(showTask, asSeen("running", 1))
		h.plant(logsPath, does(func(w http.ResponseWriter, r *http.Request) {
			cancel()
			<-r.Context().Done()
		}))
		h.must(h.runIn(ctx, "run", "--", "sleep", "9"), 3, "uratori logs -f 42", "uratori kill 42")
		for _, r := range h.requests() {
			if strings.HasSuffix(r.path, "/kill") {
				t.Error("it was killed")
			}
		}
	}
}

func TestRun_WhatCannotBeEnqueued_IsNotFollowed(t *testing.T) {
	here(t)
	h := newHouse(t)
	h.plant(control.TasksPath, fault.New(fault.Invalid, "ledger.not_a_count", "value", 1))
	h.must(h.run("run", "--", "true"), 2)
	h.must(h.run("run", "--hold", "--", "true"), 2, "unknown flag --hold") // it would never begin
}

func TestWait_TheStatusIsThatOfTheTask(t *testing.T) {
	one, sig := 1, "SIGKILL"
	failed := asSeen("failed", 4).Task
	failed.ExitCode, failed.Reason = &one, "no output for p012.png\n✔"
	began, over := time.Now().Add(-65*time.Second), time.Now()
	failed.StartedAt, failed.EndedAt = &began, &over
	killed := asSeen("killed", 1).Task
	killed.Signal = sig
	for _, tc := range []struct {
		t    control.Task
		code int
		want string
	}{
		{asSeen("succeeded", 1).Task, 0, "#42 (INTG-088 extract): succeeded\n"},
		{failed, 1, `#42 (INTG-088 extract): failed, took 1m05s, no output for p012.png\n✔` + "\n"},
		{killed, 1, "killed, SIGKILL\n"},
	} {
		h := newHouse(t)
		h.plant(waitPath, tc.t)
		h.must(h.run("wait", "42"), tc.code, tc.want, page)
		if q := queries(h, waitPath)[0]; q.Get("task") != "42" || q.Get("ms") != "60000" {
			t.Error(q)
		}
		if e := h.run("wait", "42", "--json"); e.code != tc.code || !strings.HasPrefix(e.out, `{"task":42,`) {
			t.Errorf("%d %q", e.code, e.all())
		}
	}
}

func TestWait_ATaskThatHasNotEnded_IsNoSuccess(t *testing.T) {
	h := newHouse(t)
	h.plant(waitPath, does(func(w http.ResponseWriter, r *http.Request) {
		ms, err := time.ParseDuration(r.URL.Query().Get("ms") + "ms")
		if err != nil || ms > 50*time.Millisecond {
			t.Errorf("%v %v", ms, err)
		}
		wait(r.Context(), ms, nil)
		running := asSeen("running", 1).Task
		running.Progress = &control.TaskProgress{Done: 17, Total: 30}
		if err := json.MarshalWrite(w, running); err != nil {
			t.Error(err)
		}
	}))
	h.must(h.run("wait", "42", "--timeout", "50ms"), 3, "#42 (INTG-088 extract) has not ended yet: running, 17/30")
	h.must(h.run("wait", "42", "--timeout", "0s"), 2, "give more than nothing")
	h.must(h.run("wait", "42", "--timeout", "-1s"), 2, "give a length of time")
	h.must(h.run("wait"), 2, "1 arguments")
	h.must(h.run("wait", "INTG-088"), 2, "INTG-088 is no task")
	// What is queued again has not ended, nor what is in a state we do not know.
	for _, state := range []string{"queued", "stalled", "hibernating", ""} {
		if standing(control.Task{State: state}) == nil {
			t.Errorf("%q is a success", state)
		}
	}
}

func TestWait_OverARestartOfTheDaemon(t *testing.T) {
	h := newHouse(t)
	h.plant(waitPath, hangUp{}, asSeen("running", 1).Task, fault.New(fault.Unavailable, "store.closed"), asSeen("succeeded", 1).Task)
	e := h.run("wait", "42")
	h.must(e, 0, "succeeded", "the daemon has gone")
	if strings.Count(e.err, "the daemon has gone") != 1 {
		t.Error(e.err)
	}
	h.plant(waitPath, fault.New(fault.NotFound, "daemon.no_such_request", "request", "x"))
	h.must(h.run("wait", "42"), 1)
	ctx, cancel := context.WithCancel(t.Context())
	h.plant(waitPath, does(func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	}))
	h.must(h.runIn(ctx, "wait", "42"), 3, "#42 goes on")
}

func TestWait_ForADaemonThatStaysAway_NoLongerThanAsked(t *testing.T) {
	h := newHouse(t)
	h.plant(waitPath, does(func(http.ResponseWriter, *http.Request) {
		_ = h.server.Listener.Close()
		panic(http.ErrAbortHandler)
	}))
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	h.must(h.runIn(ctx, "wait", "42", "--timeout", "100ms"), 3, "the daemon has gone")
	if ctx.Err() != nil {
		t.Error("it waits on")
	}
}
