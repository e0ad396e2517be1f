package project

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"

	"uratori/internal/fault"
)

// document is the file as it is written.
type document struct {
	Project struct {
		Tests      []string `toml:"tests"`
		Test       []string `toml:"test"`
		TestReport string   `toml:"test_report"`
		Sources    []string `toml:"sources"`
		Inputs     []string `toml:"inputs"`
		Outputs    []string `toml:"outputs"`
		AllowHosts []string `toml:"allow_hosts"`
		Workspace  string   `toml:"workspace"`
		Templates  string   `toml:"templates"`
	} `toml:"project"`
	Rules []struct {
		Name      string   `toml:"name"`
		Under     string   `toml:"under"`
		Match     []string `toml:"match"`
		Recursive bool     `toml:"recursive"`
		Message   string   `toml:"message"`
	} `toml:"rules"`
	Hooks struct {
		DenyCommands []string `toml:"deny_commands"`
		DenyWrites   []string `toml:"deny_writes"`
	} `toml:"hooks"`
}

// keys are all keys of the file, and of a rule; see [document].
var keys = []string{
	"project.tests", "project.test", "project.test_report", "project.sources", "project.inputs", "project.outputs", "project.allow_hosts",
	"project.workspace", "project.templates",
	"rules.name", "rules.under", "rules.match", "rules.recursive", "rules.message", "hooks.deny_commands", "hooks.deny_writes",
}

const (
	mostRules  = 100
	mostWords  = 500 // of a list
	longestOne = 1000
	byteOrder  = "\ufeff" // what editors of Windows write before the text
)

// Parse reads the text of a file, which errors call name.
func Parse(raw []byte, name string) (Project, error) {
	if len(raw) > longestFile {
		return Project{}, fault.New(fault.Invalid, "project.too_long", "file", name, "bytes", longestFile)
	}
	p := parser{name: name, lines: map[string]int{}}
	text := bytes.TrimPrefix(raw, []byte(byteOrder))
	if !utf8.Valid(text) {
		return Project{}, fault.New(fault.Invalid, "project.syntax", "where", name, "problem", "the text is not UTF-8")
	}
	if err := p.survey(text); err != nil {
		return Project{}, err
	}
	var d document
	decoder := toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields()
	if err := decoder.Decode(&d); err != nil {
		return Project{}, p.explain(err)
	}
	project := Project{
		Tests: d.Project.Tests, Test: d.Project.Test, TestReport: d.Project.TestReport, Sources: d.Project.Sources,
		Inputs: d.Project.Inputs, Outputs: d.Project.Outputs, AllowHosts: d.Project.AllowHosts,
		Workspace: d.Project.Workspace, Templates: d.Project.Templates,
		Hooks: Hooks{d.Hooks.DenyCommands, d.Hooks.DenyWrites}, Text: bytes.Clone(raw), Digest: digest(raw),
	}
	for _, r := range d.Rules {
		project.Rules = append(project.Rules, Rule{r.Name, r.Under, r.Match, r.Recursive, r.Message})
	}
	err := p.check(&project) // which cleans it, too
	return project, err
}

// parser knows where things stand in the file.
type parser struct {
	name  string
	lines map[string]int // of "project.tests", "rules[0].match", "rules[0]"
}

func (p *parser) where(key string) string {
	if line, ok := p.lines[key]; ok {
		return fmt.Sprintf("%s:%d", p.name, line)
	}
	return p.name
}

// survey notes the lines of all keys and refuses those that nobody knows. Bad
// syntax ends it and is left to the decoder to tell.
func (p *parser) survey(raw []byte) error {
	var u unstable.Parser
	u.Reset(raw)
	table, rules := "", -1
	for u.NextExpression() {
		e := u.Expression()
		var parts []string
		var at unstable.Range
		for it := e.Key(); it.Next(); {
			parts, at = append(parts, string(it.Node().Data)), it.Node().Raw
		}
		line := 1 + bytes.Count(raw[:at.Offset], []byte("\n"))
		key := strings.Join(parts, ".")
		if e.Kind == unstable.KeyValue {
			key = strings.TrimPrefix(table+"."+key, ".")
		}
		if !known(key, e.Kind) {
			return fault.New(fault.Invalid, "project.unknown_key", "where", fmt.Sprintf("%s:%d", p.name, line), "key", shown(key), "allowed", strings.Join(keys, ", "))
		}
		if e.Kind != unstable.KeyValue {
			table = key
			if key == "rules" {
				rules++
				p.lines[fmt.Sprintf("rules[%d]", rules)] = line
			}
			continue
		}
		if rest, ok := strings.CutPrefix(key, "rules."); ok {
			key = fmt.Sprintf("rules[%d].%s", max(rules, 0), rest)
		}
		p.lines[key] = line
	}
	return nil
}

// known tells whether a key or a table may be in the file. What is in an inline
// table is left to the decoder.
func known(key string, kind unstable.Kind) bool {
	if slices.Contains(keys, key) {
		return true
	}
	switch key {
	case "project", "hooks":
		return kind == unstable.Table || kind == unstable.KeyValue
	case "rules":
		return kind == unstable.ArrayTable || kind == unstable.KeyValue
	}
	return false
}

// explain says in our words what the decoder says in its own.
func (p *parser) explain(err error) error {
	if strict, ok := errors.AsType[*toml.StrictMissingError](err); ok && len(strict.Errors) > 0 {
		row, _ := strict.Errors[0].Position()
		return fault.New(fault.Invalid, "project.unknown_key", "where", fmt.Sprintf("%s:%d", p.name, row),
			"key", shown(strings.Join(strict.Errors[0].Key(), ".")), "allowed", strings.Join(keys, ", "))
	}
	where := p.name
	if e, ok := errors.AsType[*toml.DecodeError](err); ok {
		row, _ := e.Position()
		where = fmt.Sprintf("%s:%d", p.name, row)
	}
	return fault.New(fault.Invalid, "project.syntax", "where", where, "problem", shown(strings.TrimPrefix(err.Error(), "toml: ")))
}

// check refuses values that cannot mean what they say.
func (p *parser) check(r *Project) error {
	lists := map[string][]string{
		"project.tests": r.Tests, "project.test": r.Test, "project.sources": r.Sources, "project.inputs": r.Inputs, "project.outputs": r.Outputs,
		"project.allow_hosts": r.AllowHosts, "hooks.deny_commands": r.Hooks.DenyCommands, "hooks.deny_writes": r.Hooks.DenyWrites,
	}
	for _, key := range slices.Sorted(maps.Keys(lists)) {
		if err := p.words(key, lists[key]); err != nil {
			return err
		}
	}
	for _, key := range []string{"project.tests", "project.sources", "project.inputs", "project.outputs"} {
		for _, pattern := range lists[key] {
			if !inside(pattern) {
				return p.refuse(key, pattern, fault.New(fault.Invalid, "project.want_pattern"))
			}
		}
	}
	if r.TestReport != "" && (!inside(r.TestReport) || strings.ContainsAny(r.TestReport, "*?[{")) {
		return p.refuse("project.test_report", r.TestReport, fault.New(fault.Invalid, "project.want_path"))
	}
	if !isWorkspace(r.Workspace) {
		return p.refuse("project.workspace", r.Workspace, fault.New(fault.Invalid, "project.want_workspace"))
	}
	if r.Templates != "" && (!inside(r.Templates) || strings.ContainsAny(r.Templates, "*?[{") || !legible(r.Templates)) {
		return p.refuse("project.templates", r.Templates, fault.New(fault.Invalid, "project.want_path"))
	}
	return p.rules(r.Rules)
}

// isWorkspace tells whether each ticket has a folder of its own by a template,
// within the project. None is no error.
func isWorkspace(template string) bool {
	filled := strings.ReplaceAll(template, "{id}", "x")
	return template == "" || filled != template && inside(filled) && !strings.ContainsAny(filled, "*?[{}") && legible(template)
}

func (p *parser) rules(rules []Rule) error {
	if len(rules) > mostRules {
		return fault.New(fault.Invalid, "project.too_many_rules", "where", p.where("rules[0]"), "most", mostRules)
	}
	names := map[string]bool{}
	for i := range rules {
		r, table := &rules[i], fmt.Sprintf("rules[%d]", i)
		switch {
		case strings.TrimSpace(r.Name) == "" || names[r.Name] || !legible(r.Name):
			return p.refuseAt(table, table+".name", r.Name, fault.New(fault.Invalid, "project.want_name"))
		case len(r.Match) == 0:
			return p.refuseAt(table, table+".match", "[]", fault.New(fault.Invalid, "project.want_match"))
		case r.Under != "" && !inside(r.Under):
			return p.refuseAt(table, table+".under", r.Under, fault.New(fault.Invalid, "project.want_path"))
		case !legible(r.Message):
			return p.refuseAt(table, table+".message", r.Message, fault.New(fault.Invalid, "project.want_text"))
		}
		if err := p.words(table+".match", r.Match); err != nil {
			return err
		}
		for _, pattern := range r.Match {
			if !inside(pattern) || strings.Contains(pattern, "/") {
				return p.refuseAt(table, table+".match", pattern, fault.New(fault.Invalid, "gate.want.name"))
			}
		}
		names[r.Name] = true
		r.Under = path.Clean(r.Under) // "" is "."
	}
	return nil
}

// words refuses a list that is too long, or that has nothing or control
// characters in it.
func (p *parser) words(key string, list []string) error {
	if len(list) > mostWords {
		return p.refuse(key, fmt.Sprint(len(list)), fault.New(fault.Invalid, "project.want_fewer"))
	}
	for _, word := range list {
		if word == "" || !legible(word) {
			return p.refuse(key, word, fault.New(fault.Invalid, "project.want_text"))
		}
	}
	return nil
}

func legible(s string) bool {
	return utf8.RuneCountInString(s) <= longestOne && !strings.ContainsFunc(s, unicode.IsControl)
}

// inside tells whether a pattern stays within the folder that it is relative to.
func inside(pattern string) bool {
	return pattern != "" && !path.IsAbs(pattern) && !slices.Contains(strings.Split(pattern, "/"), "..") &&
		!strings.Contains(pattern, `\`) && doublestar.ValidatePattern(pattern)
}

func (p *parser) refuse(key, value string, want error) error {
	return p.refuseAt(key, key, value, want)
}

// refuseAt names the line of the key, or that of the table where it is missing.
func (p *parser) refuseAt(table, key, value string, want error) error {
	where := p.where(key)
	if _, ok := p.lines[key]; !ok {
		where = p.where(table)
	}
	return fault.New(fault.Invalid, "project.bad_value", "where", where, "key", key, "value", shown(value)).Wrap(want)
}

// shown is what stands in a file as it may be shown: short, and in one line.
func shown(s string) string {
	const longest = 100 // characters
	r := []rune(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return '\uFFFD'
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD")))
	if len(r) > longest {
		return string(r[:longest]) + "…"
	}
	return string(r)
}
