package items

import "uratori/internal/fault"

// Reason says why an output does not count.
type Reason string

// What is wrong with the file itself.
const (
	Empty     Reason = "empty"
	NotFile   Reason = "not_file"  // a folder, pipe, socket or device; it was not opened
	Mismatch  Reason = "mismatch"  // the content is not what the extension promises
	Truncated Reason = "truncated" // the picture ends too early
	Broken    Reason = "broken"    // the picture cannot be decoded
)

// What is wrong with when or by whom it was written.
const (
	Stale    Reason = "stale"    // older than its input
	Early    Reason = "early"    // older than [Terms.Since]
	Changing Reason = "changing" // still being written, or replaced during the look
	CutOff   Reason = "cut_off"  // of a run that was cut off, and nothing shows that it is whole
	Failed   Reason = "failed"   // the command that made it ended with an error
	NoInput  Reason = "no_input" // there is no output, and the input is gone too
)

// What could not be judged: nothing is known about it.
const (
	Unreadable  Reason = "unreadable"  // the disk or its permissions refuse a look
	TooLarge    Reason = "too_large"   // more pixels than are decoded
	Unsupported Reason = "unsupported" // of a kind that is not decoded here
)

// Wrong is an output of an item that is there and does not count.
type Wrong struct {
	Item   Item
	Output string // empty with NoInput and, where a task has no outputs, Failed
	Reason Reason
	Err    error // more about it; may be nil
}

// Unknown tells whether the output could not be judged, rather than was found
// bad.
func (w Wrong) Unknown() bool {
	return w.Reason == Unreadable || w.Reason == TooLarge || w.Reason == Unsupported
}

// Fault tells w to a person.
func (w Wrong) Fault() *fault.Error {
	kind := fault.Failed
	if w.Unknown() {
		kind = fault.Unavailable
	}
	path := w.Output
	if path == "" {
		path = w.Item.Path
	}
	f := fault.New(kind, "items.wrong."+string(w.Reason), "path", shown(path))
	f.Err = w.Err
	return f
}
