package monitor

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// looker notes when the monitor asks what runs, once a look.
type looker struct {
	*yard
	at *[]time.Duration
	t0 time.Time
}

func (l looker) Running(ctx context.Context) ([]Job, error) {
	*l.at = append(*l.at, time.Since(l.t0))
	return l.yard.Running(ctx)
}

func TestWatch_LooksEveryFiveSeconds_NotFaster(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		y := newYard(t)
		y.start()
		var at []time.Duration
		y.o.Jobs = looker{y, &at, time.Now()}
		ctx, cancel := context.WithTimeout(t.Context(), 22*time.Second)
		defer cancel()
		if err := y.Watch(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		if want := []time.Duration{0, every, 2 * every, 3 * every, 4 * every}; !slices.Equal(at, want) {
			t.Errorf("it looked after %v", at)
		}
	})
}
