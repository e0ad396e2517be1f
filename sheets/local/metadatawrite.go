package local

import (
	"cmp"
	"slices"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"google.golang.org/api/sheets/v4"
)

// place is the spot that a location names. In a draft, if one is given, a blank
// row is kept from then on, so that there is something to be fixed to.
func (b *book) place(l *metadataLocation, d *draft) (m metadata, err error) {
	m.column = -1
	switch {
	case l.DimensionRange != nil && l.SheetID == nil && !l.Spreadsheet:
		t, rows, start, end, err := l.DimensionRange.span(b, "location.dimension_range")
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
			m.row = -1 // nowhere
			if i, ok := t.find(start); ok {
				m.row = t.rows[i].id
			} else if d != nil {
				m.row = d.editRow(d.edit(t), start).id
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

// longestMetadata is what key and value hold together, in characters.
const longestMetadata = 30_000

func (d *draft) checkMetadata(m metadata) error {
	if m.key == "" || utf8.RuneCountInString(m.key)+utf8.RuneCountInString(m.value) > longestMetadata {
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
	m, err := d.place(given.Location, d)
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
	at, _ := slices.BinarySearchFunc(d.metadata, m.id, func(other *metadata, id int32) int { return cmp.Compare(other.id, id) })
	d.metadata = slices.Insert(d.metadata, at, &m)
	return object{{"developerMetadata", d.metadataReply(&m, d.whereRows())}}, nil
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
	for name := range m {
		if !slices.Contains([]string{"metadataKey", "metadataValue", "visibility", "location", "*"}, name) {
			return nil, invalid("developerMetadata.%s cannot be updated", name)
		}
	}
	found, err := d.filterMetadata(r.DataFilters)
	if err != nil {
		return nil, err
	}
	var updated []*metadata
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
			at, err := d.place(r.DeveloperMetadata.Location, d)
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
		updated = append(updated, &next)
	}
	o := object{}
	o.put("developerMetadata", d.metadataReplies(updated))
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
	o := object{}
	o.put("deletedDeveloperMetadata", d.metadataReplies(found))
	gone := setOf(found)
	d.dropMetadata(func(m *metadata) bool { return gone[m] })
	return o, nil
}
