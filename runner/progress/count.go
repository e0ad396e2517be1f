package progress

import (
	"bytes"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// pair is a number that may be a part of another.
type pair struct{ done, total int64 }

// mostPairs bounds how many are taken from one frame.
const mostPairs = 8

// counters are what Japanese counts things with, where they may be items.
func counters() []string {
	return []string{"枚", "件", "個", "本", "冊", "頁", "点", "回", "ページ", "ファイル", "画像", "項目", "サンプル"}
}

// readPairs finds what may be a count in a line: 12/300, [12/300], 12 of 300,
// 12/300枚, 12枚目 / 300枚, 300枚中12枚. Dates, paths, addresses, versions,
// fractions and amounts of bytes are not taken for one where they can be told
// apart; a [lock] deals with the others.
func readPairs(text []byte) []pair {
	var found []pair
	for at := 0; at < len(text) && len(found) < mostPairs; {
		if !isDigit(text[at]) {
			at++
			continue
		}
		p, end, ok := readPair(text, at)
		if ok && p.total > 0 && p.done <= p.total && stands(text, at, end, p) {
			found = append(found, p)
		}
		at = end
	}
	return found
}

// readPair reads two numbers that are related. end is where it got to, which
// is behind the first at least.
func readPair(text []byte, at int) (p pair, end int, ok bool) {
	first, at, ok := readNumber(text, at)
	end = at
	if !ok {
		return p, end, false
	}
	at, items := skipCounter(text, at)
	spaced := skipBlanks(text, at)
	rest := text[spaced:]
	reversed := false
	switch {
	case bytes.HasPrefix(rest, []byte("/")):
		at = skipBlanks(text, spaced+1)
	case spaced > at && of(rest) > 0:
		at = skipBlanks(text, spaced+of(rest))
	case items && bytes.HasPrefix(rest, []byte("中")):
		at, reversed = spaced+len("中"), true
	default:
		return p, end, false
	}
	for _, word := range []string{"の", "、", ",", " ", "第", "全"} {
		at = skip(text, at, word)
	}
	second, at, ok := readNumber(text, at)
	if !ok {
		return p, end, false
	}
	if reversed {
		return pair{second, first}, at, true
	}
	return pair{first, second}, at, true
}

// skip is at, or behind word when it stands there.
func skip(text []byte, at int, word string) int {
	if bytes.HasPrefix(text[at:], []byte(word)) {
		return at + len(word)
	}
	return at
}

// readNumber reads 1200 and 1,200. end is where it got to.
func readNumber(text []byte, at int) (n int64, end int, ok bool) {
	end = at + span(text[at:], "0123456789")
	for grouped := end-at <= 3; grouped && end < len(text) && text[end] == ',' && span(text[end+1:], "0123456789") == 3; {
		end += 4
	}
	n, ok = integer(string(text[at:end]))
	return n, end, ok
}

// skipCounter skips a word that counts, and tells whether there was one.
func skipCounter(text []byte, at int) (end int, ok bool) {
	end = skipBlanks(text, at)
	if end == len(text) || text[end] < utf8.RuneSelf {
		return at, false
	}
	for _, word := range counters() {
		if bytes.HasPrefix(text[end:], []byte(word)) {
			return skip(text, end+len(word), "目"), true
		}
	}
	return at, false
}

func skipBlanks(text []byte, at int) int { return at + span(text[at:], " \t") }

// of is the length of "of " or "out of " at the beginning of s.
func of(s []byte) int {
	for _, word := range []string{"of", "out of"} {
		if len(s) > len(word) && bytes.EqualFold(s[:len(word)], []byte(word)) && span(s[len(word):], " \t") > 0 {
			return len(word)
		}
	}
	return 0
}

// integer reads 1200 and 1,200.
func integer(s string) (int64, bool) {
	n, err := strconv.ParseInt(strings.ReplaceAll(s, ",", ""), 10, 64)
	return n, err == nil && n >= 0 && n <= largest
}

// stands tells whether the pair at text[from:to] is a word of its own.
func stands(text []byte, from, to int, p pair) bool {
	before, rest := text[:from], text[to:]
	if r, size := utf8.DecodeLastRune(before); size > 0 {
		switch {
		case r == ':' || r == '=':
			// 10:12/300 is a time, and https:12 nothing at all.
			if size < len(before) && isDigit(before[len(before)-size-1]) {
				return false
			}
		case strings.ContainsRune(" \t[(|#>", r):
		case r < utf8.RuneSelf || unicode.IsNumber(r):
			return false
		}
	}
	r, size := utf8.DecodeRune(rest)
	switch {
	case size == 0 || r >= utf8.RuneSelf && !unicode.IsNumber(r):
	case r == '.' || r == ',':
		if size < len(rest) && isWord(rest[size]) {
			return false
		}
	case !strings.ContainsRune(" \t])|:;!?<>", r):
		return false
	}
	if measured(rest) || tried(before) {
		return false
	}
	// 11/21 10:03 begins a line of many a log.
	date := p.done <= 12 && p.total <= 31 && len(bytes.Trim(before, " [(")) == 0
	return !date || len(rest) < 6 || rest[0] != ' ' || rest[3] != ':' || span(rest[1:], "0123456789") != 2
}

// measured tells whether the word that follows a number makes it an amount.
func measured(rest []byte) bool {
	rest = bytes.TrimPrefix(rest, []byte(" "))
	n := 0
	for n < len(rest) && isWord(rest[n]) {
		n++
	}
	switch strings.ToLower(string(rest[:min(n, 6)])) {
	case "b", "byte", "bytes", "kb", "mb", "gb", "tb", "pb", "kib", "mib", "gib", "tib", "pib", "kbit", "mbit", "gbit", "ms", "px", "fps":
		return true
	}
	return false
}

// tried tells whether the word before a pair makes it a part of something else
// than the work.
func tried(before []byte) bool {
	before = bytes.TrimRight(before, " :=#([")
	n := 0
	for n < len(before) && n < 12 && isWord(before[len(before)-1-n]) {
		n++
	}
	switch strings.ToLower(string(before[len(before)-n:])) {
	case "retry", "retrying", "retries", "attempt", "try", "tries", "ratio", "scale", "score", "rating", "rank":
		return true
	}
	return bytes.HasSuffix(before, []byte("リトライ")) || bytes.HasSuffix(before, []byte("試行"))
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

func isWord(b byte) bool {
	return isDigit(b) || b == '_' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}

// narrow makes full-width letters, figures and signs ordinary ones, so that
// １２／３００ is read as well.
func narrow(text []byte) []byte {
	if !bytes.Contains(text, []byte("\xef\xbc")) && !bytes.Contains(text, []byte("\xef\xbd")) && !bytes.Contains(text, []byte("　")) {
		return text
	}
	return bytes.Map(func(r rune) rune {
		switch {
		case r >= '！' && r <= '～':
			return r - '！' + '!'
		case r == '　':
			return ' '
		}
		return r
	}, text)
}
