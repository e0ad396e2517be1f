package scenarios

import (
	"context"
	"strings"

	"uratori/internal/control"
	"uratori/monitor/notify/notifytest"
	"uratori/tests/house"
)

func telling() []scenario {
	const room = "people cannot be told, or the sheet not be reached"
	fails := func(s *stage) {
		id := s.run("exit 1")
		s.becomes(id, "failed")
	}
	// badly has the first n requests meet a fault.
	badly := func(n int, fault notifytest.Fault) func(s *stage) {
		return func(s *stage) {
			met := 0
			s.phone.Meet(func(_ int, path string) notifytest.Fault {
				if met++; met <= n && strings.Contains(path, "messages") {
					return fault
				}
				return notifytest.None
			})
			fails(s)
		}
	}
	told, open := []string{"high ended with status 1"}, []string{"task_failed"}
	return []scenario{
		{room: room, name: "Pushover answers 503", then: "sent again after 5 s", told: told, open: open, play: badly(1, notifytest.S503)},
		{room: room, name: "Pushover answers 429 and asks for 7 s", then: "sent when it said", told: told, open: open, play: badly(1, notifytest.S429Wait)},
		{room: room, name: "the connection breaks before anything was sent on", then: "sent again", told: told, open: open, play: badly(1, notifytest.CutBefore), repeats: 0},
		{room: room, name: "the answer is lost after Pushover took it", then: "sent again, and marked", told: told, open: open, play: badly(1, notifytest.CutAfter), repeats: 1},
		{room: room, name: "Pushover answers rubbish after it took it", then: "sent again, and marked", told: told, open: open, play: badly(1, notifytest.Garbage), repeats: 1},
		{
			room: room, name: "the token is wrong (4xx)", then: "kept; `status` and `doctor` say so", env: []string{"PUSHOVER_TOKEN=" + strings.Repeat("x", 30)}, open: open,
			play: func(s *stage) {
				fails(s)
				house.Until(s.t, "the status says that nobody is told", func() bool {
					for _, p := range s.Status().Problems {
						if strings.Contains(p.Message, "token") {
							return true
						}
					}
					return false
				})
			},
		},
		{
			room: room, name: "the daemon dies while Pushover is down", then: "sent by the next daemon", told: []string{"high ended with status 1", "high ended without being asked"}, open: open,
			play: func(s *stage) {
				down := true
				s.phone.Meet(func(int, string) notifytest.Fault {
					if down {
						return notifytest.S503
					}
					return notifytest.None
				})
				fails(s)
				house.Until(s.t, "a try", func() bool { return s.phone.Counts().Requests > 0 })
				s.Kill(s.Status())
				s.phone.Meet(nil)
				down = false
				s.daemon()
			},
		},
		{
			room: room, name: "a message rings until somebody acknowledges, and what it tells of is over", then: "it is cancelled at Pushover", cards: true,
			env: []string{"URATORI_NOTIFY_PUSHOVER_EMERGENCY=true"}, told: []string{"high 80 °C or more", "critical too hot"},
			play: func(s *stage) {
				s.daemon()
				s.seen()
				s.wrong()
				s.cards.Set("0.temperature", 84)
				s.told(1)
				s.cards.Set("0.throttle", 0x40)
				rings := s.told(2)[1].Receipt
				s.looks(5)
				if rings == "" || s.phone.Cancelled(rings) {
					s.t.Fatalf("it does not ring: %q", rings)
				}
				s.cards.Set("0.throttle", 0)
				s.cards.Set("0.temperature", 60)
				s.resolved()
				house.Until(s.t, "the cancellation", func() bool { return s.phone.Cancelled(rings) })
				house.Until(s.t, "its evidence", func() bool { return len(s.Entries("notify.cancelled")) == 1 })
			},
		},
		{
			room: room, name: "a message rings until somebody acknowledges, and its task has failed for good", then: "it rings on", cards: true,
			env: []string{"URATORI_NOTIFY_PUSHOVER_EMERGENCY=true"}, told: []string{"critical Xid 79"},
			play: func(s *stage) {
				id := s.run(alive, onGPU, retries(3))
				s.there("up")
				s.pid(id, 1)
				s.seen()
				s.looks(2) // at the task, too
				s.wrong()
				s.cards.Set("0.events", 8)
				s.cards.Xid(0, 79)
				rings := s.told(1)[0].Receipt
				s.becomes(id, "failed")
				s.resolved()
				s.looks(5)
				if rings == "" || s.phone.Cancelled(rings) {
					s.t.Errorf("it does not ring: %q", rings)
				}
			},
		},
		{
			room: room, name: "the sheet cannot be reached", then: "what waits is written later", told: []string{"normal "}, open: []string{"trouble"},
			env:  []string{"URATORI_TRACKER_ENDPOINT=http://127.0.0.1:1"},
			play: func(s *stage) { s.daemon() },
		},
	}
}

// notSent waits until so many repeats are counted.
func (s *stage) notSent(priority string, n int) {
	s.t.Helper()
	house.Until(s.t, "the statistics tell what was found again", func() bool {
		var m control.MessageStatistics
		s.ask(func(ctx context.Context, c *control.Client) (err error) {
			m, err = c.MessageStatistics(ctx, 0)
			return err
		})
		return m.Messages[priority].Suppressed == n
	})
}

// refused queues what must be refused.
func (s *stage) refused(e control.Enqueue) {
	s.t.Helper()
	s.ask(func(ctx context.Context, c *control.Client) error {
		if a, err := c.Enqueue(ctx, e); err == nil {
			s.t.Errorf("it was queued: %+v", a)
		}
		return nil
	})
}

// seen waits until the GPU was looked at, when all was well.
func (s *stage) seen() {
	s.t.Helper()
	house.Until(s.t, "a look at the GPU", func() bool {
		var w control.Watch
		s.ask(func(ctx context.Context, c *control.Client) (err error) { w, err = c.Watch(ctx); return err })
		return len(w.GPUs) > 0
	})
}

// looks waits for more looks.
func (s *stage) looks(n int) {
	s.t.Helper()
	for range n {
		var first control.Watch
		s.ask(func(ctx context.Context, c *control.Client) (err error) { first, err = c.Watch(ctx); return err })
		house.Until(s.t, "a look", func() bool {
			var w control.Watch
			s.ask(func(ctx context.Context, c *control.Client) (err error) { w, err = c.Watch(ctx); return err })
			return w.At != nil && (first.At == nil || w.At.After(*first.At))
		})
	}
}
