package config

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// splice puts text in the place of a piece of a file.
type splice struct {
	from, to int // bytes
	text     string
}

// spots are the places at which one setting can be written, the best first:
// where it stands, the template's line for it, below its section's header,
// beside another setting of a section that has no header. What does not exist
// is nil.
type spots struct {
	setting
	raw                                []byte
	section, leaf, value, eol          string // value is quoted
	stands, template, header, neighbor *splice
}

// newSpots looks for the places in a file that loads.
func newSpots(raw []byte, s setting, value string) *spots {
	dot := strings.LastIndexByte(s.key, '.')
	o := &spots{setting: s, raw: raw, section: s.key[:dot], leaf: s.key[dot+1:], value: strconv.Quote(value), eol: "\n"}
	if bytes.Contains(raw, []byte("\r\n")) {
		o.eol = "\r\n"
	}
	p := unstable.Parser{KeepComments: true}
	p.Reset(raw)
	table := ""
	for p.NextExpression() {
		switch e := p.Expression(); e.Kind {
		case unstable.Comment:
			if table == o.section && o.template == nil {
				o.template = o.uncommented(e.Raw)
			}
		case unstable.KeyValue:
			o.visit(table, e, value, false)
		default:
			name, at := dotted("", e)
			if table = name; table == o.section {
				o.header = o.below(int(at.Offset), o.leaf)
			}
		}
	}
	return o
}

// visit looks at a key-value, in an inline table or on lines of its own.
func (o *spots) visit(table string, n *unstable.Node, value string, inline bool) {
	key, at := dotted(table, n)
	v, end := n.Value(), int(n.Raw.Offset+n.Raw.Length)
	rest, within := strings.CutPrefix(key, o.section+".")
	switch {
	case key == o.key:
		o.stands = &splice{int(v.Raw.Offset), int(v.Raw.Offset + v.Raw.Length), o.value}
		if string(v.Data) == value {
			o.stands = &splice{} // however it is quoted
		}
	case v.Kind == unstable.InlineTable:
		for it := v.Children(); it.Next(); {
			if it.Node().Kind == unstable.KeyValue {
				o.visit(key, it.Node(), value, true)
			}
		}
	case within && !strings.Contains(rest, "."):
		as := string(o.raw[n.Raw.Offset:at.Offset]) + o.leaf // what stands before the last part is the same for both
		if o.neighbor = o.below(end, as); inline {
			o.neighbor = &splice{end, end, ", " + as + " = " + o.value}
		}
	}
}

// below is a new line after the one in which at stands.
func (o *spots) below(at int, key string) *splice {
	line := key + " = " + o.value
	end := bytes.IndexByte(o.raw[at:], '\n')
	if end < 0 {
		return &splice{len(o.raw), len(o.raw), o.eol + line}
	}
	at += end + 1
	return &splice{at, at, line + o.eol}
}

// uncommented is the line that the template has for the setting, without its
// mark. Another value than the default is a person's note, which stays.
func (o *spots) uncommented(at unstable.Range) *splice {
	comment := o.raw[at.Offset : at.Offset+at.Length]
	line := slices.Clone(bytes.TrimLeft(comment[1:], " \t"))
	var p unstable.Parser
	p.Reset(line)
	if !p.NextExpression() || p.Expression().Kind != unstable.KeyValue {
		return nil
	}
	key, _ := dotted("", p.Expression())
	v := p.Expression().Value()
	if key != o.leaf || v.Kind != unstable.String || string(v.Data) != o.standard {
		return nil
	}
	text := string(line[:v.Raw.Offset]) + o.value + string(line[v.Raw.Offset+v.Raw.Length:])
	return &splice{int(at.Offset), int(at.Offset + at.Length), text}
}

// apply writes the setting at the best place; without any, in a new section at
// the end.
func (o *spots) apply() []byte {
	for _, s := range []*splice{o.stands, o.template, o.header, o.neighbor} {
		if s != nil {
			return slices.Concat(o.raw[:s.from], []byte(s.text), o.raw[s.to:])
		}
	}
	begin := ""
	if len(o.raw) > 0 {
		begin = o.eol
		if o.raw[len(o.raw)-1] != '\n' {
			begin += o.eol
		}
	}
	return slices.Concat(o.raw, []byte(begin+"["+o.section+"]"+o.eol+o.leaf+" = "+o.value+o.eol))
}
