package local

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"strings"
	"time"

	"uratori/factcheck"
	"uratori/factcheck/gate"
	"uratori/internal/fault"
	"uratori/internal/ledger"
)

// A finding is made by one of these, or by a [verdict].

func unverifiable(reason error) factcheck.Finding {
	return factcheck.Finding{Verdict: ledger.Unverifiable, Reason: reason}
}

func refuted(at time.Time, reason error) factcheck.Finding {
	return factcheck.Finding{Verdict: ledger.Refuted, LookedAt: at, Reason: reason}
}

func verified(at time.Time, bases ...factcheck.Basis) factcheck.Finding {
	return factcheck.Finding{Verdict: ledger.Verified, LookedAt: at, Basis: bases}
}

// concluded is what follows from the error of a look: what was seen to be
// wrong refutes, and everything else only kept the look from being made.
func concluded(at time.Time, err error) factcheck.Finding {
	if w, ok := errors.AsType[*wrong](err); ok {
		return refuted(at, w.what)
	}
	return unverifiable(err)
}

// wrong is an error that was seen in the world, and not one of looking.
type wrong struct{ what *fault.Error }

func (w *wrong) Error() string { return w.what.Error() }

func (w *wrong) Unwrap() error { return w.what }

// isWrong makes one; pairs as in [fault.New].
func isWrong(what *fault.Error) error { return &wrong{what} }

// verdict puts together what was found of several things: one that is wrong
// refutes the whole, and only all of them together verify it.
type verdict struct {
	at    time.Time // when the look began
	bases []factcheck.Basis
	bad   error // the first that is wrong
	blind error // the first that could not be looked at
	more  int   // that are wrong besides
}

func (v *verdict) add(err error) {
	w, ok := errors.AsType[*wrong](err)
	switch {
	case err == nil:
	case !ok:
		if v.blind == nil {
			v.blind = err
		}
	case v.bad == nil:
		v.bad = w.what
	default:
		v.more++
	}
}

func (v *verdict) finding() factcheck.Finding {
	switch {
	case v.bad != nil && v.more > 0:
		return refuted(v.at, fault.New(fault.Failed, "local.and_more", "more", v.more).Wrap(v.bad))
	case v.bad != nil:
		return refuted(v.at, v.bad)
	case v.blind != nil:
		return unverifiable(v.blind)
	}
	return verified(v.at, v.bases...)
}

// set is all that a pattern names, as one thing that a verdict was taken from.
type set struct {
	kind    string
	pattern gate.Pattern
	marks   hash.Hash
	stats   hash.Hash
}

func newSet(kind string, p gate.Pattern) *set { return &set{kind, p, sha256.New(), sha256.New()} }

// add takes one in. They come in the order of [tree.list].
func (s *set) add(p place, mark, stat string) {
	fmt.Fprintf(s.marks, "%q %s\n", p.String(), mark)
	fmt.Fprintf(s.stats, "%q %s\n", p.String(), stat)
}

func (s *set) basis() factcheck.Basis {
	return factcheck.Basis{
		Kind: s.kind, Name: s.pattern.String(), SHA256: hex.EncodeToString(s.marks.Sum(nil)), Stat: hex.EncodeToString(s.stats.Sum(nil)),
	}
}

// shown makes s fit for a sentence.
func shown(s string) string {
	const most = 300 // characters
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u2028' || r == '\u2029' {
			return '\uFFFD'
		}
		return r
	}, strings.ToValidUTF8(s[:min(len(s), 4*most)], "\uFFFD"))
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
