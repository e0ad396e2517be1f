package demo

import (
	"context"

	"uratori/internal/control"
	"uratori/internal/ledger"
)

// stubborn is a job that does what it can not to be ended: one child of it has
// left its session and does not hear TERM, another has thrown its environment
// away, too. What they are called with is how the demo finds them.
const stubborn = `
setsid sh -c 'trap "" TERM HUP; while :; do sleep 1; done' "$1" &
setsid env -i /bin/sh -c 'trap "" TERM HUP; while :; do /bin/sleep 1; done' "$1" &
trap "" TERM
while :; do sleep 1; done`

// kill ends a second task and looks at /proc whether anything of it is left.
func (d *demo) kill(ctx context.Context) error {
	d.tell("demo.kill.what")
	name := mark()
	queued, err := must[control.Enqueued](ctx, d, "enqueue", map[string]any{
		"ticket": ticketID, "name": "stubborn", "retries": 0, "command": []string{"/bin/sh", "-c", stubborn, "stubborn", name},
	})
	if err != nil {
		return err
	}
	const three = 3
	var there []trace
	err = until(ctx, func() (bool, error) {
		there, err = traces(name)
		return len(there) >= three, err
	})
	if err != nil {
		return err
	}
	d.tell("demo.kill.there", "count", len(there))
	k, err := must[control.Killed](ctx, d, "kill", map[string]any{"task": queued.Task})
	if err != nil {
		return err
	}
	d.answered(d.Lang.Say("demo.kill.answer", "verdict", verdict(d.Lang, k.Verdict), "ended", len(k.Ended), "survivors", len(k.Survivors)))
	left, err := traces(name)
	if err != nil {
		return err
	}
	alive := 0
	for _, t := range there {
		is, err := t.Alive()
		if err != nil {
			return err
		}
		if is {
			alive++
		}
	}
	ended, err := d.entry(ctx, subjectOf(queued.Task), "task.ended", map[string]any{"state": "killed"})
	if err != nil {
		return err
	}
	d.prove("killed", k.Verdict == ledger.Verified && len(k.Survivors) == 0 && len(left) == 0 && alive == 0,
		d.Lang.Say("demo.claim.killed"), d.Lang.Say("demo.seen.killed", "count", len(there), "left", len(left)+alive), ended)
	return nil
}
