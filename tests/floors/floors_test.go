// Package floors holds the plan of the house: which room stands on which floor, and so which package may
// import which. The linter enforces the plan (depguard, in .golangci.yml); the tests here prove that it does,
// and that the house is built as planned. Whoever adds a room adds it to both.
package floors

import (
	"encoding/json"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const repository = "../.."

// A room may import itself, every room on a lower floor, and of its own floor only the rooms named.
type room struct {
	floor float64
	also  []string
}

var rooms = map[string]room{
	"tests": {floor: 7},

	"cmd": {floor: 6},

	"examples": {floor: 5.5}, // programs of users, which the demo shows

	"internal/daemon": {floor: 5},

	"mcp":                {floor: 4},
	"internal/dashboard": {floor: 4},
	"internal/hook":      {floor: 4},

	"internal/control": {floor: 3.5},

	"tracker/workflow": {floor: 3, also: []string{"factcheck"}}, // a gate is a list of claims
	"factcheck":        {floor: 3},

	"tracker": {floor: 2},
	"runner":  {floor: 2},
	"monitor": {floor: 2},

	"sheets":       {floor: 1, also: []string{"sheets/local"}},
	"sheets/local": {floor: 1, also: []string{"sheets"}},

	"internal/ledger":  {also: []string{"internal/phrase", "internal/fault", "internal/store"}},
	"internal/store":   {also: []string{"internal/phrase", "internal/fault"}},
	"internal/config":  {also: []string{"internal/phrase", "internal/fault"}},
	"internal/process": {also: []string{"internal/phrase", "internal/fault"}},
	"internal/fault":   {also: []string{"internal/phrase"}},
	"internal/phrase":  {},
}

// What comes from outside and not every package may import, by import prefix and folder prefix.
var (
	onlyIn = map[string]*regexp.Regexp{
		"modernc.org/sqlite":       regexp.MustCompile(`^(tests|internal/store)(/|$)`),
		"github.com/pressly/goose": regexp.MustCompile(`^(tests|internal/store)(/|$)`),
		"google.golang.org/api":    regexp.MustCompile(`^(tests(/|$)|sheets$|sheets/local(/|$))`),
	}
	neverIn = map[string]*regexp.Regexp{
		"database/sql": regexp.MustCompile(`^(mcp|internal/dashboard|internal/hook)(/|$)`),
	}
)

// allowed says whether a file in dir, a folder of this module, may import imported.
func allowed(dir, imported string) bool {
	for prefix, dirs := range onlyIn {
		if strings.HasPrefix(imported, prefix) {
			return dirs.MatchString(dir)
		}
	}
	for prefix, dirs := range neverIn {
		if strings.HasPrefix(imported, prefix) {
			return !dirs.MatchString(dir)
		}
	}
	target, ours := strings.CutPrefix(imported, "uratori/")
	if !ours {
		return true
	}
	from, to := roomOf(dir), roomOf(target)
	return from != "" && (from == to || rooms[from].floor > rooms[to].floor || slices.Contains(rooms[from].also, to))
}

// roomOf is the nearest room round dir, "" when it stands in none.
func roomOf(dir string) string {
	for ; dir != "."; dir = path.Dir(dir) {
		if _, ok := rooms[dir]; ok {
			return dir
		}
	}
	return ""
}

// The linter is let loose on a house of the same plan in which everything imports everything.
func TestDepguard_EveryPairOfRooms_IsReportedExactlyWhenTheFloorsForbidIt(t *testing.T) {
	t.Parallel()
	house := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		file := filepath.Join(house, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}

	settings, err := os.ReadFile(filepath.Join(repository, ".golangci.yml"))
	if err != nil {
		t.Fatal(err)
	}
	write(".golangci.yml", string(settings))
	write("go.mod", `module uratori

go 1.26.0

require (
	github.com/pressly/goose/v3 v3.0.0
	google.golang.org/api v0.0.0
	modernc.org/sqlite v0.0.0
)

replace (
	github.com/pressly/goose/v3 => ./outside/goose
	google.golang.org/api => ./outside/api
	modernc.org/sqlite => ./outside/sqlite
)
`)
	write("outside/goose/go.mod", "module github.com/pressly/goose/v3\n")
	write("outside/goose/goose.go", "package goose\n")
	write("outside/api/go.mod", "module google.golang.org/api\n")
	write("outside/api/option/option.go", "package option\n")
	write("outside/api/sheets/v4/sheets.go", "package sheets\n")
	write("outside/sqlite/go.mod", "module modernc.org/sqlite\n")
	write("outside/sqlite/sqlite.go", "package sqlite\n")
	write("outside/sqlite/lib/lib.go", "package lib\n")

	imports := []string{
		"context",
		"database/sql",
		"github.com/pressly/goose/v3",
		"google.golang.org/api/option",
		"google.golang.org/api/sheets/v4",
		"modernc.org/sqlite",
		"modernc.org/sqlite/lib",
	}
	for name := range rooms {
		write(name+"/room.go", "package room\n")
		write(name+"/part/part.go", "package part\n")
		imports = append(imports, "uratori/"+name, "uratori/"+name+"/part")
	}
	var source strings.Builder
	for _, imported := range imports {
		fmt.Fprintf(&source, "import _ %q\n", imported)
	}

	var want []string
	for _, name := range slices.Concat(slices.Collect(maps.Keys(rooms)), []string{"stranger", "internal/stranger", "sheets/other"}) {
		// Neither a test outside its package nor a package that nothing imports can close a cycle.
		write(name+"/room_test.go", "package room_test\n\n"+source.String())
		write(name+"/from/from.go", "package from\n\n"+source.String())
		for _, imported := range imports {
			if !allowed(name, imported) {
				want = append(want, name+"/room_test.go imports "+imported)
			}
			if !allowed(name+"/from", imported) {
				want = append(want, name+"/from/from.go imports "+imported)
			}
		}
	}

	slices.Sort(want)
	if diff := cmp.Diff(want, reportedImports(t, house)); diff != "" {
		t.Errorf("-forbidden by the floors, +reported by the linter:\n%s", diff)
	}
}

// reportedImports are the imports that depguard reports in the module at dir, sorted.
func reportedImports(t *testing.T, dir string) []string {
	t.Helper()
	linter, err := filepath.Abs(filepath.Join(repository, ".tools/bin/golangci-lint"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(linter); err != nil {
		if linter, err = exec.LookPath("golangci-lint"); err != nil {
			t.Fatal("golangci-lint not found: run scripts/setup")
		}
	}
	// --allow-parallel-runners: whoever runs the linter at the same time is no reason to fail.
	lint := exec.CommandContext(t.Context(), linter, "run", "--enable-only=depguard", "--issues-exit-code=0",
		"--allow-parallel-runners", "--output.json.path=stdout", "--show-stats=false")
	lint.Dir = dir
	lint.Env = append(os.Environ(), "GOLANGCI_LINT_CACHE="+t.TempDir(), "GOWORK=off")
	var complaint strings.Builder
	lint.Stderr = &complaint
	out, err := lint.Output()
	if err != nil {
		t.Fatalf("golangci-lint: %v\n%s", err, complaint.String())
	}

	var report struct {
		Issues []struct {
			FromLinter, Text string
			Pos              struct{ Filename string }
		}
	}
	if err := json.Unmarshal(out, &report); err != nil {
		t.Fatalf("golangci-lint printed no JSON: %v\n%s%s", err, out, complaint.String())
	}
	refusal := regexp.MustCompile(`^import '([^']+)' is not allowed`)
	var reported []string
	for _, issue := range report.Issues {
		words := refusal.FindStringSubmatch(issue.Text)
		if issue.FromLinter != "depguard" || words == nil {
			t.Fatalf("%s: %s: %s", issue.Pos.Filename, issue.FromLinter, issue.Text)
		}
		reported = append(reported, filepath.ToSlash(issue.Pos.Filename)+" imports "+words[1])
	}
	slices.Sort(reported)
	return slices.Compact(reported) // two rules may forbid the same
}

// The files are read here and not by "go list", which would leave out those of other systems and build tags,
// and whose reading the test cache does not notice.
func TestRepository_EveryImport_IsAllowedByTheFloors(t *testing.T) {
	t.Parallel()
	err := filepath.WalkDir(repository, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() && file != repository && (strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") || name == "testdata") {
			return fs.SkipDir // what the go command ignores too
		}
		if entry.IsDir() || filepath.Ext(name) != ".go" {
			return nil
		}
		inside, err := filepath.Rel(repository, file)
		if err != nil {
			return err
		}
		dir := filepath.ToSlash(filepath.Dir(inside))
		if roomOf(dir) == "" {
			t.Errorf("%s stands in no room: give %s a floor here and in .golangci.yml", inside, dir)
		}
		source, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range source.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if !allowed(dir, imported) {
				t.Errorf("%s imports %s, which the floors forbid", inside, imported)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
