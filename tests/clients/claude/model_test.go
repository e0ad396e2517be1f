package claude_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// block is a part of a message of the model's API: a text, a use of a tool, or
// what came of it.
type block struct {
	Type    string         `json:"type"`
	Text    string         `json:"text,omitempty"`
	ID      string         `json:"id,omitempty"`
	Name    string         `json:"name,omitempty"`
	Input   jsontext.Value `json:"input,omitzero"`
	UseID   string         `json:"tool_use_id,omitempty"`
	IsError bool           `json:"is_error,omitzero"`
	Content content        `json:"content,omitempty"`
}

// content is a list of blocks, or a text alone.
type content []block

func (c *content) UnmarshalJSON(raw []byte) error {
	if jsontext.Value(raw).Kind() == '"' {
		var text string
		err := json.Unmarshal(raw, &text)
		*c = content{{Type: "text", Text: text}}
		return err
	}
	var list []block
	err := json.Unmarshal(raw, &list)
	*c = list
	return err
}

// text is all that is said in it.
func (c content) text() string {
	var b strings.Builder
	for _, one := range c {
		b.WriteString(one.Text + one.Content.text() + "\n")
	}
	return b.String()
}

type message struct {
	Role    string  `json:"role"`
	Content content `json:"content"`
}

// request is what Claude Code asks of the model.
type request struct {
	System   content   `json:"system"`
	Messages []message `json:"messages"`
	Tools    []struct {
		Name string `json:"name"`
	} `json:"tools"`
}

// last is what came after the model's last words.
func (r request) last() content {
	var all content
	for i := len(r.Messages) - 1; i >= 0 && r.Messages[i].Role != "assistant"; i-- {
		all = append(append(content{}, r.Messages[i].Content...), all...)
	}
	return all
}

// turn is what the model answers, given what it is told.
type turn func(r request) content

func says(text string) turn {
	return func(request) content { return content{{Type: "text", Text: text}} }
}

// uses has the model use a tool.
func uses(tool string, input map[string]any) turn {
	return func(r request) content {
		raw, err := json.Marshal(input, json.Deterministic(true))
		if err != nil {
			return content{{Type: "text", Text: err.Error()}}
		}
		return content{{Type: "tool_use", ID: fmt.Sprintf("toolu_%d", len(r.Messages)), Name: tool, Input: raw}}
	}
}

// model stands in for the model's API: it answers as it was told to, in the
// order of a script, and notes what it was asked.
type model struct {
	t      *testing.T
	server *httptest.Server

	mu     sync.Mutex
	script []turn
	asked  []request
	sent   int // messages; Claude Code takes two of one name for one
}

func newModel(t *testing.T, script ...turn) *model {
	t.Helper()
	m := &model{t: t, script: script}
	m.server = httptest.NewServer(http.HandlerFunc(m.serve))
	t.Cleanup(m.server.Close)
	return m
}

func (m *model) serve(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method == http.MethodPost && r.URL.Path == "/v1/messages":
		var q request
		if err := json.UnmarshalRead(r.Body, &q); err != nil {
			m.t.Errorf("a request of the model: %v", err)
			http.Error(w, "no JSON", http.StatusBadRequest)
			return
		}
		answer, n := m.answer(q)
		m.stream(w, fmt.Sprintf("msg_%d", n), answer)
	case r.Method == http.MethodPost && r.URL.Path == "/v1/messages/count_tokens":
		fmt.Fprint(w, `{"input_tokens":10}`)
	default:
		http.NotFound(w, r)
	}
}

// answer is the next turn of the script. A request without tools is none of the
// agent's own, such as one for a title.
func (m *model) answer(q request) (content, int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sent++
	if len(q.Tools) == 0 {
		return content{{Type: "text", Text: "a title"}}, m.sent
	}
	m.asked = append(m.asked, q)
	if len(m.script) == 0 {
		return content{{Type: "text", Text: overrun}}, m.sent
	}
	next := m.script[0]
	m.script = m.script[1:]
	return next(q), m.sent
}

// overrun is said when the model is asked more often than its script has turns.
const overrun = "the script is over"

// requests are what was asked so far.
func (m *model) requests() []request {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]request{}, m.asked...)
}

// stream sends an answer as the API does.
func (m *model) stream(w http.ResponseWriter, id string, blocks content) {
	w.Header().Set("Content-Type", "text/event-stream")
	send := func(event string, data any) {
		raw, err := json.Marshal(data, json.Deterministic(true))
		if err != nil {
			m.t.Error(err)
		}
		fmt.Fprintf(w, "event: %s\ndata: %s\n\n", event, raw)
	}
	type object = map[string]any
	send("message_start", object{"type": "message_start", "message": object{
		"id": id, "type": "message", "role": "assistant", "model": "claude-sonnet-4-5", "content": []any{}, "stop_reason": nil, "stop_sequence": nil,
		"usage": object{"input_tokens": 10, "output_tokens": 1},
	}})
	stop := "end_turn"
	for i, b := range blocks {
		start, delta := object{"type": "text", "text": ""}, object{"type": "text_delta", "text": b.Text}
		if b.Type == "tool_use" {
			stop = "tool_use"
			start, delta = object{"type": "tool_use", "id": b.ID, "name": b.Name, "input": object{}}, object{"type": "input_json_delta", "partial_json": string(b.Input)}
		}
		send("content_block_start", object{"type": "content_block_start", "index": i, "content_block": start})
		send("content_block_delta", object{"type": "content_block_delta", "index": i, "delta": delta})
		send("content_block_stop", object{"type": "content_block_stop", "index": i})
	}
	send("message_delta", object{"type": "message_delta", "delta": object{"stop_reason": stop, "stop_sequence": nil}, "usage": object{"output_tokens": 5}})
	send("message_stop", object{"type": "message_stop"})
}
