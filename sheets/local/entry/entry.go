// Package entry is what a cell of Google Sheets makes of a text that is
// entered (USER_ENTERED), and the text that it then shows (FORMATTED_VALUE).
//
// Here live the traps that a spreadsheet sets for programs: 088 becomes 88,
// 1-2 a day in January, +81-3-1234-5678 a formula. A server that stands in
// for Google must fall into the same ones, else they are met first in
// production.
//
// The functions are pure, take time linear in their input, never panic and
// never compute a formula. Google publishes the patterns of number formats
// (developers.google.com/workspace/sheets/api/guides/formats) but not the
// rules of entry nor those of the automatic format. Those follow what users
// of Sheets report; comments say "not documented" where that is all there is.
package entry

import "strings"

// Kind is what a cell holds.
type Kind uint8

// The kinds of values. The zero Value is an empty cell.
const (
	Empty Kind = iota
	Text
	Number
	Bool
	Formula
)

// Value is what a cell holds. Dates and times are numbers: days since
// 1899-12-30, the time of day as their fraction.
type Value struct {
	Kind   Kind
	Number float64 // of a Number; for a Bool 1 or 0
	Text   string  // of a Text; of a Formula with its "="
}

// Format is the number format of a cell: Google's type and pattern. The zero
// Format is automatic; one without pattern has the locale's pattern for its
// type.
type Format struct {
	Type    string // TEXT NUMBER PERCENT CURRENCY DATE TIME DATE_TIME SCIENTIFIC
	Pattern string
}

// Locale is the locale of a spreadsheet. The zero Locale is Japanese.
type Locale uint8

// The locales that are known.
const (
	Japanese Locale = iota // ja_JP
	English                // en_US
)

// Enter interprets text as if a person typed it into a cell that has the
// format has, and returns the format that the cell has afterwards. The year
// is that of a date typed without one.
//
// In order: a cell of type TEXT keeps everything as text; an apostrophe makes
// the rest text; "=" and something is a formula; then TRUE and FALSE, numbers,
// dates and times, with spaces around them; "+" and something else is a
// formula, which Google writes with "=" before it; all else is text, as typed.
// A leading "-" makes no formula: what is not a number after it is text (not
// documented; dashes before list items stay). Nor does an "=" after a space.
//
// An automatic cell takes the format that the text shows: 50% is a PERCENT. A
// format that was set stays, whatever is entered: 5 in a DATE is 1900-01-04.
func Enter(text string, locale Locale, year int, has Format) (Value, Format) {
	if text == "" {
		return Value{}, has
	}
	if has.Type == "TEXT" {
		return Value{Kind: Text, Text: text}, has
	}
	if rest, ok := strings.CutPrefix(text, "'"); ok {
		return Value{Kind: Text, Text: rest}, has
	}
	s := strings.Trim(text, " ")
	if text[0] == '=' && s != "=" {
		return Value{Kind: Formula, Text: text}, has
	}
	if strings.EqualFold(s, "true") {
		return Value{Kind: Bool, Number: 1}, has
	}
	if strings.EqualFold(s, "false") {
		return Value{Kind: Bool}, has
	}
	n, format, ok := number(s, locale)
	if !ok {
		n, format, ok = dateTime(s, locale, year)
	}
	if ok {
		if has != (Format{}) {
			format = has
		}
		return Value{Kind: Number, Number: n}, format
	}
	if text[0] == '+' && s != "+" {
		return Value{Kind: Formula, Text: "=" + text}, has
	}
	return Value{Kind: Text, Text: text}, has
}
