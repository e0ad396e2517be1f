package sheets

import (
	"strconv"

	api "google.golang.org/api/sheets/v4"
)

// Kind is what a cell holds.
type Kind string

// The kinds of content. Only a text can be what a caller wrote; the others are
// written only to put back what was there.
const (
	Empty   Kind = "empty"
	Text    Kind = "text"
	Number  Kind = "number"
	Bool    Kind = "bool"
	Formula Kind = "formula"
	Strange Kind = "strange" // something that the API gained later
)

// Cell is what stands in a cell, exactly.
type Cell struct {
	Kind Kind
	Text string // a text to the letter; anything else as the API prints it
}

// Holds tells whether the cell is what writing text makes it.
func (c Cell) Holds(text string) bool {
	return c.Kind == Text && c.Text == text || c.Kind == Empty && text == ""
}

func exactCell(d *api.CellData) Cell {
	if d == nil || d.UserEnteredValue == nil {
		return Cell{Kind: Empty}
	}
	switch v := d.UserEnteredValue; {
	case v.StringValue != nil && *v.StringValue == "":
		return Cell{Kind: Empty}
	case v.StringValue != nil:
		return Cell{Text, *v.StringValue}
	case v.FormulaValue != nil:
		return Cell{Formula, *v.FormulaValue}
	case v.NumberValue != nil:
		return Cell{Number, number(*v.NumberValue)}
	case v.BoolValue != nil:
		return Cell{Bool, truth(*v.BoolValue)}
	}
	return Cell{Kind: Strange}
}

func number(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }

func truth(b bool) string {
	if b {
		return "TRUE"
	}
	return "FALSE"
}
