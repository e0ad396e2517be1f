package monitor

import (
	"context"
	"slices"
	"testing"
	"time"

	"uratori/monitor/notify"
)

// settled are the messages, by number, that ring no more.
func (y *yard) settled() (list []int) {
	y.t.Helper()
	rows, err := y.db.Reader().QueryContext(context.Background(), `SELECT id FROM notify_messages WHERE settled = 1 ORDER BY id`)
	if err != nil {
		y.t.Fatal(err)
	}
	defer rows.Close() //nolint:errcheck // read to the end
	for rows.Next() {
		var id int
		if err := rows.Scan(&id); err != nil {
			y.t.Fatal(err)
		}
		list = append(list, id)
	}
	if rows.Err() != nil {
		y.t.Fatal(rows.Err())
	}
	return list
}

func (y *yard) wantsSettled(want ...int) {
	y.t.Helper()
	if got := y.settled(); !slices.Equal(got, want) {
		y.t.Errorf("messages %v ring no more, want %v", got, want)
	}
}

func TestResolved_ThatIsSeenToBeOver_RingsNoMore(t *testing.T) {
	y := newYard(t)
	y.start()
	y.watch(10*time.Minute, func() Sample {
		s := y.sample()
		s.Machine.MemoryFree = 4
		return s
	})
	y.wants("high")
	y.wantsSettled()
	y.watch(2*time.Minute, func() Sample { return y.sample() })
	y.wantsOpen()
	y.wantsSettled(1)
	y.watch(10*time.Minute, func() Sample { // it is back, and known
		s := y.sample()
		s.Machine.MemoryFree = 4
		return s
	})
	y.wants("high")
	y.wantsSettled()
}

// An attempt that was ended for good is over; somebody should come all the same.
func TestResolved_AsTheTaskHasFailed_RingsOn_UntilItIsRunAgain(t *testing.T) {
	for name, after := range map[string]func(y *yard, j Job){
		"a person has it run again": func(y *yard, _ Job) { y.record("task.again", "task/1", map[string]any{"attempt": 1}) },
		"it is cleaned away":        func(y *yard, _ Job) { y.record("task.cleaned", "task/1", map[string]any{}) },
		"it succeeds": func(y *yard, j Job) {
			y.record("task.ended", "task/1", endedAs(TaskSample{Job: j}, "succeeded", "succeeded"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			y := newYard(t)
			y.start()
			job := y.job().Job
			job.Attempts = 1
			y.record("task.ending", "task/1", ending(TaskSample{Job: job}, gpuFailed))
			y.record("task.ended", "task/1", endedAs(TaskSample{Job: job}, gpuFailed, "failed"))
			y.read()
			y.watch(time.Minute, func() Sample { return y.sample() }) // it does not run
			y.wants("critical")
			y.wantsOpen()
			y.wantsSettled()
			after(y, job)
			y.read()
			y.wantsSettled(1)
		})
	}
}

func TestResolved_AsTheTaskIsResumed_RingsNoMore(t *testing.T) {
	y := newYard(t)
	y.start()
	job := y.job()
	job.Attempts = 2
	y.record("task.ending", "task/1", ending(job, hung))
	y.read()
	y.wantsSettled()
	y.record("task.ended", "task/1", endedAs(job, hung, "queued"))
	y.read()
	y.wants("critical")
	y.wantsSettled(1)
	job.Attempt = 2
	y.record("task.ended", "task/1", endedAs(job, hung, "failed"))
	y.read()
	y.wants("critical", "critical")
	y.wantsSettled(1)
}

func TestMoment_IsNoReasonToRingNoMore(t *testing.T) {
	y := newYard(t)
	y.start()
	f := Finding{Kind: "a", Subject: "daemon", Level: notify.Critical, What: say("monitor.astray"), Moment: true}
	if err := y.Find(context.Background(), f); err != nil {
		t.Fatal(err)
	}
	y.wantsOpen()
	y.wantsSettled()
}

func TestFoundAgain_IsCountedAsNotSent(t *testing.T) {
	y := newYard(t)
	y.start()
	f := Finding{Kind: "a", Subject: "daemon", Level: notify.High, What: say("monitor.astray"), Moment: true}
	quiet := Finding{Kind: "b", Subject: "daemon", Level: notify.High, What: say("monitor.astray"), Quiet: true}
	if err := y.Find(context.Background(), f, f, f, quiet, quiet); err != nil {
		t.Fatal(err)
	}
	y.watch(4*time.Minute, func() Sample { // it lasts, and that is noted each minute
		s := y.sample()
		s.Machine.MemoryFree = 4
		return s
	})
	y.wants("high", "high")
	s, err := y.o.Outbox.Stats(context.Background(), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	list, err := y.Incidents(context.Background(), Query{})
	if err != nil {
		t.Fatal(err)
	}
	again := 0
	for _, i := range list {
		if i.Message > 0 {
			again += i.Times - 1
		}
	}
	if got := s.Messages[notify.High].Suppressed; got != again || got < 2+3 {
		t.Errorf("%d repeats were not sent, %d found", got, again)
	}
}

func TestMoment_ThatComesAgain_EndsWhenItWasSeenLast(t *testing.T) {
	y := newYard(t)
	y.start()
	f := Finding{Kind: "a", Subject: "daemon", Level: notify.High, What: say("monitor.astray"), Moment: true}
	lasting := Finding{Kind: "b", Subject: "daemon", Level: notify.High, What: say("monitor.astray")}
	for range 3 {
		if err := y.Find(t.Context(), f, lasting); err != nil {
			t.Fatal(err)
		}
		y.pass(time.Hour)
	}
	list, err := y.Incidents(t.Context(), Query{})
	if err != nil || len(list) != 2 {
		t.Fatal(list, err)
	}
	last := y.time().Add(-time.Hour)
	for _, i := range list {
		switch {
		case i.Times != 3 || !i.Seen.Equal(last) || !i.Opened.Equal(last.Add(-2*time.Hour)):
			t.Errorf("%s: found %d times from %v to %v", i.Kind, i.Times, i.Opened, i.Seen)
		case i.Kind == "a" && (i.Open || !i.Resolved.Equal(last)):
			t.Errorf("found last at %v, and over at %v", i.Seen, i.Resolved)
		case i.Kind == "b" && (!i.Open || !i.Resolved.IsZero()):
			t.Errorf("it lasts, and is over since %v", i.Resolved)
		}
	}
}
