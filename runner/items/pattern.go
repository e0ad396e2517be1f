package items

import "strings"

// mostAlternatives bounds what the braces of one pattern make of it.
const mostAlternatives = 1000

// alternatives writes a valid pattern out without its braces, as a shell does
// before it looks at any file: an alternative may reach over a separator. It
// fails when there are too many.
func alternatives(pattern string) ([]string, bool) {
	open, end, commas := brace(pattern)
	if open < 0 {
		return []string{pattern}, true
	}
	after, ok := alternatives(pattern[end+1:])
	if !ok {
		return nil, false
	}
	var all []string
	from := open + 1
	for _, to := range append(commas, end) {
		inner, ok := alternatives(pattern[from:to])
		if !ok || len(all)+len(inner)*len(after) > mostAlternatives {
			return nil, false
		}
		for _, in := range inner {
			for _, rest := range after {
				all = append(all, pattern[:open]+in+rest)
			}
		}
		from = to + 1
	}
	return all, true
}

// brace finds the first pair of braces and the commas between its
// alternatives; open is -1 when there is none.
func brace(pattern string) (open, end int, commas []int) {
	open, depth := -1, 0
	for i := 0; i < len(pattern); i++ {
		switch pattern[i] {
		case '\\':
			i++
		case '[':
			i = class(pattern, i)
		case '{':
			if depth == 0 {
				open = i
			}
			depth++
		case ',':
			if depth == 1 {
				commas = append(commas, i)
			}
		case '}':
			if depth == 0 {
				continue
			}
			if depth--; depth == 0 {
				return open, i, commas
			}
		}
	}
	return -1, 0, nil
}

// class is where the class of characters ends that begins at i.
func class(pattern string, i int) int {
	for j := i + 1; j < len(pattern); j++ {
		switch pattern[j] {
		case '\\':
			j++
		case ']':
			if j > i+1 {
				return j
			}
		}
	}
	return i
}

// segments are what stands between the separators. Empty ones and "." mean
// nothing; two ** in a row mean one.
func segments(pattern string) []string {
	var all []string
	for s := range strings.SplitSeq(pattern, "/") {
		if s == "" || s == "." || s == "**" && len(all) > 0 && all[len(all)-1] == "**" {
			continue
		}
		all = append(all, s)
	}
	return all
}
