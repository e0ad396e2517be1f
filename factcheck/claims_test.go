package factcheck

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"uratori/internal/fault"
	"uratori/internal/ledger"
)

func TestJudge_TheseClaimsAndNoOthers_InTheirOrder(t *testing.T) {
	t.Parallel()
	o, b := options(list{"A-1": {saying{"t", "A-1", "refuted"}}}) // of a source, which is not asked
	r, err := New(o).Judge(t.Context(), "A-1", []Claim{saying{"t", "A-1", "verified"}, saying{"other", "A-1", "x"}})
	if err != nil || len(r.Findings) != 2 || r.Findings[0].Verdict != ledger.Verified || key(r.Findings[1].Reason) != "factcheck.no_checker" {
		t.Errorf("%+v, %v", r, err)
	}
	if r.Verdict != ledger.Unverifiable || r.Entry != 1 || len(b.entries) != 1 {
		t.Errorf("%+v", r)
	}
}

func TestJudge_NothingClaimed_VerifiesNothing(t *testing.T) {
	t.Parallel()
	o, b := options(list{})
	r, err := New(o).Judge(t.Context(), "A-1", nil)
	if err != nil || r.Verdict != ledger.Unverifiable || key(r.Reason) != "factcheck.asked_nothing" || len(b.entries) != 1 {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestJudge_ClaimsThatAreNone_AreAnError(t *testing.T) {
	t.Parallel()
	for _, claims := range [][]Claim{{saying{"t", "A-2", "verified"}}, {nil}, {saying{"t", "A-1", "verified"}, nil}} {
		o, b := options(list{})
		if r, err := New(o).Judge(t.Context(), "A-1", claims); err == nil || r.Verdict != "" || len(b.entries) != 0 {
			t.Errorf("%+v, %v", r, err)
		}
	}
	o, _ := options(list{})
	if _, err := New(o).Judge(t.Context(), "A\n1", nil); key(err) != "factcheck.bad_ticket" || fault.KindOf(err) != fault.Invalid {
		t.Error(err)
	}
}

func TestJudge_CallerWhoLeft_LeavesNoReport(t *testing.T) {
	t.Parallel()
	o, b := options(list{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := New(o).Judge(ctx, "A-1", []Claim{saying{"t", "A-1", "verified"}}); err == nil || len(b.entries) != 0 {
		t.Errorf("%v, %+v", err, b.entries)
	}
}

// What a verdict was taken from is in the ledger, however much there is of it.
func TestReport_BasesAndLogs_AreInTheLedger(t *testing.T) {
	t.Parallel()
	l := open(t)
	for _, count := range []int{0, 1, mostBases, mostBases + 1, 5000} {
		o, _ := options(list{})
		o.Recorder = l
		o.Checkers["t"] = checker(func(claims []Claim) ([]Finding, error) {
			f := Finding{Verdict: ledger.Verified, LookedAt: noon, Log: "/evidence/" + strings.Repeat("a", 64)}
			for i := range count {
				f.Basis = append(f.Basis, Basis{Kind: "file", Name: fmt.Sprintf("\xff%d%s", i, strings.Repeat("x", 5000)), SHA256: "s", Stat: "of this machine"})
			}
			return []Finding{f}, nil
		})
		r, err := New(o).Judge(t.Context(), "A-1", []Claim{saying{"t", "A-1", "verified"}})
		if err != nil || len(r.Findings[0].Basis) != count {
			t.Fatalf("%d: %v", count, err)
		}
		last, err := l.Last(t.Context(), 1, "A-1")
		if err != nil {
			t.Fatal(err)
		}
		var e entry
		if err := json.Unmarshal(last[0].Data, &e); err != nil {
			t.Fatal(err)
		}
		c := e.Claims[0]
		if len(c.Basis) != min(count, mostBases) || (c.Bases != "") != (count > mostBases) || c.Log != strings.Repeat("a", 64) || len(last[0].Data) > 200_000 {
			t.Errorf("%d: %d bases, %q, %q, %d bytes", count, len(c.Basis), c.Bases, c.Log, len(last[0].Data))
		}
	}
}
