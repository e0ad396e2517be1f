package progress

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"
)

// readShare reads a frame as a percentage of the work: a drawn bar with one, a
// sentence about progress, or nothing but the percentage. Much else in a log is
// a percentage, such as the load of a GPU.
func readShare(text []byte) (Sighting, bool) {
	s := Sighting{Source: Percent, Partial: true}
	from, to, ok := 0, 0, false
	for range mostPairs {
		sign := bytes.IndexByte(text[to:], '%')
		if sign < 0 {
			return s, false
		}
		to += sign + 1
		if from, s.Percent, ok = figureBefore(text, to-1); ok {
			break
		}
	}
	if !ok {
		return s, false
	}
	drawn := readDrawing(text)
	if drawn < 0 && !alone(text, from, to) && !mentions(text, aboutProgress()) || mentions(text, aboutElse()) {
		return s, false
	}
	if drawn >= 0 {
		s.Phase = heading(text[:min(drawn, from)])
	}
	return s, true
}

// figureBefore reads the figure that ends at the percent sign text[sign].
func figureBefore(text []byte, sign int) (from int, percent float64, ok bool) {
	head := bytes.TrimSuffix(text[:sign], []byte(" "))
	n := spanEnd(head, "0123456789.")
	from = len(head) - n
	percent, err := strconv.ParseFloat(string(head[from:]), 64)
	if err != nil || percent > 100 || n > 12 || head[from] == '.' {
		return 0, 0, false
	}
	before, _ := utf8.DecodeLastRune(head[:from])
	if from > 0 && (strings.ContainsRune(",-/_", before) || before < utf8.RuneSelf && isWord(byte(before))) {
		return 0, 0, false
	}
	return from, percent, sign+1 == len(text) || !isWord(text[sign+1])
}

// alone tells whether the percentage at text[from:to] is the whole line, or
// stands in brackets at its beginning.
func alone(text []byte, from, to int) bool {
	before, after := string(bytes.TrimSpace(text[:from])), string(bytes.TrimSpace(text[to:]))
	return before == "" && after == "" || before == "(" && after == ")" || before == "[" && strings.HasPrefix(after, "]")
}

// readDrawing is where a bar begins that is drawn of characters, -1 when there
// is none.
func readDrawing(text []byte) int {
	const (
		enough = 3 // characters make a bar
		filled = "━█▇▓▒░■□▬╸╺"
		inside = "=#>.-* ■□█░▏▎▍▌▋▊▉"
	)
	run, frame, within, close := 0, -1, 0, ' '
	blank := true
	for i, r := range string(text) {
		if strings.ContainsRune(filled, r) {
			if run++; run == enough {
				return i - (enough-1)*utf8.RuneLen(r)
			}
		} else {
			run = 0
		}
		switch {
		case frame >= 0 && r == close && within >= enough && !blank:
			return frame
		case r == '[' || r == '|':
			frame, within, blank, close = i, 0, true, r
			if r == '[' {
				close = ']'
			}
		case frame >= 0 && strings.ContainsRune(inside, r):
			within++
			blank = blank && r == ' '
		default:
			frame = -1
		}
	}
	return -1
}

func aboutProgress() []string {
	return []string{"progress", "complete", "completed", "done", "finished", "processed", "processing", "進捗", "完了", "処理済"}
}

func aboutElse() []string {
	return []string{
		"cpu", "gpu", "ram", "vram", "mem", "memory", "util", "utilization", "utilisation", "usage", "used", "disk", "swap", "battery", "load",
		"acc", "accuracy", "loss", "precision", "recall", "confidence", "similarity", "probability", "threshold", "sparsity", "dropout", "coverage",
		"使用率", "精度", "正解率", "再現率", "適合率", "確率", "信頼度",
	}
}

// mentions tells whether a text has one of the words, in whatever case.
func mentions(text []byte, words []string) bool {
	text = bytes.ToLower(text)
	for _, word := range words {
		for rest := text; ; {
			i := bytes.Index(rest, []byte(word))
			if i < 0 {
				break
			}
			end := i + len(word)
			if word[0] >= utf8.RuneSelf || (i == 0 || !isWord(rest[i-1])) && (end == len(rest) || !isWord(rest[end])) {
				return true
			}
			rest = rest[end:]
		}
	}
	return false
}
