package config

import (
	"fmt"
	"time"
)

// Hours is a part of each day, in whole minutes of the clock on the wall. One
// that ends before it begins goes over midnight. The zero value is no part of
// any day.
type Hours struct{ From, To int } // minutes since midnight

const dayMinutes = 24 * 60

// ParseHours reads "22:00-07:00"; an empty text is the zero value.
func ParseHours(s string) (Hours, error) {
	if s == "" {
		return Hours{}, nil
	}
	if len(s) != len("22:00-07:00") || s[5] != '-' {
		return Hours{}, fmt.Errorf("%q is not of the form 22:00-07:00", s)
	}
	from, err := time.Parse("15:04", s[:5])
	if err != nil {
		return Hours{}, fmt.Errorf("%q is not of the form 22:00-07:00", s)
	}
	to, err := time.Parse("15:04", s[6:])
	if err != nil {
		return Hours{}, fmt.Errorf("%q is not of the form 22:00-07:00", s)
	}
	h := Hours{from.Hour()*60 + from.Minute(), to.Hour()*60 + to.Minute()}
	if h.From == h.To {
		return Hours{}, fmt.Errorf("%q begins when it ends", s) // all day or never: nobody can tell
	}
	return h, nil
}

// String is the text that ParseHours reads.
func (h Hours) String() string {
	if h == (Hours{}) {
		return ""
	}
	return fmt.Sprintf("%02d:%02d-%02d:%02d", h.From/60, h.From%60, h.To/60, h.To%60)
}

// Until tells whether t is within the hours, by the clock of t's location, and
// if so when they end. The end is always after t, on days when the clock is put
// forward or back too.
func (h Hours) Until(t time.Time) (end time.Time, within bool) {
	now := t.Hour()*60 + t.Minute()
	left := (h.To - now + dayMinutes) % dayMinutes // minutes of the clock
	if length := (h.To - h.From + dayMinutes) % dayMinutes; left == 0 || left > length {
		return time.Time{}, false
	}
	end = time.Date(t.Year(), t.Month(), t.Day(), 0, now+left, 0, 0, t.Location())
	if !end.After(t) { // of an hour that comes twice the first was meant, and t is in the second
		end = t.Truncate(time.Minute).Add(time.Duration(left) * time.Minute)
	}
	return end, true
}
