package factcheck

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"uratori/internal/fault"
	"uratori/internal/ledger"
)

// Recorder is the ledger, as far as reports go into it.
type Recorder interface {
	Record(ctx context.Context, kind, subject string, data any) (ledger.Entry, error)
}

// Reported is the kind of an entry that holds a report.
const Reported = "factcheck.reported"

// entry is a report in the ledger. The texts of cells are there already, in
// the entries that are named as evidence; here stand their hashes.
type entry struct {
	Verdict ledger.Verdict `json:"verdict"`
	ReadAt  time.Time      `json:"read_at,omitzero"`
	Row     int            `json:"row,omitzero"`
	Claims  []entryClaim   `json:"claims"`
	Reason  []string       `json:"reason,omitempty"`
}

type entryClaim struct {
	Claim    string         `json:"claim"`
	Subject  string         `json:"subject"`
	Verdict  ledger.Verdict `json:"verdict"`
	Expected string         `json:"expected_sha256,omitempty"`
	Actual   string         `json:"actual_sha256,omitempty"`
	Edits    int            `json:"edits,omitzero"`
	Evidence []int64        `json:"evidence"`
	Basis    []Basis        `json:"basis,omitempty"`        // the first of them
	Bases    string         `json:"bases_sha256,omitempty"` // of all, where there are more
	Log      string         `json:"log_sha256,omitempty"`
	Reason   []string       `json:"reason,omitempty"` // codes, the outermost first
}

// mostBases is how many things that a verdict was taken from are named in an
// entry one by one.
const mostBases = 100

// record puts a report into the ledger. At a glance the entry that says the same
// already is enough.
func (c *FactCheck) record(ctx context.Context, r *Report, glance bool) error {
	data := entry{Verdict: r.Verdict, ReadAt: r.ReadAt, Row: r.Row, Reason: codes(r.Reason)}
	for _, f := range r.Findings {
		data.Claims = append(data.Claims, entryClaim{
			// A header has up to 50,000 characters, an entry has its bounds.
			Claim: legible(f.Type), Subject: legible(f.Subject), Verdict: f.Verdict,
			Expected: digest(f.Expected), Actual: digest(f.Actual),
			Edits: len(f.Edits), Evidence: f.Evidence, Basis: named(f.Basis), Bases: sumOf(f.Basis), Log: logName(f.Log), Reason: codes(f.Reason),
		})
	}
	what, err := data.content()
	if err != nil {
		return err
	}
	if seq, ok := c.said.before(r.Ticket, what); ok && glance {
		r.Entry = seq
		return nil
	}
	e, err := c.o.Recorder.Record(ctx, Reported, r.Ticket, data)
	if err != nil {
		return fmt.Errorf("record the fact check of %s: %w", r.Ticket, err)
	}
	r.Entry = e.Seq
	c.said.note(r.Ticket, printed{what, e.Seq})
	return nil
}

// named are the bases that an entry names.
func named(all []Basis) []Basis {
	var first []Basis
	for _, b := range all[:min(len(all), mostBases)] {
		first = append(first, Basis{Kind: legible(b.Kind), Name: legible(b.Name), SHA256: legible(b.SHA256)})
	}
	return first
}

// sumOf is the hash of all bases where not all are named.
func sumOf(all []Basis) string {
	if len(all) <= mostBases {
		return ""
	}
	hash := sha256.New()
	for _, b := range all {
		fmt.Fprintf(hash, "%q %q %q\n", b.Kind, b.Name, b.SHA256)
	}
	return hex.EncodeToString(hash.Sum(nil))
}

// logName is the name of a kept output, which is its hash.
func logName(log string) string {
	if log == "" {
		return ""
	}
	return legible(filepath.Base(log))
}

// codes are the keys of an error's sentences: an error that is none may say
// what does not belong into the ledger.
func codes(err error) (keys []string) {
	for err != nil {
		f, ok := errors.AsType[*fault.Error](err)
		if !ok {
			return append(keys, "error")
		}
		keys, err = append(keys, f.Key), f.Err
	}
	return keys
}

func digest(text *string) string {
	if text == nil {
		return ""
	}
	hash := sha256.Sum256([]byte(*text))
	return hex.EncodeToString(hash[:])
}

func legible(s string) string { return cut(strings.ToValidUTF8(s, "\uFFFD")) }
