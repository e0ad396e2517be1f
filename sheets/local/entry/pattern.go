package entry

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Supported says by name what of a format is not understood; Show would show
// such a value as if its cell were automatic, so a server refuses it instead.
//
// Understood are, of Google's documented patterns: 0 # , . % E+ E- @ General,
// y M m d h s with their counts, fractions of seconds, am/pm and a/p, elapsed
// [h] [m] [s], colours (which leave the text alone), [$¥-411] and its like,
// "quoted", \escaped and plain literals, and up to four sections. Not
// understood are ? * _, a second @, conditions, mmmmm, literals between digits
// (fractions among them) and patterns of more than 1000 bytes.
func Supported(f Format) error {
	switch f.Type {
	case "":
		if f.Pattern != "" {
			return fmt.Errorf("number format has the pattern %.100q and no type", f.Pattern)
		}
	case "TEXT", "NUMBER", "PERCENT", "CURRENCY", "DATE", "TIME", "DATE_TIME", "SCIENTIFIC":
	default:
		return fmt.Errorf("number format type %.100q is not known", f.Type)
	}
	_, err := parse(f.Pattern)
	return err
}

// currency is the sign of the locale as a pattern writes it.
func (l Locale) currency() string {
	if l == English {
		return `"$"`
	}
	return "[$¥-411]"
}

// pattern is that of the format, else the locale's for its type. Google's
// guide has the English ones as examples, the menu of Sheets the Japanese.
func (f Format) pattern(l Locale) string {
	if f.Pattern != "" {
		return f.Pattern
	}
	day, clock := "yyyy/mm/dd", "h:mm:ss"
	if l == English {
		day, clock = "m/d/yyyy", "h:mm:ss am/pm"
	}
	switch f.Type {
	case "TEXT":
		return "@"
	case "NUMBER":
		return "#,##0.00"
	case "PERCENT":
		return "0.00%"
	case "CURRENCY":
		return l.currency() + "#,##0.00"
	case "DATE":
		return day
	case "TIME":
		return clock
	case "DATE_TIME":
		return day + " h:mm:ss"
	case "SCIENTIFIC":
		return "0.00E+00"
	}
	return ""
}

// pattern is a parsed number format. Without sections numbers are automatic,
// without text texts stay as they are.
type pattern struct {
	sections []section // of numbers: one, or positive, negative and zero
	text     *section
}

type section struct {
	tokens []token  // of dates, and of what has no digits
	digits *numeric // of numbers, in place of the tokens
	dated  bool
	spent  bool // measures a duration: has [h], [m] or [s]
	half   bool // counts hours to twelve
}

// token is a part of a section. Its kind is a letter:
//
//	' literal   @ text   G number   y d h s date and time   M month   m minutes
//	H N S elapsed hours, minutes, seconds   f fraction of seconds   a am/pm
//	0 # , . % E parts of numbers, gone once parsed
type token struct {
	kind byte
	n    int    // how often the letter stands
	text string // of a literal, of am/pm and of E+
}

// longestPattern is in bytes, several times what spreadsheets write.
const longestPattern = 1000

// parse reads a pattern; the empty one is automatic.
func parse(s string) (pattern, error) {
	var p pattern
	if s == "" {
		return p, nil
	}
	if len(s) > longestPattern {
		return p, fmt.Errorf("number format pattern %.100q… has %d bytes, more than %d", s, len(s), longestPattern)
	}
	if !utf8.ValidString(s) {
		return p, fmt.Errorf("number format pattern %.100q is not valid UTF-8", s)
	}
	rest, more := s, true
	for i := 0; more; i++ {
		var tokens []token
		var err error
		tokens, rest, more, err = lex(rest)
		var x section
		if err == nil {
			x, err = newSection(tokens)
		}
		textual := holds(tokens, "@")
		switch {
		case err != nil:
		case i == 3 && more:
			err = errors.New("it has more than four sections")
		case i == 3 && (x.dated || x.digits != nil):
			err = errors.New("its fourth section, that of texts, shows numbers")
		case textual && more && i < 3:
			err = errors.New("@ stands before its last section")
		}
		if err != nil {
			return pattern{}, fmt.Errorf("number format pattern %.100q is not supported: %w", s, err)
		}
		if i == 3 || textual && !more {
			p.text = &x
		} else {
			p.sections = append(p.sections, x)
		}
	}
	return p, nil
}

// lex reads the tokens of one section, up to its semicolon.
func lex(s string) (tokens []token, rest string, more bool, err error) {
	literal := func(text string) { tokens = append(tokens, token{kind: '\'', text: text}) }
	for s != "" {
		c, size := utf8.DecodeRuneInString(s)
		switch {
		case c == ';':
			return tokens, s[size:], true, nil
		case c == '"':
			text, after, closed := strings.Cut(s[size:], `"`)
			if !closed {
				return nil, "", false, errors.New("a quote is not closed")
			}
			literal(text)
			s = after
			continue
		case c == '\\':
			_, next := utf8.DecodeRuneInString(s[size:])
			if next == 0 {
				return nil, "", false, errors.New("nothing follows the last backslash")
			}
			literal(s[size : size+next])
			size += next
		case c == '[':
			inside, after, closed := strings.Cut(s[size:], "]")
			if !closed {
				return nil, "", false, errors.New("a bracket is not closed")
			}
			t, err := bracket(inside)
			if err != nil {
				return nil, "", false, err
			}
			tokens = append(tokens, t)
			s = after
			continue
		case strings.ContainsRune("0#,.%@", c):
			tokens = append(tokens, token{kind: s[0]})
		case strings.ContainsRune("?*_", c):
			return nil, "", false, fmt.Errorf("%q has no text of its own", c)
		case c < utf8.RuneSelf && isLetter(s[0]):
			t, length, err := letters(s)
			if err != nil {
				return nil, "", false, err
			}
			tokens = append(tokens, t)
			size = length
		default:
			literal(s[:size])
		}
		s = s[size:]
	}
	return tokens, "", false, nil
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// run is how often the first letter of s stands there.
func run(s string) int {
	n := 1
	for n < len(s) && s[n]|0x20 == s[0]|0x20 && isLetter(s[n]) {
		n++
	}
	return n
}

// letters reads a token that begins with a letter, and its length.
func letters(s string) (token, int, error) {
	for _, word := range []string{"am/pm", "a/p", "general"} {
		if len(s) < len(word) || !strings.EqualFold(s[:len(word)], word) {
			continue
		}
		if word == "general" {
			return token{kind: 'G'}, len(word), nil
		}
		return token{kind: 'a', text: s[:len(word)]}, len(word), nil
	}
	n := run(s)
	t := token{kind: s[0] | 0x20, n: n}
	switch {
	case s[0] == 'M':
		t.kind = 'M'
	case t.kind == 'e' && len(s) > 1 && (s[1] == '+' || s[1] == '-'):
		return token{kind: 'E', text: s[:2]}, 2, nil
	case !strings.ContainsRune("ymdhs", rune(t.kind)):
		return token{}, 0, fmt.Errorf("the letter %q is no token and not quoted", s[0])
	}
	return t, n, nil
}

// bracket reads what stands in [ and ].
func bracket(s string) (token, error) {
	if currency, ok := strings.CutPrefix(s, "$"); ok {
		if symbol, _, _ := strings.Cut(currency, "-"); symbol != "" {
			return token{kind: '\'', text: symbol}, nil
		}
	}
	for i, elapsed := range "HNS" {
		if s != "" && s[0]|0x20 == "hms"[i] && run(s) == len(s) {
			return token{kind: byte(elapsed), n: len(s)}, nil
		}
	}
	name := strings.ToLower(s)
	if number, ok := strings.CutPrefix(name, "color"); ok && isDigits(number) && len(number) < 3 {
		return token{kind: '\''}, nil
	}
	switch name {
	case "black", "blue", "cyan", "green", "magenta", "red", "white", "yellow":
		return token{kind: '\''}, nil
	}
	return token{}, fmt.Errorf("[%.100s] is not understood", s)
}

func holds(tokens []token, kinds string) bool {
	for _, t := range tokens {
		if strings.IndexByte(kinds, t.kind) >= 0 {
			return true
		}
	}
	return false
}
