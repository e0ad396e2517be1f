package daemon

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"uratori/internal/control"
)

// watched runs a loop under a guard in a bubble of fake time and returns what
// was reported.
func watched(t *testing.T, span time.Duration, loop func(ctx context.Context, run int) error) (reports []failure, last control.Loop) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		run := 0
		g := newGuard(Loop{Name: "test", Run: func(ctx context.Context) error {
			run++
			return loop(ctx, run)
		}}, slog.New(slog.DiscardHandler), strings.Clone, func(_ context.Context, f failure) { reports = append(reports, f) })
		ctx, cancel := context.WithTimeout(t.Context(), span)
		defer cancel()
		var done sync.WaitGroup
		done.Go(func() { g.run(ctx) })
		<-ctx.Done()
		synctest.Wait()
		done.Wait()
		last = g.status()
	})
	return reports, last
}

func TestGuard_Panic_IsReportedAndTheLoopRunsAgain(t *testing.T) {
	reports, last := watched(t, time.Minute, func(ctx context.Context, run int) error {
		if run == 1 {
			panic("planted")
		}
		<-ctx.Done()
		return ctx.Err()
	})
	if len(reports) != 1 || !reports[0].Panic || reports[0].Error != "planted" || !strings.Contains(reports[0].Stack, "guard_test.go") {
		t.Fatalf("reports %+v", reports)
	}
	if last.Restarts != 1 || last.LastError != "planted" || last.State != control.LoopStopped {
		t.Errorf("state %+v", last)
	}
}

func TestGuard_ReturnWithoutBeingAsked_IsAFailure(t *testing.T) {
	for name, returned := range map[string]error{"nil": nil, "error": errors.New("lost")} {
		reports, _ := watched(t, time.Minute, func(ctx context.Context, run int) error {
			if run == 1 {
				return returned
			}
			<-ctx.Done()
			return ctx.Err()
		})
		if len(reports) != 1 || reports[0].Error == "" || reports[0].Panic {
			t.Errorf("%s: reports %+v", name, reports)
		}
	}
}

func TestGuard_BacksOff_AndForgivesAfterAHealthyTime(t *testing.T) {
	reports, _ := watched(t, time.Hour, func(context.Context, int) error { return errors.New("again") })
	waits := make([]time.Duration, len(reports))
	for i, r := range reports {
		waits[i] = time.Duration(r.RetryMS) * time.Millisecond
	}
	// A minute and a half is the most that the jitter can make of a minute.
	if longest := slices.Max(waits); longest > 90*time.Second || longest < 30*time.Second {
		t.Errorf("longest wait %v", longest)
	}
	if waits[0] > 2*time.Second {
		t.Errorf("first wait %v", waits[0])
	}
	if n := len(reports); n < 40 || n > 140 {
		t.Errorf("%d restarts in an hour", n)
	}

	reports, _ = watched(t, 2*time.Hour, func(ctx context.Context, run int) error {
		if run > 8 { // by now the waits are long
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(healthy + time.Second):
			}
		}
		return errors.New("again")
	})
	if last := reports[len(reports)-1]; time.Duration(last.RetryMS)*time.Millisecond > 2*time.Second {
		t.Errorf("after a healthy time it waits %d ms", last.RetryMS)
	}
}

func TestGuard_StopsWithItsContext_WhileRunningAndWhileWaiting(t *testing.T) {
	reports, last := watched(t, time.Second, func(ctx context.Context, _ int) error {
		<-ctx.Done()
		return ctx.Err()
	})
	if len(reports) != 0 || last.State != control.LoopStopped {
		t.Errorf("running: %+v %+v", reports, last)
	}
	_, last = watched(t, 30*time.Second, func(context.Context, int) error { return errors.New("again") })
	if last.State != control.LoopStopped {
		t.Errorf("waiting: %+v", last)
	}
}

func TestGuard_PanicInTheReport_DoesNotEndTheLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		runs := 0
		g := newGuard(Loop{Name: "test", Run: func(context.Context) error { runs++; panic("planted") }},
			slog.New(slog.DiscardHandler), strings.Clone, func(context.Context, failure) { panic("report") })
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		g.run(ctx)
		if runs < 3 {
			t.Errorf("%d runs", runs)
		}
	})
}
