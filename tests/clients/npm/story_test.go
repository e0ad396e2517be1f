package npm_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/jsonschema-go/jsonschema"

	"uratori/tests/house"
)

// tool is a tool as a client got to know it.
type tool struct {
	Name         string         `json:"name"`
	Description  string         `json:"description"`
	InputSchema  jsontext.Value `json:"inputSchema"`
	OutputSchema jsontext.Value `json:"outputSchema"`
}

// block is a part of an answer.
type block struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

// answer is what a tool's call came to.
type answer struct {
	Structured jsontext.Value `json:"structuredContent"`
	Content    []block        `json:"content"`
	IsError    bool           `json:"isError"`
}

// client is a program of somebody else's, as it is.
type client interface {
	tools() []tool
	call(tool string, arguments map[string]any) answer
	read(uri string) string
}

// witness calls tools through a client, and holds every answer against what the tool promised. The client's own check
// is its own; this one sees that the promise itself is one.
type witness struct {
	t       *testing.T
	client  client
	schemas map[string]*jsonschema.Resolved
}

func newWitness(t *testing.T, c client) *witness {
	t.Helper()
	w := &witness{t: t, client: c, schemas: map[string]*jsonschema.Resolved{}}
	for _, tool := range c.tools() {
		var s jsonschema.Schema
		if err := json.Unmarshal(tool.OutputSchema, &s); err != nil {
			t.Fatalf("%s: %v", tool.Name, err)
		}
		resolved, err := s.Resolve(nil)
		if err != nil {
			t.Fatalf("%s: %v", tool.Name, err)
		}
		w.schemas[tool.Name] = resolved
	}
	twelve := []string{
		"create_ticket", "enqueue", "factcheck", "get_ticket", "kill", "list_tickets", "logs", "status", "update_ticket", "verify_update", "wait", "workflow",
	}
	if names := slices.Sorted(maps.Keys(w.schemas)); !slices.Equal(names, twelve) {
		t.Errorf("tools: %q", names)
	}
	return w
}

// must calls a tool that answers with what it promised, and with a link for the person.
func (w *witness) must(tool string, arguments map[string]any) map[string]any {
	w.t.Helper()
	a := w.client.call(tool, arguments)
	if a.IsError {
		w.t.Fatalf("%s%v: %s", tool, arguments, texts(a.Content))
	}
	var v map[string]any
	if err := json.Unmarshal(a.Structured, &v); err != nil {
		w.t.Fatalf("%s%v: %v: %s", tool, arguments, err, a.Structured)
	}
	if err := w.schemas[tool].Validate(v); err != nil {
		w.t.Errorf("%s does not answer as it promised: %v\n%s", tool, err, a.Structured)
	}
	var copied any
	if err := json.Unmarshal([]byte(texts(a.Content)), &copied); err != nil || fmt.Sprint(copied) != fmt.Sprint(any(v)) {
		w.t.Errorf("%s: the text says something else: %v\n%s\n%s", tool, err, texts(a.Content), a.Structured)
	}
	if link, _ := v["dashboard"].(string); !strings.HasPrefix(link, "http://127.0.0.1:") {
		w.t.Errorf("%s: no link for the person: %s", tool, a.Structured)
	}
	return v
}

// refused calls a tool that fails, and returns what it says.
func (w *witness) refused(tool string, arguments map[string]any) string {
	w.t.Helper()
	a := w.client.call(tool, arguments)
	if !a.IsError || a.Structured != nil {
		w.t.Errorf("%s%v did not fail: %s", tool, arguments, a.Structured)
	}
	return texts(a.Content)
}

// is complains where a member is not what it should be.
func (w *witness) is(v map[string]any, name string, want any) {
	w.t.Helper()
	if fmt.Sprint(v[name]) != fmt.Sprint(want) {
		w.t.Errorf("%s is %v, not %v: %v", name, v[name], want, v)
	}
}

// ticket is the life of a ticket in the sheet. It returns the ticket.
func (w *witness) ticket(s *site) string {
	w.t.Helper()
	const detail = "■ 目的\n=SUM(A1)\n-先頭\n'引用 \"二重\" \\ 🎊"
	v := w.must("create_ticket", map[string]any{"summary": "抽出の自動化", "detail": detail})
	w.is(v, "verdict", "verified")
	ticket, _ := v["ticket"].(string)
	v = w.must("get_ticket", map[string]any{"ticket": ticket, "fields": []string{"detail"}})
	w.is(v, "untrusted", true)
	if !strings.Contains(fmt.Sprint(v["fields"]), detail) {
		w.t.Errorf("not what was filed: %v", v)
	}
	w.is(w.must("update_ticket", map[string]any{"ticket": ticket, "detail": detail + "\n追記"}), "verdict", "verified")
	w.is(w.must("verify_update", map[string]any{"ticket": ticket}), "verdict", "verified")

	// A person changes the text afterwards: nobody who has not read it writes over it.
	s.Must("ticket", "update", ticket, "--detail", "人が書いた")
	v = w.must("update_ticket", map[string]any{"ticket": ticket, "detail": "agent"})
	w.is(v, "conflict", true)
	w.is(v, "verdict", "refuted")
	if text := w.client.read("uratori://ticket/" + ticket); !strings.Contains(text, "人が書いた") {
		w.t.Errorf("the person's text is gone:\n%s", text)
	}
	if said := w.refused("get_ticket", map[string]any{"ticket": strings.Replace(ticket, "-00", "-", 1)}); !strings.Contains(said, "did you mean "+ticket) {
		w.t.Error(said)
	}
	return ticket
}

// pages lists tickets a page at a time.
func (w *witness) pages(s *site) {
	w.t.Helper()
	s.Must("ticket", "create", "--summary", "二つ目")
	var found []any
	arguments := map[string]any{"limit": 1}
	for len(found) < 3 {
		v := w.must("list_tickets", arguments)
		w.is(v, "total", 2)
		list, _ := v["tickets"].([]any)
		found = append(found, list...)
		if arguments["cursor"] = v["next_cursor"]; arguments["cursor"] == nil {
			break
		}
	}
	if ids := fmt.Sprint(found); len(found) != 2 || !strings.Contains(ids, "INTG-001") || !strings.Contains(ids, "INTG-002") {
		w.t.Errorf("%d tickets: %s", len(found), ids)
	}
}

// work queues a real command, waits for it, reads what it said, and ends another.
func (w *witness) work(s *site, ticket string) {
	w.t.Helper()
	v := w.must("enqueue", map[string]any{
		"ticket": ticket, "name": "extract", "cwd": s.project, "retries": 0,
		"command": []string{"sh", "-c", `echo begun; until [ -e go ]; do sleep 0.02; done; printf '\033[31m完了\033[0m\n'`},
	})
	task := v["task"]
	w.is(w.must("wait", map[string]any{"task": task, "timeout": "2s"}), "ended", false)
	s.write("go")
	v = w.must("wait", map[string]any{"task": task, "timeout": "1m"})
	w.is(v, "ended", true)
	w.is(v, "state", "succeeded")
	v = w.must("logs", map[string]any{"task": task})
	w.is(v, "stdout", "begun\n完了\n")
	w.is(v, "untrusted", true)

	second := w.must("enqueue", map[string]any{"ticket": ticket, "cwd": s.project, "command": []string{"sleep", "1000"}, "retries": 0})["task"]
	house.Until(w.t, "the second task at work", func() bool {
		list, _ := w.must("status", map[string]any{"task": second})["tasks"].([]any)
		only, _ := list[0].(map[string]any)
		return len(list) == 1 && only["state"] == "running"
	})
	v = w.must("kill", map[string]any{"task": second})
	w.is(v, "verdict", "verified")
	w.is(v, "survivors", []any{})
	w.is(v, "state", "killed")
}
