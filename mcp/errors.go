package mcp

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	protocol "github.com/mark3labs/mcp-go/mcp"

	"uratori/internal/control"
	"uratori/internal/fault"
)

// failed tells a failure in five parts: what failed, why, how things stand
// now, which call to make next, and the link for the person. It is all that a
// model sees of it.
func (s *Server) failed(ctx context.Context, c call, err error) *protocol.CallToolResult {
	say := s.o.Lang.Say
	text := strings.Join([]string{
		say("mcp.failed.what", "tool", c.name, "why", harmless(fault.Explain(err, s.o.Lang), nil)),
		say("mcp.failed.now", "state", s.stands(c, err)),
		say("mcp.failed.next", "next", s.after(ctx, c, err)),
	}, "\n")
	const longest = 4000
	if list := []rune(text); len(list) > longest {
		text = string(list[:longest]) + "…"
	}
	if page := s.page(ctx, err); page != "" {
		text += "\n" + say("mcp.failed.dashboard", "link", page)
	}
	return protocol.NewToolResultError(text)
}

// page is where a person sees everything, empty while nothing is served there.
func (s *Server) page(ctx context.Context, err error) string {
	for _, away := range []error{control.ErrNotRunning, control.ErrStart, control.ErrOtherVersion, control.ErrUnreachable, errPanicked} {
		if errors.Is(err, away) {
			return ""
		}
	}
	ctx, cancel := context.WithTimeout(ctx, hintLimit)
	defer cancel()
	var st control.Status
	if s.link.ask(ctx, func(d Daemon) (err error) {
		st, err = d.Status(ctx)
		return err
	}) != nil {
		return ""
	}
	return st.Dashboard
}

// missing is the fault of a daemon that does not know a question.
var errMissing = fault.New(fault.NotFound, "daemon.no_such_request")

// errNotYet is the fault of a step whose turn has not come.
var errNotYet = fault.New(fault.Failed, "workflow.not_yet")

// errPanicked is a fault of our own, about which nobody is asked again.
var errPanicked = fault.New(fault.Failed, "mcp.panicked")

// changes tells whether a call would have changed something.
func changes(c call) bool {
	if c.name == "workflow" {
		return c.seen.action != "" && c.seen.action != "show"
	}
	return !c.hints.readOnly && c.name != "factcheck"
}

// stands is how things stand after a failure.
func (s *Server) stands(c call, err error) string {
	f, _ := errors.AsType[*fault.Error](err)
	switch {
	case !c.hints.readOnly && f != nil && strings.HasPrefix(f.Key, "mcp.arg."):
		return s.o.Lang.Say("mcp.state.nothing") // whatever was wanted, nobody was asked
	case c.seen.runs && (isOpen(err) || fault.KindOf(err) == fault.Failed):
		return s.o.Lang.Say("mcp.state.ran")
	case c.seen.runs:
		return s.o.Lang.Say("mcp.state.nothing")
	case !changes(c):
		return s.o.Lang.Say("mcp.state.read")
	case errors.Is(err, control.ErrNotRunning), errors.Is(err, control.ErrStart), errors.Is(err, control.ErrOtherVersion):
		return s.o.Lang.Say("mcp.state.unsent")
	case errors.Is(err, errNotYet):
		return s.o.Lang.Say("mcp.state.nothing")
	case isOpen(err), errors.Is(err, errPanicked), fault.KindOf(err) == fault.Failed:
		return s.o.Lang.Say("mcp.state.open")
	}
	return s.o.Lang.Say("mcp.state.nothing")
}

// after is the call to make next.
func (s *Server) after(ctx context.Context, c call, err error) string {
	say := s.o.Lang.Say
	kind := fault.KindOf(err)
	f, _ := errors.AsType[*fault.Error](err)
	switch {
	case errors.Is(err, errMissing):
		return say("mcp.next.missing", "tool", c.name)
	case errors.Is(err, control.ErrNotRunning), errors.Is(err, control.ErrStart):
		return say("mcp.next.doctor")
	case errors.Is(err, control.ErrOtherVersion):
		return say("mcp.next.down")
	case isOpen(err) && changes(c):
		return say("mcp.next.look", "call", looks(c))
	case isOpen(err), kind == fault.Unavailable:
		return say("mcp.next.later", "tool", c.name)
	case f != nil && strings.HasPrefix(f.Key, "mcp.arg."), kind == fault.Invalid:
		return say("mcp.next.correct", "example", c.example)
	case kind == fault.NotFound && f != nil && strings.HasPrefix(f.Key, "task.") && f.Key != "task.no_ticket":
		return s.nearTasks(ctx)
	case kind == fault.NotFound && c.seen.ticket != "":
		return s.nearTickets(ctx, c.seen.ticket)
	case kind == fault.Conflict && c.seen.ticket != "" && c.name != "workflow":
		return say("mcp.next.read", "call", fmt.Sprintf("get_ticket(ticket=%q)", c.seen.ticket))
	case c.name == "workflow" && c.seen.ticket != "" && c.seen.action != "" && c.seen.action != "show":
		return say("mcp.next.show", "call", fmt.Sprintf("workflow(ticket=%q)", c.seen.ticket))
	}
	return say("mcp.next.status")
}

// looks is the call that shows whether a lost request was done.
func looks(c call) string {
	switch {
	case c.name == "create_ticket" && c.seen.ticket == "":
		return "list_tickets()"
	case c.name == "create_ticket", c.name == "update_ticket":
		return fmt.Sprintf("verify_update(ticket=%q)", c.seen.ticket)
	case c.name == "workflow":
		return fmt.Sprintf("workflow(ticket=%q)", c.seen.ticket)
	case c.seen.task != 0:
		return fmt.Sprintf("status(task=%d)", c.seen.task)
	}
	return "status()"
}

// hintLimit bounds the look for what may have been meant; a failure is told
// without it when that takes longer.
const hintLimit = 2 * time.Second

var digits = regexp.MustCompile(`[0-9]+`)

// nearTickets names tickets that may have been meant.
func (s *Server) nearTickets(ctx context.Context, ticket string) string {
	ctx, cancel := context.WithTimeout(ctx, hintLimit)
	defer cancel()
	part := bounded(ticket)
	if numbers := digits.FindAllString(part, -1); len(numbers) > 0 {
		part = strings.TrimLeft(numbers[len(numbers)-1], "0")
	}
	var page control.TicketPage
	err := s.link.ask(ctx, func(d Daemon) (err error) {
		const some = 50
		page, err = d.Tickets(ctx, control.TicketQuery{Text: part, Limit: some})
		return err
	})
	var near []string
	for _, t := range page.Tickets {
		if strings.Contains(strings.ToLower(t.Ticket), strings.ToLower(part)) {
			near = append(near, bounded(t.Ticket))
		}
	}
	if near = closest(ticket, near); err != nil || len(near) == 0 {
		return s.o.Lang.Say("mcp.next.list_tickets")
	}
	const most = 3
	return s.o.Lang.Say("mcp.next.near_tickets", "near", strings.Join(near[:min(most, len(near))], ", "))
}

// nearTasks names the tasks that there are.
func (s *Server) nearTasks(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, hintLimit)
	defer cancel()
	var page control.TaskPage
	err := s.link.ask(ctx, func(d Daemon) (err error) {
		const some = 10
		page, err = d.Tasks(ctx, control.TaskQuery{Limit: some})
		return err
	})
	if err != nil || len(page.Tasks) == 0 {
		return s.o.Lang.Say("mcp.next.no_tasks")
	}
	slices.SortFunc(page.Tasks, func(a, b control.Task) int { return int(b.Task - a.Task) })
	var near []string
	for _, t := range page.Tasks {
		near = append(near, strconv.FormatInt(t.Task, 10)+" ("+bounded(t.Name)+")")
	}
	return s.o.Lang.Say("mcp.next.near_tasks", "near", strings.Join(near, ", "))
}
