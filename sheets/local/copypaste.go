package local

import (
	"github.com/go-json-experiment/json/jsontext"
	"google.golang.org/api/sheets/v4"

	"uratori/sheets/a1"
	"uratori/sheets/local/entry"
)

// copyPaste copies cells, also to another tab. A target that is a multiple of
// the source is filled with copies; one that is smaller is overrun.
//
// A formula comes along only to the place that it has already, on another tab:
// its references would have to be moved with it, and nothing here reads them.
func copyPaste(d *draft, raw jsontext.Value) (object, error) {
	r, err := parse[struct {
		Source           gridRange `json:"source"`
		Destination      gridRange `json:"destination"`
		PasteType        string    `json:"pasteType"`
		PasteOrientation string    `json:"pasteOrientation"`
	}](raw, &sheets.CopyPasteRequest{})
	if err != nil {
		return nil, err
	}
	switch r.PasteType {
	case "", "PASTE_NORMAL":
	case "PASTE_VALUES", "PASTE_FORMAT", "PASTE_NO_BORDERS", "PASTE_FORMULA", "PASTE_DATA_VALIDATION", "PASTE_CONDITIONAL_FORMATTING":
		return nil, unsupported("the paste type " + r.PasteType)
	default:
		return nil, badEnum("pasteType", "PasteType", r.PasteType)
	}
	switch r.PasteOrientation {
	case "", "NORMAL":
	case "TRANSPOSE":
		return nil, unsupported("the paste orientation " + r.PasteOrientation)
	default:
		return nil, badEnum("pasteOrientation", "PasteOrientation", r.PasteOrientation)
	}
	from, source, err := r.Source.area(&d.book)
	if err == nil {
		source, err = readable(from, source)
	}
	if err != nil {
		return nil, err
	}
	to, target, err := r.Destination.area(&d.book)
	if err == nil {
		target, err = readable(to, target)
	}
	if err != nil {
		return nil, err
	}
	target = repeated(source, target)
	if !to.fits(target) {
		return nil, beyondGrid(to, target)
	}
	return nil, d.paste(from, source, to, target)
}

// repeated is a target as copies of the source fill it.
func repeated(source, target a1.Area) a1.Area {
	reach := func(size, wanted int) int {
		if wanted%size == 0 {
			return wanted
		}
		return size
	}
	target.EndRow = target.StartRow + reach(source.EndRow-source.StartRow, target.EndRow-target.StartRow)
	target.EndColumn = target.StartColumn + reach(source.EndColumn-source.StartColumn, target.EndColumn-target.StartColumn)
	return target
}

func (d *draft) paste(from *tab, source a1.Area, to *tab, target a1.Area) error {
	height, width := source.EndRow-source.StartRow, source.EndColumn-source.StartColumn
	lines := make([][]cell, height)
	for i := range lines {
		lines[i] = make([]cell, width)
		for j := range width {
			lines[i][j] = from.cell(source.StartRow+i, source.StartColumn+j)
		}
	}
	to = d.edit(to)
	for row := target.StartRow; row < target.EndRow; row++ {
		for column := target.StartColumn; column < target.EndColumn; column++ {
			i, j := (row-target.StartRow)%height, (column-target.StartColumn)%width
			c := lines[i][j]
			if c.Kind == entry.Formula && (source.StartRow+i != row || source.StartColumn+j != column) {
				return unsupported("copying a formula to another place")
			}
			d.set(to, row, column, c)
		}
	}
	return nil
}
