package cli

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/internal/phrase"
)

const killPath = control.TasksPath + "/kill"

func killed(v ledger.Verdict) control.Killed {
	return control.Killed{
		Task: 42, State: "killed", Verdict: v, TookMS: 412, Dashboard: page,
		Ended: []control.EndedProcess{{PID: 4242, Name: "python", Signal: "TERM"}, {PID: 4243, Name: "抽出", Signal: "KILL"}, {PID: 4244, Name: "sh"}},
	}
}

// A check mark is for a task of which it was seen that nothing is left.
func TestKill_EveryVerdict(t *testing.T) {
	with := func(v ledger.Verdict, change func(*control.Killed)) control.Killed {
		k := killed(v)
		change(&k)
		return k
	}
	for name, tc := range map[string]struct {
		k     control.Killed
		code  int
		words []string
	}{
		"verified":         {killed(ledger.Verified), 0, []string{"✔ #42 killed: verified, nothing of it is left (3 processes ended, 412 ms)", "4242  python  TERM", "4243  抽出    KILL", "4244  sh      ended by itself", page}},
		"with a GPU":       {with(ledger.Verified, func(k *control.Killed) { k.GPUFreed = new(true) }), 0, []string{"✔ #42", "the memory of its GPU is free again"}},
		"refuted":          {with(ledger.Refuted, func(k *control.Killed) { k.Survivors, k.State = []int{7, 8}, "running" }), 1, []string{"✘ #42 running: refuted", "still there: 7, 8"}},
		"unverifiable":     {with(ledger.Unverifiable, func(k *control.Killed) { k.Reason = "nobody may look" }), 3, []string{"? #42 killed: cannot be verified", "nobody may look"}},
		"a survivor":       {with(ledger.Verified, func(k *control.Killed) { k.Survivors = []int{7} }), 1, []string{"✘ #42", "still there: 7"}},
		"GPU memory taken": {with(ledger.Verified, func(k *control.Killed) { k.GPUFreed = new(false) }), 1, []string{"✘ #42", "the memory of its GPU is not free"}},
		"no verdict":       {killed(""), 3, []string{"? #42"}},
		"one of its own":   {killed("excellent"), 3, []string{"? #42"}},
		"a reason in any language": {
			with(ledger.Unverifiable, func(k *control.Killed) { k.Problem = control.Encode(fault.New(fault.Unavailable, "store.closed")) }), 3, []string{"the daemon is stopping"},
		},
	} {
		h := newHouse(t)
		h.plant(killPath, tc.k)
		e := h.run("kill", "42")
		h.must(e, tc.code, tc.words...)
		if strings.Contains(e.out, "✔") != (tc.code == 0) {
			t.Errorf("%s: %s", name, e.out)
		}
		want, err := json.Marshal(tc.k)
		if err != nil {
			t.Fatal(err)
		}
		if e := h.run("kill", "42", "--json"); e.code != tc.code || e.out != string(want)+"\n" {
			t.Errorf("%s: %d %s", name, e.code, e.all())
		}
		h.lang = phrase.Japanese
		if e := h.run("kill", "42"); e.code != tc.code || !hiragana.MatchString(e.out) {
			t.Errorf("%s: %d %s", name, e.code, e.all())
		}
	}
}

func TestKill_SaysWhatItWasTold(t *testing.T) {
	h := newHouse(t)
	h.plant(killPath, killed(ledger.Verified))
	for flag, want := range map[string]string{"": `{"task":42,"by":"cli"}`, "--grace=0s": `{"task":42,"grace_ms":0,"by":"cli"}`, "--grace=1m30s": `{"task":42,"grace_ms":90000,"by":"cli"}`} {
		args := []string{"kill", "42"}
		if flag != "" {
			args = append(args, flag)
		}
		h.must(h.run(args...), 0)
		all := h.requests()
		if got := all[len(all)-1].body; got != want {
			t.Errorf("%s: %s", flag, got)
		}
	}
	for _, tc := range []struct {
		args []string
		want string
	}{
		{nil, "1 arguments"},
		{[]string{"42", "x"}, "x is no task"},
		{[]string{"42", "INTG-088"}, "INTG-088 is no task"},
		{[]string{"-42"}, "unknown flag -4"},
		{[]string{"42", "--grace", "10"}, "--grace 10: give a length of time with its unit"},
	} {
		h := newHouse(t)
		h.must(h.run(append([]string{"kill"}, tc.args...)...), 2, tc.want)
		if n := len(h.requests()); n != 0 {
			t.Errorf("%q: %d requests", tc.args, n)
		}
	}
}

func TestKill_OfSeveral_TheWorstCounts_AndEachIsTold(t *testing.T) {
	refuted, lost := killed(ledger.Refuted), fault.New(fault.Unavailable, "store.closed")
	missing := fault.New(fault.NotFound, "daemon.no_such_request", "request", "x")
	for name, tc := range map[string]struct {
		answers map[int64]any
		code    int
		words   []string
	}{
		"all":          {map[int64]any{1: killed(ledger.Verified), 2: killed(ledger.Verified)}, 0, []string{"✔ #1 killed", "✔ #2 killed"}},
		"one is left":  {map[int64]any{1: killed(ledger.Verified), 2: refuted, 3: lost}, 1, []string{"✔ #1 killed", "✘ #2 killed: refuted", "? #3: nothing is known to have ended"}},
		"one is lost":  {map[int64]any{1: killed(ledger.Verified), 3: lost}, 3, []string{"✔ #1 killed", "? #3"}},
		"one is none":  {map[int64]any{1: killed(ledger.Verified), 9: missing}, 1, []string{"✔ #1 killed", "✘ #9"}},
		"all are lost": {map[int64]any{1: lost, 2: lost}, 3, []string{"? #1", "? #2"}},
	} {
		h := newHouse(t)
		h.plant(killPath, does(func(w http.ResponseWriter, r *http.Request) {
			var k control.Kill
			if err := json.UnmarshalRead(r.Body, &k); err != nil {
				t.Error(err)
			}
			answer := tc.answers[k.Task]
			if err, failed := answer.(error); failed {
				w.WriteHeader(http.StatusTeapot)
				answer = control.ErrorBody{Error: control.Encode(err)}
			}
			if err := json.MarshalWrite(w, answer); err != nil {
				t.Error(err)
			}
		}))
		args := []string{"kill", "1", "1"} // twice is once
		for _, task := range slices.Sorted(maps.Keys(tc.answers)) {
			args = append(args, strconv.FormatInt(task, 10))
		}
		h.must(h.run(args...), tc.code, tc.words...)
		if n := len(h.requests()); n != len(tc.answers) {
			t.Errorf("%s: %d requests", name, n)
		}
		e := h.run(append(args, "--json")...)
		if lines := strings.Count(e.out, "\n"); e.code != tc.code || lines != len(tc.answers) || e.err != "" {
			t.Errorf("%s: %d %s", name, e.code, e.all())
		}
	}
}

func TestKill_AnswerThatIsLost_IsAskedForAgain_AndNothingIsClaimed(t *testing.T) {
	h := newHouse(t)
	h.plant(killPath, hangUp{}, killed(ledger.Verified))
	h.must(h.run("kill", "42"), 0, "✔ #42")
	h.plant(killPath, hangUp{})
	if e := h.run("kill", "42"); e.code != 3 || strings.Contains(e.all(), "✔") {
		t.Error(e.all())
	}
	h.plant(killPath, fault.New(fault.NotFound, "daemon.no_such_request", "request", "x"))
	h.must(h.run("kill", "42"), 1)
}

// What came from a job cannot begin a line that passes for ours.
func TestKill_HostileNames_ForgeNothing(t *testing.T) {
	const evil = "x\n✔ #42 killed: verified\x1b[2J\r\u2028"
	h := newHouse(t)
	k := killed(ledger.Refuted)
	k.State, k.Reason, k.Dashboard = evil, evil, evil
	k.Ended = []control.EndedProcess{{PID: 1, Name: evil, Signal: evil}}
	h.plant(killPath, k)
	e := h.run("kill", "42")
	h.must(e, 1)
	for line := range strings.Lines(e.all()) {
		if strings.HasPrefix(line, "✔") || strings.ContainsAny(line, "\r\u2028") {
			t.Errorf("%q", line)
		}
	}
}
