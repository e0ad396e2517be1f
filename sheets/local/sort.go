package local

import (
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
	DimensionIndex int    `json:"dimensionIndex"`
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
		if spec.DimensionIndex < a.StartColumn || spec.DimensionIndex >= a.EndColumn {
			return nil, invalid("sortSpecs.dimensionIndex %d lies outside the range %s", spec.DimensionIndex, a1.Name(t.title, a))
		}
	}
	t = d.edit(t)
	a.EndRow = max(a.StartRow, min(a.EndRow, len(t.rows)))
	lines := make([][]cell, a.EndRow-a.StartRow)
	for i := range lines {
		lines[i] = make([]cell, a.EndColumn-a.StartColumn)
		for j := range lines[i] {
			lines[i][j] = t.at(a.StartRow+i, a.StartColumn+j)
		}
	}
	order := newOrder(d.locale)
	slices.SortStableFunc(lines, func(x, y []cell) int {
		for _, spec := range r.SortSpecs {
			at := spec.DimensionIndex - a.StartColumn
			if n := order.compare(x[at], y[at], spec.SortOrder == "DESCENDING"); n != 0 {
				return n
			}
		}
		return 0
	})
	for i, line := range lines {
		for j, c := range line {
			d.set(t, a.StartRow+i, a.StartColumn+j, c)
		}
	}
	return nil, nil
}

// order is how a locale sorts texts.
type order struct{ texts *collate.Collator }

func newOrder(locale string) order {
	tag := language.English
	if locale == japanese {
		tag = language.Japanese
	}
	return order{collate.New(tag, collate.IgnoreCase)}
}

func (o order) compare(x, y cell, descending bool) int {
	rank := func(c cell) int {
		switch c.Kind {
		case entry.Number:
			return 0
		case entry.Text, entry.Formula:
			return 1
		case entry.Bool:
			return 2
		case entry.Empty:
		}
		return 3
	}
	a, b := rank(x), rank(y)
	if a == 3 || b == 3 {
		return cmp.Compare(a, b)
	}
	n := cmp.Compare(a, b)
	if n == 0 && a == 1 {
		n = o.texts.CompareString(x.Text, y.Text)
	} else if n == 0 {
		n = cmp.Compare(x.Number, y.Number)
	}
	if descending {
		return -n
	}
	return n
}
