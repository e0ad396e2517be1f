package progress

import (
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"
)

type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

// checkReading is what holds for every reading.
func checkReading(t fataler, r Reading) {
	t.Helper()
	switch {
	case r.Done < 0 || r.Total < 0 || r.Total > 0 && r.Done > r.Total:
		t.Fatalf("%d of %d", r.Done, r.Total)
	case r.Percent != nil && !(*r.Percent >= 0 && *r.Percent <= 100):
		t.Fatalf("%v %%", *r.Percent)
	case r.EtaSeconds != nil && !(*r.EtaSeconds >= 0 && *r.EtaSeconds <= longestEta):
		t.Fatalf("%v s left", *r.EtaSeconds)
	case r.EtaSeconds != nil && r.Percent == nil:
		t.Fatalf("an end of something without a measure: %+v", r)
	case r.EtaSeconds != nil && (*r.EtaSeconds == 0) != (*r.Percent == 100) && (r.Total > 0) == (r.Done == r.Total):
		t.Fatalf("%v s left at %v %%", *r.EtaSeconds, *r.Percent)
	case (r.Source == "") != r.At.IsZero():
		t.Fatalf("%q at %v", r.Source, r.At)
	case !utf8.ValidString(r.Item) || !utf8.ValidString(r.Phase) || len(r.Item) > longestName+8 || len(r.Phase) > longestName+8:
		t.Fatalf("%q %q", r.Item, r.Phase)
	}
}

func eta(r Reading) float64 {
	if r.EtaSeconds == nil {
		return -1
	}
	return math.Round(*r.EtaSeconds*10) / 10
}

func TestMeter_NothingWasSaid_NothingIsKnown(t *testing.T) {
	m := NewMeter(Work{Total: 30, Base: 12})
	same(t, "reading", m.Reading(begin()), Reading{})
	same(t, "beats", m.Beats(), Beats{})
	if !m.Beats().Last().IsZero() {
		t.Error("there was no beat")
	}
}

func TestMeter_WeakerSource_NeverOverridesAStronger(t *testing.T) {
	say := map[Source]func(*Meter, time.Time, int64){}
	for _, source := range strongestFirst() {
		say[source] = func(m *Meter, at time.Time, n int64) { m.See(at, counted(source, n, 30)) }
	}
	say[Outputs] = func(m *Meter, at time.Time, n int64) { m.OutputsCounted(at, n, 30, "") }
	say[Percent] = func(m *Meter, at time.Time, n int64) { m.See(at, share(float64(n), "")) }
	rapid.Check(t, func(t *rapid.T) {
		m := NewMeter(Work{Total: rapid.SampledFrom([]int64{0, 30}).Draw(t, "known")})
		best, last := len(strongestFirst()), map[Source]int64{}
		for i := range rapid.IntRange(1, 30).Draw(t, "steps") {
			at := rapid.IntRange(0, len(strongestFirst())-1).Draw(t, "source")
			source := strongestFirst()[at]
			n := rapid.Int64Range(1, 30).Draw(t, "n")
			say[source](m, after(float64(i)), n)
			best, last[source] = min(best, at), n
			r := m.Reading(after(float64(i)))
			checkReading(t, r)
			want := strongestFirst()[best]
			if r.Source != want {
				t.Fatalf("%s, want %s", r.Source, want)
			}
			if want != Percent && r.Done != last[want] || want == Percent && *r.Percent != float64(last[want]) {
				t.Fatalf("%+v, want %d", r, last[want])
			}
		}
	})
}

func TestMeter_BarThatIsNotAboutTheItems_IsAnAside(t *testing.T) {
	m := NewMeter(Work{Total: 30})
	source := func(want Source, done int64) {
		t.Helper()
		if r := m.Reading(after(100)); r.Source != want || r.Done != done {
			t.Errorf("%+v, want %s %d", r, want, done)
		}
	}
	m.OutputsCounted(after(0), 0, 30, "")
	source(Outputs, 0)
	m.See(after(1), counted(Tqdm, 1, 3)) // the parts of the model
	source(Tqdm, 1)
	m.See(after(2), counted(Tqdm, 3, 3))
	source(Outputs, 0)
	m.See(after(3), counted(Tqdm, 2, 8)) // batches
	source(Tqdm, 2)
	m.OutputsCounted(after(4), 4, 30, "p004.png")
	source(Outputs, 4)
	m.See(after(5), counted(Count, 5, 30))
	source(Count, 5)
	m.See(after(6), counted(Tqdm, 6, 30))
	source(Tqdm, 6)
}

func TestMeter_AsideAndNothingElse_IsBetterThanNothing(t *testing.T) {
	m := NewMeter(Work{Total: 30})
	m.See(after(1), counted(Tqdm, 3, 3))
	if r := m.Reading(after(1)); r.Source != Tqdm {
		t.Errorf("%+v", r)
	}
	m.See(after(2), share(40, ""))
	if r := m.Reading(after(2)); r.Source != Percent {
		t.Errorf("%+v", r)
	}
}

func TestMeter_ItemsOfEarlierAttempts_CountIntoTheWhole(t *testing.T) {
	for name, tc := range map[string]struct {
		see        []Sighting
		done, want int64
	}{
		"all of them, named":               {[]Sighting{counted(Tqdm, 13, 30)}, 13, 30},
		"what was left, named":             {[]Sighting{counted(Tqdm, 5, 18)}, 17, 30},
		"what was left, by itself":         {[]Sighting{counted(File, 5, 18)}, 17, 30},
		"no total, from where it began":    {[]Sighting{counted(File, 1, 0), counted(File, 5, 0)}, 17, 30},
		"no total, from the very start":    {[]Sighting{counted(File, 13, 0), counted(File, 14, 0)}, 14, 30},
		"no total, to the end":             {[]Sighting{counted(File, 0, 0), counted(File, 18, 0)}, 30, 30},
		"no total, and more than the rest": {[]Sighting{counted(File, 0, 0), counted(File, 19, 0)}, 19, 30},
		"no total, and more than all":      {[]Sighting{counted(File, 31, 0)}, 31, 0},
		"a guess without a total":          {[]Sighting{counted(Tqdm, 5, 0)}, 5, 0},
		"something else":                   {[]Sighting{counted(File, 5, 7)}, 5, 7},
	} {
		m := NewMeter(Work{Total: 30, Base: 12})
		for i, s := range tc.see {
			m.See(after(float64(i)), s)
		}
		if r := m.Reading(after(10)); r.Done != tc.done || r.Total != tc.want {
			t.Errorf("%s: %d/%d, want %d/%d", name, r.Done, r.Total, tc.done, tc.want)
		}
	}
}

func TestMeter_ItemsOfEarlierAttempts_DoNotCountIntoThePace(t *testing.T) {
	m := NewMeter(Work{Total: 30, Base: 12})
	m.OutputsCounted(after(0), 12, 30, "p012.png")
	if r := m.Reading(after(1)); r.Done != 12 || eta(r) != -1 || !m.Beats().Progress.IsZero() || !m.Beats().Output.IsZero() {
		t.Errorf("%+v %+v", r, m.Beats())
	}
	m.OutputsCounted(after(60), 13, 30, "p013.png") // with the loading of the model
	m.OutputsCounted(after(65), 14, 30, "p014.png")
	if r := m.Reading(after(65)); r.Done != 14 || eta(r) != 16*5 || r.Item != "p014.png" {
		t.Errorf("%+v, %v s", r, eta(r))
	}
	if b := m.Beats(); b.Progress != after(65) || b.Output != after(65) {
		t.Errorf("%+v", b)
	}
}

func TestMeter_End_IsNamedAndCountsDown(t *testing.T) {
	m := NewMeter(Work{})
	for i := range 11 {
		m.See(after(40+5*float64(i)), counted(Tqdm, int64(i), 30))
	}
	for seconds, want := range map[float64]float64{90: 100, 92: 98, 95: 95, 200: 95, 80: 100} {
		if r := m.Reading(after(seconds)); eta(r) != want {
			t.Errorf("after %v s: %v s left, want %v", seconds, eta(r), want)
		}
	}
	m.See(after(100), counted(Tqdm, 29, 30))
	if r := m.Reading(after(10_000)); eta(r) <= 0 {
		t.Errorf("%v s left of something that goes on", eta(r))
	}
	m.See(after(105), counted(Tqdm, 30, 30))
	if r := m.Reading(after(10_000)); eta(r) != 0 || *r.Percent != 100 {
		t.Errorf("%v s left at the end", eta(r))
	}
}

func TestMeter_FirstItemAndOutliers_DoNotShapeTheEstimate(t *testing.T) {
	m := NewMeter(Work{})
	at := 0.0
	for i := range 30 {
		m.See(after(at), counted(File, int64(i), 100))
		switch i {
		case 0:
			at += 900 // the model is loaded
		case 20:
			at += 3600 // the machine slept
		default:
			at += 5
		}
	}
	if r := m.Reading(after(at - 5)); eta(r) != 71*5 {
		t.Errorf("%v s", eta(r))
	}
}

func TestMeter_ManyItemsAtALook_AreOneStep(t *testing.T) {
	m := NewMeter(Work{})
	n := int64(0)
	for look := range 10 {
		for range 8 { // all of them are read at the same time
			n++
			m.See(after(4*float64(look)), counted(File, n, 1000))
		}
	}
	if r := m.Reading(after(36)); eta(r) != 460 {
		t.Errorf("%v s, want 920 items of half a second", eta(r))
	}
}

func TestMeter_OnlyAPercentage_IsExtrapolated(t *testing.T) {
	m := NewMeter(Work{Total: 300})
	m.See(after(0), share(0, "抽出"))
	if r := m.Reading(after(1)); eta(r) != -1 || *r.Percent != 0 || r.Total != 0 || r.Source != Percent || r.Phase != "抽出" {
		t.Errorf("%+v", r)
	}
	for i := range 20 {
		m.See(after(60+15*float64(i)), share(float64(i+1), "抽出"))
	}
	if r := m.Reading(after(345)); eta(r) != 80*15 {
		t.Errorf("%v s", eta(r))
	}
	m.See(after(400), share(100, "抽出"))
	if r := m.Reading(after(500)); eta(r) != 0 {
		t.Errorf("%v s", eta(r))
	}
}

func TestMeter_ClockThatJumps_LeavesASoundEstimate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := NewMeter(Work{Total: rapid.SampledFrom([]int64{0, 50}).Draw(t, "total")})
		at, n := begin(), int64(0)
		for range rapid.IntRange(1, 80).Draw(t, "steps") {
			at = at.Add(rapid.SampledFrom([]time.Duration{0, time.Second, 5 * time.Second, -time.Hour, 1000 * time.Hour, -time.Nanosecond, math.MaxInt64 / 4}).Draw(t, "clock"))
			n = min(50, max(0, n+rapid.SampledFrom([]int64{0, 1, 1, 1, 7, -1, -40}).Draw(t, "n")))
			if rapid.Bool().Draw(t, "counted") {
				m.See(at, counted(File, n, 50))
			} else {
				m.See(at, Sighting{Source: File, Partial: true, Percent: float64(2 * n)})
			}
			checkReading(t, m.Reading(at))
			checkReading(t, m.Reading(at.Add(-1000*time.Hour)))
			checkReading(t, m.Reading(at.Add(1000*time.Hour)))
		}
	})
	m := NewMeter(Work{})
	for i, at := range []float64{0, 60, 65, 70, -7200, -7195, -7190} {
		m.See(after(at), counted(Tqdm, int64(i), 10))
	}
	if r := m.Reading(after(-7190)); eta(r) != 4*5 {
		t.Errorf("%v s", eta(r))
	}
}

func TestMeter_CountThatFalls_BeginsAnewOrIsOnlyOutOfOrder(t *testing.T) {
	m := NewMeter(Work{})
	see := func(at float64, n int64) { m.See(after(at), counted(Count, n, 300)) }
	for i := range 21 {
		see(5*float64(i), int64(i))
	}
	see(105, 22)
	see(105, 21) // two workers
	if r := m.Reading(after(105)); r.Done != 21 || eta(r) != 279*5 || m.Beats().Progress != after(105) {
		t.Errorf("%+v %v s", r, eta(r))
	}
	see(110, 21)
	if m.Beats().Progress != after(105) {
		t.Error("saying the same again is no progress")
	}
	see(200, 0) // the second epoch
	if r := m.Reading(after(200)); r.Done != 0 || eta(r) != -1 || m.Beats().Progress != after(200) {
		t.Errorf("%+v %v s", r, eta(r))
	}
	see(230, 1)
	see(231, 2)
	if r := m.Reading(after(231)); eta(r) != 298 {
		t.Errorf("%v s", eta(r))
	}
}

func TestMeter_NewPhaseOrTotal_BeginsAnew(t *testing.T) {
	bar := func(phase string, n, total int64) Sighting {
		s := counted(Tqdm, n, total)
		s.Phase = phase
		return s
	}
	m := NewMeter(Work{})
	for i := range 4 {
		m.See(after(float64(i)), bar("load", int64(i), 3))
	}
	m.See(after(10), bar("extract", 3, 30))
	if r := m.Reading(after(10)); r.Phase != "extract" || r.Total != 30 || eta(r) != -1 || m.Beats().Progress != after(10) {
		t.Errorf("%+v", r)
	}
	m.See(after(20), bar("extract", 4, 30))
	m.See(after(25), bar("extract", 5, 32)) // it found more to do
	if r := m.Reading(after(25)); r.Total != 32 || eta(r) != 27*5 {
		t.Errorf("%+v %v s", r, eta(r))
	}
	m.See(after(30), bar("", 1, 2))
	if r := m.Reading(after(30)); r.Phase != "" || r.Done != 1 || r.Total != 2 || eta(r) != -1 {
		t.Errorf("%+v", r)
	}
}

func TestMeter_WhatIsNotSaid_IsLeftAsItWas(t *testing.T) {
	m := NewMeter(Work{})
	for _, s := range []Sighting{
		{Total: 30}, {Phase: "extract"}, {Counted: true, Done: 12, Item: "p012.png"}, {},
	} {
		s.Source = File
		m.See(after(1), s)
	}
	r := m.Reading(after(1))
	if r.Done != 12 || r.Total != 30 || r.Item != "p012.png" || r.Phase != "extract" || r.Source != File {
		t.Errorf("%+v", r)
	}
}

func TestMeter_NamesWithoutACount_NameWhatOthersCount(t *testing.T) {
	m := NewMeter(Work{Total: 30})
	m.See(after(1), Sighting{Source: File, Phase: "extract", Item: "p003.png"})
	if r := m.Reading(after(1)); r.Source != "" {
		t.Errorf("%+v", r)
	}
	m.OutputsCounted(after(2), 2, 30, "p002.png")
	if r := m.Reading(after(2)); r.Source != Outputs || r.Done != 2 || r.Item != "p003.png" || r.Phase != "extract" {
		t.Errorf("%+v", r)
	}
}

func TestMeter_WhatCannotBeTrue_ChangesNothing(t *testing.T) {
	m := NewMeter(Work{Total: -5, Base: 99})
	m.See(after(1), counted(File, 3, 30))
	want := m.Reading(after(1))
	for _, s := range []Sighting{
		counted(File, -1, 30), counted(File, 31, 30), counted(File, 3, -1), counted(File, 1, math.MaxInt64), counted(File, math.MaxInt64, 0), counted(File, math.MinInt64, 0),
		{Source: File, Partial: true, Percent: math.NaN()},
		{Source: File, Partial: true, Percent: math.Inf(1)},
		{Source: File, Partial: true, Percent: -1},
		{Source: File, Partial: true, Percent: 100.1},
	} {
		m.See(after(2), s)
		m.OutputsCounted(after(2), -1, 30, "")
		m.OutputsCounted(after(2), 31, 30, "")
	}
	same(t, "reading", m.Reading(after(1)), want)
	if m.Beats().Last() != after(1) {
		t.Errorf("%+v", m.Beats())
	}
}

func TestMeter_Names_AreBoundedAndValid(t *testing.T) {
	m := NewMeter(Work{})
	for _, name := range []string{strings.Repeat("抽", 200), strings.Repeat("x", 255) + "抽", "\xff\xfe", strings.Repeat("\xff", 300), " \t ", strings.Repeat("👩‍🔬", 60), "\x00\x1b[31m"} {
		m.See(after(1), Sighting{Source: Line, Counted: true, Done: 1, Item: name, Phase: name})
		checkReading(t, m.Reading(after(1)))
	}
}

func TestBeats_EachKindOfLife_HasItsOwnTime(t *testing.T) {
	m := NewMeter(Work{})
	m.LogGrew(after(1))
	m.OutputGrew(after(2))
	m.Beat(after(3))
	m.See(after(4), counted(Tqdm, 1, 30))
	same(t, "beats", m.Beats(), Beats{Output: after(2), Progress: after(4), Log: after(1), Beat: after(3)})
	m.See(after(5), counted(Tqdm, 1, 30))
	m.See(after(6), counted(Line, 1, 30))
	m.See(after(7), counted(Line, 1, 30))
	same(t, "beats", m.Beats(), Beats{Output: after(2), Progress: after(6), Log: after(1), Beat: after(7)})
	if m.Beats().Last() != after(7) {
		t.Error(m.Beats().Last())
	}
}
