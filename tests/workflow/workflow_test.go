package workflow

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/tests/house"
)

const settings = `[project]
tests = ["tests/**"]
test = ["sh", "tests/test.sh"]
test_report = "build/junit.xml"
sources = ["src/**"]
inputs = ["in/*.png"]
outputs = ["out/*.png"]

[[rules]]
name = "no drafts"
match = ["*.draft"]
message = "drafts belong into the ticket's folder"
`

// testScript runs the one test that there is.
const testScript = `mkdir -p build
if test "$(sh src/extract.sh)" = done; then bad=0; body=; else bad=1; body='<failure message="not done"/>'; fi
printf '<testsuite name="all" tests="1" failures="%d"><testcase name="extracts">%s</testcase></testsuite>\n' $bad "$body" > build/junit.xml
exit $bad
`

// document fills a document of the ticket in.
func (s *stage) document(name, about string) {
	s.t.Helper()
	w := s.ask(0)
	s.write(filepath.Join(w.Workspace, name+"_"+s.ticket+".md"), "# "+about+"\n\n"+strings.Repeat("本文。", 100)+"\n")
}

// upToExtraction does everything before the extraction.
func (s *stage) upToExtraction() {
	s.t.Helper()
	s.write("uratori.toml", settings)
	s.commit("settings")
	if w := s.ask(0, "start"); w.Current != 1 || len(w.Steps) != 13 || w.Root != s.root {
		s.t.Fatalf("%+v", w)
	}
	s.passes("read")
	s.fails("sow", 1, "<!--") // the template is there, and nothing else
	s.document("SOW", "作業範囲")
	s.passes("sow")
	s.document("IMPLEMENTATION_PLAN", "計画")
	s.passes("plan")
	s.fails("plan-approval", 1, "nobody was asked")
	s.ask(0, "request-approval", "--reason", "できました")
	w := s.fails("plan-approval", 1, "has not answered")
	if current(w).State != "waiting" || current(w).Approval == nil || current(w).Approval.State != "requested" {
		s.t.Fatalf("%+v", current(w))
	}
	asked := s.approves("plan-approval")
	kinds := map[string]int{}
	for _, part := range asked.Subject {
		kinds[part.Kind]++
	}
	if kinds["definition"] != 1 || kinds["settings"] != 1 || kinds["file"] != 2 {
		s.t.Fatalf("%+v", asked.Subject)
	}
	s.passes("plan-approval")
	s.fails("setup", 1, "freeze")
	s.write("tests/test.sh", testScript)
	s.passes("setup")
	s.fails("implement", 1)
	s.write("src/extract.sh", "echo wrong\n")
	s.commit("an implementation")
	s.passes("implement")
	s.fails("test", 1, "command tests")
	s.write("src/extract.sh", "echo done\n")
	s.commit("a better one")
	s.passes("test")
}

// extraction runs the job.
func (s *stage) extraction() {
	s.t.Helper()
	if err := os.MkdirAll(filepath.Join(s.root, "out"), 0o700); err != nil {
		s.t.Fatal(err)
	}
	var queued control.Enqueued
	s.json(&queued, 0, "enqueue", s.ticket, "--name", "extract", "--items", "in/*.png", "--out", "out/{stem}.png", "--", "cp", "in/a.png", "in/b.png", "out")
	s.Must("wait", "1")
}

func TestThirteenSteps_OfARealProject_EndWithAPersonsWordOnWhatWasSeen(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.upToExtraction()

	s.fails("extract", 1, "no task extract")
	s.extraction()
	s.commit("the pages")
	s.passes("extract")
	s.passes("quality")
	s.write("notes.draft", "x")
	s.fails("rules", 1, "no drafts", "drafts belong into the ticket's folder")
	if err := os.Remove(filepath.Join(s.root, "notes.draft")); err != nil {
		t.Fatal(err)
	}
	s.passes("rules")
	s.Must("ticket", "update", s.ticket, "--set", "ステータス=確認中")
	s.passes("record")
	s.passes("complete")
	s.refused(4, "workflow.nobody_needed", "request-approval", "--step", "plan-approval")
	s.ask(0, "request-approval")
	s.approves("completion-approval")
	s.passes("completion-approval")

	w := s.ask(0)
	if w.FinishedAt == nil || w.Current != 0 || states(w) != strings.TrimSpace(strings.Repeat("passed ", 13)) {
		t.Fatalf("%s %+v", states(w), w)
	}
	s.refused(4, "workflow.finished", "check")
	var facts control.FactReport
	s.json(&facts, 0, "factcheck", s.ticket)
	claims := map[string]int{}
	for _, c := range facts.Checks {
		claims[c.Claim]++
	}
	if facts.Verdict != ledger.Verified || claims["task"] != 1 || claims["images"] != 1 || claims["sheet_cell"] < 3 {
		t.Errorf("%s %v", facts.Verdict, claims)
	}
	if n := len(s.Entries("workflow.passed")); n != 13 {
		t.Errorf("%d steps have passed in the ledger", n)
	}
	if v := s.Verify(); v.Verdict != ledger.Verified {
		t.Errorf("%+v", v)
	}
}

func TestExtraction_IsSkippedThroughNoDoor(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.upToExtraction()
	for _, step := range []string{"9", "quality", "12", "13"} {
		s.refused(1, "workflow.not_yet", "check", "--step", step)
		s.refused(1, "workflow.not_yet", "block", "--step", step, "--reason", "x")
		s.refused(1, "workflow.not_yet", "request-approval", "--step", step)
	}
	s.refused(4, "workflow.nobody_needed", "request-approval")
	s.refused(2, "workflow.no_step", "check", "--step", "done")
	// A task of another ticket, one of another name, and one that made nothing.
	other := s.ticket
	var filed control.Write
	s.json(&filed, 0, "ticket", "create", "--summary", "別", "--detail", "別")
	s.ticket = filed.Ticket
	s.extraction()
	s.ticket = other
	s.fails("extract", 1, "no task extract")
	// The outputs are there now, so that this one has nothing to do.
	var queued control.Enqueued
	s.json(&queued, 0, "enqueue", s.ticket, "--name", "extract", "--", "true")
	s.Must("wait", "2")
	s.fails("extract", 1, "0 items")
	s.ask(0, "block", "--reason", "抽出できません")
	s.refused(4, "workflow.blocked", "check")
	if w := s.ask(0); current(w).ID != "extract" || current(w).State != "blocked" || current(w).Reason != "抽出できません" {
		t.Errorf("%+v", current(w))
	}
	if w := s.ask(0, "start"); current(w).ID != "extract" || current(w).State != "open" {
		t.Errorf("%+v", current(w))
	}
	if w := s.ask(0); strings.Contains(states(w)[strings.Index(states(w), "open"):], "passed") {
		t.Error(states(w))
	}
}

func TestFrozenTests_AreUnfrozenByAPersonAlone(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.upToExtraction()
	s.write("tests/test.sh", testScript+"# another\n")
	w := s.ask(0)
	if current(w).ID != "plan-approval" || w.Steps[4].State != "stale" || w.Steps[6].State != "stale" {
		t.Fatal(states(w))
	}
	s.fails("plan-approval", 1, "not what a person was asked to approve")
	s.ask(0, "request-approval", "--reason", "テストを変更しました")
	asked := s.approves("plan-approval")
	if last := asked.Subject[len(asked.Subject)-1]; last.Kind != "unfrozen" || last.Name != "tests/test.sh" {
		t.Errorf("%+v", asked.Subject)
	}
	s.passes("plan-approval")
	s.passes("setup")
	for _, id := range []string{"implement", "test"} {
		s.passes(id)
	}
	if w := s.ask(0); current(w).ID != "extract" {
		t.Error(states(w))
	}
}

func TestSettings_ChangedAfterTheApproval_CountOnlyOnceAPersonHasApprovedThem(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.upToExtraction()
	s.write("uratori.toml", strings.Replace(settings, `"sh", "tests/test.sh"`, `"true"`, 1))
	w := s.ask(0)
	if current(w).ID != "plan-approval" || w.Problem == nil || w.Problem.Code != "workflow.pins_moved" {
		t.Fatalf("%s %+v", states(w), w.Problem)
	}
	s.fails("plan-approval", 1)
	s.write("uratori.toml", settings)
	if w := s.ask(0); w.Problem != nil {
		t.Errorf("%+v", w.Problem)
	}
	// Without a value that a later step needs nobody is asked.
	s.write("uratori.toml", strings.Replace(settings, `sources = ["src/**"]`, "", 1))
	s.refused(3, "workflow.lacks", "request-approval")
	s.write("uratori.toml", settings+"\n[hooks]\ndeny_commands = [\"git push*\"]\n")
	s.ask(0, "request-approval")
	s.approves("plan-approval")
	if w := s.ask(1, "check"); current(w).ID != "read" || current(w).State != "stale" || w.Problem != nil {
		t.Fatalf("%s %+v", states(w), w.Problem)
	}
	for _, id := range []string{"read", "sow", "plan", "plan-approval", "setup", "implement", "test"} {
		s.passes(id)
	}
}

// slowly is a workflow of the project's own, whose first step takes as long as
// the test wants.
func slowly(t *testing.T) string {
	t.Helper()
	return house.WorkflowWith(t, "id: plan\n    phase: 0\n    name: {ja: 計画, en: Plan}\n    gate: {file: {plan.md: {size: {min: 1}}}}",
		"id: slow\n    phase: 0\n    name: {ja: 待つ, en: Wait}\n    gate: {command: {slow: {exec: [sh, slow.sh]}}}")
}

func TestCheck_DaemonKilledInItsMiddle_NothingHasPassed(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.write("uratori.workflow.yaml", slowly(t))
	s.write("slow.sh", "echo x >> began\nwhile ! test -e go; do sleep 0.02; done\n")
	s.ask(0, "start")
	cmd := s.Command("--json", "workflow", s.ticket, "check")
	cmd.Dir = s.root
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	house.Until(t, "the command runs", func() bool {
		_, err := os.Stat(filepath.Join(s.root, "began"))
		return err == nil
	})
	s.refused(4, "workflow.busy", "check")
	s.Kill(s.Status())
	if err := cmd.Wait(); err == nil {
		t.Error("a check that nobody finished has ended well")
	}
	w := s.ask(0)
	if current(w).ID != "slow" || current(w).State != "open" || current(w).PassedAt != nil || len(s.Entries("workflow.passed")) != 0 {
		t.Fatalf("%+v", current(w))
	}
	if v := s.Verify(); v.Verdict != ledger.Verified {
		t.Errorf("%+v", v)
	}
	s.write("go", "")
	s.passes("slow")
	if w := s.ask(0); current(w).ID != "approval" {
		t.Error(states(w))
	}
}

func TestWorkflow_WithoutATicket_IsThatOfTheFolder(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.ask(0, "start")
	var w control.Workflow
	s.json(&w, 0, "workflow", "check")
	if w.Ticket != s.ticket || w.Verdict != ledger.Verified || w.Current != 2 {
		t.Errorf("%+v", w)
	}
	var all []control.Workflow
	s.json(&all, 0, "workflow")
	if len(all) != 1 || all[0].Ticket != s.ticket {
		t.Errorf("%+v", all)
	}
	s.refused(2, "cli.workflow.no_action", "done")
	s.refused(2, "cli.workflow.flag_alone", "check", "--reason", "it is done")
	for _, flag := range []string{"--done", "--passed", "--force", "--skip", "--yes"} {
		r := house.Finish(t, s.Command("workflow", s.ticket, "check", flag))
		if r.Code != 2 {
			t.Errorf("%s: %d %s", flag, r.Code, r.Out)
		}
	}
}

func TestFactCheck_OfATicketInWork_TellsWhatNoLongerHolds(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.upToExtraction()
	s.extraction()
	s.commit("the pages")
	s.passes("extract")
	s.passes("quality")
	var facts control.FactReport
	s.json(&facts, 0, "factcheck", s.ticket)
	if err := os.Truncate(filepath.Join(s.root, "out", "b.png"), 100); err != nil { // it cannot be read to its end now
		t.Fatal(err)
	}
	s.write("page.png", "x")
	s.write("late.draft", "x")
	s.json(&facts, 1, "factcheck", s.ticket)
	bad := map[string]bool{}
	for _, c := range facts.Checks {
		if c.Verdict == ledger.Refuted {
			bad[c.Claim+" "+c.Subject] = true
		}
	}
	for _, claim := range []string{"step 9 quality", "task extract", "images out/*.png", "no_match_since no drafts", "git_commit work"} {
		if !bad[claim] {
			t.Errorf("%s is not refuted: %v", claim, bad)
		}
	}
	if bad["no_match_since root_images"] {
		t.Error("the step with that rule has not passed")
	}
	if w := s.ask(0); current(w).ID != "quality" || current(w).State != "stale" {
		t.Error(states(w))
	}
}

func TestClaims_AreJudgedOneByOne_AndNothingElseIsOpened(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.person(func(ctx context.Context, c *control.Client) error {
		claim := func(text string) any {
			var v any
			if err := json.Unmarshal([]byte(text), &v); err != nil {
				t.Fatal(err)
			}
			return v
		}
		r, err := c.CheckClaims(ctx, control.CheckClaims{Ticket: s.ticket, Root: s.root, Claims: []any{
			claim(`{"file": {"README.md": {"contains": ["抽出"]}}}`), claim(`{"file": {"gone.md": {}}, "sheet_cell": {"概要": {"equals": "抽出の自動化"}}}`),
		}})
		if err != nil {
			return err
		}
		var verdicts []string
		for _, f := range r.Checks {
			verdicts = append(verdicts, f.Claim+" "+string(f.Verdict))
		}
		if got := strings.Join(verdicts, ", "); got != "file verified, file refuted, sheet_cell verified" || r.Verdict != ledger.Refuted {
			t.Error(got, r.Verdict)
		}
		for name, bad := range map[string]control.CheckClaims{
			"nothing":      {Ticket: s.ticket, Root: s.root},
			"unknown":      {Ticket: s.ticket, Root: s.root, Claims: []any{claim(`{"belief": {"it": {}}}`)}},
			"outside":      {Ticket: s.ticket, Root: s.root, Claims: []any{claim(`{"file": {"../../etc/passwd": {}}}`)}},
			"no mapping":   {Ticket: s.ticket, Root: s.root, Claims: []any{claim(`"file"`)}},
			"a bad ticket": {Ticket: "", Root: s.root, Claims: []any{claim(`{"file": {"a": {}}}`)}},
			"a bad root":   {Ticket: s.ticket, Root: "project", Claims: []any{claim(`{"file": {"a": {}}}`)}},
		} {
			if r, err := c.CheckClaims(ctx, bad); fault.KindOf(err) != fault.Invalid || err == nil {
				t.Errorf("%s: %v %+v", name, err, r)
			}
		}
		return nil
	})
}

func TestPhase_IsShownInTheTable_WhereItHasAColumnForIt(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	table := filepath.Join(t.TempDir(), "t.csv")
	s.write(table, "ID,概要,詳細,ステータス,承認,フェーズ\nINTG-100,抽出,全ページ,起票,,古い\n")
	s.Must("sheet", "import", "--replace", table)
	s.ticket = "INTG-100"
	s.ask(0, "start")
	shows := func(want string) func() bool {
		return func() bool {
			var row control.Ticket
			s.json(&row, 0, "ticket", "show", s.ticket)
			for _, f := range row.Fields {
				if f.Column == "フェーズ" {
					return f.Text == want
				}
			}
			return false
		}
	}
	house.Until(t, "the first step is in the table", shows("0: 1/13 Read the tracker"))
	s.passes("read")
	house.Until(t, "the second step is in the table", shows("1: 2/13 Write the statement of work"))
	s.ask(0, "block", "--reason", "x")
	house.Until(t, "the block is in the table", shows("1: 2/13 Write the statement of work (blocked)"))
}
