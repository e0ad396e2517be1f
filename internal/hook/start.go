package hook

import (
	"context"
	"fmt"
	"strings"

	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/internal/phrase"
)

const (
	mostMissing   = 6    // of what a step lacks are told
	mostIncidents = 5    // of what is wrong
	longestStart  = 4096 // bytes of what an agent is told when it begins
)

// sessionStart tells where the ticket stands, also to an agent whose memory was
// just compacted.
func (r *run) sessionStart(ctx context.Context) answer {
	w, err := r.find(ctx)
	if err != nil {
		return r.unasked(err).tell(SessionStart, r.Lang.Say("hook.start.unasked"))
	}
	var lines []string
	say := func(key string, pairs ...any) { lines = append(lines, r.Lang.Say(key, pairs...)) }
	link := ""
	if w == nil {
		say("hook.start.none", "folder", data(r.folder()))
	} else {
		link = w.flow.Dashboard
		lines = append(lines, r.standing(w)...)
	}
	status, err := r.daemon.Status(ctx)
	if err != nil {
		say("hook.start.no_status", "why", brief(fault.Explain(err, r.Lang)))
	} else {
		if link == "" {
			link = status.Dashboard
		}
		lines = append(lines, r.incidents(concerning(w, status.Incidents))...)
		r.remember(w, status)
	}
	if link != "" {
		say("hook.dashboard", "url", clean(link))
	}
	return answer{}.tell(SessionStart, fit(lines, r.Lang.Say("hook.data"), longestStart))
}

// standing tells where a ticket stands and what is missing.
func (r *run) standing(w *work) (lines []string) {
	say := func(key string, pairs ...any) { lines = append(lines, r.Lang.Say(key, pairs...)) }
	step := w.step()
	switch {
	case step != nil:
		say("hook.start.step", "ticket", clean(w.ticket), "number", step.Number, "of", len(w.flow.Steps), "name", data(r.title(step)),
			"id", brief(step.ID), "state", r.state(step.State), "folder", data(w.flow.Root))
		lines = append(lines, r.lacks(step, mostMissing)...)
	case w.flow.FinishedAt != nil:
		say("hook.start.finished", "ticket", clean(w.ticket))
	default:
		say("hook.start.unstarted", "ticket", clean(w.ticket))
	}
	if w.flow.Problem != nil {
		say("hook.start.problem", "problem", data(r.because(w.flow.Problem, "")))
	}
	if next := r.because(w.flow.NextStep, w.flow.Next); next != "" {
		say("hook.next", "next", brief(next)) // of our own words: ids, no texts of others
	}
	if len(w.others) > 0 {
		say("hook.start.others", "tickets", brief(strings.Join(w.others, ", ")))
	}
	return lines
}

// title is the name of a step in the reader's language.
func (r *run) title(s *control.WorkflowStep) string {
	if r.Lang == phrase.Japanese || s.NameEN == "" {
		return s.Name
	}
	return s.NameEN
}

func (r *run) state(state string) string {
	if phrase.Known("hook.state." + state) {
		return r.Lang.Say("hook.state." + state)
	}
	return brief(state) // of a newer build
}

// wants is what keeps a step from passing, in the reader's language.
func (r *run) wants(s *control.WorkflowStep) (wants []string) {
	for i, text := range s.Missing {
		if i < len(s.Wanting) {
			text = r.because(s.Wanting[i], text)
		}
		wants = append(wants, data(text))
	}
	return wants
}

// lacks lists what a step lacks, so many at most.
func (r *run) lacks(s *control.WorkflowStep, most int) (lines []string) {
	wants := r.wants(s)
	if len(wants) > 0 {
		lines = append(lines, r.Lang.Say("hook.start.missing"))
	}
	for _, want := range wants[:min(most, len(wants))] {
		lines = append(lines, "- "+want)
	}
	if more := len(wants) - most; more > 0 {
		lines = append(lines, r.Lang.Say("hook.more", "count", more))
	}
	return lines
}

// concerning are the incidents of the ticket, and those of no ticket: a machine
// that is too hot is everybody's.
func concerning(w *work, all []control.Incident) (list []control.Incident) {
	for _, i := range all {
		if i.State != "resolved" && (w == nil || i.Ticket == "" || i.Ticket == w.ticket) {
			list = append(list, i)
		}
	}
	return list
}

func (r *run) incidents(list []control.Incident) (lines []string) {
	if len(list) == 0 {
		return nil
	}
	lines = append(lines, r.Lang.Say("hook.start.incidents", "count", len(list)))
	for _, i := range list[:min(mostIncidents, len(list))] {
		lines = append(lines, "- "+r.incident(i))
	}
	if more := len(list) - mostIncidents; more > 0 {
		lines = append(lines, r.Lang.Say("hook.more", "count", more))
	}
	return lines
}

// incident is what is wrong, in one line.
func (r *run) incident(i control.Incident) string {
	what := i.What.Message
	if phrase.Known(i.What.Code) {
		what = i.What.Say(r.Lang)
	}
	return fmt.Sprintf("[%d] %s", i.Incident, data(what))
}
