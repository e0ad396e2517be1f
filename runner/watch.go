package runner

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"time"

	"uratori/runner/items"
	"uratori/runner/progress"
)

// Progress is how far a task is.
type Progress struct {
	Done, Total int // Total is 0 when nobody knows
	Item, Phase string
	Percent     *float64
	Left        *time.Duration // nil when its last items do not tell
	Source      string
}

// watch follows what one attempt writes. It reads a bounded amount at each
// look, and nothing between looks.
type watch struct {
	mu       sync.Mutex
	follower *progress.Follower
	counter  *items.Counter // nil where outputs are not named
	looked   time.Time
	total    int
}

// lookEvery bounds how often people who ask have the files looked at.
const lookEvery = 500 * time.Millisecond

// begin starts following an attempt whose folder is there. plan is nil for a
// task without items.
func (w *watch) begin(t Task, a Attempt, plan *items.Plan) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.follower != nil {
		return
	}
	w.total = t.Total
	work := progress.Work{Total: int64(t.Total)}
	if t.Total > 0 {
		if remaining, err := items.ReadList(filepath.Join(a.Folder, itemsFile)); err == nil {
			work.Base = int64(max(t.Total-len(remaining), 0))
		}
	}
	var pattern *progress.Pattern
	if t.Spec.Progress != "" {
		// It was read when the task was queued; one that cannot be any more
		// finds nothing.
		pattern, _ = progress.ParsePattern(t.Spec.Progress)
	}
	w.follower = progress.NewFollower(progress.Files{
		Stdout: filepath.Join(a.Folder, "stdout"), Stderr: filepath.Join(a.Folder, "stderr"), Progress: filepath.Join(a.Folder, progressFile),
	}, progress.Options{Work: work, Pattern: pattern})
	if plan != nil && len(t.Spec.Outputs) > 0 {
		w.counter = items.NewCounter(plan.Items, t.Since)
	}
}

// look takes in what is new. An error is about one of the files; the others
// were read.
func (w *watch) look(ctx context.Context, now time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.follower == nil || now.Sub(w.looked).Abs() < lookEvery {
		return nil
	}
	w.looked = now
	_, err := w.follower.Look(now)
	if w.counter == nil {
		return err
	}
	tally, wrong := w.counter.Count(ctx)
	if wrong != nil {
		return wrong
	}
	newest := ""
	if tally.Latest != "" {
		newest = filepath.Base(tally.Latest)
	}
	w.follower.Meter().OutputsCounted(now, int64(tally.Done), int64(tally.Total), newest)
	return err
}

// finish reads what is left after the attempt has ended.
func (w *watch) finish(now time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.follower == nil {
		return nil
	}
	return w.follower.Finish(now)
}

func (w *watch) beat(now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.follower != nil {
		w.follower.Meter().Beat(now)
	}
}

// reading is how far the attempt was at the last look, and its last sign of
// life.
func (w *watch) reading(now time.Time) (Progress, time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.follower == nil {
		return Progress{Total: w.total}, time.Time{}
	}
	r := w.follower.Meter().Reading(now)
	p := Progress{Done: int(r.Done), Total: int(r.Total), Item: r.Item, Phase: r.Phase, Percent: r.Percent, Source: string(r.Source)}
	if r.Source == "" {
		p.Total = w.total
	}
	if r.EtaSeconds != nil {
		left := time.Duration(*r.EtaSeconds * float64(time.Second))
		p.Left = &left
	}
	return p, w.follower.Meter().Beats().Last()
}

// look has the attempt's files looked at.
func (c *custody) look(ctx context.Context) {
	t, a := c.snapshot()
	if _, err := os.Stat(a.Folder); err != nil {
		return // it is about to be made
	}
	if !c.watch.begun() {
		list, err := c.runner.itemList(ctx, t)
		var plan *items.Plan
		if err == nil && len(list) > 0 {
			plan, err = items.Recall(t.Spec.Cwd, list, t.Spec.Outputs)
		}
		if err != nil {
			c.runner.Log.Warn("the items of a task could not be read", "task", t.ID, "error", err)
			return
		}
		c.watch.begin(t, a, plan)
	}
	if err := c.watch.look(ctx, c.runner.Now()); err != nil && ctx.Err() == nil {
		c.runner.Log.Warn("the progress of a task could not be looked at", "task", t.ID, "error", err)
	}
}

func (w *watch) begun() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.follower != nil
}
