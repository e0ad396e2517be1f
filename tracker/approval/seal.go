package approval

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"uratori/internal/ledger"
)

// decisionEntry is an answer as the ledger keeps it. Without its signature, in
// canonical JSON (RFC 8785) and after the line "uratori approval 1", it is what
// was signed, so that anybody can look at an export.
type decisionEntry struct {
	Request   int64  `json:"request"`
	Ticket    string `json:"ticket"`
	Step      string `json:"step"`
	Digest    string `json:"digest"`
	Verdict   string `json:"verdict"` // approve, reject
	Approver  string `json:"approver"`
	Channel   string `json:"channel"`
	Reason    string `json:"reason,omitempty"`
	At        string `json:"at"`
	Expires   string `json:"expires,omitempty"` // of an approval
	Key       int64  `json:"key,omitzero"`      // whose signature it is; 0: an edit's, which has none
	Edit      int64  `json:"edit,omitzero"`     // the entry of the edit
	Signature string `json:"signature,omitempty"`
}

func (d *decisionEntry) signed() ([]byte, error) {
	bare := *d
	bare.Signature = ""
	raw, err := json.Marshal(bare)
	if err != nil {
		return nil, fmt.Errorf("encode an answer: %w", err)
	}
	value := jsontext.Value(raw)
	if err := value.Canonicalize(); err != nil {
		return nil, fmt.Errorf("encode an answer: %w", err)
	}
	return append([]byte("uratori approval 1\n"), value...), nil
}

// sign puts the signature on; without a key there is none.
func (d *decisionEntry) sign(private ed25519.PrivateKey) error {
	if private == nil {
		return nil
	}
	text, err := d.signed()
	if err != nil {
		return err
	}
	d.Signature = hex.EncodeToString(ed25519.Sign(private, text))
	return nil
}

func (d *decisionEntry) at() time.Time {
	at, err := time.Parse(timeFormat, d.At)
	if err != nil {
		return time.Time{}
	}
	return at
}

func parseDecision(text string) (d decisionEntry, err error) {
	err = json.Unmarshal([]byte(text), &d, json.RejectUnknownMembers(true))
	return d, err
}

// look gives the answer of a row after looking that it is one: it is about
// this very question, the ledger has it, and whoever gave it knew the
// passphrase, or edited the sheet.
func (k *Keeper) look(ctx context.Context, r *row) (decisionEntry, error) {
	d, err := parseDecision(r.decision)
	if err == nil {
		err = r.holds(d)
	}
	if err != nil {
		return d, k.tampered(ctx, "decision", r.ticket, err)
	}
	there, err := k.inLedger(ctx, r.seq, r.hash)
	if err != nil {
		return d, err
	}
	if !there {
		return d, k.tampered(ctx, "decision", r.ticket, fmt.Errorf("the ledger has no such entry %d", r.seq))
	}
	switch {
	case d.Channel != Sheet:
		err = k.lookAtSignature(ctx, d)
	case k.o.Sheet == nil:
		return d, errNoChannel
	default:
		err = k.lookAtEdit(ctx, r, d)
	}
	if _, known := errors.AsType[*forgery](err); known {
		return d, k.tampered(ctx, "decision", r.ticket, err)
	}
	return d, err
}

// errNoChannel is of an answer that was given where nobody can give one now.
var errNoChannel = errors.New("the sheet is no channel any more")

// forgery is of an answer that nobody gave.
type forgery struct{ why string }

func (f *forgery) Error() string { return f.why }

// holds tells whether an answer is to the question of a row, and says what the
// row says.
func (r *row) holds(d decisionEntry) error {
	state := map[string]State{approve: Approved, reject: Rejected}[d.Verdict]
	lapsed := state == Approved && (r.state == Expired || r.state == Void)
	switch {
	case d.Request != r.id || d.Ticket != r.ticket || d.Step != r.step || d.Digest != r.digest:
		return errors.New("the answer is to another question")
	case state == "" || state != r.state && !lapsed:
		return errors.New("the answer was another one")
	case d.Verdict == approve && d.Expires != stamp(r.expires):
		return errors.New("the approval was given for another time")
	case d.at().IsZero():
		return errors.New("the answer has no time")
	}
	return nil
}

func (k *Keeper) lookAtSignature(ctx context.Context, d decisionEntry) error {
	keys, err := k.keys(ctx)
	if err != nil {
		return err
	}
	if d.Key < 1 || d.Key > int64(len(keys)) {
		return &forgery{"the answer has no key"}
	}
	text, err := d.signed()
	if err != nil {
		return err
	}
	signature, err := hex.DecodeString(d.Signature)
	if err != nil || !ed25519.Verify(keys[d.Key-1].public, text, signature) {
		return &forgery{"the signature is not of the passphrase"}
	}
	return nil
}

// lookAtEdit holds an answer without a signature against the ledger: the entry
// says what the row says, and the edit that it names says the same.
func (k *Keeper) lookAtEdit(ctx context.Context, r *row, d decisionEntry) error {
	given, err := k.entry(ctx, r.seq, r.ticket)
	if err != nil {
		return err
	}
	if given == nil || given.Kind != "approval.decided" || string(given.Data) != r.decision || d.Edit >= r.seq || d.Edit <= r.entry {
		return &forgery{"the ledger says something else"}
	}
	edit, err := k.entry(ctx, d.Edit, r.ticket)
	if err != nil {
		return err
	}
	if edit == nil {
		return &forgery{"there was no such edit"}
	}
	e, ok := k.edit(*edit)
	if !ok {
		return &forgery{"there was no such edit"}
	}
	if word, ok := answerOf(*e.New); !ok || word.reject != (d.Verdict == reject) || word.reason != d.Reason || !strings.HasPrefix(d.Digest, word.code) {
		return &forgery{"the edit says something else"}
	}
	return nil
}

// entry is the entry of a subject at a place of the ledger, nil for none.
func (k *Keeper) entry(ctx context.Context, seq int64, subject string) (*ledger.Entry, error) {
	for e, err := range k.o.Ledger.Entries(ctx, seq-1, subject) {
		if err != nil {
			return nil, err
		}
		if e.Seq == seq {
			return &e, nil
		}
		break
	}
	return nil, nil
}
