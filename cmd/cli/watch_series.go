package cli

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/internal/ledger"
)

// seriesHistory is the JSON of a series.
type seriesHistory struct {
	Series string                `json:"series"`
	Points []control.SamplePoint `json:"points"`
}

// past shows what was seen of a task's last attempt, or of a series.
func (a *app) past(ctx context.Context, task int64, series string, last time.Duration) error {
	h := seriesHistory{Series: series}
	err := a.tracked(ctx, func(ctx context.Context, c *control.Client) (err error) {
		if task > 0 {
			h.Series, err = lastAttempt(ctx, c, task)
		} else {
			h.Series, err = cardNamed(ctx, c, series)
		}
		if err != nil {
			return err
		}
		h.Points, err = c.Samples(ctx, h.Series, last)
		return err
	})
	if err != nil {
		return err
	}
	switch {
	case a.json:
		a.print(h)
	case len(h.Points) == 0:
		a.say("cli.top.no_points", "series", inline(h.Series), "span", durationWords(a.lang, last))
	default:
		a.tellSeries(h)
	}
	if len(h.Points) == 0 {
		return outcome(ledger.Unverifiable)
	}
	return nil
}

func lastAttempt(ctx context.Context, c *control.Client, task int64) (string, error) {
	t, err := c.Task(ctx, task)
	if err != nil {
		return "", err
	}
	if t.Attempt == 0 {
		return "", fault.New(fault.Failed, "cli.top.never_ran", "task", called(task))
	}
	return "task/" + strconv.FormatInt(task, 10) + "/" + strconv.Itoa(t.Attempt), nil
}

// cardNamed makes gpu/0 the series of that GPU, which has its UUID.
func cardNamed(ctx context.Context, c *control.Client, series string) (string, error) {
	number, ok := strings.CutPrefix(series, "gpu/")
	index, err := strconv.Atoi(number)
	if !ok || err != nil {
		return series, nil
	}
	w, err := looked(ctx, c)
	if err != nil {
		return "", err
	}
	for _, g := range w.GPUs {
		if g.Index == index {
			return "gpu/" + g.UUID, nil
		}
	}
	return "", fault.New(fault.NotFound, "cli.top.no_such_gpu", "index", index)
}

// gaugeRow is one thing that a series tells.
type gaugeRow struct {
	name  string
	of    func(control.SamplePoint) float64
	words func(float64) string
	most  float64 // where a bar is full; 0 is the highest value
	none  string  // what 0 all the time may mean; "" is 0
}

func (a *app) gauges(h seriesHistory) []gaugeRow {
	percent := func(v float64) string { return fmt.Sprintf("%.0f %%", v) }
	plain := func(v float64) string { return strconv.FormatFloat(v, 'f', 0, 64) }
	bytes := func(v float64) string { return humanize.IBytes(uint64(max(0, v))) }
	total := 0.0
	for _, p := range h.Points {
		total = max(total, float64(p.Total))
	}
	const hundred = 100
	memory := gaugeRow{a.lang.Say("cli.top.row.memory"), func(p control.SamplePoint) float64 { return float64(p.Memory) }, bytes, total, ""}
	if strings.HasPrefix(h.Series, "gpu/") {
		if total == 0 {
			memory.none = a.untold()
		}
		return []gaugeRow{
			{a.lang.Say("cli.top.row.temperature"), func(p control.SamplePoint) float64 { return float64(p.Temperature) }, func(v float64) string { return plain(v) + " °C" }, hundred, a.untold()},
			{a.lang.Say("cli.top.row.utilisation"), func(p control.SamplePoint) float64 { return float64(p.Utilisation) }, percent, hundred, a.lang.Say("cli.top.zero_or_untold")},
			memory,
		}
	}
	rows := []gaugeRow{memory}
	if h.Series != "machine" {
		rows = append([]gaugeRow{{"CPU", func(p control.SamplePoint) float64 { return p.CPU }, percent, 0, ""}}, memory,
			gaugeRow{a.lang.Say("cli.top.row.processes"), func(p control.SamplePoint) float64 { return float64(p.Processes) }, plain, 0, ""},
			gaugeRow{a.lang.Say("cli.top.row.done"), func(p control.SamplePoint) float64 { return float64(p.Done) }, plain, 0, a.untold()})
	}
	return rows
}

func (a *app) tellSeries(h seriesHistory) {
	slices.SortFunc(h.Points, func(x, y control.SamplePoint) int { return x.At.Compare(y.At) })
	first, last := h.Points[0].At, h.Points[len(h.Points)-1].At
	a.say("cli.top.series", "series", inline(h.Series), "from", clock(first), "to", clock(last), "count", len(h.Points))
	var rows [][]string
	for _, g := range a.gauges(h) {
		values := spread(h.Points, g.of)
		highest := slices.Max(values)
		if highest <= 0 && g.none != "" {
			rows = append(rows, []string{g.name, "", g.none})
			continue
		}
		scale := g.most
		if scale <= 0 {
			scale = highest
		}
		rows = append(rows, []string{
			g.name, sparks(values, scale), a.lang.Say("cli.top.last", "value", g.words(g.of(h.Points[len(h.Points)-1]))),
			a.lang.Say("cli.top.highest", "value", g.words(highest)),
		})
	}
	a.tellRows(rows)
}

// sparkCells is how wide a small picture of a series is.
const sparkCells = 40

// spread puts points, which are in order, into cells of equal times: the
// highest of each, below 0 where none is. Cells are not narrower than the
// points are apart, so that a gap is one.
func spread(points []control.SamplePoint, of func(control.SamplePoint) float64) []float64 {
	first, last := points[0].At, points[len(points)-1].At
	var steps []time.Duration
	for i := range points[1:] {
		steps = append(steps, points[i+1].At.Sub(points[i].At))
	}
	count := 1
	if len(steps) > 0 && last.After(first) {
		slices.Sort(steps)
		typical := max(steps[len(steps)/2], 1)
		count = int(min(last.Sub(first)/typical+1, sparkCells))
	}
	cells := make([]float64, count)
	for i := range cells {
		cells[i] = -1
	}
	for _, p := range points {
		at := 0
		if count > 1 {
			at = min(int(float64(count)*float64(p.At.Sub(first))/float64(last.Sub(first))), count-1)
		}
		cells[at] = max(cells[at], of(p), 0)
	}
	return cells
}

// sparks draws values as bars side by side, a full one being most high. What
// is below 0 is not known and stays empty; what is more than 0 is seen.
func sparks(values []float64, most float64) string {
	bars := []rune("▁▂▃▄▅▆▇█")
	var b strings.Builder
	for _, v := range values {
		switch {
		case v < 0:
			b.WriteByte(' ')
		case v == 0 || most <= 0:
			b.WriteRune('·')
		default:
			top := float64(len(bars) - 1)
			b.WriteRune(bars[int(min(v/most, 1)*top+0.5)])
		}
	}
	return b.String()
}
