// Package gate is the language in which people and projects say what has to be
// true: a list of claims in YAML or JSON, in the shape of goss files.
//
//	file:
//	  "{workspace}/SOW_{id}.md": {size: {min: 200}, contains: ["## 目的"]}
//	command:
//	  tests: {exec: [pytest, -q]}
//
// A gate is read strictly, because a check that was not understood is one that
// is not made: an unknown key, a key that stands twice, a wrong type, a gate
// or a list without anything in it are errors that name the line and what is
// allowed. YAML's anchors, aliases, merges and tags are refused: a gate says
// what it says where it says it.
//
// A gate alone looks at nothing. [Gate.Claims] makes claims of it for one
// ticket, and package factcheck/local looks. What is written in braces is
// filled in there: {id}, {root}, {workspace}, and the values of the project, as
// {tests}. A value that the project does not have makes an [Unready] claim,
// which is unverifiable; no claim is ever left out.
//
// Paths are below the project or below {workspace}. Whatever leaves both is
// refused, here by its text, and when it is looked at by where it really leads.
package gate

import (
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"uratori/factcheck"
	"uratori/internal/fault"
)

// Gate is a list of claims that were read and not filled in yet. The zero one
// is empty, and nothing may pass through an empty gate.
type Gate struct{ items []item }

// item is one claim as it was read.
type item struct {
	kind    string
	subject string
	where   string // file and line
	terms   string // the options, as they were written, in one line
	command string // subject of the command that a report of tests is made by
	make    func(*filler) factcheck.Claim
}

// Parse reads a gate that errors call name. They are faults of the kind
// Invalid.
func Parse(raw []byte, name string) (Gate, error) {
	n, err := Document(raw, name)
	if err != nil {
		return Gate{}, err
	}
	return FromNode(n, name)
}

// FromNode reads a gate that is part of a larger file, which was read with
// [Document].
func FromNode(n ast.Node, name string) (Gate, error) { return read([]ast.Node{n}, name) }

// List reads several objects, each as a gate would be, into one gate.
func List(objects [][]byte, name string) (Gate, error) {
	var nodes []ast.Node
	for _, raw := range objects {
		n, err := Document(raw, name)
		if err != nil {
			return Gate{}, err
		}
		nodes = append(nodes, n)
	}
	return read(nodes, name)
}

// mostClaims bounds a gate: whatever has more is no gate that anybody wrote.
const mostClaims = 500

func read(nodes []ast.Node, name string) (Gate, error) {
	var g Gate
	for _, n := range nodes {
		kinds, err := mapping(n, name, "gate")
		if err != nil {
			return Gate{}, err
		}
		for _, k := range kinds {
			if err := g.read(k, name); err != nil {
				return Gate{}, err
			}
		}
	}
	if len(g.items) == 0 {
		where := name
		if len(nodes) > 0 {
			where = place(name, nodes[0])
		}
		return Gate{}, fault.New(fault.Invalid, "gate.empty", "where", where, "allowed", strings.Join(Kinds(), ", "))
	}
	if err := g.link(); err != nil {
		return Gate{}, err
	}
	return g, nil
}

// read reads the claims of one type.
func (g *Gate) read(k pair, name string) error {
	how, ok := languages()[k.key]
	if !ok {
		return fault.New(fault.Invalid, "gate.unknown_type", "where", place(name, k.at), "key", shown(k.key), "allowed", strings.Join(Kinds(), ", "))
	}
	subjects, err := mapping(k.value, name, k.key)
	if err != nil {
		return err
	}
	if len(subjects) == 0 {
		return fault.New(fault.Invalid, "gate.no_subject", "where", place(name, k.at), "claim", k.key)
	}
	for _, s := range subjects {
		it := item{kind: k.key, subject: s.key, where: place(name, s.at), terms: flow(s.value)}
		if slices.ContainsFunc(g.items, func(other item) bool { return other.kind == it.kind && other.subject == it.subject }) {
			return fault.New(fault.Invalid, "gate.twice", "where", it.where, "key", shown(s.key))
		}
		if len(g.items) == mostClaims {
			return fault.New(fault.Invalid, "gate.too_many", "where", it.where, "most", mostClaims)
		}
		o, err := newOptions(s, name, k.key)
		if err != nil {
			return err
		}
		it.make = how(o)
		if err := o.done(); err != nil {
			return err
		}
		it.command = o.command
		g.items = append(g.items, it)
	}
	return nil
}

// link finds the command of each report of tests: a report that no command of
// the gate makes may have been written by anybody.
func (g *Gate) link() error {
	var commands []string
	for _, it := range g.items {
		if it.kind == KindCommand {
			commands = append(commands, it.subject)
		}
	}
	for i := range g.items {
		it := &g.items[i]
		if it.kind != KindReport {
			continue
		}
		if it.command == "" && len(commands) == 1 {
			it.command = commands[0]
		}
		if !slices.Contains(commands, it.command) {
			return fault.New(fault.Invalid, "gate.no_command", "where", it.where, "command", shown(it.command), "commands", shown(strings.Join(commands, ", ")))
		}
	}
	return nil
}

// Empty tells whether nothing is claimed.
func (g Gate) Empty() bool { return len(g.items) == 0 }

// Types are the types of the claims, each once, in the order of the text.
func (g Gate) Types() []string {
	var all []string
	for _, it := range g.items {
		if !slices.Contains(all, it.kind) {
			all = append(all, it.kind)
		}
	}
	return all
}

// Tell says of each claim what is looked at.
func (g Gate) Tell() []*fault.Error {
	told := make([]*fault.Error, 0, len(g.items))
	for _, it := range g.items {
		told = append(told, fault.New(fault.Failed, "gate.tells."+it.kind, "subject", shown(it.subject), "terms", it.terms))
	}
	return told
}

// Claims are the claims about a ticket, in the order of the text, one for each
// that was read. Each call makes new ones. The error tells that the scope
// itself is none.
func (g Gate) Claims(s Scope) ([]factcheck.Claim, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	f := filler{scope: &s, commands: map[string]*Command{}}
	claims := make([]factcheck.Claim, len(g.items))
	// Reports of tests refer to commands, wherever these stand.
	for _, commands := range []bool{true, false} {
		for i, it := range g.items {
			if (it.kind == KindCommand) == commands {
				claims[i] = f.claim(it)
			}
		}
	}
	return claims, nil
}
