package chaos

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/go-json-experiment/json"
	api "google.golang.org/api/sheets/v4"

	"uratori/internal/store"
	"uratori/sheets/local"
)

// Sheet is the spreadsheet. It outlives the daemon, and no change gets past
// its journal.
type Sheet struct {
	Clock
	server  http.Handler
	sheetID int64

	mu      sync.RWMutex // a change has the table alone, readers share it
	journal Journal
	reading sync.Mutex // of journal.Readings
	looks   []int      // the entries that the tracker was shown since its last write
	turned  [][]byte   // away: writes since then
	spent   bool       // those are of before the last write
	keep    int        // so many more writes may go by any of them
	rows    int        // how many were ever numbered
	asked   int        // writes of the tracker
}

// Ask is a request, its body read.
type Ask struct {
	Method, URI string
	Body        []byte
}

// Answer is what the server said.
type Answer struct {
	Code   int
	Header http.Header
	Body   []byte
}

// OpenSheet serves a spreadsheet with a header and the rows below it.
func OpenSheet(t testing.TB, rows ...[]string) *Sheet {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "sheet.db"), local.Schema())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	server, err := local.New(t.Context(), db, local.Options{
		Year:  func() int { return 2026 },
		Fault: func(err error) { t.Errorf("the sheet: %v", err) },
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Ensure(t.Context(), "chaos", "Tracker", Headline()); err != nil {
		t.Fatal(err)
	}
	s := &Sheet{server: server}
	if err := s.begin(rows); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *Sheet) begin(rows [][]string) error {
	var book api.Spreadsheet
	if err := s.get("?fields=sheets.properties.sheetId", &book); err != nil {
		return err
	}
	s.sheetID = book.Sheets[0].Properties.SheetId
	if len(rows) > 0 {
		if answer := s.serve(s.batch(s.writeRows(1, rows)...)); answer.Code != http.StatusOK {
			return fmt.Errorf("fill the table: %s", answer.Body)
		}
	}
	grid, err := s.grid()
	if err != nil {
		return err
	}
	s.journal.Entries = []Entry{{Tick: s.Tick(), By: Beginning, What: "the start", After: s.table(nil, nil, grid)}}
	return nil
}

// Now is the table as it is.
func (s *Sheet) Now() Table {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.now()
}

func (s *Sheet) now() Table { return s.journal.Entries[len(s.journal.Entries)-1].After }

// Journal is what has happened so far.
func (s *Sheet) Journal() *Journal {
	s.mu.RLock()
	defer s.mu.RUnlock()
	s.reading.Lock()
	defer s.reading.Unlock()
	return &Journal{slices.Clone(s.journal.Entries), slices.Clone(s.journal.Readings), slices.Clone(s.journal.Undone)}
}

// Act lets a person look at the table and change it at once, and returns the
// table after that. An act of no requests is none.
func (s *Sheet) Act(what string, act func(Table) []*api.Request) (Table, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	requests := act(s.now())
	if len(requests) == 0 {
		return s.now(), nil
	}
	answer := s.serve(s.batch(requests...))
	if answer.Code != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", what, answer.Body)
	}
	err := s.enter(Entry{By: Person, What: what + ": " + Describe(requests)}, requests)
	return s.now(), err
}

// Type has a person type a text into a cell, which becomes what the sheet
// makes of it.
func (s *Sheet) Type(place, text string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	body, err := json.Marshal(map[string]any{"values": [][]string{{text}}})
	if err != nil {
		return err
	}
	answer := s.serve(Ask{http.MethodPut, "/v4/spreadsheets/local/values/" + place + "?valueInputOption=USER_ENTERED", body})
	if answer.Code != http.StatusOK {
		return fmt.Errorf("type %q into %s: %s", text, place, answer.Body)
	}
	return s.enter(Entry{By: Person, What: fmt.Sprintf("type %q into %s", text, place)}, nil)
}

// Read answers a reading of the tracker. The second result says that its
// answer arrived, which is not known before it did.
func (s *Sheet) Read(ask Ask) (answer Answer, arrived func()) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	answer = s.serve(ask)
	reading := Reading{Tick: s.Tick(), Version: len(s.journal.Entries) - 1, Areas: s.areas(ask.Body)}
	look := bytes.HasSuffix([]byte(ask.path()), []byte("values:batchGetByDataFilter"))
	s.reading.Lock()
	defer s.reading.Unlock()
	i := len(s.journal.Readings)
	s.journal.Readings = append(s.journal.Readings, reading)
	return answer, func() {
		if answer.Code != http.StatusOK {
			return
		}
		s.reading.Lock()
		defer s.reading.Unlock()
		s.journal.Readings[i].Whole = true
		if look {
			if s.spent {
				s.looks, s.spent = nil, false
			}
			s.looks = append(s.looks, reading.Version)
		}
	}
}

// Arrive notes that a write of the tracker has come, and what it had been
// shown by then. The same write comes again, by the same look, when it was
// turned away. What takes a picture alone is no write.
func (s *Sheet) Arrive(ask Ask, fault Fault) Entry {
	s.reading.Lock()
	defer s.reading.Unlock()
	s.asked++
	again := slices.ContainsFunc(s.turned, func(b []byte) bool { return bytes.Equal(b, ask.Body) })
	e := Entry{By: Tracker, Request: s.asked, Came: s.Tick(), Looks: slices.Clone(s.looks), Resent: again, Fault: fault}
	if requests, err := s.requestsOf(ask.Body); err == nil && len(requests) == 0 {
		return e
	}
	if fault.away() {
		s.turned = append(s.turned, ask.Body)
	} else if n := len(s.looks); n > 0 {
		if s.keep--; s.keep < 0 {
			s.looks = s.looks[n-1:]
			s.spent = true
		}
		s.turned = nil
	}
	return e
}

// Killed notes that the tracker was killed: a write of its may still come, by
// a look of before, and the next one by any since.
func (s *Sheet) Killed() {
	s.reading.Lock()
	defer s.reading.Unlock()
	s.keep, s.spent = 2, false
}

// Write carries out a write of the tracker, which came as e says. A write that
// is forgotten is answered as any other and then undone before anybody sees it.
func (s *Sheet) Write(ask Ask, e Entry) (Answer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	answer := s.serve(ask)
	if answer.Code != http.StatusOK {
		return answer, nil
	}
	requests, err := s.requestsOf(ask.Body)
	if err != nil || len(requests) == 0 {
		return answer, err
	}
	if e.Fault == Forgotten {
		s.journal.Undone = append(s.journal.Undone, Undone{s.Tick(), e.Request, Describe(requests), textsOf(requests)})
		return answer, s.restore()
	}
	e.What = Describe(requests)
	return answer, s.enter(e, requests)
}

// restore makes the sheet hold again what the journal says.
func (s *Sheet) restore() error {
	grid, err := s.grid()
	if err != nil {
		return err
	}
	was := s.now()
	data := make([]*api.RowData, max(len(grid), len(was)))
	for i := range data {
		data[i] = &api.RowData{}
		for column := range Headline() {
			var c Cell
			if i < len(was) {
				c = was[i].at(column)
			}
			data[i].Values = append(data[i].Values, &api.CellData{UserEnteredValue: c.value()})
		}
	}
	answer := s.serve(s.batch(&api.Request{UpdateCells: &api.UpdateCellsRequest{
		Fields: "userEnteredValue", Rows: data, Start: &api.GridCoordinate{SheetId: s.sheetID, ForceSendFields: []string{"SheetId"}},
	}}))
	if answer.Code != http.StatusOK {
		return fmt.Errorf("undo a write: %s", answer.Body)
	}
	if grid, err = s.grid(); err != nil {
		return err
	}
	if now := s.table(was, identities(was), grid); !slices.EqualFunc(now, was, func(a, b *Row) bool { return slices.Equal(a.Cells, b.Cells) }) {
		return fmt.Errorf("a write could not be undone")
	}
	return nil
}

// enter writes the table as it is now into the journal. The caller holds mu.
func (s *Sheet) enter(e Entry, requests []*api.Request) error {
	grid, err := s.grid()
	if err != nil {
		return err
	}
	was := s.now()
	e.Tick, e.After = s.Tick(), s.table(was, s.carry(was, requests, grid), grid)
	s.journal.Entries = append(s.journal.Entries, e)
	return nil
}

// grid reads all cells, down to the last row and along to the last column that
// hold anything.
func (s *Sheet) grid() ([][]Cell, error) {
	var book struct {
		Sheets []struct {
			Data []struct {
				RowData []struct {
					Values []struct {
						Value *struct {
							Text    *string  `json:"stringValue"`
							Number  *float64 `json:"numberValue"`
							Bool    *bool    `json:"boolValue"`
							Formula *string  `json:"formulaValue"`
						} `json:"userEnteredValue"`
					} `json:"values"`
				} `json:"rowData"`
			} `json:"data"`
		} `json:"sheets"`
	}
	if err := s.get("?includeGridData=true&fields=sheets.data.rowData.values.userEnteredValue", &book); err != nil {
		return nil, err
	}
	var grid [][]Cell
	end := 0
	for _, data := range book.Sheets[0].Data {
		for _, r := range data.RowData {
			var cells []Cell
			for i, v := range r.Values {
				var c Cell
				switch {
				case v.Value == nil:
					continue
				case v.Value.Text != nil:
					c = Cell{Text, *v.Value.Text}
				case v.Value.Number != nil:
					c = Cell{Number, strconv.FormatFloat(*v.Value.Number, 'f', -1, 64)}
				case v.Value.Bool != nil:
					c = Cell{Bool, strconv.FormatBool(*v.Value.Bool)}
				case v.Value.Formula != nil:
					c = Cell{Formula, *v.Value.Formula}
				}
				for len(cells) < i {
					cells = append(cells, Cell{})
				}
				cells = append(cells, c)
			}
			grid = append(grid, cells)
			if len(cells) > 0 {
				end = len(grid)
			}
		}
	}
	return grid[:end], nil
}

func (s *Sheet) get(rest string, v any) error {
	answer := s.serve(Ask{Method: http.MethodGet, URI: "/v4/spreadsheets/local" + rest})
	if answer.Code != http.StatusOK {
		return fmt.Errorf("read the sheet: %s", answer.Body)
	}
	return json.Unmarshal(answer.Body, v)
}

func (s *Sheet) serve(ask Ask) Answer {
	r := httptest.NewRequestWithContext(context.Background(), ask.Method, ask.URI, bytes.NewReader(ask.Body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	s.server.ServeHTTP(w, r)
	return Answer{w.Code, w.Header(), w.Body.Bytes()}
}
