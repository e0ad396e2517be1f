package mcp

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/internal/ledger"
)

type createArgs struct {
	Summary   *string           `json:"summary,omitempty" jsonschema:"概要, one line"`
	Detail    *string           `json:"detail,omitempty" jsonschema:"詳細, stored to the letter"`
	Fields    map[string]string `json:"fields,omitempty" jsonschema:"other columns by name"`
	Ticket    string            `json:"ticket,omitempty" jsonschema:"default: the next free id"`
	Workspace string            `json:"workspace,omitempty" jsonschema:"folder, if the person named one"`
}

func (s *Server) createTicket() *tool {
	return &tool{
		name: "create_ticket", about: "File a ticket; read back and judged. Starts nothing.",
		in: input[createArgs](), out: output[control.Write]("ticket", "verdict", "fields"),
		hints:   hints{openWorld: true},
		example: `create_ticket(summary="…", detail="…")`,
		do: func(ctx context.Context, c call) (answer, error) {
			var a createArgs
			if err := c.read(&a); err != nil {
				return answer{}, err
			}
			c.seen.ticket = a.Ticket
			fields, err := texts(a.Summary, a.Detail, a.Fields)
			if err != nil {
				return answer{}, err
			}
			r := control.CreateTicket{Ticket: a.Ticket, Fields: fields, Workspace: a.Workspace, Project: s.o.Folder, Key: s.key(ctx, c.name, c.meta), Reader: s.reader(ctx)}
			return s.written(ctx, true, func(d Daemon) (control.Write, error) { return d.CreateTicket(ctx, r) })
		},
	}
}

type updateArgs struct {
	Ticket   string            `json:"ticket"`
	Summary  *string           `json:"summary,omitempty" jsonschema:"概要"`
	Detail   *string           `json:"detail,omitempty" jsonschema:"詳細"`
	Fields   map[string]string `json:"fields,omitempty" jsonschema:"other columns by name"`
	Expected map[string]string `json:"expected,omitempty" jsonschema:"after a conflict: the text now there"`
}

func (s *Server) updateTicket() *tool {
	return &tool{
		name: "update_ticket", about: "Change cells of a ticket; read back and judged cell by cell. Never over a person's edit that you have not read.",
		in: input[updateArgs](), out: output[control.Write]("ticket", "verdict", "fields"),
		hints: hints{destructive: true, idempotent: true, openWorld: true}, hot: true,
		example: `update_ticket(ticket="INTG-088", summary="…")`,
		do: func(ctx context.Context, c call) (answer, error) {
			var a updateArgs
			if err := c.read(&a); err != nil {
				return answer{}, err
			}
			c.seen.ticket = a.Ticket
			fields, err := texts(a.Summary, a.Detail, a.Fields)
			if err != nil {
				return answer{}, err
			}
			r := control.UpdateTicket{Ticket: a.Ticket, Fields: fields, Expected: a.Expected, Key: s.key(ctx, c.name, c.meta), Reader: s.reader(ctx)}
			return s.written(ctx, false, func(d Daemon) (control.Write, error) { return d.UpdateTicket(ctx, r) })
		},
	}
}

// texts are the fields of a write. One that is given twice is refused: it
// cannot be told which is meant.
func texts(summary, detail *string, others map[string]string) (map[string]string, error) {
	fields := map[string]string{}
	maps.Copy(fields, others)
	for name, text := range map[string]*string{"summary": summary, "detail": detail} {
		if text == nil {
			continue
		}
		if _, twice := fields[name]; twice {
			return nil, fault.New(fault.Invalid, "mcp.arg.twice", "name", name)
		}
		fields[name] = *text
	}
	if len(fields) == 0 {
		return nil, fault.New(fault.Invalid, "mcp.arg.no_fields")
	}
	return fields, nil
}

type ticketArgs struct {
	Ticket string `json:"ticket"`
}

func (s *Server) verifyUpdate() *tool {
	return &tool{
		name: "verify_update", about: "Read a ticket afresh and compare it with what was last written to it.",
		in: input[ticketArgs](), out: output[control.Write]("ticket", "verdict", "fields"),
		hints:   hints{readOnly: true, idempotent: true, openWorld: true},
		example: `verify_update(ticket="INTG-088")`,
		do: func(ctx context.Context, c call) (answer, error) {
			var a ticketArgs
			if err := c.read(&a); err != nil {
				return answer{}, err
			}
			c.seen.ticket = a.Ticket
			return s.written(ctx, false, func(d Daemon) (control.Write, error) { return d.VerifyTicket(ctx, a.Ticket) })
		},
	}
}

// written has the daemon asked about a write, and tells what became of it.
func (s *Server) written(ctx context.Context, created bool, ask func(Daemon) (control.Write, error)) (answer, error) {
	var w control.Write
	err := s.link.ask(ctx, func(d Daemon) (err error) { w, err = ask(d); return err })
	if err != nil {
		return answer{}, err
	}
	return s.write(w, created), nil
}

func (s *Server) write(w control.Write, created bool) answer {
	a := answer{link: s.ticketLink(w.Ticket)}
	w.Reason, w.Problem = s.why(w.Problem, w.Reason), nil
	conflict := w.Conflict
	for i := range w.Fields {
		f := &w.Fields[i]
		f.Reason, f.Problem = s.why(f.Problem, f.Reason), nil
		conflict = conflict || f.Conflict
		a.told.Untrusted = a.told.Untrusted || f.Actual != nil
	}
	if w.Workspace != nil && w.Workspace.Problem != nil {
		a.told.Note = s.o.Lang.Say("mcp.note.no_workspace", "why", s.why(w.Workspace.Problem, ""))
		w.Workspace.Problem = nil
	}
	say := s.o.Lang.Say
	switch {
	case conflict:
		a.told.Next = say("mcp.next.conflict", "ticket", w.Ticket)
	case w.Queued && w.Ticket == "":
		a.told.Next = say("mcp.next.queued_unnamed")
	case w.Queued:
		a.told.Next = say("mcp.next.queued", "ticket", w.Ticket)
	case w.Verdict == ledger.Refuted:
		a.told.Next = say("mcp.next.refuted", "ticket", w.Ticket)
	case w.Verdict == ledger.Unverifiable:
		a.told.Next = say("mcp.next.unverifiable", "ticket", w.Ticket)
	case created:
		a.told.Next = say("mcp.next.created", "ticket", w.Ticket)
	}
	a.value = w
	return a
}

type getArgs struct {
	Ticket string   `json:"ticket"`
	Fields []string `json:"fields,omitempty" jsonschema:"only these columns"`
}

// ticketAnswer is a ticket as it is told.
type ticketAnswer struct {
	Ticket    string                `json:"ticket"`
	Row       int                   `json:"row"`
	ReadAt    time.Time             `json:"read_at"`
	Fields    []control.TicketField `json:"fields"`
	Pending   int                   `json:"pending_writes,omitzero"`
	Reason    string                `json:"reason,omitempty"` // why read_at is not now
	Workspace string                `json:"workspace,omitempty"`
	Dashboard string                `json:"dashboard"`
}

func (s *Server) getTicket() *tool {
	return &tool{
		name: "get_ticket", about: "Read a ticket from the sheet, before you change it.",
		in: input[getArgs](), out: output[ticketAnswer]("ticket", "fields"),
		hints:   hints{readOnly: true, idempotent: true, openWorld: true},
		example: `get_ticket(ticket="INTG-088")`,
		do: func(ctx context.Context, c call) (answer, error) {
			var a getArgs
			if err := c.read(&a); err != nil {
				return answer{}, err
			}
			c.seen.ticket = a.Ticket
			t, err := s.shown(ctx, a.Ticket, a.Fields)
			if err != nil {
				return answer{}, err
			}
			told := told{Untrusted: true}
			if t.Reason != "" {
				told.Next = s.o.Lang.Say("mcp.next.stale")
			}
			return answer{value: t, told: told, link: s.ticketLink(t.Ticket)}, nil
		},
	}
}

// shown reads a ticket for the caller. It counts as read by the caller only
// where all that was asked for fits into an answer.
func (s *Server) shown(ctx context.Context, ticket string, fields []string) (ticketAnswer, error) {
	t, err := s.ticket(ctx, ticket, "")
	if err != nil {
		return ticketAnswer{}, err
	}
	if t.Fields, err = only(t.Fields, fields); err != nil {
		return ticketAnswer{}, err
	}
	raw, err := compact(t)
	if err != nil || len(raw) > mostBytes-roomForWords || len(fields) > 0 {
		return t, err
	}
	return s.ticket(ctx, ticket, s.reader(ctx))
}

// ticket reads a ticket as reader.
func (s *Server) ticket(ctx context.Context, ticket, reader string) (ticketAnswer, error) {
	var t control.Ticket
	err := s.link.ask(ctx, func(d Daemon) (err error) { t, err = d.Ticket(ctx, ticket, reader); return err })
	if err != nil {
		return ticketAnswer{}, err
	}
	return ticketAnswer{
		Ticket: t.Ticket, Row: t.Row, ReadAt: t.ReadAt, Fields: t.Fields, Pending: t.Pending, Reason: s.why(t.Problem, ""),
		Workspace: t.Workspace, Dashboard: t.Dashboard,
	}, nil
}

// only are the fields of these names or headers.
func only(all []control.TicketField, names []string) ([]control.TicketField, error) {
	if len(names) == 0 {
		return all, nil
	}
	var some []control.TicketField
	var known []string
	for _, f := range all {
		known = append(known, f.Field)
	}
	for _, name := range names {
		at := slices.IndexFunc(all, func(f control.TicketField) bool { return f.Field == name || f.Column == name })
		if at < 0 {
			return nil, fault.New(fault.Invalid, "mcp.arg.no_column", "name", bounded(name), "known", strings.Join(closest(name, known), ", "))
		}
		some = append(some, all[at])
	}
	return some, nil
}

type listArgs struct {
	Status string `json:"status,omitempty"`
	Text   string `json:"text,omitempty" jsonschema:"in the id or the summary"`
	Limit  int    `json:"limit,omitempty" jsonschema:"default 50"`
	Cursor string `json:"cursor,omitempty" jsonschema:"next_cursor"`
}

// listAnswer is a page of tickets as it is told.
type listAnswer struct {
	Tickets   []control.TicketLine `json:"tickets"`
	Total     int                  `json:"total"`
	ReadAt    time.Time            `json:"read_at"`
	Reason    string               `json:"reason,omitempty"`
	Dashboard string               `json:"dashboard"`
}

// mostTickets are on one page.
const mostTickets = 200

func (s *Server) listTickets() *tool {
	return &tool{
		name: "list_tickets", about: "List tickets, a page at a time.",
		in: input[listArgs](between("limit", 1, mostTickets)), out: output[listAnswer]("tickets", "total"),
		hints:   hints{readOnly: true, idempotent: true, openWorld: true},
		example: `list_tickets(text="抽出")`,
		do: func(ctx context.Context, c call) (answer, error) {
			var a listArgs
			if err := c.read(&a); err != nil {
				return answer{}, err
			}
			q := control.TicketQuery{Status: a.Status, Text: a.Text, Limit: a.Limit}
			var err error
			if q.After, err = openCursor(a.Cursor, c.name, a.Status, a.Text); err != nil {
				return answer{}, err
			}
			// A line of a list is not yet a ticket that was read.
			var p control.TicketPage
			err = s.link.ask(ctx, func(d Daemon) (err error) { p, err = d.Tickets(ctx, q); return err })
			if err != nil {
				return answer{}, err
			}
			l := listAnswer{Tickets: p.Tickets, Total: p.Total, ReadAt: p.ReadAt, Reason: s.why(p.Problem, ""), Dashboard: p.Dashboard}
			const longestLine = 200
			for i := range l.Tickets {
				if list := []rune(l.Tickets[i].Summary); len(list) > longestLine {
					l.Tickets[i].Summary = string(list[:longestLine]) + "…"
				}
			}
			told := told{Untrusted: len(l.Tickets) > 0}
			if p.Next != "" {
				told.Cursor = makeCursor(p.Next, c.name, a.Status, a.Text)
				told.Next = s.o.Lang.Say("mcp.next.more", "call", fmt.Sprintf("list_tickets(…, cursor=%q)", told.Cursor))
			}
			return answer{value: l, told: told}, nil
		},
	}
}
