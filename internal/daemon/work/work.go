// Package work brings the work on tickets into the daemon: what people approve,
// the steps that a ticket goes through, and single claims, on the socket. It is
// here that a fact check learns of everything that is claimed.
package work

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"uratori/factcheck"
	"uratori/factcheck/gate"
	"uratori/factcheck/local"
	"uratori/internal/control"
	"uratori/internal/daemon"
	"uratori/internal/daemon/tasks"
	"uratori/internal/daemon/tickets"
	"uratori/internal/fault"
	"uratori/internal/phrase"
	"uratori/tracker/approval"
	"uratori/tracker/project"
	"uratori/tracker/workflow"
)

const (
	// claimsLimit is how long single claims may be looked at: a command has ten
	// minutes when it does not say.
	claimsLimit = 15 * time.Minute
	// taskLimit is how long all that a task has made may be looked at.
	taskLimit = 15 * time.Minute
)

// Bench is where the work on tickets is done in one daemon. Its parts go in this
// order: Approvals, Part.
type Bench struct {
	house  daemon.House
	keeper *approval.Keeper
	office *tickets.Office
	flows  *workflow.Workflows
	check  *factcheck.FactCheck
	mirror *mirror
}

// Approvals is the part that keeps what people approve.
func (b *Bench) Approvals() daemon.Part {
	return daemon.Part{Schema: approval.Schema(), Open: func(_ context.Context, h daemon.House) (daemon.Tenant, error) {
		var err error
		if b.keeper, err = newKeeper(h); err != nil {
			return daemon.Tenant{}, err
		}
		link := func(ticket string) string { return daemon.Link(h.Dashboard(), ticket) }
		return daemon.Tenant{Loops: approvalLoops(b.keeper), Routes: approvalRoutes(b.keeper, link)}, nil
	}}
}

// Part is the part of the steps and the claims. office and hall must be earlier
// parts.
func (b *Bench) Part(office *tickets.Office, hall *tasks.Hall) daemon.Part {
	return daemon.Part{Schema: workflow.Schema(), Open: func(_ context.Context, h daemon.House) (daemon.Tenant, error) {
		b.house, b.office = h, office
		b.mirror = newMirror(h, office.Tracker(), phrase.FromEnv(os.Getenv))
		look := local.Options{
			Tasks: hall.Runner(), Sheet: office.Tracker(), Cells: factcheck.NewSheetCells(others{office.Tracker()}), Approvals: (*voice)(b),
			Evidence: filepath.Join(string(h.Config.Home), "evidence"), Blot: blotter(h), Env: forCommands(os.Environ()), Now: h.Now,
			Panicked: func(v any, stack []byte) {
				h.Log.Error("a look at a claim panicked", "panic", v, "stack", string(stack))
			},
		}
		checkers := local.Checkers(look)
		b.flows = workflow.New(workflow.Options{
			DB: h.DB, Ledger: h.Ledger, Judge: (*judge)(b), World: world{look, hall.Runner()}, Tickets: office, Approvals: b.keeper,
			Moved: b.mirror.moved, Now: h.Now, Log: h.Log,
		})
		b.mirror.flows = b.flows
		facts := workflow.NewFacts(b.flows)
		checkers[factcheck.SheetCellType] = cells{office.Cells(), checkers[factcheck.SheetCellType]}
		checkers[workflow.KindStep] = facts
		b.check = factcheck.New(factcheck.Options{
			Sources: []factcheck.Source{office.Cells(), facts, done{hall.Runner(), office, facts}}, Checkers: checkers,
			Register: office.Cells(), Recorder: h.Ledger, Log: h.Log,
		})
		office.Judge(b.check)
		return daemon.Tenant{
			Loops: []daemon.Loop{{Name: "phases", Run: b.mirror.run}},
			Routes: []daemon.Route{
				{Pattern: "POST " + control.WorkflowPath, Handle: b.workflow},
				{Pattern: "GET " + control.WorkflowPath, Handle: b.workflows},
				{Pattern: "POST " + control.ClaimsPath, Handle: b.claims},
			},
		}, nil
	}}
}

// judge asks the fact check, which is made after the workflows that it knows of.
type judge Bench

func (j *judge) Judge(ctx context.Context, ticket string, claims []factcheck.Claim) (factcheck.Report, error) {
	return j.check.Judge(ctx, ticket, claims)
}

// voice tells what people have approved.
type voice Bench

func (v *voice) Approved(ctx context.Context, ticket, step, digest string) (local.Approval, error) {
	s, err := v.flows.Approved(ctx, ticket, step, digest)
	return local.Approval{
		State: string(s.State), Digest: s.Digest, At: s.DecidedAt, Approver: s.Approver, Channel: s.Channel, Evidence: s.Entry,
	}, err
}

// blotter takes secrets out of what commands say.
func blotter(h daemon.House) func(string) string {
	var pairs []string
	for _, s := range h.Config.Secrets() {
		pairs = append(pairs, s.Reveal(), "***")
	}
	return strings.NewReplacer(pairs...).Replace
}

// forCommands is the environment of commands of gates: without secrets, and
// without what tells the processes of a job from which this daemon may have been
// started.
func forCommands(environ []string) []string {
	return slices.DeleteFunc(slices.Clone(environ), func(kv string) bool {
		return strings.HasPrefix(kv, "URATORI_") || strings.HasPrefix(kv, "PUSHOVER_") || strings.HasPrefix(kv, "TRACKER_")
	})
}

func (b *Bench) workflow(r *http.Request) (any, error) {
	var ask control.AskWorkflow
	if err := daemon.Decode(r, &ask); err != nil {
		return nil, err
	}
	ctx := r.Context()
	var v workflow.View
	var err error
	switch ask.Action {
	case "", "show":
		v, err = b.flows.Show(ctx, ask.Ticket)
	case "start":
		v, err = b.flows.Start(ctx, ask.Ticket, ask.Root, ask.By)
	case "check":
		v, err = b.flows.Check(ctx, ask.Ticket, ask.Step, ask.By)
	case "block":
		v, err = b.flows.Block(ctx, ask.Ticket, ask.Step, ask.Reason, ask.By)
	case "request_approval":
		v, err = b.flows.Request(ctx, ask.Ticket, ask.Step, ask.Reason, ask.By)
	default:
		return nil, fault.New(fault.Invalid, "workflow.no_action", "action", brief(ask.Action))
	}
	if err != nil {
		return nil, err
	}
	return b.view(v), nil
}

// brief is a stranger's word as it may be shown.
func brief(s string) string {
	const longest = 40
	r := []rune(strings.ToValidUTF8(s, "\uFFFD"))
	return string(r[:min(len(r), longest)])
}

func (b *Bench) workflows(r *http.Request) (any, error) {
	views, err := b.flows.List(r.Context(), r.URL.Query().Get("root"))
	if err != nil {
		return nil, err
	}
	answer := []control.Workflow{}
	for _, v := range views {
		answer = append(answer, b.view(v))
	}
	return answer, nil
}

func (b *Bench) claims(r *http.Request) (any, error) {
	var ask control.CheckClaims
	if err := daemon.Decode(r, &ask); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(r.Context(), claimsLimit)
	defer cancel()
	if len(ask.Claims) == 0 {
		return nil, fault.New(fault.Invalid, "workflow.no_claims")
	}
	scope, err := b.flows.Scope(ctx, ask.Ticket)
	if err != nil {
		return nil, err
	}
	if scope.Root == "" && ask.Root != "" {
		if scope, err = stranger(scope, ask.Root); err != nil {
			return nil, err
		}
	}
	var objects [][]byte
	for _, c := range ask.Claims {
		raw, err := json.Marshal(c, json.Deterministic(true))
		if err != nil {
			return nil, fault.New(fault.Invalid, "daemon.bad_request").Wrap(err)
		}
		objects = append(objects, raw)
	}
	g, err := gate.List(objects, "claims")
	if err != nil {
		return nil, err
	}
	claims, err := g.Claims(scope)
	if err != nil {
		return nil, err
	}
	judge := b.check.Judge
	// Where nobody can say whether there is such a ticket, its claims are judged alone.
	if known, err := b.office.Known(ctx, ask.Ticket); err == nil && !known {
		judge = b.check.JudgeWithout
	}
	report, err := judge(ctx, ask.Ticket, claims)
	if err != nil {
		return nil, err
	}
	answer := b.office.Report(report)
	answer.Root = scope.Root
	return answer, nil
}

// stranger is the scope of a ticket without a workflow, in a folder that
// somebody names.
func stranger(scope gate.Scope, root string) (gate.Scope, error) {
	root, err := workflow.Folder(root)
	if err != nil {
		return scope, err
	}
	settings, err := project.Load(root)
	if err != nil {
		return scope, err
	}
	scope.Root, scope.Vars, scope.Hosts = root, settings.Values(), settings.AllowHosts
	return scope, nil
}
