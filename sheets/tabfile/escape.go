package tabfile

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// A workbook is XML, which has no way to write most control characters. Excel
// writes them as _xHHHH_, and the underscore of a text that looks like one as
// _x005F_ (ECMA-376, 22.9.2.19).

// escaped returns s as the characters of an XML text.
func escaped(out []byte, s string) []byte {
	for i, r := range s {
		switch {
		case r == '&':
			out = append(out, "&amp;"...)
		case r == '<':
			out = append(out, "&lt;"...)
		case r == '>':
			out = append(out, "&gt;"...)
		case r == '_' && looksEscaped(s[i:]):
			out = append(out, "_x005F_"...)
		case r < ' ' && r != '\t' && r != '\n', r == 0xFFFE, r == 0xFFFF:
			const hex = "0123456789ABCDEF"
			out = append(out, '_', 'x', hex[r>>12], hex[r>>8&15], hex[r>>4&15], hex[r&15], '_')
		default:
			out = utf8.AppendRune(out, r)
		}
	}
	return out
}

// looksEscaped leaves the closing underscore out: the escape of the character
// that follows starts with one.
func looksEscaped(s string) bool {
	_, ok := codeUnit(s)
	return ok
}

// unescaped is the text behind s. An escaped half of a surrogate pair without
// its other half is no character and stays as it is written.
func unescaped(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	var out strings.Builder
	for s != "" {
		i := strings.Index(s, "_x")
		if i < 0 {
			break
		}
		out.WriteString(s[:i])
		s = s[i:]
		r, size := escape(s)
		if size > 0 && utf16.IsSurrogate(r) {
			low, more := escape(s[size:])
			if r = utf16.DecodeRune(r, low); r == utf8.RuneError || more == 0 {
				size = 0
			} else {
				size += more
			}
		}
		if size == 0 {
			out.WriteByte('_')
			s = s[1:]
			continue
		}
		out.WriteRune(r)
		s = s[size:]
	}
	out.WriteString(s)
	return out.String()
}

// escape reads the escape that s starts with; its size is 0 if there is none.
func escape(s string) (r rune, size int) {
	r, ok := codeUnit(s)
	if !ok || len(s) < 7 || s[6] != '_' {
		return 0, 0
	}
	return r, 7
}

// codeUnit reads _xHHHH at the start of s.
func codeUnit(s string) (r rune, ok bool) {
	if len(s) < 6 || s[:2] != "_x" {
		return 0, false
	}
	for _, c := range []byte(s[2:6]) {
		switch {
		case '0' <= c && c <= '9':
			r = r<<4 | rune(c-'0')
		case 'A' <= c && c <= 'F':
			r = r<<4 | rune(c-'A'+10)
		case 'a' <= c && c <= 'f':
			r = r<<4 | rune(c-'a'+10)
		default:
			return 0, false
		}
	}
	return r, true
}
