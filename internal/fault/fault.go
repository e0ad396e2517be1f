// Package fault is the one vocabulary of errors that reach a person.
//
// A fault knows its kind, which decides the exit status and the HTTP status,
// and the key and values of its sentence in package phrase, so that it reads
// in English in a log and in the reader's language at the edge. Faults cross
// the control socket whole: what failed in the daemon is told by the command
// as if it had failed there.
//
// Errors that no person ever sees stay ordinary Go errors.
package fault

import (
	"errors"

	"uratori/internal/phrase"
)

// Kind says what a caller can do about a fault.
type Kind string

// The kinds, and the exit status of a command that ends with one.
const (
	Invalid     Kind = "invalid"     // what was given is wrong: 2
	Conflict    Kind = "conflict"    // somebody else changed or holds it: 4
	NotFound    Kind = "not_found"   // 1
	Unavailable Kind = "unavailable" // nothing could be looked at, so nothing is claimed: 3
	Failed      Kind = "failed"      // 1
)

// Error is a fault. Values never hold secrets.
type Error struct {
	Kind   Kind
	Key    string
	Values map[string]string
	Err    error
}

// New makes a fault with the sentence of key; pairs as in [phrase.Lang.Say].
func New(kind Kind, key string, pairs ...any) *Error {
	return &Error{Kind: kind, Key: key, Values: phrase.Pairs(pairs...)}
}

// Wrap returns a copy of e that has cause as its reason.
func (e *Error) Wrap(cause error) *Error {
	wrapped := *e
	wrapped.Err = cause
	return &wrapped
}

// Error is the English sentence with its cause.
func (e *Error) Error() string { return Explain(e, phrase.English) }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is makes faults with the same key equal for errors.Is, so that a package
// can export one as a sentinel and return it with values filled in.
func (e *Error) Is(target error) bool {
	other, ok := errors.AsType[*Error](target)
	return ok && other.Key == e.Key
}

// KindOf is the kind of the outermost fault in err's chain, Failed for any
// other error.
func KindOf(err error) Kind {
	if f, ok := errors.AsType[*Error](err); ok {
		return f.Kind
	}
	return Failed
}

// Explain tells err to a person. The outermost fault's sentence comes first;
// a cause follows after a colon, unless the fault has none. Text that an
// ordinary error wrapped round a fault is for logs and is left out.
func Explain(err error, lang phrase.Lang) string {
	f, ok := errors.AsType[*Error](err)
	if !ok {
		return err.Error()
	}
	sentence := lang.Render(f.Key, f.Values)
	if f.Err == nil {
		return sentence
	}
	return sentence + ": " + Explain(f.Err, lang)
}
