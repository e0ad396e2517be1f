package sheets

import (
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"uratori/internal/fault"
)

// Longest is how much a cell holds, in UTF-16 units.
const Longest = 50_000

// Clean is the form in which a text is stored: line breaks are LF. Nothing
// else is changed; what a cell cannot hold to the letter is refused.
func Clean(text string) (clean string, changed bool, err error) {
	if !utf8.ValidString(text) {
		return "", false, badText("not_utf8", text, strings.IndexFunc(strings.ToValidUTF8(text, "\x00"), func(r rune) bool { return r == 0 }))
	}
	clean = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	for i, r := range clean {
		if refused(r) {
			return "", false, badText(fmt.Sprintf("U+%04X", r), clean, i)
		}
	}
	if n := units(clean); n > Longest {
		return "", false, fault.New(fault.Invalid, "sheets.too_long", "length", n, "limit", Longest)
	}
	return clean, clean != text, nil
}

// refused are the characters that XML cannot carry, and so no spreadsheet
// file, as well as the controls of C1: Sheets drops some of them silently.
func refused(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' || r >= 0x7f && r <= 0x9f || r&0xfffe == 0xfffe || r >= 0xfdd0 && r <= 0xfdef
}

func badText(what, text string, at int) error {
	line := 1 + strings.Count(text[:max(0, at)], "\n")
	return fault.New(fault.Invalid, "sheets.bad_text", "what", what, "line", line)
}

func units(s string) (n int) {
	if len(s) <= Longest {
		return len(s) // no more units than bytes
	}
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}
