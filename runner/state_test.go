package runner

import (
	"math"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// events are all that can happen to a task.
var events = []event{start, ran, stall, stir, succeed, fail, resume, kill, again}

func TestMoves_EveryPairIsALeadOrARefusal(t *testing.T) {
	t.Parallel()
	leads := 0
	for s := range moves {
		for _, e := range events {
			next, err := s.after(e)
			_, known := moves[next]
			if (err == nil) != known {
				t.Errorf("%s %s: %q, %v", s, e, next, err)
			}
			if err == nil {
				leads++
			}
		}
	}
	total := 0
	for _, m := range moves {
		total += len(m)
	}
	if leads != total {
		t.Errorf("%d leads walked, %d in the table: an event is missing from the test", leads, total)
	}
}

func TestMoves_FromTheQueueEveryStateIsReached_AndFromEveryStateTheQueue(t *testing.T) {
	t.Parallel()
	reach := func(from State) map[State]bool {
		seen, todo := map[State]bool{from: true}, []State{from}
		for len(todo) > 0 {
			s := todo[0]
			todo = todo[1:]
			for _, next := range moves[s] {
				if !seen[next] {
					seen[next] = true
					todo = append(todo, next)
				}
			}
		}
		return seen
	}
	for s := range moves {
		if !reach(Queued)[s] {
			t.Errorf("%s is never reached", s)
		}
		if !reach(s)[Queued] {
			t.Errorf("nothing leads from %s to the queue", s)
		}
	}
}

func TestMoves_AFinalStateOnlyLeavesByAnAsking(t *testing.T) {
	t.Parallel()
	for s, m := range moves {
		_, asked := m[again]
		if s.Final() != asked || s.Final() && len(m) != 1 {
			t.Errorf("%s: %v", s, m)
		}
		if s.Final() == (s.Active() || s == Queued) {
			t.Errorf("%s is neither or both", s)
		}
	}
}

func TestPolicy_WaitsDoubleAndEndWithTheBudget(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	r := &Runner{Options: Options{Limits: Limits{Backoff: 30 * time.Second}, Now: func() time.Time { return now }, Jitter: func() float64 { return 0.5 }}}
	task := Task{State: Running, Retries: 3, Budget: 4}
	for attempt, want := range []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute} {
		task.Attempt = attempt + 1
		if e, at := r.policy(task, Broke); e != resume || at.Sub(now) != want {
			t.Errorf("attempt %d: %s in %s", task.Attempt, e, at.Sub(now))
		}
	}
	task.Attempt = 4
	if e, _ := r.policy(task, Broke); e != fail {
		t.Error(e)
	}
	task.Attempt, task.Budget = 5, 8 // somebody has asked for another run
	if e, at := r.policy(task, Hung); e != resume || at.Sub(now) != 30*time.Second {
		t.Errorf("%s in %s", e, at.Sub(now))
	}
}

func TestPolicy_JitterStaysNear_AndALongBackoffIsBounded(t *testing.T) {
	t.Parallel()
	now := time.Now()
	r := &Runner{Options: Options{Limits: Limits{Backoff: 10 * time.Second}, Now: func() time.Time { return now }}}
	for _, j := range []float64{0, 0.999} {
		r.Jitter = func() float64 { return j }
		_, at := r.policy(Task{State: Running, Attempt: 1, Retries: 9, Budget: 10}, Broke)
		if off := math.Abs(at.Sub(now).Seconds() - 10); off > 2.01 {
			t.Errorf("jitter %v: %s", j, at.Sub(now))
		}
	}
	_, at := r.policy(Task{State: Running, Attempt: 900, Retries: 1000, Budget: 1001}, Broke)
	if wait := at.Sub(now); wait < time.Hour || wait > 48*time.Hour {
		t.Error(wait)
	}
}

func TestPolicy_WhatCannotGoBetterIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	r := &Runner{Options: Options{Now: time.Now, Jitter: func() float64 { return 0 }}}
	task := Task{State: Running, Attempt: 1, Retries: 3, Budget: 4}
	for outcome, want := range map[Outcome]event{
		Done: succeed, Ended: kill, Unstarted: fail, GPUFailed: fail, Broke: resume, TimedOut: resume, Hung: resume, Interrupted: resume,
	} {
		if e, _ := r.policy(task, outcome); e != want {
			t.Errorf("%s: %s", outcome, e)
		}
	}
}

func TestGrant_TakesTheLeastUsed_AndNeverMoreThanThereAre(t *testing.T) {
	t.Parallel()
	names := []string{"0", "1", "2"}
	for _, tc := range []struct {
		use     map[string]int
		n, per  int
		granted []string
	}{
		{nil, 1, 1, []string{"0"}},
		{map[string]int{"0": 1}, 1, 1, []string{"1"}},
		{map[string]int{"0": 1}, 2, 1, []string{"1", "2"}},
		{map[string]int{"0": 1}, 3, 1, nil},
		{map[string]int{"0": 1, "1": 2, "2": 1}, 2, 2, []string{"0", "2"}},
		{map[string]int{"0": 1}, 3, 2, []string{"0", "1", "2"}},
		{nil, 4, 9, nil},
	} {
		if got := grant(names, tc.use, tc.n, tc.per); !slices.Equal(got, tc.granted) {
			t.Errorf("%v %d of %d: %v", tc.use, tc.n, tc.per, got)
		}
	}
}

func TestClock_CountsOnlyWhatRan(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newClock(time.Minute, time.Now(), time.Now())
		defer c.stop()
		time.Sleep(50 * time.Second)
		c.hold()
		if c.due() != nil {
			t.Error("it runs while it is held")
		}
		time.Sleep(time.Hour)
		c.run()
		began := time.Now()
		<-c.due()
		if got := time.Since(began); got != 10*time.Second {
			t.Error(got)
		}
	})
}

func TestClock_WithoutALimit_IsNeverDue(t *testing.T) {
	t.Parallel()
	c := newClock(0, time.Now(), time.Now())
	c.hold()
	c.run()
	if c.due() != nil {
		t.Error("due")
	}
	c.stop()
}

func TestClock_OfATaskThatRanTooLongWhileNobodyLooked_IsDueAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newClock(time.Minute, time.Now().Add(-time.Hour), time.Now())
		defer c.stop()
		began := time.Now()
		<-c.due()
		if got := time.Since(began); got > time.Second {
			t.Error(got)
		}
	})
}
