package gate

import (
	"math"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"uratori/internal/fault"
)

// options reads what stands below one subject. Each call asks for a key; what
// nobody has asked for is unknown. The first error stays.
type options struct {
	name    string // of the document
	kind    string
	subject string
	where   string
	values  map[string]pair
	order   []string
	asked   []string
	command string // that a report of tests refers to
	err     error
}

func newOptions(s pair, name, kind string) (*options, error) {
	o := &options{name: name, kind: kind, subject: s.key, where: place(name, s.at), values: map[string]pair{}}
	if _, null := s.value.(*ast.NullNode); null || s.value == nil {
		return o, nil // "key:" alone asks for nothing but the defaults
	}
	pairs, err := mapping(s.value, name, kind)
	for _, p := range pairs {
		o.values[p.key] = p
		o.order = append(o.order, p.key)
	}
	return o, err
}

// done tells what was wrong.
func (o *options) done() error {
	if o.err != nil {
		return o.err
	}
	for _, key := range o.order {
		if !slices.Contains(o.asked, key) {
			return fault.New(fault.Invalid, "gate.unknown_key", "where", place(o.name, o.values[key].at), "key", shown(key), "claim", o.kind, "allowed", strings.Join(o.asked, ", "))
		}
	}
	return nil
}

// refuse notes that an option is not what it has to be.
func (o *options) refuse(key string, n ast.Node, want error) {
	if o.err != nil {
		return
	}
	where := o.where
	if n != nil {
		where = place(o.name, n)
	}
	o.err = fault.New(fault.Invalid, "gate.bad_option", "where", where, "claim", o.kind, "key", key).Wrap(want)
}

// lack notes that an option is missing that must be there.
func (o *options) lack(key string) {
	if o.err == nil {
		o.err = fault.New(fault.Invalid, "gate.lacks", "where", o.where, "claim", o.kind, "key", key)
	}
}

func (o *options) ask(key string) (ast.Node, bool) {
	o.asked = append(o.asked, key)
	p, ok := o.values[key]
	return p.value, ok
}

func (o *options) has(key string) bool {
	_, ok := o.values[key]
	return ok
}

func (o *options) flag(key string, usual bool) bool {
	n, ok := o.ask(key)
	if !ok {
		return usual
	}
	b, ok := n.(*ast.BoolNode)
	if !ok {
		o.refuse(key, n, fault.New(fault.Invalid, "gate.want.flag"))
		return usual
	}
	return b.Value
}

// number is a whole number from least on.
func (o *options) number(key string, least int64) *int64 {
	n, ok := o.ask(key)
	if !ok {
		return nil
	}
	return o.numberOf(key, n, least)
}

func (o *options) numberOf(key string, n ast.Node, least int64) *int64 {
	i, ok := n.(*ast.IntegerNode)
	if ok {
		switch v := i.Value.(type) {
		case int64:
			if v >= least {
				return &v
			}
		case uint64:
			if v <= math.MaxInt64 && int64(v) >= least {
				w := int64(v) //nolint:gosec // bounded
				return &w
			}
		}
	}
	o.refuse(key, n, fault.New(fault.Invalid, "gate.want.number", "least", least))
	return nil
}

func (o *options) numberOr(key string, least, usual int64) int64 {
	if n := o.number(key, least); n != nil {
		return *n
	}
	return usual
}

// bounds reads min and max, which stand in the same mapping.
func (o *options) bounds(minKey, maxKey string, least int64) Range {
	r := Range{Min: o.number(minKey, least), Max: o.number(maxKey, least)}
	o.ordered(maxKey, r)
	return r
}

func (o *options) ordered(key string, r Range) {
	if r.Min != nil && r.Max != nil && *r.Min > *r.Max {
		o.refuse(key, o.values[key].value, fault.New(fault.Invalid, "gate.want.order"))
	}
}

// nested reads a range that is a mapping {min, max} or one number.
func (o *options) nested(key string) Range {
	n, ok := o.ask(key)
	if !ok {
		return Range{}
	}
	if _, one := n.(*ast.IntegerNode); one {
		exact := o.numberOf(key, n, 0)
		return Range{exact, exact}
	}
	pairs, err := mapping(n, o.name, key)
	if err != nil || len(pairs) == 0 {
		o.refuse(key, n, fault.New(fault.Invalid, "gate.want.range"))
		return Range{}
	}
	var r Range
	for _, p := range pairs {
		switch p.key {
		case "min":
			r.Min = o.numberOf(key, p.value, 0)
		case "max":
			r.Max = o.numberOf(key, p.value, 0)
		default:
			o.refuse(key, p.at, fault.New(fault.Invalid, "gate.want.range"))
		}
	}
	o.ordered(key, r)
	return r
}

// text is a text with something in it.
func (o *options) text(key string) string {
	n, ok := o.ask(key)
	if !ok {
		return ""
	}
	s := o.textOf(key, n)
	if s == "" && o.err == nil {
		o.refuse(key, n, fault.New(fault.Invalid, "gate.want.text"))
	}
	return s
}

// optionalText is a text that may be empty, nil when it is not there.
func (o *options) optionalText(key string) *string {
	n, ok := o.ask(key)
	if !ok {
		return nil
	}
	s := o.textOf(key, n)
	return &s
}

func (o *options) textOf(key string, n ast.Node) string {
	switch v := n.(type) {
	case *ast.StringNode:
		return v.Value
	case *ast.LiteralNode:
		return v.Value.Value
	}
	o.refuse(key, n, fault.New(fault.Invalid, "gate.want.text"))
	return ""
}

// texts is one text or a list of some; none of them is empty.
func (o *options) texts(key string) []string {
	n, ok := o.ask(key)
	if !ok {
		return nil
	}
	return o.textsOf(key, n)
}

func (o *options) textsOf(key string, n ast.Node) []string {
	list := []ast.Node{n}
	if s, ok := n.(*ast.SequenceNode); ok {
		list = s.Values
	}
	var all []string
	for _, e := range list {
		s := o.textOf(key, e)
		if s == "" {
			o.refuse(key, n, fault.New(fault.Invalid, "gate.want.texts"))
			return nil
		}
		all = append(all, s)
	}
	if len(all) == 0 {
		o.refuse(key, n, fault.New(fault.Invalid, "gate.want.texts"))
	}
	return all
}

func (o *options) oneOf(key string, allowed ...string) string {
	n, ok := o.ask(key)
	if !ok {
		return ""
	}
	s, isText := n.(*ast.StringNode)
	if !isText || !slices.Contains(allowed, s.Value) {
		o.refuse(key, n, fault.New(fault.Invalid, "gate.want.one_of", "allowed", strings.Join(allowed, ", ")))
		return ""
	}
	return s.Value
}

// content reads contains, lacks and matches.
func (o *options) content() textOption {
	return textOption{contains: o.texts("contains"), lacks: o.texts("lacks"), matches: o.expressions("matches")}
}

// output reads what a stream has to hold: texts, or a mapping of them.
func (o *options) output(key string) textOption {
	n, ok := o.ask(key)
	if !ok {
		return textOption{}
	}
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
	default:
		return textOption{contains: o.textsOf(key, n)}
	}
	pairs, err := mapping(n, o.name, key)
	if err != nil || len(pairs) == 0 {
		o.refuse(key, n, fault.New(fault.Invalid, "gate.want.output"))
	}
	var t textOption
	for _, p := range pairs {
		switch p.key {
		case "contains":
			t.contains = o.textsOf(key, p.value)
		case "lacks":
			t.lacks = o.textsOf(key, p.value)
		case "matches":
			t.matches = o.expressionsOf(key, p.value)
		default:
			o.refuse(key, p.at, fault.New(fault.Invalid, "gate.want.output"))
		}
	}
	return t
}

func (o *options) expressions(key string) []*regexp.Regexp {
	n, ok := o.ask(key)
	if !ok {
		return nil
	}
	return o.expressionsOf(key, n)
}

func (o *options) expressionsOf(key string, n ast.Node) []*regexp.Regexp {
	var all []*regexp.Regexp
	for _, s := range o.textsOf(key, n) {
		re, err := regexp.Compile(s)
		if err != nil {
			o.refuse(key, n, fault.New(fault.Invalid, "gate.want.expression", "problem", shown(err.Error())))
			return nil
		}
		all = append(all, re)
	}
	return all
}

// The bounds of a look.
const longestLook = 2 * time.Hour

// limit reads how long a look may take.
func (o *options) limit(usual time.Duration) time.Duration {
	n, ok := o.ask("timeout")
	if !ok {
		return usual
	}
	d, err := time.ParseDuration(o.textOf("timeout", n))
	if err != nil || d <= 0 || d > longestLook {
		o.refuse("timeout", n, fault.New(fault.Invalid, "gate.want.duration", "most", longestLook))
	}
	return d
}

// moment reads a point in time: start, step or one that is written out.
func (o *options) moment(key string) moment {
	n, ok := o.ask(key)
	if !ok {
		return moment{}
	}
	m, ok := momentOf(o.textOf(key, n))
	if !ok {
		o.refuse(key, n, fault.New(fault.Invalid, "gate.want.moment"))
	}
	return m
}

// pathTexts reads paths and globs that are filled in later; what can be known
// to be wrong already is refused.
func (o *options) pathTexts(key string) []string {
	all := o.texts(key)
	for _, s := range all {
		if err := checkPath(s); err != nil {
			o.refuse(key, o.values[key].value, err)
		}
	}
	return all
}

// subjectPath checks a subject that is a path or a glob.
func (o *options) subjectPath() {
	if err := checkPath(o.subject); err != nil {
		o.err = fault.New(fault.Invalid, "gate.bad_subject", "where", o.where, "claim", o.kind).Wrap(err)
	}
}

// only refuses every subject but one.
func (o *options) only(subject string) {
	if o.subject != subject {
		o.err = fault.New(fault.Invalid, "gate.bad_subject", "where", o.where, "claim", o.kind).Wrap(fault.New(fault.Invalid, "gate.want.one_of", "allowed", subject))
	}
}
