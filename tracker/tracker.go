// Package tracker keeps tickets in a table that people edit at any moment,
// and says of a write only what was seen.
//
// A write is stored before anything is sent and stays open until it has a
// verdict, whatever is killed in between. One loop talks to the table: it
// looks, compares with what the caller had seen, sends what may be sent in one
// request, reads back, and judges cell by cell:
//
//   - verified: an independent reading found the text, to the letter, in the
//     row of the ticket; or the answer to the write showed it there and the
//     reading after it found a person's later edit, which is told beside it;
//   - refuted: the reading found something else, or the write was refused;
//   - unverifiable: nothing could be looked at; the write is kept.
//
// There is no way from "the call did not fail" to verified. A text that a
// person wrote is never overwritten by a caller who has not seen it, except
// in the moment between a look and the write that follows it, for which the
// Sheets API has no remedy. Every difference between two looks that was not a
// write of ours is a person's edit, recorded with both texts.
package tracker

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"log/slog"
	"sync"
	"time"

	"uratori/internal/ledger"
	"uratori/internal/store"
	"uratori/sheets"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Schema is the tracker's tables.
func Schema() store.Schema {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return store.Schema{Name: "tracker", FS: dir}
}

// Sheet is what the tracker needs of a table; [sheets.Table] is one.
type Sheet interface {
	Look(ctx context.Context, keys ...string) (*sheets.View, error)
	Whole(ctx context.Context) (*sheets.View, error)
	Write(ctx context.Context, v *sheets.View, b sheets.Batch) ([]sheets.Hit, error)
	Again(ctx context.Context, v *sheets.View, hits []sheets.Hit) (*sheets.Reading, error)
	Read(ctx context.Context, names []string, keys ...string) (*sheets.Reading, error)
	Delete(ctx context.Context, v *sheets.View, row sheets.Row, note string) (sheets.Deleted, error)
	Recall(ctx context.Context, v *sheets.View, b sheets.Batch) ([]sheets.Hit, error)
	RecallDeleted(ctx context.Context, v *sheets.View, number int, note string) (*sheets.Taken, error)
	LastNote(ctx context.Context) (string, error)
}

// Options are what a tracker needs from outside.
type Options struct {
	DB     *store.DB // opened with [Schema] and the ledger's
	Ledger *ledger.Ledger
	Sheet  Sheet
	Book   string // names the table: writes for another one are not sent to this
	// Columns are those that have a meaning; see [sheets.Columns].
	Columns  []sheets.Column
	Prefix   string        // of new ids
	Interval time.Duration // between looks for people's edits
	// Version changes whenever anything in the table does; nil where nobody
	// can tell, as with Google.
	Version func() int64
	// Filed is told of a draft that was verified after its caller had gone. It
	// must return at once; nil is nobody.
	Filed func(Ticket)
	Now   func() time.Time
	Log   *slog.Logger
}

// Tracker is the tickets of one table. [Tracker.Run] must run for anything
// but reading to go on.
type Tracker struct {
	o    Options
	wake chan struct{} // a write has come
	asks chan ask
	gone chan struct{} // closed when the loop has ended for good

	mu      sync.Mutex
	open    []*write // in the order of arrival
	mirror  mirror
	highest int // number of an id with our prefix, ever
	width   int // of the number in ids
	recent  []Event
	problem error // why the last look failed
	version int64 // of the table, that the mirror shows; -1 unknown

	// The loop's own: where rows and columns stand, as long as the table has
	// the version that the mirror shows.
	standing *sheets.View
	late     []lateWrite
	strays   map[string]bool // texts that stood somewhere by accident, since the start
	denied   int             // writes in a row
	most     int             // how many writes the next batch has; 0 is the usual
	removed  bool            // a row was taken out in this cycle
	trusted  bool            // this cycle goes by standing, and did not look
	last     int             // the highest number of an id that was seen in the table
	unlooked time.Time       // when a look last failed
	lost     *lostChange     // is still to be recalled, before anything else is sent
	recalled bool            // what a tracker before this one left half done was taken up
	recallBy time.Time       // when that is given up; zero until it fails
}

// New takes up what was left open.
func New(ctx context.Context, o Options) (*Tracker, error) {
	t := &Tracker{
		o: o, wake: make(chan struct{}, 1), asks: make(chan ask), gone: make(chan struct{}), strays: map[string]bool{},
		width: 3, version: -1,
	}
	var err error
	if t.mirror, t.highest, err = loadMirror(ctx, o.DB, o.Book); err != nil {
		return nil, fmt.Errorf("load what was last seen of the tickets: %w", o.DB.Explain(err))
	}
	err = o.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE tracker_writes SET tries = tries + 1 WHERE result IS NULL AND book = ?`, o.Book)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("store that writes may have been sent: %w", o.DB.Explain(err))
	}
	if t.open, err = loadOpen(ctx, o.DB, o.Book); err != nil {
		return nil, fmt.Errorf("load the writes that have no verdict: %w", o.DB.Explain(err))
	}
	for _, w := range t.open {
		t.noteStray(w)
	}
	if t.late, err = t.loadLate(ctx); err != nil {
		return nil, fmt.Errorf("load the writes that may still arrive: %w", err)
	}
	ids, err := everyID(ctx, o.DB, o.Book)
	if err != nil {
		return nil, fmt.Errorf("load the ids of tickets: %w", o.DB.Explain(err))
	}
	for _, id := range ids {
		t.noteID(id)
	}
	for _, r := range t.mirror.order {
		t.noteID(r.id)
	}
	return t, nil
}

// State is how the tracker is.
type State struct {
	Pending  int
	LastSync time.Time // zero before the first
	Problem  error     // why the table cannot be used, or a write not be carried out
	Recent   []Event   // people's, newest last
}

// State tells how the tracker is.
func (t *Tracker) State() State {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := State{Pending: len(t.open), LastSync: t.mirror.at, Problem: t.problem, Recent: append([]Event(nil), t.recent...)}
	for _, w := range t.open {
		if s.Problem == nil && w.stuck {
			s.Problem = w.reason
		}
	}
	return s
}

// mostRecent is how many events State tells.
const mostRecent = 20

// note keeps events for State. The caller holds mu.
func (t *Tracker) note(events []Event) {
	t.recent = append(t.recent, events...)
	if n := len(t.recent); n > mostRecent {
		t.recent = append([]Event(nil), t.recent[n-mostRecent:]...)
	}
}
