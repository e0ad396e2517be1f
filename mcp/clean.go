package mcp

import (
	"regexp"
	"strings"
	"unicode"
)

// hidden tells characters that a person does not see and a model reads, or
// that turn the direction of what follows: controls but for those of plain
// text, marks of direction, and Unicode's tags.
func hidden(r rune) bool {
	switch {
	case r == '\n' || r == '\t' || r == '\r':
		return false
	case unicode.IsControl(r):
		return true
	case r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069, r >= 0xE0000 && r <= 0xE007F:
		return true
	}
	return false
}

// harmless is a text without what is hidden in it; removed counts that.
func harmless(text string, removed *int) string {
	if !strings.ContainsFunc(text, hidden) {
		return text
	}
	return strings.Map(func(r rune) rune {
		if !hidden(r) {
			return r
		}
		if removed != nil {
			*removed++
		}
		return -1
	}, text)
}

// escapes are what programs send to a terminal: colours, movements, titles.
var escapes = regexp.MustCompile(`\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[PX^_][^\x1b]*(?:\x1b\\)?|[ -/]*[0-~])`)

// printed is a program's output as a terminal would have left it: without
// escapes, and of a line that was written over again and again the last.
func printed(raw []byte) string {
	text := escapes.ReplaceAllString(strings.ToValidUTF8(string(raw), "\uFFFD"), "")
	if strings.ContainsRune(text, '\r') {
		var b strings.Builder
		for line := range strings.Lines(text) {
			body := strings.TrimRight(line, "\r\n")
			if i := strings.LastIndexByte(body, '\r'); i >= 0 {
				body = body[i+1:]
			}
			b.WriteString(body)
			if strings.HasSuffix(line, "\n") {
				b.WriteByte('\n')
			}
		}
		text = b.String()
	}
	return harmless(text, nil)
}
