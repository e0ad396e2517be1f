package local

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"google.golang.org/api/sheets/v4"

	"uratori/sheets/a1"
	"uratori/sheets/local/entry"
)

type sortSpec struct {
	DimensionIndex int32  `json:"dimensionIndex"`
	SortOrder      string `json:"sortOrder"`
}

// sortRange orders the cells of an area by rows: numbers before texts before
// booleans, blanks last in either order. Rows stay; their cells move.
func sortRange(d *draft, raw jsontext.Value) (object, error) {
	r, err := parse[struct {
		Range     gridRange  `json:"range"`
		SortSpecs []sortSpec `json:"sortSpecs"`
	}](raw, &sheets.SortRangeRequest{})
	if err != nil {
		return nil, err
	}
	t, a, err := r.Range.area(&d.book)
	if err == nil {
		a, err = readable(t, a)
	}
	if err != nil {
		return nil, err
	}
	for _, spec := range r.SortSpecs {
		if spec.SortOrder != "" && spec.SortOrder != "ASCENDING" && spec.SortOrder != "DESCENDING" {
			return nil, invalid("Invalid sortOrder: %.50q", spec.SortOrder)
		}
		if at := int(spec.DimensionIndex); at < a.StartColumn || at >= a.EndColumn {
			return nil, invalid("sortSpecs.dimensionIndex %d lies outside the range %s", spec.DimensionIndex, a1.Name(t.title, a))
		}
	}
	if len(r.SortSpecs) == 0 {
		return nil, nil // by nothing: the order stays
	}
	t = d.edit(t)
	by := order{texts: collate.New(d.tongue(), collate.IgnoreCase)}
	var lines []line
	for _, row := range t.between(a.StartRow, a.EndRow) {
		l := line{cells: trim(slices.Clone(row.cells[min(a.StartColumn, len(row.cells)):min(a.EndColumn, len(row.cells))]))}
		if len(l.cells) == 0 {
			continue // blank ones come last
		}
		for _, spec := range r.SortSpecs {
			l.keys = append(l.keys, by.key(l.cells, int(spec.DimensionIndex)-a.StartColumn))
		}
		lines = append(lines, l)
	}
	slices.SortStableFunc(lines, func(x, y line) int {
		for i, spec := range r.SortSpecs {
			if n := x.keys[i].compare(y.keys[i], spec.SortOrder == "DESCENDING"); n != 0 {
				return n
			}
		}
		return 0
	})
	for i, l := range lines {
		d.lay(t, a.StartRow+i, a, l.cells)
	}
	for _, row := range t.between(a.StartRow+len(lines), a.EndRow) {
		d.lay(t, row.at, a, nil)
	}
	return nil, nil
}

// lay puts cells in the place of those of a row between an area's columns.
func (d *draft) lay(t *tab, row int, a a1.Area, cells []cell) {
	has := t.cells(row)
	start, end := min(a.StartColumn, len(has)), min(a.EndColumn, len(has))
	if slices.Equal(has[start:end], cells) {
		return
	}
	next := make([]cell, max(a.StartColumn+len(cells), len(has)))
	copy(next, has[:start])
	copy(next[a.StartColumn:], cells)
	if len(has) > a.EndColumn {
		copy(next[a.EndColumn:], has[a.EndColumn:])
	}
	d.editRow(t, row).cells = trim(next)
}

// tongue is the language whose order texts have.
func (b *book) tongue() language.Tag {
	if b.locale == japanese {
		return language.Japanese
	}
	return language.English
}

// line is what is sorted: the cells of a row, and by what.
type line struct {
	cells []cell
	keys  []sortKey
}

type sortKey struct {
	rank   int // numbers, texts, booleans, blanks
	number float64
	text   []byte
}

// order is how a locale sorts texts.
type order struct {
	texts  *collate.Collator
	buffer collate.Buffer
}

func (o *order) key(cells []cell, at int) sortKey {
	if at >= len(cells) {
		return sortKey{rank: blankRank}
	}
	c := cells[at]
	switch c.Kind {
	case entry.Number:
		return sortKey{number: c.Number}
	case entry.Text, entry.Formula:
		o.buffer.Reset()
		return sortKey{rank: 1, text: bytes.Clone(o.texts.KeyFromString(&o.buffer, c.Text))}
	case entry.Bool:
		return sortKey{rank: 2, number: c.Number}
	case entry.Empty:
	}
	return sortKey{rank: blankRank}
}

const blankRank = 3

func (k sortKey) compare(other sortKey, descending bool) int {
	n := cmp.Or(cmp.Compare(k.rank, other.rank), cmp.Compare(k.number, other.number), bytes.Compare(k.text, other.text))
	if descending && k.rank != blankRank && other.rank != blankRank {
		return -n
	}
	return n
}
