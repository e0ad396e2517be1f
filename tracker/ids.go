package tracker

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"uratori/internal/fault"
	"uratori/sheets"
)

// ASCII alone: one id must not look like another. An id is also the name of a
// folder.
var idPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`)

// checkNewID refuses ids that nobody should file under.
func checkNewID(id string) error {
	if !idPattern.MatchString(id) {
		return fault.New(fault.Invalid, "tracker.bad_id", "ticket", brief(id))
	}
	return nil
}

const mostDigits = 9

// number is the number of an id with our prefix, however wide it was typed.
func (t *Tracker) number(id string) (n, width int, ok bool) {
	digits, ok := strings.CutPrefix(id, t.o.Prefix)
	if !ok || !strings.HasPrefix(digits, "-") {
		id = sheets.Fold(id)
		if digits, ok = strings.CutPrefix(id, sheets.Fold(t.o.Prefix)); !ok || !strings.HasPrefix(digits, "-") {
			return 0, 0, false
		}
	}
	digits = digits[1:]
	if len(digits) > mostDigits {
		return 0, 0, false // nobody counts that far
	}
	n, err := strconv.Atoi(digits)
	return n, len(digits), err == nil && n >= 0
}

// noteID makes new ids greater than this one. The caller holds mu, or is
// alone.
func (t *Tracker) noteID(id string) {
	if n, width, ok := t.number(id); ok {
		t.highest = max(t.highest, n)
		if id = norm.NFKC.String(id); width > t.width && strings.Contains(id, "-0") {
			t.width = width // people fill up with zeros this far
		}
	}
}

// nextID is an id that was never used. The caller holds mu.
func (t *Tracker) nextID() string {
	t.highest++
	return fmt.Sprintf("%s-%0*d", t.o.Prefix, t.width, t.highest)
}

// brief bounds a text that goes into a sentence.
func brief(s string) string {
	const longest = 60
	if r := []rune(s); len(r) > longest {
		return string(r[:longest]) + "…"
	}
	return s
}
