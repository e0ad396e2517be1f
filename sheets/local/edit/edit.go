// Package edit is the language in which people change a tab of the embedded
// sheet by hand: steps that are made together or not at all.
//
// The Sheets interface has no condition on a write. People who edit a table
// beside agents need one, or they cover what they have not seen; so each step
// carries the texts that whoever made it saw in the cells it touches, and a
// batch says which other cells must still hold what they held (the id of the row,
// so that a row that has moved is not taken for another). Where one of them
// holds something else, nothing is changed, and the outcome tells what stands
// there. A batch that was made carries its own inverse, which is a batch like
// any other and bound by the same rule.
//
// Rows and columns are one-based, as people see them. A text is what the cell
// shall hold to the letter: "=1+1" that somebody typed is a text, not a formula,
// as everything is that uratori itself writes.
package edit

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// How much one batch may do.
const (
	MostSteps = 100
	// MostCells is how many cells the steps of a batch may write, take out or put
	// back; as many it may have seen beside them.
	MostCells = 100_000
	// MostRows is how many rows a page has, at most.
	MostRows = 1000
)

// Batch is what somebody does to a tab.
type Batch struct {
	Tab   int32   `json:"tab"` // its sheetId
	Seen  []Sight `json:"seen,omitempty"`
	Steps []Step  `json:"steps"`
}

// Sight is a cell that must still hold a text, though it is not changed.
type Sight struct {
	Row    int    `json:"row"`
	Column int    `json:"column"`
	Text   string `json:"text"`
}

// Step is exactly one of its members. Each finds the tab as the one before has
// left it.
type Step struct {
	Put     *Put     `json:"put,omitempty"`
	Insert  *Insert  `json:"insert,omitempty"`
	Delete  *Delete  `json:"delete,omitempty"`
	Sort    *Sort    `json:"sort,omitempty"`
	Arrange *Arrange `json:"arrange,omitempty"`
}

// Put writes a block of cells, whose corner it names. Old has the shape of New.
type Put struct {
	Row    int        `json:"row"`
	Column int        `json:"column"`
	Old    [][]string `json:"old"`
	New    [][]Value  `json:"new"`
	Grow   bool       `json:"grow,omitzero"` // the grid, where the block goes beyond it
}

// Insert makes rows before a row, or behind the last one. Cells are what they
// hold, from the first column on; there may be fewer of them than rows. Rows
// before a frozen one are frozen; Frozen says otherwise how many of them are.
type Insert struct {
	Row    int       `json:"row"`
	Count  int       `json:"count"`
	Cells  [][]Value `json:"cells,omitempty"`
	Frozen int       `json:"frozen,omitzero"`
}

// Delete takes rows out. Seen are all their texts, row by row; empty ones at the
// end of a row may be left out.
type Delete struct {
	Row  int        `json:"row"`
	Seen [][]string `json:"seen"`
}

// Sort orders rows by a column: numbers, texts, booleans; empty ones come last in
// either order. It changes no cell, whatever it holds by now.
type Sort struct {
	From       int  `json:"from"`
	To         int  `json:"to"` // the last one; 0: the last that holds something
	Column     int  `json:"column"`
	Descending bool `json:"descending,omitzero"`
}

// Arrange puts rows in an order: the row that will be at From is the one that is
// now at Order[0]. Seen is the digest of the rows as they were when that was
// decided.
type Arrange struct {
	From  int    `json:"from"`
	Order []int  `json:"order"`
	Seen  string `json:"seen"`
}

// Kind is what a cell holds that is no plain text.
type Kind string

// The kinds of values.
const (
	Text    Kind = ""
	Number  Kind = "number"
	Bool    Kind = "bool"
	Formula Kind = "formula"
)

// Value is the content of a cell. As JSON a plain text is a string; as what is
// written it leaves the format and the note of the cell, while any other Value
// says all of the cell.
type Value struct {
	Text    string  `json:"text"` // as people see it; of a text and a formula, what the cell holds
	Kind    Kind    `json:"kind,omitempty"`
	Number  float64 `json:"number,omitzero"` // of a number; 1 of a true one
	Type    string  `json:"type,omitempty"`  // of the number format, and its pattern
	Pattern string  `json:"pattern,omitempty"`
	Note    string  `json:"note,omitempty"`
}

// Plain tells whether a value is a text and nothing besides.
func (v Value) Plain() bool { return v == Value{Text: v.Text} }

// MarshalJSONTo implements [json.MarshalerTo].
func (v Value) MarshalJSONTo(e *jsontext.Encoder) error {
	if v.Plain() {
		return e.WriteToken(jsontext.String(v.Text))
	}
	type whole Value
	return json.MarshalEncode(e, whole(v))
}

// UnmarshalJSONFrom implements [json.UnmarshalerFrom].
func (v *Value) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	if d.PeekKind() == '"' {
		*v = Value{}
		return json.UnmarshalDecode(d, &v.Text)
	}
	type whole Value
	return json.UnmarshalDecode(d, (*whole)(v))
}

// Outcome is what became of a batch.
type Outcome struct {
	Applied  bool         `json:"applied"`
	Revision string       `json:"revision"`          // of the sheet, after it
	Differs  []Difference `json:"differs,omitempty"` // why it was not applied; not all, where there are many
	Undo     *Batch       `json:"undo,omitempty"`
}

// Difference is a cell that does not hold what was seen there.
type Difference struct {
	Row    int    `json:"row"`
	Column int    `json:"column"`
	Seen   string `json:"seen"`
	Now    string `json:"now"`
}

// Tab is a tab of the spreadsheet.
type Tab struct {
	ID          int32  `json:"id"`
	Title       string `json:"title"`
	Rows        int    `json:"rows"` // of the grid
	Columns     int    `json:"columns"`
	UsedRows    int    `json:"used_rows"` // up to the last that holds something
	UsedColumns int    `json:"used_columns"`
	Frozen      int    `json:"frozen"` // rows that stay at the top
	Hidden      bool   `json:"hidden,omitzero"`
}

// Page is a part of a tab, of one moment.
type Page struct {
	Revision string    `json:"revision"` // another one: something in the spreadsheet has changed
	Tabs     []Tab     `json:"tabs"`
	Tab      int32     `json:"tab"`
	Header   []string  `json:"header"` // the texts of the first row
	From     int       `json:"from"`
	Rows     [][]Value `json:"rows"` // from From on, each up to its last cell in use; fewer than were asked for where they are large
}

// Query says which part of a tab is wanted.
type Query struct {
	Tab   *int32 // by its number
	Title string // or by its title; without either the first that is not hidden
	From  int    // the first row
	To    int    // the last row; below From there are none
}
