package faults

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"uratori/internal/ledger"
	"uratori/tests/house"
)

// A daemon that is killed while twenty requests are under way loses none and
// does none twice: who asks again with the same key gets the verdict.
func TestTicket_KilledWhileManyWrite_EveryKeyHasItsVerdict_AndIsThereOnce(t *testing.T) {
	t.Parallel()
	h := house.New(t, program)
	const rounds, updates, creates = 20, 14, 6
	for i := range updates {
		h.Must("ticket", "create", fmt.Sprintf("INTG-%03d", i+1), "--summary", "s", "--detail", "d")
	}
	filed := map[string]string{} // summary to id
	for round := range rounds {
		text := func(i int) string { return fmt.Sprintf("text %d of round %d", i, round) }
		ask := func(i int) house.Result {
			key := fmt.Sprintf("key-%d-%d", round, i)
			if i < updates {
				return house.Finish(t, h.Command("ticket", "update", fmt.Sprintf("INTG-%03d", i+1), "--detail", text(i), "--key", key, "--json"))
			}
			return house.Finish(t, h.Command("ticket", "create", "--summary", text(i), "--key", key, "--json"))
		}
		running := h.Status()
		var all sync.WaitGroup
		first := make([]house.Result, updates+creates)
		for i := range first {
			all.Go(func() { first[i] = ask(i) })
		}
		time.Sleep(rand.N(150 * time.Millisecond)) //nolint:gosec // G404: any moment will do
		if err := syscall.Kill(running.Daemon.PID, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		all.Wait()
		for i, r := range first {
			if r.Code != 0 && r.Code != 3 {
				t.Errorf("round %d, %d: %+v", round, i, r)
			}
			again := ask(i)
			w := written(t, again)
			if again.Code != 0 || w.Verdict != ledger.Verified {
				t.Errorf("round %d, %d, asked again: %+v", round, i, again)
			}
			if i >= updates {
				filed[text(i)] = w.Ticket
			}
		}
		there := rows(t, h)
		if want := updates + (round+1)*creates; len(there) != want || len(filed) != want-updates {
			t.Fatalf("round %d: %d rows and %d ids, want %d: %q", round, len(there), len(filed), want, there)
		}
		for i := range updates {
			if row := cellsIn(there, fmt.Sprintf("INTG-%03d", i+1)); len(row) != 1 || row[0][2] != text(i) {
				t.Errorf("round %d: %q", round, row)
			}
		}
		for summary, id := range filed {
			n := slices.IndexFunc(there, func(row []string) bool { return row[1] == summary })
			if n < 0 || there[n][0] != id || len(cellsIn(there, id)) != 1 {
				t.Errorf("round %d: %s should be %s: %q", round, summary, id, there)
			}
		}
		if report := h.Verify(); report.Verdict != ledger.Verified {
			t.Errorf("round %d: %+v", round, report)
		}
	}
	if r := h.Run("factcheck", "--all"); r.Code != 0 {
		t.Errorf("%d %.3000s", r.Code, r.Out)
	}
	if s := h.Status(); s.Tracker.Pending != 0 || len(s.Problems) != 0 {
		t.Errorf("%+v", s)
	}
}
