package dashboard

import "unicode/utf8"

// difference is two texts laid over each other: what both begin with, what is
// only in the one or the other, and what both end with.
type difference struct{ Head, Old, New, Tail string }

// differ compares what was written with what stands there.
func differ(expected, actual string) difference {
	head := 0
	for head < len(expected) && head < len(actual) {
		r, n := utf8.DecodeRuneInString(expected[head:])
		other, m := utf8.DecodeRuneInString(actual[head:])
		if r != other || n != m || expected[head:head+n] != actual[head:head+m] {
			break
		}
		head += n
	}
	tail := 0
	for tail < len(expected)-head && tail < len(actual)-head {
		_, n := utf8.DecodeLastRuneInString(expected[head : len(expected)-tail])
		_, m := utf8.DecodeLastRuneInString(actual[head : len(actual)-tail])
		if n != m || expected[len(expected)-tail-n:len(expected)-tail] != actual[len(actual)-tail-m:len(actual)-tail] {
			break
		}
		tail += n
	}
	return difference{expected[:head], expected[head : len(expected)-tail], actual[head : len(actual)-tail], expected[len(expected)-tail:]}
}
