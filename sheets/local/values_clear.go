package local

import (
	"google.golang.org/api/sheets/v4"

	"uratori/sheets/a1"
	"uratori/sheets/local/entry"
)

// empty takes the values of an area away; what cells wear stays.
func (d *draft) empty(t *tab, a a1.Area) (cleared string) {
	t = d.edit(t)
	for _, r := range t.between(a.StartRow, a.EndRow) {
		for column := lastValue(r.cells, a.StartColumn, a.EndColumn) - 1; column >= a.StartColumn; column-- {
			d.setValue(t, r.at, column, entry.Value{})
		}
	}
	return a1.Name(t.title, a)
}

func (s *Server) clearValues(c *call, id, name string) (object, error) {
	if err := c.accept(sheets.ClearValuesResponse{}); err != nil {
		return nil, err
	}
	if err := c.decode(&struct{}{}, &sheets.ClearValuesRequest{}); err != nil {
		return nil, err
	}
	cleared, err := s.clear(c, id, func(b *book) ([]place, error) { return b.named([]string{name}) })
	if err != nil {
		return nil, err
	}
	return object{{"spreadsheetId", id}, {"clearedRange", cleared[0]}}, nil
}

// named are the readable areas of texts in A1 notation.
func (b *book) named(names []string) (places []place, err error) {
	for _, name := range names {
		t, a, err := b.resolve(name)
		if err == nil {
			a, err = readable(t, a)
		}
		if err != nil {
			return nil, err
		}
		places = append(places, place{t: t, Area: a})
	}
	return places, nil
}

func (s *Server) clear(c *call, id string, where func(*book) ([]place, error)) (cleared array, err error) {
	_, err = s.write(c.r.Context(), id, func(d *draft) error {
		places, err := where(&d.book)
		for _, p := range places {
			cleared = append(cleared, d.empty(d.tabByKey(p.t.key), p.Area))
		}
		return err
	})
	return cleared, err
}

func (s *Server) batchClearValues(c *call, id string) (object, error) {
	if err := c.accept(sheets.BatchClearValuesResponse{}); err != nil {
		return nil, err
	}
	var ask struct {
		Ranges []string `json:"ranges"`
	}
	if err := c.decode(&ask, &sheets.BatchClearValuesRequest{}); err != nil {
		return nil, err
	}
	cleared, err := s.clear(c, id, func(b *book) ([]place, error) { return b.named(ask.Ranges) })
	o := object{{"spreadsheetId", id}}
	o.put("clearedRanges", cleared)
	return o, err
}

func (s *Server) batchClearValuesByFilter(c *call, id string) (object, error) {
	if err := c.accept(sheets.BatchClearValuesByDataFilterResponse{}); err != nil {
		return nil, err
	}
	var ask struct {
		DataFilters []dataFilter `json:"dataFilters"`
	}
	if err := c.decode(&ask, &sheets.BatchClearValuesByDataFilterRequest{}); err != nil {
		return nil, err
	}
	cleared, err := s.clear(c, id, func(b *book) ([]place, error) { return b.find(ask.DataFilters) })
	o := object{{"spreadsheetId", id}}
	o.put("clearedRanges", cleared)
	return o, err
}
