package local

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"google.golang.org/api/sheets/v4"
)

// model is a sheet as simple as can be: rows of cells, each row and column
// with a mark that stands for its metadata.
type model struct {
	rows    []modelRow
	columns []string // marks
}

type modelRow struct {
	cells []modelCell
	mark  string
}

type modelCell struct{ text, note, format string }

func newModel(rows, columns int) *model {
	m := &model{columns: make([]string, columns)}
	m.insertRows(0, rows)
	return m
}

func (m *model) insertRows(at, n int) {
	for range n {
		m.rows = slices.Insert(m.rows, at, modelRow{cells: make([]modelCell, len(m.columns))})
	}
}

func (m *model) insertColumns(at, n int) {
	m.columns = slices.Insert(m.columns, at, make([]string, n)...)
	for i := range m.rows {
		m.rows[i].cells = slices.Insert(m.rows[i].cells, at, make([]modelCell, n)...)
	}
}

func (m *model) deleteColumns(start, end int) {
	m.columns = slices.Delete(m.columns, start, end)
	for i := range m.rows {
		m.rows[i].cells = slices.Delete(m.rows[i].cells, start, end)
	}
}

func moveIn[T any](all []T, start, end, to int) []T {
	block := slices.Clone(all[start:end])
	switch {
	case to >= end:
		return slices.Concat(all[:start], all[end:to], block, all[to:])
	default:
		return slices.Concat(all[:to], block, all[to:start], all[end:])
	}
}

func (m *model) moveColumns(start, end, to int) {
	m.columns = moveIn(m.columns, start, end, to)
	for i := range m.rows {
		m.rows[i].cells = moveIn(m.rows[i].cells, start, end, to)
	}
}

func (m *model) sort(startRow, endRow, startColumn, endColumn, by int, descending bool) {
	var lines [][]modelCell
	for _, r := range m.rows[startRow:endRow] {
		lines = append(lines, slices.Clone(r.cells[startColumn:endColumn]))
	}
	rank := func(line []modelCell) int {
		switch {
		case line[by-startColumn].text != "":
			return 0
		case slices.ContainsFunc(line, func(c modelCell) bool { return c != modelCell{} }):
			return 1
		}
		return 2
	}
	sort.SliceStable(lines, func(i, j int) bool {
		x, y := lines[i][by-startColumn].text, lines[j][by-startColumn].text
		if a, b := rank(lines[i]), rank(lines[j]); a != b || a > 0 {
			return a < b
		}
		return descending && x > y || !descending && x < y
	})
	for i, line := range lines {
		copy(m.rows[startRow+i].cells[startColumn:], line)
	}
}

func (m *model) replace(find, by string) (n int) {
	for _, r := range m.rows {
		for i := range r.cells {
			if r.cells[i].text == find {
				r.cells[i].text = by
				n++
			}
		}
	}
	return n
}

func (m *model) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d×%d %q\n", len(m.rows), len(m.columns), m.columns)
	for _, r := range m.rows {
		fmt.Fprintf(&b, "%q %q\n", r.mark, r.cells)
	}
	return b.String()
}

// seen is the model of what a server shows of its first tab.
func (h *house) seen(t testing.TB) *model {
	code, text := h.ask("GET", "/local?ranges=Tracker&fields=sheets.data", "")
	if code != 200 {
		t.Fatal(text)
	}
	var book sheets.Spreadsheet
	if err := json.Unmarshal([]byte(text), &book); err != nil {
		t.Fatal(err)
	}
	data := book.Sheets[0].Data[0]
	m := newModel(len(data.RowMetadata), len(data.ColumnMetadata))
	for i, d := range data.ColumnMetadata {
		m.columns[i] = marks(d.DeveloperMetadata)
	}
	for i, d := range data.RowMetadata {
		m.rows[i].mark = marks(d.DeveloperMetadata)
	}
	for i, r := range data.RowData {
		for j, v := range r.Values {
			c := modelCell{text: v.FormattedValue, note: v.Note}
			if v.UserEnteredFormat != nil {
				c.format = v.UserEnteredFormat.NumberFormat.Type
			}
			m.rows[i].cells[j] = c
		}
	}
	return m
}

func marks(all []*sheets.DeveloperMetadata) string {
	var keys []string
	for _, m := range all {
		keys = append(keys, m.MetadataKey)
	}
	return strings.Join(keys, ",")
}

func TestModel_KnowsHowToMove(t *testing.T) {
	for _, c := range []struct {
		start, end, to int
		want           string
	}{{0, 1, 2, "bacd"}, {0, 2, 4, "cdab"}, {2, 4, 0, "cdab"}, {1, 2, 1, "abcd"}, {1, 2, 2, "abcd"}, {3, 4, 1, "adbc"}} {
		if got := string(moveIn([]byte("abcd"), c.start, c.end, c.to)); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
		for at := range 4 {
			if now := moved(at, c.start, c.end, c.to); c.want[now] != "abcd"[at] {
				t.Errorf("%+v: %d went to %d", c, at, now)
			}
		}
	}
}
