package discovery

import (
	"fmt"
	"strings"
)

// A mask is what a fields parameter selects: names, each with what is selected below it. A nil mask selects
// everything, "*" stands for every name.
type mask map[string]mask

// at says whether a name is selected, and what below it.
func (m mask) at(name string) (mask, bool) {
	if inner, ok := m[name]; ok {
		return inner, true
	}
	inner, ok := m["*"]
	return inner, ok
}

// parseMask reads the syntax of partial responses: a,b.c,d/e,f(g,h.i),*.
func parseMask(text string) (mask, error) {
	m := mask{}
	rest, err := m.list(text)
	if err == nil && rest != "" {
		err = fmt.Errorf("field mask %q: unexpected %q", text, rest)
	}
	return m, err
}

func (m mask) list(text string) (rest string, err error) {
	for {
		if rest, err = m.path(text); err != nil || !strings.HasPrefix(rest, ",") {
			return rest, err
		}
		text = rest[1:]
	}
}

func (m mask) path(text string) (rest string, err error) {
	end := strings.IndexAny(text, ",./()")
	if end < 0 {
		end = len(text)
	}
	name := text[:end]
	if strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_*") != "" || name == "" {
		return "", fmt.Errorf("field mask: want a field name at %q", text)
	}
	inner, known := m[name]
	rest = text[end:]
	if rest == "" || rest[0] == ',' || rest[0] == ')' {
		m[name] = nil // the whole field, whatever else is selected below it
		return rest, nil
	}
	if inner == nil {
		inner = mask{}
	}
	if rest[0] == '(' {
		if rest, err = inner.list(rest[1:]); err != nil {
			return "", err
		}
		if !strings.HasPrefix(rest, ")") {
			return "", fmt.Errorf("field mask: want ) at %q", rest)
		}
		rest = rest[1:]
	} else if rest, err = inner.path(rest[1:]); err != nil {
		return "", err
	}
	if whole := known && m[name] == nil; !whole {
		m[name] = inner
	}
	return rest, nil
}

// selectable says which name of a mask a schema lacks.
func (d *Document) selectable(s *schema, m mask) error {
	s = d.resolve(s)
	for s.Type == "array" {
		s = d.resolve(s.Items)
	}
	for name, inner := range m {
		p := s.Properties[name]
		if p == nil {
			p = s.AdditionalProperties
		}
		switch {
		case name == "*" && inner == nil:
		case name == "*":
			var err error
			for _, p := range s.Properties {
				if err = d.selectable(p, inner); err == nil {
					break // one field that has it will do
				}
			}
			if err != nil {
				return fmt.Errorf("no field of %s: %w", s.name(), err)
			}
		case p == nil:
			return fmt.Errorf("%s has no field %q", s.name(), name)
		default:
			if err := d.selectable(p, inner); err != nil {
				return err
			}
		}
	}
	return nil
}
