package cli

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/internal/ledger"
)

func (a *app) topCommand() *cobra.Command {
	var watch bool
	var series string
	interval, last := span{Duration: topFrame}, span{Duration: time.Hour}
	cmd := &cobra.Command{
		Use: "top [TASK]", Short: a.lang.Say("cli.top.short"), Long: a.lang.Say("cli.top.long"), Example: a.lang.Say("cli.top.example"),
		Args: atMost(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			var task int64
			if len(args) == 1 {
				if task, err = taskNumber(args[0]); err != nil {
					return err
				}
			}
			given := cmd.Flags().Changed
			past := task > 0 || given("series")
			switch {
			case task > 0 && given("series"):
				return fault.New(fault.Invalid, "cli.top.two_series")
			case given("series") && series == "":
				return fault.New(fault.Invalid, "cli.top.empty_series")
			case past && watch:
				return fault.New(fault.Invalid, "cli.top.watch_alone")
			case given("last") && !past:
				return fault.New(fault.Invalid, "cli.top.last_alone")
			case given("interval") && !watch:
				return fault.New(fault.Invalid, "cli.factcheck.interval_alone")
			case past:
				return a.past(cmd.Context(), task, series, last.Duration)
			case watch:
				return a.watchTop(cmd.Context(), interval.Duration)
			}
			return a.top(cmd.Context())
		},
	}
	cmd.Flags().BoolVar(&watch, "watch", false, a.lang.Say("cli.status.flag.watch"))
	cmd.Flags().Var(&interval, "interval", a.lang.Say("cli.status.flag.interval"))
	cmd.Flags().Var(&last, "last", a.lang.Say("cli.top.flag.last"))
	cmd.Flags().StringVar(&series, "series", "", a.lang.Say("cli.top.flag.series"))
	return cmd
}

// topFrame is how often --watch looks unless it is told, and firstLook is how
// long a daemon that has just started is waited for.
const (
	topFrame  = 2 * time.Second
	firstLook = 5 * time.Second
)

func (a *app) top(ctx context.Context) error {
	var w control.Watch
	err := a.tracked(ctx, func(ctx context.Context, c *control.Client) (err error) {
		w, err = looked(ctx, c)
		return err
	})
	if err != nil {
		return err
	}
	now := time.Now()
	if a.json {
		a.print(w)
	} else {
		for _, line := range a.topLines(w, now) {
			if wide := a.screen(); wide > 0 {
				line = fit(line, wide)
			}
			fmt.Fprintln(a.out, line)
		}
	}
	if !fresh(w, now) {
		return outcome(ledger.Unverifiable)
	}
	return nil
}

// looked is what the last look has seen. The first one is waited for.
func looked(ctx context.Context, c *control.Client) (control.Watch, error) {
	for began := time.Now(); ; {
		w, err := c.Watch(ctx)
		const pace = 100 * time.Millisecond
		if err != nil || w.At != nil || time.Since(began) > firstLook || !wait(ctx, pace, nil) {
			return w, err
		}
	}
}

// fresh tells whether what was seen is of now.
func fresh(w control.Watch, now time.Time) bool {
	const most = 2 * time.Minute // an interval is no longer than a minute
	return w.At != nil && now.Sub(*w.At) < most
}

// topLines are what was seen, in lines.
func (a *app) topLines(w control.Watch, now time.Time) []string {
	if w.At == nil {
		return []string{a.lang.Say("cli.top.never")}
	}
	var lines []string
	if !fresh(w, now) {
		lines = append(lines, a.lang.Say("cli.top.stale", "span", durationWords(a.lang, now.Sub(*w.At))))
	}
	lines = append(lines, clock(*w.At)+"  "+a.machine(w.Machine))
	var rows [][]string
	for _, g := range w.GPUs {
		rows = append(rows, a.gpuCells(g))
	}
	lines = append(lines, aligned(rows, 0)...)
	for _, g := range w.GPUs {
		if g.Problem != nil {
			lines = append(lines, a.lang.Say("cli.top.gpu_problem", "index", g.Index, "reason", a.because(g.Problem, "")))
		}
	}
	if text := a.probe(w); text != "" {
		lines = append(lines, text)
	}
	rows = nil
	for _, t := range w.Tasks {
		rows = append(rows, a.watchedCells(t))
	}
	lines = append(lines, aligned(rows, 0)...)
	if len(w.Tasks) == 0 {
		lines = append(lines, a.lang.Say("cli.top.no_tasks"))
	}
	return lines
}

func (a *app) machine(m control.WatchedMachine) string {
	processors := a.untold()
	if m.Processors > 0 {
		processors = strconv.Itoa(m.Processors)
	}
	memory := a.untold()
	if m.MemoryTotal > 0 {
		memory = filled(m.MemoryTotal-min(m.MemoryFree, m.MemoryTotal), m.MemoryTotal)
	}
	return a.lang.Say("cli.top.machine", "processors", processors, "memory", memory)
}

// untold stands where a number would that nobody tells.
func (a *app) untold() string { return a.lang.Say("cli.top.untold") }

// filled is how much of something is taken: [███░░░░░░░] 12 GiB / 40 GiB.
func filled(used, total uint64) string {
	part := float64(used) / float64(total)
	return bar(min(part, 1), true, barCells) + " " + humanize.IBytes(used) + " / " + humanize.IBytes(total)
}

func (a *app) gpuCells(g control.WatchedGPU) []string {
	number := func(n *int, format string) string {
		if n == nil {
			return a.untold()
		}
		return fmt.Sprintf(format, *n)
	}
	memory := a.untold()
	if g.MemoryUsed != nil && g.MemoryTotal != nil && *g.MemoryTotal > 0 {
		memory = filled(*g.MemoryUsed, *g.MemoryTotal)
	}
	power := a.untold()
	if g.Power != nil {
		const milli = 1000
		power = fmt.Sprintf("%.0f W", float64(*g.Power)/milli)
	}
	return []string{
		"GPU " + strconv.Itoa(g.Index), fit(inline(g.Name), longestName), number(g.Temperature, "%d °C"),
		a.lang.Say("cli.top.memory", "memory", memory), a.lang.Say("cli.top.utilisation", "percent", number(g.Utilisation, "%d %%")), power,
	}
}

// probe is why GPUs are not looked at, "" where they are. That there is no
// driver is said in full by doctor.
func (a *app) probe(w control.Watch) string {
	switch {
	case w.Probe == "starting":
		return a.lang.Say("doctor.gpus_starting")
	case w.Probe == "absent":
		return a.lang.Say("cli.top.no_probe")
	case w.Problem != nil:
		return a.because(w.Problem, "")
	case len(w.GPUs) == 0:
		return a.lang.Say("cli.top.no_gpus")
	}
	return ""
}

func (a *app) watchedCells(t control.WatchedTask) []string {
	cpu := a.untold()
	if t.CPU >= 0 {
		cpu = fmt.Sprintf("%.0f %%", t.CPU)
	}
	bad := ""
	if t.Zombies > 0 {
		bad = a.lang.Say("cli.top.zombies", "count", t.Zombies)
	}
	if t.Stuck > 0 {
		bad = a.joined(bad, a.lang.Say("cli.top.stuck", "count", t.Stuck))
	}
	return []string{
		called(t.Task), inline(t.Ticket), fit(inline(t.Name), longestName), a.lang.Say("cli.top.processes", "count", t.Processes),
		"CPU " + cpu, humanize.IBytes(t.Memory), a.lang.Say("cli.top.quiet", "span", durationWords(a.lang, time.Duration(t.QuietS)*time.Second)), bad,
	}
}

// watchTop goes on until q or Ctrl-C. The daemon is started once; when
// somebody stops it, it stays stopped, and is met again when it is back.
func (a *app) watchTop(ctx context.Context, frame time.Duration) error {
	c, err := a.connect(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	t := taskWatcher{app: a}
	keys, leave := t.sit()
	defer leave()
	var shown time.Time
	for first := true; ; first = false {
		limited, cancel := context.WithTimeout(ctx, answerLimit)
		w, err := c.Watch(limited)
		cancel()
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && (first || senseless(err)):
			return err
		case err != nil:
			t.lose(err)
		default:
			t.lost = ""
			t.showTop(w, &shown)
		}
		if a.out.failed != nil || !keys.pause(ctx, frame) {
			return nil
		}
	}
}

// showTop shows a look: on a terminal in the place of the last one, elsewhere
// below it unless it is the same.
func (w *taskWatcher) showTop(seen control.Watch, shown *time.Time) {
	if w.redraws() {
		w.draw(append(w.topLines(seen, time.Now()), w.lang.Say("cli.status.quit")))
		return
	}
	if seen.At == nil || seen.At.Equal(*shown) {
		return
	}
	if *shown = *seen.At; w.json {
		w.print(seen)
		return
	}
	for _, line := range w.topLines(seen, time.Now()) {
		fmt.Fprintln(w.out, line)
	}
}
