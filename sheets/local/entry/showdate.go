package entry

import (
	"math"
	"strconv"
	"strings"
	"time"
)

const (
	firstShown = -693593    // serial of 0001-01-01
	longestRun = 10_000_000 // days; a float still tells milliseconds there
)

// date shows the serial x; false where x is outside the years 1 to 9999, or a
// duration too long to be told in milliseconds.
//
// The smallest unit of seconds that is shown is rounded, as Google's guide
// does with 53.528 s in ss.00; hours and minutes alone are cut.
func (s section) date(x float64, locale Locale) (string, bool) {
	sign := ""
	if s.spent && x < 0 {
		sign, x = "-", -x
	}
	if s.spent && x > longestRun || !s.spent && (x < firstShown || x >= lastDay+1) {
		return "", false
	}
	unit := int64(1)
	if holds(s.tokens, "sS") {
		unit = 1000
	}
	for _, t := range s.tokens {
		if t.kind == 'f' {
			unit = min(unit, int64(math.Pow10(3-t.n)))
		}
	}
	steps := int64(math.Round(x * dayMillis))
	if unit > 1 {
		steps = floor(steps+unit/2, unit) * unit
	}
	days := floor(steps, dayMillis)
	m := moment{day: civil(int(days)), millis: steps - days*dayMillis, total: steps}
	if !s.spent && (days < firstShown || days > lastDay) {
		return "", false
	}

	var b strings.Builder
	b.WriteString(sign)
	for _, t := range s.tokens {
		b.WriteString(s.part(t, m, locale))
	}
	return b.String(), true
}

// floor is a/b, rounded down; b is positive.
func floor(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// moment is a serial taken apart.
type moment struct {
	day    time.Time
	millis int64 // of the day
	total  int64 // milliseconds since 1899-12-30, or of the duration
}

func (s section) part(t token, m moment, locale Locale) string {
	const second, minute, hour = 1000, 60 * 1000, 60 * 60 * 1000
	switch t.kind {
	case '\'':
		return t.text
	case 'y':
		if t.n < 3 {
			return pad(int64(m.day.Year()%100), 2)
		}
		return pad(int64(m.day.Year()), 4)
	case 'M':
		return month(m.day.Month(), t.n, locale)
	case 'd':
		return dayOf(m.day, t.n, locale)
	case 'h':
		h := m.millis / hour
		if s.half {
			h = (h+11)%12 + 1
		}
		return pad(h, min(t.n, 2))
	case 'm':
		return pad(m.millis/minute%60, t.n)
	case 's':
		return pad(m.millis/second%60, min(t.n, 2))
	case 'f':
		return "." + pad(m.millis%second, 3)[:t.n]
	case 'a':
		return halfOf(t.text, m.millis/hour >= 12, locale)
	case 'H':
		return pad(m.total/hour, t.n)
	case 'N':
		return pad(m.total/minute, t.n)
	}
	return pad(m.total/second, t.n) // 'S'
}

func pad(n int64, width int) string {
	text := strconv.FormatInt(n, 10)
	return strings.Repeat("0", max(0, width-len(text))) + text
}

func month(m time.Month, n int, locale Locale) string {
	switch {
	case n < 3:
		return pad(int64(m), n)
	case locale == Japanese:
		return strconv.Itoa(int(m)) + "月"
	case n == 3:
		return m.String()[:3]
	}
	return m.String()
}

func dayOf(day time.Time, n int, locale Locale) string {
	if n < 3 {
		return pad(int64(day.Day()), n)
	}
	name, short := day.Weekday().String(), 3
	if locale == Japanese {
		short = len("日")
		name = "日月火水木金土"[short*int(day.Weekday()):][:short] + "曜日"
	}
	if n == 3 {
		return name[:short]
	}
	return name
}

// halfOf shows am/pm in the words of the locale, a/p as the pattern has it.
func halfOf(text string, afternoon bool, locale Locale) string {
	words := []string{"AM", "PM"}
	if len(text) == len("a/p") {
		words = strings.Split(text, "/")
	} else if locale == Japanese {
		words = []string{"午前", "午後"}
	}
	if afternoon {
		return words[1]
	}
	return words[0]
}
