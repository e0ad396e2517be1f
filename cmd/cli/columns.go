package cli

import (
	"os"
	"strings"
	"unicode"

	"golang.org/x/sys/unix"
	"golang.org/x/text/width"
)

// displayWidth is how many columns of a terminal s takes. Characters that
// East Asian fonts may draw wide or narrow count as narrow, as terminals
// have them by default.
func displayWidth(s string) int {
	n := 0
	for _, r := range s {
		n += runeWidth(r)
	}
	return n
}

func runeWidth(r rune) int {
	if unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf, unicode.Cc) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	default:
		return 1
	}
}

// pad fills s up to so many columns.
func pad(s string, columns int) string {
	return s + strings.Repeat(" ", max(0, columns-displayWidth(s)))
}

// fit cuts s to so many columns.
func fit(s string, columns int) string {
	if displayWidth(s) <= columns {
		return s
	}
	n := 1 // of the mark that something is left out
	for i, r := range s {
		if n += runeWidth(r); n > columns {
			return s[:i] + "…"
		}
	}
	return s
}

// screen is how many columns the terminal has that out is, 0 when it is none.
func (a *app) screen() int {
	f, ok := a.out.Writer.(*os.File)
	if !ok {
		return a.columns
	}
	size, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ)
	if err != nil {
		return 0
	}
	return int(size.Col)
}
