// Package factcheck judges what is claimed of a ticket by looking afresh.
//
// A source says which claims exist; a checker for each type of claims looks at
// the world and returns what it found. Neither an agent's word nor an earlier
// verdict counts as an observation.
//
// What holds always: verified is said only of what a look of now showed. What
// could not be looked at, for whatever reason, a panic included, is
// unverifiable. A report holds every claim, the good and the bad, and is itself
// in the ledger before anybody reads it.
package factcheck

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"runtime/debug"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"uratori/internal/fault"
	"uratori/internal/ledger"
)

// Options are what a fact check is made of.
type Options struct {
	Sources  []Source           // in the order in which reports show their claims
	Checkers map[string]Checker // by the type of claims
	Register Register
	Recorder Recorder
	Log      *slog.Logger // gets the stack of what panicked; nil for nowhere
}

// FactCheck checks claims. It may be used by several goroutines at once, if
// its parts may.
type FactCheck struct {
	o    Options
	said said
}

// New makes a fact check.
func New(o Options) *FactCheck {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &FactCheck{o: o, said: said{last: map[string]printed{}}}
}

// Check checks every claim that exists for a ticket. A ticket that nothing is
// claimed of, and that is not in the sheet, is an error of the kind NotFound.
func (c *FactCheck) Check(ctx context.Context, ticket string) (Report, error) {
	return c.check(ctx, ticket, false)
}

// Glance is Check for somebody who looks on again and again, as a page does that
// is open. It looks just as afresh; but a report that says nothing else than the
// last one of the ticket in the ledger gets no entry of its own, and names that
// one. So what is shown is always in the ledger, and looking does not fill it.
func (c *FactCheck) Glance(ctx context.Context, ticket string) (Report, error) {
	return c.check(ctx, ticket, true)
}

func (c *FactCheck) check(ctx context.Context, ticket string, glance bool) (Report, error) {
	if !plainID(ticket) {
		return Report{}, badTicket(ticket)
	}
	asked := []inquiry{c.inquire(ctx, ticket)}
	if len(asked[0].claims) == 0 && asked[0].Reason == nil {
		if err := c.find(ctx, &asked[0].Report); err != nil {
			return Report{}, err
		}
	}
	reports, err := c.answer(ctx, asked, glance)
	if err != nil {
		return Report{}, err
	}
	return reports[0], nil
}

// Judge checks these claims about a ticket and no others, and records the
// report as [FactCheck.Check] does. No claims at all verify nothing.
func (c *FactCheck) Judge(ctx context.Context, ticket string, claims []Claim) (Report, error) {
	return c.judge(ctx, ticket, claims, nil)
}

// JudgeWithout is Judge for a ticket of which a look has shown that there is none.
// Whatever is true of the files that the claims are about, the report is refuted:
// it would be taken for one about a ticket.
func (c *FactCheck) JudgeWithout(ctx context.Context, ticket string, claims []Claim) (Report, error) {
	return c.judge(ctx, ticket, claims, fault.New(fault.NotFound, "factcheck.no_such_ticket", "ticket", ticket))
}

// judge checks claims; missing is why there is no such ticket.
func (c *FactCheck) judge(ctx context.Context, ticket string, claims []Claim, missing error) (Report, error) {
	if !plainID(ticket) {
		return Report{}, badTicket(ticket)
	}
	q := inquiry{Report: Report{Ticket: ticket, Reason: missing}, missing: missing != nil}
	if len(claims) == 0 && !q.missing {
		q.Reason = fault.New(fault.Unavailable, "factcheck.asked_nothing", "ticket", ticket)
	}
	err := c.guarded(func() error {
		for _, claim := range claims {
			about := claim.About()
			if about.Ticket != ticket {
				return fmt.Errorf("judge %s: a claim about %.40q", ticket, about.Ticket)
			}
			q.Findings = append(q.Findings, Finding{About: about})
			q.claims = append(q.claims, claim)
		}
		return nil
	})
	if err != nil {
		return Report{}, err
	}
	reports, err := c.answer(ctx, []inquiry{q}, false)
	if err != nil {
		return Report{}, err
	}
	return reports[0], nil
}

// All checks every claim that exists, ticket by ticket, each type of claims in
// one go.
func (c *FactCheck) All(ctx context.Context) ([]Report, error) {
	tickets := map[string]bool{}
	for _, s := range c.o.Sources {
		var found []string
		err := c.guarded(func() (err error) { found, err = s.Tickets(ctx); return err })
		if err != nil {
			return nil, fault.New(fault.Unavailable, "factcheck.no_list").Wrap(err)
		}
		for _, ticket := range found {
			tickets[ticket] = true
		}
	}
	var asked []inquiry
	for _, ticket := range slices.SortedFunc(maps.Keys(tickets), byNumber) {
		asked = append(asked, c.inquire(ctx, ticket))
	}
	return c.answer(ctx, asked, false)
}

// inquiry is a report that is being made.
type inquiry struct {
	Report
	claims  []Claim
	missing bool // a look has shown that there is no such ticket
}

// inquire collects the claims about a ticket.
func (c *FactCheck) inquire(ctx context.Context, ticket string) inquiry {
	q := inquiry{Report: Report{Ticket: ticket}}
	for _, s := range c.o.Sources {
		err := c.guarded(func() error {
			claims, err := s.Claims(ctx, ticket)
			for _, claim := range claims {
				q.Findings = append(q.Findings, Finding{About: claim.About()})
				q.claims = append(q.claims, claim)
			}
			return err
		})
		if err != nil && q.Reason == nil {
			q.Reason = fault.New(fault.Unavailable, "factcheck.no_claims", "ticket", ticket).Wrap(err)
		}
	}
	return q
}

// find looks for a ticket that nothing is claimed of.
func (c *FactCheck) find(ctx context.Context, r *Report) error {
	err := c.guarded(func() (err error) { r.Row, r.ReadAt, err = c.o.Register.Find(ctx, r.Ticket); return err })
	switch {
	case err == nil:
		r.Reason = fault.New(fault.Unavailable, "factcheck.nothing", "ticket", r.Ticket)
	case fault.KindOf(err) == fault.NotFound:
		return fault.New(fault.NotFound, "factcheck.unknown", "ticket", r.Ticket).Wrap(err)
	default:
		r.Reason = err
	}
	return nil
}

// answer has all claims checked and the reports recorded; at a glance only
// those that say something new.
func (c *FactCheck) answer(ctx context.Context, asked []inquiry, glance bool) ([]Report, error) {
	byType := map[string][]*Finding{}
	claims := map[string][]Claim{}
	for i := range asked {
		for n := range asked[i].claims {
			f := &asked[i].Findings[n]
			byType[f.Type] = append(byType[f.Type], f)
			claims[f.Type] = append(claims[f.Type], asked[i].claims[n])
		}
	}
	// In the order of the alphabet: a command has run before the report of its
	// tests is read.
	for _, kind := range slices.Sorted(maps.Keys(byType)) {
		found, err := c.observe(ctx, kind, claims[kind])
		for n, f := range byType[kind] {
			about := f.About
			if *f = (Finding{Verdict: ledger.Unverifiable, Reason: err}); err == nil {
				*f = sound(kind, found[n])
			}
			f.About = about
		}
	}
	if err := ctx.Err(); err != nil {
		// What nobody waited for is no finding.
		return nil, fmt.Errorf("check claims: %w", err)
	}
	var reports []Report
	for _, q := range asked {
		if q.sum(); q.missing {
			q.Verdict = ledger.Refuted
		}
		if err := c.record(ctx, &q.Report, glance); err != nil {
			return nil, err
		}
		reports = append(reports, q.Report)
	}
	return reports, nil
}

var errCount = errors.New("there is not one finding for each claim")

// observe asks the checker of a type.
func (c *FactCheck) observe(ctx context.Context, kind string, claims []Claim) (found []Finding, err error) {
	checker, ok := c.o.Checkers[kind]
	if !ok {
		return nil, fault.New(fault.Unavailable, "factcheck.no_checker", "claim", kind)
	}
	err = c.guarded(func() (err error) { found, err = checker.Check(ctx, claims); return err })
	if err == nil && len(found) != len(claims) {
		err = errCount
	}
	if err != nil {
		return nil, fault.New(fault.Unavailable, "factcheck.failed", "claim", kind).Wrap(err)
	}
	return found, nil
}

// sound turns a finding that contradicts itself into what it is worth.
func sound(kind string, f Finding) Finding {
	ok := false
	switch f.Verdict {
	case ledger.Verified:
		ok = f.Reason == nil && !f.LookedAt.IsZero()
	case ledger.Refuted:
		ok = !f.LookedAt.IsZero()
	case ledger.Unverifiable:
		ok = f.Reason != nil
	}
	if !ok {
		f.Verdict = ledger.Unverifiable
		f.Reason = fault.New(fault.Unavailable, "factcheck.unsound", "claim", kind).Wrap(f.Reason)
	}
	return f
}

// guarded runs what other rooms brought; a panic of theirs is an error here.
func (c *FactCheck) guarded(f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			text := strings.ToValidUTF8(fmt.Sprint(v), "\uFFFD")
			c.o.Log.Error("a fact check panicked", "panic", text, "stack", string(debug.Stack()))
			err = fault.New(fault.Unavailable, "factcheck.panicked", "panic", cut(text))
		}
	}()
	return f()
}

// longestID is how many characters the subject of an entry in the ledger has.
const longestID = 200

func badTicket(ticket string) error {
	return fault.New(fault.Invalid, "factcheck.bad_ticket", "ticket", fmt.Sprintf("%.40q", ticket), "most", longestID)
}

func plainID(s string) bool {
	return s != "" && utf8.ValidString(s) && utf8.RuneCountInString(s) <= longestID && !strings.ContainsFunc(s, unicode.IsControl)
}

// byNumber sorts ids of one prefix as their numbers.
func byNumber(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}

func cut(s string) string {
	const longest = 200 // characters
	if r := []rune(s); len(r) > longest {
		return string(r[:longest]) + "…"
	}
	return s
}
