package cli

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"uratori/internal/fault"
)

// span is a flag for a length of time: 90m, 1h30m, 2d.
type span struct {
	time.Duration
	zero bool // whether nothing is a length, too
}

// Set implements pflag.Value.
func (s *span) Set(text string) error {
	d, err := parseSpan(text)
	if err == nil && d == 0 && !s.zero {
		err = fault.New(fault.Invalid, "cli.span.nothing")
	}
	s.Duration = d
	return err
}

// String implements pflag.Value: a flag that was not given shows nothing.
func (s *span) String() string {
	if s.Duration == 0 {
		return ""
	}
	return s.Duration.String()
}

// Type implements pflag.Value.
func (s *span) Type() string { return "duration" }

// ms is the length for the wire, no shorter than it was given.
func (s *span) ms() int64 { return int64((s.Duration + time.Millisecond - 1) / time.Millisecond) }

const day = 24 * time.Hour

// longestSpan is ten years: what is longer was meant otherwise.
const longestSpan = 3650 * day

var wholeDays = regexp.MustCompile(`^([0-9]{1,6}(?:\.[0-9]{1,6})?)d`)

// parseSpan reads a length of time with its units, days among them. It is
// never negative.
func parseSpan(text string) (time.Duration, error) {
	bad := fault.New(fault.Invalid, "cli.span.bad")
	var sum time.Duration
	rest := text
	if m := wholeDays.FindStringSubmatch(text); m != nil {
		n, err := strconv.ParseFloat(m[1], 64)
		if err != nil || n > longestSpan.Hours()/24 {
			return 0, bad
		}
		sum, rest = time.Duration(math.Round(n*float64(day))), text[len(m[0]):]
		if rest == "" {
			return sum, nil
		}
	}
	d, err := time.ParseDuration(rest)
	if err != nil || strings.ContainsAny(rest, "+-") || d > longestSpan-sum {
		return 0, bad
	}
	return sum + d, nil
}

// moment is a flag for a point in time: RFC 3339, or a time of day, which is
// the next such one.
type moment struct {
	at    time.Time // zero: not given
	now   func() time.Time
	orNow bool // whether the word now is a time, too
}

// Set implements pflag.Value.
func (m *moment) Set(text string) (err error) {
	now := m.now().In(location())
	if m.orNow && text == "now" {
		m.at = now
		return nil
	}
	m.at, err = parseMoment(text, now)
	return err
}

// String implements pflag.Value.
func (m *moment) String() string {
	if m.at.IsZero() {
		return ""
	}
	return clock(m.at)
}

// Type implements pflag.Value.
func (m *moment) Type() string { return "time" }

// parseMoment reads a point in time that is still to come. Without a zone it
// is of now's zone.
func parseMoment(text string, now time.Time) (time.Time, error) {
	at, err := time.Parse(time.RFC3339, text)
	for _, layout := range []string{"2006-01-02 15:04", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02T15:04:05"} {
		if err == nil {
			break
		}
		at, err = time.ParseInLocation(layout, text, now.Location())
	}
	if err == nil {
		if !at.After(now) {
			return time.Time{}, fault.New(fault.Invalid, "cli.moment.past", "now", clock(now))
		}
		return at, nil
	}
	t, err := time.Parse("15:04", text)
	if err != nil {
		return time.Time{}, fault.New(fault.Invalid, "cli.moment.bad")
	}
	at = time.Date(now.Year(), now.Month(), now.Day(), t.Hour(), t.Minute(), 0, 0, now.Location())
	if !at.After(now) {
		at = time.Date(now.Year(), now.Month(), now.Day()+1, t.Hour(), t.Minute(), 0, 0, now.Location())
	}
	return at, nil
}
