//go:build planted

package daemon

import (
	"testing"
	"time"
)

func TestMoved_TheWall_AndNotTheMonotonicReading(t *testing.T) {
	for _, by := range []time.Duration{3 * time.Hour, -3 * time.Hour, 0} {
		now := time.Now()
		later := moved(now, by)
		if later.Sub(now) != 0 || later.Round(0).Sub(now.Round(0)) != by || later.Location() != now.Location() {
			t.Errorf("%v: %v after %v", by, later, now)
		}
	}
}
