package local

import (
	"regexp"

	"github.com/go-json-experiment/json/jsontext"
	"google.golang.org/api/sheets/v4"

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
	} else if _, err := regexp.Compile(text); err != nil {
		return nil, invalid("find is not a regular expression: %.200q", r.Find)
	}
	if r.MatchEntireCell {
		text = `\A(?:` + text + `)\z`
	}
	if !r.MatchCase {
		text = `(?i)` + text
	}
	find, err := regexp.Compile(text)
	if err != nil { // it was one, before it was to match a whole cell
		return nil, invalid("find is too large an expression: %.200q", r.Find)
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
		places = append(places, place{t: t, Area: t.whole()})
	}
	if r.AllSheets {
		set++
		for _, t := range d.tabs {
			places = append(places, place{t: t, Area: t.whole()})
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
	by := r.pieces()
	var n changes
	for _, p := range places {
		rows := n.rows
		t := d.edit(p.t)
		for _, line := range t.between(p.StartRow, p.EndRow) {
			before := n.occurrences
			for column := p.StartColumn; column < min(p.EndColumn, len(line.cells)); column++ {
				next, found, err := s.replaced(d, line.cells[column], r, find, by)
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
				d.set(t, line.at, column, next)
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
// What becomes of a number or a formula is entered; a text stays a text.
func (s *Server) replaced(d *draft, c cell, r findReplaceRequest, find *regexp.Regexp, by []piece) (cell, int, error) {
	text := c.Text
	switch c.Kind {
	case entry.Empty:
		return c, 0, nil
	case entry.Formula:
		if !r.IncludeFormulas {
			return c, 0, nil
		}
	case entry.Number, entry.Bool:
		text = c.shown(d.language())
	case entry.Text:
	}
	found := find.FindAllStringSubmatchIndex(text, -1)
	if found == nil {
		return c, 0, nil
	}
	next, err := put(text, found, by)
	if err != nil {
		return c, 0, err
	}
	switch {
	case next == "":
		c.Value = entry.Value{}
	case c.Kind == entry.Text:
		c.Text = next
	default:
		value, format := entry.Enter(next, d.language(), s.year(), c.format())
		c = cell{Value: value}.wear(format, c.note())
	}
	return c, len(found), nil
}

// piece is a part of a replacement: a text or, where group is not 0, what that
// group of the expression found.
type piece struct {
	text  string
	group int
}

var groupName = regexp.MustCompile(`\$[1-9]`)

func (r findReplaceRequest) pieces() (all []piece) {
	rest := r.Replacement
	for r.SearchByRegex {
		at := groupName.FindStringIndex(rest)
		if at == nil {
			break
		}
		all = append(all, piece{text: rest[:at[0]]}, piece{group: int(rest[at[0]+1] - '0')})
		rest = rest[at[1]:]
	}
	return append(all, piece{text: rest})
}

// put puts pieces in the place of what was found. It stops at what no cell
// holds: a short request can ask for gigabytes.
func put(text string, found [][]int, by []piece) (string, error) {
	const mostBytes = 3 * longest // a UTF-16 unit has no more in UTF-8
	var next []byte
	last := 0
	for _, at := range found {
		next = append(next, text[last:at[0]]...)
		for _, p := range by {
			next = append(next, p.text...)
			if i := 2 * p.group; p.group > 0 && i < len(at) && at[i] >= 0 {
				next = append(next, text[at[i]:at[i+1]]...)
			}
			if len(next) > mostBytes {
				return "", cellTooLong()
			}
		}
		last = at[1]
	}
	next = append(next, text[last:]...)
	if tooLong(string(next)) {
		return "", cellTooLong()
	}
	return string(next), nil
}
