package shim

import (
	"context"
	"os"
	"sync"
	"time"
)

// Sentry is how a shim looks after the daemon while nobody listens to it: a job
// whose end nobody notices is what people call dead.
type Sentry struct {
	// Every is how long the daemon may be away before it is called back, and how
	// often is looked. 0 looks never.
	Every time.Duration
	// Missed tells whether the daemon should be there, and is not.
	Missed func() bool
	// Call brings it back, or tells people that it could not be.
	Call func(ctx context.Context)
}

// sentry is a Sentry at work.
type sentry struct {
	Sentry
	ticker *time.Ticker
	since  time.Time // when the last daemon hung up, or later
	work   sync.WaitGroup
	busy   chan struct{} // has one token while nothing is under way
}

func (s *Sentry) begin() *sentry {
	if s.Every <= 0 {
		return nil
	}
	w := &sentry{Sentry: *s, ticker: time.NewTicker(s.Every), since: time.Now(), busy: make(chan struct{}, 1)}
	w.busy <- struct{}{}
	return w
}

// due tells when to look; it never does of a nil sentry.
func (s *sentry) due() <-chan time.Time {
	if s == nil {
		return nil
	}
	return s.ticker.C
}

// look calls the daemon if it is missed. It does not wait: the job may end
// meanwhile.
func (s *sentry) look() {
	if !s.Missed() {
		return
	}
	select {
	case <-s.busy:
	default:
		return // it is being called
	}
	s.work.Go(func() {
		defer func() { s.busy <- struct{}{} }()
		const most = time.Minute // a start takes a fraction of a second
		ctx, cancel := context.WithTimeout(context.Background(), most)
		defer cancel()
		s.Call(ctx)
	})
}

// end looks a last time, and returns when nothing is under way: the job is over,
// and a daemon that is away would not notice. The daemon has as long to come
// back by itself as at any other time; stop ends the wait for it.
func (s *sentry) end(stop <-chan os.Signal) {
	if s == nil {
		return
	}
	s.ticker.Stop()
	s.work.Wait()
	if !s.Missed() {
		return
	}
	left := time.NewTimer(s.Every - time.Since(s.since))
	defer left.Stop()
	select {
	case <-left.C:
		s.look()
		s.work.Wait()
	case <-stop: // there is one that lets us go
	}
}
