package local

import (
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
	"google.golang.org/api/sheets/v4"

	"uratori/sheets/a1"
)

// locate is where a piece of metadata is now; t is nil for the whole book.
func (b *book) locate(m *metadata) (t *tab, a a1.Area) {
	if m.tab == 0 {
		return nil, a1.Whole()
	}
	t = b.tabByKey(m.tab)
	a = t.clip(a1.Whole())
	switch {
	case m.row != 0:
		a.StartRow = t.rowIndex(m.row)
		a.EndRow = a.StartRow + 1
	case m.column >= 0:
		a.StartColumn, a.EndColumn = m.column, m.column+1
	}
	return t, a
}

// locationType is Google's name for what a piece of metadata is fixed to.
func (m *metadata) locationType() string {
	switch {
	case m.tab == 0:
		return "SPREADSHEET"
	case m.row != 0:
		return "ROW"
	case m.column >= 0:
		return "COLUMN"
	}
	return "SHEET"
}

func (b *book) metadataReply(m *metadata) object {
	location := object{{"locationType", m.locationType()}}
	t, a := b.locate(m)
	switch location[0].value {
	case "SPREADSHEET":
		location.put("spreadsheet", true)
	case "SHEET":
		location = append(location, member{"sheetId", t.id})
	case "ROW":
		location.put("dimensionRange", dimensionReply(t, "ROWS", a.StartRow))
	case "COLUMN":
		location.put("dimensionRange", dimensionReply(t, "COLUMNS", a.StartColumn))
	}
	o := object{{"metadataId", m.id}, {"metadataKey", m.key}}
	o.put("metadataValue", m.value)
	o.put("location", location)
	o.put("visibility", m.visibility)
	return o
}

func dimensionReply(t *tab, dimension string, at int) object {
	return object{{"sheetId", t.id}, {"dimension", dimension}, {"startIndex", at}, {"endIndex", at + 1}}
}

func (b *book) metadataReplies(match func(*metadata) bool) (replies array) {
	for _, m := range b.metadata {
		if match(m) {
			replies = append(replies, b.metadataReply(m))
		}
	}
	return replies
}

func (l *metadataLookup) reply() (o object) {
	o.put("locationType", l.LocationType)
	o.put("locationMatchingStrategy", l.MatchingStrategy)
	if l.MetadataID != nil {
		o.put("metadataId", *l.MetadataID)
	}
	if l.MetadataKey != nil {
		o.put("metadataKey", *l.MetadataKey)
	}
	if l.MetadataValue != nil {
		o.put("metadataValue", *l.MetadataValue)
	}
	o.put("visibility", l.Visibility)
	if at := l.Location; at != nil {
		var location object
		location.put("spreadsheet", at.Spreadsheet)
		if at.SheetID != nil {
			location = append(location, member{"sheetId", *at.SheetID})
		}
		if at.DimensionRange != nil {
			location.put("dimensionRange", at.DimensionRange.reply())
		}
		o.put("metadataLocation", location)
	}
	return o
}

// lookup finds the metadata that is on tabs and matches.
func (b *book) lookup(l *metadataLookup) (found []*metadata, err error) {
	all, err := b.search(l)
	for _, m := range all {
		if m.tab != 0 {
			found = append(found, m)
		}
	}
	return found, err
}

// search finds all metadata that matches, that of the book included.
func (b *book) search(l *metadataLookup) (found []*metadata, err error) {
	if l.MatchingStrategy != "" && l.Location == nil {
		return nil, invalid("locationMatchingStrategy is set without metadataLocation")
	}
	if _, err := oneOf("locationMatchingStrategy", l.MatchingStrategy, "INTERSECTING_LOCATION", "EXACT_LOCATION"); err != nil {
		return nil, err
	}
	if _, err := oneOf("locationType", l.LocationType, "", "ROW", "COLUMN", "SHEET", "SPREADSHEET"); err != nil {
		return nil, err
	}
	var at metadata
	if l.Location != nil {
		if at, err = b.place(l.Location, false, nil); err != nil {
			return nil, err
		}
	}
	for _, m := range b.metadata {
		switch {
		case l.MetadataID != nil && *l.MetadataID != m.id,
			l.MetadataKey != nil && *l.MetadataKey != m.key,
			l.MetadataValue != nil && *l.MetadataValue != m.value,
			l.Visibility != "" && l.Visibility != m.visibility,
			l.LocationType != "" && l.LocationType != m.locationType(),
			l.Location != nil && !at.meets(m, l.MatchingStrategy == "EXACT_LOCATION"):
			continue
		}
		found = append(found, m)
	}
	return found, nil
}

// meets tells whether m is fixed to at's place, or to one that crosses it.
func (at metadata) meets(m *metadata, exactly bool) bool {
	if exactly {
		return at.tab == m.tab && at.row == m.row && at.column == m.column
	}
	return at.tab == 0 || at.tab == m.tab &&
		(at.row == 0 || m.row == 0 || at.row == m.row) && (at.column < 0 || m.column < 0 || at.column == m.column)
}

// place is the spot that a location names. On a draft, a row that is not in
// use is made, so that there is something to be fixed to.
func (b *book) place(l *metadataLocation, create bool, d *draft) (m metadata, err error) {
	m.column = -1
	switch {
	case l.DimensionRange != nil && l.SheetID == nil && !l.Spreadsheet:
		t, rows, start, end, err := l.DimensionRange.span(b)
		if err != nil {
			return m, err
		}
		if end != start+1 {
			return m, invalid("The location must be a single row or column.")
		}
		m.tab = t.key
		switch {
		case !rows && end <= t.columnCount:
			m.column = start
		case rows && end <= t.rowCount:
			if start >= len(t.rows) && create {
				t = d.edit(t)
				d.insertRows(t, len(t.rows), start+1-len(t.rows))
			}
			m.row = -1 // nowhere
			if start < len(t.rows) {
				m.row = t.rows[start].id
			}
		default:
			return m, invalid("The location lies outside the grid.")
		}
	case l.SheetID != nil && l.DimensionRange == nil && !l.Spreadsheet:
		t := b.tabByID(*l.SheetID)
		if t == nil {
			return m, noGrid(*l.SheetID)
		}
		m.tab = t.key
	case l.Spreadsheet && l.SheetID == nil && l.DimensionRange == nil:
	default:
		return m, invalid("exactly one of spreadsheet, sheetId and dimensionRange must be set in a location")
	}
	return m, nil
}

type metadataJSON struct {
	MetadataID    *int32            `json:"metadataId"`
	MetadataKey   string            `json:"metadataKey"`
	MetadataValue string            `json:"metadataValue"`
	Location      *metadataLocation `json:"location"`
	Visibility    string            `json:"visibility"`
}

// longestMetadata is the sum of key and value in characters.
const longestMetadata = 30_000

func (d *draft) checkMetadata(m metadata) error {
	if m.key == "" || len(m.key)+len(m.value) > longestMetadata {
		return invalid("developerMetadata must have a metadataKey, and hold at most %d characters", longestMetadata)
	}
	if m.visibility != "DOCUMENT" && m.visibility != "PROJECT" {
		return invalid("developerMetadata.visibility must be DOCUMENT or PROJECT")
	}
	return nil
}

func createMetadata(d *draft, raw jsontext.Value) (object, error) {
	r, err := parse[struct {
		DeveloperMetadata metadataJSON `json:"developerMetadata"`
	}](raw, &sheets.CreateDeveloperMetadataRequest{})
	if err != nil {
		return nil, err
	}
	given := r.DeveloperMetadata
	if given.Location == nil {
		return nil, invalid("developerMetadata.location must be set")
	}
	m, err := d.place(given.Location, true, d)
	if err != nil {
		return nil, err
	}
	m.key, m.value, m.visibility = given.MetadataKey, given.MetadataValue, given.Visibility
	if err := d.checkMetadata(m); err != nil {
		return nil, err
	}
	taken := func(id int32) bool {
		return slices.ContainsFunc(d.metadata, func(other *metadata) bool { return other.id == id })
	}
	if given.MetadataID != nil {
		m.id = *given.MetadataID
		if m.id < 0 || taken(m.id) {
			return nil, invalid("metadataId %d is negative or in use", m.id)
		}
	} else {
		for m.id = int32(d.number()&0x3fffffff) + 1; taken(m.id); m.id++ { //nolint:gosec // G115: masked to 30 bits
		}
	}
	d.editMetadata()
	d.metadata = append(d.metadata, &m)
	return object{{"developerMetadata", d.metadataReply(&m)}}, nil
}

func updateMetadata(d *draft, raw jsontext.Value) (object, error) {
	r, err := parse[struct {
		DataFilters       []dataFilter `json:"dataFilters"`
		DeveloperMetadata metadataJSON `json:"developerMetadata"`
		Fields            string       `json:"fields"`
	}](raw, &sheets.UpdateDeveloperMetadataRequest{})
	if err != nil {
		return nil, err
	}
	m, err := requestMask(r.Fields, sheets.DeveloperMetadata{})
	if err != nil {
		return nil, err
	}
	found, err := d.filterMetadata(r.DataFilters)
	if err != nil {
		return nil, err
	}
	var replies array
	for _, was := range found {
		next := *was
		if _, ok := m.sub("metadataKey"); ok {
			next.key = r.DeveloperMetadata.MetadataKey
		}
		if _, ok := m.sub("metadataValue"); ok {
			next.value = r.DeveloperMetadata.MetadataValue
		}
		if _, ok := m.sub("visibility"); ok {
			next.visibility = r.DeveloperMetadata.Visibility
		}
		if _, ok := m.sub("location"); ok && r.DeveloperMetadata.Location != nil {
			at, err := d.place(r.DeveloperMetadata.Location, true, d)
			if err != nil {
				return nil, err
			}
			next.tab, next.row, next.column = at.tab, at.row, at.column
		}
		if err := d.checkMetadata(next); err != nil {
			return nil, err
		}
		d.editMetadata()
		d.metadata[slices.Index(d.metadata, was)] = &next
		replies = append(replies, d.metadataReply(&next))
	}
	o := object{}
	o.put("developerMetadata", replies)
	return o, nil
}

func deleteMetadata(d *draft, raw jsontext.Value) (object, error) {
	r, err := parse[struct {
		DataFilter dataFilter `json:"dataFilter"`
	}](raw, &sheets.DeleteDeveloperMetadataRequest{})
	if err != nil {
		return nil, err
	}
	found, err := d.filterMetadata([]dataFilter{r.DataFilter})
	if err != nil {
		return nil, err
	}
	var replies array
	for _, m := range found {
		replies = append(replies, d.metadataReply(m))
	}
	d.dropMetadata(func(m *metadata) bool { return slices.Contains(found, m) })
	o := object{}
	o.put("deletedDeveloperMetadata", replies)
	return o, nil
}

// filterMetadata finds the metadata that filters name: those that a lookup
// matches, or that lie on the rows and columns of a range.
func (b *book) filterMetadata(filters []dataFilter) (found []*metadata, err error) {
	for _, f := range filters {
		if f.Lookup == nil {
			return nil, unsupported("metadata by a1Range or gridRange; use developerMetadataLookup")
		}
		some, err := b.search(f.Lookup)
		if err != nil {
			return nil, err
		}
		for _, m := range some {
			if !slices.Contains(found, m) {
				found = append(found, m)
			}
		}
	}
	return found, nil
}

func (s *Server) getMetadata(c *call, id, number string) (object, error) {
	if err := c.accept(sheets.DeveloperMetadata{}); err != nil {
		return nil, err
	}
	b, _, err := s.read(c.r.Context(), id)
	if err != nil {
		return nil, err
	}
	n, err := strconv.ParseInt(number, 10, 32)
	if err != nil {
		return nil, invalid("Invalid value at 'metadata_id' (TYPE_INT32), %.50q", number)
	}
	for _, m := range b.metadata {
		if int64(m.id) == n {
			return b.metadataReply(m), nil
		}
	}
	return nil, invalid("No developer metadata with id: %d", n)
}

func (s *Server) searchMetadata(c *call, id string) (object, error) {
	if err := c.accept(sheets.SearchDeveloperMetadataResponse{}); err != nil {
		return nil, err
	}
	var ask struct {
		DataFilters []dataFilter `json:"dataFilters"`
	}
	if err := c.decode(&ask, &sheets.SearchDeveloperMetadataRequest{}); err != nil {
		return nil, err
	}
	b, _, err := s.read(c.r.Context(), id)
	if err != nil {
		return nil, err
	}
	found, err := b.filterMetadata(ask.DataFilters)
	if err != nil {
		return nil, err
	}
	var matched array
	for _, m := range found {
		var filters array
		for _, f := range ask.DataFilters {
			some, err := b.search(f.Lookup)
			if err != nil {
				return nil, err
			}
			if slices.Contains(some, m) {
				filters = append(filters, f.reply())
			}
		}
		matched = append(matched, object{{"developerMetadata", b.metadataReply(m)}, {"dataFilters", filters}})
	}
	o := object{}
	o.put("matchedDeveloperMetadata", matched)
	return o, nil
}
