package notify

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"uratori/internal/ledger"
	"uratori/internal/store"
	"uratori/monitor/notify/notifytest"
)

// step is one thing that happens to the outbox.
type step struct {
	do          string
	fingerprint string
	escalates   bool
	priority    Priority
	wait        time.Duration
}

// trial is a schedule of posts, restarts and faults.
type trial struct {
	steps  []step
	faults []notifytest.Fault // of the first requests
	kills  map[int]string     // by number of request: "before" or "after" it
}

func drawTrial(t *rapid.T) trial {
	var s trial
	for range rapid.IntRange(1, 15).Draw(t, "steps") {
		s.steps = append(s.steps, step{
			do:          rapid.SampledFrom([]string{"post", "post", "post", "wait", "kill", "stop"}).Draw(t, "do"),
			fingerprint: rapid.SampledFrom([]string{"a", "b", "c", "d", "e"}).Draw(t, "fingerprint"),
			escalates:   rapid.Bool().Draw(t, "escalates"),
			priority:    rapid.SampledFrom(Priorities()).Draw(t, "priority"),
			wait:        rapid.SampledFrom([]time.Duration{0, time.Millisecond, 6 * time.Second, 2 * time.Minute, time.Hour}).Draw(t, "wait"),
		})
	}
	faults := append(notifytest.Faults(), notifytest.None)
	s.faults = rapid.SliceOfN(rapid.SampledFrom(faults), 0, 12).Draw(t, "faults")
	s.kills = rapid.MapOfN(rapid.IntRange(0, 15), rapid.SampledFrom([]string{"before", "after"}), 0, 4).Draw(t, "kills")
	return s
}

// arrival is a message that the phone accepted.
type arrival struct {
	id     int64
	told   bool // and the outbox came to know
	marked bool
}

// record is what really happened.
type record struct {
	arrivals []arrival
	posted   map[int64]bool
	problems []string
}

func (r *record) problem(format string, args ...any) {
	r.problems = append(r.problems, fmt.Sprintf(format, args...))
}

// run plays the schedule in a bubble of time.
func (s trial) run(t *testing.T, h *house, r *record) {
	told := map[string]Priority{} // the model: the highest that was posted and passed
	n := 0
	h.phone.Limit(1<<20, 0, time.Now().Add(2*time.Hour))
	met := notifytest.None
	h.phone.Meet(func(n int, _ string) notifytest.Fault {
		if met = notifytest.None; n < len(s.faults) {
			met = s.faults[n]
		}
		return met
	})
	h.way = roundTrip(func(q *http.Request) (*http.Response, error) {
		kill, before := s.kills[n], len(h.phone.Messages())
		n++
		if kill == "before" {
			h.pull()
			return nil, errors.New("killed")
		}
		answer, err := h.phone.RoundTrip(q)
		if kill == "after" {
			h.pull()
		}
		got := h.phone.Messages()
		for _, m := range got[before:] {
			var id int64
			_, foot, _ := strings.Cut(m.Text, "\n")
			if _, scanned := fmt.Sscanf(foot, "Message %d", &id); scanned != nil {
				r.problem("a message without its number: %q", m.Text)
			}
			r.arrivals = append(r.arrivals, arrival{id, kill == "" && !met.Lost(), strings.Contains(foot, "sent again")})
		}
		return answer, err
	})
	h.start()
	revive := func() {
		synctest.Wait()
		if h.cut.Load() {
			h.end()
			h.start()
		}
	}
	for _, st := range s.steps {
		revive()
		switch st.do {
		case "post":
			p, err := h.Send(context.Background(), Message{Fingerprint: st.fingerprint, Escalates: st.escalates, Priority: st.priority, Title: st.fingerprint, Body: "body"})
			if errors.Is(err, store.ErrClosed) {
				break // not stored, and the poster knows
			}
			if err != nil {
				r.problem("post: %v", err)
				break
			}
			passes := told[st.fingerprint] == 0 || st.escalates && st.priority > told[st.fingerprint]
			if p.Suppressed == passes {
				r.problem("%+v after priority %v: %+v", st, told[st.fingerprint], p)
			}
			if !p.Suppressed {
				r.posted[p.ID] = true
				told[st.fingerprint] = st.priority
			}
		case "kill":
			h.again()
		case "stop":
			h.end()
			h.start()
		}
		after(st.wait)
	}
	revive()
	for range 6 { // there are no more faults, but some kills may be left
		after(4 * longestUnanswered)
		revive()
	}
	s.judge(t, h, r)
}

func (s trial) judge(t *testing.T, h *house, r *record) {
	arrivals := map[int64][]arrival{}
	for _, a := range r.arrivals {
		arrivals[a.id] = append(arrivals[a.id], a)
	}
	for id := range arrivals {
		if !r.posted[id] {
			r.problem("message %d came and was never posted", id)
		}
	}
	accepted := map[string]int{}
	for _, e := range h.entries() {
		if e.kind == "notify.accepted" {
			accepted[fmt.Sprint(e.data["message"])]++
		}
	}
	for id := range r.posted {
		came := arrivals[id]
		if len(came) == 0 {
			r.problem("message %d was lost", id)
			continue
		}
		for i, a := range came {
			if last := i == len(came)-1; a.told != last {
				r.problem("message %d came %d times: %+v", id, len(came), came)
			}
			if i > 0 && !a.marked {
				r.problem("message %d came again without a mark", id)
			}
		}
		if d := h.on(id, "pushover"); d.State != StateAccepted {
			r.problem("message %d: %+v", id, d)
		}
		if accepted[fmt.Sprint(id)] != 1 {
			r.problem("the ledger has message %d %d times", id, accepted[fmt.Sprint(id)])
		}
	}
	if c := h.phone.Counts(); c.Hasty > len(s.kills)+restarts(s.steps) || c.Widest > 1 {
		r.problem("%+v", c) // a start asks at once
	}
	report, err := ledger.Verify(context.Background(), h.db.Reader().DB, ledger.Hash{})
	if err != nil || report.Verdict != ledger.Verified {
		r.problem("the ledger: %+v %v", report, err)
	}
}

func restarts(steps []step) (n int) {
	for _, s := range steps {
		if s.do == "kill" || s.do == "stop" {
			n++
		}
	}
	return n
}

// M5, M6: whatever is killed and whatever fails, every posted fingerprint
// reaches the phone, more than once only where an answer was lost.
func TestSchedules_OfKillsFaultsAndRepeats_LoseNothingAndRepeatOnlyLostAnswers(t *testing.T) {
	token, user := secret(t, notifytest.Token), secret(t, notifytest.User)
	rapid.Check(t, func(rt *rapid.T) {
		s := drawTrial(rt)
		r := &record{posted: map[int64]bool{}}
		dir, err := os.MkdirTemp("", "notify")
		if err != nil {
			rt.Fatal(err)
		}
		defer func() {
			if err := os.RemoveAll(dir); err != nil {
				rt.Error(err)
			}
		}()
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t, dir, token, user)
			defer h.kill()
			s.run(t, h, r)
		})
		if len(r.problems) > 0 {
			rt.Fatalf("%s\n%+v", strings.Join(r.problems, "\n"), r.arrivals)
		}
	})
}

func TestWhatWaits_IsSentByPriorityThenByAge(t *testing.T) {
	token, user := secret(t, notifytest.Token), secret(t, notifytest.User)
	rapid.Check(t, func(rt *rapid.T) {
		priorities := rapid.SliceOfN(rapid.SampledFrom(Priorities()), 1, 12).Draw(rt, "priorities")
		down := rapid.SampledFrom([]notifytest.Fault{notifytest.None, notifytest.S503, notifytest.S429Wait}).Draw(rt, "down")
		dir, err := os.MkdirTemp("", "notify")
		if err != nil {
			rt.Fatal(err)
		}
		defer func() {
			if err := os.RemoveAll(dir); err != nil {
				rt.Error(err)
			}
		}()
		var got []string
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t, dir, token, user)
			defer h.kill()
			h.open()
			for i, p := range priorities {
				h.tell(Message{Fingerprint: fmt.Sprint(i), Priority: p, Title: fmt.Sprintf("%d %02d", Critical-p, i)})
			}
			h.phone.Meet(func(int, string) notifytest.Fault { return down })
			h.start()
			after(3 * time.Second)
			if down != notifytest.None && h.phone.Counts().Requests != 1 {
				t.Errorf("%+v", h.phone.Counts())
			}
			h.phone.Meet(nil)
			after(time.Hour)
			for _, m := range h.phone.Messages() {
				got = append(got, m.Title)
			}
		})
		if down != notifytest.None {
			got = slices.DeleteFunc(got, func(s string) bool { return s == slices.Min(got) }) // rests by itself
		}
		if len(got) < len(priorities)-1 || !slices.IsSorted(got) {
			rt.Fatalf("%v of %v", got, priorities)
		}
	})
}
