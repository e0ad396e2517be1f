package sheets

import (
	"iter"
	"slices"
	"sync"
	"time"

	"uratori/internal/fault"
)

// View is what a look saw. Texts are as the values API gives them: a formula
// is its text, a number its digits, a date as people see it.
type View struct {
	At     time.Time // when the answer was asked for; what came later is not in it
	Title  string    // of the tab, which people may rename
	Whole  bool      // every cell was read, not only the key column
	layout layout
	rows   []Row // below the header

	mu    sync.Mutex
	asked int // how often for a key
	index map[string][]int
}

// Row is a row of the table.
type Row struct {
	Number int    // one-based, as people see it
	Key    string // "" for a row that is none of ours
	texts  []string
	kinds  map[int]Kind // of texts that are none
}

// Texts are those of the columns, in their order, as far as the row goes; nil
// where the look read its key alone. They belong to the view.
func (r Row) Texts() []string { return r.texts }

// Kind is what the cell of a column held: [Text] is said of formulas, too, and
// of dates, which the values API shows as texts.
func (r Row) Kind(column int) Kind {
	if k, ok := r.kinds[column]; ok {
		return k
	}
	return Text
}

// Kinds are those of the columns whose [Row.Kind] is not [Text].
func (r Row) Kinds() map[int]Kind { return r.kinds }

// Loose yields the rows without a key, of a look at the whole table.
func (v *View) Loose() iter.Seq[Row] {
	return func(yield func(Row) bool) {
		for _, r := range v.rows {
			if r.Key == "" && r.texts != nil && !yield(r) {
				return
			}
		}
	}
}

// Columns are the texts of the header, from the first column on.
func (v *View) Columns() []string { return slices.Clone(v.layout.header.texts) }

// Tab is the number of the tab, which no renaming changes: its sheetId.
func (v *View) Tab() int64 { return v.layout.sheetID }

// HeaderRow is the one-based number of the header row.
func (v *View) HeaderRow() int { return v.layout.header.row + 1 }

// Column is the header's text over the column of that name.
func (v *View) Column(name string) (string, error) {
	at, err := v.layout.header.at(name)
	return v.layout.header.text(at), err
}

// Text is what stood in a row under the column of that name.
func (v *View) Text(r Row, name string) (string, error) {
	at, err := v.layout.header.at(name)
	if err != nil || at >= len(r.texts) {
		return "", err
	}
	return r.texts[at], nil
}

// Rows yields the rows that have a key.
func (v *View) Rows() iter.Seq[Row] {
	return func(yield func(Row) bool) {
		for _, r := range v.rows {
			if r.Key != "" && !yield(r) {
				return
			}
		}
	}
}

// Find is the row with a key. [ErrNotFound] names keys that look alike.
func (v *View) Find(key string) (Row, error) {
	switch found := v.find(key); len(found) {
	case 1:
		return v.rows[found[0]], nil
	case 0:
		if near := v.alike(key); near != "" {
			return Row{}, fault.New(fault.NotFound, "sheets.not_found_near", "key", key, "near", near).Wrap(fault.New(fault.NotFound, "sheets.not_found", "key", key))
		}
		return Row{}, fault.New(fault.NotFound, "sheets.not_found", "key", key)
	default:
		var numbers []int
		for _, i := range found {
			numbers = append(numbers, v.rows[i].Number)
		}
		return Row{}, fault.New(fault.Failed, "sheets.ambiguous", "key", key, "rows", rowNumbers(numbers))
	}
}

// alike are the keys that a person would take for this one.
func (v *View) alike(key string) string {
	var near []string
	want := fold(key)
	for _, r := range v.rows {
		if r.Key != "" && foldsTo(r.Key, want) {
			near = append(near, r.Key)
		}
	}
	if near == nil {
		return ""
	}
	return quoted(near)
}

// scans is how many keys are looked for one by one before an index is made,
// which takes as long as a hundred scans.
const scans = 50

// find is where the rows of a key stand in v.rows.
func (v *View) find(key string) (found []int) {
	if key == "" {
		return nil
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.asked++; v.asked > scans && v.index == nil {
		v.index = make(map[string][]int, len(v.rows))
		for i, r := range v.rows {
			if r.Key != "" {
				v.index[r.Key] = append(v.index[r.Key], i)
			}
		}
	}
	if v.index != nil {
		return v.index[key]
	}
	for i := range v.rows {
		if v.rows[i].Key == key {
			found = append(found, i)
		}
	}
	return found
}

// addTexts keeps what stood in a row, if it is still the row of its key.
func (v *View) addTexts(i, keyColumn int, texts []string, kinds map[int]Kind) {
	if i >= 0 && i < len(v.rows) && v.rows[i].Key != "" && textAt(texts, keyColumn) == v.rows[i].Key {
		v.rows[i].texts, v.rows[i].kinds = notNil(texts), kinds
	}
}

// Grown is the view with the rows that a write has inserted, for a table that
// nobody else has changed. It is not ok where they stand elsewhere than behind
// the others. Of one view it may be called once.
func (v *View) Grown(hits []Hit) (grown *View, ok bool) {
	at := v.end()
	grown = &View{At: v.At, Title: v.Title, layout: v.layout, rows: v.rows[:at-v.layout.header.row-1]}
	for i, h := range hits {
		if !h.Placed() || h.Row != at+1+i {
			return nil, false
		}
		grown.rows = append(grown.rows, Row{Number: h.Row, Key: h.Key})
	}
	grown.layout.rows = max(v.layout.rows, at+1) + len(hits)
	return grown, true
}

// end is the zero-based row behind the last that has a key.
func (v *View) end() int {
	for _, r := range slices.Backward(v.rows) {
		if r.Key != "" {
			return r.Number
		}
	}
	return v.layout.header.row + 1
}

// before is what stood in the row of a key under a header, when the look saw
// it and it was the only one of both.
func (v *View) before(key, text string) (*string, Kind) {
	if key == "" || text == "" {
		return nil, ""
	}
	found := v.find(key)
	column, err := v.layout.header.find([]string{text})
	if len(found) != 1 || err != nil || column < 0 {
		return nil, ""
	}
	r := v.rows[found[0]]
	if r.texts == nil {
		return nil, "" // only its key was read
	}
	stood := ""
	if column < len(r.texts) {
		stood = r.texts[column]
	}
	return &stood, r.Kind(column)
}
