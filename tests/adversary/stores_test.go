package adversary

import "os"

// triggers are dropped by whoever edits the ledger.
const triggers = "DROP TRIGGER IF EXISTS ledger_no_update; DROP TRIGGER IF EXISTS ledger_no_delete; "

// refuted holds the ledger to be seen as broken.
func (p *play) broken() {
	p.t.Helper()
	r := p.Verify()
	if r.Verdict != "refuted" || len(r.Breaks) == 0 {
		p.t.Errorf("%+v", r)
		return
	}
	p.heard.WriteString(string(r.Breaks[0].What) + " ")
}

// stores are edits of uratori.db with sqlite.
func stores() []move {
	return []move{
		{
			name: "a step made to have passed", does: "`UPDATE workflow_tickets`: all steps up to the extraction have state passed",
			ends: refused, by: "the record is not the one whose digest the ledger has", shows: []string{"workflow.tampered"}, from: "sow", aims: "extract", alone: true, play: func(p *play) {
				p.stop()
				p.sql(`UPDATE workflow_tickets SET state = json_set(state, '$.steps.sow.state', 'passed', '$.steps.plan.state', 'passed', '$.steps.setup', json('{"state":"passed"}'), '$.steps.implement', json('{"state":"passed"}'), '$.steps.test', json('{"state":"passed"}'), '$.steps.extract', json('{"state":"passed"}'))`)
				p.line(nil, "workflow", p.ticket)
				p.line(nil, "workflow", p.ticket, "check")
				p.line(nil, "factcheck", p.ticket)
				p.ledger(p.ticket)
			},
		},
		{
			name: "a step made to have passed, while the daemon runs", does: "the same, under the running daemon",
			ends: refused, by: "as above", shows: []string{"workflow.tampered"}, from: "sow", alone: true, play: func(p *play) {
				p.sql(`UPDATE workflow_tickets SET state = json_set(state, '$.steps.sow.state', 'passed', '$.steps.sow.terms', json_extract(state, '$.steps.read.terms'))`)
				p.line(nil, "workflow", p.ticket, "check")
			},
		},
		{
			name: "frozen tests thawed", does: "`json_remove(state, '$.frozen')`, and other tests",
			ends: refused, by: "as above", shows: []string{"workflow.tampered"}, from: "test", alone: true, play: func(p *play) {
				p.stop()
				p.sql(`UPDATE workflow_tickets SET state = json_set(json_remove(state, '$.frozen'), '$.steps.setup.bases', json('[]'))`)
				p.write("tests/test.sh", "exit 0\n")
				p.line(nil, "workflow", p.ticket, "check")
			},
		},
		{
			name: "an earlier start", does: "sets the start of the work into the past, and takes the snapshot away",
			ends: refused, by: "as above", shows: []string{"workflow.tampered"}, from: "extract", alone: true, play: func(p *play) {
				p.stop()
				p.sql(`UPDATE workflow_tickets SET state = json_set(json_remove(state, '$.snapshot'), '$.started', '2020-01-01T00:00:00Z')`)
				p.line(nil, "workflow", p.ticket, "check")
			},
		},
		{
			name: "the work begun anew", does: "`DELETE FROM workflow_tickets`, and starts again: another snapshot, other frozen tests, the old approval",
			ends: refused, by: "the ledger knows that the work was begun", shows: []string{"workflow.tampered"}, from: "rules", alone: true, play: func(p *play) {
				p.stop()
				p.sql(`DELETE FROM workflow_tickets`)
				p.shell("cp in/a.png page.png")
				if code := p.line(nil, "workflow", p.ticket, "start", "--root", p.root); code == 0 {
					p.t.Error("it was begun anew")
				}
				p.line(nil, "workflow", p.ticket)
			},
		},
		{
			name: "an approval row", does: "`UPDATE approval_requests SET state = 'approved'`, with an answer made up and one copied",
			ends: refused, by: "the signature is looked at: `approval.tampered`, and the phone is told", shows: []string{"approval.tampered"}, from: "plan-approval", alone: true, play: func(p *play) {
				p.asks()
				p.stop()
				p.sql(`UPDATE approval_requests SET state = 'approved', decision = '{"request":' || id || ',"ticket":"' || ticket || '","step":"' || step || '","digest":"' || digest || '","verdict":"approve","approver":"anna","channel":"terminal","at":"2026-11-27T00:00:00.000Z","key":1,"signature":"00"}', seq = entry, hash = (SELECT hash FROM ledger WHERE seq = entry)`)
				p.line(nil, "workflow", p.ticket, "check")
				p.ledger("")
			},
		},
		{
			name: "another key", does: "puts a public key of its own into approval_keys",
			ends: refused, by: "a key is in the ledger, and signed by the one before", shows: []string{"approval.tampered"}, from: "test", aims: "test", alone: true, play: func(p *play) {
				p.stop()
				p.sql(`UPDATE approval_keys SET public = randomblob(32)`)
				p.line(nil, "workflow", p.ticket)
				w := p.check0()
				if stateOf(w, "plan-approval") == "passed" {
					p.t.Error("the approval still stands")
				}
				p.ledger("")
			},
		},
		{
			name: "a task made to have succeeded", does: "the extraction fails; `UPDATE runner_tasks SET state = 'succeeded'`, outputs by hand",
			ends: refused, by: "what a task has made is in the ledger; what is not, it has not made", shows: []string{"local.task_"}, from: "extract", alone: true, play: func(p *play) {
				if state := p.runs("sh", "-c", "exit 1"); state != "failed" {
					p.t.Fatal(state)
				}
				p.stop()
				p.sql(`UPDATE runner_tasks SET state = 'succeeded', exit_code = 0`)
				p.shell(extraction + "; git add -A; git commit -qm pages")
				p.line(nil, "workflow", p.ticket, "check")
			},
		},
		{
			name: "an entry of the ledger deleted", does: "`DELETE FROM ledger` of what it would rather not have there",
			ends: detected, by: "`uratori ledger verify`: an entry is missing", shows: []string{"missing"}, from: "sow", alone: true, play: func(p *play) {
				p.stop()
				p.sql(triggers + `DELETE FROM ledger WHERE seq = 3`)
				p.broken()
			},
		},
		{
			name: "an entry of the ledger edited", does: "`UPDATE ledger SET data = replace(data, 'refuted', 'verified')`",
			ends: detected, by: "`uratori ledger verify`: an entry is changed", shows: []string{"changed"}, from: "sow", alone: true, play: func(p *play) {
				p.check(1)
				p.stop()
				p.sql(triggers + `UPDATE ledger SET data = replace(data, 'refuted', 'verified')`)
				p.broken()
			},
		},
		{
			name: "an entry of the ledger made up", does: "inserts `workflow.passed` for a step, with a hash of 32 bytes",
			ends: detected, by: "`uratori ledger verify`; the step does not pass by it", shows: []string{"changed"}, from: "sow", alone: true, play: func(p *play) {
				p.stop()
				p.sql(`INSERT INTO ledger SELECT max(seq) + 1, '2026-11-27T00:00:00.000000000Z', 'workflow.passed', '` + p.ticket + `', '{"step":"sow","number":2}', (SELECT hash FROM ledger ORDER BY seq DESC LIMIT 1), randomblob(32) FROM ledger; UPDATE ledger_head SET seq = (SELECT max(seq) FROM ledger), hash = (SELECT hash FROM ledger ORDER BY seq DESC LIMIT 1)`)
				p.broken()
			},
		},
		{
			name: "an older store put back", does: "keeps a copy of uratori.db, does what it should not, and puts the copy back",
			ends: detected, by: "`head.json` names an entry that the ledger has not: `uratori status` and `doctor`", shows: []string{"problem.ledger_lost"}, from: "sow", alone: true, play: func(p *play) {
				p.stop()
				p.shell(`cp "$DB" old.db`)
				p.check(1)
				p.ends(0, "workflow", p.ticket, "block", "--reason", "x")
				p.stop()
				p.shell(`cp old.db "$DB"; rm -f "$DB-wal" "$DB-shm"`)
				p.line(nil, "status")
			},
		},
		{
			name: "a copy of the home", does: "copies the home, edits the copy until it says what it likes, and shows that",
			ends: refused, by: "the home of the daemon says what it said", shows: []string{"local.has_text"}, from: "sow", alone: true, play: func(p *play) {
				p.stop()
				p.shell(`cp -r "$URATORI_HOME" ../copy; sqlite3 ../copy/uratori.db 'DELETE FROM workflow_tickets'`)
				p.check(1)
			},
		},
		{
			name: "the whole store rewritten", does: "every row and every hash made anew, head.json too",
			ends: open, by: "only a head that was noted elsewhere shows it: `uratori ledger verify --known HASH`", shows: []string{"unknown"}, from: "sow", alone: true, play: func(p *play) {
				head := p.Status().Ledger.Head
				p.stop()
				if err := os.Remove(string(p.Home) + "/head.json"); err != nil {
					p.t.Fatal(err)
				}
				p.sql(triggers + `DELETE FROM ledger; UPDATE ledger_head SET seq = 0, hash = zeroblob(32)`)
				p.shell("uratori --json ledger verify --known " + head.String())
				if r := p.Verify(); r.Verdict != "verified" {
					p.t.Errorf("the chain by itself: %+v", r)
				}
			},
		},
	}
}
