package discovery

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// A schema describes a JSON value or a parameter.
type schema struct {
	ID                   string             `json:"id"`
	Type                 string             `json:"type"`
	Ref                  string             `json:"$ref"`
	Format               string             `json:"format"`
	Enum                 []string           `json:"enum"`
	Properties           map[string]*schema `json:"properties"`
	AdditionalProperties *schema            `json:"additionalProperties"`
	Items                *schema            `json:"items"`

	Location string `json:"location"` // of a parameter: path or query
	Repeated bool   `json:"repeated"`
}

// understood refuses what check would pass unread: a newer document may speak of types that this code has not met.
func (d *Document) understood(s *schema) error {
	if s.Ref != "" {
		if d.schemas[s.Ref] == nil {
			return fmt.Errorf("the document names a schema that it does not hold: %s", s.Ref)
		}
		return nil
	}
	if !slices.Contains([]string{
		"object/", "array/", "any/", "boolean/", "string/", "string/int64", "string/uint64", "string/google-datetime",
		"string/google-fieldmask", "integer/int32", "integer/uint32", "number/float", "number/double",
	}, s.Type+"/"+s.Format) {
		return fmt.Errorf("the document has a type that is not known here: %s/%s", s.Type, s.Format)
	}
	for name, p := range s.Properties {
		if err := d.understood(p); err != nil {
			return fmt.Errorf("%s.%s: %w", s.ID, name, err)
		}
	}
	for _, inner := range []*schema{s.Items, s.AdditionalProperties} {
		if inner != nil {
			if err := d.understood(inner); err != nil {
				return err
			}
		}
	}
	return nil
}

// resolve follows references to the schema itself.
func (d *Document) resolve(s *schema) *schema {
	for s.Ref != "" {
		s = d.schemas[s.Ref]
	}
	return s
}

// union says whether a message is a protobuf oneof: the reference calls them "union field", the document does not.
func union(id string) bool {
	return slices.Contains([]string{"Request", "Response", "ExtendedValue", "DataFilter"}, id)
}

// A check walks one body and collects what is wrong with it, each fault with its JSON pointer.
type check struct {
	*Document
	dec     *jsontext.Decoder
	request bool
	faults  []error
}

func (d *Document) check(s *schema, body []byte, request bool, selected mask) error {
	c := check{Document: d, dec: jsontext.NewDecoder(bytes.NewReader(body)), request: request}
	err := c.value(s, selected)
	if err == nil {
		if _, end := c.dec.ReadToken(); !errors.Is(end, io.EOF) {
			err = errors.New("more follows the JSON value")
		}
	}
	if err != nil {
		c.faults = append(c.faults, fmt.Errorf("not JSON: %w", err))
	}
	return errors.Join(c.faults...)
}

// fault notes what is wrong with the value or name read last.
func (c *check) fault(format string, args ...any) {
	place := string(c.dec.StackPointer())
	if place == "" {
		place = "the whole body"
	}
	c.faults = append(c.faults, fmt.Errorf("%s: "+format, append([]any{place}, args...)...))
}

// value reads one value. Only broken JSON is an error and ends the walk.
func (c *check) value(s *schema, selected mask) error {
	s = c.resolve(s)
	kind := c.dec.PeekKind()
	switch {
	case kind == 'n' && c.request: // protobuf's JSON: null is the same as nothing
		return c.dec.SkipValue()
	case s.Type == "object" && kind == '{':
		return c.object(s, selected)
	case s.Type == "array" && kind == '[':
		return c.array(s, selected)
	}
	v, err := c.dec.ReadValue()
	if err != nil {
		return err
	}
	if err := s.scalar(v); err != nil {
		c.fault("%w", err)
	}
	return nil
}

func (c *check) object(s *schema, selected mask) error {
	if _, err := c.dec.ReadToken(); err != nil {
		return err
	}
	members := 0
	for c.dec.PeekKind() != '}' {
		name, err := c.dec.ReadToken()
		if err != nil {
			return err
		}
		members++
		p, inner, chosen := s.Properties[name.String()], mask(nil), true
		if p == nil {
			p = s.AdditionalProperties
		}
		if selected != nil {
			inner, chosen = selected.at(name.String())
		}
		switch {
		case p == nil:
			c.fault("unknown field in %s", s.ID)
			err = c.dec.SkipValue()
		case !chosen:
			c.fault("the fields parameter did not ask for this")
			err = c.dec.SkipValue()
		default:
			err = c.value(p, inner)
		}
		if err != nil {
			return err
		}
	}
	_, err := c.dec.ReadToken()
	if err == nil && members > 1 && union(s.ID) {
		c.fault("%d members set in %s, a union of which one may be", members, s.ID)
	}
	return err
}

func (c *check) array(s *schema, selected mask) error {
	if _, err := c.dec.ReadToken(); err != nil {
		return err
	}
	for c.dec.PeekKind() != ']' {
		if err := c.value(s.Items, selected); err != nil {
			return err
		}
	}
	_, err := c.dec.ReadToken()
	return err
}

// scalar judges a value that is neither a fitting object nor a fitting array.
func (s *schema) scalar(v jsontext.Value) error {
	kind := v.Kind()
	fits := false
	switch s.Type {
	case "any": // a cell: the document's "bool, string, and double"
		fits = kind == '"' || kind == '0' || kind == 't' || kind == 'f'
	case "string":
		fits = kind == '"'
	case "boolean":
		fits = kind == 't' || kind == 'f'
	case "integer", "number":
		fits = kind == '0'
	}
	if !fits {
		return fmt.Errorf("want %s, have %s %s", s.name(), describe(kind), shorten(v))
	}
	if kind != '"' {
		if s.Type == "integer" || s.Type == "number" {
			return s.text(string(v))
		}
		return nil
	}
	text, err := jsontext.AppendUnquote(nil, v)
	if err != nil {
		return err
	}
	return s.text(string(text))
}

// text judges a value by its text: a parameter, or the inside of a JSON string or number.
func (s *schema) text(text string) error {
	var err error
	switch s.Format {
	case "int32":
		_, err = strconv.ParseInt(text, 10, 32)
	case "uint32":
		_, err = strconv.ParseUint(text, 10, 32)
	case "int64":
		_, err = strconv.ParseInt(text, 10, 64)
	case "uint64":
		_, err = strconv.ParseUint(text, 10, 64)
	case "float":
		_, err = strconv.ParseFloat(text, 32)
	case "double":
		_, err = strconv.ParseFloat(text, 64)
	case "google-datetime":
		_, err = time.Parse(time.RFC3339Nano, text)
	case "google-fieldmask":
		_, err = parseMask(text)
	}
	if err != nil {
		return fmt.Errorf("want %s: %w", s.name(), err)
	}
	if len(s.Enum) > 0 && !slices.Contains(s.Enum, text) {
		return fmt.Errorf("%q is none of the listed values %q", text, s.Enum)
	}
	if s.Type == "boolean" && text != "true" && text != "false" {
		return fmt.Errorf("want boolean, have %q", text)
	}
	return nil
}

func (s *schema) name() string {
	switch {
	case s.Format == "int64", s.Format == "uint64":
		return s.Format + " in a string"
	case s.Format != "":
		return s.Format
	case s.Type == "any":
		return "string, number or boolean"
	case s.ID != "":
		return s.ID
	}
	return s.Type
}

func describe(kind jsontext.Kind) string {
	switch kind {
	case '"':
		return "string"
	case '0':
		return "number"
	case 't', 'f':
		return "boolean"
	case 'n':
		return "null"
	case '[':
		return "array"
	}
	return "object"
}

func shorten(v jsontext.Value) string {
	if len(v) > 60 {
		return string(v[:60]) + "…"
	}
	return string(v)
}
