package adversary

import (
	"bufio"
	"errors"
	"io"
	"os/exec"
	"sync"
	"testing"

	"github.com/go-json-experiment/json"
)

// server is `uratori mcp` over stdio, asked line by line as agents do.
type server struct {
	mu   sync.Mutex
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *bufio.Reader
	last int
}

// mcp starts the server, once for a play.
func (p *play) mcp() *server {
	p.t.Helper()
	if p.server != nil {
		return p.server
	}
	cmd := p.Command("mcp")
	cmd.Dir, cmd.Env = p.root, append(cmd.Env, "CLAUDE_PROJECT_DIR="+p.root)
	in, err := cmd.StdinPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.server = &server{cmd: cmd, in: in, out: bufio.NewReaderSize(out, 1<<20)}
	p.t.Cleanup(func() { p.server.close(p.t) })
	p.request("initialize", map[string]any{
		"protocolVersion": "2025-06-18", "capabilities": map[string]any{"elicitation": map[string]any{}}, "clientInfo": map[string]any{"name": "adversary", "version": "1"},
	})
	return p.server
}

func (s *server) close(t *testing.T) {
	if err := errors.Join(s.in.Close(), s.cmd.Wait()); err != nil && t.Context().Err() == nil {
		t.Errorf("uratori mcp: %v", err)
	}
}

// request sends one request and returns its answer.
func (p *play) request(method string, params any) map[string]any {
	p.t.Helper()
	s := p.mcp()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last++
	raw, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": s.last, "method": method, "params": params})
	if err != nil {
		p.t.Fatal(err)
	}
	if _, err := s.in.Write(append(raw, '\n')); err != nil {
		p.t.Fatalf("the server is gone: %v", err)
	}
	for {
		line, err := s.out.ReadBytes('\n')
		if err != nil {
			p.t.Fatalf("the server is gone: %v", err)
		}
		var answer map[string]any
		if err := json.Unmarshal(line, &answer); err != nil {
			p.t.Fatalf("%v: %.200s", err, line)
		}
		if id, ok := answer["id"].(float64); !ok || int(id) != s.last {
			if _, asks := answer["method"]; asks && answer["id"] != nil {
				p.t.Errorf("the server asks its client: %.200s", line) // an answer would be the agent's
			}
			continue
		}
		p.hear(string(line))
		return answer
	}
}

// tool calls a tool; failed is what it says when it fails.
func (p *play) tool(name string, arguments map[string]any) (found map[string]any, failed string) {
	p.t.Helper()
	answer := p.request("tools/call", map[string]any{"name": name, "arguments": arguments})
	if e, ok := answer["error"].(map[string]any); ok {
		text, _ := e["message"].(string)
		return nil, text
	}
	result, _ := answer["result"].(map[string]any)
	if bad, _ := result["isError"].(bool); bad {
		content, _ := result["content"].([]any)
		first, _ := content[0].(map[string]any)
		text, _ := first["text"].(string)
		return nil, text
	}
	found, _ = result["structuredContent"].(map[string]any)
	return found, ""
}
