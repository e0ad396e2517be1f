//go:build !planted

package daemon

import "time"

// planted are faults that the scenarios must see told. A program that is built
// without the tag has none.
var planted struct{ panics bool }

// clock is the clock on the wall.
func clock(now func() time.Time) func() time.Time { return now }
