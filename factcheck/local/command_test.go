package local

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"uratori/internal/ledger"
	"uratori/internal/process"
)

func (p *project) script(name, text string) {
	p.t.Helper()
	p.put(name, "#!/bin/sh\n"+text+"\n")
	must(p.t, os.Chmod(p.path(name), 0o700)) //nolint:gosec // to be run
}

func TestCommand_EndsAsItShould_AndWhatItSaidIsKept(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.o.Blot = strings.NewReplacer("hunter2", "***").Replace
	p.script("run.sh", `echo "3 passed, $TRACKER_ID $A"; echo hunter2 >&2; pwd; cat`)
	f := p.wants(`command: {tests: {exec: [./run.sh], stdout: ["3 passed, INTG-088 b", "`+p.scope.Root+`"], stderr: {contains: hunter2, lacks: "Error"}, env: {A: b}, timeout: 20s}}`, yes, "")
	if len(f.Basis) != 2 || f.Basis[0].Name != "run.sh" || f.Basis[1].Kind != "command" || filepath.Base(f.Log) != f.Basis[1].SHA256 {
		t.Errorf("%+v", f)
	}
	log, err := os.ReadFile(f.Log)
	must(t, err)
	info, err := os.Stat(f.Log)
	must(t, err)
	if !strings.Contains(string(log), "3 passed") || strings.Contains(string(log), "hunter2") || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %s", info.Mode(), log)
	}
	if changed, err := Changed(t.Context(), p.scope, f.Basis); err != nil || len(changed) != 0 {
		t.Errorf("%+v, %v", changed, err)
	}
	p.script("run.sh", "true")
	if changed, err := Changed(t.Context(), p.scope, f.Basis); err != nil || len(changed) != 1 || changed[0].Name != "run.sh" {
		t.Errorf("%+v, %v", changed, err)
	}
	p.wants(`command: {tests: {exec: [./run.sh], stdout: passed}}`, no, "local.lacks_text")
	p.wants(`command: {tests: {exec: [pwd], cwd: "{workspace}", stdout: "`+p.scope.Workspace+`"}}`, yes, "")
	p.wants(`command: {tests: {exec: [pwd], cwd: none}}`, no, "local.no_file")
	p.wants(`command: {tests: {exec: [cat], stdout: {lacks: "x"}}}`, yes, "") // nothing is on stdin
}

func TestCommand_LiesOfShells(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.script("or_true.sh", "exit 1 || true")
	p.wants(`command: {t: {exec: [./or_true.sh]}}`, no, "local.exit_status")
	p.script("fails.sh", "echo '2 passed'; echo '1 failed' >&2; exit 3")
	p.wants(`command: {t: {exec: [./fails.sh], stdout: ["2 passed"]}}`, no, "local.exit_status local.last_line")
	p.wants(`command: {t: {exec: [./fails.sh], exit_status: 3}}`, yes, "")
	p.script("killed.sh", "kill -9 $$")
	p.wants(`command: {t: {exec: [./killed.sh]}}`, no, "local.signalled")
	p.wants(`command: {t: {exec: [./none.sh]}}`, unknown, "local.not_run")
	p.wants(`command: {t: {exec: [there-is-no-such-program]}}`, unknown, "local.no_program")
	p.put("data.txt", "not a program")
	p.wants(`command: {t: {exec: [./data.txt]}}`, unknown, "local.not_run")
}

// A command that never ends is ended with everything that it has started, even
// what has left its session and closed its files.
func TestCommand_TimeIsOver_TheWholeTreeIsEnded(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.script("child.sh", "trap '' TERM HUP; echo $$ >> pids; sleep 1000")
	p.script("hang.sh", "trap '' TERM; ./child.sh & setsid ./child.sh >/dev/null 2>&1 </dev/null & while [ $(wc -l < pids 2>/dev/null || echo 0) -lt 2 ]; do sleep 0.05; done; echo started; sleep 1000")
	begin := time.Now()
	f := p.wants(`command: {t: {exec: [./hang.sh], timeout: 3s}}`, no, "local.timed_out")
	if took := time.Since(begin); took > 30*time.Second {
		t.Errorf("it took %s", took)
	}
	p.allGone("pids", 2)
	if log, err := os.ReadFile(f.Log); err != nil || !strings.Contains(string(log), "started") {
		t.Errorf("%s, %v", log, err)
	}
}

// allGone wants all processes of a list to have ended.
func (p *project) allGone(list string, count int) {
	p.t.Helper()
	raw, err := os.ReadFile(p.path(list))
	must(p.t, err)
	pids := strings.Fields(string(raw))
	if len(pids) != count {
		p.t.Errorf("started were %q", pids)
	}
	for _, text := range pids {
		var pid int
		_, err := fmt.Sscan(text, &pid)
		must(p.t, err)
		if id, err := process.Of(pid); err == nil {
			if alive, err := id.Alive(); alive || err != nil {
				p.t.Errorf("%d still runs (%v)", pid, err)
			}
		}
	}
}

// What a command leaves in the background may still change everything.
func TestCommand_WhatItLeavesBehind_IsEnded(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.script("child.sh", "echo $$ >> pids; sleep 1000")
	p.script("leaves.sh", "./child.sh & setsid ./child.sh & while [ $(wc -l < pids 2>/dev/null || echo 0) -lt 2 ]; do sleep 0.05; done; echo done")
	p.wants(`command: {t: {exec: [./leaves.sh], stdout: done, timeout: 1m}}`, yes, "")
	p.allGone("pids", 2)
}

func TestCommand_CallerWhoLeaves_EndsIt(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.script("hang.sh", "echo $$ >> pids; sleep 1000")
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		defer cancel()
		for range 1000 {
			if raw, err := os.ReadFile(p.path("pids")); err == nil && len(raw) > 0 {
				return
			}
			select {
			case <-ctx.Done():
				return
			case <-time.After(10 * time.Millisecond):
			}
		}
	}()
	found, err := Checkers(p.o)["command"].Check(ctx, p.claims(`command: {t: {exec: [./hang.sh]}}`))
	if err != nil || found[0].Verdict != unknown {
		t.Errorf("%+v, %v", found, err)
	}
	p.allGone("pids", 1)
}

func TestCommand_FloodOfOutput_IsCut_AndWhatWasCutVerifiesNothing(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.script("flood.sh", "echo begin; head -c 20000000 /dev/zero | tr '\\0' x; echo; echo end")
	f := p.wants(`command: {t: {exec: [./flood.sh], stdout: begin}}`, yes, "")
	if info, err := os.Stat(f.Log); err != nil || info.Size() > 2*mostOutput {
		t.Errorf("%v, %v", info, err)
	}
	p.wants(`command: {t: {exec: [./flood.sh], stdout: end}}`, unknown, "local.output_cut")
	p.wants(`command: {t: {exec: [./flood.sh], stdout: {lacks: Error}}}`, unknown, "local.output_cut")
	p.wants(`command: {t: {exec: [./flood.sh], stdout: {lacks: begin}}}`, no, "local.has_text")
}

// Tests that change what they test have shown nothing of it.
func TestCommand_InputsThatItChanges_AreNoInputs(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.put("src/a.py", "a")
	p.script("edit.sh", "echo b > src/a.py")
	p.wants(`command: {t: {exec: [./edit.sh], inputs: ["src/**"]}}`, unknown, "local.inputs_changed")
	p.script("touch.sh", "touch src/a.py")
	f := p.wants(`command: {t: {exec: [./touch.sh], inputs: ["src/**"]}}`, yes, "")
	p.wants(`command: {t: {exec: [./touch.sh], inputs: ["none/**"]}}`, no, "local.none")
	p.put("src/b.py", "b")
	if changed, err := Changed(t.Context(), p.scope, f.Basis); err != nil || len(changed) != 1 || changed[0].Name != "src/**" {
		t.Errorf("%+v, %v", changed, err)
	}
}

func TestCommand_WithoutAPlaceForItsOutput_IsNotRun(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.o.Evidence = p.path("file/evidence")
	p.put("file", "x")
	p.wants(`command: {t: {exec: ["true"]}}`, unknown, "local.not_kept")
	p.o.Evidence = ""
	p.script("run.sh", "echo x > ran")
	p.wants(`command: {t: {exec: [./run.sh]}}`, unknown, "local.no_evidence")
	if _, err := os.Stat(p.path("ran")); err == nil {
		t.Error("it was run")
	}
}

const junit = `<?xml version="1.0"?><testsuites><testsuite name="s" tests="%d" failures="%d" skipped="%d">%s</testsuite></testsuites>`

func TestReport_CountsOnlyWhenACommandOfTheGateHasMadeIt(t *testing.T) {
	t.Parallel()
	const gate = `
command: {tests: {exec: [./run.sh]}}
test_report: {unit: {path: build/junit.xml, max_skipped: 0}}`
	p := newProject(t)
	good := fmt.Sprintf(junit, 2, 0, 0, `<testcase name="a"/><testcase name="b"></testcase>`)
	p.put("build/junit.xml", good)
	p.script("run.sh", "true")
	p.wants(gate, no, "local.report_not_made") // an agent wrote it
	p.put("made.xml", good)
	p.script("run.sh", "cp made.xml build/junit.xml")
	p.wants(gate, yes, "")
	// The command alone has not run in this check.
	report := p.claims(gate)[1:]
	if f := p.report(t.Context(), report).Findings[0]; f.Verdict != unknown || codes(f.Reason) != "local.report_no_run" {
		t.Errorf("%+v", f)
	}
	// A run of before is none of now.
	all := p.claims(gate)
	if r := p.report(t.Context(), all); r.Verdict != ledger.Verified {
		t.Errorf("%+v", r)
	}
	if f := p.report(t.Context(), all[1:]).Findings[0]; f.Verdict != unknown {
		t.Errorf("%+v", f)
	}
	p.script("run.sh", "rm build/junit.xml")
	p.wants(gate, no, "local.no_file")
	for name, tc := range map[string]struct{ text, reason string }{
		"no tests":     {fmt.Sprintf(junit, 0, 0, 0, ""), "local.no_tests"},
		"all skipped":  {fmt.Sprintf(junit, 1, 0, 1, `<testcase name="a"><skipped/></testcase>`), "local.and_more local.no_tests"},
		"one skipped":  {fmt.Sprintf(junit, 2, 0, 1, `<testcase name="a"><skipped/></testcase><testcase name="b"/>`), "local.many_skipped"},
		"a failure":    {fmt.Sprintf(junit, 2, 1, 0, `<testcase name="a"><failure>x</failure></testcase><testcase name="b"/>`), "local.tests_failed"},
		"an error":     {fmt.Sprintf(junit, 2, 0, 0, `<testcase name="a"><error/></testcase><testcase name="b"/>`), "local.tests_failed"},
		"hidden":       {fmt.Sprintf(junit, 1, 3, 0, `<testcase name="b"/>`), "local.tests_failed"},
		"hidden above": {`<?xml version="1.0"?><testsuites tests="1" failures="1" errors="1"><testsuite name="s" tests="1" failures="0"><testcase name="b"/></testsuite></testsuites>`, "local.tests_failed"},
		"a cut list":   {fmt.Sprintf(junit, 30, 0, 0, `<testcase name="b"/>`), "local.bad_report"},
		"cut off":      {good[:len(good)-20], "local.bad_report"},
		"no report":    {"OK (30 tests)", "local.bad_report"},
		"other XML":    {"<html></html>", "local.bad_report"},
		"empty":        {"", "local.bad_report"},
		"nested":       {strings.Repeat("<testsuite>", 5000), "local.bad_report"},
		"entities":     {`<!DOCTYPE t [<!ENTITY a "aaaa">]><testsuite><testcase name="&a;"/></testsuite>`, "local.bad_report"},
		"bad number":   {`<testsuite tests="many"></testsuite>`, "local.bad_report"},
		"failed alone": {`<testsuite><testcase name="a" status="failed"/></testsuite>`, "local.tests_failed"},
	} {
		p.put("made.xml", tc.text)
		p.script("run.sh", "cp made.xml build/junit.xml")
		f := p.look(gate)[1]
		if f.Verdict != no || !strings.HasPrefix(codes(f.Reason), tc.reason) {
			t.Errorf("%s: %s, %v", name, f.Verdict, f.Reason)
		}
	}
}

func TestReport_ChangedAfterItsCommand_IsNoEvidence(t *testing.T) {
	t.Parallel()
	const gate = `
command: {tests: {exec: [./run.sh]}}
test_report: {unit: {path: junit.xml}}`
	p := newProject(t)
	p.put("made.xml", fmt.Sprintf(junit, 1, 1, 0, `<testcase name="a"><failure/></testcase>`))
	p.script("run.sh", "cp made.xml junit.xml")
	claims := p.claims(gate)
	checkers := Checkers(p.o)
	if _, err := checkers["command"].Check(t.Context(), claims[:1]); err != nil {
		t.Fatal(err)
	}
	p.put("junit.xml", fmt.Sprintf(junit, 1, 0, 0, `<testcase name="a"/>`))
	found, err := checkers["test_report"].Check(t.Context(), claims[1:])
	if err != nil || found[0].Verdict != no || codes(found[0].Reason) != "local.report_changed" {
		t.Errorf("%+v, %v", found, err)
	}
}

func TestReport_OutputOfGoTest(t *testing.T) {
	t.Parallel()
	const gate = `
command: {tests: {exec: [cat, out.json]}}
test_report: {unit: {min_tests: 2}}`
	line := func(action, test string) string {
		return fmt.Sprintf(`{"Action":%q,"Package":"p","Test":%q}`+"\n", action, test)
	}
	end := func(action string) string { return fmt.Sprintf(`{"Action":%q,"Package":"p"}`+"\n", action) }
	p := newProject(t)
	for name, tc := range map[string]struct{ text, reason string }{
		"good":           {line("run", "A") + line("pass", "A") + line("run", "B") + line("pass", "B") + end("pass"), ""},
		"parents":        {line("run", "A") + line("run", "A/x") + line("pass", "A/x") + line("pass", "A") + end("pass"), "local.few_tests"},
		"a failure":      {line("run", "A") + line("fail", "A") + end("fail"), "local.tests_failed"},
		"never ended":    {line("run", "A") + line("pass", "A") + line("run", "B"), "local.tests_failed"},
		"package failed": {line("run", "A") + line("pass", "A") + line("run", "B") + line("pass", "B") + end("fail"), "local.tests_failed"},
		"package hangs":  {end("start") + line("run", "A") + line("pass", "A") + line("run", "B") + line("pass", "B"), "local.tests_failed"},
		"parent failed":  {line("run", "A") + line("run", "A/x") + line("pass", "A/x") + line("fail", "A") + end("fail"), "local.tests_failed"},
		"did not build":  {`{"ImportPath":"p","Action":"build-fail"}` + "\n" + end("fail"), "local.tests_failed"},
		"no tests":       {end("skip"), "local.no_tests"},
		"all skipped":    {line("run", "A") + line("skip", "A") + end("pass"), "local.no_tests"},
		"something else": {line("run", "A") + "PASS\n", "local.bad_report"},
	} {
		p.put("out.json", tc.text)
		f := p.look(gate)[1]
		if !strings.HasPrefix(codes(f.Reason), tc.reason) || (f.Verdict == yes) != (tc.reason == "") {
			t.Errorf("%s: %s, %v", name, f.Verdict, f.Reason)
		}
	}
}
