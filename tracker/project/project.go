// Package project reads what a project says of itself: uratori.toml in its
// root folder.
//
// The file tells what no program can guess: which files are the tests, how they
// are run, what an extraction makes, and what must not happen. Gates are filled
// in from it, so what it says is pinned when work on a ticket starts; see
// package workflow.
//
// It is read strictly. A key that nobody knows is more often a slip than a wish,
// and a rule that is silently not there is worse than an error. A project
// without the file has no rules and no tests, which is no error here: a gate
// that needs a value says which line to add.
package project

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"uratori/internal/fault"
)

// File is the name of the file in the root folder of a project.
const File = "uratori.toml"

// longestFile is far more than any project has to say, in bytes. The decoder
// takes time in the square of the number of keys.
const longestFile = 64 << 10

// Project is what a project says of itself. All paths and patterns are relative
// to its root.
type Project struct {
	Tests      []string // patterns of the tests, which are frozen before the implementation
	Test       []string // the command that runs them, word by word
	TestReport string   // the JUnit XML or `go test -json` file that the command writes
	Sources    []string // patterns of what the tests test
	Inputs     []string // patterns of what an extraction reads
	Outputs    []string // patterns of what it makes
	AllowHosts []string // that a gate may ask beside this machine
	Workspace  string   // the folder of a ticket, with {id} in it; empty leaves it to the settings
	Templates  string   // the folder of the documents that a ticket's folder begins with
	Rules      []Rule
	Hooks      Hooks
	Text       []byte // the file as it is, nil without one
	Digest     string // SHA-256 of Text, hexadecimal
}

// Rule says what must not appear while work on a ticket goes on.
type Rule struct {
	Name      string
	Under     string   // a folder, "." for the root
	Match     []string // patterns of names
	Recursive bool     // in the folders below Under too
	Message   string   // to whoever broke it
}

// Hooks say what the hooks of an agent refuse. They help; what is enforced is
// enforced by gates.
type Hooks struct {
	DenyCommands []string // patterns of whole command lines
	DenyWrites   []string // patterns of paths
}

// Values are what the gates of a workflow may refer to, by the name of the key.
// One that the project does not say is not there.
func (p Project) Values() map[string][]string {
	values := map[string][]string{}
	for name, list := range map[string][]string{
		"tests": p.Tests, "test": p.Test, "sources": p.Sources, "inputs": p.Inputs, "outputs": p.Outputs,
	} {
		if len(list) > 0 {
			values[name] = list
		}
	}
	if p.TestReport != "" {
		values["test_report"] = []string{p.TestReport}
	}
	return values
}

// Names are the values that gates may refer to, whether a project gives them or
// not.
func Names() []string {
	return []string{"tests", "test", "test_report", "sources", "inputs", "outputs"}
}

// Line is a line for uratori.toml that would give a value, as an example; empty
// for a name that no key has.
func Line(name string) string {
	return map[string]string{
		"tests":       `tests = ["tests/**"]`,
		"test":        `test = ["pytest", "-q"]`,
		"test_report": `test_report = "build/junit.xml"`,
		"sources":     `sources = ["src/**"]`,
		"inputs":      `inputs = ["in/*.tif"]`,
		"outputs":     `outputs = ["out/*.png"]`,
	}[name]
}

// Find is the root of the project that folder, an absolute path, lies in: the
// nearest one upwards with a [File].
func Find(folder string) (root string, ok bool) {
	for dir := filepath.Clean(folder); ; dir = filepath.Dir(dir) {
		if _, err := os.Lstat(filepath.Join(dir, File)); err == nil {
			return dir, true
		}
		if dir == filepath.Dir(dir) {
			return "", false
		}
	}
}

// Load reads the file of the project in root, an absolute path. An error of the
// kind Invalid tells what is wrong in the file, and where; one of the kind
// Unavailable that it could not be looked at.
func Load(root string) (Project, error) {
	path := filepath.Join(root, File)
	raw, err := read(root)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Parse(nil, path)
	case err != nil:
		return Project{}, fault.New(fault.Unavailable, "project.unreadable", "file", path).Wrap(err)
	}
	return Parse(raw, path)
}

// Digest is the SHA-256 of the file of the project in root as it is now,
// readable or not.
func Digest(root string) (string, error) {
	raw, err := read(root)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fault.New(fault.Unavailable, "project.unreadable", "file", filepath.Join(root, File)).Wrap(err)
	}
	return digest(raw), nil
}

func digest(raw []byte) string {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// read reads the file, following links only within the root, for the root is
// what the settings are pinned for.
func read(root string) (raw []byte, err error) {
	dir, err := os.OpenRoot(root)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errNoRoot // which says nothing about the file
	}
	if err != nil {
		return nil, bare(err)
	}
	defer func() { err = errors.Join(err, dir.Close()) }()
	// A FIFO in that place must not hang the daemon.
	f, err := dir.OpenFile(File, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := dir.Lstat(File); err == nil {
			return nil, errLost // not a missing file: somebody wanted settings
		}
	}
	if err != nil {
		return nil, bare(err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return nil, bare(err)
	}
	if !info.Mode().IsRegular() {
		return nil, errNoFile
	}
	raw, err = io.ReadAll(io.LimitReader(f, longestFile+1))
	if raw == nil {
		raw = []byte{}
	}
	return raw, err
}

var (
	errNoRoot = errors.New("the folder of the project is not there")
	errLost   = errors.New("a link to a file that is not there")
	errNoFile = errors.New("not a regular file")
)

// bare is an error without the path, which the sentence round it names.
func bare(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}
