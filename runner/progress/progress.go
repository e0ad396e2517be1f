// Package progress tells how far a job is, mostly without the job's help.
//
// A job says it in many ways, some of which mislead: a line on its progress
// file, a "::progress" line in its log, a pattern that its owner gave, a bar
// of tqdm, "12/300" in a sentence, the files that it has written, a bare
// percentage. Each way is a [Source], they are ordered by how much they mean
// what they say, and a weaker one never overrides a stronger one that has
// spoken in this attempt. What is shown always names the source that it came
// from.
//
// The parts, from the bytes upwards:
//
//   - [Parser] cuts a log into frames (a terminal would show them one over
//     the other) and finds what they say. Its result does not depend on how
//     the bytes were cut into pieces, and its memory is bounded whatever comes.
//   - [ParseLine] reads a line of the progress file.
//   - [Meter] weighs the sources, estimates the end, and keeps the times at
//     which the job last showed each kind of life.
//   - [Follower] reads the files of one attempt and feeds a meter.
//
// Nothing here reads a clock, starts a goroutine or is safe for concurrent
// use: whoever runs the attempt looks every few seconds and says what time it
// is.
package progress

import (
	"math"
	"strings"
	"time"
	"unicode/utf8"
)

// Source is a way in which a job says how far it is.
type Source string

// The sources, the strongest first. The first three are the job's or its
// owner's own words; the others are deduced.
const (
	File    Source = "file"    // the progress file
	Line    Source = "line"    // a line "::progress n=12 total=300" in the log
	Custom  Source = "pattern" // the pattern of the task's owner
	Tqdm    Source = "tqdm"
	Count   Source = "count" // n/total in the log
	Outputs Source = "outputs"
	Percent Source = "percent" // a percentage in the log
)

func strongestFirst() []Source { return []Source{File, Line, Custom, Tqdm, Count, Outputs, Percent} }

// guessed tells whether a source may speak of something else than the items.
func (s Source) guessed() bool { return s == Tqdm || s == Count }

// explicit tells whether a source means the task when it names no total.
func (s Source) explicit() bool { return s == File || s == Line || s == Custom }

// Sighting is what one frame of a log or one line of the progress file says.
// What it does not say is left as it was.
type Sighting struct {
	Source  Source
	Counted bool // Done was said
	Done    int64
	Total   int64 // 0: not said
	Partial bool  // Percent was said
	Percent float64
	Item    string
	Phase   string
}

// valid tells whether a sighting can be true. What cannot is not used.
func (s Sighting) valid() bool {
	switch {
	case s.Done < 0 || s.Total < 0 || s.Done > largest || s.Total > largest:
		return false
	case s.Total > 0 && s.Counted && s.Done > s.Total:
		return false
	}
	return !s.Partial || s.Percent >= 0 && s.Percent <= 100 // not for NaN
}

// Reading is how far a job is.
type Reading struct {
	Done  int64  `json:"done"`  // with what earlier attempts did
	Total int64  `json:"total"` // 0: unknown
	Item  string `json:"item,omitempty"`
	Phase string `json:"phase,omitempty"`
	// Percent is 0 to 100, nil when nothing is known to take a share of.
	Percent *float64 `json:"percent,omitempty"`
	// EtaSeconds is how long the job will go on, as far as its last items
	// tell: nil when they do not, 0 at the end, never negative.
	EtaSeconds *float64 `json:"eta_s,omitempty"`
	// Source is what all of this was taken from, "" when nothing has spoken.
	Source Source `json:"source,omitempty"`
	// At is when it was said.
	At time.Time `json:"at,omitzero"`
}

// Beats are the times at which a job last showed each kind of life, zero for
// never. A job that writes but does not get on is stalled, one that gets on
// but does not write is only silent: they are kept apart.
type Beats struct {
	Output   time.Time `json:"last_output,omitzero"`   // an output appeared or grew
	Progress time.Time `json:"last_progress,omitzero"` // any source got further, or began anew
	Log      time.Time `json:"last_log,omitzero"`      // stdout or stderr grew
	Beat     time.Time `json:"last_beat,omitzero"`     // the job said so itself, if only by repeating itself
}

// Last is the latest sign of life, the zero time when there was none.
func (b Beats) Last() time.Time {
	last := b.Output
	for _, t := range []time.Time{b.Progress, b.Log, b.Beat} {
		if t.After(last) {
			last = t
		}
	}
	return last
}

// Work is what a task has to do, as far as it is known beforehand.
type Work struct {
	Total int64 `json:"total"` // inputs, 0 when unknown
	Base  int64 `json:"base"`  // of these, done before this attempt
}

// rest is what this attempt has to do, 0 when unknown.
func (w Work) rest() int64 { return max(0, w.Total-w.Base) }

// counts tells whether something of so many parts is the items of the work:
// all of them, or those that were left for this attempt.
func (w Work) counts(total int64) bool {
	return w.Total > 0 && total > 0 && (total == w.Total || total == w.rest())
}

// clean brings what the caller knows into its bounds.
func (w Work) clean() Work {
	w.Total = min(max(w.Total, 0), largest)
	w.Base = min(max(w.Base, 0), w.Total)
	return w
}

const (
	// largest is the greatest number that is believed: a float64 holds it
	// exactly.
	largest = 1_000_000_000_000_000
	// longestName bounds the name of an item or a phase, in bytes.
	longestName = 256
)

// name makes a text from a job fit to be kept: valid, of bounded length and
// without blanks round it. It may hold control characters.
func name(s string) string {
	s = strings.TrimSpace(s)
	if len(s) > longestName {
		s = s[:longestName]
		for i := 1; i < utf8.UTFMax && i < len(s); i++ { // a character that was cut in two
			if utf8.RuneStart(s[len(s)-i]) {
				if !utf8.FullRuneInString(s[len(s)-i:]) {
					s = s[:len(s)-i]
				}
				break
			}
		}
	}
	return strings.ToValidUTF8(s, "\ufffd")
}

// whole is f as a count, when it is one.
func whole(f float64) (int64, bool) {
	if !(f >= 0 && f <= largest) || f != math.Trunc(f) {
		return 0, false
	}
	return int64(f), true
}
