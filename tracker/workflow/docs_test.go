package workflow

import (
	"os"
	"strings"
	"testing"

	"uratori/tracker/project"
)

// between is the one block of a language in the users' page.
func between(t *testing.T, page, language string) string {
	t.Helper()
	_, after, found := strings.Cut(page, "```"+language+"\n")
	text, _, closed := strings.Cut(after, "```")
	if !found || !closed {
		t.Fatalf("there is no example in %s", language)
	}
	return text
}

func TestUsersPage_ItsExamplesAreRead_AndItsTableIsTheThirteenSteps(t *testing.T) {
	raw, err := os.ReadFile("../../docs/workflow.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(raw)
	if p, err := project.Parse([]byte(between(t, page, "toml")), "docs"); err != nil || len(p.Rules) != 1 || len(p.Values()) != len(project.Names()) {
		t.Errorf("%+v %v", p, err)
	}
	if d, err := Parse([]byte(between(t, page, "yaml")), "docs"); err != nil || len(d.Steps) != 7 {
		t.Errorf("%+v %v", d, err)
	}
	d, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range d.Steps {
		if row := "`" + s.ID + "` | " + s.Name + ":"; !strings.Contains(page, row) {
			t.Errorf("the page has no row %s", row)
		}
	}
}
