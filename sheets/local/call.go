package local

import (
	stdjson "encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"uratori/internal/fault"
	"uratori/sheets/local/entry"
)

// longestBody is where Google stops reading.
const longestBody = 10 << 20 // bytes

// call is one request on its way to an answer.
type call struct {
	w     http.ResponseWriter
	r     *http.Request
	query url.Values
	mask  mask
}

// common are the query parameters that every method takes. Of these only the
// field mask changes an answer.
var common = []string{"$.xgafv", "access_token", "alt", "fields", "key", "oauth_token", "prettyPrint", "quotaUser", "uploadType", "upload_protocol"}

// accept checks the query and takes the field mask for an answer of that type.
func (c *call) accept(answer any, params ...string) error {
	query, err := url.ParseQuery(c.r.URL.RawQuery)
	if err != nil {
		return invalid("Invalid query: %.200q", c.r.URL.RawQuery)
	}
	c.query = query
	for name := range query {
		switch {
		case slices.Contains(common, name) || slices.Contains(params, name):
		case name == "callback":
			return unsupported("callback")
		default:
			return invalid("Invalid JSON payload received. Unknown name %.200q: Cannot bind query parameter. "+
				"Field '%.200s' could not be found in request message.", name, name)
		}
	}
	if alt := query.Get("alt"); alt != "" && alt != "json" {
		return unsupported(fmt.Sprintf("alt=%.50s", alt))
	}
	m, p := parseMask(query.Get("fields"), reflect.TypeOf(answer))
	if p != nil {
		return p
	}
	c.mask = m
	return nil
}

// flag is a boolean of the query.
func (c *call) flag(name string) (bool, error) {
	switch c.query.Get(name) {
	case "", "false":
		return false, nil
	case "true":
		return true, nil
	}
	return false, invalid("Invalid value at '%s' (TYPE_BOOL), %.100q", name, c.query.Get(name))
}

// oneOf is a value of the query out of a list, its first by default.
func oneOf(name, value string, allowed ...string) (string, error) {
	if value == "" {
		return allowed[0], nil
	}
	if !slices.Contains(allowed, value) {
		return "", invalid("Invalid value at '%s', %.100q", name, value)
	}
	return value, nil
}

// decode reads the body. A member that Google knows and this server does not
// is told apart from one that nobody knows: google is Google's own type.
func (c *call) decode(into, google any) error {
	if t := c.r.Header.Get("Content-Type"); t != "" && !strings.HasPrefix(t, "application/json") {
		return invalid("Invalid content type %.100q: send application/json.", t)
	}
	if e := c.r.Header.Get("Content-Encoding"); e != "" && e != "identity" {
		return unsupported(fmt.Sprintf("Content-Encoding: %.50s", e))
	}
	body, err := io.ReadAll(io.LimitReader(c.r.Body, longestBody+1))
	if err != nil {
		return invalid("Request body could not be read.")
	}
	if len(body) > longestBody {
		return invalid("Request payload size exceeds the limit: %d bytes.", longestBody)
	}
	if len(body) == 0 {
		return nil
	}
	return decode(body, into, google, "")
}

func decode(body []byte, into, google any, at string) error {
	err := json.Unmarshal(body, into, json.RejectUnknownMembers(true))
	if err == nil {
		return nil
	}
	semantic, ok := errors.AsType[*json.SemanticError](err)
	if !ok {
		problem, _, _ := strings.Cut(err.Error(), "\n")
		return invalid("Invalid JSON payload received. %.200s", problem)
	}
	where := fieldPath(at, string(semantic.JSONPointer))
	if !errors.Is(err, json.ErrUnknownName) {
		return invalid("Invalid value at '%.200s' (%s)", where, typeName(semantic.GoType))
	}
	strict := stdjson.NewDecoder(strings.NewReader(string(body)))
	strict.DisallowUnknownFields()
	if strict.Decode(google) == nil {
		return unsupported(where)
	}
	parent, name := where, where
	if i := strings.LastIndexByte(where, '.'); i >= 0 {
		parent, name = where[:i], where[i+1:]
	}
	return invalid("Invalid JSON payload received. Unknown name %.200q at '%.200s': Cannot find field.", name, parent)
}

var pointerIndex = regexp.MustCompile(`\.(\d+)`)

// fieldPath turns a JSON pointer into the way Google names fields.
func fieldPath(at, pointer string) string {
	p := pointerIndex.ReplaceAllString(strings.ReplaceAll(pointer, "/", "."), "[$1]")
	return strings.TrimPrefix(at+p, ".")
}

func typeName(t reflect.Type) string {
	if t == nil {
		return "TYPE_UNKNOWN"
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.String:
		return "TYPE_STRING"
	case reflect.Bool:
		return "TYPE_BOOL"
	case reflect.Float64:
		return "TYPE_DOUBLE"
	case reflect.Int, reflect.Int32:
		return "TYPE_INT32"
	case reflect.Slice:
		return "TYPE_LIST"
	default:
		return "TYPE_MESSAGE"
	}
}

// answer writes what a method returned.
func (c *call) answer(reply object, err error) {
	h := c.w.Header()
	h.Set("Content-Type", "application/json; charset=UTF-8")
	h.Set("Cache-Control", "private")
	h.Set("X-Content-Type-Options", "nosniff")
	m := c.mask
	if err != nil {
		p := asProblem(err)
		reply, m = p.reply(), nil
		c.w.WriteHeader(p.code)
	}
	e := jsontext.NewEncoder(c.w)
	if err := write(e, reply, m); err != nil {
		// The head is out: only a broken connection tells that the rest is missing.
		panic(http.ErrAbortHandler)
	}
}

// asProblem keeps what failed inside from people who cannot mend it there.
func asProblem(err error) *problem {
	if p, ok := errors.AsType[*problem](err); ok {
		return p
	}
	if f, ok := errors.AsType[*fault.Error](err); ok {
		return &problem{http.StatusServiceUnavailable, "UNAVAILABLE", f.Error()}
	}
	return &problem{http.StatusInternalServerError, "INTERNAL", "Internal error encountered."}
}

// renderOf reads the render options; allowed only where a method has them.
func renderOf(how, dates, major string, locale entry.Locale) (r render, err error) {
	if r.option, err = oneOf("valueRenderOption", how, "FORMATTED_VALUE", "UNFORMATTED_VALUE", "FORMULA"); err != nil {
		return r, err
	}
	if r.dates, err = oneOf("dateTimeRenderOption", dates, "SERIAL_NUMBER", "FORMATTED_STRING"); err != nil {
		return r, err
	}
	dimension, err := oneOf("majorDimension", major, "ROWS", "COLUMNS", "DIMENSION_UNSPECIFIED")
	r.columns, r.locale = dimension == "COLUMNS", locale
	return r, err
}
