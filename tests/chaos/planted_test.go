package chaos

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"uratori/tests/house"
)

// An oracle that finds nothing proves nothing: each fault that is planted in
// the tracker must be found, and be called what it is.
func TestPlanted_EachFault_IsFoundAndCalledWhatItIs(t *testing.T) {
	faulty := filepath.Join(t.TempDir(), "uratori")
	if err := house.Build(faulty, "1.0.0-test", "planted"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		plant   string
		weather Weather
		want    []Wrong // one of these
	}{
		{"skip-read-back", Weather{Steps: 80, Agents: 4, Writes: 300, Faults: []Fault{Forgotten}}, []Wrong{FalseVerified}},
		{"skip-read-back", Weather{Steps: 80, Agents: 4}, []Wrong{UnreadClaim}},
		{"match-by-row-number", Weather{Steps: 120, Agents: 4, Before: 700, Pace: 40 * time.Millisecond}, []Wrong{Astray}},
		{"match-by-row-number", Weather{Steps: 500, Agents: 4, After: 900}, []Wrong{Overwritten}},
		{"retry-append-blindly", Weather{Steps: 120, Agents: 4, Writes: 400, Faults: []Fault{ResetAfter, S500After, Truncated}}, []Wrong{Duplicate}},
	} {
		t.Run(c.plant+"/"+string(c.want[0]), func(t *testing.T) {
			t.Setenv("URATORI_PLANT", c.plant)
			const seed = 20260101
			r := start(t, faulty, c.weather, seed)
			r.storm(t, c.weather, seed)
			r.calm(t)
			j, told := r.judge(t)
			r.report(t, j, told)
			if !slices.ContainsFunc(told.Violations, func(v Violation) bool { return slices.Contains(c.want, v.Wrong) }) {
				t.Errorf("not found; what was found: %v", told.Violations)
			}
		})
	}
}
