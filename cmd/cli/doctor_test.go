package cli

import (
	"net/http"
	"testing"
	"time"

	"uratori/internal/control"
	"uratori/internal/ledger"
)

// A daemon that was stopped by a signal, or whose disk hangs, says nothing at all.
func TestDoctor_ADaemonThatDoesNotAnswer_IsToldWithinAWhile(t *testing.T) {
	hangs := does(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	for _, tc := range []struct {
		silent string
		words  []string
	}{
		{"/v1/status", []string{"✔ program", "✔ settings", "? daemon    the daemon did not answer in time"}},
		{"/v1/doctor", []string{"✔ program", "✔ settings", "the daemon did not answer in time"}},
	} {
		h := newHouse(t)
		h.waits = func(time.Duration) time.Duration { return 200 * time.Millisecond }
		h.plant("/v1/status", control.Status{})
		h.plant("/v1/doctor", []control.Check{found("store", ledger.Verified, "doctor.gpus_starting")})
		h.plant(tc.silent, hangs)
		e := h.run("doctor")
		if tc.silent == "/v1/status" {
			h.must(e, 3, tc.words...)
		} else {
			h.must(e, 1, tc.words...) // the planted daemon is of another build
		}
	}
}
