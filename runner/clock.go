package runner

import "time"

// clock counts the time that an attempt has run, without what it was held,
// against the limit of its task.
type clock struct {
	left  time.Duration
	since time.Time   // when it last began to run
	timer *time.Timer // nil without a limit, or while it is held
}

// newClock is the clock of an attempt that began to run at started. What it
// was held before an earlier daemon ended counts as run.
func newClock(limit time.Duration, started, now time.Time) *clock {
	c := &clock{left: limit}
	if limit > 0 {
		c.left = max(limit-now.Sub(started), time.Nanosecond)
		c.run()
	}
	return c
}

func (c *clock) run() {
	if c.left > 0 && c.timer == nil {
		c.since, c.timer = time.Now(), time.NewTimer(c.left)
	}
}

func (c *clock) hold() {
	if c.timer == nil {
		return
	}
	c.timer.Stop()
	c.left = max(c.left-time.Since(c.since), time.Nanosecond)
	c.timer = nil
}

// due fires once, when the limit is over; never without one.
func (c *clock) due() <-chan time.Time {
	if c.timer == nil {
		return nil
	}
	return c.timer.C
}

func (c *clock) stop() {
	if c.timer != nil {
		c.timer.Stop()
	}
}
