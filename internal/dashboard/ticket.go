package dashboard

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/internal/ledger"
)

const (
	// shownTasks and shownEvents are the newest of a ticket; the command line
	// tells the others.
	shownTasks  = 20
	shownEvents = 60
)

// ticketScreen is /tracker/INTG-088.
type ticketScreen struct {
	Ticket string
	door
	looks *looks[control.FactReport]
	now   bool // whoever asks waits for the fact check

	Row      control.Ticket
	RowError error // why there is no row
	Looked   bool  // Facts and FactsErr are of a look that holds
	Facts    control.FactReport
	FactsErr error
	Cells    []cell
	Flow     control.Workflow
	FlowErr  error // why there is no workflow
	Asks     control.Approvals
	AsksErr  error
	Tasks    []taskView
	TasksErr error
	Events   []control.Event // newest first
	Older    bool            // there are some that are not shown
	EventErr error
}

// cell is one text of a ticket with what is known of it. Check is nil where
// nobody claims anything: a text that no write of ours put there is not judged.
type cell struct {
	control.TicketField
	Check *control.FactCheck
	Diff  *difference
}

// ticketOf is the ticket of an address.
func ticketOf(path string) (string, bool) {
	ticket, ok := strings.CutPrefix(path, "/tracker/")
	const longest = 200
	return ticket, ok && ticket != "" && len(ticket) <= longest && !strings.Contains(ticket, "/")
}

func newTicketScreen(ticket string, d door, l *looks[control.FactReport]) *ticketScreen {
	return &ticketScreen{Ticket: ticket, door: d, looks: l}
}

func (s *ticketScreen) title(*face) string { return s.Ticket }

func (s *ticketScreen) pieces() []string {
	return []string{"ticket-head", "ticket-approval", "ticket-tasks", "ticket-steps", "ticket-texts", "ticket-history"}
}

func (s *ticketScreen) load(ctx context.Context, d Daemon, fresh bool) {
	if fresh {
		s.Row, s.RowError = d.Ticket(ctx, s.Ticket, reader)
		s.Flow, s.FlowErr = d.Workflow(ctx, control.AskWorkflow{Ticket: s.Ticket, By: reader})
		s.Asks, s.AsksErr = d.Approvals(ctx, s.Ticket)
		history, err := d.RecentEvents(ctx, s.Ticket, shownEvents)
		slices.Reverse(history.Events)
		s.Events, s.Older, s.EventErr = history.Events, history.More, err
	}
	s.loadFacts(ctx, d)
	var page control.TaskPage
	if page, s.TasksErr = d.Tasks(ctx, control.TaskQuery{Ticket: s.Ticket, Limit: shownTasks}); s.TasksErr == nil {
		s.Tasks = viewTasks(ctx, d, page.Tasks, s.Tasks, s.door)
	}
}

// insist has the page wait for what it would be sent later.
func (s *ticketScreen) insist() { s.now = true }

// due and look make the fact check beside the page.
func (s *ticketScreen) due(opened bool) time.Duration { return s.looks.due(s.Ticket, opened) }

func (s *ticketScreen) look(ctx context.Context, d Daemon) { s.looks.make(ctx, d, s.Ticket) }

// loadFacts puts the newest fact check beside the texts. Both are looks at the
// sheet; the page tells when each was.
func (s *ticketScreen) loadFacts(ctx context.Context, d Daemon) {
	one, ok := s.looks.seen(s.Ticket)
	if s.now && !ok {
		one, ok = s.looks.make(ctx, d, s.Ticket), true
	}
	s.Looked, s.Facts, s.FactsErr = ok, control.FactReport{}, nil
	if ok {
		s.Facts, s.FactsErr = one.Is, one.Err
	}
	s.Cells = nil
	checks := map[string]*control.FactCheck{}
	for i := range s.Facts.Checks {
		if c := &s.Facts.Checks[i]; s.FactsErr == nil && c.Claim == "sheet_cell" {
			checks[c.Subject] = c
		}
	}
	for _, field := range s.Row.Fields {
		one := cell{TicketField: field, Check: checks[field.Column]}
		if c := one.Check; c != nil && c.Verdict == ledger.Refuted && c.Expected != nil && c.Actual != nil {
			d := differ(*c.Expected, *c.Actual)
			one.Diff = &d
		}
		s.Cells = append(s.Cells, one)
	}
}

// Others are the claims of the fact check that are of no cell.
func (s *ticketScreen) Others() (list []control.FactCheck) {
	for _, c := range s.Facts.Checks {
		if c.Claim != "sheet_cell" && s.FactsErr == nil {
			list = append(list, c)
		}
	}
	return list
}

// Field is the text of a column that the tracker knows by name.
func (s *ticketScreen) Field(name string) string {
	for _, c := range s.Cells {
		if c.Field == name {
			return c.Text
		}
	}
	return ""
}

// concerns: entries that looking itself makes are none, or a page would load
// itself for ever.
func (s *ticketScreen) concerns(e ledger.Entry) bool {
	ticket, all, ok := ticketOfEntry(e)
	return ok && (all || ticket == s.Ticket)
}

func (s *ticketScreen) busy() bool {
	for _, t := range s.Tasks {
		if t.Active() {
			return true
		}
	}
	return false
}

// status: a ticket is not there when its row is not, and nothing is known of it
// besides.
func (s *ticketScreen) status() int {
	if s.RowError == nil || len(s.Tasks) > 0 || len(s.Events) > 0 {
		return http.StatusOK
	}
	if fault.KindOf(s.RowError) == fault.NotFound || fault.KindOf(s.RowError) == fault.Invalid {
		return http.StatusNotFound
	}
	return http.StatusOK
}

// NoFlow tells whether there is no workflow because none was started.
func (s *ticketScreen) NoFlow() bool {
	return s.FlowErr == nil && s.Flow.StartedAt == nil || s.FlowErr != nil && fault.KindOf(s.FlowErr) == fault.NotFound
}
