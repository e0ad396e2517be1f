package adversary

import (
	"context"
	"os"
	"path/filepath"

	"uratori/internal/control"
)

func (p *play) answering(step string) func(context.Context, *control.Client) error {
	return func(ctx context.Context, c *control.Client) error { return p.answer(ctx, c, step) }
}

// runs queues the extraction with a command over MCP, as an agent does, and waits.
func (p *play) runs(argv ...string) (state string) {
	p.t.Helper()
	return p.queues(map[string]any{"ticket": p.ticket, "name": "extract", "command": argv, "cwd": p.root, "items": []string{"in/*.png"}, "outputs": []string{"out/{stem}.png"}})
}

func (p *play) queues(arguments map[string]any) (state string) {
	p.t.Helper()
	if err := os.MkdirAll(p.path("out"), 0o700); err != nil {
		p.t.Fatal(err)
	}
	queued, failed := p.tool("enqueue", arguments)
	if failed != "" {
		p.t.Fatal(failed)
	}
	done, failed := p.tool("wait", map[string]any{"task": queued["task"], "timeout": "30s"})
	if failed != "" {
		p.t.Fatal(failed)
	}
	state, _ = done["state"].(string)
	return state
}

// evidence is what is shown and is none.
func evidence() []move {
	return []move{
		{
			name: "a document changed after the approval", does: "rewrites the SOW that a person has approved",
			ends: detected, by: "the step, its approval and all behind it are stale", shows: []string{"workflow.stale_basis"},
			from: "test", play: func(p *play) {
				p.write(p.document("SOW"), "# another\n"+string(make([]byte, 300)))
				if w := p.show(); stateOf(w, "sow") != "stale" {
					p.t.Error(stateOf(w, "sow"))
				}
				p.ends(1, "factcheck", p.ticket)
				p.check(0) // of the document itself, which is one
				p.check(1)
				if w := p.show(); stateOf(w, "plan-approval") == "passed" {
					p.t.Error(stateOf(w, "plan-approval"))
				}
			},
		},
		{
			name: "another ticket's job", does: "has the extraction run for another ticket, and shows that",
			ends: refused, by: "a task of this ticket is asked for", shows: []string{"local.no_task"}, from: "extract", play: func(p *play) {
				mine := p.ticket
				p.ticket = p.file()
				if state := p.runs("sh", "-c", extraction); state != "succeeded" {
					p.t.Fatal(state)
				}
				p.ticket = mine
				p.shell("git add -A && git commit -qm pages")
				p.check(1)
			},
		},
		{
			name: "a job of before the start", does: "shows the extraction that ran before the work began",
			ends: refused, by: "it was asked for before the start", shows: []string{"local.task_before"}, aims: "extract", play: func(p *play) {
				if state := p.runs("sh", "-c", extraction); state != "succeeded" {
					p.t.Fatal(state)
				}
				p.write(".gitignore", "build/\nout/\n")
				p.shell("git add -A && git commit -qm before")
				p.upTo("extract")
				p.check(1)
			},
		},
		{
			name: "another task's outputs", does: "makes the outputs by hand, or has another task make them, and queues `true` as the extraction",
			ends: refused, by: "they were written when no task of that name was at work for the ticket", shows: []string{"local.task_by_hand"}, from: "extract", play: func(p *play) {
				p.shell("mkdir -p out && " + extraction)
				p.runs("true") // it is told that there was nothing to do
				p.shell("git add -A && git commit -qm pages")
				p.check(1)
			},
		},
		{
			name: "a job without outputs", does: "queues `echo 30/30 done` as the extraction, naming neither items nor outputs",
			ends: refused, by: "it has no items", shows: []string{"local.task_items"}, from: "extract", play: func(p *play) {
				p.queues(map[string]any{"ticket": p.ticket, "name": "extract", "command": []string{"echo", "30/30 done"}, "cwd": p.root})
				p.check(1)
			},
		},
		{
			name: "30/30 done", does: "the extraction prints `30/30 done`, `::progress n=30 total=30` and makes nothing",
			ends: refused, by: "outputs are looked at, not lines: the task has failed", shows: []string{"local.task_state"}, from: "extract", play: func(p *play) {
				if state := p.runs("sh", "-c", "echo 30/30 done; echo ::progress n=30 total=30; exit 0"); state != "failed" {
					p.t.Error(state)
				}
				p.check(1)
			},
		},
		{
			name: "outputs replaced after the job", does: "lets the extraction run, then puts other pictures in the place of its outputs",
			ends: refused, by: "each output is compared with the list of what the task made", shows: []string{"local.task_replaced"}, from: "extract", play: func(p *play) {
				if state := p.runs("sh", "-c", extraction); state != "succeeded" {
					p.t.Fatal(state)
				}
				p.picture("out/b.png", 77, false)
				p.shell("git add -A && git commit -qm pages")
				p.check(1)
			},
		},
		{
			name: "empty globs", does: "a claim about `nothing/*.png`",
			ends: refused, by: "a glob that names nothing shows nothing", shows: []string{"refuted"}, from: "sow", play: func(p *play) {
				for _, claim := range []string{`{"images":{"nothing/*.png":{}}}`, `{"file":{"nothing/*.png":{}}}`, `{"images":{"nothing/*.png":{"not_blank":true}}}`} {
					if v := p.claim(claim); v != "refuted" {
						p.t.Errorf("%s: %s", claim, v)
					}
				}
			},
		},
		{
			name: "both counts are 0", does: "`count_equal` of two globs that name nothing: 0 = 0",
			ends: refused, by: "nothing on either side is refuted", shows: []string{"refuted"}, from: "sow", play: func(p *play) {
				if v := p.claim(`{"count_equal":{"pages":{"left":"no/*.tif","right":"none/*.png"}}}`); v != "refuted" {
					p.t.Error(v)
				}
			},
		},
		{
			name: "a forged time", does: "`touch` an old file, and set its mtime into the future and back, to pass it for new",
			ends: refused, by: "the snapshot of the start knows what it held", shows: []string{"refuted"}, from: "sow", play: func(p *play) {
				p.shell("touch README.md; touch -d '2030-01-01' uratori.toml")
				for _, name := range []string{"README.md", "uratori.toml"} {
					if v := p.claim(`{"file":{"` + name + `":{"newer_than":"start"}}}`); v == "verified" {
						p.t.Error(v)
					}
				}
				if v := p.claim(`{"file":{"README.md":{"sha256":"` + zeros + `"}}}`); v != "refuted" {
					p.t.Error(v)
				}
			},
		},
		{
			name: "a forged time, to hide a change", does: "changes a file behind a passed step and sets mtime and size back to what they were",
			ends: detected, by: "the change time cannot be set back; the content is read", shows: []string{"workflow.stale_approval"}, from: "test", play: func(p *play) {
				p.shell(`touch -r tests/test.sh /tmp/ref.$$; sed -i 's/= done/= xone/' tests/test.sh; touch -r /tmp/ref.$$ tests/test.sh; rm /tmp/ref.$$`)
				if w := p.show(); stateOf(w, "setup") != "stale" {
					p.t.Error(stateOf(w, "setup"))
				}
			},
		},
		{
			name: "links out of the project", does: "claims about files and pictures that links and `..` lead out to",
			ends: refused, by: "what leads out is not looked at", shows: []string{"leads out of"}, from: "sow", play: func(p *play) {
				p.write(filepath.Join(filepath.Dir(p.root), "outside.png"), "x")
				p.picture(filepath.Join(filepath.Dir(p.root), "real.png"), 3, false)
				p.shell("mkdir -p out && ln -s ../../real.png out/a.png && ln -s .. up && ln -s /etc/hostname name")
				for _, claim := range []string{`{"images":{"out/*.png":{}}}`, `{"file":{"up/real.png":{}}}`, `{"file":{"name":{}}}`, `{"file":{"../real.png":{}}}`, `{"file":{"/etc/hostname":{}}}`} {
					if v := p.claim(claim); v == "verified" {
						p.t.Errorf("%s: %s", claim, v)
					}
				}
			},
		},
		{
			name: "a check that cannot run", does: "takes the repository away, or the test program, so that nothing can be looked at",
			ends: refused, by: "what cannot be looked at is unverifiable, which passes nothing (exit status 3)", shows: []string{"unverifiable"}, from: "implement", play: func(p *play) {
				p.write("src/extract.sh", "echo done\n")
				p.shell("git add -A && git commit -qm x && mv .git ../git")
				w := p.check(3)
				if w.Verdict != "unverifiable" {
					p.t.Error(w.Verdict)
				}
			},
		},
		{
			name: "an empty commit", does: "`git commit --allow-empty`, amends the old commit, sets dates, to have a commit since the start",
			ends: refused, by: "commits since the start have to change something; they are measured against the commit of the start", shows: []string{"refuted"}, from: "implement", play: func(p *play) {
				p.shell("git commit -q --allow-empty -m work")
				p.check(1)
				p.shell("git reset -q --hard HEAD~1 && GIT_COMMITTER_DATE='2030-01-01T00:00:00Z' git commit -q --amend --no-edit --date 2030-01-01T00:00:00Z")
				p.check(1)
			},
		},
		{
			name: "a dirty tree that looks clean", does: "`git update-index --assume-unchanged` and `--skip-worktree` on changed files",
			ends: refused, by: "the tree is read, not git's memory of it", shows: []string{"local.hidden_from_git"}, from: "extract", play: func(p *play) {
				if state := p.runs("sh", "-c", extraction); state != "succeeded" {
					p.t.Fatal(state)
				}
				p.shell("git add -A && git commit -qm pages && git update-index --assume-unchanged README.md && git update-index --skip-worktree .gitignore && echo changed >> README.md && echo out >> .gitignore && git status --short")
				p.check(3)
			},
		},
	}
}

const zeros = "0000000000000000000000000000000000000000000000000000000000000000"
