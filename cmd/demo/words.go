package demo

import (
	"fmt"
	"strings"

	"uratori/internal/control"
	"uratori/internal/ledger"
	"uratori/internal/phrase"
)

// step is the step in hand.
func (d *demo) step(w control.Workflow) string {
	if w.Current < 1 || w.Current > len(w.Steps) {
		return "–"
	}
	s := w.Steps[w.Current-1]
	name := s.Name // of a tool in the agent's language, of the daemon in Japanese
	if d.Lang != phrase.Japanese && s.NameEN != "" {
		name = s.NameEN
	}
	return fmt.Sprintf("%d/%d %s", s.Number, len(w.Steps), name)
}

// answered tells what came of a call.
func (d *demo) answered(text string) { d.print("    ⎿ " + text) }

// tellStep tells what a check has found, and what the step in hand lacks.
func (d *demo) tellStep(w control.Workflow) {
	d.answered(d.Lang.Say("demo.steps.checked", "verdict", verdict(d.Lang, w.Verdict), "step", d.step(w)))
	if w.Verdict == ledger.Verified || w.Current < 1 || w.Current > len(w.Steps) {
		return
	}
	for _, lack := range w.Steps[w.Current-1].Missing {
		d.print("      " + lack)
	}
}

// tellWrite tells what the agent was answered about each cell.
func (d *demo) tellWrite(w control.Write) {
	for _, f := range w.Fields {
		if f.Conflict && f.Actual != nil {
			there := *f.Actual
			d.answered(d.Lang.Say("demo.edit.conflict", "column", f.Column, "text", there[strings.LastIndexByte(there, '\n')+1:]))
			continue
		}
		d.answered(f.Column + ": " + verdict(d.Lang, f.Verdict))
	}
}

// became tells how a task has ended.
func (d *demo) became(task int64, state string) {
	d.answered(d.Lang.Say("demo.job.ended", "task", task, "state", d.Lang.Say("cli.task.state."+state)))
}

// tellRefusal tells the first line of why something was refused.
func (d *demo) tellRefusal(text string) {
	line, _, _ := strings.Cut(text, "\n")
	d.answered(d.Lang.Say("demo.said_no", "why", strings.TrimPrefix(line, "uratori: ")))
}

func indented(text string) string {
	return "    │ " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n    │ ")
}
