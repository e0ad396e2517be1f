package factcheck

import (
	"errors"
	"testing"
	"time"

	"uratori/internal/ledger"
)

// A page that stays open looks again and again. What it shows is in the ledger
// all the same, once for each thing that was found.
func TestGlance_IsAFreshLook_AndRecordedOnlyWhereItSaysSomethingNew(t *testing.T) {
	verdict, at := ledger.Verified, noon
	o, b := options(list{"INTG-088": {saying{"t", "INTG-088", "x"}}})
	looks := 0
	o.Checkers = map[string]Checker{"t": checker(func([]Claim) ([]Finding, error) {
		looks++
		at = at.Add(time.Second)
		f := Finding{Verdict: verdict, LookedAt: at}
		if verdict != ledger.Verified {
			f.Reason = errors.New("so it is")
		}
		return []Finding{f}, nil
	})}
	c := New(o)
	glance := func(entry int64, entries int) {
		t.Helper()
		r, err := c.Glance(t.Context(), "INTG-088")
		if err != nil || r.Verdict != verdict || !r.ReadAt.Equal(at) || r.Entry != entry || len(b.entries) != entries {
			t.Errorf("%+v %v, %d entries", r, err, len(b.entries))
		}
		if b.entries[r.Entry-1].Verdict != r.Verdict {
			t.Error("the entry that it names says something else")
		}
	}
	glance(1, 1)
	glance(1, 1)
	glance(1, 1)
	verdict = ledger.Refuted
	glance(2, 2)
	glance(2, 2)
	verdict = ledger.Verified
	glance(3, 3)
	if r, err := c.Check(t.Context(), "INTG-088"); err != nil || r.Entry != 4 {
		t.Errorf("somebody who asks has an entry of their own: %+v %v", r, err)
	}
	glance(4, 4)
	if looks != 8 {
		t.Errorf("%d looks", looks)
	}
	b.problem = errors.New("full")
	glance(4, 4)
	verdict = ledger.Refuted
	if r, err := c.Glance(t.Context(), "INTG-088"); err == nil {
		t.Errorf("shown though it is nowhere: %+v", r)
	}
}
