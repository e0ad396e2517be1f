package chaos

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	api "google.golang.org/api/sheets/v4"
)

func someRows(n int) [][]string {
	rows := make([][]string, n)
	for i := range rows {
		rows[i] = []string{fmt.Sprintf("INTG-%03d", i+1), fmt.Sprintf("概要 %d", i+1), "", filed, "", "", fmt.Sprint("メモ ", i)}
	}
	return rows
}

// The journal's last table is what the sheet holds, whatever people do.
func TestPerson_ThousandActs_TheJournalKnowsThemAll(t *testing.T) {
	s := OpenSheet(t, someRows(20)...)
	h := NewHuman(s, "INTG", 1)
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // places, not secrets
	for range 1000 {
		var near []Place
		if random.IntN(3) == 0 {
			near = []Place{{1 + random.IntN(30), random.IntN(7)}}
		}
		if err := h.Act(near); err != nil {
			t.Fatal(err)
		}
	}
	read, err := s.ReadAs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	told := Judge(s.Journal(), nil, read)
	if len(told.Violations) > 0 {
		t.Error(told.Violations[:min(3, len(told.Violations))])
	}
	for _, what := range []string{"edit", "empty", "type", "insert", "file", "delete", "sort", "move", "note", "copy", "tidy"} {
		if h.counts[what] == 0 {
			t.Errorf("no act was %q: %v", what, h.counts)
		}
	}
	if n := len(h.tickets(s.Now())); n < fewRows/2 || n > 2*manyRows {
		t.Errorf("%d tickets are left", n)
	}
}

// A row keeps its number through every change of its place.
func TestCarry_RowsKeepTheirNumbers_WhereverTheyAreMoved(t *testing.T) {
	s := OpenSheet(t, someRows(12)...)
	random := rand.New(rand.NewPCG(1, 3)) //nolint:gosec // places, not secrets
	for range 300 {
		before := map[int]string{}
		for _, row := range s.Now() {
			before[row.ID] = row.at(0).Text
		}
		var what string
		after, err := s.Act("move", func(t Table) []*api.Request {
			n := len(t)
			row := 1 + random.IntN(n-1)
			var requests []*api.Request
			switch random.IntN(4) {
			case 0:
				requests = []*api.Request{s.insertRow(row), s.deleteRow(row + 1), s.writeCell(n, 0, fmt.Sprint("FUSS-", random.Int()))}
			case 1:
				requests = []*api.Request{s.deleteRow(row), s.insertRow(1), s.writeCell(1, 0, fmt.Sprint("NEU-", random.Int()))}
			case 2:
				requests = []*api.Request{s.moveRow(row, 1+random.IntN(n))}
			default:
				requests = []*api.Request{s.sortRows(1, n, random.IntN(7), random.IntN(2) == 0)}
			}
			what = Describe(requests)
			return requests
		})
		if err != nil {
			t.Fatal(err)
		}
		seen := map[int]bool{}
		for _, row := range after {
			if was, old := before[row.ID]; old && was != row.at(0).Text || seen[row.ID] {
				t.Fatalf("%s: row %d was %q and is %q", what, row.ID, was, row.at(0).Text)
			}
			seen[row.ID] = true
		}
	}
}

func openWire(t *testing.T, fault Fault) (*Wire, *http.Client) {
	t.Helper()
	w := &Wire{
		Sheet: OpenSheet(t, someRows(3)...), Pick: func(bool) Fault { return fault },
		Before: func([]Place) {}, After: func([]Place) {}, Trouble: func(err error) { t.Error(err) },
	}
	w.Open(t, 1)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return w, &http.Client{
		Transport: transport, Timeout: 10 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func post(ctx context.Context, c *http.Client, url string, body []byte) (code int, answer string, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	res, err := c.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close() //nolint:errcheck // only read from
	raw, err := io.ReadAll(res.Body)
	return res.StatusCode, string(raw), err
}

// Each fault does to a real connection, and to the table, what its name says.
func TestWire_EachFault_IsWhatItsNameSays(t *testing.T) {
	reset := func(code int, _ string, err error) bool {
		return code == 0 && (errors.Is(err, syscall.ECONNRESET) || errors.Is(err, io.EOF))
	}
	is := func(want int) func(int, string, error) bool {
		return func(code int, _ string, err error) bool { return code == want && err == nil }
	}
	for _, c := range []struct {
		fault   Fault
		told    func(int, string, error) bool
		applied bool
	}{
		{None, is(200), true},
		{Refused, reset, false},
		{ResetBefore, reset, false},
		{S401, is(401), false},
		{S403, is(403), false},
		{S404, is(404), false},
		{S429, is(429), false},
		{S429Wait, is(429), false},
		{S500, is(500), false},
		{S503, is(503), false},
		{Redirect, is(302), false},
		{Slow, is(200), true},
		{ResetAfter, reset, true},
		{TimeOut, reset, true},
		{Truncated, func(code int, _ string, err error) bool { return code == 200 && errors.Is(err, io.ErrUnexpectedEOF) }, true},
		{Garbage, func(_ int, body string, err error) bool { return err == nil && strings.HasPrefix(body, "<html>") }, true},
		{S500After, is(500), true},
		{S503After, is(503), true},
		{Late, reset, true},
		{Forgotten, is(200), false},
	} {
		t.Run(string(c.fault), func(t *testing.T) {
			t.Parallel()
			w, client := openWire(t, c.fault)
			body := w.Sheet.batch(w.Sheet.writeCell(2, 1, "neu"), w.Sheet.insertRow(1)).Body
			code, answer, err := post(t.Context(), client, w.URL()+"v4/spreadsheets/local:batchUpdate", body)
			if !c.told(code, answer, err) {
				t.Errorf("told %d %q %v", code, answer, err)
			}
			w.Quiet()
			applied := len(w.Sheet.Journal().Entries) == 2
			read, err := w.Sheet.ReadAs(t.Context())
			if err != nil || applied != c.applied || c.applied != (len(read) == 5) || c.applied && read[3][1] != "neu" {
				t.Errorf("applied %v: %q, %v", applied, read, err)
			}
			if told := Judge(w.Sheet.Journal(), nil, read); slices.ContainsFunc(told.Violations, func(v Violation) bool { return v.Wrong == Untold }) {
				t.Error(told.Violations)
			}
			if w.Counts()[c.fault] != 1 {
				t.Error(w.Counts())
			}
		})
	}
}

// While connections are refused the port stays ours, and is open again after.
func TestWire_Refused_NobodyGetsInForAWhile(t *testing.T) {
	w, client := openWire(t, Refused)
	url := w.URL() + "v4/spreadsheets/local/values:batchGetByDataFilter"
	if _, _, err := post(t.Context(), client, url, []byte(`{}`)); err == nil {
		t.Error("no fault")
	}
	refused := false
	for deadline := time.Now().Add(outage); !refused && time.Now().Before(deadline); {
		_, _, err := post(t.Context(), client, url, []byte(`{}`))
		refused = errors.Is(err, syscall.ECONNREFUSED)
	}
	if !refused {
		t.Error("nobody was refused")
	}
	w.Quiet()
	w.mu.Lock()
	w.Pick = func(bool) Fault { return None }
	w.mu.Unlock()
	if code, _, err := post(t.Context(), client, url, []byte(`{"dataFilters":[{"a1Range":"Tracker"}]}`)); code != 200 {
		t.Error(code, err)
	}
}

// A reading that got through tells what the tracker knew when it wrote.
func TestSheet_AWrite_IsHeldAgainstTheLookBeforeIt(t *testing.T) {
	w, client := openWire(t, None)
	look := []byte(fmt.Sprintf(`{"dataFilters":[{"gridRange":{"sheetId":%d}}]}`, w.Sheet.sheetID))
	for _, fault := range []Fault{None, Truncated} { // the second look did not arrive
		w.Pick = func(bool) Fault { return fault }
		_, _, _ = post(t.Context(), client, w.URL()+"v4/spreadsheets/local/values:batchGetByDataFilter", look)
		if _, err := w.Sheet.Act("edit", func(Table) []*api.Request { return []*api.Request{w.Sheet.writeCell(1, 1, "人")} }); err != nil {
			t.Fatal(err)
		}
	}
	w.Pick = func(bool) Fault { return None }
	pictures := &api.Request{AddSheet: &api.AddSheetRequest{Properties: &api.SheetProperties{Title: "pictures"}}}
	for _, request := range []*api.Request{pictures, w.Sheet.writeCell(1, 1, "x")} { // the first is about nothing in the table
		if code, answer, err := post(t.Context(), client, w.URL()+"v4/spreadsheets/local:batchUpdate", w.Sheet.batch(request).Body); code != 200 {
			t.Fatal(code, answer, err)
		}
	}
	j := w.Sheet.Journal()
	last := j.Entries[len(j.Entries)-1]
	if len(j.Entries) != 4 || last.By != Tracker || !slices.Equal(last.Looks, []int{0}) || len(j.Readings) != 2 || !j.Readings[0].Whole || j.Readings[1].Whole {
		t.Errorf("%+v %+v", last, j.Readings)
	}
	if r := j.Readings[0]; !r.shows(3, 4) {
		t.Errorf("%+v", r)
	}
}
