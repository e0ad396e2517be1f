package tracker

import (
	"maps"
	"slices"
	"time"

	"github.com/go-json-experiment/json"

	"uratori/sheets"
)

// column is a column of the table. Name is "" where the header is empty or
// stands twice: such a column cannot be told from others.
type column struct {
	Name   string `json:"name"`
	Header string `json:"header"`
}

// row is a ticket as the last look saw it. Rows are not changed but replaced.
type row struct {
	id     string
	place  float64 // rows stand in the order of this
	number int     // one-based; 0 until a look after the start
	texts  []string
	kinds  map[int]sheets.Kind // of texts that are none
	twins  []int               // further rows with the same id
	folded string              // id and summary, as people search for them; made when first needed
}

// text is that of a column, "" beyond the end.
func (r *row) text(at int) string {
	if at < 0 || at >= len(r.texts) {
		return ""
	}
	return r.texts[at]
}

// mirror is the table as the last look saw it. The loop alone changes it,
// under the tracker's lock.
type mirror struct {
	at      time.Time // of that look; zero when there was none
	columns []column
	rows    map[string]*row
	order   []*row
	loose   []sheets.Row // without an id, at the last look at the whole table; not stored
}

// column is where the column of a name stands, -1 for none.
func (m *mirror) column(name string) int { return columnAt(m.columns, name) }

// meant is where the column of a name or a header stands, -1 for none.
func (m *mirror) meant(name string) int {
	if at := m.column(name); at >= 0 {
		return at
	}
	return slices.IndexFunc(m.columns, func(c column) bool { return c.Name != "" && c.Header == name })
}

func columnAt(columns []column, name string) int {
	return slices.IndexFunc(columns, func(c column) bool { return c.Name == name })
}

// text is what the last look saw in a cell.
func (m *mirror) text(id, name string) (string, bool) {
	r, at := m.rows[id], m.column(name)
	if r == nil || at < 0 {
		return "", false
	}
	return r.text(at), true
}

// kind is what stood in a cell; see [sheets.Row.Kind].
func (m *mirror) kind(id, name string) sheets.Kind {
	if r := m.rows[id]; r != nil {
		return r.kinds[m.column(name)]
	}
	return ""
}

// columnsOf are the columns that a look saw.
func columnsOf(v *sheets.View, known []sheets.Column) []column {
	headers := v.Columns()
	columns := make([]column, len(headers))
	count := map[string]int{}
	for i, h := range headers {
		columns[i] = column{h, h}
		if slices.ContainsFunc(known, func(k sheets.Column) bool { return k.Name == h }) {
			columns[i].Name = h + " " // which is another name, and finds the same header
		}
		if count[sheets.Fold(h)]++; h == "" {
			columns[i].Name = ""
		}
	}
	for i, h := range headers {
		if count[sheets.Fold(h)] > 1 {
			columns[i].Name = ""
		}
	}
	for _, k := range known {
		if h, err := v.Column(k.Name); err == nil {
			columns[slices.Index(headers, h)].Name = k.Name
		}
	}
	return columns
}

// last is the highest place.
func (m *mirror) last() float64 {
	if n := len(m.order); n > 0 {
		return m.order[n-1].place
	}
	return 0
}

// with is a row with some texts replaced; old is nil for a ticket that the
// mirror does not have yet, which gets its place. The caller stores it.
func (m *mirror) with(old *row, place float64, id string, number int, texts map[string]string) *row {
	fresh := &row{id: id, number: number, place: place}
	if old != nil {
		fresh.place, fresh.twins, fresh.texts, fresh.kinds = old.place, old.twins, slices.Clone(old.texts), maps.Clone(old.kinds)
	}
	for name, text := range texts {
		at := m.column(name)
		if at < 0 {
			continue // the next look will show what has become of the column
		}
		for len(fresh.texts) <= at {
			fresh.texts = append(fresh.texts, "")
		}
		fresh.texts[at] = text
		delete(fresh.kinds, at)
	}
	if at := m.column(sheets.Key); at >= 0 && old == nil {
		for len(fresh.texts) <= at {
			fresh.texts = append(fresh.texts, "")
		}
		fresh.texts[at] = id
	}
	return fresh
}

// put takes a row of with in. The caller holds the lock.
func (m *mirror) put(r *row) {
	if old := m.rows[r.id]; old != nil {
		m.order[slices.Index(m.order, old)] = r
	} else {
		m.order = append(m.order, r)
	}
	m.rows[r.id] = r
}

// mostContent bounds what an entry of the ledger holds of texts, in bytes. They
// grow when they are encoded, and a row's twice.
const mostContent = 400 << 10

// content is a row as a JSON object of its texts by header.
func content(r *row, columns []column) *string {
	texts := map[string]string{}
	size := 0
	for i, c := range columns {
		text := r.text(i)
		if text == "" || c.Header == "" {
			continue
		}
		if size += len(text) + len(c.Header); size > mostContent {
			texts["…"] = "" // there is more
			break
		}
		texts[c.Header] = text
	}
	raw, err := json.Marshal(texts, json.Deterministic(true))
	if err != nil {
		return nil // texts of a sheet are valid UTF-8
	}
	text := string(raw)
	return &text
}
