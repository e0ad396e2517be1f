package local

import (
	"net/http"
	"net/url"
	"strings"
)

// route finds the method of a call. Ranges stand in the path, escaped: a tab
// may be called a/b, so that the escaped path is what is split.
func (s *Server) route(c *call) (object, error) {
	if other := c.r.Header.Get("X-HTTP-Method-Override"); other != "" && other != c.r.Method {
		return nil, unsupported("X-HTTP-Method-Override") // nor may it be taken for what it is not
	}
	rest, ok := strings.CutPrefix(c.r.URL.EscapedPath(), "/v4/spreadsheets")
	if !ok {
		return nil, notFound()
	}
	verb := c.r.Method
	if rest == "" || rest == "/" {
		if verb == http.MethodPost {
			return s.create(c)
		}
		return nil, notFound()
	}
	parts := strings.Split(strings.TrimSuffix(strings.TrimPrefix(rest, "/"), "/"), "/")
	for i, part := range parts {
		plain, err := url.PathUnescape(part)
		if err != nil || rest[0] != '/' {
			return nil, notFound()
		}
		parts[i] = plain
	}
	if len(parts) == 2 && strings.HasPrefix(parts[1], ":") {
		parts = []string{parts[0] + parts[1]} // google-spreadsheet puts a slash before the verb, and Google takes it
	}
	id, custom, _ := strings.Cut(parts[0], ":")
	switch {
	case len(parts) == 1:
		return s.routeBook(c, verb+":"+custom, id)
	case custom != "":
	case len(parts) == 2 && strings.HasPrefix(parts[1], "values:"):
		return s.routeBatch(c, verb+parts[1], id)
	case len(parts) == 2 && parts[1] == "developerMetadata:search" && verb == http.MethodPost:
		return s.searchMetadata(c, id)
	case len(parts) == 3 && parts[1] == "developerMetadata" && verb == http.MethodGet:
		return s.getMetadata(c, id, parts[2])
	case len(parts) == 3 && parts[1] == "values":
		return s.routeValues(c, verb, id, parts[2])
	case len(parts) == 3 && parts[1] == "sheets" && strings.HasSuffix(parts[2], ":copyTo"):
		return nil, unsupported("spreadsheets.sheets.copyTo")
	}
	return nil, notFound()
}

func (s *Server) routeBook(c *call, method, id string) (object, error) {
	switch method {
	case "GET:":
		return s.get(c, id)
	case "POST:getByDataFilter":
		return s.getByDataFilter(c, id)
	case "POST:batchUpdate":
		return s.batchUpdate(c, id)
	}
	return nil, notFound()
}

func (s *Server) routeBatch(c *call, method, id string) (object, error) {
	switch method {
	case "GETvalues:batchGet":
		return s.batchGetValues(c, id)
	case "POSTvalues:batchGetByDataFilter":
		return s.batchGetValuesByFilter(c, id)
	case "POSTvalues:batchUpdate":
		return s.batchUpdateValues(c, id)
	case "POSTvalues:batchUpdateByDataFilter":
		return s.batchUpdateValuesByFilter(c, id)
	case "POSTvalues:batchClear":
		return s.batchClearValues(c, id)
	case "POSTvalues:batchClearByDataFilter":
		return s.batchClearValuesByFilter(c, id)
	}
	return nil, notFound()
}

func (s *Server) routeValues(c *call, verb, id, name string) (object, error) {
	switch verb {
	case http.MethodGet:
		return s.getValues(c, id, name)
	case http.MethodPut:
		return s.updateValues(c, id, name)
	case http.MethodPost:
		if plain, ok := strings.CutSuffix(name, ":append"); ok {
			return s.appendValues(c, id, plain)
		}
		if plain, ok := strings.CutSuffix(name, ":clear"); ok {
			return s.clearValues(c, id, plain)
		}
	}
	return nil, notFound()
}
