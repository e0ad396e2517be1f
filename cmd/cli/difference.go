package cli

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/rogpeppe/go-internal/diff"
	"golang.org/x/text/unicode/norm"

	"uratori/internal/phrase"
)

// bounds keep a difference readable. Zero is without end.
type bounds struct {
	lines int // so many at most
	runes int // of one line
}

func bounded() bounds { return bounds{lines: 80, runes: 400} }

// sides say what two texts are.
type sides struct{ old, new string }

// compare shows how two texts differ that may not both be known.
func (a *app) compare(indent string, s sides, old, now *string, b bounds) {
	switch {
	case old != nil && now != nil:
		a.differ(indent, s, *old, *now, b)
	case old != nil:
		a.alone(indent, s.old, *old, b)
	case now != nil:
		a.alone(indent, s.new, *now, b)
	}
}

// shortText is what fits on the screen beside its name, in columns.
const shortText = 72

func isShort(s string) bool {
	return !strings.Contains(s, "\n") && displayWidth(visible(s)) <= shortText
}

// alone shows a text that there is no other to compare with.
func (a *app) alone(indent, name, text string, b bounds) {
	if isShort(text) {
		fmt.Fprintln(a.out, indent+name+": "+a.quoted(text))
		return
	}
	fmt.Fprintln(a.out, indent+name+":")
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = "│ " + inline(b.clip(line))
	}
	a.some(indent, lines, b)
}

// differ shows how old became new: whole when they are short, by their lines
// when they are not.
func (a *app) differ(indent string, s sides, old, now string, b bounds) {
	if old == now {
		a.alone(indent, s.old+" = "+s.new, now, b)
		return
	}
	if isShort(old) && isShort(now) {
		wide := max(displayWidth(s.old), displayWidth(s.new))
		fmt.Fprintln(a.out, indent+pad(s.old, wide)+": "+a.paint("31", a.quoted(old)))
		fmt.Fprintln(a.out, indent+pad(s.new, wide)+": "+a.paint("32", a.quoted(now)))
		if looks(old) == looks(now) {
			fmt.Fprintln(a.out, indent+a.lookalike(old, now))
		}
		return
	}
	fmt.Fprintln(a.out, indent+a.paint("31", "--- "+s.old))
	fmt.Fprintln(a.out, indent+a.paint("32", "+++ "+s.new))
	a.some(indent, a.unified(old, now, b), b)
}

// some prints as many lines as there may be.
func (a *app) some(indent string, lines []string, b bounds) {
	rest := 0
	if b.lines > 0 && len(lines) > b.lines {
		lines, rest = lines[:b.lines], len(lines)-b.lines
	}
	for _, line := range lines {
		fmt.Fprintln(a.out, indent+line)
	}
	if rest > 0 {
		fmt.Fprintln(a.out, indent+a.lang.Say("cli.difference.more", "count", rest))
	}
}

// unified is the difference by lines, ready to be printed.
func (a *app) unified(old, now string, b bounds) (out []string) {
	// A line feed after each makes the last line one like the others: here an
	// empty line at the end is a line.
	raw := string(diff.Diff("old", []byte(old+"\n"), "new", []byte(now+"\n")))
	var gone, come []string
	flush := func() {
		var hints []string
		for i := range min(len(gone), len(come)) {
			if looks(gone[i]) == looks(come[i]) {
				hints = append(hints, a.lookalike(gone[i], come[i]))
			}
			gone[i], come[i] = b.fold(gone[i], come[i])
		}
		for _, line := range gone {
			out = append(out, a.paint("31", "-"+shown(b.clip(line))))
		}
		for _, line := range come {
			out = append(out, a.paint("32", "+"+shown(b.clip(line))))
		}
		out = append(out, hints...)
		gone, come = nil, nil
	}
	const head = 3 // lines that name the two files
	for i, line := range strings.Split(strings.TrimSuffix(raw, "\n"), "\n") {
		switch {
		case i < head:
		case line[0] == '-':
			gone = append(gone, line[1:])
		case line[0] == '+':
			come = append(come, line[1:])
		case line[0] == '@':
			flush()
			out = append(out, a.paint("36", line))
		default:
			flush()
			out = append(out, inline(b.clip(line)))
		}
	}
	flush()
	return out
}

// shown is a line that was added or removed: an empty one has to be seen too.
func shown(line string) string {
	if line == "" {
		return "↵"
	}
	return inline(line)
}

// fold leaves out what two long lines have in common, but for a few
// characters about the place where they differ.
func (b bounds) fold(old, now string) (string, string) {
	const long, about = 100, 15 // characters
	x, y := []rune(old), []rune(now)
	if b.runes == 0 || len(x) <= long && len(y) <= long {
		return old, now
	}
	head := common(x, y)
	slices.Reverse(x)
	slices.Reverse(y)
	tail := min(commonRunes(x, y), min(len(x), len(y))-head)
	slices.Reverse(x)
	slices.Reverse(y)
	cutOut := func(r []rune) string {
		from, to := max(0, head-about), min(len(r), len(r)-tail+about)
		s := string(r[from:to])
		if from > 0 {
			s = "…" + s
		}
		if to < len(r) {
			s += "…"
		}
		return s
	}
	return cutOut(x), cutOut(y)
}

func commonRunes(x, y []rune) int {
	n := 0
	for n < len(x) && n < len(y) && x[n] == y[n] {
		n++
	}
	return n
}

// common is how many characters two texts begin with alike, without cutting a
// letter off from its accents.
func common(x, y []rune) int {
	n := commonRunes(x, y)
	joins := func(r []rune) bool { return n < len(r) && unicode.In(r[n], unicode.Mn, unicode.Me) }
	for n > 0 && (joins(x) || joins(y)) {
		n--
	}
	return n
}

// clip cuts what is longer than a screen.
func (b bounds) clip(line string) string {
	r := []rune(line)
	if b.runes == 0 || len(r) <= b.runes {
		return line
	}
	return string(r[:b.runes]) + "… +" + strconv.Itoa(len(r)-b.runes)
}

// looks is what the eye sees of a text: spaces are alike, and at the end of a
// line nothing; what has no width is not there, and an accent is part of its
// letter however it is encoded.
func looks(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\r' || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r):
			return -1
		case unicode.IsSpace(r):
			return ' '
		}
		return r
	}, norm.NFC.String(s))
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ")
	}
	return strings.Join(lines, "\n")
}

// lookalike names the first place where texts differ that look the same.
func (a *app) lookalike(old, now string) string {
	x, y := []rune(old), []rune(now)
	at := commonRunes(x, y)
	return a.lang.Say("cli.difference.lookalike", "position", at+1, "old", a.character(x, at), "new", a.character(y, at))
}

// character is what stands at a place of a text, by its code point.
func (a *app) character(text []rune, at int) string {
	if at >= len(text) {
		return a.lang.Say("cli.rune.end")
	}
	r := text[at]
	names := map[rune]string{' ': "space", '\u3000': "wide_space", '\u00a0': "hard_space", '\t': "tab", '\r': "cr", '\n': "lf", '\u200b': "zero_width", '\ufeff': "bom"}
	code := fmt.Sprintf("%U", r)
	if name, ok := names[r]; ok {
		return code + " " + a.lang.Say("cli.rune."+name)
	}
	if unicode.In(r, unicode.Mn, unicode.Me) {
		return code + " " + a.lang.Say("cli.rune.combining")
	}
	if unicode.IsGraphic(r) {
		return code + " " + string(r)
	}
	return code
}

// quoted shows where a short text begins and ends.
func (a *app) quoted(s string) string {
	if a.lang == phrase.Japanese {
		return "「" + inline(s) + "」"
	}
	return `"` + inline(s) + `"`
}
