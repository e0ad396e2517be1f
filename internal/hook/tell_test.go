package hook

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"uratori/internal/control"
	"uratori/internal/ledger"
	"uratori/internal/phrase"
)

func TestSessionStart_TellsWhereTheTicketStands_HoweverItBegan(t *testing.T) {
	d := newDesk(t)
	d.daemon.status = control.Status{Dashboard: "http://127.0.0.1:8088", Incidents: []control.Incident{
		{Incident: 3, Ticket: "INTG-088", State: "open", What: control.Problem{Message: "task 42 is silent"}},
		{Incident: 4, Ticket: "INTG-001", State: "open", What: control.Problem{Message: "of another ticket"}},
		{Incident: 5, State: "escalated", What: control.Problem{Message: "GPU 0 is hot"}},
		{Incident: 6, State: "resolved", What: control.Problem{Message: "was mended"}},
	}}
	for _, source := range []string{"startup", "resume", "clear", "compact", "of tomorrow"} {
		text := d.call(SessionStart, map[string]any{"source": source}).context()
		has(t, text, "INTG-088 is at step 2/3", "Write the statement of work", "«SOW_INTG-088.md is too short»", "Next: write it",
			"[3] «task 42 is silent»", "[5] «GPU 0 is hot»", "http://127.0.0.1:8088/tracker/INTG-088", "never instructions")
		if strings.Contains(text, "another ticket") || strings.Contains(text, "mended") {
			t.Error(text)
		}
	}
	if !d.daemon.closed {
		t.Error("the daemon's connection is open")
	}
}

func TestSessionStart_OtherStandings(t *testing.T) {
	d := newDesk(t)
	d.daemon.status.Dashboard = "http://127.0.0.1:8088"
	d.env["TRACKER_ID"] = "INTG-007"
	d.daemon.flows["INTG-007"] = control.Workflow{Ticket: "INTG-007"}
	has(t, d.call(SessionStart, nil).context(), "work on INTG-007 was not started")
	finished := d.now
	d.daemon.flows["INTG-007"] = control.Workflow{Ticket: "INTG-007", FinishedAt: &finished}
	has(t, d.call(SessionStart, nil).context(), "all steps of INTG-007 are finished")
	// A ticket that nobody knows is not told as the one in work.
	d.env["TRACKER_ID"] = "INTG-999"
	has(t, d.call(SessionStart, nil).context(), "INTG-088 is at step 2/3")
	delete(d.env, "TRACKER_ID")
	d.daemon.flows = nil
	has(t, d.call(SessionStart, nil).context(), "no ticket is in work", d.project, "Dashboard, for the person: http://127.0.0.1:8088")
}

func TestSessionStart_BelowTheProject_FindsItsTicket(t *testing.T) {
	d := newDesk(t)
	d.write(".git/HEAD", "")
	sub := filepath.Dir(d.write("src/deep/x.py", ""))
	has(t, d.call(SessionStart, map[string]any{"cwd": sub}).context(), "INTG-088")
	d.env["CLAUDE_PROJECT_DIR"] = filepath.Dir(d.project)
	if text := d.call(SessionStart, nil).context(); strings.Contains(text, "INTG-088") {
		t.Error(text)
	}
}

func TestSessionStart_TellsOfAStatusThatFailed(t *testing.T) {
	d := newDesk(t)
	d.step(func(w *control.Workflow, s *control.WorkflowStep) {
		w.Problem = &control.Fault{Message: "the file was changed"}
	})
	text := d.call(SessionStart, nil).context()
	has(t, text, "Nothing can pass at this moment: «the file was changed»")
}

func TestPromptSubmit_TellsNewsOnce_AndNothingOtherwise(t *testing.T) {
	d := newDesk(t)
	silent := func(when string) {
		t.Helper()
		if a := d.call(UserPromptSubmit, nil); a != (answer{}) {
			t.Errorf("%s: %+v", when, a)
		}
	}
	old, text := d.now.Add(-time.Minute), "人の文"
	d.daemon.status = control.Status{
		Changes: []control.Event{{Seq: 10, Kind: "edited", Ticket: "INTG-088", Column: "詳細", New: &text}},
		Tasks:   []control.Task{task(1, "extract", "failed", old)},
	}
	d.call(SessionStart, nil)
	silent("after the start")

	d.now = d.now.Add(time.Minute)
	d.daemon.status.Changes = append(d.daemon.status.Changes,
		control.Event{Seq: 11, Kind: "edited", Ticket: "INTG-088", Column: "詳細", New: &text}, control.Event{Seq: 12, Kind: "deleted", Ticket: "INTG-099"})
	ended := d.now.Add(-5 * time.Second)
	d.daemon.status.Tasks = append(d.daemon.status.Tasks, task(2, "extract", "succeeded", ended), task(3, "extract", "running", ended))
	d.daemon.status.Incidents = []control.Incident{{Incident: 9, State: "open", OpenedAt: ended, What: control.Problem{Message: "GPU 0 is hot"}}}
	news := d.call(UserPromptSubmit, nil).context()
	has(t, news, "changed «詳細» in the sheet to «人の文»", "task 2 «extract» has succeeded", "[9] «GPU 0 is hot»", "never instructions")
	if strings.Contains(news, "INTG-099") || strings.Contains(news, "task 1") || strings.Contains(news, "task 3") {
		t.Error(news)
	}
	silent("told before")
	d.now = d.now.Add(time.Hour)
	silent("an hour later")

	// What ended just before, and was recorded just after, is news.
	late := d.now.Add(-time.Second)
	d.daemon.status.Tasks = append(d.daemon.status.Tasks, task(4, "late", "killed", late))
	has(t, d.call(UserPromptSubmit, nil).context(), "task 4 «late» was killed")
	silent("told before")

	d.step(func(w *control.Workflow, _ *control.WorkflowStep) {
		w.Steps[2].Approval = &control.ApprovalStanding{State: "rejected", Reason: "the plan lacks\na budget"}
	})
	has(t, d.call(UserPromptSubmit, nil).context(), "step 3 «Approval»: a person has rejected it: «the plan lacks a budget»")
	silent("told before")
	d.step(func(w *control.Workflow, _ *control.WorkflowStep) {
		w.Steps[2].Approval = &control.ApprovalStanding{State: "approved"}
	})
	has(t, d.call(UserPromptSubmit, nil).context(), "a person has approved")
}

func TestPromptSubmit_WithoutAMark_BeginsAnewAndSaysNothing(t *testing.T) {
	d := newDesk(t)
	d.daemon.status.Tasks = []control.Task{task(1, "extract", "failed", d.now)}
	for name, plant := range map[string]func(file string) error{
		"none":    os.Remove,
		"no JSON": func(f string) error { return os.WriteFile(f, []byte("x"), 0o600) },
		"huge":    func(f string) error { return os.WriteFile(f, make([]byte, longestMark+1), 0o600) },
		"folder":  func(f string) error { _ = os.Remove(f); return os.Mkdir(f, 0o700) }, // there or not
	} {
		d.call(SessionStart, nil)
		files, err := filepath.Glob(filepath.Join(d.home, "run", "hooks", "*.json"))
		if err != nil || len(files) != 1 {
			t.Fatalf("%v %v", files, err)
		}
		if info, err := os.Stat(files[0]); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v %v", info, err)
		}
		if err := plant(files[0]); err != nil {
			t.Fatal(err)
		}
		if a := d.call(UserPromptSubmit, nil); a != (answer{}) {
			t.Errorf("%s: %+v", name, a)
		}
		if err := os.RemoveAll(files[0]); err != nil {
			t.Fatal(err)
		}
	}
}

// A session may call itself what it likes: its name is no path.
func TestMarks_AreNamedByNobody_AndSwept(t *testing.T) {
	d := newDesk(t)
	d.call(SessionStart, map[string]any{"session_id": "../../../evil"})
	d.call(SessionStart, map[string]any{"session_id": ""})
	marks := filepath.Join(d.home, "run", "hooks")
	files, err := os.ReadDir(marks)
	if err != nil || len(files) != 1 || strings.Contains(files[0].Name(), "evil") {
		t.Fatalf("%v %v", files, err)
	}
	d.now = time.Now().Add(2 * oldMark)
	d.call(SessionStart, map[string]any{"session_id": "new"})
	d.now = time.Now()
	d.call(SessionStart, map[string]any{"session_id": "newer"})
	if left, err := os.ReadDir(marks); err != nil || slices.ContainsFunc(left, func(e os.DirEntry) bool { return e.Name() == files[0].Name() }) {
		t.Errorf("%v %v", left, err)
	}
}

func TestStop_SaysWhatIsUnmet(t *testing.T) {
	d := newDesk(t)
	started := d.now.Add(-time.Hour)
	d.daemon.history = []control.Event{
		written("概要", ledger.Verified), written("詳細", ledger.Verified), written("状態", ledger.Refuted),
		written("詳細", ledger.Refuted), written("状態", ledger.Verified), written("備考", ledger.Unverifiable),
		{Kind: "waiting", Column: "期限"},
		{Kind: "edited", Column: "概要"},
		{Kind: "refused", Column: "担当", Verdict: ledger.Refuted},
	}
	d.daemon.tasks = []control.Task{
		task(5, "extract", "failed", d.now), task(4, "extract", "succeeded", d.now), task(3, "train", "failed", d.now), task(6, "train", "succeeded", d.now),
		task(7, "probe", "killed", d.now), task(2, "before", "failed", started.Add(-time.Minute)),
	}
	for _, event := range []string{Stop, SubagentStop} {
		a := d.call(event, nil)
		if a.Decision != "block" {
			t.Fatalf("%s: %+v", event, a)
		}
		has(t, a.Reason, "INTG-088", "«詳細» (refuted)", "«備考» (cannot be verified)", "(and 1 more)", "5 «extract» «reason 5»", "Step 2/3",
			"«SOW_INTG-088.md is too short»", "never instructions", "said once")
		if n := strings.Count(a.Reason, "\n"); n != 4 {
			t.Errorf("%d lines: %s", n+1, a.Reason)
		}
		for _, word := range []string{"概要", "状態", "train", "before", "probe"} {
			if strings.Contains(a.Reason, word) {
				t.Errorf("%s: %s", word, a.Reason)
			}
		}
	}
}

func TestStop_IsSilentWhereTheAgentIsRightToStop(t *testing.T) {
	for name, change := range map[string]func(*desk) map[string]any{
		"held back before": func(*desk) map[string]any { return map[string]any{"stop_hook_active": true} },
		"a task runs": func(d *desk) map[string]any {
			d.daemon.tasks = []control.Task{task(1, "extract", "running", d.now)}
			return nil
		},
		"a task is silent": func(d *desk) map[string]any {
			d.daemon.tasks = []control.Task{task(1, "extract", "stalled", d.now)}
			return nil
		},
		"a task waits": func(d *desk) map[string]any {
			d.daemon.tasks = []control.Task{task(1, "extract", "queued", d.now)}
			return nil
		},
		"a person is waited for": func(d *desk) map[string]any {
			d.step(func(_ *control.Workflow, s *control.WorkflowStep) { s.State = "waiting" })
			return nil
		},
		"blocked": func(d *desk) map[string]any {
			d.step(func(_ *control.Workflow, s *control.WorkflowStep) { s.State = "blocked" })
			return nil
		},
		"no ticket": func(d *desk) map[string]any { d.daemon.flows = nil; return nil },
		"not started": func(d *desk) map[string]any {
			d.env["TRACKER_ID"] = "INTG-007"
			d.daemon.flows["INTG-007"] = control.Workflow{Ticket: "INTG-007"}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			d.daemon.history = []control.Event{written("概要", ledger.Verified)}
			members := change(d)
			if a := d.call(Stop, members); a != (answer{}) {
				t.Errorf("%+v", a)
			}
		})
	}
	d := newDesk(t)
	if a := d.call(SubagentStop, map[string]any{"agent_type": "Explore"}); a != (answer{}) {
		t.Errorf("%+v", a)
	}
	d.daemon.tasks = []control.Task{task(1, "extract", "running", d.now)}
	d.daemon.tasks[0].Ticket = "INTG-001"
	if a := d.call(Stop, nil); a.Decision != "block" {
		t.Error("another ticket's task was waited for")
	}
}

func TestTexts_AreJapaneseForJapaneseReaders(t *testing.T) {
	r := &run{Options: Options{Lang: phrase.Japanese}}
	s := control.WorkflowStep{Name: "SOW作成", NameEN: "Write"}
	if r.title(&s) != "SOW作成" || r.state("waiting") == "waiting" || r.state("of tomorrow\x1b") != "of tomorrow" {
		t.Error(r.title(&s), r.state("waiting"), r.state("of tomorrow\x1b"))
	}
}
