package progress

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// share reads a frame as a percentage of the work: a drawn bar with one, a
// sentence about progress, or nothing but the percentage. Much else in a log is
// a percentage, such as the load of a GPU.
func (g *grammar) share(text []byte) (Sighting, bool) {
	s := Sighting{Source: Percent, Partial: true}
	if !bytes.ContainsRune(text, '%') || g.not.Match(text) {
		return s, false
	}
	drawn := g.drawn.FindIndex(text)
	if drawn == nil && !g.told.Match(text) && !g.alone.Match(text) {
		return s, false
	}
	for _, m := range g.percent.FindAllSubmatchIndex(text, mostPairs) {
		if m[0] > 0 {
			if r, _ := utf8.DecodeLastRune(text[:m[0]]); r == '.' || r == ',' || r == '-' || r == '/' || r == '_' || r < utf8.RuneSelf && isWord(byte(r)) {
				continue
			}
		}
		if m[1] < len(text) && isWord(text[m[1]]) {
			continue
		}
		percent, err := strconv.ParseFloat(string(text[m[2]:m[3]]), 64)
		if err != nil || percent > 100 {
			continue
		}
		s.Percent = percent
		if drawn != nil {
			s.Phase = heading(text[:min(drawn[0], m[0])])
		}
		return s, true
	}
	return s, false
}

func isWord(b byte) bool {
	return isDigit(b) || b == '_' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}
