package monitor

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// ending is what the runner writes when the monitor wants an attempt stopped.
func ending(t TaskSample, wish string) map[string]any {
	return map[string]any{
		"attempt": t.Attempt, "of": t.Attempts, "wish": wish, "ticket": t.Ticket, "name": t.Name, "total": t.Total,
		"why": map[string]any{"key": "monitor.stalled", "values": map[string]string{"span": "15m"}},
	}
}

func endedAs(t TaskSample, outcome, state string) map[string]any {
	data := ending(t, "")
	data["outcome"], data["state"] = outcome, state
	return data
}

func TestSilence_IsToldThreeTimes_ThenStopped(t *testing.T) {
	y := newYard(t)
	y.start()
	job := y.job()
	began := y.time()
	var at []time.Duration
	for n := 0; len(y.stopsAsked()) == 0; n++ {
		if n > 1000 {
			t.Fatal("it is never stopped")
		}
		before := len(y.told())
		y.pass(every)
		y.see(y.sample(job))
		if len(y.told()) > before || len(y.stopsAsked()) > 0 {
			at = append(at, y.time().Sub(began))
		}
	}
	want := []time.Duration{5 * time.Minute, 10 * time.Minute, 15 * time.Minute}
	if len(at) != len(want) {
		t.Fatalf("something happened at %v", at)
	}
	for i := range want {
		if late := at[i] - want[i]; late < 0 || late > every {
			t.Errorf("step %d at %v", i, at[i])
		}
	}
	y.wants("normal", "high")
	y.record("task.ending", "task/1", ending(job, "stalled"))
	y.read()
	y.wants("normal", "high", "critical")
	if told := y.told()[2]; !strings.Contains(told, "INTG-088 extract: no sign of life for 15m") {
		t.Errorf("%q", told)
	}
	y.record("task.ended", "task/1", endedAs(job, "stalled", "queued"))
	y.read()
	y.watch(time.Minute, func() Sample { return y.sample() })
	y.wants("normal", "high", "critical")
	y.wantsOpen()
	if y.stopsAsked()[0].GPU {
		t.Error("it is called an error of the GPU")
	}
}

func TestSilence_OfLaterAttempts_IsNotToldAgain_TheLastIs(t *testing.T) {
	y := newYard(t)
	y.start()
	for n := 1; n <= 4; n++ {
		job := y.job()
		job.Attempt = n
		y.watch(16*time.Minute, func() Sample { return y.sample(job) })
		if len(y.stopsAsked()) != n {
			t.Fatalf("attempt %d: %d stops", n, len(y.stopsAsked()))
		}
		state := "queued"
		if n == 4 {
			state = "failed"
		}
		y.record("task.ending", "task/1", ending(job, "stalled"))
		y.read()
		y.record("task.ended", "task/1", endedAs(job, "stalled", state))
		y.read()
		y.watch(time.Minute, func() Sample { return y.sample() })
	}
	y.wants("normal", "high", "critical", "critical")
	if told := y.told(); !strings.Contains(told[3], "no sign of life") {
		t.Errorf("%q", told)
	}
	y.wantsOpen()
	// A person asks for it once more: what happens then is news.
	y.record("task.again", "task/1", map[string]any{})
	job := y.job()
	job.Attempt, job.Attempts = 5, 8
	y.watch(6*time.Minute, func() Sample { return y.sample(job) })
	y.wants("normal", "high", "critical", "critical", "normal")
}

func TestSilence_EndsWithASign_HoweverDated(t *testing.T) {
	for name, sign := range map[string]func(now time.Time) time.Time{
		"now":                     func(now time.Time) time.Time { return now },
		"the clock was set back":  func(now time.Time) time.Time { return now.Add(-3 * time.Hour) },
		"the clock was set ahead": func(now time.Time) time.Time { return now.Add(1000 * time.Hour) },
	} {
		t.Run(name, func(t *testing.T) {
			y := newYard(t)
			y.start()
			job := y.job()
			y.watch(6*time.Minute, func() Sample { return y.sample(job) })
			y.wants("normal")
			y.wantsOpen("task/1 stalled")
			job.Stalled, job.Life = true, sign(y.time())
			y.see(y.sample(job))
			y.wantsOpen()
			if len(y.marked) != 2 || !y.marked[0].on || y.marked[1].on {
				t.Errorf("%+v", y.marked)
			}
			// With a sign now and then it is never told again.
			for range 30 {
				job.Stalled, job.Life = false, sign(y.time())
				y.watch(4*time.Minute, func() Sample { return y.sample(job) })
			}
			y.wants("normal", "normal") // it ran for more than an hour
			if !strings.Contains(y.told()[1], "running for more than 1h") {
				t.Errorf("%q", y.told())
			}
		})
	}
}

func TestSilence_WhileNobodyLooked_IsNone(t *testing.T) {
	y := newYard(t)
	y.start()
	job := y.job()
	y.watch(time.Minute, func() Sample { return y.sample(job) })
	y.pass(300 * time.Hour) // the machine slept, or its clock was set
	y.watch(3*time.Minute, func() Sample { return y.sample(job) })
	y.pass(-200 * time.Hour)
	y.watch(30*time.Second, func() Sample { return y.sample(job) })
	y.wants()
	y.watch(time.Minute, func() Sample { return y.sample(job) })
	y.wants("normal") // five minutes have been seen to pass
}

func TestSilence_OfAHeldTask_IsNone(t *testing.T) {
	y := newYard(t)
	y.start()
	job := y.job()
	job.Held = true
	y.watch(20*time.Hour, func() Sample { return y.sample(job) })
	y.wants()
	y.wantsOpen()
	if len(y.stopsAsked()) > 0 {
		t.Error("it was stopped")
	}
}

func TestSilence_TasksOwnLimit_MovesAllSteps(t *testing.T) {
	y := newYard(t)
	y.start()
	job := y.job()
	job.StallKill = 45 * time.Minute
	y.watch(14*time.Minute, func() Sample { return y.sample(job) })
	y.wants()
	y.watch(2*time.Minute, func() Sample { return y.sample(job) })
	y.wants("normal")
	y.watch(15*time.Minute, func() Sample { return y.sample(job) })
	y.wants("normal", "high")
	y.watch(15*time.Minute, func() Sample { return y.sample(job) })
	if len(y.stopsAsked()) != 1 {
		t.Errorf("%d stops", len(y.stopsAsked()))
	}
}

func TestDaemon_Restarted_TellsNothingTwice_AndResolves(t *testing.T) {
	y := newYard(t)
	y.start()
	job := y.job()
	y.watch(6*time.Minute, func() Sample { return y.sample(job) })
	y.wants("normal")
	for range 5 {
		y.again()
		job.Stalled = true
		y.watch(30*time.Second, func() Sample { return y.sample(job) })
	}
	y.wants("normal")
	y.wantsOpen("task/1 stalled")
	y.again()
	job.Life = y.time()
	y.watch(every, func() Sample { return y.sample(job) })
	y.wantsOpen()
	y.wants("normal")
}

// The time before counts, but what was not seen must not stop a job: the clock
// may have been set while the daemon was away.
func TestDaemon_Restarted_StopsNothingForTimeThatNobodySaw(t *testing.T) {
	y := newYard(t)
	y.start()
	job := y.job()
	y.watch(time.Minute, func() Sample { return y.sample(job) })
	y.end()
	y.pass(1000 * time.Hour)
	y.start()
	y.watch(every, func() Sample { return y.sample(job) })
	if len(y.stopsAsked()) > 0 {
		t.Fatal("it was stopped at the first look")
	}
	y.watch(4*time.Minute, func() Sample { return y.sample(job) })
	if len(y.stopsAsked()) > 0 {
		t.Fatal("it was stopped after four minutes")
	}
	y.watch(2*time.Minute, func() Sample { return y.sample(job) })
	if len(y.stopsAsked()) != 1 {
		t.Error("it goes on for ever")
	}
}

func TestStop_ThatFails_IsTold_AndTriedAtEachLook(t *testing.T) {
	y := newYard(t)
	y.fail = errors.New("the disk is full")
	y.start()
	job := y.job()
	y.watch(16*time.Minute, func() Sample { return y.sample(job) })
	if n := len(y.stopsAsked()); n < 5 {
		t.Errorf("%d tries", n)
	}
	y.wants("normal", "high", "critical")
	y.wantsOpen("task/1 stalled", "task/1 not_ended")
	y.fail = nil
	before := len(y.stopsAsked())
	y.watch(time.Minute, func() Sample { return y.sample(job) })
	if n := len(y.stopsAsked()) - before; n != 1 {
		t.Errorf("%d tries after one that worked", n)
	}
}

// A stop may take minutes: the others are watched meanwhile.
func TestStop_ThatTakesLong_HoldsNothingUp(t *testing.T) {
	y := newYard(t)
	y.block = make(chan struct{})
	y.start()
	job, other := y.job(), y.job()
	other.Task = 2
	for range 500 {
		y.pass(every)
		other.Life = y.time()
		if y.time().Sub(other.Started) > 20*time.Minute {
			other.Life = other.Started.Add(20 * time.Minute)
		}
		s := y.sample(job, other)
		if err := y.act(t.Context(), s, y.judge.look(s)); err != nil {
			t.Fatal(err)
		}
	}
	close(y.block)
	y.work.Wait()
	if n := len(y.stopsAsked()); n != 2 {
		t.Errorf("%d stops were asked for, want one of each", n)
	}
}
