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

// pairs finds what may be a count in a line: 12/300, [12/300], 12 of 300,
// 12/300枚, 12枚目 / 300枚, 300枚中12枚. Dates, paths, addresses, versions,
// fractions and amounts of bytes are not taken for one where they can be told
// apart; a [lock] deals with the others.
func (g *grammar) pairs(text []byte) []pair {
	if !bytes.ContainsAny(text, "/") && !bytes.Contains(text, []byte("中")) && !bytes.Contains(bytes.ToLower(text), []byte("of")) {
		return nil
	}
	var found []pair
	for _, m := range g.pair.FindAllSubmatchIndex(text, mostPairs) {
		if p, ok := toPair(text[m[2]:m[3]], text[m[4]:m[5]]); ok && g.stands(text, m[0], m[1], p) {
			found = append(found, p)
		}
	}
	for _, m := range g.within.FindAllSubmatchIndex(text, mostPairs) {
		if p, ok := toPair(text[m[4]:m[5]], text[m[2]:m[3]]); ok && g.stands(text, m[0], m[1], p) {
			found = append(found, p)
		}
	}
	return found
}

func toPair(done, total []byte) (pair, bool) {
	d, ok := integer(string(done))
	t, ok2 := integer(string(total))
	return pair{d, t}, ok && ok2 && t > 0 && d <= t
}

// integer reads 1200 and 1,200.
func integer(s string) (int64, bool) {
	n, err := strconv.ParseInt(strings.ReplaceAll(s, ",", ""), 10, 64)
	return n, err == nil && n >= 0 && n <= largest
}

// stands tells whether the pair at text[from:to] is a word of its own.
func (g *grammar) stands(text []byte, from, to int, p pair) bool {
	before, rest := text[:from], text[to:]
	if r, size := utf8.DecodeLastRune(before); size > 0 {
		switch {
		case r == ':' || r == '=':
			// 10:12/300 is a time, and https:12 nothing at all.
			if size < len(before) && isDigit(before[len(before)-size-1]) {
				return false
			}
		case strings.ContainsRune(" \t[(|#>", r):
		case r < utf8.RuneSelf || unicode.IsDigit(r):
			return false
		}
	}
	r, size := utf8.DecodeRune(rest)
	switch {
	case size == 0 || r >= utf8.RuneSelf && !unicode.IsDigit(r):
	case r == '.' || r == ',':
		if size < len(rest) && isDigit(rest[size]) {
			return false
		}
	case !strings.ContainsRune(" \t])|:;!?<>", r):
		return false
	}
	if g.volume.Match(rest) {
		return false
	}
	// 11/21 10:03 begins a line of many a log.
	date := p.done <= 12 && p.total <= 31 && len(bytes.Trim(before, " [(")) == 0
	return !date || !g.clock.Match(rest)
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

// lock decides which of the pairs in a log is the count. A pair whose total is
// the known number of items is; when there is none, a total is believed when it
// is seen a second time with a greater number before it, and until another
// total does so while it is not seen itself.
type lock struct {
	Known  bool      `json:"known,omitempty"` // a pair about the items was seen
	Locked int64     `json:"locked,omitempty"`
	Others []sighted `json:"others,omitempty"` // the oldest first
}

type sighted struct {
	Done  int64 `json:"done"`
	Total int64 `json:"total"`
}

// mostTotals bounds how many totals are watched.
const mostTotals = 16

func (l *lock) choose(work Work, pairs []pair) (pair, bool) {
	for _, p := range pairs {
		if work.counts(p.total) {
			l.Known, l.Others = true, nil
			return p, true
		}
	}
	if l.Known {
		return pair{}, false
	}
	for _, p := range pairs {
		if p.total == l.Locked {
			l.Others = nil
			return p, true
		}
	}
	for _, p := range pairs {
		if l.rises(p) {
			l.Locked, l.Others = p.total, nil
			return p, true
		}
	}
	return pair{}, false
}

// rises tells whether a total was seen before with a smaller number.
func (l *lock) rises(p pair) bool {
	for i := range l.Others {
		if o := &l.Others[i]; o.Total == p.total {
			rises := p.done > o.Done
			o.Done = p.done
			return rises
		}
	}
	l.Others = append(l.Others, sighted{p.done, p.total})
	if len(l.Others) > mostTotals {
		l.Others = l.Others[1:]
	}
	return false
}

// narrow makes full-width letters, figures and signs ordinary ones, so that
// １２／３００ is read as well.
func narrow(text []byte) []byte {
	if !bytes.Contains(text, []byte("\xef\xbc")) && !bytes.Contains(text, []byte("\xef\xbd")) {
		return text
	}
	return bytes.Map(func(r rune) rune {
		switch {
		case r >= 0xff01 && r <= 0xff5e:
			return r - 0xff01 + '!'
		case r == 0x3000:
			return ' '
		}
		return r
	}, text)
}
