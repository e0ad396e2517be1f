package faults

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"uratori/internal/control"
	"uratori/tests/house"
)

// serveSheet serves the embedded sheet of a house at an address, until the
// test ends or the function is called, and returns its base URL.
func serveSheet(t *testing.T, h *house.House, listen string) (base string, end func()) {
	t.Helper()
	cmd := h.Command("sheet", "serve", "--listen", listen, "--json")
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	ended := false
	end = func() {
		if ended {
			return
		}
		ended = true
		_ = cmd.Process.Signal(syscall.SIGTERM) // the end of the test may have ended it
		_ = cmd.Wait()
	}
	t.Cleanup(end)
	var at struct {
		URL string `json:"url"`
	}
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err := errors.Join(err, json.Unmarshal(line, &at)); err != nil {
		t.Fatal(err)
	}
	return at.URL, end
}

// freeAddress is one of this machine where nobody listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return l.Addr().String()
}

// tenant is a house whose tracker is the sheet at base.
func tenant(t *testing.T, base string) *house.House {
	t.Helper()
	h := house.New(t, program)
	h.Env = []string{"URATORI_TRACKER_ENDPOINT=" + base, "URATORI_TRACKER_SYNC_INTERVAL=1s", "URATORI_TRACKER_REQUESTS_PER_MINUTE=0"}
	return h
}

// rows are those of the tab Tracker in a house's own sheet, without the
// header.
func rows(t *testing.T, h *house.House) [][]string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "sheet.csv")
	h.Must("sheet", "export", file)
	return readCSV(t, file)[1:]
}

// readCSV are the rows of an exported table, blanks at their ends included.
func readCSV(t *testing.T, file string) [][]string {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(raw, []byte("\ufeff"))))
	r.FieldsPerRecord = -1
	all, err := r.ReadAll()
	if err != nil || len(all) == 0 {
		t.Fatalf("%s: %d rows, %v", file, len(all), err)
	}
	const columns = 5
	for i := range all { // trailing blanks are not exported
		for len(all[i]) < columns {
			all[i] = append(all[i], "")
		}
	}
	return all
}

// cellsIn are the rows with a ticket in them.
func cellsIn(all [][]string, ticket string) (found [][]string) {
	for _, row := range all {
		if row[0] == ticket {
			found = append(found, row)
		}
	}
	return found
}

// written reads what `ticket create --json` or `update --json` said.
func written(t *testing.T, r house.Result) control.Write {
	t.Helper()
	var w control.Write
	if err := json.Unmarshal([]byte(r.Out), &w); err != nil || w.Ticket == "" {
		t.Errorf("%v: %+v", err, r)
	}
	return w
}

// liar stands in front of a true sheet and has a twin of it answer to every
// write, so that each answer looks as it should. bend makes of a write what
// reaches the true sheet: nil is nothing.
type liar struct {
	truth, twin http.Handler
	bend        atomic.Pointer[func(body []byte) []byte]
	bent        atomic.Int32 // writes that did not arrive as they were sent
}

func newLiar(t *testing.T, truth, twin string) (*liar, string) {
	t.Helper()
	way := func(base string) http.Handler {
		at, err := url.Parse(base)
		if err != nil {
			t.Fatal(err)
		}
		quiet := log.New(io.Discard, "", 0) // the end of the test comes to the sheets first
		return &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(at) }, ErrorLog: quiet}
	}
	l := &liar{truth: way(truth), twin: way(twin)}
	l.honest()
	server := httptest.NewServer(l)
	t.Cleanup(server.Close)
	return l, server.URL + "/"
}

func (l *liar) honest() { l.lie(func(body []byte) []byte { return body }) }

func (l *liar) lie(bend func([]byte) []byte) { l.bend.Store(&bend) }

func (l *liar) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, ":batchUpdate") {
		l.truth.ServeHTTP(w, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	with := func(body []byte) *http.Request {
		r := r.Clone(r.Context())
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		return r
	}
	arrives := (*l.bend.Load())(body)
	if arrives != nil {
		l.truth.ServeHTTP(httptest.NewRecorder(), with(arrives))
	}
	if !bytes.Equal(arrives, body) {
		l.bent.Add(1)
	}
	l.twin.ServeHTTP(w, with(body))
}

// liedTo is a house behind a liar, with one ticket that was filed while the
// liar was honest, and the house of the true sheet.
func liedTo(t *testing.T) (h, truth *house.House, l *liar) {
	t.Helper()
	truth = house.New(t, program)
	base, _ := serveSheet(t, truth, "127.0.0.1:0")
	twin, _ := serveSheet(t, house.New(t, program), "127.0.0.1:0")
	l, through := newLiar(t, base, twin)
	h = tenant(t, through)
	h.Must("ticket", "create", "INTG-088", "--summary", "概", "--detail", "詳")
	h.Must("factcheck", "INTG-088")
	return h, truth, l
}

func TestTicket_AServerThatSwallowsTheWrite_IsFoundOut(t *testing.T) {
	t.Parallel()
	h, truth, l := liedTo(t)
	l.lie(func([]byte) []byte { return nil })
	r := h.Run("ticket", "update", "INTG-088", "--detail", "新", "--json")
	w := written(t, r)
	if r.Code != 1 || w.Verdict != "refuted" || w.Conflict || len(w.Fields) != 1 || w.Fields[0].Verdict != "refuted" {
		t.Errorf("%+v", r)
	}
	if f := w.Fields[0]; f.Expected == nil || *f.Expected != "新" || f.Actual == nil || *f.Actual != "詳" {
		t.Errorf("both texts are wanted: %s", r.Out)
	}
	if r := h.Run("ticket", "update", "INTG-088", "--summary", "新"); r.Code != 1 || strings.Contains(r.Out, "✔") || !strings.Contains(r.Out, "✘ INTG-088: refuted") {
		t.Errorf("%+v", r)
	}
	if l.bent.Load() == 0 {
		t.Error("nothing was swallowed")
	}
	l.honest()
	for range 2 {
		if r := h.Run("factcheck", "INTG-088"); r.Code != 1 || !strings.Contains(r.Out, "❌ sheet cell 詳細: refuted") || !strings.Contains(r.Out, "✅ sheet cell ステータス") {
			t.Errorf("%+v", r)
		}
		h.Must("down")
	}
	if there := cellsIn(rows(t, truth), "INTG-088"); len(there) != 1 || there[0][1] != "概" || there[0][2] != "詳" {
		t.Errorf("%q", there)
	}
	h.Must("ledger", "verify")
}

func TestTicket_AServerThatSwallowsACreate_IsFoundOut(t *testing.T) {
	t.Parallel()
	h, truth, l := liedTo(t)
	l.lie(func([]byte) []byte { return nil })
	r := h.Run("ticket", "create", "INTG-089", "--summary", "二", "--json")
	if w := written(t, r); r.Code != 1 || w.Verdict != "refuted" || w.Workspace != nil {
		t.Errorf("%+v", r)
	}
	l.honest()
	// It was written and is not there: that is a claim, and it is refuted.
	r = h.Run("factcheck", "INTG-089")
	if r.Code != 1 || !strings.Contains(r.Out, "❌ INTG-089: refuted") || strings.Contains(r.Out+r.Err, "nothing was ever written") {
		t.Errorf("%+v", r)
	}
	if r := h.Run("factcheck", "--all"); r.Code != 1 || !strings.Contains(r.Out, "1 refuted, 0 cannot be verified") {
		t.Errorf("%+v", r)
	}
	// It may still arrive, so its id is no other's.
	if w := written(t, h.Run("ticket", "create", "--summary", "三", "--json")); w.Ticket == "INTG-089" {
		t.Error("the id was given away again")
	}
	if there := cellsIn(rows(t, truth), "INTG-089"); len(there) != 0 {
		t.Errorf("%q", there)
	}
}

func TestTicket_AServerThatDropsBlanks_IsFoundOut(t *testing.T) {
	t.Parallel()
	h, truth, l := liedTo(t)
	l.lie(dropBlanks)
	const text = "一 \n二  "
	r := h.Run("ticket", "update", "INTG-088", "--detail", text, "--json")
	w := written(t, r)
	if r.Code != 1 || w.Verdict != "refuted" {
		t.Errorf("%+v", r)
	}
	if len(w.Fields) != 1 || w.Fields[0].Actual == nil || *w.Fields[0].Actual != "一 \n二" {
		t.Errorf("%+v", r)
	}
	if r := h.Run("ticket", "update", "INTG-088", "--summary", "blanks "); r.Code != 1 || strings.Contains(r.Out, "✔ INTG-088") {
		t.Errorf("%+v", r)
	}
	h.Must("ticket", "update", "INTG-088", "--set", "ステータス=対応中")
	l.honest()
	if r := h.Run("factcheck", "INTG-088"); r.Code != 1 || !strings.Contains(r.Out, "❌ sheet cell 詳細") || !strings.Contains(r.Out, "❌ sheet cell 概要") {
		t.Errorf("%+v", r)
	}
	if there := cellsIn(rows(t, truth), "INTG-088"); len(there) != 1 || there[0][2] != "一 \n二" || there[0][3] != "対応中" {
		t.Errorf("%q", there)
	}
	if l.bent.Load() == 0 {
		t.Error("nothing was dropped")
	}
}

// dropBlanks takes the blanks off the end of every text in a write.
func dropBlanks(body []byte) []byte {
	var tree any
	if json.Unmarshal(body, &tree) != nil {
		return body
	}
	changed := false
	var walk func(any)
	walk = func(node any) {
		switch node := node.(type) {
		case map[string]any:
			if text, ok := node["stringValue"].(string); ok && strings.TrimRight(text, " ") != text {
				node["stringValue"], changed = strings.TrimRight(text, " "), true
			}
			for _, child := range node {
				walk(child)
			}
		case []any:
			for _, child := range node {
				walk(child)
			}
		}
	}
	walk(tree)
	if !changed {
		return body
	}
	bent, err := json.Marshal(tree)
	if err != nil {
		return body
	}
	return bent
}

// The sheet that was away comes back: what waited is carried out, once.
func TestTicket_QueuedWhileTheSheetIsAway_IsCarriedOutWhenItIsBack(t *testing.T) {
	t.Parallel()
	address := freeAddress(t)
	h, sheet := tenant(t, "http://"+address+"/"), house.New(t, program)
	r := h.Run("ticket", "create", "INTG-088", "--summary", "概", "--detail", "詳\n ", "--wait", "1s", "--json")
	if w := written(t, r); r.Code != 3 || !w.Queued || w.Verdict != "unverifiable" || w.ReadAt != nil {
		t.Fatalf("%+v", r)
	}
	_, away := serveSheet(t, sheet, address)
	house.Until(t, "the verdict on what was queued", func() bool { return h.Status().Tracker.Pending == 0 })
	if out := h.Must("factcheck", "INTG-088"); !strings.Contains(out, "✅ INTG-088: verified; 3 of 3 checks hold") {
		t.Error(out)
	}
	if there := rows(t, sheet); len(there) != 1 || there[0][0] != "INTG-088" || there[0][1] != "概" || there[0][2] != "詳\n " || there[0][3] != "起票" {
		t.Errorf("%q", there)
	}
	house.Until(t, "the folder of a ticket that nobody waited for", func() bool {
		_, err := os.Stat(filepath.Join(string(h.Home), "workspaces/INTG-088/SOW_INTG-088.md"))
		return err == nil
	})
	away()
	if r := h.Run("factcheck", "INTG-088"); r.Code != 3 || strings.Contains(r.Out, "✅") {
		t.Errorf("of a sheet that is away again: %+v", r)
	}
	h.Must("ledger", "verify")
}

func TestTicket_DownWhileACreateWaits_IsQuickAndLosesNothing(t *testing.T) {
	t.Parallel()
	address := freeAddress(t)
	const soon = 2 * time.Second
	h, sheet := tenant(t, "http://"+address+"/"), house.New(t, program)
	h.Status()
	waits := make(chan house.Result, 1)
	cmd := h.Command("ticket", "create", "INTG-088", "--summary", "概", "--json")
	go func() { waits <- house.Finish(t, cmd) }()
	house.Until(t, "the create in the outbox", func() bool { return h.Status().Tracker.Pending == 1 })
	began := time.Now()
	h.Must("down")
	if took := time.Since(began); took > soon {
		t.Errorf("down took %v", took)
	}
	if r := <-waits; r.Code != 3 {
		t.Errorf("%+v", r)
	}
	if n := len(h.Daemons()); n != 0 {
		t.Errorf("%d daemons are left", n)
	}
	serveSheet(t, sheet, address)
	house.Until(t, "the verdict on what was queued", func() bool { return h.Status().Tracker.Pending == 0 })
	h.Must("factcheck", "INTG-088")
	if there := rows(t, sheet); len(there) != 1 || there[0][1] != "概" {
		t.Errorf("%q", there)
	}
}

// Whoever writes twice while the sheet is away knows what they wrote first:
// nobody else has changed it.
func TestTicket_TwoQueuedTextsForOneCell_TheLastIsThere(t *testing.T) {
	t.Parallel()
	address := freeAddress(t)
	h, sheet := tenant(t, "http://"+address+"/"), house.New(t, program)
	for _, args := range [][]string{
		{"create", "INTG-088", "--summary", "一", "--detail", "詳"},
		{"update", "INTG-088", "--summary", "二"},
		{"update", "INTG-088", "--summary", "三"},
	} {
		if r := h.Run(append([]string{"ticket"}, append(args, "--wait", "1s")...)...); r.Code != 3 || !strings.Contains(r.Out, "queued") {
			t.Errorf("%+v", r)
		}
	}
	serveSheet(t, sheet, address)
	house.Until(t, "the verdicts on what was queued", func() bool { return h.Status().Tracker.Pending == 0 })
	if r := h.Run("factcheck", "INTG-088"); r.Code != 0 || strings.Contains(r.Out, "somebody has changed") {
		t.Errorf("%+v", r)
	}
	if there := rows(t, sheet); len(there) != 1 || there[0][1] != "三" {
		t.Errorf("%q", there)
	}
}

// A ticket that was to get the next free id gets it, whatever people have
// filed and whoever was restarted while it waited.
func TestTicket_QueuedWithoutAnID_GetsAFreeOneAfterARestart(t *testing.T) {
	t.Parallel()
	for name, looked := range map[string]bool{"a sheet never seen": false, "an id taken meanwhile": true} {
		address := freeAddress(t)
		h, sheet := tenant(t, "http://"+address+"/"), house.New(t, program)
		sheet.Must("ticket", "create", "INTG-001", "--summary", "theirs")
		if looked {
			_, away := serveSheet(t, sheet, address)
			h.Must("ticket", "list")
			away()
			sheet.Must("ticket", "create", "INTG-002", "--summary", "theirs")
		}
		r := h.Run("ticket", "create", "--summary", "ours", "--key", "k", "--wait", "1s", "--json")
		var w control.Write
		if err := json.Unmarshal([]byte(r.Out), &w); err != nil || r.Code != 3 || !w.Queued {
			t.Errorf("%s: %v %+v", name, err, r)
		}
		h.Must("down")
		serveSheet(t, sheet, address)
		house.Until(t, "the verdict on what was queued", func() bool { return h.Status().Tracker.Pending == 0 })
		r = h.Run("ticket", "create", "--summary", "ours", "--key", "k")
		if r.Code != 0 || !strings.Contains(r.Out, ": verified") {
			t.Errorf("%s: %+v", name, r)
		}
		ours := 0
		there := rows(t, sheet)
		for _, row := range there {
			if row[1] == "ours" && len(cellsIn(there, row[0])) == 1 {
				ours++
			}
		}
		if ours != 1 {
			t.Errorf("%s: %q", name, there)
		}
	}
}
