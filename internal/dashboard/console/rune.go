package console

import (
	"fmt"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// invalid stands for a byte that is no UTF-8.
const invalid = utf8.RuneError

// named is how a character is shown that a reader would not see, or that would
// change how others are seen; empty for what is shown as it is.
func named(r rune) string {
	switch {
	case r == invalid:
		return "\uFFFD"
	case r < ' ':
		return string('\u2400' + r)
	case r == 0x7f:
		return "\u2421"
	case r < 0x7f:
		return ""
	case r == '\u200d' || r == '\u200c': // they join letters, and the parts of pictures
		return ""
	case r >= '\ufe00' && r <= '\ufe0f': // they choose how a picture is drawn
		return ""
	case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Cs, unicode.Zl, unicode.Zp, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector):
		return fmt.Sprintf("⟦U+%04X⟧", r)
	}
	return ""
}

// columns is how many columns a character takes.
func columns(r rune) int {
	if r < 0x300 {
		return 1
	}
	if r == '\u200d' || r == '\u200c' || unicode.In(r, unicode.Mn, unicode.Me) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	case width.Neutral, width.EastAsianAmbiguous, width.EastAsianNarrow, width.EastAsianHalfwidth:
	}
	return 1
}
