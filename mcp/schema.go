package mcp

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/google/jsonschema-go/jsonschema"
)

// A tool's schemas are made from the Go types of its arguments and its answer,
// so that they cannot differ from what is read and written. The arguments are
// described to the last member; of an answer only what is always there: the
// list of tools goes into the context of every agent.

// input is the schema of the arguments T.
func input[T any](adjust ...func(*jsonschema.Schema)) *jsonschema.Schema {
	s, err := jsonschema.For[T](nil)
	if err != nil {
		panic(fmt.Sprintf("the arguments %T have no schema: %v", *new(T), err)) // found by every test
	}
	plain(s)
	for _, a := range adjust {
		a(s)
	}
	return s
}

// output is the schema of the answer T: the members on top that the names
// give are always there. Only a verdict is described: it is one of three.
func output[T any](names ...string) *jsonschema.Schema {
	s := &jsonschema.Schema{Type: "object", Required: names}
	for _, name := range names {
		if !always(reflect.TypeFor[T](), name) {
			panic(fmt.Sprintf("%T does not always have %s", *new(T), name)) // found by every test
		}
		if name == "verdict" {
			s.Properties = map[string]*jsonschema.Schema{name: {Enum: verdicts()}}
		}
	}
	return s
}

// always tells whether each value of a type has a member of that name.
func always(t reflect.Type, name string) bool {
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous && always(f.Type, name) {
			return true
		}
		if tag, optional := jsonName(f); tag == name && !optional {
			return true
		}
	}
	return false
}

func verdicts() []any { return []any{"verified", "refuted", "unverifiable"} }

// plain takes null out of a schema and all below it: a member that is not
// given is left out.
func plain(s *jsonschema.Schema) {
	if s == nil {
		return
	}
	if types := slices.DeleteFunc(slices.Clone(s.Types), func(t string) bool { return t == "null" }); len(types) == 1 {
		s.Type, s.Types = types[0], nil
	}
	plain(s.Items)
	for _, p := range s.Properties {
		plain(p)
	}
	if more := s.AdditionalProperties; more != nil && more.Not == nil {
		if more.Type == "" && len(more.Types) == 0 {
			s.AdditionalProperties = nil // anything, which is what nothing says too
		}
		plain(more)
	}
}

// among allows only these values of a member.
func among(name string, values ...string) func(*jsonschema.Schema) {
	return func(s *jsonschema.Schema) {
		s.Properties[name].Enum = nil
		for _, v := range values {
			s.Properties[name].Enum = append(s.Properties[name].Enum, v)
		}
	}
}

// between bounds a number.
func between(name string, low, high float64) func(*jsonschema.Schema) {
	return func(s *jsonschema.Schema) { s.Properties[name].Minimum, s.Properties[name].Maximum = &low, &high }
}

// atLeast demands so many members of a list.
func atLeast(name string, n int) func(*jsonschema.Schema) {
	return func(s *jsonschema.Schema) { s.Properties[name].MinItems = &n }
}

// without takes members away that a server that only reads does not have.
func without(names ...string) func(*jsonschema.Schema) {
	return func(s *jsonschema.Schema) {
		for _, name := range names {
			delete(s.Properties, name)
		}
		s.PropertyOrder = slices.DeleteFunc(s.PropertyOrder, func(name string) bool { return slices.Contains(names, name) })
	}
}

// written is a schema as it goes out.
func written(s *jsonschema.Schema) []byte {
	raw, err := s.MarshalJSON()
	if err != nil {
		panic(fmt.Sprintf("a schema cannot be written: %v", err)) // found by every test
	}
	return raw
}

// jsonName is what a field is called in JSON, empty when it is not there, and
// whether it may be left out.
func jsonName(f reflect.StructField) (name string, optional bool) {
	tag := f.Tag.Get("json")
	if !f.IsExported() || tag == "-" || tag == "" {
		return "", false
	}
	var options string
	for i, r := range tag {
		if r == ',' {
			tag, options = tag[:i], tag[i:]
			break
		}
	}
	return tag, options != ""
}

// compact writes v the way answers are written.
func compact(v any) ([]byte, error) { return json.Marshal(v, json.Deterministic(true)) }
