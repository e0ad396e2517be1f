package work

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"uratori/factcheck"
	"uratori/factcheck/gate"
	"uratori/factcheck/local"
	"uratori/internal/daemon/tickets"
	"uratori/runner"
	"uratori/tracker"
)

// world is what workflows see of files, commits and tasks.
type world struct {
	look  local.Options
	tasks *runner.Runner
}

func (w world) Snapshot(ctx context.Context, s gate.Scope, claims []factcheck.Claim) (*gate.Snapshot, error) {
	return local.Snap(ctx, w.look, s, claims)
}

func (w world) Freeze(ctx context.Context, s gate.Scope, patterns []string) (map[string]string, error) {
	return local.Freeze(ctx, w.look, s, patterns)
}

// Changed looks at files and commits, and at tasks as far as that is cheap: what
// they have made is looked at when it is checked again.
func (w world) Changed(ctx context.Context, s gate.Scope, bases []factcheck.Basis) ([]factcheck.Basis, error) {
	changed, err := local.Changed(ctx, s, bases)
	if err != nil {
		return nil, err
	}
	for _, b := range bases {
		if b.Kind != gate.KindTask {
			continue
		}
		same, err := w.same(ctx, b)
		if err != nil {
			return nil, err
		}
		if !same {
			changed = append(changed, b)
		}
	}
	return changed, nil
}

// same tells whether a task is still at the attempt that succeeded.
func (w world) same(ctx context.Context, b factcheck.Basis) (bool, error) {
	id, attempt, _ := strings.Cut(b.Name, "/")
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return false, fmt.Errorf("a task that is called %q", b.Name)
	}
	t, err := w.tasks.Task(ctx, n)
	if err != nil {
		return false, err
	}
	return t.State == runner.Succeeded && strconv.Itoa(t.Attempt) == attempt, nil
}

// cells checks claims about cells of both kinds: of what was written, and of
// what a cell must hold.
type cells struct{ written, held factcheck.Checker }

func (c cells) Check(ctx context.Context, claims []factcheck.Claim) ([]factcheck.Finding, error) {
	found := make([]factcheck.Finding, len(claims))
	var lists [2][]factcheck.Claim
	var places [2][]int
	for i, claim := range claims {
		kind := 1
		if _, ok := claim.(factcheck.SheetCell); ok {
			kind = 0
		}
		lists[kind], places[kind] = append(lists[kind], claim), append(places[kind], i)
	}
	for kind, checker := range []factcheck.Checker{c.written, c.held} {
		if len(lists[kind]) == 0 {
			continue
		}
		list, err := checker.Check(ctx, lists[kind])
		if err != nil {
			return nil, err
		}
		if len(list) != len(lists[kind]) {
			return nil, fmt.Errorf("%d findings for %d claims about cells", len(list), len(lists[kind]))
		}
		for n, i := range places[kind] {
			found[i] = list[n]
		}
	}
	return found, nil
}

// done claims that the tasks of a ticket have succeeded: of each name the newest
// that has succeeded or failed, for a later one may have replaced what an earlier made. Those
// that failed are among them: what somebody wanted done and is not must not be
// passed over, unless they were cleaned up. Whoever kills a task has let go of it.
// What a step claims of a task is not claimed twice.
type done struct {
	tasks  *runner.Runner
	office *tickets.Office
	steps  factcheck.Source
}

// Tickets are those with a task that has succeeded or failed.
func (d done) Tickets(ctx context.Context) ([]string, error) {
	var tickets []string
	seen := map[string]bool{}
	err := d.each(ctx, "", func(t runner.Task) {
		if t.Ticket != "" && !seen[t.Ticket] {
			seen[t.Ticket] = true
			tickets = append(tickets, t.Ticket)
		}
	})
	return tickets, err
}

// Claims are those about a ticket, the newest task first.
func (d done) Claims(ctx context.Context, ticket string) ([]factcheck.Claim, error) {
	var claims []factcheck.Claim
	seen := map[string]bool{}
	before, err := d.steps.Claims(ctx, ticket)
	if err != nil {
		return nil, err
	}
	for _, claim := range before {
		if t, ok := claim.(gate.Task); ok {
			seen[t.Task] = true
		}
	}
	scope := &gate.Scope{Ticket: ticket, Workspace: d.office.Workspace(ctx, ticket)}
	err = d.each(ctx, ticket, func(t runner.Task) {
		if seen[t.Name] {
			return
		}
		seen[t.Name] = true
		claims = append(claims, gate.Task{
			Common: gate.Common{Kind: gate.KindTask, Name: fmt.Sprintf("%s #%d", t.Name, t.ID), Scope: scope, Limit: taskLimit}, Task: t.Name, ID: t.ID,
		})
	})
	return claims, err
}

func (d done) each(ctx context.Context, ticket string, f func(runner.Task)) error {
	const page = 200
	q := runner.Query{Ticket: ticket, Limit: page}
	for {
		list, err := d.tasks.List(ctx, q)
		if err != nil {
			return err
		}
		for _, t := range list {
			if t.State == runner.Succeeded || t.State == runner.Failed && t.Cleaned.IsZero() {
				f(t)
			}
			q.Before = t.ID
		}
		if len(list) < page {
			return nil
		}
	}
}

// others is the tracker without the column that this part writes to by itself:
// that says nothing of anybody's work.
type others struct{ *tracker.Tracker }

func (o others) Written(ctx context.Context, ticket string) ([]tracker.Written, error) {
	all, err := o.Tracker.Written(ctx, ticket)
	var list []tracker.Written
	for _, w := range all {
		if w.Field != tracker.Phase {
			list = append(list, w)
		}
	}
	return list, err
}
