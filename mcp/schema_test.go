package mcp

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/jsonschema-go/jsonschema"
	protocol "github.com/mark3labs/mcp-go/mcp"
)

// both are the ways in which the tools are offered.
func both(t *testing.T) map[string]*Server {
	return map[string]*Server{"": serve(t, newSmall()), "read-only.": serve(t, newSmall(), func(o *Options) { o.ReadOnly = true })}
}

// ask has the server answer a message in process.
func ask(t testing.TB, s *Server, raw string) map[string]any {
	t.Helper()
	s.prepare("tools/")
	text, err := encode(answered([]byte("1"), s.core.HandleMessage(t.Context(), json.RawMessage(raw))))
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

const modernMeta = `"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{},"io.modelcontextprotocol/clientInfo":{"name":"test","version":"1"}}`

// snapshot compares with what was decided; UPDATE_SNAPSHOTS=1 decides anew.
func snapshot(t *testing.T, name string, v any) {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join("testdata", name+".snap")
	if os.Getenv("UPDATE_SNAPSHOTS") == "1" {
		if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v: UPDATE_SNAPSHOTS=1 go test ./mcp writes it", err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("%s has changed; agents that know the old form may break (-was +is):\n%s", name, diff)
	}
}

func TestTools_AreExactlyThese_InTheFormThatWasDecided(t *testing.T) {
	want := map[string][]string{
		"":           {"create_ticket", "enqueue", "factcheck", "get_ticket", "kill", "list_tickets", "logs", "status", "update_ticket", "verify_update", "wait", "workflow"},
		"read-only.": {"factcheck", "get_ticket", "list_tickets", "logs", "status", "verify_update", "wait", "workflow"},
	}
	kept := map[string]bool{"prompts.snap": true, "templates.snap": true}
	for way, s := range both(t) {
		var names []string
		tools := ask(t, s, `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`)["result"].(map[string]any)["tools"].([]any)
		for _, tool := range tools {
			name := tool.(map[string]any)["name"].(string)
			names = append(names, name)
			snapshot(t, way+name, tool)
			kept[way+name+".snap"] = true
		}
		if !slices.Equal(names, want[way]) {
			t.Errorf("%stools: %v", way, names)
		}
	}
	files, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if strings.HasSuffix(f.Name(), ".snap") && !kept[f.Name()] {
			t.Errorf("testdata/%s is of no tool", f.Name())
		}
	}
}

func TestPromptsAndTemplates_AreOfTheFormThatWasDecided(t *testing.T) {
	s := serve(t, newSmall())
	snapshot(t, "prompts", ask(t, s, `{"jsonrpc":"2.0","id":1,"method":"prompts/list"}`)["result"])
	snapshot(t, "templates", ask(t, s, `{"jsonrpc":"2.0","id":1,"method":"resources/templates/list"}`)["result"])
}

// The list of tools goes into the context of every agent.
func TestTools_TakeLittleRoom_InBothEras(t *testing.T) {
	s := serve(t, newSmall())
	for era, raw := range map[string]string{
		"older":  `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`,
		"modern": `{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{` + modernMeta + `}}`,
	} {
		answer := ask(t, s, raw)
		text, err := encode(answer)
		if err != nil || len(text) >= 8000 || answer["result"] == nil {
			t.Errorf("%s: %d bytes: %v", era, len(text), err)
		}
		t.Logf("%s: %d bytes", era, len(text))
	}
	if len(instructions) >= 2<<10 {
		t.Errorf("instructions of %d bytes", len(instructions))
	}
	for _, tool := range s.tools {
		if len(tool.about) >= 1<<10 {
			t.Errorf("%s: a description of %d bytes", tool.name, len(tool.about))
		}
	}
}

func TestTools_SayWhatTheyMayDo_AndReadOnlyMeansIt(t *testing.T) {
	name := regexp.MustCompile(`^[a-z_]{1,64}$`)
	for way, s := range both(t) {
		for _, tool := range s.tools {
			l := tool.listed()
			a := l.Annotations
			if a.ReadOnlyHint == nil || a.DestructiveHint == nil || a.IdempotentHint == nil || a.OpenWorldHint == nil {
				t.Errorf("%s%s: a hint is left open", way, tool.name)
			}
			if tool.hints.readOnly && tool.hints.destructive {
				t.Errorf("%s%s reads only and destroys", way, tool.name)
			}
			if way != "" && !tool.hints.readOnly {
				t.Errorf("%s%s is there and changes something", way, tool.name)
			}
			if !name.MatchString(tool.name) || tool.about == "" || !strings.HasPrefix(tool.example, tool.name+"(") {
				t.Errorf("%s%s: name, description or example", way, tool.name)
			}
		}
	}
}

// A schema with a fault is lost in silence by most of what reads it.
func TestSchemas_AreWholeAndPlain(t *testing.T) {
	for way, s := range both(t) {
		for _, tool := range s.tools {
			if len(tool.in.Properties) == 0 || tool.in.AdditionalProperties == nil {
				t.Errorf("%s%s takes anything", way, tool.name)
			}
			for _, schema := range []*jsonschema.Schema{tool.in, tool.out} {
				if _, err := schema.CloneSchemas().Resolve(nil); err != nil {
					t.Errorf("%s%s: %v", way, tool.name, err)
				}
				raw := string(written(schema))
				for _, bad := range []string{`null`, `s":true`, `"anyOf"`, `"oneOf"`, `"allOf"`, `"$ref"`} {
					if strings.Contains(raw, bad) {
						t.Errorf("%s%s: %s in %s", way, tool.name, bad, raw)
					}
				}
				if schema.Type != "object" {
					t.Errorf("%s%s: %s", way, tool.name, raw)
				}
			}
		}
	}
}

// A tool that cannot do something in read-only mode has no argument for it.
func TestReadOnly_HasNoArgumentThatChangesSomething(t *testing.T) {
	d := newSmall()
	s := serve(t, d, func(o *Options) { o.ReadOnly = true })
	for tool, arguments := range map[string]string{
		"create_ticket": `{"summary":"x"}`, "update_ticket": `{"ticket":"INTG-088","summary":"x"}`, "enqueue": `{"command":["true"]}`, "kill": `{"task":1}`,
		"factcheck": `{"ticket":"INTG-088","claims":[{"command":{"x":{"exec":["true"]}}}]}`,
		"workflow":  `{"ticket":"INTG-088","action":"check"}`,
	} {
		m := ask(t, s, fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":%q,"arguments":%s}}`, tool, arguments))
		result, _ := m["result"].(map[string]any)
		if m["error"] == nil && result["isError"] != true {
			t.Errorf("%s: %v", tool, m)
		}
	}
	for _, question := range []string{"create", "update", "enqueue", "kill", "claims", "workflow"} {
		if d.count(question) > 0 {
			t.Errorf("the daemon was asked: %s", question)
		}
	}
}

// Each answer has what its schema promises, for every tool and verdict.
func TestAnswers_HoldWhatTheirSchemaPromises(t *testing.T) {
	d := newSmall()
	d.tasks[1] = taskAtWork(1)
	d.end(1, "succeeded")
	d.fails["workflow"] = nil
	s := serve(t, d)
	for tool, arguments := range map[string]string{
		"create_ticket": `{"summary":"x"}`, "update_ticket": `{"ticket":"INTG-088","summary":"x"}`, "get_ticket": `{"ticket":"INTG-088"}`,
		"list_tickets": `{}`, "verify_update": `{"ticket":"INTG-088"}`, "factcheck": `{"ticket":"INTG-088"}`, "enqueue": `{"command":["true"]}`,
		"kill": `{"task":1}`, "status": `{}`, "logs": `{"task":1}`, "wait": `{"task":1}`,
	} {
		r := callTool(t, s, tool, arguments)
		if r.IsError {
			t.Errorf("%s: %v", tool, r.Content)
			continue
		}
		resolved, err := s.tools[tool].out.CloneSchemas().Resolve(nil)
		if err != nil {
			t.Fatal(err)
		}
		var v map[string]any
		raw, _ := json.Marshal(r.StructuredContent)
		if err := json.Unmarshal(raw, &v); err != nil {
			t.Fatal(err)
		}
		if err := resolved.Validate(v); err != nil {
			t.Errorf("%s: %v: %s", tool, err, raw)
		}
		if v["dashboard"] == nil {
			t.Errorf("%s: no link: %s", tool, raw)
		}
		if text := r.Content[0].(protocol.TextContent).Text; text != string(raw) && !sameJSON(text, string(raw)) {
			t.Errorf("%s: the text says something else:\n%s\n%s", tool, text, raw)
		}
	}
}

func sameJSON(a, b string) bool {
	var x, y any
	return json.Unmarshal([]byte(a), &x) == nil && json.Unmarshal([]byte(b), &y) == nil && cmp.Equal(x, y)
}

// callTool calls a tool as the library does.
func callTool(t testing.TB, s *Server, name, arguments string) *protocol.CallToolResult {
	t.Helper()
	return callAs(t.Context(), t, s, name, arguments, nil)
}

func callAs(ctx context.Context, t testing.TB, s *Server, name, arguments string, meta *protocol.Meta) *protocol.CallToolResult {
	t.Helper()
	r := protocol.CallToolRequest{Params: protocol.CallToolParams{Name: name, RawArguments: json.RawMessage(arguments), Meta: meta}}
	result, err := s.handler(s.tools[name])(ctx, r)
	if err != nil {
		t.Fatal(err) // it would be an error of the protocol, which a model does not see
	}
	return result
}

// told reads the object of an answer.
func object(t testing.TB, r *protocol.CallToolResult) map[string]any {
	t.Helper()
	if r.IsError {
		t.Fatalf("failed: %v", r.Content)
	}
	raw, err := json.Marshal(r.StructuredContent)
	var v map[string]any
	if err != nil || json.Unmarshal(raw, &v) != nil {
		t.Fatalf("%v: %s", err, raw)
	}
	return v
}

func failure(t testing.TB, r *protocol.CallToolResult) string {
	t.Helper()
	if !r.IsError || r.StructuredContent != nil {
		t.Fatalf("no failure: %+v", r)
	}
	return r.Content[0].(protocol.TextContent).Text
}
