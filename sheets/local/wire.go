package local

import (
	"uratori/sheets/a1"
)

// The parts of Google's requests that this server understands. Numbers have
// Google's size, so that sums of them have room in an int. Indices are pointers:
// an end that is 0 is not an end that is missing.
type (
	gridRange struct {
		SheetID          int32  `json:"sheetId"`
		StartRowIndex    *int32 `json:"startRowIndex"`
		EndRowIndex      *int32 `json:"endRowIndex"`
		StartColumnIndex *int32 `json:"startColumnIndex"`
		EndColumnIndex   *int32 `json:"endColumnIndex"`
	}
	dimensionRange struct {
		SheetID    int32  `json:"sheetId"`
		Dimension  string `json:"dimension"`
		StartIndex *int32 `json:"startIndex"`
		EndIndex   *int32 `json:"endIndex"`
	}
	dataFilter struct {
		A1Range   string          `json:"a1Range"`
		GridRange *gridRange      `json:"gridRange"`
		Lookup    *metadataLookup `json:"developerMetadataLookup"`
	}
	metadataLookup struct {
		LocationType     string            `json:"locationType"`
		MatchingStrategy string            `json:"locationMatchingStrategy"`
		MetadataID       *int32            `json:"metadataId"`
		MetadataKey      *string           `json:"metadataKey"`
		MetadataValue    *string           `json:"metadataValue"`
		Visibility       string            `json:"visibility"`
		Location         *metadataLocation `json:"metadataLocation"`
	}
	metadataLocation struct {
		LocationType   string          `json:"locationType"` // output only, but clients send it back
		Spreadsheet    bool            `json:"spreadsheet"`
		SheetID        *int32          `json:"sheetId"`
		DimensionRange *dimensionRange `json:"dimensionRange"`
	}
	valueRange struct {
		Range          string  `json:"range"`
		MajorDimension string  `json:"majorDimension"`
		Values         [][]any `json:"values"`
	}
	extendedValue struct {
		NumberValue  *float64 `json:"numberValue"`
		StringValue  *string  `json:"stringValue"`
		BoolValue    *bool    `json:"boolValue"`
		FormulaValue *string  `json:"formulaValue"`
	}
	numberFormat struct {
		Type    string `json:"type"`
		Pattern string `json:"pattern"`
	}
	cellFormat struct {
		NumberFormat *numberFormat `json:"numberFormat"`
	}
	cellValue struct {
		UserEnteredValue  *extendedValue `json:"userEnteredValue"`
		UserEnteredFormat *cellFormat    `json:"userEnteredFormat"`
		Note              string         `json:"note"`
	}
	cellRow struct {
		Values []cellValue `json:"values"`
	}
	sheetProperties struct {
		SheetID        *int32          `json:"sheetId"`
		Title          string          `json:"title"`
		Index          *int32          `json:"index"`
		SheetType      string          `json:"sheetType"`
		Hidden         bool            `json:"hidden"`
		GridProperties *gridProperties `json:"gridProperties"`
	}
	gridProperties struct {
		RowCount          *int32 `json:"rowCount"`
		ColumnCount       *int32 `json:"columnCount"`
		FrozenRowCount    int32  `json:"frozenRowCount"`
		FrozenColumnCount int32  `json:"frozenColumnCount"`
	}
	bookProperties struct {
		Title      string `json:"title"`
		Locale     string `json:"locale"`
		TimeZone   string `json:"timeZone"`
		AutoRecalc string `json:"autoRecalc"`
	}
)

// area is the range on its tab, whose ends may be open.
func (g *gridRange) area(b *book) (*tab, a1.Area, error) {
	t := b.tabByID(g.SheetID)
	if t == nil {
		return nil, a1.Area{}, noGrid(g.SheetID)
	}
	a := a1.Whole()
	for _, side := range []struct {
		start, end   *int32
		toStart, toE *int
		what         string
	}{
		{g.StartRowIndex, g.EndRowIndex, &a.StartRow, &a.EndRow, "Row"},
		{g.StartColumnIndex, g.EndColumnIndex, &a.StartColumn, &a.EndColumn, "Column"},
	} {
		if side.start != nil {
			*side.toStart = int(*side.start)
		}
		if side.end != nil {
			*side.toE = int(*side.end)
			if *side.toE <= *side.toStart {
				return nil, a, invalid("end%sIndex must be greater than start%sIndex", side.what, side.what)
			}
		}
		if *side.toStart < 0 {
			return nil, a, invalid("start%sIndex must not be negative", side.what)
		}
	}
	return t, a, nil
}

// span is the rows or columns that a dimension range names, its end closed.
func (g *dimensionRange) span(b *book, field string) (t *tab, rows bool, start, end int, err error) {
	if t = b.tabByID(g.SheetID); t == nil {
		return nil, false, 0, 0, noGrid(g.SheetID)
	}
	limit := t.rowCount
	switch g.Dimension {
	case "ROWS":
		rows = true
	case "COLUMNS":
		limit = t.columnCount
	default:
		return nil, false, 0, 0, badEnum(field+".dimension", "Dimension", g.Dimension)
	}
	end = limit
	if g.StartIndex != nil {
		start = int(*g.StartIndex)
	}
	if g.EndIndex != nil {
		end = int(*g.EndIndex)
	}
	if start < 0 || end <= start {
		return nil, false, 0, 0, invalid("range: startIndex must be at least 0 and less than endIndex")
	}
	return t, rows, start, end, nil
}

// resolve finds the cells that a text in A1 notation names.
func (b *book) resolve(name string) (*tab, a1.Area, error) {
	title, cells, found, err := a1.Split(name)
	if err != nil || name == "" {
		return nil, a1.Area{}, noRange(name)
	}
	var t *tab
	if found {
		t = b.tabByTitle(title)
	} else {
		t = b.firstVisible()
	}
	a, err := a1.ParseCells(cells)
	if t == nil || err != nil {
		return nil, a1.Area{}, noRange(name)
	}
	return t, a, nil
}

func (b *book) firstVisible() *tab {
	for _, t := range b.tabs {
		if !t.hidden {
			return t
		}
	}
	return nil
}

// readable cuts a resolved area to the grid; it must begin there.
func readable(t *tab, a a1.Area) (a1.Area, error) {
	if a.StartRow >= t.rowCount || a.StartColumn >= t.columnCount {
		return a, beyondGrid(t, a)
	}
	return t.clip(a), nil
}

// place is an area on a tab, and the filter that named it.
type place struct {
	t *tab
	a1.Area
	filter dataFilter
}

// find returns the readable areas that filters name, in their order.
func (b *book) find(filters []dataFilter) (places []place, err error) {
	for _, f := range filters {
		if err := f.check(); err != nil {
			return nil, err
		}
		if f.Lookup != nil {
			found, err := b.search(f.Lookup)
			if err != nil {
				return nil, err
			}
			where := b.whereRows()
			for _, m := range found {
				if t, a := b.locate(m, where); t != nil {
					places = append(places, place{t, a, f})
				}
			}
			continue
		}
		t, a, err := b.resolve(f.A1Range)
		if f.GridRange != nil {
			t, a, err = f.GridRange.area(b)
		}
		if err == nil {
			a, err = readable(t, a)
		}
		if err != nil {
			return nil, err
		}
		places = append(places, place{t, a, f})
	}
	return places, nil
}

func (f dataFilter) check() error {
	set := 0
	for _, given := range []bool{f.Lookup != nil, f.GridRange != nil, f.A1Range != ""} {
		if given {
			set++
		}
	}
	if set != 1 {
		return invalid("A data filter must have exactly one of: developerMetadataLookup, a1Range, gridRange")
	}
	return nil
}

// reply is the filter as it is said back.
func (f dataFilter) reply() (o object) {
	switch {
	case f.Lookup != nil:
		o.put("developerMetadataLookup", f.Lookup.reply())
	case f.GridRange != nil:
		o.put("gridRange", f.GridRange.reply())
	default:
		o.put("a1Range", f.A1Range)
	}
	return o
}

func (g *gridRange) reply() object {
	o := object{}
	o.put("sheetId", g.SheetID)
	for _, m := range []struct {
		name  string
		value *int32
	}{
		{"startRowIndex", g.StartRowIndex},
		{"endRowIndex", g.EndRowIndex},
		{"startColumnIndex", g.StartColumnIndex},
		{"endColumnIndex", g.EndColumnIndex},
	} {
		if m.value != nil {
			o = append(o, member{m.name, *m.value})
		}
	}
	return o
}

func (g *dimensionRange) reply() object {
	o := object{}
	o.put("sheetId", g.SheetID)
	o.put("dimension", g.Dimension)
	if g.StartIndex != nil {
		o = append(o, member{"startIndex", *g.StartIndex})
	}
	if g.EndIndex != nil {
		o = append(o, member{"endIndex", *g.EndIndex})
	}
	return o
}
