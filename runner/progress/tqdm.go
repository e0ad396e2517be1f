package progress

import (
	"bytes"
	"strconv"
	"strings"
)

// bar is one that is drawn in a frame.
type bar struct {
	Sighting
	depth int // lines beneath the outermost bar
}

const scales = "kMGTPEZY"

// readBar reads a frame as a bar of tqdm:
//
//	images:  17%|█▋        | 5/30 [00:00<00:00, 49.06img/s, loss=0.1]
//	frames: 3it [00:00,  9.07it/s]
//
// A description may look like a bar itself, so it is read from its end.
// Scaled figures ("1.73k") are taken for what they say.
func readBar(f frame) (bar, bool) {
	const tries = 4 // brackets: the one with the times, and some that are shown beside it
	end := len(f.text)
	for range tries {
		open := bytes.LastIndexByte(f.text[:end], '[')
		if open < 2 {
			break
		}
		head, times := f.text[:open-1], f.text[open+1:]
		end = open
		elapsed := span(times, "0123456789:")
		if f.text[open-1] != ' ' || elapsed < 4 || elapsed == len(times) || bytes.IndexByte(times[:elapsed], ':') < 1 {
			continue
		}
		var s Sighting
		before, ok := 0, false
		switch times[elapsed] {
		case '<':
			s, before, ok = finite(head, times[elapsed+1:])
		case ',':
			s, before, ok = endless(head, times[elapsed+1:])
		}
		if ok {
			s.Phase, s.Item = heading(f.text[:before]), file(times)
			return bar{s, f.up}, s.valid()
		}
	}
	return bar{}, false
}

// finite reads a bar with a total. before is where it begins.
func finite(head, times []byte) (s Sighting, before int, ok bool) {
	left := span(times, "0123456789:?")
	if left == 0 || left == len(times) || times[left] != ',' && times[left] != ']' {
		return s, 0, false
	}
	slash := bytes.LastIndexByte(head, '/')
	if slash < 0 {
		return s, 0, false
	}
	from := slash - spanEnd(head[:slash], "0123456789."+scales)
	done, ok := unscale(head[from:slash])
	total, ok2 := unscale(head[slash+1:])
	if !ok || !ok2 || total == 0 || from < 2 || head[from-1] != ' ' {
		return s, 0, false
	}
	percent := from - 2
	if head[percent] == '|' {
		percent = bytes.LastIndexByte(head[:percent], '|') - 1
	}
	if percent < 1 || head[percent] != '%' {
		return s, 0, false
	}
	digits := spanEnd(head[:percent], "0123456789")
	return Sighting{Source: Tqdm, Counted: true, Done: done, Total: total}, percent - digits, digits > 0
}

// endless reads a bar without a total.
func endless(head, times []byte) (s Sighting, before int, ok bool) {
	rate, _, _ := bytes.Cut(bytes.TrimLeft(times, " "), []byte{']'})
	rate, _, _ = bytes.Cut(rate, []byte{','})
	if !bytes.HasSuffix(rate, []byte("/s")) && !bytes.Contains(rate, []byte("s/")) {
		return s, 0, false
	}
	from := bytes.LastIndexByte(head, ' ') + 1
	if from > 1 && !isDigit(head[min(from, len(head)-1)]) { // the unit has a blank before it
		from = bytes.LastIndexByte(head[:from-1], ' ') + 1
	}
	figure := head[from:]
	n := span(figure, "0123456789.")
	unit := figure[n:]
	// The unit stands right behind the figure: "3kg" are 3, "3.00k" and "100kg" thousands.
	if len(unit) > 0 && strings.IndexByte(scales, unit[0]) >= 0 && n >= 3 {
		n++
	}
	done, ok := unscale(figure[:n])
	described := from == 0 || from > 1 && head[from-2] == ':'
	return Sighting{Source: Tqdm, Counted: true, Done: done}, from, ok && described && !bytes.ContainsAny(unit, "0123456789[]/|%:.,")
}

// span is how many bytes s begins with that are in set.
func span(s []byte, set string) int {
	n := 0
	for n < len(s) && strings.IndexByte(set, s[n]) >= 0 {
		n++
	}
	return n
}

// spanEnd is how many bytes s ends with that are in set.
func spanEnd(s []byte, set string) int {
	n := 0
	for n < len(s) && strings.IndexByte(set, s[len(s)-1-n]) >= 0 {
		n++
	}
	return n
}

// heading is the description before a bar.
func heading(before []byte) string {
	return name(strings.TrimRight(strings.TrimSpace(string(before)), ":： "))
}

// unscale reads 12, 1.73k and 3.00G.
func unscale(b []byte) (int64, bool) {
	if len(b) == 0 || !isDigit(b[0]) {
		return 0, false
	}
	s, factor := string(b), 1.0
	if i := strings.IndexByte(scales, s[len(s)-1]); i >= 0 {
		s = s[:len(s)-1]
		for range i + 1 {
			factor *= 1000
		}
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f*factor > largest {
		return 0, false
	}
	if factor == 1 {
		return int64(f), true // of a count that is not whole, what is done is done
	}
	return int64(f*factor + 0.5), true
}

// file is the base name of the last file that a text mentions, "" when it
// mentions none.
func file(text []byte) string {
	found := ""
	for word := range bytes.FieldsFuncSeq(text, parts) {
		word = bytes.TrimRight(word, ".:!?")
		dot := bytes.LastIndexByte(word, '.')
		if dot < 1 {
			continue
		}
		extension := word[dot+1:]
		if len(extension) < 2 || len(extension) > 5 || isDigit(extension[0]) || bytes.Contains(word, []byte("//")) {
			continue
		}
		if span(extension, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == len(extension) {
			found = string(word)
		}
	}
	return name(found[strings.LastIndexAny(found, `/\`)+1:])
}

// parts tells which characters part a file's name from other words.
func parts(r rune) bool {
	return r <= ' ' || strings.ContainsRune("\"'`=[](){}<>,;|、。「」『』（）【】　", r)
}
