package hook

import (
	"context"
	"slices"
	"strings"

	"uratori/internal/control"
	"uratori/internal/ledger"
)

const (
	longestStop = 2048 // bytes
	mostTasks   = 100  // are looked at
	mostNamed   = 3    // of what is unmet, in each line
)

// readers are the agents of Claude Code that only look at things: none of what
// is unmet is theirs.
func readers() []string {
	return []string{"Explore", "Plan", "claude-code-guide", "statusline-setup"}
}

// stop holds an agent back once that is about to stop while something is unmet.
// It is silent where a job or a person is waited for: the agent can do nothing
// then, and is right to stop.
func (r *run) stop(ctx context.Context) answer {
	if r.in.StopHookActive || !r.used() || r.event == SubagentStop && slices.Contains(readers(), r.in.Agent) {
		return answer{}
	}
	w, err := r.find(ctx)
	if err != nil {
		return r.unasked(err)
	}
	if w == nil {
		return answer{}
	}
	step := w.step()
	if step != nil && (step.State == "waiting" || step.State == "blocked") {
		return answer{}
	}
	page, err := r.daemon.Tasks(ctx, control.TaskQuery{Ticket: w.ticket, Limit: mostTasks})
	if err != nil {
		return r.unasked(err)
	}
	if slices.ContainsFunc(page.Tasks, func(t control.Task) bool { return !ended(t.State) }) {
		return answer{}
	}
	history, err := r.daemon.TicketHistory(ctx, w.ticket)
	if err != nil {
		return r.unasked(err)
	}
	var lines []string
	if line := r.unverified(history); line != "" {
		lines = append(lines, line)
	}
	if line := r.failures(w, page.Tasks); line != "" {
		lines = append(lines, line)
	}
	if step != nil {
		lines = append(lines, r.Lang.Say("hook.stop.step", "number", step.Number, "of", len(w.flow.Steps), "name", data(r.title(step)),
			"state", r.state(step.State), "missing", r.some(r.wants(step))))
	}
	if len(lines) == 0 {
		return answer{}
	}
	head := r.Lang.Say("hook.stop.head", "ticket", clean(w.ticket))
	lines = append([]string{head}, lines...)
	return block(fit(lines, r.Lang.Say("hook.stop.next", "ticket", clean(w.ticket)), longestStop))
}

// some are the first few of a list, in one line.
func (r *run) some(list []string) string {
	if len(list) == 0 {
		return r.Lang.Say("hook.stop.unchecked")
	}
	text := strings.Join(list[:min(mostNamed, len(list))], "; ")
	if more := len(list) - mostNamed; more > 0 {
		text += " " + r.Lang.Say("hook.more", "count", more)
	}
	return text
}

// unverified tells of the last write to each column, where it is not verified.
// One that waits for its verdict counts: nobody has seen yet that it is there.
func (r *run) unverified(history []control.Event) string {
	last := map[string]control.Event{}
	var columns []string
	for _, e := range history {
		if e.Kind != "written" && e.Kind != "waiting" && e.Kind != "refused" {
			continue
		}
		if _, there := last[e.Column]; !there {
			columns = append(columns, e.Column)
		}
		last[e.Column] = e
	}
	var found []string
	for _, column := range columns {
		switch e := last[column]; {
		case e.Kind == "written" && e.Verdict == ledger.Verified:
		case e.Kind == "waiting":
			found = append(found, data(column)+" "+r.Lang.Say("hook.write.waiting"))
		case e.Verdict == ledger.Refuted || e.Kind == "refused":
			found = append(found, data(column)+" "+r.Lang.Say("hook.write.refuted"))
		default:
			found = append(found, data(column)+" "+r.Lang.Say("hook.write.unverifiable"))
		}
	}
	if len(found) == 0 {
		return ""
	}
	return r.Lang.Say("hook.stop.writes", "writes", r.some(found))
}

// failures tells of the last task of each name, where it failed. One that was
// done again counts no more, and one that somebody killed was meant to end.
func (r *run) failures(w *work, tasks []control.Task) string {
	last := map[string]control.Task{}
	for _, t := range tasks {
		if t.Task > last[t.Name].Task {
			last[t.Name] = t
		}
	}
	var failed []string
	for _, t := range tasks {
		if last[t.Name].Task != t.Task || t.State != "failed" || w.flow.StartedAt != nil && t.CreatedAt.Before(*w.flow.StartedAt) {
			continue
		}
		failed = append(failed, r.Lang.Say("hook.stop.task", "task", t.Task, "name", data(t.Name), "why", data(r.because(t.Problem, t.Reason))))
	}
	if len(failed) == 0 {
		return ""
	}
	return r.Lang.Say("hook.stop.tasks", "tasks", r.some(failed))
}
