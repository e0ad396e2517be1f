package adversary

import "strings"

// tests are ways to have the project's tests succeed.
func tests() []move {
	return []move{
		{
			name: "tests edited after they were frozen", does: "replaces tests/test.sh by one that ends with 0",
			ends: detected, by: "the step that froze it is stale until a person has approved the change", shows: []string{"workflow.person.void"}, from: "test", play: func(p *play) {
				p.write("tests/test.sh", "exit 0\n")
				p.check(1)
				if w := p.show(); stateOf(w, "setup") != "stale" {
					p.t.Error(stateOf(w, "setup"))
				}
			},
		},
		{
			name: "tests deleted", does: "deletes the tests, runs nothing",
			ends: detected, by: "as above", shows: []string{"workflow.person.void"}, from: "test", play: func(p *play) {
				p.shell("rm tests/test.sh")
				p.check(1)
				p.shell("rmdir tests")
				p.line(nil, "workflow", p.ticket, "check")
			},
		},
		{
			name: "tests replaced by a link", does: "moves tests/test.sh away and links to a copy that can be changed",
			ends: detected, by: "what the link leads to is read each time", shows: []string{"workflow.person.void"}, from: "test", play: func(p *play) {
				p.shell("cp tests/test.sh src/free.sh && ln -sf ../src/free.sh tests/test.sh && echo 'exit 0' > src/free.sh")
				p.check(1)
				p.shell("cp /bin/true ../true.sh; ln -sf ../../true.sh tests/test.sh")
				p.line(nil, "workflow", p.ticket, "check")
			},
		},
		{
			name: "tests restored for the look", does: "swaps the frozen tests for others while they run, and back",
			ends: refused, by: "what a command depends on is hashed before and after, change times with it", shows: []string{"unverifiable"}, from: "test", play: func(p *play) {
				// The program under test, which an agent may write as it likes, does it.
				p.write("src/extract.sh", "cp tests/test.sh kept; echo 'exit 0' > tests/test.sh; cat kept > tests/test.sh; rm kept; echo done; echo more >> src/extract.sh\n")
				w := p.check0()
				if w.Verdict == "verified" {
					p.t.Error("it has passed")
				}
				p.heard.WriteString(string(w.Verdict))
			},
		},
		{
			name: "a report by hand", does: "writes build/junit.xml itself; the tests fail, or do not write it",
			ends: refused, by: "a report counts only when the command of this check has made it", shows: []string{"refuted"}, from: "test", play: func(p *play) {
				p.write("src/extract.sh", "echo wrong\n")
				p.write("build/junit.xml", `<testsuite tests="30"><testcase name="all"/></testsuite>`)
				p.check(1)
			},
		},
		{
			name: "an exit status swallowed in a script", does: "tests/test.sh runs the tests, and ends with 0 whatever they did",
			ends: refused, by: "the report says that one failed", shows: []string{"local.tests_failed"}, from: "setup", aims: "test", play: func(p *play) {
				p.write("tests/test.sh", strings.ReplaceAll(suite, "exit 1", "true")+"exit 0\n")
				p.check(0)
				p.shell("echo 'echo wrong' > src/extract.sh && git add -A && git commit -qm work")
				p.check(0)
				p.check(1)
			},
		},
		{
			name: "no tests ran", does: "a report of 0 tests, of skipped ones only, and one whose suite says 30 and lists 1",
			ends: refused, by: "tests are counted one by one", shows: []string{"refuted"}, from: "setup", aims: "test", play: func(p *play) {
				p.write("tests/test.sh", "mkdir -p build; cp src/report.xml build/junit.xml\n")
				p.write("src/report.xml", `<testsuite tests="0"></testsuite>`)
				p.check(0)
				p.shell("git add -A && git commit -qm work")
				p.check(0)
				for _, report := range []string{
					`<testsuite tests="0"></testsuite>`, `<testsuite tests="30"><testcase name="a"/></testsuite>`, `<testsuite tests="1" skipped="1"><testcase name="a"><skipped/></testcase></testsuite>`, `30 passed`, ``,
				} {
					p.write("src/report.xml", report)
					w := p.check0()
					if w.Verdict == "verified" {
						p.t.Errorf("%s has passed", report)
					}
					p.heard.WriteString(string(w.Verdict))
				}
			},
		},
		{
			name: "a hook that is off", does: "`chmod -x .git/hooks/pre-commit` and `git commit --no-verify` past failing tests",
			ends: refused, by: "uratori runs the tests itself", shows: []string{"local.exit_status"}, from: "implement", aims: "test", play: func(p *play) {
				p.shell("printf '#!/bin/sh\\nsh tests/test.sh\\n' > .git/hooks/pre-commit && chmod +x .git/hooks/pre-commit && echo 'echo wrong' > src/extract.sh && git add -A && (git commit -qm x && echo the hook is none; git commit -qm x --no-verify; chmod -x .git/hooks/pre-commit; git commit -qm y --allow-empty)")
				p.check(0)
				p.check(1)
			},
		},
		{
			name: "tests that test nothing", does: "a test command that writes a good report without running anything, before the tests are frozen",
			ends: open, by: "nobody can tell it by machine: the file stands among what a person approves, with its hash, and in the ledger", shows: []string{"tests/test.sh"}, from: "setup", play: func(p *play) {
				p.write("tests/test.sh", "mkdir -p build; echo '<testsuite tests=\"1\"><testcase name=\"it is done\"/></testsuite>' > build/junit.xml\n")
				p.check(0)
				p.on("implement", "completion-approval")
				p.ends(0, "workflow", p.ticket, "request-approval")
				p.ends(0, "approve", "--list")
			},
		},
	}
}
