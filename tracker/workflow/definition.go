package workflow

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the thirteen steps
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/goccy/go-yaml/ast"

	"uratori/factcheck/gate"
	"uratori/internal/fault"
	"uratori/tracker/project"
)

// File is the name of a project's own workflow in its root folder.
const File = "uratori.workflow.yaml"

// The step that no workflow is without, and the type of claim that it must make.
const (
	Extract  = "extract"
	mustTask = gate.KindTask
)

const (
	longestFile = 256 << 10 // bytes
	mostSteps   = 50
	mostPhase   = 9
	longestName = 80   // characters
	longestHelp = 1000 // characters
	usualLife   = 72 * time.Hour
	longestLife = 90 * 24 * time.Hour
)

//go:embed uratori.workflow.yaml
var thirteen []byte //nolint:gochecknoglobals // embedded, never written

// Definition is a workflow: its steps in the order in which they pass.
type Definition struct {
	Name   string
	Steps  []Step
	Own    bool   // of the project, not the thirteen steps of uratori
	Text   []byte // as it was read
	Digest string // SHA-256 of Text, hexadecimal
}

// Step is one step. Each needs all that come before it; there is no key by
// which one could be skipped.
type Step struct {
	Number       int // from 1
	ID           string
	Phase        int
	Name, NameEN string
	Help, HelpEN string
	Freeze       []string      // patterns of files that must not change once the step has passed
	Rules        bool          // the rules of the project are part of the gate
	Recheck      bool          // every earlier gate is looked at again
	Life         time.Duration // a person must approve, and the question lapses after this; 0 where nobody is asked
	Digest       string        // of what the definition says of this step

	base   ast.Node // the gate as it was read, nil where there is none
	when   []branch
	source string // the name of the file, for errors
}

// branch is a part of a gate that only counts where the project gives a value.
type branch struct {
	value string
	node  ast.Node
}

// Person tells whether the step needs a person's approval.
func (s Step) Person() bool { return s.Life > 0 }

// Default is the workflow of a project that has none of its own.
func Default() (Definition, error) { return Parse(thirteen, File) }

// Load reads the workflow of the project in root, an absolute path. Errors are
// of the kind Invalid for what is wrong in the file, and Unavailable when it
// could not be looked at.
func Load(root string) (Definition, error) {
	path := filepath.Join(root, File)
	raw, err := read(root)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Default()
	case err != nil:
		return Definition{}, fault.New(fault.Unavailable, "workflow.unreadable", "file", path).Wrap(err)
	}
	d, err := Parse(raw, path)
	d.Own = true
	return d, err
}

var (
	errNoRoot = errors.New("the folder of the project is not there")
	errLost   = errors.New("a link to a file that is not there")
	errNoFile = errors.New("not a regular file")
)

// read reads the project's file, following links only within the root.
func read(root string) (raw []byte, err error) {
	dir, err := os.OpenRoot(root)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errNoRoot
	}
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, dir.Close()) }()
	f, err := dir.OpenFile(File, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := dir.Lstat(File); err == nil {
			return nil, errLost
		}
	}
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errNoFile
	}
	return io.ReadAll(io.LimitReader(f, longestFile+1))
}

// Parse reads a definition, which errors call name. They are of the kind
// Invalid and name the line.
func Parse(raw []byte, name string) (Definition, error) {
	if len(raw) > longestFile {
		return Definition{}, fault.New(fault.Invalid, "workflow.too_long", "file", name, "bytes", longestFile)
	}
	top, err := gate.Document(raw, name)
	if err != nil {
		return Definition{}, err
	}
	r := reader{name}
	f, err := r.fields(top, "version", "name", "steps")
	if err != nil {
		return Definition{}, err
	}
	d := Definition{Text: bytes.Clone(raw), Digest: digest(raw)}
	for _, key := range []string{"version", "name", "steps"} {
		if f[key] == nil {
			return Definition{}, r.missing(top, key)
		}
	}
	if _, err := r.number(f["version"], 1, 1); err != nil {
		return Definition{}, err
	}
	if d.Name, err = r.text(f["name"], longestName); err != nil {
		return Definition{}, err
	}
	steps, err := r.list(f["steps"])
	if err != nil {
		return Definition{}, err
	}
	if len(steps) > mostSteps {
		return Definition{}, fault.New(fault.Invalid, "workflow.too_many", "where", r.where(f["steps"]), "most", mostSteps)
	}
	for i, n := range steps {
		s, err := r.step(n)
		if err != nil {
			return Definition{}, err
		}
		s.Number = i + 1
		d.Steps = append(d.Steps, s)
		if err := r.fits(d.Steps, n); err != nil {
			return Definition{}, err
		}
	}
	return d, r.whole(d)
}

func digest(raw []byte) string {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

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
	return s, r.gates(n, &s, f["gate"], f["when"])
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

// fits tells whether the last of the steps goes with those before it.
func (r reader) fits(steps []Step, n ast.Node) error {
	last := steps[len(steps)-1]
	persons := false
	for _, s := range steps[:len(steps)-1] {
		if s.ID == last.ID {
			return fault.New(fault.Invalid, "workflow.twice", "where", r.where(n), "what", last.ID)
		}
		if s.Phase > last.Phase {
			return fault.New(fault.Invalid, "workflow.phases", "where", r.where(n), "step", last.ID)
		}
		persons = persons || s.Person()
	}
	switch {
	case last.Freeze != nil && !persons:
		// Before anybody has approved anything the work may be started anew.
		return fault.New(fault.Invalid, "workflow.freeze_early", "where", r.where(n), "step", last.ID)
	case last.ID == Extract && !persons:
		return fault.New(fault.Invalid, "workflow.extract_early", "where", r.where(n))
	case last.Recheck && len(steps) == 1:
		return fault.New(fault.Invalid, "workflow.no_gate", "where", r.where(n), "step", last.ID)
	case last.ID == Extract:
		return r.extraction(last, n)
	}
	return nil
}

// extraction refuses a step that is called extract and does not show one.
func (r reader) extraction(s Step, n ast.Node) error {
	none := fault.New(fault.Invalid, "workflow.extract_weak", "where", r.where(n))
	if s.base == nil {
		return none
	}
	entries, err := r.entries(s.base)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.key != mustTask {
			continue
		}
		tasks, err := r.entries(e.value)
		if err != nil {
			return err
		}
		for _, t := range tasks {
			options, err := r.entries(t.value)
			if err != nil {
				return err
			}
			if demands(options) {
				return nil
			}
		}
	}
	return none
}

// demands tells whether the options of a task ask for items that were made
// since the start. Success is what every claim about a task asks for.
func demands(options []entry) bool {
	items, after := false, false
	for _, o := range options {
		switch o.key {
		case "min_items":
			i, ok := o.value.(*ast.IntegerNode)
			items = ok && i.Value != uint64(0) && !strings.HasPrefix(i.Token.Value, "-")
		case "after":
			t, ok := o.value.(*ast.StringNode)
			after = ok && (t.Value == "start" || t.Value == "step")
		}
	}
	return items && after
}

// whole refuses workflows in which the extraction could be left out, or that
// end without everything being looked at again and a person's word.
func (r reader) whole(d Definition) error {
	extract, recheck := 0, 0
	for _, s := range d.Steps {
		if s.ID == Extract {
			extract = s.Number
		}
		if s.Recheck && extract > 0 {
			recheck = s.Number
		}
	}
	last := d.Steps[len(d.Steps)-1]
	switch {
	case extract == 0:
		return fault.New(fault.Invalid, "workflow.no_extract", "file", r.name)
	case !last.Person() || last.Number <= extract:
		return fault.New(fault.Invalid, "workflow.no_last_word", "file", r.name)
	case recheck == 0 || recheck < last.Number-1:
		return fault.New(fault.Invalid, "workflow.no_recheck", "file", r.name)
	}
	return nil
}

// Find is the step with an id or a number.
func (d Definition) Find(name string) (Step, error) {
	for _, s := range d.Steps {
		if s.ID == name || fmt.Sprint(s.Number) == name {
			return s, nil
		}
	}
	var all []string
	for _, s := range d.Steps {
		all = append(all, fmt.Sprintf("%d %s", s.Number, s.ID))
	}
	return Step{}, fault.New(fault.Invalid, "workflow.no_step", "step", shown(name), "steps", strings.Join(all, ", "))
}
