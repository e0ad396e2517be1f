package entry

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	unixEpoch = 25569      // serial of 1970-01-01
	dayMillis = 86_400_000 // finest step of a time of day that Sheets shows
	lastDay   = 2958465    // 9999-12-31
	longest   = 40         // bytes that a date with a time can have
)

// serial is the number of a day; false for one that the calendar lacks, or
// outside 1899-12-30 … 9999-12-31.
func serial(year, month, day int) (int, bool) {
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	days := int(t.Unix()/(dayMillis/1000)) + unixEpoch
	exists := t.Year() == year && int(t.Month()) == month && t.Day() == day
	return days, exists && t.Unix() >= -unixEpoch*(dayMillis/1000) && days <= lastDay
}

// civil is the day of a serial.
func civil(days int) time.Time {
	return time.Unix(int64(days-unixEpoch)*(dayMillis/1000), 0).UTC()
}

// dateTime reads a date, a time, or a date, spaces and a time. The format has
// the shape that was typed (not documented). Names of months, eras, years of
// two digits in Japanese and the "T" of RFC 3339 stay text.
func dateTime(s string, locale Locale, year int) (float64, Format, bool) {
	if len(s) > longest {
		return 0, Format{}, false
	}
	if millis, pattern, ok := clock(s); ok {
		return float64(millis) / dayMillis, Format{"TIME", pattern}, true
	}
	first, rest, both := strings.Cut(s, " ")
	days, pattern, ok := date(first, locale, year)
	if !ok || !both {
		return float64(days), Format{"DATE", pattern}, ok
	}
	millis, of, ok := clock(strings.TrimLeft(rest, " "))
	if !ok || millis >= dayMillis {
		return 0, Format{}, false
	}
	return float64(days*dayMillis+millis) / dayMillis, Format{"DATE_TIME", pattern + " " + of}, true
}

// date reads 2026-11-21, 2026/11/21 and either without its day or its year,
// in Japanese also with 年月日, in English also 11/21/2026 and 11/21/26.
func date(s string, locale Locale, year int) (days int, pattern string, ok bool) {
	fields, separators := runs(s)
	order, kanji := orderOf(fields, strings.Join(separators, ""), locale)
	if order == "" || len(order) != len(fields) {
		return 0, "", false
	}
	wide := twoPlaces(fields, order, kanji)
	y, m, d := year, 1, 1
	for i, field := range fields {
		n, err := strconv.Atoi(field)
		if err != nil {
			return 0, "", false
		}
		part, width := order[i:i+1], len(field)
		switch {
		case part == "y" && width == 4:
			y, part = n, "yyyy"
		case part == "y" && width == 2 && order == "mdy":
			y, part = 2000+n, "yy"
			if n >= 30 { // the century turns where Excel's does (not documented)
				y = 1900 + n
			}
		case part == "y" || width > 2:
			return 0, "", false
		case part == "m":
			m = n
		case part == "d":
			d = n
		}
		if wide && len(part) == 1 {
			part += part
		}
		separator := separators[i]
		if kanji {
			separator = `"` + separator + `"`
		}
		pattern += part + separator
	}
	days, ok = serial(y, m, d)
	return days, pattern, ok
}

// orderOf tells what the fields of a date are, empty for none that is known.
func orderOf(fields []string, separators string, locale Locale) (order string, kanji bool) {
	switch separators {
	case "//", "--":
		if locale == English && len(fields[0]) < 4 {
			return "mdy", false
		}
		return "ymd", false
	case "/", "-":
		if len(fields[0]) == 4 {
			return "ym", false
		}
		return "md", false
	}
	if locale != Japanese {
		return "", false
	}
	switch separators {
	case "年月日":
		return "ymd", true
	case "年月":
		return "ym", true
	case "月日":
		return "md", true
	}
	return "", false
}

// twoPlaces says whether months and days are written 01: where one begins
// with a zero, and where all are long behind a year, as in 2026/11/21.
func twoPlaces(fields []string, order string, kanji bool) bool {
	short := false
	for i, field := range fields {
		if order[i] != 'y' && field[0] == '0' {
			return true
		}
		short = short || len(field) == 1
	}
	return order[0] == 'y' && !kanji && !short
}

// runs cuts s into runs of digits and what follows each; nothing where s is
// not so made.
func runs(s string) (fields, separators []string) {
	for s != "" {
		n := 0
		for n < len(s) && s[n] >= '0' && s[n] <= '9' {
			n++
		}
		_, size := utf8.DecodeRuneInString(s[n:])
		if n == 0 {
			return nil, nil
		}
		fields, separators = append(fields, s[:n]), append(separators, s[n:n+size])
		s = s[n+size:]
	}
	return fields, separators
}

// clock reads 10:12, 10:12:03, 10:12:03.5 and each with AM or PM. Hours from
// 24 on are a duration, shown with seconds (not documented).
func clock(s string) (millis int, pattern string, ok bool) {
	text, noon, half := cutHalf(s)
	text, fraction, fractional := strings.Cut(text, ".")
	parts := strings.Split(text, ":")
	if len(parts) < 2 || len(parts) > 3 || fractional && (len(parts) < 3 || !isDigits(fraction) || len(fraction) > 3) {
		return 0, "", false
	}
	h, ok := place(parts[0], 6, 999_999)
	m, minutes := place(parts[1], 2, 59)
	sec, seconds := 0, true
	if len(parts) == 3 {
		sec, seconds = place(parts[2], 2, 59)
	}
	if !ok || !minutes || !seconds || half && (h < 1 || h > 12) {
		return 0, "", false
	}
	if half {
		h = h%12 + noon
	}

	switch {
	case h > 23:
		pattern = "[h]"
	case parts[0][0] == '0' && len(parts[0]) > 1:
		pattern = "hh"
	default:
		pattern = "h"
	}
	pattern += ":mm"
	if len(parts) == 3 || h > 23 {
		pattern += ":ss"
	}
	thousandths := 0
	if fractional {
		pattern += ".000"
		thousandths, _ = strconv.Atoi((fraction + "00")[:3])
	}
	if half {
		pattern += " am/pm"
	}
	return ((h*60+m)*60+sec)*1000 + thousandths, pattern, true
}

// place reads one number of a clock, of at most width digits.
func place(s string, width, most int) (int, bool) {
	if !isDigits(s) || len(s) > width {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil && n <= most
}

// cutHalf takes AM or PM off the end; noon is the hours that it adds.
func cutHalf(s string) (rest string, noon int, half bool) {
	if n := len(s) - len("am"); n > 0 && strings.EqualFold(s[n:], "am") {
		return strings.TrimRight(s[:n], " "), 0, true
	} else if n > 0 && strings.EqualFold(s[n:], "pm") {
		return strings.TrimRight(s[:n], " "), 12, true
	}
	return s, 0, false
}
