package entry

import (
	"strconv"
	"strings"
)

// decimal is the shortest decimal that names a float: 0.digits × 10^point.
// Rounding it, not the float, shows 1.005 as 1.01, as people and Sheets do.
type decimal struct {
	digits string // without zeros at its ends; empty for 0
	point  int
}

// newDecimal takes a number that is not negative.
func newDecimal(x float64) decimal {
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(x, 'e', -1, 64), "e")
	power, err := strconv.Atoi(exponent)
	if err != nil || x == 0 { // NaN and infinities have no exponent
		return decimal{}
	}
	return decimal{strings.TrimRight(strings.Replace(mantissa, ".", "", 1), "0"), power + 1}
}

// rounded keeps that many digits, halves away from zero.
func (d decimal) rounded(keep int) decimal {
	if keep >= len(d.digits) {
		return d
	}
	if keep < 0 {
		return decimal{}
	}
	up := d.digits[keep] >= '5'
	b := []byte(d.digits[:keep])
	for i := keep - 1; up && i >= 0; i-- {
		if b[i] == '9' {
			b[i] = '0'
			continue
		}
		b[i]++
		up = false
	}
	if up {
		return decimal{"1", d.point + 1}
	}
	digits := strings.TrimRight(string(b), "0")
	if digits == "" {
		return decimal{}
	}
	return decimal{digits, d.point}
}

// fixed is the number rounded to places after the point. The whole part of a
// number below one is empty.
func (d decimal) fixed(places int) (whole, fraction string) {
	d = d.rounded(d.point + places)
	n := min(max(d.point, 0), len(d.digits))
	whole = d.digits[:n] + strings.Repeat("0", max(0, d.point-n))
	fraction = strings.Repeat("0", min(places, max(0, -d.point))) + d.digits[n:]
	return whole, fraction + strings.Repeat("0", places-len(fraction))
}

// show is x, which is not negative, in the format n.
func (n numeric) show(x float64) string {
	d := newDecimal(x)
	if d.digits != "" {
		d.point += n.shift
	}
	if n.exponent != "" {
		return n.prefix + n.scientific(d) + n.suffix
	}
	whole, fraction := d.fixed(n.places)
	if len(whole) < n.zeros {
		whole = strings.Repeat("0", n.zeros-len(whole)) + whole
	}
	if n.grouped {
		whole = group(whole)
	}
	return n.prefix + whole + n.trim(fraction) + n.suffix
}

// scientific has one digit before the point.
func (n numeric) scientific(d decimal) string {
	power := 0
	if d = d.rounded(1 + n.places); d.digits != "" {
		power, d.point = d.point-1, 1
	}
	whole, fraction := d.fixed(n.places)
	if whole == "" {
		whole = "0"
	}
	mark, sign := n.exponent[:1], ""
	if power < 0 {
		sign, power = "-", -power
	} else if n.exponent[1] == '+' {
		sign = "+"
	}
	text := strconv.Itoa(power)
	return whole + n.trim(fraction) + mark + sign + strings.Repeat("0", max(0, n.exponentZeros-len(text))) + text
}

// trim leaves the zeros away that the format does not ask for, and puts the
// point in front. A format with a point keeps it, as in 5. for 0.##.
func (n numeric) trim(fraction string) string {
	end := len(fraction)
	for end > n.filled && fraction[end-1] == '0' {
		end--
	}
	if end == 0 && !n.point {
		return ""
	}
	return "." + fraction[:end]
}

func group(whole string) string {
	var b strings.Builder
	for i := range len(whole) {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteByte(whole[i])
	}
	return b.String()
}
