package local

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"google.golang.org/api/sheets/v4"

	"uratori/sheets/a1"
)

// whereRows is where the rows stand that metadata is fixed to, by their ids.
func (b *book) whereRows() map[int64]int {
	where := map[int64]int{}
	for _, m := range b.metadata {
		where[m.row] = 0
	}
	for _, t := range b.tabs {
		for _, r := range t.rows {
			if _, held := where[r.id]; held {
				where[r.id] = r.at
			}
		}
	}
	return where
}

// locate is where a piece of metadata is now; t is nil for the whole book.
func (b *book) locate(m *metadata, where map[int64]int) (t *tab, a a1.Area) {
	if m.tab == 0 {
		return nil, a1.Whole()
	}
	t = b.tabByKey(m.tab)
	a = t.whole()
	switch {
	case m.row != 0:
		a.StartRow, a.EndRow = where[m.row], where[m.row]+1
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

func (b *book) metadataReply(m *metadata, where map[int64]int) object {
	location := object{{"locationType", m.locationType()}}
	t, a := b.locate(m, where)
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

func (b *book) metadataReplies(all []*metadata) (replies array) {
	if len(all) == 0 {
		return nil
	}
	where := b.whereRows()
	for _, m := range all {
		replies = append(replies, b.metadataReply(m, where))
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

// search finds the metadata that a lookup matches.
func (b *book) search(l *metadataLookup) (found []*metadata, err error) {
	if _, err := oneOf("locationMatchingStrategy", l.MatchingStrategy, "INTERSECTING_LOCATION", "EXACT_LOCATION"); err != nil {
		return nil, err
	}
	if _, err := oneOf("locationType", l.LocationType, "", "ROW", "COLUMN", "SHEET", "SPREADSHEET"); err != nil {
		return nil, err
	}
	switch {
	case l.MatchingStrategy != "" && l.Location == nil:
		return nil, invalid("locationMatchingStrategy is set without metadataLocation")
	case l.MatchingStrategy == "EXACT_LOCATION" && l.LocationType != "":
		return nil, invalid("locationType must not be set with EXACT_LOCATION")
	case l.LocationType == "SPREADSHEET" && (l.MatchingStrategy != "" || l.Location != nil && !l.Location.Spreadsheet):
		return nil, invalid("locationType SPREADSHEET crosses no other location")
	}
	var at metadata
	if l.Location != nil {
		if at, err = b.place(l.Location, nil); err != nil {
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
	return at.tab == m.tab &&
		(at.row == 0 || m.row == 0 || at.row == m.row) && (at.column < 0 || m.column < 0 || at.column == m.column)
}

// matching finds the metadata that each of the filters matches.
func (b *book) matching(filters []dataFilter) (each [][]*metadata, err error) {
	for _, f := range filters {
		if err := f.check(); err != nil {
			return nil, err
		}
		if f.Lookup == nil {
			return nil, unsupported("metadata by a1Range or gridRange; use developerMetadataLookup")
		}
		found, err := b.search(f.Lookup)
		if err != nil {
			return nil, err
		}
		each = append(each, found)
	}
	return each, nil
}

// filterMetadata finds the metadata that one of the filters matches, each
// piece once.
func (b *book) filterMetadata(filters []dataFilter) (found []*metadata, err error) {
	each, err := b.matching(filters)
	seen := map[*metadata]bool{}
	for _, m := range slices.Concat(each...) {
		if !seen[m] {
			seen[m] = true
			found = append(found, m)
		}
	}
	return found, err
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
			return b.metadataReply(m, b.whereRows()), nil
		}
	}
	return nil, &problem{code: http.StatusNotFound, status: "NOT_FOUND", message: fmt.Sprintf("No developer metadata with ID %d", n)}
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
	each, err := b.matching(ask.DataFilters)
	if err != nil {
		return nil, err
	}
	filters := map[*metadata]array{}
	for i, found := range each {
		for _, m := range found {
			filters[m] = append(filters[m], ask.DataFilters[i].reply())
		}
	}
	where := b.whereRows()
	var matched array
	for _, m := range b.metadata {
		if filters[m] != nil {
			matched = append(matched, object{{"developerMetadata", b.metadataReply(m, where)}, {"dataFilters", filters[m]}})
		}
	}
	o := object{}
	o.put("matchedDeveloperMetadata", matched)
	return o, nil
}
