package monitor

import (
	"errors"
	"slices"
	"testing"
	"time"

	"uratori/monitor/gpu"
	"uratori/monitor/notify"
)

// What lasts is told with the time from which on it is so, and not from which on
// it counts: that is what a person holds against what he did.
func TestMessage_OfWhatLasts_SaysSinceWhen(t *testing.T) {
	for name, tc := range map[string]struct {
		ill  func(y *yard, s *Sample)
		hold time.Duration // for so long it is there until people are told
	}{
		"a full disk": {func(_ *yard, s *Sample) {
			s.Machine.Disks = map[string]Disk{"/work": {Device: "8:1", Total: 1 << 40, Free: 1 << 29}}
		}, lowHold * every},
		"no memory": {func(_ *yard, s *Sample) { s.Machine.MemoryFree = 4 }, lowHold * every},
		"a hot GPU": {func(_ *yard, s *Sample) {
			g := well(0)
			g.Temperature = ptr(95)
			s.GPUs = []gpu.Reading{g}
		}, hotHold * every},
		"no GPU to be seen": {func(_ *yard, s *Sample) { s.Blind = errors.New("lost") }, blindHold * every},
		"zombies":           {func(_ *yard, s *Sample) { s.Tasks[0].Zombies = 3 }, zombieHold * every},
	} {
		y := newYard(t)
		y.start()
		job := y.job()
		sample := func() Sample {
			job.Life = y.time()
			return y.sample(job)
		}
		y.watch(time.Minute, sample)
		began := y.time().Add(every) // of the first look at it
		y.watch(30*time.Minute, func() Sample {
			s := sample()
			tc.ill(y, &s)
			return s
		})
		want := "Since " + began.Format(time.TimeOnly) + " (" + notify.Span("en", tc.hold) + ")"
		if got := y.since(); !slices.Equal(got, []string{want}) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestMessage_OfSilence_SaysSinceTheLastSign_AtEachStep(t *testing.T) {
	y := newYard(t)
	y.start()
	job := y.job()
	y.watch(time.Minute, func() Sample {
		job.Life = y.time()
		return y.sample(job)
	})
	last := job.Life.Format(time.TimeOnly)
	for len(y.stopsAsked()) == 0 {
		y.watch(every, func() Sample { return y.sample(job) })
	}
	y.record("task.ending", "task/1", ending(job, "stalled"))
	y.read()
	y.wants("normal", "high", "critical")
	want := []string{"Since " + last + " (5 min 0 s)", "Since " + last + " (10 min 0 s)", "Since " + last + " (15 min 0 s)"}
	if got := y.since(); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// Nothing is made up where nobody saw it begin, nor of what happens in a moment.
func TestMessage_OfWhatNobodySawBegin_DoesNotSaySinceWhen(t *testing.T) {
	y := newYard(t)
	y.start()
	hot := func(degrees, slowdown int) func() Sample {
		return func() Sample {
			g := well(0)
			g.Temperature, g.Slowdown = ptr(degrees), ptr(slowdown)
			s := y.sample()
			s.GPUs = []gpu.Reading{g}
			return s
		}
	}
	y.watch(10*time.Minute, hot(90, 100))
	y.again()
	y.watch(time.Minute, hot(101, 100))
	y.record("loop.failed", "loop/x", map[string]any{"loop": "x", "error": "y"})
	y.read()
	y.wants("high", "critical", "critical")
	if got := y.since(); got[0] == "" || got[1] != "" || got[2] != "" {
		t.Errorf("%q", got)
	}
}

func TestGauge_BeganWithTheFirstLookOfTheSpellThatCounts(t *testing.T) {
	var g gauge
	at := time.Unix(1000, 0)
	looks(&g, &at, slow, "bb-gb") // two spells that do not count, and the first of the third
	third := at
	looks(&g, &at, slow, "bbbbbbbbb")
	if !g.open || !g.began.Equal(third) {
		t.Errorf("%v, want %v", g.began, third)
	}
	looks(&g, &at, slow, "-g-b")
	if !g.began.Equal(third) {
		t.Errorf("it trembled, and began at %v", g.began)
	}
	looks(&g, &at, slow, "gggggggggggggg")
	if g.open || !g.began.IsZero() {
		t.Errorf("over, and began at %v", g.began)
	}
	at = at.Add(time.Second)
	g.see(at, true, false, notify.High, slow)
	at = at.Add(-time.Hour) // the clock is set back
	g.see(at, true, false, notify.High, slow)
	if g.began.After(at) {
		t.Errorf("it begins in %v", g.began.Sub(at))
	}
}
