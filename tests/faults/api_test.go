package faults

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/tests/house"
)

// quoted is s as a JSON string.
func quoted(t *testing.T, s string) string {
	t.Helper()
	raw, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestAPI_WrongRequests_GetAPreciseFault_AndChangeNothing(t *testing.T) {
	t.Parallel()
	h := house.New(t, program)
	s := h.Settled()
	dir := t.TempDir()
	there := filepath.Join(dir, "there")
	if err := os.WriteFile(there, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	file := quoted(t, filepath.Join(dir, "x.db"))
	for name, tc := range map[string]struct {
		method, path, body string
		kind               fault.Kind
		code               string
	}{
		"unknown path":          {"GET", "/v1/none", "", fault.NotFound, "daemon.no_such_request"},
		"no version":            {"GET", "/status", "", fault.NotFound, "daemon.no_such_request"},
		"root":                  {"GET", "/", "", fault.NotFound, "daemon.no_such_request"},
		"trailing slash":        {"GET", "/v1/status/", "", fault.NotFound, "daemon.no_such_request"},
		"wrong method":          {"DELETE", "/v1/status", "", fault.NotFound, "daemon.no_such_request"},
		"asking for a wish":     {"GET", "/v1/stop", "", fault.NotFound, "daemon.no_such_request"},
		"hostile path":          {"GET", "/v1/%1b%5b31m%00" + strings.Repeat("a", 5000), "", fault.NotFound, "daemon.no_such_request"},
		"empty body":            {"POST", "/v1/backup", "", fault.Invalid, "daemon.bad_request"},
		"not JSON":              {"POST", "/v1/backup", "file=x", fault.Invalid, "daemon.bad_request"},
		"an array":              {"POST", "/v1/backup", "[]", fault.Invalid, "daemon.bad_request"},
		"a number":              {"POST", "/v1/backup", `{"file":7}`, fault.Invalid, "daemon.bad_request"},
		"unknown member":        {"POST", "/v1/backup", `{"file":` + file + `,"force":true}`, fault.Invalid, "daemon.bad_request"},
		"twice":                 {"POST", "/v1/backup", `{"file":` + file + `,"file":` + file + `}`, fault.Invalid, "daemon.bad_request"},
		"more after it":         {"POST", "/v1/backup", `{"file":` + file + `}{}`, fault.Invalid, "daemon.bad_request"},
		"not UTF-8":             {"POST", "/v1/backup", "{\"file\":\"/\xff\"}", fault.Invalid, "daemon.bad_request"},
		"nested deeply":         {"POST", "/v1/backup", `{"file":` + strings.Repeat("[", 12_000), fault.Invalid, "daemon.bad_request"},
		"nothing":               {"POST", "/v1/backup", "null", fault.Invalid, "backup.not_absolute"},
		"relative":              {"POST", "/v1/backup", `{"file":"x.db"}`, fault.Invalid, "backup.not_absolute"},
		"up and away":           {"POST", "/v1/backup", `{"file":"../../x.db"}`, fault.Invalid, "backup.not_absolute"},
		"home sign":             {"POST", "/v1/backup", `{"file":"~/x.db"}`, fault.Invalid, "backup.not_absolute"},
		"other case":            {"POST", "/v1/backup", `{"FILE":` + file + `}`, fault.Invalid, "daemon.bad_request"},
		"onto a file":           {"POST", "/v1/backup", `{"file":` + quoted(t, there) + `}`, fault.Conflict, "store.exists"},
		"onto a folder":         {"POST", "/v1/backup", `{"file":` + quoted(t, dir) + `}`, fault.Conflict, "store.exists"},
		"onto the store":        {"POST", "/v1/backup", `{"file":` + quoted(t, h.Home.Database()) + `}`, fault.Conflict, "store.exists"},
		"onto the store by ../": {"POST", "/v1/backup", `{"file":` + quoted(t, h.Home.Run()+"/../uratori.db") + `}`, fault.Conflict, "store.exists"},
		"negative count":        {"GET", "/v1/ledger?last=-1", "", fault.Invalid, "ledger.not_a_count"},
		"no count":              {"GET", "/v1/ledger?last=many", "", fault.Invalid, "ledger.not_a_count"},
		"a count too large":     {"GET", "/v1/ledger?last=99999999999999999999", "", fault.Invalid, "ledger.not_a_count"},
		"half a hash":           {"GET", "/v1/ledger/verify?known=12", "", fault.Invalid, "ledger.not_a_hash"},
		"no hash":               {"GET", "/v1/ledger/verify?known=" + strings.Repeat("z", 64), "", fault.Invalid, "ledger.not_a_hash"},
	} {
		a := raw(t, h, tc.method, tc.path, tc.body)
		f := a.Fault(t)
		if f.Kind != tc.kind || f.Code != tc.code || a.Type != "application/json" {
			t.Errorf("%s: %d %s %.300s", name, a.Code, a.Type, a.Body)
		}
		if strings.ContainsAny(a.Body, "\x1b\x00") {
			t.Errorf("%s: control characters come back: %.300q", name, a.Body)
		}
	}
	again := h.Status()
	if again.Daemon.ID != s.Daemon.ID || again.Ledger != s.Ledger || len(again.Problems) != 0 {
		t.Errorf("%+v after %+v", again, s)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if text, err := os.ReadFile(there); err != nil || string(text) != "precious" {
		t.Errorf("%s, %v", text, err)
	}
}

// raw asks with a body of known length.
func raw(t *testing.T, h *house.House, method, path, body string) house.Answer {
	t.Helper()
	return h.Ask(method, path, strings.NewReader(body), "Content-Type: application/json")
}

// The daemon stops reading long before the end of such a body, so the client
// writes and reads at the same time.
func TestAPI_TwentyMegabytes_AreRefusedUnread(t *testing.T) {
	t.Parallel()
	h := house.New(t, program)
	s := h.Settled()
	conn := h.Connect()
	const size = 20 << 20
	go func() {
		head := "POST /v1/backup HTTP/1.1\r\nHost: x\r\nContent-Length: " + strconv.Itoa(size) + "\r\n\r\n"
		_, _ = io.WriteString(conn, head+`{"file":"/`+strings.Repeat("a", size)) // it hangs up on us
	}()
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // only read from
	body, err := io.ReadAll(io.LimitReader(res.Body, max(res.ContentLength, 0)))
	if err != nil {
		t.Fatal(err)
	}
	if f := house.FaultIn(t, string(body)); f.Code != "daemon.bad_request" || len(body) > 2000 {
		t.Errorf("%.300s", body)
	}
	if again := h.Status(); again.Daemon.ID != s.Daemon.ID || again.Ledger != s.Ledger {
		t.Errorf("%+v after %+v", again, s)
	}
}

// A backup to a place that cannot be is a person's slip, told as one.
func TestAPI_ImpossibleBackupPaths_GetAPreciseFault(t *testing.T) {
	t.Parallel()
	h := house.New(t, program)
	h.Status()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string]string{
		"missing folder":   filepath.Join(dir, "no", "x.db"),
		"below a file":     filepath.Join(dir, "file", "x.db"),
		"NUL":              filepath.Join(dir, "a\x00b"),
		"name too long":    filepath.Join(dir, strings.Repeat("a", 300)),
		"path too long":    "/" + strings.Repeat("a/", 3000) + "x.db",
		"the kernel's own": "/proc/x.db",
	} {
		f := raw(t, h, "POST", "/v1/backup", `{"file":`+quoted(t, file)+`}`).Fault(t)
		if !strings.Contains(f.Message, printableStart(file)) {
			t.Errorf("%s: the place is not named: %+v", name, f)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func printableStart(file string) string {
	const enough = 6
	return file[:enough]
}

func TestAPI_StopWorksForEveryProtocol_OthersAreRefused(t *testing.T) {
	t.Parallel()
	h := house.New(t, program)
	s := h.Status()
	for _, number := range []string{"999", "0", "-1", "1.0", "x", "99999999999999999999999"} {
		a := h.Ask("GET", "/v1/status", nil, control.APIHeader+": "+number, control.VersionHeader+": 9.9.9")
		f := a.Fault(t)
		if a.Code != http.StatusConflict || f.Code != "control.other_version" || f.Values["command"] != "9.9.9" || f.Values["want"] != number {
			t.Errorf("%s: %d %s", number, a.Code, a.Body)
		}
	}
	a := h.Ask("POST", control.StopPath, nil, control.APIHeader+": 999")
	if a.Code != http.StatusOK {
		t.Errorf("%d %s", a.Code, a.Body)
	}
	house.Until(t, "the end of the daemon", func() bool {
		alive, err := s.Daemon.Alive()
		return err == nil && !alive
	})
}

func TestAPI_Floods_LeaveTheDaemonAnswering(t *testing.T) {
	t.Parallel()
	h := house.New(t, program)
	s := h.Settled()
	var many bytes.Buffer
	many.WriteString("GET /v1/status HTTP/1.1\r\nHost: x\r\n")
	for i := range 50_000 {
		fmt.Fprintf(&many, "X-%d: %s\r\n", i, strings.Repeat("y", 40))
	}
	many.WriteString("\r\n")
	for name, words := range map[string]string{
		"50,000 headers":      many.String(),
		"an endless line":     "GET /" + strings.Repeat("a", 4<<20),
		"two lengths":         "POST /v1/stop HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: 9\r\n\r\n",
		"length and chunks":   "GET /v1/status HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\nTransfer-Encoding: chunked\r\n\r\n",
		"an endless chunk":    "POST /v1/backup HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
		"an upgrade":          "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
		"a thousand at once":  strings.Repeat("GET /v1/hello HTTP/1.1\r\nHost: x\r\n\r\n", 1000),
		"a TLS hello":         "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
		"no HTTP whatsoever":  "status\n",
		"control in a header": "GET /v1/status HTTP/1.1\r\nHost: x\r\nUratori-Api: \x1b[31m\r\n\r\n",
	} {
		conn := h.Connect()
		done := make(chan struct{})
		go func() {
			defer close(done)
			_, _ = io.WriteString(conn, words) // it may hang up on us
			_ = conn.CloseWrite()
		}()
		first := make([]byte, 16)
		if n, err := conn.Read(first); err == nil && !strings.HasPrefix(string(first[:n]), "HTTP/1.1 ") {
			t.Errorf("%s: %q", name, first[:n])
		}
		_ = conn.Close() // the daemon may have hung up first
		<-done
		if now := h.Status(); now.Daemon.ID != s.Daemon.ID || now.Ledger != s.Ledger {
			t.Errorf("%s: %+v after %+v", name, now, s)
		}
	}
}

// 300 clients that say nothing, or begin and never end, keep nobody else out.
func TestAPI_SilentClients_KeepNobodyOut(t *testing.T) {
	t.Parallel()
	h := house.New(t, program)
	s := h.Status()
	halves := []string{"", "GET /v1/sta", "POST /v1/backup HTTP/1.1\r\nHost: x\r\nContent-Length: 999\r\n\r\n{", "GET /v1/ledger?follow=true HTTP/1.1\r\nHost: x\r\n\r\n"}
	for i := range 300 {
		if _, err := io.WriteString(h.Connect(), halves[i%len(halves)]); err != nil {
			t.Fatal(err)
		}
	}
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			if now := h.Status(); now.Daemon.ID != s.Daemon.ID {
				t.Errorf("%+v", now)
			}
		})
	}
	all.Wait()
	h.Must("ledger", "verify")
}

// A client that has said nothing has no business that a stop should wait for.
// One in the middle of a request gets some time to end it, and is then no
// reason to call a loop hung.
func TestDown_SilentClients_DoNotHoldItUp(t *testing.T) {
	t.Parallel()
	const soon, grace = 4 * time.Second, 9 * time.Second
	for name, tc := range map[string]struct {
		words string
		limit time.Duration
	}{
		"nothing said":  {"", soon},
		"half a header": {"GET /v1/sta", soon},
		"half a body":   {"POST /v1/backup HTTP/1.1\r\nHost: x\r\nContent-Length: 999\r\n\r\n{", grace},
		"a follower":    {"GET /v1/ledger?follow=true HTTP/1.1\r\nHost: x\r\n\r\n", soon},
	} {
		h := house.New(t, program)
		h.Status()
		if _, err := io.WriteString(h.Connect(), tc.words); err != nil {
			t.Fatal(err)
		}
		h.Status() // by now the daemon has accepted the one before
		began := time.Now()
		h.Must("down")
		if took := time.Since(began); took > tc.limit {
			t.Errorf("%s: down took %v", name, took)
		}
		stopped := h.Entries("daemon.stopped")
		if len(stopped) != 1 || !strings.Contains(string(stopped[0].Data), `"hung":[]`) {
			t.Errorf("%s: %v", name, stopped)
		}
	}
}

// A page that is full says where the next one begins, whatever its size.
func TestTasksAPI_EveryFullPage_NamesTheNext(t *testing.T) {
	t.Parallel()
	h := house.New(t, program)
	const tasks = 3
	for range tasks {
		h.Must("enqueue", "--hold", "--", "true")
	}
	before, seen := int64(0), []int64{}
	for range tasks + 1 {
		var page control.TaskPage
		a := raw(t, h, "GET", "/v1/tasks?limit=1&before="+strconv.FormatInt(before, 10), "")
		if err := json.Unmarshal([]byte(a.Body), &page); err != nil {
			t.Fatalf("%v: %+v", err, a)
		}
		for _, task := range page.Tasks {
			seen = append(seen, task.Task)
		}
		if before = page.Next; before == 0 {
			break
		}
	}
	if !slices.Equal(seen, []int64{3, 2, 1}) {
		t.Errorf("%d", seen)
	}
}
