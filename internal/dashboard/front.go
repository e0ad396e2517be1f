package dashboard

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"uratori/internal/control"
	"uratori/internal/ledger"
)

const (
	ticketsPerPage = 50
	shownMessages  = 5
	// longestSearch is in characters.
	longestSearch = 200
)

// frontScreen is /: everything at one look.
type frontScreen struct {
	door
	Query url.Values
	ask   control.TicketQuery

	Status      control.Status
	StatusErr   error
	Running     []taskView
	Waiting     []taskView
	Ended       []taskView
	Tickets     control.TicketPage
	TicketsErr  error
	Asks        control.Approvals
	AsksErr     error
	Watch       control.Watch
	WatchErr    error
	Messages    []control.Message
	MessagesErr error
}

func newFrontScreen(q url.Values, d door) *frontScreen {
	text, status, sort := short(q.Get("q")), short(q.Get("status")), q.Get("sort")
	if !slices.Contains(columns(), strings.TrimPrefix(sort, "-")) {
		sort = "" // the order of the sheet
	}
	return &frontScreen{door: d, Query: q, ask: control.TicketQuery{Text: text, Status: status, Sort: sort, After: q.Get("after"), Limit: ticketsPerPage, Reader: reader}}
}

// short bounds what somebody searches for.
func short(text string) string {
	list := []rune(strings.ToValidUTF8(text, ""))
	return string(list[:min(len(list), longestSearch)])
}

func (s *frontScreen) title(f *face) string { return f.say("page.front") }

func (s *frontScreen) pieces() []string {
	return []string{"front-problems", "front-asks", "front-tasks", "front-tickets", "front-incidents", "front-gpus", "front-changes", "front-messages", "front-health"}
}

func (s *frontScreen) load(ctx context.Context, d Daemon, fresh bool) {
	if fresh {
		s.Tickets, s.TicketsErr = d.Tickets(ctx, s.ask)
		s.Asks, s.AsksErr = d.Approvals(ctx, "")
	}
	s.Watch, s.WatchErr = d.Watch(ctx)
	var page control.MessagePage
	page, s.MessagesErr = d.Messages(ctx, "", 0, shownMessages)
	s.Messages = page.Messages
	s.Status, s.StatusErr = d.Status(ctx)
	s.Running, s.Waiting, s.Ended = nil, nil, nil
	for _, t := range s.Status.Tasks {
		one := taskView{Task: t, door: s.door}
		switch {
		case one.Active():
			s.Running = append(s.Running, one)
		case t.State == "queued":
			s.Waiting = append(s.Waiting, one)
		default:
			s.Ended = append(s.Ended, one)
		}
	}
}

func (s *frontScreen) concerns(e ledger.Entry) bool {
	return strings.HasPrefix(e.Kind, "tracker.") || strings.HasPrefix(e.Kind, "approval.")
}

func (s *frontScreen) busy() bool { return len(s.Running) > 0 }

func (s *frontScreen) status() int {
	if s.StatusErr != nil {
		return statusOf(s.StatusErr)
	}
	return http.StatusOK
}

// Search and Filter are what the list of tickets is narrowed to.
func (s *frontScreen) Search() string { return s.ask.Text }

// Filter is the status that is wanted.
func (s *frontScreen) Filter() string { return s.ask.Status }

// More is the address of the next page of tickets.
func (s *frontScreen) More() string { return s.address(s.ask.Sort, s.Tickets.Next) }

// address is this page with the tickets in an order, behind one of them.
func (s *frontScreen) address(sort, after string) string {
	q := url.Values{}
	for name, value := range map[string]string{"q": s.ask.Text, "status": s.ask.Status, "sort": sort, "after": after} {
		if value != "" {
			q.Set(name, value)
		}
	}
	return "/?" + q.Encode() + "#front-tickets"
}

// columns are what the list of tickets can be sorted by.
func columns() []string { return []string{"id", "summary", "status"} }

// heading is one column of the list: what a click on it does, and how the list
// is sorted by it.
type heading struct {
	Name  string
	Sort  string // for aria-sort
	Mark  string
	There string // address of the list sorted by it, or the other way round
}

// Headings are the columns of the list.
func (s *frontScreen) Headings() (list []heading) {
	for _, name := range columns() {
		h := heading{Name: name, Sort: "none", There: s.address(name, "")}
		switch s.ask.Sort {
		case name:
			h.Sort, h.Mark, h.There = "ascending", "▲", s.address("-"+name, "")
		case "-" + name:
			h.Sort, h.Mark, h.There = "descending", "▼", s.address("", "")
		}
		list = append(list, h)
	}
	return list
}

// Sort is what the list is sorted by, empty for the order of the sheet.
func (s *frontScreen) Sort() string { return s.ask.Sort }

// Statuses are those of the tickets on this page.
func (s *frontScreen) Statuses() (list []string) {
	seen := map[string]bool{"": true, s.ask.Status: true}
	if s.ask.Status != "" {
		list = append(list, s.ask.Status)
	}
	for _, t := range s.Tickets.Tickets {
		if !seen[t.Status] {
			seen[t.Status] = true
			list = append(list, t.Status)
		}
	}
	return list
}

// Path is where a ticket is shown.
func (s *frontScreen) Path(ticket string) string { return ticketPath(ticket) }

// Recent are what people did lately, newest first.
func (s *frontScreen) Recent() (list []control.Event) {
	for i := len(s.Status.Changes) - 1; i >= 0; i-- {
		list = append(list, s.Status.Changes[i])
	}
	return list
}
