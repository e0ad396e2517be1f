package daemon

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"uratori/internal/config"
	"uratori/internal/control"
	"uratori/internal/ledger"
	"uratori/internal/store"
)

// Part is a room of the house that lives in the daemon. The daemon knows what
// a part needs and offers, and nothing of its rules.
type Part struct {
	Schema store.Schema // of no name where it has no tables
	// Open is called once, after the store is up to date and before the
	// daemon answers. An error keeps the daemon from starting.
	Open func(ctx context.Context, h House) (Tenant, error)
}

// House is what the daemon gives to a part.
type House struct {
	Config *config.Config
	DB     *store.DB
	Ledger *ledger.Ledger
	Log    *slog.Logger
	Now    func() time.Time
	// Dashboard is where people see pages, empty while none are served. It is
	// known once the daemon answers.
	Dashboard func() string
	// Within answers what the socket answers, for a part that asks on behalf of
	// somebody else; see [control.Within].
	Within http.Handler
	// Problems are what is wrong with the daemon itself at this moment.
	Problems func() []control.Problem
}

// Tenant is what an opened part gives to the daemon.
type Tenant struct {
	Loops  []Loop
	Routes []Route
	Status func(*control.Status) // adds what the part has to tell; may be nil
	Check  Inspection            // what doctor asks; of no Look where there is nothing to ask
}

// Moment is a time as answers have it, where the daemon is; nil for none.
func Moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.Local()
	return &t
}

// Route is a request of the control API, answered in one of three ways. An
// error crosses the socket as a fault.
type Route struct {
	Pattern string // of http.ServeMux, below /v1/ but for Serve
	Handle  func(r *http.Request) (any, error)
	// Stream yields what is answered as lines of JSON. After it has begun an
	// error is a last line {"error": …}.
	Stream func(r *http.Request, yield func(any) error) error
	Live   bool         // a stream whose lines go out at once, and which ends when the daemon does
	Serve  http.Handler // in a protocol of its own
}
