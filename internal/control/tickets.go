package control

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"uratori/internal/ledger"
)

// Where tickets are.
const (
	TicketsPath   = "/v1/tickets"
	SyncPath      = "/v1/sync"
	FactCheckPath = "/v1/factcheck"
)

// CreateTicket asks for a new ticket.
type CreateTicket struct {
	Ticket    string            `json:"ticket,omitempty"`    // empty: the next free id
	Fields    map[string]string `json:"fields"`              // by field ("summary") or by the column's header
	Workspace string            `json:"workspace,omitempty"` // absolute; chosen by the user of this machine
	Project   string            `json:"project,omitempty"`   // the absolute folder that the asker works in; its project says where folders lie unless Workspace does
	Key       string            `json:"key,omitempty"`       // the same key again is the same request
	Reader    string            `json:"reader,omitempty"`    // who asks; see UpdateTicket
	WaitMS    int64             `json:"wait_ms,omitzero"`    // how long to wait for the verdict; 0 is the daemon's own limit
}

// UpdateTicket asks for other texts in the cells of a ticket.
type UpdateTicket struct {
	Ticket   string            `json:"ticket"`
	Fields   map[string]string `json:"fields"`
	Expected map[string]string `json:"expected,omitempty"` // the texts that the asker has seen there
	Key      string            `json:"key,omitempty"`
	// Reader tells askers apart: what one has read, another has not. A cell
	// that a person edited after this reader saw it is not overwritten.
	Reader string `json:"reader,omitempty"`
	WaitMS int64  `json:"wait_ms,omitzero"`
}

// Write is what became of a create or an update, or what a verification found.
type Write struct {
	Ticket    string         `json:"ticket"`
	Verdict   ledger.Verdict `json:"verdict"`
	Conflict  bool           `json:"conflict,omitzero"` // nothing was sent: the cell holds what the asker has not seen
	Queued    bool           `json:"queued,omitzero"`   // it is kept and will be tried again
	Write     int64          `json:"write,omitzero"`    // its number in the outbox; 0 for a verification
	Row       int            `json:"row,omitzero"`
	ReadAt    *time.Time     `json:"read_at,omitempty"` // when the sheet was read back; absent when it was not
	Fields    []WriteField   `json:"fields"`
	Reason    string         `json:"reason,omitempty"` // English; Problem tells it in any language
	Problem   *Fault         `json:"problem,omitempty"`
	Workspace *Workspace     `json:"workspace,omitempty"`
	Dashboard string         `json:"dashboard"`
}

// WriteField is the verdict on one cell.
type WriteField struct {
	Field    string         `json:"field"`  // "summary", or the header where it has no such name
	Column   string         `json:"column"` // the header
	Verdict  ledger.Verdict `json:"verdict"`
	SHA256   string         `json:"sha256,omitempty"` // of what was to be written
	Expected *string        `json:"expected,omitzero"`
	Actual   *string        `json:"actual,omitzero"`
	Conflict bool           `json:"conflict,omitzero"`
	Edited   bool           `json:"edited,omitzero"` // ours was there; a person has changed it since, to Actual
	Reason   string         `json:"reason,omitempty"`
	Problem  *Fault         `json:"problem,omitempty"`
}

// Workspace is the folder of a ticket.
type Workspace struct {
	Path    string   `json:"path"`
	Created []string `json:"created"` // files that were made
	Kept    []string `json:"kept"`    // files that were there
	Problem *Fault   `json:"problem,omitempty"`
}

// Ticket is a row of the tracker.
type Ticket struct {
	Ticket    string        `json:"ticket"`
	Row       int           `json:"row"`
	ReadAt    time.Time     `json:"read_at"` // when the sheet was looked at
	Fields    []TicketField `json:"fields"`  // in the order of the columns, without the id
	Pending   int           `json:"pending_writes,omitzero"`
	Problem   *Fault        `json:"problem,omitempty"` // why ReadAt is not now
	Workspace string        `json:"workspace,omitempty"`
	Sheet     string        `json:"sheet,omitempty"` // where people edit its row, when that is not the page /sheet
	Dashboard string        `json:"dashboard"`
}

// TicketField is one cell of a ticket.
type TicketField struct {
	Field  string `json:"field"`
	Column string `json:"column"`
	Text   string `json:"text"`
}

// TicketQuery says which tickets are wanted.
type TicketQuery struct {
	Status string // only with this status
	Text   string // only with this in the id or the summary
	Sort   string // "id", "summary" or "status", with - before it backwards; empty: the order of the sheet
	After  string // only those behind this ticket in that order
	Limit  int    // at most so many; 0 is 50
	Reader string
}

// TicketPage is a part of the tracker.
type TicketPage struct {
	Tickets   []TicketLine `json:"tickets"`
	Total     int          `json:"total"`          // that match
	Next      string       `json:"next,omitempty"` // the After of the next page; empty at the end
	ReadAt    time.Time    `json:"read_at"`
	Problem   *Fault       `json:"problem,omitempty"`
	Dashboard string       `json:"dashboard"`
}

// TicketLine is a ticket in a list.
type TicketLine struct {
	Ticket  string `json:"ticket"`
	Row     int    `json:"row"`
	Summary string `json:"summary"`
	Status  string `json:"status"`
}

// Tracker is how the tracker is.
type Tracker struct {
	Pending  int        `json:"pending_writes"`
	LastSync *time.Time `json:"last_sync,omitempty"`
	Problem  *Fault     `json:"problem,omitempty"` // why the last look failed
}

// Event is something that was done to a ticket: by people in the sheet, or by
// a write of ours.
type Event struct {
	At      time.Time      `json:"at"`
	Seq     int64          `json:"seq"`  // of its entry in the ledger
	Kind    string         `json:"kind"` // created, edited, deleted, moved; written, waiting, refused for our own writes
	Ticket  string         `json:"ticket"`
	Column  string         `json:"column,omitempty"`
	Old     *string        `json:"old,omitzero"` // of a write: what is there instead
	New     *string        `json:"new,omitzero"` // of a write: its text
	Row     int            `json:"row,omitzero"`
	Verdict ledger.Verdict `json:"verdict,omitempty"` // of a write
	Write   int64          `json:"write,omitzero"`
}

// Events is the end of a ticket's history, oldest first.
type Events struct {
	Events []Event `json:"events"`
	More   bool    `json:"more"` // there are older ones
}

// Synced is what a look at the whole table found.
type Synced struct {
	ReadAt    time.Time `json:"read_at"`
	Tickets   int       `json:"tickets"`
	Changes   []Event   `json:"changes"`
	More      int       `json:"more,omitzero"` // changes that are not listed
	Dashboard string    `json:"dashboard"`
}

// FactReport is what is true of a ticket.
type FactReport struct {
	Ticket    string         `json:"ticket"`
	Verdict   ledger.Verdict `json:"verdict"`
	ReadAt    *time.Time     `json:"read_at,omitempty"`
	Row       int            `json:"row,omitzero"`
	Root      string         `json:"root,omitempty"` // the project that single claims were looked at in
	Checks    []FactCheck    `json:"checks"`
	Reason    string         `json:"reason,omitempty"` // why there is no more to say
	Problem   *Fault         `json:"problem,omitempty"`
	Dashboard string         `json:"dashboard"`
}

// FactCheck is one claim and what became of it.
type FactCheck struct {
	Claim     string         `json:"claim"`   // its type, "sheet_cell"
	Subject   string         `json:"subject"` // "詳細"
	Verdict   ledger.Verdict `json:"verdict"`
	Expected  *string        `json:"expected,omitzero"`
	Actual    *string        `json:"actual,omitzero"`
	Reason    string         `json:"reason,omitempty"`
	Problem   *Fault         `json:"problem,omitempty"`
	WrittenAt *time.Time     `json:"written_at,omitempty"`
	ReadAt    *time.Time     `json:"read_at,omitempty"` // when it was read back after it was written
	Edits     []FactEdit     `json:"edits,omitempty"`   // of people, after that
	Evidence  []int64        `json:"evidence"`          // entries of the ledger
}

// FactEdit is a person's edit of a cell that a write of ours had been in.
type FactEdit struct {
	SeenAt time.Time `json:"seen_at"`
	Old    string    `json:"old"`
	New    string    `json:"new"`
}

// CreateTicket files a ticket and waits for the verdict.
func (c *Client) CreateTicket(ctx context.Context, r CreateTicket) (Write, error) {
	return answer[Write](ctx, c, http.MethodPost, TicketsPath, r)
}

// UpdateTicket changes cells of a ticket and waits for the verdict.
func (c *Client) UpdateTicket(ctx context.Context, r UpdateTicket) (Write, error) {
	return answer[Write](ctx, c, http.MethodPost, TicketsPath+"/update", r)
}

// VerifyTicket reads the ticket afresh and compares it with the last writes.
func (c *Client) VerifyTicket(ctx context.Context, ticket string) (Write, error) {
	return answer[Write](ctx, c, http.MethodPost, TicketsPath+"/verify?"+url.Values{"ticket": {ticket}}.Encode(), nil)
}

// Ticket reads a ticket.
func (c *Client) Ticket(ctx context.Context, ticket, reader string) (Ticket, error) {
	return answer[Ticket](ctx, c, http.MethodGet, TicketsPath+"/show?"+url.Values{"ticket": {ticket}, "reader": {reader}}.Encode(), nil)
}

// Tickets lists tickets.
func (c *Client) Tickets(ctx context.Context, q TicketQuery) (TicketPage, error) {
	query := url.Values{"status": {q.Status}, "text": {q.Text}, "sort": {q.Sort}, "after": {q.After}, "limit": {strconv.Itoa(q.Limit)}, "reader": {q.Reader}}
	return answer[TicketPage](ctx, c, http.MethodGet, TicketsPath+"?"+query.Encode(), nil)
}

// TicketHistory is what was done to a ticket, oldest first.
func (c *Client) TicketHistory(ctx context.Context, ticket string) ([]Event, error) {
	return answer[[]Event](ctx, c, http.MethodGet, TicketsPath+"/history?"+url.Values{"ticket": {ticket}}.Encode(), nil)
}

// RecentEvents is the end of TicketHistory, at most 1000 events. It costs the
// same however long the history is.
func (c *Client) RecentEvents(ctx context.Context, ticket string, limit int) (Events, error) {
	return answer[Events](ctx, c, http.MethodGet, TicketsPath+"/recent?"+url.Values{"ticket": {ticket}, "limit": {strconv.Itoa(limit)}}.Encode(), nil)
}

// Sync looks at the whole table now.
func (c *Client) Sync(ctx context.Context) (Synced, error) {
	return answer[Synced](ctx, c, http.MethodPost, SyncPath, nil)
}

// FactCheck checks every claim that exists for a ticket, or for every ticket
// that has any when ticket is empty.
func (c *Client) FactCheck(ctx context.Context, ticket string) ([]FactReport, error) {
	return answer[[]FactReport](ctx, c, http.MethodGet, FactCheckPath+"?"+url.Values{"ticket": {ticket}}.Encode(), nil)
}

// Glance is FactCheck of one ticket for a page that is open: it looks as
// afresh, but a report that says nothing new gets no entry in the ledger.
func (c *Client) Glance(ctx context.Context, ticket string) (FactReport, error) {
	reports, err := answer[[]FactReport](ctx, c, http.MethodGet, FactCheckPath+"?"+url.Values{"ticket": {ticket}, "glance": {""}}.Encode(), nil)
	if err == nil && len(reports) != 1 {
		err = fmt.Errorf("%d reports of one ticket", len(reports))
	}
	if err != nil {
		return FactReport{}, err
	}
	return reports[0], nil
}
