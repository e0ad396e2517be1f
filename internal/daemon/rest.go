package daemon

import (
	"context"
	"time"

	"uratori/internal/process"
)

// The memory of a daemon that waits for weeks is given back soon after its start,
// which touches most of the program once, and now and then after that.
const (
	restFirst = 3 * time.Second
	restEvery = 10 * time.Minute
)

// rest gives memory back until ctx ends.
func (d *daemon) rest(ctx context.Context) error {
	timer := time.NewTimer(restFirst)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
		}
		if err := process.Slim(); err != nil {
			d.Log.Warn("memory could not be given back", "error", err)
		}
		timer.Reset(restEvery)
	}
}
