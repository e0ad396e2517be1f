package monitor

import (
	"context"
	"testing"
	"time"

	"uratori/monitor/gpu"
)

func (y *yard) rows() (fine, minutes int) {
	y.t.Helper()
	err := y.db.Reader().QueryRowContext(y.t.Context(), `SELECT count(*) FILTER (WHERE step = 0), count(*) FILTER (WHERE step = 60) FROM monitor_samples`).Scan(&fine, &minutes)
	if err != nil {
		y.t.Fatal(err)
	}
	return fine, minutes
}

func TestHistory_KeepsLooksForADay_AndMinutesForAMonth(t *testing.T) {
	y := newYard(t)
	y.settings.Interval = 10 * time.Minute // few rows to write: each is a minute of its own
	y.start()
	job := y.job()
	for at := time.Duration(0); at < 35*24*time.Hour; at += y.settings.Interval {
		y.pass(y.settings.Interval)
		if at > 26*time.Hour && at < 34*24*time.Hour && at%(6*time.Hour) != 0 {
			continue // in between, a look now and then
		}
		if err := y.history.keep(context.Background(), y.sample(job)); err != nil {
			t.Fatal(err)
		}
	}
	const series, day, rare = 2, 24 * 6, 4 // of looks
	fine, minutes := y.rows()
	if fine > series*(day+12) || fine < series*(day-12) {
		t.Errorf("%d looks are kept", fine)
	}
	if least := series * (30*rare + day - 12); minutes < least || minutes > least+series*60 {
		t.Errorf("%d minutes are kept, want %d and some", minutes, least)
	}
}

func TestHistory_ReadsLooksAndMinutes_AndNeverTooMany(t *testing.T) {
	y := newYard(t)
	y.start()
	job := y.job()
	n := 0
	begin := y.time()
	const pace = 5 * time.Minute // fewer looks than there could be
	for at := time.Duration(0); at < 9*time.Hour; at += pace {
		y.pass(pace)
		n++
		job.Memory, job.CPU, job.Done = 100, 50, n
		if n == 50 {
			job.Memory = 999
		}
		s := y.sample(job)
		g := well(0)
		g.Utilisation.GPU = 50 + n%2
		s.GPUs = []gpu.Reading{g}
		if err := y.history.keep(context.Background(), s); err != nil {
			t.Fatal(err)
		}
	}
	read := func(series string, from, to time.Time) []Point {
		t.Helper()
		list, err := y.History(context.Background(), series, from, to)
		if err != nil {
			t.Fatal(err)
		}
		for i := range list {
			if i > 0 && !list[i].At.After(list[i-1].At) {
				t.Fatalf("out of order at %d", i)
			}
		}
		return list
	}
	if list := read("task/1/1", y.time().Add(-time.Hour), y.time()); len(list) < 11 || len(list) > 13 || list[0].CPU != 50 {
		t.Errorf("%d looks of an hour", len(list))
	}
	list := read("task/1/1", begin, y.time()) // more looks than an answer holds
	if len(list) < 105 || len(list) > 108 {
		t.Fatalf("%d minutes of nine hours", len(list))
	}
	highest := uint64(0)
	for _, p := range list {
		highest = max(highest, p.Memory)
	}
	if highest != 999 {
		t.Error("the peak is lost")
	}
	if list := read("gpu/GPU-a", begin, y.time()); list[5].Utilisation < 50 || list[5].Utilisation > 51 || list[5].Temperature != 60 {
		t.Errorf("%+v", list[5])
	}
	// A month of minutes is answered in wider steps, the newest among them.
	if list := read("machine", begin.Add(-40*24*time.Hour), y.time()); len(list) > mostPoints || len(list) < 40 || y.time().Sub(list[len(list)-1].At) > 15*time.Minute {
		t.Errorf("%d points", len(list))
	}
	if list := read("task/9/9", begin, y.time()); len(list) != 0 {
		t.Error("points of what never was")
	}
}

// The looks of a minute are written together; whoever asks meanwhile sees them all
// the same, and none twice once they are written.
func TestHistory_ReadsWhatIsNotWrittenYet_AndNothingTwice(t *testing.T) {
	y := newYard(t)
	y.start()
	job := y.job()
	begin := y.time()
	for n := 1; n <= 30; n++ {
		y.pass(5 * time.Second)
		if err := y.history.keep(context.Background(), y.sample(job)); err != nil {
			t.Fatal(err)
		}
		for _, from := range []time.Time{begin, begin.Add(-48 * time.Hour)} { // each look, and each minute
			list, err := y.History(context.Background(), "task/1/1", from, y.time())
			if err != nil {
				t.Fatal(err)
			}
			if from.Equal(begin) && len(list) != n {
				t.Fatalf("%d points after %d looks", len(list), n)
			}
			for i := range list {
				if i > 0 && !list[i].At.After(list[i-1].At) {
					t.Fatalf("out of order at %d of %d", i, len(list))
				}
			}
			if len(list) == 0 || y.time().Sub(list[len(list)-1].At) > time.Minute {
				t.Fatalf("the newest of %d points is old after %d looks", len(list), n)
			}
		}
	}
	if fine, _ := y.rows(); fine == 0 || fine >= 60 {
		t.Errorf("%d looks are written", fine)
	}
	if list, err := y.History(context.Background(), "task/1/1", begin, begin.Add(12*time.Second)); err != nil || len(list) != 2 {
		t.Errorf("%d points of twelve seconds, %v", len(list), err)
	}
}
