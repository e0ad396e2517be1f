package control

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"uratori/internal/ledger"
)

// Where workflows, approvals and single claims are.
const (
	WorkflowPath  = "/v1/workflow"
	ApprovalsPath = "/v1/approvals"
	ClaimsPath    = "/v1/claims"
)

// AskWorkflow asks for a step of a ticket's workflow. None of its members
// marks a step as done: that is what check finds out.
type AskWorkflow struct {
	Ticket string `json:"ticket"`
	Action string `json:"action,omitempty"` // show (or empty), start, check, block, request_approval
	Step   string `json:"step,omitempty"`   // an id or a number; empty: the current one
	Reason string `json:"reason,omitempty"` // of a block, or a word to the approver
	Root   string `json:"root,omitempty"`   // of a start: the folder of the project, absolute
	By     string `json:"by,omitempty"`     // who asks, for the ledger
}

// Workflow is where a ticket stands.
type Workflow struct {
	Ticket     string         `json:"ticket"`
	Name       string         `json:"name,omitempty"`      // of the definition
	Digest     string         `json:"digest,omitempty"`    // of the definition and the project's settings, pinned at the start
	Root       string         `json:"root,omitempty"`      // the folder of the project
	Workspace  string         `json:"workspace,omitempty"` // the folder of the ticket
	StartedAt  *time.Time     `json:"started_at,omitempty"`
	FinishedAt *time.Time     `json:"finished_at,omitempty"`
	Verdict    ledger.Verdict `json:"verdict,omitempty"` // of a check: verified when the step has passed; unverifiable of one in a list that is [Workflow.Unread]
	Steps      []WorkflowStep `json:"steps"`
	Current    int            `json:"current"` // number of the step in hand, 0 before the start and after the last
	Next       string         `json:"next"`    // what to do now; English
	NextStep   *Fault         `json:"next_step,omitempty"`
	Problem    *Fault         `json:"problem,omitempty"` // why nothing can be passed at this moment
	Dashboard  string         `json:"dashboard"`
}

// Unread is why nothing is known of a workflow that stands in a list, as when its
// record was tampered with; nil where it is shown.
func (w Workflow) Unread() error {
	if len(w.Steps) > 0 || w.Problem == nil {
		return nil
	}
	return w.Problem.Decode()
}

// WorkflowStep is one step of a workflow.
type WorkflowStep struct {
	Number    int               `json:"number"` // from 1
	ID        string            `json:"id"`
	Phase     int               `json:"phase"`
	Name      string            `json:"name"` // Japanese
	NameEN    string            `json:"name_en"`
	Help      string            `json:"help,omitempty"`       // what to do, of the current step; Japanese
	HelpEN    string            `json:"help_en,omitempty"`    // and English
	State     string            `json:"state"`                // open, waiting, passed, blocked, stale
	Gate      []string          `json:"gate,omitempty"`       // what is looked at, of the current step; English
	Missing   []string          `json:"missing,omitempty"`    // what keeps it from passing; English
	Wanting   []*Fault          `json:"wanting,omitempty"`    // Missing in any language, in its order
	Checks    []FactCheck       `json:"checks,omitempty"`     // of the last check, of the current step
	CheckedAt *time.Time        `json:"checked_at,omitempty"` // when that was
	Reason    string            `json:"reason,omitempty"`     // of a block, in the words of whoever blocked it
	PassedAt  *time.Time        `json:"passed_at,omitempty"`
	Evidence  []int64           `json:"evidence,omitempty"` // entries of the ledger
	Approval  *ApprovalStanding `json:"approval,omitempty"` // of a step that needs a person
}

// ApprovalStanding is how a step that needs a person stands with people.
type ApprovalStanding struct {
	State       string     `json:"state"`  // none, requested, approved, rejected, void, expired
	Digest      string     `json:"digest"` // of what would be approved now
	RequestedAt *time.Time `json:"requested_at,omitempty"`
	DecidedAt   *time.Time `json:"decided_at,omitempty"`
	ExpiresAt   *time.Time `json:"expires_at,omitempty"`
	Approver    string     `json:"approver,omitempty"`
	Channel     string     `json:"channel,omitempty"`
	Reason      string     `json:"reason,omitempty"` // of a rejection
	Evidence    int64      `json:"evidence,omitzero"`
}

// ApprovalRequest is a question to a person that waits.
type ApprovalRequest struct {
	Ticket      string            `json:"ticket"`
	Step        string            `json:"step"`
	Name        string            `json:"name"` // of the step, Japanese
	NameEN      string            `json:"name_en"`
	Digest      string            `json:"digest"`  // of Subject
	Subject     []ApprovalSubject `json:"subject"` // what is approved
	Note        string            `json:"note,omitempty"`
	RequestedAt time.Time         `json:"requested_at"`
	ExpiresAt   time.Time         `json:"expires_at"`
	Dashboard   string            `json:"dashboard"`
}

// ApprovalSubject is a part of what is approved.
type ApprovalSubject struct {
	Kind   string `json:"kind"` // file, commit, definition, settings, evidence
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
}

// Decide is a person's word on a request.
type Decide struct {
	Ticket     string `json:"ticket"`
	Step       string `json:"step"`
	Digest     string `json:"digest"` // that the person has seen
	Passphrase string `json:"passphrase"`
	Approver   string `json:"approver"`
	Channel    string `json:"channel"` // terminal, web
	Reject     bool   `json:"reject,omitzero"`
	Reason     string `json:"reason,omitempty"`
	Token      string `json:"token,omitempty"` // the same token again is the same decision
}

// SetPassphrase sets the passphrase of approvals; Old is empty for the first.
type SetPassphrase struct {
	Old string `json:"old"`
	New string `json:"new"`
}

// Prove asks whether somebody knows the passphrase, who has nothing to answer.
type Prove struct {
	Passphrase string `json:"passphrase"`
	Channel    string `json:"channel"` // terminal, web
}

// Approvals are the requests that wait.
type Approvals struct {
	Requests    []ApprovalRequest `json:"requests"`
	Passphrase  bool              `json:"passphrase"` // one is set
	LockedUntil *time.Time        `json:"locked_until,omitempty"`
	Dashboard   string            `json:"dashboard"`
}

// CheckClaims asks for single claims to be judged, in the language of gates.
type CheckClaims struct {
	Ticket string `json:"ticket"`
	Claims []any  `json:"claims"`         // each an object as in a gate
	Root   string `json:"root,omitempty"` // where the ticket's workflow has none
	By     string `json:"by,omitempty"`
}

// Workflow asks for a step of a ticket's workflow.
func (c *Client) Workflow(ctx context.Context, r AskWorkflow) (Workflow, error) {
	return answer[Workflow](ctx, c, http.MethodPost, WorkflowPath, r)
}

// Workflows are the started and unfinished ones of a project, the one that was
// touched last first; of all projects when root is empty.
func (c *Client) Workflows(ctx context.Context, root string) ([]Workflow, error) {
	return answer[[]Workflow](ctx, c, http.MethodGet, WorkflowPath+"?"+url.Values{"root": {root}}.Encode(), nil)
}

// Approvals are the requests that wait, of a ticket or of all.
func (c *Client) Approvals(ctx context.Context, ticket string) (Approvals, error) {
	return answer[Approvals](ctx, c, http.MethodGet, ApprovalsPath+"?"+url.Values{"ticket": {ticket}}.Encode(), nil)
}

// Decide approves or rejects.
func (c *Client) Decide(ctx context.Context, r Decide) (ApprovalStanding, error) {
	return answer[ApprovalStanding](ctx, c, http.MethodPost, ApprovalsPath+"/decide", r)
}

// SetPassphrase sets the passphrase of approvals.
func (c *Client) SetPassphrase(ctx context.Context, r SetPassphrase) error {
	var done struct{}
	return c.call(ctx, http.MethodPost, ApprovalsPath+"/passphrase", r, &done)
}

// Prove returns nil for the passphrase of approvals.
func (c *Client) Prove(ctx context.Context, r Prove) error {
	var done struct{}
	return c.call(ctx, http.MethodPost, ApprovalsPath+"/prove", r, &done)
}

// CheckClaims judges single claims.
func (c *Client) CheckClaims(ctx context.Context, r CheckClaims) (FactReport, error) {
	return answer[FactReport](ctx, c, http.MethodPost, ClaimsPath, r)
}
