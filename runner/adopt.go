package runner

import "context"

// takeUp gives the attempts that an earlier daemon left at work to conductors,
// which find out what has become of each.
func (r *Runner) takeUp(ctx context.Context) error {
	left, err := r.tasks(ctx, `WHERE t.state IN ('starting', 'running', 'stalled') ORDER BY t.id`)
	if err != nil {
		return err
	}
	var list []*custody
	for _, t := range left {
		a, err := r.attempt(ctx, t.ID, t.Attempt)
		if err != nil {
			return err
		}
		list = append(list, &custody{runner: r, task: t, attempt: a})
	}
	for _, c := range list {
		r.Log.Info("a task is taken up", "task", c.task.ID, "attempt", c.attempt.Number, "state", string(c.task.State))
		r.take(ctx, c, nil)
		if c.task.Wish != "" {
			c.asks <- ask{outcome: Outcome(c.task.Wish), grace: r.Limits.Grace} // has room
		}
	}
	return nil
}
