package local

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strconv"
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
	masks *maskShelf
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
	m, p := c.masks.parse(cmp.Or(query.Get("fields"), c.r.Header.Get("X-Goog-FieldMask")), reflect.TypeOf(answer))
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
	return false, badValue(snake(name), "TYPE_BOOL", fmt.Sprintf("%.100q", c.query.Get(name)))
}

// oneOf is a value of the query out of a list, its first by default.
func oneOf(name, value string, allowed ...string) (string, error) {
	if value == "" {
		return allowed[0], nil
	}
	if !slices.Contains(allowed, value) {
		return "", badEnum(snake(name), enumOf(name), value)
	}
	return value, nil
}

func isJSON(contentType string) bool {
	kind, params, err := mime.ParseMediaType(contentType)
	charset, other := params["charset"]
	return err == nil && kind == "application/json" && (!other || strings.EqualFold(charset, "utf-8"))
}

// decode reads the body. A member that Google knows and this server does not
// is told apart from one that nobody knows: google is Google's own type.
func (c *call) decode(into, google any) error {
	if t := c.r.Header.Get("Content-Type"); t != "" && !isJSON(t) {
		return invalid("Invalid content type %.100q: send application/json in UTF-8.", t)
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
	return decode(body, into, google)
}

// decodeData is decode for a body that Google binds to the field `data`.
func (c *call) decodeData(into, google any) error {
	err := c.decode(into, google)
	if p, ok := errors.AsType[*problem](err); ok && p.field != nil {
		return p.field.at("data")
	}
	return err
}

func decode(body []byte, into, google any) error {
	err := json.Unmarshal(body, into, json.RejectUnknownMembers(true))
	if err == nil {
		return nil
	}
	semantic, ok := errors.AsType[*json.SemanticError](err)
	if !ok {
		problem, _, _ := strings.Cut(err.Error(), "\n")
		return invalid("Invalid JSON payload received. %.200s", problem)
	}
	where := snake(fieldPath(string(semantic.JSONPointer)))
	if !errors.Is(err, json.ErrUnknownName) {
		return badValue(where, typeName(semantic.GoType), valueAt(body, semantic.JSONPointer))
	}
	if knows(reflect.TypeOf(google), semantic.JSONPointer) {
		return unsupported(fieldPath(string(semantic.JSONPointer)))
	}
	return badName(snake(fieldPath(string(semantic.JSONPointer.Parent()))), semantic.JSONPointer.LastToken())
}

// valueAt is the value that a pointer names, not more of it than a person reads.
func valueAt(body []byte, pointer jsontext.Pointer) string {
	value := jsontext.Value(body)
	for name := range pointer.Tokens() {
		var members map[string]jsontext.Value
		var items []jsontext.Value
		if json.Unmarshal(value, &members) == nil {
			value = members[name]
		} else if i, err := strconv.Atoi(name); err == nil && json.Unmarshal(value, &items) == nil && i < len(items) {
			value = items[i]
		}
	}
	return fmt.Sprintf("%.100s", strings.TrimSpace(string(value)))
}

// knows tells whether a type of Google's has the member that a pointer names.
func knows(t reflect.Type, pointer jsontext.Pointer) bool {
	for name := range pointer.Tokens() {
		for t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		if t.Kind() == reflect.Slice {
			t = t.Elem()
			continue
		}
		member, ok := jsonMember(t, name)
		if !ok {
			return false
		}
		t = member
	}
	return true
}

var pointerIndex = regexp.MustCompile(`\.(\d+)`)

// fieldPath turns a JSON pointer into the way Google names fields.
func fieldPath(pointer string) string {
	return strings.TrimPrefix(pointerIndex.ReplaceAllString(strings.ReplaceAll(pointer, "/", "."), "[$1]"), ".")
}

// snake is a name as protocol buffers have it.
func snake(name string) string {
	var b strings.Builder
	for _, r := range name {
		if r >= 'A' && r <= 'Z' {
			b.WriteByte('_')
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}

// enumOf is the enumeration that a parameter is of.
func enumOf(parameter string) string {
	switch name := strings.TrimPrefix(parameter, "response"); name {
	case "majorDimension":
		return "Dimension"
	case "insertDataOption":
		return "InsertDataOption"
	default:
		return strings.ToUpper(name[:1]) + name[1:]
	}
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
		return "type.googleapis.com/google.protobuf.ListValue"
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
	e := &out{w: c.w}
	if err := write(e, reply, m); err != nil || e.flush() != nil {
		// The head is out: only a broken connection tells that the rest is missing.
		panic(http.ErrAbortHandler)
	}
}

// isProblem tells whether an error was meant for the caller from the start.
func isProblem(err error) bool {
	_, ok := errors.AsType[*problem](err)
	return ok
}

// asProblem keeps what failed inside from people who cannot mend it there.
func asProblem(err error) *problem {
	if p, ok := errors.AsType[*problem](err); ok {
		return p
	}
	if f, ok := errors.AsType[*fault.Error](err); ok {
		return &problem{code: http.StatusServiceUnavailable, status: "UNAVAILABLE", message: f.Error()}
	}
	// All else is the store: nothing was changed, and the next try may work.
	return &problem{code: http.StatusServiceUnavailable, status: "UNAVAILABLE", message: "The service is currently unavailable."}
}

// renderOf reads the render options, whose names may begin with a prefix.
func renderOf(prefix, how, dates, major string, locale entry.Locale) (r render, err error) {
	name := func(plain string) string {
		if prefix == "" {
			return plain
		}
		return prefix + strings.ToUpper(plain[:1]) + plain[1:]
	}
	if r.option, err = oneOf(name("valueRenderOption"), how, "FORMATTED_VALUE", "UNFORMATTED_VALUE", "FORMULA"); err != nil {
		return r, err
	}
	if r.dates, err = oneOf(name("dateTimeRenderOption"), dates, "SERIAL_NUMBER", "FORMATTED_STRING"); err != nil {
		return r, err
	}
	dimension, err := oneOf("majorDimension", major, "ROWS", "COLUMNS", "DIMENSION_UNSPECIFIED")
	r.columns, r.locale = dimension == "COLUMNS", locale
	return r, err
}
