package local

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"uratori/factcheck"
	"uratori/factcheck/gate"
	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/runner/items"
)

// checker checks the claims of one type.
type checker struct {
	o    Options
	kind string
}

// claimed is what every claim of a gate is.
type claimed interface {
	factcheck.Claim
	Base() gate.Common
}

// Check looks at all claims, several at once.
func (c *checker) Check(ctx context.Context, claims []factcheck.Claim) ([]factcheck.Finding, error) {
	s := newSession(c.o)
	found := make([]factcheck.Finding, len(claims))
	var mine []int // that are looked at one by one
	var cells []int
	var written []factcheck.Claim
	var places []int
	for i, claim := range claims {
		switch claim := claim.(type) {
		case factcheck.SheetCell:
			written, places = append(written, claim), append(places, i)
		case gate.Cell:
			cells = append(cells, i)
		case claimed:
			mine = append(mine, i)
		default:
			return nil, fmt.Errorf("claim %d of %d is a %T", i+1, len(claims), claim)
		}
	}
	if len(written) > 0 {
		if c.o.Cells == nil {
			return nil, fault.New(fault.Unavailable, "local.no_sheet")
		}
		fs, err := c.o.Cells.Check(ctx, written)
		if err != nil {
			return nil, err
		}
		for n, i := range places {
			found[i] = fs[n]
		}
	}
	if len(cells) > 0 {
		s.guarded(func() { s.cells(ctx, claims, cells, found) }, func(err error) {
			for _, i := range cells {
				found[i] = unverifiable(err)
			}
		})
	}
	if c.kind == gate.KindCommand {
		// Commands of one project may stand in each other's way.
		s.o.Workers = 1
	}
	s.each(len(mine), func(n int) {
		i := mine[n]
		found[i] = s.look(ctx, claims[i].(claimed))
	})
	return found, nil
}

// session is one call of a checker. What it remembers is forgotten with it.
type session struct {
	o      Options
	hashes sync.Map // of files that were read, by what they looked like
	seen   *items.Seen
}

func newSession(o Options) *session {
	if o.Workers < 1 {
		o.Workers = 4
	}
	if o.Blot == nil {
		o.Blot = func(s string) string { return s }
	}
	return &session{o: o, seen: items.NewSeen()}
}

// each runs f for 0 to n-1, some at a time, and waits for all.
func (s *session) each(n int, f func(i int)) {
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(s.o.Workers, n) {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				f(i)
			}
		})
	}
	workers.Wait()
}

// guarded runs f; a panic is told. It must not end the daemon, and here nobody
// else would catch it.
func (s *session) guarded(f func(), told func(error)) {
	defer func() {
		if v := recover(); v != nil {
			if s.o.Panicked != nil {
				s.o.Panicked(v, debug.Stack())
			}
			told(fault.New(fault.Unavailable, "factcheck.panicked", "panic", shown(fmt.Sprint(v))))
		}
	}()
	f()
}

// errLimit ends a look that takes too long.
var errLimit = errors.New("the time for this look is over")

// look looks at one claim within its limit.
func (s *session) look(ctx context.Context, claim claimed) (f factcheck.Finding) {
	base := claim.Base()
	limited, cancel := context.WithTimeoutCause(ctx, base.Limit, errLimit)
	defer cancel()
	s.guarded(func() { f = s.judge(limited, claim) }, func(err error) { f = unverifiable(err) })
	if f.Verdict == ledger.Unverifiable && errors.Is(context.Cause(limited), errLimit) && errors.Is(f.Reason, errLimit) {
		f.Reason = fault.New(fault.Unavailable, "local.too_slow", "limit", base.Limit)
	}
	return f
}

// judge looks at one claim of any type.
func (s *session) judge(ctx context.Context, claim claimed) factcheck.Finding {
	switch c := claim.(type) {
	case gate.Unready:
		return unverifiable(c.Reason)
	case gate.File:
		return s.file(ctx, c)
	case gate.Images:
		return s.images(ctx, c)
	case gate.Count:
		return s.count(ctx, c)
	case *gate.Command:
		return s.command(ctx, c)
	case *gate.Report:
		return s.report(ctx, c)
	case gate.Commit:
		return s.commit(ctx, c)
	case gate.Gone:
		return s.processGone(c)
	case gate.HTTP:
		return s.http(ctx, c)
	case gate.NoMatch:
		return s.noMatch(ctx, c)
	case gate.Task:
		return s.task(ctx, c)
	case gate.Approval:
		return s.approval(ctx, c)
	case gate.Writes:
		return s.writes(ctx, c)
	case gate.Frozen:
		return s.frozen(ctx, c)
	}
	return unverifiable(fault.New(fault.Unavailable, "factcheck.no_checker", "claim", claim.About().Type))
}
