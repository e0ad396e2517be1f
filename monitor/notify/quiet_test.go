package notify

import (
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"
	_ "time/tzdata" // a bare machine has no time zones

	"uratori/internal/config"
	"uratori/monitor/notify/notifytest"
)

func quietHours(t *testing.T, text string) config.Hours {
	t.Helper()
	h, err := config.ParseHours(text)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func tokyo(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// The clock of a bubble begins at midnight UTC, which is 09:00 in Tokyo.
func TestQuietHours_HoldLowAndNormalBack_AndSendThemAsTheyAre(t *testing.T) {
	zone := tokyo(t)
	quietly(t, func(h *house) {
		h.quiet, h.zone = quietHours(t, "22:00-07:00"), zone
		h.start()
		after(13*time.Hour - time.Second) // 21:59:59
		h.tell(Message{Priority: Normal, Title: "before"})
		after(30 * time.Minute)
		posted := time.Now()
		for _, p := range Priorities() {
			h.tell(Message{Priority: p, Title: p.String()})
		}
		after(time.Second)
		got := titles(h)
		slices.Sort(got) // high may have gone before critical was there
		if !slices.Equal(got, []string{"before", "critical", "high"}) {
			t.Errorf("in the night: %v", got)
		}
		h.again() // what is held back outlives the daemon
		after(8*time.Hour + 29*time.Minute)
		if n := h.phone.Counts().Requests; n != 3 {
			t.Errorf("%d requests by 06:59", n)
		}
		after(2 * time.Minute)
		all := h.phone.Messages()
		if len(all) != 5 || all[3].Title != "normal" || all[4].Title != "low" {
			t.Fatalf("%v", titles(h))
		}
		for _, m := range all[3:] {
			if m.Timestamp != posted.Unix() {
				t.Errorf("%s has the time %v, not that of the incident", m.Title, time.Unix(m.Timestamp, 0))
			}
		}
	})
}

func titles(h *house) (list []string) {
	for _, m := range h.phone.Messages() {
		list = append(list, m.Title)
	}
	return list
}

func TestQuietHours_WithTheServiceDown_BothPass(t *testing.T) {
	zone := tokyo(t)
	quietly(t, func(h *house) {
		h.quiet, h.zone = quietHours(t, "08:00-10:00"), zone
		h.phone.Meet(func(int, string) notifytest.Fault { return notifytest.RedirectOut })
		h.start()
		h.tell(Message{Priority: Low, Title: "low"})
		h.tell(Message{Priority: High, Title: "high"})
		after(2 * time.Hour)
		h.phone.Meet(nil)
		after(time.Hour)
		if got := titles(h); !slices.Equal(got, []string{"high", "low"}) {
			t.Errorf("%v", got)
		}
	})
}

func TestNoQuietHours_HoldNothingBack(t *testing.T) {
	bubble(t, func(h *house) {
		for range 24 {
			h.tell(Message{Priority: Low, Title: time.Now().String()})
			after(time.Minute)
			after(59 * time.Minute)
		}
		if got := titles(h); len(got) != 24 {
			t.Errorf("%v", got)
		}
	})
}

// A sleep of the machine is a step of the clock that no timer sees.
func TestClockThatJumps_LosesNothing(t *testing.T) {
	zone := tokyo(t)
	for name, jump := range map[string]time.Duration{"forward": 9 * time.Hour, "some hours back": -3 * time.Hour, "a year back": -365 * 24 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			quietly(t, func(h *house) {
				var skew atomic.Int64
				h.clock = func() time.Time { return time.Now().Add(time.Duration(skew.Load())) }
				h.quiet, h.zone = quietHours(t, "08:00-17:30"), zone
				h.phone.Meet(func(n int, _ string) notifytest.Fault {
					if n == 0 {
						return notifytest.S503
					}
					return notifytest.None
				})
				h.start()
				h.tell(Message{Priority: Low, Title: "low"})
				h.tell(Message{Priority: High, Title: "high"}) // waits for its next try
				after(time.Second)
				skew.Store(int64(jump))
				after(2*watch + time.Second)
				if got := titles(h); !slices.Contains(got, "high") || jump > 0 && !slices.Contains(got, "low") {
					t.Errorf("%v", got)
				}
				after(12 * time.Hour)
				if got := titles(h); len(got) != 2 {
					t.Errorf("%v", got)
				}
			})
		})
	}
}

// What was to be tried again at a time by the old clock is tried in its turn,
// whatever the outcome was, and also by a daemon that was started since.
func TestClockPutBack_HoldsNothingUp(t *testing.T) {
	for _, fault := range []notifytest.Fault{notifytest.S503, notifytest.CutAfter, notifytest.S429Wait} {
		for _, restarted := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, restarted %v", fault, restarted), func(t *testing.T) {
				quietly(t, func(h *house) {
					var skew atomic.Int64
					h.clock = func() time.Time { return time.Now().Add(time.Duration(skew.Load())) }
					h.phone.Meet(func(n int, _ string) notifytest.Fault {
						if n == 0 {
							return fault
						}
						return notifytest.None
					})
					h.start()
					id := h.tell(Message{Priority: High, Title: "t"}).ID
					after(time.Second)
					skew.Store(int64(-3 * time.Hour))
					if restarted {
						h.again()
					}
					after(time.Minute)
					if d := h.on(id, "pushover"); d.State != StateAccepted || d.Tries != 2 {
						t.Errorf("%+v", d)
					}
				})
			})
		}
	}
}

// While nothing waits nobody wakes up; a message wakes at once.
func TestIdle_SleepsUntilAMessageIsStored(t *testing.T) {
	quietly(t, func(h *house) {
		var looks atomic.Int64
		h.clock = func() time.Time {
			looks.Add(1)
			return time.Now()
		}
		h.start()
		h.tell(Message{Title: "t"})
		after(time.Minute)
		before := looks.Load()
		after(365 * 24 * time.Hour)
		if n := looks.Load() - before; n != 0 {
			t.Errorf("%d looks at the clock in an idle year", n)
		}
		began := time.Now()
		h.tell(Message{Title: "another"})
		after(0)
		if got := h.phone.Messages(); len(got) != 2 || time.Since(began) != 0 {
			t.Errorf("%d messages after %v", len(got), time.Since(began))
		}
	})
}
