package cli

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"uratori/factcheck/gate"
	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/internal/phrase"
)

func report(ticket string, checks ...control.FactCheck) control.FactReport {
	r := control.FactReport{Ticket: ticket, ReadAt: at("10:20:00"), Row: 91, Checks: checks, Dashboard: "http://x/tracker/" + ticket}
	var all []ledger.Verdict
	for _, c := range checks {
		all = append(all, c.Verdict)
	}
	r.Verdict = worst(all...)
	return r
}

func check(subject string, v ledger.Verdict) control.FactCheck {
	return control.FactCheck{Claim: sheetCell, Subject: subject, Verdict: v, WrittenAt: at("10:00:00"), ReadAt: at("10:00:01"), Evidence: []int64{118, 119}}
}

func TestFactcheck_TellsTheGoodAndTheBad(t *testing.T) {
	bad := check("詳細", ledger.Refuted)
	bad.Expected, bad.Actual = text("一\n二\n三"), text("一\n弐\n三")
	edited := check("概要", ledger.Verified)
	edited.Edits = []control.FactEdit{{SeenAt: *at("10:05:00"), Old: "ours", New: "theirs"}}
	unknown := check("担当", ledger.Unverifiable)
	unknown.Problem = control.Encode(fault.New(fault.Unavailable, "store.closed"))
	newer := control.FactCheck{Claim: "moon\nphase", Subject: "x\ny", Verdict: "full", Reason: "a\nb"}
	for _, tc := range []struct {
		r     control.FactReport
		code  int
		words []string
	}{
		{report("INTG-088", check("概要", ledger.Verified), edited), 0, []string{
			"INTG-088  row 91  looked at 2026-11-21", "✅ sheet cell 概要: verified\n    written 2026-11-21", ", read back 2026-11-21",
			"✎ a person's edit, seen 2026-11-21", `before: "ours"`, `after : "theirs"`, "✅ INTG-088: verified; 2 of 2 checks hold", "http://x/tracker/INTG-088\n",
		}},
		{report("INTG-088", check("概要", ledger.Verified), bad, unknown), 1, []string{
			"✅ sheet cell 概要", "❌ sheet cell 詳細: refuted\n", "--- expected\n", "-二\n", "+弐\n", "❔ sheet cell 担当: cannot be verified\n    the daemon is stopping",
			"❌ INTG-088: refuted; of 3 checks: 1 refuted, 1 verified, 1 cannot",
		}},
		{report("INTG-088", check("概要", ledger.Verified), unknown), 3, []string{"❔ INTG-088: cannot be verified; of 2 checks: 1 verified, 1 cannot be verified"}},
		{report("INTG-088"), 3, []string{"❔ INTG-088: cannot be verified; nothing could be looked at\n"}},
		{report("INTG-088", newer), 3, []string{`❔ moon\nphase x\ny: cannot be verified`, `    a\nb`}},
		{control.FactReport{Ticket: "INTG-088", Verdict: ledger.Verified}, 3, []string{"❔"}},
		{control.FactReport{Ticket: "INTG-088", Verdict: ledger.Verified, Checks: []control.FactCheck{bad}}, 1, []string{"❌"}},
		{control.FactReport{Ticket: "INTG-088", Verdict: ledger.Refuted, Reason: "it is gone", Checks: []control.FactCheck{check("概要", ledger.Verified)}}, 1, []string{"❌ INTG-088: refuted", "it is gone"}},
		{control.FactReport{Ticket: "INTG-088", Verdict: ledger.Unverifiable, Problem: unknown.Problem}, 3, []string{"❔", "the daemon is stopping"}},
	} {
		h := newHouse(t)
		h.plant(control.FactCheckPath, []control.FactReport{tc.r})
		h.plant(control.TasksPath, control.TaskPage{})
		e := h.run("factcheck", "INTG-088")
		h.must(e, tc.code, tc.words...)
		if strings.Contains(e.out, "✅ INTG-088") != (tc.code == 0) {
			t.Error(e.out)
		}
		h.sameJSON(tc.code, []any{tc.r}, "factcheck", "INTG-088")
	}
}

func TestFactcheck_All_TheWorstDecides(t *testing.T) {
	good, bad, unknown := report("A-1", check("概要", ledger.Verified)), report("A-2", check("概要", ledger.Refuted)), report("A-3", check("概要", ledger.Unverifiable))
	for _, tc := range []struct {
		reports []control.FactReport
		code    int
		word    string
	}{
		{[]control.FactReport{good, good}, 0, "✅ 2 tickets: 2 verified, 0 refuted, 0 cannot"},
		{[]control.FactReport{good, unknown, bad, good}, 1, "❌ 4 tickets: 2 verified, 1 refuted, 1 cannot"},
		{[]control.FactReport{bad, unknown}, 1, "❌ 2 tickets"},
		{[]control.FactReport{unknown, good}, 3, "❔ 2 tickets"},
		{[]control.FactReport{}, 3, "❔ there is no claim"},
	} {
		h := newHouse(t)
		h.plant(control.FactCheckPath, tc.reports)
		h.plant(control.TasksPath, control.TaskPage{})
		h.must(h.run("factcheck", "--all"), tc.code, tc.word)
		all := make([]any, len(tc.reports))
		for i, r := range tc.reports {
			all[i] = r
		}
		h.sameJSON(tc.code, all, "factcheck", "--all")
	}
}

// Nothing is claimed about what could not be looked at.
func TestFactcheck_NothingCanBeLookedAt_IsUnverifiable(t *testing.T) {
	for name, answer := range map[string]any{
		"the sheet is away": fault.New(fault.Unavailable, "store.closed"),
		"it failed":         fault.New(fault.Failed, "store.disk_full", "file", "x"),
		"killed":            hangUp{},
		"no JSON":           raw("ok, ok!"),
		"half an answer":    raw(`[{"ticket":"INTG-088","verdict":"verified"`),
		"no report":         []control.FactReport{},
		"two reports":       []control.FactReport{report("INTG-088", check("a", ledger.Verified)), report("INTG-088", check("a", ledger.Verified))},
	} {
		h := newHouse(t)
		h.plant(control.FactCheckPath, answer)
		h.plant(control.TasksPath, control.TaskPage{})
		e := h.run("factcheck", "INTG-088")
		h.must(e, 3, "❔ nothing could be checked: ")
		e = h.run("factcheck", "INTG-088", "--json")
		if e.code != 3 || !strings.Contains(e.out, `"cli.factcheck.nothing_checked"`) || e.err != "" {
			t.Errorf("%s: %s", name, e.all())
		}
	}
	h := newHouse(t) // whose daemon can be neither reached nor started
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	h.env["URATORI_HOME"] = file + "/home"
	h.must(h.run("factcheck", "INTG-088"), 3, "❔ nothing could be checked: ")
}

func TestFactcheck_ATicketThatIsNotThere_IsAnError(t *testing.T) {
	h := newHouse(t)
	h.plant(control.FactCheckPath, fault.New(fault.NotFound, "sheets.not_found", "key", "INTG-088"))
	h.plant(control.TasksPath, control.TaskPage{})
	h.plant("/v1/ledger", raw(""))
	for _, args := range [][]string{nil, {"--watch"}} {
		e := h.run(append([]string{"factcheck", "INTG-088"}, args...)...)
		h.must(e, 1, "INTG-088")
		if strings.ContainsAny(e.out, "✅❌❔") {
			t.Error(e.out)
		}
	}
}

// slow is a fact check that takes longer than a look at the sheet may, as one of
// thousands of pictures does. Who gives it up is told apart from who waits.
func slow(reports ...control.FactReport) does {
	return func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-time.After(20 * hasty):
			_ = json.MarshalWrite(w, reports)
		}
	}
}

// hasty is what is left of the time for a look at the sheet.
const hasty = 20 * time.Millisecond

func inHaste(usual time.Duration) time.Duration {
	if usual <= lookLongest {
		return hasty
	}
	return usual
}

func TestFactcheck_EveryWayToAsk_WaitsAsLongAsTheDaemonLooks(t *testing.T) {
	good := report("INTG-088", check("概要", ledger.Verified))
	for _, args := range [][]string{{"factcheck", "INTG-088"}, {"ticket", "diff", "INTG-088"}} {
		h := newHouse(t)
		h.waits = inHaste
		h.plant(control.FactCheckPath, slow(good))
		h.plant(control.TasksPath, control.TaskPage{})
		h.must(h.run(args...), 0, "INTG-088")
	}
	h := newHouse(t) // where a look at the sheet does not wait
	h.waits = inHaste
	h.plant(control.TicketsPath+"/show", slow())
	h.must(h.run("ticket", "show", "INTG-088"), 3, "")
}

func TestFactcheck_Watch_WaitsAsLongAsTheDaemonLooks(t *testing.T) {
	h := newHouse(t)
	good := report("INTG-088", check("概要", ledger.Verified))
	h.plant(control.FactCheckPath, slow(good))
	h.plant("/v1/ledger", does(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	c, err := control.Dial(t.Context(), h.home, control.Build{Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	g := &growing{grown: make(chan struct{}, 1)}
	s := &scene{house: h, out: g}
	w := watcher{app: &app{out: &output{Writer: g}, lang: phrase.English, waits: inHaste}, ticket: "INTG-088", interval: time.Hour}
	ctx, end := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- w.follow(ctx, c) }()
	defer func() { end(); <-done }()
	s.until("INTG-088: verified", 1)
}

func TestFactcheck_WordsThatMeanNothing(t *testing.T) {
	for _, tc := range [][]string{
		{"either a ticket or --all"},
		{"either a ticket or --all", "INTG-1", "--all"},
		{"cannot be a ticket", ""},
		{"1 arguments", "a", "b"},
		{"--interval 0s", "a", "--watch", "--interval", "0s"},
		{"--interval -1s", "a", "--interval", "-1s"},
		{"no meaning without --watch", "a", "--interval", "1s"},
	} {
		h := newHouse(t)
		h.must(h.run(append([]string{"factcheck"}, tc[1:]...)...), 2, tc[0])
		if len(h.requests()) != 0 {
			t.Error(h.requests())
		}
	}
}

// What is shown to be copied must be understood when it is.
func TestFactcheck_TheExamplesOfItsHelp_AreUnderstood(t *testing.T) {
	for _, lang := range []phrase.Lang{phrase.English, phrase.Japanese} {
		claims := 0
		for line := range strings.Lines(lang.Say("cli.factcheck.example")) {
			_, claim, ok := strings.Cut(strings.TrimSpace(line), "--claim '")
			if !ok {
				continue
			}
			claims++
			h := newHouse(t)
			h.plant(control.ClaimsPath, report("INTG-088", check("a", ledger.Verified)))
			h.must(h.run("factcheck", "INTG-088", "--claim", strings.TrimSuffix(claim, "'")), 0)
			ask := last[control.CheckClaims](h)
			var objects [][]byte
			for _, c := range ask.Claims {
				raw, err := json.Marshal(c)
				if err != nil {
					t.Fatal(err)
				}
				objects = append(objects, raw)
			}
			if _, err := gate.List(objects, "claims"); err != nil {
				t.Errorf("%s: %v", claim, err)
			}
		}
		if claims != 2 {
			t.Errorf("%d examples", claims)
		}
	}
}

// scene is a daemon whose ledger and whose facts a test moves.
type scene struct {
	*house
	news chan ledger.Entry
	out  *growing
	done chan int
}

// growing is an output that can be waited for.
type growing struct {
	mu    sync.Mutex
	text  strings.Builder
	grown chan struct{}
}

func (g *growing) Write(p []byte) (int, error) {
	g.mu.Lock()
	g.text.Write(p)
	g.mu.Unlock()
	select {
	case g.grown <- struct{}{}:
	default:
	}
	return len(p), nil
}

func (g *growing) String() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.text.String()
}

// until waits for the output to have word n times.
func (s *scene) until(word string, n int) {
	s.t.Helper()
	limit := time.After(20 * time.Second)
	for strings.Count(s.out.String(), word) < n {
		select {
		case <-s.out.grown:
		case <-limit:
			s.t.Fatalf("no %s (%d) in\n%s", word, n, s.out.String())
		}
	}
}

func watching(t *testing.T, args ...string) (*scene, context.CancelFunc) {
	s := &scene{house: newHouse(t), news: make(chan ledger.Entry), out: &growing{grown: make(chan struct{}, 1)}, done: make(chan int, 1)}
	s.plant("/v1/ledger", does(func(w http.ResponseWriter, r *http.Request) {
		if q := r.URL.Query(); q.Get("follow") != "true" || q.Get("last") != "1" {
			t.Error(q)
		}
		for {
			select {
			case e := <-s.news:
				if err := json.MarshalWrite(w, e); err != nil {
					return
				}
				w.(http.Flusher).Flush()
			case <-r.Context().Done():
				return
			}
		}
	}))
	ctx, cancel := context.WithCancel(t.Context())
	a := &app{in: strings.NewReader(""), out: &output{Writer: s.out}, err: s.out, lang: phrase.English, getenv: func(name string) string { return s.env[name] }, build: control.Build{Version: "test"}}
	s.plant(control.FactCheckPath, []control.FactReport{report("INTG-088", check("概要", ledger.Verified))})
	go func() { s.done <- a.run(ctx, append([]string{"factcheck", "--watch"}, args...)) }()
	t.Cleanup(cancel)
	return s, cancel
}

func TestFactcheck_Watch_TellsWhatChanges_AndEndsWithTheLast(t *testing.T) {
	s, cancel := watching(t, "INTG-088", "--interval", "5ms")
	s.until("✅ INTG-088: verified", 1)
	other := report("INTG-088", check("概要", ledger.Refuted))
	s.plant(control.FactCheckPath, []control.FactReport{other})
	s.until("❌ INTG-088: refuted", 1)
	later := report("INTG-088", check("概要", ledger.Verified))
	later.ReadAt, later.Checks[0].Evidence = at("11:11:11"), []int64{1, 2, 3}
	s.plant(control.FactCheckPath, []control.FactReport{later})
	s.until("✅ INTG-088: verified", 2)
	// Only the time of the look and the evidence are others now.
	later.ReadAt, later.Checks[0].Evidence = at("12:12:12"), []int64{4}
	s.plant(control.FactCheckPath, []control.FactReport{later})
	s.more(3)
	s.plant(control.FactCheckPath, fault.New(fault.Unavailable, "store.closed"))
	s.until("❔ nothing could be checked", 1)
	s.more(3)
	s.plant(control.FactCheckPath, []control.FactReport{later})
	s.until("✅ INTG-088: verified", 3)
	s.plant(control.FactCheckPath, []control.FactReport{other})
	s.until("❌ INTG-088: refuted", 2)
	cancel()
	if code := <-s.done; code != 1 {
		t.Errorf("%d\n%s", code, s.out)
	}
	if got := s.out.String(); strings.Count(got, "✅ INTG-088") != 3 || strings.Count(got, "❔ nothing") != 1 {
		t.Error(got)
	}
}

// checks is how many were asked for so far.
func (s *scene) checks() int {
	n := 0
	for _, r := range s.requests() {
		if r.path == control.FactCheckPath {
			n++
		}
	}
	return n
}

// more waits until so many further checks were made.
func (s *scene) more(n int) {
	s.t.Helper()
	have := s.checks()
	limit := time.After(20 * time.Second)
	for s.checks() < have+n {
		select {
		case <-limit:
			s.t.Fatal("no more checks")
		case <-time.After(time.Millisecond):
		}
	}
}

func TestFactcheck_Watch_NewsOfTheLedgerHaveItCheckedAtOnce(t *testing.T) {
	var out strings.Builder
	s, cancel := watching(t, "INTG-088", "--interval", "1h")
	defer cancel()
	s.until("✅ INTG-088: verified", 1)
	// The interval is an hour and the gap seconds: this test watches with a
	// gap of its own.
	cancel()
	<-s.done
	c, err := control.Dial(t.Context(), s.home, control.Build{Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ctx, end := context.WithCancel(t.Context())
	g := &growing{grown: make(chan struct{}, 1)}
	w := watcher{app: &app{out: &output{Writer: g}, err: &out, lang: phrase.English}, ticket: "INTG-088", interval: time.Hour}
	done := make(chan error, 1)
	go func() { done <- w.follow(ctx, c) }()
	s.out = g
	s.until("✅ INTG-088: verified", 1)
	s.plant(control.FactCheckPath, []control.FactReport{report("INTG-088", check("概要", ledger.Refuted))})
	before := s.checks()
	for i := range int64(5) { // of which the check itself has made these
		s.news <- ledger.Entry{Seq: i + 1, At: "x", Kind: "factcheck.reported", Subject: "INTG-088", Data: []byte("{}")}
	}
	s.news <- ledger.Entry{Seq: 6, At: "x", Kind: "ticket.edited", Subject: "INTG-088", Data: []byte("{}")}
	s.until("❌ INTG-088: refuted", 1)
	if n := s.checks() - before; n != 1 {
		t.Errorf("%d checks", n)
	}
	end()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestFactcheck_Watch_ADaemonThatGoesAway_IsTold_AndMetAgain(t *testing.T) {
	s, cancel := watching(t, "--all", "--interval", "5ms")
	s.until("✅ 1 ticket: 1 verified", 1)
	_ = s.server.Listener.Close()
	s.server.CloseClientConnections()
	s.until("❔ nothing could be checked", 1)
	cancel()
	if code := <-s.done; code != 3 {
		t.Errorf("%d\n%s", code, s.out)
	}
}

func TestFactcheck_Watch_JSON_IsLinesAlone(t *testing.T) {
	s, cancel := watching(t, "INTG-088", "--interval", "5ms", "--json")
	s.until(`"verdict":"verified"`, 1)
	s.plant(control.FactCheckPath, fault.New(fault.Unavailable, "store.closed"))
	s.until("cli.factcheck.nothing_checked", 1)
	cancel()
	if code := <-s.done; code != 3 {
		t.Error(code)
	}
	for line := range strings.Lines(s.out.String()) {
		var v any
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Errorf("%q", line)
		}
	}
}
