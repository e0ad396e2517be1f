package progress

import (
	"bytes"
	"strconv"
	"strings"
)

// mark begins a line of the log in which the job says how far it is:
//
//	::progress n=12 total=300 item="a b.png" phase=extract
//
// done is another name for n, percent may stand instead of both, and unknown
// names are passed over. The line alone is a sign of life.
const mark = "::progress"

// magic reads a frame that begins with the mark. ours tells whether it does,
// and ok whether it can be used.
func magic(text []byte) (s Sighting, ours, ok bool) {
	rest, ours := bytes.CutPrefix(bytes.TrimLeft(text, " \t"), []byte(mark))
	if !ours || len(rest) > 0 && rest[0] != ' ' && rest[0] != '\t' {
		return s, false, false
	}
	s.Source = Line
	for word := range words(string(rest)) {
		key, value, found := strings.Cut(word, "=")
		if !found {
			return s, true, false
		}
		ok = true
		switch key {
		case "n", "done":
			s.Done, ok = integer(value)
			s.Counted = true
		case "total":
			s.Total, ok = integer(value)
		case "percent":
			var err error
			s.Percent, err = strconv.ParseFloat(strings.TrimSuffix(value, "%"), 64)
			s.Partial, ok = true, err == nil
		case "item":
			s.Item = value
		case "phase":
			s.Phase = value
		}
		if !ok {
			return s, true, false
		}
	}
	return s, true, s.valid()
}

// words yields the words of a line, in which "…" holds blanks.
func words(line string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for {
			line = strings.TrimLeft(line, " \t")
			if line == "" {
				return
			}
			var word strings.Builder
			quoted, i := false, 0
			for ; i < len(line) && (quoted || line[i] != ' ' && line[i] != '\t'); i++ {
				if line[i] == '"' {
					quoted = !quoted
				} else {
					word.WriteByte(line[i])
				}
			}
			line = line[i:]
			if !yield(word.String()) {
				return
			}
		}
	}
}
