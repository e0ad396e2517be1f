package demo

import (
	"context"
	"time"

	"uratori/internal/control"
)

// failures is how often the job of the alert fails: once, and twice more when
// it is resumed.
const failures = 3

// alert has a job fail again and again, and looks at the phone.
func (d *demo) alert(ctx context.Context) error {
	const name = "convert"
	d.tell("demo.alert.what", "count", failures)
	queued, err := must[control.Enqueued](ctx, d, "enqueue", map[string]any{
		"ticket": ticketID, "name": name, "retries": failures - 1, "command": []string{"/bin/sh", "-c", "echo no model >&2; exit 3"},
	})
	if err != nil {
		return err
	}
	waited, err := must[control.Task](ctx, d, "wait", map[string]any{"task": queued.Task, "timeout": "2m"})
	if err != nil {
		return err
	}
	d.became(queued.Task, waited.State)
	// One message when it failed first, one of a higher priority when it was
	// given up; the failure between them is the same again.
	const told = 2
	var got []received
	err = until(ctx, func() (bool, error) {
		got, err = d.messages(ctx, name)
		return len(got) >= told, err
	})
	if err != nil {
		return err
	}
	for _, m := range got {
		d.tell("demo.alert.message", "title", m.title, "priority", m.priority)
	}
	attempts, err := d.entries(ctx, subjectOf(queued.Task), "task.ended")
	if err != nil {
		return err
	}
	if len(attempts) == 0 {
		d.prove("alerted", false, d.Lang.Say("demo.claim.alerted"), d.Lang.Say("demo.seen.alerted", "ms", "–"), 0)
		return nil
	}
	failed, err := time.Parse(time.RFC3339Nano, attempts[0].At)
	if err != nil {
		return err
	}
	after := got[0].at.Sub(failed)
	const atOnce = 5 * time.Second // what "at once" may take: the interval of the monitor
	d.prove("alerted", after < atOnce && got[0].priority < got[len(got)-1].priority,
		d.Lang.Say("demo.claim.alerted"), d.Lang.Say("demo.seen.alerted", "ms", after.Milliseconds()), attempts[0].Seq)
	d.prove("once", len(attempts) == failures && len(got) == told, d.Lang.Say("demo.claim.once"),
		d.Lang.Say("demo.seen.once", "failures", len(attempts), "messages", len(got)), attempts[len(attempts)-1].Seq)
	return nil
}
