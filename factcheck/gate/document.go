package gate

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"uratori/internal/fault"
)

// The bounds of a document. Nobody writes one that comes near them, and a
// parser that nests as deep as its input does must not get any other.
const (
	longestDocument = 256 << 10 // bytes
	deepest         = 64        // nested brackets, or dashes of one line
	mostSigns       = 4000      // ":" and "?": the time that the parser takes grows with the square of the keys
)

// Document reads strict YAML, or JSON, and returns its one value. Anchors,
// aliases, merges, tags and directives are refused, and so is a key that stands
// twice. Errors are faults of the kind Invalid that name the line.
func Document(raw []byte, name string) (_ ast.Node, err error) {
	bad := func(line int, problem string) error {
		where := name
		if line > 0 {
			where = fmt.Sprintf("%s:%d", name, line)
		}
		return fault.New(fault.Invalid, "gate.syntax", "where", where, "problem", shown(problem))
	}
	raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
	switch {
	case len(raw) > longestDocument:
		return nil, fault.New(fault.Invalid, "gate.too_long", "file", name, "bytes", longestDocument)
	case !utf8.Valid(raw):
		return nil, bad(0, "the text is not UTF-8")
	}
	if bytes.Count(raw, []byte(":"))+bytes.Count(raw, []byte("?")) > mostSigns {
		return nil, bad(0, fmt.Sprintf("more than %d colons and question marks", mostSigns))
	}
	if line := tooDeep(raw); line > 0 {
		return nil, bad(line, "nested too deep")
	}
	if at := bytes.IndexFunc(raw, func(r rune) bool { return r < ' ' && r != '\n' && r != '\r' && r != '\t' || r == 0x7f }); at >= 0 {
		return nil, bad(1+bytes.Count(raw[:at], []byte("\n")), "a control character")
	}
	defer func() {
		if r := recover(); r != nil {
			err = bad(0, fmt.Sprint("it cannot be read: ", r))
		}
	}()
	file, err := parser.ParseBytes(raw, 0, parser.AllowDuplicateMapKey()) // which the walk tells better
	if err != nil {
		if e, ok := errors.AsType[yaml.Error](err); ok {
			line := 0
			if t := e.GetToken(); t != nil && t.Position != nil {
				line = t.Position.Line
			}
			return nil, bad(line, e.GetMessage())
		}
		return nil, bad(0, err.Error())
	}
	var body ast.Node
	for _, doc := range file.Docs {
		if doc.Body == nil {
			continue
		}
		if body != nil {
			return nil, bad(lineOf(doc.Body), "a second document")
		}
		body = doc.Body
	}
	if body == nil {
		return nil, fault.New(fault.Invalid, "gate.nothing", "file", name)
	}
	s := strict{name: name}
	s.walk(body, 0)
	return body, s.err
}

// tooDeep is the line where a text nests deeper than any reader of it should
// follow, 0 when there is none. Brackets in texts count too.
func tooDeep(raw []byte) int {
	depth, dashes, line := 0, 0, 1
	for i, c := range raw {
		switch c {
		case '\n':
			line, dashes = line+1, 0
		case '[', '{':
			depth++
		case ']', '}':
			depth = max(0, depth-1)
		case '-', '?', ':', '!', '&':
			if i+1 == len(raw) || raw[i+1] == ' ' || raw[i+1] == '\t' {
				dashes++
			}
		}
		if depth > deepest || dashes > deepest {
			return line
		}
	}
	return 0
}

// strict walks a document for what no gate may have.
type strict struct {
	name string
	err  error
}

func (s *strict) refuse(n ast.Node, what string) {
	if s.err == nil {
		s.err = fault.New(fault.Invalid, "gate.syntax", "where", place(s.name, n), "problem", what)
	}
}

func (s *strict) walk(n ast.Node, depth int) {
	if s.err != nil {
		return
	}
	if depth > deepest {
		s.refuse(n, "nested too deep")
		return
	}
	switch v := n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		seen := map[string]bool{}
		for _, e := range entries(v) {
			key, ok := keyText(e.Key)
			switch {
			case !ok:
				s.refuse(e.Key, "a key that is no plain text")
			case seen[key]:
				s.err = fault.New(fault.Invalid, "gate.twice", "where", place(s.name, e.Key), "key", shown(key))
			}
			seen[key] = true
			s.walk(e.Value, depth+1)
		}
	case *ast.SequenceNode:
		for _, e := range v.Values {
			s.walk(e, depth+1)
		}
	case *ast.StringNode, *ast.LiteralNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NullNode:
	case *ast.AnchorNode:
		s.refuse(n, "an anchor (&)")
	case *ast.AliasNode:
		s.refuse(n, "an alias (*); put texts that begin with * in quotes")
	case *ast.TagNode:
		s.refuse(n, "a tag (!); put texts that begin with ! in quotes")
	case nil:
	default:
		s.refuse(n, fmt.Sprintf("a %s", strings.ToLower(n.Type().String())))
	}
}

// entries are the pairs of a mapping. One alone is its own node.
func entries(n ast.Node) []*ast.MappingValueNode {
	switch v := n.(type) {
	case *ast.MappingNode:
		return v.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{v}
	}
	return nil
}

// pair is an entry of a mapping.
type pair struct {
	key   string
	value ast.Node
	at    ast.Node // the key
}

// mapping reads a node that has to be a mapping. what names it in errors.
func mapping(n ast.Node, name, what string) ([]pair, error) {
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
	default:
		return nil, fault.New(fault.Invalid, "gate.no_mapping", "where", place(name, n), "what", what)
	}
	var all []pair
	for _, e := range entries(n) {
		key, ok := keyText(e.Key)
		if !ok {
			return nil, fault.New(fault.Invalid, "gate.syntax", "where", place(name, e.Key), "problem", "a key that is no plain text")
		}
		all = append(all, pair{key, e.Value, e.Key})
	}
	return all, nil
}

// keyText is a key as it is written: a number or a word like "on" is one too.
func keyText(n ast.Node) (string, bool) {
	switch k := n.(type) {
	case *ast.StringNode:
		return k.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return k.GetToken().Value, true
	}
	return "", false
}

func lineOf(n ast.Node) int {
	if n == nil {
		return 0
	}
	if t := n.GetToken(); t != nil && t.Position != nil {
		return t.Position.Line
	}
	return 0
}

// place is where a node stands.
func place(name string, n ast.Node) string {
	if line := lineOf(n); line > 0 {
		return fmt.Sprintf("%s:%d", name, line)
	}
	return name
}

// flow writes a node in one line.
func flow(n ast.Node) string {
	var b strings.Builder
	flowInto(&b, n, true)
	return shown(b.String())
}

func flowInto(b *strings.Builder, n ast.Node, outermost bool) {
	if b.Len() > 2000 {
		return
	}
	switch v := n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		if !outermost {
			b.WriteByte('{')
		}
		for i, e := range entries(v) {
			if i > 0 {
				b.WriteString(", ")
			}
			key, _ := keyText(e.Key)
			b.WriteString(key + ": ")
			flowInto(b, e.Value, false)
		}
		if !outermost {
			b.WriteByte('}')
		}
	case *ast.SequenceNode:
		b.WriteByte('[')
		for i, e := range v.Values {
			if i > 0 {
				b.WriteString(", ")
			}
			flowInto(b, e, false)
		}
		b.WriteByte(']')
	case *ast.StringNode:
		b.WriteString(strconv.Quote(v.Value))
	case *ast.LiteralNode:
		b.WriteString(strconv.Quote(v.Value.Value))
	case nil:
	default:
		b.WriteString(v.String())
	}
}

// shown makes s fit for a sentence.
func shown(s string) string {
	const most = 300 // characters
	if r := []rune(strings.ToValidUTF8(s[:min(len(s), 4*most)], "\uFFFD")); len(r) > most || len(s) > 4*most {
		s = string(r[:min(len(r), most)]) + "…"
	}
	if !clean(s) {
		return strconv.QuoteToASCII(s)
	}
	return s
}
