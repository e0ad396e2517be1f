package workflow

import (
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"uratori/factcheck/gate"
	"uratori/internal/fault"
	"uratori/tracker/project"
)

// isStepID tells a word that no number can be taken for.
func isStepID(s string) bool {
	const longest = 40
	return s != "" && len(s) <= longest && s[0] >= 'a' && s[0] <= 'z' && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// step reads one step.
func (r reader) step(n ast.Node) (s Step, err error) {
	f, err := r.fields(n, "id", "phase", "name", "help", "gate", "when", "freeze", "rules", "recheck", "approval")
	if err != nil {
		return s, err
	}
	for _, key := range []string{"id", "phase", "name"} {
		if f[key] == nil {
			return s, r.missing(n, key)
		}
	}
	s.source, s.Digest = r.name, digest([]byte(n.String()))
	if s.ID, err = r.text(f["id"], longestName); err != nil {
		return s, err
	}
	if !isStepID(s.ID) {
		return s, r.wrong(f["id"], fault.New(fault.Invalid, "workflow.want_id"))
	}
	if s.Phase, err = r.number(f["phase"], 0, mostPhase); err != nil {
		return s, err
	}
	if s.Name, s.NameEN, err = r.both(f["name"], longestName); err != nil {
		return s, err
	}
	if f["help"] != nil {
		if s.Help, s.HelpEN, err = r.both(f["help"], longestHelp); err != nil {
			return s, err
		}
	}
	if f["rules"] != nil {
		if s.Rules, err = r.truth(f["rules"]); err != nil {
			return s, err
		}
	}
	if f["recheck"] != nil {
		if s.Recheck, err = r.truth(f["recheck"]); err != nil {
			return s, err
		}
	}
	if f["freeze"] != nil {
		patterns, err := r.list(f["freeze"])
		if err != nil {
			return s, err
		}
		for _, p := range patterns {
			text, err := r.text(p, longestHelp)
			if err != nil {
				return s, err
			}
			if !freezable(text) {
				return s, r.wrong(p, fault.New(fault.Invalid, "workflow.want_pattern"))
			}
			s.Freeze = append(s.Freeze, text)
		}
	}
	if f["approval"] != nil {
		if s.Life, err = r.approval(f["approval"]); err != nil {
			return s, err
		}
	}
	err = r.gates(n, &s, f["gate"], f["when"])
	return s, err
}

// freezable tells whether a text is a pattern below the project or below
// {workspace}, or a value of the project that is a list of such.
func freezable(text string) bool {
	for _, name := range project.Names() {
		if text == "{"+name+"}" {
			return true
		}
	}
	_, err := gate.ParsePattern(strings.ReplaceAll(text, "{id}", "x"))
	return err == nil
}

// gates reads what a step has to show. A step without anything would pass by
// itself.
func (r reader) gates(n ast.Node, s *Step, base, when ast.Node) error {
	if base != nil {
		if _, err := gate.FromNode(base, r.name); err != nil {
			return err
		}
		s.base = base
	}
	if when != nil {
		branches, err := r.entries(when)
		if err != nil {
			return err
		}
		for _, b := range branches {
			if !slices.Contains(project.Names(), b.key) {
				return fault.New(fault.Invalid, "workflow.unknown_key", "where", r.where(b.node), "key", shown(b.key), "allowed", strings.Join(project.Names(), ", "))
			}
			s.when = append(s.when, branch{b.key, b.value})
		}
	}
	if base == nil && (s.Life == 0 && !s.Recheck || when != nil || s.Freeze != nil || s.Rules) {
		return fault.New(fault.Invalid, "workflow.no_gate", "where", r.where(n), "step", s.ID)
	}
	// With everything that may be there, as it stands.
	_, err := s.Gate(func(string) bool { return true })
	return err
}

// Gate is what the step has to show in a project that gives some values.
func (s Step) Gate(given func(value string) bool) (gate.Gate, error) {
	if s.base == nil {
		return gate.Gate{}, nil
	}
	all, ok := s.base.(*ast.MappingNode)
	if !ok {
		return gate.Gate{}, fault.New(fault.Invalid, "workflow.no_gate", "where", s.source, "step", s.ID)
	}
	merged := *all
	merged.Values = append([]*ast.MappingValueNode{}, all.Values...)
	for _, b := range s.when {
		m, ok := b.node.(*ast.MappingNode)
		if !ok {
			return gate.Gate{}, reader{s.source}.wrong(b.node, fault.New(fault.Invalid, "workflow.want_mapping"))
		}
		if given(b.value) {
			merged.Values = append(merged.Values, m.Values...)
		}
	}
	return gate.FromNode(&merged, s.source)
}

// both reads a text in two languages.
func (r reader) both(n ast.Node, longest int) (ja, en string, err error) {
	f, err := r.fields(n, "ja", "en")
	if err != nil {
		return "", "", err
	}
	for _, key := range []string{"ja", "en"} {
		if f[key] == nil {
			return "", "", r.missing(n, key)
		}
	}
	if ja, err = r.text(f["ja"], longest); err != nil {
		return "", "", err
	}
	en, err = r.text(f["en"], longest)
	return ja, en, err
}

func (r reader) approval(n ast.Node) (time.Duration, error) {
	f, err := r.fields(n, "expires")
	if err != nil || f["expires"] == nil {
		return usualLife, err
	}
	text, err := r.text(f["expires"], longestName)
	if err != nil {
		return 0, err
	}
	life, err := time.ParseDuration(text)
	if err != nil || life < time.Minute || life > longestLife {
		return 0, r.wrong(f["expires"], fault.New(fault.Invalid, "workflow.want_life"))
	}
	return life, nil
}

func (r reader) missing(n ast.Node, key string) error {
	return fault.New(fault.Invalid, "workflow.missing_key", "where", r.where(n), "key", key)
}
