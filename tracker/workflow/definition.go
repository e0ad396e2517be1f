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
	"strings"
	"syscall"
	"time"

	"github.com/goccy/go-yaml/ast"

	"uratori/factcheck/gate"
	"uratori/internal/fault"
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
