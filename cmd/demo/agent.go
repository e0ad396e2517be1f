package demo

import (
	"context"
	"fmt"
	"maps"
	"os/exec"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/client/transport"
	protocol "github.com/mark3labs/mcp-go/mcp"
)

// agent speaks to `uratori mcp` over stdio, as the client of an AI agent does.
// What it says is the demo's script; what it is answered is the daemon's.
type agent struct{ client *client.Client }

// hire starts the server and says hello to it.
func (d *demo) hire(ctx context.Context) error {
	way := transport.NewStdioWithOptions(d.program, nil, nil, transport.WithCommandFunc(func(context.Context, string, []string, []string) (*exec.Cmd, error) {
		// It is ended by closing its stdin, and not with ctx: the library waits for it.
		cmd := d.command(context.WithoutCancel(ctx), d.home, "mcp")
		cmd.Env = append(cmd.Env, "CLAUDE_PROJECT_DIR="+d.project)
		return cmd, nil
	}))
	c := client.NewClient(way)
	if err := c.Start(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	d.agent = &agent{c}
	var hello protocol.InitializeRequest
	hello.Params.ProtocolVersion = protocol.LATEST_PROTOCOL_VERSION
	hello.Params.ClientInfo = protocol.Implementation{Name: "uratori demo", Version: d.build.Version}
	_, err := c.Initialize(ctx, hello)
	return err
}

// leave ends the server.
func (a *agent) leave() error {
	if a == nil {
		return nil
	}
	return a.client.Close()
}

// call calls a tool and reads its answer. A tool that refuses says so in
// words, which are returned.
func call[T any](ctx context.Context, d *demo, tool string, arguments map[string]any) (answer T, refused string, err error) {
	if d.agent == nil {
		if err := d.hire(ctx); err != nil {
			return answer, "", err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	d.print("  ● " + spoken(tool, arguments))
	var r protocol.CallToolRequest
	r.Params.Name, r.Params.Arguments = tool, arguments
	result, err := d.agent.client.CallTool(ctx, r)
	if err != nil {
		return answer, "", fmt.Errorf("%s: %w", tool, err)
	}
	if result.IsError {
		for _, content := range result.Content {
			if text, ok := content.(protocol.TextContent); ok {
				refused += text.Text
			}
		}
		return answer, refused, nil
	}
	raw, err := json.Marshal(result.StructuredContent)
	if err != nil {
		return answer, "", err
	}
	err = json.Unmarshal(raw, &answer)
	return answer, "", err
}

// must calls a tool that is not to refuse.
func must[T any](ctx context.Context, d *demo, tool string, arguments map[string]any) (T, error) {
	answer, refused, err := call[T](ctx, d, tool, arguments)
	if err == nil && refused != "" {
		err = fmt.Errorf("%s: %s", tool, refused)
	}
	return answer, err
}

// spoken is a call on one line.
func spoken(tool string, arguments map[string]any) string {
	var words []string
	for _, name := range slices.Sorted(maps.Keys(arguments)) {
		words = append(words, name+": "+brief(arguments[name]))
	}
	return tool + "(" + strings.Join(words, ", ") + ")"
}

func brief(v any) string {
	text, ok := v.(string)
	if !ok {
		raw, err := json.Marshal(v, json.Deterministic(true))
		if err != nil {
			return "…"
		}
		text = string(raw)
	}
	const longest = 40
	line, _, more := strings.Cut(text, "\n")
	r := []rune(line)
	if len(r) > longest {
		r, more = r[:longest], true
	}
	if more {
		return string(r) + "…"
	}
	return string(r)
}
