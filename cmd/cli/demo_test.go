package cli

import (
	"testing"

	"uratori/cmd/demo"
	"uratori/internal/ledger"
)

// A claim of the demo that does not hold is told to scripts, too.
func TestDemo_AClaimDoesNotHold_EndsWithOne(t *testing.T) {
	for v, want := range map[ledger.Verdict]int{ledger.Verified: exitDone, ledger.Refuted: exitFailed, ledger.Unverifiable: exitUnverifiable} {
		table := demo.Table{Proofs: []demo.Proof{{Name: "a", Verdict: ledger.Verified}, {Name: "planted", Verdict: v}}}
		if got := exitStatus(judged(table.Verdict())); got != want {
			t.Errorf("%s: %d, want %d", v, got, want)
		}
	}
}
