package discovery

import (
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"pgregory.net/rapid"
)

// A place is a value within a drawn tree that can be replaced.
type place struct {
	of  *schema
	set func(any)
}

// A grower draws values that a schema allows, and remembers every place in them.
type grower struct {
	*Document
	t      *rapid.T
	places []place
}

func (g *grower) value(s *schema, depth int, set func(any)) any {
	s = g.resolve(s)
	g.places = append(g.places, place{s, set})
	switch s.Type {
	case "object":
		o := map[string]any{}
		names := slices.Sorted(maps.Keys(s.Properties))
		if s.AdditionalProperties != nil {
			names = append(names, "5")
		}
		most := min(depth, 3, len(names))
		if union(s.ID) {
			most = min(most, 1)
		}
		if most <= 0 {
			return o
		}
		for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom(names), 0, most, rapid.ID).Draw(g.t, "fields") {
			p := s.Properties[name]
			if p == nil {
				p = s.AdditionalProperties
			}
			o[name] = g.value(p, depth-1, func(v any) { o[name] = v })
		}
		return o
	case "array":
		a := make([]any, rapid.IntRange(0, 2).Draw(g.t, "items"))
		if depth <= 0 {
			a = []any{}
		}
		for i := range a {
			a[i] = g.value(s.Items, depth-1, func(v any) { a[i] = v })
		}
		return a
	case "boolean":
		return rapid.Bool().Draw(g.t, "boolean")
	case "integer":
		return rapid.Int32().Draw(g.t, "int32")
	case "number":
		return rapid.Float32().Draw(g.t, "number")
	case "any":
		return rapid.OneOf(rapid.String().AsAny(), rapid.Bool().AsAny(), rapid.Float64().AsAny()).Draw(g.t, "cell")
	}
	switch {
	case len(s.Enum) > 0:
		return rapid.SampledFrom(s.Enum).Draw(g.t, "enum")
	case s.Format == "google-datetime":
		return "2026-11-21T08:00:00.123Z"
	case s.Format == "google-fieldmask":
		return rapid.SampledFrom([]string{"*", "a,b.c", "userEnteredFormat(textFormat,numberFormat.type)"}).Draw(g.t, "mask")
	}
	return rapid.String().Draw(g.t, "string")
}

// wrong draws a value that a schema does not allow.
func wrong(t *rapid.T, s *schema) any {
	values := []any{nil}
	add := func(these ...any) { values = append(values, these...) }
	if s.Type != "object" {
		add(map[string]any{})
	} else if s.AdditionalProperties == nil {
		add(map[string]any{"nosuch": 1})
	}
	if s.Type != "array" {
		add([]any{})
	}
	if s.Type != "boolean" && s.Type != "any" {
		add(true)
	}
	if s.Type != "string" && s.Type != "any" {
		add("7", "")
	}
	switch {
	case s.Type == "integer":
		add(0.5, math.MaxInt32+1, math.MinInt32-1)
	case s.Type == "number" && s.Format == "float":
		add(math.MaxFloat64)
	case s.Type != "number" && s.Type != "any":
		add(7)
	}
	if len(s.Enum) > 0 || s.Format != "" && s.Type == "string" {
		add("", "No Such", ")")
	}
	return rapid.SampledFrom(values).Draw(t, "wrong")
}

func TestCheckResponse_WhatTheSchemaAllowsPasses_AndOneWrongValueAnywhereIsFound(t *testing.T) {
	t.Parallel()
	d := Load(t)
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.SampledFrom(d.methods).Draw(t, "method")
		g := &grower{Document: d, t: t}
		var root any
		root = g.value(m.Response, 9, func(v any) { root = v })
		path := strings.NewReplacer("{spreadsheetId}", "1aB", "{range}", "A1:B2", "{metadataId}", "7", "{sheetId}", "0").Replace(m.Path)
		judge := func() (string, error) {
			body, err := json.Marshal(root, json.Deterministic(true))
			if err != nil {
				t.Fatal(err)
			}
			return string(body), d.CheckResponse(m.HTTPMethod, path, 200, body)
		}
		if body, err := judge(); err != nil {
			t.Fatalf("%s: %v\n%s", m.ID, err, body)
		}
		p := rapid.SampledFrom(g.places).Draw(t, "place")
		p.set(wrong(t, p.of))
		if body, err := judge(); err == nil {
			t.Fatalf("%s: passes with a wrong value for %s\n%s", m.ID, p.of.name(), body)
		}
	})
}

// Every schema that a request or an answer can hold is reached by name as well: what the document says is read whole.
func TestCheck_EverySchemaOfTheDocument_RefusesAFieldThatItDoesNotHave(t *testing.T) {
	t.Parallel()
	d := Load(t)
	for id, s := range d.schemas {
		if err := d.check(s, []byte(`{}`), false, nil); err != nil {
			t.Errorf("%s: empty: %v", id, err)
		}
		if err := d.check(s, []byte(`{"nosuch":1}`), false, nil); err == nil || !strings.Contains(err.Error(), "/nosuch: unknown field in "+id) {
			t.Errorf("%s: %v", id, err)
		}
	}
}
