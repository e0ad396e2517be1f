package monitor

import (
	"math/rand/v2"
	"testing"
	"time"
)

const gib = float64(1 << 30)

// programs are what memory does in programs, in GiB by time. The healthy ones
// are all those that "2 GB more than at its start" would call leaks.
func programs() map[string]struct {
	leaks  bool
	within time.Duration // by when a leak must be told
	memory func(t time.Duration, r *rand.Rand) float64
} {
	noise := func(r *rand.Rand) float64 { return r.Float64() * 0.3 }
	within := func(t, every, d time.Duration) bool { return t%every < d }
	type program = struct {
		leaks  bool
		within time.Duration
		memory func(t time.Duration, r *rand.Rand) float64
	}
	return map[string]program{
		"loads 6 GB in 8 minutes": {memory: func(t time.Duration, r *rand.Rand) float64 {
			return 1 + 6*min(t.Minutes()/8, 1) + noise(r)
		}},
		"takes 2.5 GB more in each epoch of 15 minutes": {memory: func(t time.Duration, r *rand.Rand) float64 {
			return 2 + 2.5*float64(t%(15*time.Minute))/float64(15*time.Minute) + noise(r)
		}},
		"3 GB for 5 minutes of validation each hour": {memory: func(t time.Duration, r *rand.Rand) float64 {
			if within(t, time.Hour, 5*time.Minute) {
				return 5 + noise(r)
			}
			return 2 + noise(r)
		}},
		"one more GB at 2 hours, and no more": {memory: func(t time.Duration, r *rand.Rand) float64 {
			if t > 2*time.Hour {
				return 3 + noise(r)
			}
			return 2 + noise(r)
		}},
		"up and down between 1 and 8 GB by chance": {memory: func(_ time.Duration, r *rand.Rand) float64 { return 1 + 7*r.Float64() }},
		"flat":                {memory: func(_ time.Duration, r *rand.Rand) float64 { return 4 + noise(r) }},
		"shrinks":             {memory: func(t time.Duration, r *rand.Rand) float64 { return max(20-t.Hours(), 2) + noise(r) }},
		"leaks 1 GB an hour":  {true, 4 * time.Hour, func(t time.Duration, r *rand.Rand) float64 { return 2 + t.Hours() + noise(r) }},
		"leaks 10 GB an hour": {true, time.Hour, func(t time.Duration, r *rand.Rand) float64 { return 2 + 10*t.Hours() + noise(r) }},
		"leaks 60 GB an hour": {true, 30 * time.Minute, func(t time.Duration, r *rand.Rand) float64 { return 2 + 60*t.Hours() + noise(r) }},
		"leaks 1.5 GB an hour under the rise and fall of epochs": {true, 4 * time.Hour, func(t time.Duration, r *rand.Rand) float64 {
			return 2 + 1.5*t.Hours() + 2.5*float64(t%(15*time.Minute))/float64(15*time.Minute) + noise(r)
		}},
	}
}

func TestLeak_TellsGrowthFromWhatMemoryDoes(t *testing.T) {
	for name, p := range programs() {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same each time
			var l leak
			told := time.Duration(0)
			for at := time.Duration(0); at < 8*time.Hour; at += every {
				if !l.see(every, at, every, uint64(p.memory(at, r)*gib)) {
					continue
				}
				if grown, _ := l.growth(); grown >= 2<<30 {
					told = at
					break
				}
			}
			switch {
			case p.leaks && (told == 0 || told > p.within):
				t.Errorf("told after %v, want within %v", told, p.within)
			case !p.leaks && told > 0:
				t.Errorf("a healthy program was called leaking after %v", told)
			}
		})
	}
}

func TestLeak_KeepsABoundedHistory(t *testing.T) {
	var l leak
	for at := time.Duration(0); at < 60*24*time.Hour; at += time.Minute {
		l.see(every, at, time.Minute, 1<<30)
	}
	if len(l.floors) > buckets {
		t.Errorf("%d buckets are kept", len(l.floors))
	}
}

// rng gives the same numbers each time.
func rng() *rand.Rand { return rand.New(rand.NewPCG(3, 4)) } //nolint:gosec // nothing to guard
