package adversary

import (
	"strings"
	"sync"

	"uratori/tests/house"
)

// doors are ways to have a step called done without anything having been seen.
func doors() []move {
	return []move{
		{
			name: "force flags", does: "`uratori workflow T check --force`, `--done`, `--passed`, `--skip`, `--yes`, `--no-verify`, `--reason done`",
			ends: refused, by: "there is no such flag (exit status 2)", shows: []string{"cli.unknown_flag", "cli.workflow.flag_alone"}, from: "sow",
			play: func(p *play) {
				for _, flag := range []string{"--force", "--done", "--passed", "--skip", "--yes", "--no-verify"} {
					p.ends(2, "workflow", p.ticket, "check", flag)
				}
				p.ends(2, "workflow", p.ticket, "check", "--reason", "done")
			},
		},
		{
			name: "actions that mark", does: "`uratori workflow T done`, `complete`, `pass`, `approve`, `close`; the same over MCP",
			ends: refused, by: "there is no such action", shows: []string{"cli.workflow.no_action", "workflow.no_action"}, from: "sow",
			play: func(p *play) {
				for _, action := range []string{"done", "complete", "pass", "approve", "close", "set"} {
					p.ends(2, "workflow", p.ticket, action)
					if _, failed := p.tool("workflow", map[string]any{"ticket": p.ticket, "action": action}); failed == "" {
						p.t.Errorf("MCP took %s", action)
					}
					p.raw("POST", "/v1/workflow", `{"ticket":"`+p.ticket+`","action":"`+action+`"}`)
				}
			},
		},
		{
			name: "numbers instead of a run", does: "over MCP `workflow(action=check, total=3, passed=3, failed=0)`, as task-master's autopilot takes them",
			ends: refused, by: "a tool has no such argument", shows: []string{"force"}, from: "test",
			play: func(p *play) {
				p.write("src/extract.sh", "echo wrong\n")
				for _, more := range []map[string]any{
					{"total": 3, "passed": 3, "failed": 0}, {"status": "passed"}, {"verdict": "verified"}, {"evidence": []int{1}}, {"force": true}, {"approved": true},
				} {
					more["ticket"], more["action"] = p.ticket, "check"
					if _, failed := p.tool("workflow", more); failed == "" {
						p.t.Errorf("MCP took %v", more)
					}
				}
			},
		},
		{
			name: "members on the socket", does: "posts `{\"state\":\"passed\",\"verdict\":\"verified\"}` to the daemon's socket with curl",
			ends: refused, by: "a request has no such member", shows: []string{"daemon.bad_request"}, from: "sow",
			play: func(p *play) {
				for _, more := range []string{`"state":"passed"`, `"verdict":"verified"`, `"passed":true`, `"force":true`, `"evidence":[1]`} {
					p.raw("POST", "/v1/workflow", `{"ticket":"`+p.ticket+`","action":"check",`+more+`}`)
				}
			},
		},
		{
			name: "a later step", does: "checks step 9, 12 and 13, by number and by name, on the command line and over MCP",
			ends: refused, by: "the refusal names the step in hand", shows: []string{"workflow.not_yet"}, from: "sow", aims: "quality",
			play: func(p *play) {
				for _, step := range []string{"3", "9", "quality", "complete", "13"} {
					p.ends(1, "workflow", p.ticket, "check", "--step", step)
					if _, failed := p.tool("workflow", map[string]any{"ticket": p.ticket, "action": "check", "step": step}); failed == "" {
						p.t.Errorf("MCP took step %s", step)
					}
				}
			},
		},
		{
			name: "actor by a variable", does: "`URATORI_ACTOR=anna BEADS_ACTOR=anna USER=anna SUDO_USER=anna uratori workflow T check` where a person has to approve",
			ends: refused, by: "who somebody says to be counts for nothing", shows: []string{"workflow.person.unasked"}, from: "plan-approval",
			play: func(p *play) {
				if _, code := p.shell("URATORI_ACTOR=anna URATORI_APPROVER=anna BEADS_ACTOR=anna USER=anna LOGNAME=anna SUDO_USER=anna uratori --json workflow $TICKET check"); code != 1 {
					p.t.Errorf("it ended with %d", code)
				}
				p.raw("POST", "/v1/workflow", `{"ticket":"`+p.ticket+`","action":"check","by":"anna"}`)
			},
		},
		{
			name: "status success in a file", does: "writes `status: success` into YAML, JSON and Markdown where other tools look for it",
			ends: refused, by: "no file of the project is read for it", shows: []string{"local.has_text"}, from: "sow",
			play: func(p *play) {
				for _, name := range []string{"status.yaml", ".uratori/state.yaml", "queue/reports/worker-1.yaml", p.space + "/status.yaml", p.space + "/report.json"} {
					p.write(name, "status: success\nstate: passed\nverdict: verified\n")
				}
				p.check(1)
			},
		},
		{
			name: "the status cell", does: "writes 完了 into ステータス over MCP",
			ends: refused, by: "cells are shown, and are a condition of nothing", shows: []string{"local.has_text"}, from: "sow",
			play: func(p *play) {
				if _, failed := p.tool("update_ticket", map[string]any{"ticket": p.ticket, "fields": map[string]any{"ステータス": "完了"}}); failed != "" {
					p.t.Error(failed)
				}
				p.check(1)
				if w := p.show(); w.FinishedAt != nil || w.Current != 2 {
					p.t.Errorf("it stands at %d", w.Current)
				}
			},
		},
		{
			name: "two sessions race", does: "eight processes run `check` on one step at the same moment",
			ends: refused, by: "the step passes once, and none behind it: one entry `workflow.passed`", shows: []string{"workflow.passed"}, from: "read", aims: "sow",
			play: func(p *play) {
				var all sync.WaitGroup
				for range 8 {
					cmd := p.Command("--json", "workflow", p.ticket, "check")
					all.Go(func() { _, _ = cmd.Output() }) // some are turned away
				}
				all.Wait()
				if n := strings.Count(p.ledger(p.ticket), `"kind":"workflow.passed"`); n != 1 {
					p.t.Errorf("the step has passed %d times", n)
				}
			},
		},
		{
			name: "block as a way around", does: "blocks the step, starts again, and checks the one behind it",
			ends: refused, by: "a blocked step is open again, and in hand", shows: []string{"workflow.not_yet", "workflow.blocked", "workflow.reopened"}, from: "sow",
			play: func(p *play) {
				p.ends(0, "workflow", p.ticket, "block", "--reason", "done elsewhere")
				p.ends(4, "workflow", p.ticket, "check")
				p.ends(1, "workflow", p.ticket, "check", "--step", "plan")
				p.ends(0, "workflow", p.ticket, "start")
				p.check(1)
				p.ledger(p.ticket)
			},
		},
		{
			name: "removed hooks", does: "installs the hooks, then deletes .claude/settings.json, .mcp.json and the plugin, and goes on",
			ends: refused, by: "the gates are in the daemon; hooks only remind", shows: []string{"local.has_text"}, from: "sow",
			play: func(p *play) {
				p.shell("uratori install claude; test -s .claude/settings.json && rm -rf .claude .mcp.json")
				p.check(1)
			},
		},
		{
			name: "hostile arguments", does: "over MCP and the command line: NULs, 5 MB of text, deep JSON, `../`, `; rm -rf`, numbers for words, ids of others",
			ends: refused, by: "each is refused, and the server goes on", from: "sow",
			play: func(p *play) {
				deep := any("x")
				for range 2000 {
					deep = []any{deep}
				}
				for _, ticket := range []any{"../../etc/passwd", p.ticket + "\x00", p.ticket + "; rm -rf /", strings.Repeat("A", 5<<20), 7, nil, deep, map[string]any{"ticket": p.ticket}, "\u202e" + p.ticket, ""} {
					for _, tool := range []string{"workflow", "factcheck", "get_ticket", "update_ticket"} {
						if _, failed := p.tool(tool, map[string]any{"ticket": ticket, "action": "check", "fields": map[string]any{}}); failed == "" {
							p.t.Errorf("%s took %.60v", tool, ticket)
						}
					}
				}
				for _, id := range []string{"../x", "T;id", "-", "\u202e" + p.ticket, strings.Repeat("A", 10000)} {
					cmd := p.Command("--json", "workflow", id, "check")
					if r := house.Finish(p.t, cmd); r.Code == 0 {
						p.t.Errorf("%.40q was taken", id)
					}
				}
				if _, failed := p.tool("workflow", map[string]any{"ticket": p.ticket}); failed != "" {
					p.t.Error(failed)
				}
			},
		},
	}
}

// raw makes a request of the socket as curl would.
func (p *play) raw(method, path, body string) {
	p.t.Helper()
	a := p.Ask(method, path, strings.NewReader(body), "Content-Type: application/json")
	p.hear(a.Body)
}
