package mcp

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/agext/levenshtein"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/jsonschema-go/jsonschema"

	"uratori/internal/fault"
)

// read takes the arguments of a call into v and refuses whatever the schema
// does not know: a misspelt wish must not be ignored. The refusals are
// sentences for a model, with the value that was given and what is allowed.
func read(raw []byte, s *jsonschema.Schema, v any) error {
	if len(raw) == 0 {
		raw = []byte("{}")
	}
	var whole jsontext.Value // no name twice, no text that is not UTF-8
	if err := json.Unmarshal(raw, &whole); err != nil {
		return fault.New(fault.Invalid, "mcp.arg.not_json").Wrap(err)
	}
	if err := fits("", whole, s); err != nil {
		return err
	}
	if err := json.Unmarshal(whole, v, json.RejectUnknownMembers(true)); err != nil {
		return fault.New(fault.Invalid, "mcp.arg.not_json").Wrap(err)
	}
	return nil
}

// fits compares a value with its schema; name is where it stands.
func fits(name string, raw jsontext.Value, s *jsonschema.Schema) error {
	kind := kindOf(raw)
	if s.Type == "" {
		return nil
	}
	if kind != s.Type && (s.Type != "number" || kind != "integer") {
		if name == "" {
			return fault.New(fault.Invalid, "mcp.arg.not_object", "value", shown(raw))
		}
		return fault.New(fault.Invalid, "mcp.arg.type", "name", name, "value", shown(raw), "want", wants(s))
	}
	switch kind {
	case "object":
		return fitsObject(name, raw, s)
	case "array":
		var list []jsontext.Value
		if err := json.Unmarshal(raw, &list); err != nil {
			return fault.New(fault.Invalid, "mcp.arg.not_json").Wrap(err)
		}
		if s.MinItems != nil && len(list) < *s.MinItems {
			return fault.New(fault.Invalid, "mcp.arg.empty", "name", name)
		}
		for i, item := range list {
			if err := fits(fmt.Sprintf("%s[%d]", name, i), item, s.Items); err != nil {
				return err
			}
		}
	case "string":
		var text string
		if err := json.Unmarshal(raw, &text); err != nil {
			return fault.New(fault.Invalid, "mcp.arg.not_json").Wrap(err)
		}
		if s.Enum != nil && !slices.Contains(s.Enum, any(text)) {
			return fault.New(fault.Invalid, "mcp.arg.value", "name", name, "value", shown(raw), "want", wants(s))
		}
	case "integer":
		n, err := strconv.ParseInt(string(raw), 10, 64)
		if err != nil || s.Minimum != nil && float64(n) < *s.Minimum || s.Maximum != nil && float64(n) > *s.Maximum {
			return fault.New(fault.Invalid, "mcp.arg.value", "name", name, "value", shown(raw), "want", wants(s))
		}
	}
	return nil
}

func fitsObject(name string, raw jsontext.Value, s *jsonschema.Schema) error {
	var members map[string]jsontext.Value
	if err := json.Unmarshal(raw, &members); err != nil {
		return fault.New(fault.Invalid, "mcp.arg.not_json").Wrap(err)
	}
	for _, member := range slices.Sorted(maps.Keys(members)) {
		place := strings.TrimPrefix(name+"."+member, ".")
		of := s.Properties[member]
		if of == nil && len(s.Properties) == 0 {
			of = s.AdditionalProperties
		}
		switch {
		case of == nil && len(s.Properties) == 0: // any members
		case of == nil:
			return fault.New(fault.Invalid, "mcp.arg.unknown", "name", bounded(place), "known", strings.Join(closest(member, s.PropertyOrder), ", "))
		default:
			if err := fits(place, members[member], of); err != nil {
				return err
			}
		}
	}
	for _, member := range s.Required {
		if _, given := members[member]; !given {
			return fault.New(fault.Invalid, "mcp.arg.missing", "name", strings.TrimPrefix(name+"."+member, "."), "want", wants(s.Properties[member]))
		}
	}
	return nil
}

// closest orders names by how like the given one they are.
func closest(given string, names []string) []string {
	given = bounded(given)
	list := slices.Clone(names)
	slices.SortStableFunc(list, func(a, b string) int {
		return levenshtein.Distance(given, a, nil) - levenshtein.Distance(given, b, nil)
	})
	return list
}

func kindOf(raw jsontext.Value) string {
	switch raw.Kind() {
	case '{':
		return "object"
	case '[':
		return "array"
	case '"':
		return "string"
	case 't', 'f':
		return "boolean"
	case '0':
		if !strings.ContainsAny(string(raw), ".eE") {
			return "integer"
		}
		return "number"
	}
	return "null"
}

// wants says what a schema allows, in a few words that are the same in every
// language.
func wants(s *jsonschema.Schema) string {
	switch {
	case s.Enum != nil:
		var all []string
		for _, v := range s.Enum {
			all = append(all, fmt.Sprint(v))
		}
		return strings.Join(all, " | ")
	case s.Minimum != nil && s.Maximum != nil:
		return fmt.Sprintf("%s %g…%g", s.Type, *s.Minimum, *s.Maximum)
	case s.Type == "array" && s.Items != nil && s.Items.Type != "":
		return "array of " + s.Items.Type
	case s.Type == "object" && s.AdditionalProperties != nil && s.AdditionalProperties.Type != "":
		return "object of " + s.AdditionalProperties.Type
	}
	return s.Type
}

// shown is a value as far as an error quotes it.
func shown(raw jsontext.Value) string { return bounded(string(raw)) }

// bounded is as much of a stranger's text as is told again.
func bounded(text string) string {
	const longest = 80
	text = harmless(text, nil)
	if list := []rune(text); len(list) > longest {
		return string(list[:longest]) + "…"
	}
	return text
}
