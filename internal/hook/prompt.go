package hook

import (
	"context"
	"fmt"
	"slices"
	"time"

	"uratori/internal/control"
)

const (
	mostNews   = 6    // lines of news
	longestNew = 2048 // bytes of all of them
)

// promptSubmit tells what has happened since the session was told last, and
// says nothing where nothing has.
func (r *run) promptSubmit(ctx context.Context) answer {
	before, known := r.recall()
	if !r.used() {
		return answer{}
	}
	w, err := r.find(ctx)
	var status control.Status
	if err == nil {
		status, err = r.daemon.Status(ctx)
	}
	if err != nil {
		if before.Mute {
			return answer{}
		}
		before.Mute = true
		r.keep(before)
		return r.unasked(err)
	}
	r.keep(r.marked(before, w, status))
	if !known || before.At.IsZero() {
		return answer{} // there is nothing yet that this could be news against
	}
	lines := r.news(before, w, status)
	if len(lines) == 0 {
		return answer{}
	}
	if more := len(lines) - mostNews; more > 0 {
		lines = append(lines[:mostNews], r.Lang.Say("hook.more", "count", more))
	}
	lines = append([]string{r.Lang.Say("hook.news")}, lines...)
	return answer{}.tell(UserPromptSubmit, fit(lines, r.Lang.Say("hook.data"), longestNew))
}

// news is what has happened since a mark was made, one thing a line.
func (r *run) news(before mark, w *work, s control.Status) (lines []string) {
	if w != nil && before.Ticket == w.ticket {
		lines = append(lines, r.answers(before, w)...)
	}
	for _, e := range s.Changes {
		if w != nil && e.Ticket == w.ticket && e.Seq > before.Seq {
			lines = append(lines, r.edit(e))
		}
	}
	for _, n := range happened(w, s) {
		if n.at.After(before.At.Add(-near)) && !slices.Contains(before.Told, n.key) {
			lines = append(lines, n.tell(r))
		}
	}
	return lines
}

// event is something that happened at a moment.
type event struct {
	at   time.Time
	key  string
	tell func(*run) string
}

// happened is what a status tells of that has a moment: tasks of the ticket that
// have ended, and what is wrong.
func happened(w *work, s control.Status) (list []event) {
	for _, t := range s.Tasks {
		if w == nil || t.Ticket != w.ticket || t.EndedAt == nil || !ended(t.State) {
			continue
		}
		list = append(list, event{*t.EndedAt, fmt.Sprintf("task/%d/%d/%s", t.Task, t.Attempt, t.State), func(r *run) string {
			line := r.Lang.Say("hook.news.task", "task", t.Task, "name", data(t.Name), "state", r.taskState(t.State))
			if why := r.because(t.Problem, t.Reason); why != "" {
				line += ": " + data(why)
			}
			return line
		}})
	}
	for _, i := range concerning(w, s.Incidents) {
		list = append(list, event{i.OpenedAt, fmt.Sprintf("incident/%d", i.Incident), func(r *run) string {
			return r.Lang.Say("hook.news.incident", "incident", r.incident(i))
		}})
	}
	return list
}

func ended(state string) bool {
	return state == "succeeded" || state == "failed" || state == "killed"
}

func (r *run) taskState(state string) string {
	switch state {
	case "succeeded":
		return r.Lang.Say("hook.task.succeeded")
	case "failed":
		return r.Lang.Say("hook.task.failed")
	case "killed":
		return r.Lang.Say("hook.task.killed")
	}
	return brief(state) // of a newer build
}

// edit is what a person did to the ticket in the table.
func (r *run) edit(e control.Event) string {
	switch {
	case e.Kind == "edited" && e.New != nil:
		return r.Lang.Say("hook.news.edited", "column", data(e.Column), "new", data(*e.New))
	case e.Kind == "deleted":
		return r.Lang.Say("hook.news.deleted", "ticket", brief(e.Ticket))
	default:
		return r.Lang.Say("hook.news.changed", "ticket", brief(e.Ticket), "kind", brief(e.Kind), "column", data(e.Column))
	}
}

// answersOf are what people have said to the steps that need them.
func answersOf(w *work) (all []string) {
	for _, s := range w.flow.Steps {
		if s.Approval != nil && decided(s.Approval.State) {
			all = append(all, s.ID+"="+s.Approval.State)
		}
	}
	return all
}

func decided(state string) bool {
	return state == "approved" || state == "rejected" || state == "void" || state == "expired"
}

// answers are those that were not there before.
func (r *run) answers(before mark, w *work) (lines []string) {
	for _, s := range w.flow.Steps {
		a := s.Approval
		if a == nil || !decided(a.State) || slices.Contains(before.Answers, s.ID+"="+a.State) {
			continue
		}
		line := r.Lang.Say("hook.news.answer", "number", s.Number, "name", data(r.title(&s)), "answer", r.word(a.State))
		if a.Reason != "" {
			line += ": " + data(a.Reason)
		}
		lines = append(lines, line)
	}
	return lines
}

// word is what became of a question to a person.
func (r *run) word(state string) string {
	switch state {
	case "approved":
		return r.Lang.Say("hook.answer.approved")
	case "rejected":
		return r.Lang.Say("hook.answer.rejected")
	case "expired":
		return r.Lang.Say("hook.answer.expired")
	default:
		return r.Lang.Say("hook.answer.void")
	}
}
