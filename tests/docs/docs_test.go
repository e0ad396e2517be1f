// Package docs holds the documentation to the program: references are made of
// the program itself, commands that are shown are run, and what a page names
// is there.
package docs

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"uratori/tests/house"
)

const repository = "../.."

var program string // the built binary, with factcheck beside it; set once, by TestMain

func TestMain(m *testing.M) { os.Exit(house.Main(m, &program)) }

// hold compares a page with what the program makes of it. UPDATE_DOCS=1, as
// `make docs` has it, writes the page.
func hold(t *testing.T, page, want string) {
	t.Helper()
	file := filepath.Join(repository, page)
	if os.Getenv("UPDATE_DOCS") != "" {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil { //nolint:gosec // a page for everybody
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(read(t, page), want); diff != "" {
		t.Errorf("%s is not what the program says: `make docs` writes it anew (-is +want):\n%s", page, diff)
	}
}

func read(t *testing.T, page string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(repository, page))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// cell is a text as it stands in a table.
func cell(s string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(s), " "), "|", `\|`)
}

// code is a text in the letters of a machine, nothing where it is empty.
func code(s string) string {
	if s == "" {
		return ""
	}
	return "`" + cell(s) + "`"
}
