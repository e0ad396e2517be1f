package cli

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"

	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/internal/phrase"
	"uratori/internal/process"
)

// house is a home whose daemon says what a test has planted.
type house struct {
	*desk
	server *httptest.Server

	mu      sync.Mutex
	asked   []asked
	answers map[string][]any // by path; the last one stays
}

// asked is a request as it arrived.
type asked struct {
	path, query, body string
}

// A planted answer may also be one of these.
type (
	hangUp struct{}                                 // the daemon is killed
	raw    string                                   // no JSON, perhaps
	does   func(http.ResponseWriter, *http.Request) // anything else
)

func newHouse(t *testing.T) *house {
	h := &house{desk: newDesk(t), answers: map[string][]any{}}
	if err := h.home.Create(); err != nil {
		t.Fatal(err)
	}
	l, err := control.Listen(h.home.Socket())
	if err != nil {
		t.Fatal(err)
	}
	h.server = httptest.NewUnstartedServer(h)
	_ = h.server.Listener.Close() // ours is on the home's socket
	h.server.Listener = l
	h.server.Start()
	t.Cleanup(h.server.Close)
	h.plant(control.HelloPath, process.ID{PID: os.Getpid()})
	return h
}

// plant makes v, or one after the other of many, the answer of path.
func (h *house) plant(path string, v ...any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.answers[path] = v
}

func (h *house) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		h.t.Error(err)
	}
	r.Body = io.NopCloser(strings.NewReader(string(body))) // for one that does
	h.mu.Lock()
	if r.URL.Path != control.HelloPath {
		h.asked = append(h.asked, asked{r.URL.Path, r.URL.RawQuery, string(body)})
	}
	left := h.answers[r.URL.Path]
	if len(left) > 1 {
		h.answers[r.URL.Path] = left[1:]
	}
	h.mu.Unlock()
	if r.Header.Get(control.APIHeader) != "1" || len(left) == 0 {
		w.WriteHeader(http.StatusInternalServerError)
		h.t.Errorf("%s %s: not planted, or not signed", r.Method, r.URL)
		return
	}
	switch v := left[0].(type) {
	case hangUp:
		panic(http.ErrAbortHandler)
	case raw:
		_, _ = io.WriteString(w, string(v))
	case does:
		v(w, r)
	case error:
		w.WriteHeader(http.StatusTeapot)
		_ = json.MarshalWrite(w, control.ErrorBody{Error: control.Encode(v)})
	default:
		if err := json.MarshalWrite(w, v); err != nil {
			h.t.Error(err)
		}
	}
}

// requests are those that came so far, without hellos.
func (h *house) requests() []asked {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]asked(nil), h.asked...)
}

// last reads the body of the last request.
func last[T any](h *house) T {
	h.t.Helper()
	all := h.requests()
	var v T
	if len(all) == 0 {
		h.t.Fatal("nothing was asked")
	}
	if err := json.Unmarshal([]byte(all[len(all)-1].body), &v); err != nil {
		h.t.Fatal(err)
	}
	return v
}

func text(s string) *string { return &s }

func at(clock string) *time.Time {
	t, err := time.Parse(time.RFC3339, "2026-11-21T"+clock+"Z")
	if err != nil {
		panic(err)
	}
	return &t
}

// wrote is a write that went well.
func wrote(fields ...control.WriteField) control.Write {
	if fields == nil {
		fields = []control.WriteField{{Field: "summary", Column: "概要", Verdict: ledger.Verified}}
	}
	return control.Write{Ticket: "INTG-090", Verdict: ledger.Verified, Row: 91, ReadAt: at("10:12:03"), Fields: fields, Dashboard: "http://127.0.0.1:8088/tracker/INTG-090"}
}

const updatePath = control.TicketsPath + "/update"

func TestTicketCreate_TextsArriveToTheLetter(t *testing.T) {
	texts := []string{
		"-x", "--", "--json", "-h", "--help", "create", "ticket", "=SUM(A1)", "'quoted", "+1", "@x", "", " ", "a\tb\n",
		"┌──┐\n│罫線│\n└──┘\n\n日本語\n- 箇条書き\n", "a\r\nb\rc", "\u3000全角\u00a0", "か\u3099", "\ufeffmark", "{a}{{", `"\u0000`, "👩‍🔬", "\x1b[31m",
	}
	for _, s := range texts {
		h := newHouse(t)
		h.plant(control.TicketsPath, wrote())
		e := h.run("ticket", "create", "--detail", s, "--summary="+s, "--set", "担当="+s)
		if e.code != 0 {
			t.Errorf("%q: %s", s, e.all())
		}
		got := last[control.CreateTicket](h)
		if diff := cmp.Diff(map[string]string{"summary": s, "detail": s, "担当": s}, got.Fields); diff != "" || got.Ticket != "" || got.Reader != "cli" || got.Key == "" {
			t.Errorf("%q: %s %+v", s, diff, got)
		}
		if strings.Contains(e.all(), "CR") != strings.Contains(s, "\r") {
			t.Errorf("%q: %s", s, e.all())
		}
	}
}

func TestTicketCreate_SaysWhatItWasTold(t *testing.T) {
	t.Chdir(t.TempDir())
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"w/INTG-090": here + "/w/INTG-090", "/abs": "/abs", ".": here, "~/x": "", "~": here + "/~"} {
		h := newHouse(t)
		h.plant(control.TicketsPath, wrote())
		if want == "" {
			want = h.env["HOME"] + "/x"
		}
		h.must(h.run("ticket", "create", "INTG-090", "--summary", "S", "--workspace", path, "--key", "k1", "--wait", "1500ms"), 0)
		if diff := cmp.Diff(control.CreateTicket{Ticket: "INTG-090", Fields: map[string]string{"summary": "S"}, Workspace: want, Project: here, Key: "k1", Reader: "cli", WaitMS: 1500}, last[control.CreateTicket](h)); diff != "" {
			t.Error(diff)
		}
	}
}

// Of a mistake nothing reaches the daemon.
func TestTicket_WordsThatMeanNothing_AreRefusedBeforeAnythingIsSent(t *testing.T) {
	for _, tc := range []struct {
		args []string
		want string
	}{
		{[]string{"create"}, "nothing to file"},
		{[]string{"create", "", "--summary", "S"}, "cannot be a ticket"},
		{[]string{"create", " \t", "--summary", "S"}, "cannot be a ticket"},
		{[]string{"create", "INTG-1\n", "--summary", "S"}, `INTG-1\n cannot be a ticket`},
		{[]string{"create", "\xff", "--summary", "S"}, "cannot be a ticket"},
		{[]string{"create", "A-1", "A-2", "--summary", "S"}, "1 arguments are wanted"},
		{[]string{"create", "--summary", "\xff"}, "--summary is not UTF-8: the byte at offset 0"},
		{[]string{"create", "--summary", "日\xe6\x9c"}, "offset 3"},
		{[]string{"create", "--summary", "a\x00b"}, "NUL at byte offset 1"},
		{[]string{"create", "--summary", "S", "--key", ""}, "--key is empty"},
		{[]string{"create", "--summary", "S", "--key", "\xff"}, "--key is not UTF-8"},
		{[]string{"create", "--summary", "S", "--workspace", ""}, "--workspace is empty"},
		{[]string{"create", "--summary", "S", "--workspace", "\xff"}, "--workspace is not UTF-8"},
		{[]string{"create", "--summary", "S", "--wait", "0s"}, "--wait 0s"},
		{[]string{"create", "--summary", "S", "--wait", "-1s"}, "--wait -1s"},
		{[]string{"create", "--summary", "S", "--wait", "11m"}, "up to 10m"},
		{[]string{"create", "--summary", "S", "--wait", "soon"}, "duration"},
		{[]string{"create", "--summary", "S", "--detail"}, "--detail needs a value"},
		{[]string{"create", "--summary", "S", "--status", "完了"}, "unknown flag --status"},
		{[]string{"create", "--set", "担当"}, "--set 担当: give COLUMN=TEXT"},
		{[]string{"create", "--set", "=x"}, "--set: a column is named before the ="},
		{[]string{"create", "--set", " =x"}, "a column is named before the ="},
		{[]string{"create", "--set", "\xff=x"}, "--set is not UTF-8"},
		{[]string{"create", "--set", "列=\xff"}, "--set 列 is not UTF-8"},
		{[]string{"create", "--set", "列=a", "--set", "列=a"}, "列 is given twice, by --set and by --set"},
		{[]string{"create", "--set", "列=a", "--set", " 列 =b"}, "given twice"},
		{[]string{"create", "--summary", "S", "--set", "概要=T"}, "概要 is given twice, by --summary and by --set"},
		{[]string{"create", "--summary", "S", "--set", "summary=T"}, "summary is given twice"},
		{[]string{"create", "--detail", "D", "--set", "詳細=T"}, "詳細 is given twice, by --detail and by --set"},
		{[]string{"create", "--detail", "D", "--detail-file", "x"}, "detail is given twice, by --detail and by --detail-file"},
		{[]string{"create", "--detail-file", "/nowhere/x"}, "/nowhere/x cannot be read"},
		{[]string{"create", "--detail-file", "/"}, "/ cannot be read"},
		{[]string{"create", "--detail-file", ""}, "cannot be read"},
		{[]string{"create", "--detail-file", "/dev/zero"}, "more than 1048576 bytes"},
		{[]string{"update"}, "1 arguments are wanted"},
		{[]string{"update", ""}, "cannot be a ticket"},
		{[]string{"update", "A-1"}, "nothing to change"},
		{[]string{"update", "A-1", "--expect", "概要=x"}, "nothing to change"},
		{[]string{"update", "A-1", "--summary", "S", "--expect", "概要"}, "--expect 概要"},
		{[]string{"update", "A-1", "--summary", "S", "--expect", "概要=a", "--expect", "summary=b"}, "summary is given twice"},
		{[]string{"update", "A-1", "--summary", "S", "--expect", "概要=a", "--expect-file", "概要=-"}, "given twice, by --expect and by --expect-file"},
		{[]string{"update", "A-1", "--detail-file", "-", "--expect-file", "概要=-"}, "stdin can be read only once"},
		{[]string{"update", "A-1", "--summary", "S", "--expect-file", "a=-", "--expect-file", "b=-"}, "stdin can be read only once"},
		{[]string{"update", "A-1", "--summary", "S", "--overwrite"}, "--overwrite asks a person"},
		{[]string{"update", "A-1", "--edit"}, "--edit needs a terminal"},
		{[]string{"update", "A-1", "--edit", "--detail", "D"}, "--edit takes the detail from the editor"},
		{[]string{"update", "A-1", "--edit", "--expect", "詳細=D"}, "--edit takes the detail from the editor"},
		{[]string{"show"}, "1 arguments"},
		{[]string{"show", ""}, "cannot be a ticket"},
		{[]string{"history", "\x07"}, `\u0007 cannot be a ticket`},
		{[]string{"diff", "a", "b"}, "1 arguments"},
		{[]string{"list", "--limit", "0"}, "--limit 0"},
		{[]string{"list", "--limit", "-3"}, "--limit -3"},
		{[]string{"list", "--text", "\xff"}, "--text is not UTF-8"},
		{[]string{"list", "x"}, "0 arguments"},
		{[]string{"lst"}, "did you mean list?"},
	} {
		h := newHouse(t)
		h.must(h.run(append([]string{"ticket"}, tc.args...)...), 2, tc.want)
		if n := len(h.requests()); n != 0 {
			t.Errorf("%q: %d requests", tc.args, n)
		}
	}
}

func TestTicketCreate_DetailFromAFile(t *testing.T) {
	for content, want := range map[string]string{
		"一行\n":                             "一行\n",
		"":                                 "",
		"\n\n":                             "\n\n",
		"\ufeff印\n":                        "印\n",
		"-x\r\n=y\r\n":                     "-x\r\n=y\r\n",
		"┌─┐":                              "┌─┐",
		strings.Repeat("あ", longestText/3): strings.Repeat("あ", longestText/3),
	} {
		for _, stdin := range []bool{false, true} {
			h := newHouse(t)
			h.plant(control.TicketsPath, wrote())
			file := t.TempDir() + "/d.md"
			if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			if stdin {
				file, h.in = "-", strings.NewReader(content)
			}
			e := h.run("ticket", "create", "--detail-file", file)
			h.must(e, 0)
			if got := last[control.CreateTicket](h).Fields["detail"]; got != want {
				t.Errorf("%.20q: %.20q", content, got)
			}
			if strings.Contains(e.out, "byte order mark") != strings.HasPrefix(content, "\ufeff") {
				t.Error(e.out)
			}
		}
	}
	for content, want := range map[string]string{
		"\xff\xfeU\x00":                    "is not UTF-8: the byte at offset 0",
		"\ufeffab\x00":                     "NUL at byte offset 5",
		"日本\x93\xfa":                       "offset 6",
		strings.Repeat("a", longestText+1): "more than 1048576 bytes",
	} {
		h := newHouse(t)
		h.in = strings.NewReader(content)
		h.must(h.run("ticket", "create", "--detail-file", "-"), 2, "stdin", want)
	}
}

// A check mark is for what was verified and for nothing else.
func TestTicketWrite_EveryVerdict(t *testing.T) {
	field := func(v ledger.Verdict) control.WriteField {
		return control.WriteField{Field: "detail", Column: "詳細", Verdict: v}
	}
	refuted := field(ledger.Refuted)
	refuted.Expected, refuted.Actual = text("一行目\n二行目\n三行目"), text("一行目\n二行\n三行目")
	conflict := field(ledger.Refuted)
	conflict.Conflict, conflict.Expected, conflict.Actual = true, text("mine"), text("theirs")
	queued := field(ledger.Unverifiable)
	queued.Problem = control.Encode(fault.New(fault.Unavailable, "store.closed"))
	edited := field(ledger.Verified)
	edited.Edited, edited.Expected, edited.Actual = true, text("ours"), text("theirs since")
	with := func(change func(*control.Write), fields ...control.WriteField) control.Write {
		w := wrote(fields...)
		change(&w)
		return w
	}
	same := func(*control.Write) {}
	for name, tc := range map[string]struct {
		w     control.Write
		code  int
		words []string
	}{
		"verified":                 {wrote(), 0, []string{"✔ INTG-090 概要: verified (row 91, read back 2026-11-21", "verified; 1 of 1 cell", "http://127.0.0.1:8088/tracker/INTG-090\n"}},
		"edited since":             {wrote(edited), 0, []string{"✔ INTG-090 詳細: verified", "a person has edited it since", `"ours"`, `"theirs since"`}},
		"refuted":                  {with(func(w *control.Write) { w.Verdict = ledger.Refuted }, refuted), 1, []string{"✘ INTG-090 詳細: refuted", "    -二行目\n", "    +二行\n", "✘ INTG-090: refuted"}},
		"only a cell is refuted":   {with(same, refuted, field(ledger.Verified)), 1, []string{"✘ INTG-090: refuted"}},
		"only the whole":           {with(func(w *control.Write) { w.Verdict = ledger.Refuted }, field(ledger.Verified)), 1, []string{"✘ INTG-090: refuted"}},
		"queued":                   {with(func(w *control.Write) { w.Verdict, w.Queued, w.ReadAt = ledger.Unverifiable, true, nil }, queued), 3, []string{"? INTG-090 詳細: queued, not verified (row 91): the daemon is stopping", "kept and tried again"}},
		"unverifiable":             {with(func(w *control.Write) { w.Verdict, w.Reason = ledger.Unverifiable, "no such tab" }, field(ledger.Unverifiable)), 3, []string{"? INTG-090 詳細: cannot be verified", "no such tab"}},
		"conflict":                 {with(func(w *control.Write) { w.Verdict, w.Conflict = ledger.Refuted, true }, conflict), 4, []string{"✘ INTG-090 詳細: conflict, not sent", `not sent    : "mine"`, `in the sheet: "theirs"`, "--expect"}},
		"conflict of a cell alone": {with(same, conflict), 4, []string{"nothing was sent"}},
		"no cells at all":          {with(func(w *control.Write) { w.Fields = nil }), 3, []string{"? INTG-090: cannot be verified"}},
		"a verdict of its own":     {with(func(w *control.Write) { w.Verdict = "excellent" }, field("ok")), 3, []string{"? INTG-090 詳細: cannot be verified"}},
		"no verdict":               {with(func(w *control.Write) { w.Verdict = "" }), 3, []string{"? INTG-090: cannot be verified"}},
	} {
		for _, args := range [][]string{{"ticket", "create", "--summary", "S"}, {"ticket", "update", "INTG-090", "--summary", "S"}} {
			h := newHouse(t)
			h.plant(control.TicketsPath, tc.w)
			h.plant(updatePath, tc.w)
			e := h.run(args...)
			h.must(e, tc.code, tc.words...)
			if checks := strings.Count(e.all(), "✔ INTG-090: "); (checks > 0) != (tc.code == 0) {
				t.Errorf("%s: %s", name, e.all())
			}
			want, err := json.Marshal(tc.w)
			if err != nil {
				t.Fatal(err)
			}
			e = h.run(append(args, "--json")...)
			if e.code != tc.code || e.out != string(want)+"\n" {
				t.Errorf("%s: %d %s", name, e.code, e.all())
			}
		}
	}
}

func TestTicketCreate_TellsTheWorkspace(t *testing.T) {
	w := wrote()
	w.Workspace = &control.Workspace{Path: "/w/INTG-090", Created: []string{"SOW_INTG-090.md"}, Kept: []string{"IMPLEMENTATION_PLAN_INTG-090.md"}}
	h := newHouse(t)
	h.plant(control.TicketsPath, w)
	h.must(h.run("ticket", "create", "--summary", "S"), 0, "workspace /w/INTG-090: made SOW_INTG-090.md", "IMPLEMENTATION_PLAN_INTG-090.md was there and is kept")
	w.Workspace.Problem = control.Encode(fault.New(fault.Failed, "workspace.full", "path", "/w/INTG-090"))
	h.plant(control.TicketsPath, w)
	h.must(h.run("ticket", "create", "--summary", "S"), 0, "✘ the workspace /w/INTG-090 could not be made", "disk is full")
}

// What came from a sheet cannot begin a line that passes for ours, nor move
// the cursor.
func TestTicketWrite_HostileTexts_ForgeNothing(t *testing.T) {
	const evil = "x\n✔ INTG-090: verified\x1b[2J\r\u2028✔"
	w := wrote(control.WriteField{Field: evil, Column: evil, Verdict: ledger.Refuted, Reason: evil, Expected: text(evil), Actual: text(evil + evil)})
	w.Ticket, w.Dashboard, w.Reason = evil, evil, evil
	w.Workspace = &control.Workspace{Path: evil, Created: []string{evil}, Kept: []string{evil}}
	for _, lang := range []phrase.Lang{phrase.English, phrase.Japanese} {
		h := newHouse(t)
		h.lang = lang
		h.plant(control.TicketsPath, w)
		e := h.run("ticket", "create", "--summary", "S", "--set", "a\nb=\r")
		h.must(e, 1)
		for line := range strings.Lines(e.all()) {
			if strings.HasPrefix(line, "✔") || strings.ContainsAny(line, "\r\u2028") {
				t.Errorf("%q", line)
			}
		}
	}
}

func TestTicketWrite_AnswerThatIsLost_IsAskedForAgainUnderTheSameKey(t *testing.T) {
	h := newHouse(t)
	h.plant(control.TicketsPath, hangUp{}, wrote())
	h.must(h.run("ticket", "create", "--summary", "S"), 0, "verified")
	all := h.requests()
	if len(all) != 2 || all[0].body != all[1].body || !strings.Contains(all[0].body, `"key":"cli-`) {
		t.Error(all)
	}
	h.plant(control.TicketsPath, hangUp{})
	h.must(h.run("ticket", "create", "--summary", "S", "--key", "mine"), 3, "whether it was written is not known", "--key mine")
	h.plant(control.TicketsPath, raw("{"))
	h.must(h.run("ticket", "create", "--summary", "S", "--key", "mine"), 3, "--key mine")
	before := len(h.requests())
	h.plant(control.TicketsPath, fault.New(fault.Invalid, "ledger.not_a_count", "value", 1))
	h.must(h.run("ticket", "create", "--summary", "S", "--key", "mine"), 2)
	if len(h.requests()) != before+1 {
		t.Error("an answer was asked for twice")
	}
}

func TestTicketUpdate_SendsWhatIsExpected(t *testing.T) {
	h := newHouse(t)
	h.plant(updatePath, wrote())
	h.in = strings.NewReader("old\n")
	h.must(h.run("ticket", "update", "INTG-088", "--summary", "", "--set", "列==x", "--expect", "列==y", "--expect-file", "概要=-"), 0)
	got := last[control.UpdateTicket](h)
	got.Key = ""
	if diff := cmp.Diff(control.UpdateTicket{Ticket: "INTG-088", Reader: "cli", Fields: map[string]string{"summary": "", "列": "=x"}, Expected: map[string]string{"列": "=y", "概要": "old\n"}}, got); diff != "" {
		t.Error(diff)
	}
}

func TestTicketUpdate_Overwrite_OnlyWhatAPersonHasSeen(t *testing.T) {
	stop := func(actual string) control.Write {
		w := wrote(control.WriteField{Field: "detail", Column: "詳細", Verdict: ledger.Refuted, Conflict: true, Expected: text("new"), Actual: text(actual)})
		w.Verdict, w.Conflict = ledger.Refuted, true
		return w
	}
	for name, tc := range map[string]struct {
		answers []any
		typed   string
		code    int
		expect  []string // of 詳細, by request
	}{
		"yes":                  {[]any{stop("theirs"), wrote()}, "y\n", 0, []string{"seen", "theirs"}},
		"no":                   {[]any{stop("theirs")}, "n\n", 4, []string{"seen"}},
		"just return":          {[]any{stop("theirs")}, "\n", 4, []string{"seen"}},
		"end of file":          {[]any{stop("theirs")}, "\x04", 4, []string{"seen"}},
		"edited while asked":   {[]any{stop("theirs"), stop("newer"), wrote()}, "y\ny\n", 0, []string{"seen", "theirs", "newer"}},
		"edited, and now a no": {[]any{stop("theirs"), stop("newer")}, "y\nn\n", 4, []string{"seen", "theirs"}},
		"emptied by a person":  {[]any{stop(""), wrote()}, "y\n", 0, []string{"seen", ""}},
		"no conflict":          {[]any{wrote()}, "", 0, []string{"seen"}},
	} {
		h := newHouse(t)
		h.plant(updatePath, tc.answers...)
		h.in = terminal(t, tc.typed)
		e := h.run("ticket", "update", "INTG-090", "--detail", "new", "--expect", "詳細=seen", "--expect", "概要=kept", "--overwrite")
		h.must(e, tc.code)
		keys := map[string]bool{}
		for i, r := range h.requests() {
			var u control.UpdateTicket
			if err := json.Unmarshal([]byte(r.body), &u); err != nil {
				t.Fatal(err)
			}
			keys[u.Key] = true
			want := map[string]string{"概要": "kept", "詳細": tc.expect[i]}
			if i > 0 {
				want = map[string]string{"概要": "kept", "detail": tc.expect[i]}
			}
			if diff := cmp.Diff(want, u.Expected); diff != "" || u.Reader != "terminal" {
				t.Errorf("%s: %s %s", name, diff, u.Reader)
			}
		}
		if len(h.requests()) != len(tc.expect) || len(keys) != len(tc.expect) {
			t.Errorf("%s: %v", name, h.requests())
		}
	}
}

func TestTicketUpdate_Overwrite_ATextThatWasNotTold_IsNotOverwritten(t *testing.T) {
	w := wrote(control.WriteField{Field: "detail", Column: "詳細", Verdict: ledger.Refuted, Conflict: true})
	h := newHouse(t)
	h.plant(updatePath, w)
	h.in = terminal(t, "y\n")
	h.must(h.run("ticket", "update", "INTG-090", "--detail", "new", "--overwrite"), 3, "詳細 was not told")
	if len(h.requests()) != 1 {
		t.Error(h.requests())
	}
}

func TestTicket_InJapanese(t *testing.T) {
	h := newHouse(t)
	h.lang = phrase.Japanese
	h.env["TZ"] = "Asia/Tokyo"
	t.Setenv("TZ", "Asia/Tokyo")
	h.plant(control.TicketsPath, wrote())
	h.must(h.run("ticket", "create", "--detail", "a\r\nb"), 0, "✔ INTG-090 概要: 検証済み (91 行目, 2026-11-21 19:12:03 に読み戻し)", "detail: 改行コード", "読み戻し、書き込んだとおり")
}

func TestTicketCreate_CtrlCWhileStdinIsAwaited_Ends(t *testing.T) {
	h := newHouse(t)
	ctx, cancel := context.WithCancel(t.Context())
	h.in = readerFunc(func([]byte) (int, error) { // it is read from: now Ctrl-C
		cancel()
		<-t.Context().Done()
		return 0, io.EOF
	})
	h.must(h.runIn(ctx, "ticket", "create", "--detail-file", "-"), 2, "stdin cannot be read")
	if len(h.requests()) != 0 {
		t.Error(h.requests())
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
