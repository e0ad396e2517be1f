package demo

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"uratori/internal/control"
	"uratori/internal/process"
)

// atLeast is how many seconds a page takes at the least, so that there is a
// middle to be killed in on any machine.
const atLeast = "0.3"

// extract queues the extraction and watches its first outputs appear.
func (d *demo) extract(ctx context.Context) error {
	d.tell("demo.extract.pages", "count", pageCount)
	if err := wait(ctx, d.pages.drawn); err != nil {
		return err
	}
	pages, err := pictures(filepath.Join(d.project, "pages"))
	if err != nil {
		return err
	}
	queued, err := must[control.Enqueued](ctx, d, "enqueue", map[string]any{
		"ticket": ticketID, "name": "extract", "items": []string{"pages/*.png"}, "outputs": []string{"out/{stem}.png"},
		"command": []string{python, "extract.py", "--list", "{list}", "--out", "out", "--seconds", atLeast},
	})
	if err != nil {
		return err
	}
	d.task = queued.Task
	d.answered(d.Lang.Say("demo.extract.queued", "task", d.task))
	const some = pageCount / 5
	if err := d.untilOutputs(ctx, some, 1); err != nil {
		return err
	}
	var t control.Task
	err = until(ctx, func() (bool, error) {
		t, err = d.taskNow(ctx)
		return err != nil || ended(t.State) || t.Progress != nil && t.Progress.Total > 0, err
	})
	if err != nil {
		return err
	}
	made, err := pictures(d.outputs())
	if err != nil {
		return err
	}
	running, err := d.entry(ctx, subjectOf(d.task), "task.running", nil)
	if err != nil {
		return err
	}
	seen, err := process.Of(t.PID)
	if err != nil {
		return err
	}
	d.prove("running", len(pages) == pageCount && t.State == "running" && t.Progress != nil && t.Progress.Total == pageCount && seen.PID == t.PID,
		d.Lang.Say("demo.claim.running", "count", pageCount), d.Lang.Say("demo.seen.running", "done", len(made), "all", len(pages), "pid", t.PID), running)
	return nil
}

// untilOutputs waits until there are so many outputs, and shows every few of
// them as they come. The daemon is not asked: there may be none.
func (d *demo) untilOutputs(ctx context.Context, n, every int) error {
	shown := -1
	return until(ctx, func() (bool, error) {
		now, err := pictures(d.outputs())
		if err == nil && len(now) != shown && (shown < 0 || len(now)%every == 0) {
			shown = len(now)
			d.print("    " + bar(shown, pageCount))
		}
		return len(now) >= n, err
	})
}

func bar(done, all int) string {
	return fmt.Sprintf("%s%s %d/%d", strings.Repeat("█", done), strings.Repeat("░", max(0, all-done)), done, all)
}

// taskNow is the extraction as the daemon knows it.
func (d *demo) taskNow(ctx context.Context) (control.Task, error) {
	var detail control.TaskDetail
	err := d.ask(ctx, func(ctx context.Context, c *control.Client) (err error) {
		detail, err = c.Task(ctx, d.task)
		return err
	})
	return detail.Task, err
}
