package entry

import (
	"errors"
	"strings"
)

// newSection finds out what the tokens of a section format, and refuses
// mixtures.
func newSection(tokens []token) (section, error) {
	x := section{dated: holds(tokens, "yMmdhsaHNS"), spent: holds(tokens, "HNS"), half: holds(tokens, "a")}
	switch digits := holds(tokens, "0#.E"); {
	case x.dated:
		err := x.readDate(tokens)
		return x, err
	case holds(tokens, "@G") && (digits || holds(tokens, ",%")):
		return x, errors.New("@ or General stands among digits")
	case digits:
		n, err := newNumeric(tokens)
		x.digits = &n
		return x, err
	case holds(tokens, ",%"):
		return x, errors.New("it has , or % without digits")
	case count(tokens, '@') > 1: // a thousand would make fifty megabytes of one cell
		return x, errors.New("it has @ more than once")
	}
	x.tokens = tokens
	return x, nil
}

func count(tokens []token, kind byte) (n int) {
	for _, t := range tokens {
		if t.kind == kind {
			n++
		}
	}
	return n
}

// readDate tells minutes from months, fractions of seconds from digits, and
// what is elapsed in all from what is left of it.
func (x *section) readDate(tokens []token) error {
	hours, minutes := holds(tokens, "H"), holds(tokens, "N")
	previous := byte(0) // kind of the last token that is no literal
	for i := 0; i < len(tokens); i++ {
		t := tokens[i]
		switch t.kind {
		case 'N':
			if hours { // [m] counts what [h] left
				t.kind = 'm'
			}
		case 'S':
			if hours || minutes {
				t.kind = 's'
			}
		case 'm':
			if t.n > 2 || previous != 'h' && previous != 'H' && !secondsNext(tokens[i+1:]) {
				t.kind = 'M'
			}
		case '.':
			zeros := 0
			for i+1 < len(tokens) && tokens[i+1].kind == '0' {
				zeros, i = zeros+1, i+1
			}
			if zeros > 3 || zeros > 0 && previous != 's' && previous != 'S' {
				return errors.New("zeros stand elsewhere than in the first three places after seconds")
			}
			if zeros == 0 {
				x.tokens = append(x.tokens, token{kind: '\'', text: "."})
				continue
			}
			t = token{kind: 'f', n: zeros}
		case ',':
			t = token{kind: '\'', text: ","}
		case '0', '#', '%', '@', 'G', 'E':
			return errors.New("it mixes dates with other formats")
		}
		if t.kind == 'M' && t.n == 5 {
			return errors.New("mmmmm, the first letter of a month, is not understood")
		}
		if t.kind != '\'' {
			previous = t.kind
		}
		x.tokens = append(x.tokens, t)
	}
	return nil
}

func secondsNext(tokens []token) bool {
	for _, t := range tokens {
		if t.kind != '\'' && t.kind != '.' && t.kind != ',' {
			return t.kind == 's' || t.kind == 'S'
		}
	}
	return false
}

// numeric is the format of a number.
type numeric struct {
	prefix, suffix string
	whole, zeros   int // places before the point, and those always filled
	places, filled int // places after the point, and those always filled
	point          bool
	grouped        bool
	shift          int    // power of ten by which the number is shown larger
	exponent       string // "E+", "e-" and so on, else empty
	exponentZeros  int
}

func newNumeric(tokens []token) (numeric, error) {
	const (
		before = iota
		inWhole
		inPlaces
		inExponent
		after
	)
	var n numeric
	var prefix, suffix strings.Builder
	state, commas, powers := before, 0, 0
	for _, t := range tokens {
		switch t.kind {
		case '\'', '%':
			text := t.text
			if t.kind == '%' {
				text, n.shift = "%", n.shift+2
			}
			if state == before {
				prefix.WriteString(text)
			} else if text != "" {
				suffix.WriteString(text)
				state = after
			}
		case '0', '#':
			zero := t.kind == '0'
			switch state {
			case before, inWhole:
				state = inWhole
				n.whole++
				n.grouped = n.grouped || commas > 0
				n.shift += 3 * commas
				commas = 0
				if zero || n.zeros > 0 {
					n.zeros++
				}
			case inPlaces:
				n.places++
				if zero {
					n.filled = n.places
				}
			case inExponent:
				powers++
				if zero {
					n.exponentZeros++
				}
			}
			if state == after || state == inPlaces && commas > 0 {
				return n, errors.New("something stands between its digits")
			}
		case '.':
			if state > inWhole {
				return n, errors.New("it has a second decimal point")
			}
			n.point, state, commas = true, inPlaces, 0
		case ',':
			if state != inWhole && state != inPlaces {
				return n, errors.New("a comma stands outside its digits")
			}
			commas++
			n.shift -= 3
		case 'E':
			if n.whole != 1 || commas > 0 || state != inWhole && state != inPlaces {
				return n, errors.New("an exponent follows other than one digit and its places")
			}
			n.exponent, state = t.text, inExponent
		}
	}
	if n.whole+n.places == 0 || n.exponent != "" && powers == 0 {
		return n, errors.New("a point or an exponent has no digits")
	}
	n.prefix, n.suffix = prefix.String(), suffix.String()
	return n, nil
}
