package notify

import (
	"strings"
	"time"
	"unicode/utf8"

	"uratori/internal/phrase"
)

// Report is what there is to say about something that went wrong, in parts.
// What is empty or zero is left out.
type Report struct {
	What     string // one sentence without a full stop: "no sign of life for 10 minutes"
	Ticket   string
	Task     int64
	TaskName string
	Attempt  int // of Attempts: runs of the task
	Attempts int
	Item     int // of Items: what the task works through
	Items    int
	Since    time.Time // of what lasts; zero for what happens in a moment
	Done     string    // what was done about it: "stopped, and resumed"
	ToDo     string    // what the reader should do
}

// mostPart keeps one part from pushing the others out of the message.
const mostPart = 400 // characters

// Message words the report for people, by the clock and in the time zone of
// now. The caller gives it a fingerprint, a priority and a link.
func (r Report) Message(lang phrase.Lang, now time.Time) Message {
	about := strings.TrimSpace(r.Ticket + " " + r.TaskName)
	title := r.What
	if about != "" && title != "" {
		title = about + ": " + title
	}
	var lines, facts []string
	if r.Task > 0 {
		facts = append(facts, lang.Say("notify.report.task", "task", r.Task))
	}
	if r.Attempt > 0 && r.Attempts > 0 {
		facts = append(facts, lang.Say("notify.report.attempt", "n", r.Attempt, "of", r.Attempts))
	}
	if r.Items > 0 {
		facts = append(facts, lang.Say("notify.report.item", "n", r.Item, "of", r.Items))
	}
	if len(facts) > 0 {
		lines = append(lines, strings.Join(facts, " · "))
	}
	if !r.Since.IsZero() {
		lines = append(lines, lang.Say("notify.report.since", "at", moment(r.Since.In(now.Location()), now), "span", Span(lang, now.Sub(r.Since))))
	}
	part := func(s string) string { return fit(clean(s), mostPart, utf8.RuneCountInString) }
	if done := part(r.Done); done != "" {
		lines = append(lines, lang.Say("notify.report.done", "text", done))
	}
	if todo := part(r.ToDo); todo != "" {
		lines = append(lines, lang.Say("notify.report.todo", "text", todo))
	}
	return Message{Title: title, Body: strings.Join(lines, "\n"), Ticket: r.Ticket, Task: r.Task}
}

// moment is a time by its clock, with its date where that is not today's.
func moment(t, now time.Time) string {
	y, m, d := t.Date()
	if ny, nm, nd := now.Date(); y == ny && m == nm && d == nd {
		return t.Format(time.TimeOnly)
	}
	return t.Format(time.DateTime)
}

// Span says how long something lasts, to two units.
func Span(lang phrase.Lang, d time.Duration) string {
	d = max(d, 0)
	days, hours, minutes, secs := int(d/(24*time.Hour)), int(d/time.Hour)%24, int(d/time.Minute)%60, int(d/time.Second)%60
	switch {
	case days > 0:
		return lang.Say("notify.span.days", "days", days, "hours", hours)
	case hours > 0:
		return lang.Say("notify.span.hours", "hours", hours, "minutes", minutes)
	case minutes > 0:
		return lang.Say("notify.span.minutes", "minutes", minutes, "seconds", secs)
	}
	return lang.Say("notify.span.seconds", "seconds", secs)
}
