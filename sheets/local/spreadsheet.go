package local

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"google.golang.org/api/sheets/v4"

	"uratori/sheets/a1"
)

// shown is what of a spreadsheet is wanted.
type shown struct {
	places []place // all of it when nil
	grid   bool
}

// reply is a spreadsheet as the API describes it.
func (s *Server) reply(b *book, want shown) object {
	properties := object{{"title", b.title}, {"locale", b.locale}, {"autoRecalc", "ON_CHANGE"}, {"timeZone", b.timeZone}}
	var tabs array
	for _, t := range b.tabs {
		one := object{{"properties", tabProperties(b, t)}}
		var areas []a1.Area
		for _, p := range want.places {
			if p.t == t {
				areas = append(areas, p.Area)
			}
		}
		if want.places == nil {
			areas = []a1.Area{t.whole()}
		}
		if len(areas) == 0 {
			continue
		}
		if want.grid {
			one.put("data", b.gridData(t, areas))
		}
		one.put("developerMetadata", b.metadataOf(t.key))
		tabs = append(tabs, one)
	}
	o := object{{"spreadsheetId", b.id}, {"properties", properties}}
	o.put("sheets", tabs)
	o.put("developerMetadata", b.metadataOf(0))
	if s.link != nil {
		o.put("spreadsheetUrl", s.link(b.id))
	}
	return o
}

// metadataOf is what is fixed to a tab as a whole, or with key 0 to the book.
func (b *book) metadataOf(key int64) (replies array) {
	for _, m := range b.metadata {
		if m.tab == key && m.row == 0 && m.column < 0 {
			replies = append(replies, b.metadataReply(m, nil))
		}
	}
	return replies
}

func tabProperties(b *book, t *tab) object {
	grid := object{{"rowCount", t.rowCount}, {"columnCount", t.columnCount}}
	grid.put("frozenRowCount", t.frozenRows)
	grid.put("frozenColumnCount", t.frozenColumns)
	o := object{{"sheetId", t.id}, {"title", t.title}, {"index", slices.Index(b.tabs, t)}, {"sheetType", "GRID"}, {"gridProperties", grid}}
	o.put("hidden", t.hidden)
	return o
}

func (s *Server) get(c *call, id string) (object, error) {
	if err := c.accept(sheets.Spreadsheet{}, "ranges", "includeGridData", "excludeTablesInBandedRanges"); err != nil {
		return nil, err
	}
	grid, err := c.flag("includeGridData")
	if err != nil {
		return nil, err
	}
	b, _, err := s.read(c.r.Context(), id)
	if err != nil {
		return nil, err
	}
	want := shown{grid: c.wantsGrid(grid)}
	if names := c.query["ranges"]; len(names) > 0 {
		if want.places, err = b.named(names); err != nil {
			return nil, err
		}
	}
	return s.reply(b, want), nil
}

// wantsGrid tells whether cells are wanted of the spreadsheet at a path of the
// answer: a field mask decides, if there is one.
func (c *call) wantsGrid(asked bool, path ...string) bool {
	if c.mask == nil {
		return asked
	}
	return c.mask.wants(append(path, "sheets", "data")...)
}

func (s *Server) getByDataFilter(c *call, id string) (object, error) {
	if err := c.accept(sheets.Spreadsheet{}); err != nil {
		return nil, err
	}
	var ask struct {
		DataFilters     []dataFilter `json:"dataFilters"`
		IncludeGridData bool         `json:"includeGridData"`
	}
	if err := c.decode(&ask, &sheets.GetSpreadsheetByDataFilterRequest{}); err != nil {
		return nil, err
	}
	b, _, err := s.read(c.r.Context(), id)
	if err != nil {
		return nil, err
	}
	want := shown{grid: c.wantsGrid(ask.IncludeGridData)}
	if len(ask.DataFilters) > 0 {
		found, err := b.find(ask.DataFilters)
		if err != nil {
			return nil, err
		}
		want.places = append([]place{}, found...)
	}
	return s.reply(b, want), nil
}

func (s *Server) create(c *call) (object, error) {
	if err := c.accept(sheets.Spreadsheet{}); err != nil {
		return nil, err
	}
	if s.newID == nil {
		return nil, unsupported("spreadsheets.create")
	}
	var ask struct {
		Properties *bookProperties `json:"properties"`
		Sheets     []struct {
			Properties *sheetProperties `json:"properties"`
		} `json:"sheets"`
	}
	if err := c.decode(&ask, &sheets.Spreadsheet{}); err != nil {
		return nil, err
	}
	given := bookProperties{}
	if ask.Properties != nil {
		given = *ask.Properties
	}
	d := (&book{id: s.newID()}).draft(s.nextNumber)
	d.title, d.locale, d.timeZone = "Untitled spreadsheet", english, "Etc/GMT"
	if err := d.describe(given, mask{"title": nil, "locale": nil, "timeZone": nil, "autoRecalc": nil}); err != nil {
		return nil, err
	}
	for i, sheet := range ask.Sheets {
		p := sheet.Properties
		if p == nil {
			p = &sheetProperties{}
		}
		at := int32(i) //nolint:gosec // G115: a body has no room for as many
		p.Index = &at
		if _, err := d.addSheet(*p); err != nil {
			return nil, err
		}
	}
	if len(ask.Sheets) == 0 {
		d.addTab(0, d.freeTitle(), defaultRows, defaultColumns)
	}
	if d.firstVisible() == nil {
		return nil, invalid("You can't hide all the sheets in a document.")
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	if err := s.publish(c.r.Context(), d); err != nil {
		return nil, err
	}
	b, err := s.book(c.r.Context(), d.id)
	if err != nil {
		return nil, err
	}
	return s.reply(b, shown{}), nil
}

// describe sets the properties of the book that a mask names, if they are given.
func (d *draft) describe(p bookProperties, m mask) error {
	if _, ok := m.sub("title"); ok && p.Title != "" {
		d.title = p.Title
	}
	if _, ok := m.sub("locale"); ok && p.Locale != "" {
		if p.Locale != japanese && p.Locale != english {
			return unsupported(fmt.Sprintf("the locale %.20q; it knows ja_JP and en_US", p.Locale))
		}
		d.locale = p.Locale
	}
	if _, ok := m.sub("timeZone"); ok && p.TimeZone != "" {
		d.timeZone = p.TimeZone
	}
	if _, ok := m.sub("autoRecalc"); ok && p.AutoRecalc != "" && p.AutoRecalc != "ON_CHANGE" {
		return unsupported("autoRecalc " + p.AutoRecalc)
	}
	return nil
}

// addTab appends a tab.
func (d *draft) addTab(id int32, title string, rows, columns int) *tab {
	t := &tab{key: d.number(), id: id, title: title, rowCount: rows, columnCount: columns}
	d.tabs = append(d.tabs, t)
	d.own[t.key] = true
	return t
}

func (d *draft) freeTitle() string {
	word := "Sheet"
	if d.locale == japanese {
		word = "シート"
	}
	for n := len(d.tabs) + 1; ; n++ {
		if title := fmt.Sprint(word, n); d.tabByTitle(title) == nil {
			return title
		}
	}
}

// longestTitle is in characters, as Google's.
const longestTitle = 100

func (d *draft) checkTitle(title string, of *tab) error {
	if other := d.tabByTitle(title); other != nil && (of == nil || other.key != of.key) {
		return invalid("A sheet with the name %q already exists. Please enter another name.", title)
	}
	if utf8.RuneCountInString(title) > longestTitle || !utf8.ValidString(title) || strings.ContainsFunc(title, unicode.IsControl) {
		return invalid("Invalid sheet name: %.300q", title)
	}
	return nil
}

// addSheet makes a tab as a request describes it.
func (d *draft) addSheet(p sheetProperties) (*tab, error) {
	if p.SheetType != "" && p.SheetType != "GRID" {
		return nil, unsupported("sheets of type " + p.SheetType)
	}
	id := int32(0)
	if p.SheetID != nil {
		id = *p.SheetID
	} else if len(d.tabs) > 0 {
		for id = int32(d.number()&0x3fffffff) + 1; d.tabByID(id) != nil; id++ { //nolint:gosec // G115: masked to 30 bits
		}
	}
	if id < 0 {
		return nil, invalid("sheetId must not be negative")
	}
	if d.tabByID(id) != nil {
		return nil, invalid("Sheet with id %d already exists.", id)
	}
	title := p.Title
	if title == "" {
		title = d.freeTitle()
	}
	if err := d.checkTitle(title, nil); err != nil {
		return nil, err
	}
	t := d.addTab(id, title, defaultRows, defaultColumns)
	t.hidden = p.Hidden
	if p.GridProperties != nil {
		if err := d.resize(t, *p.GridProperties, nil); err != nil {
			return nil, err
		}
	}
	if p.Index != nil {
		return t, d.moveTab(t, int(*p.Index))
	}
	return t, nil
}

// resize sets the parts of a grid that a mask names; nil takes what is given.
func (d *draft) resize(t *tab, g gridProperties, m mask) error {
	set := func(name string, given *int32, to *int, least int32) error {
		if _, named := m.sub(name); !named || given == nil {
			return nil
		}
		if *given < least || *given > mostCells {
			return invalid("gridProperties.%s must be between %d and %d", name, least, mostCells)
		}
		*to = int(*given)
		return nil
	}
	rows, columns := t.rowCount, t.columnCount
	for _, err := range []error{
		set("rowCount", g.RowCount, &rows, 1),
		set("columnCount", g.ColumnCount, &columns, 1),
		set("frozenRowCount", &g.FrozenRowCount, &t.frozenRows, 0),
		set("frozenColumnCount", &g.FrozenColumnCount, &t.frozenColumns, 0),
	} {
		if err != nil {
			return err
		}
	}
	if rows < t.rowCount {
		d.deleteRows(t, rows, t.rowCount)
	}
	if columns < t.columnCount {
		d.deleteColumns(t, columns, t.columnCount)
	}
	if err := d.grow(t, rows, columns); err != nil {
		return err
	}
	if t.frozenRows > rows-1 && t.frozenRows > 0 || t.frozenColumns > columns-1 && t.frozenColumns > 0 {
		return invalid("You can't freeze all visible rows or columns on the sheet.")
	}
	return nil
}

// moveTab puts a tab before the one that is at index now.
func (d *draft) moveTab(t *tab, index int) error {
	if index < 0 || index > len(d.tabs) {
		return invalid("index must be between 0 and %d", len(d.tabs))
	}
	at := slices.Index(d.tabs, t)
	d.tabs = slices.Delete(d.tabs, at, at+1)
	if index > at {
		index--
	}
	d.tabs = slices.Insert(d.tabs, index, t)
	return nil
}

// requestMask reads the `fields` of a request, which must be there.
func requestMask(fields string, of any) (mask, error) {
	if fields == "" {
		return nil, invalid("At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)")
	}
	m, p := parseMask(fields, reflect.TypeOf(of))
	if p != nil {
		return nil, p
	}
	return m, nil
}
