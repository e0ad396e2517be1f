// Package notify tells people, once.
//
// Whoever finds something wrong posts a message in the same transaction that
// records the finding ([Outbox.Post]): both are stored, or neither. From there
// the message is on its way however often the daemon dies, on each channel by
// itself:
//
//	waiting ──> sending ──> accepted
//	   ^           │  └────> failed      refused for good, in the service's own words
//	   └───────────┘                     any other failure: again, later
//
// "sending" is on the disk before the request is made. Whoever finds a delivery
// in that state after a crash knows one thing only: it may have arrived.
//
// The same fingerprint is told once. A repeat is counted and not sent, unless
// the caller says that it escalates to a priority that was not told yet, or
// nobody was ever told: every channel had refused it.
//
// A message that rings until somebody acknowledges is made to stop when what it
// tells of is over ([Outbox.Settle]); that it was told stays told.
//
// A message whose answer was lost is sent again: a second message is a
// nuisance, silence is a lie. Each message ends with its number, which is the
// same both times, and the second says that it may be a repeat. What was
// accepted, and known to be, is never sent again. Sending goes on until the
// service accepts or refuses; a failure that leaves doubt makes the pauses grow
// to an hour.
package notify

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"slices"
	"time"

	"uratori/internal/config"
	"uratori/internal/ledger"
	"uratori/internal/phrase"
	"uratori/internal/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Schema is the outbox's tables.
func Schema() store.Schema {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return store.Schema{Name: "notify", FS: dir}
}

// Options are what an outbox needs from outside.
type Options struct {
	DB       *store.DB // opened with [Schema] and the ledger's
	Ledger   *ledger.Ledger
	Channels []Channel // may be none: then messages are kept, and nobody is told
	// Quiet are the hours, by the clock of Zone, in which messages of priority
	// low and normal wait.
	Quiet   config.Hours
	Zone    *time.Location
	Lang    phrase.Lang     // of what is added to a message
	Secrets []config.Secret // that must not get into the ledger, the log or a reason
	Now     func() time.Time
	Jitter  func(most time.Duration) time.Duration // a random part of most, which is above 0
	Log     *slog.Logger
}

// Outbox holds the messages. [Outbox.Run] must run for any to be sent.
type Outbox struct {
	o       Options
	blot    blotter
	workers []*worker
}

// New opens the outbox in o.DB. It reads nothing; Run takes up what was left.
func New(o Options) (*Outbox, error) {
	b := &Outbox{o: o, blot: newBlotter(o.Secrets...)}
	var names []string
	for _, c := range o.Channels {
		name := c.Name()
		if name == "" || slices.Contains(names, name) {
			return nil, fmt.Errorf("notify: the channel name %q is empty or taken", name)
		}
		names = append(names, name)
		b.workers = append(b.workers, newWorker(b, c))
	}
	return b, nil
}

// ErrUnknown is of a message that is not there.
var ErrUnknown = errors.New("there is no such message")

const timeFormat = "2006-01-02T15:04:05.000000000Z"

// stamp has a fixed width, so that texts sort as times do.
func stamp(at time.Time) string { return at.UTC().Format(timeFormat) }

func parseStamp(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	return time.Parse(timeFormat, s)
}

// Send posts a message in a transaction of its own and returns when it is
// stored; sending follows. To wait for the outcome, follow the ledger's news
// and ask [Outbox.Get].
func (b *Outbox) Send(ctx context.Context, m Message) (Posted, error) {
	var p Posted
	err := b.o.DB.Write(ctx, func(tx *store.Tx) (err error) {
		p, err = b.Post(tx, m)
		return err
	})
	return p, b.o.DB.Explain(err)
}
