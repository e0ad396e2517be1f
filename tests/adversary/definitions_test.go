package adversary

import (
	"strings"

	"uratori/tests/house"
)

const extractStep = `  - id: extract
    phase: 1
    name: {ja: 抽出, en: Extraction}
    gate: {task: {extract: {min_items: 1, after: start}}}
`

// definitions are workflows and settings that ask for less.
func definitions() []move {
	refuse := func(name, does, by, code, old, text string) move {
		return move{name: name, does: does, ends: refused, by: by, shows: []string{code}, play: func(p *play) {
			p.write("uratori.workflow.yaml", house.WorkflowWith(p.t, old, text))
			p.ends(2, "workflow", p.ticket, "start", "--root", p.root)
		}}
	}
	return []move{
		refuse("a workflow without the extraction", "a workflow of the project's own that has no step 8", "refused at the start; there is no exemption", "workflow.no_extract", extractStep, ""),
		refuse("an extraction of nothing", "a step `extract` that asks for 0 items", "refused at the start", "workflow.extract_weak", "min_items: 1", "min_items: 0"),
		refuse("an extraction of long ago", "a step `extract` without `after: start`", "refused at the start", "workflow.extract_weak", ", after: start", ""),
		refuse("an extraction that is something else", "a step `extract` whose gate is `command: true`", "refused at the start", "workflow.extract_weak",
			"{task: {extract: {min_items: 1, after: start}}}", "{command: {x: {exec: [\"true\"]}}}"),
		refuse("an empty gate", "`gate: {}`", "a gate that looks at nothing is an error", "gate.empty", "{file: {plan.md: {size: {min: 1}}}}", "{}"),
		refuse("a step that asks for nothing", "a step without `gate` and `approval`", "refused at the start", "workflow.no_gate", "    gate: {file: {plan.md: {size: {min: 1}}}}\n", ""),
		refuse("unknown keys", "`skip: true`, `exempt`, `continue-on-error`, `status: passed` on a step", "an unknown key is an error with its line", "workflow.unknown_key",
			"    phase: 0\n", "    phase: 0\n    status: passed\n"),
		refuse("no last word", "a workflow that ends without a person", "refused at the start", "workflow.no_last_word", "    name: {ja: 完了, en: Done}\n    approval: {}\n", "    name: {ja: 完了, en: Done}\n    gate: {file: {plan.md: {size: {min: 1}}}}\n"),
		refuse("a shell in a gate", "`exec: [sh, -c, \"pytest || true\"]`", "a text for a shell is refused: its exit status is that of whatever came last", "gate.want.argv",
			"{file: {plan.md: {size: {min: 1}}}}", "{command: {x: {exec: [sh, -c, \"pytest || true\"]}}}"),
		{
			name: "the workflow changed after the start", does: "takes steps out of uratori.workflow.yaml once the work has begun",
			ends: refused, by: "what was pinned counts; a change waits for a person", shows: []string{"workflow.pins_moved"}, aims: "extract",
			play: func(p *play) {
				p.write("uratori.workflow.yaml", house.Workflow)
				p.write("plan.md", "x")
				p.begin()
				p.on("plan", "approval")
				p.daemonApproves("approval")
				p.write("uratori.workflow.yaml", house.WorkflowWith(p.t, "extract: {min_items", "anything: {min_items"))
				p.check(1)
				p.show()
			},
		},
		{
			name: "the settings changed after the start", does: "sets `test = [\"true\"]` in uratori.toml when the tests fail",
			ends: refused, by: "what was pinned counts; a change waits for a person", shows: []string{"workflow.pins_moved"}, from: "test",
			play: func(p *play) {
				p.write("src/extract.sh", "echo wrong\n")
				p.write("uratori.toml", strings.Replace(settings, `"sh", "tests/test.sh"`, `"true"`, 1))
				p.check(1)
				p.show()
			},
		},
		{
			name: "another root", does: "starts again in a folder in which all is well",
			ends: refused, by: "the root is pinned", shows: []string{"workflow.other_root"}, from: "sow",
			play: func(p *play) {
				p.shell("mkdir ../other && cp -r . ../other")
				p.ends(4, "workflow", p.ticket, "start", "--root", p.root+"/../other")
			},
		},
	}
}

// daemonApproves has a person approve the step in hand, which then passes.
func (p *play) daemonApproves(step string) {
	p.t.Helper()
	p.ends(0, "workflow", p.ticket, "request-approval")
	p.daemon(p.answering(step))
	p.check(0)
}
