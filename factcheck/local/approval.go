package local

import (
	"context"

	"uratori/factcheck"
	"uratori/factcheck/gate"
	"uratori/internal/fault"
)

// approval asks what people have decided.
func (s *session) approval(ctx context.Context, c gate.Approval) factcheck.Finding {
	at := s.o.Now()
	if s.o.Approvals == nil {
		return unverifiable(fault.New(fault.Unavailable, "local.no_approvals"))
	}
	a, err := s.o.Approvals.Approved(ctx, c.Scope.Ticket, c.Step, c.Digest)
	if err != nil {
		return unverifiable(err)
	}
	f := factcheck.Finding{}
	switch {
	case a.State != approved:
		f = refuted(at, fault.New(fault.Failed, "local.not_approved", "step", c.Name, "state", shown(a.State)))
	case a.Digest == "", c.Digest != "" && a.Digest != c.Digest:
		f = refuted(at, fault.New(fault.Failed, "local.approved_other", "step", c.Name))
	default:
		f = verified(at, factcheck.Basis{Kind: basisVote, Name: c.Step, SHA256: a.Digest})
	}
	if a.Evidence != 0 {
		f.Evidence = []int64{a.Evidence}
	}
	return f
}

// approved is the one state of a request that opens a gate.
const approved = "approved"
