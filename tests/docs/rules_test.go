package docs

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"uratori/monitor"
)

// The page of messages shows rules that are taken, and all that a rule can ask for.
func TestRules_PageSaysWhatARuleCanAskFor(t *testing.T) {
	raw, err := os.ReadFile("../../docs/notify.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(raw), "## Rules of your own")
	section, _, _ = strings.Cut(section, "\n## ")
	_, example, _ := strings.Cut(section, "```toml\n")
	example, table, found := strings.Cut(example, "```")
	if !found {
		t.Fatal("there is no example")
	}
	file := filepath.Join(t.TempDir(), "rules.toml")
	if err := os.WriteFile(file, []byte(example), 0o600); err != nil {
		t.Fatal(err)
	}
	rules, err := monitor.ReadRules(file, 5*time.Second)
	if err != nil || len(rules) != strings.Count(example, "[[rule]]") {
		t.Errorf("%d rules, %v", len(rules), err)
	}
	var told, known []string
	for _, row := range regexp.MustCompile("(?m)^\\| (`.*`) \\|").FindAllStringSubmatch(table, -1) {
		for name := range strings.SplitSeq(row[1], ", ") {
			told = append(told, strings.Trim(name, "`"))
		}
	}
	facts := reflect.TypeFor[monitor.Facts]()
	for i := range facts.NumField() {
		known = append(known, facts.Field(i).Tag.Get("expr"))
	}
	slices.Sort(told)
	slices.Sort(known)
	if !slices.Equal(told, known) {
		t.Errorf("the page tells of %q, and there are %q", told, known)
	}
}
