package mcp

import (
	"context"
	"errors"

	protocol "github.com/mark3labs/mcp-go/mcp"

	"uratori/internal/fault"
)

// addPrompts offers the two moments at which an agent forgets most.
func (s *Server) addPrompts() {
	say := s.o.Lang.Say
	s.addPrompt("start_ticket", say("mcp.prompt.start"), func(ticket string) string { return say("mcp.prompt.start_text", "ticket", ticket) })
	s.addPrompt("finish_ticket", say("mcp.prompt.finish"), func(ticket string) string { return say("mcp.prompt.finish_text", "ticket", ticket) })
}

func (s *Server) addPrompt(name, about string, text func(ticket string) string) {
	argument := protocol.WithArgument("ticket", protocol.ArgumentDescription(s.o.Lang.Say("mcp.prompt.ticket")), protocol.RequiredArgument())
	s.core.AddPrompt(protocol.NewPrompt(name, protocol.WithPromptDescription(about), argument),
		func(_ context.Context, r protocol.GetPromptRequest) (*protocol.GetPromptResult, error) {
			ticket := harmless(r.Params.Arguments["ticket"], nil)
			const longest = 200
			if ticket == "" || len(ticket) > longest {
				return nil, errors.New(fault.Explain(fault.New(fault.Invalid, "mcp.prompt.no_ticket", "prompt", name), s.o.Lang))
			}
			return protocol.NewGetPromptResult(about, []protocol.PromptMessage{
				protocol.NewPromptMessage(protocol.RoleUser, protocol.NewTextContent(text(ticket))),
			}), nil
		})
}
