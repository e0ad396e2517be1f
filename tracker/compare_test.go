package tracker

import (
	"context"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"uratori/internal/config"
	"uratori/internal/ledger"
	"uratori/internal/store"
	"uratori/sheets"
	"uratori/sheets/local"
)

// model is a table as people have it: a header, and rows of which some have no
// id and some the id of another.
type model struct {
	header []string
	rows   [][]string
}

func (m model) clone() model {
	c := model{header: slices.Clone(m.header)}
	for _, r := range m.rows {
		c.rows = append(c.rows, slices.Clone(r))
	}
	return c
}

var (
	anyText = rapid.SampledFrom([]string{"", "a", "b", "甲", "乙\n乙", "=1+1", " "})
	anyID   = rapid.SampledFrom([]string{"T-1", "T-2", "T-3", "T-4", "T-5", "T-6", "T-7", "T-8", "T-9", "", "t 1\n", "長い"})
	anyHead = rapid.SampledFrom([]string{"担当", "x", "y", "x ", "", "要約", "Status", "期限"})
)

func drawRow(t *rapid.T, width int) []string {
	row := []string{anyID.Draw(t, "id")}
	for range rapid.IntRange(0, width-1).Draw(t, "cells") {
		row = append(row, anyText.Draw(t, "text"))
	}
	return row
}

// drawHead is a header that the table does not have, where it has a meaning:
// a table that has it twice cannot be looked at.
func (m *model) drawHead(t *rapid.T) string {
	head := anyHead.Draw(t, "header")
	if head == "Status" && slices.Contains(m.header, head) {
		return ""
	}
	return head
}

func drawModel(t *rapid.T) model {
	m := model{header: []string{"ID", "概要", "詳細"}}
	for range rapid.IntRange(0, 3).Draw(t, "more columns") {
		m.header = append(m.header, m.drawHead(t))
	}
	for range rapid.IntRange(0, 9).Draw(t, "rows") {
		m.rows = append(m.rows, drawRow(t, len(m.header)))
	}
	return m
}

// edit changes the table as people do.
func (m *model) edit(t *rapid.T) {
	n := len(m.rows)
	switch what := rapid.IntRange(0, 7).Draw(t, "what"); {
	case what == 0:
		m.rows = slices.Insert(m.rows, rapid.IntRange(0, n).Draw(t, "at"), drawRow(t, len(m.header)))
	case what == 1 && n > 0:
		i := rapid.IntRange(0, n-1).Draw(t, "row")
		m.rows = slices.Delete(m.rows, i, i+1)
	case what == 2 && n > 0:
		i := rapid.IntRange(0, n-1).Draw(t, "from")
		r := m.rows[i]
		m.rows = slices.Delete(m.rows, i, i+1)
		m.rows = slices.Insert(m.rows, rapid.IntRange(0, n-1).Draw(t, "to"), r)
	case what == 3 && n > 0:
		m.rows[rapid.IntRange(0, n-1).Draw(t, "row")][0] = anyID.Draw(t, "id")
	case what == 4: // a column moves, with its header
		i, j := rapid.IntRange(0, len(m.header)-1).Draw(t, "column"), rapid.IntRange(0, len(m.header)-1).Draw(t, "other")
		m.column(func(row []string) []string { row[i], row[j] = row[j], row[i]; return row })
	case what == 5:
		head, at := m.drawHead(t), rapid.IntRange(0, len(m.header)).Draw(t, "at")
		m.column(func(row []string) []string { return slices.Insert(row, at, "") })
		m.header[at] = head
	case what == 6:
		i := rapid.IntRange(0, len(m.header)-1).Draw(t, "column")
		if !slices.Contains([]string{"ID", "概要", "詳細"}, m.header[i]) {
			m.column(func(row []string) []string { return slices.Delete(row, i, i+1) })
		}
	case n > 0:
		row := m.rows[rapid.IntRange(0, n-1).Draw(t, "row")]
		if i := rapid.IntRange(0, len(row)-1).Draw(t, "cell"); i != slices.Index(m.header, "ID") {
			row[i] = anyText.Draw(t, "text")
		}
	}
}

// column changes the header and each row, as long as the header.
func (m *model) column(f func([]string) []string) {
	width := len(m.header)
	m.header = f(m.header)
	for i, row := range m.rows {
		for len(row) < width {
			row = append(row, "")
		}
		m.rows[i] = f(row)
	}
}

// mapping is the table by id and name of the column, without what cannot be
// told apart; it is made without the code under test.
func (m model) mapping(columns []column) (byID map[string]map[string]string, order []string) {
	byID = map[string]map[string]string{}
	key := slices.Index(m.header, "ID")
	for _, row := range m.rows {
		if key >= len(row) || row[key] == "" || byID[row[key]] != nil {
			continue
		}
		cells := map[string]string{}
		for i, c := range columns {
			if text := ""; c.Name != "" {
				if i < len(row) {
					text = row[i]
				}
				cells[c.Name] = text
			}
		}
		byID[row[key]], order = cells, append(order, row[key])
	}
	return byID, order
}

// shelf is a tracker without a loop, on a table that a test sets. Each draw
// has a book of its own in it.
type shelf struct {
	*Tracker
	t     *rapid.T
	db    *store.DB
	sheet *local.Server
	table *sheets.Table
	books int
}

func newShelf(t *testing.T) *shelf {
	ctx := context.Background()
	db, err := templates.Open(ctx, filepath.Join(t.TempDir(), "t.db"), ledger.Schema(), Schema(), local.Schema())
	if err != nil {
		t.Fatal(err)
	}
	s := &shelf{db: db}
	if s.sheet, err = local.New(ctx, db, local.Options{Year: func() int { return 2026 }}); err != nil {
		t.Fatal(err)
	}
	if err := s.sheet.Ensure(ctx, "uratori", "Tracker", nil); err != nil {
		t.Fatal(err)
	}
	way := local.NewTransport(s.sheet)
	t.Cleanup(func() {
		way.Wait()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	if s.table, err = sheets.New(ctx, sheets.Options{Spreadsheet: local.Book, Tab: "Tracker", Transport: way, Now: time.Now, Columns: known()}); err != nil {
		t.Fatal(err)
	}
	return s
}

func known() []sheets.Column {
	return sheets.Columns(config.Columns{ID: "ID", Summary: "概要", Detail: "詳細", Status: "ステータス", Approval: "承認"})
}

// begin is a tracker that has seen nothing yet.
func (s *shelf) begin(t *rapid.T) {
	s.t, s.books = t, s.books+1
	var err error
	if s.Tracker, err = New(context.Background(), Options{
		DB: s.db, Ledger: ledger.New(s.db, time.Now), Sheet: s.table, Book: fmt.Sprint(s.books), Columns: known(), Prefix: "T", Now: time.Now,
	}); err != nil {
		t.Fatal(err)
	}
}

// view is what a look at m sees.
func (s *shelf) view(m model) *sheets.View {
	s.t.Helper()
	ctx := context.Background()
	rows, at := append([][]string{m.header}, m.rows...), 0
	_, err := s.sheet.Import(ctx, "Tracker", true, func() ([]string, error) {
		if at++; at > len(rows) {
			return nil, io.EOF
		}
		return rows[at-1], nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
	v, err := s.table.Whole(ctx)
	if err != nil {
		s.t.Fatal(err)
	}
	return v
}

func nobodys(string, string, string) bool { return false }

// What a difference tells, done to the old table, makes the new one; and it
// tells no more than that.
func TestDifference_IsWhatPeopleDid_AndNoMore(t *testing.T) {
	s := newShelf(t)
	rapid.Check(t, func(t *rapid.T) {
		s.begin(t)
		m := drawModel(t)
		s.absorbed(m)
		for range rapid.IntRange(1, 4).Draw(t, "looks") {
			was := m.clone()
			for range rapid.IntRange(0, 4).Draw(t, "edits") {
				m.edit(t)
			}
			s.compared(was, m)
		}
	})
}

// absorbed looks at m for the first time.
func (s *shelf) absorbed(m model) {
	events, err := s.absorb(context.Background(), s.view(m), nil)
	if err != nil {
		s.t.Fatal(err)
	}
	if len(events) != 0 {
		s.t.Fatalf("the first look: %v", told(events))
	}
	s.kept(m)
}

func (s *shelf) compared(was, is model) {
	v := s.view(is)
	columns := columnsOf(v, s.o.Columns)
	old, oldOrder := was.mapping(s.mirror.columns)
	want, order := is.mapping(columns)
	oldColumns := s.mirror.columns
	d := s.mirror.whole(v, columns, nobodys, nil)
	s.tells(d, old, want, oldColumns, columns)
	s.moves(d, oldOrder, order)
	if !rises(d.order) {
		s.t.Fatalf("places do not rise: %v", d.order)
	}
	events, err := s.absorb(context.Background(), v, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	if want := len(d.events) + len(d.moved); len(events) != want && len(d.moved) <= mostMoves {
		s.t.Fatalf("%d events are recorded, of %d", len(events), want)
	}
	s.kept(is)
	if again := s.mirror.whole(v, columns, nobodys, nil); !again.empty() {
		s.t.Fatalf("the same look again: %v, moved %v, put %d", told(again.events), told(again.moved), len(again.put))
	}
}

// tells does what the events say to the old table. Columns that are new or
// gone are no events.
func (s *shelf) tells(d difference, old, want map[string]map[string]string, oldColumns, columns []column) {
	got := map[string]map[string]string{}
	for id, cells := range old {
		got[id] = map[string]string{}
		for _, c := range columns {
			switch {
			case c.Name == "":
			case columnAt(oldColumns, c.Name) >= 0:
				got[id][c.Name] = cells[c.Name]
			case want[id] != nil:
				got[id][c.Name] = want[id][c.Name]
			}
		}
	}
	for _, e := range d.events {
		switch e.Kind {
		case Created:
			if got[e.Ticket] != nil {
				s.t.Fatalf("%s was there", e.Ticket)
			}
			got[e.Ticket] = map[string]string{}
			s.content(e.New, want[e.Ticket], columns)
			maps.Copy(got[e.Ticket], want[e.Ticket])
		case Deleted:
			if got[e.Ticket] == nil {
				s.t.Fatalf("%s was not there", e.Ticket)
			}
			s.content(e.Old, old[e.Ticket], oldColumns)
			delete(got, e.Ticket)
		case Edited:
			i := slices.IndexFunc(columns, func(c column) bool { return c.Name != "" && c.Header == e.Column })
			if i < 0 || got[e.Ticket] == nil || got[e.Ticket][columns[i].Name] != *e.Old || *e.Old == *e.New {
				s.t.Fatalf("%v of %q, column %d: %v", told([]Event{e}), columns, i, got[e.Ticket])
			}
			got[e.Ticket][columns[i].Name] = *e.New
		default:
			s.t.Fatalf("%v", e)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		s.t.Fatalf("the events do not make the new table: %s", diff)
	}
}

// content is told of a row as a whole: each text that can be told by its header.
func (s *shelf) content(raw *string, cells map[string]string, columns []column) {
	var texts map[string]string
	if err := json.Unmarshal([]byte(*raw), &texts); err != nil {
		s.t.Fatal(err)
	}
	for _, c := range columns {
		if c.Name != "" && texts[c.Header] != cells[c.Name] {
			s.t.Fatalf("%s of %v, not of %v", *raw, texts, cells)
		}
	}
}

// moves checks that the fewest rows have moved: without them the others stand
// in the order in which they stood, and with fewer they would not.
func (s *shelf) moves(d difference, oldOrder, order []string) {
	gone := func(id string) bool { return !slices.Contains(order, id) || !slices.Contains(oldOrder, id) }
	before := slices.DeleteFunc(slices.Clone(oldOrder), gone)
	after := slices.DeleteFunc(slices.Clone(order), gone)
	var moved []string
	for _, e := range d.moved {
		if slices.Contains(moved, e.Ticket) || gone(e.Ticket) {
			s.t.Fatalf("%s has moved in %v", e.Ticket, told(d.moved))
		}
		moved = append(moved, e.Ticket)
	}
	stays := func(ids []string) []string {
		return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return slices.Contains(moved, id) })
	}
	if !slices.Equal(stays(before), stays(after)) {
		s.t.Fatalf("more has moved than %v: %v → %v", moved, before, after)
	}
	if fewest := len(before) - common(before, after); len(moved) != fewest {
		s.t.Fatalf("%d rows have moved at least, not %v: %v → %v", fewest, moved, before, after)
	}
}

// common is the length of the longest series that two lists have in common.
func common(a, b []string) int {
	best := make([]int, len(b)+1)
	for _, x := range a {
		last := 0
		for j, y := range b {
			keep := best[j+1]
			if best[j+1] = max(best[j+1], best[j]); x == y {
				best[j+1] = last + 1
			}
			last = keep
		}
	}
	return best[len(b)]
}

// kept checks that the mirror shows m, and that one from the disk is the same.
func (s *shelf) kept(m model) {
	want, order := m.mapping(s.mirror.columns)
	disk, _, err := loadMirror(context.Background(), s.db, s.o.Book)
	if err != nil {
		s.t.Fatal(err)
	}
	for name, mirror := range map[string]*mirror{"memory": &s.mirror, "disk": &disk} {
		got := map[string]map[string]string{}
		var ids []string
		for _, r := range mirror.order {
			if mirror.rows[r.id] != r {
				s.t.Fatalf("%s: %s is not the row in the list", name, r.id)
			}
			ids, got[r.id] = append(ids, r.id), map[string]string{}
			for i, c := range mirror.columns {
				if c.Name != "" {
					got[r.id][c.Name] = r.text(i)
				}
			}
		}
		if diff := cmp.Diff(want, got); diff != "" || len(mirror.rows) != len(ids) {
			s.t.Fatalf("%s: %s", name, diff)
		}
		if !slices.Equal(order, ids) {
			s.t.Fatalf("%s: %v, not %v", name, ids, order)
		}
	}
	for i, r := range disk.order {
		if r.place != s.mirror.order[i].place {
			s.t.Fatalf("the place of %s: %v on the disk, not %v", r.id, r.place, s.mirror.order[i].place)
		}
	}
}

// Rows that move between the same two again and again leave no numbers there.
func TestPlaces_RiseHoweverOftenRowsMove(t *testing.T) {
	m := mirror{at: time.Unix(1, 0), rows: map[string]*row{}}
	for i, id := range []string{"a", "b", "c"} {
		r := &row{id: id, place: float64(i + 1)}
		m.order, m.rows[id] = append(m.order, r), r
	}
	for range 5000 {
		d := difference{}
		for _, i := range []int{0, 2, 1} { // the last goes between the others
			r := *m.order[i]
			d.order = append(d.order, &r)
		}
		d.arrange(&m)
		if !rises(d.order) || len(d.moved) != 1 {
			t.Fatalf("%v moved %v", d.order, d.moved)
		}
		for _, r := range d.order {
			if r.place != m.rows[r.id].place && !slices.Contains(d.put, r) {
				t.Fatalf("%s has another place and is not stored", r.id)
			}
		}
		m.order = d.order
		for _, r := range d.order {
			m.rows[r.id] = r
		}
	}
}

// A look after a start knows no numbers of rows, and tells no moves for that.
func TestDifference_AfterAStart_IsTheSame(t *testing.T) {
	s := newShelf(t)
	rapid.Check(t, func(t *rapid.T) {
		s.begin(t)
		m := drawModel(t)
		s.absorbed(m)
		for range rapid.IntRange(0, 5).Draw(t, "edits") {
			m.edit(t)
		}
		v := s.view(m)
		columns := columnsOf(v, s.o.Columns)
		disk, _, err := loadMirror(context.Background(), s.db, s.o.Book)
		if err != nil {
			t.Fatal(err)
		}
		one, other := s.mirror.whole(v, columns, nobodys, nil), disk.whole(v, columns, nobodys, nil)
		if !slices.Equal(told(one.events), told(other.events)) || !slices.Equal(told(one.moved), told(other.moved)) {
			t.Fatalf("%v %v, not %v %v", told(other.events), told(other.moved), told(one.events), told(one.moved))
		}
	})
}
