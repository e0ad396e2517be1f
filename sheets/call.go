package sheets

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/cenkalti/backoff/v5"
	"golang.org/x/time/rate"

	"uratori/internal/fault"
)

// Waits between tries: a random part of a span that doubles (full jitter).
const (
	firstSpan   = 500 * time.Millisecond
	longestSpan = 32 * time.Second
	mostTries   = 6
)

type fullJitter struct{ span time.Duration }

func (j *fullJitter) Reset() { j.span = firstSpan }

func (j *fullJitter) NextBackOff() time.Duration {
	wait := rand.N(j.span) + time.Millisecond //nolint:gosec // G404: spreads load, guards nothing
	j.span = min(2*j.span, longestSpan)
	return wait
}

// read makes a call that changes nothing, again when it fails for a while.
func (t *Table) read(ctx context.Context, call func(context.Context) error) error {
	return t.try(ctx, t.reads, call, func(f failure) bool { return f.retry }).err
}

// write makes a call that changes something, once: rows may have moved before
// it could be made again, and only a look tells where they are. The error is
// [ErrUnknown] when it cannot be told whether it was applied.
func (t *Table) write(ctx context.Context, call func(context.Context) error) error {
	f := t.try(ctx, t.writes, call, func(failure) bool { return false })
	if f.unknown {
		return fault.New(fault.Unavailable, "sheets.unknown").Wrap(f.err)
	}
	return f.err
}

// try makes a call until it succeeds, fails for good, or time is up. Once a
// try may have been applied, the whole may have been.
func (t *Table) try(ctx context.Context, bucket *rate.Limiter, call func(context.Context) error, again func(failure) bool) failure {
	var last failure
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		if err := bucket.Wait(ctx); err != nil {
			return struct{}{}, backoff.Permanent(err) // the deadline comes before our turn
		}
		bounded, cancel := context.WithTimeout(ctx, t.o.CallLimit)
		defer cancel()
		err := call(bounded)
		if err == nil {
			last = failure{}
			return struct{}{}, nil
		}
		last = t.classify(err)
		switch {
		case !again(last) || ctx.Err() != nil:
			return struct{}{}, backoff.Permanent(last.err)
		case last.after > 0:
			return struct{}{}, &backoff.RetryAfterError{Duration: last.after + rand.N(firstSpan)} //nolint:gosec // G404: spreads load, guards nothing
		}
		return struct{}{}, last.err
	}, backoff.WithBackOff(&fullJitter{firstSpan}), backoff.WithMaxTries(mostTries), backoff.WithMaxElapsedTime(0))
	if err != nil && last.err == nil {
		last.err = fault.New(fault.Unavailable, "sheets.gave_up").Wrap(plain(err)) // before the first try
	}
	return last
}
