package workflow

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"uratori/internal/control"
	"uratori/internal/ledger"
	"uratori/tests/house"
)

// ladder is a workflow of many small steps before those that every one has.
func ladder(steps int) string {
	var b strings.Builder
	b.WriteString("version: 1\nname: ladder\nsteps:\n")
	for n := range steps {
		fmt.Fprintf(&b, "  - {id: rung%d, phase: 0, name: {ja: 段, en: Rung}, gate: {file: {rung%d: {size: {min: 1}}}}}\n", n, n)
	}
	_, rest, _ := strings.Cut(house.Workflow, "  - id: approval")
	return b.String() + "  - id: approval" + rest
}

func TestChecks_UnderADaemonThatIsKilledAtAnyMoment_WhatWasAcknowledgedHasPassed_AndNothingElse(t *testing.T) {
	t.Parallel()
	const rungs = 20
	seed := rand.Uint64() //nolint:gosec // it only chooses moments
	t.Logf("seed %d", seed)
	chance := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // it only chooses moments
	s := newStage(t)
	s.write("uratori.workflow.yaml", ladder(rungs))
	for n := range rungs {
		s.write(fmt.Sprintf("rung%d", n), "x")
	}
	s.ask(0, "start")
	acknowledged := 0 // steps of which a check has said that they passed
	for kills := 0; kills < 12; kills++ {
		done := make(chan control.Workflow, 1)
		cmd := s.Command("--json", "workflow", s.ticket, "check")
		go func() {
			var w control.Workflow
			if out, err := cmd.Output(); err == nil {
				_ = json.Unmarshal(out, &w) // what cannot be read acknowledges nothing
			}
			done <- w
		}()
		moment := time.NewTimer(time.Duration(chance.IntN(120)) * time.Millisecond)
		var told control.Workflow
		select {
		case told = <-done:
			moment.Stop()
		case <-moment.C:
			s.Kill(s.Status())
			told = <-done
		}
		if told.Verdict == ledger.Verified {
			acknowledged = max(acknowledged, told.Current-1)
		}
		w := s.ask(0)
		passed := 0
		for _, step := range w.Steps {
			if step.State == "passed" {
				passed++
			}
		}
		var entries []string
		for _, e := range s.Entries("workflow.passed") {
			entries = append(entries, string(e.Data))
		}
		if passed < acknowledged || passed != w.Current-1 || passed != len(slices.Compact(entries)) {
			t.Fatalf("%d acknowledged, %d shown as passed, %d in the ledger, in hand %d", acknowledged, passed, len(entries), w.Current)
		}
	}
	if v := s.Verify(); v.Verdict != ledger.Verified {
		t.Errorf("%+v", v)
	}
	house.Until(t, "the rest passes", func() bool {
		w := s.ask(0)
		if current(w).ID == "approval" {
			return true
		}
		s.passes(current(w).ID)
		return false
	})
}
