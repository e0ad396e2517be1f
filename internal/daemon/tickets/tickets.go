// Package tickets brings the tracker into the daemon: the table of the
// settings, the loop that writes to it, and tickets on the socket.
package tickets

import (
	"context"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"uratori/internal/config"
	"uratori/internal/control"
	"uratori/internal/daemon"
	"uratori/internal/daemon/embedded"
	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/internal/phrase"
	"uratori/sheets"
	"uratori/tracker"
	"uratori/tracker/workspace"
)

// How long a request waits for a verdict.
const (
	usualWait = 20 * time.Second
	mostWait  = 10 * time.Minute
)

// Office is the tracker of one daemon. It can be asked once its part is open.
type Office struct{ desk *desk }

// Part is the tracker as a part of the daemon. sheet must be an earlier part.
func (o *Office) Part(sheet *embedded.Sheet) daemon.Part {
	return daemon.Part{Schema: tracker.Schema(), Open: func(ctx context.Context, h daemon.House) (tenant daemon.Tenant, err error) {
		o.desk, tenant, err = open(ctx, h, sheet)
		return tenant, err
	}}
}

// Tracker is what keeps the tickets.
func (o *Office) Tracker() *tracker.Tracker { return o.desk.tracker }

// Known tells whether there is such a ticket.
func (o *Office) Known(ctx context.Context, id string) (bool, error) {
	return o.desk.tracker.Known(ctx, id)
}

// Open tells whether work on a ticket goes on.
func (o *Office) Open(ctx context.Context, id string) (bool, error) {
	return o.desk.tracker.Open(ctx, id)
}

// Trouble is why the table cannot be read or written at this moment, nil when
// it can.
func (o *Office) Trouble() error { return o.desk.tracker.State().Problem }

// Workspace is the folder of a ticket, empty while there is none.
func (o *Office) Workspace(ctx context.Context, id string) string { return o.desk.rooms.there(ctx, id) }

// desk answers requests about tickets.
type desk struct {
	house   daemon.House
	tracker *tracker.Tracker
	table   *table
	rooms   *rooms
	facts   *facts
}

func open(ctx context.Context, h daemon.House, sheet *embedded.Sheet) (*desk, daemon.Tenant, error) {
	c := h.Config
	userHome, err := os.UserHomeDir()
	if err != nil {
		userHome = "" // a template that needs it says so
	}
	d := &desk{house: h, rooms: newRooms(workspace.Site{Template: c.Tracker.Workspace, Home: string(c.Home), UserHome: userHome}, h, phrase.FromEnv(os.Getenv))}
	d.table = &table{connect: func(ctx context.Context) (*sheets.Table, error) {
		return sheets.Connect(ctx, c, sheet.Transport(), os.Getenv, h.Now)
	}}
	options := tracker.Options{
		DB: h.DB, Ledger: h.Ledger, Sheet: d.table,
		Book: Book(c.Tracker), Columns: sheets.Columns(c.Tracker.Columns), Prefix: c.Tracker.Prefix, Interval: c.Tracker.SyncInterval,
		Now: h.Now, Log: h.Log, Filed: d.rooms.late,
	}
	if c.Tracker.Local() {
		options.Version = sheet.Changes
	}
	if d.tracker, err = tracker.New(ctx, options); err != nil {
		return nil, daemon.Tenant{}, err
	}
	d.rooms.tracker = d.tracker
	d.facts = newFacts(h, d.tracker)
	return d, daemon.Tenant{
		Loops: []daemon.Loop{
			{Name: "tracker", Run: func(ctx context.Context) error {
				defer sheet.Transport().Wait()
				return d.tracker.Run(ctx)
			}},
			{Name: "workspaces", Run: d.rooms.run},
		},
		Routes: []daemon.Route{
			{Pattern: "POST " + control.TicketsPath, Handle: d.create},
			{Pattern: "POST " + control.TicketsPath + "/update", Handle: d.update},
			{Pattern: "POST " + control.TicketsPath + "/verify", Handle: d.verify},
			{Pattern: "GET " + control.TicketsPath, Handle: d.list},
			{Pattern: "GET " + control.TicketsPath + "/show", Handle: d.show},
			{Pattern: "GET " + control.TicketsPath + "/history", Handle: d.history},
			{Pattern: "GET " + control.TicketsPath + "/recent", Handle: d.recent},
			{Pattern: "POST " + control.SyncPath, Handle: d.sync},
			{Pattern: "GET " + control.FactCheckPath, Handle: d.factCheck},
		},
		Status: d.status,
		Check:  daemon.Inspection{Name: "tracker", Look: d.check},
	}, nil
}

// Book names the table that the settings mean.
func Book(t config.Tracker) string {
	return strings.Join([]string{t.Endpoint, t.SpreadsheetID(), t.Sheet}, "|")
}

func (d *desk) create(r *http.Request) (any, error) {
	var ask control.CreateTicket
	if err := daemon.Decode(r, &ask); err != nil {
		return nil, err
	}
	folder, err := d.rooms.choose(ask.Workspace, ask.Project)
	if err != nil {
		return nil, err
	}
	ctx, cancel, err := waiting(r.Context(), ask.WaitMS)
	if err != nil {
		return nil, err
	}
	defer cancel()
	result, err := d.tracker.Create(ctx, tracker.Draft{
		ID: ask.Ticket, Fields: ask.Fields, Workspace: folder, Key: ask.Key, Reader: ask.Reader,
	})
	if err != nil {
		return nil, err
	}
	w := d.write(result)
	if w.Verdict == ledger.Verified {
		w.Workspace = d.rooms.make(context.WithoutCancel(r.Context()), result, folder)
	}
	return w, nil
}

func (d *desk) update(r *http.Request) (any, error) {
	var ask control.UpdateTicket
	if err := daemon.Decode(r, &ask); err != nil {
		return nil, err
	}
	ctx, cancel, err := waiting(r.Context(), ask.WaitMS)
	if err != nil {
		return nil, err
	}
	defer cancel()
	result, err := d.tracker.Update(ctx, tracker.Change{
		Ticket: ask.Ticket, Fields: ask.Fields, Expected: ask.Expected, Key: ask.Key, Reader: ask.Reader,
	})
	if err != nil {
		return nil, err
	}
	return d.write(result), nil
}

func waiting(ctx context.Context, ms int64) (context.Context, context.CancelFunc, error) {
	limit := usualWait
	if ms != 0 {
		limit = time.Duration(ms) * time.Millisecond
	}
	if ms < 0 || ms > mostWait.Milliseconds() {
		return nil, nil, fault.New(fault.Invalid, "tickets.bad_wait", "ms", ms, "most", mostWait.Milliseconds())
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	return ctx, cancel, nil
}

func (d *desk) show(r *http.Request) (any, error) {
	query := r.URL.Query()
	k, err := d.tracker.Get(r.Context(), query.Get("ticket"), query.Get("reader"))
	if err != nil {
		return nil, err
	}
	answer := control.Ticket{
		Ticket: k.ID, Row: k.Row, ReadAt: k.ReadAt.Local(), Fields: []control.TicketField{}, Pending: k.Pending,
		Problem: control.Encode(k.Stale), Workspace: d.rooms.there(r.Context(), k.ID), Sheet: d.table.link(daemon.SpreadsheetURL(d.house.Config.Tracker), k.Row), Dashboard: d.link(k.ID),
	}
	for _, f := range k.Fields {
		answer.Fields = append(answer.Fields, control.TicketField{Field: f.Name, Column: f.Column, Text: f.Text})
	}
	return answer, nil
}

func (d *desk) list(r *http.Request) (any, error) {
	query := r.URL.Query()
	limit := 0
	if text := query.Get("limit"); text != "" {
		var err error
		if limit, err = strconv.Atoi(text); err != nil {
			return nil, fault.New(fault.Invalid, "daemon.bad_request").Wrap(err)
		}
	}
	p, err := d.tracker.List(r.Context(), tracker.Query{
		Status: query.Get("status"), Text: query.Get("text"), Sort: query.Get("sort"), After: query.Get("after"), Limit: limit, Reader: query.Get("reader"),
	})
	if err != nil {
		return nil, err
	}
	answer := control.TicketPage{
		Tickets: []control.TicketLine{}, Total: p.Total, Next: p.Next, ReadAt: p.ReadAt.Local(), Problem: control.Encode(p.Stale), Dashboard: d.link(""),
	}
	for _, k := range p.Tickets {
		line := control.TicketLine{Ticket: k.ID, Row: k.Row}
		for _, f := range k.Fields {
			switch f.Name {
			case tracker.Summary:
				line.Summary = f.Text
			case tracker.Status:
				line.Status = f.Text
			}
		}
		answer.Tickets = append(answer.Tickets, line)
	}
	return answer, nil
}

func (d *desk) history(r *http.Request) (any, error) {
	events, err := d.tracker.History(r.Context(), r.URL.Query().Get("ticket"))
	if err != nil {
		return nil, err
	}
	return eventsOf(events), nil
}

// mostRecent is how many events one answer has.
const mostRecent = 1000

func (d *desk) recent(r *http.Request) (any, error) {
	query := r.URL.Query()
	most, err := strconv.Atoi(query.Get("limit"))
	if err != nil || most < 1 || most > mostRecent {
		return nil, fault.New(fault.Invalid, "daemon.bad_request").Wrap(err)
	}
	events, more, err := d.tracker.Recent(r.Context(), query.Get("ticket"), most)
	if err != nil {
		return nil, err
	}
	return control.Events{Events: eventsOf(events), More: more}, nil
}

func (d *desk) sync(r *http.Request) (any, error) {
	ctx, cancel := context.WithTimeout(r.Context(), usualWait)
	defer cancel()
	s, err := d.tracker.Sync(ctx)
	if err != nil {
		return nil, err
	}
	return control.Synced{ReadAt: s.ReadAt.Local(), Tickets: s.Tickets, Changes: eventsOf(s.Changes), More: s.More, Dashboard: d.link("")}, nil
}

func (d *desk) status(s *control.Status) {
	state := d.tracker.State()
	s.Tracker = control.Tracker{Pending: state.Pending, LastSync: daemon.Moment(state.LastSync), Problem: control.Encode(state.Problem)}
	s.Changes = append(s.Changes, eventsOf(state.Recent)...)
	if state.Problem != nil {
		s.Problems = append(s.Problems, control.NewProblem("problem.tracker", "error", state.Problem))
	}
}

// doctorLimit leaves doctor time for the rest.
const doctorLimit = 10 * time.Second

// check looks at the table now.
func (d *desk) check(ctx context.Context) control.Check {
	ctx, cancel := context.WithTimeout(ctx, doctorLimit)
	defer cancel()
	s, err := d.tracker.Sync(ctx)
	if err == nil {
		err = d.tracker.State().Problem
	}
	if err != nil {
		return control.Check{Name: "tracker", Verdict: ledger.Unverifiable, Problem: control.NewProblem("problem.tracker", "error", err)}
	}
	return control.Check{Name: "tracker", Verdict: ledger.Verified, Problem: control.NewProblem("doctor.tracker_ok", "count", s.Tickets, "tab", d.house.Config.Tracker.Sheet)}
}

// link is where people see a ticket, or all of them.
func (d *desk) link(ticket string) string { return daemon.Link(d.house.Dashboard(), ticket) }
