package npm_test

import (
	"bufio"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"uratori/tests/house"
)

// sdk is the TypeScript client, in a process that lives as long as its test.
type sdk struct {
	t   *testing.T
	in  io.WriteCloser
	out *bufio.Reader
}

// problem is what the client says when it does not get what it wants.
type problem struct {
	Code    any    `json:"code"`
	Message string `json:"message"`
	Data    any    `json:"data"`
}

// startSDK starts the client, which connects. It must end well after the test.
func startSDK(t *testing.T, cmd *exec.Cmd) *sdk {
	t.Helper()
	cmd.Stderr = t.Output()
	cmd.WaitDelay = 10 * time.Second
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return &sdk{t: t, in: in, out: bufio.NewReader(out)}
}

func sdkOverStdio(s *site) *exec.Cmd {
	cmd := s.node("sdk.mjs", modules, "stdio", s.Program, "mcp")
	environ := map[string]string{}
	for _, v := range s.environ() {
		name, value, _ := strings.Cut(v, "=")
		environ[name] = value
	}
	raw, err := json.Marshal(environ)
	if err != nil {
		s.t.Fatal(err)
	}
	cmd.Env = append(cmd.Env, "SERVER_ENV="+string(raw))
	return cmd
}

func sdkOverHTTP(s *site) *exec.Cmd {
	address, token := s.face()
	cmd := s.node("sdk.mjs", modules, "http", address)
	cmd.Env = append(cmd.Env, "TOKEN="+token)
	return cmd
}

// ask has the client do something.
func (c *sdk) ask(command string, params, into any) *problem {
	c.t.Helper()
	line, err := json.Marshal(map[string]any{"command": command, "params": params})
	if err == nil {
		_, err = c.in.Write(append(line, '\n'))
	}
	var said string
	if err == nil {
		said, err = c.out.ReadString('\n')
	}
	var a struct {
		Result jsontext.Value `json:"result"`
		Error  *problem       `json:"error"`
	}
	if err == nil {
		err = json.Unmarshal([]byte(said), &a)
	}
	if err == nil && a.Error == nil && into != nil {
		err = json.Unmarshal(a.Result, into)
	}
	if err != nil {
		c.t.Fatalf("%s: %v: %s", command, err, said)
	}
	return a.Error
}

// must has the client do something that succeeds.
func (c *sdk) must(command string, params, into any) {
	c.t.Helper()
	if p := c.ask(command, params, into); p != nil {
		c.t.Fatalf("%s %v: %+v", command, params, *p)
	}
}

func (c *sdk) tools() []tool {
	c.t.Helper()
	var list struct {
		Tools []tool `json:"tools"`
	}
	c.must("tools", nil, &list)
	return list.Tools
}

func (c *sdk) call(tool string, arguments map[string]any) (a answer) {
	c.t.Helper()
	c.must("call", map[string]any{"name": tool, "arguments": arguments}, &a)
	return a
}

func (c *sdk) read(uri string) string {
	c.t.Helper()
	var r struct {
		Contents []block `json:"contents"`
	}
	c.must("read", map[string]any{"uri": uri}, &r)
	return texts(r.Contents)
}

// seen is what came without being asked for.
type seen struct {
	Progress int      `json:"progress"`
	Updates  []string `json:"updates"`
	Faults   []string `json:"faults"`
}

func (c *sdk) seen() (s seen) {
	c.t.Helper()
	c.must("seen", nil, &s)
	return s
}

func TestSDK_LivesThroughATicket_OverStdioAndHTTP(t *testing.T) {
	t.Parallel()
	for way, command := range map[string]func(*site) *exec.Cmd{"stdio": sdkOverStdio, "HTTP": sdkOverHTTP} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			cmd := command(s)
			c := startSDK(t, cmd)
			var hello struct {
				Server struct {
					Name    string `json:"name"`
					Version string `json:"version"`
				} `json:"server"`
				Instructions string `json:"instructions"`
			}
			c.must("hello", nil, &hello)
			if hello.Server.Name != "uratori" || hello.Server.Version != "1.0.0-test" || hello.Instructions == "" {
				t.Errorf("%+v", hello)
			}
			w := newWitness(t, c)
			ticket := w.ticket(s)
			w.pages(s)
			w.work(s, ticket)
			if n := c.seen().Progress; n == 0 {
				t.Error("no progress was told")
			}
			besidesTools(w, s, c, ticket)
			if f := c.seen().Faults; len(f) > 0 {
				t.Errorf("the client complains: %q", f)
			}
			if err := c.in.Close(); err != nil {
				t.Error(err)
			}
			if err := cmd.Wait(); err != nil {
				t.Error(err)
			}
		})
	}
}

// named is one of the things that a server lists.
type named struct {
	Name string `json:"name"`
}

// besidesTools asks for all that is there beside tools.
func besidesTools(w *witness, s *site, c *sdk, ticket string) {
	t := w.t
	t.Helper()
	var list struct {
		Prompts           []named `json:"prompts"`
		ResourceTemplates []named `json:"resourceTemplates"`
	}
	c.must("prompts", nil, &list)
	c.must("templates", nil, &list)
	if len(list.Prompts) != 2 || len(list.ResourceTemplates) != 2 {
		t.Errorf("%+v", list)
	}
	for _, p := range list.Prompts {
		var said struct {
			Messages []any `json:"messages"`
		}
		c.must("prompt", map[string]any{"name": p.Name, "arguments": map[string]string{"ticket": ticket}}, &said)
		if text := fmt.Sprint(said.Messages); !strings.Contains(text, ticket) {
			t.Errorf("%s: %s", p.Name, text)
		}
	}
	var offer struct {
		Completion struct {
			Values []string `json:"values"`
		} `json:"completion"`
	}
	typed := map[string]string{"name": "id", "value": ticket[:6]}
	c.must("complete", map[string]any{"ref": map[string]string{"type": "ref/resource", "uri": "uratori://ticket/{id}"}, "argument": typed}, &offer)
	if !slices.Contains(offer.Completion.Values, ticket) {
		t.Errorf("%q", offer.Completion.Values)
	}
	if p := c.ask("call", map[string]any{"name": "approve", "arguments": map[string]any{}}, nil); p == nil || p.Code != -32602.0 {
		t.Errorf("a tool that approves: %+v", p)
	}
	if p := c.ask("subscribe", map[string]any{"uri": "file:///etc/passwd"}, nil); p == nil || p.Code != -32002.0 {
		t.Errorf("a resource that is none of ours: %+v", p)
	}
	if p := c.ask("read", map[string]any{"uri": "file:///etc/passwd"}, nil); p == nil || p.Code != -32002.0 {
		t.Errorf("a resource that is none of ours: %+v", p)
	}

	// Somebody else changes the ticket: whoever asked to be told is told.
	uri := "uratori://ticket/" + ticket
	c.must("subscribe", map[string]any{"uri": uri}, nil)
	s.Must("ticket", "update", ticket, "--detail", "また変わった")
	house.Until(t, "news of the ticket", func() bool { return slices.Contains(c.seen().Updates, uri) })

	// A wait that is given up is over, and the next call is answered.
	running := w.must("enqueue", map[string]any{"cwd": s.project, "command": []string{"sleep", "1000"}, "retries": 0})["task"]
	var gone struct {
		Cancelled bool `json:"cancelled"`
	}
	c.must("cancel", map[string]any{"name": "wait", "arguments": map[string]any{"task": running, "timeout": "1m"}}, &gone)
	if !gone.Cancelled {
		t.Error("the call was not given up")
	}
	w.is(w.must("kill", map[string]any{"task": running}), "verdict", "verified")
}
