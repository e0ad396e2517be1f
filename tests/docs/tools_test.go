package docs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"uratori/tests/house"
)

const toolsHead = `# MCP tools

Every tool of ` + "`uratori mcp`" + `, made of what the server itself lists and answers by ` + "`make docs`" + `: the arguments stand as they do in ` + "`tools/list`" + `, and each answer was given by the
built program in a home of its own, to the call that stands above it. Of an answer, times, hashes, process ids and addresses are put in the same form each time, and long texts and
lists are cut (…). How to connect, and what holds of all tools: [the MCP server](mcp.md).

No argument marks a step as done, and no tool approves. Every answer has ` + "`dashboard`" + `, the page where a person sees the same; ` + "`next`" + `, where it is there, is what to do now. A failure is
` + "`isError`" + ` with a text that says what failed, why, how things stand, and which call to make next.
`

// session is a foreign client of the built server.
func session(t *testing.T, h *house.House, project string, args ...string) *mcp.ClientSession {
	t.Helper()
	like := h.Command(append([]string{"mcp"}, args...)...)
	cmd := exec.Command(like.Path, like.Args[1:]...) //nolint:noctx // it is closed, not killed, when the test's context has ended
	cmd.Env = append(like.Env, "CLAUDE_PROJECT_DIR="+project)
	c, err := mcp.NewClient(&mcp.Implementation{Name: "docs", Version: "1"}, nil).Connect(t.Context(), &mcp.CommandTransport{Command: cmd}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return c
}

// turn is a call that the page shows.
type turn struct {
	tool      string
	arguments string // JSON
}

// The calls are of one ticket's life, so that each answer has something to tell.
func turns() []turn {
	return []turn{
		{"create_ticket", `{"summary":"抽出の自動化","detail":"一行目\n- 二行目"}`},
		{"get_ticket", `{"ticket":"INTG-001"}`},
		{"update_ticket", `{"ticket":"INTG-001","summary":"抽出の完全自動化","expected":{"summary":"抽出の自動化"}}`},
		{"verify_update", `{"ticket":"INTG-001"}`},
		{"list_tickets", `{"text":"抽出"}`},
		{"factcheck", `{"ticket":"INTG-001"}`},
		{"enqueue", `{"ticket":"INTG-001","name":"extract","command":["sh","-c","echo 1/1"]}`},
		{"wait", `{"task":1,"timeout":"1m"}`},
		{"status", `{"task":1}`},
		{"logs", `{"task":1}`},
		{"kill", `{"task":2}`},
		{"workflow", `{"ticket":"INTG-001"}`},
	}
}

func TestTools_PageSaysWhatTheServerSays(t *testing.T) {
	t.Parallel()
	h := house.New(t, program)
	project := t.TempDir()
	all := session(t, h, project)
	answers := map[string]string{}
	calls := map[string]string{}
	for _, turn := range turns() {
		if turn.tool == "kill" { // of something that runs
			call(t, all, "enqueue", `{"ticket":"INTG-001","command":["sleep","600"]}`)
			house.Until(t, "the job to be killed", func() bool {
				return strings.Contains(string(call(t, all, "status", `{"task":2}`)), `"state":"running"`)
			})
		}
		raw := call(t, all, turn.tool, turn.arguments)
		calls[turn.tool] = turn.arguments
		answers[turn.tool] = example(t, raw, string(h.Home), project)
	}
	reading := map[string]*mcp.Tool{}
	for _, tool := range tools(t, session(t, h, project, "--read-only")) {
		reading[tool.Name] = tool
	}
	var b strings.Builder
	b.WriteString(toolsHead)
	for _, tool := range tools(t, all) {
		answer, called := answers[tool.Name]
		if !called {
			t.Errorf("%s is not called here", tool.Name)
		}
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n%s.\n\n| argument | type and limits | |\n|---|---|---|\n", tool.Name, tool.Description, nature(t, tool, reading[tool.Name]))
		in := schema(t, tool.InputSchema)
		for _, name := range order(in) {
			words := in.Properties[name].Description
			if slices.Contains(in.Required, name) {
				words = strings.TrimSuffix("**required**; "+words, "; ")
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", name, cell(limits(in.Properties[name])), cell(words))
		}
		fmt.Fprintf(&b, "\nAnswers always with `%s`.\n\n```\n%s %s\n```\n\n```json\n%s\n```\n",
			strings.Join(schema(t, tool.OutputSchema).Required, "`, `"), tool.Name, calls[tool.Name], answer)
	}
	hold(t, "docs/mcp-tools.md", b.String())
}

func tools(t *testing.T, c *mcp.ClientSession) []*mcp.Tool {
	t.Helper()
	var all []*mcp.Tool
	for tool, err := range c.Tools(t.Context(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, tool)
	}
	return all
}

func call(t *testing.T, c *mcp.ClientSession, tool, arguments string) []byte {
	t.Helper()
	r, err := c.CallTool(t.Context(), &mcp.CallToolParams{Name: tool, Arguments: json.RawMessage(arguments)})
	if err != nil {
		t.Fatalf("%s: %v", tool, err)
	}
	raw, err := json.Marshal(r.StructuredContent)
	if err != nil || r.IsError {
		text, _ := json.Marshal(r.Content) //nolint:errchkjson // for the message only
		t.Fatalf("%s %s: %v %s", tool, arguments, err, text)
	}
	return raw
}

func schema(t *testing.T, v any) *jsonschema.Schema {
	t.Helper()
	raw, err := json.Marshal(v)
	var s jsonschema.Schema
	if err == nil {
		err = json.Unmarshal(raw, &s)
	}
	if err != nil {
		t.Fatal(err)
	}
	return &s
}

// order is what is required first, the rest by name.
func order(s *jsonschema.Schema) []string {
	names := slices.Clone(s.Required)
	var rest []string
	for name := range s.Properties {
		if !slices.Contains(names, name) {
			rest = append(rest, name)
		}
	}
	slices.Sort(rest)
	return append(names, rest...)
}

// limits is a type with what bounds it.
func limits(s *jsonschema.Schema) string {
	kind := s.Type
	switch {
	case s.Type == "array" && s.Items != nil:
		kind = "array of " + limits(s.Items)
	case s.Type == "object" && s.AdditionalProperties != nil && s.AdditionalProperties.Type != "":
		kind = "object of " + s.AdditionalProperties.Type + "s"
	}
	var bounds []string
	if s.Enum != nil {
		var all []string
		for _, v := range s.Enum {
			all = append(all, fmt.Sprintf("`%v`", v))
		}
		bounds = append(bounds, "one of "+strings.Join(all, " "))
	}
	for _, b := range []struct {
		word  string
		value any
		set   bool
	}{
		{"≥", deref(s.Minimum), s.Minimum != nil},
		{"≤", deref(s.Maximum), s.Maximum != nil},
		{"at least", deref(s.MinItems), s.MinItems != nil},
		{"at most", deref(s.MaxItems), s.MaxItems != nil},
		{"characters ≤", deref(s.MaxLength), s.MaxLength != nil},
	} {
		if b.set {
			bounds = append(bounds, fmt.Sprintf("%s %v", b.word, b.value))
		}
	}
	return strings.Join(append([]string{kind}, bounds...), ", ")
}

func deref[T any](p *T) any {
	if p == nil {
		return nil
	}
	return *p
}

// nature is what the hints say, and what is left with --read-only.
func nature(t *testing.T, tool, reading *mcp.Tool) string {
	t.Helper()
	words := "May change something"
	switch a := tool.Annotations; {
	case a == nil:
		t.Errorf("%s has no hints", tool.Name)
	case a.ReadOnlyHint:
		words = "Changes nothing"
	case a.DestructiveHint != nil && *a.DestructiveHint:
		words = "May end or replace something"
	}
	switch {
	case reading == nil:
		words += "; not there with `--read-only`"
	case len(order(schema(t, reading.InputSchema))) != len(order(schema(t, tool.InputSchema))):
		words += "; with `--read-only` it takes only `" + strings.Join(order(schema(t, reading.InputSchema)), "`, `") + "`"
	}
	return words
}

var (
	timePattern    = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*(Z|[+-]\d\d:\d\d)$`)
	hashPattern    = regexp.MustCompile(`\b[0-9a-f]{64}\b`)
	addressPattern = regexp.MustCompile(`127\.0\.0\.1:\d+`)
)

// example is an answer as the page shows it.
func example(t *testing.T, raw []byte, home, project string) string {
	t.Helper()
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(settled("", v, strings.NewReplacer(home, "$URATORI_HOME", project, "/project", filepath.Dir(home), "/…", os.TempDir(), "/tmp"))); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(b.String())
}

// settled puts what differs from run to run in one form, and cuts what is long.
func settled(key string, v any, places *strings.Replacer) any {
	const longestText, longestList = 120, 3
	switch v := v.(type) {
	case map[string]any:
		delete(v, "cpu_ms") // not there where it rounds to nothing
		for name := range v {
			v[name] = settled(name, v[name], places)
		}
		return v
	case []any:
		if len(v) > longestList {
			v = append(v[:longestList:longestList], "…")
		}
		for i := range v {
			v[i] = settled(key, v[i], places)
		}
		return v
	case string:
		if timePattern.MatchString(v) {
			return "2026-11-27T10:12:03+09:00"
		}
		v = hashPattern.ReplaceAllString(addressPattern.ReplaceAllString(places.Replace(v), "127.0.0.1:8088"), "2c26b46b…")
		if r := []rune(v); len(r) > longestText {
			return string(r[:longestText]) + "…"
		}
		return v
	case float64:
		switch {
		case strings.HasSuffix(key, "_ms"), strings.HasSuffix(key, "_s"):
			return 7
		case key == "position": // it may have begun already
			return 1
		case key == "pid", key == "evidence", key == "entry", key == "seq":
			return 4242
		}
	}
	return v
}
