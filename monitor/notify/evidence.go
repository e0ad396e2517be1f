package notify

import (
	"fmt"

	"uratori/internal/store"
)

// What the ledger keeps. Texts of people's own are in the outbox; a title is
// enough to know a message by.

type acceptedEntry struct {
	Message     int64    `json:"message"`
	Channel     string   `json:"channel"`
	Fingerprint string   `json:"fingerprint"`
	Priority    Priority `json:"priority"`
	Title       string   `json:"title"`
	Posted      string   `json:"posted"`
	Request     string   `json:"request"`           // the service's id
	Receipt     string   `json:"receipt,omitempty"` // to be acknowledged
	Tries       int      `json:"tries"`
	Doubts      int      `json:"doubts"` // tries before this one that may have been accepted too
}

type failedEntry struct {
	Message     int64    `json:"message"`
	Channel     string   `json:"channel"`
	Fingerprint string   `json:"fingerprint"`
	Priority    Priority `json:"priority"`
	Title       string   `json:"title"`
	Posted      string   `json:"posted"`
	Tries       int      `json:"tries"`
	Doubts      int      `json:"doubts"`
	Reason      string   `json:"reason"`
}

// unansweredEntry testifies that a message was sent and may have arrived.
type unansweredEntry struct {
	Message int64  `json:"message"`
	Channel string `json:"channel"`
	Tries   int    `json:"tries"`
	Reason  string `json:"reason"`
}

type acknowledgedEntry struct {
	Message int64  `json:"message"`
	Channel string `json:"channel"`
	Receipt string `json:"receipt"`
	At      string `json:"at,omitempty"`
	Device  string `json:"device,omitempty"`
	Reason  string `json:"reason,omitempty"`
}

const mostSubject = 200 // characters of a subject of the ledger

// subject is what the ledger calls a message: what it is about, where that is
// known.
func (m *Message) subject() string {
	switch {
	case m.Ticket != "":
		return m.Ticket
	case m.Task > 0:
		return fmt.Sprintf("task/%d", m.Task)
	}
	return "notify"
}

// testify appends an entry about m inside tx.
func (b *Outbox) testify(tx *store.Tx, m *Message, event string, data any) error {
	_, err := b.o.Ledger.Append(tx, "notify."+event, m.subject(), data)
	return err
}
