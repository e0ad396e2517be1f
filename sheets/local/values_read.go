package local

import (
	"context"

	"google.golang.org/api/sheets/v4"

	"uratori/sheets/local/entry"
)

// read is a spreadsheet as it is now, and it must be there.
func (s *Server) read(ctx context.Context, id string) (*book, entry.Locale, error) {
	b, err := s.book(ctx, id)
	if err != nil {
		return nil, 0, err
	}
	if b == nil {
		return nil, 0, notFound()
	}
	return b, b.language(), nil
}

func (s *Server) getValues(c *call, id, name string) (object, error) {
	if err := c.accept(sheets.ValueRange{}, "majorDimension", "valueRenderOption", "dateTimeRenderOption"); err != nil {
		return nil, err
	}
	b, r, err := s.rendered(c, id)
	if err != nil {
		return nil, err
	}
	return b.valueRange(r, name)
}

// rendered reads a spreadsheet and the render options of the query.
func (s *Server) rendered(c *call, id string) (*book, render, error) {
	b, locale, err := s.read(c.r.Context(), id)
	if err != nil {
		return nil, render{}, err
	}
	r, err := renderOf("", c.query.Get("valueRenderOption"), c.query.Get("dateTimeRenderOption"), c.query.Get("majorDimension"), locale)
	return b, r, err
}

func (b *book) valueRange(r render, name string) (object, error) {
	t, a, err := b.resolve(name)
	if err == nil {
		a, err = readable(t, a)
	}
	if err != nil {
		return nil, err
	}
	return r.valueRange(t, a), nil
}

func (s *Server) batchGetValues(c *call, id string) (object, error) {
	if err := c.accept(sheets.BatchGetValuesResponse{}, "ranges", "majorDimension", "valueRenderOption", "dateTimeRenderOption"); err != nil {
		return nil, err
	}
	b, r, err := s.rendered(c, id)
	if err != nil {
		return nil, err
	}
	var found array
	for _, name := range c.query["ranges"] {
		v, err := b.valueRange(r, name)
		if err != nil {
			return nil, err
		}
		found = append(found, v)
	}
	o := object{{"spreadsheetId", b.id}}
	o.put("valueRanges", found)
	return o, nil
}

func (s *Server) batchGetValuesByFilter(c *call, id string) (object, error) {
	if err := c.accept(sheets.BatchGetValuesByDataFilterResponse{}); err != nil {
		return nil, err
	}
	var ask struct {
		DataFilters          []dataFilter `json:"dataFilters"`
		MajorDimension       string       `json:"majorDimension"`
		ValueRenderOption    string       `json:"valueRenderOption"`
		DateTimeRenderOption string       `json:"dateTimeRenderOption"`
	}
	if err := c.decode(&ask, &sheets.BatchGetValuesByDataFilterRequest{}); err != nil {
		return nil, err
	}
	b, locale, err := s.read(c.r.Context(), id)
	if err != nil {
		return nil, err
	}
	r, err := renderOf("", ask.ValueRenderOption, ask.DateTimeRenderOption, ask.MajorDimension, locale)
	if err != nil {
		return nil, err
	}
	places, err := b.find(ask.DataFilters)
	if err != nil {
		return nil, err
	}
	var found array
	for _, p := range places {
		found = append(found, object{{"valueRange", r.valueRange(p.t, p.Area)}, {"dataFilters", array{p.filter.reply()}}})
	}
	o := object{{"spreadsheetId", b.id}}
	o.put("valueRanges", found)
	return o, nil
}
