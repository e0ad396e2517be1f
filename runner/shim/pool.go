package shim

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
)

// Options of a [Pool].
type Options struct {
	Program string        // what to start: a program that knows the command "shim"
	Args    []string      // more words for that command
	Files   []*os.File    // what it has open from descriptor 3 on
	Env     []string      // environment of shims, without the variables of any job
	Stderr  *os.File      // where shims say what they can tell nobody; nil: nowhere
	Idle    time.Duration // a spare that is not used for so long ends; 0: none is kept
	Log     *slog.Logger
}

// Pool starts attempts, each under a shim of its own. A shim whose attempt is
// over is kept as the spare for the next, one at most: starting the program
// anew takes much longer than starting a job.
type Pool struct {
	o    Options
	work sync.WaitGroup

	mu      sync.Mutex
	closed  bool
	keepers map[*keeper]struct{}
	spare   *keeper
	retire  *time.Timer // of the spare
}

var errClosed = errors.New("the pool of shims is closed")

// NewPool gives a pool without a spare.
func NewPool(o Options) *Pool { return &Pool{o: o, keepers: map[*keeper]struct{}{}} }

// Warm has a spare ready, so that the next Start takes milliseconds.
func (p *Pool) Warm() error {
	k, err := p.take()
	if err == nil {
		p.giveBack(k)
	}
	return err
}

// Start writes spec.json into dir, an absolute path, which it makes when it is
// not there, and returns once the job runs. The error is a [*StartError] when
// the job was not started, and will not be. After any other error that is not known, and
// [Inspect] tells. A dir is good for one Start.
func (p *Pool) Start(ctx context.Context, dir string, s Spec) (*Attempt, error) {
	if err := writeSpec(dir, s); err != nil {
		return nil, notStarted(NoFolder, err)
	}
	for tries := 1; ; tries++ {
		k, err := p.take()
		if err != nil {
			return nil, notStarted(NoShim, err)
		}
		a, err := p.begin(ctx, k, dir)
		if !errors.Is(err, errDied) || !untouched(dir) {
			return a, err
		}
		// Nobody who lives has heard of the attempt. A spare may have died
		// long ago.
		if tries == 2 || ctx.Err() != nil {
			return nil, notStarted(NoShim, err)
		}
		p.o.Log.Warn("a shim died before it had begun; another takes over", "dir", dir)
	}
}

func notStarted(code string, err error) *StartError {
	f := Failure{code, err.Error()}
	return &StartError{f, Exit{Failure: &f}}
}

func writeSpec(dir string, s Spec) error {
	if !filepath.IsAbs(dir) {
		return fmt.Errorf("the folder %q is not an absolute path", dir)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	raw, err := json.Marshal(s)
	if err != nil {
		return err
	}
	// Exclusively: a folder that has been used is never used again.
	file, err := os.OpenFile(filepath.Join(dir, specFile), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(append(raw, '\n'))
	return errors.Join(err, file.Close())
}

var (
	errDied     = errors.New("the shim died before it said whether the job runs")
	errNonsense = errors.New("the shim did not say whether the job runs")
)

// begin hands dir to a shim and waits for its answer.
func (p *Pool) begin(ctx context.Context, k *keeper, dir string) (*Attempt, error) {
	a := &Attempt{dir: dir, pool: p, keeper: k, ended: make(chan struct{}), rested: make(chan struct{})}
	k.serve(a)
	if err := k.tell(command{Attempt: text(dir)}); err != nil {
		k.hangUp() // it is dying: it holds the other end for as long as it lives
	}
	var answer event
	select {
	case answer = <-k.answers:
	case <-ctx.Done():
		k.leaveAlone()
		return nil, fmt.Errorf("wait for the shim: %w", context.Cause(ctx))
	case <-k.gone:
		select {
		case answer = <-k.answers: // its last word
		default:
			if k.isAlone() {
				return nil, errNonsense
			}
			return nil, errDied
		}
	}
	if answer.Event == failed {
		p.giveBack(k)
		exit := Exit{Failure: answer.Failure}
		if answer.Exit != nil {
			exit = *answer.Exit
		}
		return nil, &StartError{*answer.Failure, exit}
	}
	a.run = *answer.Run
	return a, nil
}

// untouched tells whether no shim has begun with dir, when none can any more
// that has heard of it.
func untouched(dir string) bool {
	f, err := openFolder(dir)
	if err != nil {
		return false
	}
	defer f.Close() //nolint:errcheck // nothing is written
	if f.acquire() != nil {
		return false
	}
	sign, err := f.touched()
	return err == nil && sign == ""
}

// take gives the spare, or a shim that is new.
func (p *Pool) take() (*keeper, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, errClosed
	}
	if k := p.unsetSpare(); k != nil {
		select {
		case <-k.gone: // somebody killed it
		default:
			return k, nil
		}
	}
	k, err := p.hire()
	if err == nil {
		p.keepers[k] = struct{}{}
	}
	return k, err
}

// giveBack makes the spare of a shim that has no attempt, or ends it.
func (p *Pool) giveBack(k *keeper) {
	p.mu.Lock()
	defer p.mu.Unlock()
	k.serve(nil)
	if p.closed || p.spare != nil || p.o.Idle <= 0 {
		k.hangUp()
		return
	}
	p.spare = k
	p.work.Add(1)
	p.retire = time.AfterFunc(p.o.Idle, func() {
		defer p.work.Done()
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.spare == k {
			p.spare = nil
			k.hangUp()
		}
	})
}

// unsetSpare is called with p.mu held.
func (p *Pool) unsetSpare() *keeper {
	k := p.spare
	if k != nil {
		p.spare = nil
		if p.retire.Stop() {
			p.work.Done()
		}
	}
	return k
}

// Close ends the spare, leaves the shims alone that have an attempt in hand,
// and waits for the pool's goroutines. Attempts can still be waited for.
func (p *Pool) Close(ctx context.Context) error {
	p.mu.Lock()
	p.closed = true
	if k := p.unsetSpare(); k != nil {
		k.hangUp()
	}
	for k := range p.keepers {
		if !k.isEnding() {
			k.leaveAlone()
		}
	}
	p.mu.Unlock()
	done := make(chan struct{})
	go func() {
		p.work.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// forget is called when a shim is gone.
func (p *Pool) forget(k *keeper) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.keepers, k)
}
