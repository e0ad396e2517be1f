package workflow

import (
	"context"
	"maps"
	"slices"
	"time"

	"uratori/factcheck"
	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/tracker/approval"
)

// checkedEntry is what the ledger keeps of a check that a step did not pass.
type checkedEntry struct {
	Step    string         `json:"step"`
	Verdict ledger.Verdict `json:"verdict"`
	Reports []int64        `json:"reports"` // entries with what was found
	Why     string         `json:"why,omitempty"`
	By      string         `json:"by,omitempty"`
}

// passedEntry is what the ledger keeps of a step that has passed.
type passedEntry struct {
	Step       string  `json:"step"`
	Number     int     `json:"number"`
	Reports    []int64 `json:"reports"`            // entries with what was found
	Bases      string  `json:"bases_sha256"`       // of what it was found in
	Count      int     `json:"bases"`              // how many those are
	Frozen     int     `json:"frozen,omitzero"`    // files that are frozen now
	Approved   string  `json:"approved,omitempty"` // the digest that a person has approved
	Answer     int64   `json:"answer,omitzero"`    // the entry with the answer
	Definition string  `json:"definition"`
	Settings   string  `json:"settings"`
	By         string  `json:"by,omitempty"`
}

// store keeps what the check found. Only here does a step pass.
func (t *trial) store(ctx context.Context, began time.Time) error {
	s, now := t.s, t.w.o.Now()
	for _, step := range s.def.Steps {
		again, ok := t.again[step.ID]
		if !ok {
			continue
		}
		// What it was seen from is as it was: where that has changed, it does not
		// hold, and the look is worth nothing.
		earlier := s.step(step.ID)
		switch again.verdict {
		case ledger.Verified:
			earlier.Evidence = append(earlier.Evidence, again.report.Entry)
		case ledger.Refuted:
			earlier.State, earlier.Checked, earlier.Found = Open, now, foundOf(again.report.Findings)
		}
	}
	pinned := false
	if t.verdict == ledger.Verified && t.step.Person() && s.now.moved {
		pinned = true
		if s.repin(); !s.before(t.step.ID) {
			t.worse(ledger.Refuted, fault.New(fault.Failed, "workflow.pinned", "step", t.step.ID))
		}
	}
	p := s.step(t.step.ID)
	p.Checked, p.Found = now, foundOf(t.findings)
	if t.why != nil {
		p.Found = append([]Found{{Claim: KindStep, Subject: t.step.ID, Verdict: t.verdict, Why: fault.Encode(t.why), LookedAt: began}}, p.Found...)
	}
	if t.verdict == ledger.Verified {
		t.pass(p, now)
	} else if t.verdict == ledger.Refuted && p.State == Passed {
		p.State = Open
	}
	return t.w.save(ctx, s.record, func(add adder) error {
		if pinned {
			if _, err := add("workflow.pinned", pinnedEntry{t.step.ID, t.approved, s.def.Digest, s.settings.Digest}); err != nil {
				return err
			}
		}
		if t.verdict != ledger.Verified {
			_, err := add("workflow.checked", checkedEntry{t.step.ID, t.verdict, t.reports, codeOf(t.why), t.by})
			return err
		}
		e := passedEntry{
			Step: t.step.ID, Number: t.step.Number, Reports: t.reports, Bases: sumOf(p.Bases), Count: len(p.Bases), Frozen: len(s.Frozen),
			Approved: p.Approved, Definition: s.def.Digest, Settings: s.settings.Digest, By: t.by,
		}
		if t.asked != nil {
			e.Answer = t.asked.Entry
		}
		seq, err := add("workflow.passed", e)
		p.Evidence = append(slices.Clone(t.reports), seq)
		if e.Answer != 0 {
			p.Evidence = append(p.Evidence, e.Answer)
		}
		if err == nil && !s.Finished.IsZero() {
			_, err = add("workflow.finished", finishedEntry{s.def.Name, len(s.def.Steps)})
		}
		return err
	})
}

// pinnedEntry is what the ledger keeps of a change that a person has approved.
type pinnedEntry struct {
	Step       string `json:"step"`
	Approved   string `json:"approved"`
	Definition string `json:"definition"`
	Settings   string `json:"settings"`
}

type finishedEntry struct {
	Name  string `json:"name"`
	Steps int    `json:"steps"`
}

// kept are the bases that the evidence of a step depends on.
func (s *standing) kept(step Step, bases []factcheck.Basis) []factcheck.Basis {
	if len(step.Freeze) > 0 {
		bases = append(bases, frozenBases(s.Frozen)...)
	}
	return bases
}

// frozenBases are frozen files as what a verdict was taken from.
func frozenBases(frozen map[string]string) (bases []factcheck.Basis) {
	for _, path := range slices.Sorted(maps.Keys(frozen)) {
		bases = append(bases, factcheck.Basis{Kind: "file", Name: path, SHA256: frozen[path]})
	}
	return bases
}

// pass marks the step as passed.
func (t *trial) pass(p *progress, now time.Time) {
	s := t.s
	if t.step.Person() {
		for path, hash := range s.thawed { // a person has seen what became of them
			if s.Frozen[path] = hash; hash == "" {
				delete(s.Frozen, path)
			}
		}
		if len(s.thawed) > 0 {
			s.refreeze()
		}
		p.Approved, p.Parts = t.approved, s.parts(t.step)
	}
	maps.Copy(s.Frozen, t.frozen)
	p.State, p.Reason, p.Passed, p.Terms = Passed, "", now, s.terms(t.step)
	p.Bases = s.kept(t.step, basesOf(t.findings))
	if t.step.Number == len(s.def.Steps) {
		s.Finished = now
		return
	}
	if next := s.step(s.def.Steps[t.step.Number].ID); next.Began.IsZero() {
		next.Began = now
	}
}

func codeOf(err error) string {
	if err == nil {
		return ""
	}
	if f, ok := err.(*fault.Error); ok { //nolint:errorlint // the outermost is the one to name
		return f.Key
	}
	return "error"
}

func sumOf(bases []factcheck.Basis) string {
	var parts []approval.Part
	for _, b := range bases {
		parts = append(parts, approval.Part{Kind: b.Kind, Name: b.Name, SHA256: b.SHA256})
	}
	return approval.Digest(parts)
}
