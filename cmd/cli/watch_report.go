package cli

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"uratori/internal/control"
)

// incidentReport is what went wrong in some time, counted.
type incidentReport struct {
	Since     time.Time                 `json:"since"`
	Until     time.Time                 `json:"until"`
	Ticket    string                    `json:"ticket,omitempty"`
	Incidents int                       `json:"incidents"`
	Times     int                       `json:"times"` // that they were found
	Open      int                       `json:"open"`  // now, also of those that were opened before
	ByKind    map[string]int            `json:"by_kind"`
	ByDay     map[string]int            `json:"by_day"` // days without any among them
	ByTicket  map[string]int            `json:"by_ticket"`
	Longest   []control.Incident        `json:"longest"`
	Messages  control.MessageStatistics `json:"messages"` // of all tickets
	Dashboard string                    `json:"dashboard"`

	days []int
}

// usualReport is how far back a report goes.
const usualReport = 7 * day

func (a *app) reportIncidents(ctx context.Context, q control.IncidentQuery) error {
	q.Limit = 0
	if q.Since == 0 {
		q.Since = usualReport
	}
	var lately, open control.IncidentPage
	r := incidentReport{Ticket: q.Ticket}
	err := a.tracked(ctx, func(ctx context.Context, c *control.Client) (err error) {
		r.Until = time.Now()
		if lately, err = incidents(ctx, c, q); err != nil {
			return err
		}
		if r.Messages, err = c.MessageStatistics(ctx, q.Since); err != nil {
			return err
		}
		open, err = incidents(ctx, c, control.IncidentQuery{Ticket: q.Ticket, Open: true})
		return err
	})
	if err != nil {
		return err
	}
	r.Since = r.Until.Add(-q.Since)
	r.count(lately, open)
	if a.json {
		a.print(r)
		return nil
	}
	a.tellReport(r)
	return nil
}

// count takes in the incidents of the time, and those that are open now.
func (r *incidentReport) count(lately, open control.IncidentPage) {
	r.Incidents, r.Open, r.ByKind, r.Dashboard = len(lately.Incidents), len(open.Incidents), lately.ByKind, lately.Dashboard
	r.ByTicket, r.ByDay = map[string]int{}, map[string]int{}
	for _, i := range lately.Incidents {
		r.ByTicket[i.Ticket]++
		r.Times += i.Times
	}
	y, m, d := r.Since.In(location()).Date()
	for n := 0; ; n++ {
		at := time.Date(y, m, d+n, 0, 0, 0, 0, location())
		if at.After(r.Until) {
			break
		}
		name := at.Format(time.DateOnly)
		r.ByDay[name] = lately.ByDay[name]
		r.days = append(r.days, r.ByDay[name])
	}
	r.Longest = longest(lately.Incidents, open.Incidents, r.Until)
}

// longest are those that lasted longest, each once.
func longest(lately, open []control.Incident, now time.Time) []control.Incident {
	const most = 5
	all := map[int64]control.Incident{}
	for _, i := range slices.Concat(lately, open) {
		if lasts(i) || i.Resolved != nil && i.Resolved.Sub(i.OpenedAt) >= time.Second {
			all[i.Incident] = i
		}
	}
	list := slices.SortedFunc(maps.Values(all), func(x, y control.Incident) int {
		return cmp.Or(cmp.Compare(lasted(y, now), lasted(x, now)), cmp.Compare(y.Incident, x.Incident))
	})
	return list[:min(most, len(list)):min(most, len(list))]
}

func lasted(i control.Incident, now time.Time) time.Duration {
	if i.Resolved != nil {
		now = *i.Resolved
	}
	return now.Sub(i.OpenedAt)
}

func (a *app) tellReport(r incidentReport) {
	a.say("cli.report.head", "since", clock(r.Since), "until", clock(r.Until))
	if r.Ticket != "" {
		a.say("cli.report.ticket", "ticket", inline(r.Ticket))
	}
	a.say("cli.report.count", "count", r.Incidents, "times", r.Times, "open", r.Open)
	if r.Incidents > 0 {
		a.say("cli.report.days")
		fmt.Fprintln(a.out, "  "+a.strip(r))
		a.say("cli.report.kinds")
		a.tellCounts(r.ByKind, a.kind)
		if r.Ticket == "" {
			a.say("cli.report.tickets")
			a.tellCounts(r.ByTicket, func(ticket string) string {
				if ticket == "" {
					return a.lang.Say("cli.report.no_ticket")
				}
				return inline(ticket)
			})
		}
	}
	if len(r.Longest) > 0 {
		a.say("cli.report.longest")
		var rows [][]string
		for _, i := range r.Longest {
			rows = append(rows, []string{"  " + a.incidentMark(i) + " " + durationWords(a.lang, lasted(i, r.Until)), concerning(i), a.sentence(&i.What)})
		}
		a.tellRows(rows)
	}
	a.say("cli.report.messages")
	var all control.MessageCount
	for _, c := range r.Messages.Messages {
		all = plus(all, c)
	}
	fmt.Fprintln(a.out, "  "+a.messageCounts(all))
	a.tellUnset(r.Messages)
	a.link(r.Dashboard)
}

// tellCounts prints how many there are of each, the most frequent first.
func (a *app) tellCounts(counts map[string]int, name func(string) string) {
	most := 0
	for _, n := range counts {
		most = max(most, n)
	}
	names := slices.SortedFunc(maps.Keys(counts), func(x, y string) int { return cmp.Or(cmp.Compare(counts[y], counts[x]), cmp.Compare(x, y)) })
	var rows [][]string
	for _, key := range names {
		cells := max(1, counts[key]*barCells/most)
		rows = append(rows, []string{"  " + fit(name(key), longestName), strconv.Itoa(counts[key]), strings.Repeat("█", cells)})
	}
	a.tellRows(rows)
}

// strip is a bar for each day, or for several where they are many.
func (a *app) strip(r incidentReport) string {
	const widest = 60 // columns
	each := (len(r.days) + widest - 1) / widest
	var bars []float64
	for group := range slices.Chunk(r.days, each) {
		sum := 0
		for _, n := range group {
			sum += n
		}
		bars = append(bars, float64(sum))
	}
	first, last := r.Since.In(location()).Format("01-02"), r.Until.In(location()).Format("01-02")
	text := first + " " + sparks(bars, slices.Max(bars)) + " " + last
	if each > 1 {
		return text + "  " + a.lang.Say("cli.report.peak_days", "count", int(slices.Max(bars)), "days", each)
	}
	return text + "  " + a.lang.Say("cli.report.peak", "count", int(slices.Max(bars)))
}
