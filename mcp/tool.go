package mcp

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime/debug"

	"github.com/google/jsonschema-go/jsonschema"
	protocol "github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"uratori/internal/fault"
)

// tool is one of the twelve.
type tool struct {
	name, about string
	in, out     *jsonschema.Schema
	hints       hints
	hot         bool // its schema is put before the model from the start
	example     string
	do          func(ctx context.Context, c call) (answer, error)
}

// hints say what a call may do. All four are always said: what is not said is
// taken for the worst.
type hints struct{ readOnly, destructive, idempotent, openWorld bool }

// call is one call of a tool.
type call struct {
	*tool
	raw  []byte
	meta *protocol.Meta
	seen *subject
}

// subject is what a call is about, for the telling of its failure.
type subject struct {
	ticket string
	task   int64
	action string
	runs   bool // claims were to be looked at, which may run commands
}

// read takes the arguments into v.
func (c call) read(v any) error { return read(c.raw, c.in, v) }

// catalogue is the list of tools in the order of their kind.
func (s *Server) catalogue() []*tool {
	all := []*tool{s.getTicket(), s.listTickets(), s.verifyUpdate(), s.factcheck(), s.status(), s.logs(), s.wait(), s.workflow()}
	if !s.o.ReadOnly {
		all = append(all, s.createTicket(), s.updateTicket(), s.enqueue(), s.kill())
	}
	return all
}

// alwaysLoad has Claude Code show a tool's schema without a search.
const alwaysLoad = "anthropic/alwaysLoad"

func (t *tool) listed() protocol.Tool {
	listed := protocol.NewToolWithRawSchema(t.name, t.about, written(t.in))
	listed.RawOutputSchema = written(t.out)
	listed.Annotations = protocol.ToolAnnotation{
		ReadOnlyHint: &t.hints.readOnly, DestructiveHint: &t.hints.destructive, IdempotentHint: &t.hints.idempotent, OpenWorldHint: &t.hints.openWorld,
	}
	if t.hot {
		listed.Meta = protocol.NewMetaFromMap(map[string]any{alwaysLoad: true})
	}
	return listed
}

// handler answers calls of a tool. Whatever goes wrong is an answer too.
func (s *Server) handler(t *tool) server.ToolHandlerFunc {
	return func(ctx context.Context, r protocol.CallToolRequest) (result *protocol.CallToolResult, _ error) {
		c := call{tool: t, meta: r.Params.Meta, raw: r.Params.RawArguments, seen: &subject{}}
		defer func() {
			if v := recover(); v != nil {
				s.o.Log.Error("a tool panicked", "tool", t.name, "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
				result = s.failed(ctx, c, errPanicked)
			}
		}()
		if c.raw == nil && r.Params.Arguments != nil {
			raw, err := json.Marshal(r.Params.Arguments)
			if err != nil {
				return s.failed(ctx, c, fault.New(fault.Invalid, "mcp.arg.not_json").Wrap(err)), nil
			}
			c.raw = raw
		}
		a, err := t.do(ctx, c)
		if err == nil {
			result, err = s.result(a)
		}
		if err != nil {
			return s.failed(ctx, c, err), nil
		}
		return result, nil
	}
}
