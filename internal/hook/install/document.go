package install

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// document is a JSON file whose bytes stay as they are but for what is changed:
// the order of names, blanks, numbers and escapes are somebody's own.
type document struct {
	raw  []byte
	root node
}

// node is a value and where it stands.
type node struct {
	kind     jsontext.Kind
	from, to int
	members  []member // of an object or a list
}

// member is a part of an object, or of a list, where it has no name.
type member struct {
	name string
	from int // where its name begins, or the value of a list
	node node
}

var errTail = errors.New("there is more after the value")

// read takes a document apart. Names that stand there twice are an error: which
// of them counts is for its owner to say.
func read(raw []byte) (*document, error) {
	d := &document{raw: raw}
	decoder := jsontext.NewDecoder(bytes.NewReader(raw))
	var err error
	if d.root, err = take(decoder); err != nil {
		return nil, err
	}
	if _, err := decoder.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, errors.Join(errTail, err)
	}
	return d, nil
}

func take(d *jsontext.Decoder) (node, error) {
	kind := d.PeekKind()
	if kind != '{' && kind != '[' {
		value, err := d.ReadValue()
		end := int(d.InputOffset())
		return node{kind: kind, from: end - len(value), to: end}, err
	}
	if _, err := d.ReadToken(); err != nil {
		return node{}, err
	}
	n := node{kind: kind, from: int(d.InputOffset()) - 1}
	for d.PeekKind() != '}' && d.PeekKind() != ']' {
		m := member{}
		if kind == '{' {
			raw, err := d.ReadValue()
			if err != nil {
				return n, err
			}
			m.from = int(d.InputOffset()) - len(raw)
			if err := json.Unmarshal(raw, &m.name); err != nil {
				return n, err
			}
		}
		var err error
		if m.node, err = take(d); err != nil {
			return n, err
		}
		if kind == '[' {
			m.from = m.node.from
		}
		n.members = append(n.members, m)
	}
	_, err := d.ReadToken()
	n.to = int(d.InputOffset())
	return n, err
}

// step leads to a part of a value: a name of an object, or a place in a list.
type step struct {
	name  string
	place int // of a list, where name is empty
}

func named(names ...string) (path []step) {
	for _, name := range names {
		path = append(path, step{name: name})
	}
	return path
}

func placed(path []step, place int) []step {
	return append(path[:len(path):len(path)], step{place: place})
}

func within(path []step, name string) []step {
	return append(path[:len(path):len(path)], step{name: name})
}

// at is the value that a path leads to, nil when there is none.
func (d *document) at(path []step) *node {
	n := &d.root
	for _, s := range path {
		i := n.index(s)
		if i < 0 {
			return nil
		}
		n = &n.members[i].node
	}
	return n
}

func (n *node) index(s step) int {
	if s.name == "" {
		if n.kind == '[' && s.place < len(n.members) {
			return s.place
		}
		return -1
	}
	if n.kind == '{' {
		for i, m := range n.members {
			if m.name == s.name {
				return i
			}
		}
	}
	return -1
}

// get reads the value at a path into to, which stays as it is without one.
func (d *document) get(path []step, to any) error {
	n := d.at(path)
	if n == nil {
		return nil
	}
	return json.Unmarshal(d.raw[n.from:n.to], to)
}

// set puts a value where a path leads to, with the objects on the way there.
func (d *document) set(path []step, value any) error {
	for i := range path {
		if i+1 == len(path) || d.at(path[:i+1]) != nil {
			continue
		}
		// The rest of the way becomes a part of the value.
		for j := len(path) - 1; j > i; j-- {
			value = map[string]any{path[j].name: value}
		}
		path = path[:i+1]
		break
	}
	if n := d.at(path); n != nil {
		text, err := d.write(value, d.margin(n.from))
		if err != nil {
			return err
		}
		return d.splice(n.from, n.to, text)
	}
	last := path[len(path)-1]
	return d.add(path[:len(path)-1], last.name, value)
}

// add puts a value at the end of the object, under a name, or the list that a
// path leads to.
func (d *document) add(path []step, name string, value any) error {
	n := d.at(path)
	margin := d.margin(n.from)
	inner := margin + d.unit()
	lines := true
	if last := len(n.members) - 1; last >= 0 {
		// As the neighbour stands.
		lines = bytes.ContainsRune(d.raw[n.from:n.members[0].from], '\n')
		inner = d.margin(n.members[last].from)
	}
	text, err := d.write(value, inner)
	if err != nil {
		return err
	}
	if name != "" {
		quoted, err := jsontext.AppendQuote(nil, name)
		if err != nil {
			return err
		}
		text = string(quoted) + ": " + text
	}
	switch last := len(n.members) - 1; {
	case last < 0:
		return d.splice(n.from+1, n.to-1, d.line()+inner+text+d.line()+margin)
	case lines:
		return d.splice(n.members[last].node.to, n.members[last].node.to, ","+d.line()+inner+text)
	default:
		return d.splice(n.members[last].node.to, n.members[last].node.to, ", "+text)
	}
}

// remove takes away what a path leads to, and the comma that it had.
func (d *document) remove(path []step) error {
	parent := d.at(path[:len(path)-1])
	if parent == nil {
		return nil
	}
	i := parent.index(path[len(path)-1])
	switch {
	case i < 0:
		return nil
	case len(parent.members) == 1:
		return d.splice(parent.from+1, parent.to-1, "")
	case i > 0:
		return d.splice(parent.members[i-1].node.to, parent.members[i].node.to, "")
	default:
		return d.splice(parent.members[0].from, parent.members[1].from, "")
	}
}

// splice replaces some bytes and takes the document apart anew.
func (d *document) splice(from, to int, text string) error {
	now, err := read(append(append(bytes.Clone(d.raw[:from]), text...), d.raw[to:]...))
	if err != nil {
		return err
	}
	*d = *now
	return nil
}

// margin is the blank space that the line with a place in it begins with.
func (d *document) margin(at int) string {
	line := d.raw[bytes.LastIndexByte(d.raw[:at], '\n')+1 : at]
	return string(line[:len(line)-len(bytes.TrimLeft(line, " \t"))])
}

// unit is by how much this document indents.
func (d *document) unit() string {
	if len(d.root.members) > 0 {
		if margin := d.margin(d.root.members[0].from); margin != "" && bytes.ContainsRune(d.raw[:d.root.members[0].from], '\n') {
			return margin
		}
	}
	return "  "
}

// line is how this document ends its lines.
func (d *document) line() string {
	if bytes.Contains(d.raw, []byte("\r\n")) {
		return "\r\n"
	}
	return "\n"
}

// write is a value as it stands in this document.
func (d *document) write(value any, margin string) (string, error) {
	raw, err := json.Marshal(value, json.Deterministic(true))
	if err != nil {
		return "", err
	}
	indented := jsontext.Value(raw)
	if err := indented.Indent(jsontext.WithIndentPrefix(margin), jsontext.WithIndent(d.unit())); err != nil {
		return "", err
	}
	return strings.ReplaceAll(string(indented), "\n", d.line()), nil
}
