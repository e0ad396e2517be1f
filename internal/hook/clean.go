package hook

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"uratori/internal/control"
	"uratori/internal/fault"
)

// hidden tells characters that a person does not see and a model reads, or that
// turn the direction of what follows. One that holds emoji together does no
// harm.
func hidden(r rune) bool {
	const zeroWidthJoiner = '\u200d'
	return r != zeroWidthJoiner && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Co, r) || r == '\u2028' || r == '\u2029' ||
		r >= 0xFE00 && r <= 0xFE0E || r >= 0xE0100 && r <= 0xE01EF) // variation selectors can carry a text
}

// clean is a text in one line, without what is hidden in it.
func clean(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if !strings.ContainsFunc(s, hidden) {
		return s
	}
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r' || r == '\u2028' || r == '\u2029':
			return ' '
		case hidden(r):
			return -1
		}
		return r
	}, s)), " ")
}

// longestWord is how much of a text from elsewhere is told, in characters.
const longestWord = 200

// brief is a text from elsewhere, clean and short.
func brief(s string) string { return cut(clean(cut(s, 4*longestWord)), longestWord) }

func cut(s string, longest int) string {
	if utf8.RuneCountInString(s) <= longest {
		return s
	}
	return string([]rune(s)[:longest]) + "…"
}

// data is a text from elsewhere, marked as such. Its own marks cannot end it.
func data(s string) string {
	return "«" + strings.NewReplacer("«", "‹", "»", "›").Replace(brief(s)) + "»"
}

// because is a reason that crossed the socket, in the reader's language.
func (r *run) because(w *control.Fault, english string) string {
	if err := w.Decode(); err != nil {
		return fault.Explain(err, r.Lang)
	}
	return english
}

// fit is lines and a last one, cut so that they have so many bytes at most. The
// last one says how to read the others and is never cut.
func fit(lines []string, last string, most int) string {
	body, left := strings.Join(lines, "\n"), most-len(last)-1
	if len(body) > left {
		const more = "…"
		body = body[:left-len(more)]
		for !utf8.ValidString(body) {
			body = body[:len(body)-1]
		}
		body += more
	}
	return body + "\n" + last
}
