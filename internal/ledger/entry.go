// Package ledger is the append-only record of what was observed.
//
// Whatever uratori later calls a fact is an entry here, written by the code
// that made the observation, in the same transaction as the state that it
// testifies to. Each entry carries the SHA-256 of itself and of the one before
// it, so a changed, removed, added or swapped entry breaks the chain at a
// place that [Verify] names.
//
// The hash of an entry is that of its exported line without the "hash" field
// (canonical JSON, RFC 8785), so that anybody can check an export without this
// program:
//
//	head -n 1 export.jsonl | jq -cSj 'del(.hash)' | sha256sum
//
// What the chain cannot show by itself is a ledger that was rewritten as a
// whole by somebody who owns the file. A head noted elsewhere shows that: see
// the known head of [Verify].
package ledger

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strconv"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Hash is a SHA-256. The one before the first entry is all zeros.
type Hash [sha256.Size]byte

// String is the hash in hexadecimal.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// MarshalText is the hash in hexadecimal.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (h *Hash) UnmarshalText(text []byte) error {
	if len(text) != hex.EncodedLen(len(h)) {
		return fmt.Errorf("a hash has %d hexadecimal digits, not %d", hex.EncodedLen(len(h)), len(text))
	}
	_, err := hex.Decode(h[:], text)
	return err
}

// Entry is one line of the ledger, in the form it is exported.
type Entry struct {
	Seq      int64          `json:"seq"` // 1, 2, 3 … without a gap
	At       string         `json:"at"`  // UTC, RFC 3339 with nanoseconds
	Kind     string         `json:"kind"`
	Subject  string         `json:"subject"`
	Data     jsontext.Value `json:"data"` // a JSON object, canonical
	PrevHash Hash           `json:"prev_hash"`
	Hash     Hash           `json:"hash"`
}

// timeFormat has a fixed width, so that texts sort as times do.
const timeFormat = "2006-01-02T15:04:05.000000000Z"

// The bounds of an entry. A cell of a sheet holds 50,000 characters; the data
// of an edit holds two of them, each character up to 6 bytes when escaped.
const (
	maxSubject = 200     // characters
	maxData    = 4 << 20 // bytes
)

var kindPattern = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$`)

// newEntry builds the entry that follows a head. data must be valid UTF-8
// throughout: whoever observed bytes says so by encoding them, because a
// replaced character would be a false testimony.
func newEntry(seq int64, prev Hash, at time.Time, kind, subject string, data any) (Entry, error) {
	if !kindPattern.MatchString(kind) {
		return Entry{}, fmt.Errorf("ledger entry: kind %q is not of the form room.event", kind)
	}
	if err := checkSubject(subject); err != nil {
		return Entry{}, fmt.Errorf("ledger entry %s: %w", kind, err)
	}
	value, err := canonical(data)
	if err != nil {
		return Entry{}, fmt.Errorf("ledger entry %s of %s: %w", kind, subject, err)
	}
	e := Entry{
		Seq: seq, At: at.UTC().Format(timeFormat), Kind: kind, Subject: subject,
		Data: value, PrevHash: prev,
	}
	e.Hash = e.sum()
	return e, nil
}

func checkSubject(subject string) error {
	if subject == "" || !utf8.ValidString(subject) || utf8.RuneCountInString(subject) > maxSubject {
		return fmt.Errorf("subject %.40q: want 1 to %d characters of UTF-8", subject, maxSubject)
	}
	for _, r := range subject {
		if unicode.IsControl(r) {
			return fmt.Errorf("subject %.40q has the control character %U", subject, r)
		}
	}
	return nil
}

func canonical(data any) (jsontext.Value, error) {
	raw, err := json.Marshal(data)
	if err != nil {
		return nil, err
	}
	value := jsontext.Value(raw)
	if value.Kind() != '{' {
		return nil, fmt.Errorf("data must be a JSON object, not %.40s", value)
	}
	if err := value.Canonicalize(); err != nil {
		return nil, err
	}
	if len(value) > maxData {
		return nil, fmt.Errorf("data has %d bytes, more than the %d allowed", len(value), maxData)
	}
	return value, nil
}

// sum is the hash that the fields should have. The bytes are put together by
// hand in the order of RFC 8785, because Data may have been tampered with and
// need not be JSON any more.
func (e *Entry) sum() Hash {
	var b bytes.Buffer
	b.Grow(len(e.Data) + 512)
	b.WriteString(`{"at":`)
	writeQuoted(&b, e.At)
	b.WriteString(`,"data":`)
	b.Write(e.Data)
	b.WriteString(`,"kind":`)
	writeQuoted(&b, e.Kind)
	b.WriteString(`,"prev_hash":"`)
	b.WriteString(e.PrevHash.String())
	b.WriteString(`","seq":`)
	b.WriteString(strconv.FormatInt(e.Seq, 10))
	b.WriteString(`,"subject":`)
	writeQuoted(&b, e.Subject)
	b.WriteString(`}`)
	return sha256.Sum256(b.Bytes())
}

// writeQuoted writes s as a JSON string in its canonical form. Bytes that are
// not UTF-8 go in as they are: only a tampered field has them, and they must
// not hash like something else.
func writeQuoted(b *bytes.Buffer, s string) {
	quoted, err := jsontext.AppendQuote(nil, s)
	if err != nil {
		b.WriteString(s)
		return
	}
	b.Write(quoted)
}
