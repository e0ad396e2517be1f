package faults

import (
	"bufio"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/tests/house"
)

// What reaches the socket and is no request is refused by name, before it is
// written down anywhere.
func TestTicketAPI_WrongRequests_GetAPreciseFault_AndChangeNothing(t *testing.T) {
	t.Parallel()
	h := house.New(t, program)
	h.Must("ticket", "create", "INTG-088", "--summary", "概", "--detail", "詳")
	before, sheet := h.Status(), rows(t, h)
	const create, update = "/v1/tickets", "/v1/tickets/update"
	good := `{"ticket":"INTG-088","fields":{"summary":"x"}`
	for name, tc := range map[string]struct {
		method, path, body string
		kind               fault.Kind
		code               string
	}{
		"empty":                   {"POST", create, "", fault.Invalid, "daemon.bad_request"},
		"not JSON":                {"POST", create, "summary=x", fault.Invalid, "daemon.bad_request"},
		"an array":                {"POST", create, "[]", fault.Invalid, "daemon.bad_request"},
		"null":                    {"POST", create, "null", fault.Invalid, "tracker.nothing"},
		"unknown member":          {"POST", create, `{"fields":{"summary":"x"},"verdict":"verified"}`, fault.Invalid, "daemon.bad_request"},
		"forced":                  {"POST", update, good + `,"force":true}`, fault.Invalid, "daemon.bad_request"},
		"overwrite":               {"POST", update, good + `,"overwrite":true}`, fault.Invalid, "daemon.bad_request"},
		"other case":              {"POST", update, `{"Ticket":"INTG-088","fields":{"summary":"x"}}`, fault.Invalid, "daemon.bad_request"},
		"member twice":            {"POST", update, good + `,"ticket":"INTG-089"}`, fault.Invalid, "daemon.bad_request"},
		"field twice":             {"POST", update, `{"ticket":"INTG-088","fields":{"summary":"x","summary":"y"}}`, fault.Invalid, "daemon.bad_request"},
		"two requests":            {"POST", update, good + `}` + good + `}`, fault.Invalid, "daemon.bad_request"},
		"cut":                     {"POST", update, good, fault.Invalid, "daemon.bad_request"},
		"fields are a list":       {"POST", update, `{"ticket":"INTG-088","fields":["summary"]}`, fault.Invalid, "daemon.bad_request"},
		"a text is a number":      {"POST", update, `{"ticket":"INTG-088","fields":{"summary":1}}`, fault.Invalid, "daemon.bad_request"},
		"a text is null":          {"POST", update, `{"ticket":"INTG-088","fields":{"summary":[null]}}`, fault.Invalid, "daemon.bad_request"},
		"an object":               {"POST", update, `{"ticket":"INTG-088","fields":{"summary":{"text":"x"}}}`, fault.Invalid, "daemon.bad_request"},
		"ticket is a number":      {"POST", update, `{"ticket":88,"fields":{"summary":"x"}}`, fault.Invalid, "daemon.bad_request"},
		"wait is a text":          {"POST", update, good + `,"wait_ms":"1s"}`, fault.Invalid, "daemon.bad_request"},
		"wait is a fraction":      {"POST", update, good + `,"wait_ms":0.5}`, fault.Invalid, "daemon.bad_request"},
		"wait is huge":            {"POST", update, good + `,"wait_ms":9223372036854775807}`, fault.Invalid, "tickets.bad_wait"},
		"wait is beyond huge":     {"POST", update, good + `,"wait_ms":92233720368547758070}`, fault.Invalid, "daemon.bad_request"},
		"wait is negative":        {"POST", update, good + `,"wait_ms":-1}`, fault.Invalid, "tickets.bad_wait"},
		"not UTF-8":               {"POST", update, "{\"ticket\":\"INTG-088\",\"fields\":{\"summary\":\"\xff\"}}", fault.Invalid, "daemon.bad_request"},
		"half a surrogate":        {"POST", update, `{"ticket":"INTG-088","fields":{"summary":"\ud800"}}`, fault.Invalid, "daemon.bad_request"},
		"nested deeply":           {"POST", update, `{"fields":` + strings.Repeat(`{"a":`, 12_000), fault.Invalid, "daemon.bad_request"},
		"no ticket":               {"POST", update, `{"fields":{"summary":"x"}}`, fault.Invalid, "tracker.bad_ticket"},
		"no fields":               {"POST", update, `{"ticket":"INTG-088"}`, fault.Invalid, "tracker.nothing"},
		"NUL":                     {"POST", update, `{"ticket":"INTG-088","fields":{"summary":"a\u0000b"}}`, fault.Invalid, "tracker.bad_text"},
		"50,001 characters":       {"POST", update, `{"ticket":"INTG-088","fields":{"summary":"` + strings.Repeat("界", 50_001) + `"}}`, fault.Invalid, "tracker.bad_text"},
		"no name":                 {"POST", update, `{"ticket":"INTG-088","fields":{"":"x"}}`, fault.Invalid, "tracker.no_name"},
		"the id":                  {"POST", update, `{"ticket":"INTG-088","fields":{"ID":"INTG-1"}}`, fault.Invalid, "tracker.reserved"},
		"the id by its name":      {"POST", update, `{"ticket":"INTG-088","fields":{"id":"INTG-1"}}`, fault.Invalid, "tracker.reserved"},
		"an approval":             {"POST", update, `{"ticket":"INTG-088","fields":{"承認":"ok"}}`, fault.Invalid, "tracker.reserved"},
		"an approval by its name": {"POST", update, `{"ticket":"INTG-088","fields":{"approval":"ok"}}`, fault.Invalid, "tracker.reserved"},
		"an approval, spaced":     {"POST", update, `{"ticket":"INTG-088","fields":{" 承認 ":"ok"}}`, fault.Invalid, "tracker.reserved"},
		"an approval in a draft":  {"POST", create, `{"fields":{"summary":"x","approval":"ok"}}`, fault.Invalid, "tracker.reserved"},
		"one column, two names":   {"POST", update, `{"ticket":"INTG-088","fields":{"summary":"x","概要":"y"}}`, fault.Invalid, "tracker.twice"},
		"expected alone":          {"POST", update, good + `,"expected":{"detail":"詳"}}`, fault.Invalid, "tracker.expected_alone"},
		"another status":          {"POST", create, `{"fields":{"summary":"x","status":"完了"}}`, fault.Invalid, "tracker.not_filed"},
		"an id that climbs":       {"POST", create, `{"ticket":"../x","fields":{"summary":"x"}}`, fault.Invalid, "tracker.bad_id"},
		"an id of control signs":  {"POST", create, `{"ticket":"A\u001b[31m","fields":{"summary":"x"}}`, fault.Invalid, "tracker.bad_id"},
		"a folder from somewhere": {"POST", create, `{"ticket":"A-1","fields":{"summary":"x"},"workspace":"w"}`, fault.Invalid, "workspace.bad_path"},
		"a folder that climbs":    {"POST", create, `{"ticket":"A-1","fields":{"summary":"x"},"workspace":"/tmp/../etc"}`, fault.Invalid, "workspace.bad_path"},
		"a folder in the home":    {"POST", create, `{"ticket":"A-1","fields":{"summary":"x"},"workspace":` + quoted(t, h.Home.Run()) + `}`, fault.Invalid, "workspace.in_home"},
		"a long id":               {"POST", update, `{"ticket":"` + strings.Repeat("A", 5000) + `","fields":{"summary":"x"}}`, fault.Invalid, "tracker.bad_ticket"},
		"reading is not writing":  {"GET", update, "", fault.NotFound, "daemon.no_such_request"},
		"deleting":                {"DELETE", create + "?ticket=INTG-088", "", fault.NotFound, "daemon.no_such_request"},
		"a path for a ticket":     {"GET", create + "/INTG-088", "", fault.NotFound, "daemon.no_such_request"},
		"marking as verified":     {"POST", create + "/verified", good + "}", fault.NotFound, "daemon.no_such_request"},
		"show nothing":            {"GET", create + "/show", "", fault.Invalid, "tracker.bad_ticket"},
		"a limit that is none":    {"GET", create + "?limit=many", "", fault.Invalid, "daemon.bad_request"},
		"a limit beyond all":      {"GET", create + "?limit=99999999999999999999", "", fault.Invalid, "daemon.bad_request"},
		"looking with GET":        {"GET", "/v1/sync", "", fault.NotFound, "daemon.no_such_request"},
		"checking with POST":      {"POST", "/v1/factcheck?ticket=INTG-088", "", fault.NotFound, "daemon.no_such_request"},
	} {
		a := raw(t, h, tc.method, tc.path, tc.body)
		f := a.Fault(t)
		status := map[fault.Kind]int{fault.Invalid: http.StatusBadRequest, fault.NotFound: http.StatusNotFound}[tc.kind]
		if f.Kind != tc.kind || f.Code != tc.code || a.Code != status || len(a.Body) > 5000 {
			t.Errorf("%s: %d %.400s", name, a.Code, a.Body)
		}
		if strings.ContainsAny(a.Body, "\x1b\x00") {
			t.Errorf("%s: control characters come back: %.300q", name, a.Body)
		}
	}
	if after := h.Status(); after.Daemon.ID != before.Daemon.ID || len(after.Problems) != 0 || after.Tracker.Pending != 0 || after.Ledger != before.Ledger {
		t.Errorf("%+v after %+v", after, before)
	}
	if now := rows(t, h); !slices.EqualFunc(now, sheet, slices.Equal) {
		t.Errorf("%q after %q", now, sheet)
	}
	if left, err := filepath.Glob(filepath.Join(string(h.Home), "workspaces/*")); err != nil || len(left) != 1 {
		t.Errorf("%q, %v", left, err)
	}
}

func TestTicketAPI_TwentyMegabytes_AreRefusedUnread(t *testing.T) {
	t.Parallel()
	h := house.New(t, program)
	h.Must("ticket", "create", "INTG-088", "--summary", "概")
	s := h.Status()
	for _, path := range []string{"/v1/tickets", "/v1/tickets/update"} {
		conn := h.Connect()
		const size = 20 << 20
		go func() {
			head := "POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + strconv.Itoa(size) + "\r\n\r\n"
			_, _ = io.WriteString(conn, head+`{"fields":{"summary":"`+strings.Repeat("a", size)) // it hangs up on us
		}()
		res, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(io.LimitReader(res.Body, max(res.ContentLength, 0)))
		_ = res.Body.Close() // only read from
		if f := house.FaultIn(t, string(body)); err != nil || f.Code != "daemon.bad_request" || res.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: %v %.300s", path, err, body)
		}
	}
	if again := h.Status(); again.Daemon.ID != s.Daemon.ID || again.Ledger != s.Ledger {
		t.Errorf("%+v after %+v", again, s)
	}
}

// The answer to `verify` has the members that agents are promised, whatever
// the verdict; and so do a conflict and a refused update.
func TestTicketAPI_Verify_HasTheMembersOfAWrite(t *testing.T) {
	t.Parallel()
	h := house.New(t, program)
	h.Must("ticket", "create", "INTG-088", "--summary", "概", "--detail", "詳")
	verify := func() (code int, top, field []string, verdict string) {
		t.Helper()
		a := raw(t, h, "POST", "/v1/tickets/verify?ticket=INTG-088", "")
		var answer map[string]json.RawMessage
		var fields []map[string]json.RawMessage
		if err := json.Unmarshal([]byte(a.Body), &answer); err != nil {
			t.Fatalf("%v: %s", err, a.Body)
		}
		if err := json.Unmarshal(answer["fields"], &fields); err != nil || len(fields) != 3 {
			t.Fatalf("%v: %s", err, a.Body)
		}
		for _, f := range fields {
			if string(f["column"]) == `"詳細"` {
				field = slices.Sorted(maps.Keys(f))
			}
		}
		return a.Code, slices.Sorted(maps.Keys(answer)), field, string(answer["verdict"])
	}
	check := func(verdict string, field ...string) {
		t.Helper()
		code, top, got, v := verify()
		want := []string{"dashboard", "fields", "read_at", "row", "ticket", "verdict"}
		if code != http.StatusOK || v != `"`+verdict+`"` || !slices.Equal(top, want) || !slices.Equal(got, field) {
			t.Errorf("%d %s %q %q", code, v, top, got)
		}
	}
	check("verified", "column", "field", "sha256", "verdict")
	base, _ := serveSheet(t, h, "127.0.0.1:0")
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, base+"v4/spreadsheets/local/values/Tracker!C2?valueInputOption=RAW", strings.NewReader(`{"values":[["人"]]}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if err := res.Body.Close(); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s %v", res.Status, err)
	}
	check("verified", "actual", "column", "edited", "expected", "field", "sha256", "verdict")
	if a := raw(t, h, "POST", "/v1/tickets/verify?ticket=INTG-777", ""); a.Code != http.StatusNotFound || a.Fault(t).Code != "factcheck.unknown" {
		t.Errorf("%+v", a)
	}
	if a := raw(t, h, "POST", "/v1/tickets/verify", ""); a.Code != http.StatusBadRequest {
		t.Errorf("%+v", a)
	}
}

// A verification is about what was written to the sheet. What else is true of
// the ticket, good or bad, neither makes it verified nor refutes it.
func TestTicketAPI_Verify_IsOfTheSheetAlone(t *testing.T) {
	t.Parallel()
	h := house.New(t, program)
	h.Must("ticket", "create", "INTG-088", "--summary", "概")
	table := filepath.Join(t.TempDir(), "table.csv")
	if err := os.WriteFile(table, []byte("ID,概要,詳細,ステータス\nINTG-088,概,,起票\nINTG-100,人,,起票\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	h.Must("sheet", "import", "--replace", table)
	for _, ticket := range []string{"INTG-088", "INTG-100"} {
		var task control.Enqueued
		if err := json.Unmarshal([]byte(h.Must("enqueue", ticket, "--json", "--", "true")), &task); err != nil {
			t.Fatal(err)
		}
		h.Must("wait", strconv.FormatInt(task.Task, 10))
	}
	verify := func(ticket string) (w control.Write) {
		t.Helper()
		if err := json.Unmarshal([]byte(raw(t, h, "POST", "/v1/tickets/verify?ticket="+ticket, "").Body), &w); err != nil {
			t.Fatal(err)
		}
		return w
	}
	if w := verify("INTG-088"); w.Verdict != ledger.Verified || len(w.Fields) == 0 {
		t.Errorf("%+v", w)
	}
	// Nothing was ever written to it, and its task has succeeded.
	if out := h.Run("factcheck", "INTG-100"); !strings.Contains(out.Out, "verified") {
		t.Errorf("the claim about the task is not there: %+v", out)
	}
	if w := verify("INTG-100"); w.Verdict != ledger.Unverifiable || len(w.Fields) != 0 || w.Problem == nil || w.Problem.Code != "factcheck.nothing" {
		t.Errorf("%+v", w)
	}
}

// The documents of a ticket hold what it says, by whichever name its fields
// were given.
func TestTicketAPI_FieldsByTheirHeaders_StandInTheDocumentsToo(t *testing.T) {
	t.Parallel()
	h := house.New(t, program)
	h.Status()
	a := raw(t, h, "POST", "/v1/tickets", `{"ticket":"INTG-088","fields":{"概要":"概の文","詳細":"詳の文"}}`)
	var w control.Write
	if err := json.Unmarshal([]byte(a.Body), &w); err != nil || w.Verdict != ledger.Verified || w.Workspace == nil {
		t.Fatalf("%v: %+v", err, a)
	}
	text, err := os.ReadFile(filepath.Join(w.Workspace.Path, "SOW_INTG-088.md"))
	if err != nil || !strings.Contains(string(text), "概の文") || !strings.Contains(string(text), "詳の文") {
		t.Errorf("%v\n%s", err, text)
	}
}
