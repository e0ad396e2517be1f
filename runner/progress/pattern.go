package progress

import (
	"errors"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"uratori/internal/fault"
)

// Bounds on a pattern. It is tried on every line of a log, and what that takes
// grows with the program that it is compiled to.
const (
	longestPattern = 500 // bytes
	largestPattern = 200 // instructions; 20 are usual
)

// Pattern is a regular expression of a task's owner that tells what a frame of
// the log says, by its named groups done, total, item, phase and percent.
type Pattern struct {
	re     *regexp.Regexp
	groups map[string][]int // a name may be given to one group of each alternative
}

func groupNames() []string { return []string{"done", "total", "item", "phase", "percent"} }

// ParsePattern compiles a pattern in the syntax of RE2, which takes time in
// proportion to the text whatever the pattern is. The error is a fault of kind
// invalid that says what is wrong with it.
func ParsePattern(pattern string) (*Pattern, error) {
	if len(pattern) > longestPattern {
		return nil, fault.New(fault.Invalid, "progress.pattern.long", "length", len(pattern), "limit", longestPattern)
	}
	if !utf8.ValidString(pattern) {
		return nil, fault.New(fault.Invalid, "progress.pattern.not_utf8", "pattern", strings.ToValidUTF8(pattern, "\ufffd"))
	}
	re, err := compile(pattern)
	if err != nil {
		if errors.Is(err, errLarge) {
			return nil, fault.New(fault.Invalid, "progress.pattern.large", "pattern", pattern)
		}
		reason := err.Error()
		if e, ok := errors.AsType[*syntax.Error](err); ok {
			reason = string(e.Code)
			if e.Expr != "" {
				reason += ": " + e.Expr
			}
		}
		return nil, fault.New(fault.Invalid, "progress.pattern.syntax", "pattern", pattern, "reason", reason)
	}
	p := &Pattern{re: re, groups: map[string][]int{}}
	for i, group := range re.SubexpNames() {
		if group == "" {
			continue
		}
		if !slices.Contains(groupNames(), group) {
			return nil, fault.New(fault.Invalid, "progress.pattern.group", "group", group, "known", strings.Join(groupNames(), ", "))
		}
		p.groups[group] = append(p.groups[group], i)
	}
	_, done := p.groups["done"]
	_, total := p.groups["total"]
	if _, percent := p.groups["percent"]; !done && !percent {
		return nil, fault.New(fault.Invalid, "progress.pattern.nothing", "pattern", pattern)
	}
	if total && !done {
		return nil, fault.New(fault.Invalid, "progress.pattern.only_total", "pattern", pattern)
	}
	return p, nil
}

var errLarge = errors.New("a large program")

func compile(pattern string) (*regexp.Regexp, error) {
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil, err
	}
	program, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return nil, err
	}
	if len(program.Inst) > largestPattern {
		return nil, errLarge
	}
	return regexp.Compile(pattern)
}

// String is the pattern as it was given.
func (p *Pattern) String() string { return p.re.String() }

// find reads a frame. A group that took no part in the match says nothing; one
// that is no number where one belongs makes the frame say nothing.
func (p *Pattern) find(text []byte) (Sighting, bool) {
	s := Sighting{Source: Custom}
	m := p.re.FindSubmatchIndex(text)
	if m == nil {
		return s, false
	}
	get := func(group string) (string, bool) {
		for _, i := range p.groups[group] {
			if m[2*i] >= 0 {
				return string(text[m[2*i]:m[2*i+1]]), true
			}
		}
		return "", false
	}
	ok := true
	if v, there := get("done"); there {
		s.Counted = true
		s.Done, ok = integer(strings.TrimSpace(v))
	}
	if v, there := get("total"); there && ok {
		s.Total, ok = integer(strings.TrimSpace(v))
	}
	if v, there := get("percent"); there && ok {
		percent, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
		s.Partial, s.Percent, ok = true, percent, err == nil
	}
	s.Item, _ = get("item")
	s.Phase, _ = get("phase")
	return s, ok && s.valid()
}
