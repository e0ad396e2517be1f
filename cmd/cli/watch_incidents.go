package cli

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/internal/phrase"
)

// How many incidents are shown unless one says, and how many the daemon gives
// at once.
const (
	usualIncidents = 50
	pageIncidents  = 1000
)

func (a *app) incidentsCommand() *cobra.Command {
	var q control.IncidentQuery
	var since span
	var report bool
	cmd := &cobra.Command{
		Use: "incidents [TICKET]", Short: a.lang.Say("cli.incidents.short"), Long: a.lang.Say("cli.incidents.long"), Example: a.lang.Say("cli.incidents.example"),
		Args: atMost(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				if err := checkTicket(args[0]); err != nil {
					return err
				}
				q.Ticket = args[0]
			}
			given := cmd.Flags().Changed
			if report && (given("open") || given("limit")) {
				return fault.New(fault.Invalid, "cli.incidents.report_alone")
			}
			if q.Limit < 1 {
				return fault.New(fault.Invalid, "cli.task.too_few", "flag", "limit", "value", q.Limit, "fewest", 1)
			}
			q.Since = since.Duration
			if report {
				return a.reportIncidents(cmd.Context(), q)
			}
			return a.listIncidents(cmd.Context(), q)
		},
	}
	cmd.Flags().Var(&since, "since", a.lang.Say("cli.incidents.flag.since"))
	cmd.Flags().BoolVar(&q.Open, "open", false, a.lang.Say("cli.incidents.flag.open"))
	cmd.Flags().IntVar(&q.Limit, "limit", usualIncidents, a.lang.Say("cli.incidents.flag.limit"))
	cmd.Flags().BoolVar(&report, "report", false, a.lang.Say("cli.incidents.flag.report"))
	return cmd
}

func (a *app) listIncidents(ctx context.Context, q control.IncidentQuery) error {
	var p control.IncidentPage
	err := a.tracked(ctx, func(ctx context.Context, c *control.Client) (err error) {
		p, err = incidents(ctx, c, q)
		return err
	})
	if err != nil {
		return err
	}
	if a.json {
		a.print(p)
		return nil
	}
	now, open := time.Now(), 0
	for _, i := range p.Incidents {
		a.tellIncident(i, now)
		if lasts(i) {
			open++
		}
	}
	if len(p.Incidents) == 0 {
		a.say("cli.incidents.none")
	} else {
		a.say("cli.incidents.count", "count", len(p.Incidents), "open", open)
	}
	if p.Next != 0 {
		a.say("cli.incidents.more")
	}
	a.link(p.Dashboard)
	return nil
}

// incidents gives the newest incidents, q.Limit of them at most unless that is
// 0. Next is set only where there are more.
func incidents(ctx context.Context, c *control.Client, q control.IncidentQuery) (control.IncidentPage, error) {
	all := control.IncidentPage{Incidents: []control.Incident{}, ByKind: map[string]int{}, ByDay: map[string]int{}}
	most := q.Limit
	for {
		left := most - len(all.Incidents)
		if q.Limit = pageIncidents; most > 0 {
			q.Limit = max(1, min(left, pageIncidents)) // one shows whether there are more
		}
		p, err := c.Incidents(ctx, q)
		if err != nil {
			return all, err
		}
		all.Dashboard = p.Dashboard
		if most > 0 && left == 0 {
			if len(p.Incidents) > 0 {
				all.Next = q.Before
			}
			return all, nil
		}
		for _, i := range p.Incidents {
			if q.Before > 0 && i.Incident >= q.Before {
				return all, fault.New(fault.Failed, "cli.incidents.circle", "before", q.Before)
			}
			all.Incidents = append(all.Incidents, i)
			all.ByKind[i.Kind]++
			all.ByDay[i.OpenedAt.In(location()).Format(time.DateOnly)]++
		}
		if p.Next == 0 || len(p.Incidents) == 0 {
			return all, nil
		}
		q.Before = p.Incidents[len(p.Incidents)-1].Incident
	}
}

// lasts tells an incident that goes on from one that is over. A state of a
// newer build goes on for all we know.
func lasts(i control.Incident) bool { return i.State != "resolved" }

// incidentMark is how an incident is at a glance. One that is over is not
// good because of that: a task that had failed and is forgotten did fail.
func (a *app) incidentMark(i control.Incident) string {
	switch {
	case !lasts(i):
		return "-"
	case i.Priority == "low" || i.Priority == "normal":
		return a.mark(ledger.Unverifiable)
	}
	return a.mark(ledger.Refuted)
}

// tellIncident prints all that people need to know of an incident.
func (a *app) tellIncident(i control.Incident, now time.Time) {
	fmt.Fprintln(a.out, a.incidentMark(i)+" "+a.joined(a.priority(i.Priority), concerning(i))+": "+a.sentence(&i.What))
	indent := "    "
	fmt.Fprintln(a.out, indent+a.joined(a.course(i, now)...))
	if done := a.sentence(i.Done); done != "" {
		fmt.Fprintln(a.out, indent+a.lang.Say("cli.incidents.done", "text", done))
	}
	if todo := a.sentence(i.ToDo); todo != "" {
		fmt.Fprintln(a.out, indent+a.lang.Say("cli.incidents.todo", "text", todo))
	}
}

// tellOpen prints an incident that is open as one line among others.
func (a *app) tellOpen(i control.Incident, now time.Time) {
	begin := a.incidentMark(i) + " "
	if about := concerning(i); about != "" {
		begin += about + ": "
	}
	since := a.lang.Say("cli.incidents.since", "time", clock(i.OpenedAt), "span", durationWords(a.lang, now.Sub(i.OpenedAt)))
	fmt.Fprintln(a.out, begin+a.sentence(&i.What)+" ("+a.joined(a.priority(i.Priority), since)+")")
}

// course is what became of an incident, when.
func (a *app) course(i control.Incident, now time.Time) []string {
	lasted := now.Sub(i.OpenedAt)
	if i.Resolved != nil {
		lasted = i.Resolved.Sub(i.OpenedAt)
	}
	words := []string{a.lang.Say("cli.incidents.since", "time", clock(i.OpenedAt), "span", durationWords(a.lang, lasted))}
	if i.Escalated != nil {
		words = append(words, a.lang.Say("cli.incidents.escalated", "time", clock(*i.Escalated)))
	}
	switch {
	case i.Resolved != nil:
		words = append(words, a.lang.Say("cli.incidents.over", "time", clock(*i.Resolved)))
	case lasts(i):
		words = append(words, a.lang.Say("cli.incidents.lasts"))
	}
	if i.Times > 1 {
		words = append(words, a.lang.Say("cli.incidents.times", "count", i.Times, "time", clock(i.SeenAt)))
	}
	if i.Message > 0 {
		words = append(words, a.lang.Say("cli.incidents.message", "message", i.Message))
	}
	return words
}

// concerning is the ticket and the task of an incident, "" where it has none.
func concerning(i control.Incident) string {
	words := inline(i.Ticket)
	if i.Task > 0 {
		if words != "" {
			words += " "
		}
		words += "#" + strconv.FormatInt(i.Task, 10)
	}
	return words
}

// priority is a priority in words; one of a newer build stays as it is.
func (a *app) priority(name string) string {
	if phrase.Known("cli.priority." + name) {
		return a.lang.Say("cli.priority." + name)
	}
	return inline(name)
}

// kind is a kind of incident in words. Rules of the user's own have their
// names.
func (a *app) kind(name string) string {
	if phrase.Known("cli.incidents.kind." + name) {
		return a.lang.Say("cli.incidents.kind." + name)
	}
	return inline(name)
}

// sentence is a problem in the reader's language, or as a newer build has
// worded it. Values of it may come from a log.
func (a *app) sentence(p *control.Problem) string {
	switch {
	case p == nil:
		return ""
	case phrase.Known(p.Code):
		return inline(p.Say(a.lang))
	}
	return inline(p.Message)
}
