package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"

	"uratori/internal/control"
)

// Loop is work that must go on for as long as the daemon lives. Run blocks;
// when it returns or panics before ctx ends, its guard records and reports
// that and starts it again.
type Loop struct {
	Name string
	Run  func(ctx context.Context) error
}

const (
	firstRestart = time.Second
	lastRestart  = time.Minute
	// healthy is how long a loop must have run for its next failure to count
	// as a first one.
	healthy = 5 * time.Minute
)

// failure is what a guard saw.
type failure struct {
	Loop     string `json:"loop"`
	Error    string `json:"error"`
	Panic    bool   `json:"panic"`
	Stack    string `json:"stack,omitzero"`
	Restarts int    `json:"restarts"` // the one to come included
	RetryMS  int64  `json:"retry_ms"`
}

// guard keeps one loop running.
type guard struct {
	loop   Loop
	log    *slog.Logger
	clean  func(string) string // what a failure says, fit to be kept and shown
	report func(context.Context, failure)
	ran    bool // once at least

	mu    sync.Mutex
	state control.Loop
}

func newGuard(l Loop, log *slog.Logger, clean func(string) string, report func(context.Context, failure)) *guard {
	return &guard{loop: l, log: log, clean: clean, report: report, state: control.Loop{Name: l.Name, State: control.LoopStopped}}
}

// run returns when ctx ends and the loop has come back.
func (g *guard) run(ctx context.Context) {
	defer g.update(func(s *control.Loop) { s.State = control.LoopStopped })
	retry := &backoff.ExponentialBackOff{
		InitialInterval: firstRestart, MaxInterval: lastRestart,
		Multiplier: backoff.DefaultMultiplier, RandomizationFactor: backoff.DefaultRandomizationFactor,
	}
	retry.Reset()
	for {
		g.update(func(s *control.Loop) { s.State = control.LoopRunning })
		started := time.Now()
		f := g.once(ctx)
		if ctx.Err() != nil {
			if f.Panic {
				g.log.Error("loop panicked while stopping", "loop", f.Loop, "error", f.Error, "stack", f.Stack)
			}
			return
		}
		if time.Since(started) > healthy {
			retry.Reset()
		}
		wait := retry.NextBackOff()
		g.update(func(s *control.Loop) {
			now := time.Now()
			s.State, s.LastError, s.FailedAt = control.LoopWaiting, f.Error, &now
			s.Restarts++
			f.Restarts = s.Restarts
		})
		f.RetryMS = wait.Milliseconds()
		g.log.Error("loop failed", "loop", f.Loop, "error", f.Error, "panic", f.Panic, "restarts", f.Restarts, "retry_in", wait.String(), "stack", f.Stack)
		g.tell(ctx, f)
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

var errReturned = errors.New("the loop returned though it should go on")

func (g *guard) once(ctx context.Context) (f failure) {
	f.Loop = g.loop.Name
	defer func() {
		if v := recover(); v != nil {
			f.Error, f.Panic, f.Stack = g.clean(fmt.Sprint(v)), true, g.clean(string(debug.Stack()))
		}
	}()
	first := !g.ran
	g.ran = true
	if first && planted.panics {
		panic("planted")
	}
	err := g.loop.Run(ctx)
	if err == nil {
		err = errReturned
	}
	f.Error = g.clean(err.Error())
	return f
}

// tell reports f. The report itself must not be able to end the guard.
func (g *guard) tell(ctx context.Context, f failure) {
	defer func() {
		if v := recover(); v != nil {
			g.log.Error("reporting a failed loop panicked", "loop", f.Loop, "panic", fmt.Sprint(v))
		}
	}()
	g.report(ctx, f)
}

func (g *guard) update(change func(*control.Loop)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	change(&g.state)
}

func (g *guard) status() control.Loop {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.state
}
