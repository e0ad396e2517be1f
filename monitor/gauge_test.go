package monitor

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"uratori/monitor/notify"
)

var slow = limits{hold: 30 * time.Second, rest: time.Minute, most: 15 * time.Second, note: time.Minute}

// looks feeds one letter for each look: b is bad, g good, anything else between
// the two limits; and writes down what each changed.
func looks(g *gauge, at *time.Time, l limits, letters string) string {
	out := []byte(letters)
	for i, c := range letters {
		*at = at.Add(5 * time.Second)
		out[i] = ".ouLc"[g.see(*at, c == 'b', c == 'g', notify.High, l)]
	}
	return string(out)
}

func TestGauge_CountsWhatHolds_AndNothingElse(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"a spell":                         {"gbbbbbbg", "........"},
		"half a minute":                   {"gbbbbbbb", ".......o"},
		"trembles round the limit":        {"b-b-b-b-b-b-b-b-b-", ".................."},
		"opens, and trembles":             {"bbbbbbb-g-g-b-g-b", "......o.........."},
		"over after a minute":             {"bbbbbbbggggggggggggg", "......o............c"},
		"not over by a spell":             {"bbbbbbbggggggggggg-gg", "......o.............."},
		"still there, noted now and then": {"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "......o...........L...........L"},
	} {
		var g gauge
		at := time.Unix(0, 0)
		if got := looks(&g, &at, slow, c.in); got != c.want {
			t.Errorf("%s: %s gives %s, want %s", name, c.in, got, c.want)
		}
	}
}

func TestGauge_TimeThatNobodySaw_IsNotCounted(t *testing.T) {
	var g gauge
	at := time.Unix(0, 0)
	looks(&g, &at, slow, "b")
	at = at.Add(100 * time.Hour)
	if got := looks(&g, &at, slow, "b"); got != "." {
		t.Error("a gap of four days made it count")
	}
	at = at.Add(-50 * time.Hour)
	if got := looks(&g, &at, slow, "bbbb"); got != "...o" {
		t.Errorf("after the clock was set back: %s", got)
	}
}

func TestGauge_RisesAtOnce_AndOnlyUp(t *testing.T) {
	var g gauge
	at := time.Unix(0, 0)
	looks(&g, &at, slow, "bbbbbbb")
	for _, c := range []struct {
		level notify.Priority
		want  verdict
	}{{notify.High, nothing}, {notify.Critical, rises}, {notify.High, nothing}, {notify.Critical, nothing}} {
		at = at.Add(time.Second)
		if got := g.see(at, true, false, c.level, slow); got != c.want {
			t.Errorf("%s: %v, want %v", c.level, got, c.want)
		}
	}
}

func TestGauge_NeverOpensTwiceWithoutAnEnd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var g gauge
		l := limits{
			hold: time.Duration(rapid.IntRange(0, 60).Draw(t, "hold")) * time.Second, rest: time.Duration(rapid.IntRange(0, 60).Draw(t, "rest")) * time.Second,
			most: 15 * time.Second, note: time.Minute,
		}
		at, open := time.Unix(1e9, 0), false
		var level notify.Priority
		for range rapid.IntRange(1, 200).Draw(t, "looks") {
			at = at.Add(time.Duration(rapid.IntRange(-1000, 1000).Draw(t, "step")) * time.Second)
			state := rapid.IntRange(0, 2).Draw(t, "state")
			l2 := notify.Priority(rapid.IntRange(1, 4).Draw(t, "level"))
			switch g.see(at, state == 0, state == 1, l2, l) {
			case opens:
				if open || state != 0 {
					t.Fatal("opened twice, or by nothing bad")
				}
				open, level = true, l2
			case rises:
				if !open || l2 <= level {
					t.Fatal("rose without reason")
				}
				level = l2
			case closes:
				if !open || state != 1 {
					t.Fatal("closed what was not open, or by nothing good")
				}
				open = false
			case lasts:
				if !open {
					t.Fatal("it lasts, and is not open")
				}
			case nothing:
			}
		}
	})
}
