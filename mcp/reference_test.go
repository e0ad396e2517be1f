package mcp

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/jsonschema-go/jsonschema"
)

const (
	manual   = "../docs/mcp.md"
	openMark = "<!-- tools: written by UPDATE_SNAPSHOTS=1 go test ./mcp -->\n"
	endMark  = "<!-- end of tools -->\n"
)

// The reference in the manual is made from the schemas that are sent.
func TestManual_SaysWhatTheSchemasSay(t *testing.T) {
	raw, err := os.ReadFile(manual)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(raw), openMark)
	is, after, ok2 := strings.Cut(rest, endMark)
	if !ok || !ok2 {
		t.Fatalf("%s has no place for the tools", manual)
	}
	want := reference(t)
	if os.Getenv("UPDATE_SNAPSHOTS") == "1" {
		if err := os.WriteFile(manual, []byte(before+openMark+want+endMark+after), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(is, want); diff != "" {
		t.Errorf("UPDATE_SNAPSHOTS=1 go test ./mcp writes it anew (-is +want):\n%s", diff)
	}
}

func reference(t *testing.T) string {
	t.Helper()
	all := serve(t, newSmall())
	reading := serve(t, newSmall(), func(o *Options) { o.ReadOnly = true })
	var b strings.Builder
	for _, tool := range all.catalogue() {
		fmt.Fprintf(&b, "### %s\n\n%s\n\n", tool.name, tool.about)
		fmt.Fprintf(&b, "| argument | type | |\n|---|---|---|\n")
		for _, name := range tool.in.PropertyOrder {
			p := tool.in.Properties[name]
			var words []string
			if slices.Contains(tool.in.Required, name) {
				words = append(words, "required")
			}
			if p.Description != "" {
				words = append(words, p.Description)
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", name, kind(p), strings.Join(words, "; "))
		}
		always := "`" + strings.Join(tool.out.Required, "`, `") + "`"
		fmt.Fprintf(&b, "\nAnswers always with %s. %s. `%s`\n\n", always, hintWords(tool, reading.tools[tool.name]), tool.example)
	}
	return b.String()
}

func kind(s *jsonschema.Schema) string { return strings.ReplaceAll(wants(s), "|", "\\|") }

func hintWords(t, reading *tool) string {
	var words []string
	if t.hints.readOnly {
		words = append(words, "changes nothing")
	} else {
		words = append(words, "may change something")
	}
	switch {
	case reading == nil:
		words = append(words, "not there with `--read-only`")
	case !slices.Equal(t.in.PropertyOrder, reading.in.PropertyOrder):
		words = append(words, "with `--read-only` it takes only `"+strings.Join(reading.in.PropertyOrder, "`, `")+"`")
	}
	text := strings.Join(words, ", ")
	return strings.ToUpper(text[:1]) + text[1:]
}
