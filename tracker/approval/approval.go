// Package approval keeps what only a person may say: yes or no to exactly
// this.
//
// A program asks ([Keeper.Ask]); a person answers ([Keeper.Decide]) and proves
// with a passphrase that it is a person who answers. What is asked for is a
// list of parts with their hashes, and their digest is what the answer stands
// for: another digest is another question. One question has one answer.
//
//	none ──> requested ──> approved ──> expired   nothing was made of it in time
//	             │  │  └──> rejected
//	             │  └─────> expired               nobody answered in time
//	             └────────> void                  something else was asked for;
//	                                              an approved one goes there, too
//
// The passphrase itself is kept nowhere. Argon2id makes a signing key of it,
// of which the public half is stored; an answer is signed, and each time that
// somebody asks how a question stands, the signature is looked at again. Whoever
// can write the store's file, and does not know the passphrase, can take answers
// away and make none up; what was tampered with is an error, a line of the
// ledger, and a message to the phone. Keys follow each other in a chain that
// begins with the first passphrase: docs/threat-model.md tells what that is worth.
//
// Wrong tries are counted over all channels, in the store, before it is known
// whether they are wrong: five in ten minutes, then nobody can answer for a
// quarter of an hour, and twice as long the next time.
package approval

import (
	"context"
	"crypto/rand"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"sync"
	"time"

	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/internal/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Schema is the tables of approvals.
func Schema() store.Schema {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return store.Schema{Name: "approval", FS: dir}
}

// State is how something stands with people.
type State string

// The states.
const (
	None      State = "none" // nobody was asked for this
	Requested State = "requested"
	Approved  State = "approved"
	Rejected  State = "rejected"
	Void      State = "void" // what was asked for is not what is there now
	Expired   State = "expired"
)

// The channels by which people answer.
const (
	Terminal = "terminal"
	Web      = "web"
	Sheet    = "sheet" // an edit of the column of approvals; see [SheetChannel]
)

// Subject is what a person approves: at a step of a ticket, what has this
// digest.
type Subject struct{ Ticket, Step, Digest string }

// Part is a part of what is approved.
type Part struct {
	Kind   string // file, commit, definition, settings, evidence
	Name   string
	SHA256 string // hexadecimal
}

// Request is a question to a person.
type Request struct {
	Subject
	Parts  []Part        // Digest is theirs; it may be left empty in [Keeper.Ask]
	Name   string        // of the step, Japanese
	NameEN string        // of the step, English
	Note   string        // a word of whoever asks
	By     string        // who asks
	Life   time.Duration // of the question, and then of an approval; 0: the setting
	At     time.Time
	// Expires is when it lapses, unless somebody has answered.
	Expires time.Time
}

// Standing is how a subject stands with people.
type Standing struct {
	State       State
	Digest      string // of the subject that was asked about
	RequestedAt time.Time
	DecidedAt   time.Time // zero while nobody has answered
	ExpiresAt   time.Time // of the question, or of the approval; zero for none
	Approver    string
	Channel     string
	Reason      string // of a rejection
	Entry       int64  // of the ledger: the answer, else the question
}

// Given tells whether a person has approved this very subject, even where the
// approval has lapsed since. A step that has passed on an approval in time has
// passed; it need not be asked for again because days go by.
func (s Standing) Given() bool {
	return s.State == Approved || s.State == Expired && !s.DecidedAt.IsZero()
}

// Decision is a person's answer.
type Decision struct {
	Subject           // that the person has seen
	Passphrase []byte // [Keeper.Decide] overwrites it
	Approver   string
	Channel    string // Terminal or Web
	Reject     bool
	Reason     string // of a rejection
	// Token lets whoever lost the reply ask once more: the same token with the
	// same answer gets the same reply, and nothing is decided twice.
	Token string
}

// Params are the parameters of Argon2id.
type Params struct {
	Passes  uint32
	Memory  uint32 // KiB
	Threads uint8
}

// usualParams are the second recommended ones of RFC 9106 §4. They cost a
// tenth of a second.
var usualParams = Params{Passes: 3, Memory: 64 << 10, Threads: 4} //nolint:gochecknoglobals // never written

// Options are what a keeper needs from outside.
type Options struct {
	DB     *store.DB // opened with [Schema] and the ledger's
	Ledger *ledger.Ledger
	Life   time.Duration // of requests that name none
	Params Params        // of new keys; zero: the usual ones
	Sheet  *SheetChannel // nil: nobody answers in the sheet
	Random io.Reader     // nil: the system's
	Now    func() time.Time
	Log    *slog.Logger
}

// Keeper keeps requests and answers.
type Keeper struct {
	o    Options
	turn chan struct{} // holds one token: one passphrase is looked at at a time

	mu      sync.Mutex
	told    map[string]bool  // what was found to be tampered with
	publics map[int64]string // the keys, as their entries in the ledger have them
}

// New gives the keeper of a store that was opened with [Schema].
func New(o Options) (*Keeper, error) {
	if o.DB == nil || o.Ledger == nil || o.Now == nil || o.Life <= 0 {
		return nil, errors.New("approval: a store, its ledger, a clock and the life of requests are needed")
	}
	if o.Params == (Params{}) {
		o.Params = usualParams
	}
	if !o.Params.sane() {
		return nil, fmt.Errorf("approval: %+v are no parameters of Argon2id", o.Params)
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	k := &Keeper{o: o, turn: make(chan struct{}, 1), told: map[string]bool{}, publics: map[int64]string{}}
	k.turn <- struct{}{}
	return k, nil
}

var errTampered = fault.New(fault.Failed, "approval.tampered")

// tampered tells, once, that something is not as this package has written it.
// what is one of "decision", "key".
func (k *Keeper) tampered(ctx context.Context, what, subject string, cause error) error {
	k.mu.Lock()
	known := k.told[what+" "+subject]
	k.told[what+" "+subject] = true
	k.mu.Unlock()
	if !known {
		k.o.Log.Error("an approval was tampered with", "what", what, "subject", subject, "error", cause)
		if _, err := k.o.Ledger.Record(ctx, "approval.tampered", subject, tamperedEntry{what, cause.Error()}); err != nil {
			return errors.Join(fault.New(fault.Failed, "approval.tampered", "subject", subject).Wrap(cause), err)
		}
	}
	return fault.New(fault.Failed, "approval.tampered", "subject", subject).Wrap(cause)
}

type tamperedEntry struct {
	What string `json:"what"`
	Why  string `json:"why"`
}
