package workflow

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/goccy/go-yaml/ast"

	"uratori/internal/fault"
)

// reader takes a YAML text apart that was read by [gate.Document], and knows
// where everything stands. What it does not expect it refuses.
type reader struct{ name string }

func (r reader) where(n ast.Node) string {
	if t := n.GetToken(); t != nil && t.Position != nil {
		return fmt.Sprintf("%s:%d", r.name, t.Position.Line)
	}
	return r.name
}

// fields are the values of a mapping whose keys are among the allowed, each once.
func (r reader) fields(n ast.Node, allowed ...string) (map[string]ast.Node, error) {
	entries, err := r.entries(n)
	if err != nil {
		return nil, err
	}
	values := map[string]ast.Node{}
	for _, e := range entries {
		if !slices.Contains(allowed, e.key) {
			return nil, fault.New(fault.Invalid, "workflow.unknown_key", "where", r.where(e.node), "key", shown(e.key), "allowed", strings.Join(allowed, ", "))
		}
		values[e.key] = e.value
	}
	return values, nil
}

// entry is a key and its value.
type entry struct {
	key         string
	node, value ast.Node
}

// entries are those of a mapping in their order.
func (r reader) entries(n ast.Node) (list []entry, err error) {
	m, ok := n.(*ast.MappingNode)
	if !ok {
		return nil, r.wrong(n, fault.New(fault.Invalid, "workflow.want_mapping"))
	}
	seen := map[string]bool{}
	for _, v := range m.Values {
		key, ok := v.Key.(*ast.StringNode)
		if !ok {
			return nil, r.wrong(v.Key, fault.New(fault.Invalid, "workflow.want_text"))
		}
		if seen[key.Value] {
			return nil, fault.New(fault.Invalid, "workflow.twice", "where", r.where(v.Key), "what", shown(key.Value))
		}
		seen[key.Value] = true
		list = append(list, entry{key.Value, v.Key, v.Value})
	}
	return list, nil
}

// text is a string of one line.
func (r reader) text(n ast.Node, longest int) (string, error) {
	s, ok := n.(*ast.StringNode)
	if !ok || strings.TrimSpace(s.Value) == "" || len([]rune(s.Value)) > longest || strings.ContainsFunc(s.Value, unicode.IsControl) {
		return "", r.wrong(n, fault.New(fault.Invalid, "workflow.want_text"))
	}
	return s.Value, nil
}

func (r reader) number(n ast.Node, low, high int64) (int, error) {
	if i, ok := n.(*ast.IntegerNode); ok {
		if v, ok := i.Value.(uint64); ok && v <= uint64(high) && int64(v) >= low { //nolint:gosec // high is small
			return int(v), nil //nolint:gosec // bounded just before
		}
	}
	return 0, r.wrong(n, fault.New(fault.Invalid, "workflow.want_number", "low", low, "high", high))
}

func (r reader) truth(n ast.Node) (bool, error) {
	b, ok := n.(*ast.BoolNode)
	if !ok {
		return false, r.wrong(n, fault.New(fault.Invalid, "workflow.want_true"))
	}
	return b.Value, nil
}

func (r reader) list(n ast.Node) ([]ast.Node, error) {
	s, ok := n.(*ast.SequenceNode)
	if !ok || len(s.Values) == 0 {
		return nil, r.wrong(n, fault.New(fault.Invalid, "workflow.want_list"))
	}
	return s.Values, nil
}

func (r reader) wrong(n ast.Node, want error) error {
	return fault.New(fault.Invalid, "workflow.bad_value", "where", r.where(n), "value", shown(n.String())).Wrap(want)
}

// shown is a stranger's text as it may be shown: short, and in one line.
func shown(s string) string {
	const longest = 100 // characters
	r := []rune(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD")))
	if len(r) > longest {
		return string(r[:longest]) + "…"
	}
	return string(r)
}
