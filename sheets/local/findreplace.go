package local

import (
	"regexp"

	"github.com/go-json-experiment/json/jsontext"
	"google.golang.org/api/sheets/v4"

	"uratori/sheets/a1"
	"uratori/sheets/local/entry"
)

type findReplaceRequest struct {
	Find            string     `json:"find"`
	Replacement     string     `json:"replacement"`
	MatchCase       bool       `json:"matchCase"`
	MatchEntireCell bool       `json:"matchEntireCell"`
	SearchByRegex   bool       `json:"searchByRegex"`
	IncludeFormulas bool       `json:"includeFormulas"`
	Range           *gridRange `json:"range"`
	SheetID         *int32     `json:"sheetId"`
	AllSheets       bool       `json:"allSheets"`
}

// pattern is the expression that finds what the request looks for.
func (r findReplaceRequest) pattern() (*regexp.Regexp, error) {
	if r.Find == "" {
		return nil, invalid("find must not be empty")
	}
	text := r.Find
	if !r.SearchByRegex {
		text = regexp.QuoteMeta(text)
	}
	if r.MatchEntireCell {
		text = `\A(?:` + text + `)\z`
	}
	if !r.MatchCase {
		text = `(?i)` + text
	}
	find, err := regexp.Compile(text)
	if err != nil {
		return nil, invalid("find is not a regular expression: %.200q", r.Find)
	}
	return find, nil
}

func (r findReplaceRequest) where(d *draft) (places []place, err error) {
	set := 0
	if r.Range != nil {
		set++
		t, a, err := r.Range.area(&d.book)
		if err != nil {
			return nil, err
		}
		places = append(places, place{t: t, Area: t.clip(a)})
	}
	if r.SheetID != nil {
		set++
		t := d.tabByID(*r.SheetID)
		if t == nil {
			return nil, noGrid(*r.SheetID)
		}
		places = append(places, place{t: t, Area: t.clip(a1.Whole())})
	}
	if r.AllSheets {
		set++
		for _, t := range d.tabs {
			places = append(places, place{t: t, Area: t.clip(a1.Whole())})
		}
	}
	if set != 1 {
		return nil, invalid("exactly one of range, sheetId and allSheets must be set")
	}
	return places, nil
}

// changes counts what a find and replace did.
type changes struct{ values, formulas, rows, tabs, occurrences int }

func (s *Server) findReplace(d *draft, raw jsontext.Value) (object, error) {
	r, err := parse[findReplaceRequest](raw, &sheets.FindReplaceRequest{})
	if err != nil {
		return nil, err
	}
	find, err := r.pattern()
	if err != nil {
		return nil, err
	}
	places, err := r.where(d)
	if err != nil {
		return nil, err
	}
	var n changes
	for _, p := range places {
		rows := n.rows
		area := p.t.used(p.Area)
		t := d.edit(p.t)
		for row := area.StartRow; row < area.EndRow; row++ {
			before := n.occurrences
			for column := area.StartColumn; column < t.lastColumn(row, area.StartColumn, area.EndColumn); column++ {
				next, found, err := s.replaced(d, t.at(row, column), r, find)
				if err != nil {
					return nil, err
				}
				if found == 0 {
					continue
				}
				n.occurrences += found
				if next.Kind == entry.Formula {
					n.formulas++
				} else {
					n.values++
				}
				d.set(t, row, column, next)
			}
			if n.occurrences > before {
				n.rows++
			}
		}
		if n.rows > rows {
			n.tabs++
		}
	}
	var o object
	o.put("valuesChanged", n.values)
	o.put("formulasChanged", n.formulas)
	o.put("rowsChanged", n.rows)
	o.put("sheetsChanged", n.tabs)
	o.put("occurrencesChanged", n.occurrences)
	if o == nil {
		o = object{}
	}
	return o, nil
}

// replaced is a cell with what was found in it replaced, and how often it was.
// A number's new text is entered; a text stays a text.
func (s *Server) replaced(d *draft, c cell, r findReplaceRequest, find *regexp.Regexp) (cell, int, error) {
	text := c.Text
	switch c.Kind {
	case entry.Empty:
		return c, 0, nil
	case entry.Formula:
		if !r.IncludeFormulas {
			return c, 0, nil
		}
	case entry.Number, entry.Bool:
		text = entry.Show(c.Value, c.format(), d.language())
	case entry.Text:
	}
	found := len(find.FindAllStringIndex(text, -1))
	if found == 0 {
		return c, 0, nil
	}
	next := ""
	if r.SearchByRegex {
		next = find.ReplaceAllString(text, r.Replacement)
	} else {
		next = find.ReplaceAllLiteralString(text, r.Replacement)
	}
	if tooLong(next) {
		return c, 0, cellTooLong()
	}
	switch {
	case next == "":
		c.Value = entry.Value{}
	case c.Kind == entry.Text || c.Kind == entry.Formula:
		c.Text = next
	default:
		value, format := entry.Enter(next, d.language(), s.year(), c.format())
		c = cell{Value: value}.wear(format, c.note())
	}
	return c, found, nil
}
