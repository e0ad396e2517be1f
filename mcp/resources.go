package mcp

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	protocol "github.com/mark3labs/mcp-go/mcp"

	"uratori/internal/control"
	"uratori/internal/fault"
)

// Where resources are. A ticket is read as a person would read it; reading it
// counts as reading, like get_ticket does.
const (
	ticketTemplate = "uratori://ticket/{id}"
	logTemplate    = "uratori://task/{id}/log"
)

func ticketURI(id string) string { return "uratori://ticket/" + url.PathEscape(id) }

func (s *Server) ticketLink(id string) *protocol.ResourceLink {
	if id == "" {
		return nil
	}
	l := protocol.NewResourceLink(ticketURI(id), id, s.o.Lang.Say("mcp.resource.ticket"), "text/plain")
	return &l
}

func (s *Server) logLink(task int64) *protocol.ResourceLink {
	l := protocol.NewResourceLink(logURI(task), fmt.Sprintf("task %d log", task), s.o.Lang.Say("mcp.resource.log"), "text/plain")
	return &l
}

// place is what a resource's URI names.
type place struct {
	ticket string
	task   int64
}

// parsePlace reads a URI; no other spelling of it is taken.
func parsePlace(uri string) (place, error) {
	bad := fault.New(fault.Invalid, "mcp.no_resource", "uri", bounded(uri), "ticket", ticketTemplate, "log", logTemplate)
	if rest, ok := strings.CutPrefix(uri, "uratori://ticket/"); ok {
		id, err := url.PathUnescape(rest)
		if err != nil || id == "" || ticketURI(id) != uri {
			return place{}, bad
		}
		return place{ticket: id}, nil
	}
	if rest, ok := strings.CutPrefix(uri, "uratori://task/"); ok {
		number, ok := strings.CutSuffix(rest, "/log")
		n, err := strconv.ParseInt(number, 10, 64)
		if ok && err == nil && n > 0 && logURI(n) == uri {
			return place{task: n}, nil
		}
	}
	return place{}, bad
}

func (s *Server) addResources() {
	say := s.o.Lang.Say
	s.core.AddResourceTemplate(protocol.NewResourceTemplate(ticketTemplate, "ticket",
		protocol.WithTemplateDescription(say("mcp.resource.ticket")), protocol.WithTemplateMIMEType("text/plain")), s.readResource)
	s.core.AddResourceTemplate(protocol.NewResourceTemplate(logTemplate, "task log",
		protocol.WithTemplateDescription(say("mcp.resource.log")), protocol.WithTemplateMIMEType("text/plain")), s.readResource)
}

// readResource reads either kind.
func (s *Server) readResource(ctx context.Context, r protocol.ReadResourceRequest) ([]protocol.ResourceContents, error) {
	text, err := s.readPlace(ctx, r.Params.URI)
	if err != nil {
		return nil, errors.New(fault.Explain(err, s.o.Lang))
	}
	return []protocol.ResourceContents{protocol.TextResourceContents{URI: r.Params.URI, MIMEType: "text/plain", Text: text}}, nil
}

func (s *Server) readPlace(ctx context.Context, uri string) (string, error) {
	p, err := parsePlace(uri)
	if err != nil {
		return "", err
	}
	say := s.o.Lang.Say
	if p.ticket == "" {
		text, err := s.wholeLog(ctx, p.task)
		return say("mcp.note.untrusted") + "\n\n" + text, err
	}
	t, err := s.ticket(ctx, p.ticket, s.reader(ctx))
	if err != nil {
		return "", err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n", t.Ticket, say("mcp.note.untrusted"))
	if t.Reason != "" {
		fmt.Fprintln(&b, t.Reason)
	}
	for _, f := range t.Fields {
		fmt.Fprintf(&b, "\n== %s (%s) ==\n%s\n", harmless(f.Column, nil), f.Field, harmless(f.Text, nil))
	}
	if t.Dashboard != "" {
		fmt.Fprintf(&b, "\n%s\n", t.Dashboard)
	}
	return b.String(), nil
}

// completions offers ids that begin as what was typed.
type completions struct{ s *Server }

// mostOffers is what the protocol allows.
const mostOffers = 100

// CompleteResourceArgument implements the server's interface.
func (c completions) CompleteResourceArgument(ctx context.Context, uri string, argument protocol.CompleteArgument, _ protocol.CompleteContext) (*protocol.Completion, error) {
	switch uri {
	case ticketTemplate:
		return c.tickets(ctx, argument.Value)
	case logTemplate:
		return c.tasks(ctx, argument.Value)
	}
	return &protocol.Completion{Values: []string{}}, nil
}

// CompletePromptArgument implements the server's interface.
func (c completions) CompletePromptArgument(ctx context.Context, _ string, argument protocol.CompleteArgument, _ protocol.CompleteContext) (*protocol.Completion, error) {
	if argument.Name != "ticket" {
		return &protocol.Completion{Values: []string{}}, nil
	}
	return c.tickets(ctx, argument.Value)
}

func (c completions) tickets(ctx context.Context, typed string) (*protocol.Completion, error) {
	offer := &protocol.Completion{Values: []string{}}
	var page control.TicketPage
	err := c.s.link.ask(ctx, func(d Daemon) (err error) {
		const some = 1000
		page, err = d.Tickets(ctx, control.TicketQuery{Text: typed, Limit: some})
		return err
	})
	if err != nil {
		return offer, errors.New(fault.Explain(err, c.s.o.Lang))
	}
	for i := len(page.Tickets) - 1; i >= 0; i-- { // the newest are below
		if id := page.Tickets[i].Ticket; strings.HasPrefix(strings.ToLower(id), strings.ToLower(typed)) {
			offer.Total++
			if len(offer.Values) < mostOffers {
				offer.Values = append(offer.Values, id)
			}
		}
	}
	offer.HasMore = offer.Total > len(offer.Values) || page.Next != ""
	return offer, nil
}

func (c completions) tasks(ctx context.Context, typed string) (*protocol.Completion, error) {
	offer := &protocol.Completion{Values: []string{}}
	var page control.TaskPage
	err := c.s.link.ask(ctx, func(d Daemon) (err error) {
		page, err = d.Tasks(ctx, control.TaskQuery{Limit: mostOffers})
		return err
	})
	if err != nil {
		return offer, errors.New(fault.Explain(err, c.s.o.Lang))
	}
	for _, t := range page.Tasks {
		if id := strconv.FormatInt(t.Task, 10); strings.HasPrefix(id, typed) {
			offer.Values = append(offer.Values, id)
		}
	}
	offer.Total, offer.HasMore = len(offer.Values), page.Next > 0
	return offer, nil
}
