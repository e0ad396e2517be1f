package shim

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"time"
)

// ErrLost is the end of an attempt whose shim died before it could write how
// the job ended.
var ErrLost = errors.New("the shim died: how the job ended is not known")

// Options of a [Pool].
type Options struct {
	Program string        // the path of this program
	Env     []string      // environment of shims, without the variables of any job
	Stderr  *os.File      // where shims say what they cannot say otherwise; nil: nowhere
	Idle    time.Duration // after so long an unused spare is ended
	Log     *slog.Logger
}

// Pool starts attempts, each under a shim. A shim that is done is kept as the
// spare for the next attempt, one at most.
type Pool struct{ o Options }

// NewPool starts nothing yet.
func NewPool(o Options) *Pool { return &Pool{o: o} }

// Warm has a spare ready, so that the next Start takes milliseconds.
func (p *Pool) Warm(ctx context.Context) error { return errors.ErrUnsupported }

// Start writes spec.json into dir, which it makes when it is not there, and
// returns once the job runs. The error is a [*StartError] when the job could not
// be started. With any other error it is not known; [Inspect] tells.
func (p *Pool) Start(ctx context.Context, dir string, s Spec) (*Attempt, error) {
	return nil, errors.ErrUnsupported
}

// Close ends the spare and waits for the goroutines of the pool. Shims that
// run an attempt are left alone, and their attempts' Wait fails.
func (p *Pool) Close(ctx context.Context) error { return errors.ErrUnsupported }

// Attempt is a started attempt, seen from the daemon.
type Attempt struct{ run Run }

// Run tells who runs it.
func (a *Attempt) Run() Run { return a.run }

// Lost is closed when the shim has died without exit.json. The job itself may go on.
func (a *Attempt) Lost() <-chan struct{} { return nil }

// Wait returns when the job's first process has ended and exit.json is
// written, or with [ErrLost] when that process has ended after its shim.
func (a *Attempt) Wait(ctx context.Context) (Exit, error) { return Exit{}, errors.ErrUnsupported }

// Release gives the shim back after Wait, when the daemon has ended what was
// left of the job: to the pool, or to its end. Processes that are still left
// lose their sub-reaper.
func (a *Attempt) Release(ctx context.Context) error { return errors.ErrUnsupported }

// Adopt takes over an attempt that an earlier daemon started, and of which
// [Inspect] says Running or Lost.
func Adopt(ctx context.Context, dir string) (*Attempt, error) { return nil, errors.ErrUnsupported }

// Inspect tells what became of the attempt in dir. One that was never started
// is made void, so that it never will be.
func Inspect(dir string) (Found, error) { return Found{}, errors.ErrUnsupported }

// Serve is the shim process. With a dir it serves that attempt and ends;
// without, those whose folders it reads from in, one after another, until in
// ends. It answers on out.
func Serve(dir string, in, out *os.File) error { return errors.ErrUnsupported }
