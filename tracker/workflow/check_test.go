package workflow

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"uratori/factcheck"
	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/internal/store"
	"uratori/runner"
)

// begun is a house whose ticket was started with the workflow of the model.
func begun(t *testing.T) *house {
	t.Helper()
	h, leave := newHouse(t)
	t.Cleanup(leave)
	h.write(File, modelledAs("a", "a"))
	h.write("uratori.toml", "[project]\ntests = [\"tests/*.txt\"]\n")
	if _, err := h.Start(t.Context(), h.ticket, h.root, "agent"); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *house) passed(id string) {
	h.t.Helper()
	v, err := h.Check(context.Background(), h.ticket, "", "agent")
	if err != nil || v.Verdict != ledger.Verified {
		h.t.Fatalf("%s: %s %v %+v", id, v.Verdict, err, v.Steps)
	}
	for _, s := range v.Steps {
		if s.ID == id && s.State != Passed {
			h.t.Fatalf("%s is %s", id, s.State)
		}
	}
}

// upTo passes every step before one.
func (h *house) upTo(id string) {
	h.t.Helper()
	for _, step := range stepIDs {
		if step == id {
			return
		}
		switch step {
		case "plan":
			h.write("plan.md", "a plan")
		case "setup":
			h.write("tests/a.txt", "good")
		case "build":
			h.write("src.txt", "good")
		case "extract":
			h.tasks.run("extract", runner.Succeeded, 2)
		case "approval", "done":
			if _, err := h.Request(context.Background(), h.ticket, "", "", "agent"); err != nil {
				h.t.Fatal(err)
			}
			h.answer(step, false)
		}
		h.passed(step)
	}
}

func (h *house) current(t *testing.T) StepView {
	t.Helper()
	v, err := h.Show(t.Context(), h.ticket)
	if err != nil || v.Current == 0 {
		t.Fatal(v, err)
	}
	return v.Steps[v.Current-1]
}

func TestCheck_SomethingChangesInItsMiddle_TheStepDoesNotPass(t *testing.T) {
	for name, change := range map[string]func(h *house){
		"what was looked at":     func(h *house) { h.write("src.txt", "bad") },
		"an earlier step":        func(h *house) { h.write("plan.md", "another plan") },
		"a frozen file":          func(h *house) { h.write("tests/a.txt", "weaker") },
		"a file that is new":     func(h *house) { h.write("tests/b.txt", "x") },
		"the settings":           func(h *house) { h.write("uratori.toml", "[project]\n") },
		"the workflow":           func(h *house) { h.write(File, modelledAs("b", "a")) },
		"a block":                func(h *house) { _, _ = h.Block(context.Background(), h.ticket, "", "stop", "other") },
		"what a person approved": func(h *house) { h.forge(`UPDATE approval_requests SET state = 'rejected'`) },
	} {
		t.Run(name, func(t *testing.T) {
			h := begun(t)
			h.upTo("build")
			h.write("src.txt", "good")
			once := true
			h.meddle = func() {
				if once {
					once = false
					change(h)
				}
			}
			v, err := h.Check(t.Context(), h.ticket, "", "agent")
			if v.Verdict == ledger.Verified || err != nil && fault.KindOf(err) != fault.Conflict {
				t.Fatal(v.Verdict, err)
			}
			if s, err := h.Show(t.Context(), h.ticket); err != nil || s.Steps[3].State == Passed {
				t.Error(s.Steps[3].State, err)
			}
		})
	}
}

// forge changes the store as a shell with sqlite3 would.
func (h *house) forge(query string) {
	h.t.Helper()
	must(h.t, h.db.Write(context.Background(), func(tx *store.Tx) error {
		_, err := tx.Exec(query)
		return err
	}))
}

func TestApproval_TakenOutOfTheStore_IsNoneAnyMore(t *testing.T) {
	h := begun(t)
	h.upTo("setup")
	h.forge(`DELETE FROM approval_requests`)
	if s := h.current(t); s.ID != "approval" || s.State != Stale {
		t.Errorf("%s %s", s.ID, s.State)
	}
}

func TestCheck_WhoAskedHasGone_NothingHasHappened(t *testing.T) {
	h := begun(t)
	h.write("plan.md", "a plan")
	ctx, cancel := context.WithCancel(t.Context())
	h.meddle = cancel
	if v, err := h.Check(ctx, h.ticket, "", "agent"); err == nil {
		t.Error(v.Verdict)
	}
	h.meddle = nil
	if s := h.current(t); s.ID != "plan" || s.State != Open {
		t.Error(s.ID, s.State)
	}
	h.passed("plan") // and it is not busy for ever
}

func TestCheck_WhatCannotBeLookedAt_IsUnverifiableAndHoldsTheStep(t *testing.T) {
	h := begun(t)
	h.upTo("setup")
	// A file where the folder of the tests should be, which nobody may read.
	h.write("tests/a.txt", "good")
	if os.Geteuid() == 0 {
		must(t, os.Symlink("/etc/passwd", filepath.Join(h.root, "tests", "b.txt")))
	} else {
		must(t, os.Chmod(filepath.Join(h.root, "tests", "a.txt"), 0))
	}
	v, err := h.Check(t.Context(), h.ticket, "", "agent")
	if err != nil || v.Verdict != ledger.Unverifiable || v.Steps[2].State != Open || len(v.Steps[2].Wanting) == 0 {
		t.Errorf("%s %v %+v", v.Verdict, err, v.Steps[2])
	}
}

func TestStart_TwiceAndElsewhere(t *testing.T) {
	h, leave := newHouse(t)
	defer leave()
	ctx := t.Context()
	for name, root := range map[string]string{
		"relative": "project", "nowhere": filepath.Join(h.dir, "no"), "a file": filepath.Join(h.dir, "test.db"), "the root of all": "/",
		"a control character": h.root + "\n", "empty": "",
	} {
		if _, err := h.Start(ctx, h.ticket, root, ""); fault.KindOf(err) != fault.Invalid || err == nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := h.Start(ctx, "INTG-999", h.root, ""); fault.KindOf(err) != fault.NotFound {
		t.Error(err)
	}
	h.unseen = errors.New("no network")
	if _, err := h.Start(ctx, h.ticket, h.root, ""); fault.KindOf(err) != fault.Unavailable {
		t.Error(err)
	}
	h.unseen = nil
	h.write(File, "version: 1\n")
	if _, err := h.Start(ctx, h.ticket, h.root, ""); fault.KindOf(err) != fault.Invalid {
		t.Error(err)
	}
	h.write(File, modelledAs("a", "a"))
	link := filepath.Join(h.dir, "link")
	must(t, os.Symlink(h.root, link))
	v, err := h.Start(ctx, h.ticket, link, "")
	if err != nil || v.Root != h.root {
		t.Fatal(v.Root, err)
	}
	if again, err := h.Start(ctx, h.ticket, h.root, ""); err != nil || !again.Started.Equal(v.Started) {
		t.Error(again.Started, err)
	}
	if _, err := h.Start(ctx, h.ticket, h.space, ""); fault.KindOf(err) != fault.Conflict {
		t.Error(err)
	}
}

func TestBlock_WantsAReason_AndIsTakenBackByAStart(t *testing.T) {
	h := begun(t)
	ctx := t.Context()
	for _, reason := range []string{"", "  \n", strings.Repeat("長", longestReason+1), "\xff"} {
		if _, err := h.Block(ctx, h.ticket, "", reason, ""); fault.KindOf(err) != fault.Invalid || err == nil {
			t.Errorf("%.10q: %v", reason, err)
		}
	}
	v, err := h.Block(ctx, h.ticket, "", "画像がありません", "agent")
	if err != nil || v.Steps[0].State != Blocked || v.Steps[0].Reason != "画像がありません" {
		t.Fatal(v.Steps[0], err)
	}
	if v, err = h.Start(ctx, h.ticket, "", "agent"); err != nil || v.Steps[0].State != Open || v.Steps[0].Reason != "" {
		t.Error(v.Steps[0], err)
	}
}

func TestState_OutlivesTheDaemon(t *testing.T) {
	h := begun(t)
	h.upTo("extract")
	before, err := h.Show(t.Context(), h.ticket)
	must(t, err)
	must(t, h.db.Close())
	h.start()
	after, err := h.Show(t.Context(), h.ticket)
	must(t, err)
	for i := range before.Steps {
		if before.Steps[i].State != after.Steps[i].State || len(before.Steps[i].Evidence) != len(after.Steps[i].Evidence) {
			t.Errorf("%+v\n%+v", before.Steps[i], after.Steps[i])
		}
	}
	if after.Current != 5 {
		t.Error(after.Current)
	}
}

func TestFacts_OfATicketInWork_AreItsStepsGatesAndRules_AndCommandsAreNotRun(t *testing.T) {
	h, leave := newHouse(t)
	defer leave()
	ctx := t.Context()
	h.write(File, strings.Replace(modelledAs("a", "a"), "gate: {file: {plan.md: {contains: [plan]}}}",
		"gate: {file: {plan.md: {contains: [plan]}}, command: {count: {exec: [sh, count.sh]}}}", 1))
	h.write("count.sh", "echo x >> ran\n")
	h.write("plan.md", "a plan")
	h.write("uratori.toml", "[project]\ntests = [\"tests/*.txt\"]\n[[rules]]\nname = \"no drafts\"\nmatch = [\"*.draft\"]\n")
	if _, err := h.Start(ctx, h.ticket, h.root, ""); err != nil {
		t.Fatal(err)
	}
	h.passed("plan")
	verdicts := func() map[string]ledger.Verdict {
		r, err := h.check.Check(ctx, h.ticket)
		must(t, err)
		found := map[string]ledger.Verdict{}
		for _, f := range r.Findings {
			found[f.Type+" "+f.Subject] = f.Verdict
		}
		return found
	}
	for claim, v := range map[string]ledger.Verdict{"step 1 plan": ledger.Verified, "file plan.md": ledger.Verified, "no_match_since no drafts": ledger.Verified} {
		if got := verdicts(); got[claim] != v || len(got) != 3 {
			t.Errorf("%s: %v", claim, got)
		}
	}
	if ran, err := os.ReadFile(filepath.Join(h.root, "ran")); err != nil || string(ran) != "x\n" {
		t.Errorf("%q %v", ran, err)
	}
	h.write("x.draft", "x")
	h.write("count.sh", "true\n") // another command than the one that was run
	if got := verdicts(); got["step 1 plan"] != ledger.Refuted || got["no_match_since no drafts"] != ledger.Refuted || got["file plan.md"] != ledger.Verified {
		t.Error(got)
	}
	h.write("plan.md", "")
	if got := verdicts(); got["file plan.md"] != ledger.Refuted {
		t.Error(got)
	}
}

func TestLost_TheFolderOfTheProject_NothingHoldsAndNothingPasses(t *testing.T) {
	h := begun(t)
	h.upTo("setup")
	must(t, os.Rename(h.root, h.root+".away"))
	v, err := h.Show(t.Context(), h.ticket)
	if err != nil || v.Problem == nil || fault.KindOf(v.Problem) != fault.Unavailable || v.Steps[0].State != Stale || v.Steps[1].State != Stale {
		t.Fatalf("%v %v %+v", err, v.Problem, v.Steps)
	}
	v, err = h.Check(t.Context(), h.ticket, "", "")
	if err != nil || v.Verdict != ledger.Unverifiable {
		t.Error(v.Verdict, err)
	}
	must(t, os.Rename(h.root+".away", h.root))
	if s := h.current(t); s.ID != "setup" {
		t.Error(s.ID, s.State)
	}
}

func TestList_IsWhatIsInWork_TheLatestFirst(t *testing.T) {
	h := begun(t)
	views, err := h.List(t.Context(), h.root)
	if err != nil || len(views) != 1 || views[0].Ticket != h.ticket {
		t.Error(views, err)
	}
	if views, err = h.List(t.Context(), h.space); err != nil || len(views) != 0 {
		t.Error(views, err)
	}
	h.upTo("")
	if v, err := h.Show(t.Context(), h.ticket); err != nil || v.Finished.IsZero() || v.Current != 0 {
		t.Fatal(v.Finished, err)
	}
	if views, err = h.List(t.Context(), ""); err != nil || len(views) != 0 {
		t.Error(views, err)
	}
	if _, err := h.Block(t.Context(), h.ticket, "", "too late", ""); fault.KindOf(err) != fault.Conflict {
		t.Error(err)
	}
}

func TestCheck_TwoAtOnce_OneIsTurnedAway(t *testing.T) {
	h := begun(t)
	h.write("plan.md", "a plan")
	var second error
	h.meddle = func() {
		h.meddle = nil
		_, second = h.Check(context.Background(), h.ticket, "", "")
	}
	v, err := h.Check(t.Context(), h.ticket, "", "")
	if err != nil || v.Verdict != ledger.Verified || fault.KindOf(second) != fault.Conflict {
		t.Error(v.Verdict, err, second)
	}
}

// lazy says verified of everything without having looked.
type lazy struct{}

func (lazy) Judge(_ context.Context, ticket string, _ []factcheck.Claim) (factcheck.Report, error) {
	return factcheck.Report{Ticket: ticket, Verdict: ledger.Verified, ReadAt: time.Now()}, nil
}

func TestCheck_OfALookThatFoundNothing_PassesNothing(t *testing.T) {
	h := begun(t)
	h.o.Judge = lazy{}
	v, err := h.Check(t.Context(), h.ticket, "", "")
	if err != nil || v.Verdict != ledger.Unverifiable || v.Steps[0].State != Open {
		t.Error(v.Verdict, err)
	}
}
