package dashboard

import (
	"context"
	"math"
	"net/http"
	"slices"
	"strconv"
	"time"

	"uratori/internal/control"
)

const (
	// mostPoints of a series are sent: more than a screen has columns.
	mostPoints = 1500
	// mostCards of a machine are drawn for a task that was granted none.
	mostCards = 4
	// mostMarked incidents, of the task and of each GPU, are looked at.
	mostMarked = 50
	// afterwards is how long after the end of a run what came of it may be told.
	afterwards = time.Minute
)

// line is a series of a run. A value is nil where nothing was seen.
type line struct {
	Name   string     `json:"name"`
	Unit   string     `json:"unit"` // percent, bytes or celsius
	Values []*float64 `json:"values"`
	Total  float64    `json:"total,omitzero"` // of what there is, 0 where that is not known
}

// group is lines that share their times.
type group struct {
	Name  string  `json:"name"`
	At    []int64 `json:"at"` // Unix seconds, rising
	Lines []line  `json:"lines"`
}

// usage is what a run has used, and what went wrong meanwhile.
type usage struct {
	Attempt   int                `json:"attempt"`
	From      time.Time          `json:"from"`
	To        time.Time          `json:"to"`
	Active    bool               `json:"active"`
	Groups    []group            `json:"groups"`
	Incidents []incidentMark     `json:"incidents"`
	Told      []control.Incident `json:"-"`
}

// incidentMark is an incident in a chart.
type incidentMark struct {
	At       int64  `json:"at"`
	Until    int64  `json:"until"`
	Priority string `json:"priority"`
	Text     string `json:"text"`
}

// usageOf looks at the run of an attempt.
func usageOf(ctx context.Context, d Daemon, task control.TaskDetail, number int, now time.Time) (usage, error) {
	i := slices.IndexFunc(task.Runs, func(a control.Attempt) bool { return a.Attempt == number })
	if i < 0 {
		return usage{Attempt: number}, nil
	}
	run := task.Runs[i]
	u := usage{Attempt: number, From: run.StartedAt, To: now, Active: run.EndedAt == nil}
	if run.EndedAt != nil {
		u.To = *run.EndedAt
	}
	series := "task/" + strconv.FormatInt(task.Task.Task, 10) + "/" + strconv.Itoa(number)
	points, err := d.SamplesBetween(ctx, series, u.From.Add(-time.Second), u.To.Add(time.Second))
	if err != nil {
		return u, err
	}
	at := times(points)
	u.Groups = append(
		u.Groups,
		thin(group{Name: "cpu", At: at, Lines: []line{values("cpu", "percent", points, func(p control.SamplePoint) (float64, bool) { return p.CPU, true })}}),
		thin(group{Name: "memory", At: at, Lines: []line{values("memory", "bytes", points, func(p control.SamplePoint) (float64, bool) { return float64(p.Memory), true })}}),
	)
	cards, subjects, err := usageOfCards(ctx, d, run.GPUs, u)
	if err != nil {
		return u, err
	}
	u.Groups = append(u.Groups, cards...)
	ask := []control.IncidentQuery{{Task: task.Task.Task, Limit: mostMarked}}
	for _, subject := range subjects {
		ask = append(ask, control.IncidentQuery{Subject: subject, Limit: mostMarked})
	}
	err = u.tell(ctx, d, ask)
	return u, err
}

// tell adds the incidents that lasted while the attempt ran, or came of it.
func (u *usage) tell(ctx context.Context, d Daemon, ask []control.IncidentQuery) error {
	seen := map[int64]bool{}
	for _, q := range ask {
		page, err := d.Incidents(ctx, q)
		if err != nil {
			return err
		}
		for _, one := range page.Incidents {
			over := one.Resolved != nil && one.Resolved.Before(u.From)
			if !seen[one.Incident] && !over && !one.OpenedAt.After(u.To.Add(afterwards)) {
				seen[one.Incident] = true
				u.Told = append(u.Told, one)
			}
		}
	}
	slices.SortStableFunc(u.Told, func(a, b control.Incident) int { return a.OpenedAt.Compare(b.OpenedAt) })
	return nil
}

// usageOfCards looks at the GPUs that were granted, or at those of the machine.
func usageOfCards(ctx context.Context, d Daemon, granted []string, u usage) (list []group, subjects []string, err error) {
	w, err := d.Watch(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, g := range w.GPUs {
		if len(granted) > 0 && !slices.Contains(granted, strconv.Itoa(g.Index)) && !slices.Contains(granted, g.UUID) || len(list) >= mostCards {
			continue
		}
		subjects = append(subjects, "gpu/"+g.UUID)
		points, err := d.SamplesBetween(ctx, "gpu/"+g.UUID, u.From.Add(-time.Second), u.To.Add(time.Second))
		if err != nil {
			return list, subjects, err
		}
		if len(points) == 0 {
			continue
		}
		used := values("gpu_memory", "percent", points, func(p control.SamplePoint) (float64, bool) {
			return 100 * float64(p.Memory) / max(float64(p.Total), 1), p.Total > 0
		})
		used.Total = float64(points[len(points)-1].Total)
		list = append(list, thin(group{Name: "GPU " + strconv.Itoa(g.Index) + " " + g.Name, At: times(points), Lines: []line{
			values("gpu_load", "percent", points, func(p control.SamplePoint) (float64, bool) { return float64(p.Utilisation), true }),
			used,
			values("gpu_heat", "celsius", points, func(p control.SamplePoint) (float64, bool) { return float64(p.Temperature), p.Temperature > 0 }),
		}}))
	}
	return list, subjects, nil
}

func times(points []control.SamplePoint) []int64 {
	list := make([]int64, len(points))
	for i, p := range points {
		list[i] = p.At.Unix()
	}
	return list
}

func values(name, unit string, points []control.SamplePoint, of func(control.SamplePoint) (float64, bool)) line {
	l := line{Name: name, Unit: unit, Values: make([]*float64, len(points))}
	for i, p := range points {
		if v, ok := of(p); ok && !math.IsNaN(v) && !math.IsInf(v, 0) {
			l.Values[i] = &v
		}
	}
	return l
}

// thin leaves at most so many points: of each stretch of time the lowest and the
// highest value, so that no peak is lost. Where nobody looked for long, a line is
// broken instead of drawn on.
func thin(g group) group {
	if len(g.At) == 0 {
		return g
	}
	stretch := 1
	const few, stretches = mostPoints / 2, mostPoints / 4 // each has two points, and perhaps a break
	if len(g.At) > few {
		stretch = (len(g.At) + stretches - 1) / stretches
	}
	silence := silenceOf(g.At)
	out := group{Name: g.Name}
	for _, l := range g.Lines {
		l.Values = nil
		out.Lines = append(out.Lines, l)
	}
	put := func(at int64, of func(k int) *float64) {
		if n := len(out.At); n > 0 && at <= out.At[n-1] {
			return
		}
		out.At = append(out.At, at)
		for k := range out.Lines {
			out.Lines[k].Values = append(out.Lines[k].Values, of(k))
		}
	}
	breaks := silences(g.At, silence)
	for i, end := 0, 0; i < len(g.At); i = end {
		if end = min(i+stretch, len(g.At)); len(breaks) > 0 && breaks[0] <= end {
			end = max(breaks[0], i+1)
			breaks = breaks[1:]
		}
		if i > 0 && g.At[i]-g.At[i-1] > silence {
			put(g.At[i-1]+1, func(int) *float64 { return nil })
		}
		if end-i == 1 {
			put(g.At[i], func(k int) *float64 { return g.Lines[k].Values[i] })
			continue
		}
		put(g.At[i], func(k int) *float64 {
			return extreme(g.Lines[k].Values[i:end], func(a, b float64) bool { return a < b })
		})
		put(g.At[end-1], func(k int) *float64 {
			return extreme(g.Lines[k].Values[i:end], func(a, b float64) bool { return a > b })
		})
	}
	return out
}

// silenceOf is a time between looks that is no longer the usual one.
func silenceOf(at []int64) int64 {
	gaps := make([]int64, 0, len(at))
	for i := 1; i < len(at); i++ {
		gaps = append(gaps, at[i]-at[i-1])
	}
	slices.Sort(gaps)
	const usual, least = 4, 5
	if len(gaps) == 0 {
		return math.MaxInt64
	}
	return max(usual*gaps[len(gaps)/2], least)
}

// silences are where a line is to be broken; none where there are so many that
// they are no exceptions.
func silences(at []int64, silence int64) (list []int) {
	const most = mostPoints / 8
	for i := 1; i < len(at); i++ {
		if at[i]-at[i-1] > silence {
			list = append(list, i)
		}
	}
	if len(list) > most {
		return nil
	}
	return list
}

func extreme(list []*float64, better func(a, b float64) bool) (best *float64) {
	for _, v := range list {
		if v != nil && (best == nil || better(*v, *best)) {
			best = v
		}
	}
	return best
}

// Summary is a line in words.
type summary struct {
	Group, Name, Unit string
	Low, High, Last   float64
	Total             float64
}

// Summaries are what charts show, for who cannot see them.
func (u usage) Summaries() (list []summary) {
	for _, g := range u.Groups {
		for _, l := range g.Lines {
			low, high := extreme(l.Values, func(a, b float64) bool { return a < b }), extreme(l.Values, func(a, b float64) bool { return a > b })
			if low == nil {
				continue
			}
			s := summary{Group: g.Name, Name: l.Name, Unit: l.Unit, Low: *low, High: *high, Total: l.Total}
			for _, v := range slices.Backward(l.Values) {
				if v != nil {
					s.Last = *v
					break
				}
			}
			list = append(list, s)
		}
	}
	return list
}

// amount is a value with its unit.
func amount(unit string, v float64) string {
	switch unit {
	case "bytes":
		return humanBytes(uint64(max(v, 0)))
	case "celsius":
		return strconv.Itoa(int(math.Round(v))) + " °C"
	}
	return strconv.Itoa(int(math.Round(v))) + " %"
}

// taskSamples answers with what the charts of a task draw.
func (d *Dashboard) taskSamples(w http.ResponseWriter, r *http.Request) {
	f := d.faces.of(r)
	d.answer(w, r, func(ctx context.Context, conn Daemon) (any, error) {
		a, err := askOf(r)
		if err != nil {
			return nil, err
		}
		task, err := conn.Task(ctx, a.task)
		if err != nil {
			return nil, err
		}
		if a.attempt == 0 {
			a.attempt = task.Attempt
		}
		u, err := usageOf(ctx, conn, task, a.attempt, d.o.Now())
		if err != nil {
			return nil, err
		}
		u.Incidents = []incidentMark{}
		for _, one := range u.Told {
			m := incidentMark{At: one.OpenedAt.Unix(), Until: u.To.Unix(), Priority: one.Priority, Text: one.What.Say(f.lang)}
			if one.Resolved != nil {
				m.Until = one.Resolved.Unix()
			}
			u.Incidents = append(u.Incidents, m)
		}
		for i := range u.Groups {
			for k := range u.Groups[i].Lines {
				u.Groups[i].Lines[k].Name = f.name("usage", u.Groups[i].Lines[k].Name)
			}
			u.Groups[i].Name = f.name("usage", u.Groups[i].Name)
		}
		return u, nil
	})
}
