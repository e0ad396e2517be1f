package items

import "strings"

// natural orders paths as a person would: runs of digits by their number (p2
// before p10), a folder's files together, all else by byte. Paths that differ
// only in leading zeros have an order too, so that it is always the same.
func natural(a, b string) int {
	x, y := a, b
	for x != "" && y != "" {
		if digit(x[0]) && digit(y[0]) {
			m, n := number(x), number(y)
			if c := byNumber(x[:m], y[:n]); c != 0 {
				return c
			}
			x, y = x[m:], y[n:]
			continue
		}
		if x[0] != y[0] {
			// A separator comes before everything: "a/b" before "a-b".
			if x[0] == '/' || y[0] != '/' && x[0] < y[0] {
				return -1
			}
			return 1
		}
		x, y = x[1:], y[1:]
	}
	if c := len(x) - len(y); c != 0 {
		return c
	}
	return strings.Compare(a, b)
}

func digit(c byte) bool { return '0' <= c && c <= '9' }

// number is the length of the digits that s begins with.
func number(s string) int {
	n := 0
	for n < len(s) && digit(s[n]) {
		n++
	}
	return n
}

func byNumber(a, b string) int {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	if c := len(a) - len(b); c != 0 {
		return c
	}
	return strings.Compare(a, b)
}
