package entry

import (
	"math"
	"strings"
)

// Show is the text that a person sees: FORMATTED_VALUE. A Formula shows its
// own text, since nothing here computes. What Supported refuses is shown as in
// an automatic cell, and so is a number that no calendar has a day for.
func Show(v Value, f Format, locale Locale) string {
	switch v.Kind {
	case Empty:
		return ""
	case Formula:
		return v.Text
	case Bool:
		if v.Number == 0 {
			return "FALSE"
		}
		return "TRUE"
	}
	p, err := parse(f.pattern(locale))
	if err != nil {
		p = pattern{}
	}
	if v.Kind == Text {
		if p.text == nil {
			return v.Text
		}
		return p.text.fill(v.Text)
	}
	return p.number(v.Number, locale)
}

// number shows x with the section for its sign. A section of its own for
// negative numbers brings its own minus, or none.
func (p pattern) number(x float64, locale Locale) string {
	switch {
	case math.IsNaN(x) || math.IsInf(x, 0):
		return general(x)
	case len(p.sections) > 0:
	case p.text != nil:
		return p.text.fill(general(x))
	default:
		return general(x)
	}
	i := 0
	switch {
	case x < 0 && len(p.sections) > 1:
		i = 1
	case x == 0 && len(p.sections) > 2:
		i = 2
	}
	s := p.sections[i]
	if s.dated {
		if text, ok := s.date(x, locale); ok {
			return text
		}
		return general(x)
	}
	minus := ""
	if x < 0 && i == 0 {
		minus = "-"
	}
	if s.digits != nil {
		return minus + s.digits.show(math.Abs(x))
	}
	return minus + s.fill(general(math.Abs(x)))
}

// fill puts the value in place of each @ and General.
func (s section) fill(value string) string {
	var b strings.Builder
	for _, t := range s.tokens {
		if t.kind == '@' || t.kind == 'G' {
			b.WriteString(value)
		} else {
			b.WriteString(t.text)
		}
	}
	return b.String()
}

// general is the automatic format: integers of up to 15 digits plain, other
// numbers to ten significant digits, larger and very small ones as 1.23457E+15
// (not documented; the bound below, 0.0001, is that of Excel's General).
func general(x float64) string {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return "#NUM!"
	}
	sign, exact := "", newDecimal(math.Abs(x))
	if x < 0 {
		sign = "-"
	}
	d := exact.rounded(max(10, exact.point))
	if d.point > 15 || d.point < -3 {
		return sign + numeric{places: 5, exponent: "E+", exponentZeros: 2}.scientific(exact)
	}
	whole, fraction := d.fixed(max(0, len(d.digits)-d.point))
	if whole == "" {
		whole = "0"
	}
	if fraction = strings.TrimRight(fraction, "0"); fraction != "" {
		fraction = "." + fraction
	}
	return sign + whole + fraction
}
