package work

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"uratori/internal/config"
	"uratori/internal/control"
	"uratori/internal/daemon"
	"uratori/internal/daemon/tickets"
	"uratori/sheets"
	"uratori/tracker"
	"uratori/tracker/approval"
)

// newKeeper opens the approvals of a home.
func newKeeper(h daemon.House) (*approval.Keeper, error) {
	if h.Config.Approval.Sheet && !h.Config.ApproveInSheet() {
		h.Log.Warn("approval.sheet has no effect: only Google's own sheets can approve")
	}
	return approval.New(approval.Options{
		DB: h.DB, Ledger: h.Ledger, Life: h.Config.Approval.Expires, Sheet: sheetChannel(h.Config), Now: h.Now, Log: h.Log,
	})
}

// sheetChannel is how people answer in the sheet, nil where they cannot.
func sheetChannel(c *config.Config) *approval.SheetChannel {
	if !c.ApproveInSheet() {
		return nil
	}
	var headers []string
	for _, column := range sheets.Columns(c.Tracker.Columns) {
		if column.Name == tracker.Approval {
			headers = column.Texts
		}
	}
	return &approval.SheetChannel{
		Book: tickets.Book(c.Tracker),
		Column: func(header string) bool {
			return slices.ContainsFunc(headers, func(text string) bool { return sheets.Fold(text) == sheets.Fold(header) })
		},
	}
}

// approvalLoops are the loops that approvals need.
func approvalLoops(k *approval.Keeper) []daemon.Loop {
	return []daemon.Loop{{Name: "approvals", Run: k.Follow}}
}

// approvalRoutes are approvals on the socket. link is where people see a
// ticket.
func approvalRoutes(k *approval.Keeper, link func(ticket string) string) []daemon.Route {
	a := approvals{k, link}
	return []daemon.Route{
		{Pattern: "GET " + control.ApprovalsPath, Handle: a.list},
		{Pattern: "POST " + control.ApprovalsPath + "/decide", Handle: a.decide},
		{Pattern: "POST " + control.ApprovalsPath + "/passphrase", Handle: a.passphrase},
		{Pattern: "POST " + control.ApprovalsPath + "/prove", Handle: a.prove},
	}
}

type approvals struct {
	keeper *approval.Keeper
	link   func(ticket string) string
}

func (a approvals) list(r *http.Request) (any, error) {
	ticket := r.URL.Query().Get("ticket")
	open, err := a.keeper.Open(r.Context(), ticket)
	if err != nil {
		return nil, err
	}
	answer := control.Approvals{Requests: []control.ApprovalRequest{}, Dashboard: a.link(ticket)}
	var locked time.Time
	if answer.Passphrase, locked, err = a.keeper.Passphrase(r.Context()); err != nil {
		return nil, err
	}
	answer.LockedUntil = daemon.Moment(locked)
	for _, q := range open {
		answer.Requests = append(answer.Requests, a.request(q))
	}
	return answer, nil
}

func (a approvals) request(q approval.Request) control.ApprovalRequest {
	w := control.ApprovalRequest{
		Ticket: q.Ticket, Step: q.Step, Name: q.Name, NameEN: q.NameEN, Digest: q.Digest, Subject: []control.ApprovalSubject{}, Note: q.Note,
		RequestedAt: q.At.Local(), ExpiresAt: q.Expires.Local(), Dashboard: a.link(q.Ticket),
	}
	for _, p := range q.Parts {
		w.Subject = append(w.Subject, control.ApprovalSubject(p))
	}
	return w
}

// decideBody is [control.Decide] with a passphrase that can be overwritten.
type decideBody struct {
	Ticket     string `json:"ticket"`
	Step       string `json:"step"`
	Digest     string `json:"digest"`
	Passphrase secret `json:"passphrase"`
	Approver   string `json:"approver"`
	Channel    string `json:"channel"`
	Reject     bool   `json:"reject"`
	Reason     string `json:"reason"`
	Token      string `json:"token"`
}

func (a approvals) decide(r *http.Request) (any, error) {
	var ask decideBody
	defer func() { clear(ask.Passphrase) }()
	if err := daemon.Decode(r, &ask); err != nil {
		return nil, err
	}
	standing, err := a.keeper.Decide(r.Context(), approval.Decision{
		Subject: approval.Subject{Ticket: ask.Ticket, Step: ask.Step, Digest: ask.Digest}, Passphrase: ask.Passphrase,
		Approver: ask.Approver, Channel: ask.Channel, Reject: ask.Reject, Reason: ask.Reason, Token: ask.Token,
	})
	if err != nil {
		return nil, err
	}
	return approvalStanding(standing), nil
}

// newPassphrase is [control.SetPassphrase] with texts that can be overwritten.
type newPassphrase struct {
	Old secret `json:"old"`
	New secret `json:"new"`
}

func (a approvals) passphrase(r *http.Request) (any, error) {
	var ask newPassphrase
	defer func() { clear(ask.Old); clear(ask.New) }()
	if err := daemon.Decode(r, &ask); err != nil {
		return nil, err
	}
	return struct{}{}, a.keeper.SetPassphrase(r.Context(), ask.Old, ask.New)
}

// proof is [control.Prove] with a text that can be overwritten.
type proof struct {
	Passphrase secret `json:"passphrase"`
	Channel    string `json:"channel"`
}

func (a approvals) prove(r *http.Request) (any, error) {
	var ask proof
	defer func() { clear(ask.Passphrase) }()
	if err := daemon.Decode(r, &ask); err != nil {
		return nil, err
	}
	return struct{}{}, a.keeper.Prove(r.Context(), ask.Passphrase, ask.Channel)
}

// approvalStanding is a standing as it crosses the socket.
func approvalStanding(s approval.Standing) control.ApprovalStanding {
	return control.ApprovalStanding{
		State: string(s.State), Digest: s.Digest, RequestedAt: daemon.Moment(s.RequestedAt), DecidedAt: daemon.Moment(s.DecidedAt), ExpiresAt: daemon.Moment(s.ExpiresAt),
		Approver: s.Approver, Channel: s.Channel, Reason: s.Reason, Evidence: s.Entry,
	}
}

// secret is a text of a request that is overwritten after use, and of which no
// error tells anything. What the decoder and the connection have held of it
// stays until the memory is used again.
type secret []byte

var errNoText = errors.New("a text is wanted")

// UnmarshalJSONFrom reads a JSON string.
func (s *secret) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	value, err := d.ReadValue()
	if err != nil {
		return err
	}
	if value.Kind() != '"' {
		return errNoText
	}
	clear(*s)
	*s, err = jsontext.AppendUnquote(nil, value)
	return err
}
