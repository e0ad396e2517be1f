package cli

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/internal/phrase"
)

const page = "http://127.0.0.1:8088/tasks/42"

func queued() control.Enqueued {
	return control.Enqueued{Task: 42, Ticket: "INTG-088", State: "queued", Position: 1, Dashboard: page}
}

var hiragana = regexp.MustCompile(`[ぁ-ん]`)

// here is an empty folder, as the daemon hears of it.
func here(t *testing.T) string {
	t.Helper()
	t.Chdir(t.TempDir())
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// Whichever way it is said, it is one request.
func TestEnqueue_EveryWayOfSayingIt(t *testing.T) {
	dir := here(t)
	full := control.Enqueue{
		Ticket: "INTG-088", Name: "extract", Command: []string{"python", "x.py", "--epochs", "3", "--", "-n"}, Cwd: dir,
		Items: []string{"pages/*.png", "more"}, Outputs: []string{"out/{stem}.json"}, Each: 2, GPU: 1, OnGPUError: "cpu",
		TimeoutMS: 2 * 86_400_000, StallMS: 5_400_000, Retries: new(0), Priority: -3, After: []int64{40, 41, 7},
		Env: map[string]string{"A": "b=c", "EMPTY": ""}, Progress: `(?P<done>\d+)`, Hold: true, Key: "k1",
	}
	flags := []string{
		"--items", "pages/*.png", "--items=more", "--out", "out/{stem}.json", "--each", "2", "--gpu", "1", "--on-gpu-error", "cpu", "--timeout", "2d", "--stall-kill", "90m",
		"--retries", "0", "--priority", "-3", "--after", "40,#41", "--after", "7", "--env", "A=b=c", "--env", "EMPTY=", "--progress-regex", `(?P<done>\d+)`, "--hold", "--key", "k1",
	}
	behind := append([]string{"--"}, full.Command...)
	for name, tc := range map[string]struct {
		args []string
		want control.Enqueue
	}{
		"flags last":        {slices.Concat([]string{"INTG-088", "extract"}, flags, behind), full},
		"flags first":       {slices.Concat(flags, []string{"INTG-088", "extract"}, behind), full},
		"flags between":     {slices.Concat([]string{"INTG-088"}, flags, []string{"extract"}, behind), full},
		"name as a flag":    {slices.Concat([]string{"--name", "extract", "INTG-088"}, flags, behind), full},
		"only a command":    {[]string{"--", "true"}, control.Enqueue{Command: []string{"true"}}},
		"a ticket":          {[]string{"ABC2-1", "--", "true"}, control.Enqueue{Ticket: "ABC2-1", Command: []string{"true"}}},
		"a name":            {[]string{"extract", "--", "sh", "-c", "exit 3"}, control.Enqueue{Name: "extract", Command: []string{"sh", "-c", "exit 3"}}},
		"a numbered name":   {[]string{"step-2", "--", "true"}, control.Enqueue{Name: "step-2", Command: []string{"true"}}},
		"ticket, then name": {[]string{"INTG-088", "STEP-8", "--", "true"}, control.Enqueue{Ticket: "INTG-088", Name: "STEP-8", Command: []string{"true"}}},
		"the old habit":     {[]string{"extract", "sh", "-c", "x", "--gpu", "1", "--help"}, control.Enqueue{Name: "extract", Command: []string{"sh", "-c", "x", "--gpu", "1", "--help"}}},
		"habit with flags":  {[]string{"--priority", "2", "extract", "--gpu", "1", "sh", "--gpu", "7"}, control.Enqueue{Name: "extract", GPU: 1, Priority: 2, Command: []string{"sh", "--gpu", "7"}}},
		"a Japanese name":   {[]string{"抽出", "--", "./走る.sh", "引数 一"}, control.Enqueue{Name: "抽出", Command: []string{"./走る.sh", "引数 一"}}},
		"empty arguments":   {[]string{"x", "--", "echo", "", " "}, control.Enqueue{Name: "x", Command: []string{"echo", "", " "}}},
		"a quoted pattern":  {[]string{"--items", "p/*.png", "extract", "--", "true"}, control.Enqueue{Name: "extract", Items: []string{"p/*.png"}, Command: []string{"true"}}},
		"-- as a value":     {[]string{"--name", "--", "--", "true"}, control.Enqueue{Name: "--", Command: []string{"true"}}},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.plant(control.TasksPath, queued())
			h.must(h.run(append([]string{"enqueue"}, tc.args...)...), 0, "#42 (INTG-088", page)
			got := last[control.Enqueue](h)
			if got.Key == "" || tc.want.Key == "" && !strings.HasPrefix(got.Key, "cli-") {
				t.Errorf("key %q", got.Key)
			}
			tc.want.Cwd = dir
			if tc.want.Key == "" {
				got.Key = ""
			}
			if diff := cmp.Diff(tc.want, got, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(control.Enqueue{}, "Environ")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestEnqueue_WordsThatMeanNothing_AreRefusedBeforeAnythingIsSent(t *testing.T) {
	here(t)
	for _, dir := range []string{"pages", "extract"} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{"a.png", "b.png", "pages/a.png", "pages/b.png", "x.py"} {
		if err := os.WriteFile(file, nil, 0o755); err != nil { //nolint:gosec // as everything is on a Windows disk
			t.Fatal(err)
		}
	}
	for _, tc := range []struct {
		args []string
		want string
	}{
		{nil, "there is no command"},
		{[]string{"--"}, "there is no command"},
		{[]string{"INTG-088"}, "there is no command"},
		{[]string{"extract"}, "there is no command"},
		{[]string{"INTG-088", "--"}, "there is no command"},
		{[]string{"--", ""}, "the command is an empty word"},
		{[]string{"", "--", "true"}, "a word before the command is empty"},
		{[]string{"INTG-088", " ", "--", "true"}, "a word before the command is empty"},
		{[]string{"INTG-088", "python", "x.py"}, "put -- before the command: with a ticket, nobody can tell whether python is a name"},
		{[]string{"INTG-088", "extract", "INTG-089", "--", "true"}, "left over: extract INTG-089"},
		{[]string{"extract", "INTG-088", "--", "true"}, "left over: extract INTG-088"},
		{[]string{"extract", "git", "log", "--", "."}, "left over: extract git log"},
		{[]string{"python", "nowhere.py"}, "no program nowhere.py to run, and python was taken as the name"},
		{[]string{"intg-088", "--", "true"}, "intg-088 looks like a ticket but is none"},
		{[]string{"INTG_088", "--", "true"}, "INTG-088"},
		{[]string{"INTG‐088", "--", "true"}, "looks like a ticket"},
		{[]string{"INTG088", "true"}, "looks like a ticket"},
		{[]string{"INTG-０８８", "--", "true"}, "looks like a ticket"},
		{[]string{"extract", "--name", "x", "--", "true"}, "the task has two names: --name x, and extract"},
		{[]string{"--name", "", "--", "true"}, "--name is empty"},
		// The shell has expanded a pattern.
		{[]string{"INTG-088", "--items", "pages/a.png", "pages/b.png", "--", "true"}, "pages/b.png looks like a file that the shell made of a pattern; quote it"},
		{[]string{"INTG-088", "--items", "a.png", "b.png", "c.png", "--out", "o/{stem}", "--", "true"}, "quote it"},
		{[]string{"extract", "--items", "a.png", "b.png", "sh"}, "b.png looks like a file"},
		{[]string{"extract", "--items", "*", "a.png", "extract", "--", "true"}, "quote it"},
		{[]string{"extract", "--items", "gone.png", "missing.png", "--", "true"}, "quote it"},
		{[]string{"--items", "a.png", "x.py", "--", "true"}, "quote it"},
		// Values.
		{[]string{"--each", "0", "--items", "*.png", "--", "true"}, "--each 0: give 1 or more"},
		{[]string{"--each", "2", "--", "true"}, "--each has no meaning without --items"},
		{[]string{"--retries", "-1", "--", "true"}, "--retries -1: give 0 or more"},
		{[]string{"--gpu", "-1", "--", "true"}, "--gpu -1: give 0 or more"},
		{[]string{"--gpu", "all", "--", "true"}, "--gpu all"},
		{[]string{"--on-gpu-error", "retry", "--", "true"}, "only cpu may be given"},
		{[]string{"--timeout", "90", "--", "true"}, "--timeout 90: give a length of time with its unit"},
		{[]string{"--timeout", "0s", "--", "true"}, "--timeout 0s: give more than nothing"},
		{[]string{"--stall-kill", "-5m", "--", "true"}, "--stall-kill -5m: give a length"},
		{[]string{"--delay", "soon", "--", "true"}, "--delay soon: give a length"},
		{[]string{"--at", "25:00", "--", "true"}, "--at 25:00: give a time of day"},
		{[]string{"--at", "2020-01-01T00:00:00Z", "--", "true"}, "that is over; it is "},
		{[]string{"--at", "23:59", "--delay", "1h", "--", "true"}, "--at and --delay"},
		{[]string{"--after", "x", "--", "true"}, "--after: x is no task"},
		{[]string{"--after", "41,,42", "--", "true"}, "--after:  is no task"},
		{[]string{"--after", "0", "--", "true"}, "0 is no task"},
		{[]string{"--env", "A", "--", "true"}, "--env A: give NAME=VALUE"},
		{[]string{"--env", "=x", "--", "true"}, "--env =x: give NAME=VALUE"},
		{[]string{"--env", "A=1", "--env", "A=2", "--", "true"}, "--env A is given twice"},
		{[]string{"--cwd", "", "--", "true"}, "--cwd is empty"},
		{[]string{"--cwd", "nowhere", "--", "true"}, "/nowhere is no folder"},
		{[]string{"--cwd", "a.png", "--", "true"}, "/a.png is no folder"},
		{[]string{"--key", "", "--", "true"}, "--key is empty"},
		{[]string{"--", "cat", "\x93\xfa.txt"}, "is not UTF-8"},
		{[]string{"--env", "A=\xff", "--", "true"}, "is not UTF-8"},
		{[]string{"--items", "\xff", "--", "true"}, "is not UTF-8"},
		{[]string{"--no-such", "--", "true"}, "unknown flag --no-such"},
		{[]string{"INTG-088", "--no-such", "--", "true"}, "unknown flag --no-such"},
		{[]string{"INTG-088", "--timeout", "x", "--", "true"}, "--timeout x: give a length"},
		{[]string{"INTG-088", "--name"}, "--name needs a value"},
	} {
		for _, lang := range []phrase.Lang{phrase.English, phrase.Japanese} {
			h := newHouse(t)
			if h.lang = lang; lang == phrase.English {
				h.must(h.run(append([]string{"enqueue"}, tc.args...)...), 2, tc.want)
			} else {
				e := h.run(append([]string{"enqueue"}, tc.args...)...)
				if h.must(e, 2, "uratori: "); !hiragana.MatchString(e.err) {
					t.Errorf("%q: %s", tc.args, e.err)
				}
			}
			if n := len(h.requests()); n != 0 {
				t.Errorf("%q: %d requests", tc.args, n)
			}
		}
	}
}

func TestEnqueue_TheTicketIsThatOfTheEnvironment_UnlessOneIsGiven(t *testing.T) {
	here(t)
	h := newHouse(t)
	h.env["TRACKER_ID"] = "INTG-077"
	h.plant(control.TasksPath, queued())
	h.must(h.run("enqueue", "extract", "--", "true"), 0)
	if got := last[control.Enqueue](h).Ticket; got != "INTG-077" {
		t.Errorf("%q", got)
	}
	h.must(h.run("enqueue", "INTG-088", "--", "true"), 0)
	if got := last[control.Enqueue](h).Ticket; got != "INTG-088" {
		t.Errorf("%q", got)
	}
	h.env["TRACKER_ID"] = ""
	h.must(h.run("enqueue", "extract", "--", "true"), 0)
	if got := last[control.Enqueue](h).Ticket; got != "" {
		t.Errorf("%q", got)
	}
	h.env["TRACKER_ID"] = "\t"
	h.must(h.run("enqueue", "extract", "--", "true"), 2, "TRACKER_ID", "cannot be a ticket")
}

func TestEnqueue_TheEnvironmentGoesAlong_ButForWhatIsUratorisOwn(t *testing.T) {
	here(t)
	h := newHouse(t)
	h.plant(control.TasksPath, queued())
	for _, name := range []string{"URATORI_TASK", "URATORI_TOKEN", "PUSHOVER_TOKEN", "TRACKER_ID", "TRACKER_WORKSPACE"} {
		h.env[name] = "X-1"
	}
	h.env["KEEP"], h.env["MULTI"], h.env["SJIS"] = "値=1", "a\nb", "\x93\xfa"
	h.must(h.run("enqueue", "--", "true"), 0, "the variable SJIS is not UTF-8 and is not handed to the job")
	got := last[control.Enqueue](h)
	for _, v := range got.Environ {
		name, _, _ := strings.Cut(v, "=")
		if strings.HasPrefix(name, "URATORI_") || strings.HasPrefix(name, "PUSHOVER_") || strings.HasPrefix(name, "TRACKER_") || name == "SJIS" {
			t.Error(v)
		}
	}
	for _, want := range []string{"KEEP=値=1", "MULTI=a\nb", "PATH=" + h.env["PATH"]} {
		if !slices.Contains(got.Environ, want) {
			t.Errorf("no %q in %q", want, got.Environ)
		}
	}
}

func TestEnqueue_TheFolder(t *testing.T) {
	dir := here(t)
	if err := os.Mkdir("sub", 0o700); err != nil {
		t.Fatal(err)
	}
	h := newHouse(t)
	h.plant(control.TasksPath, queued())
	for named, want := range map[string]string{"sub": dir + "/sub", ".": dir, "/": "/", "sub/..": dir, "~/": h.env["HOME"]} {
		h.must(h.run("enqueue", "--cwd", named, "--", "./x.sh"), 0)
		if got := last[control.Enqueue](h).Cwd; got != filepath.Clean(want) {
			t.Errorf("%q: %q", named, got)
		}
	}
}

func TestEnqueue_Times(t *testing.T) {
	here(t)
	h := newHouse(t)
	h.plant(control.TasksPath, queued())
	before := time.Now()
	h.must(h.run("enqueue", "--delay", "1h30m", "--", "true"), 0, "not before ")
	got := last[control.Enqueue](h)
	if d := got.NotBefore.Sub(before); d < 90*time.Minute || d > 91*time.Minute {
		t.Error(d)
	}
	h.must(h.run("enqueue", "--at", "2099-11-21T21:30:00+09:00", "--", "true"), 0, "not before 2099-11-21 ")
	if got := last[control.Enqueue](h); got.NotBefore.UTC().Format(time.RFC3339) != "2099-11-21T12:30:00Z" {
		t.Error(got.NotBefore)
	}
}

func TestEnqueue_AnswerThatIsLost_IsAskedForAgainUnderTheSameKey(t *testing.T) {
	here(t)
	h := newHouse(t)
	h.plant(control.TasksPath, hangUp{}, queued())
	h.must(h.run("enqueue", "--", "true"), 0, "#42")
	all := h.requests()
	if len(all) != 2 || all[0].body != all[1].body || !strings.Contains(all[0].body, `"key":"cli-`) {
		t.Error(all)
	}
	h.plant(control.TasksPath, hangUp{})
	h.must(h.run("enqueue", "--key", "mine", "--", "true"), 3, "whether it was enqueued is not known", "--key mine")
	h.plant(control.TasksPath, raw("{"))
	h.must(h.run("enqueue", "--key", "mine", "--", "true"), 3, "--key mine")
	h.plant(control.TasksPath, fault.New(fault.Invalid, "ledger.not_a_count", "value", 1))
	h.must(h.run("enqueue", "--key", "mine", "--", "true"), 2)
}

// What came of a request is not known once it was sent and its answer is lost,
// whatever came after; of one that was never sent, nothing did.
func TestOnceSent_ALostAnswerIsOpen_AndWithoutADaemonNothingIs(t *testing.T) {
	h := newHouse(t)
	h.plant(control.TasksPath, hangUp{})
	h.plant(control.TicketsPath, hangUp{})
	w := &writing{key: "mine"}
	for name, do := range map[string]func(*app) error{
		"enqueue": func(a *app) error {
			_, err := a.enqueue(t.Context(), control.Enqueue{Key: "mine"})
			return err
		},
		"ticket": func(a *app) error {
			_, err := a.send(t.Context(), w, func(ctx context.Context, c *control.Client) (control.Write, error) {
				return c.CreateTicket(ctx, control.CreateTicket{Key: "mine"})
			})
			return err
		},
	} {
		for _, reached := range []int{0, 1, 2} {
			a, _ := newApp(io.Discard, phrase.English)
			tries := 0
			a.dial = func(ctx context.Context) (*control.Client, error) {
				if tries++; tries > reached {
					return nil, control.ErrUnreachable
				}
				return control.Dial(ctx, h.home, a.build)
			}
			err := do(a)
			if fault.KindOf(err) != fault.Unavailable || strings.Contains(fault.Explain(err, phrase.English), "--key mine") != (reached > 0) {
				t.Errorf("%s, %d times reached: %v", name, reached, err)
			}
		}
	}
}

func TestEnqueue_Answers(t *testing.T) {
	here(t)
	h := newHouse(t)
	for _, tc := range []struct {
		answer control.Enqueued
		args   []string
		want   string
	}{
		{control.Enqueued{Task: 1, State: "queued", Position: 1}, nil, "#1: queued, next\n"},
		{control.Enqueued{Task: 2, State: "queued", Position: 7}, []string{"extract"}, "#2 (extract): queued, position 7\n"},
		{control.Enqueued{Task: 3, State: "queued", Position: 1}, []string{"--after", "1"}, "#3: queued, after #1\n"},
		{control.Enqueued{Task: 4, State: "queued", Position: 1}, []string{"--hold"}, "#4: held\n"},
		{control.Enqueued{Task: 5, State: "running", Ticket: "A-1"}, nil, "#5 (A-1): running\n"},
		{control.Enqueued{Task: 6, State: "sleeping\n✔"}, nil, `#6: sleeping\n✔` + "\n"},
	} {
		h.plant(control.TasksPath, tc.answer)
		if e := h.run(slices.Concat([]string{"enqueue"}, tc.args, []string{"--", "true"})...); e.out != tc.want || e.code != 0 {
			t.Errorf("%q, want %q", e.all(), tc.want)
		}
	}
	h.plant(control.TasksPath, queued())
	if e := h.run("enqueue", "INTG-088", "--json", "--", "true"); e.out != `{"task":42,"ticket":"INTG-088","state":"queued","position":1,"dashboard":"`+page+"\"}\n" {
		t.Error(e.all())
	}
	h.lang = phrase.Japanese
	h.must(h.run("enqueue", "INTG-088", "抽出", "--", "true"), 0, "#42 (INTG-088 抽出): 待機、次に開始")
	for _, args := range [][]string{{"enqueue", "--help"}, {"enqueue", "INTG-088", "--help"}, {"run", "x", "--gpu", "1", "-h"}} {
		h.must(h.run(args...), 0, "使い方:", "例:")
	}
}
