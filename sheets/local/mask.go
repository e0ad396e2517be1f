package local

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// mask is what a caller wants of an answer: nil is everything, otherwise the
// wanted members and what is wanted of each.
type mask map[string]mask

// sub tells whether a member is wanted, and what of it.
func (m mask) sub(name string) (mask, bool) {
	if m == nil {
		return nil, true
	}
	if sub, ok := m[name]; ok {
		return sub, true
	}
	sub, ok := m["*"]
	return sub, ok
}

// wants tells whether something below a path of members is wanted.
func (m mask) wants(path ...string) bool {
	for _, name := range path {
		sub, ok := m.sub(name)
		if !ok {
			return false
		}
		m = sub
	}
	return true
}

// deepestMask is far more than any answer has levels.
const deepestMask = 32

// maskShelf keeps masks that were read: a client asks with the same few.
type maskShelf struct {
	mu   sync.Mutex
	kept map[maskName]mask
}

type maskName struct {
	text   string
	answer reflect.Type
}

// mostMasks is when the shelf is emptied.
const mostMasks = 100

func (s *maskShelf) parse(text string, answer reflect.Type) (mask, *problem) {
	name := maskName{text, answer}
	s.mu.Lock()
	m, ok := s.kept[name]
	s.mu.Unlock()
	if ok {
		return m, nil
	}
	m, p := parseMask(text, answer)
	const longest = 500 // bytes of a text that is worth keeping
	if p != nil || len(text) > longest {
		return m, p
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kept == nil || len(s.kept) >= mostMasks {
		s.kept = map[maskName]mask{}
	}
	s.kept[name] = m
	return m, nil
}

// parseMask reads a `fields` text such as "a,b(c,d/e),f.g", and checks it
// against the answer's type: a wrong name would otherwise be an empty answer.
func parseMask(text string, answer reflect.Type) (mask, *problem) {
	if text == "" {
		return nil, nil
	}
	p := maskParser{text: text}
	m, ok := p.list(0)
	if !ok || p.at != len(text) {
		return nil, invalid("Request contains an invalid argument. Error parsing 'fields' parameter: %.200q", text)
	}
	if bad := m.unknown(answer); bad != "" {
		return nil, invalid("Request contains an invalid argument. Error expanding 'fields' parameter. Cannot find matching fields for path '%.200s'.", bad)
	}
	return m, nil
}

type maskParser struct {
	text string
	at   int
}

func (p *maskParser) list(depth int) (mask, bool) {
	m := mask{}
	for {
		if !p.path(m, depth) {
			return nil, false
		}
		if p.at == len(p.text) || p.text[p.at] != ',' {
			return m, true
		}
		p.at++
	}
}

func (p *maskParser) path(m mask, depth int) bool {
	if depth > deepestMask {
		return false
	}
	n := strings.IndexAny(p.text[p.at:], ",()./")
	if n < 0 {
		n = len(p.text) - p.at
	}
	name := p.text[p.at : p.at+n] // with its spaces: Google knows no " title"
	if name == "" {
		return false
	}
	p.at += n
	sub := mask(nil)
	if p.at < len(p.text) {
		switch p.text[p.at] {
		case '.', '/':
			p.at++
			sub = mask{}
			if !p.path(sub, depth+1) {
				return false
			}
		case '(':
			p.at++
			list, ok := p.list(depth + 1)
			if !ok || p.at == len(p.text) || p.text[p.at] != ')' {
				return false
			}
			p.at++
			sub = list
		}
	}
	m[name] = join(m, name, sub)
	return true
}

// join is what is wanted of a member that is named twice.
func join(m mask, name string, more mask) mask {
	had, twice := m[name]
	if !twice {
		return more
	}
	if had == nil || more == nil {
		return nil
	}
	for key, sub := range more {
		had[key] = join(had, key, sub)
	}
	return had
}

// unknown is the first path that the type does not have.
func (m mask) unknown(t reflect.Type) string {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	for _, name := range slices.Sorted(maps.Keys(m)) {
		if name == "*" {
			continue
		}
		field, ok := jsonMember(t, name)
		if !ok {
			return name + m[name].first()
		}
		if bad := m[name].unknown(field); bad != "" {
			return name + "." + bad
		}
	}
	return ""
}

// first is one of the paths of a mask, behind a point.
func (m mask) first() string {
	for name, sub := range m {
		return "." + name + sub.first()
	}
	return ""
}

// jsonMember is the type of a struct's member by its JSON name.
func jsonMember(t reflect.Type, name string) (reflect.Type, bool) {
	if t.Kind() != reflect.Struct {
		return nil, false
	}
	for i := range t.NumField() {
		tag, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if tag == name && tag != "-" {
			return t.Field(i).Type, true
		}
	}
	return nil, false
}
