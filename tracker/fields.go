package tracker

import (
	"maps"
	"slices"
	"strings"

	"uratori/internal/fault"
	"uratori/sheets"
)

// mostText is how much text a request carries, in bytes.
const mostText = 1 << 20

// cells are the cells of fields, in an order that does not depend on the map.
func (t *Tracker) cells(fields map[string]string) (cells []cell, err error) {
	taken, size := map[string]string{}, 0
	for _, asked := range slices.Sorted(maps.Keys(fields)) {
		name := t.canonical(asked)
		text, _, err := sheets.Clean(fields[asked])
		if err != nil {
			return nil, fault.New(fault.KindOf(err), "tracker.bad_text", "column", brief(asked)).Wrap(err)
		}
		switch {
		case name == "":
			return nil, fault.New(fault.Invalid, "tracker.no_name")
		case name == sheets.Key || name == Approval:
			return nil, fault.New(fault.Invalid, "tracker.reserved", "column", brief(asked))
		case taken[name] != "":
			return nil, fault.New(fault.Invalid, "tracker.twice", "column", brief(asked), "other", brief(taken[name]))
		}
		if size += len(text) + len(asked); size > mostText {
			return nil, fault.New(fault.Invalid, "tracker.too_much", "most", mostText)
		}
		taken[name] = asked
		c := cell{Name: name, Text: text}
		if asked != name {
			c.Asked = asked
		}
		cells = append(cells, c)
	}
	return cells, nil
}

// canonical is the name of the column that somebody means: a name, the header
// of the table as it was last seen, or else a text that is known to stand over
// a column with a meaning.
func (t *Tracker) canonical(asked string) string {
	t.mu.Lock()
	columns := t.mirror.columns
	t.mu.Unlock()
	return canonical(asked, columns, t.o.Columns)
}

func canonical(asked string, columns []column, known []sheets.Column) string {
	want := sheets.Fold(asked)
	for _, k := range known {
		if k.Name == asked {
			return asked
		}
	}
	for _, c := range columns {
		if c.Name != "" && sheets.Fold(c.Header) == want {
			return c.Name
		}
	}
	for _, k := range known {
		if columnAt(columns, k.Name) >= 0 {
			continue // the table has that column under another header
		}
		for _, text := range k.Texts {
			if sheets.Fold(text) == want {
				return k.Name
			}
		}
	}
	return asked
}

// noColumn names the headers that are nearest to what was asked for.
func noColumn(asked string, columns []column) error {
	var headers []string
	for _, c := range columns {
		if c.Name != "" && c.Name != sheets.Key && c.Name != Approval {
			headers = append(headers, c.Header)
		}
	}
	want := sheets.Fold(asked)
	slices.SortStableFunc(headers, func(a, b string) int { return distance(want, sheets.Fold(a)) - distance(want, sheets.Fold(b)) })
	const most = 3
	near := make([]string, 0, most)
	for _, h := range headers[:min(most, len(headers))] {
		near = append(near, brief(h))
	}
	if len(near) == 0 {
		near = []string{"-"}
	}
	return fault.New(fault.Invalid, "tracker.no_column", "column", brief(asked), "near", strings.Join(near, ", "))
}

// distance is how many characters have to be added, taken or changed.
func distance(a, b string) int {
	const longest = 100 // headers are short; what is asked for may not be
	x, y := []rune(a), []rune(b)
	x, y = x[:min(len(x), longest)], y[:min(len(y), longest)]
	last := make([]int, len(y)+1)
	for j := range last {
		last[j] = j
	}
	for i := range x {
		next := make([]int, len(y)+1)
		next[0] = i + 1
		for j := range y {
			cost := 1
			if x[i] == y[j] {
				cost = 0
			}
			next[j+1] = min(last[j]+cost, last[j+1]+1, next[j]+1)
		}
		last = next
	}
	return last[len(y)]
}
