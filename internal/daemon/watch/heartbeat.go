package watch

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"uratori/internal/config"
)

// heart tells a dead-man's switch, somewhere else, that this monitor is at work:
// the switch tells people when it hears nothing, which is what a machine that
// was switched off cannot.
type heart struct {
	address config.Secret
	every   time.Duration
	stale   time.Duration // a monitor that has not looked for so long is not at work
	looked  func() time.Time
	now     func() time.Time
	beat    func(beating bool, reason error) // is told when it begins to fail, and when it is over
	client  http.Client
}

// heartLimit bounds one request.
const heartLimit = 10 * time.Second

func (h *heart) run(ctx context.Context) error {
	if !h.address.IsSet() {
		<-ctx.Done()
		return ctx.Err()
	}
	defer h.client.CloseIdleConnections()
	tick := time.NewTicker(h.every)
	defer tick.Stop()
	failing := false
	for {
		if last := h.looked(); !last.IsZero() && h.now().Sub(last) < h.stale {
			err := h.ping(ctx)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if failing != (err != nil) {
				failing = err != nil
				h.beat(!failing, err)
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// ping says nothing of the address: to know it is to be able to lie to the
// switch.
func (h *heart) ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, heartLimit)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, h.address.Reveal(), nil)
	if err != nil {
		return errHeart
	}
	r.Header.Set("User-Agent", "uratori")
	answer, err := h.client.Do(r)
	if err != nil {
		return errHeart
	}
	defer answer.Body.Close() //nolint:errcheck // only read from
	const most = 64 << 10
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, most)) // the connection is used again
	if answer.StatusCode/100 != http.StatusOK/100 {
		return fmt.Errorf("status %d", answer.StatusCode)
	}
	return nil
}

type heartError string

func (e heartError) Error() string { return string(e) }

const errHeart = heartError("it cannot be reached")
